"""Is the answer the expected text?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import ConfigDict

from assay.schema._base import Noun
from assay.scoring.mark import Flaw, Mark, Scorer, failed, passed, shown, unscored
from assay.scoring.text import accepted_texts, composed, expected_flaws, shown_choice, without_case

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import JsonValue

    from assay.schema.suite import Case

__all__ = ["SCORER", "ExactOptions"]

_PUNCTUATION = ".!?…,;:。！？，；：、"  # noqa: RUF001  # full width marks are meant


class ExactOptions(Noun):
    """How strictly `exact` compares. Both sides are brought to Unicode normal form C first."""

    model_config = ConfigDict(strict=True)

    ignore_case: bool = False
    """Whether upper and lower case are the same."""
    ignore_punctuation: bool = False
    """Whether punctuation at the end is left out, where anything stands before it."""
    whitespace: Literal["collapse", "strip"] = "collapse"
    """`collapse` makes one space of each run of white space, `strip` only removes it around the text."""

    def form_of(self, text: str) -> str:
        """Return a text in the form that is compared."""
        form = without_case(text) if self.ignore_case else composed(text)
        form = " ".join(form.split()) if self.whitespace == "collapse" else form.strip()
        end = len(form)
        while self.ignore_punctuation and end and (form[end - 1] in _PUNCTUATION or form[end - 1].isspace()):
            end -= 1
        return form[:end] or form  # nothing but punctuation is what is said: `?` is not `!`


def _score(case: Case, output: str, options: Mapping[str, JsonValue]) -> Mark:
    form_of = ExactOptions.model_validate(options).form_of
    texts = accepted_texts(case.expected)
    if not texts:
        return unscored("the case has no expected text")
    got = form_of(output)
    for text in texts:
        if form_of(text) == got:
            return passed(f"equals {shown(text)}")
    return failed(f"expected {shown_choice(texts)}, got {shown(output)}")


def _flaws(case: Case, _options: Mapping[str, JsonValue]) -> list[Flaw]:
    return expected_flaws("exact", case.expected)


SCORER = Scorer(
    name="exact",
    summary="The answer is one of the expected texts.",
    options=ExactOptions,
    score=_score,
    needs=frozenset({"expected"}),
    flaws=_flaws,
)
