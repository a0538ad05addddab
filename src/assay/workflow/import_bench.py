"""How does the output of another benchmark tool become a noun on disk?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assay.bench.importing import FORMATS, guess_benchmark, read_benchmark
from assay.errors import InputError, Problem
from assay.record.run_folder import to_json
from assay.suite.importing import IMPORTERS

if TYPE_CHECKING:
    from assay.schema.bench import ImportedBenchmark

__all__ = ["BenchmarkImported", "benchmark_format", "import_benchmark"]

_FOLDER = "imported"


@dataclass(frozen=True)
class BenchmarkImported:
    """What an import came to."""

    path: Path
    """Where the noun lies."""
    benchmark: ImportedBenchmark
    """The noun."""


def benchmark_format(path: Path, format_name: str | None) -> str | None:
    """Return the benchmark format that is named, or that the file's content fits; None when it is a suite's.

    Raises:
        InputError: there is no format of that name.
    """
    if format_name is None:
        return guess_benchmark(path)
    if format_name not in FORMATS and format_name not in IMPORTERS:
        message = f"there is no format {format_name[:60]!r} to import"
        raise InputError(Problem("unknown-format", message, f"There are: {', '.join((*IMPORTERS, *FORMATS))}."))
    return format_name if format_name in FORMATS else None


def import_benchmark(path: Path, format_name: str, out: Path | None) -> BenchmarkImported:
    """Read the output of another benchmark tool and write it as a noun.

    Args:
        path: the tool's file.
        format_name: its format, a key of `FORMATS`.
        out: file to write where it ends in `.json`, else a folder; None takes `imported` in the current folder.

    Raises:
        InputError: the file is not sound, or another file stands where it would be written.
    """
    benchmark = read_benchmark(path, format_name)
    target = out if out is not None and out.suffix == ".json" else (out or Path(_FOLDER)) / _name(benchmark)
    text = to_json(benchmark)
    if target.exists() and target.read_text("utf-8", errors="replace") != text:
        message = "another file is there already"
        raise InputError(Problem("file-exists", message, "Choose another name with --out.", str(target)))
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8", newline="\n")
    return BenchmarkImported(target, benchmark)


def _name(benchmark: ImportedBenchmark) -> str:
    return f"{benchmark.tool}-{benchmark.sha256[:8]}.json"
