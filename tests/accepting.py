"""How does a test accept a record, its page made anew, and verify many without compiling a template each time?"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import jinja2
import pytest

from assay.record.bundle import unpack
from assay.record.standing import sealed
from assay.record.store import RecordFiles
from assay.record.truth import body_sha256, record_json
from assay.schema.record import Record
from assay.schema.standing import Decision, Standing
from assay.workflow.verify import render_with

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from assay.schema.standing import DecisionWord

__all__ = ["stand", "templates_compiled_once"]


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


@contextmanager
def templates_compiled_once() -> Iterator[None]:
    """Keep the code of each template until the block ends: making it anew is most of the time of verifying."""
    known: dict[str, object] = {}
    own = jinja2.Environment.compile

    def compiled(self: jinja2.Environment, source: str, *rest: object, **named: object) -> object:
        if source not in known:
            known[source] = own(self, source, *rest, **named)
        return known[source]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jinja2.Environment, "compile", compiled)
        yield
