"""How are a real LiteLLM proxy and a real nginx started in front of the real embedded model?"""

from __future__ import annotations

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from assay.runtime.embedded import EmbeddedServer
from tests.conftest import LITELLM, NGINX
from tests.gateway.nginx import FRONTS, configuration

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

KEY = "sk-gateway-test-7f3a9b1c5d2e8064"
MODEL = "smollm2-135m-instruct"
START_DEADLINE_S = 90

CONFIG = """\
model_list:
  - model_name: good
    litellm_params: {{model: openai/{model}, api_base: "{upstream}", api_key: none}}
  - model_name: down
    litellm_params: {{model: openai/none, api_base: "http://127.0.0.1:{dead}/v1", api_key: none, max_retries: 0}}
  - model_name: slow
    litellm_params: {{model: openai/{model}, api_base: "{upstream}", api_key: none, timeout: 0.01, max_retries: 0}}
  - model_name: limited
    litellm_params: {{model: openai/{model}, api_base: "{upstream}", api_key: none, rpm: 1}}
  - model_name: busy
    litellm_params: {{model: openai/{model}, api_base: "{upstream}", api_key: none, rpm: 8}}
  - model_name: hasty
    litellm_params: {{model: openai/{model}, api_base: "{upstream}", api_key: none, timeout: 2, max_retries: 0}}
router_settings: {{num_retries: 0, optional_pre_call_checks: [enforce_model_rate_limits], disable_cooldowns: true}}
litellm_settings: {{num_retries: 0, telemetry: false, callbacks: [prometheus]}}
general_settings: {{master_key: os.environ/GATEWAY_TEST_KEY}}
"""


@dataclass(frozen=True)
class Gateway:
    """The proxy and the model behind it."""

    base_url: str
    """Address of the proxy up to and with `/v1`."""
    upstream: str
    """Address of the server behind it."""


def free_port() -> int:
    """Return a port that nothing listens on just now."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="package")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the address of the embedded server behind both gateways."""
    with EmbeddedServer.start(MODEL, 4, tmp_path_factory.mktemp("model") / "model.log") as server:
        yield server.base_url


@pytest.fixture(scope="package")
def gateway(upstream: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """Yield a real LiteLLM proxy, without a database, in front of the embedded server."""
    folder, port = tmp_path_factory.mktemp("gateway"), free_port()
    text = CONFIG.format(model=MODEL, upstream=upstream, dead=free_port())
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    # Nothing of the surroundings reaches the proxy but where programs are; it must find no database and no keys.
    environment = {"PATH": f"{LITELLM.parent}:{os.environ['PATH']}", "HOME": str(folder), "GATEWAY_TEST_KEY": KEY}
    environment |= {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "NO_PROXY": "127.0.0.1"}
    command = [str(LITELLM), "--config", "config.yaml", "--host", "127.0.0.1", "--port", str(port)]
    with _running(command, folder, environment, f"http://127.0.0.1:{port}/health/liveliness"):
        yield Gateway(f"http://127.0.0.1:{port}/v1", upstream)


@pytest.fixture(scope="package")
def nginx(upstream: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """Yield the addresses, up to and with `/v1`, of a real nginx's servers in front of the embedded one, by name."""
    folder = tmp_path_factory.mktemp("nginx")
    ports = {name: free_port() for name in (*FRONTS, "dead")}
    text = configuration(upstream.removesuffix("/v1"), ports)
    (folder / "nginx.conf").write_text(text, encoding="utf-8")
    command = [str(NGINX), "-p", f"{folder}/", "-c", "nginx.conf", "-e", "error.log"]
    with _running(command, folder, {"PATH": os.environ["PATH"]}, f"http://127.0.0.1:{ports['plain']}/health"):
        yield {name: f"http://127.0.0.1:{port}/v1" for name, port in ports.items()}


@contextmanager
def _running(command: list[str], folder: Path, environment: Mapping[str, str], address: str) -> Iterator[None]:
    """Run a server in a folder of its own until the block ends; its own process is what is ended."""
    log = folder / "output.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=output, stderr=output, start_new_session=True
        )
    try:
        _wait(address, process, log)
        yield
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    ends = time.monotonic() + START_DEADLINE_S
    while time.monotonic() < ends and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    tail = log.read_text("utf-8", "replace")[-2000:]
    pytest.fail(f"{address} did not answer:\n{tail}")
