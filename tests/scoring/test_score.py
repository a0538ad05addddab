"""Scores of one trial."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assay.schema.suite import Case
from assay.scoring.mark import Mark, Scorer, passed
from assay.scoring.registry import SCORERS
from assay.scoring.score import outcomes_of, score_trial
from tests.scoring.building import ALL_MET, NONE_MET, RUBRIC, judgement_of, suite_of, trial_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from assay.schema.run import Judgement
    from assay.schema.score import Outcome
    from assay.schema.suite import Rubric

CASE = Case.model_validate({"id": "c", "input": "?", "expected": "yes", "schema": {"type": "object"}})
JUDGE = {"judge": {"rubric": "r"}}


def said(
    *scorers: str | dict,
    output: str | None = "yes",
    case: Case = CASE,
    judgements: Sequence[Judgement] = (),
    rubrics: Mapping[str, Rubric] | None = None,
    **trial: object,
) -> list[tuple[str, Outcome, float | None, str]]:
    """Return label, outcome, value and reason of each score."""
    suite = suite_of(case, scorers=scorers)
    rubrics = {"r": RUBRIC} if rubrics is None else rubrics
    scores = score_trial(
        suite, case, trial_of(output, **trial), {"r": tuple(judgements)} if judgements else {}, rubrics
    )
    assert {(score.candidate, score.suite, score.case, score.trial) for score in scores} <= {("m", "s", "c", 1)}
    return [(score.scorer, score.outcome, score.value, score.reason) for score in scores]


def test_one_score_for_each_scorer() -> None:
    """Each scorer of the case gives one score under its label, in the order of the suite."""
    judgements = [judgement_of("j1", ALL_MET)]
    assert said("exact", {"fuzzy": {"min_ratio": 50}}, "json_schema", JUDGE, judgements=judgements) == [
        ("exact", "passed", 1.0, "equals 'yes'"),
        ("fuzzy", "passed", 1.0, "ratio 100.0 to 'yes', 50 needed"),
        ("json_schema", "failed", 0.0, "the answer is not one JSON value: 'yes'"),
        ("judge:r", "passed", 1.0, "grade 1, 0.7 needed; the judge says 'good'"),
    ]


def test_a_failed_trial_is_unscored_by_every_scorer() -> None:
    """Where there is no answer there is no score, whatever a judge may have said."""
    judgements = [judgement_of("j1", ALL_MET)]
    assert said("exact", JUDGE, output=None, judgements=judgements) == [
        ("exact", "unscored", None, "no answer: timeout"),
        ("judge:r", "unscored", None, "no answer: timeout"),
    ]


def test_an_empty_answer_is_an_answer() -> None:
    """An empty text is scored; a completed trial without text is not."""
    assert said("exact", output="") == [("exact", "failed", 0.0, "expected 'yes', got ''")]
    assert said("exact", output=None, status="completed", error=None) == [
        ("exact", "unscored", None, "no answer: it has no text"),
    ]


def test_a_cut_answer_is_noted_where_it_failed() -> None:
    """The token limit is named beside a failure, and only there."""
    cut = {"finish_reason": "length"}
    assert said("exact", output="y", **cut)[0][3] == "expected 'yes', got 'y' (the answer was cut at the token limit)"
    assert said("exact", output="yes", **cut)[0][3] == "equals 'yes'"
    assert said(JUDGE, judgements=[judgement_of("j1", NONE_MET)], **cut)[0][3].endswith("cut at the token limit)")


@pytest.mark.parametrize(
    ("judgements", "rubrics", "expected"),
    [
        ([], {}, (None, "no judge of the plan reads the rubric 'r'")),
        ([], None, (None, "no judge was asked")),
        ([("j1", None)], None, (None, "transport_error: timeout")),
        (
            [("j1", ALL_MET), ("j2", NONE_MET)],
            None,
            (
                None,
                (
                    "of 2 judges 1 passed and 1 failed it (j1: grade 1, 0.7 needed; the judge says 'good'; "
                    "j2: grade 0, 0.7 needed; not met: a (must), b, c; the judge says 'bad')"
                ),
            ),
        ),
    ],
)
def test_judges_that_settle_nothing(judgements: list, rubrics: dict | None, expected: tuple) -> None:
    """No rubric, no judge, no readable judgement or no majority leaves the trial unscored."""
    asked = [judgement_of(judge, output) for judge, output in judgements]
    label, outcome, value, reason = said(JUDGE, judgements=asked, rubrics=rubrics)[0]
    assert (label, outcome, (value, reason)) == ("judge:r", "unscored", expected)


def test_a_rubric_that_needs_a_reference() -> None:
    """A case without an expected answer is not scored by such a rubric, even if a judge was asked."""
    rubric = RUBRIC.model_copy(update={"reference": "required"})
    case = Case(id="c", input="?")
    judgements = [judgement_of("j1", ALL_MET)]
    assert said(JUDGE, case=case, judgements=judgements, rubrics={"r": rubric}) == [
        ("judge:r", "unscored", None, "the rubric 'r' needs a reference, and the case has no `expected`"),
    ]
    assert said(JUDGE, judgements=judgements, rubrics={"r": rubric})[0][1] == "passed"


def test_a_scorer_that_breaks_costs_its_own_score_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """An unexpected exception leaves that score unscored under its name; the others stand."""

    def broken(*_arguments: object) -> None:
        raise RecursionError

    scorer = SCORERS["fuzzy"]
    monkeypatch.setitem(SCORERS, "fuzzy", Scorer(scorer.name, scorer.summary, scorer.options, broken))
    assert said("fuzzy", "exact", "never-heard-of", {"exact": {"nonsense": 1}}) == [
        ("fuzzy", "unscored", None, "scorer fuzzy broke on this case: RecursionError"),
        ("exact", "passed", 1.0, "equals 'yes'"),
        ("never-heard-of", "unscored", None, "the scorer 'never-heard-of' is not installed"),
        ("exact", "unscored", None, "scorer exact broke on this case: ValidationError"),
    ]


@pytest.mark.parametrize(
    ("returned", "why"),
    [
        (None, "returned NoneType, not a mark"),
        (True, "returned bool, not a mark"),
        (Mark(1.0, "ok", "r"), "returned the outcome 'ok'"),  # type: ignore[arg-type]
        (Mark(1.0, "passed", None), "returned no reason"),  # type: ignore[arg-type]
        (Mark("1", "passed", "r"), "returned the grade '1', which is no share from 0 to 1"),  # type: ignore[arg-type]
        (Mark(float("nan"), "passed", "r"), "returned the grade nan, which is no share from 0 to 1"),
        (Mark(7.0, "passed", "r"), "returned the grade 7.0, which is no share from 0 to 1"),
        (Mark(True, "passed", "r"), "returned the grade True, which is no share from 0 to 1"),
        (Mark(None, "passed", "r"), "returned the grade None, which is no share from 0 to 1"),
        (Mark(1.0, "unscored", "r"), "returned a grade for an answer that it leaves unscored"),
    ],
)
def test_what_is_no_mark_costs_that_score_only(monkeypatch: pytest.MonkeyPatch, returned: object, why: str) -> None:
    """A scorer that returns something else leaves its score unscored, within a combination too."""
    scorer = SCORERS["fuzzy"]
    careless = Scorer(scorer.name, scorer.summary, scorer.options, lambda *_: returned)  # type: ignore[arg-type,return-value]
    monkeypatch.setitem(SCORERS, "fuzzy", careless)
    reason = f"scorer fuzzy broke on this case: it {why}"
    assert said("fuzzy", "exact", {"all": ["fuzzy", "exact"]}) == [
        ("fuzzy", "unscored", None, reason),
        ("exact", "passed", 1.0, "equals 'yes'"),
        ("all", "unscored", None, f"fuzzy: {reason}"),
    ]


def test_a_whole_number_is_a_grade(monkeypatch: pytest.MonkeyPatch) -> None:
    """A grade of 1 is stored as 1.0."""
    scorer = SCORERS["fuzzy"]
    whole = Scorer(scorer.name, scorer.summary, scorer.options, lambda *_: Mark(1, "passed", "r"))
    monkeypatch.setitem(SCORERS, "fuzzy", whole)
    assert repr(said("fuzzy")) == "[('fuzzy', 'passed', 1.0, 'r')]"


def test_a_schema_that_refers_to_itself_in_a_circle() -> None:
    """A real poisoned case: the schema never ends, the case is unscored."""
    case = Case.model_validate({"id": "c", "input": "?", "schema": {"$ref": "#"}})
    assert said("json_schema", case=case, output="{}") == [
        ("json_schema", "unscored", None, "scorer json_schema broke on this case: RecursionError"),
    ]


def test_a_reason_can_always_be_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a scorer puts into its reason, the score holds one readable line."""
    scorer = SCORERS["exact"]
    careless = Scorer(scorer.name, scorer.summary, scorer.options, lambda *_: passed("a\n\x1b[2J\ud800"))
    monkeypatch.setitem(SCORERS, "exact", careless)
    assert said("exact")[0][3] == r"a\n\x1b[2J\ud800"


def test_a_case_without_scorers_has_no_scores() -> None:
    """Nothing is made up where no scorer applies."""
    assert said() == []


def test_outcomes_are_those_of_the_scores() -> None:
    """What is said without reasons is what is said with them, for answers, poisoned ones, and where there is none."""
    suite = suite_of(CASE, scorers=("exact", "contains", {"all": {"scorers": ["exact", "json_schema"]}}))
    for output in ("yes", "yes and no", "\ud800", None):
        trial = trial_of(output)
        scores = score_trial(suite, suite.cases[0], trial, {}, {})
        assert outcomes_of(suite, suite.cases[0], trial) == {own.scorer: own.outcome for own in scores}
