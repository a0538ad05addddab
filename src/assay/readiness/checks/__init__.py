"""Which check decides which item of the checklist?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.readiness.checks import (
    authentication,
    concurrency,
    conditions,
    endpoints,
    error_rate,
    fallback,
    foreign_pages,
    golden_sets,
    kv_cache_budget,
    latency_measured,
    licence_allows,
    long_context,
    max_tokens,
    memory_headroom,
    memory_observed,
    owner,
    pins,
    quality_baseline,
    retries,
    risks,
    runtime_fits,
    service_levels,
    structured_output,
    timeout,
    use_case,
    written,
)

if TYPE_CHECKING:
    from assay.readiness.view import Check

__all__ = ["CHECKS"]

CHECKS: dict[str, Check] = {
    "pins": pins.check,
    "licence-allows": licence_allows.check,
    "golden-sets": golden_sets.check,
    "quality-baseline": quality_baseline.check,
    "structured-output": structured_output.check,
    "latency-measured": latency_measured.check,
    "service-levels": service_levels.check,
    "concurrency": concurrency.check,
    "memory-observed": memory_observed.check,
    "memory-headroom": memory_headroom.check,
    "kv-cache-budget": kv_cache_budget.check,
    "long-context": long_context.check,
    "max-tokens": max_tokens.check,
    "timeout": timeout.check,
    "retries": retries.check,
    "error-rate": error_rate.check,
    "health-endpoint": endpoints.health,
    "fallback": fallback.check,
    "authentication": authentication.check,
    "foreign-pages": foreign_pages.check,
    "runtime-fits": runtime_fits.check,
    "metrics-endpoint": endpoints.metrics,
    "rollout": written.rollout,
    "rollback": written.rollback,
    "owner": owner.check,
    "use-case": use_case.check,
    "conditions": conditions.check,
    "risks": risks.check,
}
"""Check by item id, in the order of the shipped checklist."""
