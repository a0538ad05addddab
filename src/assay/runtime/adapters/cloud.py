"""What can be learned of a service that shows a list of models and nothing of what runs behind it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.runtime.adapters.common import SHARED, listed_id
from assay.runtime.adapters.endpoints import authentication

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.runtime.adapters.asking import Server
    from assay.schema.provenance import Fact, FactName

__all__ = ["CANNOT", "SHOWS", "collect"]

_HIDDEN = "the service does not say; see its contract and its model page"

SHOWS: Mapping[FactName, str] = {
    **SHARED,
    "model_id": "GET /v1/models id: a label",
    "authentication": "GET /v1/models without a key",
}
"""What its list of models shows."""

_NAMES: tuple[FactName, ...] = (
    "runtime_version",
    "executed_at",
    "revision",
    "quantization",
    "architecture",
    "parameters",
    "license",
    "context_in_force",
    "context_trained",
    "slots",
    "chat_template_sha256",
    "sampling_defaults",
    "memory_bytes",
    "accelerator_memory_bytes",
    "kv_cache_tokens",
    "kv_cache_use",
    "requests_running",
    "requests_waiting",
    "health_endpoint",
)

CANNOT: Mapping[FactName, str] = {
    **dict.fromkeys(_NAMES, _HIDDEN),
    "revision": "it names snapshots only: pin the dated name as `model`",
    "license": "its terms of service stand in place of a licence of weights",
}
"""What nothing shows."""


async def collect(server: Server, model: str | None) -> tuple[Fact, ...]:
    """Return the name in the list, and whether a key is wanted."""
    return await listed_id(server, model), await authentication(server)
