"""Which numbers stand in a text, whichever way their digits are grouped and their decimals marked?"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["DecimalMark", "Numeral", "number_in", "numerals_in"]

DecimalMark = Literal[".", ",", "auto"]
"""What separates decimals; `auto` decides by the numeral itself."""

_MOST_DIGITS = 100
_MOST_EXPONENT = 300
_MINUS = "-\u2212\u2010\u2011\u2012\u2013\ufe63\uff0d"
_SPACES = " \u00a0\u2009\u202f\u2007"
_GROUPS = rf"[.,'\u2019_{_SPACES}]"
# Digits with separators among them, and an exponent. What a letter or an underscore touches is part of a name, and what
# a dash, a slash or a colon joins to further digits is a date, a time or a fraction of something else.
_NUMERAL = re.compile(
    rf"(?<![\w.,/:])(?<![\w][{_MINUS}])(?P<sign>[{_MINUS}+]\s?)?(?P<lead>[$\u20ac\u00a3\u00a5\u20ab]\s?)?"
    rf"(?P<digits>\d+(?:{_GROUPS}\d+)*|\.\d+)(?P<power>[eE][+{_MINUS}]?\d{{1,3}})?"
    rf"(?![\d_])(?![/:{_MINUS}]\d)(?!\.\d)"
)
_THOUSANDS = 3


@dataclass(frozen=True)
class Numeral:
    """A number as it stands in a text."""

    value: Fraction
    """What it means."""
    text: str
    """How it is written."""
    before: str
    """What stands before it, in normal form KC."""
    after: str
    """What stands after it."""


def numerals_in(text: str, decimal: DecimalMark) -> Iterator[Numeral]:
    """Yield the numbers of a text in their order; digits within words, dates and times are none."""
    plain = unicodedata.normalize("NFKC", text)
    for found in _NUMERAL.finditer(plain):
        digits = found["digits"]
        after = plain[found.end() :]
        if after[:1].isalpha() and found["power"] is None and not _is_unit(after):
            continue
        for part in _parts(digits):
            value = _value(part, decimal)
            if value is None:
                continue
            power = _power(found["power"])
            if power is None:
                continue
            negative = (found["sign"] or "").strip() in set(_MINUS)
            yield Numeral(
                (-value if negative else value) * power,
                found[0].strip(),
                plain[: found.start()] + (found["lead"] or ""),
                after,
            )


def _is_unit(after: str) -> bool:
    """Say whether letters that touch a number read as its unit: few of them, and no digit behind."""
    word = re.match(r"[^\W\d_]+", after)
    return word is not None and len(word[0]) <= 4 and not after[word.end() : word.end() + 1].isdigit()  # noqa: PLR2004


def _parts(digits: str) -> list[str]:
    """Return the numerals in a run of digits: spaces group thousands, and anything else that they part is a list."""
    pieces = re.split(rf"[{_SPACES}]", digits)
    if len(pieces) == 1:
        return pieces
    grouped = len(pieces[0]) <= _THOUSANDS and pieces[0].isdigit()
    inner = all(len(piece) == _THOUSANDS and piece.isdigit() for piece in pieces[1:-1])
    last = re.fullmatch(rf"\d{{{_THOUSANDS}}}(?:[.,]\d+)?", pieces[-1])
    return ["".join(pieces)] if grouped and inner and last else pieces


def number_in(text: str, decimal: DecimalMark) -> Fraction | None:
    """Return the number that a text is, units and currency signs around it apart; None when it is none or several."""
    found = list(numerals_in(text, decimal))
    return found[0].value if len(found) == 1 else None


def _value(digits: str, decimal: DecimalMark) -> Fraction | None:
    """Return what digits with separators mean, or None when they are no number."""
    if sum(character.isdigit() for character in digits) > _MOST_DIGITS:
        return None
    plain = re.sub(r"['\u2019_]", "", digits)
    mark = _decimal_mark(plain) if decimal == "auto" else decimal
    other = "," if mark == "." else "."
    whole, _, rest = plain.rpartition(mark) if mark is not None and mark in plain else (plain, "", "")
    groups = re.split(r"[.,]", whole)
    if mark is not None and (mark in whole or other in rest):
        return None
    if len(groups) > 1 and not (1 <= len(groups[0]) <= _THOUSANDS and all(len(g) == _THOUSANDS for g in groups[1:])):
        return None
    return Fraction(f"{''.join(groups) or '0'}.{rest or '0'}")


def _decimal_mark(digits: str) -> Literal[".", ","] | None:
    """Return which sign separates decimals: of two the last one; a single comma before three digits groups them."""
    if "." in digits and "," in digits:
        return "." if digits.rindex(".") > digits.rindex(",") else ","
    if digits.count(".") == 1:
        return "."
    if digits.count(",") == 1 and len(digits) - digits.index(",") - 1 != _THOUSANDS:
        return ","
    return None


def _power(text: str | None) -> Fraction | None:
    if text is None:
        return Fraction(1)
    exponent = int(re.sub(rf"[{_MINUS}]", "-", text[1:]))
    return Fraction(10) ** exponent if abs(exponent) <= _MOST_EXPONENT else None
