"""Makes safetensors files as small as may be."""

from __future__ import annotations

import json
import math
import struct

__all__ = ["safetensors_bytes"]

_BITS = {"F32": 32, "BF16": 16, "F16": 16, "I32": 32, "F8_E4M3": 8, "U8": 8}


def safetensors_bytes(tensors: dict[str, tuple[str, list[int]]], *, data: int | None = None) -> bytes:
    """Return a file with tensors of some dtype and shape, filled with zeros.

    Args:
        tensors: dtype and shape by name.
        data: bytes of data, when they shall not be those of the shapes.
    """
    table, at = {}, 0
    for name, (dtype, shape) in tensors.items():
        size = math.prod(shape) * _BITS.get(dtype, 8) // 8 if data is None else data
        table[name] = {"dtype": dtype, "shape": shape, "data_offsets": [at, at + size]}
        at += size
    head = json.dumps({"__metadata__": {"format": "pt"}, **table}).encode()
    return struct.pack("<Q", len(head)) + head + bytes(at)
