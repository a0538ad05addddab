"""What does a server say of itself, before anything is asked of its model?"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from assay.errors import InputError, Problem, ServerError
from assay.runtime.adapters import ADAPTERS, UNRECOGNISED
from assay.runtime.adapters.asking import REFUSED, fact, server_at, unknown
from assay.runtime.adapters.endpoints import LISTING, cors, entries, metrics_endpoint, model_name_served, names_of
from assay.runtime.adapters.fingerprint import recognise
from assay.schema.provenance import Fact, FactName

if TYPE_CHECKING:
    from assay.runtime.adapters.asking import Server
    from assay.schema.suite import Candidate

__all__ = ["OBSERVABLE", "models_listed", "observe"]

OBSERVABLE: tuple[FactName, ...] = (
    "runtime",
    "runtime_version",
    "model_id",
    "model_name_served",
    "revision",
    "quantization",
    "architecture",
    "parameters",
    "license",
    "context_in_force",
    "context_trained",
    "slots",
    "chat_template_sha256",
    "sampling_defaults",
    "metrics_endpoint",
    "health_endpoint",
    "authentication",
    "cors",
)
"""What `observe` returns, in this order: all facts but those that only a weights file can show."""

_NO_LISTING = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED})


async def observe(candidate: Candidate, base_url: str, key: str | None, *, timeout_s: float = 5.0) -> tuple[Fact, ...]:
    """Return what a candidate's server shows of itself: one fact for each name in OBSERVABLE.

    Nothing is generated, loaded or changed, except that llama.cpp begins its averages anew whenever /metrics is
    read. Only fields that are named in the adapters are kept. What a server does not show is unknown, with the
    reason; this never raises for what a server does or fails to do.

    Args:
        candidate: what is observed; its runtime is only a claim here.
        base_url: address up to and with `/v1`.
        key: sent as bearer token; None sends none.
        timeout_s: deadline of each request in seconds.
    """
    async with server_at(base_url, key, timeout_s=timeout_s) as server:
        listing = await server.get(LISTING)
        if listing.status is None:
            return tuple(unknown(name, listing.shortfall) for name in OBSERVABLE)
        found = await _facts(server, candidate)
    reason = f"no endpoint of {found['runtime'].value} that was asked shows it"
    return tuple(found.get(name) or unknown(name, reason) for name in OBSERVABLE)


async def models_listed(base_url: str, key: str | None, *, timeout_s: float) -> tuple[str, ...]:
    """Return the names under which a server lists its models: ids and aliases, each once, in its order.

    Empty when it has no such list (404, 405 or 501) or the list names nothing.

    Args:
        base_url: address up to and with `/v1`.
        key: sent as bearer token; None sends none.
        timeout_s: deadline in seconds.

    Raises:
        InputError: the key is missing or wrong (`unauthorized`).
        ServerError: no answer, or one that is no list (`server-unreachable`).
    """
    async with server_at(base_url, key, timeout_s=timeout_s) as server:
        listing = await server.get(LISTING)
    address = f"{base_url.rstrip('/')}/models"
    if listing.status in REFUSED:
        raise InputError(
            Problem(
                slug="unauthorized",
                message=f"GET {address} was refused with status {listing.status}",
                remedy="Put the server's key into the environment variable that `api_key_env` names.",
            )
        )
    if listing.status in _NO_LISTING:
        return ()
    if listing.status != HTTPStatus.OK:
        raise ServerError(
            Problem(
                slug="server-unreachable",
                message=f"GET {address}: {listing.trouble or f'status {listing.status}'}",
                remedy="Start the server, wait until it has loaded its model, and check `base_url`.",
            )
        )
    return tuple(dict.fromkeys(name for entry in entries(listing) for name in names_of(entry)))


async def _facts(server: Server, candidate: Candidate) -> dict[FactName, Fact]:
    """Return the facts that were found, the adapter's over those that all servers have."""
    recognised = await recognise(server)
    if recognised is None:
        runtime = Fact(
            name="runtime", value=candidate.runtime, grade="declared", source="the plan: the server shows no mark"
        )
        adapter, version = UNRECOGNISED, None
    else:
        name, mark = recognised
        runtime = fact("runtime", name, mark.answer, mark.where)
        adapter, version = ADAPTERS[name], mark.version
    shared = (
        runtime,
        *((version,) if version is not None else ()),
        model_name_served(await server.get(LISTING), candidate.model),
        await metrics_endpoint(server),
        await cors(server),
    )
    return {one.name: one for one in (*shared, *await adapter(server, candidate.model))}
