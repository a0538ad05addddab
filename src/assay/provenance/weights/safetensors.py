"""What does the head of a safetensors file say, read without trusting a byte of it?

Layout: u64 length of a JSON object, the object (name -> dtype, shape, two offsets), then the data
(huggingface/safetensors, README "Format"). The format itself bounds the object to 100 MB.
"""

from __future__ import annotations

import json
import math
import struct
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from assay.provenance.weights.files import opened, wrong

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pydantic import JsonValue

__all__ = ["SafetensorsHeader", "read_safetensors"]

_LENGTH: Final = struct.Struct("<Q")
_MOST_HEADER_BYTES: Final = 16 << 20
_MOST_DIMENSIONS: Final = 8
_DTYPE_BITS: Final[dict[str, int]] = {
    "F64": 64,
    "F32": 32,
    "F16": 16,
    "BF16": 16,
    "F8_E4M3": 8,
    "F8_E5M2": 8,
    "F8_E8M0": 8,
    "F4": 4,
    "I64": 64,
    "I32": 32,
    "I16": 16,
    "I8": 8,
    "U64": 64,
    "U32": 32,
    "U16": 16,
    "U8": 8,
    "BOOL": 8,
}


@dataclass(frozen=True)
class SafetensorsHeader:
    """What stands at the head of one file."""

    tensor_types: Mapping[str, int]
    """Number of tensors by dtype."""
    values: Mapping[str, int]
    """Number of values by dtype."""
    names: frozenset[str]
    """Last parts of the tensors' names: `weight`, `qweight`, `scales`, …"""
    file_bytes: int
    """Size of the file."""


def read_safetensors(path: Path) -> SafetensorsHeader:
    """Read the head of a safetensors file.

    Raises:
        InputError: the file is unreadable, truncated or forged (`bad-weights`).
    """
    with opened(path) as (file, size):
        head = file.read(_LENGTH.size)
        if len(head) < _LENGTH.size:
            raise wrong(path, "is too short for a safetensors file")
        (length,) = _LENGTH.unpack(head)
        if length > min(_MOST_HEADER_BYTES, size - _LENGTH.size):
            raise wrong(path, f"says that its head has {length} bytes, more than there are or than is read")
        text = file.read(length)
    try:
        table = json.loads(text)
    except (ValueError, RecursionError):
        table = None
    if not isinstance(table, dict):
        raise wrong(path, "has a head that is no JSON object")
    return _counted(path, table, size, size - _LENGTH.size - length)


def _counted(path: Path, table: dict[str, JsonValue], size: int, data_bytes: int) -> SafetensorsHeader:
    types: Counter[str] = Counter()
    values: Counter[str] = Counter()
    names = set()
    for name, entry in table.items():
        if name == "__metadata__":
            continue
        dtype, count = _tensor(path, name, entry, data_bytes)
        types[dtype] += 1
        values[dtype] += count
        names.add(name.rpartition(".")[2][:40])
    return SafetensorsHeader(dict(types.most_common()), dict(values), frozenset(names), size)


def _tensor(path: Path, name: str, entry: JsonValue, data_bytes: int) -> tuple[str, int]:
    """Return dtype and number of values of one tensor, checked against the place that it claims."""
    own = entry if isinstance(entry, dict) else {}
    dtype, shape, offsets = own.get("dtype"), own.get("shape"), own.get("data_offsets")
    told = f"has a tensor {name[:60]!r}"
    if not isinstance(dtype, str) or dtype not in _DTYPE_BITS:
        raise wrong(path, f"{told} of an unknown type")
    if not isinstance(shape, list) or len(shape) > _MOST_DIMENSIONS or not all(_count(length) for length in shape):
        raise wrong(path, f"{told} without a usable shape")
    if not isinstance(offsets, list) or len(offsets) != 2 or not all(_count(offset) for offset in offsets):  # noqa: PLR2004
        raise wrong(path, f"{told} without a place")
    first, last = (int(str(offset)) for offset in offsets)
    count = math.prod(int(str(length)) for length in shape)
    if not first <= last <= data_bytes or -(-count * _DTYPE_BITS[dtype] // 8) != last - first:
        raise wrong(path, f"{told} whose place does not fit its shape or the file")
    return dtype, count


def _count(value: JsonValue) -> bool:
    return type(value) is int and 0 <= value < 1 << 48
