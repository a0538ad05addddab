"""May the candidate go to production, as far as the evidence says?"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from assay.gate.evidence import Facts
from assay.gate.flip import flip_of
from assay.gate.question import listed
from assay.gate.sections import sections_of
from assay.gate.waivers import all_uses, speaking_of, use_of, weight, without_candidate, without_condition
from assay.schema._base import rounded
from assay.schema.verdict import CandidateVerdict, ConditionResult, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from assay.gate.conditions import Condition
    from assay.schema.suite import Waiver
    from assay.schema.verdict import VerdictWord, WaiverUse

__all__ = ["Facts", "judge_candidate", "overall"]

_WORST_FIRST: Final[tuple[VerdictWord, ...]] = ("NO-GO", "HOLD", "GO")


def judge_candidate(
    candidate: str,
    conditions: Sequence[Condition],
    facts: Facts,
    waivers: Sequence[Waiver] = (),
    today: date | None = None,
) -> CandidateVerdict:
    """Return what the evidence says of one candidate under a policy.

    NO-GO when a blocking condition is not met and not waived; otherwise HOLD when one is unknown, when a waiver of one
    has run out, when a waiver speaks of no condition, or when there is no blocking condition; otherwise GO.

    Args:
        candidate: its id.
        conditions: the policy.
        facts: all evidence on it.
        waivers: all waivers; those that name another candidate change nothing here.
        today: day of the verdict, by which waivers run out.

    Raises:
        ValueError: some evidence belongs to another candidate: nobody passes on borrowed evidence; or there are
            waivers and no day.
    """
    strangers = sorted(facts.candidates() - {candidate})
    if strangers:
        raise ValueError(f"evidence on {listed(strangers)} was given for {candidate}")
    if waivers and today is None:
        message = "without a day nobody knows whether a waiver holds"
        raise ValueError(message)
    own = speaking_of(waivers, candidate)
    results = tuple(_result(condition, facts, own, today) for condition in conditions)
    unmatched = without_condition(waivers, {condition.id for condition in conditions})
    verdict, reason = _verdict(results, unmatched)
    return CandidateVerdict(
        candidate=candidate,
        verdict=verdict,
        conditions=results,
        reason=reason,
        sections=sections_of(facts),
        flip=flip_of(results, unmatched),
    )


def overall(verdicts: Sequence[CandidateVerdict], waivers: Sequence[Waiver] = ()) -> Verdict:
    """Return the verdict of a run: the worst of its candidates, and HOLD when none is decided on.

    Args:
        verdicts: that of each candidate that is decided on.
        waivers: all waivers; while one names a candidate that is not decided on, none is GO.
    """
    unmatched = (
        *without_condition(waivers, {result.id for own in verdicts for result in own.conditions}),
        *without_candidate(waivers, {own.candidate for own in verdicts}),
    )
    held = tuple(_held_back(own, unmatched) for own in verdicts)
    used = (result.waiver for own in held for result in own.conditions if result.waiver is not None)
    shown = all_uses((*unmatched, *used))
    for word in _WORST_FIRST:
        reasons = [f"{own.candidate}: {own.reason}" for own in held if own.verdict == word]
        if reasons:
            return Verdict(verdict=word, candidates=held, reason=" ".join(reasons), waivers=shown)
    return Verdict(verdict="HOLD", candidates=(), reason="No candidate is decided on.", waivers=shown)


def _held_back(own: CandidateVerdict, unmatched: Sequence[WaiverUse]) -> CandidateVerdict:
    """Return a verdict that is not GO while a waiver speaks of nothing."""
    if not unmatched or own.verdict != "GO":
        return own
    verdict, reason = _verdict(own.conditions, unmatched)
    flip = flip_of(own.conditions, unmatched)
    return own.model_copy(update={"verdict": verdict, "reason": reason, "flip": flip})


def _result(condition: Condition, facts: Facts, waivers: Sequence[Waiver], today: date | None) -> ConditionResult:
    """Return one condition with its answer, its figures rounded as the record stores them."""
    answer = condition.question.answer(facts)
    return ConditionResult(
        id=condition.id,
        condition=condition.text,
        severity=condition.severity,
        status=answer.status,
        observed=_stored(answer.observed),
        low=_stored(answer.low),
        high=_stored(answer.high),
        n=answer.n,
        threshold=condition.question.threshold,
        margin=_stored(answer.margin),
        reason=answer.reason,
        method=answer.method,
        failing=answer.failing,
        needed=answer.needed,
        flip=answer.flip,
        waiver=None if today is None else use_of(waivers, condition, answer, today),
    )


def _stored(figure: float | None) -> float | None:
    """Return a figure as the record stores it: an infinite one, such as a failed request's latency, is None."""
    return rounded(figure) if figure is not None and math.isfinite(figure) else None


def _verdict(results: Sequence[ConditionResult], unmatched: Sequence[WaiverUse]) -> tuple[VerdictWord, str]:
    """Return the verdict with the conditions and waivers that decide it."""
    blocking = [result for result in results if result.severity == "block"]
    if not blocking:
        return "HOLD", "There is no blocking condition, so nothing can be shown."
    failed = [result.id for result in blocking if weight(result) == "not_met"]
    if failed:
        return "NO-GO", _deciding(failed, len(blocking), "not met")
    held = [
        _deciding([own.id for own in blocking if own.status == "unknown"], len(blocking), "unknown"),
        _deciding(
            [own.id for own in blocking if own.status != weight(own) == "unknown"],
            len(blocking),
            "not met under a waiver that has expired",
        ),
        *(f"A waiver on {use.waiver.condition} is unmatched. {use.reason}" for use in unmatched),
    ]
    if any(held):
        return "HOLD", " ".join(filter(None, held))
    waived = [own for own in blocking if own.status != "met"]
    if not waived:
        return "GO", f"All blocking conditions ({len(blocking)}) are met."
    return "GO", f"All blocking conditions ({len(blocking)}) are met, but {_waived(waived)}."


def _deciding(ids: Sequence[str], blocking: int, words: str) -> str:
    """Return the sentence on conditions that decide; empty without any."""
    be = "is" if len(ids) == 1 else "are"
    return f"{len(ids)} of {blocking} blocking conditions {be} {words}: {listed(ids, '; ')}." if ids else ""


def _waived(results: Sequence[ConditionResult]) -> str:
    """Return how many conditions are waived, until the first day on which a waiver runs out, and which."""
    day = min(own.waiver.waiver.expires for own in results if own.waiver is not None)
    be = "that is" if len(results) == 1 else "that are"
    return f"{len(results)} {be} waived until {day}: {listed([own.id for own in results], '; ')}"
