"""Does `assay bench` send the load alone, show the figures and their doubts, and leave a run to go on with?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from assay.schema.bench import BenchCell, ClientError, LoadKey
from assay.schema.record import Record
from assay.workflow import self_test
from tests.fakes import FakeServer, Reply, plan_of, serving

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes import Asked, Said, Workplace

    Assay = Callable[..., Said]

BENCH = {"profiles": ["short"], "concurrency": [1, 2], "requests": 3, "warmup": 1, "self_test": False}


def plan(server: FakeServer, **changes: object) -> dict:
    return plan_of(server.base_url, bench={**BENCH, **changes})


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the self-test ask as little as it can."""
    monkeypatch.setattr(self_test, "_LEAST_REQUESTS", 2)
    monkeypatch.setattr(self_test, "_TOKENS", 3)
    monkeypatch.setattr(self_test, "_TTFT_MS", 5.0)


def test_only_the_load_is_sent(assay: Assay, place: Workplace) -> None:
    """No case is asked, there is no record, and each measurement has its line, its row and its figures on stdout."""
    with serving() as server:
        place.write(plan(server))
        said = assay("bench", place.plan, "--out", place.out)
    assert said.code == 0, said.err
    assert not (place.out / "records").exists()
    assert not (place.run / "trials.jsonl").exists()
    assert [
        (row["concurrency"], row["planned"], row["sent"], row["ended"]) for row in place.rows("measurements.jsonl")
    ] == [
        (1, 3, 3, "whole"),
        (2, 3, 3, "whole"),
    ]
    lines = said.out.splitlines()
    assert lines[0] == "adder: latency in seconds"
    assert lines[1].split() == ["load", "n", "failed", "p50", "p95", "p99", "TTFT", "p50", "tokens/s"]
    assert [line.split()[:3] for line in lines if line.startswith("  short@")] == [
        ["short@1", "3", "0"],
        ["short@2", "3", "0"],
    ]
    assert all(len(line) <= 80 for line in lines if not line.startswith(("run:", "plot:")))
    assert "  ! rests on fewer requests than an upper limit needs: 59 for p95, 299 for p99" in lines
    for line in lines:
        if line.startswith("plot:"):
            ET.parse(line.removeprefix("plot:").strip())


def test_the_run_can_be_gone_on_with(assay: Assay, place: Workplace) -> None:
    """`assay run --resume` asks the cases of a run that was only benchmarked, and sends no load again."""
    with serving() as server:
        place.write(plan(server))
        assay("bench", place.plan, "--out", place.out)
        before = len(server.asked)
        assert assay("run", place.plan, "--out", place.out, "--resume", place.run.name).code == 0
    assert len(server.asked) - before == len(place.rows("trials.jsonl"))
    record = Record.model_validate_json(place.record.with_suffix(".json").read_bytes())
    assert {cell.n for cell in record.bench} == {3}
    for plot in record.plots:
        beside = place.record.parent / f"{record.id}.plots" / plot.file
        assert beside.read_bytes() == (place.run / "plots" / plot.file).read_bytes()
        assert f"({record.id}.plots/{plot.file})" in place.record.read_text("utf-8")


def test_every_kind_of_load(assay: Assay, place: Workplace) -> None:
    """Open loops, warm caches and cases of a suite as prompts are measured apart, and conditions can name them."""
    conditions = ["bench:short@20/s.error_rate < 0.5", "bench:suite:sums@2:warm.requests_per_s > 0.1"]
    bench = {
        "profiles": ["short", "suite:sums"],
        "concurrency": [2],
        "rates": [20],
        "cache": ["cold", "warm"],
        "requests": 4,
        "self_test": False,
        "warmup": 1,
    }
    with serving() as server:
        place.write(plan_of(server.base_url, bench=bench, gate={"conditions": conditions}))
        said = assay("bench", place.plan, "--out", place.out, "--json")
        assert said.code == 0, said.err
    cells = [BenchCell.model_validate(own) for own in json.loads(said.out)]
    assert [cell.label for cell in cells] == [
        f"{profile}@{load}{cache}"
        for profile in ("short", "suite:sums")
        for load in ("2", "20/s")
        for cache in ("", ":warm")
    ]
    assert {cell.n for cell in cells} == {4}
    rows = place.rows("requests.jsonl")
    assert all((row["scheduled_us"] is None) == (row["arrivals"] == "closed") for row in rows)
    numbers: dict[str, list[str]] = {}
    for asked in server.asked:
        first = asked.body["messages"][0]["content"]
        if " is the number of this request." in first:
            number, _, rest = first.partition(" ")
            numbers.setdefault(number, []).append(rest)
    # Of four cold measurements every request has a number of its own; of each warm one, all share one.
    assert sorted(map(len, numbers.values())) == [1] * 20 + [5] * 4
    assert any("What is" in text for texts in numbers.values() for text in texts)


