"""What does llama-server say of itself?

`/v1/models` and `/props` hold nearly all of it. `/props` also holds the path of the weights and the whole chat
template: of these only the file's name and a digest are kept.
"""

from __future__ import annotations

import hashlib
import ntpath
from typing import TYPE_CHECKING

from assay.runtime.adapters.asking import dig, fact, label, text, unknown, whole
from assay.runtime.adapters.endpoints import LISTING, authentication, entry_of, health_endpoint
from assay.runtime.adapters.sampling import settings_text

if TYPE_CHECKING:
    from assay.runtime.adapters.asking import Answer, Server
    from assay.schema.provenance import Fact

__all__ = ["collect"]

_NO_BUILD = "b0-unknown"
_PROPS = "/props"


async def collect(server: Server, model: str | None) -> tuple[Fact, ...]:
    """Return what the list of models and the properties show."""
    listing = await server.get(LISTING)
    props = await server.get(_PROPS)
    entry = entry_of(listing, model)
    settings = "default_generation_settings"
    name = text(dig(entry, "id"))
    template = dig(props.body, "chat_template")
    return (
        _version(props),
        # Without an alias the id is the path of the file; only its last part is of use elsewhere.
        label("model_id", ntpath.basename(name) if name else None, listing, "id"),
        label("quantization", text(dig(entry, "meta", "ftype")), listing, "meta.ftype"),
        fact("parameters", whole(dig(entry, "meta", "n_params")), listing, "meta.n_params"),
        # The window of one slot: the server divides its context by its slots.
        fact("context_in_force", whole(dig(props.body, settings, "n_ctx")), props, f"{settings}.n_ctx"),
        fact("context_trained", whole(dig(entry, "meta", "n_ctx_train")), listing, "meta.n_ctx_train"),
        fact("slots", whole(dig(props.body, "total_slots")), props, "total_slots"),
        fact("chat_template_sha256", _sha256(template) if isinstance(template, str) else None, props, "chat_template"),
        fact("sampling_defaults", settings_text(dig(props.body, settings, "params")), props, f"{settings}.params"),
        await health_endpoint(server, "/health"),
        # Some versions leave the list of models open whatever the key; the properties are always guarded.
        await authentication(server, _PROPS),
    )


def _version(props: Answer) -> Fact:
    build = text(dig(props.body, "build_info"))
    if build == _NO_BUILD:
        return unknown("runtime_version", f"{props.asked} build_info is {_NO_BUILD}: the build does not know")
    return fact("runtime_version", build, props, "build_info")


def _sha256(template: str) -> str:
    return hashlib.sha256(template.encode("utf-8", "surrogatepass")).hexdigest()
