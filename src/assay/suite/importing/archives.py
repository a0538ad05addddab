"""What does a ZIP archive of a peer hold, read within bounds and without unpacking it?

Nothing is written to disk, so that names of members cannot lead anywhere.
"""

from __future__ import annotations

import importlib
import io
import sys
import zipfile
import zlib
from typing import TYPE_CHECKING, Protocol, Self

from assay.errors import InputError, Problem, missing_extra
from assay.suite.importing.sources import parse_json, read_bytes, unfit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

    from pydantic import JsonValue

__all__ = ["Archive"]

_MOST_MEMBER = 64 << 20
_MOST_TOGETHER = 1 << 30
_MOST_MEMBERS = 100_000
_ZSTANDARD = 93
"""Number of the compression method in the ZIP format (APPNOTE 6.3.8, section 4.4.5)."""


class _Stream(Protocol):
    def read(self, size: int, /) -> bytes: ...

    def __enter__(self) -> Self: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close the member."""


class _Zip(Protocol):
    def infolist(self) -> list[zipfile.ZipInfo]: ...

    def open(self, name: zipfile.ZipInfo) -> _Stream: ...


class Archive:
    """A ZIP file whose members are JSON texts.

    Raises:
        InputError: it is no ZIP file, a member stands twice, there are more than 100,000, or it is compressed with
            Zstandard and the part that reads it is not installed.
    """

    def __init__(self, path: Path) -> None:
        self._name = str(path)
        self._left = _MOST_TOGETHER
        raw = io.BytesIO(read_bytes(path))
        try:
            infos = zipfile.ZipFile(raw).infolist()
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, UnicodeDecodeError):
            raise unfit(self._name, "the file is no sound ZIP archive", remedy="Copy it anew.") from None
        if len(infos) > _MOST_MEMBERS or len({info.filename for info in infos}) < len(infos):
            raise unfit(self._name, f"the archive has a member twice, or more than {_MOST_MEMBERS}")
        needs = any(info.compress_type == _ZSTANDARD for info in infos)
        self._zip: _Zip = self._opened(raw) if needs else zipfile.ZipFile(raw)
        self._members = {info.filename: info for info in self._zip.infolist()}

    def _opened(self, raw: io.BytesIO) -> _Zip:
        if sys.version_info >= (3, 14):
            return zipfile.ZipFile(raw)
        try:
            reader = importlib.import_module("backports.zstd.zipfile")
        except ImportError:
            message = "the log is compressed with Zstandard, which this Python does not read by itself"
            otherwise = "write the log as JSON: inspect log dump FILE"
            raise missing_extra("import", message, otherwise=otherwise, file=self._name) from None
        opened: _Zip = reader.ZipFile(raw)
        return opened

    def names(self, folder: str) -> Iterator[str]:
        """Yield the names of the JSON members of a folder of the archive."""
        return (name for name in self._members if name.startswith(folder) and name.endswith(".json"))

    def json(self, name: str) -> JsonValue:
        """Return the value that a member holds, or None when there is no such member.

        Raises:
            InputError: it is larger than 64 MiB, damaged, or no JSON; or all that was read is larger than 1 GiB.
        """
        info = self._members.get(name)
        if info is None:
            return None
        shown = f"{self._name}: {name[:80]!r}"
        try:
            # The size that the archive states is a claim; what is read is bounded by itself.
            with self._zip.open(info) as stream:
                raw = stream.read(min(_MOST_MEMBER, self._left) + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError, NotImplementedError):
            raise unfit(shown, "the member is damaged or locked", remedy="Copy the file anew.") from None
        except Exception as error:
            if type(error).__name__ not in {"ZstdError", "BadZipFile", "LZMAError"}:
                raise
            # The backport has error classes of its own, which have no names here while it is absent.
            raise unfit(shown, "the member is damaged", remedy="Copy the file anew.") from None
        self._left -= len(raw)
        if len(raw) > _MOST_MEMBER or self._left < 0:
            problem = Problem(
                "file-too-large", "a member is larger than 64 MiB, or all of them than 1 GiB", "Split it."
            )
            raise InputError(problem.at(shown, None))
        return parse_json(raw, shown)
