"""Is an answer that ended in the middle of a thought told from one that did not?"""

from __future__ import annotations

import pytest

from assay.readiness import left_thinking
from assay.schema.run import Trial


def trial(output: str | None, **more: object) -> Trial:
    whole = {"candidate": "c", "suite": "s", "case": "k", "trial": 1, "status": "completed", "error": None}
    rest = {"finish_reason": "stop", "usage": None, "elapsed_ms": 1.0, "attempts": 1, "model": None, "case_digest": "0"}
    return Trial.model_validate({**whole, **rest, "output": output, **more})


@pytest.mark.parametrize(
    ("output", "more", "open_"),
    [
        ("42", {}, False),
        ("<think>so</think>42", {}, False),
        ("<think>so and so", {}, True),
        ("  <THINKING> hm", {}, True),
        ("[THINK]hm[/THINK]42", {}, False),
        ("[THINK]hm", {}, True),
        ("<|channel|>analysis hm", {}, True),
        ("<|channel|>analysis hm <|channel|>final 42", {}, False),
        ("the tag <think> opens a thought", {}, False),
        ("", {"reasoning_characters": 90, "finish_reason": "length"}, True),
        ("", {"reasoning_characters": 90, "finish_reason": "stop"}, False),
        ("42", {"reasoning_characters": 90, "finish_reason": "length"}, False),
        ("", {"finish_reason": "length"}, False),
        (None, {"status": "failed"}, False),
    ],
)
def test_left_thinking(output: str | None, more: dict, *, open_: bool) -> None:
    """An open block at the start, or thought alone up to the limit, is one; a word about thinking is none."""
    assert left_thinking(trial(output, **more)) is open_
