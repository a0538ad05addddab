"""Does a text hold one of the permissive licences whole, word for word, and what else does it hold?

The reference texts ship as fingerprints: each three words in a row as a hash, in order. `tools/licence_fingerprints.py`
makes them. Near is not enough here: a licence that was made from another differs in a clause, not in many words.
"""

from __future__ import annotations

import base64
import functools
import json
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Final

from pydantic import TypeAdapter

from assay.provenance.licences.words import GRAM_BYTES, grams
from assay.schema._base import Noun

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Reference", "beside", "coverage", "references", "uncovered"]

_MOST_BESIDE: Final = 200
"""Words beside a reference beyond which a text is not searched for it: nothing that long is identified."""


class _Stored(Noun):
    """One part of a reference as the file has it."""

    grams: str
    """Its hashes, in base64."""
    optional: bool = False
    """Whether texts may leave it out, as the appendix of Apache-2.0."""
    gap: int = 0
    """Most words that may stand between it and the next part, as a name does."""


@dataclass(frozen=True)
class Part:
    """One part of a reference, which stands in a text in one piece."""

    grams: bytes
    """Its hashes."""
    optional: bool
    """Whether texts may leave it out."""
    gap: int
    """Most words between it and the next part that is not optional."""

    @property
    def words(self) -> int:
        """How many words it has."""
        return len(self.grams) // GRAM_BYTES + 2


@dataclass(frozen=True)
class Reference:
    """The text of one licence."""

    parts: tuple[Part, ...]
    """Its parts in order; those that are optional stand before or behind all others."""

    @functools.cached_property
    def known(self) -> frozenset[bytes]:
        """All hashes."""
        return frozenset(gram for part in self.parts for gram in _split(part.grams))

    @functools.cached_property
    def words(self) -> int:
        """How many words it has, its gaps filled."""
        return sum(part.words + part.gap for part in self.parts)


@functools.cache
def references() -> Mapping[str, Reference]:
    """Return the reference texts by identifier, read once."""
    text = resources.files("assay.provenance.licences").joinpath("fingerprints.json").read_text("utf-8")
    stored = TypeAdapter(dict[str, tuple[_Stored, ...]]).validate_python(json.loads(text))
    return {
        name: Reference(tuple(Part(base64.b64decode(part.grams), part.optional, part.gap) for part in parts))
        for name, parts in stored.items()
    }


def beside(counted: Sequence[str], reference: Reference) -> list[str] | None:
    """Return the words that a text has beside a reference, or None when it does not hold it whole and in order."""
    if len(counted) > reference.words + _MOST_BESIDE:
        return None
    stream = grams(counted)
    spans = _required(stream, reference)
    if spans is None:
        return None
    (first, _), (_, last) = spans[0], spans[-1]
    for part in reference.parts:
        if part.optional:
            before, behind = _find(stream, part, 0), _find(stream, part, last)
            found = before if before is not None and before + part.words <= first else behind
            spans += [(found, found + part.words)] if found is not None else []
    held = {at for start, end in spans for at in range(start, end)}
    return [word for at, word in enumerate(counted) if at not in held]


def _required(stream: bytes, reference: Reference) -> list[tuple[int, int]] | None:
    """Return where the parts stand that may not be left out, first and last word behind; None where one is missing."""
    spans: list[tuple[int, int]] = []
    room: int | None = None
    for part in reference.parts:
        if part.optional:
            continue
        end = spans[-1][1] if spans else 0
        start = _find(stream, part, end)
        if start is None or (room is not None and start - end > room):
            return None
        spans.append((start, start + part.words))
        room = part.gap
    return spans or None


def _find(stream: bytes, part: Part, at: int) -> int | None:
    """Return the word at which a part begins, from a word on."""
    found = stream.find(part.grams, at * GRAM_BYTES)
    while found != -1 and found % GRAM_BYTES:
        found = stream.find(part.grams, found + 1)
    return found // GRAM_BYTES if found != -1 else None


def coverage(counted: Sequence[str], reference: Reference) -> float:
    """Return the share of a reference, 0 to 1, that stands somewhere in a text."""
    return len(reference.known & frozenset(_split(grams(counted)))) / len(reference.known)


def uncovered(counted: Sequence[str], reference: Reference) -> list[int]:
    """Return the places of the words that are in no three words in a row that the reference has too."""
    held = set()
    for at, gram in enumerate(_split(grams(counted))):
        if gram in reference.known:
            held |= {at, at + 1, at + 2}
    return [at for at in range(len(counted)) if at not in held]


def _split(stream: bytes) -> list[bytes]:
    return [stream[at : at + GRAM_BYTES] for at in range(0, len(stream), GRAM_BYTES)]