def test_time_that_is_over_is_shared_out(assay: Assay, place: Workplace) -> None:
    """Under --max-seconds every measurement gets its share, and under a limit it is not made again."""
    with serving() as server:
        place.write(plan(server, concurrency=[1], rates=[40], requests=9000, warmup=0))
        said = assay("bench", place.plan, "--out", place.out, "--max-seconds", "2")
        assert "2 s for 2 measurements: 1 s each at first" in said.err.splitlines()
        before = len(server.asked)
        assay("bench", place.plan, "--out", place.out, "--resume", place.run.name, "--max-seconds", "2")
        assert len(server.asked) == before
    ended = place.rows("measurements.jsonl")
    assert [row["ended"] for row in ended] == ["time", "time"]
    assert all(0 < row["sent"] < 9000 for row in ended)
    assert any(f"{ended[1]['sent']}/9000" in line for line in said.out.splitlines())


def test_answers_are_forced_to_a_length_where_the_runtime_can(assay: Assay, place: Workplace) -> None:
    """`output_tokens` sets the limit everywhere, and asks llama.cpp to go on to it."""
    for runtime, forced in (("llama.cpp", True), ("openai", None)):
        with serving() as server:
            place.write(plan_of(server.base_url, candidate={"runtime": runtime}, bench={**BENCH, "output_tokens": 7}))
            assay("bench", place.plan, "--out", place.out / runtime)
            bodies = [own.body for own in server.asked if own.body.get("stream")]
        assert {body.get("max_tokens") or body.get("max_completion_tokens") for body in bodies} == {7}
        assert {body.get("ignore_eos") for body in bodies} == {forced}


@pytest.mark.usefixtures("quick")
def test_the_client_is_measured_with_the_plan(assay: Assay, place: Workplace) -> None:
    """The client's own error at the plan's concurrencies is stored once, shown, and stands in the record."""
    with serving() as server:
        place.write(plan(server, self_test=True))
        said = assay("run", place.plan, "--out", place.out)
        assert said.code == 0, said.err
    stored = [ClientError.model_validate(own) for own in place.json("evidence/client.json")]
    assert [(own.concurrency, own.lost) for own in stored] == [(1, 0), (2, 0)]
    record = Record.model_validate_json(place.record.with_suffix(".json").read_bytes())
    assert record.clients == tuple(stored)
    assert [cell.client for cell in record.bench] == stored
    assert "The client itself, against a server whose times are known" in place.record.read_text("utf-8")


@pytest.mark.usefixtures("quick")
def test_the_client_is_measured_alone(assay: Assay) -> None:
    """Without a plan `--self-test` shows the client's error at the streams that are asked for."""
    said = assay("bench", "--self-test", "--streams", "2", "--streams", "1")
    assert said.code == 0, said.err
    lines = said.out.splitlines()
    assert lines[0] == "the client's own error, against a server with known times, in ms"
    assert [line.split()[:2] for line in lines[2:]] == [["1", "2"], ["2", "4"]]


def test_nothing_to_do_is_said(assay: Assay, place: Workplace) -> None:
    """Neither plan nor --self-test, and a plan without a benchmark, are one line each."""
    said = assay("bench")
    assert said.code == 2
    assert said.err.startswith("error[no-bench]: there is neither a plan nor --self-test. Write assay bench PLAN")
    place.write(plan_of("http://127.0.0.1:9/v1"))
    said = assay("bench", place.plan)
    assert said.code == 2
    assert said.err.startswith(f"error[no-bench]: {place.plan}: the plan asks for no benchmark. Add bench to it")


