"""Which scorers are there?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.scoring import judge
from assay.scoring.scorers import exact, fuzzy, json_schema

if TYPE_CHECKING:
    from assay.scoring.mark import Scorer

__all__ = ["SCORERS"]

SCORERS: dict[str, Scorer] = {
    "exact": exact.SCORER,
    "fuzzy": fuzzy.SCORER,
    "json_schema": json_schema.SCORER,
    "judge": judge.SCORER,
}
"""Every scorer by the name under which plans and cases call it."""
