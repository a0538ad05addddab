"""What do the probes of limits see of a server that keeps them?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.schema.provenance import Exchange, ProbeResult

if TYPE_CHECKING:
    from assay.schema.provenance import ProbeName

__all__ = ["SEEN_LIMITS", "came", "seen"]

CHAT = "POST /v1/chat/completions"


def seen(probe: ProbeName, *exchanges: Exchange, **changes: object) -> ProbeResult:
    """Return what a probe of candidate `small` came to, which was done to its end."""
    whole = {"candidate": "small", "probe": probe, "sends": "Some.", "exchanges": exchanges, "ended": "whole"}
    return ProbeResult.model_validate({**whole, "requests": len(exchanges), "seconds": 1.0, **changes})


def came(step: str, status: int | None = 200, took_ms: int = 100, *, trouble: str = "", **shows: object) -> Exchange:
    """Return one request and what came of it."""
    data = {"step": step, "sent": f"{CHAT} {step}", "status": status, "took_ms": took_ms, "trouble": trouble}
    return Exchange.model_validate({**data, "shows": shows})


SEEN_LIMITS = (
    seen(
        "body-limit",
        came("small", bytes=150),
        came("grown", bytes=64 << 10),
        came("grown", 413, bytes=3 << 19, names_size=True),
        came("again", bytes=150),
    ),
    seen(
        "token-ceiling",
        came("huge", 400, limit=10_000_000, window=4096),
        came("other", 400, limit=10_000_000, window=4096),
        came("none", tokens=256, finish="length", window=4096),
        came("fits", limit=256),
    ),
    seen(
        "time-limit",
        came("whole", 504, 5000, said_s=5.0),
        came("stream", took_ms=5000, trouble="the answer broke off", said_s=5.0, broken=True),
    ),
    seen(
        "streaming",
        *[came("stream", chunks=32, reads=32, content_first_ms=20, content_last_ms=640) for _ in range(2)],
    ),
    seen(
        "disconnect",
        *[came(f"held-{kind}", going=True) for kind in ("stream", "whole")],
        *[
            came(f"waiting-{kind}", took_ms=820, left_ms=700, before_ms=100, work_left_ms=5000)
            for kind in ("stream", "whole")
        ],
    ),
)
"""One result for each of these probes."""
