"""How far is the client's account of its requests from that of a server whose times are known?"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from assay.bench.percentiles import at_rank
from assay.schema.bench import ClientError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assay.schema.bench import RequestEvent

__all__ = ["client_error"]


class _Beside(NamedTuple):
    """One request in both accounts, in microseconds."""

    ttft_us: int
    tpot_us: float
    tokens: int


def client_error(concurrency: int, events: Sequence[RequestEvent]) -> ClientError | None:
    """Return what the client added to the server's times.

    Time to first token is `first_us - sent_us` here and `prompt_us` there; time per token is the time from the first
    token to the last over the tokens but one, on both sides. A percentile is the nearest rank: the least value that
    so large a share of the requests does not exceed.

    Args:
        concurrency: streams at once.
        events: requests to the server with known times, all with its account; warm-up requests are passed over.

    Returns:
        the differences; None when no request has both accounts.
    """
    measured = [event for event in events if event.phase == "measured"]
    beside = [both for event in measured if (both := _beside(event)) is not None]
    if not beside:
        return None
    duration_us = max(event.end_us for event in measured) - min(event.sent_us for event in measured)
    ttft, tpot = [both.ttft_us for both in beside], [both.tpot_us for both in beside]
    return ClientError(
        concurrency=concurrency,
        n=len(beside),
        tokens_per_s=1e6 * sum(both.tokens for both in beside) / max(1, duration_us),
        ttft_p50_us=round(at_rank(sorted(ttft), 0.5)),
        ttft_p99_us=round(at_rank(sorted(map(abs, ttft)), 0.99)),
        tpot_p50_us=round(at_rank(sorted(tpot), 0.5)),
        tpot_p99_us=round(at_rank(sorted(map(abs, tpot)), 0.99)),
        lag_p99_us=round(at_rank(sorted(event.lag_us for event in measured), 0.99)),
        lost=sum(map(_lost, measured)),
    )


def _beside(event: RequestEvent) -> _Beside | None:
    told = event.server
    if event.fault is not None or event.first_us is None or event.last_us is None or told is None:
        return None
    tokens = told.output_tokens
    if told.prompt_us is None or told.decode_us is None or tokens is None or tokens < 2:  # noqa: PLR2004 - no gap
        return None
    return _Beside(
        ttft_us=event.first_us - event.sent_us - told.prompt_us,
        tpot_us=(event.last_us - event.first_us - told.decode_us) / (tokens - 1),
        tokens=tokens,
    )


def _lost(event: RequestEvent) -> int:
    """Return what is missing of a request: the whole of it counts as one, else chunks and tokens (one a chunk)."""
    if event.fault is not None or event.server is None or event.server.output_tokens is None:
        return 1
    sent = event.server.output_tokens
    return max(0, sent - event.chunks) + max(0, sent - (event.output_tokens or 0))
