"""What is known about a candidate, fact by fact, each with where it was seen?"""

from __future__ import annotations

from typing import Literal, get_args

from assay.schema._base import Noun, Status

__all__ = ["TRAPS", "Fact", "FactName", "PinCheck", "TrapName"]

TrapName = Literal[
    "model_name_checked",
    "token_limit_honoured",
    "usage_in_streams",
    "schema_enforced",
    "repeatable",
    "requests_isolated",
    "prompt_kept_whole",
]

FactName = Literal[
    "runtime",
    "runtime_version",
    "executed_at",
    "model_id",
    "model_name_served",
    "revision",
    "weights_sha256",
    "weights_bytes",
    "quantization",
    "tensor_types",
    "architecture",
    "parameters",
    "license",
    "context_in_force",
    "context_trained",
    "slots",
    "chat_template_sha256",
    "sampling_defaults",
    "request_sent",
    "memory_bytes",
    "accelerator_memory_bytes",
    "kv_cache_tokens",
    "kv_cache_use",
    "requests_running",
    "requests_waiting",
    "metrics_endpoint",
    "health_endpoint",
    "authentication",
    "cors",
    TrapName,
]
"""What can be known, in the order in which it is shown; `docs/runtimes.md` says what each name means."""

TRAPS: tuple[TrapName, ...] = get_args(TrapName)
"""Facts that only asking the model shows: `yes` is as a user expects it, `no` a trap that nothing else tells of."""


class Fact(Noun):
    """One thing that is known about a candidate, or is known to be unknown."""

    name: FactName
    """What it is about."""
    value: str | int | None
    """What was seen, or None when unknown."""
    grade: Literal["observed", "declared", "unknown"]
    """`observed` on server or file, `declared` by a label or the plan only, `unknown`."""
    source: str
    """Where it was seen, for example `GET /props` or `GGUF general.license`; for an unknown, why."""


class PinCheck(Noun):
    """One pin of the plan against what was observed."""

    pin: str
    """Name of the pin."""
    declared: str
    """What the plan says."""
    observed: str | None
    """What was seen, or None."""
    status: Status
    """`met` when they agree, `not_met` when they do not, `unknown` when nothing was seen."""
    source: str
    """Where it was seen, or why it was not."""
