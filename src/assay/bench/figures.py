"""Which figures follow from the stored events and samples? The same ones each time: verifying derives them again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assay.bench.accounts import counters_of, mean_account, memory_of, server_account
from assay.bench.definitions import definitions_of
from assay.bench.open_loop import behind, growth, rates, rounds
from assay.bench.percentiles import median, nearest_rank, percentiles
from assay.bench.series import beside, by_measurement, e2e_us, tpot_us, ttft_us, visible_us, window_us
from assay.bench.signals import Signals
from assay.bench.validity import judged
from assay.schema._base import rounded
from assay.schema.bench import BenchCell, Repeat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from assay.schema.bench import (
        ClientError,
        CounterFigures,
        CounterSample,
        Measurement,
        Percentile,
        RequestEvent,
        ResourceSample,
    )
    from assay.schema.run import FaultKind
    from assay.schema.suite import BenchSettings, Slo

    Ranks = Callable[[int, float], tuple[int | None, int | None]]

__all__ = ["Stored", "cells_of"]

_US_PER_S = 1_000_000


@dataclass(frozen=True)
class Stored:
    """All that a benchmark left on disk, and what was asked for."""

    events: Sequence[RequestEvent]
    """Lines of `requests.jsonl`."""
    samples: Sequence[ResourceSample] = ()
    """Lines of `resources.jsonl`."""
    counters: Sequence[CounterSample] = ()
    """Lines of `counters.jsonl`."""
    measurements: Sequence[Measurement] = ()
    """Lines of `measurements.jsonl`."""
    clients: tuple[ClientError, ...] = ()
    """What the self-test found."""
    settings: BenchSettings | None = None
    """What the plan asks for; None knows no requests planned and no length forced."""
    slos: Mapping[str, Slo] = field(default_factory=dict)
    """Service levels by profile."""


def cells_of(stored: Stored, ranks: Ranks) -> tuple[BenchCell, ...]:
    """Return the figures of each candidate and load, in the order in which they first appear.

    Of each round only the last series counts: the ones before it were broken off. The requests of all rounds are taken
    together.

    Args:
        stored: what is on disk.
        ranks: for n and a percentile as a share, the ranks (from 1) of the order statistics that bound its 95 %
            interval; None for a limit that n cannot give.
    """
    samples, counters = by_measurement(stored.samples), by_measurement(stored.counters)
    ends = by_measurement(stored.measurements)
    return tuple(
        _Cell(
            events=events,
            samples=beside(samples.get(key, ()), events),
            counters=beside(counters.get(key, ()), events),
            ends=beside(ends.get(key, ()), events),
            stored=stored,
        ).figures(ranks)
        for key, events in by_measurement(stored.events).items()
    )


@dataclass(frozen=True)
class _Cell:
    """What is stored of one candidate and load."""

    events: Sequence[RequestEvent]
    samples: Sequence[ResourceSample]
    counters: Sequence[CounterSample]
    ends: Sequence[Measurement]
    stored: Stored

    def figures(self, ranks: Ranks) -> BenchCell:
        first = self.events[0]
        measured = [event for event in self.events if event.phase == "measured"]
        answered = [event for event in measured if e2e_us(event) is not None]
        failed = len(measured) - len(answered)
        infinite: list[int | None] = [None] * failed
        e2e = percentiles([e2e_us(event) for event in measured], ranks)
        # An answer in one piece hides its first token: that is no failed request, only nothing seen.
        ttft = percentiles([*_known(map(ttft_us, answered)), *infinite], ranks)
        tpots = _known(map(tpot_us, answered))
        counters = counters_of(self.counters)
        server = server_account(measured) or mean_account(self.events, counters)
        signals = self._signals(measured, answered, e2e, ttft, counters)
        validity, reasons = judged(signals)
        seconds = window_us(measured)
        gaps = [gap for event in answered for gap in event.gaps_us]
        settings, slo = self.stored.settings, self.stored.slos.get(first.profile)
        return BenchCell(
            **{name: getattr(first, name) for name in _KEY},
            n=len(measured),
            planned=settings.requests_of(first.profile) * settings.repeats if settings is not None else len(measured),
            failed=failed,
            warmup=len(self.events) - len(measured),
            definitions=definitions_of(scheduled=first.rate_per_s is not None),
            e2e=e2e,
            ttft=ttft,
            tpot=percentiles([*tpots, *infinite] if tpots else [], ranks),
            visible_p50_us=_visible(answered),
            gap_p50_us=median(gaps),
            gap_p99_us=nearest_rank(gaps, 0.99) if gaps else None,
            gap_max_us=max(gaps, default=None),
            tokens_per_chunk=_tokens_per_chunk(answered),
            output_tokens_per_s=_per_s([event.output_tokens for event in answered], seconds),
            requests_per_s=_per_s([1] * len(answered), seconds),
            sent_per_s=rates(measured)[0],
            good=_good(measured, slo),
            prompt_tokens_p50=median(event.prompt_tokens for event in answered),
            output_tokens_p50=median(event.output_tokens for event in answered),
            cached_share=signals.cached_share,
            truncated=sum(event.finish_reason == "length" for event in answered),
            lag_p99_us=signals.lag_p99_us,
            other_cpu_share=signals.other_cpu_share,
            repeats=_repeats(measured),
            spread=signals.spread,
            memory=memory_of(self.samples),
            counters=counters,
            server=server,
            client=signals.client,
            faults=_faults(measured),
            validity=validity,
            reasons=reasons,
        )

    def _signals(
        self,
        measured: Sequence[RequestEvent],
        answered: Sequence[RequestEvent],
        e2e: Sequence[Percentile],
        ttft: Sequence[Percentile],
        counters: CounterFigures | None,
    ) -> Signals:
        first, settings = self.events[0], self.stored.settings
        window = window_us(measured)
        length = median(event.output_tokens for event in answered)
        asked = settings.output_tokens_of(first.profile) if settings is not None else None
        return Signals(
            load=first,
            n=len(measured),
            warmup=len(self.events) - len(measured),
            answered=len(answered),
            faults=tuple(event.fault.kind for event in measured if event.fault is not None),
            e2e_p50_us=e2e[0].value_us,
            ttft_p50_us=ttft[0].value_us,
            lag_p99_us=nearest_rank((event.lag_us for event in measured), 0.99) if measured else None,
            cached_share=_cached_share(answered),
            in_flight=sum(event.end_us - event.sent_us for event in measured) / window if window else None,
            behind_p99_us=behind(measured),
            rate_share=rates(measured)[1],
            growth=growth(measured),
            other_cpu_share=_other_cpu(self.ends),
            others=None if counters is None or counters.requests is None else counters.requests - len(self.events),
            spread=_spread(measured),
            length=None if asked is None or length is None else (asked, length),
            client=next((own for own in self.stored.clients if own.concurrency == first.concurrency), None),
        )


_KEY = ("candidate", "profile", "arrivals", "concurrency", "rate_per_s", "cache")


def _known(values: Iterable[int | None]) -> list[int]:
    return [value for value in values if value is not None]


def _visible(answered: Sequence[RequestEvent]) -> int | None:
    """Return the median time to the first visible token, where thinking came before it in some answer."""
    thought = any(event.visible_us != event.first_us for event in answered if event.visible_us is not None)
    return median(visible_us(event) for event in answered) if thought else None


def _tokens_per_chunk(answered: Sequence[RequestEvent]) -> float | None:
    tokens = _known(event.output_tokens for event in answered)
    chunks = sum(event.chunks for event in answered)
    return rounded(sum(tokens) / chunks) if chunks and len(tokens) == len(answered) else None


def _per_s(counts: Sequence[int | None], window: int) -> float | None:
    """Return a rate; None where nothing was answered or the server did not count some answer."""
    known = _known(counts)
    if not known or len(known) < len(counts) or window <= 0:
        return None
    return rounded(sum(known) * _US_PER_S / window)


def _repeats(measured: Sequence[RequestEvent]) -> tuple[Repeat, ...]:
    return tuple(_repeat(group) for group in rounds(measured))


def _repeat(group: Sequence[RequestEvent]) -> Repeat:
    latencies = [e2e_us(event) for event in group]
    answered = [event for event, own in zip(group, latencies, strict=True) if own is not None]
    failed = len(group) - len(answered)
    firsts: list[int | None] = [*_known(map(ttft_us, answered)), *[None] * failed]
    return Repeat(
        repeat=group[0].repeat,
        n=len(group),
        failed=failed,
        e2e_p50_us=nearest_rank(latencies, 0.5),
        e2e_p95_us=nearest_rank(latencies, 0.95),
        ttft_p50_us=nearest_rank(firsts, 0.5) if firsts else None,
        output_tokens_per_s=_per_s([event.output_tokens for event in answered], window_us(group)),
    )


def _spread(measured: Sequence[RequestEvent]) -> float | None:
    """Return how far the rounds' median latencies differ, over the median of all; None for one round."""
    medians = [nearest_rank(map(e2e_us, group), 0.5) for group in rounds(measured)]
    known, middle = _known(medians), nearest_rank(map(e2e_us, measured), 0.5) if measured else None
    if len(medians) < 2 or len(known) < len(medians) or not middle:  # noqa: PLR2004 - a difference has two ends
        return None
    return rounded((max(known) - min(known)) / middle)


