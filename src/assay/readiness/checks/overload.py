"""Are surplus requests refused at once, with a time to come back, and is the server itself again afterwards?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from assay.readiness.unprobed import answered, outcome, seconds, unprobed
from assay.readiness.view import PROBES, Answer, clipped, met, not_met, unknown

if TYPE_CHECKING:
    from assay.readiness.view import View
    from assay.schema.provenance import Exchange, ProbeResult

__all__ = ["recovered", "refused"]

_REFUSALS: Final = frozenset({429, 503})
_FAST_MS: Final = 2000
_INSTANT_MS: Final = 500
_FAR: Final = 2
"""An answer is far from the candidate's timeout when so many times as long would still be in time."""
"""A refusal within this time is fast, however quickly others are answered."""
_MUCH_LONGER: Final = 4
"""So many times as long as alone a request has waited for others, and not only shared the machine with them."""


@dataclass(frozen=True)
class _Burst:
    """Many requests at once, and what a request alone takes."""

    alone_ms: int
    answered: tuple[Exchange, ...]
    refused: tuple[Exchange, ...]
    given_up: tuple[Exchange, ...]
    failed: tuple[Exchange, ...]

    @property
    def size(self) -> int:
        return len(self.answered) + len(self.refused) + len(self.given_up) + len(self.failed)

    @property
    def slowest_ms(self) -> int:
        return max((own.took_ms for own in (*self.answered, *self.given_up)), default=0)

    @property
    def kept_waiting(self) -> bool:
        """Whether some waited so long that there was more than the server could work on."""
        return self.slowest_ms >= max(_MUCH_LONGER * self.alone_ms, _INSTANT_MS)

    @property
    def soon(self) -> bool:
        """Whether all were answered, and so soon that nobody had to be turned away."""
        whole = not (self.refused or self.given_up or self.failed)
        in_time = all(_FAR * own.took_ms <= 1000 * _number(own, "deadline_s") for own in self.answered)
        return whole and in_time and self.slowest_ms < _FAST_MS


def refused(view: View) -> Answer:
    """Return met when those that were too many were refused at once, and told when to come back."""
    burst = _burst(view.probe("overload"))
    return burst if isinstance(burst, Answer) else _failed(burst) or _refused(burst) or _all_taken(burst)


def recovered(view: View) -> Answer:
    """Return met when a request alone was answered again in due time after an overload, about as quickly as before."""
    result = view.probe("overload")
    burst = _burst(result)
    if isinstance(burst, Answer) or result is None:
        return burst if isinstance(burst, Answer) else unknown("it was not probed", PROBES)
    if not (burst.refused or burst.failed or burst.kept_waiting):
        return unknown(f"it was not overloaded: {_in_time(burst)}", PROBES)
    after = result.steps("after")
    limit_ms = max(_MUCH_LONGER * burst.alone_ms, burst.alone_ms + _FAST_MS)
    well = next((own for own in after if answered(own) and own.took_ms <= limit_ms), None)
    if well is None:
        return _not_itself(burst, after) if result.ended == "whole" else unknown(result.note, PROBES)
    gone = seconds(1000 * _number(well, "after_s") + well.took_ms)
    took = f"in {seconds(well.took_ms)}, before them in {seconds(burst.alone_ms)}"
    return met(f"{gone} after {burst.size} requests at once a request alone was answered {took}", PROBES)


def _not_itself(burst: _Burst, after: tuple[Exchange, ...]) -> Answer:
    last = after[-1]
    waited = f"{_number(last, 'after_s'):.3g} s after {burst.size} requests at once a request alone"
    if (slow := [own for own in after if answered(own)]) != []:
        took = f"{seconds(slow[-1].took_ms)}, before them {seconds(burst.alone_ms)}"
        return not_met(f"{waited} still takes {took}", PROBES)
    told_s = max((_number(own, "retry_after_s") for own in burst.refused), default=0.0)
    if told_s > _number(last, "patience_s") > 0:
        return unknown(f"Retry-After asks for {told_s:g} s, and it was watched for less: {outcome(last)}", PROBES)
    return not_met(f"{waited} is still not answered: {outcome(last)}", PROBES)


