"""How is a record written as JSON, in the format that it names, and what is the digest of what may never change?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from assay.schema._base import digest_of
from assay.schema.record import Record
from assay.schema.standing import Standing

if TYPE_CHECKING:
    from assay.schema._base import JsonValue

__all__ = ["body_sha256", "parsed_record", "record_json"]

_STATUS_BLOCK: Final = ("status", "standing")
_SINCE_V2: Final[dict[str, bool | set[str]]] = {
    "withheld": True,
    "evidence": {"manifest_sha256"},
    "run": {"plan_file"},
    "people": {"template", "valid_days", "transcripts", "redact"},
}
"""Fields that records of the first format do not have."""


def parsed_record(content: bytes) -> Record | None:
    """Return the record that a JSON text is, or None where it is none, or has a number that no two readers agree on."""
    try:
        record = Record.model_validate_json(content)
        body_sha256(record)
    except (ValueError, RecursionError):
        return None
    return record


def record_json(record: Record) -> str:
    """Return a record as stored: indented JSON with a final newline, the same text on every machine."""
    return json.dumps(_plain(record), ensure_ascii=False, indent=1) + "\n"


def body_sha256(record: Record) -> str:
    """Return the digest of the record's body: its canonical JSON (RFC 8785) without `status` and `standing`."""
    return digest_of({key: value for key, value in _plain(record).items() if key not in _STATUS_BLOCK})


def _plain(record: Record) -> dict[str, JsonValue]:
    """Return the record as plain values with the keys of its own format, so that old records stay the same bytes."""
    first = record.schema_name == "assay/record/v1"
    excluded = dict(_SINCE_V2) if first else {}
    if first and record.standing == Standing():
        excluded["standing"] = True
    return record.model_dump(mode="json", by_alias=True, exclude=excluded)
