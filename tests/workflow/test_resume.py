"""What is left of a run that was killed or interrupted, and can it go on without paying twice?"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.fakes import Reply, days_on, plan_of, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.fakes import Asked, Said, Workplace

    Assay = Callable[..., Said]

SUMS = 40


@contextmanager
def running(place: Workplace, *, answered: int) -> Iterator[subprocess.Popen[str]]:
    """Start `assay run` in a process of its own and yield it once so many trials are on disk."""
    command = [sys.executable, "-m", "assay", "run", str(place.plan), "--out", str(place.out)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=place.folder)
    try:
        while process.poll() is None and trials_on_disk(place) < answered:
            time.sleep(0.02)
        assert process.poll() is None, process.communicate()
        yield process
    finally:
        process.kill()
        process.communicate()


def trials_on_disk(place: Workplace) -> int:
    return sum(path.read_bytes().count(b"\n") for path in place.out.glob("runs/*/trials.jsonl"))


def test_a_killed_run_goes_on_where_it_was(assay: Assay, place: Workplace) -> None:
    """After kill -9 every case is in the journal exactly once, and none that was finished is asked again."""
    with serving(delay_s=0.03) as server:
        place.write(plan_of(server.base_url, candidate={"concurrency": 2}), sums=SUMS)
        with running(place, answered=10) as process:
            process.kill()
            process.wait(10)
        assert place.json("run.json")["state"] == "running"
        finished = {row["case"] for row in place.rows("trials.jsonl")}
        with (place.run / "trials.jsonl").open("ab") as journal:
            journal.write(b'{"candidate": "adder", "ca')
        before = server.counts
        said = assay("run", place.plan, "--out", place.out, "--resume", place.run.name)
        after = server.counts
    assert 10 <= len(finished) < SUMS
    assert said.code == 0
    assert "trials.jsonl: cut off a torn last line of 26 bytes; it is asked again" in said.err.splitlines()
    assert f"{len(finished)} trials are on disk and not asked again" in said.err.splitlines()
    counts = Counter(row["case"] for row in place.rows("trials.jsonl"))
    assert counts == Counter(f"c{n}" for n in range(SUMS))
    assert {text for text in after if after[text] > before[text]} == {
        f"What is {n} + {n}?" for n in range(SUMS) if f"c{n}" not in finished
    }
    run = place.json("run.json")
    assert (run["state"], run["resumed"]) == ("completed", 1)
    assert assay("verify", place.record).code == 0


def test_an_interrupted_run_says_so_and_goes_on(assay: Assay, place: Workplace) -> None:
    """SIGINT ends with 130, leaves the state `interrupted` and no record, and names the way on."""
    with serving(delay_s=0.03) as server:
        place.write(plan_of(server.base_url, candidate={"concurrency": 2}), sums=SUMS)
        with running(place, answered=4) as process:
            os.kill(process.pid, signal.SIGINT)
            out, err = process.communicate(timeout=20)
        assert (process.returncode, out) == (130, "")
        assert err.splitlines()[-2:] == [
            f"what was answered is kept: go on with --resume {place.run.name}",
            "interrupted",
        ]
        assert place.json("run.json")["state"] == "interrupted"
        assert not (place.out / "records").exists()
        assert assay("run", place.plan, "--out", place.out, "--resume", place.run).code == 0
    assert Counter(row["case"] for row in place.rows("trials.jsonl")) == Counter(f"c{n}" for n in range(SUMS))


def test_a_completed_run_is_not_asked_again(assay: Assay, place: Workplace) -> None:
    """Resuming what is done asks nothing and writes the next record."""
    with serving() as server:
        place.write(plan_of(server.base_url))
        assay("run", place.plan, "--out", place.out)
        asked = len(server.asked)
        said = assay("run", place.plan, "--out", place.out, "--resume", place.run.name)
        assert len(server.asked) == asked
    assert said.code == 0
    assert "3 trials are on disk and not asked again" in said.err.splitlines()
    assert sorted(path.name for path in (place.out / "records").glob("[0-9]*.md")) == [
        "0001-adding.md",
        "0002-adding.md",
    ]


def test_another_plan_does_not_go_on(assay: Assay, place: Workplace) -> None:
    """A run resumes only under the plan and the cases that it was begun with."""
    with serving() as server:
        place.write(plan_of(server.base_url))
        assay("run", place.plan, "--out", place.out)
        before = {path: path.read_bytes() for path in place.run.rglob("*") if path.is_file()}
        for what, changed in (
            ("another plan", lambda: place.write(plan_of(server.base_url, trials=2))),
            ("other cases", lambda: more_cases(place, server)),
        ):
            changed()
            said = assay("run", place.plan, "--out", place.out, "--resume", place.run.name)
            assert said.code == 2
            assert said.err.splitlines() == [
                (
                    f"error[other-plan]: {place.run}: the run {place.run.name} was begun with {what}."
                    f" Start a new run with --reuse {place.run.name}: it takes every answer that still holds."
                )
            ]
    assert {path: path.read_bytes() for path in place.run.rglob("*") if path.is_file()} == before


def more_cases(place: Workplace, server: object) -> None:
    place.write(plan_of(server.base_url), sums=4)


def checklist_of(title: str) -> str:
    item = {"id": "seen", "section": "model", "question": title, "evidence": "Who saw it.", "remedy": "See it."}
    item["shown_by"] = "attestation"
    return json.dumps({"schema": "assay/checklist/v1", "items": [item]})


def attested(words: str) -> str:
    own = {
        "item": "seen",
        "status": "met",
        "by": "Ann",
        "date": days_on(-30),
        "expires": days_on(300),
        "statement": words,
    }
    return json.dumps({"schema": "assay/attestations/v1", "attestations": [own]})


def test_another_checklist_does_not_go_on_and_other_attestations_count(assay: Assay, place: Workplace) -> None:
    """What decides is as when the run was begun; what people say of it may come later, and is said to."""
    readiness = {"checklist": "checklist.yaml", "attestations": "attestations.yaml"}
    checklist, attestations = (place.folder / name for name in readiness.values())
    checklist.write_text(checklist_of("Was it seen?"), encoding="utf-8")
    attestations.write_text(attested("I saw it"), encoding="utf-8")
    with serving() as server:
        place.write(plan_of(server.base_url, readiness=readiness))
        assay("run", place.plan, "--out", place.out)
        resume = ("run", place.plan, "--out", place.out, "--resume", place.run.name)
        attestations.write_text(attested("I saw it again"), encoding="utf-8")
        said = assay(*resume)
        assert said.code == 0
        assert "people attest otherwise than when the run was begun: what they say now counts" in said.err
        assert "people attest otherwise" not in assay(*resume).err
        checklist.write_text(checklist_of("Was it heard?"), encoding="utf-8")
        assert "was begun with another checklist." in assay(*resume).errors[0]
    pages = [path.read_text("utf-8") for path in sorted((place.out / "records").glob("[0-9]*.md"))]
    assert [("I saw it again" in page, "I saw it" in page) for page in pages] == [
        (False, True),
        (True, True),
        (True, True),
    ]


def test_a_trial_of_somebody_else_is_named(assay: Assay, place: Workplace) -> None:
    """A journal with a candidate that the run does not ask was edited: that is no bug of ours."""
    with serving() as server:
        place.write(plan_of(server.base_url))
        assay("run", place.plan, "--out", "out")
        journal = place.run / "trials.jsonl"
        journal.write_text(journal.read_text("utf-8").replace('"adder"', '"subtracter"', 1), encoding="utf-8")
        said = assay("run", place.plan, "--out", "out", "--resume", place.run.name)
    assert said.errors == [
        (
            f"error[bad-journal]: out/runs/{place.run.name}/trials.jsonl:1: a trial of 'subtracter',"
            " whom this run does not ask. Remove the line, and go on with --resume."
        )
    ]


def test_another_model_does_not_go_on(assay: Assay, place: Workplace) -> None:
    """Answers of two models are not mixed in one run: what changed is named, and nothing on disk changes."""
    with serving(models=("first",)) as server:
        place.write(plan_of(server.base_url, candidate={"model": None}))
        assay("run", place.plan, "--out", place.out)
        facts = (place.run / "evidence" / "facts.json").read_bytes()
        asked = len(server.asked)
        server.serves("second")
        said = assay("run", place.plan, "--out", place.out, "--resume", place.run.name)
        assert (said.code, len(server.asked)) == (2, asked)
        name = place.run.name
        assert said.errors == [
            (
                f"error[other-candidate]: adder is not what it was when the run {name} was begun: model_name_served was"
                " first and is second. Serve what was served then, or start a new run with"
                f" --reuse {name}: it takes what still holds."
            )
        ]
        assert (place.run / "evidence" / "facts.json").read_bytes() == facts
        server.serves("first")
        assert assay("run", place.plan, "--out", place.out, "--resume", place.run.name).code == 0
        assert len(server.asked) == asked


def test_a_run_that_is_not_there_cannot_go_on(assay: Assay, place: Workplace) -> None:
    """A wrong run id is bad input."""
    place.write(plan_of("http://127.0.0.1:1/v1"))
    said = assay("run", place.plan, "--out", "out", "--resume", "nope")
    assert said.code == 2
    assert said.err.splitlines() == ["error[no-run]: out/runs/nope: there is no run here. Name a folder under runs/."]


def test_a_damaged_journal_is_named_by_line(assay: Assay, place: Workplace) -> None:
    """A line in the middle that cannot be read stops the resumed run, without a new record."""
    with serving() as server:
        place.write(plan_of(server.base_url))
        assay("run", place.plan, "--out", "out")
        journal = place.run / "trials.jsonl"
        lines = journal.read_text("utf-8").splitlines()
        journal.write_text("\n".join([lines[0], "{}", lines[2], ""]), encoding="utf-8")
        said = assay("run", place.plan, "--out", "out", "--resume", place.run.name)
    assert said.code == 2
    (error,) = said.errors
    assert error.startswith(f"error[bad-journal]: out/runs/{place.run.name}/trials.jsonl:2: not a trial. ")
    assert len(list((place.out / "records").glob("[0-9]*.md"))) == 1
    assert place.json("run.json")["state"] == "failed"


def test_a_key_that_is_refused_half_way_can_be_mended(assay: Assay, place: Workplace) -> None:
    """When a key is withdrawn the run stops, keeps what was answered, and goes on with a good one."""
    with serving(lambda asked: Reply(401, {"error": "Unauthorized"}) if asked.number > 2 else None) as server:
        place.write(plan_of(server.base_url, candidate={"concurrency": 1}))
        said = assay("run", place.plan, "--out", "out")
        assert (said.code, len(place.rows("trials.jsonl"))) == (2, 2)
        assert said.errors == [
            (
                f"error[unauthorized]: {place.plan}:3: the server of adder refuses the key: Unauthorized."
                " Put the server's key into the environment variable that `api_key_env` names."
            )
        ]
        assert not (place.out / "records").exists()
        server.script = lambda asked: None
        assert assay("run", place.plan, "--out", "out", "--resume", place.run.name).code == 0
    assert json.loads(place.record.with_suffix(".json").read_text("utf-8"))["run"]["resumed"] == 1


def test_judgements_are_not_paid_twice(assay: Assay, place: Workplace) -> None:
    """A resumed run asks a judge only about what it has no judgement on."""
    with serving() as server:
        candidate = plan_of(server.base_url)["candidates"][0]
        plan = plan_of(
            server.base_url,
            candidates=[candidate | {"roles": ["production"]}, candidate | {"id": "judge", "roles": ["judge"]}],
            judges=[{"id": "j", "candidate": "judge", "rubric": "rubrics/helpfulness.yaml"}],
            suites=[{"cases": "sums.jsonl", "scorers": [{"judge": {"rubric": "helpfulness"}}]}],
        )
        place.write(plan)
        assay("run", place.plan, "--out", place.out)
        journal = place.run / "judgements.jsonl"
        journal.write_bytes(journal.read_bytes()[:-5])
        asked = len(server.asked)
        said = assay("run", place.plan, "--out", place.out, "--resume", place.run.name)
        assert len(server.asked) == asked + 1
    assert said.code == 3
    assert [line for line in said.err.splitlines() if line.startswith("judgements.jsonl: cut off a torn last line")]
    assert sorted(row["case"] for row in place.rows("judgements.jsonl")) == ["c0", "c1", "c2"]


def test_requests_of_trials_that_were_asked_again_are_told(assay: Assay, place: Workplace) -> None:
    """What a failed trial cost stays on the page once it has an answer, apart from the requests that count."""
    broken = {"now": True}

    def script(asked: Asked) -> Reply | None:
        return Reply(status=500) if broken["now"] and "2 + 2" in asked.text else None

    with serving(script) as server:
        place.write(plan_of(server.base_url, candidate={"request": {"max_retries": 1}}), sums=4)
        assay("run", place.plan, "--out", place.out)
        broken["now"] = False
        said = assay("run", place.plan, "--out", place.out, "--resume", place.run.name, "--retry-failed")
    assert said.code == 0, said.err
    path = place.out / "records" / "0002-adding.json"
    (own,) = json.loads(path.read_text("utf-8"))["candidates"]
    assert (own["attempts"], own["superseded"]) == (4, 2)
    assert "4 requests sent and 2 before for trials that failed" in path.with_suffix(".md").read_text("utf-8")
    assert assay("verify", path).code == 0
