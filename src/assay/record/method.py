"""Which numbers on a page are Assay's own, not the run's: the constants of its methods?

They stand for what the code does, and a template names them as `method.confidence`: a template has no number itself.
"""

from __future__ import annotations

from assay.schema._base import Noun

__all__ = ["METHOD", "Method"]


class Method(Noun):
    """Constants of the methods by which figures are made."""

    confidence: float = 0.95
    """Confidence of every interval beside a rate (Wilson, 1927) or a percentile (order statistics: Hahn and Meeker,
    Statistical Intervals, 1991, section 5.2), where a condition names none of its own."""
    summary_shown: int = 12
    """Rows of a table of the one-page summary, and entries of its lists."""
    rows_shown: int = 100
    """Rows of a long table that the page shows; the JSON has all."""
    sections_shown: int = 8
    """Candidates of which the page shows everything; the JSON has all."""
    sentences_shown: int = 20
    """Entries of a list within a section that the page shows; the JSON has all."""


METHOD = Method()
"""What templates see as `method`."""
