"""What are the words, lines and sentences of a licence text, whatever its wrapping, marks and letter case?"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["GRAM_BYTES", "clean", "grams", "phrase", "sentences", "title_words", "words"]

GRAM_BYTES: Final = 3
"""Bytes that stand for three words in a row: two such runs are taken for one another once in 16 million times."""

_GRAM_WORDS: Final = 3
_WORD: Final = re.compile(r"[^\W_]+")
_TITLE_WORD: Final = re.compile(r"v?(\d+(?:\.\d+)+)|([^\W_]+)", re.IGNORECASE)
# A word may be broken at its hyphen, and the next line begin with the marks of a quotation or a comment.
_JOINED: Final = re.compile(r"(?<=[^\W\d_])-[\s*>#/]*(?=[^\W\d_])")
# What numbers the clauses is written in many ways, and so is an address.
_UNCOUNTED: Final = frozenset({"ii", "iii", "iv", "vi", "vii", "viii", "ix", "http", "https"})
_SENTENCE_END: Final = re.compile(r"(?<=[.;:!?])\s+|\n\s*\n")


def clean(text: str) -> str:
    """Return a text in one form of its letters, without invisible characters that could split a word."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(letter for letter in plain if unicodedata.category(letter) not in {"Cf", "Cs", "Co"})


def words(text: str) -> list[str]:
    """Return the words that count when texts are compared, in their own letter case.

    Marks, line ends, single letters and digits, and numbers of clauses do not count; a word with a hyphen is one.
    """
    found = _WORD.findall(_JOINED.sub("", text.replace("--", " ")))
    return [word for word in found if len(word) > 1 and word.casefold() not in _UNCOUNTED]


def title_words(line: str) -> tuple[str, ...]:
    """Return the words of a title in lower case; a version such as `3.1` or `v1.0` is one word, without the `v`."""
    return tuple((number or word).casefold() for number, word in _TITLE_WORD.findall(line))


def phrase(text: str) -> str:
    """Return a text as its title words with one blank around each, so that phrases can be looked for in it."""
    return f" {' '.join(title_words(text))} "


def grams(counted: Sequence[str]) -> bytes:
    """Return each three words in a row, as hashes one behind the other; fewer words have none."""
    lower = [word.casefold() for word in counted]
    return b"".join(
        hashlib.blake2b(" ".join(lower[at : at + _GRAM_WORDS]).encode(), digest_size=GRAM_BYTES).digest()
        for at in range(len(lower) - _GRAM_WORDS + 1)
    )


def sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a text, each on one line."""
    for part in _SENTENCE_END.split(text):
        line = " ".join(part.split())
        if line:
            yield line
