"""Can a finished run or a record be weighed again, under another policy and on another day, without a model?"""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from assay.schema.record import Record
from assay.workflow.decide import Instead, decide
from tests.fakes import Reply, completion, days_on, every, plan_of, serving

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.fakes import Said, Workplace

    Assay = Callable[..., Said]

STRICT = "conditions:\n  - suite:sums.pass_rate >= 0.99\n"
LENIENT = "conditions:\n  - suite:sums.pass_rate >= 0.2\n"


def ran(assay: Assay, place: Workplace, **changes: object) -> Said:
    """Run a plan of which every third sum is answered wrongly."""
    with serving(every(3, Reply(body=completion("41")))) as server:
        place.write(plan_of(server.base_url, **changes), sums=6)
        return assay("run", place.plan, "--out", place.out)


def policy(place: Workplace, text: str, name: str = "policy.yaml") -> Path:
    path = place.folder / name
    path.write_text(text, encoding="utf-8")
    return path


def files_under(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_run_is_weighed_again_and_nothing_is_written(assay: Assay, place: Workplace) -> None:
    """The server is gone; the verdict is that of the run, and every file is as it was."""
    assert ran(assay, place).code == 1
    before = files_under(place.out)

    said = assay("decide", place.run)

    assert said.code == 1
    run = place.json("run.json")["id"]
    assert said.out.splitlines()[-4:] == [
        "Verdict: NO-GO",
        "",
        f"policy:   the plan's own, as of {Record.model_validate_json(assay('decide', place.run, '--json').out).date}",
        f"run:      {run}",
    ]
    assert said.err == "nothing is written; add --out DIR for a record\n"
    assert files_under(place.out) == before


@pytest.mark.parametrize(("text", "code"), [(STRICT, 1), (LENIENT, 0)])
def test_another_policy_gives_another_verdict(assay: Assay, place: Workplace, text: str, code: int) -> None:
    """Run and record come to the same; the exit code is that of the verdict."""
    ran(assay, place)
    own = policy(place, text)

    by_run = assay("decide", place.run, "--policy", own)
    by_record = assay("decide", place.record, "--policy", own)

    assert (by_run.code, by_record.code) == (code, code)
    assert by_run.out == by_record.out
    assert "policy:   policy.yaml, as of " in by_run.out


def test_a_record_of_the_decision_verifies(assay: Assay, place: Workplace) -> None:
    """It has the next number, its evidence the policy, and it says where its conditions come from."""
    ran(assay, place)

    said = assay("decide", place.record, "--policy", policy(place, LENIENT), "--out", place.out)

    written = place.out / "records" / "0002-adding.md"
    zipped = written.with_name("0002-adding.evidence.zip")
    size = round(zipped.stat().st_size / 1000)
    assert said.out.splitlines()[-3:] == [
        f"record:   {written}",
        f"evidence: {zipped}, {size} kB, 11 files",
        f"verify:   assay verify {written}",
    ]
    assert assay("verify", written).code == 0
    record = Record.model_validate_json(written.with_suffix(".json").read_bytes())
    stored = next(file for file in record.evidence.files if file.path == "evidence/policy.json")
    assert (record.id, record.policy.file, record.policy.sha256) == ("0002-adding", "policy.yaml", stored.sha256)
    assert [own.id for own in record.verdict.candidates[0].conditions] == ["suite:sums.pass_rate >= 0.2"]
    again = "Decided on again, with another policy than the run was begun with."
    assert again in written.read_text("utf-8").splitlines()
    assert again not in place.out.joinpath("records", "0001-adding.md").read_text("utf-8")
    # What was decided on again can be so once more, under the policy that it has.
    assert assay("decide", written).code == 0
    assert assay("decide", written, "--policy", policy(place, STRICT)).code == 1


def test_a_policy_that_nobody_decided_under_is_refused(assay: Assay, place: Workplace) -> None:
    """A policy file slipped into a run's evidence does not take the place of the plan's gate."""
    ran(assay, place)
    (place.run / "evidence" / "policy.json").write_text('{"conditions": ["suite:sums.pass_rate >= 0.2"]}', "utf-8")

    said = assay("decide", place.run)

    assert said.code == 1
    assert said.errors[0].startswith("error[bad-evidence]: a policy stands in for the plan's own gate")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (
            "conditions:\n  - readiness all met\n  - suite:sumz.pass_rate >= 0.9\n",
            (
                "error[unknown-metric]: {path}:3: condition 'suite:sumz.pass_rate >= 0.9' asks about "
                "suite:sumz.pass_rate, which this plan does not measure. Write suite:sums.pass_rate."
            ),
        ),
        ("condition: []\n", "error[unknown-key]: {path}:1: unknown key 'condition'. Did you mean 'conditions'?"),
        ("baseline: adder\n", "error[no-conditions]: {path}: the gate has no conditions, so nothing could be decided"),
        ("- x: [\n", "error[bad-yaml]: {path}:2:"),
        (
            f"baseline: addre\n{STRICT}",
            "error[unknown-candidate]: {path}:1: the baseline 'addre' is no candidate of the plan. Write adder,",
        ),
        (f"waivers: gone.yaml\n{STRICT}", "error[no-such-file]: {path}:1: there is no file or folder 'gone.yaml'"),
        (
            f"baseline: records/0009-x\n{STRICT}",
            "error[bad-baseline]: {path}:1: there is no file or folder 'records/0009-x.json'",
        ),
    ],
)
def test_a_wrong_policy_names_file_and_line(assay: Assay, place: Workplace, text: str, error: str) -> None:
    """It is read as a plan's own policy file is."""
    ran(assay, place)
    path = policy(place, text)

    said = assay("decide", place.run, "--policy", path, "--out", place.out)

    assert said.code == 2
    assert said.errors[0].startswith(error.format(path=path))
    assert len(list((place.out / "records").glob("[0-9]*.md"))) == 1


