"""What can be learned of a gateway that passes OpenAI's protocol on: Kong, Envoy, nginx, Portkey, one of your own?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.runtime.adapters.adapter import Adapter, Mark
from assay.runtime.adapters.asking import dig, fact, whole
from assay.runtime.adapters.cloud import CANNOT, SHOWS, collect
from assay.runtime.adapters.common import header_mark
from assay.runtime.adapters.endpoints import LISTING, entry_of

if TYPE_CHECKING:
    from assay.runtime.adapters.asking import Server
    from assay.schema.provenance import Fact

__all__ = ["ADAPTER", "OF_ANY"]

_OWN_HEADERS = ("x-kong-request-id", "x-kong-upstream-latency", "x-envoy-upstream-service-time", "x-portkey-trace-id")
_SERVERS = ("nginx", "envoy", "kong", "openresty", "caddy", "apisix")
_BEHIND = "what stands behind it may say so: probe that server itself"


async def _recognise(server: Server) -> Mark | None:
    listing = await server.get(LISTING)
    name = listing.headers.get("Server", "").lower()
    if name.startswith(_SERVERS):
        return Mark(listing, "header Server")
    return await header_mark(*_OWN_HEADERS)(server)


async def _collect(server: Server, model: str | None) -> tuple[Fact, ...]:
    listing = await server.get(LISTING)
    window = whole(dig(entry_of(listing, model), "max_model_len"))
    return (*await collect(server, model), fact("context_in_force", window, listing, "max_model_len"))


ADAPTER = Adapter(
    mark="headers of Kong, Envoy, Portkey, nginx, OpenResty, APISIX or Caddy",
    recognise=_recognise,
    collect=_collect,
    shows={**SHOWS, "context_in_force": "GET /v1/models max_model_len, where the server behind it is vLLM or SGLang"},
    cannot={name: _BEHIND for name in CANNOT if name != "context_in_force"},
)

OF_ANY = _collect
"""How a server is asked that did not show what it is."""
