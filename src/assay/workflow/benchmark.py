"""How is the load sent: each candidate, profile and concurrency in turn, every request's events on disk?"""

from __future__ import annotations

import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay.bench.load import CellSpec, Sent, measure
from assay.bench.resources import sampling
from assay.runtime.adapters import dialect_of
from assay.runtime.client import request_body
from assay.runtime.stream import Streamer, StreamRequest
from assay.schema.bench import RequestEvent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.bench.prompts import BenchPrompt
    from assay.record.run_folder import RunFolder
    from assay.schema.suite import BenchSettings, Candidate, ProfileName
    from assay.workflow.progress import Progress
    from assay.workflow.servers import Address
    from assay.workflow.session import Session

    CellKey = tuple[str, ProfileName, int, int]

__all__ = ["run_benchmark"]


async def run_benchmark(session: Session, candidates: tuple[Candidate, ...]) -> None:
    """Measure every cell that is not whole on disk yet; a broken one is measured anew as its next series."""
    settings = session.prepared.plan.bench
    if settings is None:
        return
    folder, progress = session.folder, session.progress
    whole, last = _on_disk(folder, settings)
    cells = list(_cells(candidates, settings))
    progress.stage("benchmark", sum(settings.requests_of(profile) + settings.warmup for _, profile, _, _ in cells))
    async with AsyncExitStack() as stack:
        streamer = await stack.enter_async_context(Streamer(time.perf_counter_ns))
        load = _Load(streamer, folder, progress)
        for key in cells:
            if session.stop.wanted:
                return  # a cell is measured whole or not at all
            candidate, profile, concurrency, repeat = key
            requests = settings.requests_of(profile)
            disk_key = (candidate.id, profile, concurrency, repeat)
            if disk_key in whole:
                progress.advance(requests + settings.warmup)
                continue
            spec = CellSpec(
                candidate=candidate.id,
                profile=profile,
                concurrency=concurrency,
                requests=requests,
                warmup=settings.warmup,
                series=last.get(disk_key, 0) + 1,
                repeat=repeat,
                nonce=session.run.salt,
            )
            await load.measure(spec, candidate, session.places[candidate.id])


def _cells(
    candidates: tuple[Candidate, ...], settings: BenchSettings
) -> Iterator[tuple[Candidate, ProfileName, int, int]]:
    """Yield the measurements; candidates take turns, in the other order every second time (ABBA).

    So a machine that slows down as it warms up does so for all of them alike.
    """
    turn = 0
    for repeat in range(1, settings.repeats + 1):
        for profile in settings.profiles:
            for concurrency in settings.concurrency:
                for candidate in candidates if turn % 2 == 0 else candidates[::-1]:
                    yield candidate, profile, concurrency, repeat
                turn += 1


def _on_disk(folder: RunFolder, settings: BenchSettings) -> tuple[set[CellKey], dict[CellKey, int]]:
    """Return the measurements that are whole on disk, and the last series number of each that was begun."""
    counts: dict[tuple[CellKey, int], int] = {}
    last: dict[CellKey, int] = {}
    for event in folder.read("requests.jsonl", RequestEvent):
        key = (event.candidate, event.profile, event.concurrency, event.repeat)
        last[key] = max(last.get(key, 0), event.series)
        counts[key, event.series] = counts.get((key, event.series), 0) + (event.phase == "measured")
    whole = {key for key, series in last.items() if counts[key, series] >= settings.requests_of(key[1])}
    return whole, last


@dataclass(frozen=True)
class _Load:
    """Sends the load of one run."""

    streamer: Streamer
    folder: RunFolder
    progress: Progress

    async def measure(self, spec: CellSpec, candidate: Candidate, place: Address) -> None:
        """Measure one cell, and the memory of its server where its process is known."""
        dialect = dialect_of(candidate.runtime)

        async def send(asked: BenchPrompt) -> Sent:
            # A candidate that decodes freely is measured as it is used: without the schema.
            held = candidate.request.response_format == "case_schema"
            body = request_body(
                place.model,
                asked.messages,
                candidate.request,
                max_tokens=asked.max_tokens,
                dialect=dialect,
                schema=dict(asked.schema) if held and asked.schema else None,
            )
            request = StreamRequest(place.base_url, place.key, body, candidate.request.timeout_s, dialect)
            result = await self.streamer.send(request)
            return Sent(
                sent_ns=result.sent_ns,
                first_ns=result.first_ns,
                last_ns=result.last_ns,
                end_ns=result.end_ns,
                chunks=result.chunks,
                usage=result.usage,
                finish_reason=result.finish_reason,
                fault=result.fault,
            )

        async with AsyncExitStack() as stack:
            if place.pid is not None:
                await stack.enter_async_context(
                    sampling(
                        place.pid,
                        spec,
                        record=lambda sample: self.folder.append("resources.jsonl", sample),
                        clock=time.perf_counter_ns,
                    )
                )
            await measure(
                spec,
                send,
                record=lambda event: self.folder.append("requests.jsonl", event),
                clock=time.perf_counter_ns,
                advance=self.progress.advance,
            )
