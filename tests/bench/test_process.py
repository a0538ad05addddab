"""The server is found by its port, and its tree is not that of whoever started it."""

from __future__ import annotations

import socket
import subprocess
import sys
from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING

import psutil
import pytest

from assay.bench.process import Watched, tree_of, watched

if TYPE_CHECKING:
    from collections.abc import Iterator

_LISTEN = """
import socket, sys
with socket.create_server(("127.0.0.1", 0)) as server:
    print(server.getsockname()[1], flush=True)
    sys.stdin.read()
"""
_LISTEN_IN_A_WORKER = """
import multiprocessing, socket, sys

def work(started, end):
    with socket.create_server(("127.0.0.1", 0)) as server:
        started.put(server.getsockname()[1])
        end.wait()

if __name__ == "__main__":
    context = multiprocessing.get_context("fork")
    started, end = context.Queue(), context.Event()
    worker = context.Process(target=work, args=(started, end))
    worker.start()
    print(started.get(), flush=True)
    sys.stdin.read()
    end.set()
    worker.join()
"""
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere connections are shown to root alone")


@contextmanager
def running(code: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Run a program until its input ends; yield it and the first line that it writes."""
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        line = process.stdout.readline().decode().strip()
        try:
            yield process, line
        finally:
            process.communicate()


@LINUX
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0"])
def test_the_server_of_a_port(host: str) -> None:
    """The process that listens is found, and not the one that started it, though both are of one executable."""
    with running(_LISTEN) as (process, port):
        assert watched(f"http://{host}:{port}/v1").pid == process.pid
        assert watched(f"http://{host}:{port}/v1") == Watched(process.pid, here=True)


@LINUX
def test_another_address_of_the_loopback() -> None:
    """A socket bound to one address does not answer at another."""
    with running(_LISTEN) as (_, port):
        assert watched(f"http://127.0.0.2:{port}/v1").pid is None


@LINUX
def test_the_parent_of_a_worker() -> None:
    """Where a worker listens, the server is the process that forked it."""
    with running(_LISTEN_IN_A_WORKER) as (process, port):
        assert watched(f"http://127.0.0.1:{port}").pid == process.pid
        assert {process.pid} < {one.pid for one in tree_of(process.pid)}


def test_this_process_is_no_server() -> None:
    """A port on which the harness itself listens has no server to look at, and is here."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/v1"
        assert watched(address).pid is None
        assert watched(address) == Watched(None, here=True)


@pytest.mark.parametrize(
    "address", ["http://192.0.2.1:8000/v1", "https://models.example/v1", "http://[::1", "not an address", ""]
)
def test_a_server_elsewhere(address: str) -> None:
    """An address that is not on the loopback, or is none, is elsewhere."""
    assert watched(address) == Watched(None, here=False)


def test_a_process_that_is_known() -> None:
    """A process that Assay started itself needs no search."""
    assert watched("http://192.0.2.1/v1", 17) == Watched(17, here=True)


def fake(
    name: str, pid: int = 7, parent: object = None, exe: str = "/usr/bin/x", cmdline: tuple[str, ...] = ()
) -> object:
    """Return something that looks like a process."""
    return SimpleNamespace(
        pid=pid, name=lambda: name, parent=lambda: parent, exe=lambda: exe, cmdline=lambda: list(cmdline)
    )


def found(monkeypatch: pytest.MonkeyPatch, *processes: object) -> Watched:
    """Return what is seen of port 8000 when some processes listen there."""
    listed = {process.pid: process for process in processes}  # type: ignore[attr-defined]
    own = SimpleNamespace(pid=1, parents=list)
    at = SimpleNamespace(ip="127.0.0.1", port=8000)
    monkeypatch.setattr(
        psutil,
        "net_connections",
        lambda kind: [SimpleNamespace(pid=pid, status=psutil.CONN_LISTEN, laddr=at) for pid in listed],
    )
    monkeypatch.setattr(psutil, "Process", lambda pid=None: own if pid is None else listed[pid])
    return watched("http://127.0.0.1:8000/v1")


PYTHON = "/venv/bin/python3.12"
SHELL = fake("bash", 2, exe="/bin/bash", cmdline=("bash", "-c", "vllm serve m"))
STARTER = fake("python3", 3, SHELL, PYTHON, ("python", "run_vllm_benchmarks.py"))
VLLM = fake("python3", 4, STARTER, PYTHON, ("python", "/venv/bin/vllm", "serve", "m"))
LAUNCHER = fake("text-generation-launcher", 5, SHELL, "/bin/text-generation-launcher")


@pytest.mark.parametrize(
    ("listener", "pid"),
    [
        (fake("VLLM::APIServer", 9, VLLM, PYTHON, ("VLLM::APIServer_0",)), 4),
        (fake("python3", 9, VLLM, PYTHON, ("python", "-c", "from multiprocessing.spawn import spawn_main")), 4),
        (VLLM, 4),
        (fake("text-generation-router", 9, LAUNCHER, "/bin/text-generation-router"), 5),
        (fake("llama-server", 9, SHELL, "/opt/llama-server"), 9),
        (fake("llama-server", 9, fake("supervisor", 8, None, "/bin/supervisor"), "/opt/llama-server"), 9),
        (fake("served", 9, fake("served", 8, SHELL, "/opt/served"), "/opt/served"), 8),
    ],
    ids=["titled worker", "spawned worker", "server", "launcher", "shell", "supervisor", "one executable"],
)
def test_how_far_up_a_server_goes(monkeypatch: pytest.MonkeyPatch, listener: object, pid: int) -> None:
    """A parent belongs to the server when it plainly is the same one: no shell, no starter of another name."""
    assert found(monkeypatch, listener) == Watched(pid, here=True)


def test_listeners_of_one_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several workers that listen are one server when one process is above them all, and none that is told else."""
    workers = [fake("VLLM::APIServer", pid, VLLM, PYTHON, ("VLLM::APIServer_0",)) for pid in (9, 10)]
    assert found(monkeypatch, *workers) == Watched(4, here=True)
    assert found(monkeypatch, workers[0], fake("nginx", 11)) == Watched(None, here=True)


def test_a_container_is_here_and_a_tunnel_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind docker's proxy the server is here and not seen; behind a tunnel it may be anywhere."""
    assert found(monkeypatch, fake("docker-proxy"), fake("docker-proxy", 8)) == Watched(None, here=True)
    assert found(monkeypatch, fake("ssh")) == Watched(None, here=False)


def test_listeners_that_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system does not say who listens, or does not let us look, the server is not seen."""
    at = SimpleNamespace(ip="::", port=8000)
    shown = [SimpleNamespace(pid=None, status=psutil.CONN_LISTEN, laddr=at)]
    monkeypatch.setattr(psutil, "net_connections", lambda kind: shown)
    assert watched("http://127.0.0.1:8000") == Watched(None, here=True)

    def refuse(kind: str) -> None:
        raise psutil.AccessDenied

    monkeypatch.setattr(psutil, "net_connections", refuse)
    assert watched("http://127.0.0.1:8000") == Watched(None, here=True)


def test_an_ended_process_has_no_tree() -> None:
    """The tree of a process that has ended is empty."""
    with running(_LISTEN) as (process, _):
        pass
    assert tree_of(process.pid) == []
