"""Which of the given options does the answer choose, by letter or by text, however it is worded?"""

from __future__ import annotations

import re
import string
from typing import TYPE_CHECKING, Annotated

from pydantic import ConfigDict, Field

from assay.schema._base import Noun
from assay.scoring.answer_json import NotJsonError, whole_json
from assay.scoring.found import form_of
from assay.scoring.mark import Flaw, Mark, Scorer, failed, passed, shown, unscored
from assay.scoring.mentions import corrected, is_denied, letters_in, plain_answer, stated_in, text_right_after, texts_in
from assay.scoring.text import accepted_texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import JsonValue

    from assay.schema.suite import Case

__all__ = ["SCORER", "ChoiceOptions"]

_LONGEST_ANSWER = 100_000
_KEYS = ("answer", "choice", "option", "letter", "đáp_án", "dap_an")
_BOXED = re.compile(r"\\boxed\s*\{\s*(?:\\text\s*\{)?([^{}]{1,80})\}")
_LEADING = re.compile(r"\s?[(\[\"'\u201c]*([A-Za-z])[)\]\"'\u201d]*\s?([.):(\]\-\u2013\u2014]|\Z)")


class ChoiceOptions(Noun):
    """What there is to choose from."""

    model_config = ConfigDict(strict=True)

    options: Annotated[tuple[str, ...], Field(strict=False)] | dict[str, str] = ()
    """Texts of the options, lettered A, B, C, … in their order, or a mapping of letter to text. Without it the case
    brings them as `metadata.choices`."""


def _options(case: Case, options: Mapping[str, JsonValue]) -> dict[str, str]:
    """Return texts by letter; empty when there are none, or not as they should be."""
    given = options.get("options") or case.metadata.get("choices")
    if isinstance(given, dict):
        return {letter.upper(): text for letter, text in given.items() if isinstance(text, str)}
    if isinstance(given, (list, tuple)):
        return dict(zip(string.ascii_uppercase, (str(text) for text in given), strict=False))
    return {}


def _score(case: Case, output: str, options: Mapping[str, JsonValue]) -> Mark:
    texts = _options(case, options)
    wanted = {letter for text in accepted_texts(case.expected) if (letter := _letter_of(text, texts)) is not None}
    if not texts or not wanted:
        return unscored("the case has no options, or `expected` is none of them")
    if len(output) > _LONGEST_ANSWER:
        return failed(f"the answer has {len(output)} characters, more than {_LONGEST_ANSWER} are not read")
    chosen = _chosen(output, texts)
    expected = " or ".join(f"{letter} ({shown(texts[letter], 40)})" for letter in sorted(wanted))
    if len(chosen) != 1:
        seen = f"chooses {' and '.join(sorted(chosen))}" if chosen else "chooses no option"
        return failed(f"{seen}, expected {expected}: {shown(output)}")
    if chosen <= wanted:
        return passed(f"chooses {next(iter(chosen))}")
    return failed(f"chooses {next(iter(chosen))}, expected {expected}: {shown(output)}")


def _letter_of(text: str, options: Mapping[str, str]) -> str | None:
    """Return the letter that a text names: by itself, or as the text of its option."""
    if text.strip().upper() in options:
        return text.strip().upper()
    form = form_of(text, ignore_case=True).rstrip(".")
    return next((at for at, own in options.items() if form_of(own, ignore_case=True).rstrip(".") == form), None)


def _chosen(output: str, options: Mapping[str, str]) -> set[str]:
    """Return the options that an answer chooses; what it states counts before what it merely names."""
    boxed = {
        letter for text in _BOXED.findall(output) if (letter := _letter_of(text.strip(" .}"), options)) is not None
    }
    in_json = _from_json(output, options)
    if in_json is not None or boxed:
        return boxed if in_json is None else in_json
    text = plain_answer(output)
    whole = _letter_of(text.strip().strip("\"'\u201c\u201d()[]"), options)
    if whole is not None:
        return {whole}
    return _stated(text, options) or _leading(text, options) or _named(text, options)


def _stated(text: str, options: Mapping[str, str]) -> set[str]:
    """Return what the last statement of an answer chooses, all that is joined to it, and a text that contradicts it."""
    stated = [chosen for each in stated_in(text, options) if (chosen := [one for one in each if not one.denied])]
    if not stated:
        return set()
    last = stated[-1]
    other = text_right_after(text, last[-1].end, options)
    return corrected(text, last[-1].end, options) or {*(each.letter for each in last), *([other] if other else [])}


def _leading(text: str, options: Mapping[str, str]) -> set[str]:
    """Return the letter with which an answer opens; "B) London" where London is C chooses both, and so neither."""
    leading = _LEADING.match(text)
    if leading is None or (letter := leading[1].upper()) not in options:
        return set()
    if is_denied(text, leading.start(1), leading.end(1), options[letter]):
        return set()
    if leading[1].islower() and len(text.strip()) > 3:  # noqa: PLR2004 - "a)", but not a word of one letter
        return set()
    named = texts_in(text, options)
    chosen = {each.letter for each in named if not each.denied}
    if text_right_after(text, leading.end(1), options) == letter:
        later = corrected(text, leading.end(1), options)
        return later or ({letter} if letter in chosen else chosen)
    if leading[2] == "(":
        return set()  # "A (very) long walk"
    bracketed = {each.letter for each in letters_in(text, options) if text[each.start - 1 : each.start] in {"(", "["}}
    return corrected(text, leading.end(), options) or {letter, *(chosen or bracketed)}


def _named(text: str, options: Mapping[str, str]) -> set[str]:
    """Return the options that stand in an answer and are not taken back: by their texts, or else by their letters."""
    texts = texts_in(text, options)
    chosen = {each.letter for each in texts if not each.denied}
    if chosen or texts:
        return chosen
    return {each.letter for each in letters_in(text, options) if not each.denied}


def _from_json(output: str, options: Mapping[str, str]) -> set[str] | None:
    """Return what the members of an object choose that are meant for the answer; None where there are none."""
    try:
        value = whole_json(output)
    except NotJsonError:
        return None
    if not isinstance(value, dict):
        return None
    said: list[JsonValue] = []
    for key, inner in value.items():
        if key.lower() in _KEYS:
            said.extend(inner if isinstance(inner, list) else [inner])
    letters = {_letter_of(str(text), options) for text in said}
    return {letter for letter in letters if letter is not None} if said else None


def _flaws(case: Case, options: Mapping[str, JsonValue]) -> list[Flaw]:
    texts = _options(case, options)
    if len(texts) < 2:  # noqa: PLR2004 - one option is no choice
        message = "scorer choice has fewer than two options to choose from"
        remedy = "Give them as `{choice: {options: […]}}`, or in the case as `metadata.choices`."
        return [Flaw("bad-option", message, remedy)]
    if len({form_of(text, ignore_case=True) for text in texts.values()}) < len(texts):
        return [Flaw("bad-option", "two options of scorer choice have the same text", "Make them different.")]
    accepted = accepted_texts(case.expected)
    if case.expected is not None and (not accepted or any(_letter_of(text, texts) is None for text in accepted)):
        message = f"`expected` is none of the options {', '.join(texts)}"
        return [Flaw("bad-expected", message, "Give the letter or the text of an option.")]
    return []


SCORER = Scorer(
    name="choice",
    summary="The answer chooses the expected option, by letter or by text.",
    options=ChoiceOptions,
    score=_score,
    needs=frozenset({"expected"}),
    flaws=_flaws,
)
