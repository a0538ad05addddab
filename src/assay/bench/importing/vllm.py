"""What do the results of `vllm bench serve`, and of sglang's bench_serving of the same family, say?

Source: vLLM 0.32 `vllm bench serve --save-result [--save-detailed]`: one JSON object, keys `mean|median|pNN_X_ms` in
milliseconds, stored lists in seconds. sglang appends one such object a run to a JSONL file, with `e2e_latency` for
vLLM's `e2el`. The stored lists begin before the connection is made and end at chunks without a token: nothing can be
derived from them under our definitions.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from assay.bench.importing.drafts import INTERPOLATED, Definition, FileDraft, LoadDraft, failure_share
from assay.bench.importing.tree import Problems, Tree

if TYPE_CHECKING:
    from pydantic import JsonValue

    from assay.bench.importing.sources import Source
    from assay.schema.bench import ImportedBenchmark, ImportedStatistic

__all__ = ["SGLANG", "VLLM", "fits", "read"]

_BEFORE_POST = "it starts before the request is built and a connection is there"
_TOKENS = "tokens are counted anew by a tokenizer where the server does not count"
_WINDOW = "its time runs from the start of the benchmark, ours from the first request sent"

VLLM: dict[str, Definition] = {
    "ttft": Definition(
        "vllm.ttft:first-chunk",
        "ttft",
        f"{_BEFORE_POST}, and the first chunk ends it though it holds only a role and no token",
        INTERPOLATED,
    ),
    "tpot": Definition(
        "vllm.tpot:from-first-chunk",
        "tpot",
        f"it runs from the first chunk, which may hold no token, to the last, which holds none; {_TOKENS}",
        INTERPOLATED,
    ),
    "itl": Definition(
        "vllm.itl:chunk-gap",
        "gap",
        "it also counts the gaps before and after chunks that hold no token, which are nearly zero",
        INTERPOLATED,
    ),
    "e2el": Definition(
        "vllm.e2el:to-last-chunk",
        "e2e",
        f"{_BEFORE_POST}, and it ends at the last chunk, which holds no token",
        INTERPOLATED,
    ),
    "output_throughput": Definition(
        "vllm.output_throughput", "output_tokens_per_s", f"{_WINDOW}; failed requests are left out; {_TOKENS}"
    ),
    "request_throughput": Definition("vllm.request_throughput", "requests_per_s", _WINDOW),
    "request_goodput": Definition(
        "vllm.request_goodput",
        "good_requests_per_s",
        "its service levels are not in the file, and an answer of one token passes for TPOT 0",
    ),
    "failed": Definition("vllm.failed", "error_rate", "what counts as failed is vLLM's own rule"),
}
"""By vLLM's name."""
SGLANG: dict[str, Definition] = {
    "ttft": Definition(
        "sglang.ttft:first-content",
        "ttft",
        f"{_BEFORE_POST}; a token of the thinking may not end it",
        INTERPOLATED,
    ),
    "tpot": Definition(
        "sglang.tpot:to-last-chunk",
        "tpot",
        f"it runs to the last chunk, which may hold no token; {_TOKENS}",
        INTERPOLATED,
    ),
    "itl": Definition(
        "sglang.itl:by-backend",
        "gap",
        "it is by token for sglang's own protocol, by chunk for others, and divided where tokens are drafted",
        INTERPOLATED,
    ),
    "e2e_latency": Definition(
        "sglang.e2e_latency:to-last-chunk", "e2e", f"{_BEFORE_POST}, and it ends at the last chunk", INTERPOLATED
    ),
    "output_throughput": Definition(
        "sglang.output_throughput", "output_tokens_per_s", f"{_WINDOW}; failed requests are left out; {_TOKENS}"
    ),
    "request_throughput": Definition("sglang.request_throughput", "requests_per_s", _WINDOW),
}
"""By sglang's name."""
_STATISTIC = re.compile(r"(mean|median|p50|p90|p95|p99|max)_(ttft|tpot|itl|e2el|e2e_latency)_ms")
_TOLERANCE = 0.02
"""How far a throughput may be from what it is the quotient of."""


def fits(content: JsonValue) -> bool:
    """Say whether a JSON value is of this family."""
    if not isinstance(content, dict):
        return False
    wanted = {"duration", "completed", "request_throughput", "output_throughput", "mean_ttft_ms"}
    return wanted <= content.keys()


def read(source: Source) -> ImportedBenchmark:
    """Return what a result file says, one load for each JSON object in it.

    Raises:
        InputError: keys are missing or of the wrong kind; all of them at once.
    """
    problems = Problems(source.name)
    several = len(source.documents) > 1
    runs = [
        Tree.of(content, f"line {number}" if several else "", problems)
        for number, content in enumerate(source.documents, start=1)
    ]
    is_sglang = [any("e2e_latency" in key for key in run.values) for run in runs]
    if len(set(is_sglang)) > 1:
        problems.add("the file", "runs of vLLM and of sglang stand in one file", "Split it.")
    draft = FileDraft(source, "sglang" if is_sglang[0] else "vllm")
    for run in runs:
        draft.loads.append(_load(run, SGLANG if is_sglang[0] else VLLM))
    models = list(dict.fromkeys(name for run in runs if (name := run.text("model_id")) is not None))
    draft.model, draft.started = models[0] if models else None, runs[0].text("date")
    problems.raise_any()
    if len(models) > 1:
        told = ", ".join(models[:5])
        draft.warn("several_models", f"the runs in the file are of several models: {told}", discredits=True)
    return draft.build()


