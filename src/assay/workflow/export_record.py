"""How do other tools read a record: as a bill of materials, as the front matter of a model card?"""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from assay.errors import InputError, Problem
from assay.gate.statistics import wilson
from assay.record.sheets import SHEETS, Wishes
from assay.suite import is_address
from assay.workflow.export import whole
from assay.workflow.holding import check_holds, read_record

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["export_record"]


def export_record(
    path: Path, format_: str, out: Path | None, standard: IO[bytes], *, candidate: str | None, source: str | None
) -> None:
    """Write a record that holds in another tool's format.

    Args:
        path: the record, by one of its files or their stem.
        format_: name of the format, one of `SHEETS`.
        out: file to write, there whole when all went well, or not at all; None writes to `standard`.
        standard: where data goes without a file.
        candidate: candidate that a sheet on one model is about, or None.
        source: address at which people can read the record, or None.

    Raises:
        InputError: there is no such record, candidate or address, an extra is missing, or the file cannot be written.
        MismatchError: the record does not verify.
    """
    if out is not None and out.exists() and not out.is_file():
        message = "this is no plain file"
        raise InputError(Problem("file-exists", message, "Name another file with --out.", str(out)))
    if source is not None and not is_address(source):
        message = f"{source[:200]!r} is no http or https address"
        raise InputError(Problem("bad-address", message, "Write it like https://wiki.example/records/0001."))
    record = read_record(path)
    check_holds(path)
    content = SHEETS[format_].write(record, Wishes(wilson, candidate, source)).encode()
    if out is None:
        standard.write(content)
        return
    with whole(out) as file:
        file.write(content)
