"""Would the gate notice if its policy or its evidence were worse than they look?

Evidence is made up that meets a policy. Then the policy is weakened, one change at a time, and held against evidence
that the whole policy blocks; and the evidence is spoilt, one change at a time. A harmful change that is noticed is
killed. Harmless ones, the controls, must change nothing: a gate that always says no would kill everything.

Source: mutation analysis of tests, DeMillo, Lipton & Sayward 1978, Computer 11(4):34-41.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.gate.conditions import check_conditions
from assay.gate.selftest.asked import asked
from assay.gate.selftest.controls import control_changes
from assay.gate.selftest.exemplary import exemplary
from assay.gate.selftest.losses import evidence_changes
from assay.gate.selftest.policies import policy_changes
from assay.gate.selftest.result import Change
from assay.gate.selftest.trial import Trial
from assay.gate.selftest.waived import waiver_changes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from assay.gate.evidence import Subjects
    from assay.schema.findings import ChecklistItem
    from assay.schema.suite import ConditionSpec

__all__ = ["changes_of"]


def changes_of(
    specs: Sequence[ConditionSpec], subjects: Subjects, checklist: Sequence[ChecklistItem]
) -> Iterator[Change]:
    """Yield each change of a policy and of evidence, and what came of it.

    Args:
        specs: all conditions of the policy.
        subjects: what its plan measures.
        checklist: items of the readiness checklist.

    Raises:
        InputError: the policy is no sound one.
    """
    conditions = check_conditions(specs, subjects, lambda _: (None, None))
    own = tuple(asked(condition) for condition in conditions)
    trial = Trial(tuple(specs), subjects, tuple(checklist), own, exemplary(subjects, checklist, own))
    met = trial.judge(trial.facts)
    if met.verdict != "GO":
        yield Change(
            group="controls",
            what="evidence that should meet everything",
            outcome="blocked",
            saw=met.verdict,
            reason=met.reason,
        )
        return
    yield from policy_changes(trial)
    yield from evidence_changes(trial)
    yield from waiver_changes(trial)
    yield from control_changes(trial)
