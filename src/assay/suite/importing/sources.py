"""What does a file of a peer hold, read within bounds?

Every way to fail here is an `InputError` of one line: such files come from anywhere.
"""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import yaml

from assay.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pydantic import JsonValue

__all__ = [
    "MOST_BYTES",
    "as_list",
    "as_map",
    "as_text",
    "parse_json",
    "read_bytes",
    "read_json",
    "read_lines",
    "read_rows",
    "sound_yaml",
    "unfit",
]

MOST_BYTES = 256 << 20
_MOST_LEVELS = 100
_MOST_YAML = 100_000


def unfit(name: str, message: str, line: int | None = None, remedy: str = "Export the file anew.") -> InputError:
    """Return the error of a file that is not what its format says."""
    return InputError(Problem("bad-import", message, remedy, name, line))


def read_bytes(path: Path, most: int = MOST_BYTES) -> bytes:
    """Return the content of a regular file.

    Raises:
        InputError: it cannot be read, or it has more than `most` bytes.
    """
    try:
        if path.exists() and not path.is_file():
            raise InputError(Problem("no-such-file", "it is no regular file", "Name a file.", str(path)))
        with path.open("rb") as file:
            raw = file.read(most + 1)
    except (OSError, ValueError) as error:
        # A path with a NUL character is a ValueError.
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise InputError(
            Problem("no-such-file", f"cannot read the file: {reason}", "Check the path.", str(path))
        ) from None
    if len(raw) > most:
        message = f"the file is larger than {most >> 20} MiB"
        raise InputError(Problem("file-too-large", message, "Split it.", str(path)))
    return raw


def _read_text(path: Path) -> str:
    raw = read_bytes(path)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise unfit(str(path), "the file is not UTF-8", line, "Save it as UTF-8.") from None


def parse_json(text: str | bytes, name: str, line: int | None = None) -> JsonValue:
    """Return the value of a JSON text. NaN and infinities are taken, because peers write them.

    Raises:
        InputError: it is not JSON, has a key twice, or nests deeper than 100 levels.
    """
    try:
        value: JsonValue = json.loads(text, object_pairs_hook=_mapping)
    except json.JSONDecodeError as error:
        at = line if line is not None else error.lineno
        raise unfit(name, f"not valid JSON: {error.msg}", at) from None
    except RecursionError:
        raise unfit(name, "the values are nested too deep", line) from None
    except ValueError as error:
        # A key that stands twice, an integer of thousands of digits, or bytes that are not UTF-8.
        what = str(error) if str(error).startswith("the key") else "a value that cannot be read"
        raise unfit(name, f"not valid JSON: {what}", line) from None
    if _is_deep(value):
        raise unfit(name, "the values are nested too deep", line)
    return value


def _mapping(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    result = dict(pairs)
    if len(result) < len(pairs):
        # The last would win in silence, and with it an assertion could be lost.
        keys = [key for key, _ in pairs]
        message = f"the key {next(key for key in keys if keys.count(key) > 1)[:60]!r} stands twice"
        raise ValueError(message)
    return result


def _is_deep(value: JsonValue) -> bool:
    level = [value]
    for _ in range(_MOST_LEVELS):
        inner: list[JsonValue] = []
        for item in level:
            if isinstance(item, dict):
                inner += item.values()
            elif isinstance(item, list):
                inner += item
        if not inner:
            return False
        level = inner
    return True


def read_json(path: Path) -> JsonValue:
    """Return the value that a JSON file holds.

    Raises:
        InputError: it cannot be read or is no sound JSON.
    """
    return parse_json(_read_text(path), str(path))


def read_lines(path: Path) -> Iterator[tuple[int, dict[str, JsonValue]]]:
    """Yield the number, from 1, and the object of each line of a JSONL file that is not blank.

    Raises:
        InputError: the file cannot be read, or a line is no JSON object.
    """
    for number, line in enumerate(_read_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        value = parse_json(line, str(path), number)
        if not isinstance(value, dict):
            raise unfit(str(path), f"the line is no JSON object but a {type(value).__name__}", number)
        yield number, value


def read_rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the line, from 1, on which each row of a CSV file ends, and its cells by column.

    Raises:
        InputError: the file cannot be read, a column stands twice, or a row has other cells than the first.
    """
    # `newline=""` leaves line ends inside of quotes as they are.
    reader = csv.reader(io.StringIO(_read_text(path), newline=""), strict=True)
    names: list[str] | None = None
    try:
        for row in reader:
            if not any(row):
                continue
            if names is None:
                names = _header(row, str(path))
                continue
            if len(row) != len(names):
                message = f"the row has {len(row)} cells, the first row has {len(names)}"
                raise unfit(str(path), message, reader.line_num, "Quote cells that hold commas.")
            yield reader.line_num, dict(zip(names, row, strict=True))
    except csv.Error as error:
        raise unfit(str(path), f"not valid CSV: {error}", reader.line_num, "Mend the row.") from None


def _header(row: list[str], name: str) -> list[str]:
    names = [cell.strip() for cell in row]
    twice = sorted({cell for cell in names if names.count(cell) > 1})
    if twice:
        raise unfit(name, f"the column {twice[0][:60]!r} stands twice", 1, "Rename one of them.")
    return names


def sound_yaml(text: str) -> JsonValue:
    """Return the value of a short YAML text inside of another file, or None when it is not plain YAML.

    Aliases are refused: a short text of them stands for a large value.
    """
    if len(text) > _MOST_YAML:
        return None
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.SafeLoader)):
            return None
        plain = json.dumps(yaml.safe_load(text))
        value: JsonValue = json.loads(plain)
    except (yaml.YAMLError, RecursionError, ValueError, TypeError, AttributeError, LookupError, ArithmeticError):
        return None
    return value


def as_map(value: JsonValue) -> dict[str, JsonValue]:
    """Return a mapping, or an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def as_list(value: JsonValue) -> list[JsonValue]:
    """Return a list, or an empty one for anything else."""
    return value if isinstance(value, list) else []


def as_text(value: JsonValue) -> str:
    """Return a text as it is, nothing as an empty one, and any other value as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
