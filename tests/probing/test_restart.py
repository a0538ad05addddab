"""Does the probe tell whether a server comes back, and what its health says meanwhile?"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assay.runtime.probing import DEEP_PROBES, probe_deeply
from assay.runtime.probing.probing import run_probe
from assay.runtime.probing.wire import wire_to
from assay.schema.suite import RestartSpec
from tests.probing.gateway import KEY, Manners, serving
from tests.probing.probed import found, probed, subject_at
from tests.readiness.seen_load import SEEN_LOAD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.schema.provenance import ProbeResult

SCRIPT = str(Path(__file__).with_name("child_server.py"))
PYTHON = (sys.executable, "-I", "-S")


class Child:
    """A server in a process of its own."""

    def __init__(self, pid_file: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.pid_file = pid_file
        subprocess.run(self.command("0", "honest"), check=True)
        for _ in range(200):
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.1):
                return
            time.sleep(0.02)

    def command(self, *how: str) -> tuple[str, ...]:
        """Return the command that restarts it; without more it does not come back."""
        return (*PYTHON, SCRIPT, "restart", str(self.pid_file), *((str(self.port), *how) if how else ()))

    def probed(self, *how: str, ready_within_s: float = 10.0) -> tuple[ProbeResult, ProbeResult]:
        """Return what the probes of its health and of a restart came to."""
        spec = RestartSpec(candidate="small", command=self.command(*how), ready_within_s=ready_within_s)
        base_url = f"http://127.0.0.1:{self.port}/v1"
        return probed("health", base_url=base_url), probed("restart", base_url=base_url, restart=spec)


@pytest.fixture
def child(tmp_path: Path) -> Iterator[Child]:
    """Yield a server, and end whatever process stands in its place."""
    own = Child(tmp_path / "pid")
    try:
        yield own
    finally:
        with suppress(OSError):
            os.kill(int(own.pid_file.read_text()), signal.SIGKILL)


def test_a_server_comes_back(child: Child) -> None:
    """A server that says 503 while it loads and then answers is met in both."""
    results = child.probed("0.3", "honest")
    answer = found("restart-recovers", *results)
    assert answer.status == "met"
    assert answer.reason.startswith("a chat was answered ")
    assert answer.reason.endswith(" s after the restart command was begun; the stream in flight was cut")
    told = found("readiness-told", *results)
    assert (told.status, told.reason) == (
        "met",
        "GET /ready said 503 during a restart, and 200 only when chats were answered",
    )


def test_health_that_lies_is_found(child: Child) -> None:
    """Health that says yes while chats fail is found; the server comes back all the same."""
    results = child.probed("0.5", "lies")
    assert found("restart-recovers", *results).status == "met"
    told = found("readiness-told", *results)
    assert told.status == "not_met"
    assert told.reason.startswith("GET /ready said 200 during a restart while a chat came to ")


def test_a_server_that_stays_away_is_found(child: Child) -> None:
    """A server that does not come back in time is not met."""
    answer = found("restart-recovers", *child.probed(ready_within_s=0.5))
    assert answer.status == "not_met"
    assert " s after the restart command was begun no chat is answered: cannot connect" in answer.reason


def test_an_interrupted_probe_lets_the_command_finish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A restart that was begun goes on to its end, without any key of the plan in its environment."""
    monkeypatch.setenv("SERVER_KEY", KEY)
    monkeypatch.setenv("JUDGE_KEY", "sk-of-a-judge")
    monkeypatch.setenv("SERVER_PLACE", "here")
    done = tmp_path / "done"
    script = f"import os, time; time.sleep(0.6); open({str(done)!r}, 'w').write(' '.join(sorted(os.environ)))"
    spec = RestartSpec(candidate="small", command=(*PYTHON, "-c", script))
    told: list[str] = []

    async def look() -> ProbeResult:
        async with serving() as gateway:
            subject = subject_at(gateway.base_url, restart=spec, plan_keys=frozenset({"sk-of-a-judge"}))
            async with wire_to(subject.base_url, subject.key) as wire:
                return await run_probe("restart", DEEP_PROBES["restart"], subject, wire, 0.5, tell=told.append)

    result = asyncio.run(look())
    assert result.ended == "out_of_time"
    assert result.steps("command")[0].shows == {"exit_code": 0}
    assert told == ["the restart command still runs: it is waited for, up to 120 s"]
    names = done.read_text().split()
    assert "SERVER_PLACE" in names
    assert not {"SERVER_KEY", "JUDGE_KEY"} & set(names)


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ((*PYTHON, "-c", ""), "the server was not seen to go: every chat was answered"),
        (
            (*PYTHON, "-c", "raise SystemExit(3)"),
            "the server was not seen to go: every chat was answered; the command ended with 3",
        ),
        (
            ("/nowhere/restart",),
            ("it was not restarted: the plan's restart command: it cannot be started: No such file or directory"),
        ),
    ],
)
def test_what_was_not_restarted_is_unknown(command: tuple[str, ...], reason: str) -> None:
    """A command that did nothing, failed or could not begin shows nothing of the server."""
    spec = RestartSpec(candidate="small", command=command, ready_within_s=0.4)
    answer = found("restart-recovers", probed("restart", Manners(ends_after_s=None), restart=spec))
    assert (answer.status, answer.reason) == ("unknown", reason)


def test_without_a_command_nothing_is_sent() -> None:
    """Without a command in the plan no restart is tried."""
    result = probed("restart")
    assert (result.ended, result.requests) == ("left_out", 0)
    answer = found("restart-recovers", result)
    assert (answer.status, answer.reason) == ("unknown", "the plan gives no command that restarts it")


def test_a_restart_that_may_take_longer_than_is_left_is_not_begun(tmp_path: Path) -> None:
    """Where less time is left than the server may take to come back, the command is not begun."""
    begun = tmp_path / "begun"
    spec = RestartSpec(candidate="small", command=("touch", str(begun)), ready_within_s=60)
    others = DEEP_PROBES.keys() - {"restart"}

    async def look() -> list[ProbeResult]:
        async with serving() as gateway:
            subject = subject_at(gateway.base_url, restart=spec)
            return [result async for result in probe_deeply(subject, 30.0, others)]

    (result,) = asyncio.run(look())
    assert (result.ended, result.requests, begun.exists()) == ("left_out", 0, False)
    answer = found("restart-recovers", result)
    assert answer.status == "unknown"
    assert answer.reason.startswith("raise probes.max_seconds: a restart may take 60 s, and ")


def test_a_stream_that_hangs_is_found() -> None:
    """A stream that nobody ends is not met, though the server is back."""
    result = next(own for own in SEEN_LOAD if own.probe == "restart")
    hung = {"trouble": "no whole answer within 30 s", "shows": {"done": False, "silent_ms": 29_000}}
    exchanges = tuple(own.model_copy(update=hung) if own.step == "stream" else own for own in result.exchanges)
    answer = found("restart-recovers", result.model_copy(update={"exchanges": exchanges}))
    assert (answer.status, answer.reason) == (
        "not_met",
        "a stream that was in flight hung after the restart, without an end or an error",
    )