def test_a_server_that_answers_nothing_ends_with_4(assay: Assay, place: Workplace) -> None:
    """Where not one request was answered the exit code is 4, and every figure is INVALID."""
    with serving(lambda _: Reply(500, {"error": "broken"})) as server:
        place.write(plan(server))
        said = assay("bench", place.plan, "--out", place.out)
    assert said.code == 4
    assert said.out.count("INVALID: none of 3 requests was answered (3 server_error)") == 2


def test_two_measurements_of_one_name_are_refused(assay: Assay, place: Workplace) -> None:
    """A concurrency or a profile that stands twice is an error with its line."""
    place.write(plan_of("http://127.0.0.1:9/v1", bench={**BENCH, "concurrency": [2, 2]}))
    said = assay("bench", place.plan)
    assert said.code == 2
    assert "bench.concurrency names something twice" in said.err


def test_a_load_is_called_as_conditions_write_it() -> None:
    """Profile, load and cache make one name."""
    assert LoadKey(candidate="a", profile="short", concurrency=4).label == "short@4"
    assert LoadKey(candidate="a", profile="suite:x", arrivals="poisson", rate_per_s=0.5, cache="warm").label == (
        "suite:x@0.5/s:warm"
    )


def test_what_time_cut_short_is_made_again_without_a_limit(assay: Assay, place: Workplace) -> None:
    """What was cut short or not begun is made whole when the run goes on without a limit, under the next number."""
    with serving() as server:
        place.write(plan(server, concurrency=[1], rates=[2], requests=6, warmup=0))
        said = assay("bench", place.plan, "--out", place.out, "--max-seconds", "1")
        assert said.code == 0, said.err
        first = place.rows("measurements.jsonl")
        assert any(row["ended"] == "time" for row in first)
        assert all(row["sent"] > 0 for row in first)
        assay("bench", place.plan, "--out", place.out, "--resume", place.run.name)
    rows = place.rows("measurements.jsonl")
    whole = {(row["concurrency"], row["rate_per_s"]) for row in rows if row["ended"] == "whole"}
    assert whole == {(1, None), (None, 2.0)}
    keys = [(row["concurrency"], row["rate_per_s"], row["series"]) for row in rows]
    assert len(set(keys)) == len(keys)


def test_a_server_that_goes_away_ends_the_load(assay: Assay, place: Workplace) -> None:
    """Twenty refused connections in a row, and a server that is gone, end the run with its line and what to do."""

    def leave(asked: Asked) -> None:
        if asked.number == 15:
            server.leave()

    server = FakeServer(leave)
    server.start()
    place.write(plan(server, concurrency=[1], requests=500, warmup=0))
    said = assay("bench", place.plan, "--out", place.out)
    assert said.code == 4
    assert "error[server-unreachable]" in said.err
    assert "the server of adder went away" in said.err
    assert f"go on with --resume {place.run.name}" in said.err
    assert not (place.run / "measurements.jsonl").exists()


def test_a_profile_names_a_suite_of_the_plan(assay: Assay, place: Workplace) -> None:
    """Prompts of a suite that the plan does not have are refused before anything is sent."""
    place.write(plan_of("http://127.0.0.1:9/v1", bench={**BENCH, "profiles": ["short", "suite:sum"]}))
    said = assay("bench", place.plan)
    assert said.code == 2
    assert "prompts of a suite 'sum' that the plan does not have. Write suite:sums" in said.err


def test_streams_belong_to_a_self_test_alone(assay: Assay, place: Workplace) -> None:
    """With a plan --streams would be ignored, so it is refused."""
    place.write(plan_of("http://127.0.0.1:9/v1", bench=BENCH))
    said = assay("bench", place.plan, "--streams", "4")
    assert (said.code, said.err.split(":")[0]) == (2, "error[bad-usage]")
