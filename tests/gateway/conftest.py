"""Where is the real LiteLLM proxy, and how is it started in front of the real embedded model?"""

from __future__ import annotations

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from assay.runtime.embedded import EmbeddedServer
from tests.conftest import LITELLM

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY = "sk-gateway-test-7f3a9b1c5d2e8064"
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
router_settings: {{num_retries: 0, optional_pre_call_checks: [enforce_model_rate_limits], disable_cooldowns: true}}
litellm_settings: {{num_retries: 0, telemetry: false}}
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


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """Yield a real LiteLLM proxy, without a database, in front of the embedded server."""
    folder = tmp_path_factory.mktemp("gateway")
    with EmbeddedServer.start("smollm2-135m-instruct", 4, folder / "model.log") as server:
        port = free_port()
        text = CONFIG.format(model="smollm2-135m-instruct", upstream=server.base_url, dead=free_port())
        (folder / "config.yaml").write_text(text, encoding="utf-8")
        # Nothing of the surroundings reaches the proxy but where programs are; it must find no database and no keys.
        environment = {"PATH": f"{LITELLM.parent}:{os.environ['PATH']}", "HOME": str(folder), "GATEWAY_TEST_KEY": KEY}
        environment |= {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "NO_PROXY": "127.0.0.1"}
        command = [str(LITELLM), "--config", "config.yaml", "--host", "127.0.0.1", "--port", str(port)]
        with (folder / "proxy.log").open("wb") as log:
            process = subprocess.Popen(
                command, cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True
            )
        try:
            _wait(f"http://127.0.0.1:{port}/health/liveliness", process, folder / "proxy.log")
            yield Gateway(f"http://127.0.0.1:{port}/v1", server.base_url)
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
    pytest.fail(f"the proxy did not start:\n{tail}")
