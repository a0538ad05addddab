"""Prompts cost the same work each time, and the cache knows as much of them as it is said to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from assay.bench import SHAPES, BenchPrompt, from_suites, shaped
from assay.schema.suite import Case, Message, Suite, SuiteRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from assay.schema.suite import CacheState

    Way = Callable[[str, str, CacheState], Callable[[int], BenchPrompt]]

SEEDS = ("run-1/a/short@1/1/1", "run-1/a/short@1/1/2", "run-1/a/short@4/1/3", "run-2/a/short@1/1/1")
SUITES = (
    Suite(
        id="qa",
        system="Be brief.",
        request=SuiteRequest(max_tokens=64),
        cases=tuple(Case(id=f"q{n}", input=f"Question {n}?" + " word" * n) for n in range(20)),
    ),
    Suite(
        id="json",
        cases=(
            Case.model_validate({"id": "j", "input": "As an object?", "schema": {"type": "object"}}),
            Case(
                id="talk",
                input=(Message(role="user", content="Hello?"), Message(role="assistant", content="Yes?")),
            ),
        ),
    ),
)
CASES = sum(len(suite.cases) for suite in SUITES)


def _text(asked: BenchPrompt) -> str:
    return "\n".join(message.content for message in asked.messages)


def _own(asked: BenchPrompt) -> str:
    """Return a prompt without its number."""
    return _text(asked).partition("\n")[2]


def _suites(_shape: str, seed: str, cache: CacheState) -> Callable[[int], BenchPrompt]:
    return from_suites(SUITES, seed, cache)


WAYS: list[tuple[str, Way]] = [*((shape, shaped) for shape in SHAPES), ("suites", _suites)]
EACH_WAY = pytest.mark.parametrize(("shape", "way"), WAYS, ids=[name for name, _ in WAYS])


@given(st.sampled_from(WAYS), st.integers(0, 10_000), st.text(), st.sampled_from(["cold", "warm"]))
def test_same_arguments_same_prompt(way: tuple[str, Way], seq: int, seed: str, cache: CacheState) -> None:
    """A prompt is a function of its arguments."""
    shape, make = way
    assert make(shape, seed, cache)(seq) == make(shape, seed, cache)(seq)


@EACH_WAY
def test_cold_prompts_never_begin_alike(shape: str, way: Way) -> None:
    """A thousand requests of several series differ from the first characters on."""
    beginnings = [_text(way(shape, seed, "cold")(seq))[:8] for seed in SEEDS for seq in range(250)]
    assert len(set(beginnings)) == 1000


@EACH_WAY
def test_warm_prompts_of_a_series_begin_alike(shape: str, way: Way) -> None:
    """All of a series have one beginning and differ after it; those of another series begin otherwise."""
    prompt = way(shape, SEEDS[0], "warm")
    texts = [_text(prompt(seq)) for seq in range(10)]
    assert len({text.partition("\n")[0] for text in texts}) == 1
    assert len(set(texts)) == 10
    beginnings = {_text(way(shape, seed, "warm")(0))[:8] for seed in SEEDS}
    assert len(beginnings) == len(SEEDS)
    assert _text(way(shape, SEEDS[0], "cold")(0))[:8] not in beginnings


def test_warm_long_prompts_differ_at_their_end_alone() -> None:
    """The passages are the same for all: more than nine tenths of a long prompt can come out of the cache."""
    first, second = (_text(shaped("long", "s", "warm")(seq)) for seq in (0, 1))
    shared = next(place for place, (a, b) in enumerate(zip(first, second, strict=False)) if a != b)
    assert shared > 0.9 * max(len(first), len(second))


@pytest.mark.parametrize("shape", SHAPES)
def test_only_number_and_question_vary(shape: str) -> None:
    """There are ten questions, and their prompts are about equally long."""
    texts = [_text(shaped(shape, "n")(seq)) for seq in range(30)]
    assert len({text.partition("\n")[2] for text in texts}) == 10
    assert max(map(len, texts)) - min(map(len, texts)) < 70


@pytest.mark.parametrize(("shape", "max_tokens"), [("short", 32), ("json", 48), ("long", 32)])
def test_answers_are_short(shape: str, max_tokens: int) -> None:
    """Every answer has a low token limit."""
    assert shaped(shape, "n")(0).max_tokens == max_tokens


def test_long_is_long() -> None:
    """The long prompt has thirty passages: 400 to 500 tokens at 0.8 words a token."""
    text = _text(shaped("long", "n")(3))
    assert 400 * 0.8 < len(text.split()) < 500 * 0.8
    assert text.rstrip().endswith("What went out of the cold room?")


def test_json_asks_for_its_schema() -> None:
    """Only the json shape has a JSON Schema, one that is sound and that a short answer satisfies."""
    assert (shaped("short", "n")(0).schema, shaped("long", "n")(0).schema) == (None, None)
    schema = shaped("json", "n")(0).schema
    assert schema is not None
    Draft202012Validator.check_schema(schema)
    assert Draft202012Validator(schema).is_valid({"category": "billing", "urgent": False, "answer_within_hours": 24})
    assert not Draft202012Validator(schema).is_valid({"category": "billing", "urgent": False})


def test_suites_give_all_their_cases_in_a_drawn_order() -> None:
    """Every case of every suite comes once before one comes again, in an order that the seed draws."""
    orders = []
    for seed in SEEDS:
        prompt = from_suites(SUITES, seed)
        first, second = ([_own(prompt(seq)) for seq in range(start, start + CASES)] for start in (0, CASES))
        assert first == second
        assert len(set(first)) == CASES
        orders.append(tuple(first))
    assert len(set(orders)) == len(SEEDS)
    assert {tuple(sorted(order)) for order in orders} == {tuple(sorted(orders[0]))}


def test_cases_keep_what_is_theirs() -> None:
    """Length, conversation, token limit and schema are those of the case and its suite; the number stands first."""
    prompt = from_suites(SUITES, "s")
    asked = {_own(one): one for one in map(prompt, range(CASES))}
    for n in (0, 19):
        brief = asked[f"Be brief.\nQuestion {n}?" + " word" * n]
        assert [message.role for message in brief.messages] == ["system", "user"]
        assert (brief.max_tokens, brief.schema) == (64, None)
    assert (asked["As an object?"].max_tokens, asked["As an object?"].schema) == (None, {"type": "object"})
    assert [message.role for message in asked["Hello?\nYes?"].messages] == ["user", "assistant"]
