"""Does `assay run` lead from a plan to a verdict and a record, and fail closed on the way?"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from assay.schema.record import Record
from tests.fakes import Asked, Reply, completion, every, plan_of, serving

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes import FakeServer, Said, Workplace

    Assay = Callable[..., Said]

BROKEN = Reply(500, {"error": "broken"})
KEY = "sk-local-0123456789"
RUBRIC = "rubrics/helpfulness.yaml"


def verdict_of(place: Workplace) -> str:
    return place.json("verdict.json")["verdict"]


def test_two_hundred_sums_go(assay: Assay, place: Workplace) -> None:
    """All sums right is GO with exit code 0, each case asked once and written once."""
    with serving() as server:
        place.write(plan_of(server.base_url, candidate={"concurrency": 16}), sums=200)
        said = assay("run", place.plan, "--out", place.out)
    assert said.code == 0
    assert said.out.splitlines()[0] == "adder: GO"
    assert "Verdict: GO" in said.out.splitlines()
    assert set(server.counts.values()) == {1}
    everything = {f"c{n}" for n in range(200)}
    for journal in ("trials.jsonl", "scores.jsonl"):
        counts = Counter(row["case"] for row in place.rows(journal))
        assert (set(counts), set(counts.values())) == (everything, {1})
    assert place.json("run.json")["state"] == "completed"


def test_json_prints_the_record_and_nothing_else(assay: Assay, place: Workplace) -> None:
    """With --json stdout is the record as stored, and progress stays on stderr."""
    with serving() as server:
        place.write(plan_of(server.base_url))
        said = assay("run", place.plan, "--out", place.out, "--json")
    record = Record.model_validate_json(said.out)
    assert said.out == place.record.with_suffix(".json").read_text("utf-8")
    assert record.verdict.verdict == "GO"
    assert said.err.splitlines() == [
        f"run {record.run.id} in {place.run}",
        "reaching servers ...",
        "looking at servers ...",
        "asking cases ...",
    ]


def test_a_record_verifies_until_one_character_changes(assay: Assay, place: Workplace) -> None:
    """`assay verify` ends 0 on what was written, and 1 with the file's name once it was changed."""
    with serving() as server:
        place.write(plan_of(server.base_url))
        assay("run", place.plan, "--out", place.out)
    kept = assay("verify", place.record)
    assert (kept.code, kept.out.splitlines()[0]) == (0, f"{place.record}: verified")
    assert assay("render", place.record).out == place.record.read_text("utf-8")
    text = place.record.read_text("utf-8")
    place.record.write_text(text.replace("GO", "GU", 1), encoding="utf-8")
    changed = assay("verify", place.record)
    assert changed.code == 1
    assert changed.out.splitlines()[0].startswith(f"{place.record.name}, line ")
    found = json.loads(assay("verify", place.record, "--json").out)
    assert (found["verified"], found["differences"][0]["file"]) == (False, place.record.name)


def test_wrong_answers_are_no_go(assay: Assay, place: Workplace) -> None:
    """Answers that are wrong end in NO-GO and exit code 1."""
    with serving(lambda asked: Reply(body=completion("41"))) as server:
        place.write(plan_of(server.base_url))
        said = assay("run", place.plan, "--out", place.out)
    assert (said.code, verdict_of(place)) == (1, "NO-GO")


def test_nothing_answered_is_no_verdict_but_hold(assay: Assay, place: Workplace) -> None:
    """When every request fails the exit code is 4, the verdict HOLD, and nothing says GO."""
    with serving(lambda asked: BROKEN) as server:
        place.write(plan_of(server.base_url))
        said = assay("run", place.plan, "--out", place.out)
    assert (said.code, verdict_of(place)) == (4, "HOLD")
    assert said.errors == ["error[no-answers]: not one request was answered. Read the reasons in trials.jsonl."]
    record = Record.model_validate_json(place.record.with_suffix(".json").read_bytes())
    assert [c.verdict for c in record.verdict.candidates] == ["HOLD"]
    assert {row["outcome"] for row in place.rows("scores.jsonl")} == {"unscored"}
    assert " GO" not in said.out
    assert assay("verify", place.record).code == 0


