"""Is what is settled early what asking all would have given, whatever all would have given?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.gate import Watch, bounds_of, parse, reads, settled_by_counts
from assay.schema.score import Outcome
from assay.schema.suite import ConditionSpec
from tests.gate.build import facts, metric

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assay.gate import Bounds, Condition
    from assay.gate.stopping import Part
    from assay.schema.score import Metric

OUTCOMES = get_args(Outcome)
TEXTS = (
    "suite:qa.pass_rate >= 0.5",
    "suite:qa.pass_rate > 0.9",
    "suite:qa.pass_rate >= 0.8 with 95% confidence",
    "suite:qa.pass_rate < 0.3",
    "suite:qa.pass_rate <= 0.6 with 80% confidence",
    "suite:qa#vi.pass_rate >= 0.7 with 90% confidence",
    "suite:qa#vi.pass_rate >= 0.4",
    "suite:qa/exact.pass_rate >= 0.75",
    "suite:qa.coverage >= 0.9",
    "suite:qa.coverage > 0.5",
    "suite:qa#vi.coverage < 0.6",
    "suite:qa/exact.coverage >= 0.2",
)


@dataclass(frozen=True)
class Answer:
    """What one case comes to."""

    tags: tuple[str, ...]
    whole: Outcome
    exact: Outcome | None
    """None where the case has no such scorer."""


answer = st.builds(
    Answer,
    st.sampled_from([(), ("vi",), ("vi", "long")]),
    st.sampled_from(OUTCOMES),
    st.sampled_from([*OUTCOMES, None]),
)


def condition(text: str) -> Condition:
    return parse(ConditionSpec(condition=text))


def in_part(own: Answer, part: Part) -> Outcome | None:
    """Return what a case comes to for a condition, or None where it does not read it."""
    tag, scorer = part
    if tag is not None and tag not in own.tags:
        return None
    return own.whole if scorer is None else own.exact


def metrics(answers: Sequence[Answer], asked: int) -> list[Metric]:
    """Return what is counted when only the first cases were asked."""
    found = []
    for part in ((None, None), ("vi", None), (None, "exact")):
        read = [in_part(own, part) for own in answers]
        told: Counter[str | None] = Counter(read[:asked])
        unscored = sum(own is not None for own in read) - told["passed"] - told["failed"]
        found.append(metric(told["passed"], told["failed"], unscored, tag=part[0], scorer=part[1]))
    return found


def watch_of(texts: Sequence[str], answers: Sequence[Answer]) -> Watch:
    sizes = {
        part: sum(in_part(own, part) is not None for own in answers)
        for part in ((None, None), ("vi", None), (None, "exact"))
    }
    return Watch([bounds_of(condition(text), sizes, facts()) for text in texts])


def statuses(texts: Sequence[str], known: list[Metric]) -> list[str]:
    return [condition(text).question.answer(facts(*known)).status for text in texts]


def bounds(text: str, n: int) -> Bounds:
    return bounds_of(condition(text), {(None, None): n, ("vi", None): n}, facts())


@given(
    texts=st.lists(st.sampled_from(TEXTS), min_size=1, max_size=4, unique=True),
    answers=st.lists(answer, min_size=1, max_size=60),
    others=st.lists(answer, max_size=60),
)
def test_the_rest_changes_nothing(texts: list[str], answers: list[Answer], others: list[Answer]) -> None:
    """Once settled, every condition has the same status with the rest left out, answered, or answered otherwise."""
    watch = watch_of(texts, answers)
    asked = 0
    while asked < len(answers) and not watch.settled:
        own = answers[asked]
        watch.take(own.tags, own.whole, {} if own.exact is None else {"exact": own.exact})
        asked += 1
    whole = statuses(texts, metrics(answers, len(answers)))
    if not watch.settled:
        assert asked == len(answers)
        return
    # The other outcomes stand in for the rest, case by case: tags and scorers are the suite's, and stay.
    rest = [
        Answer(own.tags, other.whole, None if own.exact is None else other.exact or "unscored")
        for own, other in zip(answers[asked:], others, strict=False)
    ]
    otherwise = [*answers[:asked], *rest, *answers[asked + len(rest) :]]
    told = [status for _, status in watch.statuses()]
    assert told == statuses(texts, metrics(answers, asked)) == whole
    assert told == statuses(texts, metrics(otherwise, len(answers)))


@given(text=st.sampled_from(TEXTS[:5]), answers=st.lists(st.sampled_from(OUTCOMES), min_size=1, max_size=25))
def test_it_is_not_settled_a_case_too_late(text: str, answers: list[Outcome]) -> None:
    """As long as a condition is open, all others passing and all others failing come to different ends."""
    own = bounds(text, len(answers))
    for asked in range(len(answers) + 1):
        passed, failed = answers[:asked].count("passed"), answers[:asked].count("failed")
        left = len(answers) - passed - failed
        best, worst = metric(passed + left, failed), metric(passed, failed + left)
        ends = {condition(text).question.answer(facts(own)).status for own in (best, worst)}
        assert (own.settled(passed, failed) is None) == (len(ends) == 2)


@pytest.mark.parametrize(
    ("text", "n", "passes", "failures"),
    [
        ("suite:qa.pass_rate >= 0.9", 100, 90, 11),
        ("suite:qa.pass_rate > 0.9", 100, 91, 10),
        ("suite:qa.pass_rate >= 0.9 with 95% confidence", 100, 96, 16),
        ("suite:qa.pass_rate >= 0.95 with 95% confidence", 59, 59, 7),
        ("suite:qa.pass_rate >= 0.95 with 95% confidence", 58, 59, 7),
        ("suite:qa.pass_rate <= 0.2", 10, 3, 8),
        ("suite:qa.coverage >= 0.95", 100, 95, 101),
        ("suite:qa#vi.pass_rate >= 0.5", 0, 1, 1),
    ],
)
def test_how_many_decide(text: str, n: int, passes: int, failures: int) -> None:
    """The fewest passes and failures that decide are those of the tests that the gate applies.

    4 failures of 100 still prove 0.9 at 95 % (`most_failures`), and 59 passes without a failure just prove 0.95 (Wilks
    1941); with 58 cases no number of passes does, so the bound lies beyond them.
    """
    own = bounds(text, n)
    assert (own.passes, own.failures) == (passes, failures)


def test_what_has_no_score_may_yet_get_one() -> None:
    """A failed request can be asked again, so that it settles nothing; what was scored does."""
    watch = Watch([bounds("suite:qa.coverage >= 1", 3)])
    for outcome in ("unscored", "passed"):
        watch.take((), outcome, {})
    assert not watch.settled
    assert [own for _, own in watch.statuses()] == [None]


def test_it_stays_unknown_where_neither_end_can_be_reached() -> None:
    """Of ten cases none can prove 0.9 any more, and after seven passes none can disprove it."""
    own = bounds("suite:qa.pass_rate >= 0.9 with 95% confidence", 10)
    assert [own.settled(passed, 0) for passed in range(6, 9)] == [None, "unknown", "unknown"]


@pytest.mark.parametrize(
    ("text", "read", "counted"),
    [
        ("suite:qa.pass_rate >= 0.9 with 95% confidence", True, True),
        ("suite:qa#vi.coverage >= 0.9", True, True),
        ("suite:other.pass_rate >= 0.9", False, True),
        ("blockers all passed", False, False),
        ("readiness all met", False, False),
        ("bench:short@1.e2e_p50_s < 5", False, False),
    ],
)
def test_which_conditions_read_a_suite(text: str, read: bool, counted: bool) -> None:
    """Only conditions on the suite itself read it, and counts decide them as long as its cases are independent."""
    own = condition(text)
    assert (reads(own, "qa"), settled_by_counts(own, {"qa", "other"})) == (read, counted)


def test_sources_are_not_settled_by_counts() -> None:
    """Where cases share a source, a confidence is weighed by more than counts."""
    sure = condition("suite:qa.pass_rate >= 0.9 with 95% confidence")
    assert not settled_by_counts(sure, {"other"})
    assert settled_by_counts(condition("suite:qa.pass_rate >= 0.9"), {"other"})
