"""What does LM Studio say of itself?

Its own API lists what is loaded and how. The version of the app is nowhere to be read; that of the engine comes with an
answer of `/api/v0/chat/completions` only, which generates text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.runtime.adapters.adapter import Adapter, Mark
from assay.runtime.adapters.asking import dig, fact, label, text, whole
from assay.runtime.adapters.common import NO_LICENCE, SHARED, runs_here
from assay.runtime.adapters.endpoints import authentication

if TYPE_CHECKING:
    from pydantic import JsonValue

    from assay.runtime.adapters.asking import Answer, Server
    from assay.schema.provenance import Fact

__all__ = ["ADAPTER"]

_NEW = "/api/v1/models"
_OLD = "/api/v0/models"


async def _recognise(server: Server) -> Mark | None:
    for path, among, field in ((_NEW, "models", "loaded_instances"), (_OLD, "data", "compatibility_type")):
        answer = await server.get(path)
        if dig(answer.body, among, 0, field) is not None:
            return Mark(answer, f"{among}[].{field}")
    return None


async def _collect(server: Server, model: str | None) -> tuple[Fact, ...]:
    new = await server.get(_NEW)
    shared = (runs_here("LM Studio"), await authentication(server))
    if dig(new.body, "models") is not None:
        return (*_of_new(new, _entry(dig(new.body, "models"), "key", model)), *shared)
    old = await server.get(_OLD)
    return (*_of_old(old, _entry(dig(old.body, "data"), "id", model)), *shared)


def _of_new(answer: Answer, entry: JsonValue) -> tuple[Fact, ...]:
    config = dig(entry, "loaded_instances", 0, "config")
    return (
        label("model_id", text(dig(entry, "selected_variant")) or text(dig(entry, "key")), answer, "selected_variant"),
        label("quantization", text(dig(entry, "quantization", "name")), answer, "quantization.name"),
        fact("architecture", text(dig(entry, "architecture")), answer, "architecture"),
        fact("context_in_force", whole(dig(config, "context_length")), answer, "loaded_instances[0].context_length"),
        fact("context_trained", whole(dig(entry, "max_context_length")), answer, "max_context_length"),
        fact("slots", whole(dig(config, "parallel")), answer, "loaded_instances[0].parallel"),
    )


def _of_old(answer: Answer, entry: JsonValue) -> tuple[Fact, ...]:
    return (
        label("model_id", text(dig(entry, "id")), answer, "id"),
        label("quantization", text(dig(entry, "quantization")), answer, "quantization"),
        fact("architecture", text(dig(entry, "arch")), answer, "arch"),
        fact("context_in_force", whole(dig(entry, "loaded_context_length")), answer, "loaded_context_length"),
        fact("context_trained", whole(dig(entry, "max_context_length")), answer, "max_context_length"),
    )


def _entry(models: JsonValue, name: str, model: str | None) -> JsonValue:
    found = models if isinstance(models, list) else []
    named = [entry for entry in found if model is not None and dig(entry, name) == model]
    return named[0] if named else found[0] if len(found) == 1 else None


ADAPTER = Adapter(
    mark="`loaded_instances` in GET /api/v1/models, or `compatibility_type` in GET /api/v0/models",
    recognise=_recognise,
    collect=_collect,
    shows={
        **SHARED,
        "executed_at": "it runs its models itself",
        "model_id": "GET /api/v1/models selected_variant: a label",
        "quantization": "GET /api/v1/models quantization.name: a label",
        "architecture": "GET /api/v1/models architecture",
        "context_in_force": "GET /api/v1/models loaded_instances[].config.context_length",
        "context_trained": "GET /api/v1/models max_context_length",
        "slots": "GET /api/v1/models loaded_instances[].config.parallel",
        "authentication": "GET /v1/models without a key",
    },
    cannot={
        "runtime_version": "only an answer of /api/v0/chat/completions names the engine's version; see the app",
        "revision": "it keeps no digest; give `weights` in the plan",
        "parameters": "it names a rounded size only; give `weights` in the plan",
        "license": NO_LICENCE,
        "chat_template_sha256": "give `weights` in the plan",
        "sampling_defaults": "they are a preset of the app",
        "memory_bytes": "it names the size of the file only; see the server's process",
        "accelerator_memory_bytes": "see the accelerator's own tool",
        "kv_cache_tokens": "the context in force times the slots",
        "kv_cache_use": "no endpoint says it",
        "requests_running": "no endpoint says it",
        "requests_waiting": "`lms ps --json` says it",
        "health_endpoint": "it has none",
    },
    lists_all=True,
)
