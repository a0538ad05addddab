"""How does a test accept a record: its status block is set and sealed, and its page made anew?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.record.bundle import unpack
from assay.record.standing import sealed
from assay.record.store import RecordFiles
from assay.record.truth import body_sha256, record_json
from assay.schema.record import Record
from assay.schema.standing import Decision, Standing
from assay.workflow.verify import render_with

if TYPE_CHECKING:
    from pathlib import Path

    from assay.schema.standing import DecisionWord

__all__ = ["stand"]


def stand(
    path: Path,
    outcome: DecisionWord | None = "accepted",
    *,
    valid_until: str | None = None,
    superseded_by: str | None = None,
) -> Record:
    """Write into a record what a person decided on it; None leaves it proposed."""
    files = RecordFiles.beside(path)
    record = Record.model_validate_json(files.json.read_bytes())
    body, verdict = body_sha256(record), record.verdict.verdict
    decisions = (
        (Decision(outcome=outcome, by="Ada", on="2026-11-27", verdict=verdict, reason="a test", body_sha256=body),)
        if outcome is not None
        else ()
    )
    standing = Standing(decisions=decisions, valid_until=valid_until, superseded_by=superseded_by)
    status = "superseded" if superseded_by is not None else outcome or "proposed"
    record = record.model_copy(update={"status": status, "standing": sealed(status, standing)})
    files.json.write_text(record_json(record), encoding="utf-8")
    members = unpack(files.evidence.read_bytes(), files.evidence.name)
    files.markdown.write_text(render_with(record, members), encoding="utf-8")
    return record
