"""Does the engine ask each case once, in step, in parts, and stop and go on without losing anything?"""

from __future__ import annotations

import errno
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

from assay.errors import InputError
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
    assert max(map(abs, ahead)) <= 2 * 4 + 4 + 4
    assert Counter(order) == {"adder": 400, "other": 400}


def test_no_candidate_is_done_before_another_begins(assay: Assay, place: Workplace) -> None:
    """Where there are few cases, too, two candidates that are asked one by one take turns."""
    with serving() as server:
        plan = two_candidates(server.base_url, candidate={"concurrency": 1})
        place.write(plan, sums=30)
        assert assay("eval", place.plan, "--out", place.out).code == 0
    order = [row["candidate"] for row in place.rows("trials.jsonl")]
    ahead = [order[:end].count("adder") - order[:end].count("other") for end in range(1, len(order))]
    assert max(map(abs, ahead)) <= 2 + 1 + 1


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


def test_a_case_that_is_to_wait_for_an_hour_holds_up_no_other(assay: Assay, place: Workplace) -> None:
    """It fails with the reason, is asked once, and the others are asked meanwhile as if nothing was."""
    later = Reply(429, {"error": "slow down"}, {"Retry-After": "3600"})
    with serving(lambda asked: later if "1 + 1" in asked.text else None) as server:
        candidate = {"concurrency": 2, "request": {"timeout_s": 5, "max_retries": 2}}
        place.write(plan_of(server.base_url, candidate=candidate), sums=10)
        assert assay("eval", place.plan, "--out", place.out).code == 0
        assert len(server.asked) == 10
    (failed,) = [row for row in place.rows("trials.jsonl") if row["status"] == "failed"]
    assert (failed["case"], failed["attempts"]) == ("c1", 1)
    assert failed["error"]["message"] == "slow down; asked to wait 3600 s, more than 120 s: not asked again"


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
        assert "go on with --resume and --retry-failed" in said.errors[0]
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
            ["--shard", "1/13"],
            (
                "error[no-such-shard]: 12 cases cannot be dealt out to 13 shards."
                " Write --shard I/N with N of at most 12."
            ),
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
        plan = plan_of(
            server.base_url,
            trials=2,
            bench={"profiles": ["short"], "concurrency": [1], "requests": 2, "self_test": False},
        )
        place.write(plan, sums=10)
        whole = assay("run", place.plan, "--out", place.folder / "whole")
        shards = [assay("run", place.plan, "--out", place.out, "--shard", f"{n}/3") for n in (1, 2, 3)]
        assert [said.code for said in shards] == [0, 0, 0]
        folders = [said.out.strip() for said in shards]
        merged = assay("merge", *folders[::-1], "--out", place.folder / "merged")
    assert merged.code == whole.code
    (one,) = (place.folder / "whole" / "records").glob("[0-9]*.json")
    (other,) = (place.folder / "merged" / "records").glob("[0-9]*.json")
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
        (
            f"error[no-merge]: {two}: it was begun with another plan or other cases than {one}."
            " Merge shards of one plan and one Assay."
        )
    ]
    assert not (place.out / "records").exists()


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("rubric_digests", "other rubrics"),
        ("calibration_digests", "other calibrations"),
        ("imported_digests", "other imported benchmarks"),
        ("versions", "another version of Assay"),
        ("evidence/checklist.json", "another checklist"),
        ("evidence/attestations.json", "other attestations"),
    ],
)
def test_shards_that_rest_on_something_else_are_not_merged(
    assay: Assay, place: Workplace, name: str, what: str
) -> None:
    """Only the first shard's rubrics, checklist and attestations are kept, so all must have the same."""
    with serving() as server:
        place.write(plan_of(server.base_url), sums=4)
        one, two = (assay("run", place.plan, "--out", place.out, "--shard", f"{n}/2").out.strip() for n in (1, 2))
    other = place.folder / two
    if name.endswith(".json"):
        (other / name).write_text("{}", encoding="utf-8")
    else:
        run = json.loads((other / "run.json").read_text("utf-8"))
        run[name] = {**run[name], "assay": "0.0.0"}
        (other / "run.json").write_text(json.dumps(run), encoding="utf-8")
    assert assay("merge", one, two, "--out", place.out).errors == [
        f"error[no-merge]: {two}: it was begun with {what} than {one}. Merge shards of one plan and one Assay."
    ]


def test_a_whole_run_is_not_merged(assay: Assay, place: Workplace) -> None:
    """A run that was asked whole has a record already."""
    with serving() as server:
        place.write(plan_of(server.base_url))
        assay("eval", place.plan, "--out", place.out)
    said = assay("merge", place.run, "--out", place.out)
    assert said.errors == [
        f"error[no-merge]: {place.run}: it is no shard: its run was asked whole. Merge runs made with --shard."
    ]