def test_all_mistakes_of_a_policy_are_told_at_once(assay: Assay, place: Workplace) -> None:
    """Waivers, baseline and conditions are looked at, whichever of them is wrong."""
    ran(assay, place)
    path = policy(place, "baseline: nobody\nwaivers: gone.yaml\nconditions:\n  - suite:no.pass_rate > 0.5\n")

    said = assay("decide", place.run, "--policy", path)

    assert [line.partition("]")[0] for line in said.errors] == [
        "error[unknown-candidate",
        "error[no-such-file",
        "error[unknown-metric",
    ]


def test_attestations_expire_by_the_day_of_deciding(assay: Assay, place: Workplace) -> None:
    """What held on the day of the run need not hold today."""
    item = {
        "id": "read",
        "section": "operations",
        "question": "Is it read?",
        "shown_by": "attestation",
        "evidence": "Who read it.",
        "remedy": "Read it.",
        "lesson": [],
    }
    said = {"item": "read", "by": "R. Lee", "date": days_on(-1), "expires": days_on(300), "statement": "It is."}
    (place.folder / "checklist.yaml").write_text(json.dumps({"schema": "assay/checklist/v1", "items": [item]}), "utf-8")
    (place.folder / "said.yaml").write_text(json.dumps({"attestations": [said]}), encoding="utf-8")
    readiness = {"checklist": "checklist.yaml", "attestations": "said.yaml"}
    ran(assay, place, readiness=readiness, gate={"conditions": ["readiness.operations all met"]})

    days = {day: decide(place.run, Instead(), day, None).record for day in (days_on(300), days_on(301))}

    assert [record.verdict.verdict for record in days.values()] == ["GO", "HOLD"]
    assert [record.date for record in days.values()] == list(days)


def test_an_unfinished_run_is_refused(assay: Assay, place: Workplace) -> None:
    """It says how to go on with it."""
    ran(assay, place)
    run = place.json("run.json")
    (place.run / "run.json").write_text(json.dumps({**run, "state": "interrupted"}), encoding="utf-8")

    said = assay("decide", place.run)

    assert said.code == 2
    assert said.errors == [
        (
            f"error[unfinished-run]: {place.run}: the run {run['id']} is not finished: it is interrupted. "
            f"Go on with it: assay run PLAN --resume {run['id']}."
        )
    ]


def test_a_shard_is_refused(assay: Assay, place: Workplace) -> None:
    """Part of the cases is no run to decide on."""
    with serving() as server:
        place.write(plan_of(server.base_url), sums=4)
        assay("run", place.plan, "--out", place.out, "--shard", "1/2")

    said = assay("decide", place.run)

    assert (said.code, "is shard 1 of 2. Put all shards together: assay merge RUN..." in said.err) == (2, True)


