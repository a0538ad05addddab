"""Are people shown the right answers in an order that tells nothing, and can what they fill in be read?"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from assay.errors import InputError
from assay.schema.suite import Suite
from assay.suite import load_labels
from tests.record.export.run_files import exported, plan_of, score, small_run, trial, write_run

if TYPE_CHECKING:
    from pathlib import Path

    from assay.schema.score import Outcome

SMALL = (
    '{"id":"talk/hello~a6","request":"Context:\\n[1] Be kind.\\n\\nQuestion: Say hello.","reference":"hello",'
    '"answer":"Hello <you>, hello & ]]>","label":"","rater":null,"rubric":"kind","suite":"talk","case":"hello",'
    '"tags":["vi"]}\n'
    '{"id":"talk/turns~a6","request":"Bye","reference":"[\\"bye\\", \\"ciao\\"]","answer":"bye","label":"",'
    '"rater":null,"rubric":"kind","suite":"talk","case":"turns","tags":[]}\n'
)


def _judged(folder: Path, verdicts: list[Outcome]) -> Path:
    """Write a run with as many trials of one case, each with an answer and a verdict of its own."""
    trials = [trial("one/talk/hello", f"hello {number}", number) for number in range(1, len(verdicts) + 1)]
    scores = [
        own
        for each, verdict in zip(trials, verdicts, strict=True)
        for own in (score(each, "judge:kind", verdict, "SECRET"), score(each, "contains", "passed", "SECRET"))
    ]
    return write_run(folder, trials, scores, plan_of(trials=len(verdicts)))


def _lines(content: bytes) -> list[dict[str, object]]:
    return [json.loads(line) for line in content.decode().split("\n")[:-1]]


def test_labels_of_a_small_run(tmp_path: Path) -> None:
    """The whole text: answers to judged cases only, what was asked with its context, nothing that the judge said."""
    text = re.sub(r"~[0-9a-f]{12}", "~a6", exported(small_run(tmp_path), "labels").decode())
    assert sorted(text.splitlines(keepends=True)) == SMALL.splitlines(keepends=True)


def _cases(count: int) -> Suite:
    return Suite.model_validate(
        {
            "id": "talk",
            "scorers": [{"judge": {"rubric": "kind"}}],
            "cases": [{"id": f"c{n}", "input": f"Say {n}."} for n in range(count)],
        }
    )


def _many(folder: Path, answers: dict[str, list[str]], most: int | None = None) -> list[tuple[str, str]]:
    """Return case and answer of each exported line, from the answers of each candidate to c0, c1, …"""
    suite = _cases(max(map(len, answers.values())))
    digests = {case.id: case.digest() for case in suite.cases}
    trials = [
        trial(f"{name}/talk/hello", text).model_copy(update={"case": f"c{n}", "case_digest": digests[f"c{n}"]})
        for name, own in answers.items()
        for n, text in enumerate(own)
    ]
    scores = [score(own, "judge:kind", "unscored") for own in trials]
    run = write_run(folder, trials, scores, plan_of(1, tuple(answers)), {"talk": suite})
    return [(str(row["case"]), str(row["answer"])) for row in _lines(exported(run, "labels", most))]


def test_the_order_is_a_draw_that_can_be_made_again(tmp_path: Path) -> None:
    """Cases are ordered by the digest that the documentation names, whatever is answered."""
    found = _many(tmp_path, {"one": [f"a{n}" for n in range(40)]})

    def draw(name: str) -> str:
        digest = next(case.digest() for case in _cases(40).cases if case.id == name)
        canonical = json.dumps(["labels", "talk", digest], separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    names = [name for name, _ in found]
    assert names == sorted(names, key=draw)
    assert names != [f"c{n}" for n in range(40)]
    assert names == [name for name, _ in _many(tmp_path / "other", {"two": [f"b{n}" for n in range(40)]})]


def test_a_case_is_labelled_for_all_candidates_or_for_none(tmp_path: Path) -> None:
    """However often an answer was given, its case has one place in the draw, and all its answers stand there."""
    one, two = ["same"] * 10, ["same" if n % 2 else f"own {n}" for n in range(10)]
    every = _many(tmp_path / "every", {"one": one, "two": two})
    some = _many(tmp_path / "some", {"one": one, "two": two}, 7)
    assert len(every) == 15
    assert some == every[: len(some)]
    assert 6 <= len(some) <= 7
    left = {name for name, _ in every[len(some) :]}
    assert not left & {name for name, _ in some}


def test_the_verdict_is_not_shown(tmp_path: Path) -> None:
    """No line holds a verdict, a reason, a grade or a candidate, and all have the same keys."""
    content = exported(_judged(tmp_path, ["passed", "failed", "unscored"] * 4), "labels")
    assert not any(word in content for word in (b"SECRET", b"passed", b"failed", b"unscored", b"grade", b"one"))
    rows = _lines(content)
    assert {tuple(row) for row in rows} == {tuple(rows[0])}
    assert {row["label"] for row in rows} == {""}


def test_the_same_answer_to_the_same_case_stands_once(tmp_path: Path) -> None:
    """Whoever gave it and however often; to another case it stands again."""
    trials = [
        trial("one/talk/hello", "hello"),
        trial("one/talk/hello", "hello", 2),
        trial("two/talk/hello", "hello"),
        trial("two/talk/turns", "hello"),
        trial("two/talk/hello", None, 2),
    ]
    scores = [score(own, name, "unscored") for own in trials for name in ("judge:kind", "contains")]
    rows = _lines(exported(write_run(tmp_path, trials, scores, plan_of(2, ("one", "two"))), "labels"))
    assert Counter(str(row["case"]) for row in rows) == {"hello": 1, "turns": 1}


def test_filled_in_labels_are_read(tmp_path: Path) -> None:
    """What people fill in is a labels file, whatever the answer holds; what they leave out is told."""
    answer = '\\"label":"" =1 \x00\x1b[31m \u2028\u202e\x85 😀 \u200b ]]>\r\n'
    own = trial("one/talk/hello", answer)
    run = write_run(tmp_path, [own], [score(own, name, "passed") for name in ("judge:kind", "contains")])
    content = exported(run, "labels")
    assert not any(hidden in content.decode() for hidden in "\u2028\u202e\x85\u200b\x1b\x00")
    path = tmp_path / "labels.jsonl"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        load_labels(path)
    assert caught.value.problems[0].slug == "no-labels"
    path.write_bytes(content.replace(b',"label":"",', b',"label":"passed",'))
    (label,), _ = load_labels(path)
    assert (label.answer, label.label, label.suite, label.case) == (answer, "passed", "talk", "hello")


def test_a_run_without_judged_cases_has_nothing_to_label(tmp_path: Path) -> None:
    """There is an error and no empty file."""
    own = trial("one/sums/a", "2")
    run = write_run(tmp_path, [own], [score(own, "exact", "passed")])
    with pytest.raises(InputError) as caught:
        exported(run, "labels")
    assert caught.value.problems[0].slug == "nothing-to-export"
