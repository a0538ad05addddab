"""What stands in the `modelCard` of a model in a CycloneDX bill of materials?

Fields and their meaning: CycloneDX 1.6 JSON schema, `modelCard` (CycloneDX/specification,
`schema/bom-1.6.schema.json`). The library has no class for it, so it is made here as plain values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.record.figures import loads_of, rates_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.record.figures import Estimate, Interval
    from assay.schema._base import JsonValue
    from assay.schema.record import CandidateSummary, Record

__all__ = ["measure_of", "model_card"]

_NAMES: Final = {
    "pass rate": "pass_rate",
    "pass rate by people": "pass_rate_by_people",
    "errors": "error_rate",
    "output": "output_tokens_per_s",
    "answered": "requests_per_s",
    "memory": "rss_peak_bytes",
}
_TRADEOFF: Final = "latency"
"""Kind of risk that is one of performance."""


def model_card(record: Record, own: CandidateSummary, interval: Interval) -> dict[str, JsonValue]:
    """Return the model card of one candidate: what it was tested on, its numbers, its use, its risks.

    A number that its own record doubts whole (an INVALID measurement, a judge without trust) is left out.
    """
    architecture = own.facts.fact("architecture").value
    parameters: dict[str, JsonValue] = {"task": "text-generation"}
    if architecture is not None:
        parameters["modelArchitecture"] = str(architecture)
    if record.suites:
        parameters["datasets"] = [{"ref": f"suite:{suite.id}"} for suite in record.suites]
    card: dict[str, JsonValue] = {"modelParameters": parameters}
    numbers: list[JsonValue] = list(_metrics(record, own.candidate.id, interval))
    if numbers:
        card["quantitativeAnalysis"] = {"performanceMetrics": numbers}
    if considered := _considerations(record):
        card["considerations"] = considered
    return card


def _metrics(record: Record, candidate: str, interval: Interval) -> Iterator[dict[str, JsonValue]]:
    figures = {**rates_of(record, candidate), **loads_of(record, candidate, interval)}
    for (group, name), figure in figures.items():
        own = figure.estimate
        if own.value is None or own.doubt not in {None, "DEGRADED"}:
            continue
        told: dict[str, JsonValue] = {
            "type": measure_of(name),
            "value": f"{own.value:.0f}" if figure.unit == "bytes" else str(own.value),
            "slice": group if own.doubt is None else f"{group} ({own.doubt})",
        }
        yield told | _limits(own)


def _limits(own: Estimate) -> dict[str, JsonValue]:
    """Return the confidence interval; one with a single limit has only that one."""
    bounds = {"lowerBound": own.low, "upperBound": own.high}
    given: dict[str, JsonValue] = {name: str(limit) for name, limit in bounds.items() if limit is not None}
    return {"confidenceInterval": given} if given else {}


def measure_of(name: str) -> str:
    """Return a figure's name as conditions write it: `e2e p95` as `e2e_p95_s`."""
    if name in _NAMES:
        return _NAMES[name]
    kind, _, percentile = name.rpartition(" ")
    if percentile.startswith("p") and percentile[1:].isdigit():
        return f"{'tpot' if kind == 'per token' else kind}_{percentile}_s"
    return f"{name.replace(' ', '_').lower()}_bytes"


def _considerations(record: Record) -> dict[str, JsonValue]:
    """Return what people say of users, use and risks, and what was not tested; nothing that nobody said."""
    use, risks = record.use_case, record.people.risks
    named = dict(risks) if isinstance(risks, dict) else {}
    plain = [*(text for text in risks if not named)] if not isinstance(risks, dict) else []
    limits = [
        *plain,
        *(f"{kind}: {text}" for kind, text in named.items() if kind != _TRADEOFF),
        *(f"Not tested: {own.what}. {own.why}" for own in record.untested),
    ]
    found: dict[str, list[str]] = {
        "users": [use.users] if use.users else [],
        "useCases": [use.task] if use.task else [],
        "technicalLimitations": limits,
        "performanceTradeoffs": [text for kind, text in named.items() if kind == _TRADEOFF],
    }
    return {name: list(texts) for name, texts in found.items() if texts}
