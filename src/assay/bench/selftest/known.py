"""How does the server with known times start, and end whatever happens?"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from assay.errors import Problem, ServerError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["KnownServer", "known_server"]

_START_DEADLINE_S = 30.0
_STOP_PATIENCE_S = 5.0
_MOST_QUOTED = 300


@dataclass(frozen=True, slots=True)
class KnownServer:
    """A running server with known times."""

    base_url: str
    """Address up to and with `/v1`."""
    pid: int
    """Process id."""


@contextmanager
def known_server(
    ttft_ms: float = 100.0, gap_ms: float = 20.0, tokens: int = 64, *, deadline_s: float = _START_DEADLINE_S
) -> Iterator[KnownServer]:
    """Start the server and stop it at the end of the block; it also ends with this process, however that ends.

    Args:
        ttft_ms: from a request to its first token, in milliseconds.
        gap_ms: from each token to the next, in milliseconds.
        tokens: tokens of each answer, at least 2.
        deadline_s: seconds that starting may take.

    Yields:
        where it listens.

    Raises:
        ServerError: it did not come up (`self-test-failed`).
    """
    command = [
        # -P: no module is taken from the folder that the user happens to be in
        *(sys.executable, "-P", "-m", "assay.bench.selftest.server"),
        *("--ttft-ms", f"{ttft_ms!r}", "--gap-ms", f"{gap_ms!r}", "--tokens", f"{tokens}"),
    ]
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(  # noqa: S603 - this Python and a module of ours
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            start_new_session=True,  # an interrupt from the terminal ends the measurement first
        )
        try:
            port = _port(process, deadline_s)
            if port is None:
                raise _failed(complaints)
            yield KnownServer(f"http://127.0.0.1:{port}/v1", process.pid)
        finally:
            _stop(process)


def _port(process: subprocess.Popen[bytes], deadline_s: float) -> int | None:
    """Return the port that a server announces; one that announces none in time is killed."""
    late = threading.Timer(deadline_s, process.kill)  # the end of a process ends the reading of what it says
    late.daemon = True
    late.start()
    try:
        said = process.stdout.readline(_MOST_QUOTED) if process.stdout is not None else b""
    finally:
        late.cancel()
    if said.strip().isdigit():
        return int(said)
    process.kill()
    process.wait()
    return None


def _failed(complaints: IO[bytes]) -> ServerError:
    complaints.seek(max(0, complaints.seek(0, os.SEEK_END) - _MOST_QUOTED))
    words = " ".join(complaints.read().decode("utf-8", "replace").split())
    return ServerError(
        Problem(
            slug="self-test-failed",
            message=f"the server with known times did not start: {words.rstrip('.') or 'nothing was heard of it'}",
            remedy="Try it by hand: `python -m assay.bench.selftest.server --ttft-ms 100 --gap-ms 20 --tokens 64`.",
        )
    )


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()
    try:
        process.wait(_STOP_PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
