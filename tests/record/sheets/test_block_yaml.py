"""Does every reader of YAML take back what was written, whatever texts stand in it?"""

from __future__ import annotations

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.record.sheets.block_yaml import block_yaml

TEXTS = st.text(st.characters(blacklist_categories=("Cs",)), max_size=12)
SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(0.001, 1e6) | TEXTS
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=10
)


def _without_lists_in_lists(value: object) -> bool:
    if isinstance(value, list):
        return all(not isinstance(own, list) and _without_lists_in_lists(own) for own in value)
    return all(map(_without_lists_in_lists, value.values())) if isinstance(value, dict) else True


@settings(max_examples=60)
@given(st.dictionaries(TEXTS, VALUES.filter(_without_lists_in_lists), max_size=4))
def test_yaml_reads_back_what_was_written(value: dict) -> None:
    """Texts that look like numbers, dates, words of YAML, or break lines come back as the texts they were."""
    text = block_yaml(value)
    assert text.isascii()
    assert (yaml.safe_load(text) or {}) == value


def test_keys_that_yaml_takes_for_values_are_quoted() -> None:
    """`n` and `no` are keys as they stand."""
    assert block_yaml({"n": 1, "no": [{"a": "yes", "b": {}}, "2026-01-01"]}) == (
        '"n": 1\n"no":\n- a: "yes"\n  b: {}\n- "2026-01-01"\n'
    )
