"""May the candidate go to production, as far as the evidence says?"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from assay.gate.evidence import Facts
from assay.gate.question import listed
from assay.schema._base import rounded
from assay.schema.verdict import CandidateVerdict, ConditionResult, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assay.gate.conditions import Condition
    from assay.schema.verdict import VerdictWord

__all__ = ["Facts", "judge_candidate", "overall"]

_WORST_FIRST: Final[tuple[VerdictWord, ...]] = ("NO-GO", "HOLD", "GO")


def judge_candidate(candidate: str, conditions: Sequence[Condition], facts: Facts) -> CandidateVerdict:
    """Return what the evidence says of one candidate under a policy.

    NO-GO when a blocking condition is not met; otherwise HOLD when one is unknown or there is none; otherwise GO.

    Raises:
        ValueError: some evidence belongs to another candidate; nobody passes on borrowed evidence.
    """
    strangers = sorted(facts.candidates() - {candidate})
    if strangers:
        raise ValueError(f"evidence on {listed(strangers)} was given for {candidate}")
    results = tuple(_result(condition, facts) for condition in conditions)
    verdict, reason = _verdict(results)
    return CandidateVerdict(candidate=candidate, verdict=verdict, conditions=results, reason=reason)


def overall(verdicts: Sequence[CandidateVerdict]) -> Verdict:
    """Return the verdict of a run: the worst of its candidates, and HOLD when none is decided on."""
    for word in _WORST_FIRST:
        reasons = [f"{own.candidate}: {own.reason}" for own in verdicts if own.verdict == word]
        if reasons:
            return Verdict(verdict=word, candidates=tuple(verdicts), reason=" ".join(reasons))
    return Verdict(verdict="HOLD", candidates=(), reason="No candidate is decided on.")


def _result(condition: Condition, facts: Facts) -> ConditionResult:
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
    )


def _stored(figure: float | None) -> float | None:
    """Return a figure as the record stores it: an infinite one, such as a failed request's latency, is None."""
    return rounded(figure) if figure is not None and math.isfinite(figure) else None


def _verdict(results: Sequence[ConditionResult]) -> tuple[VerdictWord, str]:
    """Return the verdict with the conditions that decide it."""
    blocking = [result for result in results if result.severity == "block"]
    if not blocking:
        return "HOLD", "There is no blocking condition, so nothing can be shown."
    failed = [result.id for result in blocking if result.status == "not_met"]
    if failed:
        return "NO-GO", _deciding(failed, len(blocking), "not met")
    silent = [result.id for result in blocking if result.status != "met"]
    if silent:
        return "HOLD", _deciding(silent, len(blocking), "unknown")
    return "GO", f"All blocking conditions ({len(blocking)}) are met."


def _deciding(ids: Sequence[str], blocking: int, words: str) -> str:
    be = "is" if len(ids) == 1 else "are"
    return f"{len(ids)} of {blocking} blocking conditions {be} {words}: {listed(ids, '; ')}."
