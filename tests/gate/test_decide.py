"""Is the verdict the one that the conditions make, and does it never say GO for want of evidence?"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Literal

import pytest

from assay.gate import judge_candidate, overall, parse
from assay.schema.suite import ConditionSpec
from assay.schema.verdict import CandidateVerdict, ConditionResult
from tests.gate.build import blocker, facts, finding, judge, licence, metric, pin, seconds

if TYPE_CHECKING:
    from assay.gate import Condition, Facts
    from assay.schema.verdict import VerdictWord

Pairs = tuple[tuple[str, Literal["block", "warn"]], ...]

# One condition for each answer, all answered from the same facts.
TEXTS = {
    "met": "licence allows commercial use",
    "not_met": "blockers all passed",
    "unknown": "pins all met",
}
KNOWN = facts(terms=licence("yes"), blockers=(2, [blocker("b1")]))

ALL = (
    "suite:qa.pass_rate >= 0.9",
    "suite:qa.pass_rate >= 0.5 with 95% confidence",
    "suite:qa.coverage >= 1",
    "blockers all passed",
    "bench:short@1.e2e_p95_s < 5",
    "bench:short@1.e2e_p95_s < 5 with 95% confidence",
    "bench:short@1.error_rate < 0.5 with 95% confidence",
    "readiness all met",
    "readiness.security all met",
    "pins all met",
    "licence allows commercial use",
)


def conditions(*pairs: tuple[str, Literal["block", "warn"]]) -> list[Condition]:
    return [
        parse(ConditionSpec(condition=TEXTS[status], id=f"{status}-{severity}", severity=severity))
        for status, severity in pairs
    ]


def expected(pairs: Pairs) -> str:
    blocking = [status for status, severity in pairs if severity == "block"]
    if "not_met" in blocking:
        return "NO-GO"
    return "GO" if blocking and set(blocking) == {"met"} else "HOLD"


@pytest.mark.parametrize("pairs", list(product(product(TEXTS, ("block", "warn")), repeat=2)))
def test_truth_table_of_the_verdict(pairs: Pairs) -> None:
    """Of every pair of answers and severities, only blocking ones decide, the worst first; none means HOLD."""
    decided = judge_candidate("c", conditions(*pairs), KNOWN)
    assert decided.verdict == expected(pairs)
    assert [result.status for result in decided.conditions] == [status for status, _ in pairs]


def test_no_conditions_is_hold() -> None:
    """A policy without conditions never says GO."""
    decided = judge_candidate("c", [], KNOWN)
    assert decided.verdict == "HOLD"
    assert decided.reason == "There is no blocking condition, so nothing can be shown."


@pytest.mark.parametrize("text", ALL)
@pytest.mark.parametrize(
    "empty",
    [
        pytest.param(facts(), id="nothing"),
        pytest.param(facts(metric(), rows=[]), id="n is 0"),
        pytest.param(facts(metric(unscored=30)), id="all unscored"),
        pytest.param(facts(metric(passed=30, trusted=False)), id="judge without trust"),
        pytest.param(facts(blockers=(1, [blocker("b1", "unscored")])), id="blocker unscored"),
        pytest.param(facts(findings=[finding("a", "unknown")], pins=[pin("revision", "unknown")]), id="unknowns"),
    ],
)
def test_absent_evidence_is_unknown_and_holds(empty: Facts, text: str) -> None:
    """Whatever is asked of evidence that says nothing, the answer is unknown and the verdict HOLD."""
    decided = judge(empty, text)
    assert (decided.conditions[0].status, decided.verdict) == ("unknown", "HOLD")
    assert decided.conditions[0].margin is None or decided.conditions[0].margin < 0


def test_all_conditions_met_is_go() -> None:
    """With sound evidence for every kind of condition the same list says GO."""
    good = facts(
        metric(passed=100),
        rows=seconds(*[1.0] * 60),
        findings=[finding("a", "met"), finding("b", "not_applicable", "operations")],
        pins=[pin("revision", "met")],
        terms=licence("yes"),
        blockers=(3, ()),
    )
    decided = judge(good, *ALL)
    assert [(own.id, own.status) for own in decided.conditions] == [(text, "met") for text in ALL]
    assert (decided.verdict, decided.reason) == ("GO", "All blocking conditions (11) are met.")


def test_the_reason_names_what_decides() -> None:
    """A verdict names its deciding conditions, at most five of them."""
    decided = judge_candidate("c", conditions(("not_met", "block"), ("unknown", "block"), ("met", "warn")), KNOWN)
    assert decided.reason == "1 of 2 blocking conditions is not met: not_met-block."
    many = [parse(ConditionSpec(condition="pins all met", id=f"p{number}")) for number in range(7)]
    held = judge_candidate("c", many, KNOWN)
    assert held.reason == "7 of 7 blocking conditions are unknown: p0; p1; p2; p3; p4 and 2 more."


def test_a_result_carries_every_figure_of_its_condition() -> None:
    """A result has the text, number, limits, n, threshold and margin, rounded to six digits."""
    text = "suite:qa.pass_rate >= 0.9 with 95% confidence"
    (result,) = judge(facts(metric(passed=97, failed=3)), text).conditions
    assert result == ConditionResult(
        id=text,
        condition=text,
        severity="block",
        status="met",
        observed=0.97,
        low=0.924289,
        high=0.991774,
        n=100,
        threshold=0.9,
        margin=0.0242892,
        reason="97 of 100 trials passed: at least 0.924289 with 95% confidence.",
        method="exact binomial",
        flip="2 more failing trials of the same 100",
    )


def test_borrowed_evidence_is_refused() -> None:
    """Evidence that names another candidate than the one judged stops the gate."""
    with pytest.raises(ValueError, match=r"^evidence on c was given for d$"):
        judge_candidate("d", [], facts(metric(passed=1)))


def candidate(name: str, verdict: VerdictWord) -> CandidateVerdict:
    return CandidateVerdict(candidate=name, verdict=verdict, conditions=(), reason=f"It is {verdict}.")


@pytest.mark.parametrize("words", list(product(["GO", "HOLD", "NO-GO"], repeat=2)))
def test_a_run_is_as_good_as_its_worst_candidate(words: tuple[VerdictWord, ...]) -> None:
    """NO-GO outweighs HOLD, HOLD outweighs GO, and the reason names the candidates that decide."""
    worst = min(words, key=["NO-GO", "HOLD", "GO"].index)
    whole = overall([candidate(f"c{number}", word) for number, word in enumerate(words)])
    assert whole.verdict == worst
    assert [own.candidate for own in whole.candidates] == ["c0", "c1"]
    names = [f"c{number}: It is {word}." for number, word in enumerate(words) if word == worst]
    assert whole.reason == " ".join(names)


def test_a_run_without_candidates_is_hold() -> None:
    """When nobody is decided on, nothing goes."""
    whole = overall([])
    assert (whole.verdict, whole.candidates, whole.reason) == ("HOLD", (), "No candidate is decided on.")
