"""Do the marks stand where a log that cuts texts still shows them?"""

from __future__ import annotations

from assay.runtime.canary.bodies import Wish, body_of
from assay.runtime.canary.marks import Marks
from tests.probing.probed import subject_at

CUT = 50


def test_each_message_begins_with_a_mark() -> None:
    """Half of one is in the first 50 characters of what system and user say, with every part or with the plain ones."""
    marks = Marks(bytes(range(32)), "abc123def456")
    for wish in (Wish(), Wish(extras=frozenset())):
        body = body_of(subject_at("http://127.0.0.1:1/v1"), wish, lambda part: marks.mark("success", 1, part), "beacon")
        messages = body["messages"]
        assert isinstance(messages, list)
        for message in (messages[0], messages[-1]):
            assert isinstance(message, dict)
            content = message["content"]
            text = content if isinstance(content, str) else str(content[0]["text"])  # type: ignore[index,call-overload]
            assert [own.half for own in marks.lexicon().sightings(text[:CUT].encode())] == [0]
