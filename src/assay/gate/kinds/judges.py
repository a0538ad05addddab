"""May a judge be trusted, and how far do it and people agree?"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from assay.gate.comparison import read_comparison
from assay.gate.question import Answer, ConditionError, Countless, Form, UnknownMetricError, listed, unknown
from assay.gate.share import Share, answer_share, check_share

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from assay.gate.comparison import Comparison
    from assay.gate.evidence import Facts, Subjects
    from assay.gate.question import Question
    from assay.schema.calibration import AgreementFigures, RateFigure
    from assay.schema.score import JudgeTrust

__all__ = ["FORM", "MEASURES", "JudgeQuestion", "TrustQuestion"]

_WRITTEN = "judge:<id>.kappa >= 0.6"
_REMEDY = f"Write it as `{_WRITTEN}`, `judge:<id> trusted` or `judges all trusted`."
_TARGET = re.compile(r"judge:(?P<judge>\S+)\.(?P<measure>[a-z0-9_]+)")
_TRUSTED = re.compile(r"judge(?:s all|:(?P<judge>\S+)) trusted")

_RATES: Final[dict[str, tuple[Callable[[AgreementFigures], RateFigure], str]]] = {
    "agreement": (lambda own: own.agreement, "with a label"),
    "sensitivity": (lambda own: own.sensitivity, "that people passed"),
    "specificity": (lambda own: own.specificity, "that people failed"),
}
MEASURES: Final = ("kappa", *_RATES)
"""What can be asked of a judge."""


@dataclass(frozen=True)
class TrustQuestion(Countless):
    """Whether a judge, or every judge of the plan, may carry a condition."""

    judge: str | None
    """Judge id, or None for all."""
    threshold: None = None
    """There is no number."""

    @property
    def metric(self) -> str:
        """Name of what is asked about, as conditions write it."""
        return "judges all trusted" if self.judge is None else f"judge:{self.judge} trusted"

    def answer(self, facts: Facts) -> Answer:
        """Answer from what is known of each judge.

        One without a calibration, or of which no judgement was read, is unknown: nobody looked. Any other without trust
        is not met (its calibration is another's, or it judges itself), and outweighs those that are unknown; no waiver
        reaches these.
        """
        asked = sorted((own for own in facts.judges if self.judge in {None, own.judge}), key=lambda own: own.judge)
        if not asked:
            return unknown("There is no judge." if self.judge is None else f"There is no judge {self.judge}.", n=0)
        doubted = [own for own in asked if not own.trusted]
        failing = tuple(own.judge for own in doubted if own.agreement is not None and own.parsed)
        n = len(asked)
        if not doubted:
            return Answer("met", f"All judges ({n}) are trusted.", n=n)
        told = listed([f"{own.judge} ({_why(own)})" for own in doubted if own.judge in failing or not failing], "; ")
        count = len(failing) or len(doubted)
        be = "is" if count == 1 else "are"
        reason = f"{count} of {n} judges {be} not trusted: {told}."
        if not failing:
            return unknown(reason, n=n)
        silent = tuple(own.judge for own in doubted if own.judge not in failing)
        return Answer("not_met", reason, n=n, failing=failing, silent=silent)


@dataclass(frozen=True)
class JudgeQuestion(Countless):
    """How far one judge and people agree, against a threshold."""

    judge: str
    """Judge id."""
    measure: str
    """One of MEASURES."""
    comparison: Comparison
    """What the figure is held against."""

    @property
    def metric(self) -> str:
        """Name of what is asked about, as conditions write it."""
        return f"judge:{self.judge}.{self.measure}"

    @property
    def threshold(self) -> float:
        """What the figure is compared with."""
        return self.comparison.threshold

    def answer(self, facts: Facts) -> Answer:
        """Answer from the judge's calibration; that of a judge without trust may be another judge's."""
        found = [own for own in facts.judges if own.judge == self.judge]
        if len(found) != 1:
            return unknown(f"There are {len(found)} judges {self.judge}.")
        if found[0].agreement is None or not found[0].trusted:
            return unknown(f"The judge {self.judge} is not trusted: {_why(found[0])}.")
        if self.measure == "kappa":
            return self._kappa(found[0].agreement)
        read, which = _RATES[self.measure]
        rate = read(found[0].agreement)
        if rate.n == 0:
            return unknown(f"There are no answers {which}.", n=0)
        words = {"did": f"{which} were judged alike", "more_hits": "agreeing answer"}
        return answer_share(
            Share(rate.hits, 0, rate.n, "answers", more_misses="disagreeing answer", **words), self.comparison
        )

    def _kappa(self, figures: AgreementFigures) -> Answer:
        """Compare Cohen's kappa, which has an interval for large samples only and so none that a gate could use."""
        n, kappa = figures.agreement.n, figures.kappa
        if kappa is None or not math.isfinite(kappa):
            return unknown("Kappa is not defined: the labels do not vary.", n=n)
        status, margin = self.comparison.weigh(kappa, kappa)
        return Answer(status, f"Kappa is {kappa:.6g} over {n} labelled answers.", observed=kappa, n=n, margin=margin)


def _why(own: JudgeTrust) -> str:
    return listed([reason.rstrip(".") for reason in own.reasons], ", ") or "no reason is given"


def _read(text: str) -> Question:
    trusted = _TRUSTED.fullmatch(text)
    if trusted is not None:
        return TrustQuestion(trusted["judge"])
    target, comparison = read_comparison(text, _WRITTEN)
    match = _TARGET.fullmatch(target)
    if match is None:
        raise ConditionError("cannot be read", _REMEDY)
    name = match["measure"]
    if name not in MEASURES:
        raise UnknownMetricError(target)
    if not comparison.wants_high:
        raise ConditionError(f"bounds {name} on the wrong side", "Write >= or >.")
    if name != "kappa":
        check_share(comparison)
    elif comparison.confidence is not None:
        raise ConditionError("asks for a confidence that kappa cannot give", "Leave it out, or ask for agreement.")
    elif not comparison.holds(1):
        raise ConditionError("can never be met", "Write a threshold below 1.")
    return JudgeQuestion(match["judge"], name, comparison)


def _metrics(subjects: Subjects) -> Iterable[str]:
    if subjects.judges:
        yield "judges all trusted"
    for judge in subjects.judges:
        yield f"judge:{judge} trusted"
        yield from (f"judge:{judge}.{measure}" for measure in MEASURES)


FORM: Final = Form(_WRITTEN, _read, _metrics)
