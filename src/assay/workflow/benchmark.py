"""How is the load sent: each candidate, prompts and load in turn, every request's events on disk?"""

from __future__ import annotations

import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay.bench.load import CellSpec, Instruments, measure
from assay.bench.process import watched
from assay.bench.processor import ProcessorTime
from assay.bench.prompts import SHAPES, from_suites, shaped
from assay.bench.resources import sampling
from assay.bench.watching import counting
from assay.errors import ServerError
from assay.runtime.adapters import dialect_of
from assay.runtime.client import request_body
from assay.runtime.counters import CounterReader
from assay.runtime.stream import Streamer, StreamRequest
from assay.schema.bench import LoadKey, Measurement, RequestEvent
from assay.workflow.evidence import CLIENTS, CLIENTS_FILE
from assay.workflow.self_test import measure_client

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from assay.bench.prompts import BenchPrompt
    from assay.bench.sent import Sent
    from assay.record.run_folder import RunFolder
    from assay.schema.suite import BenchSettings, Candidate
    from assay.workflow.servers import Address
    from assay.workflow.session import Session
    from assay.workflow.wishes import Wishes

    Round = tuple[str, str, int]

__all__ = ["run_benchmark"]

_NS = 1_000_000_000


async def run_benchmark(session: Session, candidates: tuple[Candidate, ...], wishes: Wishes) -> None:
    """Measure every load that is not whole on disk yet; a broken one is measured anew as its next series.

    Where time is short, each measurement may take its share of what is left when it begins.
    """
    settings = session.prepared.plan.bench
    if settings is None:
        return
    await _test_client(session, settings, wishes)
    whole, last = _on_disk(session.folder)
    cells = list(_cells(candidates, settings))
    requests = {profile: settings.requests_of(profile) for profile in settings.profiles}
    session.progress.stage("benchmark", sum(requests[load.profile] + settings.warmup for _, load, _ in cells))
    seconds = wishes.max_seconds or settings.max_seconds
    ends_ns = None if seconds is None else time.perf_counter_ns() + round(seconds * _NS)
    if seconds is not None:
        each = seconds / max(1, len(cells))
        session.progress.note(f"{seconds:g} s for {len(cells)} measurements: {each:.3g} s each at first")
    async with Streamer(time.perf_counter_ns) as streamer:
        for number, (candidate, load, repeat) in enumerate(cells):
            if session.stop.wanted:
                return
            spec = CellSpec(
                load=load,
                requests=requests[load.profile],
                warmup=settings.warmup,
                series=last.get((*load.key, repeat), 0) + 1,
                repeat=repeat,
                nonce=session.run.salt,
            )
            if (*load.key, repeat) in whole:
                session.progress.advance(spec.requests + spec.warmup)
                continue
            await _Load(session, streamer, settings, spec, candidate).measure(_share(ends_ns, len(cells) - number))


async def _test_client(session: Session, settings: BenchSettings, wishes: Wishes) -> None:
    """Measure the client itself at the plan's concurrencies, once in a run."""
    if not (settings.self_test or wishes.self_test) or (session.folder.path / CLIENTS_FILE).exists():
        return
    try:
        found = await measure_client(
            settings.concurrency,
            progress=session.progress,
            salt=session.run.salt,
            over=lambda: session.stop.wanted,
        )
    except ServerError as error:
        if wishes.self_test:
            raise
        # The record says that the client was not measured; that is no reason to measure nothing.
        session.progress.note(str(error))
        return
    if not session.stop.wanted:
        session.folder.write(CLIENTS_FILE, CLIENTS.dump_json(found, indent=1).decode() + "\n")


def _share(ends_ns: int | None, left: int) -> int | None:
    """Return when the next of so many measurements must end, in nanoseconds of the clock."""
    now = time.perf_counter_ns()
    return None if ends_ns is None else now + max(0, ends_ns - now) // left


def _cells(candidates: tuple[Candidate, ...], settings: BenchSettings) -> Iterator[tuple[Candidate, LoadKey, int]]:
    """Yield the measurements; candidates take turns, in the other order every second time (ABBA).

    So a machine that slows down as it warms up does so for all of them alike.
    """
    turn = 0
    for repeat in range(1, settings.repeats + 1):
        for profile in settings.profiles:
            for concurrency, rate, cache in settings.loads():
                for candidate in candidates if turn % 2 == 0 else candidates[::-1]:
                    load = LoadKey(
                        candidate=candidate.id,
                        profile=profile,
                        arrivals="closed" if rate is None else settings.arrivals,
                        concurrency=concurrency,
                        rate_per_s=rate,
                        cache=cache,
                    )
                    yield candidate, load, repeat
                turn += 1


