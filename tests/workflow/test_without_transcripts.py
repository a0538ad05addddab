"""Do the verbs leave texts out as they are told, and do they work on records that have none?"""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING

from assay.record.bundle import unpack
from tests.fakes import Asked, Reply, completion, plan_of, serving
from tests.workflow.test_judges import drawn, judged, label_lines
from tests.workflow.test_judges import write as write_judged

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    from tests.fakes import Said, Workplace

    Assay = Callable[..., Said]

SECRET = "hf_" + "q7Xf2Lm9Zt4Vb8Kc1Wd6Rp3Hs5Jg0Ny"


def _members(record: Path) -> dict[str, bytes]:
    zipped = record.with_name(record.name.replace(".md", ".evidence.zip"))
    return unpack(zipped.read_bytes(), zipped.name)


def _json(record: Path) -> dict:
    return json.loads(record.with_suffix(".json").read_text("utf-8"))


def _leaking(asked: Asked) -> Reply | None:
    """Answer one question with a secret, and one with the key that came with it."""
    if "What is 1 + 1?" in asked.text:
        return Reply(body=completion(f"2 {SECRET}"))
    return Reply(body=completion("my-own-key-7 is yours")) if "What is 2 + 2?" in asked.text else None


def test_a_run_leaves_prompts_and_answers_out(assay: Assay, place: Workplace) -> None:
    """With --no-transcripts the zip has no question and no answer, the run's folder has all, and the verdict stands."""
    with serving() as server:
        place.write(plan_of(server.base_url))
        said = assay("run", place.plan, "--out", place.out, "--no-transcripts")
    assert said.code == 0
    zipped = place.record.with_name("0001-adding.evidence.zip")
    files = len(_members(place.record))
    shown = f"{round(zipped.stat().st_size / 1000)} kB, {files} files"
    gone = "without the texts of 3 cases, 3 answers, 0 judgements"
    assert f"evidence: {zipped}, {shown}; {gone}" in said.out.splitlines()
    assert not any(b"What is 1" in content for content in _members(place.record).values())
    assert "What is" in (place.run / "suites" / "sums.json").read_text("utf-8")
    assert {row["output"] for row in place.rows("trials.jsonl")} == {"0", "2", "4"}
    key = (place.run / "withheld.key").read_text("utf-8").strip()
    assert not any(key.encode() in content for content in _members(place.record).values())
    verified = assay("verify", place.record)
    assert verified.code == 0
    assert "every score but those of 3 answers whose texts" in " ".join(verified.out.split())


def test_the_same_run_gives_the_same_evidence(assay: Assay, place: Workplace) -> None:
    """Deciding again on a run gives the same digests of answers, for the key stays in its folder."""
    with serving() as server:
        place.write(plan_of(server.base_url, record={"transcripts": False}))
        assay("run", place.plan, "--out", place.out)
    first = _members(place.record)["withheld-trials.jsonl"]
    assert assay("decide", place.run, "--out", place.folder / "again").code == 0
    (again,) = (place.folder / "again" / "records").glob("[0-9]*.md")
    assert _members(again)["withheld-trials.jsonl"] == first


def test_a_record_can_lose_its_texts_later(assay: Assay, place: Workplace) -> None:
    """Deciding on a whole record with --no-transcripts writes one without; deciding on that one needs no texts."""
    with serving() as server:
        place.write(plan_of(server.base_url))
        assay("run", place.plan, "--out", place.out)
    whole = place.record
    one, two = place.folder / "one", place.folder / "two"
    assert assay("decide", whole, "--no-transcripts", "--out", one).code == 0
    (bare,) = (one / "records").glob("[0-9]*.md")
    assert assay("decide", bare, "--out", two).code == 0
    (again,) = (two / "records").glob("[0-9]*.md")
    for record in (bare, again):
        assert assay("verify", record).code == 0
        assert _json(record)["withheld"]["trials"] == 3
        assert _json(record)["metrics"] == _json(whole)["metrics"]
        with zipfile.ZipFile(record.with_name(record.name.replace(".md", ".evidence.zip"))) as archive:
            assert b"What is" not in archive.read("suites/sums.json")


def test_shards_are_merged_without_texts(assay: Assay, place: Workplace) -> None:
    """Merging takes the flag too, and the patterns of the plan."""
    (place.folder / "redact.yaml").write_text("sum: '2 [+] 2'\n", encoding="utf-8")
    with serving() as server:
        place.write(plan_of(server.base_url, record={"redact": "redact.yaml"}))
        for shard in ("1/2", "2/2"):
            assert assay("run", place.plan, "--out", place.out, "--shard", shard).code == 0
    runs = sorted((place.out / "runs").iterdir())
    assert assay("merge", *runs, "--out", place.out, "--no-transcripts").code == 0
    own = _json(place.record)["withheld"]
    assert (own["transcripts"], own["cases"], own["trials"]) == (True, 3, 3)
    assert own["patterns_sha256"] is not None


