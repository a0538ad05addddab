"""How does all evidence of a record travel in one file, and how is a hostile one refused?"""

from __future__ import annotations

import hashlib
import io
import struct
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from assay.errors import InputError, MismatchError, Problem
from assay.schema._base import canonical_bytes
from assay.schema.record import Evidence, EvidenceFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

__all__ = ["MANIFEST", "MOST_BYTES", "evidence_of", "manifest_of", "pack", "read_zip", "unpack"]

MANIFEST: Final = "manifest.json"
"""Path in the zip of the list of all other files with their digests."""

_STAMP = (1980, 1, 1, 0, 0, 0)
"""Time of every member: the earliest that the format knows, so that the same run gives the same bytes."""
MOST_BYTES: Final = 512 << 20
"""Most bytes that evidence unpacks to. A run of 100,000 trials with answers of 1,000 characters makes 151 MB, and
judgements on all of them another 66 MB."""
_MOST_MEMBERS: Final = 5_000
_LONGEST_NAME: Final = 512
_ROOM: Final = 16 << 20
_MOST_RATIO: Final = 200
"""All members together unpack to at most so many times the zip, beyond the first 16 MiB. Evidence is full of digests
and comes to some ten times; what was built to fill a memory comes to a thousand (zlib's technical notes)."""
_DEFLATED: Final = 8
_VERSION: Final = 20
_UTF8: Final = 0x800
_ENCRYPTED: Final = 0x1
_OWNER_WRITES: Final = 0o644 << 16
_UNIX: Final = 3
_DATE: Final = 0x21
"""1 January 1980 as MS-DOS writes it (APPNOTE.TXT of PKWARE, section 4.4.6)."""
_UNTRUSTED: Final = "Do not trust where it came from."
_REPACKED: Final = "Take the zip as Assay wrote it: this one was packed again by another program, or changed."
_LOCAL: Final = struct.Struct("<4s5H3L2H")
_CENTRAL: Final = struct.Struct("<4s2B5H3L5H2L")
_END: Final = struct.Struct("<4s4H2LH")


def pack(files: Mapping[str, bytes]) -> bytes:
    """Return a zip of the files, in the order of their paths, without times or owners.

    Raises:
        InputError: they are more than `unpack` would take.
    """
    whole = sum(map(len, files.values()))
    if whole > MOST_BYTES:
        message = f"the evidence comes to {_in_mib(whole)}, and a record takes at most {_in_mib(MOST_BYTES)}"
        remedy = "Leave prompts and answers out with --no-transcripts, or ask for less load. The run is kept."
        raise InputError(Problem("too-much-evidence", message, remedy))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in sorted(files):
            member = zipfile.ZipInfo(path, _STAMP)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system = _UNIX  # also where Windows packs
            member.external_attr = _OWNER_WRITES
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


def read_zip(path: Path) -> bytes:
    """Return the bytes of an evidence zip on disk.

    Raises:
        MismatchError: it is larger than any evidence that unpacks.
        OSError: it cannot be read.
    """
    if path.stat().st_size > MOST_BYTES:
        raise _refused(f"it is larger than {_in_mib(MOST_BYTES)}", path.name)
    return path.read_bytes()


def unpack(content: bytes, name: str) -> dict[str, bytes]:
    """Return the files of an evidence zip.

    Only what `pack` writes is read: members one after the other from the first byte on, by their own headers, then one
    directory that says the same of them, and nothing before, between or behind. So no two readers can see two different
    zips in it. How well deflate packed is left open, for that differs from one zlib to another. No more is unpacked
    than the headers say, and they may not say much.

    Args:
        content: the zip's bytes.
        name: how to call it in problems.

    Raises:
        MismatchError: it is damaged, built to harm, or not in the form in which Assay writes it.
    """
    view = memoryview(content)
    members = list(_members(view, name))
    if not members:
        raise _damaged("it begins with no member", name)
    _refuse_hostile(members, len(content), name)
    end = members[-1].start + members[-1].packed
    if view[end:] != _directory(members, end):
        raise _refused("its directory says something else than Assay writes", name, _REPACKED)
    return {member.path: _unpacked(member, view, name) for member in members}


@dataclass(frozen=True)
class _Member:
    """One member as its own header has it."""

    at: int
    """Where its header begins."""
    start: int
    """Where its packed bytes begin."""
    path: str
    flags: int
    method: int
    time: tuple[int, int]
    crc: int
    packed: int
    size: int

    @property
    def raw_name(self) -> bytes:
        return self.path.encode()