@pytest.mark.parametrize("verb", ["run", "eval"])
def test_a_shard_goes_on_as_a_shard(assay: Assay, place: Workplace, verb: str) -> None:
    """Resumed without --shard it is still a part of the plan, and no record is made of a part."""
    with serving() as server:
        place.write(plan_of(server.base_url), sums=6)
        first = assay(verb, place.plan, "--out", place.out, "--shard", "2/2")
        again = assay(verb, place.plan, "--out", place.out, "--resume", place.run.name)
    assert (again.code, again.out) == (first.code, first.out) == (0, f"{place.run}\n")
    assert "shard 2 of 2 is done" in again.err
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
        said = assay("run", place.plan, "--out", place.out, "--reuse", first)
        assert [asked.text for asked in server.asked[before:]] == ["What is 4 + 40?"]
    assert f"5 of 6 answers are reused from {first.name}; not the others: the case differs 1 times" in said.err
    second = runs_of(place)[-1]
    assert json.loads((second / "run.json").read_text("utf-8"))["reuses"] == first.name
    reused = {row["case"]: row["reused_from"] for row in rows_of(second)}
    assert reused == {**dict.fromkeys(["c0", "c1", "c2", "c3", "c5"], first.name), "c4": None}
    record = max((place.out / "records").glob("[0-9]*.json"))
    own = json.loads(record.read_text("utf-8"))["candidates"][0]
    assert (own["reused"], own["attempts"]) == ({first.name: 5}, 1)
    assert f"reused from `{first.name}`: 5." in record.with_suffix(".md").read_text("utf-8")
    assert assay("verify", record).code == 0


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"request": {"timeout_s": 5, "max_retries": 0, "seed": 8}}, "the request differs"),
        ({"model": "second"}, "the candidate differs"),
    ],
)
def test_another_request_or_candidate_is_asked_anew(assay: Assay, place: Workplace, change: dict, why: str) -> None:
    """A changed setting or model makes every earlier answer useless."""
    with serving(models=("fake-model", "second")) as server:
        place.write(plan_of(server.base_url), sums=3)
        assay("eval", place.plan, "--out", place.out)
        before = len(server.asked)
        first = place.run
        place.write(plan_of(server.base_url, candidate=change), sums=3)
        said = assay("eval", place.plan, "--out", place.out, "--reuse", first)
        assert len(server.asked) - before == 3
    assert f"0 of 3 answers are reused from {first.name}; not the others: {why} 3 times" in said.err


def test_a_run_with_a_torn_last_line_can_be_reused_and_scored(assay: Assay, place: Workplace) -> None:
    """What was never finished is passed over and said; the earlier run stays as it is."""
    with serving() as server:
        place.write(plan_of(server.base_url))
        assay("eval", place.plan, "--out", place.out)
        first = place.run
        content = (first / "trials.jsonl").read_bytes()[:-10]
        (first / "trials.jsonl").write_bytes(content)
        torn = len(content) - content.rfind(b"\n") - 1
        scored = assay("score", first)
        before = len(server.asked)
        said = assay("eval", place.plan, "--out", place.out, "--reuse", first)
        assert len(server.asked) - before == 1
    assert scored.code == 0
    assert f"a torn last line of {torn} bytes is passed over; --resume would mend it" in scored.out.splitlines()
    assert said.code == 0
    assert f"a torn last line of {torn} bytes is passed over" in said.err
    assert "not the others: no answer there 1 times" in said.err
    assert (first / "trials.jsonl").read_bytes() == content


def test_a_reused_run_that_cannot_be_read_leaves_no_folder(assay: Assay, place: Workplace) -> None:
    """It is looked through before a new run is begun."""
    with serving() as server:
        place.write(plan_of(server.base_url))
        assay("eval", place.plan, "--out", place.out)
        (place.run / "trials.jsonl").write_text("{}\n{}\n", encoding="utf-8")
        said = assay("eval", place.plan, "--out", place.out, "--reuse", place.run)
    assert said.errors == [
        (
            f"error[bad-journal]: {place.run}/trials.jsonl:1: not a trial."
            " Remove the line, and go on with --resume: what it held is asked again."
        )
    ]


# --- stopping and going on --------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_finishes_what_is_in_flight(place: Workplace, number: signal.Signals) -> None:
    """The first Ctrl-C or SIGTERM begins nothing new, keeps every answer that was on its way, and ends with 130."""
    with serving(delay_s=0.2) as server:
        place.write(plan_of(server.base_url, candidate={"concurrency": 4}), sums=400)
        command = [sys.executable, "-m", "assay", "eval", str(place.plan), "--out", str(place.out)]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=place.folder) as process:
            while len(server.asked) < 9 and process.poll() is None:
                time.sleep(0.01)
            process.send_signal(number)
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


