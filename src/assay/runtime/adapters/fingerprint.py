"""What serves behind an address, told by marks that no other runtime bears and that cost nothing to look for?

The order matters. SGLang answers Ollama's `/api/tags` with an invented digest, and llama.cpp's list of models has
Ollama's shape; so both are looked for before Ollama, and Ollama by its version.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay.runtime.adapters.asking import Answer, Server, dig, fact, text
from assay.runtime.adapters.endpoints import LISTING, entries

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from assay.schema.provenance import Fact
    from assay.schema.suite import RuntimeName

__all__ = ["Mark", "recognise"]


@dataclass(frozen=True)
class Mark:
    """By what a runtime was recognised."""

    answer: Answer
    """The answer that bears the mark."""
    where: str
    """Field or header of that answer."""
    version: Fact | None = None
    """The version, where the same look shows it."""


async def recognise(server: Server) -> tuple[RuntimeName, Mark] | None:
    """Return which runtime answers and by what it was recognised, or None."""
    for runtime, look in _LOOKS.items():
        mark = await look(server)
        if mark is not None:
            return runtime, mark
    return None


async def _llama_cpp(server: Server) -> Mark | None:
    listing = await server.get(LISTING)
    if listing.headers.get("Server") == "llama.cpp":
        return Mark(listing, "header Server")
    return Mark(listing, "owned_by") if _owned_by(listing, "llamacpp") else None


async def _vllm(server: Server) -> Mark | None:
    listing = await server.get(LISTING)
    if not _owned_by(listing, "vllm"):
        return None
    version = await server.get("/version")
    return Mark(listing, "owned_by", fact("runtime_version", text(dig(version.body, "version")), version, "version"))


async def _tgi(server: Server) -> Mark | None:
    info = await server.get("/info")
    if dig(info.body, "router") != "text-generation-router":
        return None
    return Mark(info, "router", fact("runtime_version", text(dig(info.body, "version")), info, "version"))


async def _sglang(server: Server) -> Mark | None:
    info = await server.get("/model_info")
    if text(dig(info.body, "model_path")) is None:
        return None
    # Its version stands in /server_info, among keys in clear text: that is never asked for.
    return Mark(info, "model_path")


async def _lm_studio(server: Server) -> Mark | None:
    for path, among, field in (
        ("/api/v1/models", "models", "loaded_instances"),
        ("/api/v0/models", "data", "compatibility_type"),
    ):
        answer = await server.get(path)
        if dig(answer.body, among, 0, field) is not None:
            return Mark(answer, f"{among}[].{field}")
    return None


async def _ollama(server: Server) -> Mark | None:
    answer = await server.get("/api/version")
    version = text(dig(answer.body, "version"))
    if version is None:
        return None
    return Mark(answer, "version", fact("runtime_version", version, answer, "version"))


async def _litellm(server: Server) -> Mark | None:
    header = "x-litellm-version"
    listing = await server.get(LISTING)
    if (version := text(listing.headers.get(header))) is not None:
        return Mark(listing, f"header {header}", fact("runtime_version", version, listing, f"header {header}"))
    alive = await server.get("/health/liveliness")
    return Mark(alive, "answered LiteLLM's greeting") if alive.body == "I'm alive!" else None


def _owned_by(listing: Answer, owner: str) -> bool:
    return any(dig(entry, "owned_by") == owner for entry in entries(listing))


_LOOKS: dict[RuntimeName, Callable[[Server], Awaitable[Mark | None]]] = {
    "llama.cpp": _llama_cpp,
    "vllm": _vllm,
    "tgi": _tgi,
    "sglang": _sglang,
    "lm-studio": _lm_studio,
    "ollama": _ollama,
    "gateway": _litellm,
}
