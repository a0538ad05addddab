"""Are the coefficients of agreement those of the literature, and what is said where they are not determined?"""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.scoring.agreement import (
    cohen_kappa,
    gwet_ac1,
    gwet_ac1_of_many,
    krippendorff_alpha,
    length_bias,
    position_flips,
    raw_agreement,
    self_consistency,
    sensitivity_specificity,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from _pytest.mark import ParameterSet

PUBLISHED = json.loads(Path(__file__).with_name("published_agreement.json").read_text(encoding="utf-8"))
LEVELS = ("nominal", "ordinal", "interval", "ratio")


def published(method: str) -> list[ParameterSet]:
    return [
        pytest.param(own, id=f"{own['source']} {own.get('weights', own.get('level', ''))}")
        for own in PUBLISHED
        if own["method"] == method
    ]


def last_digit(case: dict[str, Any]) -> float:
    return 0.51 * 10 ** -case["digits"]


def two_raters(table: list[list[int]]) -> tuple[list[int], list[int]]:
    """Return the ratings behind a table of counts; the rows are the first rater."""
    cells = [(i, j) for i, row in enumerate(table) for j, count in enumerate(row) for _ in range(count)]
    return [i for i, _ in cells], [j for _, j in cells]


def by_rater(rows: list[list[Any]]) -> dict[str, dict[str, Any]]:
    return {f"rater {i}": {f"unit {j}": value for j, value in enumerate(row)} for i, row in enumerate(rows)}


def square(low: int, high: int) -> st.SearchStrategy[tuple[list[int], list[int]]]:
    """Two raters' ratings on a scale of whole numbers."""
    pair = st.tuples(st.integers(low, high), st.integers(low, high))
    return st.lists(pair, min_size=1, max_size=40).map(lambda own: ([x for x, _ in own], [y for _, y in own]))


GAPPED = st.lists(
    st.lists(st.none() | st.integers(0, 4), min_size=6, max_size=6), min_size=2, max_size=4
)  # raters by units


@pytest.mark.parametrize("case", published("kappa"))
def test_kappa_is_the_published_one(case: dict[str, Any]) -> None:
    """Kappa, its standard error and its limits agree with the printed digits, weighted or not."""
    a, b = two_raters(case["table"])
    found = cohen_kappa(a, b, case["weights"], range(len(case["table"])))
    for field, expected in case["expected"].items():
        assert getattr(found, field) == pytest.approx(expected, abs=last_digit(case)), field


@pytest.mark.parametrize("case", published("ac1"))
def test_ac1_of_two_raters_is_the_published_one(case: dict[str, Any]) -> None:
    """AC1 of a table agrees with the printed digits."""
    assert gwet_ac1(*two_raters(case["table"])) == pytest.approx(case["expected"], abs=last_digit(case))


@pytest.mark.parametrize("case", published("ac1_of_many"))
def test_ac1_of_many_raters_is_the_published_one(case: dict[str, Any]) -> None:
    """AC1 of four raters with gaps agrees with the printed digits."""
    assert gwet_ac1_of_many(by_rater(case["ratings"])) == pytest.approx(case["expected"], abs=last_digit(case))


@pytest.mark.parametrize("case", published("alpha"))
def test_alpha_is_the_published_one(case: dict[str, Any]) -> None:
    """Alpha agrees with the printed digits at each level of measurement, with gaps."""
    found = krippendorff_alpha(by_rater(case["ratings"]), case["level"])
    assert found == pytest.approx(case["expected"], abs=last_digit(case))


@pytest.mark.parametrize("case", published("fleiss"))
def test_nominal_alpha_gives_the_published_kappa_of_fleiss(case: dict[str, Any]) -> None:
    """Without gaps alpha is Fleiss' kappa but for the n - 1 of small samples, so the printed kappa comes back."""
    units = [[c for c, count in enumerate(row) for _ in range(count)] for row in case["counts"]]
    n = sum(map(len, units))
    alpha = krippendorff_alpha(by_rater([list(rater) for rater in zip(*units, strict=True)]), "nominal")
    assert alpha is not None
    assert 1 - (1 - alpha) * n / (n - 1) == pytest.approx(case["expected"], abs=last_digit(case))


@settings(deadline=None)
@given(square(0, 3), st.sampled_from([None, "linear", "quadratic"]))
def test_kappa_treats_raters_alike_and_stays_in_range(
    ab: tuple[list[int], list[int]], weights: Literal["linear", "quadratic"] | None
) -> None:
    """Swapping the raters changes nothing; kappa lies within its limits and those within -1 and 1."""
    a, b = ab
    found = cohen_kappa(a, b, weights, range(4))
    swapped = cohen_kappa(b, a, weights, range(4))
    assert (found.value, found.low) == pytest.approx((swapped.value, swapped.low), abs=2e-6)
    assert (found.value is None) == (len({*a, *b}) == 1)
    if found.value is not None:
        assert -1 <= found.value <= 1
    if found.low is not None:
        assert -1 <= found.low <= found.value <= found.high <= 1
        assert found.low < found.high


@settings(deadline=None)
@given(square(0, 3), st.permutations(range(4)), st.randoms(use_true_random=False))
def test_unweighted_coefficients_know_no_order(
    ab: tuple[list[int], list[int]], names: list[int], chance: Random
) -> None:
    """Renaming the categories or shuffling the items changes no coefficient without weights."""
    items = list(zip(*ab, strict=True))
    chance.shuffle(items)
    a, b = [names[x] for x, _ in items], [names[y] for _, y in items]
    assert raw_agreement(a, b) == raw_agreement(*ab)
    assert gwet_ac1(a, b) == pytest.approx(gwet_ac1(*ab), abs=2e-6)
    assert cohen_kappa(a, b).value == pytest.approx(cohen_kappa(*ab).value, abs=2e-6)
    assert krippendorff_alpha({"a": dict(enumerate_texts(a)), "b": dict(enumerate_texts(b))}, "nominal") == (
        pytest.approx(
            krippendorff_alpha({"a": dict(enumerate_texts(ab[0])), "b": dict(enumerate_texts(ab[1]))}, "nominal"),
            abs=2e-6,
        )
    )


def enumerate_texts(values: list[int]) -> list[tuple[str, str]]:
    return [(f"unit {index}", f"grade {value}") for index, value in enumerate(values)]


@settings(deadline=None)
@given(square(0, 1))
def test_weights_are_idle_on_two_categories(ab: tuple[list[int], list[int]]) -> None:
    """On a scale of two values a near miss is a miss, so all weights give one kappa."""
    plain = cohen_kappa(*ab)
    for weights in ("linear", "quadratic"):
        own = cohen_kappa(*ab, weights, [0, 1])
        assert (own.value, own.standard_error) == pytest.approx((plain.value, plain.standard_error), abs=2e-6)


@settings(deadline=None, max_examples=60)
@given(GAPPED)
def test_alpha_and_ac1_know_no_order_of_raters(rows: list[list[int | None]]) -> None:
    """Reversing raters and units changes neither, both stay at most 1, and None means that nothing could differ."""
    straight, turned = by_rater(rows), by_rater([row[::-1] for row in rows[::-1]])
    paired = [own for own in ([v for v in unit if v is not None] for unit in zip(*rows, strict=True)) if len(own) > 1]
    for level in LEVELS:
        alpha = krippendorff_alpha(straight, level)
        assert alpha == pytest.approx(krippendorff_alpha(turned, level), abs=2e-6)
        assert (alpha is None) == (len({v for own in paired for v in own}) <= 1)
        assert alpha is None or alpha <= 1
    ac1 = gwet_ac1_of_many(straight)
    assert ac1 == pytest.approx(gwet_ac1_of_many(turned), abs=2e-6)
    assert ac1 is None or -1 <= ac1 <= 1


def test_high_agreement_with_low_kappa_is_told_apart() -> None:
    """Where nearly everything passes, kappa collapses at 85 % agreement, and AC1 and the two rates say why."""
    judge, human = two_raters([[80, 10], [5, 5]])
    errors = sensitivity_specificity([j == 0 for j in judge], [h == 0 for h in human], lambda k, n: (k / n, 1.0))
    assert raw_agreement(judge, human) == 0.85
    assert cohen_kappa(judge, human).value == pytest.approx(0.32, abs=0.005)
    assert gwet_ac1(judge, human) == pytest.approx(0.81, abs=0.005)
    assert (errors.sensitivity.value, errors.specificity.value) == pytest.approx((80 / 85, 5 / 15), abs=1e-5)


def test_nothing_is_set_by_convention() -> None:
    """Without items, or where nothing varies, there is no coefficient, and no interval of zero width."""
    empty, same = cohen_kappa([], []), cohen_kappa(["pass"] * 9, ["pass"] * 9)
    assert (empty.n, empty.observed, empty.value, empty.low) == (0, None, None, None)
    assert (same.observed, same.value, same.low) == (1.0, None, None)
    assert (raw_agreement([], []), gwet_ac1([], []), gwet_ac1(["pass"] * 9, ["pass"] * 9)) == (None, None, None)
    assert krippendorff_alpha({}, "nominal") is None
    assert krippendorff_alpha({"a": {"x": 1, "y": 2}, "b": {"z": 1}}, "nominal") is None
    assert krippendorff_alpha({"a": {"x": 1, "y": 1}, "b": {"x": 1}}, "interval") is None
    perfect = cohen_kappa(["pass", "fail"] * 9, ["pass", "fail"] * 9)
    assert (perfect.value, perfect.standard_error, perfect.low, perfect.high) == (1.0, None, None, None)
    constant = cohen_kappa(["pass"] * 10, ["pass"] * 9 + ["fail"])
    assert (constant.observed, constant.value, constant.low) == (0.9, 0.0, None)


def test_a_scale_is_more_than_the_ratings_seen() -> None:
    """Known categories that nobody used count: all passes by both raters is agreement on a scale of pass and fail."""
    assert gwet_ac1(["pass"] * 9, ["pass"] * 9, ["pass", "fail"]) == 1.0
    narrow = cohen_kappa([1, 1, 5, 5], [1, 5, 5, 5], "linear", [1, 5]).value
    wide = cohen_kappa([1, 1, 5, 5], [1, 5, 5, 5], "linear", [1, 2, 3, 4, 5]).value
    assert narrow == wide
    assert cohen_kappa([1, 1, 2, 5], [1, 2, 2, 5], "linear", [1, 2, 5]).value != (
        cohen_kappa([1, 1, 2, 5], [1, 2, 2, 5], "linear", [1, 2, 3, 4, 5]).value
    )


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: raw_agreement([1], [1, 2]), "longer"),
        (lambda: cohen_kappa([1], []), "shorter"),
        (lambda: gwet_ac1([1], [1, 2]), "longer"),
        (lambda: cohen_kappa(["a"], ["b"], "linear"), "is no number"),
        (lambda: cohen_kappa([1], [2], "linear", [1, 3]), "2 is not on the scale"),
        (lambda: cohen_kappa([1], [1], None, [1, 1]), "twice"),
        (lambda: gwet_ac1(["odd"], ["pass"], ["pass", "fail"]), "'odd' is none of the categories"),
        (lambda: krippendorff_alpha(by_rater([["a", "b"], ["a", "a"]]), "ordinal"), "'a' is no number"),
        (lambda: krippendorff_alpha(by_rater([[1, math.nan], [1, 1]]), "interval"), "nan is no number"),
        (lambda: krippendorff_alpha(by_rater([[1, 10**400], [1, 1]]), "interval"), "is no number"),
        (lambda: krippendorff_alpha(by_rater([[1, -1], [1, 1]]), "ratio"), "true zero"),
        (lambda: krippendorff_alpha(by_rater([list(range(500))] * 2), "nominal"), "too many"),
        (lambda: length_bias([-1], [True], [True]), "negative"),
        (lambda: length_bias([1, 2], [True], [True]), "shorter"),
        (lambda: sensitivity_specificity([True], [], lambda k, n: (0.0, 1.0)), "shorter"),
    ],
)
def test_nonsense_is_refused(call: Callable[[], object], words: str) -> None:
    """Lists of unequal length, ratings off the scale, and numbers that are none raise ValueError and say so."""
    with pytest.raises(ValueError, match=words):
        call()


