"""Does a run leave out just the cases that could change nothing, and does the record say so and verify?"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest

from assay.gate import exact_upper
from assay.record.run_folder import RunFolder
from assay.schema.suite import Suite
from assay.workflow.conclude import write_record
from tests.fakes import Reply, completion, plan_of, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.fakes import Asked, Said, Workplace

    Assay = Callable[..., Said]

ONE = {"concurrency": 1}
SURE = "suite:sums.pass_rate >= 0.9 with 95% confidence"
BROKEN = Reply(500, {"error": "broken"})


def number_of(asked: Asked) -> int:
    """Return the number of the case that a question is."""
    return int(asked.text.split()[2])


def wrong_from(first: int) -> Callable[[Asked], Reply | None]:
    """Return a script that answers wrongly from a case on."""
    return lambda asked: Reply(200, completion("no")) if number_of(asked) >= first else None


def gate(*conditions: str, **more: object) -> dict:
    return {"conditions": list(conditions), **more}


def record_of(place: Workplace) -> dict:
    return json.loads(place.record.with_suffix(".json").read_text("utf-8"))


def cases_of(place: Workplace, candidate: str = "adder") -> list[str]:
    return [row["case"] for row in place.rows("trials.jsonl") if row["candidate"] == candidate]


def write_cases(place: Workplace, cases: Sequence[dict], name: str = "sums") -> None:
    text = "".join(json.dumps(own) + "\n" for own in cases)
    (place.folder / f"{name}.jsonl").write_text(text, encoding="utf-8")


def sums(count: int, **more: object) -> list[dict]:
    return [{"id": f"c{n}", "input": f"What is {n} + {n}?", "expected": str(2 * n), **more} for n in range(count)]


# --- curtailment ------------------------------------------------------------------------------------------


def test_a_lost_suite_is_asked_no_further(assay: Assay, place: Workplace) -> None:
    """With 11 failures of 100 a rate of 0.9 is out of reach: the 89 others are spared, said so, and it verifies."""
    with serving(wrong_from(4)) as server:
        place.write(plan_of(server.base_url, candidate=ONE, gate=gate("suite:sums.pass_rate >= 0.9")), sums=100)
        said = assay("run", place.plan, "--out", place.out)
        assert len(server.asked) == 4 + 11
    assert said.code == 1
    why = "suite:sums.pass_rate >= 0.9 is not met, whatever the rest come to"
    assert f"adder: sums stopped after 15 of 100 cases: {why}" in said.err.splitlines()
    record = record_of(place)
    expected = {"candidate": "adder", "suite": "sums", "asked": 15, "due": 100, "looks": 0, "why": f"{why}."}
    assert record["stopped"] == [expected]
    assert record["run"]["stopping"] == "curtail"
    (metric,) = record["metrics"]
    assert [metric[key] for key in ("passed", "failed", "unscored", "n", "stopped")] == [4, 11, 85, 100, 85]
    assert metric["rate"] == round(4 / 15, 6)
    (summary,) = record["candidates"]
    assert (summary["trials"], summary["asked"], summary["completed"]) == (100, 15, 15)
    assert assay("verify", place.record).code == 0


def test_a_proof_that_is_out_of_reach_ends_a_suite_too(assay: Assay, place: Workplace) -> None:
    """With a confidence, a suite ends where even passing all the rest would leave the upper limit below 0.9."""
    with serving(wrong_from(0)) as server:
        place.write(plan_of(server.base_url, candidate=ONE, gate=gate(SURE)), sums=100)
        said = assay("run", place.plan, "--out", place.out)
        asked = len(server.asked)
    assert said.code == 1
    assert exact_upper(100 - asked, 100, 0.95) < 0.9 <= exact_upper(100 - asked + 1, 100, 0.95)
    assert assay("verify", place.record).code == 0


def test_a_won_suite_is_asked_no_further(assay: Assay, place: Workplace) -> None:
    """Once 90 of 100 passed, ten failures could not change that; cases in flight are kept."""
    with serving() as server:
        plan = plan_of(server.base_url, candidate={"concurrency": 4}, gate=gate("suite:sums.pass_rate >= 0.9"))
        place.write(plan, sums=100)
        assert assay("run", place.plan, "--out", place.out).code == 0
        asked = len(server.asked)
    assert 90 <= asked < 90 + 4
    (stopped,) = record_of(place)["stopped"]
    assert stopped["asked"] == asked


def test_the_page_tells_asked_from_failed(assay: Assay, place: Workplace) -> None:
    """Cases that were left out are no failures of the server: not in the table, nor in what was not tested."""
    with serving(wrong_from(0)) as server:
        place.write(plan_of(server.base_url, candidate=ONE, gate=gate("suite:sums.pass_rate >= 0.9")), sums=20)
        assay("run", place.plan, "--out", place.out)
    page = place.record.read_text("utf-8").splitlines()
    assert "| `sums` | `adder` | 0 of 3 (3 of 20 asked) | 0.0 % [0.0, 56.1] | 0 | 0.0 % |" in page
    assert (
        "- **17 of 20 cases of sums, of adder**: they were not asked: suite:sums.pass\\_rate &gt;= 0.9 is not met, "
        "whatever the rest come to. Set gate.stop\\_early to never, and run without --sequential, to ask them all."
    ) in page
    assert not any("they have no score" in line for line in page)
    assert "Due 20 trials, asked 3, answered 3, 3 requests sent" in " ".join(page)


def test_every_condition_on_a_suite_must_be_settled(assay: Assay, place: Workplace) -> None:
    """A suite goes on while one condition is open, a warning too; another suite does not wait for it."""
    texts = ["suite:sums.pass_rate >= 0.9", "suite:more.pass_rate >= 0.9"]
    warning = {"condition": "suite:sums.pass_rate >= 0.5", "severity": "warn"}
    with serving(wrong_from(0)) as server:
        suites = [{"cases": f"{name}.jsonl", "scorers": ["exact"]} for name in ("sums", "more")]
        place.write(plan_of(server.base_url, candidate=ONE, suites=suites, gate={"conditions": [*texts, warning]}))
        write_cases(place, sums(20))
        write_cases(place, sums(20), "more")
        assay("run", place.plan, "--out", place.out)
    assert {own["suite"]: own["asked"] for own in record_of(place)["stopped"]} == {"sums": 11, "more": 3}


def test_a_suite_that_no_condition_reads_is_asked_whole(assay: Assay, place: Workplace) -> None:
    """It is there to be seen."""
    with serving(wrong_from(0)) as server:
        suites = [{"cases": f"{name}.jsonl", "scorers": ["exact"]} for name in ("sums", "more")]
        plan = plan_of(server.base_url, candidate=ONE, suites=suites, gate=gate("suite:sums.pass_rate >= 0.9"))
        place.write(plan)
        write_cases(place, sums(20))
        write_cases(place, sums(20), "more")
        assay("run", place.plan, "--out", place.out)
    assert [row["suite"] for row in place.rows("trials.jsonl")].count("more") == 20


def test_blockers_are_asked_though_the_suite_is_lost(assay: Assay, place: Workplace) -> None:
    """Of a suite that is settled only blockers are asked, and of these no more once one has failed."""
    cases = [{**own, "severity": "blocker"} if n in {15, 17, 19} else own for n, own in enumerate(sums(20))]
    conditions = ("suite:sums.pass_rate >= 0.9", "blockers all passed")

    def script(asked: Asked) -> Reply | None:
        return None if number_of(asked) == 15 else Reply(200, completion("no"))

    with serving(script) as server:
        place.write(plan_of(server.base_url, candidate=ONE, gate=gate(*conditions)))
        write_cases(place, cases)
        said = assay("run", place.plan, "--out", place.out)
    assert cases_of(place) == ["c0", "c1", "c2", "c15", "c17"]
    record = record_of(place)
    assert [own["status"] for own in record["verdict"]["candidates"][0]["conditions"]] == ["not_met", "not_met"]
    assert [(own["case"], own["outcome"], own["reason"]) for own in record["blockers"]][1] == (
        "c19",
        "unscored",
        "trial 1: it was not asked",
    )
    assert said.code == 1


def test_failed_requests_settle_nothing(assay: Assay, place: Workplace) -> None:
    """What has no score may get one with --retry-failed, so that all is asked."""
    with serving(lambda asked: BROKEN if number_of(asked) < 4 else None) as server:
        plan = plan_of(server.base_url, candidate=ONE, gate=gate("suite:sums.coverage >= 0.9"))
        place.write(plan, sums=12)
        assert assay("run", place.plan, "--out", place.out).code == 3
    assert len(cases_of(place)) == 12
    assert record_of(place)["stopped"] == []


def test_a_run_that_goes_on_counts_what_is_there(assay: Assay, place: Workplace) -> None:
    """Trials on disk are counted first: 14 of the 15 that settle it leave one to ask, and the record verifies."""
    with serving(wrong_from(4)) as server:
        place.write(plan_of(server.base_url, candidate=ONE, gate=gate("suite:sums.pass_rate >= 0.9")), sums=100)
        assay("run", place.plan, "--out", place.out)
        journal = place.run / "trials.jsonl"
        journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:14]))
        place.record.unlink()
        before = len(server.asked)
        said = assay("run", place.plan, "--out", place.out, "--resume", place.run.name)
        assert len(server.asked) - before == 1
    assert "adder: sums stopped after 15 of 100 cases" in said.err
    assert len(cases_of(place)) == 15


def test_a_finished_stop_is_not_asked_on(assay: Assay, place: Workplace) -> None:
    """Whoever resumes a run that had stopped asks nothing."""
    with serving(wrong_from(0)) as server:
        place.write(plan_of(server.base_url, candidate=ONE, gate=gate("suite:sums.pass_rate >= 0.9")), sums=20)
        assay("run", place.plan, "--out", place.out)
        before = len(server.asked)
        said = assay("run", place.plan, "--out", place.out, "--resume", place.run.name)
        assert len(server.asked) == before
    assert "adder: sums stopped after 3 of 20 cases" in said.err


def test_reused_answers_count_as_asked(assay: Assay, place: Workplace) -> None:
    """An answer of an earlier run settles as much as a new one."""
    with serving(wrong_from(0)) as server:
        place.write(plan_of(server.base_url, candidate=ONE, gate=gate("suite:sums.pass_rate >= 0.9")), sums=20)
        assay("eval", place.plan, "--out", place.out)
        earlier = place.run
        before = len(server.asked)
        said = assay("run", place.plan, "--out", place.out, "--reuse", earlier.name)
        assert len(server.asked) == before
    assert "adder: sums stopped after 3 of 20 cases" in said.err
    assert "3 of 3 answers are reused" in said.err


@pytest.mark.parametrize(
    ("changes", "arguments"),
    [
        ({"gate": gate("suite:sums.pass_rate >= 0.9", stop_early="never")}, ("run",)),
        ({}, ("eval",)),
        ({"trials": 2}, ("run",)),
        ({}, ("run", "--limit", "20")),
        ({}, ("run", "--shard", "1/1")),
        ({"gate": gate("suite:sums.pass_rate >= 0.9", "readiness all met")}, ("run",)),
    ],
    ids=["never", "eval", "trials", "limit", "one-shard", "readiness"],
)
def test_when_every_case_is_asked(assay: Assay, place: Workplace, changes: dict, arguments: tuple[str, ...]) -> None:
    """Only `run` of whole suites, once each, stops early, and only where the policy lets it."""
    stops = arguments == ("run", "--shard", "1/1") or "readiness all met" in str(changes)
    with serving(wrong_from(0)) as server:
        plan = plan_of(server.base_url, candidate=ONE, **{"gate": gate("suite:sums.pass_rate >= 0.9"), **changes})
        place.write(plan, sums=20)
        assay(arguments[0], place.plan, "--out", place.out, *arguments[1:])
    assert len(cases_of(place)) == (3 if stops else 20 * changes.get("trials", 1))


def test_a_checklist_that_may_change_keeps_a_suite_going(assay: Assay, place: Workplace) -> None:
    """With a baseline the checklist compares rates, which every answer moves: a condition on it needs them all."""
    with serving(wrong_from(0)) as server:
        plan = plan_of(server.base_url, candidate=ONE, gate=gate("suite:sums.pass_rate >= 0.9", "readiness all met"))
        one = {**plan["candidates"][0], "roles": ["production"]}
        place.write({**plan, "candidates": [one, {**one, "id": "old", "roles": ["baseline"]}]}, sums=20)
        assay("run", place.plan, "--out", place.out)
    assert len(cases_of(place)) == 20


@pytest.mark.parametrize(("item", "asked"), [("golden-sets", 20), ("quality-baseline", 3), ("owner", 3)])
def test_an_item_that_may_change_keeps_a_suite_going(assay: Assay, place: Workplace, item: str, asked: int) -> None:
    """A condition on one item needs all cases only where answers still move it."""
    policy = gate("suite:sums.pass_rate >= 0.9", f"readiness:{item} met")
    with serving(wrong_from(0)) as server:
        place.write(plan_of(server.base_url, candidate=ONE, gate=policy), sums=20)
        assay("run", place.plan, "--out", place.out)
    assert len(cases_of(place)) == asked


def test_who_is_not_decided_on_is_asked_everything(assay: Assay, place: Workplace) -> None:
    """A fallback is there to be seen beside; only the production candidate stops."""
    with serving(wrong_from(0)) as server:
        plan = plan_of(server.base_url, candidate=ONE, gate=gate("suite:sums.pass_rate >= 0.9"))
        one = {**plan["candidates"][0], "roles": ["production"]}
        place.write({**plan, "candidates": [one, {**one, "id": "spare", "roles": ["fallback"]}]}, sums=20)
        assay("run", place.plan, "--out", place.out)
    assert (len(cases_of(place)), len(cases_of(place, "spare"))) == (3, 20)
    assert [own["stopped"] for own in record_of(place)["metrics"]] == [17, 0]


def test_who_is_held_up_to_others_is_asked_everything(assay: Assay, place: Workplace) -> None:
    """Of two candidates that are decided on, the one that is the other's fallback is not stopped."""
    with serving(wrong_from(0)) as server:
        plan = plan_of(server.base_url, candidate=ONE, gate=gate("suite:sums.pass_rate >= 0.9"))
        one = {**plan["candidates"][0], "roles": ["production"]}
        place.write({**plan, "candidates": [one, {**one, "id": "spare", "roles": ["production", "fallback"]}]}, sums=20)
        assay("run", place.plan, "--out", place.out)
    assert (len(cases_of(place)), len(cases_of(place, "spare"))) == (3, 20)