def _load(run: Tree, definitions: dict[str, Definition]) -> LoadDraft:
    _check_shadowed(run)
    completed, failed = run.count("completed", required=True), run.count("failed")
    load = LoadDraft(_label(run), completed, failed)
    if completed:  # without an answer all its numbers are zeros that nothing was measured for
        for name, values in _statistics(run).items():
            if name in definitions:
                load.add(definitions[name], values, n=None if name == "itl" else completed)
        for name in ("output_throughput", "request_throughput", "request_goodput"):
            if name in definitions:
                load.add(definitions[name], {"mean": run.number(name)})
    if "failed" in definitions:
        load.add(definitions["failed"], {"mean": failure_share(completed, failed)})
    _check_sums(load, run)
    _check_lists(load, run)
    if definitions is VLLM:
        _check_first_chunk(load)
    return load


def _check_shadowed(run: Tree) -> None:
    """Refuse numbers that are texts: `--metadata key=value` puts texts over the keys of the results."""
    for key, value in run.values.items():
        if isinstance(value, str) and (_STATISTIC.fullmatch(key) or key in {"duration", "completed", "failed"}):
            remedy = "Take it out of --metadata, which put it over the result, and measure again."
            run.problems.add(run.at(key), "a number is expected, not a text", remedy)


def _label(run: Tree) -> str:
    parts = []
    for key in ("max_concurrency", "request_rate"):
        value = run.values.get(key)
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            parts.append(f"{key}={value}"[:40])
    return ", ".join(parts) or "load not told"


def _statistics(run: Tree) -> dict[str, dict[ImportedStatistic, float | None]]:
    found: dict[str, dict[ImportedStatistic, float | None]] = {}
    for key in run.values:
        match = _STATISTIC.fullmatch(key)
        if match is None or isinstance(run.values[key], str):
            continue
        value = run.number(key)
        if value is not None:
            statistic = _NAMES[match[1]]
            found.setdefault(match[2], {}).setdefault(statistic, value / 1000)
    return found


_NAMES: dict[str, ImportedStatistic] = {
    "mean": "mean",
    "median": "p50",
    "p50": "p50",
    "p90": "p90",
    "p95": "p95",
    "p99": "p99",
    "max": "max",
}


def _check_sums(load: LoadDraft, run: Tree) -> None:
    """Hold numbers of the file against each other: one that was written over does not fit the others."""
    duration = run.number("duration", required=True)
    for total, rate in (("completed", "request_throughput"), ("total_output_tokens", "output_throughput")):
        whole, told = run.number(total), run.number(rate, required=True)
        if not duration or whole is None or told is None:
            continue
        if abs(whole / duration - told) > _TOLERANCE * max(whole / duration, told):
            text = f"{rate} is {told:.6g}, but {total} over duration is {whole / duration:.6g}"
            load.warn("does_not_add_up", f"{text}; --metadata can write over results", discredits=True)
    due = run.count("num_prompts")
    if due is not None and load.completed is not None and load.failed is not None:
        lost = due - load.completed - load.failed
        if lost:
            text = f"of {due} requests {load.completed} were answered and {load.failed} failed: {abs(lost)}"
            load.warn("requests_lost", f"{text} {'are lost' if lost > 0 else 'too many'}", discredits=True)
    _check_concurrency(load, run)


def _check_concurrency(load: LoadDraft, run: Tree) -> None:
    most, limit = run.number("max_concurrent_requests"), run.number("max_concurrency")
    if most is not None and limit is not None and most > limit:
        text = f"max_concurrent_requests is {most:g} where {limit:g} were allowed: some count twice"
        load.warn("max_concurrent_requests", f"{text}, and is not taken over")


def _check_lists(load: LoadDraft, run: Tree) -> None:
    errors = run.texts("errors")
    if errors and load.failed is not None and load.completed is not None:
        wrong = sum(bool(error) for error in errors)
        if len(errors) == load.completed + load.failed and wrong != load.failed:
            text = f"{wrong} requests hold an error where {load.failed} are said to have failed"
            load.warn("failed_not_counted", text, discredits=True)
    ttfts = run.numbers("ttfts")
    if errors and len(ttfts) == len(errors):
        zeros = sum(time == 0 and not error for time, error in zip(ttfts, errors, strict=True))
        if zeros:
            text = f"{zeros} answered requests have a time to first token of 0 s"
            load.warn("zeros_injected", text, discredits=True)


def _check_first_chunk(load: LoadDraft) -> None:
    """Suspect a role chunk that is sent before the prompt is worked on: TTFT then says nothing.

    The first token takes the whole prompt and a step of decoding: it cannot come in less than half of one step.
    """
    ttft = load.value_of("ttft", "p50") or load.value_of("ttft", "mean")
    steps = [load.value_of(measure, statistic) for measure in ("tpot", "gap") for statistic in ("p50", "mean")]
    step = max((own for own in steps if own is not None), default=None)
    if ttft is not None and step is not None and ttft < step / 2:
        text = f"TTFT {ttft:.4g} s is less than half of the {step:.4g} s of one token: a chunk without a token"
        load.warn("early_chunk", f"{text} was counted as the first; TTFT and TPOT are wrong", discredits=True)
