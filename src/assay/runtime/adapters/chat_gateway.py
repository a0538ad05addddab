"""What does a gateway with the plain contract say of itself: `POST /chat`, `GET /health`?

Its `GET /ready` may put a question to the model, and looking generates nothing: it is not asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.runtime.adapters.adapter import Adapter, Mark
from assay.runtime.adapters.asking import dig, label, text
from assay.runtime.adapters.cloud import CANNOT
from assay.runtime.adapters.endpoints import LISTING, NO_LISTING, authentication, health_endpoint
from assay.runtime.dialect import Dialect

if TYPE_CHECKING:
    from assay.runtime.adapters.asking import Server
    from assay.schema.provenance import Fact, FactName

__all__ = ["ADAPTER"]

_HEALTH = "/health"
_BEHIND = "what stands behind it may say so: probe that server itself"
_KNOWN: frozenset[FactName] = frozenset({"health_endpoint"})


async def _recognise(server: Server) -> Mark | None:
    # Where there is a list of models, `/health` may be LiteLLM's or SGLang's, which generates text when asked.
    if (await server.get(LISTING)).status not in NO_LISTING:
        return None
    health = await server.get(_HEALTH)
    named = text(dig(health.body, "runtime")) is not None and text(dig(health.body, "model")) is not None
    return Mark(health, "runtime and model") if named else None


async def _collect(server: Server, _: str | None) -> tuple[Fact, ...]:
    health = await server.get(_HEALTH)
    return (
        label("model_id", text(dig(health.body, "model")), health, f"model, on {text(dig(health.body, 'runtime'))}"),
        await health_endpoint(server, _HEALTH),
        # An empty body has no messages, so nothing can be generated.
        await authentication(server, "/chat", body={}),
    )


ADAPTER = Adapter(
    mark="`runtime` and `model` in GET /health",
    recognise=_recognise,
    collect=_collect,
    shows={
        "runtime": "its own mark, see above",
        "model_id": "GET /health model: a label",
        "health_endpoint": "GET /health",
        "authentication": "POST /chat with an empty body, without a key",
        "metrics_endpoint": "GET /metrics without a key",
    },
    cannot={
        "model_name_served": "the contract has no list of models",
        "cors": "the contract has no list of models",
        **{name: _BEHIND for name in CANNOT if name not in _KNOWN},
    },
    dialect=Dialect(contract="plain-chat", reasoning_fields=(), stream_usage=False),
)
