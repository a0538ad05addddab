"""What does Text Generation Inference say of itself?

`/info` holds model, commit and limits; it stands before the API key, as everything but generation does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.runtime.adapters import metrics
from assay.runtime.adapters.adapter import Adapter, Mark
from assay.runtime.adapters.asking import dig, fact, label, text, whole
from assay.runtime.adapters.common import NO_LICENCE, NO_WEIGHTS, SHARED, runs_here
from assay.runtime.adapters.endpoints import authentication, health_endpoint
from assay.runtime.dialect import Dialect

if TYPE_CHECKING:
    from pydantic import JsonValue

    from assay.runtime.adapters.asking import Answer, Server
    from assay.schema.provenance import Fact

__all__ = ["ADAPTER"]

_INFO = "/info"


async def _recognise(server: Server) -> Mark | None:
    info = await server.get(_INFO)
    return Mark(info, "router") if dig(info.body, "router") == "text-generation-router" else None


async def _collect(server: Server, _: str | None) -> tuple[Fact, ...]:
    info, page = await server.get(_INFO), await server.get("/metrics")
    return (
        fact("runtime_version", text(dig(info.body, "version")), info, "version"),
        runs_here("TGI"),
        _model_id(info),
        fact("revision", text(dig(info.body, "model_sha")), info, "model_sha"),
        fact("context_in_force", whole(dig(info.body, "max_total_tokens")), info, "max_total_tokens"),
        fact("slots", whole(dig(info.body, "max_concurrent_requests")), info, "max_concurrent_requests"),
        fact("requests_running", metrics.count(page, "tgi_batch_current_size"), page, "tgi_batch_current_size"),
        fact("requests_waiting", metrics.count(page, "tgi_queue_size"), page, "tgi_queue_size"),
        await health_endpoint(server, "/health"),
        # The one path before which it puts its key; an empty body cannot generate.
        await authentication(server, "/v1/chat/completions", body={}),
    )


def _model_id(info: Answer) -> Fact:
    """Return what was loaded; a path is only a label."""
    name = text(dig(info.body, "model_id"))
    if name is not None and name.startswith(("/", ".", "~")):
        return label("model_id", name.rstrip("/").rpartition("/")[2] or None, info, "model_id (last part of a path)")
    return fact("model_id", name, info, "model_id")


def _response_format(schema: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Return TGI's own shape: it refuses OpenAI's key `json_schema`."""
    return {"type": "json_schema", "value": {"name": "answer", "schema": schema}}


ADAPTER = Adapter(
    mark="`router: text-generation-router` in GET /info",
    recognise=_recognise,
    collect=_collect,
    shows={
        **SHARED,
        "runtime_version": "GET /info version",
        "executed_at": "it runs its models itself",
        "model_id": "GET /info model_id: a repository's name, or a path as a label",
        "revision": "GET /info model_sha; null for a local folder",
        "context_in_force": "GET /info max_total_tokens",
        "slots": "GET /info max_concurrent_requests",
        "requests_running": "GET /metrics tgi_batch_current_size",
        "requests_waiting": "GET /metrics tgi_queue_size",
        "health_endpoint": "GET /health",
        "authentication": "POST /v1/chat/completions with an empty body, without a key",
    },
    cannot={
        "quantization": "its /info no longer says how the weights are held; see the options it was started with",
        "architecture": NO_WEIGHTS,
        "parameters": NO_WEIGHTS,
        "license": NO_LICENCE,
        "context_trained": "give `weights` in the plan, or see config.json",
        "chat_template_sha256": NO_WEIGHTS,
        "sampling_defaults": "it samples with the model's own defaults where a request says nothing",
        "memory_bytes": "see the server's process",
        "accelerator_memory_bytes": "see the accelerator's own tool",
        "kv_cache_tokens": "see the server's log",
        "kv_cache_use": "no series says it",
    },
    dialect=Dialect(response_format=_response_format, stop_as="list", reasoning_fields=()),
)
