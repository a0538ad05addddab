"""Is it shown where each record of a folder stands, and is its index made anew on demand?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assay.record.index import Index
from assay.workflow.decide_on import decide_on
from assay.workflow.may_decide import Wish
from tests.record.several import one_record
from tests.record.test_change import Killed, kill_at_rename

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes import Said, Workplace

    Assay = Callable[..., Said]


@pytest.fixture
def records(place: Workplace) -> Path:
    """Return a folder of two records, of which the second has replaced the first."""
    folder = Path("records")
    one_record(folder, 1)
    one_record(folder, 2)
    decide_on(folder / "0001-small", Wish("accepted", "Ann", valid_until="2026-06-30"), "2026-01-03")
    decide_on(folder / "0002-small", Wish("accepted", "Bo", supersedes=(folder / "0001-small",)), "2026-02-03")
    return folder


def test_where_each_record_stands(assay: Assay, records: Path) -> None:
    """Two lines a record, by number; --json prints what index.json holds."""
    said = assay("list", "records")
    assert said.out == (
        "0001-small  GO, superseded: May it add?\n"
        "    decided by Ann on 2026-01-03; valid until 2026-06-30; replaced by 0002-small\n"
        "0002-small  GO, accepted: May it add?\n"
        "    decided by Bo on 2026-02-03; replaces 0001-small\n"
    )
    assert assay("list", "records", "records", "--json").out == (records / "index.json").read_text("utf-8")


def test_the_index_is_made_anew(assay: Assay, records: Path) -> None:
    """A lost index is written again as it was, and a change that was broken off is finished before."""
    before = {path.name: path.read_bytes() for path in records.iterdir() if path.is_file()}
    (records / "index.json").unlink()
    (records / "index.md").unlink()
    said = assay("list", "records", "--write")
    assert (said.code, said.err) == (0, "written: records/index.md, records/index.json\n")
    assert {path.name: path.read_bytes() for path in records.iterdir() if path.is_file()} == before
    one_record(records, 3, use_case="other")
    with pytest.MonkeyPatch.context() as patch:
        kill_at_rename(patch, 2)
        with pytest.raises(Killed):
            decide_on(records / "0003-other", Wish("accepted", "Cam"), "2026-02-03")
    said = assay("list", "records", "--write", "--json")
    assert said.err.startswith("a change that was broken off is finished\n")
    assert [own.status for own in Index.model_validate_json(said.out).records] == ["superseded", "accepted", "accepted"]


def test_what_cannot_be_read_is_named(assay: Assay, records: Path) -> None:
    """Of a record whose JSON is broken or gone the index still says what was decided, and stderr names it."""
    (records / "0001-small.json").write_text("{", "utf-8")
    (records / "0002-small.json").unlink()
    (records / "0009-notes.json").write_text("{}", "utf-8")
    said = assay("list", "records")
    assert (said.code, said.out.count("decided by"), "0009" in said.out) == (0, 2, False)
    assert said.err == "".join(
        f"passed over, for it is no record that can be read: records/{stem}.json; see: assay lint records\n"
        for stem in ("0001-small", "0002-small")
    )


def test_no_records(assay: Assay, place: Workplace) -> None:
    """A folder without records is told to be one; one that is not there is a mistake, and so is a folder of scorers."""
    Path("empty").mkdir()
    assert assay("list", "records", "empty").err == "there are no records in empty\n"
    assert assay("list", "records").errors == [
        "error[no-such-file]: records: there is no such folder. Name a folder of records."
    ]
    assert assay("list", "scorers", "empty").code == assay("list", "scorers", "--write").code == 2


def test_a_foreign_index_stays(assay: Assay, place: Workplace) -> None:
    """A file that somebody else calls index.json is not written over."""
    one_record(Path("records"))
    Path("records/index.json").write_text("[]", "utf-8")
    said = assay("list", "records", "--write")
    assert said.errors[0].startswith("error[bad-index]: records/index.json: this is no index that Assay wrote. ")
    assert Path("records/index.json").read_text("utf-8") == "[]"
    assert not Path("records/index.md").exists()
