"""In which formats of other tools is a record described, and what writes each?"""

from assay.record.sheets import cyclonedx, model_index
from assay.record.sheets.sheet import Sheet, Wishes

__all__ = ["SHEETS", "Sheet", "Wishes"]

SHEETS: dict[str, Sheet] = {
    "cyclonedx": cyclonedx.SHEET,
    "model-index": model_index.SHEET,
}
"""Formats by name."""
