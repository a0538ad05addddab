"""Do files that peers really wrote become the cases, losses and answers that were read off them by eye?"""

from __future__ import annotations

import importlib.util
import json
from typing import TYPE_CHECKING

import pytest

from assay.suite import load_suite
from assay.suite.importing import Options, guess_format, read_import
from tests.suite.importing.importing_building import FILES, as_json

if TYPE_CHECKING:
    from pathlib import Path

EXPECTED = sorted((FILES / "expected").glob("*.json"))
NEEDS = {".eval": ("backports.zstd", "backports"), ".parquet": ("pyarrow", "pyarrow")}


def _skip_without_reader(path: Path) -> None:
    module, parent = NEEDS.get(path.suffix, ("json", "json"))
    if importlib.util.find_spec(parent) is None or importlib.util.find_spec(module) is None:
        pytest.skip(f"{module} is not installed")


def _options(stated: dict[str, str]) -> Options:
    registry = FILES / stated["registry"] if "registry" in stated else None
    columns = {"input": stated["input"]} if "input" in stated else {}
    return Options(scorer=stated.get("scorer"), columns=columns, registry=registry, prompt=stated.get("prompt"))


@pytest.mark.parametrize("path", EXPECTED, ids=lambda path: path.stem)
def test_real_file_becomes_what_was_read_off_it(path: Path) -> None:
    """A file of a peer gives literally these cases, losses and answers, under the format that is guessed for it."""
    expected = json.loads(path.read_text("utf-8"))
    file = FILES / expected["file"]
    _skip_without_reader(file)
    assert guess_format(file) == expected["format"]
    assert as_json(read_import(expected["format"], file, _options(expected["options"]))) == expected["imported"]


@pytest.mark.parametrize("path", EXPECTED, ids=lambda path: path.stem)
def test_imported_suite_can_be_read_as_a_suite(path: Path, tmp_path: Path) -> None:
    """Head and cases, written to a folder, are the same suite when they are read."""
    expected = json.loads(path.read_text("utf-8"))["imported"]
    if not expected["cases"]:
        return
    (tmp_path / "suite.yaml").write_text(json.dumps(expected["head"]), encoding="utf-8")
    lines = [json.dumps(case) for case in expected["cases"]]
    (tmp_path / "cases.jsonl").write_text("\n".join(lines), encoding="utf-8")
    suite = load_suite(tmp_path, "imported", lambda suite, case: [])
    assert [case.id for case in suite.cases] == [case["id"] for case in expected["cases"]]
    assert all(suite.scorers_of(case) for case in suite.cases)
