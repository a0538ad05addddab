"""Does the GGUF reader tell what a file says, and stop cheaply at every file that lies?"""

from __future__ import annotations

import random
import struct
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from assay.errors import InputError
from assay.provenance.gguf import read_gguf
from tests.provenance.gguf_file import ARRAY, BOOL, F32, LLAMA, TENSORS, TEXT, U8, U32, U64, head, key, text, write_gguf

if TYPE_CHECKING:
    from pathlib import Path

MEBIBYTE = 1024 * 1024


def _written(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "m.gguf"
    path.write_bytes(content)
    return path


def _fault(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_gguf(path)
    (problem,) = caught.value.problems
    assert problem.slug == "bad-weights"
    assert problem.file == str(path)
    assert problem.remedy.endswith(".")
    return problem.message


def test_reads_every_kind_of_value(tmp_path: Path) -> None:
    """Texts, numbers, booleans and arrays come back as they were written."""
    keys = [
        key("a", TEXT, "héllo"),
        key("b", U32, 7),
        key("c", F32, 0.5),
        key("d", BOOL, True),
        key("e", U64, 2**40),
        key("f", ARRAY, (U8, [1, 2, 3])),
        key("g", ARRAY, (TEXT, ["x", "y"])),
    ]
    header = read_gguf(_written(tmp_path, head(keys)))
    assert header.metadata == {
        "a": "héllo",
        "b": 7,
        "c": 0.5,
        "d": True,
        "e": 2**40,
        "f": {"length": 3, "first": [1, 2, 3]},
        "g": {"length": 2, "first": ["x", "y"]},
    }
    assert (header.tensor_types, header.parameters) == ({}, 0)


def test_counts_tensors_and_weights(tmp_path: Path) -> None:
    """The tensor table gives a histogram of types and the exact number of weights."""
    path = write_gguf(tmp_path / "m.gguf", LLAMA)
    header = read_gguf(path)
    assert header.tensor_types == {"F32": 1, "Q4_1": 1}
    assert header.parameters == 32 + 32 * 4
    assert header.file_bytes == path.stat().st_size


def test_keeps_the_head_of_a_long_array_and_its_length(tmp_path: Path) -> None:
    """A vocabulary is read past, not kept; what follows it is read right; numbers are kept for every layer."""
    keys = [
        key("tokens", ARRAY, (TEXT, [f"token {n}" for n in range(5000)])),
        key("scores", ARRAY, (F32, [0.0] * 5000)),
        key("heads", ARRAY, (U32, list(range(60)))),
        key("last", U32, 9),
    ]
    metadata = read_gguf(_written(tmp_path, head(keys))).metadata
    assert metadata["tokens"] == {"length": 5000, "first": [f"token {n}" for n in range(16)]}
    scores = metadata["scores"]
    assert isinstance(scores, dict)
    assert scores["length"] == 5000
    assert metadata["heads"] == {"length": 60, "first": list(range(60))}
    assert metadata["last"] == 9


def test_reads_version_2_and_unknown_tensor_types(tmp_path: Path) -> None:
    """Version 2 has the same layout, and a tensor type without a name here keeps its number."""
    header = read_gguf(_written(tmp_path, head([], [("t", (4,), 99, 0)], version=2) + bytes(64)))
    assert (header.version, header.tensor_types) == (2, {"type 99": 1})


def test_alignment_of_the_file_counts(tmp_path: Path) -> None:
    """The data begins at the next multiple of general.alignment: one byte less is a truncated file."""
    content = head([key("general.alignment", U32, 256)], [("t", (32,), 0, 0)])
    whole = content + bytes(-len(content) % 256 + 128)
    assert read_gguf(_written(tmp_path, whole)).parameters == 32
    assert "truncated" in _fault(_written(tmp_path, whole[:-1]))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no GGUF file"),
        (b"PK\x03\x04 and more", "no GGUF file"),
        (b"GGUF", "ends in the middle"),
        (b"GGUF" + struct.pack("<IQQ", 1, 0, 0), "version 1"),
        (b"GGUF" + struct.pack(">IQQ", 3, 0, 0), "big-endian GGUF file of version 3"),
        (b"GGUF" + struct.pack("<IQQ", 3, 2**63, 0), "tensors"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 2**63), "keys"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + struct.pack("<Q", 2**63), "ends in the middle"),
        (head([text("k") + struct.pack("<I", 13)]), "unknown type 13"),
        (head([text("k") + struct.pack("<II", ARRAY, ARRAY) + bytes(8)]), "array of the unknown type 9"),
        (head([text("k") + struct.pack("<IIQ", ARRAY, U8, 2**63)]), "ends in the middle"),
        (head([text("k") + struct.pack("<IIQ", ARRAY, TEXT, 2**63)]), "texts in arrays"),
        (head([key("k", U32, 1), key("k", U32, 2)]), "'k' stands twice"),
        (head([key("general.alignment", U32, 0)], TENSORS) + bytes(256), "general.alignment is '0'"),
        (head([key("general.alignment", TEXT, "x")], TENSORS) + bytes(256), "general.alignment is 'x'"),
        (head([], [("t", (1, 1, 1, 1, 1), 0, 0)]), "5 dimensions"),
        (head([], [("t", (2**63, 2**63), 99, 0)]) + bytes(64), "more weights than the file can hold"),
        (head([], [("t", (32,), 0, 2**62)]) + bytes(256), "truncated"),
    ],
)
def test_refuses_what_is_forged(tmp_path: Path, content: bytes, words: str) -> None:
    """A file that lies about itself is bad input, with a message that says how it lies."""
    assert words in _fault(_written(tmp_path, content))


