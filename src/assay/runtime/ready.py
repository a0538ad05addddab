"""Is a server ready yet, whichever way it has of saying that it is not?

llama.cpp answers 503 on every path while it loads, vLLM and TGI do not listen before they have loaded, Ollama and LM
Studio hold a request until the model is there. Only the list of models is asked for: `/health` of LiteLLM and SGLang
generates text.
"""

from __future__ import annotations

import asyncio
import time
from http import HTTPStatus
from typing import TYPE_CHECKING

from assay.errors import Problem, ServerError
from assay.runtime.adapters.asking import server_at
from assay.runtime.adapters.endpoints import LISTING
from assay.runtime.dialect import OPENAI

if TYPE_CHECKING:
    from collections.abc import Callable

    from assay.runtime.adapters.asking import Answer
    from assay.runtime.dialect import Dialect

__all__ = ["wait_until_ready"]

_NOT_YET = frozenset(
    {
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
)
_PAUSE_S = 0.5


async def wait_until_ready(
    base_url: str,
    key: str | None,
    *,
    deadline_s: float,
    dialect: Dialect = OPENAI,
    on_wait: Callable[[str], None] | None = None,
) -> None:
    """Wait until a server answers otherwise than that it is not there yet; a refused key is an answer too.

    Args:
        base_url: address up to and with `/v1`.
        key: sent with the question; None sends none.
        deadline_s: seconds to wait at most; 0 asks once.
        dialect: says in which header the key goes.
        on_wait: told, once for each new reason, what the server said instead.

    Raises:
        ServerError: it was not ready in time (`server-unreachable`); the message has what it last said.
    """
    ends = time.monotonic() + deadline_s
    told = ""
    while True:
        left_s = ends - time.monotonic()
        # A held request may take all the time there is; the least is for one honest try.
        async with server_at(base_url, key, timeout_s=max(left_s, _PAUSE_S), dialect=dialect) as server:
            answer = await server.get(LISTING)
        if answer.status is not None and answer.status not in _NOT_YET:
            return
        if on_wait is not None and answer.shortfall != told:
            told = answer.shortfall
            on_wait(f"waiting for {base_url}: {told}")
        if time.monotonic() + _PAUSE_S >= ends:
            raise _late(base_url, answer, deadline_s)
        await asyncio.sleep(_PAUSE_S)


def _late(base_url: str, answer: Answer, deadline_s: float) -> ServerError:
    message = f"{base_url} was not ready within {deadline_s:g} s: {answer.shortfall}"
    return ServerError(Problem("server-unreachable", message, "Wait longer with --wait, or read the server's log."))