def test_a_judge_errs_in_two_ways() -> None:
    """The four counts are told, and both rates carry the limits of the interval that was handed over."""
    judge = [True] * 8 + [False] * 2 + [True] * 1 + [False] * 3
    human = [True] * 10 + [False] * 4
    found = sensitivity_specificity(judge, human, lambda k, n: (k / n / 2, (k / n + 1) / 2))
    assert (found.both_passed, found.only_human_passed, found.only_judge_passed, found.both_failed) == (8, 2, 1, 3)
    assert (found.sensitivity.hits, found.sensitivity.n, found.sensitivity.value) == (8, 10, 0.8)
    assert (found.sensitivity.low, found.sensitivity.high) == (0.4, 0.9)
    assert (found.specificity.value, found.specificity.low, found.specificity.high) == (0.75, 0.375, 0.875)


def test_a_rate_of_nothing_is_none() -> None:
    """Where people passed everything, nothing is known of how the judge meets a fail."""
    found = sensitivity_specificity([True, False], [True, True], lambda k, n: (0.1, 0.9))
    assert (found.specificity.n, found.specificity.value, found.specificity.low) == (0, None, None)
    assert found.sensitivity.value == 0.5


def test_self_consistency_counts_items_and_pairs() -> None:
    """An item is steady when all its repeats agree; pairs are a mean over items; single verdicts say nothing."""
    found = self_consistency(
        {"a": [True, True, True], "b": [True, True, False], "c": ["x", None, "x"], "d": [True], "e": [None, None]}
    )
    assert (found.items, found.steady) == (3, 2)
    assert (found.share, found.pairwise) == pytest.approx((2 / 3, (1 + 1 / 3 + 1) / 3), abs=1e-6)
    nothing = self_consistency({"a": [True], "b": []})
    assert (nothing.items, nothing.share, nothing.pairwise) == (0, None, None)


