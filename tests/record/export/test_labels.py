"""Are people shown the right answers in an order that tells nothing, and can what they fill in be read?"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.errors import InputError
from assay.record.export.labels import Drawn, draw_of, sample
from assay.suite import load_labels
from tests.record.export.run_files import SALT, exported, plan_of, score, small_run, trial, write_run

if TYPE_CHECKING:
    from pathlib import Path

    from assay.schema.score import Outcome

SMALL = (
    '{"id":"one/talk/hello/1","request":"Context:\\n[1] Be kind.\\n\\nQuestion: Say hello.","reference":"hello",'
    '"answer":"Hello <you>, hello & ]]>","label":"","rater":null,"candidate":"one","suite":"talk","case":"hello",'
    '"tags":["vi"]}\n'
    '{"id":"one/talk/turns/1","request":"Bye","reference":"[\\"bye\\", \\"ciao\\"]","answer":"bye","label":"",'
    '"rater":null,"candidate":"one","suite":"talk","case":"turns","tags":[]}\n'
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
    assert sorted(exported(small_run(tmp_path), "labels").decode().splitlines(keepends=True)) == SMALL.splitlines(
        keepends=True
    )


def test_the_order_is_a_draw_that_can_be_made_again(tmp_path: Path) -> None:
    """Lines are ordered by the digest that the documentation names, and not by the journal."""
    found = [str(row["id"]) for row in _lines(exported(_judged(tmp_path, ["passed"] * 40), "labels"))]

    def draw(name: str) -> str:
        canonical = json.dumps(["labels", SALT, *name.split("/")], separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    assert found == sorted(found, key=draw)
    assert found != [f"one/talk/hello/{number}" for number in range(1, 41)]
    assert draw(found[0]) == draw_of(SALT, ("one", "talk", "hello", int(found[0].rpartition("/")[2])))


def test_the_verdict_is_not_shown(tmp_path: Path) -> None:
    """No line holds a verdict, a reason or a grade, and all have the same keys."""
    content = exported(_judged(tmp_path, ["passed", "failed", "unscored"] * 4), "labels", 8)
    assert not any(word in content for word in (b"SECRET", b"passed", b"failed", b"unscored", b"grade"))
    rows = _lines(content)
    assert {tuple(row) for row in rows} == {tuple(rows[0])}
    assert {row["label"] for row in rows} == {""}


@pytest.mark.parametrize(
    ("verdicts", "most", "wanted"),
    [
        ({"passed": 20, "failed": 5}, 6, {"passed": 3, "failed": 3}),
        ({"passed": 20, "failed": 5}, 7, {"passed": 3, "failed": 4}),
        ({"passed": 20, "failed": 1}, 6, {"passed": 5, "failed": 1}),
        ({"passed": 1, "failed": 20}, 6, {"passed": 1, "failed": 5}),
        ({"passed": 2, "failed": 1, "unscored": 9}, 6, {"passed": 2, "failed": 1, "unscored": 3}),
        ({"passed": 2, "failed": 1}, 100, {"passed": 2, "failed": 1}),
        ({"unscored": 3}, 2, {"unscored": 2}),
        ({"passed": 3, "failed": 3}, 1, {"failed": 1}),
    ],
)
def test_a_sample_has_both_verdicts(
    tmp_path: Path, verdicts: dict[Outcome, int], most: int, wanted: dict[str, int]
) -> None:
    """Half are drawn from the judge's fails and half from its passes, as far as there are; the first of the draw."""
    said: list[Outcome] = [verdict for verdict, count in verdicts.items() for _ in range(count)]
    run = _judged(tmp_path, said)
    every = [str(row["answer"]) for row in _lines(exported(run, "labels"))]
    drawn = [str(row["answer"]) for row in _lines(exported(run, "labels", most))]
    verdict_of = {f"hello {number}": verdict for number, verdict in enumerate(said, start=1)}
    assert Counter(verdict_of[answer] for answer in drawn) == Counter(wanted)
    assert drawn == [answer for answer in every if answer in drawn]
    for verdict, count in wanted.items():
        own = [answer for answer in every if verdict_of[answer] == verdict]
        assert [answer for answer in drawn if verdict_of[answer] == verdict] == own[:count]


_VERDICTS = st.sampled_from(["passed", "failed", "unscored"])


@given(st.lists(_VERDICTS, max_size=40), st.integers(1, 50))
def test_any_sample_is_as_large_as_it_can_be(verdicts: list[Outcome], most: int) -> None:
    """Every wanted line is there while there are answers, once, and answers without a verdict only fill up."""
    answers = [Drawn(draw_of(SALT, ("c", "s", "k", n)), ("c", "s", "k", n), v) for n, v in enumerate(verdicts)]
    drawn = sample(reversed(answers), most)
    assert len(drawn) == len(set(drawn)) == min(most, len(answers))
    assert drawn == sorted(drawn)
    counts, there = Counter(own.verdict for own in drawn), Counter(verdicts)
    assert counts["unscored"] == max(0, min(most, len(answers)) - there["passed"] - there["failed"])
    for verdict, other in (("passed", "failed"), ("failed", "passed")):
        assert counts[verdict] >= min(there[verdict], most // 2)
        assert counts[verdict] <= max(most - most // 2, most - there[other])


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
