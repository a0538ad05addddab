"""In which formats do other tools and people read a run, and what writes each?"""

from assay.record.export import comma_separated, junit, labels, parquet
from assay.record.export.exporter import Exporter
from assay.record.export.source import Source, Wanted

__all__ = ["EXPORTERS", "Exporter", "Source", "Wanted"]

EXPORTERS: dict[str, Exporter] = {
    "csv": comma_separated.EXPORTER,
    "parquet": parquet.EXPORTER,
    "junit": junit.EXPORTER,
    "labels": labels.EXPORTER,
}
"""Formats by name."""
