"""Which numbers does a page show, which value of the record is each, and which come from nowhere?

Rendering puts each output between marks that no value can hold; taking them out again says what stood where. What is
outside of them is the template's own text: a numeral there has no evidence, and is called an orphan.
"""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Final

from assay.record.sources import evidence_of_path

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

__all__ = ["Number", "Orphan", "Page", "has_numeral", "marked", "numerals", "orphans_in", "read_page", "unmarked"]

_OPEN, _MIDDLE, _CLOSE = "\ufdd0", "\ufdd1", "\ufdd2"
_BEGINS, _BEGINS_NUMBER, _ENDS, _ENDS_NUMBER = "\ufdd3", "\ufdd4", "\ufdd5", "\ufdd6"
MARKS: Final = re.compile("[\ufdd0-\ufdef]")
"""Noncharacters of Unicode, which nobody may exchange: what escaping leaves of a value never holds them."""
_SPAN = re.compile(f"{_OPEN}([^{_MIDDLE}]*){_MIDDLE}([^{_CLOSE}]*){_CLOSE}")
_SIGNS: Final = "\u32c0-\u32cb\u3358-\u3370\u33e0-\u33fe\U0001f4af\U0001f51f\U0001f522"
"""Symbols that show digits though Unicode counts them as none: days, months and hours (CJK compatibility), 100, 10."""
_WORD = re.compile(rf"\w+|[{_SIGNS}]")
_SIGN = re.compile(f"[{_SIGNS}]")
_UNSHOWN = (
    r"(?:<[^<>]*>|\*|~~|`|\\|&(?:shy|zwj|zwnj|NoBreak|ZeroWidthSpace|lrm|rlm|InvisibleComma|InvisibleTimes|ic|it"
    r"|ApplyFunction|af);|[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0])*+"
)
"""What stands between two characters on a page without parting them: tags, comments, emphasis, what has no width."""
_MINUS = (
    "(?:[-+.,\u2010-\u2015\u2212\ufe58\ufe63\uff0b-\uff0e]"
    "|&(?:minus|plus|period|comma|dash|hyphen|ndash|mdash|horbar);)"
)
"""What would be a sign or a point before a number."""
_POINT = "(?:[.,'\u00b7\u2019\uff0c\uff0e\ufe50\ufe52]|&(?:period|comma|apos|rsquo|middot|centerdot);)?"
"""What would be a point within one, or part its thousands."""
_NUMERIC = frozenset({"Nd", "Nl", "No"})
_OTHER_LETTERS: Final = frozenset("\u0110\u0111")
"""The Vietnamese D with a stroke, which is no D with a mark to Unicode."""
_DIGEST_NAMES: Final = frozenset({"1", "224", "256", "384", "512"})
_JOINED = re.compile(
    f"{_ENDS_NUMBER}{_UNSHOWN}{_POINT}{_UNSHOWN}{_BEGINS_NUMBER}|{_ENDS_NUMBER}[eE][-+\u2212]?{_BEGINS_NUMBER}"
)
_SIGNED = re.compile(rf"(?<![\w)\]{_ENDS}{_ENDS_NUMBER}]){_MINUS}{_UNSHOWN}{_BEGINS_NUMBER}")
_REFERENCE = re.compile(r"&(?:#|\w+;?)")
_STARTS_NUMBER = re.compile(r"[-\u2212+.,]?\d")
_ENDS_IN_NUMBER = re.compile(r"[\d.,+\u2212-]$")
_MOST_SHOWN = 80
_MOST_FOUND = 1_000
"""Orphans of one kind that are told: a page may have millions, and one is enough."""


@dataclass(frozen=True)
class Orphan:
    """A number on the page without evidence."""

    line: int
    """Line of the page, from 1."""
    number: str
    """The numeral, or what makes one."""
    why: str
    """What is wrong with it, as the end of a sentence that begins with the number."""
    text: str
    """The line that it stands in, cut to 80 characters."""


@dataclass(frozen=True)
class Number:
    """A value on the page that shows a numeral."""

    line: int
    """Line of the page, from 1."""
    text: str
    """What the page shows of the value."""
    path: str
    """Where in the record the value stands, as a key path; one that begins with `method` is a constant of Assay."""


@dataclass(frozen=True)
class Page:
    """A rendered page, and where what it shows comes from."""

    text: str
    """The Markdown."""
    numbers: tuple[Number, ...] = ()
    """Values that show a numeral, in the page's order."""
    loose: tuple[Orphan, ...] = ()
    """Numerals outside of every value."""

    def orphans(self, members: Collection[str]) -> tuple[Orphan, ...]:
        """Return the numbers that have no evidence, by line: loose ones, and values of which the evidence is gone.

        Args:
            members: paths of the files in the evidence.
        """
        backed = cache(lambda field: evidence_of_path(field, members) != ())
        gone = [
            Orphan(own.line, own.text, f"is {own.path} of the record, and no file that it follows from is there", "")
            for own in self.numbers
            if not backed(_FIELD.split(own.path, maxsplit=1)[0])
        ]
        return tuple(sorted((*self.loose, *gone), key=lambda orphan: orphan.line))


