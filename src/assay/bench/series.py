"""Which of the stored lines count, and which times follow from one request?"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import TypeVar

    from assay.schema.bench import RequestEvent, SeriesKey

    Line = TypeVar("Line", bound=SeriesKey)
    Latency = tuple[int | None, int | None]

__all__ = [
    "beside",
    "by_measurement",
    "counted",
    "e2e_us",
    "last_series",
    "latencies_of",
    "latency",
    "tpot_us",
    "ttft_us",
    "visible_us",
    "window_us",
]

_A_GAP_HAS_TWO_ENDS = 2


def by_measurement(lines: Iterable[Line]) -> dict[tuple[str, str], list[Line]]:
    """Return lines by candidate and load, in the order in which these first appear.

    Of each round only the last series counts: the ones before it were broken off.
    """
    every = list(lines)
    groups: dict[tuple[str, str], list[Line]] = {line.key: [] for line in every}
    for line in last_series(every):
        groups[line.key].append(line)
    return groups


def last_series(lines: Sequence[Line]) -> list[Line]:
    """Return the lines that count, in their order: those of the last series of each measurement and round."""
    last: dict[tuple[str, str, int], int] = {}
    for line in lines:
        own = (*line.key, line.repeat)
        last[own] = max(line.series, last.get(own, line.series))
    return [line for line in lines if line.series == last[*line.key, line.repeat]]


def beside(lines: Iterable[Line], events: Iterable[RequestEvent]) -> list[Line]:
    """Return the lines of the series that some events are of; a later or an earlier one was broken off."""
    own = {(event.repeat, event.series) for event in events}
    return [line for line in lines if (line.repeat, line.series) in own]


def counted(events: Iterable[RequestEvent]) -> tuple[RequestEvent, ...]:
    """Return the measured requests that count, of all measurements."""
    groups = by_measurement(events).values()
    return tuple(event for group in groups for event in group if event.phase == "measured")


def latencies_of(events: Sequence[RequestEvent]) -> Mapping[str, tuple[Latency, ...]]:
    """Return the latencies that count, by load as conditions write it, for the events of one candidate.

    Each is a pair of microseconds, to the last and to the first token; None is infinite: the request failed.
    """
    return {
        label: tuple(latency(event) for event in group if event.phase == "measured")
        for (_, label), group in by_measurement(events).items()
    }


def latency(event: RequestEvent) -> Latency:
    """Return the microseconds to the last and to the first token; (None, None) when the request failed.

    They count from when the request was sent, in an open loop from when it was due.
    """
    return e2e_us(event), ttft_us(event)


def e2e_us(event: RequestEvent) -> int | None:
    """Return the microseconds to the last token; None when the request failed."""
    return _since_start(event, event.last_us)


def ttft_us(event: RequestEvent) -> int | None:
    """Return the microseconds to the first token of any channel; None when the request failed or it was not seen."""
    return _since_start(event, event.first_us)


def visible_us(event: RequestEvent) -> int | None:
    """Return the microseconds to the first token that a reader sees; None when it failed or there was none."""
    return _since_start(event, event.visible_us)


def tpot_us(event: RequestEvent) -> int | None:
    """Return the mean microseconds a token after the first; None where one token or one chunk is all there is.

    The usage counts every token decoded. The one that ends an answer has no text, and a runtime may hold back others
    (llama.cpp does under a schema), so the time of all of them is over when the finish reason comes and not with the
    last text: taken to there, the time per token was 3 % too short for an answer of thirty, and 12 % under a schema.
    """
    if event.first_us is None or event.last_us is None or event.output_tokens is None or event.fault is not None:
        return None
    after_first = event.output_tokens - (event.chunk_tokens[0] if event.chunk_tokens else 1)
    if event.chunks < _A_GAP_HAS_TWO_ENDS or after_first < 1:
        return None
    return round(((event.finish_us or event.last_us) - event.first_us) / after_first)


def window_us(events: Iterable[RequestEvent]) -> int:
    """Return the microseconds from first sent to last end, added up over the rounds."""
    rounds: dict[int, list[RequestEvent]] = {}
    for event in events:
        rounds.setdefault(event.repeat, []).append(event)
    return sum(max(e.end_us for e in group) - min(e.sent_us for e in group) for group in rounds.values())


def _since_start(event: RequestEvent, at_us: int | None) -> int | None:
    if event.fault is not None or event.last_us is None or at_us is None:
        return None
    return at_us - (event.sent_us if event.scheduled_us is None else event.scheduled_us)
