"""Do the tokens of a stream reach the user as they are made, or does something before the model hold them back?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.readiness.unprobed import not_probed, nothing_told
from assay.readiness.view import PROBES, Answer, combined, met, not_applicable, not_met, unknown

if TYPE_CHECKING:
    from assay.readiness.view import View
    from assay.schema.provenance import Exchange

__all__ = ["check"]

_OK: Final = 200
_LEAST_CHUNKS: Final = 3
_LEAST_MS: Final = 300
_FLOWS: Final = 0.3
"""Share of the whole time over which the tokens of a stream come that is not held back."""
_HELD: Final = 0.1
"""Share of the whole time, at its end, in which those of one that is held back come."""
_AT_ONCE_MS: Final = 20
"""Time in which they come, if not in few reads: a stream that only began late takes the time of its tokens."""
_LEAST_READS: Final = 4
_CHUNKS_A_READ: Final = 8
"""A proxy that fills a buffer of 4 KiB passes some sixteen chunks on at once."""


def check(view: View) -> Answer:
    """Return met when the tokens of two streams came spread over the time in which they were made."""
    result = view.probe("streaming")
    if result is None:
        return not_probed()
    if result.ended == "left_out":
        return not_applicable(result.note, PROBES)
    streams = [own for own in result.steps("stream") if own.status == _OK]
    whole = next((own for own in streams if own.shape in {"completion", "json"}), None)
    if whole is not None:
        return not_met(f"a stream is answered in one piece: {whole.sent}", PROBES)
    telling = [own for own in streams if _count(own, "content_last_ms") >= _LEAST_MS and _count(own, "chunks")]
    if len(telling) < 2:  # noqa: PLR2004 - once may be chance
        return _too_short(streams) if streams else nothing_told("no stream was answered", result)
    judged = [_judged(own) for own in telling]
    clear = [answer for answer in judged if answer.status != "unknown"]
    return combined(clear if len(clear) > 1 else judged)


def _too_short(streams: list[Exchange]) -> Answer:
    longest = max(_count(own, "content_last_ms") for own in streams)
    return unknown(f"the streams were over too soon to tell: the longest took {longest} ms", PROBES)


def _judged(own: Exchange) -> Answer:
    first, last, chunks, reads = (
        _count(own, name) for name in ("content_first_ms", "content_last_ms", "chunks", "reads")
    )
    if chunks < _LEAST_CHUNKS:
        return unknown(f"a stream of {chunks} chunks is too short to tell: {own.sent}", PROBES)
    spread, few = (last - first) / last, max(min(_LEAST_READS, chunks), chunks / _CHUNKS_A_READ)
    if spread <= _HELD and (reads < few or last - first <= _AT_ONCE_MS):
        return not_met(f"{chunks} chunks came together at the end, after {first / 1000:.3g} s: {own.sent}", PROBES)
    if reads < few:
        return not_met(f"{chunks} chunks came in {reads} lumps: {own.sent}", PROBES)
    if spread >= _FLOWS:
        return met(
            f"{chunks} chunks came in {reads} reads, from {first / 1000:.3g} to {last / 1000:.3g} s: {own.sent}", PROBES
        )
    return unknown(f"{chunks} chunks came late, from {first / 1000:.3g} to {last / 1000:.3g} s: {own.sent}", PROBES)


def _count(exchange: Exchange, name: str) -> int:
    value = exchange.shows.get(name)
    return value if isinstance(value, int) else 0
