"""The server's memory is that of its whole process tree, and its end is no error."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from assay.bench import CellSpec, sample, sampling

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.schema.bench import ResourceSample

CELL = CellSpec(candidate="a", profile="long", concurrency=4, requests=1, warmup=0, series=1, repeat=1, nonce="run-1")
_HOLD = "import sys; held = b'x' * int(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
_HOLD_IN_A_CHILD = (
    f"import subprocess, sys; subprocess.run([sys.executable, '-c', {_HOLD!r}, sys.argv[1]], stdin=sys.stdin)"
)


@contextmanager
def _process(code: str, held: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process that holds memory until its input ends."""
    command = [sys.executable, "-c", code, str(held)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        try:
            yield process
        finally:
            process.communicate()


def test_sample_of_a_process() -> None:
    """A sample tells what a process holds; what no file backs is part of it."""
    with _process(_HOLD, 50_000_000) as process:
        seen = sample(process.pid, CELL, 17)
    assert seen is not None
    assert (seen.candidate, seen.profile, seen.concurrency, seen.at_us) == ("a", "long", 4, 17)
    assert seen.rss_bytes > 50_000_000
    assert seen.anonymous_bytes is None or 50_000_000 < seen.anonymous_bytes < seen.rss_bytes
    assert seen.host_available_bytes > 0


def test_children_count() -> None:
    """The memory of a child is the server's as well."""
    with _process(_HOLD_IN_A_CHILD, 50_000_000) as process:
        seen = sample(process.pid, CELL, 0)
    assert seen is not None
    assert seen.rss_bytes > 50_000_000


def test_ended_process() -> None:
    """A process that has ended gives no sample, and no error."""
    with _process(_HOLD, 1) as process:
        pass
    assert sample(process.pid, CELL, 0) is None


def test_sampling_while_a_block_runs() -> None:
    """Samples are taken at the beginning, while the block runs, and at its end, with the time since it began."""
    seen: list[ResourceSample] = []

    async def run() -> None:
        third = asyncio.Event()

        def record(own: ResourceSample) -> None:
            seen.append(own)
            if len(seen) == 3:
                third.set()

        async with sampling(os.getpid(), CELL, record=record, clock=time.perf_counter_ns):
            await third.wait()

    asyncio.run(run())
    assert len(seen) == 4
    assert [own.at_us for own in seen] == sorted(own.at_us for own in seen)
    assert seen[0].at_us < seen[-1].at_us


def test_server_that_dies_meanwhile() -> None:
    """Sampling goes on to its end when the process does not, and keeps what was seen before."""
    seen: list[ResourceSample] = []

    async def run() -> None:
        with _process(_HOLD, 1) as process:
            async with sampling(process.pid, CELL, record=seen.append, clock=time.perf_counter_ns):
                process.communicate()

    asyncio.run(run())
    assert len(seen) == 1
