"""How does a test write a small GGUF file, right or wrong in one place?"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

# Value type numbers of the format.
U8, U32, F32, BOOL, TEXT, ARRAY, U64 = 0, 4, 6, 7, 8, 9, 10
_CODES = {U8: "<B", U32: "<I", F32: "<f", BOOL: "<?", U64: "<Q"}

Tensor = tuple[str, tuple[int, ...], int, int]
"""Name, dimensions, type number, offset."""


def text(value: str) -> bytes:
    """Return a text as the format stores it."""
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def value(kind: int, content: object) -> bytes:
    """Return one value without its type; an array is `(kind of its items, items)`."""
    if kind == TEXT:
        return text(str(content))
    if isinstance(content, tuple):
        item_kind, items = content
        return struct.pack("<IQ", item_kind, len(items)) + b"".join(value(item_kind, item) for item in items)
    return struct.pack(_CODES[kind], content)


def key(name: str, kind: int, content: object) -> bytes:
    """Return one key with its type and value."""
    return text(name) + struct.pack("<I", kind) + value(kind, content)


def _kind(content: object) -> int:
    if isinstance(content, bool):
        return BOOL
    if isinstance(content, str):
        return TEXT
    if isinstance(content, float):
        return F32
    return ARRAY if isinstance(content, tuple) else U32


def head(keys: Sequence[bytes], tensors: Sequence[Tensor] = (), *, version: int = 3) -> bytes:
    """Return everything before the data."""
    start = b"GGUF" + struct.pack("<IQQ", version, len(tensors), len(keys))
    table = b"".join(
        text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, kind, offset)
        for name, shape, kind, offset in tensors
    )
    return start + b"".join(keys) + table


LLAMA: dict[str, object] = {
    "general.architecture": "llama",
    "llama.block_count": 2,
    "llama.context_length": 4096,
    "llama.embedding_length": 64,
    "llama.attention.head_count": 4,
    "llama.attention.head_count_kv": 2,
}
"""Keys of a model of two layers: 2 x 2 x (16 + 16) x 2 = 256 bytes of KV cache per token."""

TENSORS: list[Tensor] = [("norm", (32,), 0, 0), ("matrix", (32, 4), 3, 128)]
"""One F32 vector of 32 weights in 128 bytes, one Q4_1 matrix of 128 weights in 80 bytes."""


def write_gguf(
    path: Path, metadata: Mapping[str, object], tensors: Sequence[Tensor] = TENSORS, data_bytes: int = 208
) -> Path:
    """Write a file of version 3 whose weights are zeros: as many bytes as the default tensors need, unless told."""
    content = head([key(name, _kind(item), item) for name, item in metadata.items()], tensors)
    content += bytes(-len(content) % 32 + data_bytes)
    path.write_bytes(content)
    return path


def whole_gguf() -> bytes:
    """Return a whole file with keys of several kinds and two tensors."""
    metadata = {**LLAMA, "general.license": "apache-2.0", "tokenizer.chat_template": "{{ x }}", "general.file_type": 3}
    content = head([key(name, _kind(item), item) for name, item in metadata.items()], TENSORS)
    return content + bytes(-len(content) % 32 + 208)
