"""Can evidence be made up for every kind of condition, and does the self-test find a gate that lets harm through?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from assay.gate import decide, parse
from assay.gate.conditions import FORMS
from assay.gate.kinds import bench
from assay.gate.selftest import changes_of
from assay.gate.selftest.asked import asked
from assay.gate.selftest.exemplary import SPOILERS, exemplary, spoilt
from assay.gate.selftest.policies import _why, policy_changes
from assay.gate.selftest.trial import Trial
from assay.schema.suite import ConditionSpec
from tests.gate.build import item
from tests.gate.test_conditions import LANGUAGE, SUBJECTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from assay.gate.question import Answer
    from assay.gate.selftest.result import Change

CHECKLIST = (item("authentication"), item("alarms"), item("rollback", "operations"))
POLICY = (
    "suite:policy-qa.pass_rate >= 0.8 with 95% confidence",
    "suite:policy-qa#vi.pass_rate >= 0.5",
    "bench:short@4.e2e_p95_s < 5 with 95% confidence",
    "readiness all met",
    "licence allows commercial use",
)


def trial(*texts: str) -> Trial:
    specs = tuple(ConditionSpec(condition=text) for text in texts)
    own = tuple(asked(parse(spec)) for spec in specs)
    return Trial(specs, SUBJECTS, CHECKLIST, own, exemplary(SUBJECTS, CHECKLIST, own))


def changes(*texts: str, severity: str = "block") -> list[Change]:
    specs = [ConditionSpec.model_validate({"condition": text, "severity": severity}) for text in texts]
    return list(changes_of(specs, SUBJECTS, CHECKLIST))


def holes(*texts: str) -> list[tuple[str | None, str]]:
    return [(change.condition, change.what) for change in changes(*texts) if change.is_hole]


def test_every_kind_of_condition_has_evidence_of_its_own() -> None:
    """Evidence can be spoilt for each kind of condition that the gate knows, and each is tried below."""
    assert set(FORMS) - set(SPOILERS) == set()
    assert {asked(parse(ConditionSpec(condition=text))).word for text in LANGUAGE} == set(FORMS)


@pytest.mark.parametrize("text", LANGUAGE)
def test_made_up_evidence_meets_a_condition_and_just_fails_it(text: str) -> None:
    """Evidence is made that meets the condition, and evidence that does not, by as little as can be."""
    own = trial(text)
    (question,) = own.asked
    assert own.judge(own.facts).verdict == "GO"
    failing = list(spoilt(own.facts, question, own.fails(question)))
    assert failing
    assert "GO" not in {own.judge(facts).verdict for facts in failing}
    assert [change for change in changes(text) if change.is_hole] == []


def test_a_sound_gate_has_no_hole() -> None:
    """Of a policy of several conditions every harmful change is killed or explained, and no control is blocked."""
    found = changes(*POLICY)
    assert [change for change in found if change.is_hole] == []
    assert {change.outcome for change in found} == {"killed", "survived", "undisturbed"}
    assert {change.reason for change in found if change.outcome == "survived"} == {
        "no blocking condition asks about it"
    }


def test_a_rule_that_another_covers_survives_with_its_name() -> None:
    """Dropping the laxer of two rules changes nothing, and the stricter one is named."""
    lax, strict = "suite:policy-qa.pass_rate >= 0.5", "suite:policy-qa.pass_rate >= 0.8"
    dropped = {change.condition: change for change in changes(lax, strict) if change.what == "dropped"}
    assert (dropped[lax].outcome, dropped[lax].reason) == ("survived", f"also blocked by {strict}")
    assert dropped[strict].outcome == "killed"


def test_the_last_rule_cannot_be_dropped() -> None:
    """A policy without conditions is never GO, and this is said to be why the change survives."""
    dropped = next(change for change in changes("pins all met") if change.what == "dropped")
    assert (dropped.outcome, dropped.saw) == ("survived", "HOLD")
    assert dropped.reason == "no blocking condition is left, which is never GO"


@pytest.mark.parametrize(
    ("texts", "severity"),
    [
        (("suite:policy-qa.pass_rate >= 0.9", "suite:policy-qa.pass_rate <= 0.1"), "block"),
        (("pins all met",), "warn"),
    ],
)
def test_a_policy_that_nothing_meets_is_told(texts: tuple[str, ...], severity: str) -> None:
    """Where the best evidence is no GO, that is the one thing said, and it is a hole."""
    (change,) = changes(*texts, severity=severity)
    assert (change.group, change.outcome, change.is_hole) == ("controls", "blocked", True)


# --- gates with holes ---------------------------------------------------------------------------------------


def test_a_gate_that_lets_the_unknown_pass_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gate that takes unknown for met passes missing evidence, and that is a hole in policy and in evidence."""
    sound = decide._verdict

    def lenient(results: tuple, unmatched: tuple) -> tuple:
        known = [own.model_copy(update={"status": "met"}) if own.status == "unknown" else own for own in results]
        return sound(known, unmatched)

    monkeypatch.setattr(decide, "_verdict", lenient)
    found = holes(*POLICY)
    assert (None, "pass rates are gone") in found
    assert (None, "the finding of authentication is gone") in found
    assert (POLICY[0], "dropped") in found
    assert (POLICY[0], "the waiver is on what is unknown") in found


