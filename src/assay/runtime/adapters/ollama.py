"""What does Ollama say of itself?

`/api/tags` has the digest of the manifest, `/api/show` what the weights file and the Modelfile state, `/api/ps` the
context in force, but only while the model is loaded. Asking loads nothing.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from assay.runtime.adapters.adapter import Adapter, Mark
from assay.runtime.adapters.asking import count, dig, fact, label, text, unknown, whole
from assay.runtime.adapters.common import HERE, SHARED
from assay.runtime.adapters.endpoints import authentication, health_endpoint
from assay.runtime.adapters.sampling import settings_text

if TYPE_CHECKING:
    from pydantic import JsonValue

    from assay.runtime.adapters.asking import Answer, Server
    from assay.schema.provenance import Fact, FactName

__all__ = ["ADAPTER"]

_VERSION = "/api/version"

_DIGEST = re.compile(r"[0-9a-f]{64}")
_MOST_SETTINGS = 100


async def _recognise(server: Server) -> Mark | None:
    # Not by `/api/tags`: SGLang imitates it with an invented digest.
    answer = await server.get(_VERSION)
    return Mark(answer, "version") if text(dig(answer.body, "version")) is not None else None


async def _collect(server: Server, model: str | None) -> tuple[Fact, ...]:
    """Return what the store, the model's own statements and the loaded process show."""
    tags, version = await server.get("/api/tags"), await server.get(_VERSION)
    entry = _entry(tags, model)
    name = text(dig(entry, "name"))
    # Ollama has neither keys nor a health route; `/` says only that the process answers.
    doors = (await authentication(server), await health_endpoint(server, "/"))
    return (
        fact("runtime_version", text(dig(version.body, "version")), version, "version"),
        _executed_at(tags, entry),
        label("model_id", name, tags, "name") if entry is not None else _not_listed(tags, model),
        _revision(tags, entry),
        *(await _shown(server, name) if name is not None else ()),
        *(await _in_force(server, name) if name is not None else ()),
        *doors,
    )


def _entry(answer: Answer, model: str | None) -> JsonValue:
    """Return the model's entry; a name without a tag means `latest`, and no name the only model there is."""
    models = dig(answer.body, "models")
    found = models if isinstance(models, list) else []
    if model is None:
        return found[0] if len(found) == 1 else None
    # A name may be any JSON of a hostile server, and a set wants what can be hashed.
    names = [model, f"{model}:latest"]
    return next((entry for entry in found if dig(entry, "name") in names), None)


def _not_listed(tags: Answer, model: str | None) -> Fact:
    if dig(tags.body, "models") is None:
        return unknown("model_id", tags.shortfall)
    return unknown("model_id", f"{tags.asked} lists {'not one model alone' if model is None else f'no model {model}'}")


def _executed_at(tags: Answer, entry: JsonValue) -> Fact:
    """Return where the model runs: one with a remote host is in the list and runs elsewhere all the same."""
    if entry is None:
        return unknown("executed_at", tags.shortfall)
    host = text(dig(entry, "remote_host"))
    if host is None and dig(entry, "remote_model") is None:
        return fact("executed_at", HERE, tags, "no remote_host")
    try:
        named = urlsplit(host or "").netloc or host or "not said"
    except ValueError:
        named = host or "not said"
    return fact("executed_at", f"elsewhere: {named}", tags, "remote_host")


def _revision(tags: Answer, entry: JsonValue) -> Fact:
    """Return the digest of the manifest, which pins weights, template, settings and licence together."""
    if (host := text(dig(entry, "remote_host"))) is not None:
        return unknown("revision", f"{tags.asked} remote_host: the model runs elsewhere, at {host}")
    digest = text(dig(entry, "digest"))
    return fact("revision", digest if digest and _DIGEST.fullmatch(digest) else None, tags, "digest (of the manifest)")


