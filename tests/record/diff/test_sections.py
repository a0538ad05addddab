"""Does a person read the numbers of a diff as people write them, and some of every kind?"""

from __future__ import annotations

import pytest

from assay.gate.statistics import wilson
from assay.record.diff import RecordDiff, diff_of
from assay.record.diff.sections import figures_of, shown, told_last
from assay.record.figures import Estimate
from tests.record.diff.two_records import two_records


@pytest.fixture(name="diff")
def _diff() -> RecordDiff:
    return diff_of(*two_records(), wilson)


@pytest.mark.parametrize(
    ("value", "unit", "told"),
    [
        (13_840.4, "tokens/s", "13840 tok/s"),
        (999.96, "tokens/s", "1000 tok/s"),
        (1_000.0, "requests/s", "1000 req/s"),
        (12.3456, "requests/s", "12.35 req/s"),
        (0.625, "share", "62.5 %"),
        (1.5, "s", "1.500 s"),
    ],
)
def test_no_number_has_an_exponent(value: float, unit: str, told: str) -> None:
    """A throughput of thousands is written out."""
    assert shown(Estimate(value=value, low=None, high=None, n=None), unit) == told


def test_a_heading_shows_some_of_its_numbers(diff: RecordDiff) -> None:
    """Where none of its numbers is a main one, the first five stand there; where one is, the others are counted."""
    figures = tuple(own.model_copy(update={"status": "new", "main": False}) for own in diff.figures)
    assert len(figures) > 6
    (heading,) = figures_of(diff.model_copy(update={"figures": figures}))
    assert (heading.shown, heading.left) == (figures[:5], len(figures) - 5)
    main = figures[3].model_copy(update={"main": True})
    (heading,) = figures_of(diff.model_copy(update={"figures": (*figures[:3], main, *figures[4:])}))
    assert (heading.shown, heading.left) == ((main,), len(figures) - 1)


@pytest.mark.parametrize(("count", "told"), [(1, "1 number is the same."), (2, "2 numbers are the same.")])
def test_one_is_one(diff: RecordDiff, count: int, told: str) -> None:
    """One number is, two numbers are."""
    figures = tuple(own.model_copy(update={"status": "same"}) for own in diff.figures[:count])
    assert told in list(told_last(diff.model_copy(update={"figures": figures, "changes": ()})))
