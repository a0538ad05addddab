"""Does the JSON Schema of records take every record there is, refuse what is none, and change only knowingly?"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import pytest

from assay.record.truth import record_json
from assay.workflow.formats import schema_of
from tests.record.diff.two_records import two_records
from tests.schema.fields import FILE, fields_of_records

if TYPE_CHECKING:
    from collections.abc import Callable

RECORDS = sorted((Path(__file__).resolve().parents[2] / "records").glob("[0-9]*.json"))
SCHEMA = json.loads(schema_of("record"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def test_it_is_a_schema() -> None:
    """It is one of Draft 2020-12, and says so."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_kept_records_fit(path: Path) -> None:
    """Each record in the repository, of whatever format, is one by the schema."""
    assert [error.message for error in VALIDATOR.iter_errors(json.loads(path.read_bytes()))] == []


def test_new_records_fit() -> None:
    """So is a record that is written now."""
    new = json.loads(record_json(two_records()[1]))
    assert new["schema"] == "assay/record/v2"
    assert [error.message for error in VALIDATOR.iter_errors(new)] == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda record: record.update(more=1),
        lambda record: record.pop("plan_digest"),
        lambda record: record.update(schema="assay/record/v9"),
        lambda record: record.update(status="approved"),
        lambda record: record["verdict"].update(verdict="MAYBE"),
        lambda record: record["metrics"][0].update(rate="high"),
        lambda record: record["candidates"][0]["facts"]["pins"][0].update(more=1),
        lambda record: record["standing"].update(valid_until="soon"),
        lambda record: record["bench"][0]["e2e"][0].pop("n"),
    ],
    ids=["key", "missing", "format", "status", "verdict", "type", "inner key", "day", "inner missing"],
)
def test_what_is_no_record_is_refused(spoil: Callable[[dict], object]) -> None:
    """An unknown or missing key, a word that is none, or a wrong type is an error at any depth."""
    record = copy.deepcopy(json.loads(record_json(two_records()[1])))
    spoil(record)
    assert list(VALIDATOR.iter_errors(record))


def test_each_field_is_described() -> None:
    """Whoever reads the schema alone learns what every field means."""
    silent = [
        f"{name}.{field}"
        for name, noun in (("Record", SCHEMA), *SCHEMA["$defs"].items())
        for branch in (noun, *noun.get("anyOf", ()))
        for field, own in branch.get("properties", {}).items()
        if not own.get("description", "").strip()
    ]
    assert silent == []
    assert len(fields_of_records().splitlines()) > 300


def test_it_changes_only_knowingly() -> None:
    """Every field with its type stands in record_fields.txt; else see whether old readers can bear the change.

    A new optional field is written by `python -m tests.schema.fields`; one that goes away, or must be there now, breaks
    every record that is kept, and wants a new format beside the old ones.
    """
    assert fields_of_records() == FILE.read_text(encoding="utf-8")
