"""Do the records that this repository keeps still verify, and does the demo's say what a reviewer looks for?"""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.schema.record import Record
from assay.workflow.verify import verify_record

RECORDS = Path(__file__).resolve().parents[1] / "records"
SECTIONS = (
    "Use case",
    "Verdict",
    "Runtimes tested",
    "Model",
    "Benchmark",
    "Quality",
    "Readiness checklist",
    "Decision",
    "Conditions that must hold",
    "Risks",
    "What was not tested",
    "How to verify",
)


def test_there_are_records() -> None:
    """A folder without records would let the tests below pass on nothing."""
    assert list(RECORDS.glob("[0-9]*.json"))


@pytest.mark.parametrize("path", sorted(RECORDS.glob("[0-9]*.json")), ids=lambda path: path.stem)
def test_every_record_verifies(path: Path) -> None:
    """Each record in the repository can still be derived from its evidence, byte for byte."""
    assert verify_record(path).differences == ()


def test_the_demo_record_is_whole() -> None:
    """It has every section, both candidates, short and long prompts at 1, 2 and 4, quantization and licence as seen."""
    path = RECORDS / "0002-policy-assistant.json"
    record = Record.model_validate_json(path.read_bytes())
    markdown = path.with_suffix(".md").read_text(encoding="utf-8")
    assert [line[3:] for line in markdown.splitlines() if line.startswith("## ")] == list(SECTIONS)
    assert [own.candidate.id for own in record.candidates] == ["smollm2-free", "smollm2-schema"]
    assert sum(suite.cases for suite in record.suites) >= 40
    loads = {(cell.candidate, cell.profile, cell.concurrency) for cell in record.bench}
    names = ("smollm2-free", "smollm2-schema")
    wanted = {(c, p, n) for c in names for p in ("short", "json", "long") for n in (1, 2, 4)}
    assert loads == wanted
    for own in record.candidates:
        assert own.facts.fact("quantization").grade == own.facts.fact("license").grade == "observed"
    assert record.verdict.verdict in {"NO-GO", "HOLD"}
