"""How do the figures of a verdict become OpenMetrics text, which GitLab compares with the target branch?

Written as the OpenMetrics 1.0 text format has it: a family's comments, then its samples; label values escape the
backslash, the quote and the line feed; `# EOF` at the end. What is not known has no sample, never a zero.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.record.reports.places import Places
    from assay.schema.record import Record
    from assay.schema.verdict import ConditionResult

__all__ = ["write"]

_VERDICTS = {"GO": 1, "HOLD": 0, "NO-GO": -1}
_STATUSES = {"met": 1, "unknown": 0, "not_met": -1}
_FAMILIES = {
    "assay_verdict": "1 for GO, 0 for HOLD, -1 for NO-GO.",
    "assay_condition_status": "1 for met, 0 for unknown, -1 for not met.",
    "assay_condition_observed": "Figure that was compared.",
    "assay_condition_threshold": "What it was compared with.",
    "assay_condition_margin": "How far the deciding figure is on the good side of the threshold.",
    "assay_condition_n": "Trials, requests or findings that it rests on.",
    "assay_findings": "Items of the readiness checklist by status.",
}


def write(record: Record, places: Places) -> str:
    """Return the metrics of a record."""
    del places  # metrics have no places
    samples = list(_samples(record))
    lines = []
    for family, help_text in _FAMILIES.items():
        own = [f"{family}{labels} {_number(value)}" for name, labels, value in samples if name == family]
        if own:
            lines += [f"# TYPE {family} gauge", f"# HELP {family} {help_text}", *own]
    return "\n".join([*lines, "# EOF"]) + "\n"


def _samples(record: Record) -> Iterator[tuple[str, str, float]]:
    """Yield family, labels and value of each sample."""
    for own in record.verdict.candidates:
        yield "assay_verdict", _labels(candidate=own.candidate), _VERDICTS[own.verdict]
        for result in own.conditions:
            labels = _labels(candidate=own.candidate, condition=result.id)
            for family, value in _figures(result).items():
                if value is not None:
                    yield family, labels, value
    for status in ("met", "not_met", "unknown", "not_applicable"):
        count = sum(finding.status == status for finding in record.findings)
        if record.findings:
            yield "assay_findings", _labels(status=status), count


def _figures(result: ConditionResult) -> dict[str, float | None]:
    return {
        "assay_condition_status": _STATUSES[result.status],
        "assay_condition_observed": result.observed,
        "assay_condition_threshold": result.threshold,
        "assay_condition_margin": result.margin,
        "assay_condition_n": result.n,
    }


def _labels(**values: str) -> str:
    shown = ",".join(f'{name}="{_escaped(value)}"' for name, value in values.items())
    return f"{{{shown}}}"


def _escaped(value: str) -> str:
    line = " ".join(value.split()).encode("utf-8", "replace").decode()
    return line.replace("\\", "\\\\").replace('"', '\\"')


def _number(value: float) -> str:
    if isinstance(value, int):
        return str(value)
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return "NaN" if math.isnan(value) else repr(value)
