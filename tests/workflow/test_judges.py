"""Are judges held against people, do labels carry their word, and are pairs compared in both orders?"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from assay.schema.suite import Case
from assay.scoring import draw_of
from tests.fakes import Asked, Reply, completion, plan_of, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
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
    return Reply(body=completion(json.dumps(said), model="judge-model"))


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


def drawn(sums: int = 60) -> list[int]:
    """Return the numbers of the sums in the order in which people label them."""
    cases = {n: Case(id=f"c{n}", input=f"What is {n} + {n}?", expected=str(2 * n)) for n in range(sums)}
    return sorted(cases, key=lambda n: draw_of("sums", cases[n]))


def label_lines(place: Workplace, how: Callable[[int], str], numbers: Iterable[int]) -> None:
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
    path = max((place.out / "records").glob("[0-9]*.json"))
    return json.loads(path.read_text("utf-8")), path


def test_labels_carry_a_judges_word_into_the_verdict(assay: Assay, place: Workplace) -> None:
    """Without a calibration the judge carries nothing; with one, people's labels correct its rate, and verify holds."""
    with serving(judged, models=("fake-model", "judge-model"), owned_by="vllm") as server:
        write(place, server.base_url, condition="suite:sums.pass_rate >= 0.6 with 95% confidence")
        before = assay("run", place.plan, "--out", place.out)
        assert before.code == 3
        assert "The judge j1 is not trusted: no calibration on file." in " ".join(before.out.split())
        run = place.run
        # People find wrong what the judge finds wrong, and one thing more.
        labelled = drawn()[:45]
        label_lines(place, lambda n: "passed" if n > 5 else "failed", labelled)
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
    passes, wrong, fails = sum(n > 4 for n in labelled), 5 in labelled, sum(n < 5 for n in labelled)
    assert (own["pass_labels"], own["pass_labels_passed"]) == (passes, passes - wrong)
    assert (own["fail_labels"], own["fail_labels_passed"]) == (fails, 0)
    assert own["low"] < own["value"] < own["high"]
    (judge,) = record["judges"]
    assert (judge["trusted"], judge["labels"], judge["agreement"]["agreement"]["hits"]) == (True, 45, 45 - wrong)
    page = path.with_suffix(".md").read_text("utf-8")
    assert f"| `sums` | `adder` | all | 55 of 60 | 45 | {passes - wrong} of {passes} | 0 of {fails} |" in page
    assert f"agrees with people on {45 - wrong} of 45 answers" in page
    assert "(by the judge alone; by people: below)" in page
    assert assay("verify", path).code == 0


def test_too_few_labels_carry_nothing(assay: Assay, place: Workplace) -> None:
    """With fewer than thirty labels on the run's own answers the condition is unknown and says so."""
    condition = "suite:sums.pass_rate >= 0.1"
    with serving(judged, models=("fake-model", "judge-model"), owned_by="vllm") as server:
        write(place, server.base_url, condition=condition)
        label_lines(place, lambda n: "passed", drawn()[:20])
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
        label_lines(place, lambda n: "passed" if n > 4 else "failed", drawn()[:40])
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
        label_lines(place, lambda n: "passed" if n > 4 else "failed", drawn()[:40])
        assay("calibrate", "j1", "labels.jsonl", "--plan", place.plan)
        write(place, server.base_url, condition=condition, calibration="calibrations/j1.json")
        assay("run", place.plan, "--out", place.out)
    changed = place.run / part / "j1.json"
    text = changed.read_text("utf-8").replace("It is right.", "Anything.").replace('"": "passed"', '"": "failed"', 1)
    changed.write_text(text, encoding="utf-8")
    said = assay("score", place.run)
    assert said.code == 1
    assert f"a {part.removesuffix('s')} is not the one of the run" in said.err


