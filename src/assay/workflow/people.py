"""What do people say of the answers of a run, and on which of their words may a judged rate rest?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay.scoring import People, Sampled, draw_of, judge_label, sampled, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from assay.schema.run import Trial
    from assay.scoring import Words
    from assay.workflow.evidence import Inputs
    from assay.workflow.stored import Stored

    Place = tuple[str, str]

__all__ = ["Voices", "voices_of"]

_NOBODY = People()


@dataclass(frozen=True)
class Voices:
    """People's words on the answers of a run, taken from the calibrations of its judges."""

    words: Mapping[str, Words]
    """By rubric id."""
    against: Mapping[str, str]
    """Judges whose labels contradict those of another judge of the same rubric, by id."""
    samples: Mapping[tuple[str, str], Sampled]
    """The labelled beginning of the draw, by candidate and rubric id."""
    named: Mapping[str, frozenset[str]]
    """Model names in the answers of each candidate; without calibrations nobody asks, and it is empty."""
    stored: Stored
    """What tells answers apart whose texts are left out."""

    def of(self, trial: Trial) -> People:
        """Return what people say of the answer of a trial."""
        answer = self.stored.answer(trial) if self.words else None
        if answer is None:
            return _NOBODY
        key = (trial.suite, trial.case, answer)
        found = {rubric: own[key] for rubric, own in self.words.items() if key in own}
        drawn = (rubric for rubric in found if key[:2] in self.samples[trial.candidate, rubric].cases)
        return People({judge_label(rubric): word for rubric, word in found.items()}, frozenset(map(judge_label, drawn)))

    def labelled(self, rubric: str) -> int:
        """Return how many answers of the run are in the labelled sample of a rubric, one a candidate and case."""
        return sum(len(own.cases) for (_, name), own in self.samples.items() if name == rubric)

    def gaps(self) -> Iterator[tuple[str, str, Place]]:
        """Yield candidate, judge's label and case wherever the draw breaks off though more labels come after it."""
        for (candidate, rubric), own in self.samples.items():
            if own.gap is not None:
                yield candidate, judge_label(rubric), own.gap


def voices_of(inputs: Inputs) -> Voices:
    """Return what people say of the answers of a run.

    Raises:
        MismatchError: a trial is not of this run.
        InputError: a journal has a line that cannot be read.
    """
    words, against = words_of(inputs.calibrations)
    if not words:
        return Voices({}, {}, {}, {}, inputs.stored)
    wanted = {
        (suite.id, case.id): {rubric for spec in suite.scorers_of(case) for rubric in spec.rubrics()}
        for suite in inputs.suites
        for case in suite.cases
    }
    draws = {(suite.id, case.id): draw_of(suite.id, case) for suite in inputs.suites for case in suite.cases}
    candidates = [candidate.id for candidate in inputs.plan.evaluated()]
    answers: dict[tuple[str, str], dict[Place, set[str]]] = {(c, rubric): {} for c in candidates for rubric in words}
    named: dict[str, set[str]] = {}
    for trial in inputs.trials():
        if trial.model is not None:
            named.setdefault(trial.candidate, set()).add(trial.model)
        for rubric in wanted[trial.suite, trial.case] & words.keys():
            answer = inputs.stored.answer(trial)
            if answer is not None and (trial.candidate, rubric) in answers:
                answers[trial.candidate, rubric].setdefault((trial.suite, trial.case), set()).add(answer)
    samples = {key: sampled(own, draws, words[key[1]]) for key, own in answers.items()}
    return Voices(words, against, samples, {name: frozenset(own) for name, own in named.items()}, inputs.stored)
