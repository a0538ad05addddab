"""What does a person see of a benchmark: figures, how far each can be believed, and why not?"""

from __future__ import annotations

import json
import sys
import textwrap
from itertools import groupby
from typing import TYPE_CHECKING

from assay.cli.boundary import Exit
from assay.cli.output import write_data
from assay.cli.perform import surroundings_of
from assay.cli.show import inert, write_lines
from assay.errors import InputError, Problem
from assay.workflow.bench import bench_plan, test_client

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from assay.schema.bench import BenchCell, ClientError, Ladder, Percentile
    from assay.workflow.bench import Benched
    from assay.workflow.wishes import Wishes

__all__ = ["bench_lines", "benchmark", "client_lines", "self_test_alone"]

_WIDTH = 80
_USUAL_STREAMS = (1, 16, 64)


def benchmark(
    plan: Path,
    out: Path,
    wishes: Wishes,
    *,
    max_seconds: float | None,
    self_test: bool,
    as_json: bool,
    wait_s: float,
) -> Exit:
    """Send the load of a plan and show what it came to; 4 when not one request was answered."""
    from dataclasses import replace

    with surroundings_of(wait_s) as surroundings:
        wishes = replace(wishes, max_seconds=max_seconds, self_test=self_test)
        done = bench_plan(plan, out, surroundings, wishes)
    if as_json:
        _write_json([cell.model_dump(mode="json", by_alias=True) for cell in done.cells])
    else:
        write_lines(bench_lines(done))
    if all(cell.failed == cell.n for cell in done.cells):
        asked = any(cell.n for cell in done.cells)
        why = "Read the faults in requests.jsonl." if asked else "None was measured: give the load more time."
        sys.stderr.write(f"error[no-answers]: not one request was answered. {why}\n")
        return Exit.NOT_DONE
    return Exit.DONE


def self_test_alone(streams: list[int] | None, *, wanted: bool, as_json: bool) -> Exit:
    """Measure the client without any plan and show its error; 4 when it could not be measured.

    Raises:
        InputError: neither a plan nor --self-test was given.
    """
    if not wanted:
        message = "there is neither a plan nor --self-test"
        raise InputError(Problem("no-bench", message, "Write assay bench PLAN, or assay bench --self-test."))
    with surroundings_of() as surroundings:
        found = test_client(streams or _USUAL_STREAMS, surroundings)
    if as_json:
        _write_json([own.model_dump(mode="json") for own in found])
    else:
        write_lines(client_lines(found))
    return Exit.DONE if found else Exit.NOT_DONE


def bench_lines(done: Benched) -> Iterator[str]:
    """Yield a table of the figures by candidate, reasons, ladders, the client's error, and where everything lies."""
    for candidate, cells in groupby(done.cells, key=lambda cell: cell.candidate):
        yield f"{candidate}: latency in seconds"
        yield f"  {'load':<16}{'n':>7}{'failed':>7}{'p50':>8}{'p95':>9}{'p99':>9}{'TTFT p50':>10}{'tokens/s':>10}"
        for cell in cells:
            yield from _cell_lines(cell)
    if any(not own.supported for cell in done.cells for own in cell.e2e):
        yield from _wrapped("! rests on fewer requests than an upper limit needs: 59 for p95, 299 for p99", "  ")
    for ladder in done.ladders:
        yield from _wrapped(_ladder_text(ladder), "  ")
    yield from client_lines(done.clients)
    yield ""
    yield f"run:    {done.folder}"
    yield from (f"plot:   {path}" for path in done.plots)


def client_lines(clients: Sequence[ClientError]) -> Iterator[str]:
    """Yield what the client adds to a server's times at each concurrency, in milliseconds."""
    if not clients:
        return
    yield "the client's own error, against a server with known times, in ms"
    yield f"  {'streams':>7}{'n':>6}{'TTFT p50':>10}{'TTFT p99':>10}{'a token p50':>13}{'late p99':>10}{'lost':>6}"
    for own in clients:
        figures = (own.ttft_p50_us, own.ttft_p99_us, own.tpot_p50_us, own.lag_p99_us)
        first, tail, token, late = (f"{value / 1000:+.2f}" for value in figures)
        yield f"  {own.concurrency:>7}{own.n:>6}{first:>10}{tail:>10}{token:>13}{late:>10}{own.lost:>6}"


def _cell_lines(cell: BenchCell) -> Iterator[str]:
    label = inert(cell.label)
    if len(label) > 15:  # noqa: PLR2004 - the column's width
        yield f"  {label}"
        label = ""
    columns = "".join(f"{_seconds(own):>{width}}" for own, width in zip(cell.e2e, (8, 9, 9), strict=True))
    rate = "-" if cell.output_tokens_per_s is None else f"{cell.output_tokens_per_s:.1f}"
    first = _seconds(cell.ttft[0]) if cell.ttft[0].n else "-"
    sent = f"{cell.n}" if cell.n >= cell.planned else f"{cell.n}/{cell.planned}"
    yield f"  {label:<16}{sent:>7}{cell.failed:>7}{columns}{first:>10}{rate:>10}"
    if cell.spread is not None:
        yield f"    {len(cell.repeats)} rounds; their medians differ by {cell.spread:.1%}"
    if cell.reasons:
        why = "; ".join(reason.text for reason in cell.reasons)
        yield from _wrapped(f"{cell.validity}: {why}", "    ")


def _seconds(percentile: Percentile) -> str:
    if percentile.n == 0:
        return "-"
    value = "failed" if percentile.value_us is None else f"{percentile.value_us / 1e6:.3f}"
    return value + ("" if percentile.supported else "!")


def _ladder_text(ladder: Ladder) -> str:
    warm = " warm" if ladder.cache == "warm" else ""
    steps = ", ".join(f"{c}: {rate:.4g}" for c, rate in zip(ladder.concurrencies, ladder.throughput, strict=True))
    most = f"nearly all of it from {ladder.saturation} at once on" if ladder.saturation else "it still rises at the end"
    slo = f"; keeps the SLO up to {ladder.within_slo} at once" if ladder.within_slo else ""
    return f"{ladder.candidate} {ladder.profile}{warm}, {ladder.unit}/s at once: {steps}; {most}{slo}"


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(inert(text), _WIDTH, initial_indent=indent, subsequent_indent=indent + "  ")


def _write_json(value: object) -> None:
    write_data(json.dumps(value, ensure_ascii=False, indent=1) + "\n")
