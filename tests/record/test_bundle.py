"""Does evidence travel unchanged, and is a zip that was built to harm refused?"""

from __future__ import annotations

import hashlib
import io
import os
import random
import struct
import subprocess
import sys
import warnings
import zipfile
import zlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.errors import InputError, MismatchError
from assay.record.bundle import _directory, _Member, evidence_of, pack, unpack

if TYPE_CHECKING:
    from pathlib import Path

FILES = {"run.json": b"{}\n", "suites/a.json": b"[1]\n" * 50, "empty": b"", "suites/\u00e4.json": b"\xff\x00"}


def _zip(
    *members: tuple[str, bytes],
    method: int = zipfile.ZIP_DEFLATED,
    mode: int = 0o644,
    extra: bytes = b"",
    version: int = 20,
) -> bytes:
    """Return a zip as the standard library writes it, its members in the order given."""
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w", method) as archive:
        warnings.simplefilter("ignore")
        for name, content in members:
            member = zipfile.ZipInfo(name)
            member.external_attr, member.extra, member.extract_version = mode << 16, extra, version
            archive.writestr(member, content, method)
    return buffer.getvalue()


def _refusal(content: bytes) -> str:
    with pytest.raises(MismatchError) as error:
        unpack(content, "e.zip")
    (problem,) = error.value.problems
    assert (problem.slug, problem.file) == ("bad-evidence", "e.zip")
    return problem.message


def test_round_trip() -> None:
    """What was packed comes out again."""
    assert unpack(pack(FILES), "e.zip") == FILES


def test_same_files_same_bytes() -> None:
    """The same files give the same bytes in whatever order they come."""
    assert pack(FILES) == pack(dict(reversed(FILES.items())))


@given(st.dictionaries(st.text("ab/c.", min_size=1, max_size=5), st.binary(), min_size=1))
def test_any_files_come_back(files: dict[str, bytes]) -> None:
    """Any files with plain relative paths come back, or are refused as a whole."""
    try:
        assert unpack(pack(files), "e.zip") == files
    except MismatchError:
        assert any(not part.strip(".") for path in files for part in path.split("/"))


def test_evidence_lists_every_file_by_path() -> None:
    """Each file stands with its size and digest, in the order of paths, and the zip with its own."""
    content = pack(FILES)
    evidence = evidence_of("e.zip", content, FILES)
    assert (evidence.file, evidence.sha256) == ("e.zip", hashlib.sha256(content).hexdigest())
    assert [(f.path, f.bytes, f.sha256) for f in evidence.files] == [
        (path, len(data), hashlib.sha256(data).hexdigest()) for path, data in sorted(FILES.items())
    ]


def _pieces(*members: tuple[str, bytes]) -> tuple[bytes, bytes]:
    """Return a sound zip of members in their order, in two parts: members and directory."""
    content = _zip(*members)
    at = content.index(b"PK\x01\x02")
    return content[:at], content[at:]


def _set(content: bytes, field: tuple[int, int], value: int, *, local: bool = True, central: bool = True) -> bytes:
    """Return a zip in whose headers a field has another value: its offset in the local header, and its width."""
    offset, width = field
    marks = [(b"PK\x03\x04", 0)] * local + [(b"PK\x01\x02", 2)] * central
    for mark, more in marks:
        at = content.index(mark) + offset + more
        content = content[:at] + value.to_bytes(width, "little") + content[at + width :]
    return content


_FLAGS, _TIME, _PACKED, _SIZE = (6, 2), (10, 2), (18, 4), (22, 4)
_LEAVING = [
    *(
        "/etc/passwd",
        "../up",
        "a/../../up",
        "..",
        "a\\b",
        "..\\up",
        "C:evil",
        "C:/evil",
        "c:\\evil",
        "a//b",
        "a/",
        "./a",
    ),
    *("a/./b", "...", "a/.. /b", "a\nb", "a\x7f", "//server/share"),
]


@pytest.mark.parametrize("path", _LEAVING)
def test_paths_that_leave_are_refused(path: str) -> None:
    """A path that leaves the zip on some system, or that means no file, is refused."""
    assert "a path leaves it" in _refusal(pack({path: b"x"}))


