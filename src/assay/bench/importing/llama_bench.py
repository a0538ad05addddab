"""What does `llama-bench -o json` (or jsonl) say of an engine without a server?

Source: llama.cpp tools/llama-bench (README): a list of tests; prompt processing where `n_gen` is 0 (`pp512`), text
generation where `n_prompt` is 0 (`tg128`), else both in turn. Times in nanoseconds, `avg_ts` tokens a second. Neither
tokenising nor sampling is measured, nor HTTP, nor several requests: it is a ceiling, never a speed of service.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.bench.importing.drafts import Definition, FileDraft, LoadDraft
from assay.bench.importing.sources import Source, unfit
from assay.bench.importing.tree import Problems, Tree

if TYPE_CHECKING:
    from pydantic import JsonValue

    from assay.schema.bench import ImportedBenchmark

__all__ = ["DEFINITIONS", "fits", "read"]

_CEILING = "the engine alone is measured, without tokenising, sampling, HTTP or other requests: a ceiling"
DEFINITIONS: dict[str, Definition] = {
    "pp": Definition("llama-bench.pp:engine", "engine_prompt_tokens_per_s", _CEILING),
    "tg": Definition("llama-bench.tg:engine", "engine_decode_tokens_per_s", _CEILING),
    "pg": Definition(
        "llama-bench.pg:engine", "engine_tokens_per_s", f"prompt and answer are taken together; {_CEILING}"
    ),
}
"""By the kind of the test."""
_SETTINGS = ("n_threads", "n_gpu_layers", "n_batch", "n_ubatch", "type_k", "type_v", "flash_attn", "split_mode")
"""What may differ between two tests of the same name."""
_TOLERANCE = 0.05
"""How far the mean of the rates may be from the rate of the mean time; runs differ, so the two are not the same."""
_MOST_SPREAD = 0.10


def fits(content: JsonValue) -> bool:
    """Say whether a JSON value is llama-bench's list, or one line of its JSONL."""
    first = content[0] if isinstance(content, list) and content else content
    return isinstance(first, dict) and {"n_prompt", "n_gen", "avg_ns", "avg_ts"} <= first.keys()


def read(source: Source) -> ImportedBenchmark:
    """Return what a list of tests says, one load for each.

    Raises:
        InputError: keys are missing or of the wrong kind; all of them at once.
    """
    problems = Problems(source.name)
    tests = _tests(source, problems)
    if not tests:
        raise unfit(source.name, "there is no test in it")
    models = list(dict.fromkeys(name for test in tests if (name := _model(test)) is not None))
    builds = list(dict.fromkeys(build for test in tests if (build := _build(test)) is not None))
    differing = [key for key in _SETTINGS if len({str(test.values.get(key)) for test in tests}) > 1]
    draft = FileDraft(source, "llama-bench", engine_ceiling=True)
    for test in tests:
        draft.loads.append(_load(test, differing, with_model=len(models) > 1))
    problems.raise_any()
    draft.tool_version, draft.model = ", ".join(builds[:3]) or None, ", ".join(models[:3]) or None
    draft.started = tests[0].text("test_time")
    problems.raise_any()
    return draft.build()


def _tests(source: Source, problems: Problems) -> list[Tree]:
    if len(source.documents) == 1 and isinstance(source.documents[0], list):
        content, place = source.documents[0], "[{}]"
        return [Tree.of(test, place.format(index), problems) for index, test in enumerate(content)]
    return [Tree.of(test, f"line {number}", problems) for number, test in enumerate(source.documents, start=1)]


def _model(test: Tree) -> str | None:
    name, kind = test.text("model_filename"), test.text("model_type")
    file = name.replace("\\", "/").rpartition("/")[2] if name else None  # the folder is nobody's business
    return f"{file} ({kind})" if file and kind else file or kind


def _build(test: Tree) -> str | None:
    commit, number = test.text("build_commit"), test.count("build_number")
    if number is None:
        return commit
    return f"b{number} ({commit})" if commit else f"b{number}"


def _load(test: Tree, differing: list[str], *, with_model: bool) -> LoadDraft:
    prompt, answer = test.count("n_prompt", required=True) or 0, test.count("n_gen", required=True) or 0
    load = LoadDraft(_label(test, prompt, answer, differing, with_model=with_model), None, None)
    rate, time_ns = test.number("avg_ts", required=True), test.number("avg_ns", required=True)
    if not prompt and not answer:
        test.problems.add(test.path, "a test of neither prompt nor answer")
        return load
    samples = test.numbers("samples_ts")
    definition = DEFINITIONS["pg" if prompt and answer else "pp" if prompt else "tg"]
    if rate:
        load.add(definition, {"mean": rate}, n=len(samples) or None)
    else:
        load.warn("not_measured", "its rate is 0: it was not measured and is left out", discredits=True)
    follows = (prompt + answer) / (time_ns / 1e9) if time_ns else None
    if rate and follows and abs(rate - follows) > _TOLERANCE * follows:
        text = f"avg_ts is {rate:.5g} tokens a second, but avg_ns makes it {follows:.5g}: a unit must be wrong"
        load.warn("units", text, discredits=True)
    spread = test.number("stddev_ts")
    if rate and spread is not None and spread > _MOST_SPREAD * rate:
        load.warn("unsteady", f"its runs differ by {spread / rate:.0%} (standard deviation over mean)")
    return load


def _label(test: Tree, prompt: int, answer: int, differing: list[str], *, with_model: bool) -> str:
    name = "+".join(part for part in (f"pp{prompt}" if prompt else "", f"tg{answer}" if answer else "") if part)
    depth = test.count("n_depth")
    parts = [name + (f" @ d{depth}" if depth else ""), *(f"{key}={test.values.get(key)}"[:40] for key in differing)]
    if with_model:
        parts.append(_model(test) or "model not told")
    return ", ".join(parts)
