"""How is one request answered: sent with every setting, retried within bounds, its fault named?"""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING, Self

import aiohttp
import httpx2
from openai import DefaultAioHttpClient

from assay.runtime.answer import answer_of, read_answer
from assay.runtime.dialect import OPENAI, Dialect
from assay.runtime.faults import fault_from_body, fault_from_status, retry_after_s, without_key, worth_retrying
from assay.schema.run import Completion, Fault

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    from pydantic import JsonValue

    from assay.schema.suite import Message, RequestSettings

__all__ = ["Client", "request_body", "sent_as_text"]

_FIRST_WAIT_S = 0.25
_MOST_ANSWER_BYTES = 8 << 20
_MOST_ERROR_BYTES = 20_000
_MOST_LABEL = 200
_OK = 200
_OF_THE_CASE = frozenset({"model", "model_policy", "messages"})


def request_body(
    model: str,
    messages: Sequence[Message],
    settings: RequestSettings,
    *,
    dialect: Dialect = OPENAI,
    max_tokens: int | None = None,
    schema: dict[str, JsonValue] | None = None,
) -> dict[str, JsonValue]:
    """Return the whole body of a chat request.

    Temperature, top_p, seed and the token limit are always sent: runtimes fill a gap with defaults of their own
    (vLLM takes the model's generation_config.json, Ollama's `/v1` forces 1.0).

    Args:
        model: name to ask; a plain gateway calls it `model_policy`.
        messages: the conversation.
        settings: what the plan says of requests.
        dialect: how the runtime wants it written.
        max_tokens: longest answer in tokens, in place of that of the settings.
        schema: JSON Schema that decoding is held to, or None.
    """
    plain = dialect.contract == "plain-chat"
    body: dict[str, JsonValue] = {
        "model_policy" if plain else "model": model,
        "messages": [{"role": message.role, "content": message.content} for message in messages],
        "temperature": settings.temperature,
        "top_p": settings.top_p,
        settings.token_limit_field or dialect.token_limit: max_tokens or settings.max_tokens,
    }
    if dialect.sends_seed:
        body["seed"] = settings.seed
    if schema is not None:
        body["response_format"] = dialect.response_format(schema)
    return body


def sent_as_text(body: Mapping[str, JsonValue]) -> str:
    """Return what a body sends beside model and messages: `temperature=0 top_p=1 max_tokens=256 seed=7`."""
    own = {name: value for name, value in body.items() if name not in _OF_THE_CASE}
    return " ".join(f"{name}={_written(value)}" for name, value in own.items())


def _written(value: JsonValue) -> str:
    if isinstance(value, dict):
        return str(value.get("type"))
    return f"{value:g}" if isinstance(value, float) else str(value)


class Client:
    """Sends chat completion requests to one server; an async context manager."""

    def __init__(
        self,
        base_url: str,
        key: str | None,
        settings: RequestSettings,
        *,
        connections: int,
        dialect: Dialect = OPENAI,
    ) -> None:
        limits = httpx2.Limits(max_connections=connections, max_keepalive_connections=connections)
        self._settings = settings
        self._key = key
        self._dialect = dialect
        self._url = httpx2.URL(dialect.chat_address(base_url))
        # A packed answer is not asked for: a small one could fill the memory.
        self._headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            **dialect.key_headers(key),
        }
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
            async with (
                asyncio.timeout(self._settings.timeout_s),
                self._http.stream("POST", self._url, content=content, headers=self._headers) as response,
            ):
                received = await _received(response)
        except (httpx2.HTTPError, aiohttp.ClientError, OSError, ValueError) as error:
            # The library's transport passes some of its own errors on as they are: a bad status line, a bad chunk.
            return None, self._unanswered(error), None
        if not response.is_success:
            return None, fault_from_status(response.status_code, received or b""), retry_after_s(response.headers)
        answer = answer_of(received) if received is not None else None
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
        said = read_answer(answer, self._dialect)
        if isinstance(said, str):
            fault = Fault(kind="bad_answer", message=f"the answer has no {said}", http_status=_OK)
            return Completion(fault=fault, elapsed_ms=elapsed_ms, attempts=attempts)
        return Completion(
            output=self._clean(said.text),
            finish_reason=self._label(said.finish_reason),
            model=self._label(said.model),
            usage=said.usage,
            reasoning_characters=said.reasoning_characters,
            elapsed_ms=elapsed_ms,
            attempts=attempts,
        )

    def _clean(self, text: str) -> str:
        """Return a server's text fit for disk: without our key, should it echo it, and without lone surrogates."""
        return without_key(text, self._key).encode("utf-8", "replace").decode("utf-8")

    def _label(self, value: JsonValue) -> str | None:
        return self._clean(value)[:_MOST_LABEL] if isinstance(value, str) else None


async def _received(response: httpx2.Response) -> bytes | None:
    """Return a body, read no further than it may be long; None for a longer answer, the head of a longer error."""
    most = _MOST_ANSWER_BYTES if response.is_success else _MOST_ERROR_BYTES
    parts, size = [], 0
    async for part in response.aiter_bytes():
        parts.append(part)
        size += len(part)
        if size > most:
            return None if response.is_success else b"".join(parts)[:most]
    return b"".join(parts)
