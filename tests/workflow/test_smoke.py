"""Are fallbacks asked a few cases each, in `run` and in `probe --deep`, and is what came of it kept?"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from assay.runtime.probing import DEEP_PROBES
from assay.workflow.prepare import prepare
from assay.workflow.progress import Silent
from assay.workflow.servers import Address
from assay.workflow.smoke import Smoke
from tests.fakes import Reply, completion, every, plan_of, serving

if TYPE_CHECKING:
    from collections.abc import Callable

    from assay.schema.provenance import ProbeResult
    from tests.fakes import Said, Workplace

    Assay = Callable[..., Said]


@pytest.fixture(autouse=True)
def _one_probe(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave one quick probe beside the smoke set: what each of them does is tested elsewhere."""
    for name in set(DEEP_PROBES) - {"cors"}:
        monkeypatch.delitem(DEEP_PROBES, name)


PLAIN = {"traps": False, "intrusive": True}


def two(url: str, fallback: str, **probes: object) -> dict:
    """Return a plan of a production candidate and its fallback."""
    plan = plan_of(url, candidate={"roles": ["production"]}, probes=PLAIN | probes)
    spare = plan["candidates"][0] | {"id": "spare", "base_url": fallback, "roles": ["fallback"]}
    return plan | {"candidates": [*plan["candidates"], spare]}


def smoke_of(place: Workplace, url: str | None) -> Smoke:
    """Return the smoke set of the plan that lies there; the fallback answers at an address, or was not reached."""
    prepared = prepare(place.plan, {})
    there = {} if url is None else {"spare": Address(url, "fake-model", None, None, None, None)}
    return Smoke(prepared.plan, prepared.suites, there)


def asked(smoke: Smoke) -> ProbeResult:
    async def ask() -> list[ProbeResult]:
        return [result async for result in smoke.results((), Silent())]

    (result,) = asyncio.run(ask())
    return result


def told(result: ProbeResult) -> list[tuple[object, ...]]:
    return [(own.status, own.trouble, own.shape, own.shows["case"], own.shows["outcome"]) for own in result.exchanges]


def test_first_cases_are_asked_and_only_how_they_went_is_kept(place: Workplace) -> None:
    """Each of the first cases is asked once; of an answer its outcome is kept and none of its text."""
    script = {1: None, 2: Reply(body=completion("secretly forty-one")), 3: Reply(500, {"error": "secretly broken"})}
    with serving(lambda asked: script.get(asked.number)) as server:
        place.write(two("http://127.0.0.1:9/v1", server.base_url, smoke={"cases": 4}), sums=9)
        smoke = smoke_of(place, server.base_url)
        result = asked(smoke)
        assert len(server.asked) == 4
    assert (result.candidate, result.probe, result.ended, result.requests) == ("adder", "fallback", "whole", 4)
    assert result.sends == "The first 4 cases of each suite, blockers before all, to each fallback."
    assert told(result) == [
        (200, "", "completion", "c0", "passed"),
        (200, "", "completion", "c1", "failed"),
        (500, "server_error", "error", "c2", "unscored"),
        (200, "", "completion", "c3", "passed"),
    ]
    assert {own.sent for own in result.exchanges} == {f"case c{n} of sums to spare" for n in range(4)}
    assert "secretly" not in result.model_dump_json()
    assert smoke.announced() == "smoke set for spare: at most 4 requests in 20 s"


def test_blockers_come_first_and_what_only_judges_score_is_left_out(place: Workplace) -> None:
    """The suite that is named gives its blockers before its other cases, and none that only a judge can score."""
    with serving() as server:
        place.write(two(server.base_url, server.base_url, smoke={"cases": 2, "suite": "sums"}))
        cases = [
            {"id": "judged", "input": "?", "scorers": [{"judge": {"rubric": "kind"}}]},
            {"id": "plain", "input": "What is 2 + 2?", "expected": "4"},
            {"id": "later", "input": "What is 3 + 3?", "expected": "6"},
            {"id": "first", "input": "What is 4 + 4?", "expected": "8", "severity": "blocker"},
        ]
        (place.folder / "sums.jsonl").write_text("".join(json.dumps(case) + "\n" for case in cases), encoding="utf-8")
        rubric = {"id": "kind", "version": "1", "criteria": [{"id": "kind", "text": "Is it kind?"}]}
        (place.folder / "kind.yaml").write_text(json.dumps(rubric), encoding="utf-8")
        text = place.plan.read_text("utf-8")
        text += 'judges: [{"id": "j", "candidate": "spare", "rubric": "kind.yaml"}]\n'
        place.plan.write_text(text, encoding="utf-8")
        result = asked(smoke_of(place, server.base_url))
    assert [own.shows["case"] for own in result.exchanges] == ["first", "plain"]
    assert result.sends == (
        "The first 2 cases of suite sums, blockers before all, to each fallback; "
        "1 cases that only a judge can score are left out."
    )


