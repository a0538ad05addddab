"""Are judges held against people, do labels carry their word, and are pairs compared in both orders?"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from tests.fakes import Asked, Reply, completion, plan_of, serving

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.fakes import Said, Workplace

    Assay = Callable[..., Said]

RUBRIC = {
    "schema": "assay/rubric/v1",
    "id": "helpful",
    "criteria": [
        {"id": "right", "text": "It is right.", "must": True},
        {"id": "rude", "text": "It is rude.", "must_not": True},
    ],
    "reference": "optional",
}


def verdict(right: bool, rude: bool = False) -> Reply:
    said = {"reasoning": "because", "criteria": {"right": right, "rude": rude}}
    return Reply(body=completion(json.dumps(said)))


def answer_in(asked: Asked) -> str:
    """Return the answer under test out of a judge's prompt."""
    found = re.search(r"\[[0-9a-f]{16} ANSWER\]\n(.*?)\n\[[0-9a-f]{16} END\]", asked.text, re.DOTALL)
    return found[1] if found else ""


def judged(asked: Asked) -> Reply | None:
    """Answer questions with a number, and judge a number above 9 as right."""
    if asked.body["model"] != "judge-model":
        return None
    answer = answer_in(asked)
    return verdict(right=answer.isdigit() and int(answer) > 9)


def write(place: Workplace, base_url: str, *, sums: int = 60, condition: str, **judge: object) -> None:
    candidates = [
        plan_of(base_url)["candidates"][0],
        {"id": "grader", "runtime": "vllm", "base_url": base_url, "model": "judge-model", "roles": ["judge"]},
    ]
    spec = {"id": "j1", "candidate": "grader", "rubric": "helpful.yaml", **judge}
    plan = plan_of(
        base_url,
        candidates=candidates,
        judges=[spec],
        suites=[{"cases": "sums.jsonl", "scorers": [{"judge": {"rubric": "helpful"}}]}],
        gate={"conditions": [condition]},
    )
    place.write(plan, sums=sums)
    (place.folder / "helpful.yaml").write_text(json.dumps(RUBRIC), encoding="utf-8")


def label_lines(place: Workplace, how: Callable[[int], str], numbers: range) -> None:
    """Write labels on the answers of the only run."""
    lines = [
        {
            "id": f"l{n}",
            "request": f"What is {n} + {n}?",
            "reference": str(2 * n),
            "answer": str(2 * n),
            "suite": "sums",
            "case": f"c{n}",
            "label": how(n),
        }
        for n in numbers
    ]
    (place.folder / "labels.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")


def record_of(place: Workplace) -> tuple[dict, Path]:
    path = max((place.out / "records").glob("*.json"))
    return json.loads(path.read_text("utf-8")), path


def test_labels_carry_a_judges_word_into_the_verdict(assay: Assay, place: Workplace) -> None:
    """Without a calibration the judge carries nothing; with one, people's labels correct its rate, and verify holds."""
    with serving(judged, models=("fake-model", "judge-model"), owned_by="vllm") as server:
        write(place, server.base_url, condition="suite:sums.pass_rate >= 0.6 with 95% confidence")
        before = assay("run", place.plan, "--out", place.out)
        assert before.code == 3
        assert "It was judged by a judge without calibration." in before.out
        run = place.run
        # People find wrong what the judge finds wrong, and one thing more.
        label_lines(place, lambda n: "passed" if n > 5 else "failed", range(45))
        said = assay("calibrate", "j1", "labels.jsonl", "--plan", place.plan)
        assert said.code == 0, said.err
        write(
            place,
            server.base_url,
            condition="suite:sums.pass_rate >= 0.6 with 95% confidence",
            calibration="calibrations/j1.json",
        )
        asked_before = [asked.text for asked in server.asked if asked.body["model"] == "fake-model"]
        after = assay("run", place.plan, "--out", place.out, "--reuse", run)
        assert [a.text for a in server.asked if a.body["model"] == "fake-model"] == asked_before
    assert after.code == 0, after.out
    record, path = record_of(place)
    (metric,) = record["metrics"]
    own = metric["correction"]
    assert (own["judged_passed"], own["judged_n"]) == (55, 60)
    assert (own["pass_labels"], own["pass_labels_passed"], own["fail_labels"], own["fail_labels_passed"]) == (
        40,
        39,
        5,
        0,
    )
    assert own["low"] < own["value"] < own["high"]
    (judge,) = record["judges"]
    assert (judge["trusted"], judge["labels"], judge["agreement"]["agreement"]["hits"]) == (True, 45, 44)
    page = path.with_suffix(".md").read_text("utf-8")
    assert "| `sums` | `adder` | all | 55 of 60 | 45 | 39 of 40 | 0 of 5 |" in page
    assert "agrees with people on 44 of 45 answers" in page
    assert assay("verify", path).code == 0


