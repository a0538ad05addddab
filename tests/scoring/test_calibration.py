"""Do the figures of a calibration follow from its labelled answers, and from nothing else?"""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.gate import wilson
from assay.schema.calibration import Calibration, LabelledAnswer
from assay.scoring.agreement import cohen_kappa
from assay.scoring.calibration import bias_of, figures_of, follows_from_answers

QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)


def answer(number: int, judge: str = "passed", *words: str, **more: object) -> LabelledAnswer:
    raters = {f"r{n}": word for n, word in enumerate(words or ("passed",))}
    fields = {
        "id": f"a{number}",
        "answer_sha256": "0" * 64,
        "characters": 10 + number,
        "raters": raters,
        "judge": judge,
    }
    return LabelledAnswer.model_validate({**fields, **more})


def graded(pairs: list[tuple[float, float]]) -> float | None:
    answers = [answer(n, judge_grade=judge, human_grade=human) for n, (judge, human) in enumerate(pairs)]
    return figures_of(answers, wilson).weighted_kappa


@given(st.lists(st.tuples(st.sampled_from(QUARTERS), st.sampled_from(QUARTERS)), min_size=2, max_size=30))
def test_evenly_spaced_grades_have_the_kappa_of_their_ranks(pairs: list[tuple[float, float]]) -> None:
    """On a whole scale it is Cohen's weighted kappa with quadratic weights."""
    by_rank = cohen_kappa([a for a, _ in pairs], [b for _, b in pairs], "quadratic", QUARTERS).value
    found = graded(pairs)
    assert (found is None) == (by_rank is None)
    assert found is None or found == pytest.approx(by_rank, abs=2e-6)


def test_distance_of_grades_counts_and_not_their_rank() -> None:
    """Near grades stay near where those between did not occur, and a third is a third however it is written."""
    near = [(1.0, 0.9), (0.9, 1.0), (1.0, 1.0), (0.0, 0.0), (0.0, 0.0)]
    assert graded(near) > 0.98
    thirds = [(0.333333, 0.33), (0.666667, 0.67), (1.0, 1.0), (0.0, 0.0)]
    assert graded(thirds) > 0.999
    assert graded([(0.5, 0.5), (0.5, 0.5)]) is None


def test_what_people_say_together() -> None:
    """The majority of the people counts, a tie is no word, and one voice is no agreement among them."""
    answers = [
        answer(1, "passed", "passed", "passed", "failed"),
        answer(2, "failed", "passed", "failed"),
        answer(3, "failed", "failed"),
        answer(4, "unscored", "passed"),
    ]
    assert [own.human for own in answers] == ["passed", None, "failed", "passed"]
    figures = figures_of(answers, wilson)
    assert (figures.agreement.hits, figures.agreement.n) == (2, 2)
    assert figures.human_alpha is not None
    assert figures_of(answers[2:], wilson).human_alpha is None


def test_figures_that_were_edited_do_not_follow() -> None:
    """Every figure and every word is held against the others."""
    chance = random.Random(3)
    words = [(chance.choice(["passed", "failed"]), chance.choice(["passed", "failed"])) for _ in range(20)]
    answers = tuple(answer(n, judge, human) for n, (judge, human) in enumerate(words))
    whole = Calibration(
        judge="j",
        model=None,
        fingerprint="0" * 64,
        rubric="r",
        rubric_digest="0" * 64,
        labels_digest="0" * 64,
        answers=answers,
        unread={},
        agreement=figures_of(answers, wilson),
        bias=bias_of(answers, wilson),
    )
    assert follows_from_answers(whole, wilson)
    better = whole.agreement.model_copy(update={"kappa": 0.99})
    assert not follows_from_answers(whole.model_copy(update={"agreement": better}), wilson)
    turned = (answer(0, words[0][0], "failed" if words[0][1] == "passed" else "passed"), *answers[1:])
    assert not follows_from_answers(whole.model_copy(update={"answers": turned}), wilson)
