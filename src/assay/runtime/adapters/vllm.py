"""What does vLLM say of itself?

Its version and, in the list of models, what was loaded and how long a request may be. Revision, quantization and
sampling defaults it tells in developer mode only, which is no mode for production.
"""

from __future__ import annotations

import ntpath
from http import HTTPStatus
from typing import TYPE_CHECKING

from assay.runtime.adapters.asking import dig, fact, label, text, whole
from assay.runtime.adapters.endpoints import LISTING, authentication, entry_of, health_endpoint

if TYPE_CHECKING:
    from assay.runtime.adapters.asking import Answer, Server
    from assay.schema.provenance import Fact

__all__ = ["collect"]

_UNGUARDED = "/invocations"
# What validation says to an empty body: whoever sees it has come past every guard.
_UNDERSTOOD = frozenset({HTTPStatus.OK, HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY})


async def collect(server: Server, model: str | None) -> tuple[Fact, ...]:
    """Return what the list of models shows, and whether a way around the key is open."""
    listing = await server.get(LISTING)
    entry = entry_of(listing, model)
    return (
        _model_id(text(dig(entry, "root")), listing),
        fact("context_in_force", whole(dig(entry, "max_model_len")), listing, "max_model_len"),
        await health_endpoint(server, "/health"),
        await _authentication(server),
    )


def _model_id(root: str | None, listing: Answer) -> Fact:
    """Return what was loaded: a repository's name as it stands, of a path the last part."""
    if root is None or not root.startswith(("/", ".", "~")):
        return fact("model_id", root, listing, "root")
    return label("model_id", ntpath.basename(root.rstrip("/")) or None, listing, "root (last part of a path)")


async def _authentication(server: Server) -> Fact:
    """Return whether a key is required, on every path that generates text.

    With `--api-key` vLLM guards `/v1` and leaves `/invocations` open, which completes a chat just as well.
    """
    guarded = await authentication(server)
    if guarded.value != "required":
        return guarded
    answer = await server.post_without_key(_UNGUARDED, {})
    if answer.status not in _UNDERSTOOD:
        return guarded
    return fact("authentication", "not required", answer, f"without a key answered {answer.status}")
