"""Is an old copy of a record found by what lies beside it?"""

from __future__ import annotations

import json
import shutil
from datetime import date
from typing import TYPE_CHECKING

import pytest

from assay.record.index import INDEX_JSON
from assay.record.truth import parsed_record
from assay.workflow.decide_on import decide_on
from assay.workflow.may_decide import Wish
from assay.workflow.neighbours import freshness_among, neighbours_in
from assay.workflow.records import write_index
from tests.record.several import one_record

if TYPE_CHECKING:
    from pathlib import Path

TODAY = date(2026, 1, 5)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of two records of which the second replaced the first, rolled back to before, without an index.

    The index of today lies beside the folder, as `index.json`.
    """
    records = tmp_path / "records"
    one_record(records, 1)
    one_record(records, 2)
    decide_on(records / "0001-small", Wish("accepted", "A", valid_until="2026-06-30"), "2026-01-03")
    before = tmp_path / "before"
    shutil.copytree(records, before)
    decide_on(records / "0002-small", Wish("accepted", "B", supersedes=(records / "0001-small",)), "2026-01-04")
    write_index(records)
    shutil.move(records / INDEX_JSON, tmp_path / INDEX_JSON)
    for old in before.glob("0001-small.*"):
        if old.is_file():
            shutil.copyfile(old, records / old.name)
    return records


def _told(folder: Path) -> tuple[bool, str]:
    record = parsed_record((folder / "0001-small.json").read_bytes())
    assert record is not None
    found = freshness_among(record, TODAY, neighbours_in(folder))
    return found.fresh, found.told


def test_a_neighbour_that_replaces_it_tells_an_old_copy(folder: Path) -> None:
    """A record put back to before it was replaced is not fresh, whatever its own status block says."""
    why = "superseded, as 0002-small says, though its own status does not: it is an old copy"
    assert _told(folder) == (False, why)


def test_the_index_tells_an_old_copy(folder: Path) -> None:
    """Where the one that replaced it is gone as well, the index still says so; without it nobody can tell."""
    for new in folder.glob("0002-small*"):
        shutil.rmtree(new) if new.is_dir() else new.unlink()
    assert _told(folder) == (True, "valid until 2026-06-30")
    shutil.copyfile(folder.parent / INDEX_JSON, folder / INDEX_JSON)
    assert _told(folder) == (False, "not known: index.json says that 0002-small replaces it")
    (folder / INDEX_JSON).write_text("{}}", "utf-8")
    assert _told(folder) == (False, "not known: the index.json beside it cannot be read")


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({}, "valid until 2026-06-30"),
        ({"status": "rejected"}, "not known: index.json says that it is rejected"),
        ({"valid_until": "2026-01-01"}, "not known: index.json says that its last day is 2026-01-01"),
        ({"valid_until": None}, "not known: index.json says that its last day is none"),
        ({"body_sha256": "0" * 64}, "not known: index.json says that another body was decided on"),
    ],
)
def test_the_index_has_its_word(changed: dict[str, str | None], told: str, tmp_path: Path) -> None:
    """Whatever the index says otherwise of a record keeps it from being relied on."""
    one_record(tmp_path, 1)
    decide_on(tmp_path / "0001-small", Wish("accepted", "A", valid_until="2026-06-30"), "2026-01-03")
    write_index(tmp_path)
    index = json.loads((tmp_path / INDEX_JSON).read_bytes())
    index["records"][0] |= changed
    (tmp_path / INDEX_JSON).write_text(json.dumps(index), "utf-8")
    assert _told(tmp_path) == (not changed, told)
