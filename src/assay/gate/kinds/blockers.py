"""Did every case pass that can block alone?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from assay.gate.question import Answer, ConditionError, Countless, Form, listed, unknown

if TYPE_CHECKING:
    from assay.gate.evidence import Facts

__all__ = ["FORM", "BlockersQuestion"]

_WRITTEN = "blockers all passed"


@dataclass(frozen=True)
class BlockersQuestion(Countless):
    """Whether all cases of severity blocker passed, in all suites."""

    metric: str = "blockers"
    """Name of what is asked about."""
    threshold: None = None
    """There is no number."""

    def answer(self, facts: Facts) -> Answer:
        """Answer from the blocker cases that did not pass; without any blocker case nothing is known."""
        total = facts.blockers_total
        if total == 0:
            return unknown("No case of severity blocker was due.", n=0)
        failing, silent = (
            tuple(sorted({f"{own.suite}/{own.case}" for own in facts.blockers_failed if own.outcome == outcome}))
            for outcome in ("failed", "unscored")
        )
        if failing:
            reason = f"Blocker cases that failed, {len(failing)} of {total}: {listed(failing)}."
            return Answer("not_met", reason, n=total, failing=failing, silent=silent)
        if silent:
            return unknown(f"Blocker cases without a score, {len(silent)} of {total}: {listed(silent)}.", n=total)
        return Answer("met", f"All blocker cases ({total}) passed.", n=total)


def _read(text: str) -> BlockersQuestion:
    if text != _WRITTEN:
        raise ConditionError("cannot be read", f"Write it as `{_WRITTEN}`.")
    return BlockersQuestion()


FORM: Final = Form(_WRITTEN, _read, lambda _subjects: ("blockers",))
