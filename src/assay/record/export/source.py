"""What of a run is exported, and do its scores belong to its answers?

Two files are read line by line: `trials.jsonl` and `scores.jsonl`. In memory are only keys and the places of lines, so
that answers of any length may be exported in any order.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from assay.errors import InputError, Problem, foreign_evidence
from assay.record.export.journal import Journal
from assay.schema.run import Trial
from assay.schema.score import Score

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    from assay.record.export.journal import Span
    from assay.schema.run import Run, TrialKey
    from assay.schema.score import Outcome
    from assay.schema.suite import Case, Suite

__all__ = ["Place", "Source", "Wanted"]


@dataclass(frozen=True)
class Wanted:
    """What is known of a run beside its journals, and what is asked for."""

    run: Run
    """The run."""
    suites: Mapping[str, Suite]
    """Its suites by id, in the order of the plan."""
    due: Sequence[TrialKey]
    """The trials that the run was to have, candidate by candidate."""
    references_of: Callable[[Suite, Case], Mapping[str, str | None]]
    """Returns, by rubric, the expected answer of a case as its judges and people read it; empty without a judge."""
    draw_of: Callable[[str, Case], str]
    """Returns the place of a case in the draw of labels, from its suite's id."""
    most: int | None = None
    """At most so many answers to label; None takes all."""


@dataclass(slots=True)
class Place:
    """Where the lines of one trial stand, and what they come to."""

    trial: Span
    """Its line in `trials.jsonl`."""
    elapsed_ms: float
    """Milliseconds of its last attempt."""
    scores: list[Span] = field(default_factory=list)
    """Its lines in `scores.jsonl`."""
    outcome: Outcome | None = None
    """What all its scores come to: one that failed fails it, else one without a score leaves it unscored; None
    where the case has no scorer."""

    def take(self, span: Span, outcome: Outcome) -> None:
        """Add one score."""
        self.scores.append(span)
        worst: tuple[Outcome, ...] = ("failed", "unscored")
        self.outcome = next((own for own in worst if own in {outcome, self.outcome}), "passed")


class Source:
    """The trials and scores of one run, found by key; a context manager that holds the two files open."""

    def __init__(self, folder: Path, wanted: Wanted) -> None:
        self.wanted = wanted
        self.folder = folder
        self.places: dict[TrialKey, Place] = {}
        """The trials by key, in the order of the journal."""
        self._cases = {(suite.id, case.id): (suite, case) for suite in wanted.suites.values() for case in suite.cases}
        self._trials = Journal(folder / "trials.jsonl", Trial)
        self._scores = Journal(folder / "scores.jsonl", Score)
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Open the files, take the place of each line and check that the two belong together.

        Raises:
            InputError: there are no answers, no scores, or the scores are not those of the answers.
            MismatchError: a trial was asked another case than the suite holds, or stands twice.
        """
        if not (self.folder / "trials.jsonl").is_file():
            raise self._nothing()
        if not (self.folder / "scores.jsonl").is_file():
            raise self._unscored("the run has no scores")
        with ExitStack() as stack:
            stack.enter_context(self._trials)
            stack.enter_context(self._scores)
            self._take_places()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the files."""
        self._stack.close()

    def case_of(self, key: TrialKey) -> tuple[Suite, Case]:
        """Return what a trial was asked, with its suite."""
        return self._cases[key[1], key[2]]

    def trial_of(self, key: TrialKey) -> Trial:
        """Return a trial, read from the journal."""
        return self._trials.at(self.places[key].trial)

    def scores_of(self, key: TrialKey) -> list[Score]:
        """Return the scores of a trial in the order of the journal."""
        return [self._scores.at(span) for span in self.places[key].scores]

    def scored(self) -> Iterator[tuple[Trial, Score]]:
        """Yield each score with its trial, in the order of `scores.jsonl`."""
        last: Trial | None = None
        for _, score in self._scores:
            key = (score.candidate, score.suite, score.case, score.trial)
            if last is None or last.key != key:
                last = self.trial_of(key)
            yield last, score

    @property
    def not_asked(self) -> int:
        """How many trials the run was to have and does not have."""
        return sum(key not in self.places for key in self.wanted.due)

    @property
    def stopped_early(self) -> bool:
        """Whether what was not asked was left out on purpose: the run ended, and could stop before all was asked."""
        return self.wanted.run.stopping != "never" and self.wanted.run.state == "completed"

    def _take_places(self) -> None:
        for span, trial in self._trials:
            key = self._checked(trial)
            self.places[key] = Place(span, trial.elapsed_ms)
        if not self.places:
            raise self._nothing()
        for span, score in self._scores:
            place = self.places.get((score.candidate, score.suite, score.case, score.trial))
            if place is None:
                raise self._unscored("the scores are not those of the run's answers")
            place.take(span, score.outcome)
        for key, place in self.places.items():
            suite, case = self.case_of(key)
            if len(place.scores) != len(suite.scorers_of(case)):
                raise self._unscored("the scores are not those of the run's answers")

    def _checked(self, trial: Trial) -> TrialKey:
        """Return the key of a trial of this run that did not come before."""
        known = self._cases.get((trial.suite, trial.case))
        if known is None or known[1].digest() != trial.case_digest:
            raise foreign_evidence("a trial was asked another case than the suite holds")
        if trial.key in self.places:
            raise foreign_evidence("a trial stands twice in trials.jsonl")
        # The same few names stand in every line: one copy of each is enough.
        return sys.intern(trial.candidate), sys.intern(trial.suite), sys.intern(trial.case), trial.trial

    def _nothing(self) -> InputError:
        message = "the run has no answers"
        return InputError(Problem("nothing-to-export", message, "Ask its cases with `assay run`.", str(self.folder)))

    def _unscored(self, message: str) -> InputError:
        remedy = f"Run `assay score {self.folder}` first."
        return InputError(Problem("no-scores", message, remedy, str(self.folder)))