def test_what_calibrating_shows(assay: Assay, place: Workplace) -> None:
    """Agreement, steadiness and leanings come with their counts; a finished calibration asks anew."""
    flip = {"n": 0}

    def moody(asked: Asked) -> Reply | None:
        if asked.body["model"] != "judge-model":
            return None
        flip["n"] += 1
        backwards = asked.body["messages"][0]["content"].index("- rude") < asked.body["messages"][0]["content"].index(
            "- right"
        )
        if answer_in(asked) == "24":
            return Reply(body=completion("I'm sorry, I can't judge that.", model="judge-model"))
        if answer_in(asked) == "26":
            return Reply(body=completion("not JSON", model="judge-model"))
        if answer_in(asked) == "28":
            return verdict(right=not backwards)
        return judged(asked)

    with serving(moody, models=("fake-model", "judge-model"), owned_by="vllm") as server:
        write(place, server.base_url, condition="suite:sums.pass_rate >= 0.1")
        label_lines(place, lambda n: "passed" if n > 4 else "failed", range(20))
        said = assay("calibrate", "j1", "labels.jsonl", "--plan", place.plan, "--repeats", "2", "--out", "j1.json")
        count = len(server.asked)
        again = assay("calibrate", "j1", "labels.jsonl", "--plan", place.plan, "--repeats", "2", "--out", "j1.json")
        assert len(server.asked) == 2 * count
    assert said.out == again.out
    assert said.out.splitlines() == [
        "judge j1, rubric helpful, model judge-model",
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


def write_pair(place: Workplace, base_url: str, second: str = "second-model") -> None:
    """Write a plan with two candidates, and eight sums."""
    write(place, base_url, sums=8, condition="suite:sums.pass_rate >= 0.1")
    lines = place.plan.read_text("utf-8").splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("candidates: "))
    candidates = json.loads(lines[at].removeprefix("candidates: "))
    candidates[0]["roles"] = ["production"]
    candidates.append({**candidates[0], "id": "other", "model": second, "roles": ["baseline"]})
    lines[at] = "candidates: " + json.dumps(candidates)
    place.plan.write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_pairs_are_compared_in_both_orders(assay: Assay, place: Workplace) -> None:
    """A judge that contradicts itself when the order turns makes a tie; what is on disk is not asked again."""
    models = ("fake-model", "second-model", "judge-model")
    with serving(preferring, models=models, owned_by="vllm") as server:
        write_pair(place, server.base_url)
        assay("eval", place.plan, "--out", place.out)
        said = assay("compare", place.run, "adder", "other", "--judge", "j1", "--plan", place.plan)
        count = len(server.asked)
        again = assay("compare", place.run, "adder", "other", "--judge", "j1", "--plan", place.plan)
        assert len(server.asked) == count
        missing = assay("compare", place.run, "adder", "nobody", "--judge", "j1", "--plan", place.plan)
    # c0 is 0 for both, c7 the same for both: the judge takes the first place, whichever it is.
    assert said.code == 0
    assert said.out.splitlines()[:5] == [
        "8 of 8 cases compared, by each candidate's first answer",
        "adder: better on 0 cases",
        "other: better on 6 cases",
        "tie on 2 cases; on 2 of them the judge contradicts itself when the order turns",
        "adder wins 0.000 of the decided cases, 95 % interval    0.000..0.390",
    ]
    assert again.out == said.out
    assert missing.code == 2


