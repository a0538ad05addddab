"""Which of a runtime's own counters stand on a page that it serves?

Pure: a page in, the fields of a counter sample out. Names are those of each runtime's versions, the newest first. A
page may be hostile or half broken: a series with a number that is none, or is negative, is not told.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from assay.runtime.adapters.asking import count, dig
from assay.runtime.adapters.metrics import samples

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic import JsonValue

    from assay.runtime.adapters.metrics import Sample

__all__ = ["PAGES", "Counters", "Page", "counters_on", "loaded_model", "slots_in_use"]

Counters: TypeAlias = dict[str, str | int | float | bool]
"""Fields of a `CounterSample`, without its key and its time; one that is not told is not there."""

_MOST_WHOLE = 2**53 - 1
_US_PER_S = 1_000_000

Names: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """What a runtime calls its series, in Prometheus' text format."""

    counts: Mapping[str, Names]
    """Whole numbers by field, summed over engines."""
    shares: Mapping[str, Names] = field(default_factory=dict)
    """Shares from 0 to 1 by field, the largest of all engines."""
    seconds: Mapping[str, Names] = field(default_factory=dict)
    """Sums of seconds by field, kept in microseconds."""
    cached_beside_worked_on: bool = False
    """Whether tokens from the prefix cache are not among `prompt_tokens`, so that both together were looked up."""

    def names(self) -> frozenset[str]:
        """Return all series that are looked for."""
        return frozenset(
            name for group in (self.counts, self.shares, self.seconds) for names in group.values() for name in names
        )


PAGES: dict[str, Page] = {
    # docs/design/metrics.md and vllm/v1/metrics/loggers.py. The first V1 counted prefix caches as `gpu_…`, and the
    # client library adds `_total` where a counter's name lacks it.
    "vllm": Page(
        counts={
            "running": ("vllm:num_requests_running",),
            "waiting": ("vllm:num_requests_waiting",),
            "preemptions": ("vllm:num_preemptions_total", "vllm:num_preemptions"),
            "cached_tokens": (
                "vllm:prefix_cache_hits_total",
                "vllm:prefix_cache_hits",
                "vllm:gpu_prefix_cache_hits_total",
                "vllm:gpu_prefix_cache_hits",
            ),
            "looked_up_tokens": (
                "vllm:prefix_cache_queries_total",
                "vllm:prefix_cache_queries",
                "vllm:gpu_prefix_cache_queries_total",
                "vllm:gpu_prefix_cache_queries",
            ),
            "prompt_tokens": ("vllm:prompt_tokens_total", "vllm:prompt_tokens"),
            "output_tokens": ("vllm:generation_tokens_total", "vllm:generation_tokens"),
            "requests": ("vllm:e2e_request_latency_seconds_count",),
        },
        shares={"kv_cache_share": ("vllm:kv_cache_usage_perc", "vllm:gpu_cache_usage_perc")},
        seconds={
            "queue_us": ("vllm:request_queue_time_seconds_sum", "vllm:time_in_queue_requests_sum"),
            "ttft_us": ("vllm:time_to_first_token_seconds_sum",),
            "e2e_us": ("vllm:e2e_request_latency_seconds_sum",),
        },
    ),
    # python/sglang/srt/metrics/collector.py; `num_retracted_reqs` is the last batch's and no sum, so it is not taken.
    "sglang": Page(
        counts={
            "running": ("sglang:num_running_reqs",),
            "waiting": ("sglang:num_queue_reqs",),
            "preemptions": ("sglang:num_retracted_requests_total", "sglang:num_retracted_reqs_total"),
            "cached_tokens": ("sglang:cached_tokens_total",),
            "looked_up_tokens": ("sglang:prompt_tokens_total",),
            "prompt_tokens": ("sglang:prompt_tokens_total",),
            "output_tokens": ("sglang:generation_tokens_total",),
            "requests": ("sglang:e2e_request_latency_seconds_count",),
        },
        shares={"kv_cache_share": ("sglang:token_usage",)},
        seconds={
            "queue_us": ("sglang:queue_time_seconds_sum",),
            "ttft_us": ("sglang:time_to_first_token_seconds_sum",),
            "e2e_us": ("sglang:e2e_request_latency_seconds_sum",),
        },
    ),
    # docs/source/reference/metrics.md; its durations are seconds.
    "tgi": Page(
        counts={
            "running": ("tgi_batch_current_size",),
            "waiting": ("tgi_queue_size",),
            "prompt_tokens": ("tgi_request_input_length_sum",),
            "output_tokens": ("tgi_request_generated_tokens_sum",),
            "requests": ("tgi_request_duration_count",),
        },
        seconds={"queue_us": ("tgi_request_queue_duration_sum",), "e2e_us": ("tgi_request_duration_sum",)},
    ),
    # tools/server/README.md, GET /metrics; needs --metrics. Newer builds do not tell the use of the cache (ggml-org/
    # llama.cpp#13660).
    "llama.cpp": Page(
        counts={
            "running": ("llamacpp:requests_processing",),
            "waiting": ("llamacpp:requests_deferred",),
            "cached_tokens": ("llamacpp:prompt_tokens_cached_total",),
            "prompt_tokens": ("llamacpp:prompt_tokens_total",),
            "output_tokens": ("llamacpp:tokens_predicted_total",),
        },
        shares={"kv_cache_share": ("llamacpp:kv_cache_usage_ratio",)},
        cached_beside_worked_on=True,
    ),
}
"""Names of each runtime that has such a page, by the runtime's name in the plan."""


