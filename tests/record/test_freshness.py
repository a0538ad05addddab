"""May a record be relied on: up to its last day, and as long as no other replaces it?"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from assay.record.freshness import freshness_of
from assay.schema.record import Record
from assay.schema.standing import Standing
from tests.record.several import one_record

if TYPE_CHECKING:
    from assay.schema.standing import StatusWord


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """Return a record that nobody has decided on."""
    return Record.model_validate_json(one_record(tmp_path_factory.mktemp("records")).json.read_bytes())


@pytest.mark.parametrize(
    ("status", "until", "fresh", "told"),
    [
        ("proposed", None, False, "not accepted: nobody has decided on it"),
        ("rejected", None, False, "not accepted: it is rejected"),
        ("deferred", None, False, "not accepted: it is deferred"),
        ("superseded", "2026-12-31", False, "superseded by 0002-small"),
        ("accepted", None, True, "accepted, without a last day"),
        ("accepted", "2026-06-30", True, "valid until 2026-06-30"),
        ("accepted", "2026-06-29", False, "expired on 2026-06-29"),
    ],
)
def test_each_state(record: Record, status: StatusWord, until: str | None, fresh: bool, told: str) -> None:
    """Only what is accepted and not past its last day is fresh; that day itself still is."""
    by = "0002-small" if status == "superseded" else None
    own = record.model_copy(update={"status": status, "standing": Standing(valid_until=until, superseded_by=by)})
    found = freshness_of(own, date(2026, 6, 30))
    assert (found.fresh, found.told) == (fresh, told)