def test_what_comparing_refuses_and_asks_again(assay: Assay, place: Workplace) -> None:
    """A candidate beside itself and changed cases are refused; faults and another rubric are asked again."""
    down = {"judge": True}

    def script(asked: Asked) -> Reply | None:
        if asked.body["model"] == "judge-model" and down["judge"]:
            return Reply(status=400, body={"error": {"message": "no"}})
        return preferring(asked)

    command = ("compare", "--judge", "j1", "--plan", place.plan)
    with serving(script, models=("fake-model", "second-model", "judge-model"), owned_by="vllm") as server:
        write_pair(place, server.base_url)
        assay("eval", place.plan, "--out", place.out)
        itself = assay(*command, place.run, "adder", "adder")
        unread = assay(*command, place.run, "adder", "other")
        down["judge"] = False
        count = len(server.asked)
        mended = assay(*command, place.run, "adder", "other", "--json")
        assert len(server.asked) == count + 16
        rubric = place.folder / "helpful.yaml"
        rubric.write_text(rubric.read_text("utf-8").replace("It is right.", "It is so."), encoding="utf-8")
        assay(*command, place.run, "adder", "other")
        assert len(server.asked) == count + 32
        sums = place.folder / "sums.jsonl"
        sums.write_text(sums.read_text("utf-8").replace("What is 3", "How much is 3"), encoding="utf-8")
        changed = assay(*command, place.run, "adder", "other")
    assert (itself.code, unread.code, mended.code, changed.code) == (2, 4, 0, 2)
    assert "no verdict on 8 cases" in unread.out
    said = json.loads(mended.out)
    assert (said["wins"], said["answered"], said["due"]) == ({"a": 0, "b": 6, "tie": 2, "unread": 0}, 8, 8)
    assert "the case sums/c3 has changed since it was answered" in changed.errors[0]


def test_comparing_says_when_the_judge_is_one_of_the_two(assay: Assay, place: Workplace) -> None:
    """The preference of a judge for itself is shown with a caution."""
    with serving(preferring, models=("fake-model", "judge-model"), owned_by="vllm") as server:
        write_pair(place, server.base_url, second="judge-model")
        server.script = lambda asked: preferring(asked) if "ANSWER]" in asked.text else None
        assay("eval", place.plan, "--out", place.out)
        said = assay("compare", place.run, "adder", "other", "--judge", "j1", "--plan", place.plan)
    assert said.out.splitlines()[0] == "caution: the judge is the same model as other; its preference is no evidence"


def fill_in(place: Workplace, how: Callable[[dict], str | None]) -> list[dict]:
    """Fill in the labels of labels.jsonl; a line for which nothing is said is left out."""
    path = place.folder / "labels.jsonl"
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    kept = [{**row, "label": word} for row in rows if (word := how(row)) is not None]
    path.write_text("".join(json.dumps(row) + "\n" for row in kept), encoding="utf-8")
    return rows


def right(row: dict) -> str:
    return "passed" if int(row["answer"]) > 9 else "failed"


CONDITION = "suite:sums.pass_rate >= 0.6 with 95% confidence"


def labelled_run(assay: Assay, place: Workplace, base_url: str, how: Callable[[dict], str | None]) -> Said:
    """Go the documented way: run, export, label, calibrate, run again with what was answered."""
    write(place, base_url, condition=CONDITION)
    assay("eval", place.plan, "--out", place.out)
    run = place.run
    exported = assay("export", run, "--format", "labels", "--most", "40", "--out", place.folder / "labels.jsonl")
    assert exported.code == 0, exported.err
    fill_in(place, how)
    calibrated = assay("calibrate", "j1", place.folder / "labels.jsonl", "--plan", place.plan)
    assert calibrated.code == 0, calibrated.err
    write(place, base_url, condition=CONDITION, calibration="calibrations/j1.json")
    return assay("run", place.plan, "--out", place.out, "--reuse", run)


def test_the_documented_way_ends_in_a_verdict(assay: Assay, place: Workplace) -> None:
    """Exported answers, labelled in their order, carry the judge's rate; neither candidate nor verdict is shown."""
    with serving(judged, models=("fake-model", "judge-model"), owned_by="vllm") as server:
        said = labelled_run(assay, place, server.base_url, right)
    assert said.code == 0, said.out
    record, path = record_of(place)
    assert record["metrics"][0]["correction"]["pass_labels"] + record["metrics"][0]["correction"]["fail_labels"] == 40
    assert assay("verify", path).code == 0


def test_labels_that_were_chosen_carry_nothing(assay: Assay, place: Workplace) -> None:
    """Whoever leaves out the answers that are wrong has no sample: the draw ends where a line is missing."""
    with serving(judged, models=("fake-model", "judge-model"), owned_by="vllm") as server:
        said = labelled_run(assay, place, server.base_url, lambda row: "passed" if right(row) == "passed" else None)
    first = next(n for n in drawn() if n < 5)
    assert said.code == 3
    assert f"the draw breaks off at sums/c{first}, which has no label" in " ".join(said.out.split())


