"""How finely are the weights rounded: which label do a tensor table, a file label and a server's words mean?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FILE_TYPES", "dominant_type", "file_type_label", "quantization_label"]

FILE_TYPES: Final[dict[int, tuple[str, str]]] = {
    0: ("F32", "F32"),
    1: ("F16", "F16"),
    2: ("Q4_0", "Q4_0"),
    3: ("Q4_1", "Q4_1"),
    7: ("Q8_0", "Q8_0"),
    8: ("Q5_0", "Q5_0"),
    9: ("Q5_1", "Q5_1"),
    10: ("Q2_K", "Q2_K"),
    11: ("Q3_K_S", "Q3_K"),
    12: ("Q3_K_M", "Q3_K"),
    13: ("Q3_K_L", "Q3_K"),
    14: ("Q4_K_S", "Q4_K"),
    15: ("Q4_K_M", "Q4_K"),
    16: ("Q5_K_S", "Q5_K"),
    17: ("Q5_K_M", "Q5_K"),
    18: ("Q6_K", "Q6_K"),
    19: ("IQ2_XXS", "IQ2_XXS"),
    20: ("IQ2_XS", "IQ2_XS"),
    21: ("Q2_K_S", "Q2_K"),
    22: ("IQ3_XS", "IQ3_S"),
    23: ("IQ3_XXS", "IQ3_XXS"),
    24: ("IQ1_S", "IQ1_S"),
    25: ("IQ4_NL", "IQ4_NL"),
    26: ("IQ3_S", "IQ3_S"),
    27: ("IQ3_M", "IQ3_S"),
    28: ("IQ2_S", "IQ2_XS"),
    29: ("IQ2_M", "IQ2_S"),
    30: ("IQ4_XS", "IQ4_XS"),
    31: ("IQ1_M", "IQ1_M"),
    32: ("BF16", "BF16"),
    36: ("TQ1_0", "TQ1_0"),
    37: ("TQ2_0", "TQ2_0"),
    38: ("MXFP4_MOE", "MXFP4"),
    39: ("NVFP4", "NVFP4"),
    40: ("Q1_0", "Q1_0"),
    41: ("Q2_0", "Q2_0"),
}
"""`general.file_type` -> label, and the tensor type that llama.cpp gives most matrices under it (LLAMA_FTYPE)."""

_GUESSED: Final = 1024
"""Flag that llama.cpp adds to a file type which it guessed."""

_SIZES: Final[dict[str, str]] = {"SMALL": "S", "MEDIUM": "M", "LARGE": "L"}


def file_type_label(number: int) -> tuple[str, str] | None:
    """Return the label of a `general.file_type` and its main tensor type, or None for a number without one."""
    return FILE_TYPES.get(number & ~_GUESSED)


def dominant_type(tensor_types: Mapping[str, int]) -> str | None:
    """Return the tensor type that most tensors have, F32 aside; F32 when there is no other; None without tensors.

    Norms and biases stay F32 whatever the quantization, so they say nothing about it.
    """
    rounded = {name: count for name, count in tensor_types.items() if name != "F32"}
    counts = rounded or tensor_types
    return max(counts, key=lambda name: counts[name]) if counts else None


def quantization_label(text: str) -> str:
    """Return one spelling for a quantization: `Q4_K - Medium`, `q4-k-m` and `(guessed) Q4_K_M` are all `Q4_K_M`.

    llama-server writes `Q4_K - Medium`, `all F32`, `mostly F16`, `MXFP4 MoE` or `IQ4_XS - 4.25 bpw`
    (llama_ftype_name); Ollama and LM Studio write `Q4_K_M`.
    """
    label = " ".join(text.upper().split()).removeprefix("(GUESSED) ")
    label = label.removeprefix("ALL ").removeprefix("MOSTLY ")
    label = re.sub(r" - [0-9.]+ BPW.*$", "", label)
    label = re.sub(r" - (SMALL|MEDIUM|LARGE)$", lambda size: f"_{_SIZES[size[1]]}", label)
    return re.sub(r"[\s_-]+", "_", label)
