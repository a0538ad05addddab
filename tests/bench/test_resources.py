"""The server's memory is that of its whole process tree, and its end is no error."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from assay.bench.process import Watched
from assay.bench.resources import Look, sampling
from tests.bench.test_watching import FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from assay.bench.watching import Moment
    from assay.schema.bench import ResourceSample

_HOLD = "import sys; held = b'x' * int(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
_HOLD_IN_A_CHILD = (
    f"import subprocess, sys; subprocess.run([sys.executable, '-c', {_HOLD!r}, sys.argv[1]], stdin=sys.stdin)"
)
HELD = 50_000_000
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture(autouse=True)
def _no_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at no driver that this machine may have."""
    monkeypatch.setitem(sys.modules, "pynvml", None)


@contextmanager
def holding(code: str, held: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process that holds memory until its input ends."""
    command = [sys.executable, "-c", code, str(held)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        try:
            yield process
        finally:
            process.communicate()


def one(pid: int | None, *, here: bool = True, moment: Moment = "start", at_us: int = 0) -> ResourceSample | None:
    look = Look(Watched(pid, here=here), FIELDS)
    try:
        return look.at(at_us, moment)
    finally:
        look.close()


def test_sample_of_a_process() -> None:
    """A sample tells what a process holds; what no file backs is part of it."""
    with holding(_HOLD, HELD) as process:
        seen = one(process.pid, at_us=17)
    assert seen is not None
    assert (seen.label, seen.candidate, seen.series, seen.repeat, seen.at_us) == ("long@2.5/s:warm", "a", 3, 2, 17)
    assert seen.rss_bytes is not None
    assert seen.rss_bytes > HELD
    assert seen.anonymous_bytes is None or HELD < seen.anonymous_bytes < seen.rss_bytes
    assert seen.host_available_bytes > 0
    assert seen.gpus == ()


def test_children_count() -> None:
    """The memory of a child is the server's as well."""
    with holding(_HOLD_IN_A_CHILD, HELD) as process:
        seen = one(process.pid)
    assert seen is not None
    assert seen.rss_bytes is not None
    assert seen.rss_bytes > HELD


@LINUX
def test_shared_pages_are_divided() -> None:
    """PSS of a tree is at most its resident memory, and at least what each process has for itself."""
    with holding(_HOLD_IN_A_CHILD, HELD) as process:
        seen = one(process.pid)
    assert seen is not None
    assert seen.rss_bytes is not None
    assert seen.pss_bytes is not None
    assert HELD < seen.pss_bytes <= seen.rss_bytes


def test_pss_is_not_read_under_load() -> None:
    """Reading PSS stops the server, so it is not done while it works."""
    seen = one(os.getpid(), moment="under load")
    assert seen is not None
    assert seen.pss_bytes is None


def test_pss_that_may_not_be_read(tmp_path: Path) -> None:
    """Where the system does not tell PSS, it is not known."""
    seen = Look(Watched(os.getpid(), here=True), FIELDS, tmp_path).at(0, "end")
    assert seen is not None
    assert seen.pss_bytes is None


def test_ended_process() -> None:
    """A process that has ended gives no sample, and no error."""
    with holding(_HOLD, 1) as process:
        pass
    assert one(process.pid) is None


def test_server_that_cannot_be_seen() -> None:
    """Of a server on this host that cannot be seen, the host's memory is told all the same."""
    seen = one(None)
    assert seen is not None
    assert (seen.rss_bytes, seen.anonymous_bytes, seen.pss_bytes) == (None, None, None)
    assert seen.host_available_bytes > 0


def test_server_elsewhere() -> None:
    """This host's memory says nothing of a server elsewhere: no sample is taken."""
    assert one(None, here=False) is None
    seen: list[ResourceSample] = []

    async def run() -> None:
        async with sampling(Watched(None, here=False), FIELDS, record=seen.append, clock=time.perf_counter_ns):
            pass

    asyncio.run(run())
    assert seen == []


def test_sampling_while_a_block_runs() -> None:
    """Samples are taken at the beginning, while the block runs, and at its end, with the time since it began."""
    seen: list[ResourceSample] = []

    async def run() -> None:
        third = asyncio.Event()

        def record(own: ResourceSample) -> None:
            seen.append(own)
            if len(seen) == 3:
                third.set()

        async with sampling(Watched(os.getpid(), here=True), FIELDS, record=record, clock=time.perf_counter_ns):
            await third.wait()

    asyncio.run(run())
    assert len(seen) == 4
    assert [own.at_us for own in seen] == sorted(own.at_us for own in seen)
    assert seen[0].at_us < seen[-1].at_us


def test_server_that_dies_meanwhile() -> None:
    """Sampling goes on to its end when the process does not, and keeps what was seen before."""
    seen: list[ResourceSample] = []

    async def run() -> None:
        with holding(_HOLD, 1) as process:
            server = Watched(process.pid, here=True)
            async with sampling(server, FIELDS, record=seen.append, clock=time.perf_counter_ns):
                process.communicate()

    asyncio.run(run())
    assert len(seen) == 1
