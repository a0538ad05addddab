"""Is a body of a request refused for its size before it can fill the server's memory?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.readiness.unprobed import came_to, not_probed, nothing_told
from assay.readiness.view import PROBES, Answer, met, not_met

if TYPE_CHECKING:
    from assay.readiness.view import View
    from assay.schema.provenance import Exchange, ProbeResult

__all__ = ["check"]

_OK: Final = 200
_TOO_LARGE: Final = 413
_NAMING: Final = frozenset({400, 422})
_PASSING: Final = frozenset({408, 429, 503, 504})
"""Statuses that may have other reasons than the size."""
_MIB: Final = 1 << 20


def check(view: View) -> Answer:
    """Return met when a body was refused for its size by 413, by a 400 or 422 that names it, or by closing."""
    result = view.probe("body-limit")
    if result is None:
        return not_probed()
    small, grown, again = (result.steps(step) for step in ("small", "grown", "again"))
    if not small or small[0].status != _OK:
        return nothing_told("which bodies are taken is not known", result, small)
    refused = next((own for own in grown if own.status != _OK), None)
    if refused is None:
        return _all_taken(result, grown)
    if not again or again[0].status != _OK:
        return _not_usable(result, refused, again)
    taken = [own for own in (*small, *grown) if own.status == _OK]
    return _by_refusal(result, refused, _size(taken[-1]))


def _all_taken(result: ProbeResult, grown: tuple[Exchange, ...]) -> Answer:
    if result.ended != "whole" or not grown:
        return nothing_told("which bodies are taken is not known", result, grown[-1:])
    return not_met(f"every body is taken, up to {_size(grown[-1])}: {grown[-1].sent}", PROBES)


def _not_usable(result: ProbeResult, refused: Exchange, again: tuple[Exchange, ...]) -> Answer:
    if not again:
        return nothing_told("whether the server still answers after a large body is not known", result)
    return not_met(f"after {came_to(refused)}, a small body is not answered any more: {came_to(again[0])}", PROBES)


def _by_refusal(result: ProbeResult, refused: Exchange, taken: str) -> Answer:
    size, status = _size(refused), refused.status
    if status is None:
        if "no whole answer" in refused.trouble or "cannot connect" in refused.trouble:
            return nothing_told("which bodies are taken is not known", result, (refused,))
        return met(f"the connection is closed while a body of {size} is sent; one of {taken} is taken", PROBES)
    if status == _TOO_LARGE or (status in _NAMING and refused.shows.get("names_size")):
        page = ", with a page in place of a JSON error" if refused.shape in {"html", "text"} else ""
        return met(f"a body of {size} is refused by {status}{page}; one of {taken} is taken", PROBES)
    if status in _PASSING:
        return nothing_told("which bodies are taken is not known", result, (refused,))
    return not_met(f"a body of {size} is answered by {status}, not refused by 413: {refused.sent}", PROBES)


def _size(exchange: Exchange) -> str:
    size = exchange.shows.get("bytes")
    if not isinstance(size, int):
        return "unknown size"
    if size >= _MIB:
        return f"{size / _MIB:.3g} MiB"
    return f"{size / 1024:.3g} KiB" if size >= 1024 else f"{size} bytes"  # noqa: PLR2004 - a KiB