_FIELD = re.compile(r"\W")


def has_numeral(text: str) -> bool:
    """Say whether a text holds a numeral of any script."""
    if text.isascii():
        return any("0" <= character <= "9" for character in text)
    return any(unicodedata.category(character) in _NUMERIC for character in text) or _SIGN.search(text) is not None


def marked(text: str, path: str) -> str:
    """Return what is shown of a value, with its path, between marks; an empty path is that of a text without number."""
    return f"{_OPEN}{path}{_MIDDLE}{text}{_CLOSE}"


def unmarked(text: str) -> str:
    """Return a text without any mark, and without the paths between them."""
    return MARKS.sub("", _SPAN.sub(lambda match: match[2], text))


def read_page(text: str) -> Page:
    """Return the page that a rendered text with marks is."""
    page: list[str] = []
    mask: list[str] = []
    numbers: list[Number] = []
    line, end = 1, 0
    for match in _SPAN.finditer(text):
        between, (path, shown) = text[end : match.start()], match.groups()
        line += between.count("\n")
        page += (between, shown)
        plain = html.unescape(shown) if "&" in shown else shown
        mask += (between, _masked(plain) if path else plain)
        if path and any(True for _ in numerals(plain)):
            numbers.append(Number(line, shown, path))
        line += shown.count("\n")
        end = match.end()
    page.append(text[end:])
    mask.append(text[end:])
    whole = MARKS.sub("", "".join(page))
    return Page(whole, tuple(numbers), tuple(orphans_in("".join(mask), whole)))


def _masked(shown: str) -> str:
    """Return what stands for a value while the text around it is searched: does it begin or end like a number?"""
    begins = _BEGINS_NUMBER if _STARTS_NUMBER.match(shown) else _BEGINS
    return begins + (_ENDS_NUMBER if _ENDS_IN_NUMBER.search(shown) else _ENDS)


def orphans_in(mask: str, page: str | None = None) -> Iterator[Orphan]:
    """Yield the numerals of a text in which values are masked, by line.

    Args:
        mask: the text; what is a template's own text stands in it as it is.
        page: the same text with its values; None for a text that has none.
    """
    lines = (mask if page is None else page).split("\n")
    kinds = (
        ((at, number, "stands in the template's own text, or is computed there") for at, number in numerals(mask)),
        ((m.start(), "a number", "is put together of two values without a space") for m in _JOINED.finditer(mask)),
        ((m.start(), f"a number after {m[0][0]}", "gets its sign there") for m in _SIGNED.finditer(mask)),
        ((m.start(), m[0], "is a numeral written by its code") for m in _REFERENCE.finditer(mask) if _coded(m[0])),
    )
    found = [orphan for kind in kinds for orphan in islice(kind, _MOST_FOUND)]
    starts = 0
    line = 1
    for at, number, why in sorted(found):
        line += mask.count("\n", starts, at)
        starts = at
        yield Orphan(line, number, why, _cut(lines[line - 1]))


def numerals(text: str) -> Iterator[tuple[int, str]]:
    """Yield where each numeral of a text stands, and it; a digit behind a Latin letter is part of a name (`p95`).

    A word that begins with a digit counts (`97th`), so does every script's digit, and so do fractions and the like.
    """
    for match in _WORD.finditer(text):
        word, start = match[0], match.start()
        if not has_numeral(word):
            continue
        before = text[start - 1 : start]
        if before != _ENDS_NUMBER and _is_name(word):
            continue
        if word in _DIGEST_NAMES and text.endswith("SHA-", 0, start):
            continue
        yield start, word


def _is_name(word: str) -> bool:
    """Say whether a word with digits begins with a letter, and is all Latin letters and digits.

    Other scripts have letters that nobody sees, or that look like a stroke or a quote before a number.
    """
    own = word.lstrip("_")
    return _is_latin(own[0]) and all(_is_latin(character) or has_numeral(character) for character in own)


def _is_latin(character: str) -> bool:
    base = unicodedata.normalize("NFD", character)[0]
    return (base.isascii() and (base.isalpha() or base == "_")) or character in _OTHER_LETTERS


def _coded(reference: str) -> bool:
    return reference == "&#" or has_numeral(html.unescape(reference).replace(reference, ""))


def _cut(line: str) -> str:
    return line if len(line) <= _MOST_SHOWN else line[: _MOST_SHOWN - 1] + "…"
