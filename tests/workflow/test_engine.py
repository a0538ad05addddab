"""Does the engine ask each case once, in step, in parts, and stop and go on without losing anything?"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from assay.record.run_folder import RunFolder
from tests.fakes import Asked, Reply, every, plan_of, serving

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.fakes import Said, Workplace

    Assay = Callable[..., Said]


def two_candidates(base_url: str, **changes: object) -> dict:
    """Return a plan with two candidates at one server."""
    plan = plan_of(base_url, **changes)
    one = {**plan["candidates"][0], "roles": ["production"]}
    return {**plan, "candidates": [one, {**one, "id": "other", "roles": ["baseline"]}]}


def runs_of(place: Workplace) -> list[Path]:
    return sorted((place.out / "runs").iterdir(), key=lambda run: run.stat().st_mtime_ns)


def rows_of(run: Path, name: str = "trials.jsonl") -> list[dict]:
    return [json.loads(line) for line in (run / name).read_text("utf-8").splitlines()]


def test_candidates_are_asked_in_step(assay: Assay, place: Workplace) -> None:
    """A quick candidate waits for a slow one, so that both meet the machine as it is just then."""

    def slow(asked: Asked) -> Reply | None:
        if asked.body["model"] == "slow":
            time.sleep(0.002)
        return None

    with serving(models=("fake-model",)) as quick, serving(slow, models=("slow",)) as other:
        plan = two_candidates(quick.base_url)
        plan["candidates"][1] |= {"base_url": other.base_url, "model": "slow"}
        place.write(plan, sums=400)
        assert assay("eval", place.plan, "--out", place.out).code == 0
    order = [row["candidate"] for row in place.rows("trials.jsonl")]
    ahead = [order[:end].count("adder") - order[:end].count("other") for end in range(1, len(order))]
    assert max(map(abs, ahead)) <= 64 + 4 + 4
    assert Counter(order) == {"adder": 400, "other": 400}


def test_trials_of_a_case_are_not_asked_in_a_row(assay: Assay, place: Workplace) -> None:
    """All cases are asked once before any is asked again."""
    with serving() as server:
        place.write(plan_of(server.base_url, trials=3, candidate={"concurrency": 1}), sums=5)
        assert assay("eval", place.plan, "--out", place.out).code == 0
    keys = [(row["trial"], row["case"]) for row in place.rows("trials.jsonl")]
    assert keys == [(trial, f"c{n}") for trial in (1, 2, 3) for n in range(5)]


def test_concurrency_is_the_servers_own_number_of_slots(assay: Assay, place: Workplace) -> None:
    """Without `concurrency` in the plan no more requests are in flight than four, where the server shows no slots."""
    with serving(delay_s=0.05) as server:
        place.write(plan_of(server.base_url), sums=12)
        started = time.monotonic()
        assert assay("eval", place.plan, "--out", place.out).code == 0
    assert time.monotonic() - started >= 3 * 0.05


@pytest.mark.parametrize("status", [403, 404])
def test_a_refused_prompt_costs_its_own_case_only(assay: Assay, place: Workplace, status: int) -> None:
    """Where other cases were answered, one that is refused is a failed trial and not the end of the run."""
    odd = Reply(status, {"error": "not this one"})
    with serving(lambda asked: odd if "7 + 7" in asked.text else None) as server:
        place.write(plan_of(server.base_url, candidate={"concurrency": 1}), sums=12)
        said = assay("eval", place.plan, "--out", place.out)
    assert said.code == 0
    failed = [row["case"] for row in place.rows("trials.jsonl") if row["status"] == "failed"]
    assert failed == ["c7"]


def test_every_attempt_is_recorded(assay: Assay, place: Workplace) -> None:
    """What failed before an answer stands beside it, with its status and the wait after it."""
    script = every(2, Reply(503, {"error": "busy"}, {"Retry-After": "0"}))
    with serving(script) as server:
        candidate = {"concurrency": 1, "request": {"timeout_s": 5, "max_retries": 2}}
        place.write(plan_of(server.base_url, candidate=candidate), sums=4)
        assay("eval", place.plan, "--out", place.out)
        assert sum(row["attempts"] for row in place.rows("trials.jsonl")) == len(server.asked)
    again = [row for row in place.rows("trials.jsonl") if row["attempts"] == 2]
    assert again
    told = {(a["kind"], a["http_status"], a["wait_s"]) for row in again for a in row["earlier"]}
    assert told == {("loading", 503, 0.0)}


def test_backing_off_is_told(assay: Assay, place: Workplace) -> None:
    """A server that answers 429 to half of the requests is asked fewer at once, and the user is told."""
    script = every(2, Reply(429, {"error": "slow down"}, {"Retry-After": "0"}))
    with serving(script) as server:
        candidate = {"concurrency": 8, "request": {"timeout_s": 5, "max_retries": 2}}
        place.write(plan_of(server.base_url, candidate=candidate), sums=40)
        said = assay("eval", place.plan, "--out", place.out)
    assert re.search(r"adder: the server pushed back or slowed down; at times [1-7] of 8 at once", said.err)


def test_a_server_that_goes_away_ends_the_run_and_keeps_what_was_answered(assay: Assay, place: Workplace) -> None:
    """Twenty requests in a row without a server are enough; the run can go on when it is back."""
    with serving() as server:

        def dying(asked: Asked) -> Reply | None:
            if asked.number > 5:
                return Reply(200, "{", cut=True)
            return None

        server.script = dying
        place.write(plan_of(server.base_url, candidate={"concurrency": 2}), sums=100)
        said = assay("eval", place.plan, "--out", place.out)
        assert said.code == 4
        assert said.errors[0].startswith("error[server-unreachable]: ")
        assert "went away" in said.errors[0]
        asked_before = len(server.asked)
        assert asked_before < 40
        server.script = lambda asked: None
        again = assay("eval", place.plan, "--out", place.out, "--resume", place.run.name, "--retry-failed")
    assert again.code == 0
    rows = place.rows("trials.jsonl")
    assert Counter(row["status"] for row in rows) == {"completed": 100}
    assert len(rows_of(place.run, "superseded.jsonl")) + 5 <= asked_before


# --- parts of a plan --------------------------------------------------------------------------------------


def tagged(place: Workplace, count: int = 12) -> None:
    cases = [
        {
            "id": f"c{n}",
            "input": f"What is {n} + {n}?",
            "expected": str(2 * n),
            "tags": ["even" if n % 2 == 0 else "odd"],
        }
        for n in range(count)
    ]
    (place.folder / "sums.jsonl").write_text("".join(json.dumps(case) + "\n" for case in cases), encoding="utf-8")


def test_only_what_was_chosen_is_asked(assay: Assay, place: Workplace) -> None:
    """--tag, --limit and --candidate leave the rest out, and what is left out is unscored, never passed."""
    with serving() as server:
        place.write(two_candidates(server.base_url))
        tagged(place)
        chosen = ("--tag", "odd", "--limit", "3", "--candidate", "adder")
        said = assay("run", place.plan, "--out", place.out, *chosen)
    assert said.code == 3
    assert "only a part of the cases is asked: --candidate adder --tag odd --limit 3" in said.err
    assert sorted((row["candidate"], row["case"]) for row in place.rows("trials.jsonl")) == [
        ("adder", "c1"),
        ("adder", "c3"),
        ("adder", "c5"),
    ]
    record = json.loads(place.record.with_suffix(".json").read_text("utf-8"))
    assert [(own["asked"], own["trials"]) for own in record["candidates"]] == [(3, 12), (0, 12)]
    assert record["verdict"]["verdict"] == "HOLD"
    assert assay("verify", place.record).code == 0
    page = place.record.read_text("utf-8")
    assert "**Only a part of the cases was asked**: candidates `adder`; `--tag` `odd`; `--limit` 3;" in page


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--tag", "evne"], "error[nothing-selected]: no tag is called 'evne'. Did you mean even?"),
        (["--candidate", "x"], "error[nothing-selected]: no candidate is called 'x'. There are: adder."),
        (["--shard", "3/2"], "error[no-such-shard]: there is no shard 3 of 2. Write --shard I/N with I from 1 to N."),
        (
            ["--shard", "0/2"],
            "error[no-such-shard]: --shard '0/2' cannot be read. Write --shard I/N, for example --shard 2/4.",
        ),
        (
            ["--limit", "1", "--shard", "2/2"],
            "error[nothing-selected]: no case is left by --limit 1 --shard 2/2. Ask for less to be left out.",
        ),
        (
            ["--retry-failed"],
            (
                "error[no-run]: --retry-failed asks failed trials of an earlier run again, and no run is named."
                " Add --resume RUN."
            ),
        ),
    ],
)
def test_a_filter_that_leaves_nothing_is_an_error(
    assay: Assay, place: Workplace, options: list[str], line: str
) -> None:
    """What matches nothing ends with one line before anything is asked."""
    with serving() as server:
        place.write(plan_of(server.base_url))
        tagged(place)
        said = assay("run", place.plan, "--out", place.out, *options)
        assert server.asked == []
    assert (said.code, said.errors) == (2, [line])
    assert not (place.out / "runs").exists()


def test_shards_together_are_the_run(assay: Assay, place: Workplace) -> None:
    """Three shards ask each case once, and merged they come to the same scores and verdict as one run."""
    with serving(lambda asked: Reply(200, "no") if "5 + 5" in asked.text else None) as server:
        plan = plan_of(server.base_url, trials=2, bench={"profiles": ["short"], "concurrency": [1], "requests": 2})
        place.write(plan, sums=10)
        whole = assay("run", place.plan, "--out", place.folder / "whole")
        shards = [assay("run", place.plan, "--out", place.out, "--shard", f"{n}/3") for n in (1, 2, 3)]
        assert [said.code for said in shards] == [0, 0, 0]
        folders = [said.out.strip() for said in shards]
        merged = assay("merge", *folders[::-1], "--out", place.folder / "merged")
    assert merged.code == whole.code
    (one,) = (place.folder / "whole" / "records").glob("*.json")
    (other,) = (place.folder / "merged" / "records").glob("*.json")
    first, second = (json.loads(path.read_text("utf-8")) for path in (one, other))
    for key in ("metrics", "verdict", "suites", "blockers"):
        assert first[key] == second[key]
    for key in ("completed", "faults", "trials", "asked", "attempts"):
        assert [own[key] for own in first["candidates"]] == [own[key] for own in second["candidates"]]
    assert len(second["run"]["merged"]) == 3
    assert [len(rows_of(place.folder / folder, "requests.jsonl")) for folder in folders[:1]]
    assert not (place.folder / folders[1] / "requests.jsonl").exists()
    assert assay("verify", other).code == 0


def test_what_does_not_belong_together_is_not_merged(assay: Assay, place: Workplace) -> None:
    """A shard that is missing, given twice, or of another plan is named."""
    with serving() as server:
        place.write(plan_of(server.base_url), sums=6)
        one = assay("run", place.plan, "--out", place.out, "--shard", "1/2").out.strip()
        missing = assay("merge", one, "--out", place.out)
        twice = assay("merge", one, one, "--out", place.out)
        place.write(plan_of(server.base_url, trials=2), sums=6)
        two = assay("run", place.plan, "--out", place.out, "--shard", "2/2").out.strip()
        foreign = assay("merge", one, two, "--out", place.out)
    assert missing.errors == ["error[no-merge]: of 2 shards these are given: 1. Give each shard once."]
    assert twice.errors == ["error[no-merge]: of 2 shards these are given: 1, 1. Give each shard once."]
    assert foreign.errors == [
        f"error[no-merge]: {two}: it was begun with another plan or other cases than {one}. Merge shards of one plan."
    ]
    assert not (place.out / "records").exists()


# --- answers of an earlier run ----------------------------------------------------------------------------


def test_answers_are_taken_over_where_nothing_changed(assay: Assay, place: Workplace) -> None:
    """Only a case that changed is asked; the others are shown as reused, and the record verifies."""
    with serving() as server:
        place.write(plan_of(server.base_url), sums=6)
        assay("run", place.plan, "--out", place.out)
        first = place.run
        cases = (place.folder / "sums.jsonl").read_text("utf-8").replace("What is 4 + 4?", "What is 4 + 40?")
        (place.folder / "sums.jsonl").write_text(cases, encoding="utf-8")
        before = len(server.asked)
        assay("run", place.plan, "--out", place.out, "--reuse", first)
        assert [asked.text for asked in server.asked[before:]] == ["What is 4 + 40?"]
    second = runs_of(place)[-1]
    reused = {row["case"]: row["reused_from"] for row in rows_of(second)}
    assert reused == {**dict.fromkeys(["c0", "c1", "c2", "c3", "c5"], first.name), "c4": None}
    record = max((place.out / "records").glob("*.json"))
    own = json.loads(record.read_text("utf-8"))["candidates"][0]
    assert (own["reused"], own["attempts"]) == ({first.name: 5}, 1)
    assert f"reused from `{first.name}`: 5." in record.with_suffix(".md").read_text("utf-8")
    assert assay("verify", record).code == 0


@pytest.mark.parametrize("change", [{"request": {"timeout_s": 5, "max_retries": 0, "seed": 8}}, {"model": "second"}])
def test_another_request_or_candidate_is_asked_anew(assay: Assay, place: Workplace, change: dict) -> None:
    """A changed setting or model makes every earlier answer useless."""
    with serving(models=("fake-model", "second")) as server:
        place.write(plan_of(server.base_url), sums=3)
        assay("eval", place.plan, "--out", place.out)
        before = len(server.asked)
        first = place.run
        place.write(plan_of(server.base_url, candidate=change), sums=3)
        assay("eval", place.plan, "--out", place.out, "--reuse", first)
        assert len(server.asked) - before == 3


# --- stopping and going on --------------------------------------------------------------------------------


def test_ctrl_c_finishes_what_is_in_flight(place: Workplace) -> None:
    """The first Ctrl-C begins nothing new, keeps every answer that was on its way, and ends with 130."""
    with serving(delay_s=0.2) as server:
        place.write(plan_of(server.base_url, candidate={"concurrency": 4}), sums=400)
        command = [sys.executable, "-m", "assay", "eval", str(place.plan), "--out", str(place.out)]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=place.folder) as process:
            while len(server.asked) < 9 and process.poll() is None:
                time.sleep(0.01)
            process.send_signal(signal.SIGINT)
            err = process.stderr.read()
            code = process.wait(30)
        asked = len(server.asked)
    assert code == 130
    assert "what is in flight is finished and kept" in err
    assert "go on with --resume" in err
    rows = place.rows("trials.jsonl")
    assert len(rows) == asked < 400
    assert {row["status"] for row in rows} == {"completed"}
    assert place.json("run.json")["state"] == "interrupted"


def test_a_run_that_is_in_use_is_left_alone(assay: Assay, place: Workplace) -> None:
    """A second process that would go on with the same run ends with one line."""
    with serving() as server:
        place.write(plan_of(server.base_url))
        assay("run", place.plan, "--out", place.out)
        folder = RunFolder.existing(place.run)
        with folder:
            folder.lock()
            said = assay("run", place.plan, "--out", place.out, "--resume", place.run.name)
    assert said.code == 2
    assert said.errors == [
        f"error[run-in-use]: {place.run}: another process is at work on this run. Wait for it, or stop it."
    ]


@pytest.mark.slow
def test_a_run_that_is_killed_again_and_again_loses_nothing(place: Workplace) -> None:
    """Killed at ten moments and resumed each time, a run ends with every case once, and none was asked in vain."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with serving(delay_s=0.005) as server:
        place.write(plan_of(server.base_url, candidate={"concurrency": 16}), sums=600)
        command = [sys.executable, "-m", "assay", "eval", str(place.plan), "--out", str(place.out)]
        for kill in range(11):
            more = ["--resume", place.run.name] if kill and (place.out / "runs").exists() else []
            on_disk = len(server.counts)
            with subprocess.Popen(
                [*command, *more], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
            ) as process:
                limit = on_disk + 20 + 7 * kill
                while kill < 10 and process.poll() is None:
                    if len(server.counts) >= min(limit, 600):
                        process.kill()
                    time.sleep(0.002)
                process.wait(60)
            if kill < 10 and (place.out / "runs").exists() and (place.run / "trials.jsonl").exists():
                torn = place.run / "trials.jsonl"
                torn.write_bytes(torn.read_bytes() + b'{"candidate": "adder", "suite": "su')
    rows = place.rows("trials.jsonl")
    assert Counter(row["case"] for row in rows) == dict.fromkeys((f"c{n}" for n in range(600)), 1)
    # What was in flight at a kill is asked again, and nothing else.
    assert sum(server.counts.values()) - 600 <= 10 * 16