def test_a_comparison_needs_every_case_of_both(assay: Assay, place: Workplace) -> None:
    """Pairs are compared case by case: neither side stops, whatever else the policy asks of the suite."""
    texts = ("suite:sums.pass_rate >= 0.9", "suite:sums.pass_rate not worse than baseline by 0.1")
    with serving(wrong_from(0)) as server:
        plan = plan_of(server.base_url, candidate=ONE, gate=gate(*texts))
        one = {**plan["candidates"][0], "roles": ["production"]}
        place.write({**plan, "candidates": [one, {**one, "id": "old", "roles": ["baseline"]}]}, sums=20)
        assay("run", place.plan, "--out", place.out)
    assert (len(cases_of(place)), len(cases_of(place, "old"))) == (20, 20)


def test_waivers_keep_a_suite_going(assay: Assay, place: Workplace) -> None:
    """A waiver holds only while the candidate is no worse, which the whole suite tells."""
    (place.folder / "waivers.yaml").write_text("schema: assay/waivers/v1\nwaivers: []\n", encoding="utf-8")
    with serving(wrong_from(0)) as server:
        policy = gate("suite:sums.pass_rate >= 0.9", waivers="waivers.yaml")
        place.write(plan_of(server.base_url, candidate=ONE, gate=policy), sums=20)
        assay("run", place.plan, "--out", place.out)
    assert len(cases_of(place)) == 20


