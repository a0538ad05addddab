"""Does the probe tell which web pages may read answers?"""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from assay.runtime.embedded import weights_of
from tests.probing.gateway import Manners
from tests.probing.probed import answer_to, found, probed
from tests.probing.recorded import answer_of, recorded

# What `llama-server` does by default: any origin is reflected.
_LLAMA_CPP = """
import sys
import xllamacpp
parameters = xllamacpp.CommonParams()
parameters.model.path, parameters.port, parameters.ui = sys.argv[1], 0, False
parameters.n_parallel, parameters.n_ctx = 1, 256
server = xllamacpp.Server(parameters)
print(server.listening_address, file=sys.stderr, flush=True)
"""


def test_no_foreign_origin_is_allowed() -> None:
    """A gateway without a CORS header is met."""
    answer = answer_to("foreign-pages", "cors")
    assert (answer.status, answer.reason) == (
        "met",
        "no foreign origin may read answers: 3 requests from a foreign origin got no leave to be read",
    )


@pytest.mark.parametrize(
    ("origin", "told"),
    [
        ("*", "the origin of a web page may be any: OPTIONS /v1/chat/completions from a foreign origin"),
        (
            "reflect",
            (
                "the origin of a web page is reflected, with the browser's credentials: "
                "OPTIONS /v1/chat/completions from a foreign origin"
            ),
        ),
    ],
)
def test_any_origin_is_found(origin: str, told: str) -> None:
    """A gateway that names any origin, or repeats the one it is told, is not met, and the request is named."""
    answer = answer_to("foreign-pages", "cors", Manners(origin=origin))
    assert (answer.status, answer.reason) == ("not_met", told)


def test_without_an_answer_it_is_unknown() -> None:
    """Where the server does not answer nothing is said of it."""
    result = probed("cors", base_url="http://127.0.0.1:9/v1")
    assert (result.ended, result.requests) == ("whole", 3)
    assert found("foreign-pages", result).status == "unknown"


@pytest.mark.parametrize(
    ("preflight", "read", "status", "told"),
    [
        (
            "llama.cpp/cors_probe",
            "llama.cpp/cors_get",
            "not_met",
            (
                "the origin of a web page is reflected, with the browser's credentials: "
                "OPTIONS /v1/chat/completions from a foreign origin"
            ),
        ),
        (
            "llama.cpp/not_found",
            "llama.cpp/cors_get",
            "not_met",
            "the origin of a web page is reflected: GET /v1/models from a foreign origin",
        ),
        (
            "litellm/cors_probe",
            "litellm/v1_models",
            "not_met",
            "the origin of a web page may be any: OPTIONS /v1/chat/completions from a foreign origin",
        ),
        (
            "vllm/cors_probe",
            "vllm/cors_default_probe",
            "met",
            "no foreign origin may read answers: 3 requests from a foreign origin got no leave to be read",
        ),
    ],
)
def test_recorded_answers_are_read(preflight: str, read: str, status: str, told: str) -> None:
    """llama.cpp reflects an origin, LiteLLM allows any, and vLLM refuses: as recorded."""
    answer = answer_of("foreign-pages", "cors", recorded(preflight, models=read))
    assert (answer.status, answer.reason) == (status, told)


@pytest.mark.embedded
def test_a_real_llama_cpp_is_found_as_it_comes() -> None:
    """A llama.cpp server with its own defaults reflects the origin of any page."""
    command = [
        sys.executable,
        "-c",
        f"{_LLAMA_CPP}import time\ntime.sleep(600)",
        str(weights_of("smollm2-135m-instruct")),
    ]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as server:
        try:
            lines = iter(server.stderr.readline, b"") if server.stderr is not None else iter(())
            address = next(place.group() for line in lines if (place := re.search(rb"^http://127\.0\.0\.1:\d+", line)))
            result = probed("cors", base_url=f"{address.decode()}/v1")
        finally:
            server.kill()
    answer = found("foreign-pages", result)
    assert (answer.status, answer.reason) == (
        "not_met",
        (
            "the origin of a web page is reflected, with the browser's credentials: "
            "OPTIONS /v1/chat/completions from a foreign origin"
        ),
    )
