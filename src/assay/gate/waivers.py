"""What becomes of a waiver: does it apply, has it run out, does it speak of nothing, or of what cannot be waived?

A waiver speaks of one condition and changes the weight of that one alone. It never makes it met: the condition stays
not met and is shown so. The day is an argument, the day of the verdict.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.gate.comparison import Comparison
from assay.gate.question import listed
from assay.schema._base import rounded
from assay.schema.verdict import WaiverUse

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence
    from datetime import date

    from assay.gate.conditions import Condition
    from assay.gate.question import Answer, AnswerStatus, Question
    from assay.schema.suite import Waiver
    from assay.schema.verdict import ConditionResult

__all__ = ["all_uses", "speaking_of", "use_of", "weight", "without_candidate", "without_condition"]

_ORDER: Final = ("expired", "unmatched", "exceeded", "not_waivable", "not_yet", "applies", "not_needed")
"""Statuses in the order in which waivers are shown: those that hold a verdict back, those that are void, the rest."""
_HELPFUL: Final = ("expired", "applies", "not_needed")
"""Statuses with which a failure decides less than without a waiver, those that help least first."""


def speaking_of(waivers: Sequence[Waiver], candidate: str) -> tuple[Waiver, ...]:
    """Return the waivers that speak of a candidate: those for it, and those for every one."""
    return tuple(waiver for waiver in waivers if waiver.candidate in {None, candidate})


def use_of(waivers: Iterable[Waiver], condition: Condition, answer: Answer, today: date) -> WaiverUse | None:
    """Return the waiver on a condition and what becomes of it, or None where there is none.

    Args:
        waivers: those that speak of the candidate. Where several speak of the condition, the one that helps least
            counts.
        condition: the condition.
        answer: what the evidence says to it.
        today: day of the verdict.
    """
    uses = [_use(waiver, condition, answer, today) for waiver in waivers if waiver.condition == condition.id]
    return min(uses, key=lambda use: (_help(use), _rank(use)), default=None)


def weight(result: ConditionResult) -> AnswerStatus:
    """Return as what a condition decides: as itself, but for a failure that is waived or whose waiver has run out.

    A failure with a waiver that applies does not decide, as if it were met. One whose waiver has run out weighs as
    much as an unknown: nobody has said yet whether it is still accepted.
    """
    if result.status == "not_met" and result.waiver is not None:
        weights: dict[str, AnswerStatus] = {"applies": "met", "expired": "unknown"}
        return weights.get(result.waiver.status, "not_met")
    return result.status


def without_condition(waivers: Iterable[Waiver], ids: Container[str]) -> tuple[WaiverUse, ...]:
    """Return the waivers that name no condition of the policy, which has conditions with these ids."""
    reason = "The policy has no condition of this id: mend or remove the waiver."
    return tuple(_unmatched(waiver, reason) for waiver in waivers if waiver.condition not in ids)


def without_candidate(waivers: Iterable[Waiver], candidates: Container[str]) -> tuple[WaiverUse, ...]:
    """Return the waivers that name a candidate which is not among those that are decided on."""
    return tuple(
        _unmatched(waiver, f"No candidate {waiver.candidate} is decided on: mend or remove the waiver.")
        for waiver in waivers
        if waiver.candidate is not None and waiver.candidate not in candidates
    )


def all_uses(uses: Iterable[WaiverUse]) -> tuple[WaiverUse, ...]:
    """Return waivers in the order in which they are shown, each once: those that hold a verdict back first."""
    return tuple(sorted(dict.fromkeys(uses), key=_rank))


def _unmatched(waiver: Waiver, reason: str) -> WaiverUse:
    return WaiverUse(waiver=waiver, status="unmatched", reason=reason)


def _help(use: WaiverUse) -> int:
    """Return how much a waiver helps its condition: one that is void not at all, so that the failure decides."""
    return 1 + _HELPFUL.index(use.status) if use.status in _HELPFUL else 0


def _rank(use: WaiverUse) -> tuple[int, str]:
    return _ORDER.index(use.status), use.model_dump_json()


def _use(waiver: Waiver, condition: Condition, answer: Answer, today: date) -> WaiverUse:
    """Return what becomes of a waiver on a condition that is answered so."""
    if answer.status == "met":
        return WaiverUse(waiver=waiver, status="not_needed", reason="The condition is met: remove the waiver.")
    if (why := _not_waivable(condition.question, answer)) is not None:
        return WaiverUse(waiver=waiver, status="not_waivable", reason=why)
    day = today.isoformat()
    if day < waiver.granted:
        return WaiverUse(waiver=waiver, status="not_yet", reason=f"It holds from {waiver.granted} on.")
    worse, now = _since_grant(waiver.value, condition.question, answer)
    if worse:
        return WaiverUse(waiver=waiver, status="exceeded", reason=now)
    if day > waiver.expires:
        reason = f"It expired on {waiver.expires}: the waiver must be renewed, or the condition mended."
        return WaiverUse(waiver=waiver, status="expired", reason=reason)
    return WaiverUse(waiver=waiver, status="applies", reason=now)


def _not_waivable(question: Question, answer: Answer) -> str | None:
    """Return why a condition that is not met or unknown cannot be waived, or None where it can."""
    if answer.status == "unknown" or question.metric.startswith("evidence:"):
        return "It is unknown, and missing evidence cannot be waived."
    if not answer.waivable:
        return "What it forbids cannot be waived."
    if answer.silent:
        # Whoever waives what failed has not seen the rest: it may be worse.
        return f"Nothing is known of {listed(answer.silent)}, and missing evidence cannot be waived."
    return None


def _since_grant(value: float | tuple[str, ...], question: Question, answer: Answer) -> tuple[bool, str]:
    """Return whether a failure is worse than when its waiver was granted, and the sentence that says so or not.

    What cannot be compared counts as worse.
    """
    if isinstance(value, tuple):
        if not answer.failing:
            return True, "It was granted for names, and this condition names nothing that fails."
        more = [name for name in answer.failing if name not in value]
        granted = f"It was granted for {listed(value)}"
        return bool(more), f"{granted}; {listed(more)} fails as well." if more else f"{granted}; no other fails."
    high = _higher_is_better(question, answer.observed)
    if high is None or answer.observed is None:
        return True, "It was granted at a number, and this condition compares none."
    worst = min if high else max
    # The record shows six digits, and people take the value from there.
    then, seen = rounded(value), rounded(answer.observed)
    now = seen if answer.whole is None else worst(seen, rounded(answer.whole))
    worse = now < then if high else now > then
    over = "" if now == seen else " over all that was asked"
    told = "worse" if worse else "no worse"
    return worse, f"It was granted at {then:.6g}; now it is {now:.6g}{over}, which is {told}."


def _higher_is_better(question: Question, observed: float | None) -> bool | None:
    """Return whether larger numbers of a question that is not met are the better ones; None where it compares none."""
    comparison: object = getattr(question, "comparison", None)
    if isinstance(comparison, Comparison):
        return comparison.wants_high
    if observed is None or question.threshold is None:
        return None
    # What is not met lies on the bad side: so it is with the difference to a baseline, which has no operator.
    return observed < question.threshold
