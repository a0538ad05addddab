"""Which peer wrote this file?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.errors import InputError, Problem
from assay.suite.importing.sources import as_map, parse_json, read_bytes, read_json, unfit

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pydantic import JsonValue

__all__ = ["guess_format"]

_BY_SUFFIX = {".yaml": "promptfoo", ".yml": "promptfoo", ".eval": "inspect-ai", ".parquet": "table"}
_BY_KEYS = (
    ("deepeval", ({"testCases"},)),
    ("promptfoo", ({"results", "config"}, {"prompts"}, {"tests"})),
    ("inspect-ai", ({"eval", "version"},)),
    ("deepeval", ({"expected_output"}, {"expectedOutput"}, {"actual_output"}, {"scenario"})),
    ("lm-eval", ({"doc_id", "arguments"},)),
    ("openai-evals", ({"input", "ideal"}, {"spec"})),
    ("inspect-ai", ({"input", "target"},)),
    ("table", ({"input"},)),
)
"""Formats by keys of the object, of the first object of a list, or of the columns; the first that fits is taken."""


def guess_format(path: Path) -> str:
    """Return the name of the format that a file or folder looks like.

    Raises:
        InputError: it looks like none, or cannot be read.
    """
    suffix = path.suffix.lower()
    if path.is_dir():
        return "lm-eval"
    if suffix in _BY_SUFFIX:
        return _BY_SUFFIX[suffix]
    keys = _keys(path, suffix)
    if suffix == ".csv":
        if any(key.startswith("__expected") for key in keys):
            return "promptfoo"
        # A table may have any columns; they can be mapped.
        return next((name for name, sets in _BY_KEYS if any(wanted <= keys for wanted in sets)), "table")
    fits = [name for name, sets in _BY_KEYS if name != "table" and any(wanted <= keys for wanted in sets)]
    if not fits:
        message = "the file looks like no format that can be imported"
        raise InputError(Problem("unknown-format", message, "Name its format with `--format`.", str(path)))
    return fits[0]


def _keys(path: Path, suffix: str) -> set[str]:
    if suffix == ".json":
        content = read_json(path)
        return set(as_map(content[0] if isinstance(content, list) and content else content))
    if suffix not in {".jsonl", ".csv"}:
        raise unfit(
            str(path), f"files that end with {suffix[:20]!r} are not read", remedy="Name its format with `--format`."
        )
    first = _first_line(read_bytes(path).splitlines())
    if suffix == ".csv":
        return {cell.strip().strip('"') for cell in first.decode("utf-8", "replace").lstrip("\ufeff").split(",")}
    value: JsonValue = parse_json(first.removeprefix(b"\xef\xbb\xbf"), str(path)) if first else None
    return set(as_map(value))


def _first_line(lines: Iterable[bytes]) -> bytes:
    return next((line for line in lines if line.strip()), b"")
