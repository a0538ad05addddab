"""Is a judge believed only as far as people's labels carry it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from scipy import stats

from tests.gate.build import answer, ask, facts, rate, trust

if TYPE_CHECKING:
    from assay.schema.score import JudgeTrust

GOOD = trust("helpful")
LONE = trust("lone", "no calibration on file", calibrated=False)
SELF = trust("polite", "judges itself: c is the same model", "its labels contradict those of helpful.")
MUTE = trust("mute", "no judgement was asked for", parsed=0)


@pytest.mark.parametrize(
    ("judges", "status", "reason", "failing"),
    [
        ([], "unknown", "There is no judge.", ()),
        ([GOOD], "met", "All judges (1) are trusted.", ()),
        ([GOOD, LONE], "unknown", "1 of 2 judges is not trusted: lone (no calibration on file).", ()),
        ([MUTE], "unknown", "1 of 1 judges is not trusted: mute (no judgement was asked for).", ()),
        (
            [SELF, LONE, GOOD],
            "not_met",
            (
                "1 of 3 judges is not trusted: polite (judges itself: c is the same model, "
                "its labels contradict those of helpful)."
            ),
            ("polite",),
        ),
    ],
)
def test_all_judges(judges: list[JudgeTrust], status: str, reason: str, failing: tuple[str, ...]) -> None:
    """A judge against whom something was found outweighs one of whom nothing is known."""
    for order in (judges, judges[::-1]):
        own = answer(facts(judges=order), "judges all trusted")
        assert (own.status, own.reason, own.failing, own.n) == (status, reason, failing, len(judges))


@pytest.mark.parametrize(
    ("name", "status"), [("helpful", "met"), ("lone", "unknown"), ("polite", "not_met"), ("other", "unknown")]
)
def test_one_judge(name: str, status: str) -> None:
    """One judge is asked about by its id; the others do not matter."""
    assert ask(facts(judges=[GOOD, LONE, SELF]), f"judge:{name} trusted").status == status


@pytest.mark.parametrize(
    ("text", "status", "reason"),
    [
        ("kappa >= 0.7", "met", "Kappa is 0.7 over 50 labelled answers."),
        ("kappa > 0.7", "not_met", "Kappa is 0.7 over 50 labelled answers."),
        ("agreement >= 0.9", "met", "45 of 50 answers with a label were judged alike."),
        ("sensitivity >= 0.95", "not_met", "28 of 30 answers that people passed were judged alike."),
        ("specificity >= 0.85", "met", "17 of 20 answers that people failed were judged alike."),
    ],
)
def test_truth_table_of_agreement(text: str, status: str, reason: str) -> None:
    """Each figure of the calibration is held against its threshold, with the answers that it rests on."""
    result = ask(facts(judges=[GOOD]), f"judge:helpful.{text}")
    assert (result.status, result.reason) == (status, reason)


def test_a_rate_is_proven_by_its_lower_limit() -> None:
    """With a confidence the exact lower limit of the shares is compared, and the answers still needed are said."""
    known = facts(judges=[GOOD])
    low = stats.binomtest(28, 30).proportion_ci(0.90, "exact").low
    met = ask(known, "judge:helpful.sensitivity >= 0.8 with 95% confidence")
    assert (met.status, met.low, met.n) == ("met", pytest.approx(low, abs=1e-6), 30)
    short = ask(known, "judge:helpful.specificity >= 0.8 with 95% confidence")
    assert short.status == "unknown"
    assert "17 of 20 answers that people failed were judged alike: " in short.reason
    assert "needed for 95% confidence." in short.reason
    bad = ask(known, "judge:helpful.agreement >= 0.99 with 95% confidence")
    assert bad.status == "not_met"


@pytest.mark.parametrize(
    ("judges", "reason"),
    [
        ([], "There are 0 judges helpful."),
        ([GOOD, GOOD], "There are 2 judges helpful."),
        ([trust("helpful", "no calibration on file", calibrated=False)], "The judge helpful is not trusted: no calib"),
        (
            [trust("helpful", "its calibration is for another version of the rubric")],
            "The judge helpful is not trusted",
        ),
        ([trust("helpful", kappa=None)], "Kappa is not defined: the labels do not vary."),
        ([trust("helpful", kappa=float("nan"))], "Kappa is not defined: the labels do not vary."),
    ],
)
def test_agreement_that_is_not_there_is_unknown(judges: list[JudgeTrust], reason: str) -> None:
    """Without a calibration that holds for this very judge there is no figure."""
    result = ask(facts(judges=judges), "judge:helpful.kappa >= 0.5")
    assert result.status == "unknown"
    assert result.reason.startswith(reason)


def test_labels_of_one_kind_say_nothing_of_the_other() -> None:
    """Where people failed no answer, nobody knows whether the judge would have."""
    figures = GOOD.agreement
    assert figures is not None
    one_sided = GOOD.model_copy(update={"agreement": figures.model_copy(update={"specificity": rate(0, 0)})})
    result = ask(facts(judges=[one_sided]), "judge:helpful.specificity >= 0.5")
    assert (result.status, result.reason) == ("unknown", "There are no answers that people failed.")
