"""Is a body read for what it says, and only for that?"""

from __future__ import annotations

import pytest

from assay.runtime.adapters import dialect_of
from assay.runtime.answer import Answered, answer_of, read_answer
from tests.fakes import completion


def said(**message: object) -> Answered | str:
    body = completion("")
    body["choices"][0]["message"] = {"role": "assistant", **message}
    return read_answer(body, dialect_of("openai"))


@pytest.mark.parametrize(
    ("message", "text", "refused"),
    [
        ({"content": "4"}, "4", False),
        ({"content": "4", "refusal": None}, "4", False),
        ({"content": None, "refusal": "I can't."}, "I can't.", True),
        ({"content": '{"a": 1}', "refusal": "I can't."}, '{"a": 1}', True),
        ({"content": None, "refusal": ""}, "", False),
        ({"content": None, "refusal": 7}, "", False),
        ({"content": None}, "", False),
    ],
)
def test_a_refusal_that_the_server_marks(message: dict, text: str, refused: bool) -> None:
    """Its words are the answer where there are no others, and it is known for a refusal."""
    answered = said(**message)
    assert isinstance(answered, Answered)
    assert (answered.text, answered.refused) == (text, refused)


@pytest.mark.parametrize("content", [["4"], {"text": "4"}, 4])
def test_what_is_no_text_is_no_answer(content: object) -> None:
    """Content of another kind is named as what is lacking."""
    assert said(content=content) == "text in choices[0].message.content"


@pytest.mark.parametrize("body", [b"", b"[]", b"7", b"{", b"[" * 100_000, b"\xff"])
def test_what_is_no_object_is_no_answer(body: bytes) -> None:
    """A body that is no JSON object is nothing, however it is made."""
    assert answer_of(body) is None
