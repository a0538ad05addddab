"""Where did a run stop asking cases early, and why; does that still hold under the policy that it is decided under?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from assay.gate import look_sizes
from assay.schema.verdict import Stopped
from assay.workflow.curtailing import told
from assay.workflow.gating import LOOKS, facts_for
from assay.workflow.looking import prefix_of
from assay.workflow.stoppable import bounds_by_suite, known_of, policy_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from assay.gate import AnswerStatus, Bounds
    from assay.schema.score import Metric
    from assay.schema.suite import Gate
    from assay.workflow.evidence import Inputs
    from assay.workflow.measure import Measured
    from assay.workflow.stoppable import Policy

    Statuses = tuple[tuple[str, AnswerStatus | None], ...]

__all__ = ["needless", "stopped_of", "whole_suites"]


def stopped_of(inputs: Inputs, measured: Measured) -> tuple[Stopped, ...]:
    """Return every suite of which a candidate was not asked all cases, with why the run's own policy let it be.

    Raises:
        InputError: a condition of the plan cannot be read.
    """
    stopped = [own for own in whole_suites(measured) if own.stopped]
    weighing = _weighing(inputs, measured, inputs.plan.gate) if stopped else None
    return tuple(_stopped(own, weighing) for own in stopped if weighing is not None)


def needless(inputs: Inputs, measured: Measured) -> frozenset[tuple[str, str]]:
    """Return candidate and suite wherever cases were not asked and the policy at hand needs none of them.

    Under another policy than that of the run a condition may be open that those cases would have decided: then they
    are missing like any others.

    Raises:
        InputError: a condition of the policy cannot be read.
    """
    stopped = [own for own in whole_suites(measured) if own.stopped]
    weighing = _weighing(inputs, measured, inputs.policy) if stopped else None
    return frozenset((own.candidate, own.suite) for own in stopped if weighing is not None and weighing.lets_be(own))


def whole_suites(measured: Measured, candidate: str | None = None) -> Iterator[Metric]:
    """Yield the metrics over all cases of a suite, of one candidate or of all."""
    for own in measured.metrics:
        if own.tag is None and own.scorer is None and candidate in {None, own.candidate}:
            yield own


@dataclass(frozen=True)
class _Weighing:
    """What the conditions of a policy come to on what was asked."""

    inputs: Inputs
    measured: Measured
    policy: Policy
    bounds: Mapping[str, tuple[Bounds, ...]]
    """Of a run without looks, the suites that counts alone may end."""

    def statuses(self, metric: Metric) -> Statuses:
        """Return what the conditions on a suite come to, whatever would come of the rest; none for a whole one."""
        if self.inputs.run.stopping == "sequential":
            return self._by_look(metric)
        counts = {(own.tag, own.scorer): own for own in self.measured.metrics if _place(own) == _place(metric)}
        return tuple(
            (own.condition.id, own.settled(counts[own.part].passed, counts[own.part].failed))
            for own in self.bounds.get(metric.suite, ())
        )

    def _by_look(self, metric: Metric) -> Statuses:
        suite = next(own for own in self.policy.suites if own.id == metric.suite)
        if self.policy.asked_whole(suite) is not None:
            return ()
        facts = facts_for(self.inputs, metric.candidate, self.measured, (), ())
        found = ((own.id, own.question.answer(facts).status) for own in self.policy.on(suite))
        return tuple((name, None if status == "unknown" else status) for name, status in found)

    def lets_be(self, metric: Metric) -> bool:
        """Return whether the policy needs none of the cases that were not asked."""
        statuses = self.statuses(metric)
        return bool(statuses) and all(status is not None for _, status in statuses)

    def looks(self, metric: Metric) -> int:
        """Return how many planned looks were reached: all cases before them were asked."""
        if self.inputs.run.stopping != "sequential":
            return 0
        asked = [own.asked > 0 for own in self.measured.cases[metric.candidate] if own.suite == metric.suite]
        return sum(size <= prefix_of(asked) for size in look_sizes(len(asked), LOOKS))


def _place(metric: Metric) -> tuple[str, str]:
    return metric.candidate, metric.suite


def _weighing(inputs: Inputs, measured: Measured, gate: Gate) -> _Weighing:
    policy = policy_of(inputs.plan, inputs.suites, inputs.checklist, gate)
    known = known_of(inputs.facts[inputs.plan.decided_on()[0].id])
    bounds = bounds_by_suite(policy, known) if inputs.run.stopping == "curtail" else {}
    return _Weighing(replace(inputs, policy=gate), measured, policy, bounds)


def _stopped(metric: Metric, weighing: _Weighing) -> Stopped:
    statuses, looks = weighing.statuses(metric), weighing.looks(metric)
    why = "No reason is left: by the plan's own policy the suite is asked whole."
    if statuses:
        settled = all(status is not None for _, status in statuses)
        how = f", by look {looks} of {LOOKS}" if looks else ", whatever the rest come to"
        why = f"{told(statuses)}{how if settled else ''}."
    return Stopped(
        candidate=metric.candidate,
        suite=metric.suite,
        asked=metric.n - metric.stopped,
        due=metric.n,
        looks=looks,
        why=why,
    )
