"""What is a candidate compared with: what another one did at each case, in the same run or in an earlier record?"""

from __future__ import annotations

from assay.schema._base import Noun, digest_of
from assay.schema.score import CaseResult, Metric

__all__ = ["Baseline"]


class Baseline(Noun):
    """The one that candidates are compared with; `evidence/baseline.json` where it comes from an earlier record."""

    candidate: str
    """Candidate id."""
    record: str | None
    """Id of the earlier record that it comes from; None for a candidate of the same run."""
    evidence_sha256: str | None
    """SHA-256 of that record's evidence zip."""
    metrics: tuple[Metric, ...]
    """Its pass rates; a rate that is not trusted is not compared."""
    cases: tuple[CaseResult, ...]
    """What it did at each case."""

    def digest(self) -> str:
        """Return the SHA-256 of the baseline."""
        return digest_of(self.model_dump(mode="json", by_alias=True))
