"""Which cases stand in a table, one a row, as CSV or Parquet?"""

from __future__ import annotations

import importlib
import io
import json
from typing import TYPE_CHECKING, Protocol

from assay.errors import InputError, Problem, missing_extra
from assay.suite.importing.ledger import Ledger
from assay.suite.importing.sources import as_text, read_bytes, read_rows, unfit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pydantic import JsonValue

    from assay.suite.importing.imported import Imported, Options

    Row = dict[str, JsonValue]

__all__ = ["read"]

_COLUMNS = ("id", "input", "expected", "context", "tags", "severity", "scorer")
_MOST_ROWS = 1_000_000
_MOST_TOGETHER = 1 << 30
_ROWS_AT_ONCE = 16
"""Small, because each cell of a batch may repeat one long text of the file."""


class _Batch(Protocol):
    def to_pylist(self) -> list[dict[str, object]]: ...


class _Parquet(Protocol):
    def iter_batches(self, *, batch_size: int) -> Iterator[_Batch]: ...


def read(path: Path, options: Options) -> Imported:
    """Return the suite of a table with the columns id, input, expected, context, tags, severity and scorer.

    `options.columns` names other columns for these; columns without a part in this become metadata.

    Raises:
        InputError: the file cannot be read, or has no column for the input.
    """
    ledger = Ledger(options, path.stem)
    ledger.description = "Imported from a table."
    unknown = sorted(options.columns.keys() - set(_COLUMNS))
    if unknown:
        message = f"a table has no part called {unknown[0]!r}"
        raise InputError(Problem("bad-import", message, f"There are: {', '.join(_COLUMNS)}.", str(path)))
    places = {part: options.columns.get(part, part) for part in _COLUMNS}
    is_parquet = path.suffix.lower() == ".parquet"
    rows = _parquet_rows(ledger, path) if is_parquet else _csv_rows(path)
    ledger.take_scorer()
    for where, row in rows:
        missing = [
            column for part, column in places.items() if column not in row and part in {"input", *options.columns}
        ]
        if missing:
            message = f"the table has no column {missing[0][:60]!r}"
            raise unfit(
                str(path), message, remedy="Map the columns with `--column`, for example `--column input=question`."
            )
        _add_row(ledger, where, row, places)
    return ledger.close()


def _add_row(ledger: Ledger, where: str, row: Row, places: dict[str, str]) -> None:
    parts = {part: row.get(column) for part, column in places.items()}
    scorer = as_text(parts.pop("scorer")).strip()
    tags = parts["tags"]
    named = {column: value for column, value in row.items() if column not in places.values()}
    fields: Row = {
        **parts,
        "tags": [tag.strip() for tag in tags.replace(";", ",").split(",") if tag.strip()]
        if isinstance(tags, str)
        else tags,
        "severity": as_text(parts["severity"]).strip() or None,
        "metadata": {column: value for column, value in named.items() if value not in (None, "")},
    }
    if scorer:
        ledger.add(where, {**fields, "scorers": [scorer]})
    else:
        ledger.add_plain(where, fields)


def _csv_rows(path: Path) -> Iterator[tuple[str, Row]]:
    for number, cells in read_rows(path):
        row: Row = {**cells}
        yield f"line {number}", row


def _parquet_rows(ledger: Ledger, path: Path) -> Iterator[tuple[str, Row]]:
    name = str(path)
    left = _MOST_TOGETHER
    number = 0
    try:
        for batch in _opened(path).iter_batches(batch_size=_ROWS_AT_ONCE):
            for cells in batch.to_pylist():
                number += 1
                where = f"row {number}"
                row: Row = {column: _value(ledger, where, column, cell) for column, cell in cells.items()}
                left -= sum(len(cell) for cell in row.values() if isinstance(cell, str))
                if left < 0:
                    raise InputError(Problem("file-too-large", "the table holds more than 1 GiB", "Split it.", name))
                yield where, row
    except (ValueError, OSError, NotImplementedError, KeyError, TypeError, MemoryError) as error:
        # Errors of Arrow are kinds of these.
        raise unfit(name, f"the Parquet file is damaged: {type(error).__name__}", remedy="Write it anew.") from None


def _opened(path: Path) -> _Parquet:
    try:
        parquet = importlib.import_module("pyarrow.parquet")
    except ImportError:
        message, otherwise = "reading Parquet needs pyarrow", "write the table as CSV"
        raise missing_extra("parquet", message, otherwise=otherwise, file=str(path)) from None
    opened = parquet.ParquetFile(io.BytesIO(read_bytes(path)))
    stated = opened.metadata
    size = sum(stated.row_group(index).total_byte_size for index in range(stated.num_row_groups))
    if stated.num_rows > _MOST_ROWS or size > _MOST_TOGETHER:
        message = f"the table has more than {_MOST_ROWS} rows or 1 GiB"
        raise InputError(Problem("file-too-large", message, "Split it.", str(path)))
    typed: _Parquet = opened
    return typed


def _value(ledger: Ledger, where: str, column: str, cell: object) -> JsonValue:
    """Return a cell as JSON has it: dates and decimals as their text, bytes not at all."""
    if cell is None or isinstance(cell, str | bool | int | float):
        return cell
    if isinstance(cell, bytes):
        ledger.lose(where, f"the column {column[:60]!r} holds bytes and is not carried over")
        return None
    try:
        value: JsonValue = json.loads(json.dumps(cell, default=str))
    except (ValueError, TypeError, RecursionError):
        ledger.lose(where, f"the column {column[:60]!r} holds what JSON has no form for")
        return None
    return value