def counters_on(text: str, page: Page, model: str | None) -> Counters:
    """Return what a page of metrics tells of one model; empty where it tells nothing.

    A server may hold several models and engines. Series of other models are left out; where no series has the model's
    name, and all are of one, it is an alias of that one. Ranks of one engine repeat its figures, and the first counts.

    Args:
        text: the page.
        page: what the runtime calls its series.
        model: name by which the model is asked for; None takes all.
    """
    found = _of_model(samples(text, page.names()), model)
    told: Counters = {}
    for name, names in page.counts.items():
        _put(told, name, _whole(_sum(_values(found, names))))
    for name, names in page.seconds.items():
        total = _sum(_values(found, names))
        _put(told, name, None if total is None else _whole(total * _US_PER_S))
    for name, names in page.shares.items():
        _put(told, name, _largest(_values(found, names)))
    if page.cached_beside_worked_on:
        worked_on, cached = told.get("prompt_tokens"), told.get("cached_tokens")
        if isinstance(worked_on, int) and isinstance(cached, int):
            told["looked_up_tokens"] = worked_on + cached
    return told


def slots_in_use(body: JsonValue) -> Counters:
    """Return what llama.cpp's `GET /slots` tells: requests worked on, and which share of the slots' windows is full.

    Args:
        body: the answer; empty is returned where it is no list of slots.
    """
    slots = body if isinstance(body, list) else []
    busy = [slot.get("is_processing") for slot in slots if isinstance(slot, dict)]
    told: Counters = {}
    if not busy or len(busy) != len(slots) or not all(isinstance(one, bool) for one in busy):
        return told
    told["running"] = sum(one is True for one in busy)
    windows = sum(count(dig(slot, "n_ctx")) or 0 for slot in slots)
    held = sum(
        (count(dig(slot, "n_prompt_tokens")) or 0) + (count(dig(slot, "next_token", 0, "n_decoded")) or 0)
        for slot in slots
        if dig(slot, "is_processing") is True
    )
    if windows:
        told["kv_cache_share"] = min(1.0, held / windows)
    return told


def loaded_model(body: JsonValue, model: str | None) -> Counters:
    """Return what Ollama's `GET /api/ps` tells of a model: whether it is loaded, its memory, and its part in VRAM.

    The two sizes are Ollama's own estimate.

    Args:
        body: the answer; empty is returned where it is no list of models.
        model: name by which the model is asked for; without a tag it means `latest`. None means the only one there is.
    """
    models = dig(body, "models")
    if not isinstance(models, list):
        return {}
    names = [model, f"{model}:latest"]
    fitting = [one for one in models if model is None or dig(one, "name") in names or dig(one, "model") in names]
    if model is None and len(models) > 1:
        return {}
    told: Counters = {"loaded": bool(fitting)}
    if fitting:
        _put(told, "model_bytes", count(dig(fitting[0], "size")))
        _put(told, "model_vram_bytes", count(dig(fitting[0], "size_vram")))
    return told


def _of_model(found: Sequence[Sample], model: str | None) -> dict[str, list[float]]:
    """Return the values of each series that are of one model and of its first rank."""
    named = {label for sample in found if (label := sample.labels.get("model_name")) is not None}
    if model is None or model in named or len(named) <= 1:
        wanted = named if model is None or model not in named else {model}
    else:
        wanted = set()
    values: dict[str, list[float]] = {}
    for sample in found:
        name = sample.labels.get("model_name")
        ranks = (sample.labels.get("tp_rank", "0"), sample.labels.get("pp_rank", "0"))
        if (name is None or name in wanted) and all(rank in {"0", ""} for rank in ranks):
            values.setdefault(sample.name, []).append(sample.value)
    return values


def _values(found: Mapping[str, list[float]], names: Names) -> list[float]:
    """Return the values of the first series that is there."""
    return next((found[name] for name in names if name in found), [])


def _sum(values: list[float]) -> float | None:
    whole = values and all(math.isfinite(value) and value >= 0 for value in values)
    return sum(values) if whole else None


def _whole(value: float | None) -> int | None:
    return round(value) if value is not None and value <= _MOST_WHOLE else None


def _largest(values: list[float]) -> float | None:
    return max(values) if values and all(0 <= value <= 1 for value in values) else None


def _put(told: Counters, name: str, value: float | None) -> None:
    if value is not None:
        told[name] = value