def test_a_record_without_texts_is_a_baseline(assay: Assay, place: Workplace) -> None:
    """Its cases compare by their digests; where its system prompt is left out and another is asked, it is refused."""
    condition = "suite:sums.pass_rate not worse than baseline by 0.5"
    suite = place.folder / "sums"
    suite.mkdir()
    with serving() as server:
        place.write(plan_of(server.base_url), sums=6)
        (place.folder / "sums.jsonl").rename(suite / "cases.jsonl")
        (suite / "suite.yaml").write_text("id: sums\nsystem: Be brief.\nscorers: [exact]\n", encoding="utf-8")
        plan = plan_of(server.base_url, suites=[{"cases": "sums"}])
        place.write(plan)
        assert assay("run", place.plan, "--out", place.out, "--no-transcripts").code == 0
        gate = {"conditions": [condition], "baseline": "out/records/0001-adding.json", "stop_early": "never"}
        place.write({**plan, "gate": gate})
        same = assay("run", place.plan, "--out", place.folder / "two")
        assert same.code == 0, same.err + same.out
        (suite / "suite.yaml").write_text("id: sums\nsystem: Be long.\nscorers: [exact]\n", encoding="utf-8")
        other = assay("run", place.plan, "--out", place.folder / "three")
    assert other.code == 2
    assert "may have been asked otherwise: its system prompt and scorers are left out" in other.err


def test_people_and_judges_carry_the_same_without_texts(assay: Assay, place: Workplace) -> None:
    """Labels find their answers, judges keep their trust, and a judged rate is corrected as with all texts."""
    condition = "suite:sums.pass_rate >= 0.6 with 95% confidence"
    with serving(judged, models=("fake-model", "judge-model"), owned_by="vllm") as server:
        write_judged(place, server.base_url, condition=condition)
        assay("run", place.plan, "--out", place.folder / "first")
        label_lines(place, lambda n: "passed" if n > 5 else "failed", drawn()[:45])
        assert assay("calibrate", "j1", "labels.jsonl", "--plan", place.plan).code == 0
        write_judged(place, server.base_url, condition=condition, calibration="calibrations/j1.json")
        assert assay("run", place.plan, "--out", place.out).code == 0
    whole = place.record
    assert assay("decide", place.run, "--no-transcripts", "--out", place.folder / "bare").code == 0
    (bare,) = (place.folder / "bare" / "records").glob("[0-9]*.md")
    for part in ("metrics", "judges", "panels"):
        assert _json(bare)[part] == _json(whole)[part]
    assert _json(bare)["metrics"][0]["correction"]["value"] is not None
    assert assay("verify", bare).code == 0


def test_secrets_in_answers_are_redacted_and_counted(
    assay: Assay, place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A secret that a model tells, and our own key that it repeats, do not leave the run's folder."""
    monkeypatch.setenv("OWN_KEY", "my-own-key-7")
    with serving(_leaking) as server:
        place.write(plan_of(server.base_url, candidate={"api_key_env": "OWN_KEY"}))
        said = assay("run", place.plan, "--out", place.out)
    assert said.code == 1
    trials = [json.loads(line) for line in _members(place.record)["trials.jsonl"].splitlines()]
    outputs = {trial["case"]: trial["output"] for trial in trials}
    assert outputs == {"c0": "0", "c1": "2 [redacted:hf-token]", "c2": "[key] is yours"}
    assert not any(
        b"my-own-key-7" in content or SECRET.encode() in content for content in _members(place.record).values()
    )
    assert SECRET in (place.run / "trials.jsonl").read_text("utf-8")
    assert "files; redacted: hf-token 1\n" in said.out
    assert assay("verify", place.record).code == 0


def test_a_plan_with_a_secret_is_refused_before_anything_is_asked(assay: Assay, place: Workplace) -> None:
    """The problem has the plan's line and no word of the secret; no request is sent, and no run begun."""
    with serving() as server:
        place.write(plan_of(server.base_url, use_case={"id": "adding", "task": f"Use {SECRET}."}))
        said = assay("run", place.plan, "--out", place.out)
        assert server.asked == []
    assert said.code == 2
    (told,) = said.errors
    assert told.startswith(f"error[cannot-redact]: {place.plan}:2: use_case.task holds what must not travel")
    assert SECRET not in said.err
    assert not (place.out / "runs").exists()


def test_a_bad_pattern_is_told_with_its_line(assay: Assay, place: Workplace) -> None:
    """The file that record.redact names is read with the plan; one that is not there is told at the plan's line."""
    (place.folder / "redact.yaml").write_text("ok: a\nbad: '('\n", encoding="utf-8")
    place.write(plan_of("http://127.0.0.1:9/v1", record={"redact": "redact.yaml"}))
    said = assay("run", place.plan, "--out", place.out)
    assert (said.code, said.errors[0].partition(" cannot")[0]) == (2, "error[bad-pattern]: redact.yaml:2: bad")
    place.write(plan_of("http://127.0.0.1:9/v1", record={"redact": "none.yaml"}))
    assert assay("run", place.plan, "--out", place.out).errors[0].startswith("error[no-such-file]: ")


def test_a_case_that_calls_itself_withheld_is_refused(assay: Assay, place: Workplace) -> None:
    """A digest in place of a text is for evidence: in a suite it would let any case pass for another."""
    place.write(plan_of("http://127.0.0.1:9/v1"))
    case = {"id": "a", "input": "x", "expected": "y", "withheld": "0" * 64}
    (place.folder / "sums.jsonl").write_text(json.dumps(case) + "\n", encoding="utf-8")
    said = assay("run", place.plan, "--out", place.out)
    assert said.errors[0].startswith("error[unknown-key]: sums.jsonl:1: unknown key 'withheld'")
