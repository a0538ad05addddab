"""Does a waiver lift what two persons accepted, and no more?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.gate.selftest.exemplary import spoilt
from assay.gate.selftest.losses import removed
from assay.gate.selftest.result import Change
from assay.gate.selftest.trial import harm
from assay.schema.suite import Waiver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.gate.evidence import Facts
    from assay.gate.selftest.asked import Asked
    from assay.gate.selftest.trial import Trial

__all__ = ["waiver_changes"]

_HOLDS: Final = {"granted": "2026-01-01", "expires": "2026-01-31"}
_EXPIRED: Final = {"granted": "2025-12-01", "expires": "2026-01-14"}
_LATER: Final = {"granted": "2026-01-16", "expires": "2026-01-31"}


def waiver_changes(trial: Trial) -> Iterator[Change]:
    """Yield what comes of waivers on the first condition of which a failure can be waived; nothing where none can."""
    found = next(_waivable(trial), None)
    if found is None:
        return
    own, facts = found
    name = own.condition.id
    holding = _waiver(own, facts, _HOLDS)
    yield _control(trial, f"a waiver on a failure of {name}", facts, holding)
    cases = {
        "the waiver has expired": _waiver(own, facts, _EXPIRED),
        "the waiver holds only later": _waiver(own, facts, _LATER),
        "the waiver was granted for something less bad": _waiver(own, facts, _HOLDS, better=True),
        "the waiver is another candidate's": holding.model_copy(update={"candidate": "another"}),
        "the waiver is on no condition": holding.model_copy(update={"condition": f"{name}, or so"}),
    }
    for what, waiver in cases.items():
        yield _in_group(harm(trial, what, facts, [own], [waiver]), name)
    stray = holding.model_copy(update={"condition": f"{name}, or so"})
    yield _in_group(harm(trial, "a second waiver is on no condition", facts, [own], [holding, stray]), name)
    gone = next((lost for lost in _lost(trial) if trial.status(own, lost) == "unknown"), None)
    if gone is not None:
        yield _in_group(harm(trial, "the waiver is on what is unknown", gone, [own], [holding]), name)
    yield from _prohibited(trial)


def _waivable(trial: Trial) -> Iterator[tuple[Asked, Facts]]:
    """Yield blocking conditions with evidence that they alone do not meet, and that a waiver would let pass."""
    for own in trial.blocking:
        for facts in spoilt(trial.facts, own, trial.refused(own)):
            answer = own.condition.question.answer(facts)
            waivable = answer.waivable and (answer.failing or answer.observed is not None)
            alone = all(trial.status(other, facts) == "met" for other in trial.blocking if other != own)
            if answer.status == "not_met" and waivable and alone:
                yield own, facts


def _waiver(own: Asked, facts: Facts, days: dict[str, str], *, better: bool = False) -> Waiver:
    """Return a waiver that was granted for what the condition comes to, or for something better than that."""
    answer = own.condition.question.answer(facts)
    people = {"reason": "made up", "owner": "one", "approver": "another"}
    value: object = ("something else",) if better else answer.failing
    if answer.observed is not None and not answer.failing:
        up = not own.wants_low if own.comparison else answer.observed < (own.condition.question.threshold or 0)
        value = answer.observed + (0.001 if up else -0.001) if better else answer.observed
    return Waiver.model_validate({"condition": own.condition.id, **people, **days, "value": value})


def _lost(trial: Trial) -> Iterator[Facts]:
    """Yield evidence without one of its kinds."""
    yield from (facts for _, facts, _ in removed(trial))


def _prohibited(trial: Trial) -> Iterator[Change]:
    """Yield what comes of a waiver on a licence that forbids what is meant to be done."""
    for own in trial.blocking:
        if own.word == "licence":
            for facts in spoilt(trial.facts, own, trial.refused(own)):
                answer = own.condition.question.answer(facts)
                if not answer.waivable or not answer.failing:
                    waiver = _waiver(own, facts, _HOLDS, better=True)
                    yield _in_group(
                        harm(trial, "the waiver is on a prohibition", facts, [own], [waiver]), own.condition.id
                    )
                    return


def _control(trial: Trial, what: str, facts: Facts, waiver: Waiver) -> Change:
    verdict = trial.judge(facts, waivers=[waiver])
    went = verdict.verdict == "GO"
    return Change(
        group="controls",
        what=what,
        outcome="undisturbed" if went else "blocked",
        saw=verdict.verdict,
        reason=None if went else verdict.reason,
    )


def _in_group(change: Change, name: str) -> Change:
    return change.model_copy(update={"group": "waivers", "condition": name})
