"""How is the load sent: each candidate, prompts and load in turn, every request's events on disk?"""

from __future__ import annotations

import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay.bench.load import CellSpec, Instruments, measure
from assay.bench.process import watched
from assay.bench.processor import ProcessorTime
from assay.bench.prompts import SHAPES, from_suites, shaped
from assay.bench.resources import sampling
from assay.bench.watching import counting
from assay.errors import Problem, ServerError
from assay.runtime.adapters import dialect_of
from assay.runtime.client import request_body
from assay.runtime.counters import CounterReader
from assay.runtime.observe import models_listed
from assay.runtime.stream import Streamer, StreamRequest
from assay.schema.bench import Measurement
from assay.workflow.bench_steps import begun, steps_of
from assay.workflow.evidence import CLIENTS, CLIENTS_FILE
from assay.workflow.self_test import measure_client
from assay.workflow.servers import placed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from assay.bench.prompts import BenchPrompt
    from assay.bench.sent import Sent
    from assay.record.run_folder import RunFolder
    from assay.schema.bench import RequestEvent
    from assay.schema.suite import BenchSettings, Candidate
    from assay.workflow.servers import Address
    from assay.workflow.session import Session
    from assay.workflow.stop import Stop
    from assay.workflow.wishes import Wishes

__all__ = ["run_benchmark"]

_NS = 1_000_000_000
_MOST_UNREACHED = 20


async def run_benchmark(session: Session, candidates: tuple[Candidate, ...], wishes: Wishes) -> None:
    """Measure every load that is not whole on disk yet; a broken one is measured anew as its next series.

    Where time is short, each measurement may take its share of what is left when it begins.
    """
    settings = session.prepared.plan.bench
    if settings is None:
        return
    await _test_client(session, settings, wishes)
    seconds = wishes.max_seconds or settings.max_seconds
    steps, requests = (
        list(steps_of(candidates, settings)),
        {own: settings.requests_of(own) for own in settings.profiles},
    )
    there = begun(session.folder, limited=seconds is not None)
    within = "" if seconds is None else f", at most {seconds:g} s"
    session.progress.stage(f"benchmark{within}", sum(requests[own.load.profile] + settings.warmup for own in steps))
    ends_ns = None if seconds is None else time.perf_counter_ns() + round(seconds * _NS)
    if seconds is not None:
        each = seconds / max(1, len(steps))
        session.progress.note(f"{seconds:g} s for {len(steps)} measurements: {each:.3g} s each at first")
    left_out = 0
    async with Streamer(time.perf_counter_ns) as streamer:
        for number, step in enumerate(steps):
            if session.stop.wanted:
                return
            spec = CellSpec(
                load=step.load,
                requests=requests[step.load.profile],
                warmup=settings.warmup,
                series=there.series.get(step.round, 0) + 1,
                repeat=step.repeat,
                nonce=session.run.salt,
            )
            if step.round in there.done:
                session.progress.advance(spec.requests + spec.warmup)
            elif ends_ns is not None and time.perf_counter_ns() >= ends_ns:
                left_out += 1
            else:
                load = _Load(session, streamer, settings, spec, step.candidate)
                await load.measure(_share(ends_ns, len(steps) - number))
    if left_out:
        session.progress.note(f"{left_out} of {len(steps)} measurements were not begun: the time for them was over")


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


class _Told:
    """Takes the events of one measurement and says when no further request is wanted."""

    def __init__(self, folder: RunFolder, stop: Stop, ends_ns: int | None) -> None:
        self._folder, self._stop, self._ends_ns = folder, stop, ends_ns
        self._measured = 0
        self.unreached = 0

    def record(self, event: RequestEvent) -> None:
        """Write an event down."""
        self._folder.append("requests.jsonl", event)
        self._measured += event.phase == "measured"
        lost = event.fault is not None and event.fault.kind == "connection"
        self.unreached = self.unreached + 1 if lost else 0

    def over(self) -> bool:
        """Say whether no further request is wanted; one that counts is waited for, lest the warm-up was for nothing."""
        if self._stop.wanted or self.unreached >= _MOST_UNREACHED:
            return True
        return self._ends_ns is not None and self._measured > 0 and time.perf_counter_ns() >= self._ends_ns


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
            told = _Told(folder, stop, ends_ns)
            instruments = Instruments(clock, told.record, self.session.progress.advance, told.over)
            ended = await measure(spec, self._prompts(), self._sender(), instruments)
            other, own = used.share()
        if told.unreached >= _MOST_UNREACHED:
            await self._look_whether_it_is_gone()
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

    async def _look_whether_it_is_gone(self) -> None:
        """Raise ServerError where the server is gone: a server that only refuses more than it can take is not."""
        place, dialect = self.place, dialect_of(self.candidate.runtime)
        try:
            await models_listed(place.base_url, place.key, timeout_s=self.candidate.request.timeout_s, dialect=dialect)
        except ServerError as error:
            message = f"the server of {self.candidate.id} went away: {error.problems[0].message.rstrip('.')}"
            remedy = "Start it, and go on with --resume: this measurement is made again."
            problem = Problem("server-unreachable", message, remedy)
            raise ServerError(placed(problem, self.session.prepared, self.candidate, "base_url")) from None

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
