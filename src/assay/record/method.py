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
    """Rows of a long table that the page shows, fewer where it would be larger than 1 MiB; the JSON has all."""
    sections_shown: int = 8
    """Candidates of which the page shows everything; the JSON has all."""
    sentences_shown: int = 20
    """Entries of a list within a section that the page shows; the JSON has all."""

    def shorter(self) -> Method:
        """Return the same with a quarter of the rows and entries, and half of the candidates, at least one of each."""
        return self.model_copy(
            update={
                "rows_shown": max(1, self.rows_shown // 4),
                "sections_shown": max(1, self.sections_shown // 2),
                "sentences_shown": max(1, self.sentences_shown // 4),
            }
        )


METHOD = Method()
"""What templates see as `method`."""