def test_refuses_every_truncation(tmp_path: Path) -> None:
    """A file that is cut at any byte is refused: no prefix of a model is taken for the model."""
    whole = write_gguf(tmp_path / "whole.gguf", LLAMA).read_bytes()
    for length in range(len(whole)):
        _fault(_written(tmp_path, whole[:length]))


def test_a_forged_giant_costs_little_memory(tmp_path: Path) -> None:
    """In a file of 8 GiB that declares giant texts, the reader stops at its own limit."""
    giants = [
        text("k") + struct.pack("<IQ", TEXT, 2**32),
        text("k") + struct.pack("<IIQQ", ARRAY, TEXT, 2, 2**32),
        b"".join(text(f"k{n}") + struct.pack("<IIQ", ARRAY, U8, 1024) + bytes(1024) for n in range(9000)),
    ]
    for number, content in enumerate(giants):
        path = _written(tmp_path, b"GGUF" + struct.pack("<IQQ", 3, 0, 60_000) + content)
        with path.open("r+b") as file:
            file.truncate(8 * 1024 * MEBIBYTE)  # a hole: it takes no room on the disk
        tracemalloc.start()
        try:
            _fault(path)
            assert tracemalloc.get_traced_memory()[1] < 96 * MEBIBYTE, f"giant {number}"
        finally:
            tracemalloc.stop()


def test_mutations_end_in_a_result_or_bad_input(tmp_path: Path) -> None:
    """Two hundred damaged copies of a valid file: each is read or refused, none raises anything else."""
    whole = write_gguf(tmp_path / "whole.gguf", {**LLAMA, "general.tags": (TEXT, ["a", "b"])}).read_bytes()
    chance = random.Random(20261122)
    refused = 0
    for _ in range(200):
        damaged = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(damaged) - 8)
            damage = chance.choice([b"\xff" * 8, bytes(8), chance.randbytes(1), chance.randbytes(8)])
            damaged[place : place + len(damage)] = damage
        try:
            header = read_gguf(_written(tmp_path, bytes(damaged)))
        except InputError:
            refused += 1
        else:
            assert header.parameters <= 16 * header.file_bytes
    assert 0 < refused < 200


def test_names_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    """A wrong path is bad input, not a traceback."""
    assert "no weights file" in _fault(tmp_path / "missing.gguf")
    assert "folder" in _fault(tmp_path)


@pytest.mark.embedded
def test_reads_a_real_model(smollm2: Path) -> None:
    """SmolLM2-135M reads as llama.cpp reads it."""
    header = read_gguf(smollm2)
    assert header.version == 3
    assert header.tensor_types == {"Q4_1": 210, "F32": 61, "Q8_0": 1}
    assert header.metadata["general.license"] == "apache-2.0"
    tokens = header.metadata["tokenizer.ggml.tokens"]
    assert isinstance(tokens, dict)
    assert tokens["length"] == 49152
    assert header.parameters == 134_515_008
