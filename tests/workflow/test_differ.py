"""Are only records that hold compared, unless somebody asks for it?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assay.errors import InputError, MismatchError
from assay.schema.suite import Plan
from assay.workflow.differ import diff_records
from tests.record.diff.two_records import NEW, OLD, old_evidence, write_two
from tests.record.evidence_files import write_record

KEPT = Path(__file__).resolve().parents[2] / "records" / "0001-policy-assistant"


def test_each_may_be_named_by_any_of_its_files(tmp_path: Path) -> None:
    """JSON, Markdown, zip and stem name the same record, and both are shown to hold."""
    old, new = write_two(tmp_path)
    found = [diff_records(a, b) for a, b in ((old.json, new.markdown), (tmp_path / OLD, new.evidence))]
    assert found[0] == found[1]
    assert (found[0].a.record, found[0].b.record) == (OLD, NEW)
    assert (found[0].a.verified, found[0].b.verified) == (True, True)


def test_a_record_that_does_not_hold_is_not_compared(tmp_path: Path) -> None:
    """It is named with the first place at which it does not; --no-verify takes what it says."""
    old, new = write_two(tmp_path)
    new.json.write_text(new.json.read_text("utf-8").replace("Turn it off.", "Leave it on."), "utf-8")
    with pytest.raises(MismatchError) as refused:
        diff_records(old.json, new.json)
    (problem,) = refused.value.problems
    assert (problem.slug, problem.file) == ("bad-evidence", str(new.json))
    assert "people.rollback" in problem.message
    believed = diff_records(old.json, new.json, verified=False)
    assert believed.b.verified is None
    assert [own.b for own in believed.changes if own.subject == "rollback"] == ["Leave it on."]


def test_what_only_the_plans_say_is_told(tmp_path: Path) -> None:
    """Profile, trials and early stopping stand in no record; they are read from evidence that was shown to hold."""
    members = old_evidence()
    plan = json.loads(members["plan.json"])
    plan["gate"]["stop_early"] = "never"
    plan["organization"] = {"monthly_active_users": 10}
    members["plan.json"] = json.dumps(plan).encode()
    run = json.loads(members["run.json"])
    members["run.json"] = json.dumps({**run, "plan_digest": Plan.model_validate(plan).digest()}).encode()
    paths = (write_record(tmp_path / "a", old_evidence()).json, write_record(tmp_path / "b", members).json)
    told = {own.subject: (own.a, own.b) for own in diff_records(*paths).changes if own.part == "evidence"}
    assert told.pop("plan") != (None, None)
    assert told == {
        "plan.gate.stop_early": ("curtail", "never"),
        "plan.organization.monthly_active_users": (None, "10"),
    }
    believed = diff_records(*paths, verified=False).changes
    assert [own.subject for own in believed if own.part == "evidence"] == ["plan"]


def test_what_is_no_record_is_refused(tmp_path: Path) -> None:
    """A JSON that is none is named, and so is a place where nothing lies."""
    old, new = write_two(tmp_path)
    new.json.write_text("{}", "utf-8")
    with pytest.raises(InputError, match="bad-record"):
        diff_records(old.json, new.json, verified=False)
    with pytest.raises(InputError, match="no-such-file"):
        diff_records(old.json, tmp_path / "0003-nothing")


def test_a_record_of_the_first_format_is_compared(tmp_path: Path) -> None:
    """The kept record is held against one of another use case and the second format: only roles pair."""
    old, _ = write_two(tmp_path)
    diff = diff_records(KEPT, old.json, verified=False)
    assert [own.by for own in diff.pairs] == [None, "roles", None]
    assert diff.differs
