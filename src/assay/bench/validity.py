"""Can the figures of a measurement be believed, or did the harness, a cache or too little load make them?

A figure that the client itself spoiled says nothing of the server, so such a measurement is INVALID and never a fail;
one that is only weakened is DEGRADED, and each reason says whom it favours: a client that was late makes the server
look slower than it is, so such figures may clear the server and not condemn it. How many requests a percentile needs is
no matter of validity: each percentile says for itself whether it is supported.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from assay.schema.bench import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from assay.bench.signals import Signals
    from assay.schema.bench import Validity

__all__ = ["judged"]

INVALID_LAG_SHARE = 0.2
"""Lateness of the client (p99) over the median latency, above which latencies are more the client's than the server's.

Measured: against a server with a first token after 100 ms, clients short of processor time reported 130 to 590 ms.
"""

DEGRADED_LAG_SHARE = 0.05
"""Lateness of the client (p99) over the median time to first token, above which that time is told too roughly.

Candidates are compared by tenths; of one of them the client may spoil half.
"""

ALLOWED_LAG_US = 5_000
"""Lateness in microseconds that is never held against a measurement: what the client is built to stay within.

It is the worst moment of a whole request. With a p99 of 3 to 5 ms at 64 streams, the median time to first token was
measured 0.5 ms too long, its p99 by 1 to 4 ms.
"""

DEGRADED_FAILED_SHARE = 0.05
"""Failed requests over all. Beyond it p95 is infinite, and those that were answered met a server with less to do."""

DEGRADED_CACHED_SHARE: Mapping[str, float] = {"short": 0.75, "json": 0.75, "long": 0.1}
"""Prompt tokens from the prefix cache over all, by profile.

No prompt of a cold measurement shares its beginning with another, so all that can honestly be cached is the opening of
the chat template: about half of a prompt of 60 tokens, little of one of 600. Prompts that were sent before are cached
for 80 % (in whole blocks of 16 tokens) to 100 %. In vllm-project/vllm#54227 that made the first token 49 times as fast.
"""

DEGRADED_IN_FLIGHT_SHARE = 0.5
"""Requests in flight on average over the concurrency that the figures are filed under.

A closed loop stays above it, its ends included, once it sends as many requests as it has workers.
"""


LEAST_WARM_SHARE: Mapping[str, float] = {"short": 0.2, "json": 0.5, "long": 0.75}
"""The same share, below which a warm measurement was not warm: what its prompts begin alike with, less some blocks."""

DEGRADED_OTHER_CPU_SHARE = 0.1
"""Processor time of others over all there was. A tenth of two cores is already a fifth of one that a server needs."""

DEGRADED_SPREAD = 0.25
"""Difference between rounds over their median. The same machine and binary were seen to differ by 12 to 22 %."""

DEGRADED_LENGTH_SHARE = 0.1
"""Difference between asked and median answer length: MLPerf inference allows 90 to 110 % of the reference's tokens."""

LEAST_RATE_SHARE = 0.95
"""Rate of sending over the rate that was due."""

OVERLOADED_GROWTH = 1.5
"""Median latency of the last third over that of the first, above which a server was falling behind."""

_OVERLOADED_LEAST_US = 50_000
_OVERLOADED_LEAST_N = 20


def judged(signals: Signals) -> tuple[Validity, tuple[Reason, ...]]:
    """Return the validity and the reasons that stand against a better one, the worst first."""
    invalid = tuple(reason for check in _INVALID for reason in _found(check, signals))
    degraded = tuple(reason for check in _DEGRADED for reason in _found(check, signals))
    if invalid:
        return "INVALID", invalid + degraded
    return ("DEGRADED", degraded) if degraded else ("VALID", ())


@dataclass(frozen=True)
class _Check:
    """One thing that can stand against figures."""

    code: str
    leans: Literal["against", "for", "either"]
    look: Callable[[Signals], str | None]


def _found(check: _Check, signals: Signals) -> tuple[Reason, ...]:
    text = check.look(signals)
    return () if text is None else (Reason(code=check.code, text=text, leans=check.leans),)


def _no_request(signals: Signals) -> str | None:
    return "no request was measured" if signals.n == 0 else None


def _no_answer(signals: Signals) -> str | None:
    if signals.n == 0 or signals.answered > 0:
        return None
    return f"none of {signals.n} requests was answered ({_kinds(signals)})"


def _client_spoiled(signals: Signals) -> str | None:
    return _late(signals.lag_p99_us, signals.e2e_p50_us, INVALID_LAG_SHARE, "latency")


def _client_far_behind(signals: Signals) -> str | None:
    return _behind(signals, INVALID_LAG_SHARE)


def _client_loses(signals: Signals) -> str | None:
    if signals.client is None or signals.client.lost == 0:
        return None
    return f"the client lost {signals.client.lost} of the tokens or requests of its self-test"


def _client_late(signals: Signals) -> str | None:
    return _late(signals.lag_p99_us, signals.ttft_p50_us, DEGRADED_LAG_SHARE, "time to first token")


def _client_behind(signals: Signals) -> str | None:
    return _behind(signals, DEGRADED_LAG_SHARE)


def _client_error(signals: Signals) -> str | None:
    error_us = None if signals.client is None else signals.client.ttft_p99_us
    if error_us is None or signals.ttft_p50_us is None:
        return None
    if error_us <= max(ALLOWED_LAG_US, DEGRADED_LAG_SHARE * signals.ttft_p50_us):
        return None
    return (
        f"in its self-test the client was {_ms(error_us)} ms off (p99), more than {DEGRADED_LAG_SHARE:.0%} of the "
        f"median time to first token of {_ms(signals.ttft_p50_us)} ms"
    )