def _burst(result: ProbeResult | None) -> _Burst | Answer:
    if (lacking := unprobed(result)) is not None or result is None:
        return lacking or unknown("it was not probed", PROBES)
    alone = [own for own in result.steps("before") if answered(own)]
    requests = result.steps("burst")
    if not alone or not requests or not result.steps("after"):
        failed = next((own for own in result.steps("before") if own not in alone), None)
        why = result.note or (f"a request alone came to {outcome(failed)}" if failed else "nothing was asked")
        return unknown(f"an overload was not seen: {clipped(why, 160)}", PROBES)
    given_up = tuple(own for own in requests if own.shows.get("given_up") is True)
    rest = [own for own in requests if own not in given_up]
    served = tuple(own for own in rest if answered(own))
    turned_away = tuple(own for own in rest if own.status in _REFUSALS)
    failed_ones = tuple(own for own in rest if own not in served and own not in turned_away)
    return _Burst(min(own.took_ms for own in alone), served, turned_away, given_up, failed_ones)


def _failed(burst: _Burst) -> Answer | None:
    if not burst.failed:
        return None
    kinds = ", ".join(dict.fromkeys(outcome(own) for own in burst.failed))
    count = len(burst.failed)
    return not_met(f"{count} of {burst.size} requests at once came to {clipped(kinds, 160)}, not to 429 or 503", PROBES)


def _refused(burst: _Burst) -> Answer | None:
    """Return how the refusals were; None where nobody was refused."""
    if not burst.refused:
        return None
    codes = " and ".join(f"{code}" for code in sorted({own.status or 0 for own in burst.refused}))
    last_ms = max(own.took_ms for own in burst.refused)
    what = f"{len(burst.refused)} of {burst.size} requests at once were refused with {codes}"
    served_ms = max((own.took_ms for own in burst.answered), default=_FAST_MS)
    if last_ms > _FAST_MS or last_ms > max(served_ms, _INSTANT_MS):
        return not_met(f"{what}, but only after up to {seconds(last_ms)}", PROBES)
    silent = [own for own in burst.refused if own.shows.get("retry_after_s") is None]
    if silent:
        share = "" if len(silent) == len(burst.refused) else f" in {len(silent)} of them"
        hidden = any("llm_provider-retry-after" in own.headers for own in silent)
        but = " but llm_provider-retry-after, which clients do not read" if hidden else ""
        return not_met(f"{what} within {seconds(last_ms)}, without a Retry-After that says when{but}{share}", PROBES)
    hanging = [own for own in burst.given_up if own.shows.get("own_deadline") is True]
    if hanging:
        late = f"{len(hanging)} of those taken had no answer within the candidate's timeout of"
        return not_met(f"{what}, but {late} {_number(hanging[0], 'deadline_s'):g} s", PROBES)
    rest = f"; {len(burst.answered)} were answered" if burst.answered else ""
    return met(f"{what} within {seconds(last_ms)} and told when to come back{rest}", PROBES)


def _all_taken(burst: _Burst) -> Answer:
    """Return what it means that nobody was refused: nothing, unless some were kept waiting for long.

    A short queue that is worked off at once is how a good server smooths a burst: its limit was not seen.
    """
    if burst.kept_waiting and burst.soon:
        taken = f"{burst.size} requests at once were all taken and answered within {seconds(burst.slowest_ms)}"
        return unknown(f"{taken}: its capacity was not reached", PROBES)
    if not burst.kept_waiting:
        what = "it is too slow to tell" if burst.given_up else "its capacity was not reached"
        return unknown(f"{what}: {_in_time(burst)}", PROBES)
    how = f"the last was answered after {seconds(burst.slowest_ms)}"
    if burst.given_up:
        how = f"{len(burst.given_up)} had no answer within {seconds(burst.slowest_ms)}"
    return not_met(
        f"{burst.size} requests at once were all taken and none was refused; {how}, alone one takes "
        f"{seconds(burst.alone_ms)}",
        PROBES,
    )


def _in_time(burst: _Burst) -> str:
    slowest = f"the slowest took {seconds(burst.slowest_ms)}, alone one takes {seconds(burst.alone_ms)}"
    if burst.given_up:
        slowest = f"{len(burst.given_up)} were given up after {slowest.removeprefix('the slowest took ')}"
    return f"of {burst.size} requests at once none was refused, and {slowest}"


def _number(own: Exchange, name: str) -> float:
    value = own.shows.get(name)
    return float(value) if isinstance(value, int | float) else 0.0
