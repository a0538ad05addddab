"""Does the answer match a regular expression, found within a time limit that no pattern can stretch?

Patterns are those of the package `regex` (https://github.com/mrabarnett/mrab-regex), which reads all that Python's
own `re` reads and can be stopped. A search that is stopped leaves the trial unscored: neither a pass nor a fail. The
patterns of a case share one budget of time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import ConfigDict

from assay.schema._base import Noun
from assay.scoring.mark import Flaw, Mark, Scorer, failed, passed, readable, shortened, shown, unscored
from assay.scoring.patterns import LONGEST_S, PatternError, Searches, compiled
from assay.scoring.text import accepted_texts, composed, expected_flaws, shown_choice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import JsonValue

    from assay.schema.suite import Case

__all__ = ["SCORER", "RegexOptions"]

_LONGEST_ANSWER = 100_000


class RegexOptions(Noun):
    """How `regex` searches. Pattern and answer are brought to Unicode normal form C."""

    model_config = ConfigDict(strict=True)

    mode: Literal["search", "fullmatch"] = "search"
    """`search` looks for the pattern anywhere, `fullmatch` wants it to be the whole answer, white space around it
    apart."""
    ignore_case: bool = False
    """Whether upper and lower case are the same."""
    multiline: bool = False
    """Whether `^` and `$` stand for the ends of each line."""
    dotall: bool = False
    """Whether `.` stands for a line break too."""

    def flags(self) -> int:
        """Return the options as flags of the package."""
        import regex

        wanted = ((self.ignore_case, regex.I), (self.multiline, regex.M), (self.dotall, regex.S))
        return sum(int(flag) for on, flag in wanted if on)


def _score(case: Case, output: str, options: Mapping[str, JsonValue]) -> Mark:
    chosen = RegexOptions.model_validate(options)
    patterns = accepted_texts(case.expected)
    if not patterns:
        return unscored("the case has no expected pattern")
    if len(output) > _LONGEST_ANSWER:
        return failed(f"the answer has {len(output)} characters, more than {_LONGEST_ANSWER} are not searched")
    text, stopped = composed(output), ""
    if chosen.mode == "fullmatch":
        text = text.strip()
    searches = Searches()
    for pattern in patterns:
        try:
            found = searches.search(compiled(pattern, chosen.flags()), text, whole=chosen.mode == "fullmatch")
        except TimeoutError:
            stopped = stopped or f"the search for {shown(pattern)} was stopped after {LONGEST_S:g} s"
            continue
        if found is not None:
            return passed(f"{shown(pattern)} matches {shown(found[0])}")
    if stopped:
        return unscored(f"{stopped}; write a simpler pattern")
    return failed(f"{shown_choice(patterns)} matches nothing in {shown(output)}")


def _flaws(case: Case, options: Mapping[str, JsonValue]) -> list[Flaw]:
    flaws = expected_flaws("regex", case.expected)
    for pattern in accepted_texts(case.expected) if not flaws else ():
        try:
            compiled(pattern, RegexOptions.model_validate(options).flags())
        except PatternError as error:
            message = f"the pattern {shown(pattern)} cannot be read: {readable(shortened(str(error)))}"
            flaws.append(Flaw("bad-expected", message, "Mend the regular expression."))
    return flaws


SCORER = Scorer(
    name="regex",
    summary="One of the expected regular expressions matches the answer, within a time limit.",
    options=RegexOptions,
    score=_score,
    needs=frozenset({"expected"}),
    flaws=_flaws,
)
