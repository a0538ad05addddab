"""How does a test write a small file and import it?"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assay.errors import InputError
from assay.suite.importing import Imported, Options, guess_format, read_import

if TYPE_CHECKING:
    from pydantic import JsonValue

FILES = Path(__file__).with_name("files")


def as_json(imported: Imported) -> dict[str, JsonValue]:
    """Return all that an import says, as JSON."""
    return {
        "head": imported.head,
        "cases": [case.model_dump(mode="json", by_alias=True, exclude_defaults=True) for case in imported.cases],
        "losses": [f"{loss.where}: {loss.what}" for loss in imported.losses],
        "answers": [dataclasses.asdict(answer) for answer in imported.answers],
    }


def imported(path: Path, content: object, options: Options | None = None, form: str | None = None) -> Imported:
    """Write a file (text, bytes, or a value as JSON) and import it."""
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return read_import(form or guess_format(path), path, options or Options())


def refused(path: Path, content: object, form: str, options: Options | None = None) -> str:
    """Return the one line that a refused file gives, without its folder."""
    with pytest.raises(InputError) as error:
        imported(path, content, options, form)
    assert len(error.value.problems) == 1
    line = str(error.value)
    assert "\n" not in line
    return line.replace(f"{path.parent}/", "")