async def _shown(server: Server, name: str) -> tuple[Fact, ...]:
    show = await server.post("/api/show", {"model": name})
    info = dig(show.body, "model_info")
    architecture = text(dig(info, "general.architecture"))
    trained = f"{architecture}.context_length"
    template = dig(show.body, "template")
    digest = (
        hashlib.sha256(template.encode("utf-8", "surrogatepass")).hexdigest() if isinstance(template, str) else None
    )
    return (
        label(
            "quantization", text(dig(show.body, "details", "quantization_level")), show, "details.quantization_level"
        ),
        fact("architecture", architecture, show, "model_info general.architecture"),
        fact("parameters", whole(dig(info, "general.parameter_count")), show, "model_info general.parameter_count"),
        _license(show, info),
        fact("context_trained", whole(dig(info, trained)), show, f"model_info {trained}"),
        fact("chat_template_sha256", digest, show, "template"),
        fact("sampling_defaults", settings_text(_settings(dig(show.body, "parameters"))), show, "parameters"),
    )


def _license(show: Answer, info: JsonValue) -> Fact:
    """Return the licence that the weights file names, else the first line of the text that came with them."""
    named = text(dig(info, "general.license"))
    if named is not None:
        return label("license", named, show, "model_info general.license")
    terms = dig(show.body, "license")
    lines = terms.strip().splitlines() if isinstance(terms, str) else []
    return label("license", text(lines[0].strip()) if lines else None, show, "license (first line)")


def _settings(lines: JsonValue) -> JsonValue:
    """Return the numbers in a Modelfile's parameters, one `name value` a line."""
    settings: dict[str, JsonValue] = {}
    for line in lines.splitlines()[:_MOST_SETTINGS] if isinstance(lines, str) else []:
        name, _, value = line.partition(" ")
        try:
            settings[name] = float(value)
        except ValueError:
            continue
    return settings


async def _in_force(server: Server, name: str) -> tuple[Fact, ...]:
    loaded = await server.get("/api/ps")
    entry = _entry(loaded, name)
    if loaded.body is not None and entry is None:
        reason = f"{loaded.asked} lists a model only while it is loaded, and it is not"
        return tuple(unknown(one, reason) for one in _WHILE_LOADED)
    return (
        fact("context_in_force", whole(dig(entry, "context_length")), loaded, "context_length"),
        fact("memory_bytes", whole(dig(entry, "size")), loaded, "size (Ollama's own estimate)"),
        fact("accelerator_memory_bytes", count(dig(entry, "size_vram")), loaded, "size_vram (Ollama's own estimate)"),
    )


_WHILE_LOADED: tuple[FactName, ...] = ("context_in_force", "memory_bytes", "accelerator_memory_bytes")

ADAPTER = Adapter(
    mark="`version` in GET /api/version",
    recognise=_recognise,
    collect=_collect,
    shows={
        **SHARED,
        "runtime_version": "GET /api/version",
        "executed_at": "GET /api/tags remote_host",
        "model_id": "GET /api/tags name: a label",
        "revision": "GET /api/tags digest, of the manifest",
        "quantization": "POST /api/show details.quantization_level: a label",
        "architecture": "POST /api/show model_info",
        "parameters": "POST /api/show model_info",
        "license": "POST /api/show model_info general.license, or the first line of license",
        "context_in_force": "GET /api/ps context_length, while the model is loaded",
        "context_trained": "POST /api/show model_info",
        "chat_template_sha256": "POST /api/show template",
        "sampling_defaults": "POST /api/show parameters; `/v1` sends 1.0 over temperature and top_p",
        "memory_bytes": "GET /api/ps size, while the model is loaded",
        "accelerator_memory_bytes": "GET /api/ps size_vram, while the model is loaded",
        "health_endpoint": "GET /, which says only that the process answers",
        "authentication": "GET /v1/models without a key",
    },
    cannot={
        "slots": "see OLLAMA_NUM_PARALLEL",
        "kv_cache_tokens": "the context in force times OLLAMA_NUM_PARALLEL",
        "kv_cache_use": "it has no metrics",
        "requests_running": "it has no metrics",
        "requests_waiting": "it has no metrics; beyond OLLAMA_MAX_QUEUE it answers 503",
    },
    lists_all=True,
)
