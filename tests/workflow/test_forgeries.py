"""Is each forgery of a record noticed, also of one whose texts are left out?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.workflow.conclude import make_record
from assay.workflow.forgeries import record_changes
from assay.workflow.hiding import Hiding
from tests.record.evidence_files import ASSEMBLY, small_evidence

if TYPE_CHECKING:
    from pathlib import Path


def test_forgeries_of_a_record_without_texts_are_noticed(tmp_path: Path) -> None:
    """A turned score, other counts and a manifest made anew do not verify; the record itself does."""
    made = make_record(small_evidence(), ASSEMBLY, hiding=Hiding(transcripts=False))
    changes = list(record_changes(made.write(tmp_path)))
    assert {(own.group, own.outcome) for own in changes} == {("controls", "undisturbed"), ("record", "killed")}
    assert {own.saw for own in changes if own.group == "record"} == {"does not verify"}
    assert len(changes) == 14
