"""Are service levels declared, and does the measured p95 keep them?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.readiness.view import PLAN, REQUESTS, Answer, combined, met, named, not_met, percentile, reading

if TYPE_CHECKING:
    from assay.readiness.view import View
    from assay.schema.bench import BenchCell, Percentile
    from assay.schema.suite import Slo

__all__ = ["check"]


def check(view: View) -> Answer:
    """Return met when every declared level is kept by a supported p95 at every concurrency of the plan."""
    levels = view.plan.use_case.slo
    declared = {name: slo for name, slo in levels.items() if slo.e2e_p95_s is not None or slo.ttft_p95_s is not None}
    if not declared:
        return not_met("the plan declares no service level", PLAN)
    answers: list[Answer] = []
    for profile, slo in declared.items():
        load = view.load(profile)
        answers += load.unknowns()
        answers += [answer for cell in load.cells for answer in _kept(cell, slo)]
    return combined(answers)


def _kept(cell: BenchCell, slo: Slo) -> list[Answer]:
    """Return one answer for each level that a profile has."""
    levels = [("latency", cell.e2e, slo.e2e_p95_s), ("time to first token", cell.ttft, slo.ttft_p95_s)]
    return [
        _within(f"p95 {what} of {named(cell)}", percentile(figures, 0.95), limit_s)
        for what, figures, limit_s in levels
        if limit_s is not None
    ]


def _within(name: str, figure: Percentile | None, limit_s: float) -> Answer:
    answer = reading(name, figure)
    if answer.status != "met" or figure is None or figure.value_us is None:
        return answer
    text = f"{answer.reason}, level {limit_s:g} s"
    return (met if figure.value_us <= limit_s * 1e6 else not_met)(text, REQUESTS, PLAN)
