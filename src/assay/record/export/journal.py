"""Where in a journal does each line stand, and what does one of them say, read again by its place?"""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Generic, Self, TypeVar

from assay.errors import InputError
from assay.record.run_folder import parse_lines
from assay.schema._base import Noun

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

__all__ = ["Journal", "Span"]

NounT = TypeVar("NounT", bound=Noun)
Span = tuple[int, int]
"""First byte of a line and its length in bytes."""


class Journal(Generic[NounT]):
    """A JSONL file of nouns; a context manager that holds it open. One line is in memory at a time."""

    def __init__(self, path: Path, model: type[NounT]) -> None:
        self._path, self._model = path, model
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Self:
        """Open the file."""
        self._file = self._path.open("rb")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def __iter__(self) -> Iterator[tuple[Span, NounT]]:
        """Yield each noun with the place of its line.

        Raises:
            InputError: a line is not such a noun.
        """
        start = 0
        with self._path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                yield (start, len(line)), self._noun(line, number)
                start += len(line)

    def at(self, span: Span) -> NounT:
        """Return the noun that stands at a place.

        Raises:
            InputError: the file has changed since its places were taken.
            ValueError: the journal is not open.
        """
        if self._file is None:
            message = "the journal is not open"
            raise ValueError(message)
        start, length = span
        self._file.seek(start)
        return self._noun(self._file.read(length), None)

    def _noun(self, line: bytes, number: int | None) -> NounT:
        try:
            # Whatever stands in the line, an empty one too, becomes one noun or a problem.
            return next(parse_lines(line or b"\n", self._model, str(self._path)))
        except InputError as error:
            raise InputError(*(problem.at(problem.file, number) for problem in error.problems)) from None
