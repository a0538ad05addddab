"""Do the server's metrics show how long requests take and how many wait, and do they move?"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from assay.readiness.unprobed import answered, outcome, unprobed
from assay.readiness.view import PROBES, Answer, clipped, met, not_met, unknown

if TYPE_CHECKING:
    from assay.readiness.view import View
    from assay.schema.provenance import Exchange, ProbeResult

__all__ = ["check"]

_NO_PAGE: Final = frozenset({404, 405, 501})
_NEEDED: Final = {"latency": "no histogram of latency", "queue": "nothing on requests that wait"}
_ALSO: Final = ("running", "requests", "errors", "tokens")


def check(view: View) -> Answer:
    """Return met when latency and queue stand on the page of metrics and a counter moved with a request."""
    result = view.probe("metrics")
    lacking = unprobed(result)
    if lacking is not None or result is None:
        return lacking or unknown("it was not probed", PROBES)
    pages = [own for own in result.exchanges if own.shape == "metrics" and own.status == HTTPStatus.OK]
    if not pages:
        return _no_page(result)
    last = pages[-1]
    shown = [f"{kind} ({last.shows[kind]})" for kind in _NEEDED if last.shows.get(kind)]
    missing = [text for kind, text in _NEEDED.items() if not last.shows.get(kind)]
    if missing:
        but = f"shows {' and '.join(shown)}, but " if shown else "shows "
        return not_met(f"{last.sent} {but}{' and '.join(missing)}", PROBES)
    return _moved(result, last, clipped(" and ".join(shown), 240))


def _moved(result: ProbeResult, last: Exchange, shown: str) -> Answer:
    moved = last.shows.get("moved")
    request = next(iter(result.steps("request")), None)
    if last.step != "after" or request is None or not answered(request):
        why = result.note or (f"a chat came to {outcome(request)}" if request is not None else "no chat was sent")
        return unknown(f"{last.sent} shows {shown}; whether it moves was not seen: {why}", PROBES)
    if not moved:
        return not_met(
            f"{last.sent} shows {shown}, but no counter moved with a request: it is stale or of another", PROBES
        )
    absent = [kind for kind in _ALSO if not last.shows.get(kind)]
    lack = f"; it shows no {', no '.join(absent)}" if absent else ""
    return met(f"{last.sent} shows {shown}, and {moved} of its counters moved with a request{lack}", PROBES)


def _no_page(result: ProbeResult) -> Answer:
    last = result.exchanges[-1] if result.exchanges else None
    if last is not None and last.status in _NO_PAGE:
        return not_met(f"{last.sent} answers {last.status}: there is no page of metrics", PROBES)
    why = result.note or (f"{last.sent} came to {outcome(last)} and {last.shape}" if last else "nothing was asked")
    return unknown(f"no page of metrics was seen: {clipped(why, 160)}", PROBES)
