"""Is the answer the expected number, within a tolerance, however it is written and whatever its unit?"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import ConfigDict, Field

from assay.schema._base import Noun
from assay.scoring.mark import Flaw, Mark, Scorer, failed, passed, shown, unscored
from assay.scoring.numerals import DecimalMark, Numeral, number_in, numerals_in
from assay.scoring.text import without_case

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import JsonValue

    from assay.schema.suite import Case

__all__ = ["SCORER", "NumberOptions"]

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
    """What separates decimals. `auto` takes the last sign of 1,234.5 and 1.234,5, reads 1,234 as thousands and 1.234 as
    a decimal."""
    take: Literal["only", "first", "last"] = "only"
    """Which number of the answer counts; with `only` an answer that holds several fails."""
    units: str | Annotated[tuple[str, ...], Field(strict=False)] = ()
    """Only numbers with one of these right before or after them count; none takes all."""


def _score(case: Case, output: str, options: Mapping[str, JsonValue]) -> Mark:
    chosen = NumberOptions.model_validate(options)
    expected = _expected(case.expected, chosen.decimal)
    if expected is None:
        return unscored("the case has no expected number")
    if len(output) > _LONGEST_ANSWER:
        return failed(f"the answer has {len(output)} characters, more than {_LONGEST_ANSWER} are not read")
    units = (chosen.units,) if isinstance(chosen.units, str) else chosen.units
    found = [each for each in numerals_in(output, chosen.decimal) if not units or _has_unit(each, units)]
    if not found:
        named = f" with the unit {shown(' or '.join(units))}" if units else ""
        return failed(f"holds no number{named}: {shown(output)}")
    if chosen.take == "only" and len({each.value for each in found}) > 1:
        named = ", ".join(shown(each.text) for each in found[:_MOST_NAMED])
        return failed(f"holds {len(found)} numbers where one is wanted: {named}")
    got = found[-1] if chosen.take == "last" else found[0]
    tolerance = max(_exact(chosen.abs_tolerance), _exact(chosen.rel_tolerance) * abs(expected))
    difference = abs(got.value - expected)
    within = f" within {float(tolerance):g}" if tolerance else ""
    if difference <= tolerance:
        return passed(f"{shown(got.text)} is {_shown(expected)}{within}")
    return failed(f"expected {_shown(expected)}{within}, got {shown(got.text)}")


def _exact(value: float) -> Fraction:
    """Return the number that was written: 0.1 is one tenth."""
    return Fraction(str(value))


def _expected(value: JsonValue, decimal: DecimalMark) -> Fraction | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return _exact(value)
    return number_in(value, decimal) if isinstance(value, str) else None


def _has_unit(found: Numeral, units: tuple[str, ...]) -> bool:
    before, after = without_case(found.before).rstrip(), without_case(found.after).lstrip()
    for unit in map(without_case, units):
        rest = after[len(unit) :]
        if after.startswith(unit) and not (unit[-1:].isalpha() and rest[:1].isalpha()):
            return True
        if before.endswith(unit) and not (unit[:1].isalpha() and before[: -len(unit)][-1:].isalpha()):
            return True
    return False


def _shown(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else f"{float(value):.10g}"


def _flaws(case: Case, options: Mapping[str, JsonValue]) -> list[Flaw]:
    if case.expected is None or _expected(case.expected, NumberOptions.model_validate(options).decimal) is not None:
        return []
    message = "scorer number needs one number in `expected`"
    return [Flaw("bad-expected", message, "Write it as a JSON number, or as text with the digits of one number.")]


SCORER = Scorer(
    name="number",
    summary="The answer is the expected number within a tolerance, whatever its separators and unit.",
    options=NumberOptions,
    score=_score,
    needs=frozenset({"expected"}),
    flaws=_flaws,
)
