"""Which of people's words on a run's answers count, so that nobody can choose the answers that are labelled?

Cases are labelled in the order of a draw that follows from the cases alone. What counts is an unbroken beginning of it:
then the labelled cases are a random sample, whoever answered them and however many were labelled. A line that was left
out ends the sample where it stands.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assay.schema._base import digest_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from assay.schema.calibration import Calibration, Word
    from assay.schema.suite import Case

__all__ = ["People", "Sampled", "Words", "draw_of", "sampled", "words_of"]

Place = tuple[str, str]
"""Suite and case."""
Words = dict[tuple[str, str, str], "Word"]
"""What people say of an answer, by suite, case and the SHA-256 of the answer."""


@dataclass(frozen=True)
class People:
    """What people say of one trial's answer."""

    words: Mapping[str, Word] = field(default_factory=dict)
    """Their word, by the label of the judge whose rubric they went by."""
    drawn: frozenset[str] = frozenset()
    """The labels under which the case belongs to the random sample."""


@dataclass(frozen=True)
class Sampled:
    """The labelled beginning of the draw of one candidate's answers under one rubric."""

    cases: frozenset[Place]
    """The cases in it."""
    gap: Place | None
    """The first case without a label, where labelled ones come after it; they do not count."""


def draw_of(suite: str, case: Case) -> str:
    """Return the place of a case in the draw: 64 hexadecimal digits to sort by.

    It is the SHA-256 of the canonical JSON (RFC 8785) of `["labels", suite, digest of the case]`: the same in every run
    and for every candidate, and nothing that an answer could bring about.
    """
    return digest_of(["labels", suite, case.digest()])


def words_of(calibrations: Mapping[str, Calibration]) -> tuple[dict[str, Words], dict[str, str]]:
    """Return what people say of answers, by rubric id, and which judges' labels contradict those of which other.

    Args:
        calibrations: By judge id.

    Returns:
        The words on which all labels of a rubric agree; and by judge id another judge of the same rubric whose labels
        say the contrary of an answer.
    """
    words: dict[str, Words] = {}
    said: dict[tuple[str, str, str, str], tuple[str, Word]] = {}
    against: dict[str, str] = {}
    for judge, calibration in calibrations.items():
        own = words.setdefault(calibration.rubric, {})
        for answer in calibration.answers:
            if (word := answer.human) is None:
                continue
            for at in answer.cases:
                key = (at.suite, at.case, answer.answer_sha256)
                other, earlier = said.setdefault((calibration.rubric, *key), (judge, word))
                if earlier != word:
                    against |= {judge: other, other: judge}
                    own.pop(key, None)
                else:
                    own[key] = word
    return words, against


def sampled(answers: Mapping[Place, Iterable[str]], draws: Mapping[Place, str], words: Words) -> Sampled:
    """Return the labelled beginning of the draw, suite by suite.

    Args:
        answers: SHA-256 of each answer of one candidate that the judge's rubric is for, by case.
        draws: The place of each case in the draw.
        words: What people say, under that rubric.
    """
    cases: set[Place] = set()
    gaps: dict[str, Place] = {}
    beyond: set[str] = set()
    for place in sorted(answers, key=lambda place: draws[place]):
        labelled = all((*place, answer) in words for answer in answers[place])
        if not labelled:
            gaps.setdefault(place[0], place)
        elif place[0] in gaps:
            beyond.add(place[0])
        else:
            cases.add(place)
    gap = next((gaps[suite] for suite in sorted(beyond)), None)
    return Sampled(frozenset(cases), gap)
