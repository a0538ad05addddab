"""Is what stands beside a licence's own words harmless, and if not, which sentences must a person read?"""

from __future__ import annotations

import functools
import re
import tomllib
from importlib import resources
from typing import TYPE_CHECKING, Final

from assay.provenance.licences.references import uncovered
from assay.provenance.licences.words import sentences, words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from assay.provenance.licences.references import Reference

__all__ = ["MOST_BESIDE", "harmless", "lexicon", "residual_sentences", "without_copyright_lines"]

MOST_BESIDE: Final = 40
"""Most words beside a permissive text: a name, a title, a sentence on who released what."""

_MOST_SENTENCES: Final = 8
_LONGEST_SENTENCE: Final = 300
_LONGEST_ACRONYM: Final = 5
_MOST_OWN_WORDS: Final = 3
_MOST_COPYRIGHT_WORDS: Final = 24

_COPYRIGHT: Final = re.compile(
    r"\W*(?:copyright\s*)?(?:\(c\)|©|copyright\s+[\[<{(]?(?:\d{4}|yyyy|year))", re.IGNORECASE
)
_MAIL: Final = re.compile(r"\S+@\S+")


@functools.cache
def lexicon() -> Mapping[str, tuple[str, ...]]:
    """Return the lists of words that come with Assay, read once."""
    text = resources.files("assay.provenance.licences").joinpath("lexicon.toml").read_text("utf-8")
    return {name: tuple(str(own).split()) for name, own in tomllib.loads(text).items()}


def harmless(beside: Sequence[str]) -> bool:
    """Tell whether words beside a licence can change nothing: few, and only names, years and plain words."""
    return len(beside) <= MOST_BESIDE and all(_is_plain(word) or _is_name(word, holder=False) for word in beside)


def _is_plain(word: str) -> bool:
    return word.casefold() in lexicon()["plain"] or (word.isascii() and word.isdigit())


def _is_name(word: str, *, holder: bool) -> bool:
    """Tell whether a word looks like a name; other scripts do not, as a restriction cannot be told from a name there.

    Args:
        word: the word in its own letter case.
        holder: whether it stands on a line that names who holds the rights.
    """
    if not (word[0].isupper() and (word.isascii() or holder)):
        return False
    if word.isupper() and len(word) > _LONGEST_ACRONYM:
        return False
    return not _weighs(word) and (holder or not word.casefold().startswith(lexicon()["weighty_names"]))


def without_copyright_lines(text: str) -> str:
    """Return a text without the lines that only say who holds the rights; all other lines stay."""
    return "\n".join("" if _is_copyright_line(line) else line for line in text.splitlines())


def _is_copyright_line(line: str) -> bool:
    if not _COPYRIGHT.match(line):
        return False
    said = words(_MAIL.sub(" ", line))
    strange = [word for word in said if not _is_plain(word) and not _is_name(word, holder=True)]
    weighty = any(_weighs(word) or not word.isascii() for word in strange)
    return len(said) <= _MOST_COPYRIGHT_WORDS and len(strange) <= _MOST_OWN_WORDS and not weighty


def residual_sentences(text: str, reference: Reference | None, *, identified: bool) -> tuple[str, ...]:
    """Return the sentences that the nearest known licence does not have, short and printable.

    Where there are many, those come first that may allow, forbid or demand something.

    Args:
        text: the text, without the lines that say who holds the rights.
        reference: the nearest known licence, or None when none is near.
        identified: whether the text is that licence; a name that was filled in does not make a sentence strange then.
    """
    own = list(dict.fromkeys(_own(text, reference, identified=identified)))
    if len(own) <= _MOST_SENTENCES:
        return tuple(map(_short, own))
    # Sorting is stable: within each kind they keep the order of the text.
    chosen = frozenset(sorted(own, key=lambda sentence: not _is_weighty(sentence))[:_MOST_SENTENCES])
    shown = [_short(sentence) for sentence in own if sentence in chosen]
    return (*shown, f"and {len(own) - len(shown)} more sentences")


def _own(text: str, reference: Reference | None, *, identified: bool) -> list[str]:
    found = list(sentences(text))
    if reference is None:
        return [sentence for sentence in found if words(sentence)]
    counts = [len(words(sentence)) for sentence in found]
    strange = set(uncovered([word for sentence in found for word in words(sentence)], reference))
    own, at = [], 0
    for sentence, count in zip(found, counts, strict=True):
        words_strange = len(strange & set(range(at, at + count)))
        if words_strange and (words_strange == count or not identified):
            own.append(sentence)
        at += count
    return own


def _is_weighty(sentence: str) -> bool:
    return any(map(_weighs, words(sentence)))


def _weighs(word: str) -> bool:
    lower = word.casefold()
    return lower in lexicon()["weighty_words"] or lower.startswith(lexicon()["weighty"])


def _short(sentence: str) -> str:
    line = "".join(letter if letter.isprintable() else " " for letter in sentence)
    return line if len(line) <= _LONGEST_SENTENCE else f"{line[: _LONGEST_SENTENCE - 1]}…"
