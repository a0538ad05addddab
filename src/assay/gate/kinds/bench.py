"""Is the candidate fast, reliable and small enough under a given load?"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final, Literal

from assay.gate.comparison import read_comparison
from assay.gate.question import Answer, ConditionError, Countless, Form, UnknownMetricError, listed, not_one, unknown
from assay.gate.share import Share, answer_share, check_share
from assay.gate.statistics import order_statistic_ranks, requests_needed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from assay.gate.comparison import Comparison
    from assay.gate.evidence import Facts, Latency, Subjects
    from assay.schema.bench import BenchCell, Reason

    Swayed = Literal["all", "client", "nothing"]

__all__ = ["FORM", "BenchQuestion"]

_WRITTEN = "bench:<profile>@<concurrency or rate/s>.e2e_p95_s < 5 [with 95% confidence]"
_TARGET = re.compile(
    r"bench:(?P<load>[^@]+@(?:[0-9]{1,6}|[0-9]{1,6}(?:\.[0-9]{1,16})?/s)(?::warm)?)\.(?P<measure>[a-z0-9_]+)"
)

_MICROSECONDS = 1_000_000
_GIB = 1 << 30
_WHOLE = 100


@dataclass(frozen=True)
class Measure:
    """One figure of a measurement and what can be asked of it."""

    good: Literal["low", "high"]
    """Which figures are the good ones."""
    answer: Callable[[BenchCell, Sequence[Latency] | None, Comparison], Answer]
    """Answer from a measurement that can be believed and the latencies of its requests."""
    sampled: bool = False
    """Whether a confidence can be asked for."""
    share: bool = False
    """Whether it lies between 0 and 1."""
    count: bool = False
    """Whether it counts what may never happen, so that `<= 0` can be met."""
    swayed_by: Swayed = "all"
    """Which reasons against a measurement can have made this figure: all, those about the client, or none."""


def _percentile(
    series: Literal["e2e", "ttft", "tpot"],
    percent: int,
    cell: BenchCell,
    rows: Sequence[Latency] | None,
    comparison: Comparison,
) -> Answer:
    """Compare a percentile of the sample or, with a confidence, the limits of its order-statistic interval."""
    percentiles = {"e2e": cell.e2e, "ttft": cell.ttft, "tpot": cell.tpot}[series]
    found = [own for own in percentiles if round(100 * own.q) == percent and own.n > 0]
    if len(found) != 1:
        return unknown(f"p{percent} was not measured.", n=cell.n)
    # An answer in one piece hides its first token: a percentile may rest on fewer requests than were measured.
    value_us, n = found[0].value_us, found[0].n
    seconds = math.inf if value_us is None else value_us / _MICROSECONDS
    where = f"is {seconds:.6g} s" if math.isfinite(seconds) else "falls on a failed one"
    said = f"p{percent} of {n} requests {where}"
    if comparison.confidence is not None:
        if n < cell.n:
            return unknown(f"{said}: of {cell.n - n} others it was not seen, and all are needed to prove it.", n=n)
        answer = _proven(percent, [row[series == "ttft"] for row in rows or ()], n, comparison)
        return replace(answer, reason=f"{said}: {answer.reason}", observed=seconds)
    if n * (100 - percent) < _WHOLE:
        needed = math.ceil(_WHOLE / (100 - percent))
        return unknown(f"{said}; they are too few to hold it: {needed - n} more requests needed.", n=n)
    status, margin = comparison.weigh(seconds, seconds)
    return Answer(status, f"{said}.", observed=seconds, n=n, margin=margin)


def _proven(percent: int, latencies: Sequence[int | None], n: int, comparison: Comparison) -> Answer:
    """Compare the one-sided limits of a percentile.

    They are the values at two ranks, so the percentile is met exactly when a binomial test shows that enough
    requests keep the limit, a failed request being one that does not.
    """
    confidence = comparison.confidence or 0
    if len(latencies) != n:
        return unknown(f"the latencies of all of them are needed, {len(latencies)} are there.", n=n)
    ordered = sorted(math.inf if own is None else own / _MICROSECONDS for own in latencies)
    lower, upper = order_statistic_ranks(n, percent / 100, 2 * confidence - 1)
    low = ordered[lower - 1] if lower is not None else -math.inf
    high = ordered[upper - 1] if upper is not None else math.inf
    status, margin = comparison.weigh(low, high)
    if status == "unknown":
        violations = sum(not comparison.holds(own) for own in ordered)
        more = requests_needed(violations, n, percent / 100, confidence)
        requests = "request" if more == 1 else "requests"
        reason = f"{more} more {requests} within the limit needed for {comparison.confidence_text}."
    elif math.isinf(low):
        reason = f"a failed one with {comparison.confidence_text}."
    else:
        reason = f"{comparison.proven(status, low, high, unit=' s')}."
    return Answer(status, reason, low=low, high=high, n=n, margin=margin)


def _error_rate(cell: BenchCell, _rows: Sequence[Latency] | None, comparison: Comparison) -> Answer:
    """Compare the share of requests that failed."""
    words = {"more_hits": "failed request", "more_misses": "answered request"}
    return answer_share(Share(cell.failed, 0, cell.n, "requests", "failed", **words), comparison)


def _point(
    read: Callable[[BenchCell], float | None],
    unit: str,
    cell: BenchCell,
    _rows: Sequence[Latency] | None,
    comparison: Comparison,
) -> Answer:
    """Compare a single figure, for which no interval is known."""
    value = read(cell)
    if value is None or not math.isfinite(value):
        return unknown("It could not be measured.", n=cell.n)
    status, margin = comparison.weigh(value, value)
    return Answer(status, f"{value:.6g} {unit} over {cell.n} requests.", observed=value, n=cell.n, margin=margin)


def _good_share(cell: BenchCell, _rows: Sequence[Latency] | None, comparison: Comparison) -> Answer:
    """Compare the share of requests within every service level of the profile; a failed one is within none."""
    if cell.good is None:
        return unknown("The plan declares no service level for this profile.", n=cell.n)
    words = {"more_hits": "request within the levels", "more_misses": "request outside them"}
    return answer_share(Share(cell.good, 0, cell.n, "requests", "within the levels", **words), comparison)


def _gap(cell: BenchCell) -> float | None:
    return None if cell.gap_p99_us is None else cell.gap_p99_us / _MICROSECONDS


def _memory(cell: BenchCell) -> float | None:
    peak = None if cell.memory is None else cell.memory.rss_peak_bytes
    return peak / _GIB if peak else None


def _vram(cell: BenchCell) -> float | None:
    """Return the most that was in use on any one device: that is the one that runs out."""
    peaks = [gpu.used_peak_bytes for gpu in cell.memory.gpus] if cell.memory is not None else []
    return max(peaks) / _GIB if peaks else None


def _preemptions(cell: BenchCell) -> float | None:
    return None if cell.counters is None else cell.counters.preemptions


MEASURES: Final[dict[str, Measure]] = {
    "e2e_p50_s": Measure("low", partial(_percentile, "e2e", 50), sampled=True),
    "e2e_p95_s": Measure("low", partial(_percentile, "e2e", 95), sampled=True),
    "e2e_p99_s": Measure("low", partial(_percentile, "e2e", 99), sampled=True),
    "ttft_p50_s": Measure("low", partial(_percentile, "ttft", 50), sampled=True),
    "ttft_p95_s": Measure("low", partial(_percentile, "ttft", 95), sampled=True),
    "ttft_p99_s": Measure("low", partial(_percentile, "ttft", 99), sampled=True),
    "tpot_p50_s": Measure("low", partial(_percentile, "tpot", 50)),
    "tpot_p95_s": Measure("low", partial(_percentile, "tpot", 95)),
    "gap_p99_s": Measure("low", partial(_point, _gap, "s between chunks")),
    "output_tokens_per_s": Measure("high", partial(_point, lambda cell: cell.output_tokens_per_s, "tokens per second")),
    "requests_per_s": Measure("high", partial(_point, lambda cell: cell.requests_per_s, "requests per second")),
    "good_share": Measure("high", _good_share, sampled=True, share=True),
    "error_rate": Measure("low", _error_rate, sampled=True, share=True, swayed_by="client"),
    "memory_peak_gib": Measure("low", partial(_point, _memory, "GiB at most"), swayed_by="nothing"),
    "vram_peak_gib": Measure("low", partial(_point, _vram, "GiB at most"), swayed_by="nothing"),
    "preemptions": Measure("low", partial(_point, _preemptions, "preemptions"), count=True, swayed_by="nothing"),
}
"""What can be asked of a measurement."""


@dataclass(frozen=True)
class BenchQuestion(Countless):
    """A figure of one prompt profile under one load, against a threshold."""

    load: str
    """Profile and load as conditions write them: `short@4`, `short@2/s`, `short@4:warm`."""
    measure: str
    """Name in MEASURES."""
    comparison: Comparison
    """What the figure is held against."""

    @property
    def metric(self) -> str:
        """Name of what is asked about, as conditions write it."""
        return f"bench:{self.load}.{self.measure}"

    @property
    def threshold(self) -> float:
        """What the figure is compared with."""
        return self.comparison.threshold

    def answer(self, facts: Facts) -> Answer:
        """Answer from the one measurement that fits; an INVALID one says nothing.

        A DEGRADED one says what the reasons against it cannot have made: a client that was late can have made a
        latency too long, so a limit that is kept all the same is kept, and one that is not is unknown.
        """
        found = [cell for cell in facts.cells if cell.label == self.load]
        if len(found) != 1:
            return not_one(self.metric, len(found))
        cell = found[0]
        if cell.n == 0:
            return unknown("No request was measured.", n=0)
        why = listed([reason.text for reason in cell.reasons], "; ") or "no reason is given"
        if cell.validity == "INVALID":
            return unknown(f"The measurement is INVALID: {why}.", n=cell.n)
        measure = MEASURES[self.measure]
        answer = measure.answer(cell, facts.latencies.get(self.load), self.comparison)
        if cell.validity != "DEGRADED":
            return answer
        if any(_can_have_made(answer, reason) for reason in _swaying(measure, cell.reasons)):
            said = f"{answer.reason} This does not count, for the measurement is DEGRADED: {why}."
            return replace(answer, status="unknown", reason=said, margin=None)
        return replace(answer, reason=f"{answer.reason} The measurement is DEGRADED: {why}.")


def _swaying(measure: Measure, reasons: Iterable[Reason]) -> Iterable[Reason]:
    """Return the reasons that can have made a figure of this kind."""
    if measure.swayed_by == "all":
        return reasons
    return [own for own in reasons if measure.swayed_by == "client" and own.code.startswith("client_")]


def _can_have_made(answer: Answer, reason: Reason) -> bool:
    return reason.leans in {"against" if answer.status == "not_met" else "for", "either"} and answer.status != "unknown"


def _read(text: str) -> BenchQuestion:
    target, comparison = read_comparison(text, _WRITTEN)
    match = _TARGET.fullmatch(target)
    if match is None:
        raise ConditionError("cannot be read", f"Write it as `{_WRITTEN}`.")
    measure = MEASURES.get(match["measure"])
    if measure is None:
        raise UnknownMetricError(target)
    if comparison.wants_high != (measure.good == "high"):
        signs = ">= or >" if measure.good == "high" else "<= or <"
        raise ConditionError(f"bounds {match['measure']} on the wrong side", f"Write {signs}.")
    if comparison.confidence is not None and not measure.sampled:
        raise ConditionError(f"asks for a confidence that {match['measure']} cannot give", "Leave out the confidence.")
    if measure.share:
        check_share(comparison)
    elif comparison.threshold == 0 and not (measure.count and comparison.operator == "<="):
        raise ConditionError("decides nothing", "Write a threshold above 0.")
    return BenchQuestion(match["load"], match["measure"], comparison)


def _metrics(subjects: Subjects) -> Iterable[str]:
    return (f"bench:{load}.{measure}" for load in subjects.loads for measure in MEASURES)


FORM: Final = Form(_WRITTEN, _read, _metrics)
