"""What would turn the verdict?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.gate.question import listed
from assay.gate.waivers import weight

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assay.schema.verdict import ConditionResult, WaiverUse

__all__ = ["flip_of"]


def flip_of(results: Sequence[ConditionResult], unmatched: Sequence[WaiverUse]) -> str:
    """Return one sentence on what a candidate needs to go or, where it is GO, on the condition nearest to failing.

    Args:
        results: all conditions of a candidate.
        unmatched: waivers that speak of nothing.
    """
    blocking = [own for own in results if own.severity == "block"]
    if not blocking:
        return "To go it needs a blocking condition."
    needs = [_need(own) for own in blocking if weight(own) != "met"]
    needs += [f"the waiver on {use.waiver.condition} to be mended or removed" for use in unmatched]
    return f"To go it needs {listed(needs, '; ')}." if needs else _nearest(blocking)


def _need(result: ConditionResult) -> str:
    """Return what one condition needs so that it does not stand in the way."""
    if result.status == "unknown":
        more = f" ({result.needed} more needed)" if result.needed else ""
        return f"{result.id} to be shown{more}"
    by = f" by {result.flip}" if result.flip else ""
    renewed = ", or its waiver renewed" if weight(result) == "unknown" else ""
    return f"{result.id} to be met{by}{renewed}"


def _nearest(blocking: Sequence[ConditionResult]) -> str:
    """Return the condition with the smallest margin, as a share of its threshold, and when waivers run out."""
    near = min(
        (own for own in blocking if own.status == "met" and own.margin is not None), key=_closeness, default=None
    )
    if near is None:
        said = "No blocking condition has a margin: any one that is not met would turn it"
    else:
        against = "" if near.threshold is None else f" against {near.threshold:.6g}"
        said = f"{near.id} is nearest to failing, with a margin of {near.margin:.4g}{against}"
        said += f"; it would fail by {near.flip}" if near.flip else ""
    waived = [own.waiver.waiver for own in blocking if own.status == "not_met" and own.waiver is not None]
    ends = [f"{own.condition} after {own.expires}" for own in sorted(waived, key=lambda own: own.expires)]
    return f"{said}; a waiver holds no more: {listed(ends, '; ')}." if ends else f"{said}."


def _closeness(result: ConditionResult) -> tuple[float, str]:
    return (result.margin or 0) / (abs(result.threshold or 0) or 1), result.id
