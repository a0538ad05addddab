"""Is a file of patterns taken only when all of them can be used, and is each mistake told with its line?"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from assay.errors import InputError
from assay.suite import load_redactions
from assay.workflow.hiding import why_unusable

if TYPE_CHECKING:
    from pathlib import Path


def test_names_and_patterns_are_read(tmp_path: Path) -> None:
    """The patterns are there by name, with the digest of the file's bytes."""
    text = "# ours\nstaff-id: 'E\\d{6}'\nproject: (?i)bluebird\n"
    (tmp_path / "r.yaml").write_text(text, encoding="utf-8")
    found = load_redactions(tmp_path / "r.yaml", "r.yaml", why_unusable)
    assert found.patterns == {"staff-id": r"E\d{6}", "project": "(?i)bluebird"}
    assert found.sha256 == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", None, "the file is no mapping of names to patterns"),
        ("- a\n", None, "the file is no mapping of names to patterns"),
        ("ok: a\nno: '('\n", 2, "no cannot be used: missing ) at position 1"),
        ("ok: a\nno: 'a*'\n", 2, "no cannot be used: it matches where there is nothing"),
        ("no: '(?:ab|c){1000000}'\n", 1, "no cannot be used: its repeats come to more than 50000 pieces"),
        ("no: 12\n", 1, "no is no regular expression"),
        (f"no: {'a' * 501}\n", 1, "no has more than 500 characters"),
        ("ok: a\nStaff ID: a\n", 2, "the name 'Staff ID' is no word of lower case letters, digits and dashes"),
        ("".join(f"n{n}: a\n" for n in range(51)), None, "it has 51 patterns, more than 50"),
    ],
)
def test_mistakes_are_told_with_their_line(tmp_path: Path, text: str, line: int | None, message: str) -> None:
    """Each mistake has file, line and what to do."""
    (tmp_path / "r.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as error:
        load_redactions(tmp_path / "r.yaml", "r.yaml", why_unusable)
    (problem,) = error.value.problems
    assert (problem.slug, problem.file, problem.line) == ("bad-pattern", "r.yaml", line)
    assert problem.message.startswith(message)
