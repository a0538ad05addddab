"""Do all expected texts stand in the answer?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ConfigDict

from assay.schema._base import Noun, rounded
from assay.scoring.found import form_of, stands_in
from assay.scoring.mark import Flaw, Mark, Scorer, failed, passed, shown, unscored
from assay.scoring.text import accepted_texts, expected_flaws

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import JsonValue

    from assay.schema.suite import Case

__all__ = ["SCORER", "ContainsAllOptions"]

_MOST_NAMED = 5


class ContainsAllOptions(Noun):
    """How `contains_all` looks: in Unicode normal form C, at white space as one space, and past what nobody sees."""

    model_config = ConfigDict(strict=True)

    ignore_case: bool = True
    """Whether upper and lower case are the same."""
    whole_words: bool = False
    """Whether a text counts only where no letter or digit touches it, and a number only as a whole."""


def _score(case: Case, output: str, options: Mapping[str, JsonValue]) -> Mark:
    chosen = ContainsAllOptions.model_validate(options)
    texts = accepted_texts(case.expected)
    if not texts:
        return unscored("the case has no expected text")
    answer = form_of(output, ignore_case=chosen.ignore_case)
    missing = [
        text
        for text in texts
        if not stands_in(form_of(text, ignore_case=chosen.ignore_case), answer, whole_words=chosen.whole_words)
    ]
    if not missing:
        return passed(f"holds all {len(texts)} texts" if len(texts) > 1 else f"holds {shown(texts[0])}")
    named = ", ".join(shown(text) for text in missing[:_MOST_NAMED])
    more = f" and {len(missing) - _MOST_NAMED} more" if len(missing) > _MOST_NAMED else ""
    value = rounded((len(texts) - len(missing)) / len(texts))
    of_all = f"{len(texts)} texts" if len(texts) > 1 else "1 text"
    return failed(f"holds {len(texts) - len(missing)} of {of_all}, not {named}{more}: {shown(output)}", value)


def _flaws(case: Case, _options: Mapping[str, JsonValue]) -> list[Flaw]:
    return expected_flaws("contains_all", case.expected)


SCORER = Scorer(
    name="contains_all",
    summary="All expected texts stand in the answer.",
    options=ContainsAllOptions,
    score=_score,
    needs=frozenset({"expected"}),
    flaws=_flaws,
)
