"""How is one request answered: sent with every setting, retried within bounds, its fault named?"""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING, Self

import aiohttp
import httpx2
from openai import DefaultAioHttpClient

from assay.runtime.faults import fault_from_body, fault_from_status, retry_after_s, without_key, worth_retrying
from assay.runtime.usage import usage_of
from assay.schema.run import Completion, Fault

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from pydantic import JsonValue

    from assay.schema.suite import Message, RequestSettings

__all__ = ["Client", "request_body"]

_FIRST_WAIT_S = 0.25
_MOST_ANSWER_BYTES = 8 << 20
_MOST_LABEL = 200
_OK = 200


def request_body(
    model: str,
    messages: Sequence[Message],
    settings: RequestSettings,
    *,
    max_tokens: int | None = None,
    response_format: dict[str, JsonValue] | None = None,
) -> dict[str, JsonValue]:
    """Return the whole body of a chat completion request.

    Temperature, top_p, seed and the token limit are always sent: runtimes fill a gap with defaults of their own
    (vLLM takes the model's generation_config.json, Ollama's `/v1` forces 1.0).
    """
    body: dict[str, JsonValue] = {
        "model": model,
        "messages": [{"role": message.role, "content": message.content} for message in messages],
        "temperature": settings.temperature,
        "top_p": settings.top_p,
        "max_tokens": max_tokens or settings.max_tokens,
        "seed": settings.seed,
    }
    if response_format is not None:
        body["response_format"] = response_format
    return body


class Client:
    """Sends chat completion requests to one server; an async context manager."""

    def __init__(self, base_url: str, key: str | None, settings: RequestSettings, *, connections: int) -> None:
        limits = httpx2.Limits(max_connections=connections, max_keepalive_connections=connections)
        self._settings = settings
        self._key = key
        self._url = httpx2.URL(f"{base_url.rstrip('/')}/chat/completions")
        # A packed answer is not asked for: a small one could fill the memory.
        self._headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
        }
        if key is not None:
            self._headers["Authorization"] = f"Bearer {key}"
        # The official library's own HTTP client, without the requests and responses that the library builds around
        # it: those take as much processor time as all the rest, retry on their own, and drop fields.
        self._http = DefaultAioHttpClient(
            limits=limits,
            timeout=None,  # `_once` has one deadline for everything
            # Requests go to the address in the plan and nowhere else: no redirect, no proxy of the environment.
            follow_redirects=False,
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        """Return the client."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def complete(self, body: dict[str, JsonValue]) -> Completion:
        """Send one request and retry what a retry can help.

        Returns:
            The answer or the fault of the last attempt; this never raises for what a server does.
        """
        attempt = 0
        while True:
            attempt += 1
            started = time.perf_counter()
            answer, fault, wait_s = await self._once(body)
            elapsed_ms = round((time.perf_counter() - started) * 1e3, 3)
            if fault is None and answer is not None:
                return self._completion(answer, elapsed_ms, attempt)
            if fault is None:
                fault = Fault(kind="bad_answer", message="the server sent no chat completion", http_status=_OK)
            if attempt > self._settings.max_retries or not worth_retrying(fault):
                told = fault.model_copy(update={"message": without_key(fault.message, self._key, cut=True)})
                return Completion(fault=told, elapsed_ms=elapsed_ms, attempts=attempt)
            await asyncio.sleep(wait_s if wait_s is not None else _FIRST_WAIT_S * 2 ** (attempt - 1))

    async def _once(self, body: dict[str, JsonValue]) -> tuple[dict[str, JsonValue] | None, Fault | None, float | None]:
        """Return answer or fault of one attempt, and the wait in seconds that the server asked for."""
        content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        try:
            async with asyncio.timeout(self._settings.timeout_s):
                response = await self._http.post(self._url, content=content, headers=self._headers)
        except (httpx2.HTTPError, aiohttp.ClientError, OSError, ValueError) as error:
            # The library's transport passes some of its own errors on as they are: a bad status line, a bad chunk.
            return None, self._unanswered(error), None
        if not response.is_success:
            return None, fault_from_status(response.status_code, response.content), retry_after_s(response.headers)
        answer = _answer_of(response.content)
        if answer is not None and answer.get("error") and not answer.get("choices"):
            return None, fault_from_body(answer["error"]), None
        return answer, None, None

    def _unanswered(self, error: BaseException) -> Fault:
        """Return why no answer came.

        The aiohttp transport reports a refused connection as a timeout, so the chain of causes decides.
        """
        causes: list[BaseException] = [error]
        while causes[-1].__cause__ is not None or causes[-1].__context__ is not None:
            causes.append(causes[-1].__cause__ or causes[-1].__context__ or causes[-1])
        refused = next((cause for cause in causes if isinstance(cause, ConnectionError)), None)
        if refused is not None:
            return Fault(kind="connection", message=str(refused)[:500] or type(refused).__name__)
        if any(isinstance(cause, TimeoutError) for cause in causes):
            return Fault(kind="timeout", message=f"no answer within {self._settings.timeout_s:g} s")
        return Fault(kind="connection", message=str(causes[-1])[:500] or type(causes[-1]).__name__)

    def _completion(self, answer: dict[str, JsonValue], elapsed_ms: float, attempts: int) -> Completion:
        """Return what an answer says, or `bad_answer` when it is not shaped as the protocol has it."""
        choices = answer.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else None
        message = choice.get("message") if isinstance(choice, dict) else None
        # A null stands for a model that said nothing, or only thought; anything else but text is no answer.
        content = (message.get("content") or "") if isinstance(message, dict) else None
        if not isinstance(choice, dict) or not isinstance(content, str):
            what = "choices[0].message" if content is None else "text in choices[0].message.content"
            fault = Fault(kind="bad_answer", message=f"the answer has no {what}", http_status=_OK)
            return Completion(fault=fault, elapsed_ms=elapsed_ms, attempts=attempts)
        return Completion(
            output=self._clean(content),
            finish_reason=self._label(choice.get("finish_reason")),
            model=self._label(answer.get("model")),
            usage=usage_of(answer.get("usage")),
            elapsed_ms=elapsed_ms,
            attempts=attempts,
        )

    def _clean(self, text: str) -> str:
        """Return a server's text fit for disk: without our key, should it echo it, and without lone surrogates."""
        return without_key(text, self._key).encode("utf-8", "replace").decode("utf-8")

    def _label(self, value: JsonValue) -> str | None:
        return self._clean(value)[:_MOST_LABEL] if isinstance(value, str) else None


def _answer_of(content: bytes) -> dict[str, JsonValue] | None:
    if len(content) > _MOST_ANSWER_BYTES:
        return None
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
