"""Do all spellings of a quantization come out as one label?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.provenance.quantization import dominant_type, file_type_label, quantization_label


@pytest.mark.parametrize(
    ("written", "label"),
    [
        ("Q4_K - Medium", "Q4_K_M"),
        ("Q3_K - Large", "Q3_K_L"),
        ("(guessed) Q4_K - Small", "Q4_K_S"),
        ("q4-k-m", "Q4_K_M"),
        ("Q4_K_M", "Q4_K_M"),
        ("all F32", "F32"),
        ("mostly F16", "F16"),
        ("IQ4_XS - 4.25 bpw", "IQ4_XS"),
        ("MXFP4 MoE", "MXFP4_MOE"),
        (" Q8_0 ", "Q8_0"),
    ],
)
def test_one_spelling(written: str, label: str) -> None:
    """The words of llama-server, Ollama and people become the label of the file type."""
    assert quantization_label(written) == label


@given(st.text(max_size=40))
def test_a_label_stays_what_it_is(written: str) -> None:
    """Hyphens and letter case never make a difference."""
    label = quantization_label(written.replace("(", "").replace("-", "_"))
    assert quantization_label(label.lower()) == quantization_label(label)


@pytest.mark.parametrize(
    ("tensor_types", "dominant"),
    [
        ({"Q4_1": 210, "F32": 61, "Q8_0": 1}, "Q4_1"),
        ({"F32": 300, "Q4_K": 193, "Q6_K": 29}, "Q4_K"),
        ({"F32": 10, "F16": 3}, "F16"),
        ({"F32": 10}, "F32"),
        ({}, None),
    ],
)
def test_dominant_type(tensor_types: dict[str, int], dominant: str | None) -> None:
    """Most matrices decide; vectors in F32 do not."""
    assert dominant_type(tensor_types) == dominant


def test_file_type_labels() -> None:
    """A file type number has a label and a main tensor type, also with the flag of a guess."""
    assert file_type_label(15) == ("Q4_K_M", "Q4_K")
    assert file_type_label(1024 + 3) == ("Q4_1", "Q4_1")
    assert file_type_label(4) is None
