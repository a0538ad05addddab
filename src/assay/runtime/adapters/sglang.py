"""What does SGLang say of itself?

`/model_info` holds the model; version, revision and cache stand in `/server_info`, beside its keys in clear text: there
only named fields are read, and nothing else is kept. `/health` generates text, so `/ready` is asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.runtime.adapters import metrics
from assay.runtime.adapters.adapter import Adapter, Mark
from assay.runtime.adapters.asking import dig, fact, text, whole
from assay.runtime.adapters.common import NO_LICENCE, NO_WEIGHTS, SHARED, runs_here
from assay.runtime.adapters.endpoints import LISTING, authentication, entry_of, health_endpoint
from assay.runtime.adapters.sampling import settings_text
from assay.runtime.dialect import Dialect

if TYPE_CHECKING:
    from assay.runtime.adapters.asking import Server
    from assay.schema.provenance import Fact

__all__ = ["ADAPTER"]

_MODEL = "/model_info"
_SERVER = "/server_info"


async def _recognise(server: Server) -> Mark | None:
    info = await server.get(_MODEL)
    return Mark(info, "model_path") if text(dig(info.body, "model_path")) is not None else None


async def _collect(server: Server, model: str | None) -> tuple[Fact, ...]:
    listing, info, config = await server.get(LISTING), await server.get(_MODEL), await server.get(_SERVER)
    page = await server.get("/metrics")
    kept = {name: dig(config.body, name) for name in ("version", "revision", "quantization", "max_total_num_tokens")}
    window = whole(dig(entry_of(listing, model), "max_model_len"))
    return (
        fact("runtime_version", text(kept["version"]), config, "version"),
        runs_here("SGLang"),
        fact("model_id", text(dig(info.body, "model_path")), info, "model_path"),
        fact("revision", text(kept["revision"]), config, "revision"),
        fact("quantization", text(kept["quantization"]), config, "quantization"),
        fact("architecture", text(dig(info.body, "architectures", 0)), info, "architectures"),
        fact("context_in_force", window, listing, "max_model_len"),
        fact(
            "sampling_defaults",
            settings_text(dig(info.body, "preferred_sampling_params")),
            info,
            "preferred_sampling_params",
        ),
        fact("kv_cache_tokens", whole(kept["max_total_num_tokens"]), config, "max_total_num_tokens"),
        fact("kv_cache_use", metrics.share(page, "sglang:token_usage"), page, "sglang:token_usage"),
        fact("requests_running", metrics.count(page, "sglang:num_running_reqs"), page, "sglang:num_running_reqs"),
        fact("requests_waiting", metrics.count(page, "sglang:num_queue_reqs"), page, "sglang:num_queue_reqs"),
        await health_endpoint(server, "/ready"),
        await authentication(server),
    )


ADAPTER = Adapter(
    mark="`model_path` in GET /model_info",
    recognise=_recognise,
    collect=_collect,
    shows={
        **SHARED,
        "runtime_version": "GET /server_info version",
        "executed_at": "it runs its models itself",
        "model_id": "GET /model_info model_path",
        "revision": "GET /server_info revision; null unless it was given at start",
        "quantization": "GET /server_info quantization; null for weights as they are",
        "architecture": "GET /model_info architectures",
        "context_in_force": "GET /v1/models max_model_len",
        "sampling_defaults": "GET /model_info preferred_sampling_params; null unless it was given at start",
        "kv_cache_tokens": "GET /server_info max_total_num_tokens",
        "kv_cache_use": "GET /metrics sglang:token_usage; needs --enable-metrics",
        "requests_running": "GET /metrics sglang:num_running_reqs; needs --enable-metrics",
        "requests_waiting": "GET /metrics sglang:num_queue_reqs; needs --enable-metrics",
        "health_endpoint": "GET /ready",
        "authentication": "GET /v1/models without a key",
    },
    cannot={
        "parameters": NO_WEIGHTS,
        "license": NO_LICENCE,
        "context_trained": "give `weights` in the plan, or see config.json",
        "slots": "it batches as many requests as its cache holds",
        "chat_template_sha256": NO_WEIGHTS,
        "memory_bytes": "see the server's process",
        "accelerator_memory_bytes": "see the accelerator's own tool",
    },
    lists_all=True,
    dialect=Dialect(continuous_usage=True, ignores_end=True),
)
