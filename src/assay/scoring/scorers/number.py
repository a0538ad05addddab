"""Is the answer the expected number, within a tolerance, however it is written and whatever its unit?"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import ConfigDict, Field

from assay.schema._base import Noun
from assay.scoring.mark import Flaw, Mark, Scorer, failed, passed, shown, unscored
from assay.scoring.numerals import DecimalMark, Numeral, number_in, numerals_in, readable_form
from assay.scoring.text import without_case

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import JsonValue

    from assay.schema.suite import Case

__all__ = ["SCORER", "NumberOptions"]

# What takes a number back, or makes only a bound of it, where it stands right before or behind the number.
_FILL = r"(?:(?:the|a|an|is|be|exactly|equal(?: to)?|value|number|là|bằng|con số|số) ?)*"
_DENIED = re.compile(
    r"(?:\b(?:not|never|cannot)|n't|\bnor|\bneither|\brather than|\binstead of|(?<!\w)(?:không|chưa)(?: phải)?)"
    rf" ?{_FILL}\Z"
)
_DENIED_BEHIND = re.compile(
    r" ?(?:(?:is|was|would be) (?:wrong|incorrect|not\b|false)|isn't|(?:là |thì )?(?:sai|không đúng))"
)
# What joins a number to one before it: "not 5 or 6" denies both.
_JOINED = re.compile(r" ?(?:[,/&]|(?:or|and|nor|to|hoặc|hay|và|đến)(?!\w))? ?(?:or |and |hoặc |và )?[^\w\s]?\d")
_THAN = r"(?:less|more|fewer|greater|higher|lower|larger|smaller|better|worse) than(?: or equal to)?"
_LIMITS = (
    r"at least|at most|no more than|no less than|up to|over|under|above|below|exceeds?|exceeding|minimum(?: of)?"
    r"|maximum(?: of)?|(?:ít |nhiều |lớn |nhỏ |thấp |cao )?hơn|dưới|trên|ít nhất|nhiều nhất|tối đa|tối thiểu"
    r"|không quá|chưa (?:đến|tới)|vượt(?: quá)?"
)
_BOUND = re.compile(
    rf"(?:[<>\u2264\u2265]=?|(?<!\w)(?:{_THAN}|{_LIMITS})) ?(?:[$\u20ac\u00a3\u00a5\u20ab] ?)?(?:là )?\Z"
)
_BOUND_BEHIND = re.compile(
    r"\+(?! ?\d)| ?(?:\w+ )?(?:or (?:more|less|fewer|above|below)|and above|trở lên|trở xuống|hoặc hơn)\b"
)
_TAG = re.compile(r"</?\w{1,10}>")
_COMPOUND = re.compile(r"\^|[/\u00b7*]\w|\d")
_LONGEST_ANSWER = 100_000
_MOST_NAMED = 5


class NumberOptions(Noun):
    """How `number` reads and compares; all arithmetic is exact."""

    model_config = ConfigDict(strict=True)

    abs_tolerance: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    """Difference that is still right, in the number's own unit; the end counts."""
    rel_tolerance: float = Field(default=0.0, ge=0, le=1, allow_inf_nan=False)
    """Difference that is still right, as a share of the expected number; the larger of the two tolerances counts."""
    decimal: DecimalMark = "auto"
    """What separates decimals. `auto` takes the last sign of 1,234.5 and 1.234,5 and reads 1,234 as thousands. 12.000
    may be twelve or twelve thousand, so under `auto` it passes for neither; 1.234 passes for 1.234 alone."""
    take: Literal["only", "first", "last"] = "only"
    """Which number of the answer counts; with `only` an answer that holds several fails; those
    that are denied do not count."""
    units: str | Annotated[tuple[str, ...], Field(strict=False)] = ()
    """Only numbers with one of these right before or after them count; none takes all. With `%` among them 15 % is 15,
    and else 0.15."""
    bounds: bool = False
    """Whether a number counts that is said to be a bound: at least 5, under 5, <5, tối đa 5."""


def _score(case: Case, output: str, options: Mapping[str, JsonValue]) -> Mark:
    chosen = NumberOptions.model_validate(options)
    units = (chosen.units,) if isinstance(chosen.units, str) else chosen.units
    expected = _expected(case.expected, chosen.decimal, units)
    if expected is None:
        return unscored("the case has no expected number")
    if len(output) > _LONGEST_ANSWER:
        return failed(f"the answer has {len(output)} characters, more than {_LONGEST_ANSWER} are not read")
    found = [each for each in numerals_in(output, chosen.decimal, units) if not units or _has_unit(each, units)]
    if not found:
        named = f" with the unit {shown(' or '.join(units))}" if units else ""
        return failed(f"holds no number{named}: {shown(output)}")
    found = _undenied(found) if chosen.take == "only" else found
    if chosen.take == "only" and len({each.value for each in found}) > 1:
        named = ", ".join(shown(each.text) for each in found[:_MOST_NAMED])
        return failed(f"holds {len(found)} numbers where one is wanted: {named}")
    taken = found if chosen.take == "only" else found[-1:] if chosen.take == "last" else found[:1]
    return _compared(taken, expected, chosen, output)


