"""What do the measurements of a run say of a candidate in its context: does it do here what is asked of it?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from assay.readiness.advice.advice import AdviceReason
from assay.readiness.advice.rule import PLAN_KEYS, is_one_of, no, yes
from assay.readiness.view import TOLERATED_SHARE, clipped, percentile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from assay.readiness.advice.rule import Asked, Situation
    from assay.schema.bench import BenchCell, Percentile
    from assay.schema.findings import Finding
    from assay.schema.record import Record
    from assay.schema.suite import Candidate, Plan, Slo

__all__ = ["CHECKED", "MEASURED", "Seen", "measured"]

MEASURED: Final = {
    "service-level": "whether its p95 keeps the service level at the context's requests at once",
    "errors": "whether at most one request in twenty failed there",
    "finding": "what the checks below found, of a candidate that is decided on",
}
"""What is looked at of the measurements, by the name of the rule."""

CHECKED: Final[dict[str, Asked | None]] = {
    "memory-headroom": None,
    "authentication": is_one_of("purpose", "internal", "public"),
    "overload-refused": is_one_of("purpose", "internal", "public"),
    "metrics-endpoint": is_one_of("purpose", "internal", "public"),
    "executed-here": no("data_may_leave"),
    "prompt-kept-whole": yes("long_prompts"),
    "quality-baseline": yes("needs_best_quality"),
}
"""Items of the checklist whose findings advice quotes, each with what makes it matter here; None always does."""

_RULES_OUT: Final = frozenset({"executed-here"})
"""Items that no condition mends once they are not met."""
_REQUESTS_NEEDED: Final = 59
"""Requests without a failure that show a rate under 5 % with 95 % confidence: 0.95 ** 59 < 0.05 (Wilks)."""
_LONGEST: Final = 200
_Answer = Literal["yes", "no", "unknown"]


@dataclass
class Seen:
    """What was seen of one candidate."""

    reasons: list[AdviceReason] = field(default_factory=list)
    """What speaks for and against it; sources are still to be numbered."""
    evidence: list[tuple[str, ...]] = field(default_factory=list)
    """Files of the run behind each reason."""
    unknown: list[str] = field(default_factory=list)
    """What is left open."""
    levels_kept: bool = False
    """Whether every service level of the plan is shown to be kept."""

    def add(self, reason: AdviceReason, *files: str) -> None:
        """Keep a reason with the files that show it."""
        self.reasons.append(reason)
        self.evidence.append(files)


def measured(plan: Plan, candidate: Candidate, record: Record, situation: Situation) -> Seen:
    """Return what a run says of a candidate of the plan.

    A run in which that name stood for other settings says nothing of it.
    """
    seen = Seen()
    then = next((own.candidate for own in record.candidates if own.candidate.id == candidate.id), None)
    if then is None:
        seen.unknown.append("the run did not ask it")
        return seen
    if then.model_copy(update={"roles": candidate.roles}) != candidate:
        seen.unknown.append("the run asked it with other settings: its figures are not counted")
        return seen
    peak = situation["peak_requests_at_once"].value
    for profile, slo in plan.use_case.slo.items():
        own = [c for c in record.bench if (c.candidate, c.profile, c.cache) == (candidate.id, profile, "cold")]
        _levels(profile, slo, own, (int(peak) if peak is not None else None, seen))
    if not seen.reasons and not seen.unknown:
        seen.unknown.append("the plan names no service level (use_case.slo)")
    levels = [own for own in seen.reasons if own.rule == "service-level"]
    seen.levels_kept = bool(levels) and not seen.unknown and all(own.speaks == "for" for own in levels)
    _findings(candidate, record, situation, seen)
    return seen


def _levels(profile: str, slo: Slo, cells: Sequence[BenchCell], wanted: tuple[int | None, Seen]) -> None:
    """Hold the levels of a profile against the least load measured that reaches the peak, or the highest there is."""
    peak, seen = wanted
    closed = sorted((c for c in cells if c.concurrency is not None), key=lambda c: c.concurrency or 0)
    if not closed:
        seen.unknown.append(f"{profile} prompts were not measured under a number of requests at once")
        return
    enough = [c for c in closed if peak is not None and (c.concurrency or 0) >= peak]
    cell = enough[0] if enough else closed[-1]
    short = peak is not None and not enough
    for what, figures, limit_s in _asked(cell, slo):
        answer, text = _kept(f"p95 {what} of {_called(cell)}", percentile(figures, 0.95), limit_s, cell)
        beyond = peak is not None and (cell.concurrency or 0) > peak
        if answer == "unknown":
            seen.unknown.append(text)
        elif answer == "yes" and short:
            seen.unknown.append(f"{text}; it was not measured at {peak} at once")
        elif answer == "no" and beyond:
            seen.unknown.append(f"{text}; that is more than {peak} at once, which was not measured")
        else:
            seen.add(_level_reason(text, cell, answer == "yes", peak), "requests.jsonl")
    _errors(cell, seen)


def _asked(cell: BenchCell, slo: Slo) -> Iterator[tuple[str, Sequence[Percentile], float]]:
    """Yield each level that is declared, with the figures to hold against it."""
    if slo.e2e_p95_s is not None:
        yield "latency", cell.e2e, slo.e2e_p95_s
    if slo.ttft_p95_s is not None:
        yield "time to first token", cell.ttft, slo.ttft_p95_s


def _level_reason(text: str, cell: BenchCell, keeps: bool, peak: int | None) -> AdviceReason:  # noqa: FBT001 - one of two
    if not keeps:
        return AdviceReason(rule="service-level", speaks="against", fit="does_not_fit", text=text)
    if peak is None:
        limit = f"a peak of at most {cell.concurrency} requests at once: the plan names none"
        return AdviceReason(
            rule="service-level", speaks="for", fit="fits_with_conditions", text=text, conditions=(limit,)
        )
    return AdviceReason(rule="service-level", speaks="for", fit="fits", text=text)


def _kept(name: str, figure: Percentile | None, limit_s: float, cell: BenchCell) -> tuple[_Answer, str]:
    """Return whether a level is kept; doubtful figures neither clear nor condemn against their leaning."""
    if cell.validity == "INVALID":
        return "unknown", f"{name} cannot be believed (INVALID)"
    if figure is None or not figure.supported:
        more = (
            f" rests on {figure.n} requests: {figure.n_needed - figure.n} more are needed" if figure is not None else ""
        )
        return "unknown", f"{name}{more or ' was not computed'}"
    leaning = {reason.leans for reason in cell.reasons}
    if figure.value_us is None:
        return "no", f"{name} falls on a failed request, and {limit_s:g} s are asked"
    keeps = figure.value_us <= limit_s * 1e6
    text = f"{name} is {figure.value_us / 1e6:.3g} s over {figure.n} requests, and {limit_s:g} s are asked"
    if leaning & ({"for", "either"} if keeps else {"against", "either"}):
        return "unknown", f"{text}; the doubts in it could turn that"
    return ("yes" if keeps else "no"), text


def _errors(cell: BenchCell, seen: Seen) -> None:
    """Say how many failed; of few requests without a failure the percentile already says that more are needed."""
    if cell.validity == "INVALID" or cell.n == 0:
        return
    text = f"{cell.failed} of {cell.n} requests failed with {_called(cell)}"
    if cell.failed > TOLERATED_SHARE * cell.n:
        seen.add(AdviceReason(rule="errors", speaks="against", fit="does_not_fit", text=text), "requests.jsonl")
    elif cell.n >= _REQUESTS_NEEDED:
        seen.add(AdviceReason(rule="errors", speaks="for", fit="fits", text=text), "requests.jsonl")


def _called(cell: BenchCell) -> str:
    doubt = " (DEGRADED)" if cell.validity == "DEGRADED" else ""
    return f"{cell.profile} prompts, {cell.concurrency} at once{doubt}"


def _findings(candidate: Candidate, record: Record, situation: Situation, seen: Seen) -> None:
    """Quote what the checks found that matter here; they are made of those who are decided on."""
    found = {own.item: own for own in record.findings if own.candidate == candidate.id}
    for item, asks in CHECKED.items():
        if item not in found or not _matters(found[item], asks, situation, seen):
            continue
        own = found[item]
        text = clipped(f"{item}: {own.reason}", _LONGEST)
        if own.status == "met":
            seen.add(AdviceReason(rule="finding", speaks="for", fit="fits", text=text), *own.evidence)
        elif own.status == "not_met":
            seen.add(_against(own, text), *own.evidence)
        elif own.status == "unknown":
            seen.unknown.append(text)


def _matters(finding: Finding, asks: Asked | None, situation: Situation, seen: Seen) -> bool:
    """Return whether a finding matters in the context; where that is not known, one that is not met is left open."""
    if asks is None:
        return True
    value = situation[asks.key].value
    if value is None and finding.status == "not_met":
        seen.unknown.append(f"{finding.item} is not met, which matters if {asks.words} ({PLAN_KEYS[asks.key]})")
    return value is not None and asks.holds(value)


def _against(finding: Finding, text: str) -> AdviceReason:
    if finding.item in _RULES_OUT:
        return AdviceReason(rule="finding", speaks="against", fit="does_not_fit", text=text)
    remedy = (clipped(finding.remedy, _LONGEST).rstrip("."),)
    return AdviceReason(rule="finding", speaks="against", fit="fits_with_conditions", text=text, conditions=remedy)
