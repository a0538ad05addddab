"""What is a server asked under load, so that its answers cost the same work each time and none comes from a cache?

Each prompt begins with a number of its own: a prefix cache compares from the first token on, so nothing after it can be
reused and every request pays for its whole prompt. The rest is the same for every request of a profile but for the
question, and the token limit keeps answers equally long.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay.schema.suite import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import JsonValue

    from assay.schema.suite import ProfileName

__all__ = ["BenchPrompt", "prompt"]

_NUMBER_DIGITS = 12


@dataclass(frozen=True, slots=True)
class BenchPrompt:
    """One benchmark request, without what the candidate's settings add."""

    messages: tuple[Message, ...]
    """The conversation: one message, for some chat templates refuse a system message."""
    max_tokens: int
    """Longest answer in tokens."""
    schema: Mapping[str, JsonValue] | None
    """JSON Schema that decoding is held to, or None."""


def prompt(profile: ProfileName, seq: int, nonce: str) -> BenchPrompt:
    """Return the prompt of one request; the same three arguments give the same prompt.

    Args:
        profile: shape of the prompt: `short` is one question, `json` asks for an object under a JSON Schema, `long`
            has 30 passages, some 400 to 500 tokens, before its question.
        seq: number of the request in its series; it chooses the question.
        nonce: what makes the series unlike every other that the server may still hold in its cache.
    """
    number = hashlib.sha256(f"{nonce}/{profile}/{seq}".encode()).hexdigest()[:_NUMBER_DIGITS]
    text, max_tokens, schema = _PROFILES[profile](seq)
    return BenchPrompt(
        messages=(Message(role="user", content=f"{number} is the number of this request.\n{text}"),),
        max_tokens=max_tokens,
        schema=schema,
    )


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


_PROFILES: dict[ProfileName, Callable[[int], tuple[str, int, Mapping[str, JsonValue] | None]]] = {
    "short": _short,
    "json": _json,
    "long": _long,
}
