"""What does AIPerf's `profile_export_aiperf.json` say?

Source: the file of AIPerf 0.13 (schema_version 1.4): each metric has its `unit`, which is read and never guessed. It
writes the same keys as GenAI-Perf, its ancestor. `profile_export.jsonl` beside it is read by `aiperf_records`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.bench.importing import aiperf_records
from assay.bench.importing.drafts import INTERPOLATED, Definition, FileDraft, LoadDraft, failure_share
from assay.bench.importing.tree import Problems, Tree
from assay.bench.importing.units import base_value

if TYPE_CHECKING:
    from pydantic import JsonValue

    from assay.bench.importing.sources import Source
    from assay.schema.bench import ImportedBenchmark, ImportedStatistic

__all__ = ["DEFINITIONS", "fits", "read"]

_BEFORE_CONNECT = "it starts before a connection is made, ours when the head of the request is written"
_WINDOW = "its time runs from the start of the benchmark to its end, ours from the first request sent to the last end"
DEFINITIONS: dict[str, Definition] = {
    "request_latency": Definition("aiperf.request_latency:from-before-connect", "e2e", _BEFORE_CONNECT, INTERPOLATED),
    "time_to_first_token": Definition(
        "aiperf.time_to_first_token:from-before-connect", "ttft", _BEFORE_CONNECT, INTERPOLATED
    ),
    "time_to_first_output_token": Definition(
        "aiperf.time_to_first_output_token:from-before-connect", "visible", _BEFORE_CONNECT, INTERPOLATED
    ),
    "inter_token_latency": Definition(
        "aiperf.inter_token_latency:request-mean",
        "tpot",
        "it ends at the last chunk with text, ours at the finish reason, where the last token counted is decoded",
        INTERPOLATED,
    ),
    "inter_chunk_latency": Definition("aiperf.inter_chunk_latency:content-gap", "gap", None, INTERPOLATED),
    "output_token_throughput": Definition(
        "aiperf.output_token_throughput", "output_tokens_per_s", f"{_WINDOW}; failed requests are left out"
    ),
    "request_throughput": Definition("aiperf.request_throughput", "requests_per_s", _WINDOW),
    "goodput": Definition("aiperf.goodput", "good_requests_per_s", f"its service levels are AIPerf's; {_WINDOW}"),
    "request_error_rate": Definition(
        "aiperf.request_error_rate", "error_rate", "what counts as failed is AIPerf's own rule"
    ),
}
"""By AIPerf's name."""
_OWN_TOKENS = Definition(
    "aiperf.inter_token_latency:own-tokenizer",
    "tpot",
    "tokens are counted by a tokenizer of AIPerf's, ours by the server",
    INTERPOLATED,
)
_KNOWN_VERSION = "1.4"
_MOST_COUNT = 2**53
_STATISTICS: dict[ImportedStatistic, str] = {
    "mean": "avg",
    "p50": "p50",
    "p90": "p90",
    "p95": "p95",
    "p99": "p99",
    "max": "max",
}


def fits(content: JsonValue) -> bool:
    """Say whether a JSON value is the sums of AIPerf, or one of its records."""
    if aiperf_records.fits(content):
        return True
    metric = content.get("request_latency") if isinstance(content, dict) else None
    return (
        isinstance(content, dict) and "request_throughput" in content and isinstance(metric, dict) and "unit" in metric
    )


def read(source: Source) -> ImportedBenchmark:
    """Return what AIPerf's sums or its records say.

    Raises:
        InputError: keys are missing or of the wrong kind, or a unit is not known; all of them at once.
    """
    if aiperf_records.fits(source.documents[0]):
        return aiperf_records.read(source)
    problems = Problems(source.name)
    root = Tree.of(source.documents[0], "", problems)
    if len(source.documents) > 1:
        problems.add("the file", "AIPerf's sums are one JSON value, and here are several")
    draft = FileDraft(source, "aiperf", tool_version=root.text("aiperf_version"), started=root.text("start_time"))
    models = root.child("input_config").child("models").children("items")
    draft.model = models[0].text("name") if models else None
    _check_whole(draft, root)
    draft.loads.append(_load(root))
    problems.raise_any()
    return draft.build()


def _check_whole(draft: FileDraft, root: Tree) -> None:
    version = root.text("schema_version")
    if version is None:
        draft.warn("unknown_version", "the file names no schema_version: GenAI-Perf wrote it, or an early AIPerf")
    elif version != _KNOWN_VERSION:
        draft.warn("unknown_version", f"the file's schema_version is {version}; only {_KNOWN_VERSION} is verified")
    if root.truth("was_cancelled"):
        draft.warn("cancelled", "the benchmark was cancelled before its end", discredits=True)
    if root.truth("is_complete") is False:
        reason = root.text("incomplete_reason") or "no reason is given"
        draft.warn("not_complete", f"the benchmark is not complete: {reason}", discredits=True)


def _load(root: Tree) -> LoadDraft:
    completed = _whole(_metric(root, "request_count", "mean"))
    failed = _failed(root)
    load = LoadDraft(_label(root), completed, failed)
    by_server = root.child("input_config").child("endpoint").truth("use_server_token_count")
    for name, own in DEFINITIONS.items():
        if name not in root.values:
            continue
        definition = _OWN_TOKENS if name == "inter_token_latency" and not by_server else own
        values = {statistic: _metric(root, name, statistic) for statistic in _STATISTICS}
        if definition.unit != "s":
            values = {"mean": values["mean"]}
        load.add(definition, values, n=root.child(name).count("count"))
    if "request_error_rate" not in root.values:
        load.add(DEFINITIONS["request_error_rate"], {"mean": failure_share(completed, failed)})
    for entry in root.children("error_summary"):
        text = entry.child("error_details").text("type") or entry.child("error_details").text("message") or "unnamed"
        load.warn("aiperf:error", f"{entry.count('count') or 'some'} requests failed: {text}")
    return load


def _metric(root: Tree, name: str, statistic: ImportedStatistic) -> float | None:
    values = root.child(name)
    number = values.number(_STATISTICS[statistic])
    return None if number is None else base_value(values, number)


def _whole(number: float | None) -> int | None:
    return int(number) if number is not None and 0 <= number < _MOST_COUNT else None


def _failed(root: Tree) -> int | None:
    """Return how many requests failed: the metric, or the sum of the errors, or none where the rate is 0."""
    told = _whole(_metric(root, "error_request_count", "mean"))
    if told is not None:
        return told
    counts = [entry.count("count") for entry in root.children("error_summary")]
    if counts:
        return None if None in counts else sum(count or 0 for count in counts)
    return 0 if _metric(root, "request_error_rate", "mean") == 0 else None


def _label(root: Tree) -> str:
    for phase in root.child("input_config").children("phases"):
        if phase.text("kind") in {None, "profiling"}:
            told = [
                f"{key}={value:g}"
                for key in ("concurrency", "request_rate", "rate")
                if (value := phase.number(key)) is not None
            ]
            return ", ".join(told) or phase.text("type") or "load not told"
    return "load not told"