def test_a_record_that_does_not_verify_is_not_decided_on(assay: Assay, place: Workplace) -> None:
    """One character of it was changed: exit code 1, and where it differs."""
    ran(assay, place)
    stored = place.record.with_suffix(".json")
    stored.write_text(stored.read_text("utf-8").replace("adder", "addes", 1), encoding="utf-8")

    said = assay("decide", place.record, "--policy", policy(place, LENIENT))

    assert said.code == 1
    assert said.errors[0].startswith(f"error[bad-evidence]: {place.record}: the record does not verify: ")


def test_neither_run_nor_record(assay: Assay, place: Workplace) -> None:
    """A name that means nothing is told so, with both ways to write one."""
    said = assay("decide", "nothing")

    assert said.code == 2
    (error,) = said.errors
    assert error == (
        "error[no-run]: nothing: there is neither a run nor a record here. "
        "Name a run by its id or folder, or a record such as records/0001-policy-qa."
    )


def test_a_run_without_answers_is_no_verdict(assay: Assay, place: Workplace) -> None:
    """Where every request failed the exit code is 4, as it was of the run."""
    with serving(lambda _: Reply(500, {"error": "broken"})) as server:
        place.write(plan_of(server.base_url))
        assert assay("run", place.plan, "--out", place.out).code == 4

    said = assay("decide", place.run, "--policy", policy(place, LENIENT))

    assert said.code == 4
    assert said.errors[0].startswith("error[no-answers]")


def test_waivers_go_into_the_evidence(assay: Assay, place: Workplace) -> None:
    """The file beside the policy that names it, or the one given; none where another policy names none."""
    ran(assay, place)
    waiver = {
        "condition": "suite:sums.pass_rate >= 0.99",
        "reason": "known",
        "owner": "A. Ito",
        "approver": "B. Cruz",
        "granted": "2026-11-01",
        "expires": "2099-01-01",
        "value": 0.5,
    }
    folder = place.folder / "policies"
    folder.mkdir()
    (folder / "waivers.yaml").write_text(json.dumps({"waivers": [waiver]}), encoding="utf-8")
    own = folder / "policy.yaml"
    own.write_text(f"waivers: waivers.yaml\n{STRICT}", encoding="utf-8")

    def members(*arguments: object) -> list[str]:
        record = Record.model_validate_json(assay("decide", place.run, "--json", *arguments).out)
        return [file.path for file in record.evidence.files if file.path == "evidence/waivers.json"]

    assert members("--policy", own) == ["evidence/waivers.json"]
    assert members("--waivers", folder / "waivers.yaml") == ["evidence/waivers.json"]
    assert members("--policy", policy(place, STRICT)) == []


def test_a_wrong_waivers_file_names_its_line(assay: Assay, place: Workplace) -> None:
    """Owner and approver are two persons."""
    ran(assay, place)
    text = (
        "waivers:\n  - condition: x\n    reason: r\n    owner: A\n    approver: a\n"
        "    granted: 2026-01-01\n    expires: 2026-02-01\n    value: 1\n"
    )

    said = assay("decide", place.run, "--waivers", policy(place, text, "waivers.yaml"))

    assert said.code == 2
    assert "waivers.yaml:5: waivers[0].approver: the approver must be another person than the owner" in said.errors[0]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("none.yaml", "there is no file or folder 'none.yaml'. Check the path; it is relative to the policy's folder."),
        ("../w.yaml", "the path '../w.yaml' leads out of the policy's folder. Move the file, or name it absolutely."),
    ],
)
def test_names_in_a_policy_are_of_its_folder(assay: Assay, place: Workplace, name: str, told: str) -> None:
    """A waivers file that is not there is told at the policy's line, and looked for beside the policy."""
    ran(assay, place)
    (place.folder / "x").mkdir()
    own = policy(place, f"conditions: ['suite:sums.pass_rate >= 0.2']\nwaivers: {name}\n", "x/p.yaml")
    said = assay("decide", place.run, "--policy", own)
    assert said.code == 2
    (line,) = said.errors
    assert line.endswith(f"p.yaml:2: {told}")


def test_a_copied_record_needs_no_run(assay: Assay, place: Workplace) -> None:
    """Three files suffice: CI decides on what somebody else has run."""
    ran(assay, place)
    away = place.folder / "away"
    shutil.copytree(place.out / "records", away)
    shutil.rmtree(place.out)

    assert assay("decide", away / "0001-adding", "--policy", policy(place, LENIENT)).code == 0
