"""Which scorers are there?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.scoring import judge
from assay.scoring.scorers import (
    choice,
    contains,
    contains_all,
    exact,
    fuzzy,
    json_fields,
    json_schema,
    length,
    number,
    refusal,
    regex_match,
)

if TYPE_CHECKING:
    from assay.scoring.mark import Scorer

__all__ = ["SCORERS"]

SCORERS: dict[str, Scorer] = {
    "exact": exact.SCORER,
    "contains": contains.SCORER,
    "contains_all": contains_all.SCORER,
    "regex": regex_match.SCORER,
    "fuzzy": fuzzy.SCORER,
    "number": number.SCORER,
    "choice": choice.SCORER,
    "json_schema": json_schema.SCORER,
    "json_fields": json_fields.SCORER,
    "length": length.SCORER,
    "refusal": refusal.SCORER,
    "judge": judge.SCORER,
}
"""Every scorer by the name under which plans and cases call it."""