def test_a_zip_that_was_packed_again_is_told_from_a_hostile_one() -> None:
    """What another program packs of the same files is no sign of harm, and says so; a path that leaves is one."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("suites/", b"")
        archive.writestr("suites/a.json", b"{}")
    for content, told in ((buffer.getvalue(), "packed again by another program"), (pack({"../a": b"x"}), "not trust")):
        with pytest.raises(MismatchError) as error:
            unpack(content, "e.zip")
        assert told in error.value.problems[0].remedy


def test_a_null_in_a_name_is_refused() -> None:
    """A name that ends at a null for some readers is refused."""
    assert "a path leaves it" in _refusal(pack({"axb": b"1"}).replace(b"axb", b"a\x00b"))


def test_a_name_that_is_no_text_is_refused() -> None:
    """A name that is not UTF-8 could mean anything."""
    assert "not UTF-8" in _refusal(pack({"axb": b"1"}).replace(b"axb", b"a\xffb"))


def test_very_long_names_are_refused() -> None:
    """A name longer than any system keeps is refused."""
    assert unpack(pack({"a" * 512: b""}), "e.zip") == {"a" * 512: b""}
    assert "more than 512 bytes" in _refusal(pack({"a" * 513: b""}))


def test_two_dots_in_a_name_are_no_way_out() -> None:
    """A name may hold two dots."""
    assert unpack(pack({"a..b/..c": b"x"}), "e.zip") == {"a..b/..c": b"x"}


@pytest.mark.parametrize(
    ("one", "two"), [("a", "a"), ("A", "a"), ("s/\u00e4", "s/a\u0308"), ("stra\u00dfe", "STRASSE")]
)
def test_duplicate_names_are_refused(one: str, two: str) -> None:
    """Two members that are one name on some system are refused: readers differ in which one they take."""
    assert "a name twice" in _refusal(_zip((one, b"1"), (two, b"2")))


def test_too_many_members_are_refused() -> None:
    """More members than any run has are refused."""
    assert "more than 5000 members" in _refusal(pack({str(n): b"" for n in range(5_001)}))


def test_impossible_ratio_is_refused() -> None:
    """A size that evidence never comes to is refused before anything is unpacked."""
    assert "times its size" in _refusal(_set(pack({"a": b"x"}), _SIZE, 100 << 20))


def test_too_large_is_refused() -> None:
    """More than the most is refused before anything is unpacked."""
    assert "more than 512 MiB" in _refusal(_set(pack({"a": b"x"}), _SIZE, 3 << 30))


def test_what_would_not_unpack_is_not_packed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Evidence that no reader takes is told when it is made, not when it is verified."""
    monkeypatch.setattr("assay.record.bundle.MOST_BYTES", 3 << 20)
    with pytest.raises(InputError, match="comes to 4 MiB, and a record takes at most 3 MiB"):
        pack({"a": b"x" * (4 << 20)})


@pytest.mark.parametrize("size", [10, 999, 1_001])
def test_a_size_that_lies_does_not_unpack_more(size: int) -> None:
    """A member that holds more or less than its size says is damaged."""
    assert "not as long as its header says" in _refusal(_set(pack({"a": b"x" * 1_000}), _SIZE, size))


@pytest.mark.parametrize("local", [True, False])
@pytest.mark.parametrize("field", [_SIZE, _PACKED, (14, 4)])
def test_headers_that_disagree_are_refused(field: tuple[int, int], local: bool) -> None:
    """What the directory says and a member's own header does not is refused: readers differ in which one they trust."""
    content = pack({"a": b"x" * 1_000})
    assert "says something else" in _refusal(_set(content, field, 9, local=local, central=not local))


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, 9, 93])
def test_other_methods_are_refused(method: int) -> None:
    """A member packed by a method that Assay does not use is refused."""
    assert "a way of its own" in _refusal(_set(pack({"a": b"x"}), (8, 2), method))


def test_encrypted_is_refused() -> None:
    """An encrypted member is refused without asking for a password."""
    assert "encrypted" in _refusal(_set(pack({"a": b"x"}), _FLAGS, 1))


def test_flags_and_times_of_their_own_are_refused() -> None:
    """Sizes behind the data, other name encodings and times are not what Assay writes."""
    assert "flags of its own" in _refusal(_set(pack({"a": b"x"}), _FLAGS, 8))
    assert "a time of its own" in _refusal(_set(pack({"a": b"x"}), _TIME, 7))


def test_members_in_another_order_are_refused() -> None:
    """One set of files has one order."""
    assert "not in the order" in _refusal(_zip(("b", b"1"), ("a", b"2")))


@pytest.mark.parametrize("mode", [0o120777, 0o100600, 0o040755, 0o020644])
def test_links_and_devices_are_refused(mode: int) -> None:
    """A member with any attributes but a plain file's is refused."""
    assert "its directory says something else" in _refusal(_zip(("a", b"/etc/passwd"), mode=mode))


def test_data_of_nobody_is_refused() -> None:
    """Bytes before, between and behind members and directory, comments and a second directory are refused."""
    members, directory = _pieces(("a", b"1"), ("b", b"2"))
    second = members.index(b"PK\x03\x04", 4)
    comment = directory[:-2] + b"\x02\x00hi"
    for content, why in (
        (b"#!/bin/sh\n" + members + directory, "begins with no member"),
        (members[:second] + b"junk" + members[second:] + directory, "says something else"),
        (members + b"junk" + directory, "says something else"),
        (members + directory + b"junk", "says something else"),
        (members + comment, "says something else"),
        (members + directory + directory, "says something else"),
        (members + directory + members + directory, "says something else"),
        (members + directory[:-22] + directory, "says something else"),
    ):
        assert why in _refusal(content)


