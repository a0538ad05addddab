"""Which outputs of other benchmark tools can be read, and which one is this file?

A figure of another tool keeps that tool's definition. Where it is not ours the figure says in what it differs, and is
never compared as if it were.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay.bench.importing import aiperf, guidellm, inference_perf, llama_bench, vllm
from assay.bench.importing.sources import read_source, unfit
from assay.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pydantic import JsonValue

    from assay.bench.importing.sources import Source
    from assay.schema.bench import ImportedBenchmark

__all__ = ["FORMATS", "Format", "guess_benchmark", "read_benchmark"]


@dataclass(frozen=True)
class Format:
    """How the files of one tool are known and read."""

    fits: Callable[[JsonValue], bool]
    """Says whether a JSON value, the first of the file, is of the tool."""
    read: Callable[[Source], ImportedBenchmark]
    """Reads a file; raises InputError."""


FORMATS: dict[str, Format] = {
    "guidellm": Format(guidellm.fits, guidellm.read),
    "vllm": Format(vllm.fits, vllm.read),
    "aiperf": Format(aiperf.fits, aiperf.read),
    "inference-perf": Format(inference_perf.fits, inference_perf.read),
    "llama-bench": Format(llama_bench.fits, llama_bench.read),
}
"""Every format by the name under which the command line calls it; sglang's files are of vLLM's family."""
_SIGNS = (b'"guidellm_version"', b'"request_throughput"', b'"request_start_ns"', b'"load_summary"', b'"avg_ts"')
"""A file without one of these keys is no benchmark; looking for them is much quicker than reading JSON."""


def guess_benchmark(path: Path) -> str | None:
    """Return the key of `FORMATS` that a file's content fits, or None: it fits none, or cannot be read as JSON."""
    try:
        return _guess(path)
    except (InputError, OSError):
        return None  # whoever reads it next says what is wrong with it


def _guess(path: Path) -> str | None:
    if not path.is_file() or not _has_sign(path):
        return None
    return _fitting(read_source(path))


def _has_sign(path: Path) -> bool:
    overlap, tail = max(map(len, _SIGNS)), b""
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            if any(sign in tail + block for sign in _SIGNS):
                return True
            tail = block[-overlap:]
    return False


def _fitting(source: Source) -> str | None:
    return next((name for name, own in FORMATS.items() if own.fits(source.documents[0])), None)


def read_benchmark(path: Path, format_name: str | None) -> ImportedBenchmark:
    """Return what a file of another benchmark tool says.

    Args:
        path: the file.
        format_name: a key of `FORMATS`; None looks at the content.

    Raises:
        InputError: there is no such format, the file fits none, or it is not sound; all that is wrong with it at once.
    """
    if format_name is not None and format_name not in FORMATS:
        message = f"there is no benchmark format {format_name[:60]!r}"
        raise InputError(Problem("unknown-format", message, f"There are: {', '.join(FORMATS)}."))
    source = read_source(path)
    name = format_name or _fitting(source)
    if name is None:
        message = "the file looks like no benchmark that can be imported"
        raise InputError(Problem("unknown-format", message, "Name its format with --format.", str(path)))
    benchmark = FORMATS[name].read(source)
    # Without an answer there is nothing to show but that.
    if not any(load.figures or load.completed == 0 for load in benchmark.loads):
        raise unfit(source.name, f"there is not one figure of {name} in it", remedy="Name the right --format.")
    return benchmark