def test_a_calibration_that_was_edited_is_refused(assay: Assay, place: Workplace) -> None:
    """Figures that do not follow from the answers, and labels that changed since, are told before anything is asked."""
    with serving(judged, models=("fake-model", "judge-model"), owned_by="vllm") as server:
        labelled_run(assay, place, server.base_url, right)
        path = place.folder / "calibrations" / "j1.json"
        whole = path.read_text("utf-8")
        count = len(server.asked)
        path.write_text(whole.replace('"passed"', '"failed"', 1), encoding="utf-8")
        forged = assay("run", place.plan, "--out", place.out)
        path.write_text(whole, encoding="utf-8")
        fill_in(place, lambda row: "passed")
        stale = assay("run", place.plan, "--out", place.out)
        assert len(server.asked) == count
    assert (forged.code, stale.code) == (2, 2)
    assert "its figures do not follow from the labelled answers in it" in forged.errors[0]
    assert "the labels in labels.jsonl have changed since it was written" in stale.errors[0]


def test_where_a_calibration_may_be_written(assay: Assay, place: Workplace) -> None:
    """Nothing but a calibration is written over, and a plan's name stays in its folder."""
    with serving(judged, models=("fake-model", "judge-model"), owned_by="vllm") as server:
        write(place, server.base_url, condition=CONDITION)
        label_lines(place, lambda n: "passed", drawn()[:5])
        labels = place.folder / "labels.jsonl"
        before = labels.read_bytes()
        over = assay("calibrate", "j1", labels, "--plan", place.plan, "--out", labels)
        write(place, server.base_url, condition=CONDITION, calibration="../j1.json")
        outside = assay("calibrate", "j1", labels, "--plan", place.plan)
        assert server.asked == []
    assert (over.code, outside.code, labels.read_bytes()) == (2, 2, before)
    assert "there is another file already, and it is no calibration" in over.errors[0]
    assert "leads out of the plan's folder" in outside.errors[0]


def test_which_labels_a_calibration_takes(assay: Assay, place: Workplace) -> None:
    """Those of another rubric are left out, one text given to several cases counts for each, and nobody says both."""
    rows = [
        {"id": "a", "request": "?", "answer": "12", "label": "passed", "suite": "sums", "case": "c6", "rater": "An"},
        {"id": "b", "request": "?", "answer": "12", "label": "passed", "suite": "sums", "case": "x", "rater": "An"},
        {"id": "c", "request": "?", "answer": "12", "label": "failed", "suite": "sums", "case": "x", "rater": "Bo"},
        {"id": "d", "request": "?", "answer": "1", "label": "failed", "rubric": "polite"},
        {"id": "e", "request": "?", "answer": "2", "label": "failed", "rubric": "helpful"},
    ]
    path = place.folder / "labels.jsonl"
    with serving(judged, models=("fake-model", "judge-model"), owned_by="vllm") as server:
        write(place, server.base_url, condition=CONDITION)
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        said = assay("calibrate", "j1", path, "--plan", place.plan, "--json")
        path.write_text("".join(json.dumps({**row, "rater": None}) + "\n" for row in rows), encoding="utf-8")
        both = assay("calibrate", "j1", path, "--plan", place.plan)
        path.write_text(json.dumps(rows[3]), encoding="utf-8")
        none = assay("calibrate", "j1", path, "--plan", place.plan)
    answers = json.loads(said.out)["answers"]
    assert [(own["id"], own["cases"], own["raters"]) for own in answers] == [
        ("a", [{"suite": "sums", "case": "c6"}, {"suite": "sums", "case": "x"}], {"An": "passed", "Bo": "failed"}),
        ("e", [], {"": "failed"}),
    ]
    assert json.loads(said.out)["agreement"]["agreement"]["n"] == 1
    assert (both.code, none.code) == (2, 2)
    assert "nobody by name says both of one answer: passed in 'a', failed in 'c'" in both.errors[0]
    assert "no label is for the rubric 'helpful'" in none.errors[0]


