"""Does every published or independently computed figure come out again, and is each one either tested or left out?

`published_cases.json` names all reference cases that were collected for the statistics of a gate. Those of methods
that Assay has stand under `cases` with their sources; those of the scoring room are tested there; and the others stand
under `left_out`, each with the reason why Assay has no such method.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from scipy import stats

from assay.gate import exact_lower, exact_upper, order_statistic_ranks, requests_needed, wilson
from assay.gate.means import clustered_se
from assay.gate.multiplicity import holm
from assay.gate.paired import PairedTable, mcnemar_exact, mcnemar_mid_p, newcombe_interval, tango_interval
from assay.gate.planning import (
    noninferiority_floor,
    noninferiority_n,
    noninferiority_power,
    rate_power,
    smallest_provable_margin,
)
from assay.gate.power import floor_on_n
from assay.gate.sequential import obrien_fleming_constant

if TYPE_CHECKING:
    from collections.abc import Callable

    from _pytest.mark import ParameterSet

    Case = dict[str, Any]

HERE = Path(__file__).parent
DATA = json.loads((HERE / "published_cases.json").read_text(encoding="utf-8"))
SCORING = json.loads((HERE.parent / "scoring" / "published_agreement.json").read_text(encoding="utf-8"))


def _one_sided_wilson(case: Case) -> list[float]:
    low, _ = wilson(case["k"], case["n"], 0.9)  # the lower end of a 90 % interval is one-sided at 95 %
    return [low, 1.0]


def _requests(case: Case) -> list[int]:
    violations = range(len(case["expected"]))
    return [own + (requests_needed(own, own, case["q"], case["confidence"]) or 0) for own in violations]


def _ranks(case: Case) -> list[list[int]]:
    found = [(n, order_statistic_ranks(n, q)) for n, q in case["cases"]]
    return [[low or 0, high or n + 1] for n, (low, high) in found]


def _clustered(case: Case) -> list[float]:
    groups = len(set(case["clusters"]))
    error = clustered_se(case["values"], case["clusters"])
    return [error * math.sqrt((groups - 1) / groups), error]


def _margins(case: Case) -> list[float]:
    found = [smallest_provable_margin(case["n"], own, 0.95) for own in case["discordances"]]
    return [math.ceil((own or 1) * 200) / 200 for own in found]


def _rejected(case: Case) -> int:
    return sum(own <= 0.05 for own in holm(case["p"]))


METHODS: dict[str, Callable[[Case], Any]] = {
    "wilson": lambda case: wilson(case["k"], case["n"]),
    "exact": lambda case: [limit(case["k"], case["n"], 0.975) for limit in (exact_lower, exact_upper)],
    "one_sided_wilson": _one_sided_wilson,
    "newcombe_paired": lambda case: newcombe_interval(PairedTable(*case["table"])),
    "tango": lambda case: tango_interval(PairedTable(*case["table"]), case["confidence"]),
    "mcnemar": lambda case: [test(case["gained"], case["lost"]) for test in (mcnemar_exact, mcnemar_mid_p)],
    "requests": _requests,
    "no_violation": lambda case: [floor_on_n(own, case["confidence"]) for own in case["q"]],
    "ranks": _ranks,
    "noninferiority_floor": lambda case: [noninferiority_floor(own, 0.95) for own in case["margins"]],
    "noninferiority_power": lambda case: [
        noninferiority_power(n, discordance, margin, 0.95, difference)
        for n, discordance, margin, difference in case["cases"]
    ],
    "rate_power": lambda case: [rate_power(*own, 0.95) for own in case["cases"]],
    "provable_margin": _margins,
    "holm": _rejected,
    "clustered_se": _clustered,
    "obrien_fleming": lambda case: [obrien_fleming_constant(own, case["level"]) for own in case["looks"]],
}

SEARCHED = {"noninferiority_n"}


def cases() -> list[ParameterSet]:
    return [pytest.param(own, id=own["name"]) for own in DATA["cases"] if own["method"] not in SEARCHED]


@pytest.mark.parametrize("case", cases())
def test_the_published_figures_come_out_again(case: Case) -> None:
    """Within half a unit of the last printed digit, or exactly where they are whole numbers."""
    found = METHODS[case["method"]](case)
    if case["method"] == "ranks":
        assert found == case["expected"]
    else:
        assert found == pytest.approx(case["expected"], abs=case["tolerance"])


@pytest.mark.parametrize("case", [own for own in DATA["cases"] if own["method"] in SEARCHED])
def test_numbers_of_cases_are_at_most_those_of_the_planning_table(case: Case) -> None:
    """The table was searched in steps, so ours, the least number, is the same or a few percent smaller."""
    for (discordance, margin), expected in zip(case["cases"], case["expected"], strict=True):
        found = noninferiority_n(discordance, margin, 0.95)
        assert found is not None
        assert expected * (1 - case["tolerance"]) <= found <= expected


def test_every_collected_case_is_tested_or_left_out_with_a_reason() -> None:
    """No case is forgotten, none stands in two places, and every reason says something."""
    tested = {own["name"] for own in DATA["cases"]}
    assert len(tested) == len(DATA["cases"])
    scoring, left_out = set(DATA["scoring"]), set(DATA["left_out"])
    assert not tested & scoring | tested & left_out | scoring & left_out
    assert set(DATA["collected"]) <= tested | scoring | left_out
    assert scoring | left_out <= set(DATA["collected"])
    assert all(": " in reason for reason in DATA["left_out"].values())
    assert all(own["source"] for own in DATA["cases"])


@pytest.mark.parametrize("source", DATA["scoring"].values())
def test_cases_of_the_scoring_room_stand_there(source: str) -> None:
    """The source under which a case of agreement is tested is one of that room's data."""
    assert any(own["source"].startswith(source) for own in SCORING)


def test_a_one_sided_lower_limit_is_the_lower_one() -> None:
    """`greater` of scipy gives the limit from below; of other libraries the same word gives the one from above."""
    (case,) = [own for own in DATA["cases"] if own["method"] == "one_sided_wilson"]
    test = stats.binomtest(case["k"], case["n"], alternative="greater")
    low, high = test.proportion_ci(0.95, "wilson")
    assert (low, high) == pytest.approx(tuple(case["expected"]), abs=case["tolerance"])
    assert exact_lower(case["k"], case["n"], 0.95) == pytest.approx(test.proportion_ci(0.95, "exact").low)
