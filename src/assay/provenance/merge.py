"""What is known about a candidate once server, weights file and plan are laid side by side?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, get_args

from assay.provenance.capacity import Known, capacity_of
from assay.provenance.licences import licence_of
from assay.provenance.pins import check_pins, same_value
from assay.schema._base import digest_of
from assay.schema.provenance import TRAPS, CandidateFacts, Fact, FactName

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assay.provenance.weights import Weights
    from assay.schema.provenance import Capacity, Licence
    from assay.schema.suite import Candidate, Organization

__all__ = ["IDENTITY", "IN_FORCE", "collect", "fingerprint"]

_ELSEWHERE: Final[dict[FactName, str]] = {
    "runtime": "name it in the plan",
    "runtime_version": "see the runtime's package or its log",
    "executed_at": "ask the server's operator",
    "model_id": "see the model card",
    "model_name_served": "see the server's list of models",
    "revision": "see the folder that the weights were downloaded to, or pin the SHA-256 of the weights",
    "weights_sha256": "give `weights` in the plan",
    "weights_bytes": "give `weights` in the plan",
    "quantization": "give `weights` in the plan",
    "tensor_types": "give `weights` in the plan",
    "architecture": "give `weights` in the plan",
    "parameters": "give `weights` in the plan, or see the model card",
    "license": "give `weights` in the plan, or see the model card",
    "context_in_force": "see the options that the server was started with",
    "context_trained": "give `weights` in the plan, or see the model card",
    "slots": "see the options that the server was started with",
    "chat_template_sha256": "give `weights` in the plan",
    "sampling_defaults": "see the options that the server was started with",
    "memory_bytes": "see the server's process",
    "accelerator_memory_bytes": "see the accelerator's own tool",
    "kv_cache_tokens": "see the server's log",
    "request_sent": "run the plan, or probe the server",
    "kv_cache_use": "see the server's metrics",
    "requests_running": "see the server's metrics",
    "requests_waiting": "see the server's metrics",
    "metrics_endpoint": "ask the server's operator",
    "health_endpoint": "ask the server's operator",
    "authentication": "ask the server's operator",
    "cors": "ask the server's operator",
    **dict.fromkeys(TRAPS, "`assay probe --deep` asks it"),
}
"""Where a person finds a fact that nothing showed."""

IN_FORCE: Final[frozenset[FactName]] = frozenset({"chat_template_sha256", "sampling_defaults"})
"""Facts of which the file holds a default only: what the server shows is what answered."""

IDENTITY: Final[tuple[FactName, ...]] = (
    *("runtime", "runtime_version", "model_name_served", "revision", "weights_sha256", "quantization"),
    *("context_in_force", "chat_template_sha256"),
)
"""Facts that make a candidate this one and no other."""

_GRADES: Final = ("observed", "declared", "unknown")


def collect(
    candidate: Candidate,
    observed: Sequence[Fact],
    weights: Weights | None,
    *,
    organization: Organization | None = None,
    server_pid: int | None = None,
    memory_bytes: int | None = None,
) -> CandidateFacts:
    """Put everything together that is known about one candidate.

    What was observed outranks a label. Between two that were observed the weights file speaks for the weights and the
    server for what is in force; the other stays visible in the source, with whether it agrees.

    Args:
        candidate: what the plan says, with its pins.
        observed: what the server shows; unknown facts may give their reason; a name may come more than once.
        weights: what the weights show, or None.
        organization: whom the licence is held against, or None when the plan does not say.
        server_pid: process id of the server where Assay started it.
        memory_bytes: memory of the machine that serves it, or None when that is not known.
    """
    shown = (*weights.facts, *_stated(weights)) if weights is not None else ()
    facts = tuple(_merged(name, shown, observed) for name in get_args(FactName))
    return CandidateFacts(
        candidate=candidate.id,
        facts=facts,
        pins=check_pins(candidate.pins, facts),
        licence=_licence(candidate, weights, observed, organization),
        capacity=_capacity(candidate, weights, facts, memory_bytes),
        server_pid=server_pid,
    )


def _merged(name: FactName, shown: Sequence[Fact], observed: Sequence[Fact]) -> Fact:
    """Choose the best of what speaks of one name, and say in its source what the others say."""
    of_file = [fact for fact in shown if fact.name == name]
    of_server = [fact for fact in observed if fact.name == name]
    order = [*of_server, *of_file] if name in IN_FORCE else [*of_file, *of_server]
    # Sorting is stable: within a grade the first keeps its place.
    order.sort(key=lambda fact: _GRADES.index(fact.grade))
    if not order or order[0].value is None:
        reasons = [fact.source for fact in order] or ["the server did not show it"]
        # What a runtime cannot say comes with the place where it stands, and a trap that was asked for needs none.
        placed = any(" cannot say: " in reason for reason in reasons) or (name in TRAPS and bool(order))
        told = "; ".join([*dict.fromkeys(reasons), *([] if placed else [_ELSEWHERE[name]])])
        return Fact(name=name, value=None, grade="unknown", source=told)
    best, *others = order
    return best.model_copy(update={"source": "; ".join([best.source, *_beside(best, others)])})


def _beside(best: Fact, others: Sequence[Fact]) -> list[str]:
    words = []
    for other in others:
        if other.value is None or best.value is None:
            continue
        agrees = same_value(best.name, best.value, other.value)
        words.append(f"{other.source} agrees" if agrees else f"but {other.source} says {other.value}")
    return words


def _stated(weights: Weights) -> tuple[Fact, ...]:
    """Return the licence that a card or a text beside the weights names, where no key of a file does."""
    named = any(fact.name == "license" and fact.value is not None for fact in weights.facts)
    stated = licence_of(weights.statements, None)
    if named or stated.agreed is not True or stated.identifier is None:
        return ()
    places = ", ".join(own.place for own in stated.statements)
    return (Fact(name="license", value=stated.identifier, grade="observed", source=places),)


def _licence(
    candidate: Candidate, weights: Weights | None, observed: Sequence[Fact], organization: Organization | None
) -> Licence:
    """Read the licence from every place that states one, the plan's pin among them."""
    statements = [*(weights.statements if weights is not None else ())]
    statements += [(fact.source, str(fact.value)) for fact in observed if fact.name == "license" and fact.value]
    if candidate.pins.license is not None:
        statements.append(("plan pins.license", candidate.pins.license))
    return licence_of(statements, organization)


