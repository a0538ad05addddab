"""Can an earlier record be what candidates are compared with, and is one refused that cannot be?"""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from assay.errors import InputError
from assay.schema.baseline import Baseline
from assay.schema.record import Record
from assay.schema.suite import Gate
from assay.workflow.earlier import baseline_from, otherwise
from assay.workflow.finished import finished
from tests.fakes import Reply, completion, every, plan_of, serving

if TYPE_CHECKING:
    from collections.abc import Callable

    from assay.workflow.evidence import Inputs
    from tests.fakes import Said, Workplace

    Assay = Callable[..., Said]

COMPARING = Gate.model_validate({"conditions": ["suite:sums.pass_rate not worse than baseline by 0.3"]})
EARLIER = {"baseline": "out/records/0001-adding", "conditions": ["suite:sums.pass_rate >= 0.2"]}


def ran(assay: Assay, place: Workplace, *, sums: int = 6, **changes: object) -> Said:
    """Run a plan of which every third sum is answered wrongly; the record is the next one."""
    with serving(every(3, Reply(body=completion("41")))) as server:
        place.write(plan_of(server.base_url, **changes), sums=sums)
        return assay("run", place.plan, "--out", place.out)


def inputs_of(place: Workplace) -> Inputs:
    return finished(place.run).inputs()


def refusal(named: object, asking: Inputs) -> str:
    """Return why a record is no baseline."""
    with pytest.raises(InputError) as refused:
        baseline_from(str(named), COMPARING, asking)
    (problem,) = refused.value.problems
    assert problem.slug == "bad-baseline"
    return problem.message


def test_a_baseline_is_what_the_record_shows(assay: Assay, place: Workplace) -> None:
    """Each case of the compared suite with its digest, the metrics with their doubt, and whose evidence it is."""
    ran(assay, place)
    record = Record.model_validate_json(place.record.with_suffix(".json").read_bytes())

    baseline = baseline_from(str(place.record), COMPARING, inputs_of(place))

    assert (baseline.candidate, baseline.record, baseline.evidence_sha256) == (
        "adder",
        "0001-adding",
        record.evidence.sha256,
    )
    assert baseline.metrics == record.metrics
    suite = inputs_of(place).suites[0]
    assert [case.digest for case in baseline.cases] == [case.digest() for case in suite.cases]
    assert sum(case.whole.passed for case in baseline.cases) == record.metrics[0].passed == 4


def test_only_compared_suites_are_kept(assay: Assay, place: Workplace) -> None:
    """A record of many suites does not travel whole."""
    ran(assay, place)
    other = Gate.model_validate({"conditions": ["suite:sums.pass_rate >= 0.5", "blockers all passed"]})
    baseline = baseline_from(str(place.record), other, inputs_of(place))
    assert (baseline.cases, baseline.metrics) == ((), ())


def test_a_record_that_does_not_verify_is_no_baseline(assay: Assay, place: Workplace) -> None:
    """A forged pass rate is not compared with."""
    ran(assay, place)
    asking = inputs_of(place)
    stored = place.record.with_suffix(".json")
    stored.write_text(stored.read_text("utf-8").replace('"passed": 4', '"passed": 5', 1), encoding="utf-8")
    assert "the record does not verify: " in refusal(place.record, asking)


def test_nothing_there_and_no_such_candidate(assay: Assay, place: Workplace) -> None:
    """Both say what there is."""
    ran(assay, place)
    asking = inputs_of(place)
    assert refusal(place.out / "records" / "0009-x", asking).endswith("there is no record here")
    assert refusal(f"{place.record}#addre", asking).endswith("it has no candidate 'addre'")


def test_of_several_candidates_one_must_be_named(assay: Assay, place: Workplace) -> None:
    """The first one is not guessed; any that was asked can be named."""
    with serving() as server:
        one = plan_of(server.base_url)["candidates"][0]
        roles = {"a": ["production"], "b": ["production"], "c": ["dev"]}
        place.write(plan_of(server.base_url, candidates=[one | {"id": i, "roles": own} for i, own in roles.items()]))
        assay("run", place.plan, "--out", place.out)
    asking = inputs_of(place)
    assert refusal(place.record, asking).endswith("it decides on several candidates: a, b")
    assert baseline_from(f"{place.record}#c", COMPARING, asking).candidate == "c"


@pytest.mark.parametrize(
    "suite",
    [
        {"cases": "sums.jsonl", "scorers": ["contains"]},
        {"cases": "sums.jsonl", "scorers": ["exact"], "id": "other"},
    ],
)
def test_what_was_asked_or_judged_otherwise_is_refused(assay: Assay, place: Workplace, suite: dict) -> None:
    """The same cases under another scorer or suite are not the same measurement."""
    ran(assay, place, suites=[suite], gate={"conditions": [f"suite:{suite.get('id', 'sums')}.pass_rate >= 0.2"]})
    now = place.folder / "now"
    now.mkdir()
    own = type(place)(now)
    ran(assay, own)
    message = refusal(place.record, inputs_of(own))
    assert "asked or judged otherwise" in message or "it has no suite 'sums'" in message


def test_changed_cases_are_refused(assay: Assay, place: Workplace) -> None:
    """Where no case is the same there is nothing to compare."""
    ran(assay, place)
    asking = inputs_of(place)
    suite = asking.suites[0]
    changed = [case.model_copy(update={"expected": "other"}) for case in suite.cases]
    # A copy keeps what was computed of it: made anew, it has its own digest.
    anew = type(suite).model_validate_json(suite.model_copy(update={"cases": tuple(changed)}).model_dump_json())

    class Now:
        plan, suites, rubrics = asking.plan, (anew,), asking.rubrics

    assert refusal(place.record, Now()).endswith("no case of its suite sums is the same as now")