def _members(view: memoryview, name: str) -> Iterator[_Member]:
    """Yield the members that stand one behind the other, by their headers; what ends within one is damaged."""
    at, found = 0, 0
    while bytes(view[at : at + 4]) == b"PK\x03\x04":
        # Counted here and not behind: a zip of nothing but headers would fill the memory with them.
        found += 1
        if found > _MOST_MEMBERS:
            raise _refused(f"it has more than {_MOST_MEMBERS} members", name)
        if len(view) < at + _LOCAL.size:
            raise _damaged("it ends within a header", name)
        _, version, flags, method, *time, crc, packed, size, long, extra = _LOCAL.unpack_from(view, at)
        start = at + _LOCAL.size + long
        if version != _VERSION or extra:
            raise _refused("a member has a version or an extra field of its own", name, _REPACKED)
        if long > _LONGEST_NAME:
            raise _refused(f"a name has more than {_LONGEST_NAME} bytes", name)
        if len(view) < start + packed:
            raise _damaged("it ends within a member", name)
        try:
            path = bytes(view[at + _LOCAL.size : start]).decode()
        except UnicodeDecodeError:
            raise _refused("a name is not UTF-8", name) from None
        yield _Member(at, start, path, flags, method, (time[0], time[1]), crc, packed, size)
        at = start + packed


def _directory(members: Sequence[_Member], start: int) -> bytes:
    """Return the one directory that fits the members: no attributes but a plain file's, no comment, no extra field."""
    entries = b"".join(
        _CENTRAL.pack(
            *(b"PK\x01\x02", _VERSION, _UNIX, _VERSION, own.flags, own.method, *own.time, own.crc, own.packed),
            *(own.size, len(own.raw_name), 0, 0, 0, 0, _OWNER_WRITES, own.at),
        )
        + own.raw_name
        for own in members
    )
    return entries + _END.pack(b"PK\x05\x06", 0, 0, len(members), len(members), len(entries), start, 0)


def _unpacked(member: _Member, view: memoryview, name: str) -> bytes:
    """Return a member's bytes, and stop at the first one beyond what its header says."""
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        data = stream.decompress(view[member.start : member.start + member.packed], member.size + 1)
    except zlib.error as error:
        raise _damaged(str(error), name) from None
    if len(data) != member.size or not stream.eof or stream.unused_data or stream.unconsumed_tail:
        raise _damaged(f"{_shown(member.path)} is not as long as its header says", name)
    if zlib.crc32(data) != member.crc:
        raise _damaged(f"{_shown(member.path)} has another checksum than its header says", name)
    return data


def _refuse_hostile(members: Sequence[_Member], packed: int, name: str) -> None:
    paths = [member.path for member in members]
    whole = sum(member.size for member in members)
    # One name on a system that ignores case, or that composes letters and accents.
    same = {unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold()) for path in paths}
    harm = [
        (len(same) < len(paths), "it has a name twice"),
        (any(map(_leaves, members)), "a path leaves it"),
        (whole > MOST_BYTES, f"it would unpack to more than {_in_mib(MOST_BYTES)}"),
        (whole > _ROOM + _MOST_RATIO * packed, f"it would unpack to {whole // packed} times its size"),
    ]
    form = [
        (any(map(_is_folder, members)), "it has members for folders"),
        (any(member.flags & _ENCRYPTED for member in members), "a member is encrypted"),
        (any(member.method != _DEFLATED for member in members), "a member is packed in a way of its own"),
        (paths != sorted(paths), "its members are not in the order in which Assay writes them"),
        (any(member.time != (0, _DATE) for member in members), "a member has a time of its own"),
        (any(m.flags != (0 if m.path.isascii() else _UTF8) for m in members), "a member has flags of its own"),
    ]
    found = [what for wrong, what in (*harm, *form) if wrong]
    if found:
        raise _refused("; ".join(found), name, _UNTRUSTED if any(wrong for wrong, _ in harm) else _REPACKED)


def _is_folder(member: _Member) -> bool:
    """Say whether a member is nothing but the name of a folder, as other programs write them."""
    return member.path.endswith("/") and member.size == 0


def _leaves(member: _Member) -> bool:
    """Say whether a path means another place than one below the zip, on any system, or none at all."""
    path = member.path.removesuffix("/") if _is_folder(member) else member.path
    if any(character < " " or character in "\\:\x7f" for character in path):
        return True
    return not all(part.strip(". ") for part in path.split("/"))


def _shown(path: str) -> str:
    return ascii(path)


def _in_mib(size: int) -> str:
    return f"{size >> 20} MiB"


def _refused(why: str, name: str, remedy: str = _UNTRUSTED) -> MismatchError:
    return MismatchError(Problem("bad-evidence", f"the evidence zip is refused: {why}", remedy, name))


def _damaged(why: str, name: str) -> MismatchError:
    return MismatchError(Problem("bad-evidence", f"the evidence zip is damaged: {why}", "Fetch the zip again.", name))
