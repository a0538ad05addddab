"""Does GitLab find in each entry what it reads, and is the gravest the gravest there?"""

from __future__ import annotations

import json

import pytest

from assay.record.reports.codequality import write
from tests.record.reports.verdicts import BAD, GOOD, MIXED, PLACES


def test_entries_of_a_mixed_record() -> None:
    """Not met is a blocker, unknown critical, what is waived or only a warning major."""
    told = [(own["check_name"], own["severity"]) for own in json.loads(write(MIXED, PLACES))]
    assert [own for own in told if not own[0].startswith("readiness/")] == [
        ("condition/blockers", "blocker"),
        ("condition/short", "critical"),
        ("condition/talk", "major"),
        ("condition/speed", "major"),
        ("condition/short", "critical"),
        ("waiver/gone", "critical"),
    ]


def test_an_entry_is_whole() -> None:
    """It has the six keys that GitLab reads, and no other."""
    first, *_ = json.loads(write(MIXED, PLACES))
    mark = first.pop("fingerprint")
    assert first == {
        "description": "one: not met. 41 of 50 trials passed. It would be met by 1 more passing of the same 50.",
        "check_name": "condition/blockers",
        "severity": "blocker",
        "location": {"path": "decisions/a policy.yaml", "lines": {"begin": 13}},
    }
    assert len(mark) == 32


@pytest.mark.parametrize("record", [MIXED, BAD], ids=["mixed", "hostile"])
def test_no_two_entries_share_a_fingerprint(record: object) -> None:
    """GitLab drops the second of two."""
    marks = [own["fingerprint"] for own in json.loads(write(record, PLACES).encode())]
    assert len(set(marks)) == len(marks) > 0


def test_go_is_an_empty_list() -> None:
    """Where all is met there is nothing to see."""
    assert json.loads(write(GOOD, PLACES)) == []
