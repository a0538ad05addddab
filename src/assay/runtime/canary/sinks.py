"""What was found in each sink, round by round, and was each seen to be one?"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from assay.runtime.canary.files import FileSink, FolderSink, NoSinkError
from assay.runtime.canary.searching import Budget, Found, InBytes, TooMuchError, search
from assay.runtime.canary.stores import CommandSink, SqliteSink
from assay.schema.provenance import CANARY_FIELDS, CANARY_PATHS, CanaryHit, CanarySink

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from assay.runtime.canary.encodings import Lexicon, Sighting
    from assay.runtime.canary.marks import Carried
    from assay.schema.provenance import CanaryPath, SinkKind
    from assay.schema.suite import SinkSpec

__all__ = ["Watched", "watched", "watched_bodies"]

_MOST_HITS: Final = 200
_MOST_PLACE: Final = 200
_MARKED: Final = "a place whose name holds a mark"
_MOST_TEXT: Final = 1 << 20
"""Bytes of an answer that are read."""


class _Sink(Protocol):
    def mark_place(self) -> None: ...

    def search(self, lexicon: Lexicon, budget: Budget, places: dict[str, Found]) -> None: ...


@dataclass
class _Bodies:
    """Texts in memory."""

    texts: Sequence[bytes] | None

    def mark_place(self) -> None:
        return

    def search(self, lexicon: Lexicon, budget: Budget, places: dict[str, Found]) -> None:
        if self.texts is None:
            message = "it gave no whole answer after the requests"
            raise NoSinkError(message)
        if any(len(text) >= _MOST_TEXT for text in self.texts):
            message = "more was sent than is read of one answer"
            raise TooMuchError(message)
        for number, text in enumerate(self.texts, start=1):
            found = places.setdefault(f"body {number}" if len(self.texts) > 1 else "", Found())
            search(lexicon, InBytes(text), 0, budget, found)


@dataclass
class Watched:
    """A sink while it is watched."""

    name: str
    """How it is called."""
    kind: SinkKind
    """What it is."""
    sink: _Sink
    """Reads it."""
    control: bool | None = None
    """Whether it was seen to be one; None where a beacon tells."""
    absent: bool = False
    """Whether it is not there."""
    trouble: str = ""
    """Why the last round did not search all of it."""
    searched: int = 0
    """Bytes of the last round."""
    places: int = 0
    """Places of the last round."""
    seen: dict[tuple[str, int, str], tuple[list[Sighting], int]] = field(default_factory=dict)
    """By place, mark and encoding what any round found, and how often: what is gone later had come to rest."""

    def search(self, lexicon: Lexicon, budget: Budget) -> None:
        """Search it once more; this raises nothing."""
        places: dict[str, Found] = {}
        self.trouble = ""
        try:
            self.sink.search(lexicon, budget, places)
        except (NoSinkError, TooMuchError) as error:
            self.trouble = str(error)
        except (OSError, ValueError) as error:
            self.trouble = f"it cannot be read: {error.strerror if isinstance(error, OSError) else 'a bad name'}"
        unread = sorted({kind for found in places.values() for kind in found.unread})
        if unread and not self.trouble:
            self.trouble = f"it holds parts packed as {', '.join(unread)}, which are not unpacked here"
        self.searched, self.places = sum(found.searched for found in places.values()), len(places)
        for place, found in places.items():
            name = self._named(place, lexicon)
            for (mark, encoding), sightings in found.places.items():
                self.seen[name, mark, encoding] = sightings, found.counts[mark, encoding]
        if next(lexicon.sightings(os.fsencode(self.trouble)), None) is not None:
            self.trouble = f"{_MARKED} cannot be searched"

    def _named(self, place: str, lexicon: Lexicon) -> str:
        """Return how a place is called in evidence, and note the marks that its own name holds."""
        found = Found()
        for own in lexicon.sightings(os.fsencode(place)):
            found.take(own, own.offset, f"{own.encoding} in a name")
        for (mark, encoding), sightings in found.places.items():
            self.seen[_MARKED, mark, encoding] = sightings, found.counts[mark, encoding]
        return _MARKED if found.places else place

    def shows_control(self, carried: Sequence[Carried]) -> bool:
        """Return whether it was seen to be a sink."""
        return bool(self._controls(carried)) if self.control is None else self.control

    def told(self, carried: Sequence[Carried]) -> CanarySink:
        """Return what is kept of it: names and numbers, no text."""
        hits = sorted(self._hits(carried), key=_rank)
        return CanarySink(
            sink=self.name,
            kind=self.kind,
            control=self.shows_control(carried),
            controls=self._controls(carried),
            absent=self.absent,
            trouble=self.trouble,
            searched_bytes=self.searched,
            places=self.places,
            hits=tuple(hits[:_MOST_HITS]),
            further_hits=max(len(hits) - _MOST_HITS, 0),
        )

    def _controls(self, carried: Sequence[Carried]) -> tuple[CanaryPath, ...]:
        shown = {carried[mark].path for _, mark, _ in self.seen if carried[mark].field is None}
        return tuple(path for path in CANARY_PATHS if path in shown)

    def _hits(self, carried: Sequence[Carried]) -> Iterator[CanaryHit]:
        for (place, mark, encoding), (sightings, count) in self.seen.items():
            own = carried[mark]
            if own.field is None:
                continue
            halves = {sighting.half for sighting in sightings}
            yield CanaryHit(
                path=own.path,
                attempt=own.attempt,
                field=own.field,
                encoding=encoding,
                place=place[:_MOST_PLACE],
                offset=min(sighting.offset for sighting in sightings),
                part="whole" if len(halves) > 1 else "second half" if 1 in halves else "first half",
                count=max(count // len(halves), 1),
            )


def _rank(hit: CanaryHit) -> tuple[int, int, int, str, str]:
    """Return the order of hits: what counts for nothing comes last, so that it is cut first."""
    fields = CANARY_FIELDS.index(hit.field)
    return hit.field == "query", CANARY_PATHS.index(hit.path), fields, hit.place, hit.encoding


def watched(spec: SinkSpec, folder: Path, keys: Collection[str] = ()) -> Watched:
    """Return a sink of the plan, its place marked as it is now.

    Args:
        spec: what the plan says.
        folder: the plan's, in which relative names lie.
        keys: values of environment variables that a command is not given.
    """
    kind, sink = _sink_of(spec, folder, frozenset(keys))
    own = Watched(spec.id, kind, sink)
    # Whoever searches it says what is wrong.
    with suppress(OSError, ValueError, TooMuchError):
        sink.mark_place()
    return own


def watched_bodies(name: str, kind: SinkKind, texts: Sequence[bytes] | None, *, control: bool) -> Watched:
    """Return texts that a server sent, as a sink.

    Args:
        name: how it is called.
        kind: what it is.
        texts: the texts, which may still grow; None where the server did not send what it should have.
        control: whether it was seen to be a sink.
    """
    return Watched(name, kind, _Bodies(texts), control=control)


def _sink_of(spec: SinkSpec, folder: Path, keys: frozenset[str]) -> tuple[SinkKind, _Sink]:
    if spec.file is not None:
        return "file", FileSink(folder / spec.file)
    if spec.folder is not None:
        return "folder", FolderSink(folder / spec.folder)
    if spec.sqlite is not None:
        return "sqlite", SqliteSink(folder / spec.sqlite)
    return "command", CommandSink(spec.command, folder, keys)
