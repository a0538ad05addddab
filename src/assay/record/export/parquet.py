"""How do scores become a Parquet file with typed columns?

The columns are those of the CSV; `tags` is a list, what is not known is null, and the id of the run stands in the
file's metadata as `assay.run`. A row group has 10,000 rows, or fewer where their answers are long.
"""

from __future__ import annotations

import importlib
from typing import IO, TYPE_CHECKING, Protocol, cast

from assay.errors import InputError, Problem, missing_extra
from assay.record.export.columns import COLUMNS, rows
from assay.record.export.exporter import Exporter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from assay.record.export.columns import Row
    from assay.record.export.source import Source

__all__ = ["EXPORTER", "TYPES"]

_ROWS = 10_000
_MOST_CHARACTERS = 64 << 20
"""Text that may wait in memory for its row group."""

TYPES: dict[str, str] = {
    "candidate": "string",
    "suite": "string",
    "case": "string",
    "trial": "int64",
    "scorer": "string",
    "outcome": "string",
    "value": "float64",
    "reason": "string",
    "status": "string",
    "fault": "string",
    "finish_reason": "string",
    "elapsed_ms": "float64",
    "attempts": "int64",
    "prompt_tokens": "int64",
    "completion_tokens": "int64",
    "tags": "list",
    "severity": "string",
    "reused_from": "string",
    "output": "string",
}
"""Arrow type of each column; `list` is a list of strings."""


class _Arrow(Protocol):
    """What is used of pyarrow, which ships no types."""

    def string(self) -> object: ...
    def int64(self) -> object: ...
    def float64(self) -> object: ...
    def list_(self, item: object) -> object: ...
    def schema(self, fields: Sequence[tuple[str, object]], metadata: Mapping[str, str]) -> object: ...
    def table(self, columns: Mapping[str, Sequence[object]], schema: object) -> object: ...


class _Writer(Protocol):
    def write_table(self, table: object, row_group_size: int) -> None: ...
    def close(self) -> None: ...


class _Parquet(Protocol):
    def ParquetWriter(self, where: IO[bytes], schema: object, *, compression: str) -> _Writer: ...  # noqa: N802


def _write(source: Source, out: IO[bytes]) -> int:
    arrow, parquet = _loaded()
    kinds = {
        "string": arrow.string(),
        "int64": arrow.int64(),
        "float64": arrow.float64(),
        "list": arrow.list_(arrow.string()),
    }
    schema = arrow.schema([(name, kinds[TYPES[name]]) for name in COLUMNS], {"assay.run": source.wanted.run.id})
    writer = parquet.ParquetWriter(out, schema, compression="zstd")
    count = 0
    try:
        for group in _groups(rows(source)):
            columns = dict(zip(COLUMNS, zip(*group, strict=True), strict=True))
            writer.write_table(arrow.table(columns, schema), _ROWS)
            count += len(group)
    except OverflowError:
        message = "a count in trials.jsonl is beyond 64 bits"
        remedy = "Take the run again from its last good state."
        raise InputError(Problem("bad-journal", message, remedy, str(source.folder / "trials.jsonl"))) from None
    finally:
        writer.close()
    return count


def _groups(entries: Iterator[Row]) -> Iterator[list[Row]]:
    """Yield rows in groups that fit into memory."""
    group: list[Row] = []
    characters = 0
    for row in entries:
        group.append(row)
        characters += len(row.output or "") + len(row.reason)
        if len(group) == _ROWS or characters >= _MOST_CHARACTERS:
            yield group
            group, characters = [], 0
    if group:
        yield group


def _loaded() -> tuple[_Arrow, _Parquet]:
    # By name: the contract that keeps `assay verify` light counts every import of this room, late ones too.
    try:
        arrow, parquet = importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    except ImportError:
        raise missing_extra("parquet", "writing Parquet needs pyarrow", otherwise="export as CSV") from None
    return cast("_Arrow", arrow), cast("_Parquet", parquet)


EXPORTER = Exporter("The same columns with types, as Parquet.", "scores", _write, as_text=False)
