"""What can be learned from a server that has nothing but the list of models?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.runtime.adapters.asking import dig, fact, label, text, unknown, whole
from assay.runtime.adapters.endpoints import LISTING, authentication, entry_of, health_endpoint

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from assay.runtime.adapters.asking import Server
    from assay.schema.provenance import Fact

__all__ = ["listing_only"]


def listing_only(
    *, health: str | None = None, listing_guarded: bool = True
) -> Callable[[Server, str | None], Awaitable[tuple[Fact, ...]]]:
    """Return an adapter that reads GET /v1/models and no other evidence.

    Args:
        health: path that tells the state without generating text; None asks none.
        listing_guarded: whether a server that wants keys wants one for the list of models too.
    """

    async def collect(server: Server, model: str | None) -> tuple[Fact, ...]:
        listing = await server.get(LISTING)
        entry = entry_of(listing, model)
        key_wanted = await authentication(server)
        if key_wanted.value == "not required" and not listing_guarded:
            key_wanted = unknown("authentication", f"this runtime leaves {LISTING} open, with a key or without")
        return (
            # A name is all there is: nothing shows which weights stand behind it.
            label("model_id", text(dig(entry, "id")), listing, "id"),
            # SGLang's field, which vLLM began; others leave it out.
            fact("context_in_force", whole(dig(entry, "max_model_len")), listing, "max_model_len"),
            key_wanted,
            await health_endpoint(server, health)
            if health is not None
            else unknown("health_endpoint", "no path is known that tells the state without generating text"),
        )

    return collect