def test_missing_lines_are_no_reason_to_stop(assay: Assay, place: Workplace) -> None:
    """Who cuts answers out of a run that might have stopped gets no better verdict: what is open is unknown."""
    condition = "suite:sums.pass_rate > 0.95"
    with serving(wrong_from(19)) as server:
        place.write(plan_of(server.base_url, candidate=ONE, gate=gate(condition)), sums=20)
        assert assay("run", place.plan, "--out", place.out).code == 1
    journal = place.run / "trials.jsonl"
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:19]))
    folder = RunFolder.existing(place.run)
    record, _ = write_record(folder, folder.read_run(), place.out)
    assert record.verdict.verdict == "HOLD"
    assert [own.why for own in record.stopped] == [f"{condition} was still open."]
    (found,) = (own for own in record.findings if own.item == "golden-sets")
    told = "19 of 20 trials have an answer; golden set sums: 19 of 20 trials scored, 19 passed, 1 not asked"
    assert (found.status, found.reason) == ("met", told)


# --- looks ------------------------------------------------------------------------------------------------


def drawn(place: Workplace) -> list[str]:
    """Return the cases in the order that the run's salt draws."""
    salt = place.json("run.json")["salt"]
    suite = Suite.model_validate_json((place.run / "suites" / "sums.json").read_bytes())
    keys = {case.id: hashlib.sha256(f"{salt} {case.digest()}".encode()).hexdigest() for case in suite.cases}
    return sorted(keys, key=keys.__getitem__)