def test_extra_fields_and_zip64_are_refused() -> None:
    """A field that may hold other sizes or names is refused, and so are sizes that point to one."""
    assert "an extra field" in _refusal(_zip(("a", b"1"), extra=b"\x01\x00\x08\x00" + b"\xff" * 8))
    assert "an extra field" in _refusal(_zip(("a", b"1"), version=45))
    assert "more than 512 MiB" in _refusal(_set(pack({"a": b"x"}), _SIZE, 0xFFFFFFFF))
    assert "within a member" in _refusal(_set(pack({"a": b"x"}), _PACKED, 0xFFFFFFFF))


def test_overlapping_members_are_refused() -> None:
    """Many entries of the directory that share one member's bytes, as in zip bombs without nesting, are refused."""
    members, directory = _pieces(("a", b"1" * 10_000))
    entry, end = directory[:-22], directory[-22:]
    many = entry * 500
    forged = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 500, 500, len(many), len(members), 0)
    assert len(end) == len(forged)
    assert "says something else" in _refusal(members + many + forged)


def test_a_zip_in_the_zip_stays_packed() -> None:
    """What is nested is a file like any other: nobody unpacks it."""
    inner = pack({"zeros": bytes(1 << 20)})
    assert unpack(pack({"inner.zip": inner}), "e.zip") == {"inner.zip": inner}


def _raw(packed: bytes, size: int) -> bytes:
    """Return a zip in the right form with one member, `a`, that is packed already and may lie of its size."""
    member = _Member(0, 31, "a", 0, 8, (0, 0x21), 0, len(packed), size)
    local = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 8, 0, 0x21, 0, len(packed), size, 1, 0)
    return local + b"a" + packed + _directory([member], 31 + len(packed))


_CHILD = """
import resource, sys
from pathlib import Path
from assay.errors import InputError, MismatchError
from assay.record.bundle import read_zip, unpack
room = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize() + (48 << 20)
resource.setrlimit(resource.RLIMIT_AS, (room, room))
for name in sys.argv[1:]:
    try:
        unpack(read_zip(Path(name)), "e.zip")
        print(name, "unpacked")
    except MismatchError as error:
        print(error.problems[0].message)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads the size of a process from /proc")
def test_hostile_zips_are_refused_with_little_memory(tmp_path: Path) -> None:
    """Bombs are refused by a process that may take 48 MiB more than it has: true bombs, and lies."""
    packed = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    bomb = b"".join([*(packed.compress(bytes(1 << 20)) for _ in range(600)), packed.flush()])
    headers = _pieces(("a", b"x"))[0] * 500_000
    (tmp_path / "larger.zip").touch()
    os.truncate(tmp_path / "larger.zip", 1 << 40)
    for name, content in (
        ("true.zip", _raw(bomb, 600 << 20)),
        ("lying.zip", _raw(bomb, 10)),
        ("modest.zip", _raw(bomb, 15 << 20)),
        ("headers.zip", headers),
    ):
        (tmp_path / name).write_bytes(content)
    names = [str(tmp_path / f"{name}.zip") for name in ("true", "lying", "modest", "headers", "larger")]
    done = subprocess.run([sys.executable, "-c", _CHILD, *names], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert [line.partition(": ")[2] for line in done.stdout.splitlines()] == [
        "it would unpack to more than 512 MiB; it would unpack to 1028 times its size",
        "'a' is not as long as its header says",
        "'a' is not as long as its header says",
        "it has more than 5000 members",
        "it is larger than 512 MiB",
    ]


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04", b"PK\x05\x06" + b"\xff" * 18, b"{}" * 1_000])
def test_what_is_no_zip_is_refused(content: bytes) -> None:
    """What is not a zip is called damaged."""
    assert "damaged" in _refusal(content)


def test_every_truncation_is_refused() -> None:
    """A zip that ends early is refused wherever it ends."""
    content = pack(FILES)
    for length in range(len(content)):
        _refusal(content[:length])


def test_changed_bytes_raise_nothing_else() -> None:
    """Whatever bytes are changed, the zip comes back with its files or is refused; nothing else is raised."""
    content, chance = pack(FILES), random.Random(7)
    refused = 0
    for _ in range(3_000):
        changed = bytearray(content)
        for _ in range(chance.choice((1, 1, 2, 8))):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        try:
            unpack(bytes(changed), "e.zip")
        except MismatchError:
            refused += 1
    assert refused > 100
