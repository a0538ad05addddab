"""What does a person see of the checklist, and which exit code does a script get?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from assay.cli.check import check_lines
from assay.readiness import readiness_level
from assay.schema.findings import ATTESTATIONS, Checklist, Finding
from assay.workflow.check import CandidateChecked, Checked
from tests.fakes import assay, place
from tests.record.evidence_files import CHECKLIST, HOSTILE, small_evidence, write_record

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.fakes import Said

    Assay = Callable[..., Said]

__all__ = ["assay", "place"]

FACTS = "evidence/facts.json"
NOT_MET_PINS = """\
  pins                                               NOT MET
    Is pins in order?
    why:    the plan does not pin model_id, revision, quantization,
            runtime_version
    means:  It may be another one.
    do:     Mend it.
    see:    records/0001-small.evidence.zip!plan.json
    see:    records/0001-small.evidence.zip!evidence/facts.json
"""


@pytest.fixture(name="record")
def _record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the name of a record in the current folder, of which one item is not met and two are unknown."""
    items = [item.model_copy(update={"meaning": "It may be another one."}) for item in CHECKLIST.items]
    checklist = Checklist(items=tuple(items)).model_dump_json(by_alias=True).encode()
    (tmp_path / "records").mkdir()
    write_record(tmp_path / "records", {**small_evidence(), "evidence/checklist.json": checklist})
    monkeypatch.chdir(tmp_path)
    return "records/0001-small"


def test_a_record_shows_its_checklist(assay: Assay, record: str) -> None:
    """Each section with its level and what fails in it; the paths lead into the zip; the worst gives the code."""
    said = assay("check", record)
    assert (said.code, said.err) == (1, "")
    assert said.out == (
        "0001-small, attestations as of 2026-01-02\n\n"
        "one: NOT MET, by its weakest section\n\n"
        "performance: UNKNOWN: error-rate\n"
        "  error-rate                                         UNKNOWN\n"
        "    Is error-rate in order?\n"
        "    why:    3 requests measured: 56 more requests needed\n"
        "    do:     Mend it.\n"
        "    see:    records/0001-small.evidence.zip!requests.jsonl\n\n"
        "model: NOT MET: pins\n"
        f"{NOT_MET_PINS}\n"
        "operations: UNKNOWN: rehearsed\n"
        "  rehearsed                                          UNKNOWN\n"
        "    Is rehearsed in order?\n"
        "    why:    nobody has attested this\n"
        "    do:     Mend it.\n\n"
        "Of the minimum: 0 met, 1 not met, 2 unknown, 0 not applicable. Warnings: 0.\n"
    )


def test_a_section_decides_by_itself(assay: Assay, record: str) -> None:
    """What is not asked for counts neither in the level nor in the exit code; the noun is printed as it is."""
    said = assay("check", record, "--section", "operations", "--section", "performance", "--json")
    found = Checked.model_validate_json(said.out)
    assert (said.code, found.outcome, found.zipped) == (3, "unknown", True)
    assert (found.place, found.files) == ("records/0001-small.evidence.zip", ("requests.jsonl",))
    (own,) = found.candidates
    assert [(one.section, one.level) for one in own.readiness.sections] == [
        ("performance", "unknown"),
        ("operations", "unknown"),
    ]
    assert set(json.loads(said.out)["meanings"]) == {"error-rate", "rehearsed"}


@pytest.mark.parametrize(
    ("words", "errors"),
    [
        (
            ("--section", "modell", "--candidate", "three"),
            [
                "error[unknown-item]: there is no section 'modell'. Did you mean 'model'?",
                "error[unknown-candidate]: there is no candidate 'three'. Use one of: one.",
            ],
        ),
        (
            ("--section", "governance"),
            [
                (
                    "error[unknown-item]: the checklist of 0001-small has no item in governance. "
                    "Ask for another section, or for all."
                )
            ],
        ),
    ],
)
def test_what_is_not_there_is_bad_input(assay: Assay, record: str, words: tuple[str, ...], errors: list[str]) -> None:
    """Every slip is told at once, with the nearest name; an empty answer is never a good one."""
    said = assay("check", record, *words)
    assert (said.code, said.out, said.errors) == (2, "", errors)


def finding(item: str, status: str, **changes: object) -> Finding:
    whole = {"item": item, "candidate": "small", "section": "model", "severity": "block", "status": status}
    words = {"question": "Is it?", "reason": "so it is", "evidence": (FACTS,), "remedy": "Mend it."}
    return Finding.model_validate({**whole, **words, **changes})


def checked(*findings: Finding) -> Checked:
    return Checked(
        source="run-1",
        date="2026-01-02",
        outcome="met",
        place="runs/run-1",
        zipped=False,
        files=(FACTS,),
        candidates=(CandidateChecked(readiness=readiness_level("small", findings), findings=findings),),
        meanings={"a": "It is bad."},
    )


FOLDED = checked(
    finding("a", "met"),
    finding("b", "met", evidence=(ATTESTATIONS,)),
    finding("c", "not_applicable", reason="left out of the checklist: none is here", evidence=()),
    finding("d", "not_met", severity="warn", section="security", evidence=("gone.json",)),
)


def test_what_is_met_is_folded_and_what_is_left_out_is_not() -> None:
    """Names suffice for what is met; why something does not apply is always told; evidence that is gone is no link."""
    assert [*check_lines(FOLDED)][4:] == [
        "model: ATTESTED: b",
        "  met: a, b",
        "  not applicable: c (left out of the checklist: none is here)",
        "",
        "security: no item counts",
        "  d                                                  NOT MET  warn",
        "    Is it?",
        "    why:    so it is",
        "    do:     Mend it.",
        "",
        "Of the minimum: 2 met, 0 not met, 0 unknown, 1 not applicable. Warnings: 1.",
    ]
    assert [line for line in check_lines(FOLDED, only_open=True) if line.startswith(("model", "  met"))] == []
    assert [*check_lines(FOLDED, full=True)][5:9] == [
        "  a                                                  MET",
        "    Is it?",
        "    why:    so it is",
        f"    see:    runs/run-1/{FACTS}",
    ]


def test_lines_keep_to_80_columns_and_are_inert() -> None:
    """However long and hostile a reason is: it is cut where not all is asked for, and moves no terminal."""
    lines = [*check_lines(checked(finding("a", "not_met", reason=HOSTILE + " word" * 200)))]
    assert max(map(len, lines)) <= 80
    assert "\x1b" not in "".join(lines)
    assert sum(line.count("word") for line in lines) < 100
    whole = [*check_lines(checked(finding("a", "not_met", reason="word " * 200)), full=True)]
    assert sum(line.count("word") for line in whole) == 200


def test_what_was_lowered_is_named_whatever_is_asked_for() -> None:
    """An item that left the minimum stands below the sum, also where only what is open is told."""
    found = FOLDED.model_copy(update={"lowered": ("d",)})
    for lines in (check_lines(found), check_lines(found, only_open=True)):
        assert [*lines][-1] == "The checklist only warns of what the shipped one demands: d."