def test_a_version_or_description_changes_no_manner(assay: Assay, place: Workplace) -> None:
    """What a suite says of itself does not change how it is asked."""
    ran(assay, place)
    asking = inputs_of(place)
    suite = asking.suites[0]
    told = suite.model_copy(update={"version": "2", "description": "x"})
    assert otherwise(asking, suite, asking, told) is None


def test_it_is_told_in_what_suites_differ(assay: Assay, place: Workplace) -> None:
    """System prompt, limits and scorers are named when they are what differs, and only those."""
    ran(assay, place)
    asking = inputs_of(place)
    suite = asking.suites[0]
    limits = suite.request.model_copy(update={"max_tokens": 7})
    for changes, named in (
        ({"system": "Be brief."}, "system prompt"),
        ({"request": limits}, "limits"),
        ({"scorers": ()}, "scorers"),
        ({"system": "Be brief.", "request": limits}, "system prompt, limits"),
    ):
        found = otherwise(asking, suite, asking, suite.model_copy(update=changes))
        assert found == f"was asked or judged otherwise: not with the same {named}"


def test_a_run_keeps_the_baseline_of_its_plan(assay: Assay, place: Workplace) -> None:
    """It lies in the evidence with its digest in run.json; the record names it and verifies without the earlier one."""
    ran(assay, place)
    ran(assay, place, gate=EARLIER)
    (run,) = [path for path in (place.out / "runs").iterdir() if (path / "evidence" / "baseline.json").exists()]
    stored = Baseline.model_validate_json((run / "evidence" / "baseline.json").read_bytes())
    assert json.loads((run / "run.json").read_bytes())["baseline_digest"] == stored.digest()
    record = Record.model_validate_json((place.out / "records" / "0002-adding.json").read_bytes())
    assert (record.policy.baseline, record.policy.baseline_record) == ("adder", "0001-adding")
    for path in (place.out / "records").glob("0001-*"):
        path.unlink()
    assert assay("verify", place.out / "records" / "0002-adding").code == 0


def test_another_baseline_in_the_evidence_does_not_verify(assay: Assay, place: Workplace) -> None:
    """A baseline swapped after the run is not of the run."""
    ran(assay, place)
    ran(assay, place, gate=EARLIER)
    (run,) = [path for path in (place.out / "runs").iterdir() if (path / "evidence" / "baseline.json").exists()]
    path = run / "evidence" / "baseline.json"
    path.write_text(path.read_text("utf-8").replace('"adder"', '"adders"'), encoding="utf-8")
    said = assay("decide", run)
    assert said.code == 1
    assert said.errors[0].startswith("error[bad-evidence]: the baseline is not that of the run")


def test_a_run_goes_on_only_with_its_baseline(assay: Assay, place: Workplace) -> None:
    """At --resume another earlier record is named as what changed."""
    with serving() as server:
        ran(assay, place)
        place.write(plan_of(server.base_url, gate=EARLIER))
        assay("run", place.plan, "--out", place.out)
        (run,) = [path for path in (place.out / "runs").iterdir() if (path / "evidence" / "baseline.json").exists()]
        place.write(plan_of(server.base_url))
        assay("run", place.plan, "--out", "other")
        shutil.copytree("other/records", place.out / "records", dirs_exist_ok=True)
        place.write(plan_of(server.base_url, gate=EARLIER))
        said = assay("run", place.plan, "--out", place.out, "--resume", run.name)
    assert said.code == 2
    assert "was begun with another baseline" in said.errors[0]


def test_a_plan_names_the_line_of_its_baseline(assay: Assay, place: Workplace) -> None:
    """Before anything is asked."""
    said = ran(assay, place, gate={"baseline": "records/0007-none", "conditions": ["suite:sums.pass_rate >= 0.9"]})
    assert said.code == 2
    (error,) = said.errors
    assert error == (
        f"error[bad-baseline]: {place.plan}:5: there is no file or folder 'records/0007-none.json'. "
        "Check the path; it is relative to the plan's folder."
    )


def test_two_candidates_with_role_baseline(assay: Assay, place: Workplace) -> None:
    """One of them must be named where something is compared; else the role is only a word."""
    compared = {"conditions": ["suite:sums.pass_rate not worse than baseline by 0.3"]}
    plain = {"conditions": ["suite:sums.pass_rate >= 0.9"]}
    with serving() as server:
        one = plan_of(server.base_url)["candidates"][0]
        roles = {"new": ["production"], "old": ["baseline"], "older": ["baseline"]}
        candidates = [one | {"id": name, "roles": own} for name, own in roles.items()]
        place.write(plan_of(server.base_url, candidates=candidates, gate=compared))
        said = assay("run", place.plan, "--out", place.out)
        place.write(plan_of(server.base_url, candidates=candidates, gate=plain))
        assert assay("run", place.plan, "--out", place.out).code == 0
    assert said.code == 2
    assert (
        f"error[bad-baseline]: {place.plan}:5: 2 candidates have the role baseline: old, older. "
        "Name one: `baseline: old`." in said.errors
    )


def test_nobody_is_compared_with_itself(assay: Assay, place: Workplace) -> None:
    """That would always be met."""
    said = ran(assay, place, gate={"baseline": "adder", "conditions": ["suite:sums.pass_rate >= 0.9"]})
    assert said.code == 2
    assert "adder would be compared with itself" in said.errors[0]
