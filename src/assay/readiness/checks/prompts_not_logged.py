"""Do prompts stay out of every place that the plan says is written to?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.readiness.view import CANARIES, PLAN, Answer, clipped, met, not_met, unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assay.readiness.view import View
    from assay.schema.provenance import CanaryHit, CanaryPath, CanaryResult, CanarySink

__all__ = ["check"]

_SHOWN = 3
_BUILT_IN = ("error-bodies", "page")


def check(view: View) -> Answer:
    """Return met when no mark that was sent as a prompt lies in a sink, and each sink showed its control."""
    result = view.canary
    if result is None:
        return unknown("the server was not probed deeply: allow it with probes: {intrusive: true}", PLAN)
    leaks = [(sink, hit) for sink in result.sinks for hit in sink.leaks()]
    if leaks:
        return not_met(_leaking(leaks, sum(sink.further_hits for sink in result.sinks)), CANARIES)
    listed = {own.id for own in view.plan.probes.sinks if not own.candidates or view.candidate.id in own.candidates}
    doubt = _doubt(result, listed)
    return unknown(doubt, PLAN, CANARIES) if doubt else met(_clean(result), CANARIES)


def _doubt(result: CanaryResult, listed: set[str]) -> str:
    """Return why nothing can be said although nothing was found; empty when it can."""
    if result.ended == "left_out":
        return f"no mark was sent: {clipped(result.note, 120)}"
    if all(sink.kind in _BUILT_IN for sink in result.sinks):
        return "the plan lists no sinks of this server under probes.sinks: name its logs, databases and commands"
    missing = sorted(listed - {sink.sink for sink in result.sinks if sink.kind not in _BUILT_IN})
    if missing:
        return f"the plan lists {_joined(missing)}, and nobody searched there"
    blind = [sink for sink in result.sinks if sink.status == "unknown"]
    if blind:
        return "; ".join(_blind(sink) for sink in blind)
    if "success" not in result.ways(provoked=True) or result.ended != "whole":
        return f"not enough was sent: {clipped(result.note or 'no prompt was answered', 120)}"
    return ""


def _leaking(leaks: list[tuple[CanarySink, CanaryHit]], further: int) -> str:
    told = "; ".join(_hit(sink, hit) for sink, hit in leaks[:_SHOWN])
    more = len(leaks) - _SHOWN + further
    return f"prompts come to rest: {told}" + (f"; and {more} more" if more > 0 else "")


def _hit(sink: CanarySink, hit: CanaryHit) -> str:
    place = f", {clipped(hit.place, 80)}" if hit.place else ""
    part = "" if hit.part == "whole" else f", cut to its {hit.part}"
    return f"in {sink.sink}{place} the {hit.field} of {hit.path}, {hit.encoding}{part}, at byte {hit.offset}"


def _blind(sink: CanarySink) -> str:
    if sink.trouble:
        return f"{sink.sink} was not searched: {clipped(sink.trouble, 120)}"
    if sink.kind == "error-bodies":
        return "no error body was received"
    if sink.kind == "page":
        return f"{sink.sink} did not change with the requests, so that it may show those of another server"
    return f"{sink.sink} shows no request at all, so that it may be the wrong place"


def _clean(result: CanaryResult) -> str:
    provoked, missed = result.ways(provoked=True), result.ways(provoked=False)
    marks = sum(len(own.digests) for own in result.attempts)
    there = (sink.sink for sink in result.sinks if not sink.absent)
    reason = f"none of {marks} marks lies in {_joined(there)}, by way of {_joined(provoked)}"
    shown = {path for sink in result.sinks if sink.kind not in _BUILT_IN for path in sink.controls}
    unshown = [path for path in provoked if path not in shown]
    if unshown:
        reason += f"; of these no listed sink shows a request by {_joined(unshown)}"
    if missed:
        reason += f"; not provoked: {_joined(_missed(result, path) for path in missed)}"
    if any(sink.hits for sink in result.sinks):
        reason += "; the query of an address is logged, so that nothing secret may stand there"
    return reason


def _missed(result: CanaryResult, path: CanaryPath) -> str:
    seen = sorted({str(own.status or "no answer") for own in result.attempts if own.path == path})
    return f"{path} ({', '.join(seen) or 'not sent'})"


def _joined(words: Iterable[str]) -> str:
    return ", ".join(words)
