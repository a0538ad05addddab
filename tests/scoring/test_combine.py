"""Scorers that are made of others, and scorers that other packages add."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.schema._base import Noun
from assay.schema.suite import Case, ScorerSpec, Suite
from assay.scoring import check_scorers, score_trial
from assay.scoring.combine import combine
from assay.scoring.mark import Mark, Scorer, failed, passed, unscored
from assay.scoring.plugins import _added, known_scorers, plugin_versions, scorer_named
from assay.scoring.registry import SCORERS
from tests.scoring.building import trial_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.schema.score import Outcome

YES, NO, OPEN = passed("yes"), failed("no"), unscored("open")


def outcome(name: str, *marks: Mark, **options: float) -> Outcome:
    return combine(name, [(f"p{n}", 1.0, mark) for n, mark in enumerate(marks)], options).outcome


@pytest.mark.parametrize(
    ("name", "marks", "expected"),
    [
        ("all", (YES, YES), "passed"),
        ("all", (YES, NO), "failed"),
        ("all", (OPEN, NO), "failed"),
        ("all", (YES, OPEN), "unscored"),
        ("any", (NO, YES), "passed"),
        ("any", (OPEN, YES), "passed"),
        ("any", (NO, NO), "failed"),
        ("any", (NO, OPEN), "unscored"),
        ("none", (NO, NO), "passed"),
        ("none", (NO, YES), "failed"),
        ("none", (OPEN, YES), "failed"),
        ("none", (NO, OPEN), "unscored"),
        ("weighted", (YES, YES), "passed"),
        ("weighted", (YES, NO), "failed"),
        ("weighted", (YES, OPEN), "unscored"),
        ("all", (), "unscored"),
    ],
)
def test_what_parts_come_to(name: str, marks: tuple[Mark, ...], expected: str) -> None:
    """A part without a score decides only where no other word could change the outcome."""
    assert outcome(name, *marks) == expected


def test_weights_are_exact() -> None:
    """A tenth and two tenths are three tenths; what is open is taken both ways."""
    parts = [("a", 0.1, YES), ("b", 0.2, YES), ("c", 0.7, NO)]
    assert combine("weighted", parts, {"min": 0.3}).outcome == "passed"
    assert combine("weighted", parts, {"min": 0.31}).outcome == "failed"
    assert combine("weighted", [*parts[:2], ("c", 0.7, OPEN)], {"min": 0.31}).outcome == "unscored"
    assert combine("weighted", [*parts[:2], ("c", 0.7, OPEN)], {"min": 0.3}).value == 0.3


def test_weighted_names_each_part_once() -> None:
    """The reason has the grade of each part, and why it does not pass."""
    mark = combine("weighted", [("exact", 1, NO), ("fuzzy", 2, OPEN), ("length", 1, YES)], {"min": 0.9})
    assert mark.reason == "weighted 0.25, 0.9 needed: exact 0 (no); fuzzy ? (open); length 1"


@given(st.lists(st.sampled_from([YES, NO, OPEN]), min_size=1, max_size=6))
def test_none_is_the_contrary_of_any(marks: list[Mark]) -> None:
    """`none` passes where `any` fails and fails where it passes; both are open together."""
    turned = {"passed": "failed", "failed": "passed", "unscored": "unscored"}
    assert outcome("none", *marks) == turned[outcome("any", *marks)]


def test_parts_may_expect_their_own() -> None:
    """A part may bring its own expectation and label, and combinations may stand in each other."""
    spec = ScorerSpec.model_validate(
        {
            "any": [
                {"exact": {"expected": "42"}},
                {"all": [{"contains": {"expected": "forty"}}, {"contains": {"expected": "two", "label": "two"}}]},
            ]
        }
    )
    case = Case(id="c", input="?", expected="something else")
    suite = Suite(id="s", scorers=(spec,), cases=(case,))
    assert check_scorers(suite, case) == []
    assert [leaf.name for leaf in spec.leaves()] == ["exact", "contains", "contains"]
    for output, expected in (("42", "passed"), ("forty-two", "passed"), ("forty", "failed")):
        (score,) = score_trial(suite, case, trial_of(output), {}, {})
        assert (score.scorer, score.outcome) == ("any", expected)


class _Options(Noun):
    loud: bool = False
    """Whether the answer must be in upper case."""


UPPER = Scorer("upper", "The answer is in upper case.", _Options, lambda case, output, options: passed("loud"))


@pytest.fixture
def added(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Add a package with one sound scorer, one that is none, and one that cannot be loaded."""
    dist = SimpleNamespace(name="loud-scorers", version="1.2")
    points = []
    for name, value in (("upper", UPPER), ("thing", 7), ("broken", None), ("exact", UPPER)):
        point = EntryPoint(name, "nowhere:none", "assay.scorers")
        vars(point)["dist"] = dist
        vars(point)["load"] = (lambda v=value: v) if value is not None else _broken
        points.append(point)
    monkeypatch.setattr("assay.scoring.plugins.entry_points", lambda group: points)
    _added.cache_clear()
    yield
    _added.cache_clear()