@given(st.dictionaries(st.text(max_size=3), st.lists(st.booleans(), max_size=6), max_size=8))
def test_steady_items_agree_in_all_pairs(repeats: dict[str, list[bool]]) -> None:
    """Pairs agree at least as often as whole items are steady."""
    found = self_consistency(repeats)
    if found.share is not None and found.pairwise is not None:
        assert 0 <= found.share <= found.pairwise <= 1


def test_position_flips_are_counted_over_items_judged_twice() -> None:
    """A changed verdict is a flip, a tie against a winner as well; an unread verdict leaves the item out."""
    found = position_flips({"a": ("x", "x"), "b": ("x", "y"), "c": ("tie", "y"), "d": ("x", None)})
    assert (found.items, found.flips, found.share) == (3, 2, 0.666667)
    assert position_flips({"d": (None, None)}).share is None


def test_length_bias_is_the_error_of_the_longer_half() -> None:
    """A judge that passes the long answers and fails the short ones, against people who go by neither."""
    found = length_bias([10, 20, 300, 400], [False, False, True, True], [True, False, False, True])
    assert (found.n, found.longer, found.difference) == (4, 2, 1.0)
    logs = [math.log1p(length) for length in (10, 20, 300, 400)]
    errors = [-1, 0, 1, 0]
    mean = sum(logs) / 4
    expected = sum((x - mean) * e for x, e in zip(logs, errors, strict=True)) / math.sqrt(
        sum((x - mean) ** 2 for x in logs) * 2
    )
    assert found.correlation == pytest.approx(expected, abs=1e-6)