def test_failed_requests_that_decide_leave_the_condition_unknown(assay: Assay, place: Workplace) -> None:
    """Unscored trials count as due: they pull the rate down, and where they decide the condition is unknown."""
    with serving(every(4, BROKEN)) as server:
        place.write(plan_of(server.base_url, candidate={"concurrency": 1}), sums=20)
        said = assay("run", place.plan, "--out", place.out)
    assert (said.code, verdict_of(place)) == (3, "HOLD")
    record = Record.model_validate_json(place.record.with_suffix(".json").read_bytes())
    (metric,) = [m for m in record.metrics if m.tag is None and m.scorer is None]
    assert (metric.passed, metric.unscored, metric.n, metric.rate) == (15, 5, 20, 0.75)
    assert [c.status for c in record.verdict.candidates[0].conditions] == ["unknown"]


def test_failed_requests_that_decide_nothing_do_not_hold(assay: Assay, place: Workplace) -> None:
    """A condition that holds whatever the unscored trials would have been is met."""
    with serving(every(4, BROKEN)) as server:
        gate = {"conditions": ["suite:sums.pass_rate >= 0.7"]}
        place.write(plan_of(server.base_url, candidate={"concurrency": 1}, gate=gate), sums=20)
        assert assay("run", place.plan, "--out", place.out).code == 0


@pytest.mark.parametrize("script", [None, "echo"])
def test_a_key_is_written_nowhere(
    assay: Assay, place: Workplace, monkeypatch: pytest.MonkeyPatch, script: str | None
) -> None:
    """The key stands in no file, on neither stream, even when the server repeats it everywhere."""
    monkeypatch.setenv("ADDER_KEY", KEY)
    echoes = {
        0: Reply(body=completion(f"your key is {KEY}", model=KEY)),
        1: Reply(400, {"error": {"message": f"{'x' * 490}{KEY}", "type": KEY}}),
        2: Reply(500, f"<html>{KEY}</html>"),
    }
    with serving(script and (lambda asked: echoes[asked.number % 3]), key=KEY, models=("fake-model", KEY)) as server:
        bench = {"profiles": ["short"], "concurrency": [1], "requests": 3, "warmup": 0, "self_test": False}
        place.write(plan_of(server.base_url, candidate={"api_key_env": "ADDER_KEY"}, bench=bench))
        said = assay("run", place.plan, "--out", place.out)
    assert server.asked[0].headers["Authorization"] == f"Bearer {KEY}"
    files = [path for path in place.folder.rglob("*") if path.is_file()]
    assert len(files) > 8
    found = [
        path.name for path in files if any(part in path.read_bytes() for part in (KEY.encode(), KEY[:10].encode()))
    ]
    assert found == []
    assert KEY[:10] not in said.out + said.err


def judged_plan(base_url: str, **changes: object) -> dict:
    """Return a plan whose only suite is judged, by the candidate's own server."""
    candidate = plan_of(base_url)["candidates"][0]
    return plan_of(
        base_url,
        candidates=[candidate | {"roles": ["production"]}, candidate | {"id": "judge", "roles": ["judge"]}],
        judges=[{"id": "j", "candidate": "judge", "rubric": RUBRIC}],
        suites=[{"cases": "sums.jsonl", "scorers": [{"judge": {"rubric": "helpfulness"}}]}],
        **changes,
    )


def judging(answer: str) -> Callable[[Asked], Reply | None]:
    """Return a script that gives the judge's requests an answer; only they demand a format."""
    return lambda asked: Reply(body=completion(answer)) if "response_format" in asked.body else None


def judgement(*, good: bool) -> str:
    criteria = dict.fromkeys(("does-the-task", "keeps-what-matters", "nothing-false", "form-and-language"), good)
    return json.dumps({"reasoning": "because", "criteria": criteria})


