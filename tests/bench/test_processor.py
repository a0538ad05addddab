"""Processor time is the harness's, the server's or others', and what cannot be told apart is not told."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import psutil

from assay.bench.process import Watched
from assay.bench.processor import ProcessorTime
from tests.bench.test_process import running

if TYPE_CHECKING:
    import pytest

_BUSY = """
import sys, time
print("started", flush=True)
ends = time.process_time() + 0.05
while time.process_time() < ends:
    pass
print("done", flush=True)
sys.stdin.read()
"""


class Times:
    """A host with two cores, and the processor times of one process, to be set by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, server: Watched) -> None:
        self.host = {"user": 100.0, "system": 10.0, "idle": 90.0, "iowait": 1.0, "steal": 0.0, "guest": 5.0}
        self.own, self.at_s, self.server_s = 20.0, 0.0, 50.0
        monkeypatch.setattr(psutil, "cpu_times", lambda: SimpleNamespace(_asdict=lambda: dict(self.host)))
        processes = {None: self._of(lambda: self.own, 99.0), 7: self._of(lambda: self.server_s, 1.0)}
        processes[7].children = lambda recursive: []
        monkeypatch.setattr(psutil, "Process", lambda pid=None: processes[pid])
        self.time = ProcessorTime.start(server, clock=lambda: round(self.at_s * 1e9))

    def _of(self, seconds: object, children: float) -> SimpleNamespace:
        return SimpleNamespace(
            cpu_times=lambda: SimpleNamespace(
                user=seconds(),
                system=1.0,
                children_user=children,
                children_system=0.0,  # type: ignore[operator]
            )
        )

    def pass_s(self, seconds: float, *, busy: float, own: float, server: float) -> tuple[float | None, float | None]:
        """Let time pass and return the shares."""
        self.at_s += seconds
        self.host["user"] += busy - 0.5
        self.host["steal"] += 0.5
        self.host["guest"] += 3.0
        self.host["idle"] += 2 * seconds - busy
        self.own += own
        self.server_s += server
        return self.time.share()


def test_time_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of ten seconds on two cores others took what was busy, less the harness and the server."""
    times = Times(monkeypatch, Watched(7, here=True))
    assert times.pass_s(10, busy=15.0, own=2.0, server=9.0) == (0.2, 0.2)


def test_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clocks that tick otherwise never make a share less than nothing."""
    times = Times(monkeypatch, Watched(7, here=True))
    assert times.pass_s(10, busy=10.0, own=2.0, server=9.0) == (0.0, 0.2)


def test_a_server_elsewhere_takes_no_time_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is busy here beside the harness is others'."""
    times = Times(monkeypatch, Watched(None, here=False))
    assert times.pass_s(10, busy=4.0, own=2.0, server=0.0) == (0.1, 0.2)


def test_a_server_that_is_not_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the server's own time cannot be told, neither can that of others."""
    times = Times(monkeypatch, Watched(None, here=True))
    assert times.pass_s(10, busy=15.0, own=2.0, server=9.0) == (None, 0.2)


def test_no_time_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of no time there are no shares."""
    times = Times(monkeypatch, Watched(7, here=True))
    assert times.time.share() == (None, None)


def test_real_processes() -> None:
    """A busy server's time is not others'; one that has ended leaves it unknown."""
    with running(_BUSY) as (process, _):
        clock = iter((0, 10**9, 2 * 10**9))
        time = ProcessorTime.start(Watched(process.pid, here=True), clock=lambda: next(clock))
        assert process.stdout is not None
        assert process.stdout.readline() == b"done\n"
        other, own = time.share()
        assert other is None or 0 <= other <= 1
        assert own is not None
        assert own >= 0
    assert time.share()[0] is None
