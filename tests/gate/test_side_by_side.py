"""Are cases compared only with themselves?"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.gate.means import mean_limits
from assay.gate.paired import PairedTable, mcnemar_mid_p, newcombe_interval
from assay.gate.power import smallest_paired_difference
from assay.gate.side_by_side import difference_of, pair_by_digest, share_passed
from assay.schema.score import CaseResult, CaseTally

TALLY = CaseTally(passed=1, failed=0, grades=1.0)
names = st.sampled_from(["a", "b", "c", "d"])
sides = st.lists(st.tuples(names, names), max_size=8)


def case(digest: str, *, suite: str = "qa", name: str = "c1") -> CaseResult:
    """Return a case that passed."""
    return CaseResult(suite=suite, case=name, digest=digest, due=1, asked=1, whole=TALLY)


def test_cases_pair_by_digest_and_not_by_place_or_name() -> None:
    """Order differs, names differ; only the digest counts."""
    one, two, three = case("d1", name="x"), case("d2", name="y"), case("d3", name="z")
    other_two, other_one, changed = case("d2", name="y2"), case("d1", name="x"), case("d9", name="z")

    found = pair_by_digest([one, two, three], [other_two, changed, other_one])

    assert found.pairs == ((one, other_one), (two, other_two))
    assert found.only_candidate == (three,)
    assert found.only_baseline == (changed,)


def test_a_case_of_another_suite_is_another_case() -> None:
    """The suite's system prompt and scorers are no part of the digest of a case."""
    found = pair_by_digest([case("d1", suite="qa")], [case("d1", suite="other")])

    assert found.pairs == ()


@given(sides, sides)
def test_each_case_is_in_exactly_one_place(left: list[tuple[str, str]], right: list[tuple[str, str]]) -> None:
    """None is lost, none stands twice, even where a digest does."""
    candidate = [case(digest, suite=suite, name=f"l{i}") for i, (suite, digest) in enumerate(left)]
    baseline = [case(digest, suite=suite, name=f"r{i}") for i, (suite, digest) in enumerate(right)]

    found = pair_by_digest(candidate, baseline)

    assert sorted([own.case for own, _ in found.pairs] + [own.case for own in found.only_candidate]) == sorted(
        own.case for own in candidate
    )
    assert sorted([own.case for _, own in found.pairs] + [own.case for own in found.only_baseline]) == sorted(
        own.case for own in baseline
    )
    assert all((a.suite, a.digest) == (b.suite, b.digest) for a, b in found.pairs)


def shares(*pairs: tuple[int, int], due: int = 1, sources: tuple[str, ...] = ()) -> list[tuple[CaseResult, CaseResult]]:
    """Return pairs of which candidate and baseline passed so many of the trials that were due."""

    def one(index: int, passed: int) -> CaseResult:
        return CaseResult(
            suite="qa",
            case=f"c{index}",
            digest=f"d{index}",
            source=sources[index] if sources else None,
            due=due,
            asked=due,
            whole=CaseTally(passed=passed, failed=due - passed, grades=float(passed)),
        )

    return [(one(i, own), one(i, other)) for i, (own, other) in enumerate(pairs)]


def test_single_trials_are_counted() -> None:
    """Counts, the rates, Newcombe's interval and McNemar's mid-p, as those functions give them by themselves."""
    found = difference_of(shares(*[(1, 1)] * 4, *[(1, 0)] * 9, *[(0, 1)] * 3, *[(0, 0)] * 16))

    table = PairedTable(4, 9, 3, 16)
    assert (found.table, found.counted) == (table, True)
    assert (found.candidate, found.baseline, found.difference) == (13 / 32, 7 / 32, 6 / 32)
    assert (found.low, found.high) == newcombe_interval(table)
    assert found.p == mcnemar_mid_p(9, 3)
    assert found.smallest == smallest_paired_difference(32, 12 / 32, 0.95)


def test_agreement_has_a_width_and_names_what_it_cannot_show() -> None:
    """Twenty cases that agree are no proof of anything finer than the interval."""
    found = difference_of(shares(*[(1, 1)] * 20))

    assert (found.difference, found.p, found.smallest) == (0.0, 1.0, None)
    assert found.low < 0 < found.high


