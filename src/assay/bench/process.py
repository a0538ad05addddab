"""Which processes are the server's?"""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

    import psutil

__all__ = ["Watched", "tree_of", "watched"]

_FORWARDERS = (
    "docker-proxy",
    "com.docker",
    "rootlessport",
    "rootlesskit",
    "slirp4netns",
    "pasta",
    "vpnkit",
    "wslrelay",
)
"""What listens here for a server in a container on the same host."""

_TUNNELS = ("ssh", "sshd", "kubectl", "socat", "autossh", "cloudflared")
"""What listens here for a server that may be anywhere."""

_SERVERS = (
    *("vllm", "sglang", "text-generation", "llama-server", "llama_cpp", "ollama", "lm studio", "lmstudio", "llmster"),
    *("uvicorn", "gunicorn", "hypercorn", "litellm"),
)
"""How the names of server processes, of their programs and of their modules begin."""

_INTERPRETERS = ("python", "pypy", "node", "ruby", "perl", "java")
"""Executables that run any program: two processes of one are not of one program for that."""

_MOST_PARENTS = 8


@dataclass(frozen=True, slots=True)
class Watched:
    """What can be seen of a server from here."""

    pid: int | None
    """Root of its process tree, or None where it cannot be seen."""
    here: bool
    """Whether it runs on this host, so that the host's memory and graphics processors are the server's."""


def watched(base_url: str, pid: int | None = None) -> Watched:
    """Return what can be seen of the server at an address.

    A tunnel that ends on the loopback says nothing of where the server is, so it counts as elsewhere. A loopback port
    whose listener cannot be seen counts as here, as that of a container's. Its process is None then, and also where
    several listen that are not of one tree, or the listener is this process.

    Args:
        base_url: address of the server.
        pid: root of its process tree, where it is known already.
    """
    if pid is not None:
        return Watched(pid, here=True)
    found = _listeners(base_url)
    if found is None:
        return Watched(None, here=False)
    if any(_begins(process, _TUNNELS) for process in found):
        return Watched(None, here=False)
    return Watched(_root_of_all(found), here=True)


def tree_of(pid: int) -> list[psutil.Process]:
    """Return a process and all its descendants; empty once it has ended or may not be looked at."""
    import psutil

    try:
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    except psutil.Error:
        return []


def _listeners(base_url: str) -> list[psutil.Process] | None:
    """Return who listens at an address; empty where it cannot be seen, None where the address is not on this host."""
    import psutil

    place = _loopback(base_url)
    if place is None:
        return None
    host, port = place
    try:
        connections = psutil.net_connections(kind="tcp")
    except (psutil.Error, OSError):
        return []
    pids = {
        connection.pid
        for connection in connections
        if connection.status == psutil.CONN_LISTEN
        and connection.laddr
        and connection.laddr.port == port
        and _answers(connection.laddr.ip, host)
    }
    found = [_process(pid) for pid in pids if pid is not None]
    whole = None not in pids and None not in found
    return [process for process in found if process is not None] if whole else []


def _process(pid: int) -> psutil.Process | None:
    import psutil

    try:
        return psutil.Process(pid)
    except psutil.Error:
        return None


def _loopback(base_url: str) -> tuple[str, int] | None:
    """Return host and port of an address that means this host, or None."""
    try:
        parts = urlsplit(base_url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return None
    if host == "localhost" or host.endswith(".localhost"):
        return "localhost", port
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    return (str(address), port) if address.is_loopback or address.is_unspecified else None


def _answers(listening: str, host: str) -> bool:
    """Return whether a socket bound to an address takes what is sent to a host."""
    try:
        bound = ipaddress.ip_address(listening)
        bound = getattr(bound, "ipv4_mapped", None) or bound
        if bound.is_unspecified:
            return True
        wanted = None if host == "localhost" else ipaddress.ip_address(host)
    except ValueError:
        return False
    return bound.is_loopback if wanted is None or wanted.is_unspecified else bound == wanted


def _root_of_all(found: Iterable[psutil.Process]) -> int | None:
    """Return the one root of several listeners' trees, or None."""
    import psutil

    try:
        own = psutil.Process()
        # Whoever started us may have started the server as well, and is not the server for that.
        not_servers = {own.pid, *(parent.pid for parent in own.parents())}
        roots = {_root(process, not_servers) for process in found}
    except psutil.Error:
        return None
    return roots.pop() if len(roots) == 1 else None


def _root(process: psutil.Process, not_servers: set[int]) -> int | None:
    """Return the topmost parent that belongs to the same server, or None where the process is none."""
    if process.pid == os.getpid() or _begins(process, _FORWARDERS):
        return None
    for _ in range(_MOST_PARENTS):
        parent = process.parent()
        if parent is None or parent.pid in not_servers or not _one_server(parent, process):
            break
        process = parent
    return process.pid


def _one_server(parent: psutil.Process, child: psutil.Process) -> bool:
    """Return whether parent and child are plainly of one server."""
    import psutil

    if _begins(parent, _SERVERS):
        return True
    try:
        program, line = parent.exe(), parent.cmdline()
        if not program or program != child.exe():
            return False
        child_line = child.cmdline()
    except psutil.Error:
        return False
    if not PurePath(program).name.startswith(_INTERPRETERS):
        return True
    forked = line == child_line or any("multiprocessing" in argument for argument in child_line)
    return forked or any(PurePath(argument).name.lower().startswith(_SERVERS) for argument in line[1:4])


def _begins(process: psutil.Process, names: tuple[str, ...]) -> bool:
    import psutil

    try:
        return process.name().lower().startswith(names)
    except psutil.Error:
        return False
