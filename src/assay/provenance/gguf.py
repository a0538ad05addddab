"""What does the head of a GGUF file say, read without trusting a byte of it?

Layout (ggml docs/gguf.md): magic, u32 version, u64 tensor count, u64 key count; then each key as (text, u32 type,
value), then each tensor as (text, u32 dimensions, u64 per dimension, u32 type, u64 offset), then the data. Every
count is checked against what the file can still hold before anything is read, so a forged one costs nothing.
"""

from __future__ import annotations

import math
import os
import struct
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

from assay.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pydantic import JsonValue

__all__ = ["TENSOR_TYPES", "GgufHeader", "read_gguf"]

TENSOR_TYPES: Final[dict[int, tuple[str, int, int]]] = {
    0: ("F32", 1, 4),
    1: ("F16", 1, 2),
    2: ("Q4_0", 32, 18),
    3: ("Q4_1", 32, 20),
    6: ("Q5_0", 32, 22),
    7: ("Q5_1", 32, 24),
    8: ("Q8_0", 32, 34),
    10: ("Q2_K", 256, 84),
    11: ("Q3_K", 256, 110),
    12: ("Q4_K", 256, 144),
    13: ("Q5_K", 256, 176),
    14: ("Q6_K", 256, 210),
    16: ("IQ2_XXS", 256, 66),
    17: ("IQ2_XS", 256, 74),
    18: ("IQ3_XXS", 256, 98),
    19: ("IQ1_S", 256, 50),
    20: ("IQ4_NL", 32, 18),
    21: ("IQ3_S", 256, 110),
    22: ("IQ2_S", 256, 82),
    23: ("IQ4_XS", 256, 136),
    24: ("I8", 1, 1),
    25: ("I16", 1, 2),
    26: ("I32", 1, 4),
    27: ("I64", 1, 8),
    28: ("F64", 1, 8),
    29: ("IQ1_M", 256, 56),
    30: ("BF16", 1, 2),
    34: ("TQ1_0", 256, 54),
    35: ("TQ2_0", 256, 66),
    39: ("MXFP4", 32, 17),
    40: ("NVFP4", 64, 36),
    41: ("Q1_0", 128, 18),
}
"""Tensor type number -> name, weights in a block, bytes of a block (llama.cpp gguf-py, GGML_QUANT_SIZES)."""

_NUMBERS: Final[dict[int, str]] = {
    0: "B",
    1: "b",
    2: "H",
    3: "h",
    4: "I",
    5: "i",
    6: "f",
    7: "?",
    10: "Q",
    11: "q",
    12: "d",
}
"""Value type number -> struct code, for every value type of one fixed size."""

_TEXT: Final = 8
_ARRAY: Final = 9

# Real files have tens of keys, at most some thousand tensors, and under a million vocabulary entries and merges.
_MAX_KEYS: Final = 65_536
_MAX_TENSORS: Final = 65_536
_MAX_TEXTS_IN_ARRAYS: Final = 2_097_152
_MAX_KEPT_BYTES: Final = 8 * 1024 * 1024
_MAX_DIMENSIONS: Final = 4
_MAX_ALIGNMENT: Final = 1_048_576
# The thinnest tensor type holds 7.1 weights in a byte; a table that claims more than 16 is forged.
_MAX_WEIGHTS_PER_BYTE: Final = 16
_FIRST_TEXTS: Final = 16
# Numbers are kept by the layer, and a capacity figure needs every layer.
_FIRST_NUMBERS: Final = 1024

_DOWNLOAD: Final = "Download the file again and compare its SHA-256 with the publisher's."


@dataclass(frozen=True)
class GgufHeader:
    """What a GGUF file says of itself before its weights begin."""

    version: int
    """Version of the format: 2 or 3."""
    metadata: Mapping[str, JsonValue]
    """Keys and values; an array stands as `{"length": n, "first": [...]}`, numbers to 1024 items, texts to 16."""
    tensor_types: dict[str, int]
    """How many tensors have each type, by type name; `type 99` for a number that has no name here."""
    parameters: int
    """Weights in all tensors, from their dimensions."""
    file_bytes: int
    """Size of the file."""


def read_gguf(path: Path) -> GgufHeader:
    """Read the head of a little-endian GGUF file of version 2 or 3.

    Args:
        path: the file.

    Returns:
        Its metadata and what its tensor table adds up to.

    Raises:
        InputError: the file cannot be read, is no GGUF file, or is truncated or forged (slug `bad-weights`).
    """
    if not path.is_file():
        happened = "the path of the weights is a folder" if path.is_dir() else "there is no weights file here"
        raise InputError(Problem("bad-weights", happened, "Point `weights` at one GGUF file.", str(path)))
    try:
        with path.open("rb") as file:
            return _read(_Reader(file, path))
    except OSError as error:
        happened = f"the weights file cannot be read: {error.strerror}"
        raise InputError(
            Problem("bad-weights", happened, "Make the file readable for this user.", str(path))
        ) from error


