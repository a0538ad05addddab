"""Which numbers stand in a text, whichever way their digits are grouped, their decimals marked and their size named?"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from assay.scoring.text import composed

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["DecimalMark", "Numeral", "number_in", "numerals_in", "readable_form"]

DecimalMark = Literal[".", ",", "auto"]
"""What separates decimals; `auto` decides by the numeral itself."""

_MOST_DIGITS = 100
_MOST_EXPONENT = 300
_NEAR = 60  # characters around a number that are kept: copies of all the rest would grow by the square of the text
_MINUS = "-\u2212\u2010\u2011\u2012\u2013\ufe63\uff0d"
_DASH = _MINUS.replace("-", r"\-")
_SPACES = " \u00a0\u2009\u202f\u2007"
_GROUPS = rf"[.,'\u2019_{_SPACES}]"
_THOUSANDS = 3
_RAISED = re.compile("[\u2070\u00b9\u00b2\u00b3\u2074-\u2079\u207a\u207b]+")
_LOWERED = re.compile("[\u2080-\u2089]+")
_VULGAR = re.compile("[\u00bc-\u00be\u2150-\u215f\u2189]")


def _numeral(slash: str) -> re.Pattern[str]:
    """Return what a number looks like, with the sign that makes a fraction of two.

    What a letter or an underscore touches is part of a name, and what a dash, a slash or a colon joins to further
    digits is a date, a time or a range.
    """
    return re.compile(
        rf"(?<!\w)(?<!\d[.,/:\u2044])(?<!\w[./{_DASH}])(?P<sign>[{_DASH}+]\s?)?(?P<lead>[$\u20ac\u00a3\u00a5\u20ab]\s?)?"
        rf"(?:(?:(?P<whole>\d{{1,9}})\s)?(?P<top>\d{{1,9}}){slash}(?P<bottom>[1-9]\d{{0,8}})"
        rf"|(?P<digits>\d+(?:{_GROUPS}\d+)*|\.\d+)(?P<power>[eE][+{_DASH}]?\d{{1,3}})?)"
        rf"(?![\d_])(?![/:\u2044{_DASH}]\d)(?!\.\d)(?! \d{{1,9}}/\d{{1,9}}(?![\d/]))"
    )


_NUMERAL, _FRACTION = _numeral("\u2044"), _numeral("/")
# A number that is an operand says nothing by itself: the square of four is no 42, nor is ten to the power of it.
_OPERAND_BEFORE = re.compile(r"(?:\^\s?[{(]?|\u221a\s?\(?|sqrt\s?[{(]?|\d\s?\*\*\s?[{(]?\s?)\Z")
_OPERAND_AFTER = re.compile(r"\s?\^|\*\*\s?[\d(]")
# Ten to a power multiplies what stands before it; one whose exponent cannot be read makes the number none.
_TIMES_TEN = re.compile(
    r"\s?(?:[\u00d7x*\u00b7\u22c5\u2219]|\\times|\\cdot)\s?10\s?(?:\^|\*\*)"
    rf"(?:\s?(?P<open>[{{(])?\s?(?P<exponent>[+{_DASH}]?\d{{1,3}})(?![\w/]|[.,]\d)(?(open)\s?[}})]))?",
    re.IGNORECASE,
)
_HALF = re.compile(r"(?P<unit>\s[^\W\d_]{1,6})?\s{0,2}rư[ỡở]i(?!\w)", re.IGNORECASE)
_FACTORIAL = re.compile(r"[\s*$(]*[\d.,]+!+[\s*$).]*")
_NEGATIVE = re.compile(
    r"(?P<before>\S?)(?P<gap>\s?)(?<!\w)(?P<word>minus|negative|\u00e2m|(?:(?<=\A)|(?<=[:=])|(?<=[:=]\s))tr\u1eeb)\s?\Z",
    re.IGNORECASE,
)
_FACTORS = {
    **dict.fromkeys(("k", "thousand", "nghìn", "nghin", "ngàn"), Fraction(1000)),
    **dict.fromkeys(("m", "mn", "million", "millions", "triệu", "tr"), Fraction(10**6)),
    **dict.fromkeys(("bn", "billion", "billions", "tỷ", "tỉ"), Fraction(10**9)),
    **dict.fromkeys(("hundred", "trăm"), Fraction(100)),
    **dict.fromkeys(("%", "percent", "phầntrăm"), Fraction(1, 100)),
    "trillion": Fraction(10**12),
}
_FACTOR = re.compile(
    r"(?:\s{0,2}(?P<word>thousand|millions?|billions?|trillion|hundred|nghìn|nghin|ngàn|triệu|tỷ|tỉ|trăm|mn|bn"
    r"|per\s?cent|phần\s?trăm|k)|\s?(?P<capital>M)|tr)(?!\w)|\s?(?P<sign>%)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Numeral:
    """A number as it stands in a text."""

    value: Fraction
    """What it means."""
    other: Fraction | None
    """What else it could mean: a single point or comma before three digits groups in one country and not in another."""
    text: str
    """How it is written."""
    before: str
    """What stands right before it, as `readable_form` gives it."""
    after: str
    """What stands right after it, in the same form."""


def readable_form(text: str) -> str:
    """Return a text in normal form KC, in which raised and lowered digits are not like any others: `m²` is `m^2`."""
    plain = _RAISED.sub(lambda found: "^" + unicodedata.normalize("NFKC", found[0]), text)
    plain = _LOWERED.sub(lambda found: "_" + unicodedata.normalize("NFKC", found[0]), plain)
    plain = _VULGAR.sub(lambda found: " " + unicodedata.normalize("NFKC", found[0]), plain)
    return unicodedata.normalize("NFKC", plain)


def numerals_in(text: str, decimal: DecimalMark, units: tuple[str, ...] = ()) -> list[Numeral]:
    """Return the numbers of a text in their order; digits within words, dates, times and powers are none.

    Args:
        text: The text.
        decimal: What separates decimals.
        units: What is asked for as a unit and so is no factor: of `5 %` the percent, of `5 k` the thousand.
    """
    plain = readable_form(text)
    if _FACTORIAL.fullmatch(plain):
        return []
    kept = frozenset(composed(unit.casefold()) for unit in units)
    found = [each for match in _NUMERAL.finditer(plain) for each in _read(plain, match, decimal, kept)]
    # A plain slash makes a fraction only where nothing else could be meant: not beside a number, as in "24/7: 42".
    return found or [each for match in _FRACTION.finditer(plain) for each in _read(plain, match, decimal, kept)]


def number_in(text: str, decimal: DecimalMark, units: tuple[str, ...] = ()) -> Fraction | None:
    """Return the number that a text is, units and currency signs apart; None when it is none, several or unclear."""
    found = numerals_in(text, decimal, units)
    unclear = len(found) == 1 and found[0].other is not None and "." in found[0].text
    return found[0].value if len(found) == 1 and not unclear else None


def _read(plain: str, found: re.Match[str], decimal: DecimalMark, kept: frozenset[str]) -> Iterator[Numeral]:
    """Yield the number that a match is, or the list of them that spaces part."""
    end = found.end()
    before = plain[max(found.start() - _NEAR, 0) : found.start()] + (found["lead"] or "")
    if _OPERAND_BEFORE.search(before) or _OPERAND_AFTER.match(plain, end):
        return
    factor, half, end = _size(plain, found, kept)
    shown_to = rest.end() if half and (rest := _HALF.match(plain, end)) else end
    if not factor or (end == found.end() and _is_name(plain, end) and found["power"] is None):
        return
    minus, word = bool(found["sign"]) and found["sign"].strip() in {*_MINUS}, _negative_word(before)
    sign = -1 if minus or word else 1
    if found["top"] is not None:
        part_and_whole = int(found["whole"] or 0) + Fraction(int(found["top"]), int(found["bottom"]))
        text = word + plain[found.start() : shown_to].strip()
        yield Numeral(sign * (part_and_whole * factor + half), None, text, before, plain[end : end + _NEAR])
        return
    scaled = found["power"] is not None or _TIMES_TEN.match(plain, found.end()) is not None
    parts = _parts(found["digits"])
    for at, part in enumerate(parts):
        first, last = at == 0, at == len(parts) - 1
        value = _value(part, decimal)
        if value is None:
            continue
        own = sign if first else 1
        times, more = own * (factor if last else 1), own * (half if last else 0)
        other = _other(part) if decimal == "auto" and not scaled else None
        yield Numeral(
            value=value * times + more,
            other=None if other is None else other * times + more,
            text=(word + (found["sign"] or "") + (found["lead"] or "") if first else "")
            + part
            + (plain[found.end("digits") : shown_to] if last else ""),
            before=before if first else "",
            after=plain[end : end + _NEAR] if last else "",
        )


def _size(plain: str, found: re.Match[str], kept: frozenset[str]) -> tuple[Fraction, Fraction, int]:
    """Return what powers and words behind a number multiply it by, what "and a half" adds, and where they end.

    The first is zero where a power cannot be read, or is beyond reason, so that the number is none.
    """
    end, power = found.end(), _power(found["power"])
    if (times_ten := _TIMES_TEN.match(plain, end)) is not None:
        exponent = times_ten["exponent"]
        power *= Fraction(0) if exponent is None else _power(f"e{exponent}")
        end = times_ten.end()
    factor, end = _factor(plain, end, kept)
    half = _HALF.match(plain, end)
    if half is not None and half["unit"] is None:  # of "12 nghìn rưỡi" the half is one of a thousand
        end = half.end()
    return power * factor, Fraction(0) if half is None else power * factor / 2, end


def _factor(plain: str, end: int, kept: frozenset[str]) -> tuple[Fraction, int]:
    """Return by how much words behind a number multiply it, and where they end; a unit that is asked for is none."""
    factor = Fraction(1)
    while found := _FACTOR.match(plain, end):
        word = composed(found[0].strip().casefold())
        metres, kelvins = found["capital"] == "m", found["word"] == "K" and found[0][0].isspace()
        if metres or kelvins or word in kept:
            break
        factor *= _FACTORS["".join(word.split())]
        end = found.end()
    return factor, end


def _is_name(plain: str, end: int) -> bool:
    """Say whether letters that touch a number make a name of it; few of them, and no digit behind, read as its unit."""
    word = re.compile(r"[^\W\d_]+").match(plain, end)
    return word is not None and (word.end() - end > 4 or plain[word.end() : word.end() + 1].isdigit())  # noqa: PLR2004


def _negative_word(before: str) -> str:
    """Return the word that makes a number negative, empty without one; behind another number it takes away."""
    found = _NEGATIVE.search(before)
    return "" if found is None or found["before"].isdigit() else f"{found['word']} "


def _parts(digits: str) -> list[str]:
    """Return the numerals in a run of digits: spaces group thousands, and anything else that they part is a list."""
    pieces = re.split(rf"[{_SPACES}]", digits)
    if len(pieces) == 1:
        return pieces
    grouped = len(pieces[0]) <= _THOUSANDS and pieces[0].isdigit()
    inner = all(len(piece) == _THOUSANDS and piece.isdigit() for piece in pieces[1:-1])
    last = re.fullmatch(rf"\d{{{_THOUSANDS}}}(?:[.,]\d+)?", pieces[-1])
    return ["".join(pieces)] if grouped and inner and last else pieces


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
    if not rest:
        return Fraction(int("".join(groups) or "0"))
    return Fraction(f"{''.join(groups) or '0'}.{rest}")


def _other(digits: str) -> Fraction | None:
    """Return the second meaning of digits in which a single sign may group thousands or separate decimals."""
    if re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", digits) is None:
        return None
    return _value(digits, ",")  # the first meaning is that of the point


def _decimal_mark(digits: str) -> Literal[".", ","] | None:
    """Return which sign separates decimals: of two the last one; a single comma before three digits groups them."""
    if "." in digits and "," in digits:
        return "." if digits.rindex(".") > digits.rindex(",") else ","
    if digits.count(".") == 1:
        return "."
    if digits.count(",") == 1 and len(digits) - digits.index(",") - 1 != _THOUSANDS:
        return ","
    return None


def _power(text: str | None) -> Fraction:
    """Return what an exponent multiplies by; zero where it is beyond reason, so that the number is none."""
    if text is None:
        return Fraction(1)
    exponent = int(re.sub(rf"[{_DASH}]", "-", text[1:]))
    return Fraction(10) ** exponent if abs(exponent) <= _MOST_EXPONENT else Fraction(0)
