"""What did a run come to: the shipped record, with what a test is about put in its place?"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from assay.schema.record import Record
from tests.readiness.builders import ROOT, facts

if TYPE_CHECKING:
    from assay.schema.bench import BenchCell
    from assay.schema.findings import Finding
    from assay.schema.provenance import CandidateFacts
    from assay.schema.suite import Plan

__all__ = ["record_of", "shipped_record"]


@cache
def shipped_record() -> Record:
    """Return a record that holds."""
    return Record.model_validate_json((ROOT / "records" / "0002-policy-assistant.json").read_bytes())


def record_of(
    plan: Plan,
    *,
    cells: tuple[BenchCell, ...] = (),
    findings: tuple[Finding, ...] = (),
    known: CandidateFacts | None = None,
    host: dict | None = None,
) -> Record:
    """Return what a run of a plan came to: its candidates with the same facts, figures and findings."""
    whole = shipped_record()
    summaries = tuple(
        whole.candidates[0].model_copy(update={"candidate": own, "facts": known or facts(facts=())})
        for own in plan.evaluated()
    )
    changes = {"candidates": summaries, "bench": cells, "findings": findings, "use_case": plan.use_case}
    return whole.model_copy(update={**changes, "host": whole.host.model_copy(update=host or {})})
