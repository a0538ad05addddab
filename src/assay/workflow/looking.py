"""What do the conditions on a suite come to at each planned look, so that a candidate need not be asked the rest?

The conditions themselves are asked, as they are in the end: they know which looks are planned and how sure each of them
must be. Only the order of the cases and what was asked of it so far are kept here.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from assay.gate import corrected, look_sizes, wilson
from assay.schema.baseline import Baseline
from assay.scoring import CaseResults, Counting, Methods, score_trial, together_of
from assay.workflow.curtailing import told
from assay.workflow.gating import LOOKS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from assay.gate import AnswerStatus, Condition, Facts
    from assay.schema.run import Trial
    from assay.schema.suite import Case, Suite

__all__ = ["Looked", "Looking", "prefix_of"]


def prefix_of(asked: Sequence[bool]) -> int:
    """Return how many cases were asked before the first that was not, in the order of asking."""
    return asked.index(False) if False in asked else len(asked)


@dataclass(frozen=True)
class Looked:
    """A suite that looks may end."""

    suite: Suite
    """The suite, its cases in the order of asking."""
    conditions: tuple[Condition, ...]
    """The conditions on it."""
    paired: bool
    """Whether one of them compares with the baseline."""

    def places(self) -> tuple[int, ...]:
        """Return after how many of its cases any condition has a look: those of its tag or scorer count for it."""
        asks = [own.question.metric for own in self.conditions]
        places: set[int] = set()
        for members in self._members(asks):
            places.update(members[size - 1] + 1 for size in look_sizes(len(members), LOOKS))
        return tuple(sorted(places))

    def _members(self, asks: Sequence[str]) -> Iterator[list[int]]:
        """Yield the places of the cases of the whole suite, and of each tag and scorer that a condition names."""
        cases = self.suite.cases
        yield list(range(len(cases)))
        labels = [{spec.label for spec in self.suite.scorers_of(case)} for case in cases]
        for tag in sorted({tag for case in cases for tag in case.tags}):
            if any(f"#{tag}." in own for own in asks):
                yield [at for at, case in enumerate(cases) if tag in case.tags]
        for label in sorted(set().union(*labels)):
            if any(f"/{label}." in own for own in asks):
                yield [at for at, own in enumerate(labels) if label in own]


class _Seen:
    """What one candidate was asked of one suite so far."""

    def __init__(self, suite: Suite, candidate: str) -> None:
        self.candidate = candidate
        self._places = {case.id: place for place, case in enumerate(suite.cases)}
        self._asked = [False] * len(suite.cases)
        self._counting = Counting((suite,), (candidate,), trials_per_case=1)
        self._results = CaseResults((suite,), {suite.id}, trials_per_case=1)
        self.prefix = 0

    def take(self, suite: Suite, case: Case, trial: Trial) -> bool:
        """Count an answer and return whether it failed."""
        scores = score_trial(suite, case, trial, {}, {})
        self._counting.take(trial, scores)
        self._results.take(trial, scores)
        self._asked[self._places[case.id]] = True
        while self.prefix < len(self._asked) and self._asked[self.prefix]:
            self.prefix += 1
        return together_of([own.outcome for own in scores]) == "failed"

    def facts(self, known: Facts) -> Facts:
        """Return what is known with what was asked so far."""
        return replace(
            known,
            metrics=self._counting.metrics(Methods(wilson, corrected)),
            cases=self._results.of(self.candidate),
            looks=LOOKS,
        )

    def baseline(self) -> Baseline:
        """Return what others are compared with."""
        return Baseline(
            candidate=self.candidate,
            record=None,
            evidence_sha256=None,
            metrics=self._counting.metrics(Methods(wilson, corrected)),
            cases=self._results.of(self.candidate),
        )


class Looking:
    """Stops a suite for a candidate once every condition on it is met or not met at a planned look."""

    def __init__(
        self,
        looked: Sequence[Looked],
        known: Mapping[str, Facts],
        baseline: str | Baseline | None,
        *,
        blockers_count: bool,
    ) -> None:
        """Begin with nothing asked.

        Args:
            looked: the suites that looks may end.
            known: what else is known of each candidate that may stop, by id.
            baseline: what they are compared with: a candidate of the run by its id, which does not stop, or what one
                of an earlier record did.
            blockers_count: whether a condition asks for the blockers.
        """
        self._looked = {own.suite.id: own for own in looked}
        self._known = known
        self._baseline = baseline if isinstance(baseline, str) else None
        self._earlier = baseline if isinstance(baseline, Baseline) else None
        self._places = {name: own.places() for name, own in self._looked.items()}
        self._seen = {
            (candidate, name): _Seen(own.suite, candidate)
            for name, own in self._looked.items()
            for candidate in {*known, *([self._baseline] if self._baseline is not None and own.paired else [])}
        }
        self._weighed: Counter[tuple[str, str]] = Counter()
        self._statuses: dict[tuple[str, str], dict[str, AnswerStatus]] = {}
        self._settled: dict[tuple[str, str], int] = {}
        self._asked: Counter[tuple[str, str]] = Counter()
        self._open_blockers = set(known) if blockers_count else set()

    def spares(self, candidate: str, suite: str, case: Case) -> bool:
        """Return whether a case need not be asked; a blocker is asked until one of them has failed."""
        if (candidate, suite) not in self._settled:
            return False
        return case.severity != "blocker" or candidate not in self._open_blockers

    def take(self, suite: Suite, case: Case, trial: Trial) -> None:
        """Take an answer, and weigh the conditions where a look was waiting for it."""
        seen = self._seen.get((trial.candidate, suite.id))
        if seen is None:
            return
        self._asked[trial.candidate, suite.id] += 1
        failed = seen.take(suite, case, trial)
        if case.severity == "blocker" and failed:
            self._open_blockers.discard(trial.candidate)
        own = self._looked[suite.id]
        for candidate in self._known if own.paired and trial.candidate == self._baseline else (trial.candidate,):
            if candidate in self._known and candidate != self._baseline:
                self._look(candidate, own)

    def _look(self, candidate: str, own: Looked) -> None:
        key = (candidate, own.suite.id)
        seen = self._seen[key]
        other = self._seen.get((self._baseline, own.suite.id)) if self._baseline is not None and own.paired else None
        reached = seen.prefix if other is None else min(seen.prefix, other.prefix)
        looks = bisect_right(self._places[own.suite.id], reached)
        if key in self._settled or looks == self._weighed[key]:
            return
        self._weighed[key] = looks
        facts = seen.facts(self._known[candidate])
        facts = replace(facts, baseline=self._earlier if other is None else other.baseline())
        statuses = {condition.id: condition.question.answer(facts).status for condition in own.conditions}
        if "unknown" not in statuses.values():
            self._statuses[key] = statuses
            self._settled[key] = reached

    def notes(self) -> Iterator[str]:
        """Yield one line for each suite that was stopped."""
        for (candidate, suite), reached in self._settled.items():
            asked, due = self._asked[candidate, suite], len(self._looked[suite].suite.cases)
            if asked < due:
                why = told(self._statuses[candidate, suite].items())
                yield f"{candidate}: {suite} stopped after {asked} of {due} cases, by a look at {reached}: {why}"
