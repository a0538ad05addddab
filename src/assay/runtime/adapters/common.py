"""Which marks and facts do several runtimes have alike?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.runtime.adapters.adapter import Mark
from assay.runtime.adapters.asking import dig, label, text
from assay.runtime.adapters.endpoints import LISTING, entries, entry_of
from assay.schema.provenance import Fact

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from assay.runtime.adapters.asking import Server
    from assay.schema.provenance import FactName

__all__ = ["HERE", "NO_LICENCE", "NO_WEIGHTS", "SHARED", "header_mark", "listed_id", "owned_by", "runs_here"]

HERE = "this server"
"""Value of `executed_at` where the process that answers runs the model itself."""

NO_WEIGHTS = "it does not say which weights it read; give `weights` in the plan"
NO_LICENCE = "it does not know the licence; give `weights` in the plan, or see the model card"

SHARED: Mapping[FactName, str] = {
    "runtime": "its own mark, see above",
    "model_name_served": "GET /v1/models id",
    "metrics_endpoint": "GET /metrics without a key",
    "cors": "GET /v1/models from a foreign origin",
}
"""What every server with a list of models shows."""


def owned_by(owner: str) -> Callable[[Server], Awaitable[Mark | None]]:
    """Return a look for an owner in the list of models."""

    async def look(server: Server) -> Mark | None:
        listing = await server.get(LISTING)
        found = any(dig(entry, "owned_by") == owner for entry in entries(listing))
        return Mark(listing, f"owned_by {owner}") if found else None

    return look


def header_mark(*names: str) -> Callable[[Server], Awaitable[Mark | None]]:
    """Return a look for one of some headers in the answer to the list of models."""

    async def look(server: Server) -> Mark | None:
        listing = await server.get(LISTING)
        found = next((name for name in names if listing.headers.get(name) is not None), None)
        return Mark(listing, f"header {found}") if found is not None else None

    return look


def runs_here(runtime: str) -> Fact:
    """Return that a runtime which never hands a model on runs it itself."""
    return Fact(name="executed_at", value=HERE, grade="observed", source=f"{runtime} runs its models itself")


async def listed_id(server: Server, model: str | None) -> Fact:
    """Return the name in the list of models: a label, for nothing shows which weights stand behind it."""
    listing = await server.get(LISTING)
    return label("model_id", text(dig(entry_of(listing, model), "id")), listing, "id")
