"""What is a server asked under load, so that its answers cost the same work each time and the cache is as it is said?

Cold: each prompt begins with a number of its own. A prefix cache compares from the first token on, so nothing after it
can be reused and every request pays for its whole prompt. Warm: all prompts of a measurement begin with one number, so
that all but what differs at their end can come out of the cache, as with a long instruction that users share. Either
way no earlier measurement left anything of it in the cache.
"""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay.schema.suite import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pydantic import JsonValue

    from assay.schema.suite import CacheState, Suite

__all__ = ["SHAPES", "BenchPrompt", "from_suites", "shaped"]

_NUMBER_DIGITS = 12


@dataclass(frozen=True, slots=True)
class BenchPrompt:
    """One benchmark request, without what the candidate's settings add."""

    messages: tuple[Message, ...]
    """The conversation; one message in the shipped shapes, for some chat templates refuse a system message."""
    max_tokens: int | None
    """Longest answer in tokens; None takes the candidate's."""
    schema: Mapping[str, JsonValue] | None
    """JSON Schema that decoding is held to, or None."""


def shaped(shape: str, seed: str, cache: CacheState = "cold") -> Callable[[int], BenchPrompt]:
    """Return what gives the prompt of a request by its number in the series; the same arguments give the same prompts.

    The shape is the same for every request but for the question, and a token limit keeps answers equally long.

    Args:
        shape: `short` is one question, `json` asks for an object under a JSON Schema, `long` has 30 passages, some 400
            to 500 tokens, before its question.
        seed: what makes the series unlike every other that the server may still hold in its cache.
        cache: whether prompts begin alike.
    """
    write = SHAPES[shape]

    def prompt(seq: int) -> BenchPrompt:
        text, max_tokens, schema = write(seq)
        content = f"{_number(seed, seq, cache)} is the number of this request.\n{text}"
        return BenchPrompt((Message(role="user", content=content),), max_tokens, schema)

    return prompt


def from_suites(suites: Sequence[Suite], seed: str, cache: CacheState = "cold") -> Callable[[int], BenchPrompt]:
    """Return what gives the cases of suites as prompts, in an order drawn by the seed, again and again.

    So their lengths are mixed as the plan's own cases mix them. The number stands before the first message.

    Args:
        suites: at least one case in all.
        seed: what makes the series unlike every other.
        cache: whether prompts begin alike.
    """
    cases = [(suite, case) for suite in suites for case in suite.cases]
    random.Random(seed).shuffle(cases)  # noqa: S311 - the order must be the same again, not secret

    def prompt(seq: int) -> BenchPrompt:
        suite, case = cases[seq % len(cases)]
        first, *others = suite.messages_of(case)
        content = f"{_number(seed, seq, cache)} is the number of this request.\n{first.content}"
        numbered = first.model_copy(update={"content": content})
        return BenchPrompt((numbered, *others), suite.request.max_tokens, case.json_schema)

    return prompt


def _number(seed: str, seq: int, cache: CacheState) -> str:
    own = f"{seed}/{seq}" if cache == "cold" else seed
    return hashlib.sha256(own.encode()).hexdigest()[:_NUMBER_DIGITS]


_QUESTIONS = (
    "Why does bread dough rise before it is baked? Answer in two or three sentences.",
    "What should a team write down after a failed release? Answer in two or three sentences.",
    "How does a bicycle stay upright while it rolls? Answer in two or three sentences.",
    "Why do coastal towns have milder winters than towns inland? Answer in two or three sentences.",
    "What is the difference between a backup and an archive? Answer in two or three sentences.",
    "How would you explain compound interest to a child? Answer in two or three sentences.",
    "Why do libraries sort books by subject and not by size? Answer in two or three sentences.",
    "What makes a good handover between two shifts? Answer in two or three sentences.",
    "How does a lock on a canal lift a boat? Answer in two or three sentences.",
    "Why should a password not be used for two accounts? Answer in two or three sentences.",
)

_NOTES = (
    "The invoice of March shows the yearly fee twice, please refund one of them.",
    "Since the update this morning the export button does nothing at all and month end is today.",
    "Could you add a dark theme to the reading view when there is time?",
    "I cannot sign in, the reset mail never arrives and our audit starts in an hour.",
    "Where do I find the receipts of last year?",
    "The report counts every order of Sunday as one of Monday.",
    "Please close my account at the end of the month.",
    "The page with the price list has been loading for ten minutes.",
    "We would like to pay by bank transfer from next year on.",
    "A colleague left, please move her projects to me.",
)

_TICKET: dict[str, JsonValue] = {
    "type": "object",
    "properties": {
        "category": {"type": "string", "enum": ["billing", "fault", "access", "request", "other"]},
        "urgent": {"type": "boolean"},
        "answer_within_hours": {"type": "integer", "enum": [1, 4, 24, 72]},
    },
    "required": ["category", "urgent", "answer_within_hours"],
    "additionalProperties": False,
}

_PASSAGES = (
    "The cold room was opened at six for two loads of milk.",
    "A driver had to wait at gate three for his papers.",
    "The count in row nine took an hour and was wrong.",
    "The small truck near the gate lost oil and was parked.",
    "Two boxes came back because their street does not exist.",
)

_PASSAGE_COUNT = 30

_LOG_QUESTIONS = (
    "Which gate did the driver wait at?",
    "What was wrong with the count in row nine?",
    "Why was the small truck parked?",
    "What went out of the cold room?",
    "Why did two boxes come back?",
    "What did the driver wait for?",
    "What did the small truck lose?",
    "How long did the count take?",
    "When was the cold room opened?",
    "How many loads of milk went out?",
)


def _short(seq: int) -> tuple[str, int, None]:
    return _QUESTIONS[seq % len(_QUESTIONS)], 32, None


def _json(seq: int) -> tuple[str, int, Mapping[str, JsonValue]]:
    note = _NOTES[seq % len(_NOTES)]
    text = (
        "Sort this customer's note. Answer only with a JSON object that has the keys category (billing, fault, access, "
        f"request or other), urgent (true or false) and answer_within_hours (1, 4, 24 or 72).\nNote: {note}"
    )
    return text, 48, _TICKET


def _long(seq: int) -> tuple[str, int, None]:
    passages = "\n".join(_PASSAGES[n % len(_PASSAGES)] for n in range(_PASSAGE_COUNT))
    question = _LOG_QUESTIONS[seq % len(_LOG_QUESTIONS)]
    text = (
        "Below is the log of a warehouse. Read all of it, then answer the question after it in one or two sentences."
        f"\n\n{passages}\n\nQuestion: {question}"
    )
    return text, 32, None


SHAPES: dict[str, Callable[[int], tuple[str, int, Mapping[str, JsonValue] | None]]] = {
    "short": _short,
    "json": _json,
    "long": _long,
}
"""The shipped shapes: text, longest answer and schema of the request of a number."""