def test_a_sequential_run_draws_its_order(assay: Assay, place: Workplace) -> None:
    """Cases are asked in the order that the run's salt draws, and no other."""
    with serving() as server:
        place.write(plan_of(server.base_url, candidate=ONE, gate=gate("suite:sums.pass_rate > 0.99")), sums=20)
        assert assay("run", place.plan, "--out", place.out, "--sequential").code == 0
    assert cases_of(place) == drawn(place)
    assert cases_of(place) != [f"c{n}" for n in range(20)]


def test_a_sequential_run_stops_at_a_look(assay: Assay, place: Workplace) -> None:
    """A hopeless candidate is lost at the first of five looks, after 20 of 100 cases; the record derives it again."""
    with serving(wrong_from(0)) as server:
        place.write(plan_of(server.base_url, candidate=ONE, gate=gate(SURE)), sums=100)
        said = assay("run", place.plan, "--out", place.out, "--sequential")
        assert len(server.asked) == 20
    assert said.code == 1
    assert f"adder: sums stopped after 20 of 100 cases, by a look at 20: {SURE} is not met" in said.err.splitlines()
    record = record_of(place)
    (stopped,) = record["stopped"]
    assert stopped == {
        "candidate": "adder",
        "suite": "sums",
        "asked": 20,
        "due": 100,
        "looks": 1,
        "why": f"{SURE} is not met, by look 1 of 5.",
    }
    assert record["run"]["stopping"] == "sequential"
    assert cases_of(place) == drawn(place)[:20]
    assert assay("verify", place.record).code == 0


