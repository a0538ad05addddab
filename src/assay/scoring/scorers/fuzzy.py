"""Is the answer close enough to the expected text?

Closeness is the normalized Indel similarity of RapidFuzz (https://rapidfuzz.github.io/RapidFuzz/), 0 to 100.
`partial` and `token_set` ask how much of the *expected* text is in the answer. RapidFuzz's own functions of these
names look both ways, so that the answer "l" would be a perfect match for "legal counsel".

Likeness is of letters, not of meaning. "You may not expense the hotel" is 93 % like "You may expense the hotel", and
"10:35" in a sentence 97 % like "10:30": a near miss that says the opposite passes. So this scorer is for longer
wordings that may vary, and not for short or critical answers, numbers, times or names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import ConfigDict, Field

from assay.schema._base import Noun, rounded
from assay.scoring.mark import Flaw, Mark, Scorer, failed, passed, shown, unscored
from assay.scoring.text import accepted_texts, composed, expected_flaws, shown_choice, without_case

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import JsonValue

    from assay.schema.suite import Case

__all__ = ["SCORER", "FuzzyOptions"]

Mode = Literal["ratio", "token_set", "partial"]

_LONGEST_ANSWER = 100_000
_LONGEST_PARTIAL = 2_000
# Partial matching takes time by the product of the lengths, and some answers are made to make it slow: 2,000 against
# 100,000 characters is a third of a second for prose and ten where no character is common to both.
_LARGEST_PARTIAL = 20_000_000


class FuzzyOptions(Noun):
    """How `fuzzy` compares. Both sides are brought to Unicode normal form C, runs of white space to one space."""

    model_config = ConfigDict(strict=True)

    min_ratio: float = Field(default=90.0, gt=0, le=100, allow_inf_nan=False)
    """Similarity from which the answer passes, above 0, at most 100. It is one of letters: an answer that says the
    opposite in nearly the same words passes, so take another scorer where the answer is short or critical."""
    mode: Mode = "ratio"
    """`ratio` compares whole texts, `partial` looks for the expected text within the answer, `token_set` for its
    words in any order."""
    ignore_case: bool = True
    """Whether upper and lower case are the same."""


def _ratio(expected: str, answer: str) -> float:
    from rapidfuzz import fuzz

    return fuzz.ratio(expected, answer)


def _partial(expected: str, answer: str) -> float:
    from rapidfuzz import fuzz

    return fuzz.partial_ratio(expected, answer) if len(expected) <= len(answer) else fuzz.ratio(expected, answer)


def _token_set(expected: str, answer: str) -> float:
    """Return how near the words of the answer, or those of them that were expected, are to the expected words."""
    from rapidfuzz import fuzz

    wanted, given = set(expected.split()), set(answer.split())
    target = " ".join(sorted(wanted))
    return max(fuzz.ratio(target, " ".join(sorted(words))) for words in (wanted & given, given))


_MODES: dict[Mode, Callable[[str, str], float]] = {"ratio": _ratio, "token_set": _token_set, "partial": _partial}


def _score(case: Case, output: str, options: Mapping[str, JsonValue]) -> Mark:
    chosen = FuzzyOptions.model_validate(options)
    texts = accepted_texts(case.expected)
    if not texts:
        return unscored("the case has no expected text")
    if len(output) > _LONGEST_ANSWER:
        return failed(f"the answer has {len(output)} characters, more than {_LONGEST_ANSWER} are not compared")

    def form_of(text: str) -> str:
        return " ".join((without_case(text) if chosen.ignore_case else composed(text)).split())

    similarity, answer = _MODES[chosen.mode], form_of(output)
    wanted = sum(map(len, texts))
    if chosen.mode == "partial" and len(answer) * wanted > _LARGEST_PARTIAL:
        return unscored(f"the answer has {len(answer)} characters, too many to look for {wanted} expected ones in them")
    # Rounded before it is compared: builds of the library may differ in the last bit.
    ratios = [rounded(similarity(form_of(text), answer)) for text in texts]
    best = max(ratios)
    nearest = texts[ratios.index(best)]
    value, figure = rounded(best / 100), f"{chosen.mode} {best:.1f}"
    if best >= chosen.min_ratio:
        return passed(f"{figure} to {shown(nearest)}, {chosen.min_ratio:g} needed", value)
    expected = shown_choice([nearest, *(text for text in texts if text != nearest)])
    return failed(f"{figure}, {chosen.min_ratio:g} needed: expected {expected}, got {shown(output)}", value)


def _flaws(case: Case, options: Mapping[str, JsonValue]) -> list[Flaw]:
    flaws = expected_flaws("fuzzy", case.expected)
    longest = max(map(len, accepted_texts(case.expected)), default=0)
    if options.get("mode") == "partial" and longest > _LONGEST_PARTIAL:
        message = f"fuzzy with mode partial compares at most {_LONGEST_PARTIAL} characters, `expected` has {longest}"
        flaws.append(Flaw("bad-expected", message, "Shorten `expected`, or use mode ratio or token_set."))
    return flaws


SCORER = Scorer(
    name="fuzzy",
    summary="The answer is close enough to one of the expected texts.",
    options=FuzzyOptions,
    score=_score,
    needs=frozenset({"expected"}),
    flaws=_flaws,
)