def test_a_judge_that_never_answers_writes_no_calibration(assay: Assay, place: Workplace) -> None:
    """Where not one judgement can be read nothing is written, and what was asked is asked again."""
    with serving(lambda asked: Reply(body=completion("no")), models=("judge-model",), owned_by="vllm") as server:
        write(place, server.base_url, condition=CONDITION)
        label_lines(place, lambda n: "passed", drawn()[:3])
        said = assay("calibrate", "j1", place.folder / "labels.jsonl", "--plan", place.plan)
    assert said.code == 4
    assert "not one judgement of j1 could be read (9 parse_error)" in said.errors[0]
    assert not (place.folder / "calibrations" / "j1.json").exists()


def test_judgements_that_a_fault_prevented_are_asked_for_again(assay: Assay, place: Workplace) -> None:
    """A resumed run asks the judge again where it got no answer, and only there; the last judgement counts."""
    broken = {"now": True}

    def script(asked: Asked) -> Reply | None:
        if asked.body["model"] == "judge-model" and broken["now"] and int(answer_in(asked) or 0) % 4 == 0:
            return Reply(status=400, body={"error": {"message": "no"}})
        return judged(asked)

    with serving(script, models=("fake-model", "judge-model"), owned_by="vllm") as server:
        write(place, server.base_url, sums=10, condition=CONDITION)
        assay("eval", place.plan, "--out", place.out)
        broken["now"] = False
        count = len(server.asked)
        said = assay("eval", place.plan, "--out", place.out, "--resume", place.run)
        again = [asked for asked in server.asked[count:] if asked.body["model"] == "judge-model"]
    assert sorted(int(answer_in(asked)) for asked in again) == [0, 4, 8, 12, 16]
    assert [own["outcome"] for own in place.rows("scores.jsonl")].count("unscored") == 0
    assert said.code == 0


def test_a_judge_sees_the_reference_of_its_scorer(assay: Assay, place: Workplace) -> None:
    """A judge that brings an `expected` of its own is shown that, and asked even where the case has none."""
    with serving(judged, models=("fake-model", "judge-model"), owned_by="vllm") as server:
        write(place, server.base_url, sums=2, condition=CONDITION)
        text = place.plan.read_text("utf-8").replace(
            '{"rubric": "helpful"}', '{"rubric": "helpful", "expected": "REF"}'
        )
        place.plan.write_text(text, encoding="utf-8")
        rubric = place.folder / "helpful.yaml"
        rubric.write_text(rubric.read_text("utf-8").replace("optional", "required"), encoding="utf-8")
        assay("eval", place.plan, "--out", place.out)
        asked = [own.text for own in server.asked if own.body["model"] == "judge-model"]
    assert len(asked) == 2
    assert all("REFERENCE]\nREF\n" in text for text in asked)


def test_blockers_want_a_persons_word(assay: Assay, place: Workplace) -> None:
    """Whatever a judge says of a blocker, without a label on its answer the blocker has no score."""
    with serving(judged, models=("fake-model", "judge-model"), owned_by="vllm") as server:
        write(place, server.base_url, sums=9, condition="blockers all passed")
        sums = place.folder / "sums.jsonl"
        rows = [json.loads(line) | {"severity": "blocker"} for line in sums.read_text("utf-8").splitlines()[6:]]
        sums.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        before = assay("run", place.plan, "--out", place.out)
        label_lines(place, lambda n: "passed", range(6, 9))
        assay("calibrate", "j1", place.folder / "labels.jsonl", "--plan", place.plan)
        write(place, server.base_url, condition="blockers all passed", calibration="calibrations/j1.json")
        sums.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        after = assay("run", place.plan, "--out", place.out)
    assert (before.code, after.code) == (3, 0)
    assert "Blocker cases without a score, 3 of 3" in " ".join(before.out.split())