@pytest.mark.parametrize("answer", ["I would say it is fine.", "", "{}", '{"criteria": "all"}'])
def test_an_unreadable_judge_is_neither_pass_nor_fail(assay: Assay, place: Workplace, answer: str) -> None:
    """A judge that cannot be parsed leaves trials unscored and the condition unknown."""
    with serving(judging(answer)) as server:
        place.write(judged_plan(server.base_url))
        said = assay("run", place.plan, "--out", place.out)
    assert (said.code, verdict_of(place)) == (3, "HOLD")
    assert {(row["outcome"], row["value"]) for row in place.rows("scores.jsonl")} == {("unscored", None)}
    record = Record.model_validate_json(place.record.with_suffix(".json").read_bytes())
    assert [(j.asked, j.parsed) for j in record.judges] == [(3, 0)]
    assert record.verdict.candidates[0].conditions[0].status == "unknown"


def test_a_judge_that_judges_itself_is_not_trusted(assay: Assay, place: Workplace) -> None:
    """A full mark from the candidate itself scores, and carries no condition."""
    with serving(judging(judgement(good=True))) as server:
        place.write(judged_plan(server.base_url))
        said = assay("run", place.plan, "--out", place.out)
    record = Record.model_validate_json(place.record.with_suffix(".json").read_bytes())
    assert {row["outcome"] for row in place.rows("scores.jsonl")} == {"passed"}
    assert record.judges[0].trusted is False
    assert "judges itself: adder is the same model" in record.judges[0].reasons
    assert (said.code, record.verdict.verdict) == (3, "HOLD")


def test_a_schema_is_sent_only_where_both_want_it(assay: Assay, place: Workplace) -> None:
    """response_format goes out for a case with a schema to a candidate that is held to it, and never else."""
    schema = {"type": "object", "required": ["sum"]}
    cases = [
        {"id": "plain", "input": "1 + 1", "expected": "2", "scorers": ["exact"]},
        {"id": "held", "input": "2 + 2", "schema": schema, "scorers": ["json_schema"]},
    ]
    with serving() as server:
        free = plan_of(server.base_url)["candidates"][0] | {"id": "free", "roles": ["dev"]}
        held = free | {"id": "held", "roles": ["production"], "request": {"response_format": "case_schema"}}
        place.write(plan_of(server.base_url, candidates=[free, held]))
        (place.folder / "sums.jsonl").write_text("\n".join(map(json.dumps, cases)), encoding="utf-8")
        assay("run", place.plan, "--out", place.out)
    sent = [asked.body["response_format"] for asked in server.asked if "response_format" in asked.body]
    assert len(server.asked) == 4
    assert sent == [{"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": schema}}]


def bench_plan(server: FakeServer) -> dict:
    bench = {"profiles": ["short", "json"], "concurrency": [1, 2], "requests": 3, "warmup": 1, "self_test": False}
    # Not a figure of the benchmark: on a busy machine the client is late, and such a figure rightly decides nothing.
    gate = {"conditions": ["suite:sums.pass_rate >= 0.9"]}
    return plan_of(server.base_url, bench=bench, gate=gate)


def test_a_benchmark_measures_every_cell(assay: Assay, place: Workplace) -> None:
    """Each profile at each concurrency has its requests on disk, warm-up apart, and its row in bench.csv."""
    with serving() as server:
        place.write(bench_plan(server))
        said = assay("run", place.plan, "--out", place.out)
    assert said.code == 0
    rows = place.rows("requests.jsonl")
    counts = Counter((row["profile"], row["concurrency"], row["phase"]) for row in rows)
    cells = [(profile, concurrency) for profile in ("short", "json") for concurrency in (1, 2)]
    assert counts == {(*cell, phase): n for cell in cells for phase, n in (("warmup", 1), ("measured", 3))}
    assert {(row["fault"], row["output_tokens"], row["series"]) for row in rows} == {(None, 2, 1)}
    assert all(row["sent_us"] <= row["first_us"] <= row["last_us"] <= row["end_us"] for row in rows)
    assert len((place.run / "bench.csv").read_text("utf-8").splitlines()) == 1 + len(cells)
    assert assay("verify", place.record).code == 0