def test_too_few_labels_carry_nothing(assay: Assay, place: Workplace) -> None:
    """With fewer than thirty labels on the run's own answers the condition is unknown and says so."""
    condition = "suite:sums.pass_rate >= 0.1"
    with serving(judged, models=("fake-model", "judge-model"), owned_by="vllm") as server:
        write(place, server.base_url, condition=condition)
        label_lines(place, lambda n: "passed", range(10, 30))
        assert assay("calibrate", "j1", "labels.jsonl", "--plan", place.plan).code == 0
        write(place, server.base_url, condition=condition, calibration="calibrations/j1.json")
        said = assay("run", place.plan, "--out", place.out)
    assert said.code == 3
    assert "needs 30 human labels on these answers" in " ".join(said.out.split())


def test_a_calibration_of_another_rubric_carries_nothing(assay: Assay, place: Workplace) -> None:
    """A changed rubric makes another judge of it."""
    condition = "suite:sums.pass_rate >= 0.1"
    with serving(judged, models=("fake-model", "judge-model"), owned_by="vllm") as server:
        write(place, server.base_url, condition=condition)
        label_lines(place, lambda n: "passed", range(10, 50))
        assert assay("calibrate", "j1", "labels.jsonl", "--plan", place.plan).code == 0
        write(place, server.base_url, condition=condition, calibration="calibrations/j1.json")
        text = (place.folder / "helpful.yaml").read_text("utf-8").replace("It is right.", "It is quite right.")
        (place.folder / "helpful.yaml").write_text(text, encoding="utf-8")
        said = assay("run", place.plan, "--out", place.out)
    assert said.code == 3
    record, _ = record_of(place)
    assert record["judges"][0]["reasons"] == ["its calibration is for another version of the rubric"]
    run = record["run"]
    assert {name: set(run[name]) for name in ("rubric_digests", "calibration_digests")} == {
        "rubric_digests": {"j1"},
        "calibration_digests": {"j1"},
    }


@pytest.mark.parametrize("part", ["rubrics", "calibrations"])
def test_evidence_of_another_judge_does_not_verify(assay: Assay, place: Workplace, part: str) -> None:
    """A rubric or a calibration that was changed after the run is found, whatever the zip's digests say."""
    condition = "suite:sums.pass_rate >= 0.1"
    with serving(judged, models=("fake-model", "judge-model"), owned_by="vllm") as server:
        write(place, server.base_url, condition=condition)
        label_lines(place, lambda n: "passed", range(10, 50))
        assay("calibrate", "j1", "labels.jsonl", "--plan", place.plan)
        write(place, server.base_url, condition=condition, calibration="calibrations/j1.json")
        assay("run", place.plan, "--out", place.out)
    changed = place.run / part / "j1.json"
    text = (
        changed.read_text("utf-8")
        .replace("It is right.", "Anything.")
        .replace('"human": "passed"', '"human": "failed"', 1)
    )
    changed.write_text(text, encoding="utf-8")
    said = assay("score", place.run)
    assert said.code == 1
    assert f"a {part.removesuffix('s')} is not the one of the run" in said.err


