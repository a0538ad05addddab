"""What do all parts of the self-test share: the policy, evidence that meets it, and how the gate judges both?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from assay.gate import decide
from assay.gate.selftest.asked import CANDIDATE
from assay.gate.selftest.result import Change

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from assay.gate.conditions import Condition
    from assay.gate.evidence import Facts, Subjects
    from assay.gate.selftest.asked import Asked
    from assay.schema.findings import ChecklistItem
    from assay.schema.suite import ConditionSpec, Waiver
    from assay.schema.verdict import CandidateVerdict

__all__ = ["TODAY", "Trial", "harm"]

TODAY: Final = date(2026, 1, 15)
"""Day of every made-up verdict."""


@dataclass(frozen=True)
class Trial:
    """A policy and the evidence that meets it."""

    specs: tuple[ConditionSpec, ...]
    """All conditions of the policy, as written."""
    subjects: Subjects
    """What its plan measures."""
    checklist: tuple[ChecklistItem, ...]
    """Items of the readiness checklist."""
    asked: tuple[Asked, ...]
    """All conditions, read and taken apart."""
    facts: Facts
    """Evidence that meets all of them."""

    @property
    def blocking(self) -> tuple[Asked, ...]:
        """The conditions that decide."""
        return tuple(own for own in self.asked if own.condition.severity == "block")

    def judge(
        self, facts: Facts, conditions: Sequence[Condition] | None = None, waivers: Sequence[Waiver] = ()
    ) -> CandidateVerdict:
        """Return what the gate says, of other conditions where they are given.

        Raises:
            ValueError: some evidence is another candidate's.
        """
        weighed = [own.condition for own in self.asked] if conditions is None else conditions
        own = decide.judge_candidate(CANDIDATE, weighed, facts, waivers, TODAY)
        return decide.overall([own], waivers).candidates[0]

    def status(self, own: Asked, facts: Facts) -> str:
        """Return what one condition comes to."""
        return own.condition.question.answer(facts).status

    def fails(self, own: Asked) -> Callable[[Facts], bool]:
        """Return whether some evidence does not meet a condition."""
        return lambda facts: self.status(own, facts) != "met"

    def refused(self, own: Asked) -> Callable[[Facts], bool]:
        """Return whether some evidence shows that a condition is not met; lack of evidence does not."""
        return lambda facts: self.status(own, facts) == "not_met"


def harm(trial: Trial, what: str, facts: Facts, readers: Sequence[Asked], waivers: Sequence[Waiver] = ()) -> Change:
    """Return what came of worse evidence: it must not be GO, unless no blocking condition asks about it.

    Args:
        trial: the policy.
        what: what is worse, in a few words.
        facts: the worse evidence.
        readers: blocking conditions that ask about it.
        waivers: waivers to weigh it with.
    """
    try:
        verdict = trial.judge(facts, waivers=waivers).verdict
    except ValueError:
        return Change(group="evidence", what=what, outcome="killed", saw="refused")
    if verdict != "GO":
        return Change(group="evidence", what=what, outcome="killed", saw=verdict)
    reason = None if readers else "no blocking condition asks about it"
    return Change(group="evidence", what=what, outcome="survived", saw=verdict, reason=reason)
