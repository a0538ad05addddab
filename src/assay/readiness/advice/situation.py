"""What is known of the context of a plan: what does it say, and what do its other keys and a run's evidence show?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from assay.readiness.advice.advice import ContextFact, ContextKey
from assay.readiness.advice.rule import PLAN_KEYS
from assay.schema.suite import ServingContext

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from assay.readiness.advice.rule import Situation, Value
    from assay.schema.provenance import Host
    from assay.schema.record import Record
    from assay.schema.suite import Candidate, Plan

    Shown = tuple[Value | None, str]

__all__ = ["for_development", "situation_of"]

_CLOSED: Final = re.compile(
    r"\b(internal|confidential|secret|restricted|personal|private|pii|customer|medical|health|patient|legal|financial)\b"
)
"""Words for data for whose sake teams serve models themselves (teaching material, section 2)."""
_OPEN: Final = re.compile(r"\bpublic\b")
_TURNED: Final = re.compile(r"\b(no|not|non|never|without|nor|neither)\b|n't\b|\?")
_GGUF_LABEL: Final = re.compile(r"^(IQ|TQ|Q)\d", re.IGNORECASE)
_TENSOR_LABELS: Final = ("awq", "gptq", "fp8", "nvfp4", "compressed-tensors")
_APPLE: Final = ("arm64", "aarch64")


def situation_of(plan: Plan, record: Record | None = None) -> Situation:
    """Return what is known of each thing that rules ask about.

    What the plan's context says counts; what shows otherwise is told beside it. Nothing is guessed: a text that can be
    read both ways, or a device that was not looked for, leaves it unknown.

    Args:
        plan: the plan.
        record: what a run of it came to, or None.
    """
    said = plan.context or ServingContext()
    return {key: _fact(key, getattr(said, key, None), _shown(key, plan, record)) for key in PLAN_KEYS}


def for_development(situation: Situation) -> Situation:
    """Return the context of those who develop what is served in another: of that one only the data are the same."""
    return {key: fact if key in _SAME else _of_development(key) for key, fact in situation.items()}


_SAME: Final[frozenset[ContextKey]] = frozenset({"data_may_leave", "long_prompts", "weights"})


def _of_development(key: ContextKey) -> ContextFact:
    if key == "purpose":
        return ContextFact(key=key, value="development", how="inferred", source="what is asked here")
    return ContextFact(key=key, value=None, how="unknown", source=PLAN_KEYS[key])


def _fact(key: ContextKey, said: Value | None, shown: Shown) -> ContextFact:
    value, source = shown
    if said is not None:
        against = f"{_word(value)} by {source}" if value is not None and value != said else ""
        return ContextFact(key=key, value=said, how="said", source=PLAN_KEYS[key], against=against)
    if value is not None:
        return ContextFact(key=key, value=value, how="inferred", source=source)
    hint = f"; {source}" if source else ""
    return ContextFact(key=key, value=None, how="unknown", source=f"{PLAN_KEYS[key]}{hint}")


def _word(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _shown(key: ContextKey, plan: Plan, record: Record | None) -> Shown:
    """Return what other keys and the evidence show of one thing, and where; or None and what was seen instead."""
    look = _LOOKS.get(key)
    return (None, "") if look is None else look(plan, record)


def _accelerator(record: Record | None) -> Shown:
    if record is None:
        return None, ""
    names = [gpu.name for cell in record.bench if cell.memory is not None for gpu in cell.memory.gpus]
    if names:
        return "nvidia", f"the graphics processors seen under load ({names[0]})"
    if _off_accelerators(record):
        return "none", "what the runtime says of its model's memory: none of it is on an accelerator"
    if not _served_there(record):
        return None, "the server was not seen on the run's host"
    return _of_host(record.host)


def _of_host(host: Host) -> Shown:
    if host.accelerators:
        return "nvidia", f"the run's host ({host.accelerators[0]})"
    if host.system.startswith("Darwin") and host.machine in _APPLE:
        return "apple", f"the run's host ({host.system}, {host.machine})"
    if host.accelerators == ():
        return None, "the run's host shows no NVIDIA device, and others are not looked for"
    return None, ""


def _off_accelerators(record: Record) -> bool:
    """Return whether every candidate's runtime was seen to hold all of its model off accelerators."""
    facts = [own.facts for own in record.candidates]
    held = [(own.fact("memory_bytes"), own.fact("accelerator_memory_bytes")) for own in facts]
    return bool(held) and all(
        whole.grade == fast.grade == "observed" and isinstance(whole.value, int) and whole.value > 0 and fast.value == 0
        for whole, fast in held
    )


