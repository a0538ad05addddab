"""How does all evidence of a record travel in one file, and how is a hostile one refused?"""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from typing import TYPE_CHECKING, Final

from assay.errors import MismatchError, Problem
from assay.schema._base import canonical_bytes
from assay.schema.record import Evidence, EvidenceFile

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MANIFEST", "evidence_of", "manifest_of", "pack", "unpack"]

MANIFEST: Final = "manifest.json"
"""Path in the zip of the list of all other files with their digests."""

_STAMP = (1980, 1, 1, 0, 0, 0)
"""Time of every member: the earliest that the format knows, so that the same run gives the same bytes."""
_MOST_MEMBERS = 5_000
_MOST_BYTES = 2 << 30
_ENCRYPTED = 0x1
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_MOST_RATIO = 1_032
"""Deflate cannot compress better than 1032 to 1 (zlib's technical notes); more is a forged header."""


def pack(files: Mapping[str, bytes]) -> bytes:
    """Return a zip of the files, in the order of their paths, without times or owners."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in sorted(files):
            member = zipfile.ZipInfo(path, _STAMP)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o644 << 16
            archive.writestr(member, files[path], compresslevel=6)
    return buffer.getvalue()


def manifest_of(files: Mapping[str, bytes]) -> bytes:
    """Return the manifest of files, canonical JSON (RFC 8785): path, size and SHA-256 of each, by path."""
    listed = [file.model_dump(mode="json") for file in _listed(files)]
    return canonical_bytes({"schema": "assay/manifest/v1", "files": [*listed]})


def evidence_of(name: str, content: bytes, files: Mapping[str, bytes]) -> Evidence:
    """Return the digests of a zip and of each file in it, its manifest apart.

    Raises:
        MismatchError: the manifest does not list what is there.
    """
    manifest = files.get(MANIFEST)
    if manifest is not None and manifest != manifest_of(files):
        message = "the manifest in the evidence zip does not list what is there"
        raise MismatchError(Problem("bad-evidence", message, "Take the zip as Assay wrote it.", name))
    return Evidence(
        file=name,
        sha256=hashlib.sha256(content).hexdigest(),
        files=_listed(files),
        manifest_sha256=None if manifest is None else hashlib.sha256(manifest).hexdigest(),
    )


def _listed(files: Mapping[str, bytes]) -> tuple[EvidenceFile, ...]:
    return tuple(
        EvidenceFile(path=path, bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
        for path, data in sorted(files.items())
        if path != MANIFEST
    )


def unpack(content: bytes, name: str) -> dict[str, bytes]:
    """Return the files of an evidence zip.

    Args:
        content: the zip's bytes.
        name: how to call it in problems.

    Raises:
        MismatchError: it is damaged, or built to harm: a path that leaves it, a name twice, a bomb.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            _refuse_hostile(members, name)
            return {member.filename: archive.read(member) for member in members}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        message = f"the evidence zip is damaged: {error}"
        raise MismatchError(Problem("bad-evidence", message, "Fetch the zip again.", name)) from None


def _refuse_hostile(members: list[zipfile.ZipInfo], name: str) -> None:
    paths = [member.filename for member in members]
    faults = [
        (len(members) > _MOST_MEMBERS, f"it has {len(members)} members"),
        (len(set(paths)) < len(paths), "it has a name twice"),
        (any(path.startswith("/") or ".." in path.split("/") or "\\" in path for path in paths), "a path leaves it"),
        (any(member.compress_type not in _METHODS for member in members), "a member is packed in a way of its own"),
        (any(member.flag_bits & _ENCRYPTED for member in members), "a member is encrypted"),
        (sum(member.file_size for member in members) > _MOST_BYTES, "it would unpack to more than 2 GiB"),
        (any(m.file_size > _MOST_RATIO * max(m.compress_size, 1) for m in members), "a member's size cannot be true"),
    ]
    found = [what for wrong, what in faults if wrong]
    if found:
        message = f"the evidence zip is refused: {'; '.join(found)}"
        raise MismatchError(Problem("bad-evidence", message, "Do not trust where it came from.", name))
