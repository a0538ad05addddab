"""Is it known of each field of the record which files of the evidence it follows from?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assay.record.render import page_of
from assay.record.sources import EVIDENCE_OF, METHOD_OR_PEOPLE, evidence_of_path
from assay.schema.record import Record
from tests.record.evidence_files import small_evidence, write_record

if TYPE_CHECKING:
    from pathlib import Path


def test_every_field_of_the_record_has_its_files() -> None:
    """A field that is new without a line in the table would show numbers that nobody can trace."""
    assert EVIDENCE_OF.keys() | set(METHOD_OR_PEOPLE) == Record.model_fields.keys() | {"method"}


def test_files_are_those_that_are_there() -> None:
    """A value names the files that its field follows from, of those in the evidence, by path."""
    members = ["trials.jsonl", "suites/b.json", "suites/a.json", "requests.jsonl", "plan.json"]
    assert evidence_of_path("metrics[3].passed", members) == ("suites/a.json", "suites/b.json", "trials.jsonl")
    assert evidence_of_path("bench", members) == ("requests.jsonl",)
    assert evidence_of_path("metrics[…]", members) == evidence_of_path("metrics", members)
    assert evidence_of_path("clients[0].lost", members) == ()
    assert evidence_of_path("nothing.at.all", members) == ()
    assert evidence_of_path("method.confidence", members) is None
    assert evidence_of_path("standing.decisions[0].on", members) is None


@pytest.mark.parametrize(
    ("template", "gone"),
    [
        ("{{ record.bench[0].n }}", {"requests.jsonl"}),
        ("{{ record.metrics[0].n }}", {"trials.jsonl", "suites/sums.json"}),
        ("{{ record.host.cores }}", {"evidence/host.json"}),
        ("{{ record.date }}", {"assembly.json"}),
    ],
)
def test_a_value_whose_files_are_gone_is_an_orphan(template: str, gone: set[str], tmp_path: Path) -> None:
    """A number of a field has no evidence where none of the files that it follows from is in the zip."""
    members = small_evidence()
    record = Record.model_validate_json(write_record(tmp_path, members).json.read_bytes())
    page = page_of(record, template, "t")
    assert page.orphans(members.keys()) == ()
    (orphan,) = page.orphans(members.keys() - gone)
    assert orphan.line == 1
    assert orphan.why.endswith("no file that it follows from is there")