def test_ctrl_c_sends_nothing_more_to_a_server_that_pushes_back(assay: Assay, place: Workplace) -> None:
    """Who waits for a place, for the server or for a retry is not sent, and is asked when the run goes on."""
    busy = Reply(429, {"error": "slow down"}, {"Retry-After": "60"})
    with serving(lambda asked: busy if asked.number > 8 else None) as server:
        candidate = {"concurrency": 16, "request": {"timeout_s": 5, "max_retries": 3}}
        place.write(plan_of(server.base_url, candidate=candidate), sums=60)
        command = [sys.executable, "-m", "assay", "eval", str(place.plan), "--out", str(place.out)]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=place.folder) as process:
            while (line := process.stderr.readline()) and "asks for a pause" not in line:
                pass
            before = len(server.asked)
            process.send_signal(signal.SIGINT)
            process.stderr.read()
            code = process.wait(30)  # long before the server's minute is over
        assert code == 130
        assert len(server.asked) - before <= 16
        assert Counter(row["status"] for row in place.rows("trials.jsonl")) == {"completed": 8}
        server.script = lambda asked: None
        assert assay("eval", place.plan, "--out", place.out, "--resume", place.run.name).code == 0
    rows = place.rows("trials.jsonl")
    assert Counter(row["case"] for row in rows) == dict.fromkeys((f"c{n}" for n in range(60)), 1)
    assert {row["status"] for row in rows} == {"completed"}


def test_a_run_is_in_use_until_its_record_is_written(
    assay: Assay, place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody else goes on with a run while its record is derived."""
    seen: list[str] = []

    def locked(folder: RunFolder, *_: object) -> None:
        with pytest.raises(InputError) as error:
            RunFolder.existing(folder.path).lock()
        seen.append(error.value.problems[0].slug)
        raise error.value

    monkeypatch.setattr("assay.workflow.run.write_record", locked)
    with serving() as server:
        place.write(plan_of(server.base_url))
        assert assay("run", place.plan, "--out", place.out).code == 2
    assert seen == ["run-in-use"]
    with RunFolder.existing(place.run) as folder:
        folder.lock()


def test_a_full_disk_is_said_and_the_way_on_is_named(
    assay: Assay, place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where not even the state of the run can be written, the reason and --resume are told all the same."""
    write = os.write
    lines = iter(range(100))

    def filling(descriptor: int, content: bytes) -> int:
        if bytes(content).startswith(b'{"candidate"') and next(lines) == 2:
            monkeypatch.setattr("pathlib.Path.write_text", full)
            full()
        return write(descriptor, content)

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with serving() as server:
        place.write(plan_of(server.base_url, candidate={"concurrency": 1}), sums=4)
        with monkeypatch.context() as patched:
            patched.setattr("os.write", filling)
            said = assay("eval", place.plan, "--out", place.out)
        assert (said.code, said.err.splitlines()[-2:]) == (
            4,
            [
                f"what was answered is kept: go on with --resume {place.run.name}",
                (
                    f"error[system]: {place.run}/trials.jsonl: the system says: No space left on device."
                    " Mend it and try again."
                ),
            ],
        )
        monkeypatch.undo()
        monkeypatch.chdir(place.folder)


def test_a_folder_that_never_became_a_run_is_taken_away(
    assay: Assay, place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without run.json nobody could go on with it."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("assay.workflow.begin.write_inputs", full)
    place.write(plan_of("http://127.0.0.1:1/v1"))
    assert assay("eval", place.plan, "--out", place.out).code == 4
    assert list((place.out / "runs").iterdir()) == []


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
    """Killed at five moments and resumed each time, a run ends with every case once, and none was asked in vain."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with serving(delay_s=0.005) as server:
        place.write(plan_of(server.base_url, candidate={"concurrency": 16}), sums=600)
        command = [sys.executable, "-m", "assay", "eval", str(place.plan), "--out", str(place.out)]
        for kill in range(6):
            more = ["--resume", place.run.name] if kill and (place.out / "runs").exists() else []
            on_disk = len(server.counts)
            with subprocess.Popen(
                [*command, *more], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
            ) as process:
                limit = on_disk + 20 + 7 * kill
                while kill < 5 and process.poll() is None:
                    if len(server.counts) >= min(limit, 600):
                        process.kill()
                    time.sleep(0.002)
                process.wait(60)
            if kill < 5 and (place.out / "runs").exists() and (place.run / "trials.jsonl").exists():
                torn = place.run / "trials.jsonl"
                torn.write_bytes(torn.read_bytes() + b'{"candidate": "adder", "suite": "su')
    rows = place.rows("trials.jsonl")
    assert Counter(row["case"] for row in rows) == dict.fromkeys((f"c{n}" for n in range(600)), 1)
    # What was in flight at a kill is asked again, and nothing else.
    assert sum(server.counts.values()) - 600 <= 5 * 16


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
