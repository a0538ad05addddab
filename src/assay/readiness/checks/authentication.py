"""Does the endpoint refuse a request without a key, and one with a wrong key, on every path that takes one?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from assay.readiness.answer import first_of
from assay.readiness.view import FACTS, PROBES, Answer, clipped, combined, met, not_met, unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assay.readiness.view import View
    from assay.schema.provenance import Exchange, ProbeResult

__all__ = ["check"]

_REFUSED: Final = frozenset({401, 403})
_NOT_THERE: Final = frozenset({404, 405, 501})
_BUSY: Final = frozenset({429, 503})
_VALIDATED: Final = frozenset({400, 413, 415, 422})
_OK: Final = range(200, 300)
_ANSWERS: Final = frozenset({"completion", "stream", "json", "text", "metrics", "empty"})
_TRIED: Final = frozenset({"no-key", "wrong-key", "empty-key", "other-case"})
_MOST_NAMED: Final = 6

_Outcome: TypeAlias = Literal["refused", "answered", "validated", "oddly refused", "not there", "unclear"]
_TOLD: Final[dict[_Outcome, str]] = {
    "answered": "answered where it should be refused",
    "validated": "let past the guard, and refused only for its content",
    "oddly refused": "refused, but with neither 401 nor 403",
}


def check(view: View) -> Answer:
    """Return met when requests without a key were seen to be refused; deep probes try every known path."""
    fact = view.facts.fact("authentication")
    source = clipped(fact.source, 120)
    result = view.probe("authentication")
    if fact.grade == "observed" and fact.value == "not required":
        if result is None:
            return not_met(f"no key is required: {source}", FACTS)
        return combined([_open_door(source, result), _by_probe(result)])
    if result is not None:
        return _by_probe(result)
    if fact.grade == "observed" and fact.value == "required":
        return met(f"a key is required: {source}", FACTS)
    return unknown(f"whether a key is required was not seen: {source}", FACTS)


@dataclass(frozen=True)
class _Seen:
    """What else was seen, that one answer is held against."""

    own: dict[str, Exchange]
    """How each path answered the candidate's own key, where that was asked."""
    nowhere: Exchange | None
    """How a path that does not exist answered without a key."""
    guards: frozenset[tuple[int | None, str]]
    """Status and mark of answers with which the guard was seen to refuse, though by neither 401 nor 403."""

    def outcome(self, reply: Exchange) -> _Outcome:
        """Return what became of a request that should be refused."""
        status, own = reply.status, self.own.get(_path(reply))
        if status in _REFUSED or (status, _mark(reply)) in self.guards:
            return "refused" if status in _REFUSED else "oddly refused"
        if status is None or status in _BUSY:
            return "unclear"
        if status in _OK and reply.shape in {"completion", "stream"}:
            return "answered"
        if own is not None and _answers(own) and not _answers(reply):
            return "oddly refused"
        if status in _NOT_THERE:
            return "not there"
        return self._by_comparison(reply, own)

    def _by_comparison(self, reply: Exchange, own: Exchange | None) -> _Outcome:
        if self.nowhere is not None and _alike(reply, self.nowhere):
            # Whatever is asked is answered like this: a page says that nothing is there, data says nothing.
            return "unclear" if reply.shape == "json" else "not there"
        if _answers(reply):
            return "answered"
        if own is None or not _alike(reply, own):
            return "unclear"
        return (
            "validated" if reply.status in _VALIDATED else "unclear" if reply.status in range(500, 600) else "not there"
        )


def _open_door(source: str, result: ProbeResult) -> Answer:
    """Return the finding of a fact, with what the probe saw to be refused all the same."""
    refused = [own for own, was in _outcomes(result) if was == "refused" and own.step == "no-key"]
    if not refused:
        return not_met(f"no key is required: {source}", FACTS)
    return not_met(f"a key is not required everywhere: {source}; but refused: {_named(refused, 3)}", FACTS)


def _outcomes(result: ProbeResult) -> list[tuple[Exchange, _Outcome]]:
    """Return what became of each request that should be refused."""
    seen = _seen(result)
    return [(own, seen.outcome(own)) for own in result.exchanges if own.step in _TRIED]


def _by_probe(result: ProbeResult) -> Answer:
    outcomes = _outcomes(result)
    tried = [own for own, _ in outcomes]
    found = [
        not_met(f"{_TOLD[outcome]}: {_named(own for own, was in outcomes if was == outcome and _counts(own))}", PROBES)
        for outcome in _TOLD
        if any(was == outcome and _counts(own) for own, was in outcomes)
    ]
    if found:
        return combined(found)
    own_works = [own for own in result.steps("own-key") if _answers(own)]
    if not own_works:
        how = _named(result.steps("own-key")[:1]) or result.note
        return unknown(f"the candidate's own request was not answered, so a refusal tells nothing: {how}", PROBES)
    refused = [own for own, was in outcomes if was == "refused"]
    paths = {_path(own) for own in refused}
    unclear = [own for own, was in outcomes if was == "unclear"]
    # Where the path that answers the candidate's key refuses nobody, no guard was seen.
    unclear += [] if _path(own_works[0]) in paths else [own for own in tried if _path(own) == _path(own_works[0])]
    if unclear or not refused or result.ended != "whole":
        what = _named(unclear, 2) or result.note
        return unknown(f"whether every request without a right key is refused was not told: {what}", PROBES)
    asked = f"{_counted(len(refused), 'request')} to {_counted(len(paths), 'path')} without a right key"
    reason = f"{asked} {'was' if len(refused) == 1 else 'were'} refused with 401 or 403"
    return met(f"{reason}{_remark(outcomes)}", PROBES)


def _seen(result: ProbeResult) -> _Seen:
    own = {_path(reply): reply for reply in result.steps("own-key")}
    first = next(iter(result.steps("nowhere")), None)
    # Where the candidate's key had an answer, what is said to others is the guard speaking.
    guards = frozenset(
        (reply.status, _mark(reply))
        for reply in result.exchanges
        if reply.step in _TRIED and _path(reply) in own and _answers(own[_path(reply)])
        if _mark(reply) and reply.status not in _BUSY | _NOT_THERE
    )
    return _Seen(own, first, guards)


def _remark(outcomes: Iterable[tuple[Exchange, _Outcome]]) -> str:
    """Return which paths answered anyone without putting what was asked to the model."""
    open_too = [own for own, was in outcomes if was in {"answered", "validated"} and own.step == "no-key"]
    return f"; answered to anyone, though no text is generated from theirs: {_named(open_too)}" if open_too else ""


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _named(replies: Iterable[Exchange], most: int = _MOST_NAMED) -> str:
    return first_of([f"{reply.sent} ({reply.status or reply.trouble})" for reply in replies], most)


def _counts(reply: Exchange) -> bool:
    return bool(reply.shows.get("generates", True))


def _answers(reply: Exchange) -> bool:
    return reply.status in _OK and reply.shape in _ANSWERS


def _alike(one: Exchange, other: Exchange) -> bool:
    return (one.status, one.shape, _mark(one)) == (other.status, other.shape, _mark(other))


def _path(reply: Exchange) -> str:
    return str(reply.shows.get("path", ""))


def _mark(reply: Exchange) -> str:
    return str(reply.shows.get("mark", ""))
