"""What does llama-server say of itself?

`/v1/models` and `/props` hold nearly all of it. `/props` also holds the path of the weights and the whole chat
template: of these only the file's name and a digest are kept. Reading `/metrics` begins its averages anew; the two
counts that are taken from there are not averages.
"""

from __future__ import annotations

import hashlib
import ntpath
from typing import TYPE_CHECKING

from assay.runtime.adapters import metrics
from assay.runtime.adapters.adapter import Adapter, Mark
from assay.runtime.adapters.asking import dig, fact, label, text, unknown, whole
from assay.runtime.adapters.common import NO_LICENCE, SHARED, owned_by, runs_here
from assay.runtime.adapters.endpoints import LISTING, authentication, entry_of, health_endpoint
from assay.runtime.adapters.sampling import settings_text
from assay.runtime.dialect import Dialect

if TYPE_CHECKING:
    from assay.runtime.adapters.asking import Answer, Server
    from assay.schema.provenance import Fact

__all__ = ["ADAPTER"]

_NO_BUILD = "b0-unknown"
_PROPS = "/props"
_SETTINGS = "default_generation_settings"


async def _recognise(server: Server) -> Mark | None:
    listing = await server.get(LISTING)
    if listing.headers.get("Server") == "llama.cpp":
        return Mark(listing, "header Server")
    return await owned_by("llamacpp")(server)


async def _collect(server: Server, model: str | None) -> tuple[Fact, ...]:
    listing, props, page = await server.get(LISTING), await server.get(_PROPS), await server.get("/metrics")
    entry = entry_of(listing, model)
    name = text(dig(entry, "id"))
    template = dig(props.body, "chat_template")
    return (
        _version(props),
        runs_here("llama.cpp"),
        # Without an alias the id is the path of the file; only its last part is of use elsewhere.
        label("model_id", ntpath.basename(name) if name else None, listing, "id"),
        label("quantization", text(dig(entry, "meta", "ftype")), listing, "meta.ftype"),
        fact("parameters", whole(dig(entry, "meta", "n_params")), listing, "meta.n_params"),
        # The window of one slot: the server divides its context by its slots.
        fact("context_in_force", whole(dig(props.body, _SETTINGS, "n_ctx")), props, f"{_SETTINGS}.n_ctx"),
        fact("context_trained", whole(dig(entry, "meta", "n_ctx_train")), listing, "meta.n_ctx_train"),
        fact("slots", whole(dig(props.body, "total_slots")), props, "total_slots"),
        fact("chat_template_sha256", _sha256(template) if isinstance(template, str) else None, props, "chat_template"),
        fact("sampling_defaults", settings_text(dig(props.body, _SETTINGS, "params")), props, f"{_SETTINGS}.params"),
        await _cache_use(server),
        fact("requests_running", metrics.count(page, "llamacpp:requests_processing"), page, "requests_processing"),
        fact("requests_waiting", metrics.count(page, "llamacpp:requests_deferred"), page, "requests_deferred"),
        await health_endpoint(server, "/health"),
        # Some versions leave the list of models open whatever the key; the properties are always guarded.
        await authentication(server, _PROPS),
    )


def _version(props: Answer) -> Fact:
    build = text(dig(props.body, "build_info"))
    if build == _NO_BUILD:
        return unknown("runtime_version", f"{props.asked} build_info is {_NO_BUILD}: the build does not know")
    return fact("runtime_version", build, props, "build_info")


async def _cache_use(server: Server) -> Fact:
    """Return which share of all slots' windows holds tokens now; no series says it any more."""
    answer = await server.get("/slots")
    slots = answer.body if isinstance(answer.body, list) else []
    windows = [whole(dig(slot, "n_ctx")) for slot in slots]
    if not windows or None in windows:
        return unknown("kv_cache_use", answer.shortfall)
    held = sum(
        (whole(dig(slot, "n_prompt_tokens")) or 0) + (whole(dig(slot, "next_token", 0, "n_decoded")) or 0)
        for slot in slots
    )
    used = held / sum(window for window in windows if window is not None)
    return fact("kv_cache_use", f"{100 * min(used, 1):.3g}%", answer, "tokens in the slots' windows")


def _sha256(template: str) -> str:
    return hashlib.sha256(template.encode("utf-8", "surrogatepass")).hexdigest()


ADAPTER = Adapter(
    mark="header `Server: llama.cpp`, or `owned_by: llamacpp` in GET /v1/models",
    recognise=_recognise,
    collect=_collect,
    shows={
        **SHARED,
        "runtime_version": "GET /props build_info",
        "executed_at": "it runs its models itself",
        "model_id": "GET /v1/models id: a label",
        "quantization": "GET /v1/models meta.ftype: a label",
        "parameters": "GET /v1/models meta.n_params",
        "context_in_force": "GET /props default_generation_settings.n_ctx, of one slot",
        "context_trained": "GET /v1/models meta.n_ctx_train",
        "slots": "GET /props total_slots",
        "chat_template_sha256": "GET /props chat_template",
        "sampling_defaults": "GET /props default_generation_settings.params",
        "kv_cache_use": "GET /slots",
        "requests_running": "GET /metrics requests_processing; needs --metrics",
        "requests_waiting": "GET /metrics requests_deferred; needs --metrics",
        "health_endpoint": "GET /health",
        "authentication": "GET /props without a key",
    },
    cannot={
        "revision": "it leaves the digest empty; give `weights` in the plan",
        "architecture": "give `weights` in the plan",
        "license": NO_LICENCE,
        "memory_bytes": "see the server's process",
        "accelerator_memory_bytes": "see the accelerator's own tool, or the server's log",
        "kv_cache_tokens": "the context in force times the slots, unless the slots share one cache",
    },
    lists_all=True,
    dialect=Dialect(ignores_end=True),
)
