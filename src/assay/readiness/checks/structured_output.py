"""Do answers satisfy the JSON Schema of their case, where cases have one?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.readiness.view import TRIALS, Answer, combined, met, not_applicable, not_met, unknown

if TYPE_CHECKING:
    from assay.readiness.view import View

__all__ = ["check"]

_SCORER = "json_schema"
"""Scorer that holds an answer against the schema of its case."""


def check(view: View) -> Answer:
    """Return met when every answer that has a schema to satisfy was validated and satisfies it."""
    suites = [suite.id for suite in view.suites if any(case.json_schema is not None for case in suite.cases)]
    if not suites:
        return not_applicable("no case of the golden sets has a JSON Schema", TRIALS)
    return combined([_validated(view, suite) for suite in suites])


def _validated(view: View, suite: str) -> Answer:
    metric = view.metric(view.candidate.id, suite, _SCORER)
    if metric is None or metric.n <= 0:
        return unknown(f"no answer of {suite} was scored by {_SCORER}", TRIALS)
    due = view.due(metric)
    text = f"{metric.passed} of {due} answers of {suite} pass {_SCORER}"
    if metric.failed:
        return not_met(text, TRIALS)
    silent = due - metric.passed
    return unknown(f"{text}, {silent} have no score", TRIALS) if silent else met(text, TRIALS)
