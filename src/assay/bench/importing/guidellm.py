"""What does GuideLLM's `benchmarks.json` say, and what follows from the requests in it?

Source: the files that GuideLLM 0.8.1 writes (`metadata.version` 2) and its modules `benchmark/schemas` and
`schemas/statistics.py`: `request_latency` is in seconds, what ends in `_ms` in milliseconds.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from assay.bench.importing.drafts import Definition, FileDraft, LoadDraft, failure_share
from assay.bench.importing.guidellm_requests import derive
from assay.bench.importing.sources import Source, unfit
from assay.bench.importing.tree import Problems, Tree

if TYPE_CHECKING:
    from pydantic import JsonValue

    from assay.schema.bench import ImportedBenchmark, ImportedStatistic

__all__ = ["DEFINITIONS", "fits", "read"]

_RANKS = "percentiles can lie one rank too high, for rounded shares are added up"
_TOKEN_WEIGHTED = "each request counts once for every token of its answer"  # noqa: S105 - a token of a model
DEFINITIONS: dict[str, tuple[float, Definition]] = {
    "request_latency": (
        1.0,
        Definition(
            "guidellm.request_latency:to-stream-end",
            "e2e",
            "it ends when the stream is closed, ours at the last token",
            _RANKS,
        ),
    ),
    "time_to_first_token_ms": (
        1e-3,
        Definition("guidellm.ttft:first-token-any-channel", "ttft", None, _RANKS),
    ),
    "time_to_first_output_token_ms": (
        1e-3,
        Definition("guidellm.ttfot:first-token-not-reasoning", "visible", None, _RANKS),
    ),
    "time_per_output_token_ms": (
        1e-3,
        Definition(
            "guidellm.tpot:includes-ttft",
            "tpot",
            f"it starts at the request and divides by all tokens, so that TTFT is in it; {_TOKEN_WEIGHTED}",
            _RANKS,
        ),
    ),
    "inter_token_latency_ms": (
        1e-3,
        Definition(
            "guidellm.itl:token-weighted-request-mean",
            "tpot",
            f"{_TOKEN_WEIGHTED}, and a chunk is taken for a token where the server does not count",
            _RANKS,
        ),
    ),
    "output_tokens_per_second": (
        1.0,
        Definition(
            "guidellm.output_tokens_per_second:rate-over-time",
            "output_tokens_per_s",
            "it is the mean over time of a momentary rate, ours all tokens over the time from first sent to last end",
        ),
    ),
    "requests_per_second": (
        1.0,
        Definition(
            "guidellm.requests_per_second:rate-over-time",
            "requests_per_s",
            "it is the mean over time of a momentary rate, ours all answers over the time from first sent to last end",
        ),
    ),
}
"""By GuideLLM's name: what makes its unit a base unit, and what it means."""
_ERRORS = Definition(
    "guidellm.errored",
    "error_rate",
    "what counts as failed is GuideLLM's own rule: an error event in a stream that began well has passed for success",
)
_KNOWN_VERSION = 2
_STATISTICS: tuple[ImportedStatistic, ...] = ("p50", "p90", "p95", "p99")


def fits(content: JsonValue) -> bool:
    """Say whether a JSON value is GuideLLM's."""
    if not isinstance(content, dict) or not isinstance(content.get("benchmarks"), list):
        return False
    metadata = content.get("metadata")
    return isinstance(metadata, dict) and "guidellm_version" in metadata


def read(source: Source) -> ImportedBenchmark:
    """Return what a `benchmarks.json` says.

    Raises:
        InputError: it is not GuideLLM's, or keys are missing or of the wrong kind; all of them at once.
    """
    if len(source.documents) != 1:
        raise unfit(source.name, "GuideLLM writes one JSON value, and here are several")
    problems = Problems(source.name)
    root = Tree.of(source.documents[0], "", problems)
    metadata = root.child("metadata", required=True)
    draft = FileDraft(source, "guidellm", tool_version=metadata.text("guidellm_version"))
    _check_version(draft, metadata.number("version"))
    draft.warn("wall_clock", "its times are from the wall clock, which can be set while it measures")
    benchmarks = root.children("benchmarks", required=True)
    for benchmark in benchmarks:
        draft.loads.append(_load(benchmark))
    if not benchmarks:
        problems.add("benchmarks", "there is no benchmark in it")
    problems.raise_any()
    draft.model = _model(root, benchmarks)
    starts = [start for benchmark in benchmarks if (start := benchmark.number("start_time")) is not None]
    draft.started = _utc(min(starts)) if starts else None
    problems.raise_any()
    return draft.build()


def _check_version(draft: FileDraft, version: float | None) -> None:
    if version != _KNOWN_VERSION:
        told = "no version" if version is None else f"version {version:g}"
        draft.warn("unknown_version", f"the file's format has {told}; only version {_KNOWN_VERSION} is verified")


def _model(root: Tree, benchmarks: tuple[Tree, ...]) -> str | None:
    places = [benchmark.child("config").child("backend") for benchmark in benchmarks]
    places.append(root.child("config").child("spec").child("backend"))
    return next((name for place in places if (name := place.text("model"))), None)


def _utc(seconds: float) -> str | None:
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
    except (OverflowError, ValueError, OSError):
        return None


def _load(benchmark: Tree) -> LoadDraft:
    totals = benchmark.child("scheduler_metrics", required=True).child("requests_made", required=True)
    completed, failed = totals.count("successful", required=True), totals.count("errored", required=True)
    load = LoadDraft(_label(benchmark.child("config").child("strategy")), completed, failed)
    if incomplete := totals.count("incomplete") or 0:
        load.cut_off = incomplete
        load.warn("incomplete", f"{incomplete} requests were cut off at the end and are in no figure")
    metrics = benchmark.child("metrics", required=True)
    for name, (scale, definition) in DEFINITIONS.items():
        _distribution(load, definition, metrics.child(name).child("successful"), scale)
    load.add(_ERRORS, {"mean": failure_share(completed, failed)})
    for told in benchmark.children("warnings"):
        load.warn(f"guidellm:{told.text('code') or 'unnamed'}", told.text("message") or "without a text")
    derive(load, benchmark)
    return load


def _label(strategy: Tree) -> str:
    kind = strategy.text("type_") or "unnamed"
    streams, rate = strategy.count("streams"), strategy.number("rate")
    if streams is not None:
        return f"{kind}@{streams}"
    return kind if rate is None else f"{kind}@{rate:g}/s"


def _distribution(load: LoadDraft, definition: Definition, values: Tree, scale: float) -> None:
    n = values.count("count")
    if not n:
        return  # a distribution of nothing is written as zeros
    found: dict[ImportedStatistic, float | None] = {"mean": values.number("mean")}
    if definition.unit == "s":
        # The percentiles of a momentary rate say nothing of a throughput: only its mean is taken.
        ranks = values.child("percentiles")
        found |= {statistic: ranks.number(statistic) for statistic in _STATISTICS}
        found["max"] = values.number("max")
        if values.number("min") == 0 and found["mean"]:
            text = f"{definition.id} has a least value of 0: requests without a measurement count as zero"
            load.warn("zeros_injected", text, discredits=True)
    load.add(definition, {key: None if own is None else own * scale for key, own in found.items()}, n=n)
