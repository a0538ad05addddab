"""Which counts of a page does no field of the record hold by itself, where a language puts them its own way?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.record.text import Safe

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Never

    from assay.schema.bench import BenchCell
    from assay.schema.score import Metric

__all__ = ["COUNTS"]


def asked_trials(metric: Metric) -> Safe:
    """Return how many trials were asked, or should have been."""
    return Safe(f"{metric.n - metric.stopped}")


def error_share(cell: BenchCell) -> Safe:
    """Return the share of measured requests that failed, as a percentage with one decimal."""
    return Safe(f"{cell.failed / cell.n * 100:.1f} %" if cell.n else "unknown")


COUNTS: dict[str, Callable[[Never], Safe]] = {"asked_trials": asked_trials, "error_share": error_share}
"""Filters of the templates by name."""
