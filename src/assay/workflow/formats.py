"""Which file formats does Assay read and write, and what is the JSON Schema of each?"""

from __future__ import annotations

import difflib
import json
from typing import TYPE_CHECKING

from assay.errors import InputError, Problem
from assay.record.index import Index
from assay.schema._base import Noun, field_docs
from assay.schema.bench import ImportedBenchmark, RequestEvent
from assay.schema.calibration import Calibration, Label
from assay.schema.findings import Attestations, Checklist, ChecklistExtension, Finding, Rehearsals
from assay.schema.provenance import CandidateFacts, Licence
from assay.schema.record import Record
from assay.schema.run import Run, Trial
from assay.schema.score import Score
from assay.schema.suite import Case, Gate, Organization, Plan, Rubric, Suite, Waivers
from assay.schema.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["schema_of"]

_FORMATS: dict[str, type[Noun]] = {
    "attestations": Attestations,
    "calibration": Calibration,
    "case": Case,
    "checklist": Checklist,
    "facts": CandidateFacts,
    "finding": Finding,
    "imported": ImportedBenchmark,
    "index": Index,
    "label": Label,
    "licence": Licence,
    "organization": Organization,
    "plan": Plan,
    "policy": Gate,
    "record": Record,
    "rehearsals": Rehearsals,
    "request": RequestEvent,
    "rubric": Rubric,
    "run": Run,
    "score": Score,
    "suite": Suite,
    "trial": Trial,
    "verdict": Verdict,
    "waivers": Waivers,
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
    drawn = model.model_json_schema(by_alias=True)
    if model is Suite:
        # The file names its format, and its cases lie beside it in cases.jsonl.
        del drawn["properties"]["cases"]
        drawn["properties"]["schema"] = {"const": "assay/suite/v1"}
    _describe_all(drawn, model)
    if model is Checklist:
        # Such a file may also keep the shipped checklist and say what is other.
        other = ChecklistExtension.model_json_schema(by_alias=True)
        _describe_all(other, ChecklistExtension)
        drawn = {"$defs": {**drawn.pop("$defs"), **other.pop("$defs")}, "anyOf": [drawn, other]}
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    schema = {**head, **drawn, "title": f"assay {noun}"}
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def _describe_all(schema: dict[str, object], model: type[Noun]) -> None:
    """Put what the source says of each field into a JSON Schema, for editors to show."""
    nouns = {noun.__name__: noun for noun in _nouns(Noun)}
    inner = schema.get("$defs")
    _describe(schema, model)
    for name, part in inner.items() if isinstance(inner, dict) else ():
        if name in nouns:
            _describe(part, nouns[name])


def _describe(part: object, noun: type[Noun]) -> None:
    docs = field_docs(noun)
    for properties in _properties(part):
        for name, field in noun.model_fields.items():
            own = properties.get(field.alias or name)
            if isinstance(own, dict) and name in docs:
                own.setdefault("description", docs[name])


def _properties(part: object) -> Iterator[dict[str, dict[str, object]]]:
    """Yield the properties of a noun's schema; a noun with a short form has them in one of its branches."""
    branches = part.get("anyOf") if isinstance(part, dict) else None
    for branch in [part, *(branches if isinstance(branches, list) else [])]:
        properties = branch.get("properties") if isinstance(branch, dict) else None
        if isinstance(properties, dict):
            yield properties


def _nouns(noun: type[Noun]) -> Iterator[type[Noun]]:
    for inner in noun.__subclasses__():
        yield inner
        yield from _nouns(inner)