def _served_there(record: Record) -> bool:
    """Return whether every candidate's server was seen on the host of the run."""
    seen = {cell.candidate for cell in record.bench if cell.memory is not None and cell.validity != "INVALID"}
    return all(
        own.candidate.embedded is not None or own.facts.server_pid is not None or own.candidate.id in seen
        for own in record.candidates
    )


def _peak(plan: Plan) -> Shown:
    """Take the highest concurrency that somebody wrote into the plan; one that nobody chose says nothing."""
    bench = plan.bench
    if bench is None or "concurrency" not in bench.model_fields_set or not bench.concurrency:
        return None, ""
    return max(bench.concurrency), "bench.concurrency, the highest that is measured"


def _may_leave(plan: Plan) -> Shown:
    text = plan.use_case.data_sensitivity
    if text is None:
        return None, ""
    low = text.lower()
    closed, opened = _CLOSED.search(low), _OPEN.search(low)
    if _TURNED.search(low) or bool(closed) == bool(opened):
        return None, "use_case.data_sensitivity can be read both ways, or has no word that is known"
    word = (closed or opened or [""])[0]
    return opened is not None, f"use_case.data_sensitivity ({word})"


def _weights(plan: Plan, record: Record | None) -> Shown:
    found = [_format(own, record) for own in plan.decided_on()]
    formats = {form for form, _ in found}
    if len(formats) != 1:
        return None, "the candidates that are decided on have different ones" if formats else ""
    return found[0]


def _format(candidate: Candidate, record: Record | None) -> Shown:
    label = (candidate.pins.quantization or "").strip()
    if candidate.embedded is not None:
        return "gguf", "the embedded model, a GGUF file"
    if candidate.weights is not None and candidate.weights.lower().endswith(".gguf"):
        return "gguf", "candidates: weights"
    if _GGUF_LABEL.match(label):
        return "gguf", "candidates: pins.quantization"
    if label.lower().startswith(_TENSOR_LABELS):
        return "safetensors", "candidates: pins.quantization"
    for source in _tensor_sources(candidate, record):
        for form in ("gguf", "safetensors"):
            if source.lower().startswith(form):
                return form, "the weights that the run read"
    return None, ""


def _tensor_sources(candidate: Candidate, record: Record | None) -> Iterator[str]:
    """Yield where the run saw a candidate's tensors."""
    for own in record.candidates if record is not None else ():
        fact = own.facts.fact("tensor_types")
        if own.candidate.id == candidate.id and fact.grade == "observed":
            yield fact.source


def _long_prompts(plan: Plan) -> Shown:
    if "long" in plan.use_case.slo:
        return True, "use_case.slo.long"
    bench = plan.bench
    if bench is not None and "profiles" in bench.model_fields_set and "long" in bench.profiles:
        return True, "bench.profiles"
    return None, ""


_LOOKS: Final[dict[ContextKey, Callable[[Plan, Record | None], Shown]]] = {
    "accelerator": lambda _, record: _accelerator(record),
    "peak_requests_at_once": lambda plan, _: _peak(plan),
    "data_may_leave": lambda plan, _: _may_leave(plan),
    "weights": _weights,
    "long_prompts": lambda plan, _: _long_prompts(plan),
}
"""What can be seen elsewhere than in the plan's context."""
