"""Is only a record that holds written for other tools, and whole or not at all?"""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest

from assay.errors import InputError, MismatchError
from assay.workflow.export_record import export_record
from tests.record.diff.two_records import write_two

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_has_what_stdout_would_have(tmp_path: Path) -> None:
    """The same bytes, each time, and no draft beside it."""
    old, _ = write_two(tmp_path / "records")
    out = tmp_path / "bom.json"
    printed = io.BytesIO()
    for target in (None, out, out):
        export_record(old.markdown, "cyclonedx", target, printed, candidate=None, source=None)
    assert out.read_bytes() == printed.getvalue()
    assert json.loads(printed.getvalue())["bomFormat"] == "CycloneDX"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bom.json", "records"]


def test_a_record_that_does_not_hold_is_not_written(tmp_path: Path) -> None:
    """A bill of materials of forged numbers would outlive the record."""
    old, _ = write_two(tmp_path)
    old.json.write_text(old.json.read_text("utf-8").replace('"NO-GO"', '"GO"'), "utf-8")
    out = tmp_path / "bom.json"
    with pytest.raises(MismatchError, match="does not verify"):
        export_record(old.json, "cyclonedx", out, io.BytesIO(), candidate=None, source=None)
    assert not out.exists()


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    """What is there and no plain file is not replaced."""
    old, _ = write_two(tmp_path)
    with pytest.raises(InputError, match="file-exists"):
        export_record(old.json, "cyclonedx", tmp_path, io.BytesIO(), candidate=None, source=None)


def test_a_source_that_is_no_address_is_refused(tmp_path: Path) -> None:
    """A model card is shown on a page, where a link to a script would be one."""
    old, _ = write_two(tmp_path)
    for source in ("javascript:alert(1)", "records/0001", ""):
        with pytest.raises(InputError, match="bad-address"):
            export_record(old.json, "model-index", None, io.BytesIO(), candidate=None, source=source)