def test_a_good_candidate_needs_two_looks(assay: Assay, place: Workplace) -> None:
    """40 passes of 40 prove 0.8 at the second look's level, 20 of 20 not at the first one's."""
    sure = "suite:sums.pass_rate >= 0.8 with 95% confidence"
    with serving() as server:
        place.write(plan_of(server.base_url, candidate=ONE, gate=gate(sure)), sums=100)
        assert assay("run", place.plan, "--out", place.out, "--sequential").code == 0
        assert len(server.asked) == 40
    record = record_of(place)
    assert [(own["looks"], own["why"]) for own in record["stopped"]] == [(2, f"{sure} is met, by look 2 of 5.")]
    (result,) = record["verdict"]["candidates"][0]["conditions"]
    assert (result["status"], result["n"]) == ("met", 40)
    assert assay("verify", place.record).code == 0


def test_a_comparison_is_looked_at_when_both_are_asked(assay: Assay, place: Workplace) -> None:
    """A candidate that is as good as its baseline stops when pairs enough show it; the baseline is asked whole."""
    text = "suite:sums.pass_rate not worse than baseline by 0.1"
    with serving() as server:
        plan = plan_of(server.base_url, candidate=ONE, gate=gate(text))
        one = {**plan["candidates"][0], "roles": ["production"]}
        place.write({**plan, "candidates": [one, {**one, "id": "old", "roles": ["baseline"]}]}, sums=200)
        said = assay("run", place.plan, "--out", place.out, "--sequential")
    assert said.code == 0
    (stopped,) = record_of(place)["stopped"]
    assert stopped["looks"] < 5
    assert stopped["asked"] == len(cases_of(place)) < 200
    assert len(cases_of(place, "old")) == 200
    assert cases_of(place) == drawn(place)[: stopped["asked"]]
    assert assay("verify", place.record).code == 0


