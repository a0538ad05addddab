"""How is the output of another benchmark tool shown: each load's figures, and which are under our definition?"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from assay.cli.boundary import Exit
from assay.cli.output import write_data
from assay.cli.show import inert, write_lines
from assay.record.run_folder import to_json
from assay.workflow.import_bench import import_benchmark

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from assay.schema.bench import ImportedBenchmark, ImportedFigure, ImportedLoad, ImportedWarning
    from assay.workflow.import_bench import BenchmarkImported

__all__ = ["benchmark_lines", "import_bench"]

_WIDTH = 80
_MOST_LOADS = 40
_COLUMNS = ("p50", "p95", "p99", "mean")
_NAMES = {
    "e2e": "e2e",
    "ttft": "TTFT",
    "visible": "visible token",
    "tpot": "TPOT",
    "gap": "gap",
    "output_tokens_per_s": "output tokens/s",
    "requests_per_s": "requests/s",
    "good_requests_per_s": "good requests/s",
    "error_rate": "error rate",
    "engine_prompt_tokens_per_s": "prompt tokens/s",
    "engine_decode_tokens_per_s": "decode tokens/s",
    "engine_tokens_per_s": "tokens/s",
}
"""Names of the measures as the rows have them."""
_MS_PER_S = 1000
_TEN_SECONDS = 10.0
_MOST_CELL = 10


def import_bench(path: Path, format_name: str, out: Path | None, *, as_json: bool) -> Exit:
    """Import a benchmark; the exit code is 3 when a warning says that figures cannot be believed."""
    done = import_benchmark(path, format_name, out)
    if as_json:
        write_data(to_json(done.benchmark))
    else:
        write_lines(benchmark_lines(done))
    return Exit.DONE if done.benchmark.can_be_believed else Exit.HOLD


def benchmark_lines(done: BenchmarkImported) -> Iterator[str]:
    """Yield where it lies, what it is, a table for each load, and what the numbers in the tables refer to."""
    own = done.benchmark
    yield f"{done.path}: {_origin(own)}"
    yield from _facts(own)
    if own.engine_ceiling:
        yield "an engine's ceiling: no latency or throughput of a server may be held against it"
    notes: dict[str, str] = {}
    for load in own.loads[:_MOST_LOADS]:
        yield ""
        yield from _load_lines(load, notes)
    if len(own.loads) > _MOST_LOADS:
        yield f"and {len(own.loads) - _MOST_LOADS} more loads, in {done.path}"
    yield ""
    yield from _notes(notes)
    yield from _warnings(own.warnings, "")
    yield _sum(own)


def _origin(own: ImportedBenchmark) -> str:
    version = f" {inert(own.tool_version)}" if own.tool_version else ""
    return f"{own.tool}{version}, {len(own.loads)} {'load' if len(own.loads) == 1 else 'loads'}"


def _facts(own: ImportedBenchmark) -> Iterator[str]:
    yield from _wrapped(f"model {inert(own.model)}" if own.model else "model not told", "")
    yield f"started {inert(own.started)}" if own.started else "start not told"


def _load_lines(load: ImportedLoad, notes: dict[str, str]) -> Iterator[str]:
    counts = [
        f"{number} {word}"
        for number, word in ((load.completed, "answered"), (load.failed, "failed"))
        if number is not None
    ]
    yield from _wrapped(inert(load.label) + (f": {', '.join(counts)}" if counts else ""), "")
    columns = [column for column in _COLUMNS if any(figure.statistic == column for figure in load.figures)]
    if load.figures:
        yield f"  {'':<16}{''.join(f'{column:>11}' for column in columns)}  as ours"
    rows: dict[tuple[str, str], dict[str, ImportedFigure]] = {}
    for figure in load.figures:
        rows.setdefault((figure.measure, figure.definition), {})[figure.statistic] = figure
    by_whom = sorted(rows.items(), key=lambda own: not all(figure.same_as_ours for figure in own[1].values()))
    for (measure, definition), row in by_whom:
        cells = "".join(f"{_cell(row.get(column)):>11}" for column in columns)
        yield f"  {_NAMES[measure]:<16}{cells}  {_ours(definition, row, notes)}"
    yield from _warnings(load.warnings, "  ")


def _cell(figure: ImportedFigure | None) -> str:
    if figure is None:
        return ""
    if figure.value is None:
        return "infinite"
    text = _number(figure.value, figure.unit)
    return text if len(text) <= _MOST_CELL else f"{figure.value:.1e}"


def _number(value: float, unit: str) -> str:
    if unit == "share":
        return f"{value:.2%}"
    if unit == "per_s":
        return f"{value:,.1f}"
    if value >= _TEN_SECONDS:
        return f"{value:,.1f} s"
    return f"{value * _MS_PER_S:.{1 if value >= 1 / _MS_PER_S else 3}f} ms"


def _ours(definition: str, row: dict[str, ImportedFigure], notes: dict[str, str]) -> str:
    """Return `yes`, or the number of the note that says in what the row differs."""
    shown = [row[column] for column in _COLUMNS if column in row] or list(row.values())
    differing = [figure.differs for figure in shown if figure.differs is not None]
    if not differing:
        return "yes"
    what = max(differing, key=len)
    partly = [figure.statistic for figure in shown if figure.same_as_ours]
    text = f"{definition}: {what}" + (f" ({', '.join(partly)} as ours)" if partly else "")
    notes.setdefault(text, f"[{len(notes) + 1}]")
    return f"{'in part' if partly else 'no'} {notes[text]}"


def _notes(notes: dict[str, str]) -> Iterator[str]:
    for text, number in notes.items():
        yield from _wrapped(f"{number} {inert(text)}", "", hanging="    ")


def _warnings(warnings: Iterable[ImportedWarning], indent: str) -> Iterator[str]:
    for own in warnings:
        word = "not to be believed" if own.discredits else "note"
        yield from _wrapped(f"{word}: {inert(own.text)}", indent, hanging=indent + "  ")


def _sum(own: ImportedBenchmark) -> str:
    figures = [figure for load in own.loads for figure in load.figures]
    ours = sum(figure.same_as_ours for figure in figures)
    believed = "" if own.can_be_believed else "; some cannot be believed"
    return f"{len(figures)} figures, {ours} of them under our definitions{believed}"


def _wrapped(text: str, indent: str, hanging: str | None = None) -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + "  " if hanging is None else hanging,
        break_on_hyphens=False,
    )