def _broken() -> None:
    raise ImportError("no")


def test_another_package_adds_a_scorer(added: None) -> None:
    """It is found by its name, checked as Assay's own are, and named with its version; none takes a name of ours."""
    case = Case(id="c", input="?")
    suite = Suite(id="s", scorers=(ScorerSpec.model_validate({"upper": {"loud": True}}),), cases=(case,))
    assert check_scorers(suite, case) == []
    (score,) = score_trial(suite, case, trial_of("X"), {}, {})
    assert (score.outcome, score.reason) == ("passed", "loud")
    wrong = Suite(id="s", scorers=(ScorerSpec.model_validate({"upper": {"lout": True}}),), cases=(case,))
    assert [flaw[0] for flaw in check_scorers(wrong, case)] == ["unknown-option"]
    assert scorer_named("exact") is not UPPER
    assert scorer_named("thing") is None
    assert scorer_named("broken") is None
    assert "upper" in known_scorers()
    assert not {"thing", "broken"} & known_scorers().keys()
    assert plugin_versions(frozenset({"upper", "exact"})) == {"scorer upper": "loud-scorers 1.2"}


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("thing", "the scorer 'thing' of loud-scorers is int, not an `assay.scoring.mark.Scorer`"),
        ("broken", "the scorer 'broken' of loud-scorers cannot be loaded: ImportError: no"),
    ],
)
def test_a_scorer_that_cannot_be_loaded_is_told(added: None, name: str, why: str) -> None:
    """Before a run and in a score it is said why, and not that there is no such scorer."""
    case = Case(id="c", input="?")
    suite = Suite(id="s", scorers=(ScorerSpec.model_validate(name),), cases=(case,))
    assert [flaw[:2] for flaw in check_scorers(suite, case)] == [("unknown-scorer", why)]
    (score,) = score_trial(suite, case, trial_of("X"), {}, {})
    assert (score.outcome, score.reason) == ("unscored", why)


@pytest.mark.parametrize(
    ("returned", "why"),
    [(None, "TypeError"), (["flaw"], "it returned something else than flaws"), (1 / 3, "TypeError")],
)
def test_flaws_that_break_are_one_problem(monkeypatch: pytest.MonkeyPatch, returned: object, why: str) -> None:
    """A scorer of another package may break while it checks a case; that is a flaw of one line."""
    careless = Scorer("exact", "x.", _Options, UPPER.score, flaws=lambda case, options: returned)  # type: ignore[arg-type,return-value]
    monkeypatch.setitem(SCORERS, "exact", careless)
    case = Case(id="c", input="?")
    suite = Suite(id="s", scorers=(ScorerSpec.model_validate("exact"),), cases=(case,))
    assert [flaw[:2] for flaw in check_scorers(suite, case)] == [
        ("bad-option", f"scorer exact broke while it checked this case: {why}")
    ]
