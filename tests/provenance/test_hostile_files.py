"""Do forged and broken weights end in one clear error, quickly and in little memory?"""

from __future__ import annotations

import json
import os
import random
import struct
import time
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from assay.errors import InputError
from assay.provenance.gguf import read_gguf
from assay.provenance.weights import read_weights
from assay.provenance.weights.safetensors import read_safetensors
from tests.provenance.gguf_file import whole_gguf
from tests.provenance.safetensors_file import safetensors_bytes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from assay.errors import Problem

MUTATIONS = 1000
MOST_BYTES = 200 << 20
MOST_CPU_S = 1.0


def mutated(content: bytes, chance: random.Random) -> bytes:
    """Return content that was broken in one of the ways in which files break or are forged."""
    data = bytearray(content)
    way = chance.randrange(5)
    place = chance.randrange(len(data))
    if way == 0:
        return bytes(data[:place])
    if way == 1:
        data[place] ^= 1 << chance.randrange(8)
    elif way == 2:
        number = chance.choice([0, 1, 2**31, 2**32 - 1, 2**63, 2**64 - 1, chance.randrange(2**64)])
        data[place : place + 8] = struct.pack("<Q", number)
    elif way == 3:
        other = chance.randrange(len(data))
        data[place : place + 40] = data[other : other + 40]
    else:
        data[place:place] = bytes(chance.randrange(256) for _ in range(chance.randrange(1, 64)))
    return bytes(data)


@pytest.mark.parametrize("kind", ["gguf", "safetensors"])
def test_a_thousand_broken_heads(kind: str, tmp_path: Path) -> None:
    """A thousand mutations of a head are read or refused with one line; none takes a second or 200 MB."""
    content, read = KINDS[kind]
    path, chance, refused = tmp_path / f"m.{kind}", random.Random(7), 0
    tracemalloc.start()
    try:
        for number in range(MUTATIONS):
            path.write_bytes(mutated(content(), chance))
            began = time.process_time()
            problems = _problems(read, path)
            assert time.process_time() - began < MOST_CPU_S, number
            refused += bool(problems)
            assert all(problem.slug == "bad-weights" and "\n" not in problem.message for problem in problems), number
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MOST_BYTES
    # Some mutations hit text that any value may stand in; most do not.
    assert refused > MUTATIONS // 4


def _problems(read: Callable[[Path], object], path: Path) -> tuple[Problem, ...]:
    try:
        read(path)
    except InputError as error:
        return error.problems
    return ()


def _tensors() -> bytes:
    return safetensors_bytes({f"model.layers.{n}.weight": ("BF16", [4, 8]) for n in range(20)})


KINDS: dict[str, tuple[Callable[[], bytes], Callable[[Path], object]]] = {
    "gguf": (whole_gguf, read_gguf),
    "safetensors": (_tensors, read_safetensors),
}


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "is too short"),
        (b"\x08", "is too short"),
        (struct.pack("<Q", 2**63) + b"{}", "more than there are"),
        (struct.pack("<Q", 9) + b"{}", "more than there are"),
        (struct.pack("<Q", 2) + b"[]", "no JSON object"),
        (struct.pack("<Q", 4) + b"{{{{", "no JSON object"),
        (struct.pack("<Q", 200_000) + b"[" * 200_000, "no JSON object"),
        (safetensors_bytes({"a": ("F99", [1])}), "of an unknown type"),
        (safetensors_bytes({"a": ("F32", [2**60])}, data=4), "without a usable shape"),
        (safetensors_bytes({"a": ("F32", [2**40])}, data=4), "does not fit"),
        (safetensors_bytes({"a": ("F32", [-1])}, data=4), "without a usable shape"),
        (safetensors_bytes({"a": ("F32", [1] * 9)}), "without a usable shape"),
    ],
)
def test_forged_safetensors_say_what_is_wrong(content: bytes, what: str, tmp_path: Path) -> None:
    """Each way to forge a head is told in words."""
    path = tmp_path / "m.safetensors"
    path.write_bytes(content)
    with pytest.raises(InputError, match=what):
        read_safetensors(path)


def test_pipe_is_not_opened_for_ever(tmp_path: Path) -> None:
    """A pipe in place of a file is refused at once."""
    os.mkfifo(tmp_path / "m.safetensors")
    with pytest.raises(InputError, match="no regular file"):
        read_weights(tmp_path)


def test_folder_without_weights_says_so(tmp_path: Path) -> None:
    """A folder that holds no safetensors file, or a circle of links, is refused."""
    with pytest.raises(InputError, match="folder with no safetensors files"):
        read_weights(tmp_path)
    (tmp_path / "a.safetensors").symlink_to(tmp_path / "a.safetensors")
    with pytest.raises(InputError, match="cannot be read"):
        read_weights(tmp_path)


def test_card_with_a_bomb_states_nothing(tmp_path: Path) -> None:
    """YAML aliases in a card, a huge card and a card that is no mapping state no licence."""
    (tmp_path / "model.safetensors").write_bytes(safetensors_bytes({"a": ("F32", [1])}))
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "llama"}), encoding="utf-8")
    for card in ("---\na: &a [x]\nlicense: *a\n---\n", "---\n- license\n---\n", "---\nlicense: [\n---\n", "---\n"):
        (tmp_path / "README.md").write_text(card, encoding="utf-8")
        assert read_weights(tmp_path).statements == ()
