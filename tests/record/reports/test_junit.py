"""Does the test report fail wherever the gate does not say GO, and do other tools read it?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import junitparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.record.reports.junit import write
from tests.record.reports.verdicts import BAD, GIVEN, GOOD, MIXED, PLACES, RUN, candidate, record_with, result

if TYPE_CHECKING:
    from assay.schema.record import Record

WITHIN = {
    "testsuites": {"testsuite"},
    "testsuite": {"properties", "testcase"},
    "testcase": {"properties", "failure", "skipped", "system-out"},
    "properties": {"property"},
}
"""What all readers know: each element with what may stand in it."""


def cases_of(record: Record) -> dict[tuple[str, str], str]:
    """Return what each test case came to, as another tool reads it."""
    read = junitparser.JUnitXml.fromstring(write(record, PLACES).encode())
    return {
        (suite.name, case.name): type(case.result[0]).__name__ if case.result else "passed"
        for suite in read
        for case in suite
    }


def test_each_condition_is_a_test_case() -> None:
    """Not met fails, unknown is skipped and fails beside it, what is waived or only a warning passes."""
    rate = "suite:sums.pass_rate >= 0.9 with 95% confidence"
    assert cases_of(MIXED) == {
        ("one", rate): "passed",
        ("one", "blockers"): "Failure",
        ("one", "short"): "Skipped",
        ("one", "talk"): "passed",
        ("one", "speed"): "passed",
        ("two", rate): "passed",
        ("two", "short"): "Skipped",
        ("two", "gate/hold"): "Failure",
        ("gate", "gate/verdict"): "Failure",
    }


def test_go_is_green() -> None:
    """Where all is met no case fails or is skipped."""
    assert set(cases_of(GOOD).values()) == {"passed"}


@pytest.mark.parametrize("verdict", ["HOLD", "NO-GO"])
def test_a_verdict_without_conditions_is_red(verdict: str) -> None:
    """A record that names no candidate still fails."""
    assert cases_of(record_with(verdict)) == {("gate", "gate/verdict"): "Failure"}


def test_what_is_waived_says_so() -> None:
    """The case has the waiver, its last day and what was found all the same."""
    text = write(MIXED, PLACES)
    (case,) = [own for own in ET.fromstring(text).iter("testcase") if own.get("name") == "speed"]
    properties = {own.get("name"): own.get("value") for own in case.iter("property")}
    assert properties == {"severity": "block", "status": "not_met", "waiver": "speed", "waiver.expires": "2026-06-30"}
    assert (case.findtext("system-out") or "").splitlines() == [
        "WAIVED until 2026-06-30, approved by Eva Meier, owned by An Tran: The new server comes in May.",
        "bench:long.e2e_p95_s < 5",
        "observed 6.4; low 0.7; threshold 5; margin -0.2; n 50",
        "41 of 50 trials passed.",
    ]


def test_what_would_turn_a_condition_is_no_fact() -> None:
    """A met condition would fail by it, one that is not met would be met by it."""
    met, not_met, *_ = ET.fromstring(write(MIXED, PLACES)).iter("testcase")
    assert (met.findtext("system-out") or "").endswith("\nIt would fail by 2 more failing of the same 50.")
    assert (not_met.findtext("failure") or "").endswith("\nIt would be met by 1 more passing of the same 50.")


def test_each_suite_names_the_record() -> None:
    """Verdict, record and digest of the evidence stand with every suite."""
    for suite in ET.fromstring(write(MIXED, PLACES)):
        own = {found.get("name"): found.get("value") for found in suite.findall("properties/property")}
        assert own["record"] == MIXED.id
        assert own["evidence.sha256"] == MIXED.evidence.sha256
        assert own["verdict"] == {"one": "NO-GO", "two": "HOLD", "gate": "NO-GO"}[suite.get("name") or ""]


def test_a_decision_that_is_not_kept_names_what_was_decided_on() -> None:
    """No record is named that was not written, and no evidence of it."""
    for places, wanted in (
        (GIVEN, {"decided.record": "0007-old", "evidence.sha256": "ab" * 32}),
        (RUN, {"decided.run": "r1"}),
    ):
        root = ET.fromstring(write(MIXED, places))
        assert root.get("name") == f"assay {places.named(MIXED)}"
        for suite in root:
            own = {found.get("name"): found.get("value") for found in suite.findall("properties/property")}
            assert own == {"verdict": own["verdict"], **wanted}


def _is_common(element: ET.Element) -> bool:
    """Say whether an element has in it only what all readers know, and whether its counts are right."""
    cases = list(element.iter("testcase"))
    counted = {
        "tests": len(cases),
        "failures": sum(case.find("failure") is not None for case in cases),
        "errors": 0,
        "skipped": sum(case.find("skipped") is not None for case in cases),
    }
    told = {name: int(element.attrib[name]) for name in counted if name in element.attrib}
    agrees = element.tag not in {"testsuites", "testsuite"} or told == {name: counted[name] for name in told}
    return agrees and all(child.tag in WITHIN.get(element.tag, set()) and _is_common(child) for child in element)


@pytest.mark.parametrize("record", [MIXED, GOOD, BAD], ids=["mixed", "good", "hostile"])
def test_the_structure_is_what_all_readers_know(record: Record) -> None:
    """Only common elements, and counts that agree with the cases."""
    root = ET.fromstring(write(record, PLACES))
    assert root.tag == "testsuites"
    assert _is_common(root)


@given(st.text(min_size=1))
def test_any_text_is_xml(text: str) -> None:
    """Whatever a condition is called or a reason says, it is read back but for what XML cannot hold."""
    record = record_with("NO-GO", candidate("one", "NO-GO", result(text, "not_met", reason=text)))
    (failure,) = ET.fromstring(write(record, PLACES).encode()).findall("testsuite/testcase/failure[@type='not_met']")
    kept = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "\ufffd", text)
    assert (failure.text or "").count(kept) >= 2
