"""What does vLLM say of itself?

Its version, in the list of models what was loaded and how long a request may be, and on its page of metrics cache and
queue. Revision, quantization and dtype it tells in developer mode only, which is no mode for production.
"""

from __future__ import annotations

import ntpath
from typing import TYPE_CHECKING

from assay.runtime.adapters import metrics
from assay.runtime.adapters.adapter import Adapter
from assay.runtime.adapters.asking import dig, fact, label, text, whole
from assay.runtime.adapters.common import NO_LICENCE, NO_WEIGHTS, SHARED, owned_by, runs_here
from assay.runtime.adapters.endpoints import LISTING, authentication, entry_of, health_endpoint
from assay.runtime.dialect import Dialect

if TYPE_CHECKING:
    from assay.runtime.adapters.asking import Answer, Server
    from assay.schema.provenance import Fact

__all__ = ["ADAPTER"]

_DEVELOPER = "/server_info?config_format=json"
_UNGUARDED = "/invocations"


async def _collect(server: Server, model: str | None) -> tuple[Fact, ...]:
    listing, version, page = await server.get(LISTING), await server.get("/version"), await server.get("/metrics")
    developer = await server.get(_DEVELOPER)
    entry = entry_of(listing, model)
    config = dig(developer.body, "vllm_config", "model_config")
    return (
        fact("runtime_version", text(dig(version.body, "version")), version, "version"),
        runs_here("vLLM"),
        _model_id(text(dig(entry, "root")), listing),
        fact("revision", text(dig(config, "revision")), developer, "model_config.revision"),
        fact("quantization", text(dig(config, "quantization")), developer, "model_config.quantization"),
        fact("context_in_force", whole(dig(entry, "max_model_len")), listing, "max_model_len"),
        fact("memory_bytes", metrics.count(page, "process_resident_memory_bytes"), page, "process_resident_memory"),
        fact("kv_cache_tokens", _cache_tokens(page), page, "vllm:cache_config_info"),
        fact("kv_cache_use", metrics.share(page, "vllm:kv_cache_usage_perc"), page, "vllm:kv_cache_usage_perc"),
        fact("requests_running", metrics.count(page, "vllm:num_requests_running"), page, "vllm:num_requests_running"),
        fact("requests_waiting", metrics.count(page, "vllm:num_requests_waiting"), page, "vllm:num_requests_waiting"),
        await health_endpoint(server, "/health"),
        await _authentication(server),
    )


def _model_id(root: str | None, listing: Answer) -> Fact:
    """Return what was loaded: a repository's name as it stands, of a path the last part."""
    if root is None or not root.startswith(("/", ".", "~")):
        return fact("model_id", root, listing, "root")
    return label("model_id", ntpath.basename(root.rstrip("/")) or None, listing, "root (last part of a path)")


def _cache_tokens(page: Answer) -> int | None:
    """Return how many tokens the KV cache holds: blocks times their size."""
    found = metrics.labels(page, "vllm:cache_config_info")
    blocks, size = found.get("num_gpu_blocks", ""), found.get("block_size", "")
    short = all(part.isascii() and part.isdigit() and len(part) < 10 for part in (blocks, size))  # noqa: PLR2004
    return int(blocks) * int(size) if short else None


async def _authentication(server: Server) -> Fact:
    """Return whether a key is required, on every path that generates text.

    With `--api-key` vLLM guards `/v1` and leaves `/invocations` open, which completes a chat just as well.
    """
    guarded = await authentication(server)
    if guarded.value != "required":
        return guarded
    around = await authentication(server, _UNGUARDED, body={})
    return around if around.value == "not required" else guarded


ADAPTER = Adapter(
    mark="`owned_by: vllm` in GET /v1/models",
    recognise=owned_by("vllm"),
    collect=_collect,
    shows={
        **SHARED,
        "runtime_version": "GET /version",
        "executed_at": "it runs its models itself",
        "model_id": "GET /v1/models root: a repository's name, or a path as a label",
        "revision": "GET /server_info model_config.revision; needs developer mode and --revision",
        "quantization": "GET /server_info model_config.quantization; needs developer mode",
        "context_in_force": "GET /v1/models max_model_len",
        "memory_bytes": "GET /metrics process_resident_memory_bytes",
        "kv_cache_tokens": "GET /metrics vllm:cache_config_info",
        "kv_cache_use": "GET /metrics vllm:kv_cache_usage_perc",
        "requests_running": "GET /metrics vllm:num_requests_running",
        "requests_waiting": "GET /metrics vllm:num_requests_waiting",
        "health_endpoint": "GET /health",
        "authentication": "GET /v1/models and POST /invocations without a key",
    },
    cannot={
        "architecture": NO_WEIGHTS,
        "parameters": NO_WEIGHTS,
        "license": NO_LICENCE,
        "context_trained": "give `weights` in the plan, or see config.json",
        "slots": "it batches as many requests as its cache holds, up to --max-num-seqs",
        "chat_template_sha256": NO_WEIGHTS,
        "sampling_defaults": "it takes generation_config.json of the model unless --generation-config vllm is given",
        "accelerator_memory_bytes": "it fills the share of --gpu-memory-utilization; see the accelerator's tool",
    },
    lists_all=True,
    dialect=Dialect(continuous_usage=True, ignores_end=True),
)