def test_length_bias_needs_lengths_that_differ() -> None:
    """Without different lengths there are no halves; a judge without errors has no correlation, and no difference."""
    assert length_bias([], [], []).difference is None
    assert length_bias([5, 5], [True, False], [False, False]).difference is None
    faultless = length_bias([5, 6], [True, False], [True, False])
    assert (faultless.difference, faultless.correlation) == (0.0, None)
    assert length_bias([1, 5, 5, 5], [True] * 4, [True] * 4).longer == 3


@given(
    st.lists(st.tuples(st.integers(0, 9), st.booleans(), st.booleans()), min_size=1, max_size=30),
    st.randoms(use_true_random=False),
)
def test_length_bias_knows_no_order(items: list[tuple[int, bool, bool]], chance: Random) -> None:
    """Shuffling the items changes nothing, swapping judge and human turns the sign, and all stays in range."""
    found = length_bias(*map(list, zip(*items, strict=True)))
    swapped = length_bias(*map(list, zip(*[(n, h, j) for n, j, h in items], strict=True)))
    chance.shuffle(items)
    assert length_bias(*map(list, zip(*items, strict=True))) == found
    if found.difference is not None:
        assert -2 <= found.difference <= 2
        assert swapped.difference == pytest.approx(-found.difference)
    if found.correlation is not None:
        assert -1 <= found.correlation <= 1
        assert swapped.correlation == pytest.approx(-found.correlation)


def test_heavy_imports_come_late() -> None:
    """Importing the coefficients loads neither numpy nor krippendorff; kappa and AC1 do not need them either."""
    code = (
        "import sys; from assay.scoring.agreement import *;"
        "cohen_kappa([1, 2], [1, 1]), gwet_ac1([1, 2], [1, 1]);"
        "assert not {'numpy', 'krippendorff'} & set(sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
