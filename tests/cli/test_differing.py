"""What does a person see of how two records differ, and which exit code does a script get?"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from assay.cli.app import app
from assay.cli.differing import diff_lines
from assay.gate.statistics import wilson
from assay.record.diff import RecordDiff, diff_of
from tests.record.diff.two_records import two_records, write_two
from tests.record.evidence_files import HOSTILE

if TYPE_CHECKING:
    from click.testing import Result

PAGE = Path(__file__).resolve().parents[2] / "docs" / "diff.md"


@pytest.fixture(name="said")
def _said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    """Return a way to call the command in a folder with two records."""
    write_two(tmp_path / "records")
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(app, ["diff", *words])


TWO = ("records/0001-small", "records/0002-small")


def test_the_example_of_the_documents_is_true(said: object) -> None:
    """docs/diff.md shows, line by line, what the command answers."""
    (block,) = re.findall(r"^```console\n\$ (.+?)\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    command, answer = block
    result: Result = said(*command.split()[2:])  # type: ignore[operator]
    assert (result.exit_code, result.output) == (0, answer)


def test_a_record_beside_itself(said: object) -> None:
    """That nothing differs is said in so many words."""
    assert said(TWO[0], TWO[0]).output == (  # type: ignore[operator]
        "A: 0001-small, 2026-01-02, NO-GO, proposed\n"
        "B: 0001-small, 2026-01-02, NO-GO, proposed\n\n"
        "28 numbers are the same.\n"
        "The two do not differ.\n"
    )


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (TWO, 0),
        ((*TWO, "--exit-code"), 1),
        ((TWO[0], TWO[0], "--exit-code"), 0),
        ((*TWO, "--markdown", "--json"), 2),
        ((TWO[0], "records/0003-none"), 2),
    ],
    ids=["differ", "differ, asked", "same, asked", "two ways to print", "no record"],
)
def test_exit_codes(said: object, words: tuple[str, ...], code: int) -> None:
    """A difference is information; only --exit-code makes it a failure."""
    assert said(*words).exit_code == code  # type: ignore[operator]


def test_json_is_the_noun_and_markdown_the_comment(said: object) -> None:
    """What is printed is the format that the documents name."""
    printed = said(*TWO, "--json").output  # type: ignore[operator]
    assert json.loads(printed)["schema"] == "assay/diff/v1"
    assert RecordDiff.model_validate_json(printed).b.record == "0002-small"
    assert said(*TWO, "--markdown").output.startswith("### 0002-small against 0001-small\n")  # type: ignore[operator]


def test_a_record_that_does_not_hold_ends_with_1(said: object, tmp_path: Path) -> None:
    """It is said which, and --no-verify says in its first lines that nobody looked."""
    path = tmp_path / "records" / "0002-small.md"
    path.write_text(path.read_text("utf-8") + "more\n", "utf-8")
    assert said(*TWO).exit_code == 1  # type: ignore[operator]
    printed = said(*TWO, "--no-verify")  # type: ignore[operator]
    assert printed.exit_code == 0
    assert printed.output.startswith("A: 0001-small, 2026-01-02, NO-GO, proposed, not verified\n")


def test_hostile_text_stays_within_the_screen() -> None:
    """No escape, no control, no line of more than 80 columns; long lists are cut and counted."""
    diff = diff_of(*two_records(), wilson)
    texts = dict.fromkeys(("subject", "a", "b", "why"), HOSTILE * 3)
    hostile = tuple(own.model_copy(update=texts) for own in diff.changes) * 30
    figures = tuple(own.model_copy(update={"group": HOSTILE, "note": HOSTILE}) for own in diff.figures)
    lines = list(diff_lines(diff.model_copy(update={"changes": hostile, "figures": figures})))
    assert max(map(len, lines)) <= 80
    assert not [line for line in lines if re.search(r"[\x00-\x1f\x7f\u202e]", line)]
    assert sum("more: --json has them" in line for line in lines) >= 5
