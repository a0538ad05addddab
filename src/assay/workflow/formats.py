"""Which file formats does Assay read and write, and what is the JSON Schema of each?"""

from __future__ import annotations

import difflib
import json
from typing import TYPE_CHECKING

from assay.errors import InputError, Problem
from assay.schema.bench import RequestEvent
from assay.schema.calibration import Calibration, Label
from assay.schema.findings import Attestations, Checklist, Finding
from assay.schema.provenance import CandidateFacts, Licence
from assay.schema.record import Record
from assay.schema.run import Run, Trial
from assay.schema.score import Score
from assay.schema.suite import Case, Gate, Organization, Plan, Rubric, Suite
from assay.schema.verdict import Verdict

if TYPE_CHECKING:
    from assay.schema._base import Noun

__all__ = ["schema_of"]

_FORMATS: dict[str, type[Noun]] = {
    "attestations": Attestations,
    "calibration": Calibration,
    "case": Case,
    "checklist": Checklist,
    "facts": CandidateFacts,
    "finding": Finding,
    "label": Label,
    "licence": Licence,
    "organization": Organization,
    "plan": Plan,
    "policy": Gate,
    "record": Record,
    "request": RequestEvent,
    "rubric": Rubric,
    "run": Run,
    "score": Score,
    "suite": Suite,
    "trial": Trial,
    "verdict": Verdict,
}


def schema_of(noun: str) -> str:
    """Return the JSON Schema (Draft 2020-12) of a format, as text.

    Raises:
        InputError: there is no such format.
    """
    model = _FORMATS.get(noun)
    if model is None:
        near = difflib.get_close_matches(noun, _FORMATS, n=1, cutoff=0.5)
        remedy = f"Did you mean {near[0]!r}?" if near else f"Use one of: {', '.join(_FORMATS)}."
        raise InputError(Problem("unknown-format", f"there is no format {noun!r}", remedy))
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **model.model_json_schema(by_alias=True),
        "title": f"assay {noun}",
    }
    if model is Suite:
        # The file names its format, and its cases lie beside it in cases.jsonl.
        del schema["properties"]["cases"]
        schema["properties"]["schema"] = {"const": "assay/suite/v1"}
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