def test_a_broken_measurement_is_taken_anew(assay: Assay, place: Workplace) -> None:
    """A resumed run measures a series that is not whole again under the next number, and whole ones not."""
    with serving() as server:
        place.write(bench_plan(server))
        assay("run", place.plan, "--out", place.out)
        journal = place.run / "requests.jsonl"
        lines = journal.read_text("utf-8").splitlines(keepends=True)
        journal.write_text("".join(lines[:-2]), encoding="utf-8")
        broken = json.loads(lines[-1])
        before = len(server.asked)
        assert assay("run", place.plan, "--out", place.out, "--resume", place.run.name).code == 0
    assert len(server.asked) - before == 4
    anew = [row for row in place.rows("requests.jsonl") if row["series"] == 2]
    assert {(row["profile"], row["concurrency"]) for row in anew} == {(broken["profile"], broken["concurrency"])}
    record = Record.model_validate_json((place.out / "records" / "0002-adding.json").read_bytes())
    assert {cell.n for cell in record.bench} == {3}


def test_the_environment_can_name_the_candidate(
    assay: Assay, place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plan without candidates takes the one of LOCAL_LLM_*, key and settings included."""
    with serving(key=KEY) as server:
        monkeypatch.setenv("LOCAL_LLM_BASE_URL", f"{server.base_url}/")
        monkeypatch.setenv("LOCAL_LLM_MODEL", "fake-model")
        monkeypatch.setenv("LOCAL_LLM_API_KEY", KEY)
        monkeypatch.setenv("LOCAL_LLM_MAX_TOKENS", "12")
        place.write(plan_of(server.base_url, candidates=None))
        said = assay("run", place.plan, "--out", place.out)
    assert said.code == 0
    assert (server.asked[0].body["model"], server.asked[0].body["max_tokens"]) == ("fake-model", 12)


def test_the_only_model_of_a_server_needs_no_name(assay: Assay, place: Workplace) -> None:
    """Without a name the one listed model is asked; of several none is guessed."""
    with serving() as server:
        place.write(plan_of(server.base_url, candidate={"model": None}))
        assert assay("run", place.plan, "--out", place.out).code == 0
        assert server.asked[0].body["model"] == "fake-model"
    with serving(models=("a", "b")) as server:
        place.write(plan_of(server.base_url, candidate={"model": None}))
        said = assay("run", place.plan, "--out", "other")
        assert server.asked == []
    assert (said.code, len(said.errors)) == (2, 1)
    assert said.errors[0].endswith("adder names no model and the server lists 2 models. Set model to one of: a, b.")


def test_each_trial_of_a_case_is_asked(assay: Assay, place: Workplace) -> None:
    """With two trials every case is asked twice and every trial scored once."""
    with serving() as server:
        place.write(plan_of(server.base_url, trials=2))
        assert assay("run", place.plan, "--out", place.out).code == 0
    assert set(server.counts.values()) == {2}
    assert Counter((row["case"], row["trial"]) for row in place.rows("scores.jsonl")) == Counter(
        (f"c{case}", trial) for case in range(3) for trial in (1, 2)
    )


def test_a_record_speaks_the_language_of_its_plan(assay: Assay, place: Workplace) -> None:
    """With `language: vi` the page is Vietnamese, the truth beside it is the same JSON, and both verify."""
    with serving() as server:
        place.write(plan_of(server.base_url, record={"title": "Cộng số", "language": "vi"}))
        assay("run", place.plan, "--out", place.out)
    page = place.record.read_text("utf-8")
    assert "\n# Cộng số\n\n**Kết luận: GO** · quyết định: **đang đề xuất** · " in page
    assert Record.model_validate_json(place.record.with_suffix(".json").read_bytes()).people.language == "vi"
    assert assay("verify", place.record).code == 0
