"""What does a server say of the time that one request took it?

Each runtime says it in its own way, and none says all of it. What it says is taken as it is, within bounds: whether it
agrees with what the client saw is decided elsewhere.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from assay.schema.bench import ServerTimings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import JsonValue

__all__ = ["timings_of"]

_MOST_US = 86_400_000_000
"""A day in microseconds: no request takes longer."""
_MOST_TOKENS = 2**31 - 1
_US_PER_MS = 1_000
_NS_PER_US = 1_000


def timings_of(event: Mapping[str, JsonValue], headers: Mapping[str, str]) -> ServerTimings | None:
    """Return what the last event of a stream, a whole answer, or the headers before them say of the server's time.

    - llama.cpp (and what is built on it): `timings` with `prompt_ms` from when a slot took the request up to the first
      token, and `predicted_ms` from there to the last token; the wait for a slot is in neither (tools/server,
      server_slot.get_timings).
    - vLLM under `--enable-per-request-metrics`: `metrics` with `time_to_first_token_ms`, which `queue_time_ms` is part
      of, and `generation_time_ms` from the first token to the last.
    - Ollama's own API: `load_duration`, `prompt_eval_duration`, `eval_duration` and `total_duration` in nanoseconds
      (api/types.go, Metrics); one that is zero is left out.
    - TGI: the headers `x-queue-time` and `x-total-time` in milliseconds, on answers in one piece only
      (router/src/server.rs).

    Args:
        event: one event of the stream as a JSON object, or the answer.
        headers: of the answer, in any spelling of their names.

    Returns:
        None where no time is told. A figure that is no finite number from 0 on, or one beyond a day, is not told.
    """
    found = (_llama_cpp(event.get("timings")), _vllm(event.get("metrics")), _ollama(event), _tgi(headers))
    return next((timings for timings in found if timings is not None), None)


def _llama_cpp(timings: JsonValue) -> ServerTimings | None:
    if not isinstance(timings, dict):
        return None
    return _told(
        ServerTimings(
            source="llama.cpp timings",
            prompt_us=_us(timings.get("prompt_ms"), _US_PER_MS),
            decode_us=_us(timings.get("predicted_ms"), _US_PER_MS),
            prompt_tokens=_tokens(timings.get("prompt_n")),
            cached_tokens=_tokens(timings.get("cache_n")),
            output_tokens=_tokens(timings.get("predicted_n")),
        )
    )


def _vllm(metrics: JsonValue) -> ServerTimings | None:
    if not isinstance(metrics, dict):
        return None
    queue = _us(metrics.get("queue_time_ms"), _US_PER_MS)
    first = _us(metrics.get("time_to_first_token_ms"), _US_PER_MS)
    return _told(
        ServerTimings(
            source="vLLM metrics",
            queue_us=queue,
            prompt_us=None if first is None else max(0, first - (queue or 0)),
            decode_us=_us(metrics.get("generation_time_ms"), _US_PER_MS),
        )
    )


def _ollama(event: Mapping[str, JsonValue]) -> ServerTimings | None:
    return _told(
        ServerTimings(
            source="Ollama durations",
            prompt_us=_us(event.get("prompt_eval_duration"), 1 / _NS_PER_US),
            decode_us=_us(event.get("eval_duration"), 1 / _NS_PER_US),
            total_us=_us(event.get("total_duration"), 1 / _NS_PER_US),
            load_us=_us(event.get("load_duration"), 1 / _NS_PER_US),
            prompt_tokens=_tokens(event.get("prompt_eval_count")),
            output_tokens=_tokens(event.get("eval_count")),
        )
    )


def _tgi(headers: Mapping[str, str]) -> ServerTimings | None:
    own = {name.lower(): value for name, value in headers.items() if name.lower().startswith("x-")}
    if "x-inference-time" not in own:
        return None  # other servers and proxies say x-queue-time too, in units of their own
    return _told(
        ServerTimings(
            source="TGI headers",
            queue_us=_written(own.get("x-queue-time")),
            total_us=_written(own.get("x-total-time")),
            output_tokens=_whole(own.get("x-generated-tokens")),
        )
    )


def _told(timings: ServerTimings) -> ServerTimings | None:
    """Return the timings, or None when they hold no time."""
    times = (timings.queue_us, timings.prompt_us, timings.decode_us, timings.total_us, timings.load_us)
    return timings if any(time is not None for time in times) else None


def _us(value: JsonValue, us_each: float) -> int | None:
    """Return microseconds, from a number of units of so many microseconds each."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # Compared first: an integer of a hundred digits does not fit a float, and NaN is in no range.
    return round(value * us_each) if 0 <= value <= _MOST_US / us_each else None


def _tokens(value: JsonValue) -> int | None:
    return value if type(value) is int and 0 <= value <= _MOST_TOKENS else None


def _written(text: str | None) -> int | None:
    """Return microseconds, from milliseconds written in a header."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return _us(value, _US_PER_MS) if math.isfinite(value) else None


def _whole(text: str | None) -> int | None:
    short = text is not None and text.isascii() and text.isdigit() and len(text) <= 10  # noqa: PLR2004 - digits of _MOST_TOKENS
    return _tokens(int(text)) if short and text is not None else None
