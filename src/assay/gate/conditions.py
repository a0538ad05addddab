"""What does each condition of the policy ask, and does the plan measure it?"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from assay.errors import InputError, Problem
from assay.gate.kinds import bench, blockers, evidence, judges, licence, memory, pins, readiness, suites
from assay.gate.question import ConditionError, Form, UnknownMetricError, listed
from assay.schema.suite import ConditionSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Sequence

    from assay.gate.evidence import Subjects
    from assay.gate.question import Question
    from assay.schema.suite import Gate

__all__ = ["Condition", "check_conditions", "parse", "specs_of"]

FORMS: Final[dict[str, Form]] = {
    "suite": suites.FORM,
    "blockers": blockers.FORM,
    "bench": bench.FORM,
    "memory": memory.FORM,
    "readiness": readiness.FORM,
    "pins": pins.FORM,
    "licence": licence.FORM,
    "judge": judges.FORM,
    "judges": judges.FORM,
    "evidence": evidence.FORM,
}
"""The kinds of condition by the word that each begins with."""

_BASELINE = "Name one under gate.baseline, or give one candidate the role baseline."


class _NoBaselineError(Exception):
    """A condition compares with a baseline, and there is none."""


@dataclass(frozen=True)
class Condition:
    """One condition of the policy, read."""

    id: str
    """Its name: the one it was given, or its text."""
    text: str
    """Its text as it was written."""
    severity: Literal["block", "warn"]
    """`block` decides the verdict."""
    question: Question
    """What it asks of the evidence."""


def specs_of(policy: Gate) -> tuple[ConditionSpec, ...]:
    """Return all conditions of a policy: those that it writes, and one for each kind of evidence that it requires."""
    required = tuple(
        ConditionSpec(condition=f"evidence:{kind} present", id=f"evidence-{kind}")
        for kind in dict.fromkeys(policy.required_evidence)
    )
    return (*policy.conditions, *required)


def parse(spec: ConditionSpec) -> Condition:
    """Read one condition.

    Raises:
        ConditionError: its text cannot be read, or could never decide anything.
        UnknownMetricError: it names a figure that nobody measures; it is a ValueError, as the other is.
    """
    text = " ".join(spec.condition.split())
    question = _form(text).read(text)
    return Condition(spec.id or spec.condition, spec.condition, spec.severity, question)


def check_conditions(
    specs: Sequence[ConditionSpec], subjects: Subjects, locate: Callable[[int], tuple[str | None, int | None]]
) -> tuple[Condition, ...]:
    """Read all conditions of a policy and check that the plan measures what they ask about.

    `locate` gives the file and line of the condition with an index.

    Raises:
        InputError: with all problems at once. Slug `no-conditions` when there are none, `bad-condition` for a text
            that cannot be read, that decides nothing or whose name is taken, `unknown-metric` for one that asks
            about what the plan does not measure, `no-baseline` for one that compares with a baseline where there is
            none.
    """
    if not specs:
        message = "the gate has no conditions, so nothing could ever be decided"
        raise InputError(Problem("no-conditions", message, "Write at least one condition under gate.conditions."))
    conditions: list[Condition] = []
    problems: list[Problem] = []
    for index, spec in enumerate(specs):
        try:
            conditions.append(_checked(spec, subjects, conditions))
        except UnknownMetricError as error:
            name = str(error)
            message = f"condition '{spec.condition}' asks about {name}, which this plan does not measure"
            problems.append(Problem("unknown-metric", message, _nearest(name, subjects), *locate(index)))
        except _NoBaselineError:
            message = f"condition '{spec.condition}' compares with a baseline, and there is none"
            problems.append(Problem("no-baseline", message, _BASELINE, *locate(index)))
        except ConditionError as error:
            message = f"condition '{spec.condition}' {error}"
            problems.append(Problem("bad-condition", message, error.remedy, *locate(index)))
    if problems:
        raise InputError(*problems)
    return tuple(conditions)


def _checked(spec: ConditionSpec, subjects: Subjects, earlier: Sequence[Condition]) -> Condition:
    """Return one condition, read, whose metric is measured and whose name is not taken by an earlier one."""
    condition = parse(spec)
    metric = condition.question.metric
    form = _form(metric)
    if metric not in form.metrics(subjects):
        raise UnknownMetricError(metric)
    if condition.question.against_baseline and not subjects.baseline:
        raise _NoBaselineError
    form.admit(condition.question, subjects)
    if condition.id in {own.id for own in earlier}:
        raise ConditionError(f"has the name {condition.id} of an earlier one", "Give each condition its own id.")
    return condition


def _form(text: str) -> Form:
    """Return the kind of a condition or a metric by its first word."""
    word = re.split(r"[^a-z]", text, maxsplit=1)[0]
    if word not in FORMS:
        written = "; ".join(f"`{form}`" for form in dict.fromkeys(form.written for form in FORMS.values()))
        raise ConditionError("is of no known kind", f"Write one of {written}.")
    return FORMS[word]


def _nearest(name: str, subjects: Subjects) -> str:
    """Return the advice on a metric that is not measured."""
    form = _form(name)
    known = list(form.metrics(subjects))
    near = difflib.get_close_matches(name, known, n=1)
    told = form.known(name, subjects)
    if near:
        return f"Write {near[0]}." + (f" {told}" if told else "")
    return told or (f"Write one of {listed(known)}." if known else "Measure it in the plan, or remove the condition.")


def suites_by_case(conditions: Sequence[Condition], *, whole: Container[str]) -> frozenset[str]:
    """Return the suites of which single cases must be known, and not only how many passed.

    Args:
        conditions: the policy.
        whole: suites whose cases are one trial each, independent, and all asked before anything is weighed: of these a
            rate needs counts alone.
    """
    wanted = (condition.question.by_case(whole) for condition in conditions)
    return frozenset(suite for suite in wanted if suite is not None)
