"""Does a checklist of a team's own come into the evidence whole, and are its mistakes told with their lines?"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import pytest
import yaml

from assay.errors import InputError
from assay.schema.findings import Checklist
from assay.workflow.checklists import load_attestations, load_checklist, shipped_checklist
from assay.workflow.formats import schema_of
from tests.fakes import days_on, plan_of, serving

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes import Said, Workplace

    Assay = Callable[..., Said]

ROOT = Path(__file__).resolve().parents[2]
MINE = """\
schema: assay/checklist/v1
extends: shipped
items:
  - {id: risks, severity: block}
  - {id: rizks, severity: block}
  - id: pins
    shown_by: attestation
  - {id: team, frameworks: [owasp-llm:LLM99]}
  - {id: canary, leave_out: TBD}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def said_of(path: Path) -> list[str]:
    with pytest.raises(InputError) as caught:
        load_checklist(path, path.name)
    return [str(problem).partition(": ")[0] + f" {problem.file}:{problem.line}" for problem in caught.value.problems]


def test_the_example_of_the_documents_is_a_checklist(tmp_path: Path) -> None:
    """docs/formats.md shows an extension that is read, fits the printed schema, and changes what it says."""
    page = (ROOT / "docs" / "formats.md").read_text("utf-8")
    (text,) = re.findall(r"```yaml\n(schema: assay/checklist/v1\n.*?)```", page, re.DOTALL)
    own = load_checklist(written(tmp_path, text), "mine.yaml")
    jsonschema.validate(yaml.safe_load(text), json.loads(schema_of("checklist")))
    items = {item.id: item for item in own.items}
    assert (items["risks"].severity, items["works-council"].shown_by) == ("block", "attestation")
    assert items["accelerator-memory"].leave_out.startswith("No accelerator")
    assert len(own.items) == len(shipped_checklist().items) + 1


def test_a_whole_checklist_fits_its_schema() -> None:
    """The printed schema takes the shipped file as it is written, and no unknown key."""
    data = yaml.safe_load((ROOT / "templates" / "checklist.yaml").read_text("utf-8"))
    validator = jsonschema.Draft202012Validator(json.loads(schema_of("checklist")))
    assert [*validator.iter_errors(data)] == []
    assert [*validator.iter_errors({**data, "extends": "theirs"})]


def test_mistakes_are_told_with_their_lines(tmp_path: Path) -> None:
    """Those of the changes first, all at once; then those of the checklist that they make."""
    assert said_of(written(tmp_path, MINE)) == ["error[unknown-item] mine.yaml:5", "error[not-attestable] mine.yaml:6"]
    assert said_of(written(tmp_path, MINE.replace("rizks", "risks"))) == [
        "error[duplicate-item] mine.yaml:5",
        "error[not-attestable] mine.yaml:6",
    ]
    others = MINE.replace("  - {id: rizks, severity: block}\n", "").replace("shown_by: attestation", "shown_by: probe")
    assert said_of(written(tmp_path, others)) == [
        "error[no-reason] mine.yaml:8",
        "error[unknown-framework] mine.yaml:7",
    ]
    assert said_of(written(tmp_path, "extends: theirs\nitems:\n  - {id: risks, severty: warn}\n")) == [
        "error[bad-value] mine.yaml:1",
        "error[unknown-key] mine.yaml:3",
    ]


def test_a_long_attestation_is_refused_with_its_line(tmp_path: Path) -> None:
    """Nobody's word holds for years: it is told where it stands, before anything is asked."""
    path = written(
        tmp_path,
        "attestations:\n"
        "  - {item: team, by: Ana, date: 2026-01-01, expires: 2026-12-31, statement: See the rota.}\n"
        "  - item: canary\n    by: Ana\n    date: 2026-01-01\n    expires: 2027-06-01\n    statement: See the graph.\n",
    )
    with pytest.raises(InputError) as caught:
        load_attestations(path, "said.yaml", shipped_checklist())
    assert str(caught.value) == (
        "error[bad-date]: said.yaml:3: the attestation of 'canary' holds for 516 days, and 400 are the most. "
        "Let it expire by 2027-02-05, and make it anew then."
    )


def test_the_evidence_has_the_whole_checklist(assay: Assay, place: Workplace) -> None:
    """What a run stores needs no file beside it; what is left out stands in the record with its reason."""
    (place.folder / "mine.yaml").write_text(
        "extends: shipped\n"
        "items:\n"
        "  - {id: error-rate, leave_out: Nobody waits for the answers.}\n"
        "  - {id: team, severity: warn}\n",
        encoding="utf-8",
    )
    said = {"item": "canary", "by": "Ana", "date": days_on(-1), "expires": days_on(9), "statement": "See the graph."}
    (place.folder / "said.yaml").write_text(json.dumps({"attestations": [said]}), encoding="utf-8")
    readiness = {"checklist": "mine.yaml", "attestations": "said.yaml"}
    gate = {"conditions": ["readiness:error-rate met", "readiness:canary met"]}
    with serving() as server:
        place.write(plan_of(server.base_url, readiness=readiness, gate=gate))
        assert assay("run", place.plan, "--out", place.out).code in {0, 1, 3}

    stored = Checklist.model_validate(place.json("evidence/checklist.json"))
    assert [item.id for item in stored.items] == [item.id for item in shipped_checklist().items]
    page = place.record.read_text("utf-8")
    assert "left out of the checklist: Nobody waits for the answers |" in page
    assert assay("verify", place.record).code == 0

    run, record = (assay("check", name, "--section", "reliability") for name in (place.run, place.record))
    assert run.code == record.code
    assert "not applicable: error-rate (left out of the checklist: Nobody waits for the\n" in run.out
    assert f"see:    {place.run.relative_to(place.folder)}/plan.json\n" in run.out
    canary = assay("check", place.run.relative_to(place.folder), "--section", "operations", "--json").out
    levels = {own["item"]: own["status"] for own in json.loads(canary)["candidates"][0]["findings"]}
    assert (levels["canary"], levels["team"]) == ("met", "unknown")
    assert json.loads(canary)["lowered"] == ["team"]
    assert json.loads(assay("check", place.record, "--section", "reliability", "--json").out)["lowered"] == []


def test_a_checklist_that_leaves_all_out_shows_nothing(assay: Assay, place: Workplace) -> None:
    """Whoever has a reason against every item has shown none: the verdict holds, and so does `assay check`."""
    names = [item.id for item in shipped_checklist().items]
    items = "".join(f"  - {{id: {name}, leave_out: We do not need it.}}\n" for name in names)
    (place.folder / "mine.yaml").write_text(f"extends: shipped\nitems:\n{items}", encoding="utf-8")
    with serving() as server:
        gate = {"conditions": ["readiness all met"]}
        place.write(plan_of(server.base_url, readiness={"checklist": "mine.yaml"}, gate=gate))
        assert assay("run", place.plan, "--out", place.out).code == 3
    assert "The checklist leaves out all that is asked for: " in place.record.read_text("utf-8")
    assert assay("check", place.run.relative_to(place.folder)).code == 3
    assert assay("verify", place.record).code == 0
