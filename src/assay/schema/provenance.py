"""What is it that was tested: facts about model, weights, runtime and host, each with where it was seen."""

from __future__ import annotations

from typing import Literal

from assay.schema._base import Noun, Status

__all__ = ["CandidateFacts", "Capacity", "Fact", "FactName", "Host", "Licence", "PinCheck"]

FactName = Literal[
    "runtime",
    "runtime_version",
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
    "metrics_endpoint",
    "health_endpoint",
    "authentication",
    "cors",
]


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


class Licence(Noun):
    """What the licence of the weights allows, as far as it is known."""

    identifier: str | None
    """SPDX identifier or the model hub's tag; None when no statement was found."""
    family: str
    """Name of the licence, or `unidentified`."""
    commercial: Literal["yes", "conditional", "no", "unknown"]
    """Whether commercial use is allowed."""
    internal_evaluation: Literal["yes", "conditional", "no", "unknown"]
    """Whether a company may evaluate the model for itself."""
    conditions: tuple[str, ...]
    """Conditions and obligations, one sentence each."""
    statements: tuple[str, ...]
    """Each place that states a licence, with what it states."""
    agreed: bool | None
    """Whether all statements say the same; None with fewer than one."""
    source: str
    """Where the terms were read."""


class Capacity(Noun):
    """Memory that weights and KV cache need, by arithmetic."""

    weights_bytes: int | None
    """Bytes of the weights file."""
    kv_bytes_per_token: int | None
    """Bytes of KV cache for one token at 16-bit cache types."""
    kv_bytes_in_force: int | None
    """Bytes of KV cache when every slot's context is full."""
    formula: str
    """How the KV figure was had."""


class CandidateFacts(Noun):
    """All that is known about one candidate."""

    candidate: str
    """Candidate id."""
    facts: tuple[Fact, ...]
    """Facts in the order of FactName; every name is there, unknown ones too."""
    pins: tuple[PinCheck, ...]
    """Pins of the plan against the facts."""
    licence: Licence
    """What the licence allows."""
    capacity: Capacity
    """What it needs in memory."""
    server_pid: int | None = None
    """Process id of the server where it is known (an embedded one); None otherwise."""

    def fact(self, name: FactName) -> Fact:
        """Return one fact; a missing one is unknown."""
        for fact in self.facts:
            if fact.name == name:
                return fact
        return Fact(name=name, value=None, grade="unknown", source="not looked for")


class Host(Noun):
    """The machine that the harness ran on."""

    system: str
    """Operating system and release."""
    machine: str
    """Processor architecture."""
    processor: str
    """Processor's own name."""
    cores: int
    """Logical processors that the process may use."""
    memory_bytes: int
    """Physical memory."""
    accelerators: tuple[str, ...] | None
    """Accelerators seen, or None when nobody looked."""
    load_1m: float | None
    """Load average over a minute when the run began, or None."""
