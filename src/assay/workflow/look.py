"""What is each candidate, before its cases are asked: server, weights, licence, memory and silent traps together?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay import provenance
from assay.provenance.weights import read_weights, weights_size
from assay.runtime.adapters import dialect_of
from assay.runtime.client import Client, request_body, sent_as_text
from assay.runtime.faults import without_key
from assay.runtime.observe import observe
from assay.runtime.traps import Asking, look_for_traps
from assay.schema.provenance import TRAPS, Fact

if TYPE_CHECKING:
    from assay.provenance.weights import Weights
    from assay.schema.provenance import CandidateFacts
    from assay.schema.suite import Candidate, Organization
    from assay.workflow.progress import Progress
    from assay.workflow.servers import Address

__all__ = ["HASHED_AT_ONCE_BYTES", "Depth", "look", "steps"]

HASHED_AT_ONCE_BYTES = 1 << 30
"""Weights up to this size are hashed in a second or two; larger ones only when somebody is ready to wait."""


@dataclass(frozen=True)
class Depth:
    """How far a look goes."""

    hashed: bool
    """Whether weights of any size are hashed."""
    traps: bool
    """Whether the model is asked questions that show silent traps."""
    longest_prompt_tokens: int
    """Longest prompt that may be sent for it, in tokens."""
    known: tuple[Fact, ...] = ()
    """Traps that were looked for before, so that they are not asked again."""


def steps(place: Address, depth: Depth) -> int:
    """Return how many steps of progress a look takes: bytes to hash, and one for the server."""
    return 1 + (weights_size(place.weights) if place.weights is not None and depth.hashed else 0)


async def look(
    candidate: Candidate, place: Address, organization: Organization | None, depth: Depth, progress: Progress
) -> CandidateFacts:
    """Return all that can be known about one candidate.

    Args:
        candidate: what the plan says.
        place: where it answers.
        organization: whom its licence is held against.
        depth: how far to look.
        progress: told of each byte that is hashed, and of the server.

    Raises:
        InputError: the weights are unreadable, truncated or forged (`bad-weights`).
    """
    weights = _weights(candidate, place, depth, progress)
    observed = [_told(fact, place) for fact in await observe(candidate, place.base_url, place.key)]
    observed.append(_sent(candidate, place))
    observed += [_told(fact, place) for fact in await _traps(candidate, place, observed, depth)]
    progress.advance()
    return provenance.collect(
        candidate,
        observed,
        weights,
        organization=organization,
        server_pid=place.pid,
        # Where Assay started the server, its memory is this machine's.
        memory_bytes=provenance.look_at_host().memory_bytes if place.pid is not None else None,
    )


def _weights(candidate: Candidate, place: Address, depth: Depth, progress: Progress) -> Weights | None:
    if place.weights is None:
        return None
    hashed = depth.hashed or weights_size(place.weights) <= HASHED_AT_ONCE_BYTES
    advance = progress.advance if depth.hashed else None
    return read_weights(place.weights, model=candidate.model, advance=advance, hashed=hashed)


def _sent(candidate: Candidate, place: Address) -> Fact:
    """Return what goes with every request, as it stands on the wire."""
    body = request_body(place.model, (), candidate.request, dialect=dialect_of(candidate.runtime))
    return Fact(name="request_sent", value=sent_as_text(body), grade="observed", source="the request bodies")


async def _traps(candidate: Candidate, place: Address, observed: list[Fact], depth: Depth) -> tuple[Fact, ...]:
    """Ask for the traps that are not known yet."""
    if not depth.traps:
        return ()
    known = tuple(fact for fact in depth.known if fact.name in TRAPS and fact.grade != "unknown")
    if len(known) == len(TRAPS):
        return known
    dialect = dialect_of(candidate.runtime)
    async with Client(place.base_url, place.key, candidate.request, connections=8, dialect=dialect) as client:
        asking = Asking(client, place, candidate)
        return await look_for_traps(asking, observed)


def _told(fact: Fact, place: Address) -> Fact:
    """Return what a server shows, without our key, its version filled in where Assay alone knows it."""
    if fact.name == "runtime_version" and fact.grade == "unknown" and place.runtime_version is not None:
        return Fact(name=fact.name, value=place.runtime_version, grade="observed", source="package that serves it")
    value = without_key(fact.value, place.key) if isinstance(fact.value, str) else fact.value
    return fact.model_copy(update={"value": value, "source": without_key(fact.source, place.key)})
