"""What do all runtimes show alike: the list of models, and which doors stand open?"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from assay.runtime.adapters.asking import REFUSED, Answer, Server, dig, fact, text, unknown

if TYPE_CHECKING:
    from pydantic import JsonValue

    from assay.schema.provenance import Fact, FactName

__all__ = [
    "LISTING",
    "NO_LISTING",
    "authentication",
    "cors",
    "entries",
    "entry_of",
    "health_endpoint",
    "metrics_endpoint",
    "model_name_served",
    "names_of",
]

LISTING = "/v1/models"
"""The list of models, which every runtime has."""

NO_LISTING = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED})
"""Statuses that say: there is nothing at this path."""

# What validation says to an empty body: whoever sees it has come past every guard.
_UNDERSTOOD = frozenset({HTTPStatus.OK, HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY})
_HEALTH_STATUSES = frozenset({HTTPStatus.OK, HTTPStatus.SERVICE_UNAVAILABLE})
_METRICS_TYPES = ("text/plain", "application/openmetrics-text")
# RFC 2606 keeps .invalid free: no server allows this origin on purpose.
_FOREIGN_ORIGIN = "https://origin.invalid"


def entries(listing: Answer) -> list[JsonValue]:
    """Return the entries of a list of models; Ollama writes null for none."""
    data = dig(listing.body, "data")
    return data if isinstance(data, list) else []


def names_of(entry: JsonValue) -> tuple[str, ...]:
    """Return the names under which an entry can be asked: its id, then its aliases."""
    aliases = dig(entry, "aliases")
    names = [dig(entry, "id"), *(aliases if isinstance(aliases, list) else [])]
    return tuple(dict.fromkeys(name for value in names if (name := text(value)) is not None))


def entry_of(listing: Answer, model: str | None) -> JsonValue:
    """Return the entry of a model by id or alias, else the only one there is, else None.

    A server with one model answers whatever name is asked for (llama.cpp, SGLang, LM Studio), so its only entry
    is what answers.
    """
    found = entries(listing)
    named = [entry for entry in found if model in names_of(entry)]
    return named[0] if named else found[0] if len(found) == 1 else None


def model_name_served(listing: Answer, model: str | None) -> Fact:
    """Return the name under which the server itself lists the model."""
    entry = entry_of(listing, model)
    if entry is None and entries(listing):
        wanted = "the plan names none" if model is None else f"none is named {model}"
        return unknown("model_name_served", f"{listing.asked} lists {len(entries(listing))} models and {wanted}")
    return fact("model_name_served", text(dig(entry, "id")), listing, "id")


async def metrics_endpoint(server: Server) -> Fact:
    """Return whether GET /metrics is `open`, `closed`, or `needs key`."""
    answer = await server.get_without_key("/metrics")
    kind = answer.headers.get("Content-Type", "")
    if answer.status == HTTPStatus.OK and not kind.startswith(_METRICS_TYPES):
        return unknown("metrics_endpoint", f"{answer.asked} answered 200 with something else than metrics")
    return _door("metrics_endpoint", answer, frozenset({HTTPStatus.OK}))


async def health_endpoint(server: Server, path: str) -> Fact:
    """Return whether a health endpoint is `open`, `closed`, or `needs key`; one that says 503 is open."""
    return _door("health_endpoint", await server.get_without_key(path), _HEALTH_STATUSES)


async def authentication(server: Server, path: str = LISTING, body: JsonValue = None) -> Fact:
    """Return whether a key is `required` or `not required`, from how a guarded path answers without one.

    Args:
        server: who is asked.
        path: the guarded path.
        body: sent by POST instead of GET; one that no server can act on, so that being told so means no guard.
    """
    answer = await (server.get_without_key(path) if body is None else server.post_without_key(path, body))
    understood = _UNDERSTOOD if body is not None else frozenset({HTTPStatus.OK})
    if answer.status in REFUSED:
        value = "required"
    elif answer.status in understood:
        value = "not required"
    else:
        return unknown("authentication", answer.shortfall)
    return fact("authentication", value, answer, f"without a key answered {answer.status}")


async def cors(server: Server) -> Fact:
    """Return which foreign web pages may read answers: `any origin`, `none`, or the origin that is allowed."""
    answer = await server.get_from_origin(LISTING, _FOREIGN_ORIGIN)
    if answer.status is None:
        return unknown("cors", answer.shortfall)
    allowed = answer.headers.get("Access-Control-Allow-Origin", "")
    value = "any origin" if allowed in {"*", _FOREIGN_ORIGIN} else text(allowed) or "none"
    return fact("cors", value, answer, "header Access-Control-Allow-Origin")


def _door(name: FactName, answer: Answer, open_statuses: frozenset[HTTPStatus]) -> Fact:
    if answer.status in open_statuses:
        value = "open"
    elif answer.status in REFUSED:
        value = "needs key"
    elif answer.status in NO_LISTING:
        value = "closed"
    else:
        return unknown(name, answer.shortfall)
    return fact(name, value, answer, f"without a key answered {answer.status}")