def _on_disk(folder: RunFolder) -> tuple[set[Round], dict[Round, int]]:
    """Return the measurements that are whole on disk, and the last series number of each that was begun."""
    last: dict[Round, int] = {}
    sent: Counter[tuple[Round, int]] = Counter()
    for event in folder.read("requests.jsonl", RequestEvent):
        key = (*event.key, event.repeat)
        last[key] = max(last.get(key, 0), event.series)
        sent[key, event.series] += event.phase == "measured"
    ended = {((*end.key, end.repeat), end.series): end.sent for end in folder.read("measurements.jsonl", Measurement)}
    # A line may be there whose requests were lost with the machine: two files are not written at one moment.
    return {key for key, series in last.items() if ended.get((key, series)) == sent[key, series]}, last


@dataclass(frozen=True)
class _Load:
    """One measurement of a run."""

    session: Session
    streamer: Streamer
    settings: BenchSettings
    spec: CellSpec
    candidate: Candidate

    @property
    def place(self) -> Address:
        return self.session.places[self.candidate.id]

    async def measure(self, ends_ns: int | None) -> None:
        """Send the load, and look at the server meanwhile; a stop leaves the measurement open, to be made anew."""
        folder, stop, spec = self.session.folder, self.session.stop, self.spec
        clock = time.perf_counter_ns
        server = watched(self.place.base_url, self.place.pid)
        async with AsyncExitStack() as stack:
            seen = sampling(server, spec.fields, record=lambda own: folder.append("resources.jsonl", own), clock=clock)
            await stack.enter_async_context(seen)
            read = counting(
                self._reader().read, spec.fields, record=lambda own: folder.append("counters.jsonl", own), clock=clock
            )
            await stack.enter_async_context(read)
            used = ProcessorTime.start(server, clock=clock)
            ended = await measure(
                spec,
                self._prompts(),
                self._sender(),
                Instruments(
                    clock,
                    record=lambda event: folder.append("requests.jsonl", event),
                    advance=self.session.progress.advance,
                    over=lambda: stop.wanted or (ends_ns is not None and clock() >= ends_ns),
                ),
            )
            other, own = used.share()
        if stop.wanted and ended.sent < spec.requests:
            return
        line = {
            **spec.fields,
            "planned": spec.requests,
            "sent": ended.sent,
            "ended": "whole" if ended.sent >= spec.requests else "time",
            "duration_us": ended.duration_us,
            "other_cpu_share": other,
            "own_cpu_share": own,
        }
        folder.append("measurements.jsonl", Measurement.model_validate(line))

    def _reader(self) -> CounterReader:
        place, runtime = self.place, self.candidate.runtime
        return CounterReader(place.base_url, place.key, runtime, place.model, dialect_of(runtime))

    def _prompts(self) -> Callable[[int], BenchPrompt]:
        profile, seed, cache = self.spec.load.profile, self.spec.seed, self.spec.load.cache
        if profile in SHAPES:
            return shaped(profile, seed, cache)
        suites = self.session.prepared.suites
        return from_suites([own for own in suites if profile in ("suites", f"suite:{own.id}")], seed, cache)

    def _sender(self) -> Callable[[BenchPrompt], Awaitable[Sent]]:
        place, settings = self.place, self.candidate.request
        dialect = dialect_of(self.candidate.runtime)
        forced = self.settings.output_tokens_of(self.spec.load.profile)

        async def send(asked: BenchPrompt) -> Sent:
            # A candidate that decodes freely is measured as it is used: without the schema.
            held = settings.response_format == "case_schema"
            schema = dict(asked.schema) if held and asked.schema else None
            body = request_body(
                place.model,
                asked.messages,
                settings,
                max_tokens=forced or asked.max_tokens,
                dialect=dialect,
                schema=schema,
            )
            # Under a schema an answer ends where the schema does.
            if forced is not None and schema is None and dialect.ignores_end:
                body["ignore_eos"] = True
            return await self.streamer.send(StreamRequest(place.base_url, place.key, body, settings.timeout_s, dialect))

        return send