def test_a_gate_that_always_says_no_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gate that never says GO would kill every change: the control shows that it is no gate."""
    monkeypatch.setattr(decide, "_verdict", lambda results, unmatched: ("HOLD", "No."))
    assert holes(*POLICY) == [(None, "evidence that should meet everything")]


def test_a_gate_that_forgets_days_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gate that lets an expired waiver hold is found by that one change."""
    sound = decide.use_of

    def forgetful(*arguments: object) -> object:
        use = sound(*arguments)
        return use.model_copy(update={"status": "applies"}) if use is not None and use.status == "expired" else use

    monkeypatch.setattr(decide, "use_of", forgetful)
    assert holes(*POLICY) == [(POLICY[0], "the waiver has expired")]


def test_a_gate_that_believes_invalid_measurements_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A question that passes over the validity of a measurement is found by the evidence that it passes over."""
    sound: Callable[..., Answer] = bench.BenchQuestion.answer

    def credulous(own: bench.BenchQuestion, facts: decide.Facts) -> Answer:
        return sound(
            own, replace(facts, cells=tuple(one.model_copy(update={"validity": "VALID"}) for one in facts.cells))
        )

    monkeypatch.setattr(bench.BenchQuestion, "answer", credulous)
    assert holes(*POLICY) == [(None, "short@4 is INVALID")]


def test_a_gate_that_refuses_rewording_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gate whose verdict hangs on the order of its conditions blocks a control."""
    sound = decide._verdict

    def fussy(results: tuple, unmatched: tuple) -> tuple:
        return sound(results, unmatched) if results[0].id != POLICY[-1] else ("HOLD", "Not in this order.")

    monkeypatch.setattr(decide, "_verdict", fussy)
    assert holes(*POLICY)[-1] == (None, "conditions in another order")


# --- conditions on one suite --------------------------------------------------------------------------------

SHARE, SURE = "suite:policy-qa.pass_rate >= 0.8 with 95% confidence", "suite:policy-qa.pass_rate >= 0.5"
NOT_WORSE = "suite:policy-qa.pass_rate not worse than baseline by 0.1"


def of_policy(*texts: str) -> list[Change]:
    return list(policy_changes(trial(*texts)))


@pytest.mark.parametrize(
    ("absolute", "compared"),
    [(SHARE, NOT_WORSE), (SURE, NOT_WORSE), (SHARE, "suite:policy-qa.pass_rate better than baseline")],
)
def test_a_threshold_and_a_comparison_do_not_cover_each_other(absolute: str, compared: str) -> None:
    """A good candidate can be worse than a better baseline, and a bad one no worse than a bad baseline."""
    assert {(change.condition, change.outcome) for change in of_policy(absolute, compared)} == {
        (absolute, "killed"),
        (compared, "killed"),
    }


def test_a_comparison_that_a_threshold_implies_survives_with_its_name() -> None:
    """Who passes 0.95 can be worse than no baseline by 0.1, whatever that baseline did."""
    strict = "suite:policy-qa.pass_rate >= 0.95"
    survivors = [change for change in of_policy(strict, NOT_WORSE) if change.condition == NOT_WORSE]
    assert {(change.outcome, change.reason) for change in survivors} == {("survived", f"also blocked by {strict}")}


def test_the_bad_trials_that_a_comparison_bears_hang_on_the_baseline() -> None:
    """One piece of evidence fails it with a candidate that is bad, another with one that is just not good enough."""
    own = trial(NOT_WORSE)
    (question,) = own.asked
    passed = {facts.metrics[0].rate for facts in spoilt(own.facts, question, own.fails(question))}
    assert (min(passed) < 0.75, max(passed) > 0.9) == (True, True)


def test_a_rule_that_others_cover_in_parts_says_so() -> None:
    """Another rule blocks the lack of some members of a list: it is not said to cover all of them."""
    part = "readiness:authentication met"
    dropped = {change.condition: change for change in of_policy("readiness all met", part) if change.what == "dropped"}
    assert dropped["readiness all met"].outcome == "killed"
    assert dropped[part].reason == "also blocked by readiness all met"
    assert _why([{"a"}, {"b"}], {"a", "b"}) == "always blocked by one of a; b"
    assert _why([{"a", "b"}, {"b", "own"}], {"a", "b"}) == "also blocked by b"
    assert _why([{"own"}, {"own", "b"}], {"a", "b"}) == "it still blocks what just failed, or it is blocked by b"
    assert _why([{"own"}, {"own"}], {"a"}) == "it still blocks what just failed"
