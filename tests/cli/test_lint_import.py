"""Are suites linted and imported from the command line, and what do the exit codes say?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes import Said, Workplace

    Assay = Callable[..., Said]

ROOT = Path(__file__).resolve().parents[2]
FILES = ROOT / "tests" / "suite" / "importing" / "files"
SETS = sorted(path.parent for path in (ROOT / "goldensets").glob("*/suite.yaml"))


@pytest.mark.parametrize("folder", SETS, ids=lambda folder: folder.name)
def test_shipped_sets_are_clean(assay: Assay, folder: Path) -> None:
    """No shipped set has an error or a warning."""
    said = assay("lint", folder)
    assert said.code == 0
    assert ", 0 errors, 0 warnings, " in " ".join(said.out.split())


def test_a_bad_suite_is_told(assay: Assay, place: Workplace) -> None:
    """Doubles, expectations that nothing reaches, leaks and broken text are findings, and the exit code is 1."""
    impossible = {"type": "integer", "minimum": 5, "maximum": 1}
    cases = [
        {"id": "a", "input": "What is the capital of France?", "expected": "Paris"},
        {"id": "b", "input": "what is the  capital of FRANCE?", "expected": "Paris"},
        {"id": "c", "input": "Return JSON.", "scorers": ["json_schema"], "schema": impossible},
        {"id": "d", "input": "Is caf\u00c3\u00a9 French?", "expected": "yes"},
        {"id": "e", "input": "The password is swordfish. What is the password?", "expected": "swordfish"},
    ]
    (place.folder / "set").mkdir()
    head = "schema: assay/suite/v1\nid: set\nscorers: [exact]\n"
    (place.folder / "set" / "suite.yaml").write_text(head, encoding="utf-8")
    text = "".join(json.dumps(case) + "\n" for case in cases)
    (place.folder / "set" / "cases.jsonl").write_text(text, encoding="utf-8")
    said = assay("lint", "set")
    assert said.code == 1
    assert said.out.splitlines() == [
        "error[unsatisfiable-schema]: set/cases.jsonl:3: case 'c': no answer can satisfy",
        "  the schema: $: the lower bound 5 is not below the upper bound 1. Mend the",
        "  schema.",
        "warning[duplicate]: set/cases.jsonl:2: case 'b': asks the same as case 'a', so",
        "  it counts twice and shows nothing new. Remove one of them, or ask more.",
        "warning[mojibake]: set/cases.jsonl:4: case 'd': the input holds '\u00c3\u00a9', which is",
        "  '\u00e9' read in the wrong encoding. Save the source as UTF-8 and import it anew.",
        "note[answer-in-input]: set/suite.yaml: the expected answer stands in the",
        "  question in 1 of 5 cases. That is right for reading and choosing; a model that",
        "  only copies passes some of them.",
        "note[power]: set/suite.yaml: with 5 cases a pass rate near 90 % is known to",
        "  within 29.4 points (95 % Wilson), and between two candidates no drop within 10",
        "  points is seen with 80 % power where 10 % of the cases come out differently.",
        "  Add cases to see smaller differences.",
        "set: 5 cases, 1 error, 2 warnings, 2 notes",
    ]
    stored = json.loads(assay("lint", "set", "--json").out)
    assert [finding["level"] for finding in stored["suites"][0]["findings"]] == [
        "error",
        "warning",
        "warning",
        "note",
        "note",
    ]


@pytest.mark.parametrize(
    ("file", "cases", "compared"),
    [
        ("promptfoo/result.json", 14, 14),
        ("inspect_ai/sums.eval", 3, 6),
        ("inspect_ai/letters.eval", 2, 2),
        ("lm_eval/tiny", 6, 6),
    ],
)
def test_peers_verdicts_come_out_the_same(assay: Assay, place: Workplace, file: str, cases: int, compared: int) -> None:
    """On the answers in a real result file Assay says what the peer said, or the report names the difference."""
    said = assay("import", FILES / file, "--out", "mine")
    assert said.code == 3
    lines = said.out.splitlines()
    assert lines[0].endswith(f", {cases} cases")
    assert lines[1] == f"scored again: {compared} of {compared} answers of the peer get the same verdict"
    report = json.loads((place.folder / "mine" / "import.json").read_text("utf-8"))
    assert (report["compared"], report["agreed"]) == (compared, compared)
    assert assay("lint", "mine").code in {0, 1}


def test_nothing_lost_is_done(assay: Assay, place: Workplace) -> None:
    """A table that says it all ends 0, and a suite is never written over."""
    (place.folder / "qa.csv").write_text("id,input,expected\n1,What is 2 + 2?,4\n", encoding="utf-8")
    first = assay("import", "qa.csv", "--scorer", "exact", "--out", "mine")
    assert (first.code, first.out.splitlines()) == (0, ["mine: suite qa, 1 cases", "nothing was lost"])
    again = assay("import", "qa.csv", "--scorer", "exact", "--out", "mine")
    assert (again.code, again.errors) == (
        2,
        ["error[file-exists]: mine: a suite is there already. Choose another folder with --out."],
    )
