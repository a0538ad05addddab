"""Prompts cost the same work each time, and no cache knows how one begins."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from assay.bench import BenchPrompt, prompt
from assay.schema.suite import ProfileName

PROFILES: tuple[ProfileName, ...] = get_args(ProfileName)


def _text(asked: BenchPrompt) -> str:
    return "\n".join(message.content for message in asked.messages)


@given(st.sampled_from(PROFILES), st.integers(0, 10_000), st.text())
def test_same_arguments_same_prompt(profile: ProfileName, seq: int, nonce: str) -> None:
    """A prompt is a function of its arguments."""
    assert prompt(profile, seq, nonce) == prompt(profile, seq, nonce)


@pytest.mark.parametrize("profile", PROFILES)
def test_no_two_prompts_begin_alike(profile: ProfileName) -> None:
    """A thousand requests of several series differ from the first characters on."""
    beginnings = {_text(prompt(profile, seq, nonce))[:8] for seq in range(500) for nonce in ("run-1/a", "run-1/b")}
    assert len(beginnings) == 1000


@pytest.mark.parametrize("profile", PROFILES)
def test_only_number_and_question_vary(profile: ProfileName) -> None:
    """There are ten questions, and their prompts are about equally long."""
    texts = [_text(prompt(profile, seq, "n")) for seq in range(30)]
    assert len({text.partition("\n")[2] for text in texts}) == 10
    assert max(map(len, texts)) - min(map(len, texts)) < 70


@pytest.mark.parametrize(("profile", "max_tokens"), [("short", 32), ("json", 48), ("long", 32)])
def test_answers_are_short(profile: ProfileName, max_tokens: int) -> None:
    """Every answer has a low token limit."""
    assert prompt(profile, 0, "n").max_tokens == max_tokens


def test_long_is_long() -> None:
    """The long prompt has thirty passages: 400 to 500 tokens at 0.8 words a token."""
    text = _text(prompt("long", 3, "n"))
    assert 400 * 0.8 < len(text.split()) < 500 * 0.8
    assert text.rstrip().endswith("What went out of the cold room?")


def test_json_asks_for_its_schema() -> None:
    """Only the json profile has a JSON Schema, one that is sound and that a short answer satisfies."""
    assert (prompt("short", 0, "n").schema, prompt("long", 0, "n").schema) == (None, None)
    schema = prompt("json", 0, "n").schema
    assert schema is not None
    Draft202012Validator.check_schema(schema)
    assert Draft202012Validator(schema).is_valid({"category": "billing", "urgent": False, "answer_within_hours": 24})
    assert not Draft202012Validator(schema).is_valid({"category": "billing", "urgent": False})