def test_what_calibrating_shows(assay: Assay, place: Workplace) -> None:
    """Agreement, steadiness and leanings come with their counts; what was asked is not asked again."""
    flip = {"n": 0}

    def moody(asked: Asked) -> Reply | None:
        if asked.body["model"] != "judge-model":
            return None
        flip["n"] += 1
        backwards = asked.body["messages"][0]["content"].index("- rude") < asked.body["messages"][0]["content"].index(
            "- right"
        )
        if answer_in(asked) == "24":
            return Reply(body=completion("I'm sorry, I can't judge that."))
        if answer_in(asked) == "26":
            return Reply(body=completion("not JSON"))
        if answer_in(asked) == "28":
            return verdict(right=not backwards)
        return judged(asked)

    with serving(moody, models=("fake-model", "judge-model"), owned_by="vllm") as server:
        write(place, server.base_url, condition="suite:sums.pass_rate >= 0.1")
        label_lines(place, lambda n: "passed" if n > 4 else "failed", range(20))
        said = assay("calibrate", "j1", "labels.jsonl", "--plan", place.plan, "--repeats", "2", "--out", "j1.json")
        count = len(server.asked)
        again = assay("calibrate", "j1", "labels.jsonl", "--plan", place.plan, "--repeats", "2", "--out", "j1.json")
        assert len(server.asked) == count
    assert said.out == again.out
    assert said.out.splitlines() == [
        "judge j1, rubric helpful, model fake-model",
        "20 labelled answers, 18 with a verdict",
        "  no verdict: 3 parse_error",
        "  no verdict: 3 refused",
        "  agreement                           1.000    0.824..1.000  18 of 18",
        "  Cohen kappa                         1.000                ",
        "  Cohen kappa of grades, quadratic        -",
        "  Krippendorff alpha                  1.000",
        "  Gwet AC1                            1.000",
        "  sensitivity: people pass, it too    1.000    0.772..1.000  13 of 13",
        "  specificity: people fail, it too    1.000    0.566..1.000  5 of 5",
        "  alpha among the people                  -",
        "  same verdict when asked again       1.000    0.824..1.000  18 of 18",
        "  verdict turns with criteria order   0.056    0.010..0.258  1 of 18",
        "  excess passes, longer half          0.000",
        "  excess with length, correlation         -",
        "too few labels: a judged rate needs 30 on its own answers to carry a condition",
        "written: j1.json",
        "next:    name it as `calibration` of the judge j1 in the plan",
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"id": "a"}', "the key 'request' is missing"),
        ('{"id": "a", "request": "?", "answer": "x", "label": ""}', "the label is not filled in"),
        ('{"id": "a", "request": "?", "answer": "x", "label": "good"}', "label"),
        ("", "the file has no labels"),
    ],
)
def test_labels_that_are_none_are_named(assay: Assay, place: Workplace, line: str, message: str) -> None:
    """A line that is no label ends with its number, before anything is asked."""
    with serving(judged, models=("fake-model", "judge-model"), owned_by="vllm") as server:
        write(place, server.base_url, condition="suite:sums.pass_rate >= 0.1")
        (place.folder / "labels.jsonl").write_text(line + "\n", encoding="utf-8")
        said = assay("calibrate", "j1", "labels.jsonl", "--plan", place.plan)
        assert server.asked == []
    assert said.code == 2
    assert message in said.errors[0]


def preferring(asked: Asked) -> Reply | None:
    """Prefer the larger number; where both are the same, the first place."""
    if asked.body["model"] != "judge-model":
        doubled = asked.body["model"] == "second-model" and "7 + 7" not in asked.text
        numbers = re.search(r"(\d+) \+ (\d+)", asked.text)
        return Reply(body=completion(str((int(numbers[1]) * 2) * (10 if doubled else 1))))
    first, second = re.findall(r"ANSWER\]\n(\d+)\n", asked.text)
    better = "first" if int(first) >= int(second) else "second"
    return Reply(body=completion(json.dumps({"reasoning": "larger", "better": better})))


def test_pairs_are_compared_in_both_orders(assay: Assay, place: Workplace) -> None:
    """A judge that contradicts itself when the order turns makes a tie; what is on disk is not asked again."""
    models = ("fake-model", "second-model", "judge-model")
    with serving(preferring, models=models, owned_by="vllm") as server:
        write(place, server.base_url, sums=8, condition="suite:sums.pass_rate >= 0.1")
        lines = place.plan.read_text("utf-8").splitlines()
        at = next(n for n, line in enumerate(lines) if line.startswith("candidates: "))
        candidates = json.loads(lines[at].removeprefix("candidates: "))
        candidates[0]["roles"] = ["production"]
        candidates.append({**candidates[0], "id": "other", "model": "second-model", "roles": ["baseline"]})
        lines[at] = "candidates: " + json.dumps(candidates)
        place.plan.write_text("\n".join(lines) + "\n", encoding="utf-8")
        assay("eval", place.plan, "--out", place.out)
        said = assay("compare", place.run, "adder", "other", "--judge", "j1", "--plan", place.plan)
        count = len(server.asked)
        again = assay("compare", place.run, "adder", "other", "--judge", "j1", "--plan", place.plan)
        assert len(server.asked) == count
        missing = assay("compare", place.run, "adder", "nobody", "--judge", "j1", "--plan", place.plan)
    # c0 is 0 for both, c7 the same for both: the judge takes the first place, whichever it is.
    assert said.code == 0
    assert said.out.splitlines()[:4] == [
        "adder: better on 0 cases",
        "other: better on 6 cases",
        "tie on 2 cases; on 2 of them the judge contradicts itself when the order turns",
        "adder wins 0.000 of the decided cases, 95 % interval    0.000..0.390",
    ]
    assert again.out == said.out
    assert missing.code == 2
