"""Where did a run stop asking cases early, and why; does that still hold under the policy that it is decided under?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.schema.verdict import Stopped
from assay.workflow.stopping import bounds_by_suite, known_of, policy_of, told

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from assay.gate import AnswerStatus, Bounds
    from assay.schema.score import Metric
    from assay.schema.suite import Gate
    from assay.workflow.evidence import Inputs
    from assay.workflow.measure import Measured

    Counts = Mapping[tuple[str, str, str | None, str | None], Metric]

__all__ = ["excused", "stopped_of", "whole_suites"]


def stopped_of(inputs: Inputs, measured: Measured) -> tuple[Stopped, ...]:
    """Return every suite of which a candidate was not asked all cases, with why the run's own policy let it be.

    Raises:
        InputError: a condition of the plan cannot be read.
    """
    stopped = [own for own in whole_suites(measured) if own.stopped]
    if not stopped:
        return ()
    bounds = _bounds(inputs, inputs.plan.gate)
    counts = _counts(measured)
    return tuple(
        Stopped(
            candidate=own.candidate,
            suite=own.suite,
            asked=own.n - own.stopped,
            due=own.n,
            looks=0,
            why=_why(own, bounds.get(own.suite, ()), counts),
        )
        for own in stopped
    )


def excused(inputs: Inputs, measured: Measured) -> frozenset[tuple[str, str]]:
    """Return candidate and suite wherever cases were not asked and the policy at hand needs none of them.

    Under another policy than that of the run a condition may be open that those cases would have decided: then they
    are missing like any others.

    Raises:
        InputError: a condition of the policy cannot be read.
    """
    stopped = [own for own in whole_suites(measured) if own.stopped]
    if not stopped:
        return frozenset()
    bounds, counts = _bounds(inputs, inputs.policy), _counts(measured)
    return frozenset(
        (own.candidate, own.suite)
        for own in stopped
        if own.suite in bounds and all(_status(own, bound, counts) is not None for bound in bounds[own.suite])
    )


def whole_suites(measured: Measured, candidate: str | None = None) -> Iterator[Metric]:
    """Yield the metrics over all cases of a suite, of one candidate or of all."""
    for own in measured.metrics:
        if own.tag is None and own.scorer is None and candidate in {None, own.candidate}:
            yield own


def _bounds(inputs: Inputs, gate: Gate) -> dict[str, tuple[Bounds, ...]]:
    decided = inputs.plan.decided_on()[0].id
    policy = policy_of(inputs.plan, inputs.suites, inputs.checklist, gate)
    return bounds_by_suite(policy, known_of(inputs.facts[decided]))


def _counts(measured: Measured) -> Counts:
    return {(own.candidate, own.suite, own.tag, own.scorer): own for own in measured.metrics}


def _status(metric: Metric, bound: Bounds, counts: Counts) -> AnswerStatus | None:
    """Return what a condition comes to, whatever the cases that were not asked would have; None where it is open."""
    found = counts[(metric.candidate, metric.suite, *bound.part)]
    return bound.settled(found.passed, found.failed)


def _why(metric: Metric, bounds: tuple[Bounds, ...], counts: Counts) -> str:
    if not bounds:
        return "No reason is left: under the plan's own policy this suite is asked whole."
    return f"{told((bound.condition.id, _status(metric, bound, counts)) for bound in bounds)}."
