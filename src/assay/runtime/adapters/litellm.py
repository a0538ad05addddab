"""What does a LiteLLM proxy say of itself, and of the servers behind it?

`/health` is never asked: it makes a completion on every deployment. Addresses of upstream servers are internal data, so
only the host is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from assay.runtime.adapters import metrics
from assay.runtime.adapters.adapter import Adapter, Mark
from assay.runtime.adapters.asking import count, dig, fact, label, text, unknown, whole
from assay.runtime.adapters.common import NO_LICENCE, SHARED
from assay.runtime.adapters.endpoints import LISTING, authentication, health_endpoint

if TYPE_CHECKING:
    from pydantic import JsonValue

    from assay.runtime.adapters.asking import Answer, Server
    from assay.schema.provenance import Fact

__all__ = ["ADAPTER"]

_HEADER = "x-litellm-version"
_DETAILS = "/health/readiness/details"
_ALIVE = "/health/liveliness"
_BEHIND = "what stands behind it may say so: probe that server itself"


async def _recognise(server: Server) -> Mark | None:
    listing = await server.get(LISTING)
    if text(listing.headers.get(_HEADER)) is not None:
        return Mark(listing, f"header {_HEADER}")
    alive = await server.get(_ALIVE)
    return Mark(alive, "LiteLLM's greeting") if alive.body == "I'm alive!" else None


async def _collect(server: Server, model: str | None) -> tuple[Fact, ...]:
    details, info = await server.get(_DETAILS), await server.get("/model/info")
    backlog, page = await server.get("/health/backlog"), await server.get("/metrics/")
    entry = _deployment(info, model)
    return (
        await _version(server, details),
        _executed_at(info, entry),
        label("model_id", text(dig(entry, "litellm_params", "model")), info, "litellm_params.model"),
        fact("context_in_force", whole(dig(entry, "model_info", "max_input_tokens")), info, "max_input_tokens"),
        fact("memory_bytes", metrics.count(page, "process_resident_memory_bytes"), page, "of the proxy alone"),
        fact("requests_running", count(dig(backlog.body, "in_flight_requests")), backlog, "in_flight_requests"),
        fact("requests_waiting", count(dig(backlog.body, "queued_requests")), backlog, "queued_requests"),
        await health_endpoint(server, _ALIVE),
        await authentication(server),
    )


async def _version(server: Server, details: Answer) -> Fact:
    listing = await server.get(LISTING)
    if (told := text(listing.headers.get(_HEADER))) is not None:
        return fact("runtime_version", told, listing, f"header {_HEADER}")
    return fact("runtime_version", text(dig(details.body, "litellm_version")), details, "litellm_version")


def _deployment(info: Answer, model: str | None) -> JsonValue:
    """Return the one deployment of a model; of several nobody can say which one answers."""
    data = dig(info.body, "data")
    found = [entry for entry in (data if isinstance(data, list) else []) if dig(entry, "model_name") is not None]
    named = [entry for entry in found if model is None or dig(entry, "model_name") == model]
    return named[0] if len(named) == 1 else None


def _executed_at(info: Answer, entry: JsonValue) -> Fact:
    base = text(dig(entry, "litellm_params", "api_base"))
    try:
        host = urlsplit(base or "").hostname
    except ValueError:
        host = None
    if host is None:
        return unknown("executed_at", f"{info.asked} names no one address behind this model; {_BEHIND}")
    return fact("executed_at", f"elsewhere: {host}", info, "litellm_params.api_base (host)")


ADAPTER = Adapter(
    mark="header `x-litellm-version`, or LiteLLM's greeting at GET /health/liveliness",
    recognise=_recognise,
    collect=_collect,
    shows={
        **SHARED,
        "runtime_version": "header x-litellm-version, or GET /health/readiness/details litellm_version",
        "executed_at": "GET /model/info litellm_params.api_base, the host only",
        "model_id": "GET /model/info litellm_params.model: a label",
        "context_in_force": "GET /model/info max_input_tokens; null for a model that its price list does not have",
        "memory_bytes": "GET /metrics/ process_resident_memory_bytes, of the proxy alone",
        "requests_running": "GET /health/backlog in_flight_requests",
        "requests_waiting": "GET /health/backlog queued_requests",
        "health_endpoint": "GET /health/liveliness; ready whatever the servers behind it do",
        "authentication": "GET /v1/models without a key",
    },
    cannot={
        "revision": _BEHIND,
        "quantization": _BEHIND,
        "architecture": _BEHIND,
        "parameters": _BEHIND,
        "license": NO_LICENCE,
        "context_trained": _BEHIND,
        "slots": _BEHIND,
        "chat_template_sha256": _BEHIND,
        "sampling_defaults": _BEHIND,
        "accelerator_memory_bytes": _BEHIND,
        "kv_cache_tokens": _BEHIND,
        "kv_cache_use": _BEHIND,
    },
)
