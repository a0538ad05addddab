"""Does evidence travel unchanged, and is a zip that was built to harm refused?"""

from __future__ import annotations

import hashlib
import io
import random
import warnings
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.errors import MismatchError
from assay.record.bundle import evidence_of, pack, unpack

FILES = {"run.json": b"{}\n", "suites/a.json": b"[1]\n" * 50, "empty": b"", "suites/\u00e4.json": b"\xff\x00"}


def _zip(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w", method) as archive:
        warnings.simplefilter("ignore")
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content, method)
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


@given(st.dictionaries(st.text("ab/c.", min_size=1, max_size=5).filter(lambda p: ".." not in p), st.binary()))
def test_any_files_come_back(files: dict[str, bytes]) -> None:
    """Any files with relative paths come back, or are refused as a whole."""
    try:
        assert unpack(pack(files), "e.zip") == files
    except MismatchError:
        assert any(path.startswith("/") for path in files)


def test_evidence_lists_every_file_by_path() -> None:
    """Each file stands with its size and digest, in the order of paths, and the zip with its own."""
    content = pack(FILES)
    evidence = evidence_of("e.zip", content, FILES)
    assert (evidence.file, evidence.sha256) == ("e.zip", hashlib.sha256(content).hexdigest())
    assert [(f.path, f.bytes, f.sha256) for f in evidence.files] == [
        (path, len(data), hashlib.sha256(data).hexdigest()) for path, data in sorted(FILES.items())
    ]


@pytest.mark.parametrize("path", ["/etc/passwd", "../up", "a/../../up", "..", "a\\b", "..\\up"])
def test_paths_that_leave_are_refused(path: str) -> None:
    """A path that leaves the zip is refused."""
    assert "a path leaves it" in _refusal(_zip((path, b"x")))


def test_two_dots_in_a_name_are_no_way_out() -> None:
    """A name may hold two dots."""
    assert unpack(_zip(("a..b/..c", b"x")), "e.zip") == {"a..b/..c": b"x"}


def test_duplicate_names_are_refused() -> None:
    """Two members of one name are refused: readers differ in which one they take."""
    assert "a name twice" in _refusal(_zip(("a", b"1"), ("a", b"2")))


def test_names_that_end_at_a_null_are_the_same_name() -> None:
    """A name is not made another one by what stands behind a null character."""
    content = _zip(("ab", b"1"), ("axb", b"2")).replace(b"axb", b"ab\x00")
    assert "a name twice" in _refusal(content)


def test_too_many_members_are_refused() -> None:
    """More members than any run has are refused."""
    assert "5001 members" in _refusal(_zip(*((str(n), b"") for n in range(5_001)), method=zipfile.ZIP_STORED))


def _forged(content: bytes, size: int) -> bytes:
    """Return a zip of one member whose directory states another size."""
    at = content.index(b"PK\x01\x02") + 24
    return content[:at] + size.to_bytes(4, "little") + content[at + 4 :]


def test_impossible_ratio_is_refused() -> None:
    """A size that deflate cannot have packed so small is refused before anything is unpacked."""
    assert "size cannot be true" in _refusal(_forged(_zip(("a", b"x")), 1 << 20))


def test_too_large_is_refused() -> None:
    """More than 2 GiB is refused before anything is unpacked."""
    assert "more than 2 GiB" in _refusal(_forged(_zip(("a", b"x")), 3 << 30))


def test_a_size_that_lies_does_not_unpack_more() -> None:
    """A member that holds more than its size says is damaged."""
    assert "damaged" in _refusal(_forged(_zip(("a", b"x" * 1_000)), 10))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_methods_are_refused(method: int) -> None:
    """A member packed by a method whose limits are not known here is refused."""
    assert "a way of its own" in _refusal(_zip(("a", b"x"), method=method))


def test_encrypted_is_refused() -> None:
    """An encrypted member is refused without asking for a password."""
    content = bytearray(_zip(("a", b"x")))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    assert "encrypted" in _refusal(bytes(content))


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
