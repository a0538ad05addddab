"""What does a page of metrics tell of a server's load, and which of its counters moved?

Pure. The format is that of https://prometheus.io/docs/instrumenting/exposition_formats/; families are told by their
names, for each runtime has its own. Names that are known: `llamacpp:requests_deferred`, `vllm:num_requests_waiting`,
`vllm:e2e_request_latency_seconds`, `tgi_queue_size`, `tgi_request_duration`, `sglang:num_queue_reqs`,
`litellm_request_total_latency_metric`, `envoy_http_downstream_rq_time`, `gen_ai_server_request_duration`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from assay.runtime.adapters.metrics import samples

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.runtime.adapters.metrics import Sample

__all__ = ["KINDS", "MetricsPage", "metrics_page", "moved"]

KINDS: Final[Mapping[str, re.Pattern[str]]] = {
    "latency": re.compile(
        r"latency|request_duration|rq_time|time_to_first|ttft|e2e|response_time|request_time|time_per_output"
        r"|duration_(highr_)?seconds|duration_milliseconds"
    ),
    "queue": re.compile(r"queue|waiting|deferred|pending|backlog"),
    "running": re.compile(
        r"running|processing|in_?flight|in_progress|active_requests|active_connections|batch_current_size"
    ),
    "errors": re.compile(r"error|fail|reject|abort|exception|5xx"),
    "tokens": re.compile(r"token"),
    "requests": re.compile(r"requests?(_\w+)?_total$|request_count|requests?_success|rq_total|requests?(_\w+)?_count$"),
}
"""How families of each kind are called."""
# What a page tells of itself, of its process and of work that is no request of a user.
_ASIDE: Final = re.compile(r"^(process|python|go|nodejs|jvm|promhttp|scrape)_|overhead|guardrail|batch_cost|managed_")
_NO_QUEUE: Final = re.compile(r"spend|update_queue|log|event_?loop|thread|gc_|cache")
_NO_LATENCY: Final = re.compile(r"queue|video")
_ERROR_LABELS: Final = frozenset({"status", "status_code", "code", "exception_status", "finished_reason"})
_TYPE: Final = re.compile(r"# TYPE (\S{1,200}) (\w{1,20})")
_SERIES: Final = re.compile(r"[A-Za-z_:][A-Za-z0-9_:]*")
_PARTS: Final = re.compile(r"_(bucket|count|sum|created)$")
_MOVING: Final = re.compile(r"request|token|latency|duration|time_to_first|rq_|http")


@dataclass(frozen=True)
class MetricsPage:
    """What stands on a page of metrics."""

    kinds: Mapping[str, tuple[str, ...]]
    """Names of the families of each kind, in the page's order."""
    counters: Mapping[str, float]
    """Values that only grow, by series and labels."""


def metrics_page(text: str) -> MetricsPage:
    """Return what a page tells; only families that have a value count, not those that are merely announced."""
    types = {found[1]: found[2] for line in text.splitlines() if (found := _TYPE.match(line))}
    names = {found[0] for line in text.splitlines() if (found := _SERIES.match(line))}
    read = [sample for sample in samples(text, names) if _ASIDE.search(sample.name) is None]
    kinds: dict[str, dict[str, None]] = {kind: {} for kind in KINDS}
    counters: dict[str, float] = {}
    for sample in read:
        family = _family(sample.name, types)
        for kind in KINDS:
            if _is(kind, family, sample, types):
                kinds[kind][family] = None
        if _grows(sample.name, family, types):
            counters[f"{sample.name} {sorted(sample.labels.items())}"] = sample.value
    return MetricsPage({kind: tuple(own) for kind, own in kinds.items()}, counters)


def moved(idle: tuple[MetricsPage, MetricsPage], after: MetricsPage) -> tuple[str, ...]:
    """Return the names of counters that grew more over a request than they did between two readings without one.

    Args:
        idle: the two readings before the request; what grew between them grows by being read.
        after: the reading after it.
    """
    first, second = idle[0].counters, idle[1].counters
    found: dict[str, None] = {}
    for series, value in after.counters.items():
        by_reading = second.get(series, 0.0) - first.get(series, 0.0)
        if value - second.get(series, 0.0) > max(by_reading, 0.0):
            found[series.partition(" ")[0]] = None
    return tuple(found)


def _family(name: str, types: Mapping[str, str]) -> str:
    """Return the family of a series: a histogram's parts are one."""
    base = _PARTS.sub("", name)
    return base if types.get(base) in {"histogram", "summary"} or name.endswith("_bucket") else name


def _is(kind: str, family: str, sample: Sample, types: Mapping[str, str]) -> bool:
    own = family.lower()
    if kind == "latency":
        spread = types.get(family) in {"histogram", "summary"} or sample.name.endswith("_bucket")
        return spread and KINDS[kind].search(own) is not None and _NO_LATENCY.search(own) is None
    if own.endswith("_created"):
        return False
    if kind == "queue":
        return KINDS[kind].search(own) is not None and _NO_QUEUE.search(own) is None
    by_label = kind == "errors" and bool(_ERROR_LABELS & sample.labels.keys())
    return by_label or KINDS[kind].search(own) is not None


def _grows(name: str, family: str, types: Mapping[str, str]) -> bool:
    """Return whether a series counts what requests do, as far as type and name tell."""
    grows = types.get(family) in {"counter", "histogram", "summary"} or name.endswith(("_total", "_bucket"))
    return grows and not name.endswith("_created") and _MOVING.search(name.lower()) is not None
