"""Several small records in one folder, as runs of one plan or of several leave them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.record.run_folder import to_json
from assay.schema.record import Assembly
from assay.workflow.conclude import make_record
from assay.workflow.verify import TEMPLATE_MEMBER
from tests.record.evidence_files import PLAN, RUN, small_evidence

if TYPE_CHECKING:
    from pathlib import Path

    from assay.record.store import RecordFiles

__all__ = ["GO", "PAGE", "one_record"]

PAGE = """\
---
status: {{ record.status | json }}
---

# {{ record.title }}

{{ record.id | code }} is {{ record.status }}{% if record.standing.valid_until %} until {{ record.standing.valid_until }}{% endif %}.
{% for own in record.standing.decisions %}
{{ own.outcome }} by {{ own.by }} on {{ own.on }}: {{ own.reason or "no reason given" }}
{% endfor %}
{% for old in record.standing.supersedes %}
It replaces {{ old | code }}.
{% endfor %}
{% if record.standing.superseded_by %}
It is replaced by {{ record.standing.superseded_by | code }}.
{% endif %}
"""  # noqa: E501 - one line of the page
"""A template of one's own with all of a status block: the shipped one takes a tenth of a second to be made ready."""
GO = "suite:sums.pass_rate >= 0.1"
"""A condition that the small run meets."""


def one_record(
    folder: Path, number: int = 1, *, use_case: str = "small", condition: str = GO, **settings: object
) -> RecordFiles:
    """Write a record of the small run under one condition.

    The settings are those of the plan's `record`; `template=None` takes the shipped template.
    """
    stored = PLAN.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    stored["use_case"]["id"] = use_case
    stored["gate"] = {"conditions": [condition]}
    stored["record"] = {**stored["record"], "template": "page.md.j2", **settings}
    plan = type(PLAN).model_validate(stored)
    run = RUN.model_copy(update={"plan_digest": plan.digest()})
    evidence = {
        **small_evidence(),
        "plan.json": to_json(plan).encode(),
        "run.json": to_json(run).encode(),
        TEMPLATE_MEMBER: PAGE.encode(),
    }
    assembly = Assembly(
        number=number, slug=use_case, date="2026-01-02", assay_version="0.1.0", record_format="assay/record/v2"
    )
    return make_record(evidence, assembly).write(folder)
