"""How far can the benchmark's own client be believed at the concurrencies of a plan?

The client asks a server with known times, both on this machine, and each difference between their accounts is what
the client adds.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay.bench.load import CellSpec, Instruments, measure
from assay.bench.prompts import BenchPrompt
from assay.bench.selftest import client_error, known_server
from assay.runtime.stream import Streamer, StreamRequest
from assay.schema.bench import LoadKey
from assay.schema.suite import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pydantic import JsonValue

    from assay.runtime.stream import StreamResult
    from assay.schema.bench import ClientError, RequestEvent
    from assay.workflow.progress import Progress

__all__ = ["measure_client"]

_TTFT_MS, _GAP_MS, _TOKENS = 100.0, 20.0, 16
_LEAST_REQUESTS = 20
_MOST_STREAMS = 1024  # beyond it a server that shares the machine is what would be measured
_TIMEOUT_S = 30.0


@dataclass(frozen=True)
class _Asking:
    """What every step of the ladder shares."""

    progress: Progress
    """Told of each request."""
    salt: str
    """Text that begins each prompt."""
    over: Callable[[], bool]
    """Whether no further request is wanted."""


async def measure_client(
    concurrencies: Sequence[int], *, progress: Progress, salt: str, over: Callable[[], bool] = lambda: False
) -> tuple[ClientError, ...]:
    """Return the client's own error at each concurrency, rising; each is measured once, and at most 1,024 streams.

    A concurrency at which no request had an answer is left out, and said.

    Args:
        concurrencies: streams at once, in any order and as often as they come.
        progress: is told of each request.
        salt: text that begins each prompt.
        over: read before each request; once it says so, no further one is sent.

    Raises:
        ServerError: the server with known times did not start (`self-test-failed`).
    """
    steps = sorted({min(concurrency, _MOST_STREAMS) for concurrency in concurrencies})
    progress.stage("self-test", sum(step + _requests(step) for step in steps))
    found = []
    with ExitStack() as stack:
        server = await asyncio.to_thread(stack.enter_context, known_server(_TTFT_MS, _GAP_MS, _TOKENS))
        async with Streamer(time.perf_counter_ns) as streamer:
            for step in steps:
                events = await _load(step, server.base_url, streamer, _Asking(progress, salt, over))
                error = client_error(step, events)
                if error is None:
                    fault = next((event.fault for event in events if event.fault is not None), None)
                    why = fault.message if fault is not None else "no request has both accounts"
                    progress.note(f"self-test: nothing measured with {step} at once ({why})")
                else:
                    found.append(error)
    return tuple(found)


async def _load(streams: int, base_url: str, streamer: Streamer, asking: _Asking) -> tuple[RequestEvent, ...]:
    """Put one closed loop on the server; where every warm-up request failed, nothing is measured."""
    events: list[RequestEvent] = []

    def ask(seq: int) -> BenchPrompt:
        question = f"{asking.salt} {seq}: say {_TOKENS} tokens"
        return BenchPrompt((Message(role="user", content=question),), _TOKENS, None)

    async def send(asked: BenchPrompt) -> StreamResult:
        message: JsonValue = {"role": "user", "content": asked.messages[0].content}
        body: dict[str, JsonValue] = {"model": "self-test", "messages": [message]}
        return await streamer.send(StreamRequest(base_url, None, body, _TIMEOUT_S))

    def over() -> bool:
        return asking.over() or (len(events) >= streams and all(event.fault is not None for event in events))

    load = LoadKey(candidate="self-test", profile="short", concurrency=streams)
    spec = CellSpec(load=load, requests=_requests(streams), warmup=streams, series=1, repeat=1, nonce=asking.salt)
    instruments = Instruments(time.perf_counter_ns, record=events.append, advance=asking.progress.advance, over=over)
    await measure(spec, ask, send, instruments)
    return tuple(events)


def _requests(concurrency: int) -> int:
    return max(2 * concurrency, _LEAST_REQUESTS)
