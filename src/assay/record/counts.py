"""Which filters have the pages of the second format alone: counts that no field holds by itself, and turns of language?

A page of the first format must stay the same byte for byte for ever, so what shows a value in another way stands here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.record.inert import as_text
from assay.record.text import Safe, code
from assay.schema.findings import LEVELS
from assay.schema.record import LONGEST_OUTPUT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Never

    from assay.schema.bench import BenchCell
    from assay.schema.findings import Finding
    from assay.schema.score import Metric

__all__ = ["COUNTS"]


def answer(output: str | None) -> Safe:
    """Return a model's answer as code; dots follow one as long as answers are cut to."""
    more = "" if output is None or len(output) < LONGEST_OUTPUT else " …"
    return Safe(f"{code(output)}{more}")


def asked_trials(metric: Metric) -> Safe:
    """Return how many trials were asked, or should have been."""
    return Safe(f"{metric.n - metric.stopped}")


def clause(text: str) -> Safe:
    """Return a text without the full stop at its end, for a sentence that goes on behind it or ends in its own."""
    return Safe(as_text(text.rstrip(" .")))


def distance(value_us: int | None) -> Safe:
    """Return how far apart two times are, without a sign: microseconds as milliseconds with one decimal."""
    return milliseconds(None if value_us is None else abs(value_us))


def error_share(cell: BenchCell) -> Safe:
    """Return the share of measured requests that failed, as a percentage with one decimal."""
    return Safe(f"{cell.failed / cell.n * 100:.1f} %" if cell.n else "unknown")


def level(findings: Sequence[Finding]) -> Safe:
    """Return the level of the weakest of some findings, as `not_met`; `none` where none of severity block counts."""
    counted = [own.level for own in findings if own.severity == "block" and own.level is not None]
    return Safe(min(counted, key=LEVELS.index) if counted else "none")


def milliseconds(value_us: int | None) -> Safe:
    """Return microseconds as milliseconds with one decimal."""
    # `+ 0.0`: no minus before zero.
    return Safe("unknown" if value_us is None else f"{round(value_us / 1e3, 1) + 0.0:.1f} ms")


COUNTS: dict[str, Callable[[Never], Safe]] = {
    "answer": answer,
    "asked_trials": asked_trials,
    "clause": clause,
    "distance": distance,
    "error_share": error_share,
    "level": level,
    "milliseconds": milliseconds,
}
"""Filters of the templates by name."""
