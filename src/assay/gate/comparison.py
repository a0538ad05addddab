"""How is a number, or what is known of it, held against a threshold?"""

from __future__ import annotations

import math
import operator
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from assay.gate.question import ConditionError

if TYPE_CHECKING:
    from collections.abc import Callable

    from assay.gate.question import AnswerStatus

__all__ = ["Comparison", "read_comparison"]

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
_HALF = 0.5
"""At half confidence a one-sided limit is the observed figure itself."""


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

    @property
    def confidence_text(self) -> str:
        """The confidence as conditions write it."""
        return f"{100 * (self.confidence or 0):.6g}% confidence"

    def _margin(self, figure: float) -> float | None:
        margin = figure - self.threshold if self.wants_high else self.threshold - figure
        return margin if math.isfinite(margin) else None


def read_comparison(text: str, written: str) -> tuple[str, Comparison]:
    """Return what a condition's text compares, and with what; `written` shows how the text should look.

    Raises:
        ConditionError: there is no operator, no plain number, or no confidence above 50% and below 100%.
    """
    match = _TEXT.fullmatch(text)
    if match is None:
        raise ConditionError("cannot be read", f"Write it as `{written}`, with plain numbers.")
    confidence = float(match["confidence"]) / 100 if match["confidence"] else None
    if confidence is not None and not _HALF < confidence < 1:
        raise ConditionError("asks for a confidence that proves nothing", "Write one above 50% and below 100%.")
    return match["target"], Comparison(match["operator"], float(match["threshold"]), confidence)