def _compared(taken: list[Numeral], expected: Fraction, chosen: NumberOptions, output: str) -> Mark:
    """Return the mark of numbers that are all the same."""
    got = taken[0]
    tolerance = max(_exact(chosen.abs_tolerance), _exact(chosen.rel_tolerance) * abs(expected))
    within = f" within {float(tolerance):g}" if tolerance else ""
    meant = f"expected {_shown(expected)}{within}, got {shown(got.text)}"
    right = abs(got.value - expected) <= tolerance
    if got.other is not None and (right or abs(got.other - expected) <= tolerance):
        # As a decimal it can only be meant where the expected number has decimals itself.
        clear = right and ("," in got.text or expected.denominator > 1)
        if not clear:
            both = " or ".join(_shown(value) for value in sorted((got.value, got.other)))
            return failed(f"{meant}, which may be {both}: say in `decimal` which sign separates decimals")
    if not right:
        return failed(meant)
    for each in taken:
        doubt = _doubt(each, bounds=chosen.bounds)
        if doubt:
            return failed(f"{meant}, which is {doubt}: {shown(output)}")
    return passed(f"{shown(got.text)} is {_shown(expected)}{within}")


def _undenied(found: list[Numeral]) -> list[Numeral]:
    """Return the numbers that are not denied, by themselves or as one of a list; all of them where none is left."""
    kept: list[Numeral] = []
    denied, last = False, None
    for each in found:
        joined = last is not None and (not last.after or _JOINED.match(_beside(last.after)) is not None)
        denied = (denied and joined) or _is_denied(each)
        last = each
        kept += [] if denied else [each]
    return kept or found


def _is_denied(found: Numeral) -> bool:
    """Say whether the words right beside a number take it back."""
    before, after = _beside(found.before), _beside(found.after)
    return _DENIED.search(before) is not None or _DENIED_BEHIND.match(after) is not None


def _doubt(found: Numeral, *, bounds: bool) -> str | None:
    """Return why a number is not what the answer says to be the case, as far as the words beside it tell."""
    before, after = _beside(found.before), _beside(found.after)
    if not bounds and (_BOUND.search(before) or _BOUND_BEHIND.match(after)):
        return "only a bound"
    return "denied" if _is_denied(found) else None


def _beside(text: str) -> str:
    """Return the words beside a number in one case, with one space where there is white space, and without tags."""
    return re.sub(r"\s+", " ", _TAG.sub("", without_case(text)).replace("\u2019", "'"))


def _exact(value: float) -> Fraction:
    """Return the number that was written: 0.1 is one tenth."""
    return Fraction(str(value))


def _expected(value: JsonValue, decimal: DecimalMark, units: tuple[str, ...]) -> Fraction | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return _exact(value)
    return number_in(value, decimal, units) if isinstance(value, str) else None


def _has_unit(found: Numeral, units: tuple[str, ...]) -> bool:
    before, after = without_case(found.before).rstrip(), without_case(found.after).lstrip()
    for unit in map(without_case, map(readable_form, units)):
        rest = after[len(unit) :]
        # `m` is no unit of "5 ms", "5 m/s" or "5 m²".
        if after.startswith(unit) and not (unit[-1:].isalpha() and rest[:1].isalpha()) and not _COMPOUND.match(rest):
            return True
        if before.endswith(unit) and not (unit[:1].isalpha() and before[: -len(unit)][-1:].isalpha()):
            return True
    return False


def _shown(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else f"{float(value):.10g}"


def _flaws(case: Case, options: Mapping[str, JsonValue]) -> list[Flaw]:
    chosen = NumberOptions.model_validate(options)
    units = (chosen.units,) if isinstance(chosen.units, str) else chosen.units
    if case.expected is None or _expected(case.expected, chosen.decimal, units) is not None:
        return []
    message = "scorer number needs one number in `expected`"
    remedy = "Write it as a JSON number, or as text with the digits of one number; 12.000 needs `decimal` too."
    return [Flaw("bad-expected", message, remedy)]


SCORER = Scorer(
    name="number",
    summary="The answer is the expected number within a tolerance, whatever its separators and unit.",
    options=NumberOptions,
    score=_score,
    needs=frozenset({"expected"}),
    flaws=_flaws,
)