def _capacity(
    candidate: Candidate, weights: Weights | None, facts: Sequence[Fact], memory_bytes: int | None
) -> Capacity:
    """Work out the memory; the runtime that was seen counts before the one that the plan names."""
    values = {fact.name: fact.value for fact in facts}
    return capacity_of(
        Known(
            metadata=weights.metadata if weights is not None else None,
            config=weights.config if weights is not None else None,
            weights_bytes=_count(values["weights_bytes"]),
            context=_count(values["context_in_force"]),
            slots=_count(values["slots"]),
            runtime=str(values["runtime"] or candidate.runtime),
            memory_bytes=memory_bytes,
            cache_tokens=_count(values["kv_cache_tokens"]),
        )
    )


def _count(value: str | int | None) -> int | None:
    return value if isinstance(value, int) else None


def fingerprint(own: CandidateFacts, address: str, model: str) -> str:
    """Return the SHA-256 of what was seen of a candidate: two runs with the same one asked the same thing.

    What is unknown counts as unknown, so where a server shows no digest of its weights, address and name must do.

    Args:
        own: its facts.
        address: where it answers, or the name of the embedded model.
        model: name that is sent.
    """
    seen: dict[str, str | int | None] = {name: own.fact(name).value for name in IDENTITY}
    return digest_of({"address": address, "model": model, **seen})
