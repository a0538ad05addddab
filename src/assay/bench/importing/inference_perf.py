"""What do the lifecycle metrics of inference-perf say?

Source: kubernetes-sigs/inference-perf, `stage_N_lifecycle_metrics.json` and `summary_lifecycle_metrics.json`: all
latencies in seconds, the median under `median`. The file names neither model nor version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.bench.importing.drafts import INTERPOLATED, Definition, FileDraft, LoadDraft, failure_share
from assay.bench.importing.sources import Source, unfit
from assay.bench.importing.tree import Problems, Tree

if TYPE_CHECKING:
    from pydantic import JsonValue

    from assay.schema.bench import ImportedBenchmark, ImportedStatistic

__all__ = ["DEFINITIONS", "fits", "read"]

_BEFORE_POST = "it starts before a connection is there"
_TOKENS = "tokens are counted anew by a tokenizer unless the server's count was asked for"
DEFINITIONS: dict[str, Definition] = {
    "request_latency": Definition(
        "inference-perf.request_latency:to-stream-end",
        "e2e",
        f"{_BEFORE_POST}, and it ends when the stream does, ours at the last token",
        INTERPOLATED,
    ),
    "time_to_first_token": Definition(
        "inference-perf.time_to_first_token:content-only",
        "ttft",
        f"{_BEFORE_POST}, and a token of the thinking does not end it",
        INTERPOLATED,
    ),
    "time_per_output_token": Definition(
        "inference-perf.time_per_output_token:retokenized", "tpot", _TOKENS, INTERPOLATED
    ),
    "normalized_time_per_output_token": Definition(
        "inference-perf.normalized_time_per_output_token:e2e-over-tokens",
        "tpot",
        f"it divides the whole latency by all tokens, so that TTFT is in it; {_TOKENS}",
        INTERPOLATED,
    ),
    "inter_token_latency": Definition(
        "inference-perf.inter_token_latency:per-token",
        "gap",
        "all tokens of a chunk but one get a gap of zero, ours are gaps between chunks",
        INTERPOLATED,
    ),
    "output_tokens_per_sec": Definition(
        "inference-perf.output_tokens_per_sec", "output_tokens_per_s", f"only answered requests count; {_TOKENS}"
    ),
    "requests_per_sec": Definition(
        "inference-perf.requests_per_sec",
        "requests_per_s",
        "its time runs from before the first connection to the end of the last answered request",
    ),
    "failures": Definition(
        "inference-perf.failures", "error_rate", "what counts as failed is inference-perf's own rule"
    ),
}
"""By inference-perf's name."""
_STATISTICS: dict[ImportedStatistic, str] = {
    "mean": "mean",
    "p50": "median",
    "p90": "p90",
    "p95": "p95",
    "p99": "p99",
    "max": "max",
}
_LEAST_ACHIEVED = 0.95
"""Share of the requested rate below which another load was measured."""
_MOST_DELAY_S = 0.010
"""Median delay from which inference-perf itself doubts its load."""
_TPOT_TOLERANCE = 0.25
_LEAST_MEDIAN = 0.1


def fits(content: JsonValue) -> bool:
    """Say whether a JSON value is inference-perf's, the ones that it has from Prometheus included."""
    if not isinstance(content, dict):
        return False
    return {"load_summary", "successes", "failures"} <= content.keys()


def read(source: Source) -> ImportedBenchmark:
    """Return what a file of lifecycle metrics says.

    Raises:
        InputError: it holds the server's own metrics, or keys are missing or of the wrong kind; all at once.
    """
    if len(source.documents) != 1:
        raise unfit(source.name, "inference-perf writes one JSON value, and here are several")
    problems = Problems(source.name)
    root = Tree.of(source.documents[0], "", problems)
    successes = root.child("successes", required=True)
    problems.raise_any()
    if "latency" not in successes.values:
        message = "there are no latencies of a client in it: it holds what Prometheus says of the server"
        raise unfit(source.name, message, remedy="Name the file of lifecycle metrics.")
    completed = successes.count("count", required=True)
    failed = root.child("failures", required=True).count("count")
    summary = root.child("load_summary", required=True)
    load = LoadDraft(_label(summary), completed, failed)
    _figures(load, successes)
    load.add(DEFINITIONS["failures"], {"mean": failure_share(completed, failed)})
    _check_load(load, summary)
    _check_tokens(load, successes)
    draft = FileDraft(source, "inference-perf", loads=[load])
    problems.raise_any()
    draft.warn("not_told", "the file names neither model nor version nor when it was measured")
    return draft.build()


def _label(summary: Tree) -> str:
    rate = summary.number("requested_rate")
    if rate is not None:
        return f"requested_rate={rate:g}"
    concurrency = summary.number("concurrency")
    return "all stages together" if concurrency is None else f"concurrency={concurrency:g}"


def _figures(load: LoadDraft, successes: Tree) -> None:
    latency, throughput = successes.child("latency"), successes.child("throughput")
    for name, definition in DEFINITIONS.items():
        if definition.unit == "s":
            own = latency.child(name)
            values = {statistic: own.number(key) for statistic, key in _STATISTICS.items()}
            load.add(definition, values, n=None if definition.measure == "gap" else load.completed)
        elif definition.measure != "error_rate":
            load.add(definition, {"mean": throughput.number(name)})


def _check_load(load: LoadDraft, summary: Tree) -> None:
    """Say where the load that was measured is not the one that was asked for."""
    if load.label == "all stages together":
        load.warn("stages_pooled", "requests of several loads are thrown together: name the file of one stage")
    asked, achieved = summary.number("requested_rate"), summary.number("achieved_rate")
    if asked and achieved is not None and achieved < _LEAST_ACHIEVED * asked:
        text = f"{achieved:.4g} requests a second were sent of the {asked:.4g} that were asked for"
        load.warn("load_not_reached", text, discredits=True)
    delay = summary.child("schedule_delay")
    late, latest = delay.number("median"), delay.number("p99")
    e2e = load.value_of("e2e", "p50")
    if latest is not None and e2e is not None and latest > e2e:
        text = f"requests left up to {latest:.4g} s late (p99), longer than an answer takes ({e2e:.4g} s)"
        load.warn("requests_late", f"{text}: the waiting is in no latency", discredits=True)
    elif late is not None and late > _MOST_DELAY_S:
        load.warn("requests_late", f"half of the requests left more than {late:.4g} s late")


def _check_tokens(load: LoadDraft, successes: Tree) -> None:
    """Hold the time per token against latency and length of the answers: counting tokens anew has doubled them."""
    tpot, e2e, ttft = (load.value_of(measure, "mean") for measure in ("tpot", "e2e", "ttft"))
    length = successes.child("output_len").number("mean")
    if tpot and e2e and ttft and length and length > 1:
        follows = (e2e - ttft) / (length - 1)
        if abs(tpot - follows) > _TPOT_TOLERANCE * follows:
            text = f"the mean time per token is {tpot:.4g} s, but latency and length make it {follows:.4g} s"
            load.warn("tpot_does_not_follow", f"{text}: tokens were counted otherwise", discredits=True)
    median, mean = load.value_of("gap", "p50"), load.value_of("gap", "mean")
    if median and mean and median < _LEAST_MEDIAN * mean:
        text = f"half of the gaps between tokens are below {median:.3g} s at a mean of {mean:.3g} s"
        load.warn("gaps_within_chunks", f"{text}: they lie inside of chunks", discredits=True)