def test_looks_compare_with_an_earlier_record(assay: Assay, place: Workplace) -> None:
    """What an earlier record's candidate did is there from the start, so that looks wait for nobody."""
    with serving() as server:
        place.write(plan_of(server.base_url, candidate=ONE), sums=200)
        assay("run", place.plan, "--out", place.folder / "before")
        (earlier,) = (place.folder / "before" / "records").glob("[0-9]*.md")
        policy = gate("suite:sums.pass_rate not worse than baseline by 0.1", baseline=str(earlier))
        place.write(plan_of(server.base_url, candidate=ONE, gate=policy), sums=200)
        said = assay("run", place.plan, "--out", place.out, "--sequential")
    assert said.code == 0
    (stopped,) = record_of(place)["stopped"]
    assert stopped["asked"] == len(cases_of(place)) < 200
    assert assay("verify", place.record).code == 0


def test_another_policy_may_want_what_was_left_out(assay: Assay, place: Workplace) -> None:
    """Decided on again, what was not asked is missing where the new policy has conditions that it could turn."""
    with serving(wrong_from(10)) as server:
        place.write(plan_of(server.base_url, candidate=ONE, gate=gate("suite:sums.pass_rate >= 0.9")), sums=100)
        assert assay("run", place.plan, "--out", place.out).code == 1
    policy = place.folder / "policy.yaml"
    policy.write_text('conditions: ["suite:sums.pass_rate >= 0.5", "readiness:golden-sets met"]\n', encoding="utf-8")
    said = assay("decide", place.run, "--policy", policy)
    assert said.code == 3
    assert "10 of 21 trials passed; 79 of 100 trials were not asked and decide it." in " ".join(said.out.split())
    assert "golden-sets" in said.out


def test_a_sequential_run_goes_on_with_its_order_and_looks(assay: Assay, place: Workplace) -> None:
    """What is on disk is looked at again, the rest is asked in the same order."""
    with serving(wrong_from(0)) as server:
        place.write(plan_of(server.base_url, candidate=ONE, gate=gate(SURE)), sums=100)
        assay("run", place.plan, "--out", place.out, "--sequential")
        journal = place.run / "trials.jsonl"
        journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:15]))
        place.record.unlink()
        before = len(server.asked)
        assert assay("run", place.plan, "--out", place.out, "--resume", place.run.name).code == 1
        assert len(server.asked) - before == 5
    assert cases_of(place) == drawn(place)[:20]


def test_answers_that_are_known_are_not_looked_at(assay: Assay, place: Workplace) -> None:
    """Whoever reuses answers could draw an order until its first cases please: all of them are weighed at once."""
    sure = "suite:sums.pass_rate >= 0.8 with 95% confidence"
    with serving(wrong_from(82)) as server:
        place.write(plan_of(server.base_url, candidate=ONE, gate=gate(sure, stop_early="never")), sums=100)
        assert assay("run", place.plan, "--out", place.out).code == 3
        before = len(server.asked)
        said = assay("run", place.plan, "--out", place.folder / "again", "--sequential", "--reuse", place.run)
        assert len(server.asked) == before
    assert said.code == 3
    assert "all of them are asked, without looks: answers are reused, so they are known" in said.err.splitlines()
    (record,) = (place.folder / "again" / "records").glob("[0-9]*.json")
    assert json.loads(record.read_text("utf-8"))["run"]["stopping"] == "never"


