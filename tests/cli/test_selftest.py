"""Does `assay gate selftest` say of a policy and of a record whether the gate would notice harm?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assay.cli.selftest import selftest_lines
from assay.gate.selftest.result import Change, SelfTest
from assay.record.verify import Verification
from assay.workflow import forgeries
from tests.record.evidence_files import small_evidence, write_record

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes import Said, Workplace

    Assay = Callable[..., Said]

DEMO = Path(__file__).with_name("selftest_of_the_demo.txt")


def test_the_demo_policy_has_no_hole(assay: Assay) -> None:
    """On the demo's policy every harmful change is killed or has its reason, and no control is blocked."""
    said = assay("gate", "selftest")
    assert said.out == DEMO.read_text("utf-8")
    assert (said.code, said.err) == (0, "")
    assert max(map(len, said.out.splitlines())) <= 80


def test_json_is_the_same(assay: Assay) -> None:
    """What is printed as JSON is what the table shows."""
    result = SelfTest.model_validate_json(assay("gate", "selftest", "--json").out)
    assert "\n".join(selftest_lines(result)) + "\n" == DEMO.read_text("utf-8")


def test_a_record_is_changed_too(assay: Assay, tmp_path: Path) -> None:
    """Of a record, copies are changed, each change is noticed, and the record stays as it was."""
    files = write_record(tmp_path, small_evidence())
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    said = assay("gate", "selftest", files.markdown)
    assert said.code == 0
    part = said.out.partition("What verifying says of changed records\n")[2].partition("\n\n")[0]
    assert part.splitlines() == [
        "  KILLED    does not verify  one more pass in the JSON",
        "  KILLED    does not verify  another verdict on the page",
        "  KILLED    does not verify  two digests swapped",
        "  KILLED    does not verify  a file is gone from the evidence",
        "  KILLED    does not verify  a trial is gone, its digests left",
        "  KILLED    does not verify  a trial is gone, its digests made anew",
        "  KILLED    does not verify  a gate that only warns, its digests made anew",
        "  KILLED    does not verify  waivers from elsewhere, their digests made anew",
        "  KILLED    does not verify  a trial is gone, the manifest in the zip made anew",
        "  KILLED    does not verify  another size in the manifest, its digest made anew",
        "  KILLED    does not verify  a stored score turned or made up, its digests made",
        "                             anew",
        "  KILLED    does not verify  one more text redacted, its digests made anew",
    ]
    assert "  OK        verifies  the record as it is\n" in said.out
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_a_verification_that_sees_nothing_is_found(
    assay: Assay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where verifying never finds a difference, each changed record is a hole, and the exit code is 1."""
    files = write_record(tmp_path, small_evidence())
    monkeypatch.setattr(forgeries, "verify_record", lambda _path: Verification(None, ()))
    said = assay("gate", "selftest", files.json)
    assert said.code == 1
    assert "  SURVIVED  verifies  two digests swapped: nothing explains it\n" in said.out
    assert said.out.endswith("holes: 12\n")


def test_a_record_that_does_not_verify_blocks_its_control(assay: Assay, tmp_path: Path) -> None:
    """A record that is broken before anything is changed is told by the control."""
    files = write_record(tmp_path, small_evidence())
    files.markdown.write_text(files.markdown.read_text("utf-8").replace("NO-GO", "GO"), encoding="utf-8")
    said = assay("gate", "selftest", files.markdown)
    assert said.code == 1
    assert "BLOCKED   does not verify  the record as it is: 0001-small.md, line " in said.out


def test_a_plan_of_ones_own(assay: Assay, place: Workplace) -> None:
    """A plan is tested with its own policy, and one condition alone has little to be dropped."""
    from tests.fakes import plan_of

    place.write(plan_of("http://127.0.0.1:1/v1"))
    said = assay("gate", "selftest", place.plan)
    assert said.code == 0
    assert "    SURVIVED  HOLD  dropped: no blocking condition is left, which is never GO\n" in said.out


@pytest.mark.parametrize("name", ["none.yaml", "none.md"])
def test_what_is_not_there_is_bad_input(assay: Assay, place: Workplace, name: str) -> None:
    """A plan or record that is not there ends in exit code 2."""
    said = assay("gate", "selftest", place.folder / name)
    assert (said.code, [line.partition(":")[0] for line in said.errors]) == (2, ["error[no-such-file]"])


def test_a_policy_in_place_of_a_plan_is_told_in_a_line(assay: Assay, place: Workplace) -> None:
    """A policy alone says nothing of suites: what is missing is the plan, and not each of its keys."""
    policy = place.folder / "policy.yaml"
    policy.write_text("schema: assay/policy/v1\nconditions:\n  - readiness all met\n", encoding="utf-8")
    said = assay("gate", "selftest", policy)
    told = f"error[bad-value]: {policy}:2: this is a policy, and no plan. Name the plan or the record that uses it."
    assert (said.code, said.errors) == (2, [told])


def test_the_controls_that_are_counted_are_those_that_are_listed() -> None:
    """The sum line has as many controls as stand below their heading."""
    shown = DEMO.read_text("utf-8")
    below = shown.partition("Controls: what must change nothing\n")[2].partition("\n\n")[0]
    count = below.count("  OK  ")
    assert (shown.count("  OK  "), f"controls: {count} of {count} undisturbed" in shown) == (count, True)


def test_a_hole_is_named_as_one() -> None:
    """A survivor without a reason, and a control that is blocked, are counted as holes."""
    one = Change(group="evidence", what="pins are gone", outcome="survived", saw="GO")
    two = Change(group="controls", what="nothing was changed", outcome="blocked", saw="HOLD", reason="No.")
    result = SelfTest(policy="p", changes=(one, two))
    assert not result.holds
    assert not SelfTest(policy="p", changes=()).holds
    assert list(selftest_lines(result)) == [
        "What the policy says of spoilt evidence",
        "  SURVIVED  GO  pins are gone: nothing explains it",
        "",
        "Controls: what must change nothing",
        "  BLOCKED   HOLD  nothing was changed: No.",
        "",
        "mutations: 0 killed, 1 survived; controls: 0 of 1 undisturbed",
        "holes: 2",
    ]
    assert json.loads(result.model_dump_json())["changes"][0]["reason"] is None
