"""Does the gate leave alone what is harmless?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from assay.errors import InputError
from assay.gate.conditions import check_conditions
from assay.gate.selftest.exemplary import exemplary
from assay.gate.selftest.result import Change
from assay.gate.selftest.trial import TODAY
from assay.schema.suite import ConditionSpec, Waiver

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from assay.gate.conditions import Condition
    from assay.gate.evidence import Facts
    from assay.gate.selftest.trial import Trial

__all__ = ["control_changes"]


def control_changes(trial: Trial) -> Iterator[Change]:
    """Yield what comes of changes that must change nothing: each leaves a policy that is met, and so GO."""
    yield _control(trial, "nothing was changed", trial.facts)
    for what, specs in _policies(trial):
        try:
            conditions = check_conditions(specs, trial.subjects, lambda _: (None, None))
        except InputError as error:
            yield Change(group="controls", what=what, outcome="blocked", saw="refused", reason=str(error))
        else:
            yield _control(trial, what, trial.facts, conditions)
    for what, facts in _evidence(trial):
        yield _control(trial, what, facts)
    first = trial.asked[0].condition.id
    day = TODAY.isoformat()
    waiver = Waiver(
        condition=first, reason="made up", owner="one", approver="another", granted=day, expires=day, value=0.0
    )
    yield _control(trial, "a waiver on a condition that is met", trial.facts, waivers=[waiver])


def _policies(trial: Trial) -> Iterator[tuple[str, Sequence[ConditionSpec]]]:
    """Yield policies that ask the same, or ask for more that only warns."""
    specs = trial.specs
    yield "conditions in another order", specs[::-1]
    yield (
        "conditions under other ids",
        [own.model_copy(update={"id": f"condition-{number}"}) for number, own in enumerate(specs)],
    )
    yield (
        "wider spaces in conditions",
        [
            own.model_copy(update={"condition": f"  {own.condition.replace(' ', '  ')} ", "id": f"condition-{number}"})
            for number, own in enumerate(specs)
        ],
    )
    for suite in trial.subjects.suites[:1]:
        warning = ConditionSpec(condition=f"suite:{suite.id}.coverage <= 0.5", id="made-up-warning", severity="warn")
        yield "a further condition that fails and only warns", [*specs, warning]


def _evidence(trial: Trial) -> Iterator[tuple[str, Facts]]:
    """Yield evidence that says the same, or better."""
    facts = trial.facts
    turned = replace(
        facts,
        metrics=facts.metrics[::-1],
        cells=facts.cells[::-1],
        findings=facts.findings[::-1],
        checklist=facts.checklist[::-1],
        pins=facts.pins[::-1],
        cases=facts.cases[::-1],
        judges=facts.judges[::-1],
    )
    yield "evidence in another order", turned
    yield "more cases that passed", exemplary(trial.subjects, trial.checklist, trial.asked, more=50)
    further = facts.metrics[0].model_copy(update={"suite": "another-suite", "passed": 0, "failed": facts.metrics[0].n})
    yield "a suite that no condition asks about failed", replace(facts, metrics=(*facts.metrics, further))


def _control(
    trial: Trial,
    what: str,
    facts: Facts,
    conditions: Sequence[Condition] | None = None,
    waivers: Sequence[Waiver] = (),
) -> Change:
    verdict = trial.judge(facts, conditions, waivers)
    went = verdict.verdict == "GO"
    return Change(
        group="controls",
        what=what,
        outcome="undisturbed" if went else "blocked",
        saw=verdict.verdict,
        reason=None if went else verdict.reason,
    )