def test_a_fallback_that_was_not_reached_is_left_out(place: Workplace) -> None:
    """Nothing is said of a server that nobody asked."""
    place.write(two("http://127.0.0.1:9/v1", "http://127.0.0.1:9/v1"))
    smoke = smoke_of(place, None)
    result = asked(smoke)
    assert (result.ended, result.note, result.requests, smoke.announced()) == ("left_out", "not reached: spare", 0, "")


def test_time_is_bounded(place: Workplace) -> None:
    """A fallback that says nothing takes no longer than the plan allows, and what was sent is counted."""
    with serving(lambda _: Reply(hang=True)) as server:
        place.write(two("http://127.0.0.1:9/v1", server.base_url, max_seconds=0.3))
        result = asked(smoke_of(place, server.base_url))
    assert (result.ended, result.note, result.exchanges, result.requests) == (
        "out_of_time",
        "not all cases were answered within 0.3 s",
        (),
        1,
    )


def test_a_fallback_of_two_is_asked_once(place: Workplace) -> None:
    """Both rest on the same answers, and they are counted once."""
    with serving() as server:
        plan = two(server.base_url, server.base_url)
        twin = plan["candidates"][0] | {"id": "twin"}
        place.write(plan | {"candidates": [*plan["candidates"], twin]})

        async def ask() -> list[ProbeResult]:
            return [result async for result in smoke_of(place, server.base_url).results((), Silent())]

        first, second = asyncio.run(ask())
        assert len(server.asked) == 3
    assert (first.candidate, second.candidate) == ("adder", "twin")
    assert (first.exchanges, first.requests, second.requests) == (second.exchanges, 3, 0)


def test_a_suite_that_the_plan_lacks_is_refused(assay: Assay, place: Workplace) -> None:
    """The smoke set is of a suite of the plan."""
    place.write(two("http://127.0.0.1:9/v1", "http://127.0.0.1:9/v1", smoke={"suite": "sum"}))
    said = assay("run", place.plan, "--out", place.out)
    (error,) = said.errors
    assert said.code == 2
    assert error.endswith(
        "plan.yaml:6: fallbacks shall be asked a suite 'sum' that the plan does not have. "
        "Write sums; the plan's suites are sums."
    )


@pytest.mark.parametrize(("wrong", "status"), [(None, "met"), (every(2, Reply(body=completion("41"))), "not_met")])
def test_run_and_verify_say_whether_the_fallback_answers(
    assay: Assay, place: Workplace, wrong: Callable | None, status: str
) -> None:
    """The record says it by the probe, verifies, and a run that goes on does not ask again."""
    with serving() as server, serving(wrong) as spare:
        place.write(two(server.base_url, spare.base_url))
        said = assay("run", place.plan, "--out", place.out)
        assert assay("verify", place.record).code == 0
        before = len(spare.asked)
        assay("run", place.plan, "--out", place.out, "--resume", place.run.name)
        assert len(spare.asked) == before
    assert "smoke set for spare: at most 3 requests in 15 s" in said.err
    (finding,) = (own for own in place.json("findings.json") if own["item"] == "fallback-answers")
    assert (finding["status"], finding["evidence"]) == (status, ["probes.jsonl"])


def test_probe_asks_the_fallback_too(assay: Assay, place: Workplace) -> None:
    """`probe --deep` says how the fallback did, and counts it in its sum."""
    with serving() as server, serving() as spare:
        place.write(two(server.base_url, spare.base_url))
        said = assay("probe", place.plan, "--deep", "--json")
    probed = json.loads(said.out)
    (result,) = (own for own in probed["probes"] if own["probe"] == "fallback")
    assert (result["candidate"], result["requests"]) == ("adder", 3)
    findings = {own["candidate"]: own for own in probed["findings"] if own["item"] == "fallback-answers"}
    assert (findings["adder"]["status"], findings["adder"]["reason"]) == (
        "met",
        "fallback spare passed 3 of 3 cases, with at least 80% needed",
    )
