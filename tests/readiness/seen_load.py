"""What do the probes of load come to at a good server, and how is one of them spoilt?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.schema.provenance import Exchange, ProbeResult

if TYPE_CHECKING:
    from assay.schema.provenance import ProbeName

__all__ = ["SEEN_LOAD", "load_probes", "one", "refusal"]

CHAT = "POST /v1/chat/completions"


def one(step: str, sent: str, status: int | None, took_ms: int = 100, **more: object) -> Exchange:
    """Return one exchange of a probe."""
    data = {"step": step, "sent": sent, "status": status, "took_ms": took_ms, **more}
    return Exchange.model_validate(data)


def result(name: ProbeName, *exchanges: Exchange) -> ProbeResult:
    """Return a probe that was done to its end."""
    return ProbeResult(
        candidate="small",
        probe=name,
        sends="Requests.",
        exchanges=exchanges,
        ended="whole",
        requests=len(exchanges),
        seconds=1,
    )


def refusal(**changes: object) -> Exchange:
    """Return how a request of the burst is refused."""
    shows = {"given_up": False, "retry_after_s": 1.0}
    return one("burst", f"{CHAT} as one of 16 at once", **{"status": 429, "took_ms": 5, "shows": shows, **changes})


def load_probes(
    burst: Exchange | None = None,
    after: Exchange | None = None,
    ready: Exchange | None = None,
    page: Exchange | None = None,
    chat: Exchange | None = None,
) -> tuple[ProbeResult, ...]:
    """Return what the probes come to, with other exchanges in the place of good ones.

    Args:
        burst: how fourteen of sixteen at once are answered.
        after: how a request after the burst is answered.
        ready: how `/ready` is answered beside it.
        page: the page of metrics after a request.
        chat: how a chat after a restart is answered.
    """
    told = {"latency": "latency_seconds", "queue": "waiting", "running": "running", "requests": "requests_total"}
    told |= {"errors": "errors_total", "tokens": "tokens_total"}
    served = [one("burst", f"{CHAT} as one of 16 at once", 200, 150, shows={"given_up": False})] * 2
    waited = {"after_s": 0.0, "patience_s": 1.0}
    return (
        result(
            "health",
            one("nowhere", "GET /nowhere without a key", 404),
            one("live", "GET /health without a key", 200),
            one("ready", "GET /ready without a key", 200),
        ),
        result(
            "metrics",
            one("request", f"{CHAT} between readings", 200),
            page or one("after", "GET /metrics", 200, shape="metrics", shows={**told, "moved": 3}),
        ),
        result(
            "overload",
            one("before", f"{CHAT} alone", 200),
            *[burst or refusal()] * 14,
            *served,
            one("beside-live", "GET /health beside the burst", 200),
            ready or one("beside-ready", "GET /ready beside the burst", 503),
            after or one("after", f"{CHAT} alone", 200, shows=waited),
        ),
        result(
            "restart",
            one("command", "the plan's restart command", None, shows={"exit_code": 0}),
            one("completion", CHAT, 503, shows={"at_ms": 100}),
            chat or one("completion", CHAT, 200, shows={"at_ms": 2000}),
            one("stream", CHAT, 200, shows={"done": False, "silent_ms": 0}, trouble="the answer broke off"),
        ),
    )


SEEN_LOAD = load_probes()
"""What a good server shows."""
