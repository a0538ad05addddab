"""Does one of the expected texts stand in the answer, or none of them?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ConfigDict

from assay.schema._base import Noun
from assay.scoring.found import form_of, stands_in
from assay.scoring.mark import Flaw, Mark, Scorer, failed, passed, shown, unscored
from assay.scoring.text import accepted_texts, expected_flaws, shown_choice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import JsonValue

    from assay.schema.suite import Case

__all__ = ["SCORER", "ContainsOptions"]


class ContainsOptions(Noun):
    """How `contains` looks: in Unicode normal form C, at white space as one space, and past what nobody sees."""

    model_config = ConfigDict(strict=True)

    ignore_case: bool = True
    """Whether upper and lower case are the same."""
    whole_words: bool = False
    """Whether a text counts only where no letter or digit touches it, and a number only as a whole: `cat` does not
    stand in `category`, nor `5` in `-5` or `5.5`."""
    absent: bool = False
    """Whether the answer passes when none of the texts stands in it; an empty answer fails all the same."""


def _score(case: Case, output: str, options: Mapping[str, JsonValue]) -> Mark:
    chosen = ContainsOptions.model_validate(options)
    texts = accepted_texts(case.expected)
    if not texts:
        return unscored("the case has no expected text")
    answer = form_of(output, ignore_case=chosen.ignore_case)
    found = [
        text
        for text in texts
        if stands_in(form_of(text, ignore_case=chosen.ignore_case), answer, whole_words=chosen.whole_words)
    ]
    if chosen.absent and not answer:
        return failed("is empty, so what it does not hold says nothing")
    if chosen.absent and found:
        return failed(f"holds {shown(found[0])}, which must not stand in it")
    if chosen.absent:
        return passed(f"does not hold {shown_choice(texts)}")
    if found:
        return passed(f"holds {shown(found[0])}")
    return failed(f"does not hold {shown_choice(texts)}: {shown(output)}")


def _flaws(case: Case, _options: Mapping[str, JsonValue]) -> list[Flaw]:
    return expected_flaws("contains", case.expected)


SCORER = Scorer(
    name="contains",
    summary="One of the expected texts stands in the answer; or none, on demand.",
    options=ContainsOptions,
    score=_score,
    needs=frozenset({"expected"}),
    flaws=_flaws,
)
