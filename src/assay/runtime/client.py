"""How is one request answered: sent with every setting, retried within bounds, its fault named?"""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING, Self

import aiohttp

from assay.runtime.answer import answer_of, read_answer
from assay.runtime.dialect import OPENAI, Dialect
from assay.runtime.faults import fault_from_body, fault_from_status, retry_after_s, without_key, worth_retrying
from assay.runtime.trouble import no_answer, no_completion
from assay.schema.run import Attempt, Completion, Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType

    from pydantic import JsonValue

    from assay.runtime.pace import Pace
    from assay.schema.suite import Message, RequestSettings

__all__ = ["Client", "content_of", "request_body", "sent_as_text"]

_FIRST_WAIT_S = 0.25
_MOST_WAIT_S = 120.0
_MOST_MESSAGE = 500
_MOST_ANSWER_BYTES = 8 << 20
_MOST_ERROR_BYTES = 20_000
_MOST_LABEL = 200
_OK, _MULTIPLE_CHOICES = 200, 300
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


def content_of(body: Mapping[str, JsonValue]) -> bytes:
    """Return a body as it is sent: JSON in UTF-8, a lone surrogate as a question mark."""
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")


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
        pace: Pace,
        dialect: Dialect = OPENAI,
        wall_clock: Callable[[], float] | None = None,
    ) -> None:
        """Take what every request needs.

        Args:
            base_url: address up to and with `/v1`.
            key: sent with every request; None sends none.
            settings: deadline and retries.
            pace: says when a request may be sent.
            dialect: how the runtime wants to be spoken to.
            wall_clock: seconds since 1970, for a server that names a moment to come back and not its own time.
        """
        self._settings = settings
        self._wall_clock = wall_clock
        self._key = key
        self._dialect = dialect
        self._pace = pace
        self._url = dialect.chat_address(base_url)

    async def __aenter__(self) -> Self:
        """Open the session."""
        # A packed answer is not asked for: a small one could fill the memory.
        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            **self._dialect.key_headers(self._key),
        }
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),  # the pace is the limit
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=headers,
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),  # `_once` has one deadline for everything
            trust_env=False,  # requests go to the address in the plan: no proxy of the environment
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close all connections."""
        await self._session.close()

    async def complete(self, body: dict[str, JsonValue] | bytes) -> Completion:
        """Send one request and retry what a retry can help.

        Args:
            body: the request's body, or what `content_of` made of it.

        Returns:
            The answer or the fault of the last attempt; this never raises for what a server does.

        Raises:
            NotSentError: the pace was closed before it was sent, or between two attempts.
        """
        content = body if isinstance(body, bytes) else content_of(body)
        earlier: list[Attempt] = []
        while True:
            async with self._pace.slot():
                started = time.perf_counter()
                came = await self._once(content)
                elapsed_s = time.perf_counter() - started
                elapsed_ms = round(elapsed_s * 1e3, 3)
                if isinstance(came, dict):
                    self._pace.answered(elapsed_s)
                    return self._completion(came, elapsed_ms, tuple(earlier))
                fault, wait_s = came
                # Who is told to come back in an hour is not helped by a retry now, and nobody else is asked to wait.
                too_long = wait_s is not None and wait_s > _MOST_WAIT_S
                self._pace.failed(fault.kind, None if too_long else wait_s)
            if len(earlier) >= self._settings.max_retries or too_long or not worth_retrying(fault):
                told = self._told(fault, wait_s if too_long else None)
                return Completion(fault=told, elapsed_ms=elapsed_ms, attempts=len(earlier) + 1, earlier=tuple(earlier))
            pause_s = wait_s if wait_s is not None else _FIRST_WAIT_S * 2 ** len(earlier)
            earlier.append(
                Attempt(kind=fault.kind, http_status=fault.http_status, elapsed_ms=elapsed_ms, wait_s=pause_s)
            )
            await self._pace.pause(pause_s)

    async def _once(self, content: bytes) -> dict[str, JsonValue] | tuple[Fault, float | None]:
        """Return the answer of one attempt, or its fault and the wait in seconds that the server asked for."""
        try:
            async with (
                asyncio.timeout(self._settings.timeout_s),
                self._session.post(self._url, data=content, allow_redirects=False) as response,
            ):
                received = await _received(response)
        except TimeoutError:
            return Fault(kind="timeout", message=f"no answer within {self._settings.timeout_s:g} s"), None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Fault(kind="connection", message=no_answer(error)), None
        if not _is_success(response):
            now_s = self._wall_clock() if self._wall_clock is not None else None
            return fault_from_status(response.status, received or b""), retry_after_s(response.headers, now_s)
        answer = answer_of(received) if received is not None else None
        if answer is None:
            message = no_completion(received, _MOST_ANSWER_BYTES)
            return Fault(kind="bad_answer", message=message, http_status=response.status), None
        if answer.get("error") and not answer.get("choices"):
            return fault_from_body(answer["error"]), None
        return answer

    def _told(self, fault: Fault, too_long_s: float | None) -> Fault:
        """Return a fault fit for disk: without our key, and with a wait that was asked for and is not kept."""
        message = without_key(fault.message, self._key, cut=True)
        if too_long_s is not None:
            why = f"asked to wait {too_long_s:.0f} s, more than {_MOST_WAIT_S:g} s: not asked again"
            message = f"{message[: _MOST_MESSAGE - len(why) - 2]}; {why}"
        return fault.model_copy(update={"message": message})

    def _completion(self, answer: dict[str, JsonValue], elapsed_ms: float, earlier: tuple[Attempt, ...]) -> Completion:
        """Return what an answer says, or `bad_answer` when it is not shaped as the protocol has it."""
        said = read_answer(answer, self._dialect)
        if isinstance(said, str):
            fault = Fault(kind="bad_answer", message=f"the answer has no {said}", http_status=_OK)
            return Completion(fault=fault, elapsed_ms=elapsed_ms, attempts=len(earlier) + 1, earlier=earlier)
        return Completion(
            output=self._clean(said.text),
            finish_reason=self._label(said.finish_reason),
            model=self._label(said.model),
            usage=said.usage,
            reasoning_characters=said.reasoning_characters,
            refused=said.refused,
            elapsed_ms=elapsed_ms,
            attempts=len(earlier) + 1,
            earlier=earlier,
        )

    def _clean(self, text: str) -> str:
        """Return a server's text fit for disk: without our key, should it echo it, and without lone surrogates."""
        return without_key(text, self._key).encode("utf-8", "replace").decode("utf-8")

    def _label(self, value: JsonValue) -> str | None:
        return self._clean(value)[:_MOST_LABEL] if isinstance(value, str) else None


async def _received(response: aiohttp.ClientResponse) -> bytes | None:
    """Return a body, read no further than it may be long; None for a longer answer, the head of a longer error."""
    success = _is_success(response)
    most = _MOST_ANSWER_BYTES if success else _MOST_ERROR_BYTES
    parts, size = [], 0
    async for part in response.content.iter_any():
        parts.append(part)
        size += len(part)
        if size > most:
            return None if success else b"".join(parts)[:most]
    return b"".join(parts)


def _is_success(response: aiohttp.ClientResponse) -> bool:
    return _OK <= response.status < _MULTIPLE_CHOICES
