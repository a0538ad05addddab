"""How does a person see how far long work is: a bar in a terminal, plain lines elsewhere?"""

from __future__ import annotations

import sys
import textwrap
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from assay.cli.show import inert

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

    from assay.workflow.progress import Progress

__all__ = ["watching"]

_LINE_EVERY_S = 10.0
_WIDTH = 80
_MEGABYTE = 1e6
_BYTES = 10_000_000
"""From so many steps on a stage counts bytes that are hashed: of nothing else are there so many."""


def _count(done: float, total: float, of: str) -> str:
    """Return how far a stage is: `20 of 40`, or `49.2 of 98.4 MB`."""
    if total < _BYTES:
        return f"{done:.0f}{of}{total:.0f}"
    return f"{done / _MEGABYTE:.1f}{of}{total / _MEGABYTE:.1f} MB"


def _rate(per_s: float, total: float) -> str:
    """Return how fast a stage goes on: `2.0/s`, or `6.6 MB/s`."""
    return f"{per_s:.1f}/s" if total < _BYTES else f"{per_s / _MEGABYTE:.1f} MB/s"


def _wrapped(text: str) -> str:
    """Return a note on lines of at most 80 columns where words allow it, the later ones indented."""
    return "\n".join(
        textwrap.wrap(text, _WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
    )


@contextmanager
def watching() -> Iterator[Progress]:
    """Yield a progress that shows itself on stderr until the block ends."""
    if not sys.stderr.isatty():
        yield _Lines()
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as RichProgress

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description:<28}"),
        BarColumn(bar_width=20),
        TextColumn("{task.fields[count]}"),
        TextColumn("{task.fields[rate]:>9}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(compact=True),
    )
    with RichProgress(*columns, console=Console(stderr=True), transient=False) as bars:
        yield _Bars(bars)


class _Bars:
    """Progress bars, one for each stage."""

    def __init__(self, bars: RichProgress) -> None:
        self._bars = bars
        self._task: TaskID | None = None

    def stage(self, name: str, total: int) -> None:
        """Begin a bar."""
        self._task = self._bars.add_task(name, total=total, rate="", count=_count(0, total, "/"))

    def advance(self, steps: int = 1) -> None:
        """Move the bar on."""
        if self._task is None:
            return
        self._bars.advance(self._task, steps)
        self._show(self._task)

    def spare(self, steps: int = 1) -> None:
        """Make the bar shorter."""
        if self._task is not None:
            self._bars.update(self._task, total=(self._bars.tasks[self._task].total or steps) - steps)
            self._show(self._task)

    def _show(self, task: TaskID) -> None:
        own = self._bars.tasks[task]
        total = own.total or 0
        rate = _rate(own.speed, total) if own.speed is not None else ""
        self._bars.update(task, rate=rate, count=_count(own.completed, total, "/"))

    def note(self, text: str) -> None:
        """Print a line above the bars."""
        self._bars.console.print(_wrapped(inert(text)), markup=False, highlight=False)


class _Lines:
    """Plain lines: one when a stage begins, one every ten seconds while it lasts."""

    def __init__(self) -> None:
        self._name, self._total, self._done = "", 0, 0
        self._began = self._said = time.monotonic()

    def stage(self, name: str, total: int) -> None:
        """Say that a stage begins."""
        self._name, self._total, self._done = name, total, 0
        self._began = self._said = time.monotonic()
        sys.stderr.write(f"{name} ...\n")

    def advance(self, steps: int = 1) -> None:
        """Count, and say so every ten seconds."""
        self._done += steps
        now = time.monotonic()
        if now - self._said < _LINE_EVERY_S or self._done == 0:
            return
        self._said = now
        count = _count(self._done, self._total, " of ")
        if self._done >= self._total:  # the stage waits for something that is not counted
            sys.stderr.write(f"{self._name}: {count}\n")
            return
        rate = self._done / (now - self._began)
        left = (self._total - self._done) / rate
        sys.stderr.write(f"{self._name}: {count}, {_rate(rate, self._total)}, {left:.0f} s left\n")

    def spare(self, steps: int = 1) -> None:
        """Count less to do."""
        self._total -= steps

    def note(self, text: str) -> None:
        """Print a line; a log keeps it whole, so that it can be searched."""
        sys.stderr.write(f"{inert(text)}\n")
