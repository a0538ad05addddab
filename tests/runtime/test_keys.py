"""Is no key sent that could not be taken out of an answer again?"""

from __future__ import annotations

import pytest

from assay.runtime.keys import fault_of_key


@pytest.mark.parametrize("key", ["sk-local-0123456789", "12345678", "none", "EMPTY", "dummy", "sk-1234"])
def test_keys_and_placeholders_are_sent(key: str) -> None:
    """A long key is a secret that can be hidden; a short word that people write in place of one is no secret."""
    assert fault_of_key(key) is None


@pytest.mark.parametrize(
    ("key", "wrong"),
    [
        ("hunter2", "has fewer than 8 characters and is no placeholder such as `none`"),
        ("", "has fewer than 8 characters and is no placeholder such as `none`"),
        ("sk-local-0123456789\n", "holds a line break or another character that HTTP forbids"),
        ("sk-local-\u00e9\u00e9\u00e9", "holds a line break or another character that HTTP forbids"),
    ],
)
def test_keys_that_would_show_are_not_sent(key: str, wrong: str) -> None:
    """A short secret may stand in an honest answer; a line break would end the header."""
    assert fault_of_key(key) == wrong
