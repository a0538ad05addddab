"""Which suites may stop being asked early under a policy, and what keeps the others from it?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from assay import readiness
from assay.gate import (
    BlockersQuestion,
    Facts,
    ItemQuestion,
    ReadinessQuestion,
    bounds_of,
    check_conditions,
    reads,
    settled_by_counts,
    specs_of,
)
from assay.scoring import needs_nobody
from assay.workflow.gating import baseline_of, subjects_of

if TYPE_CHECKING:
    from assay.gate import Bounds, Condition
    from assay.schema.findings import Checklist
    from assay.schema.provenance import CandidateFacts
    from assay.schema.suite import Gate, Plan, Suite

__all__ = ["Policy", "bounds_by_suite", "known_of", "policy_of"]


@dataclass(frozen=True)
class Policy:
    """A policy beside what it is about."""

    plan: Plan
    """The plan."""
    suites: tuple[Suite, ...]
    """Its suites."""
    checklist: Checklist
    """The readiness checklist."""
    gate: Gate
    """The policy."""
    conditions: tuple[Condition, ...]
    """Its conditions, read."""

    def blockers_count(self) -> bool:
        """Return whether a condition asks for the blockers."""
        return any(isinstance(own.question, BlockersQuestion) for own in self.conditions)

    def on(self, suite: Suite) -> tuple[Condition, ...]:
        """Return the conditions on a suite."""
        return tuple(own for own in self.conditions if reads(own, suite.id))

    def baseline(self) -> str | None:
        """Return the candidate of the plan that others are compared with, or None."""
        name = baseline_of(self.plan, self.gate)
        return name if name in {own.id for own in self.plan.evaluated()} else None

    def asked_whole(self, suite: Suite) -> str | None:
        """Return why no look at a part of a suite may end it, as a clause; None where one may."""
        if self.gate.waivers is not None:
            # It holds only while the candidate is no worse than when it was granted, which the whole suite tells.
            return "the policy has waivers"
        if not self.on(suite):
            return "no condition reads it"
        if any(case.source is not None for case in suite.cases):
            return "its cases have sources"
        if not needs_nobody(suite):
            return "a judge or the scorer of another package takes part in it"
        if any(map(self._hangs, self.conditions)):
            # What it comes to on a part knows of no look: it would be met by the luck that ended the suite.
            return "a condition reads an item of the checklist that further answers may change"
        return None

    def asked_out(self, suite: Suite) -> bool:
        """Return whether every case of a suite must be asked although counts would settle its conditions.

        That is so where more than counts is read: single cases, as in a comparison with the baseline.
        """
        counts = all(settled_by_counts(own, {suite.id}) for own in self.on(suite))
        return self.asked_whole(suite) is not None or not counts

    def _hangs(self, condition: Condition) -> bool:
        """Return whether a condition on the checklist may yet change by the answers to further cases."""
        question = condition.question
        if isinstance(question, ItemQuestion):
            covered = [question.item]
        elif isinstance(question, ReadinessQuestion):
            blocking = (item for item in self.checklist.items if item.severity == "block")
            covered = [item.id for item in blocking if question.section in {None, item.section}]
        else:
            return False
        baselines = {own.id for own in self.plan.evaluated() if "baseline" in own.roles}
        compared = any(baselines - {own.id} for own in self.plan.decided_on())
        return readiness.hangs_on_answers(covered, baseline=compared)


def policy_of(plan: Plan, suites: tuple[Suite, ...], checklist: Checklist, gate: Gate) -> Policy:
    """Return a policy beside what it is about.

    Raises:
        InputError: one of its conditions cannot be read.
    """
    known = subjects_of(plan, gate, suites, checklist)
    conditions = check_conditions(specs_of(gate), known, lambda _: ("plan.json", None))
    return Policy(plan, suites, checklist, gate, conditions)


def bounds_by_suite(policy: Policy, known: Facts) -> dict[str, tuple[Bounds, ...]]:
    """Return the suites that counts alone may end early, each with what decides the conditions on it.

    Args:
        policy: the conditions.
        known: what is known of a candidate; its metrics are left aside.
    """
    counted = [suite for suite in policy.suites if not policy.asked_out(suite)]
    known = replace(known, whole=frozenset(suite.id for suite in counted))
    return {suite.id: tuple(bounds_of(own, _sizes(suite), known) for own in policy.on(suite)) for suite in counted}


def _sizes(suite: Suite) -> Counter[tuple[str | None, str | None]]:
    """Return how many cases of a suite there are, with each tag, and by each scorer."""
    sizes: Counter[tuple[str | None, str | None]] = Counter({(None, None): len(suite.cases)})
    shared = 0
    for case in suite.cases:
        for tag in set(case.tags):
            sizes[tag, None] += 1
        if case.scorers is None:
            shared += 1
        else:
            sizes.update({(None, spec.label) for spec in case.scorers})
    for label in {spec.label for spec in suite.scorers}:
        sizes[None, label] += shared
    return sizes


def known_of(facts: CandidateFacts) -> Facts:
    """Return what the gate may see of a candidate before it was asked anything."""
    return Facts(
        metrics=(),
        blockers_failed=(),
        blockers_total=0,
        cells=(),
        latencies={},
        checklist=(),
        findings=(),
        pins=facts.pins,
        licence=facts.licence,
    )