def test_several_trials_are_means_of_cases() -> None:
    """Three trials of a case are one value, not three: the same twenty differences as from 60 trials."""
    found = difference_of(shares(*[(3, 1)] * 12, *[(2, 2)] * 8, due=3))

    limits = mean_limits([2 / 3] * 12 + [0.0] * 8, None, null=0.0, confidence=0.975, scale=(-1, 1))
    assert found.counted is False
    assert (found.table.gained, found.table.neither) == (12, 8)
    assert abs(found.difference - 0.4) < 1e-12
    assert (found.low, found.high) == (limits.low, limits.high)
    assert found.p < 0.05 < found.low + 0.5


def test_the_p_value_is_the_level_at_which_the_interval_ends_at_zero() -> None:
    """At that level one limit of the mean is zero, by definition of the turned-around test."""
    found = difference_of(shares(*[(2, 0)] * 9, *[(1, 2)], *[(1, 1)] * 4, due=2))

    values = [1.0] * 9 + [-0.5] + [0.0] * 4
    limits = mean_limits(values, None, null=0.0, confidence=1 - found.p / 2, scale=(-1, 1))
    assert abs(limits.low) < 1e-6
    assert 0 < found.p < 0.05


def test_cases_of_one_source_count_as_one() -> None:
    """Thirty cases made from three documents show far less than thirty of their own."""
    pairs = [(1, 0)] * 10 + [(1, 1)] * 20
    alone = difference_of(shares(*pairs))
    together = difference_of(shares(*pairs, sources=("a",) * 10 + ("b",) * 10 + ("c",) * 10))

    assert (alone.counted, together.counted) == (True, False)
    assert (alone.groups, together.groups) == (30, 3)
    assert alone.p < 0.05 < together.p


def test_a_hundred_cases_of_sixty_sources_show_less_than_a_hundred() -> None:
    """The interval is the wider one, and sixty sources are too few to show a difference within ten points."""
    pairs = [(1, 1)] * 90 + [(1, 0)] * 3 + [(0, 1)] * 4 + [(0, 0)] * 3
    alone = difference_of(shares(*pairs))
    together = difference_of(shares(*pairs, sources=tuple(f"s{index % 60}" for index in range(100))))

    assert alone.smallest == smallest_paired_difference(100, 0.1, 0.95)
    assert together.smallest is None
    assert (together.low <= alone.low, together.high >= alone.high, together.p >= alone.p) == (True, True, True)


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.sampled_from("abcdefghijkl")), min_size=2, max_size=60),
    st.sampled_from([1, 2]),
)
def test_sources_never_make_cases_show_more(cases: list[tuple[int, int, str]], due: int) -> None:
    """However cases share sources: no narrower interval, no smaller p-value, no smaller difference that shows."""
    pairs = [(min(own, due), min(other, due)) for own, other, _ in cases]
    alone = difference_of(shares(*pairs, due=due))
    together = difference_of(shares(*pairs, due=due, sources=tuple(source for _, _, source in cases)))

    assert together.low <= alone.low < alone.high <= together.high
    assert together.p >= alone.p
    assert together.smallest is None or (alone.smallest is not None and together.smallest >= alone.smallest)


def test_a_trial_without_a_score_did_not_pass() -> None:
    """A timeout must not raise the share; a case that was not asked has none."""
    tally = CaseTally(passed=1, failed=0, grades=1.0)
    asked = CaseResult(suite="qa", case="c", digest="d", due=2, asked=2, whole=tally)
    assert share_passed(asked) == 0.5
    with pytest.raises(ValueError, match="was not asked"):
        share_passed(asked.model_copy(update={"asked": 0}))
    with pytest.raises(ValueError, match="no difference without cases"):
        difference_of([])


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=12), st.sampled_from([1, 3]))
def test_turned_around_the_difference_turns_its_sign(passed: list[tuple[int, int]], due: int) -> None:
    """Who is called the baseline changes no width and no p-value."""
    own = [(min(a, due), min(b, due)) for a, b in passed]
    one, other = difference_of(shares(*own, due=due)), difference_of(shares(*[(b, a) for a, b in own], due=due))

    assert (one.table.gained, one.table.lost) == (other.table.lost, other.table.gained)
    assert abs(one.difference + other.difference) < 1e-9
    assert abs(one.low + other.high) < 1e-9
    assert abs(one.p - other.p) < 1e-9
    assert one.low < one.high