def test_scores_are_made_again_without_a_model(assay: Assay, place: Workplace) -> None:
    """`score` scores what is on disk; a plan brings today's expectations and leaves out what it asks no more."""
    with serving() as server:
        place.write(plan_of(server.base_url), sums=4)
        first = assay("eval", place.plan, "--out", place.out)
    scores = place.rows("scores.jsonl")
    (place.run / "scores.jsonl").unlink()
    again = assay("score", place.run)
    assert (again.code, again.out) == (0, first.out)
    assert place.rows("scores.jsonl") == scores
    text = (place.folder / "sums.jsonl").read_text("utf-8")
    changed = text.replace('"expected": "6"', '"expected": "7"').replace("What is 2 + 2?", "What is 20 + 2?")
    (place.folder / "sums.jsonl").write_text(changed, encoding="utf-8")
    (place.out / "records").mkdir(exist_ok=True)
    said = assay("score", place.run, "--plan", place.plan)
    assert said.code == 0
    assert "1 answers are left out: the plan does not ask their question any more" in said.out
    assert {row["case"]: row["outcome"] for row in place.rows("rescored.jsonl")} == {
        "c0": "passed",
        "c1": "passed",
        "c3": "failed",
    }
    assert place.rows("scores.jsonl") == scores


def test_a_run_that_lies_elsewhere_can_be_scored(assay: Assay, place: Workplace) -> None:
    """A copied run folder holds all that scoring needs."""
    with serving() as server:
        place.write(plan_of(server.base_url))
        assay("eval", place.plan, "--out", place.out)
    shutil.copytree(place.run, place.folder / "copy")
    place.plan.unlink()
    assert assay("score", "copy").code == 0
    assert assay("score", "nowhere").errors == [
        "error[no-run]: nowhere: there is no run here. Name a folder under runs/."
    ]
