"""How is a number, or what is known of it, held against a threshold, or against that of a baseline?"""

from __future__ import annotations

import math
import operator
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from assay.gate.question import ConditionError

if TYPE_CHECKING:
    from collections.abc import Callable

    from assay.gate.question import AnswerStatus

__all__ = ["AgainstBaseline", "Comparison", "read_against", "read_comparison"]

_OPERATORS: Final[dict[str, Callable[[float, float], bool]]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
}

_NUMBER = r"[0-9]{1,12}(?:\.[0-9]{1,12})?"
_TEXT = re.compile(
    rf"(?P<target>[^<>]+?) ?(?P<operator>>=|>|<=|<) ?(?P<threshold>{_NUMBER})"
    rf"(?: with (?P<confidence>{_NUMBER})% confidence)?"
)
_AGAINST = re.compile(
    rf"(?P<target>\S+) (?:(?P<claim>not worse than) baseline by (?P<margin>{_NUMBER})(?P<percent>%?)"
    rf"|better than baseline)(?: with (?P<confidence>{_NUMBER})% confidence)?"
)
_LEAST, _MOST = 0.501, 0.999999
"""At half confidence a one-sided limit is the observed figure itself, and that close to it, or to certainty, the last
digits of a computed limit would decide."""


@dataclass(frozen=True)
class Comparison:
    """A threshold, the side that is good, and how sure one must be."""

    operator: str
    """`>=`, `>`, `<=` or `<`."""
    threshold: float
    """In the unit of the metric."""
    confidence: float | None = None
    """One-sided confidence, above 0.5 and below 1; None compares the observed figure."""

    @property
    def wants_high(self) -> bool:
        """Whether larger figures are the good ones."""
        return self.operator.startswith(">")

    def holds(self, value: float) -> bool:
        """Return whether a figure is on the good side."""
        return _OPERATORS[self.operator](value, self.threshold)

    def weigh(self, low: float, high: float) -> tuple[AnswerStatus, float | None]:
        """Return what a figure known to lie between two limits comes to, and the margin of the limit that decides.

        It is met when the worse limit holds, not met when the better one does not, and unknown in between: then the
        worse limit gives the margin, which says how far away proof is. The margin is positive on the good side, in
        the threshold's unit; None when the limit is infinite.
        """
        worse, better = (low, high) if self.wants_high else (high, low)
        if self.holds(worse):
            return "met", self._margin(worse)
        if not self.holds(better):
            return "not_met", self._margin(better)
        return "unknown", self._margin(worse)

    def proven(self, status: AnswerStatus, low: float, high: float, unit: str = "") -> str:
        """Return the words for the limit that decided: `at least 0.86 with 95% confidence`."""
        lower = self.wants_high == (status == "met")
        limit = f"at least {low:.6g}" if lower else f"at most {high:.6g}"
        return f"{limit}{unit} with {self.confidence_text}"

    def shown(self, status: AnswerStatus, low: float, high: float) -> str:
        """Return the words for the limit that decided, and beside an unknown for the one that falls short."""
        return self.proven("met" if status == "unknown" else status, low, high)

    @property
    def confidence_text(self) -> str:
        """The confidence as conditions write it."""
        return f"{100 * (self.confidence or 0):.6g}% confidence"

    def _margin(self, figure: float) -> float | None:
        margin = figure - self.threshold if self.wants_high else self.threshold - figure
        return margin if math.isfinite(margin) else None


@dataclass(frozen=True)
class AgainstBaseline:
    """A claim about the difference of candidate and baseline; it is always proven, never assumed."""

    claim: Literal["not_worse", "better"]
    """`not_worse`: worse by less than the margin, if at all; `better`: by anything above nothing."""
    margin: float
    """How much worse is still acceptable, at least 0: in the unit of the metric, or as a share of the baseline's."""
    relative: bool
    """Whether the margin is a share of the baseline's figure, written as a percentage."""
    confidence: float
    """One-sided confidence, above 0.5 and below 1."""

    @property
    def confidence_text(self) -> str:
        """The confidence as conditions write it."""
        return f"{100 * self.confidence:.6g}% confidence"


_USUAL_CONFIDENCE: Final = 0.95
"""What a comparison asks for that names no confidence: without any it would claim what no number of cases shows."""


def read_against(text: str) -> tuple[str, AgainstBaseline] | None:
    """Return what a condition compares with the baseline, and how; None when it compares with no baseline.

    Written `<metric> not worse than baseline by 0.05 [with 95% confidence]`, the margin as `10%` where it is a share of
    the baseline's figure, or `<metric> better than baseline [with 95% confidence]`.

    Raises:
        ConditionError: a margin of nothing, which no number of cases can prove, or no confidence from 50.1% to
            99.9999%.
    """
    match = _AGAINST.fullmatch(text)
    if match is None:
        return None
    relative = match["percent"] == "%"
    margin = float(match["margin"] or 0) / (100 if relative else 1)
    if match["claim"] and margin == 0:
        raise ConditionError("can be proven by no number of cases", "Write a margin above 0.")
    claim: Literal["not_worse", "better"] = "not_worse" if match["claim"] else "better"
    return match["target"], AgainstBaseline(claim, margin, relative, _confidence(match) or _USUAL_CONFIDENCE)


def read_comparison(text: str, written: str) -> tuple[str, Comparison]:
    """Return what a condition's text compares, and with what; `written` shows how the text should look.

    Raises:
        ConditionError: there is no operator, no plain number, or no confidence from 50.1% to 99.9999%.
    """
    match = _TEXT.fullmatch(text)
    if match is None:
        raise ConditionError("cannot be read", f"Write it as `{written}`, with plain numbers.")
    return match["target"], Comparison(match["operator"], float(match["threshold"]), _confidence(match))


def _confidence(match: re.Match[str]) -> float | None:
    confidence = float(match["confidence"]) / 100 if match["confidence"] else None
    if confidence is not None and not _LEAST <= confidence <= _MOST:
        raise ConditionError("asks for a confidence that proves nothing", "Write one from 50.1% to 99.9999%.")
    return confidence
