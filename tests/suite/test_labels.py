"""Are the problems of a labels file told at their lines, and the same one only once?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assay.errors import InputError
from assay.suite import load_labels

if TYPE_CHECKING:
    from pathlib import Path

EMPTY = '{"id":"a","label":""}'
REMEDY = 'Write "passed" or "failed"; to stop earlier, cut the file off at its end.'


def test_equal_problems_of_lines_in_a_row_are_one(tmp_path: Path) -> None:
    """Forty lines that nobody filled in are one problem; another one between them parts it."""
    path = tmp_path / "labels.jsonl"
    path.write_text("\n".join([*[EMPTY] * 40, "[]", EMPTY]), "utf-8")
    with pytest.raises(InputError) as caught:
        load_labels(path)
    first, between, last = map(str, caught.value.problems)
    assert first == f"error[no-labels]: {path}:1: lines 1 to 40: the label is not filled in. {REMEDY}"
    assert f"{path}:41: " in between
    assert last == f"error[no-labels]: {path}:42: the label is not filled in. {REMEDY}"