class _Reader:
    """Takes values off the head of a file, never past its end and never more than the budget into memory."""

    def __init__(self, file: BinaryIO, path: Path) -> None:
        self._file = file
        self._path = path
        self._budget = _MAX_KEPT_BYTES
        self.size = os.fstat(file.fileno()).st_size
        self.left = self.size
        self.texts_left = _MAX_TEXTS_IN_ARRAYS

    def bad(self, happened: str, remedy: str = _DOWNLOAD) -> InputError:
        return InputError(Problem("bad-weights", happened, remedy, str(self._path)))

    def _claim(self, count: int) -> None:
        if count > self.left:
            message = f"the GGUF header ends in the middle: {count} more bytes are declared, {self.left} are there"
            raise self.bad(message)
        self.left -= count

    def take(self, count: int) -> bytes:
        self._claim(count)
        data = self._file.read(count)
        if len(data) < count:
            raise self.bad("the weights file shrank while it was read")
        return data

    def skip(self, count: int) -> None:
        self._claim(count)
        self._file.seek(count, os.SEEK_CUR)

    def _keep(self, count: int) -> bytes:
        """Take bytes that stay in memory, within the budget of the whole header."""
        self._budget -= min(count, self.left)
        if self._budget < 0:
            raise self.bad(f"the GGUF header holds more than {_MAX_KEPT_BYTES} bytes of values")
        return self.take(count)

    def numbers(self, code: str, count: int) -> list[JsonValue]:
        layout = f"<{count}{code}"
        return list(struct.unpack(layout, self._keep(struct.calcsize(layout))))

    def whole(self, code: str) -> int:
        layout = f"<{code}"
        value: int = struct.unpack(layout, self.take(struct.calcsize(layout)))[0]
        return value

    def count(self, what: str, most: int) -> int:
        value = self.whole("Q")
        if value > most:
            raise self.bad(f"the GGUF header declares {value} {what}; {most} is the most that is read")
        return value

    def text(self) -> str:
        return self._keep(self.whole("Q")).decode("utf-8", errors="replace")

    def skip_text(self) -> None:
        self.skip(self.whole("Q"))


def _read(reader: _Reader) -> GgufHeader:
    version = _version(reader)
    tensors = reader.count("tensors", _MAX_TENSORS)
    keys = reader.count("keys", _MAX_KEYS)
    metadata: dict[str, JsonValue] = {}
    for _ in range(keys):
        key = reader.text()
        if key in metadata:
            raise reader.bad(f"the GGUF key {key[:80]!r} stands twice")
        metadata[key] = _value(reader)
    types, parameters, data_bytes = _tensor_table(reader, tensors)
    # A file without tensors (a vocabulary, the first part of a split) has no data and needs no padding.
    padding = -(reader.size - reader.left) % _alignment(reader, metadata) if data_bytes else 0
    if padding + data_bytes > reader.left:
        message = f"the weights file is truncated: its tensors need {padding + data_bytes} bytes, {reader.left} follow"
        raise reader.bad(message)
    return GgufHeader(version, metadata, types, parameters, reader.size)


def _version(reader: _Reader) -> int:
    if reader.left < len(b"GGUF") or reader.take(4) != b"GGUF":
        raise reader.bad(
            "the weights file is no GGUF file: it does not begin with GGUF", "Point `weights` at a GGUF file."
        )
    version = reader.whole("I")
    if version in {2, 3}:
        return version
    order = "big-endian " if version in {2 << 24, 3 << 24} else ""
    number = version >> 24 if order else version
    raise reader.bad(
        f"the weights file is a {order}GGUF file of version {number}",
        "Convert it to little-endian GGUF version 3 with the tools of llama.cpp.",
    )


def _value(reader: _Reader) -> JsonValue:
    kind = reader.whole("I")
    if kind == _TEXT:
        return reader.text()
    if kind == _ARRAY:
        return _array(reader)
    if kind in _NUMBERS:
        return reader.numbers(_NUMBERS[kind], 1)[0]
    raise reader.bad(f"the GGUF header has a value of the unknown type {kind}")


def _array(reader: _Reader) -> JsonValue:
    kind, length = reader.whole("I"), reader.whole("Q")
    first: list[JsonValue] = []
    if kind == _TEXT:
        reader.texts_left -= length
        if reader.texts_left < 0:
            raise reader.bad(f"the GGUF header declares more than {_MAX_TEXTS_IN_ARRAYS} texts in arrays")
        first.extend(reader.text() for _ in range(min(length, _FIRST_TEXTS)))
        for _ in range(length - len(first)):
            reader.skip_text()
    elif kind in _NUMBERS:
        code = _NUMBERS[kind]
        first = reader.numbers(code, min(length, _FIRST_NUMBERS))
        reader.skip((length - len(first)) * struct.calcsize("<" + code))
    else:
        raise reader.bad(f"the GGUF header has an array of the unknown type {kind}")
    return {"length": length, "first": first}


def _tensor_table(reader: _Reader, tensors: int) -> tuple[dict[str, int], int, int]:
    """Return how many tensors have each type, their weights, and where the last one ends in the data."""
    types: Counter[str] = Counter()
    parameters = data_bytes = 0
    for _ in range(tensors):
        reader.skip_text()
        dimensions = reader.whole("I")
        if dimensions > _MAX_DIMENSIONS:
            raise reader.bad(f"a tensor has {dimensions} dimensions; {_MAX_DIMENSIONS} is the most there is")
        weights = math.prod(reader.whole("Q") for _ in range(dimensions))
        parameters += weights
        if parameters > _MAX_WEIGHTS_PER_BYTE * reader.size:
            raise reader.bad("the tensor table declares more weights than the file can hold")
        number = reader.whole("I")
        # An unknown type counts no bytes: its tensors cannot show that the file is cut short.
        name, block, block_bytes = TENSOR_TYPES.get(number, (f"type {number}", 1, 0))
        types[name] += 1
        data_bytes = max(data_bytes, reader.whole("Q") + -(-weights // block) * block_bytes)
    return dict(types.most_common()), parameters, data_bytes


def _alignment(reader: _Reader, metadata: Mapping[str, JsonValue]) -> int:
    alignment = metadata.get("general.alignment", 32)
    if not isinstance(alignment, int) or not 0 < alignment <= _MAX_ALIGNMENT:
        raise reader.bad(f"general.alignment is {str(alignment)[:80]!r}, not a number of bytes to {_MAX_ALIGNMENT}")
    return alignment
