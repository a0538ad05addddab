"""What does Ollama say of itself?

`/api/tags` has the digest of the manifest, `/api/show` what the weights file and the Modelfile state, `/api/ps` the
context in force, but only while the model is loaded. Asking loads nothing.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from assay.runtime.adapters.asking import dig, fact, label, text, unknown, whole
from assay.runtime.adapters.endpoints import authentication, health_endpoint
from assay.runtime.adapters.sampling import settings_text

if TYPE_CHECKING:
    from pydantic import JsonValue

    from assay.runtime.adapters.asking import Answer, Server
    from assay.schema.provenance import Fact

__all__ = ["collect"]

_DIGEST = re.compile(r"[0-9a-f]{64}")
_MOST_SETTINGS = 100


async def collect(server: Server, model: str | None) -> tuple[Fact, ...]:
    """Return what the store, the model's own statements and the loaded process show."""
    tags = await server.get("/api/tags")
    entry = _entry(tags, model)
    name = text(dig(entry, "name"))
    # Ollama has neither keys nor a health route; `/` says only that the process answers.
    doors = (await authentication(server), await health_endpoint(server, "/"))
    return (
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
    return next((entry for entry in found if dig(entry, "name") in {model, f"{model}:latest"}), None)


def _not_listed(tags: Answer, model: str | None) -> Fact:
    if dig(tags.body, "models") is None:
        return unknown("model_id", tags.shortfall)
    return unknown("model_id", f"{tags.asked} lists {'not one model alone' if model is None else f'no model {model}'}")


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
        return (unknown("context_in_force", f"{loaded.asked} lists a model only while it is loaded, and it is not"),)
    return (fact("context_in_force", whole(dig(entry, "context_length")), loaded, "context_length"),)
