"""Reads the tables of hard cases in tests/scoring/cases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

Row = dict[str, Any]


def rows_of(name: str) -> list[pytest.ParameterSet]:
    """Return one parameter for each line of a table, named by its `why`."""
    lines = (Path(__file__).parent / "cases" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [pytest.param(row, id=row["why"]) for row in map(json.loads, lines)]