def _good(measured: Sequence[RequestEvent], slo: Slo | None) -> int | None:
    """Return how many requests were within every level; None where there is no level to be within."""
    told = () if slo is None else ((slo.e2e_p95_s, e2e_us), (slo.ttft_p95_s, ttft_us))
    levels = [(level * _US_PER_S, of) for level, of in told if level is not None]
    good = (all((own := of(event)) is not None and own <= level for level, of in levels) for event in measured)
    return sum(good) if levels else None


def _faults(measured: Sequence[RequestEvent]) -> dict[FaultKind, int]:
    kinds = [event.fault.kind for event in measured if event.fault is not None]
    return {kind: kinds.count(kind) for kind in sorted(set(kinds))}


def _other_cpu(ends: Sequence[Measurement]) -> float | None:
    """Return the mean over the rounds, each by its length."""
    known = [(end.other_cpu_share, end.duration_us) for end in ends if end.other_cpu_share is not None]
    total = sum(duration for _, duration in known)
    return rounded(sum(share * duration for share, duration in known) / total) if total else None


def _cached_share(events: Sequence[RequestEvent]) -> float | None:
    """Return the share over the requests for which the server gives both counts."""
    pairs = [
        (event.cached_tokens, event.prompt_tokens)
        for event in events
        if event.cached_tokens is not None and event.prompt_tokens is not None
    ]
    prompt_tokens = sum(prompt for _, prompt in pairs)
    return rounded(sum(cached for cached, _ in pairs) / prompt_tokens) if prompt_tokens else None
