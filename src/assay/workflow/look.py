"""What is each candidate, before its cases are asked: server, weights, licence, memory and silent traps together?"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay import provenance
from assay.provenance import read_weights, weights_size
from assay.runtime.adapters import dialect_of
from assay.runtime.client import Client, request_body, sent_as_text
from assay.runtime.faults import without_key
from assay.runtime.observe import observe
from assay.runtime.pace import Pace
from assay.runtime.stream import Streamer, StreamRequest
from assay.runtime.traps import Asking, look_for_traps
from assay.schema.provenance import TRAPS, Fact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assay.provenance import Weights
    from assay.schema.provenance import CandidateFacts, TrapName
    from assay.schema.suite import Candidate, Organization
    from assay.workflow.progress import Progress
    from assay.workflow.servers import Address

__all__ = ["HASHED_AT_ONCE_BYTES", "Depth", "look", "steps"]

_LONG_PROMPT_S = 120.0
_LEAST_S, _MORE = 20.0, 4
"""A question of a look may take four times as long as a case, for one of them is long; but a server that hangs is not
waited for much longer than that."""
_AT_ONCE = 8

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
    nonce: str = "0" * 12
    """Random letters and digits, so that no answer comes from a cache."""

    def wanted(self) -> tuple[TrapName, ...]:
        """Return the traps that are not known yet."""
        told = {fact.name for fact in self.known if fact.value is not None}
        return tuple(name for name in TRAPS if name not in told)


def steps(place: Address, depth: Depth) -> int:
    """Return how many steps of progress a look takes: bytes to hash, one for the server, one for each trap."""
    size = weights_size(place.weights, place.model) if place.weights is not None and depth.hashed else 0
    return 1 + size + (len(depth.wanted()) if depth.traps else 0)


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
    if depth.traps:
        observed += [_told(fact, place) for fact in await _traps(candidate, place, observed, depth, progress)]
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
    hashed = depth.hashed or weights_size(place.weights, candidate.model) <= HASHED_AT_ONCE_BYTES
    advance = progress.advance if depth.hashed else None
    return read_weights(place.weights, model=candidate.model, advance=advance, hashed=hashed)


def _sent(candidate: Candidate, place: Address) -> Fact:
    """Return what goes with every request, as it stands on the wire."""
    body = request_body(place.model, (), candidate.request, dialect=dialect_of(candidate.runtime))
    return Fact(name="request_sent", value=sent_as_text(body), grade="observed", source="the request bodies")


async def _traps(
    candidate: Candidate, place: Address, observed: Sequence[Fact], depth: Depth, progress: Progress
) -> tuple[Fact, ...]:
    """Return the traps: those that are known, and those that the model is asked for now."""
    dialect = dialect_of(candidate.runtime)
    # A long prompt takes longer than the plan's own; nothing is retried, for a retry could hide what is looked for.
    own_s = candidate.request.timeout_s
    deadline_s = max(own_s, min(_LONG_PROMPT_S, max(_LEAST_S, _MORE * own_s)))
    settings = candidate.request.model_copy(update={"timeout_s": deadline_s, "max_retries": 0})
    window = next((fact.value for fact in observed if fact.name == "context_in_force"), None)
    async with (
        Client(place.base_url, place.key, settings, pace=Pace(_AT_ONCE, time.monotonic), dialect=dialect) as client,
        Streamer(time.perf_counter_ns) as streamer,
    ):
        asking = Asking(
            complete=client.complete,
            stream=lambda body: streamer.send(StreamRequest(place.base_url, place.key, body, deadline_s, dialect)),
            model=place.model,
            nonce=depth.nonce,
            window=window if isinstance(window, int) else None,
            longest_prompt_tokens=depth.longest_prompt_tokens,
            settings=settings,
            dialect=dialect,
        )
        asked = await look_for_traps(asking, depth.wanted(), advance=progress.advance)
    return (*(fact for fact in depth.known if fact.name in TRAPS and fact.value is not None), *asked)


def _told(fact: Fact, place: Address) -> Fact:
    """Return what a server shows, without our key, its version filled in where Assay alone knows it."""
    if fact.name == "runtime_version" and fact.grade == "unknown" and place.runtime_version is not None:
        return Fact(name=fact.name, value=place.runtime_version, grade="observed", source="package that serves it")
    value = without_key(fact.value, place.key) if isinstance(fact.value, str) else fact.value
    return fact.model_copy(update={"value": value, "source": without_key(fact.source, place.key)})
