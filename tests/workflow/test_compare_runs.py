"""Are two candidates compared by their cases, never by position, and never with more than they show?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from assay.errors import InputError
from assay.workflow.compare_runs import compare_runs
from assay.workflow.compared import PairedRuns
from tests.fakes import Asked, Reply, completion, plan_of, serving

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes import Said, Workplace

    Assay = Callable[..., Said]


def wrong_at(*numbers: int) -> Callable[[Asked], Reply | None]:
    """Return a script that answers some sums wrongly."""
    texts = {f"What is {n} + {n}?" for n in numbers}
    return lambda asked: Reply(body=completion("41")) if asked.text in texts else None


def ran(assay: Assay, place: Workplace, *wrong: int, cases: list[dict] | None = None, **changes: object) -> None:
    """Run six sums of which some are answered wrongly; the record is the next one."""
    with serving(wrong_at(*wrong)) as server:
        place.write(plan_of(server.base_url, **changes), sums=6)
        if cases is not None:
            (place.folder / "sums.jsonl").write_text("\n".join(map(json.dumps, cases)), encoding="utf-8")
        assay("run", place.plan, "--out", place.out)


def sums(*numbers: int, **changes: object) -> list[dict]:
    return [{"id": f"c{n}", "input": f"What is {n} + {n}?", "expected": str(2 * n), **changes} for n in numbers]


def test_two_records_pair_by_case(assay: Assay, place: Workplace) -> None:
    """The order differs, one case is new, one has another expectation: the rest is counted where it belongs."""
    ran(assay, place, 0, 1, cases=sums(0, 1, 2, 3, 4))
    ran(assay, place, 1, 2, cases=[*sums(5, 3, 2, 1, 0), {**sums(4)[0], "expected": "eight"}])
    records = place.out / "records"

    paired = compare_runs(records / "0001-adding", records / "0002-adding.md")

    (suite,) = paired.suites
    whole = suite.rows[0]
    assert (whole.n, whole.both, whole.b_only, whole.a_only, whole.neither) == (4, 1, 1, 1, 1)
    assert (suite.only_a, suite.only_b) == (("c4",), ("c5", "c4"))
    assert [(flip.case, flip.better) for flip in suite.flips] == [("c2", "a"), ("c0", "b")]
    assert (whole.a, whole.b, whole.difference, whole.p, whole.shown) == (0.5, 0.5, 0.0, 0.75, False)


def test_records_of_one_name_are_told_apart_by_their_runs(assay: Assay, place: Workplace) -> None:
    """Each folder of records begins at 0001: two of that name are compared, a run and its own record are not."""
    ran(assay, place, 0, 1)
    first = place.out.rename(place.folder / "before")
    ran(assay, place, 1, 2)

    paired = compare_runs(first / "records" / "0001-adding", place.out / "records" / "0001-adding")
    assert (paired.suites[0].rows[0].a_only, paired.suites[0].rows[0].b_only) == (1, 1)
    with pytest.raises(InputError, match=r"adder cannot be compared with itself"):
        compare_runs(place.run, place.out / "records" / "0001-adding")


def test_two_candidates_of_one_run(assay: Assay, place: Workplace) -> None:
    """By their ids after the run; the second beside the first."""
    with serving(wrong_at(0, 1)) as worse, serving() as better:
        one = plan_of(worse.base_url)["candidates"][0]
        two = {**one, "id": "better", "base_url": better.base_url, "roles": ["production"]}
        place.write(plan_of(worse.base_url, candidates=[{**one, "roles": ["dev"]}, two]), sums=6)
        assay("run", place.plan, "--out", place.out)

    said = assay("compare", place.run, "adder", "better")

    assert said.code == 0
    assert said.out.splitlines()[:2] == [f"a: adder of {place.run.name}", f"b: better of {place.run.name}"]
    assert said.out.splitlines()[4].split()[:7] == ["sums", "6", "4", "2", "0", "0", "+33.3"]
    paired = PairedRuns.model_validate_json(assay("compare", place.run, "adder", "better", "--json").out)
    assert [flip.case for flip in paired.suites[0].flips] == ["c0", "c1"]
    both = assay("compare", place.run, place.record, "--candidate", "adder", "--candidate", "better")
    assert both.out.splitlines()[4] == said.out.splitlines()[4]


def test_p_values_count_that_there_are_several(assay: Assay, place: Workplace) -> None:
    """Three tags are three chances to be wrong: Holm raises each p-value, and no tag is adjusted for a suite."""
    tagged = [{**case, "tags": [f"t{n % 3}"]} for n, case in enumerate(sums(0, 1, 2, 3, 4, 5))]
    ran(assay, place, 0, 3, cases=tagged)
    ran(assay, place, cases=tagged)

    paired = compare_runs(place.out / "records" / "0001-adding", place.out / "records" / "0002-adding")

    whole, *tags = paired.suites[0].rows
    assert (whole.p, whole.p_adjusted) == (0.25, 0.25)
    assert [(row.tag, row.p, row.p_adjusted) for row in tags] == [("t0", 0.25, 0.75), ("t1", 1, 1), ("t2", 1, 1)]


def test_what_was_judged_otherwise_is_not_compared(assay: Assay, place: Workplace) -> None:
    """The same cases under another scorer: no pair, and exit code 4."""
    ran(assay, place)
    ran(assay, place, suites=[{"cases": "sums.jsonl", "scorers": ["contains"]}])

    said = assay("compare", place.out / "records" / "0001-adding", place.out / "records" / "0002-adding")

    assert said.code == 4
    assert "  sums: not compared; it was asked or judged otherwise: not with the same\n    scorers\n" in said.out
    assert said.err == (
        "error[nothing-selected]: nothing was compared: sums asked or judged otherwise.\n"
        "  Compare runs of the same suites, asked and judged alike.\n"
    )


@pytest.mark.parametrize(
    ("suite", "cases", "told"),
    [
        ({}, sums(7, 8), "no case of sums that both were asked"),
        ({"id": "others"}, None, "the two have no suite in common"),
    ],
)
def test_what_keeps_two_from_being_compared_is_told(
    assay: Assay, place: Workplace, suite: dict, cases: list[dict] | None, told: str
) -> None:
    """No case or no suite in common: the last message says which, and the exit code is 4."""
    ran(assay, place)
    changes = {"suites": [{"cases": "sums.jsonl", "scorers": ["exact"], **suite}]}
    changes["gate"] = {"conditions": [f"suite:{suite.get('id', 'sums')}.pass_rate >= 0.2"]}
    ran(assay, place, cases=cases, **changes)

    said = assay("compare", place.out / "records" / "0001-adding", place.out / "records" / "0002-adding")

    assert said.code == 4
    last = " ".join(said.err.split())
    assert last == (
        f"error[nothing-selected]: nothing was compared: {told}. "
        "Compare runs of the same suites, asked and judged alike."
    )


def test_a_request_that_failed_did_not_pass(assay: Assay, place: Workplace) -> None:
    """It is counted, and said."""
    ran(assay, place)
    with serving(lambda asked: Reply(500, {}) if "4 + 4" in asked.text else None) as server:
        place.write(plan_of(server.base_url), sums=6)
        assay("run", place.plan, "--out", place.out)

    said = assay("compare", place.out / "records" / "0001-adding", place.out / "records" / "0002-adding")

    assert "  trials without a score: 0 of a, 1 of b; they count as not passed" in said.out.splitlines()
    assert "  c4: a passed, b did not" in said.out.splitlines()


def test_cases_that_were_not_asked_are_left_out(assay: Assay, place: Workplace) -> None:
    """Half a run says nothing of the other half."""
    ran(assay, place)
    with serving() as server:
        place.write(plan_of(server.base_url), sums=6)
        assay("run", place.plan, "--out", "part", "--limit", "2")
    (part,) = (place.folder / "part" / "runs").iterdir()

    paired = compare_runs(place.record, part)

    (suite,) = paired.suites
    assert (suite.rows[0].n, suite.not_asked, suite.not_asked_a, suite.not_asked_b) == (2, 4, 0, 4)


def test_several_trials_are_compared_by_case(assay: Assay, place: Workplace) -> None:
    """Six cases with three trials are six values."""
    ran(assay, place, 0, 1, trials=3)
    ran(assay, place, trials=3)

    paired = compare_runs(place.out / "records" / "0001-adding", place.out / "records" / "0002-adding")

    row = paired.suites[0].rows[0]
    assert (row.n, row.counted, row.both, row.b_only) == (6, False, 4, 2)


def test_latencies_stand_side_by_side(assay: Assay, place: Workplace) -> None:
    """For the loads that both have; that they are of different runs is said."""
    bench = {"profiles": ["short"], "requests": 3, "warmup": 1, "self_test": False}
    ran(assay, place, bench={**bench, "concurrency": [1, 2]})
    ran(assay, place, bench={**bench, "concurrency": [2, 4]})

    said = assay("compare", place.out / "records" / "0001-adding", place.out / "records" / "0002-adding")
    paired = compare_runs(place.out / "records" / "0001-adding", place.out / "records" / "0002-adding")

    assert [(load.load, load.n) for load in paired.loads] == [("short@2", (3, 3))]
    assert [figure.name for figure in paired.loads[0].figures] == ["ttft_p50_s", "ttft_p95_s", "e2e_p50_s", "e2e_p95_s"]
    assert "Latencies are of different runs; they are shown and not tested." in said.out


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("adder", "nobody"), "there is no candidate 'nobody'. There are: adder."),
        (("adder", "adder"), "adder cannot be compared with itself."),
        (("a", "b", "c"), "two are compared, no more."),
        (("a", "b", "--candidate", "a"), "the candidates are named twice."),
        (("b", "--judge", "j1"), "a judge compares two candidates of one run, without --markdown."),
        (("a", "b", "--json", "--markdown"), "it is shown as Markdown or as JSON, not as both."),
        (("nothing",), "there is neither a run nor a record here."),
    ],
)
def test_what_cannot_be_compared(assay: Assay, place: Workplace, arguments: tuple[str, ...], why: str) -> None:
    """Each mistake is one line, and exit code 2."""
    ran(assay, place)

    said = assay("compare", place.run, *arguments)

    assert (said.code, len(said.errors)) == (2, 1)
    assert why in said.errors[0]


def test_of_several_candidates_each_must_be_named(assay: Assay, place: Workplace) -> None:
    """None is guessed."""
    with serving() as server:
        one = {**plan_of(server.base_url)["candidates"][0], "roles": ["production"]}
        place.write(plan_of(server.base_url, candidates=[one, {**one, "id": "other"}]))
        assay("run", place.plan, "--out", place.out)

    said = assay("compare", place.run, place.record)

    assert said.code == 2
    assert "several candidates are decided on: adder, other. Name one for each side: " in said.errors[0]
