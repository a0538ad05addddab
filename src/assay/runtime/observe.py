"""What does a server say of itself, before anything is asked of its model?"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, get_args

from assay.errors import InputError, Problem, ServerError
from assay.runtime.adapters import ADAPTERS, dialect_of, recognise
from assay.runtime.adapters.asking import REFUSED, fact, server_at, unknown
from assay.runtime.adapters.endpoints import (
    LISTING,
    NO_LISTING,
    cors,
    entries,
    metrics_endpoint,
    model_name_served,
    names_of,
)
from assay.runtime.adapters.gateway import OF_ANY
from assay.runtime.dialect import OPENAI
from assay.schema.provenance import TRAPS, Fact, FactName

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.runtime.adapters.adapter import Collect
    from assay.runtime.adapters.asking import Server
    from assay.runtime.dialect import Dialect
    from assay.schema.suite import Candidate

__all__ = ["OBSERVABLE", "models_listed", "observe"]

_ELSEWHERE: frozenset[FactName] = frozenset({"weights_sha256", "weights_bytes", "tensor_types", "request_sent", *TRAPS})

OBSERVABLE: tuple[FactName, ...] = tuple(name for name in get_args(FactName) if name not in _ELSEWHERE)
"""What `observe` returns, in this order: all facts but those of the weights, of what is sent, and the traps."""

_MOST_TOGETHER_S = 4.0


async def observe(candidate: Candidate, base_url: str, key: str | None, *, timeout_s: float = 5.0) -> tuple[Fact, ...]:
    """Return what a candidate's server shows of itself: one fact for each name in OBSERVABLE.

    Nothing is generated, loaded or changed, except that llama.cpp begins its averages anew whenever /metrics is
    read. Only fields that are named in the adapters are kept. What a server does not show is unknown, with the
    reason; this never raises for what a server does or fails to do.

    Args:
        candidate: what is observed; its runtime is only a claim here.
        base_url: address up to and with `/v1`.
        key: sent as bearer token; None sends none.
        timeout_s: deadline of each request in seconds; all together take at most 4 seconds more than the first.
    """
    dialect = dialect_of(candidate.runtime)
    async with server_at(
        base_url, key, timeout_s=timeout_s, dialect=dialect, within_s=timeout_s + _MOST_TOGETHER_S
    ) as server:
        listing = await server.get(LISTING)
        if listing.status is None:
            return tuple(unknown(name, listing.shortfall) for name in OBSERVABLE)
        found, cannot = await _facts(server, candidate)
    runtime = found["runtime"].value
    return tuple(_fact(name, found.get(name), cannot, f"{runtime}") for name in OBSERVABLE)


def _fact(name: FactName, found: Fact | None, cannot: Mapping[FactName, str], runtime: str) -> Fact:
    """Return what was found; what was not is unknown, with why the runtime cannot say it."""
    if found is not None:
        return found
    return unknown(name, f"{runtime} cannot say: {cannot.get(name, 'no endpoint that was asked shows it')}")


async def models_listed(
    base_url: str, key: str | None, *, timeout_s: float, dialect: Dialect = OPENAI
) -> tuple[str, ...]:
    """Return the names under which a server lists its models: ids and aliases, each once, in its order.

    Empty when it has no such list (404, 405 or 501) or the list names nothing.

    Args:
        base_url: address up to and with `/v1`.
        key: sent with the request; None sends none.
        timeout_s: deadline in seconds.
        dialect: says in which header the key goes.

    Raises:
        InputError: the key is missing or wrong (`unauthorized`).
        ServerError: no answer, or one that is no list (`server-unreachable`).
    """
    async with server_at(base_url, key, timeout_s=timeout_s, dialect=dialect) as server:
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
    if listing.status in NO_LISTING:
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


async def _facts(server: Server, candidate: Candidate) -> tuple[dict[FactName, Fact], Mapping[FactName, str]]:
    """Return the facts that were found, the adapter's over those that all servers have, and why others cannot be."""
    recognised = await recognise(server)
    if recognised is None:
        runtime = Fact(
            name="runtime",
            value=candidate.runtime,
            grade="declared",
            source="only said to be: the server shows no mark",
        )
        adapter = ADAPTERS[candidate.runtime]
        collect: Collect = OF_ANY
    else:
        name, mark = recognised
        runtime = fact("runtime", name, mark.answer, mark.where)
        adapter = ADAPTERS[name]
        collect = adapter.collect
    shared = [runtime, await metrics_endpoint(server)]
    if (await server.get(LISTING)).status not in NO_LISTING:
        shared += [model_name_served(await server.get(LISTING), candidate.model), await cors(server)]
    return {one.name: one for one in (*shared, *await collect(server, candidate.model))}, adapter.cannot
