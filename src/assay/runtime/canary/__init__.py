"""Do prompts come to rest where a server or what stands around it writes: what is sent, and what turns up where?

Marks that mean nothing are sent in every part of a request, and on every way through the server's code that can be
provoked from outside; then every place is searched that the plan lists, and what the server itself shows.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from assay.runtime.canary.marks import Marks
from assay.runtime.canary.searching import Budget
from assay.runtime.canary.sending import Sender, SpentError
from assay.runtime.canary.sinks import watched, watched_bodies
from assay.runtime.canary.ways import MOST_REQUESTS, PAGES, take_all_ways
from assay.runtime.probing.wire import wire_to
from assay.schema.provenance import CanaryResult

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from assay.runtime.canary.sinks import Watched
    from assay.runtime.probing.probing import Subject
    from assay.runtime.probing.wire import Reply
    from assay.schema.provenance import SinkKind
    from assay.schema.suite import SinkSpec

__all__ = ["CANARY_REQUESTS", "CANARY_SECONDS", "SENDS", "Looked", "look_for_prompts", "no_look"]

CANARY_REQUESTS: Final = MOST_REQUESTS
"""Requests that are sent at most."""
_SENDING_S: Final = 60.0
_SEARCHING_S: Final = 30.0
CANARY_SECONDS: Final = _SENDING_S + _SEARCHING_S
"""Seconds that it takes at most."""
_MOST_BYTES: Final = 1 << 30
"""Bytes of one sink that are searched in one round, unpacked ones among them."""
_WAITS_S: Final = (0.5, 1.5, 3.0)
SENDS: Final = (
    "Requests with a mark in every part: answered, streamed, cut off, refused for every reason, and twelve at once; "
    "then the listed sinks are searched for the marks."
)
"""What is sent."""


@dataclass(frozen=True)
class Looked:
    """Where and how patiently is looked."""

    sinks: tuple[SinkSpec, ...]
    """Sinks of the plan that this server may write to."""
    folder: Path
    """The plan's, in which relative names lie."""
    seed: bytes
    """32 random bytes, kept nowhere."""
    waits_s: tuple[float, ...] = _WAITS_S
    """Seconds before each round of searching, for logs that are written late; the last round is always done."""


async def look_for_prompts(subject: Subject, looked: Looked, left_s: float) -> CanaryResult:
    """Send marks, search the sinks for them, and return what turned up where.

    Args:
        subject: the server.
        looked: where to look.
        left_s: seconds that are left for it.
    """
    began = time.perf_counter()
    ends = began + min(CANARY_SECONDS, left_s)
    marks = Marks(looked.seed, subject.nonce)
    sinks = [await asyncio.to_thread(watched, spec, looked.folder, subject.withheld()) for spec in looked.sinks]
    ended, note = "whole", ""
    before: list[Reply] = []
    async with wire_to(subject.base_url, subject.key, subject.dialect) as wire:
        sender = Sender(subject, wire, marks, MOST_REQUESTS)
        try:
            # A third of the time is kept for the search.
            async with asyncio.timeout(min(_SENDING_S, left_s * 2 / 3)):
                before += [await sender.page(path) for path in PAGES]
                await take_all_ways(sender)
        except TimeoutError:
            ended, note = "out_of_time", "not every way could be taken in the time there was"
        except SpentError:
            note = f"{MOST_REQUESTS} requests were not enough for every way"
            ended = "out_of_time"
        built_in = [watched_bodies("error bodies", "error-bodies", sender.errors, control=bool(sender.errors))]
        with suppress(SpentError):
            for path, earlier in zip(PAGES, before, strict=False):
                built_in.append(_page(path, earlier, await sender.page(path)))
    await _rounds((*sinks, *built_in), sinks, marks, looked, ends)
    return CanaryResult.model_validate(
        {
            "candidate": subject.candidate,
            "mark": marks.beginning,
            "sends": SENDS,
            "attempts": tuple(sender.attempts),
            "sinks": tuple(own.told(marks.carried) for own in (*sinks, *built_in)),
            "ended": ended,
            "note": note,
            "requests": sender.requests,
            "seconds": round(time.perf_counter() - began, 3),
        }
    )


def no_look(candidate: str, run: str, note: str) -> CanaryResult:
    """Return that nothing was sent.

    Args:
        candidate: whose server it is.
        run: letters and digits that name the look.
        note: why.
    """
    beginning = Marks(b"", run).beginning
    return CanaryResult(
        candidate=candidate, mark=beginning, sends=SENDS, ended="left_out", note=note, requests=0, seconds=0
    )


async def _rounds(
    everywhere: Sequence[Watched], listed: Sequence[Watched], marks: Marks, looked: Looked, ends: float
) -> None:
    """Search again and again, until every listed sink shows a beacon, and then once more for what is written late."""
    lexicon = marks.lexicon()
    # What a server sent is in memory: nothing of it comes late.
    waits_s = looked.waits_s if listed else (0.0,)
    last = len(waits_s) - 1
    number = 0
    while number <= last:
        await asyncio.sleep(max(min(waits_s[number], ends - time.perf_counter()), 0))
        for own in everywhere:
            budget = Budget(_MOST_BYTES, ends)
            try:
                await asyncio.to_thread(own.search, lexicon, budget)
            finally:
                # Whoever is cancelled leaves no thread searching on.
                budget.until_s = 0.0
        shown = all(own.shows_control(marks.carried) for own in listed)
        number = last if shown and number < last else number + 1


def _page(path: str, before: Reply, after: Reply) -> Watched:
    """Return a page of the server as a sink: one that did not change may not be of this server."""
    there = after.status == 200 and not after.trouble  # noqa: PLR2004 - HTTP OK
    kind: SinkKind = "page"
    # llama.cpp's properties are settings, which requests do not change.
    changed = before.status == 200 and (path == "/props" or before.body != after.body)  # noqa: PLR2004 - HTTP OK
    own = watched_bodies(f"GET {path}", kind, [after.body] if there else None, control=there and changed)
    # One that was there at first, or that does not answer, is not missing: nobody could look at it.
    own.absent = not there and before.status != 200 and after.status is not None  # noqa: PLR2004 - HTTP OK
    return own
