"""What of a record rests on one clause, so that a reader sees what falls with it?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from assay.schema.findings import Finding
    from assay.schema.record import Record

__all__ = ["FACTS_OF_CHECKS", "resting_on"]

_ANSWERS: Final = ("suite:", "blockers ")
_LOAD: Final = ("bench:", "bench all ")
_MEMORY: Final = ("memory.",)
_LICENCE: Final = ("licence ",)
_MEASURED: Final = (*_ANSWERS, *_LOAD)
_ALL: Final = ("",)

_ANSWER_CHECKS: Final = ("golden-sets", "quality-baseline", "structured-output", "answers-whole", "thinking-closed")
_TRAP_CHECKS: Final = (
    *("model-name-checked", "token-limit-honoured", "usage-in-streams", "schema-enforced", "repeatable"),
    *("requests-isolated", "prompt-kept-whole"),
)
_LOAD_CHECKS: Final = (
    *("latency-measured", "service-levels", "concurrency", "error-rate", "long-context", "server-times-agree"),
    *("memory-observed", "memory-headroom", "memory-pressure"),
)
_OVERLOAD_CHECKS: Final = ("overload-refused", "overload-recovered")
_HEALTH_CHECKS: Final = ("health-endpoint", "readiness-told", "restart-recovers")
_METRICS_CHECKS: Final = ("metrics-endpoint", "metrics-tell-load")
_LIMIT_CHECKS: Final = ("body-limited", "answers-capped", "requests-end", "streams-unbuffered", "disconnect-frees")
_PROBE_CHECKS: Final = (*_OVERLOAD_CHECKS, *_HEALTH_CHECKS, *_METRICS_CHECKS, *_LIMIT_CHECKS)
_CAPACITY_CHECKS: Final = ("capacity-agrees", "kv-cache-budget", "accelerator-memory")
_SURFACE_CHECKS: Final = ("versions-hidden", "errors-tell-nothing", "requests-traceable")
_ACCESS_CHECKS: Final = ("authentication", "management-closed", "tenants-separated")
_LICENCE_CHECKS: Final = ("licence-read", "licence-allows", "licence-agrees", "licence-for-organization")


@dataclass(frozen=True)
class _Share:
    """What a clause bears."""

    conditions: tuple[str, ...] = ()
    """How the texts of its conditions begin."""
    checks: tuple[str, ...] = ()
    """Items of the checklist."""
    pins: tuple[str, ...] = ()
    """Pins of the plan."""


_ASKED = _Share(_MEASURED, (*_ANSWER_CHECKS, *_TRAP_CHECKS, *_LOAD_CHECKS))
"""What was asked, and how it answered."""
_WEIGHTS = _Share(
    (*_MEASURED, *_MEMORY, *_LICENCE), (*_ASKED.checks, *_CAPACITY_CHECKS, *_LICENCE_CHECKS), ("model_id", "revision")
)

_SHARES: Final[dict[str, _Share]] = {
    "runtime": _Share(
        _ASKED.conditions,
        (*_ASKED.checks, "runtime-fits", *_CAPACITY_CHECKS, *_SURFACE_CHECKS, *_PROBE_CHECKS, *_ACCESS_CHECKS),
    ),
    "runtime_version": _Share(
        _ASKED.conditions, (*_ASKED.checks, *_SURFACE_CHECKS, *_LIMIT_CHECKS), ("runtime_version",)
    ),
    "executed_at": _Share((*_MEASURED, *_MEMORY), ("executed-here", "network-boundary", *_LOAD_CHECKS)),
    "model_id": _WEIGHTS,
    "model_name_served": _WEIGHTS,
    "revision": _WEIGHTS,
    "weights_sha256": _WEIGHTS,
    "weights_bytes": _WEIGHTS,
    "tensor_types": _WEIGHTS,
    "architecture": _WEIGHTS,
    "parameters": _WEIGHTS,
    "quantization": _Share(
        (*_MEASURED, *_MEMORY), (*_ASKED.checks, *_CAPACITY_CHECKS), ("quantization", "model_id", "revision")
    ),
    "license": _Share(_LICENCE, _LICENCE_CHECKS, ("license",)),
    "licence_statements": _Share(_LICENCE, _LICENCE_CHECKS, ("license",)),
    "licence_terms": _Share(_LICENCE, _LICENCE_CHECKS),
    "context_in_force": _Share(
        (*_MEASURED, *_MEMORY),
        (
            "long-context",
            "max-tokens",
            "prompt-kept-whole",
            "answers-whole",
            *_CAPACITY_CHECKS,
            "memory-headroom",
            "answers-capped",
        ),
        ("max_context_tokens",),
    ),
    "context_trained": _WEIGHTS,
    "slots": _Share((*_LOAD, *_MEMORY), (*_LOAD_CHECKS, *_CAPACITY_CHECKS, *_OVERLOAD_CHECKS, "disconnect-frees")),
    "chat_template_sha256": _Share(_MEASURED, (*_ANSWER_CHECKS, *_TRAP_CHECKS)),
    "sampling_defaults": _Share(_ANSWERS, (*_ANSWER_CHECKS, "sampling-in-force", "repeatable")),
    "request_sent": _Share(_MEASURED, (*_ANSWER_CHECKS, *_LOAD_CHECKS, "sampling-in-force", "max-tokens")),
    "base_url": _Share(
        _LOAD,
        (
            *(*_LOAD_CHECKS, "executed-here", "transport-encrypted", "prompts-not-logged"),
            *(*_ACCESS_CHECKS, *_SURFACE_CHECKS, *_PROBE_CHECKS),
        ),
    ),
    "authentication": _Share((), ("authentication",)),
    "cors": _Share((), ("foreign-pages",)),
    "health_endpoint": _Share((), _HEALTH_CHECKS),
    "metrics_endpoint": _Share((), _METRICS_CHECKS),
    "host": _Share((*_LOAD, *_MEMORY), (*_LOAD_CHECKS, *_CAPACITY_CHECKS)),
    "accepted": _Share(_ALL),
    "valid_until": _Share(_ALL),
    "policy": _Share(_ALL, ("conditions",)),
    "baseline": _Share(_ANSWERS, ("quality-baseline",)),
    "checklist": _Share(("readiness",)),
    "plan": _Share(_ALL),
}

FACTS_OF_CHECKS: Final = frozenset(name for name, share in _SHARES.items() if share.checks)
"""Clauses that some check of the checklist reads."""


def resting_on(
    record: Record, clause: str, candidate: str | None = None, *, only: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """Return what of a record rests on a clause, in words such as `condition suite:qa.pass_rate >= 0.9`.

    Of the checks only those that are met: the others bear nothing that could fall.

    Args:
        record: the record.
        clause: its name; one that is not known bears what its first word does, or nothing that has a name.
        candidate: whom it speaks of; None speaks of all that are decided on.
        only: how the texts of its conditions begin, or items of the checklist as `readiness:ITEM`, where the clause
            says more exactly than its kind what rests on it.
    """
    share = _SHARES.get(clause, _Share())
    if only:
        items = tuple(own.removeprefix("readiness:") for own in only if own.startswith("readiness:"))
        share = _Share(tuple(own for own in only if not own.startswith("readiness:")), items)
    return tuple(dict.fromkeys(_resting(record, share, candidate)))


def _resting(record: Record, share: _Share, candidate: str | None) -> Iterator[str]:
    if share.conditions == _ALL:
        yield "every condition of the verdict"
        return
    found = [
        own
        for own in record.findings
        if own.item in share.checks and own.status == "met" and candidate in {None, own.candidate}
    ]
    asking = (*share.conditions, *_asking(found))
    for verdict in record.verdict.candidates:
        if candidate in {None, verdict.candidate}:
            named = (own for own in verdict.conditions if own.condition.startswith(asking) or own.id in asking)
            yield from (f"condition {own.id}" for own in named)
    yield from (f"check {own.item}" for own in found)
    for summary in record.candidates:
        if candidate in {None, summary.candidate.id}:
            yield from (f"pin {own.pin}" for own in summary.facts.pins if own.pin in share.pins)


def _asking(findings: Sequence[Finding]) -> Iterator[str]:
    """Yield how the conditions begin that ask for findings, one by one, by section or all together."""
    for own in findings:
        yield f"readiness:{own.item} "
        if own.severity == "block":
            yield from (f"readiness.{own.section} ", "readiness all ")