def _failures(signals: Signals) -> str | None:
    failed = signals.n - signals.answered
    if signals.answered == 0 or failed <= DEGRADED_FAILED_SHARE * signals.n:
        return None
    return f"{failed} of {signals.n} requests failed ({_kinds(signals)})"


def _cached(signals: Signals) -> str | None:
    most = DEGRADED_CACHED_SHARE.get(signals.load.profile)
    if signals.load.cache == "warm" or most is None or signals.cached_share is None or signals.cached_share <= most:
        return None
    return f"{signals.cached_share:.1%} of the prompt tokens came from the server's prefix cache"


def _not_warm(signals: Signals) -> str | None:
    least = LEAST_WARM_SHARE.get(signals.load.profile, 0.0)
    if signals.load.cache == "cold" or signals.cached_share is None or signals.cached_share >= least:
        return None
    return f"only {signals.cached_share:.1%} of the prompt tokens came from the prefix cache that should be warm"


def _warm_unseen(signals: Signals) -> str | None:
    if signals.load.cache == "cold" or signals.cached_share is not None or signals.answered == 0:
        return None
    return "the server does not say how much of a prompt came from its cache: whether it was warm is not known"


def _idle(signals: Signals) -> str | None:
    wanted = signals.load.concurrency
    if wanted is not None and 0 < signals.n < wanted:
        return f"{signals.n} requests cannot keep {wanted} in flight at once"
    if signals.in_flight is None or wanted is None or signals.in_flight >= DEGRADED_IN_FLIGHT_SHARE * wanted:
        return None
    return f"{signals.in_flight:.3g} requests were in flight on average, not {wanted}"


def _rate_missed(signals: Signals) -> str | None:
    if signals.rate_share is None or signals.rate_share >= LEAST_RATE_SHARE:
        return None
    return f"requests were sent at {signals.rate_share:.1%} of the rate at which they were due"


def _overloaded(signals: Signals) -> str | None:
    if signals.growth is None or signals.n < _OVERLOADED_LEAST_N:
        return None
    first, last = signals.growth
    if first is None or (last is not None and last <= OVERLOADED_GROWTH * first + _OVERLOADED_LEAST_US):
        return None
    grown = "endless" if last is None else f"{_ms(last)} ms"
    return (
        f"the server fell behind: median latency grew from {_ms(first)} ms in the first third of the requests to "
        f"{grown} in the last; had the load lasted, it would be higher"
    )


def _other_load(signals: Signals) -> str | None:
    if signals.other_cpu_share is None or signals.other_cpu_share <= DEGRADED_OTHER_CPU_SHARE:
        return None
    return f"other programs took {signals.other_cpu_share:.0%} of the machine's processor time"


def _other_requests(signals: Signals) -> str | None:
    if signals.others is None or signals.others <= 0:
        return None
    return f"the server answered {signals.others} more requests than were sent to it: it has other users"


def _unsteady(signals: Signals) -> str | None:
    if signals.spread is None or signals.spread <= DEGRADED_SPREAD:
        return None
    return f"the median latencies of its rounds differ by {signals.spread:.0%}"


def _length_missed(signals: Signals) -> str | None:
    if signals.length is None:
        return None
    asked, got = signals.length
    if abs(got - asked) <= DEGRADED_LENGTH_SHARE * asked:
        return None
    return f"answers have {got} tokens (median), not the {asked} that were asked for"


def _cold(signals: Signals) -> str | None:
    return "no warm-up request was sent before" if signals.n > 0 and signals.warmup == 0 else None


_INVALID: tuple[_Check, ...] = (
    _Check("no_request", "either", _no_request),
    _Check("no_answer", "either", _no_answer),
    _Check("client_spoiled", "against", _client_spoiled),
    _Check("client_far_behind", "against", _client_far_behind),
    _Check("client_loses", "either", _client_loses),
)
_DEGRADED: tuple[_Check, ...] = (
    # Those that were answered met a server with less to do.
    _Check("failures", "for", _failures),
    _Check("client_late", "against", _client_late),
    _Check("client_behind", "against", _client_behind),
    _Check("client_error", "against", _client_error),
    _Check("cached", "for", _cached),
    _Check("not_warm", "against", _not_warm),
    _Check("warm_unseen", "either", _warm_unseen),
    _Check("idle", "for", _idle),
    _Check("rate_missed", "for", _rate_missed),
    _Check("overloaded", "for", _overloaded),
    _Check("other_load", "against", _other_load),
    _Check("other_requests", "against", _other_requests),
    _Check("unsteady", "either", _unsteady),
    _Check("length_missed", "either", _length_missed),
    _Check("cold", "against", _cold),
)


def _late(lag_us: int | None, median_us: int | None, share: float, what: str) -> str | None:
    if lag_us is None or median_us is None or lag_us <= max(ALLOWED_LAG_US, share * median_us):
        return None
    return (
        f"the client itself was up to {_ms(lag_us)} ms late (p99), more than {share:.0%} of the median {what} "
        f"of {_ms(median_us)} ms"
    )


def _behind(signals: Signals, share: float) -> str | None:
    behind_us, median_us = signals.behind_p99_us, signals.e2e_p50_us
    if behind_us is None or median_us is None or behind_us <= max(ALLOWED_LAG_US, share * median_us):
        return None
    return (
        f"the client took requests up {_ms(behind_us)} ms after they were due (p99), more than {share:.0%} of the "
        f"median latency of {_ms(median_us)} ms"
    )


def _kinds(signals: Signals) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in Counter(signals.faults).most_common()) or "without a token"


def _ms(value_us: int) -> str:
    return f"{value_us / 1000:.3g}"