def test_known_answers_do_not_come_into_a_run_with_looks(assay: Assay, place: Workplace) -> None:
    """Its order was drawn before: whoever goes on with it asks what is left."""
    with serving(wrong_from(0)) as server:
        place.write(plan_of(server.base_url, candidate=ONE, gate=gate(SURE)), sums=5)
        assay("run", place.plan, "--out", place.out, "--sequential")
        name = place.run.name
        assay("run", place.plan, "--out", place.folder / "before")
        (before,) = (place.folder / "before" / "runs").iterdir()
        said = assay("run", place.plan, "--out", place.out, "--resume", name, "--reuse", before)
    assert said.code == 2
    told = (
        f"{place.run}: the run {name} was begun with --sequential, and its looks could not be planned on known answers"
    )
    assert said.errors == [f"error[other-plan]: {told}. Leave out --reuse."]


def test_a_run_cannot_become_sequential(assay: Assay, place: Workplace) -> None:
    """Looks are planned before anything is asked."""
    with serving(wrong_from(0)) as server:
        place.write(plan_of(server.base_url, candidate=ONE, gate=gate(SURE)), sums=5)
        assay("run", place.plan, "--out", place.out)
        said = assay("run", place.plan, "--out", place.out, "--resume", place.run.name, "--sequential")
    assert said.code == 2
    told = f"{place.run}: the run {place.run.name} was begun without --sequential, or could not have looks"
    assert said.errors == [f"error[other-plan]: {told}. Leave it out: a run keeps its own."]


@pytest.mark.parametrize(
    ("changes", "sources", "told"),
    [
        ({"trials": 2}, False, "all of them are asked, without looks: each case is tried several times"),
        ({}, True, "sums is asked whole: its cases have sources"),
        ({"gate": gate("suite:more.pass_rate >= 0.9")}, False, "sums is asked whole: no condition reads it"),
        (
            {"gate": gate(SURE, "readiness:thinking-closed met")},
            False,
            "sums is asked whole: a condition reads an item of the checklist that further answers may change",
        ),
    ],
)
def test_what_looks_do_not_end_is_said(assay: Assay, place: Workplace, changes: dict, sources: bool, told: str) -> None:
    """A suite whose cases hang together, or that nothing reads, is asked whole; the run says so before it asks."""
    with serving(wrong_from(0)) as server:
        suites = [{"cases": f"{name}.jsonl", "scorers": ["exact"]} for name in ("sums", "more")]
        plan = plan_of(server.base_url, candidate=ONE, suites=suites, **{"gate": gate(SURE), **changes})
        place.write(plan)
        write_cases(place, sums(20, **({"source": "one"} if sources else {})))
        write_cases(place, sums(1), "more")
        said = assay("run", place.plan, "--out", place.out, "--sequential")
    assert told in said.err.splitlines()
    assert [row["suite"] for row in place.rows("trials.jsonl")].count("sums") == 20 * changes.get("trials", 1)


def test_blockers_are_asked_after_a_look(assay: Assay, place: Workplace) -> None:
    """A look that ends a suite leaves the blockers of it, as curtailment does."""

    def script(asked: Asked) -> Reply | None:
        return None if number_of(asked) >= 97 else Reply(200, completion("no"))

    with serving(script) as server:
        place.write(plan_of(server.base_url, candidate=ONE, gate=gate(SURE, "blockers all passed")))
        cases = [{**own, "severity": "blocker"} if n >= 97 else own for n, own in enumerate(sums(100))]
        write_cases(place, cases)
        assay("run", place.plan, "--out", place.out, "--sequential")
    asked = cases_of(place)
    assert {"c97", "c98", "c99"} <= set(asked)
    assert asked[:20] == drawn(place)[:20]
    assert set(asked[20:]) <= {"c97", "c98", "c99"}
    statuses = [own["status"] for own in record_of(place)["verdict"]["candidates"][0]["conditions"]]
    assert statuses == ["not_met", "met"]
