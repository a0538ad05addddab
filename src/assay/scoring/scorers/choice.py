"""Which of the given options does the answer choose, by letter or by text, however it is worded?"""

from __future__ import annotations

import re
import string
import unicodedata
from typing import TYPE_CHECKING, Annotated

from pydantic import ConfigDict, Field

from assay.schema._base import Noun
from assay.scoring.answer_json import NotJsonError, whole_json
from assay.scoring.found import form_of, stands_in
from assay.scoring.mark import Flaw, Mark, Scorer, failed, passed, shown, unscored
from assay.scoring.text import accepted_texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic import JsonValue

    from assay.schema.suite import Case

__all__ = ["SCORER", "ChoiceOptions"]

_LONGEST_ANSWER = 100_000
_KEYS = ("answer", "choice", "option", "letter", "đáp_án", "dap_an")
_DECORATION = re.compile(r"[*_`#]+")
_BOXED = re.compile(r"\\boxed\s*\{\s*(?:\\text\s*\{)?([^{}]{1,80})\}")
# What people say before the letter that they mean. Group 1 is the letter, in whatever brackets.
_STATED = re.compile(
    r"(?:answer|choice|option|choose|chose|pick|select|go with|đáp án|phương án|lựa chọn|trả lời|câu trả lời|chọn)"
    r"(?:\s+(?:is|would be|should be|must be|option|choice|answer|letter|đúng|là|phương án|đáp án|câu))*"
    r"\s*[:=\-\u2013]?\s*[(\[\"'\u201c]*([A-Z])(?![\w'\u2019])",
    re.IGNORECASE,
)
_LEADING = re.compile(r"\s*[(\[\"'\u201c]*([A-Za-z])[)\]\"'\u201d]*\s*(?:[.):\]\-\u2013\u2014]|\Z)")
_BRACKETED = re.compile(r"[(\[]([A-Z])[)\]]")
_BARE = re.compile(r"(?<![\w'\u2019])([B-HJ-Z])(?![\w'\u2019])")  # A and I are words


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
    text = _DECORATION.sub("", unicodedata.normalize("NFC", output))
    for stated in (_from_json(output, options), _last(_BOXED.findall(output), options), _stated(text, options)):
        if stated is not None:
            return {stated}
    whole = _letter_of(text.strip().strip("\"'\u201c\u201d()[]"), options)
    if whole is not None:
        return {whole}
    named = _named(text, options)
    leading = _LEADING.match(text)
    if leading is not None and leading[1].upper() in options and (leading[1].isupper() or len(text.strip()) <= 3):  # noqa: PLR2004
        letter = leading[1].upper()
        # "B) London" where London is option C chooses neither, nor does "(B) or (C)".
        others = named or {other for other in _BRACKETED.findall(text) if other in options}
        return {letter} if letter in named else {letter, *others}
    if named:
        return named
    return _letters(text, options)


def _from_json(output: str, options: Mapping[str, str]) -> str | None:
    try:
        value = whole_json(output)
    except NotJsonError:
        return None
    if not isinstance(value, dict):
        return None
    said = [str(inner) for key, inner in value.items() if key.lower() in _KEYS and isinstance(inner, str)]
    return _letter_of(said[0], options) if len(said) == 1 else None


def _last(found: Sequence[str], options: Mapping[str, str]) -> str | None:
    letters = [letter for text in found if (letter := _letter_of(text.strip(" .}"), options)) is not None]
    return letters[-1] if letters else None


def _stated(text: str, options: Mapping[str, str]) -> str | None:
    """Return the last letter that the answer states as its choice; a small letter counts only in brackets."""
    letters = []
    for found in _STATED.finditer(text):
        letter = found[1]
        before, after = text[found.start(1) - 1 : found.start(1)], text[found.end(1) : found.end(1) + 1]
        article = letter in "aA" and after == " " and text[found.end(1) + 1 : found.end(1) + 2].islower()
        if article or (letter.islower() and not (before in "([" and after in ")]")):
            continue
        if letter.upper() in options:
            letters.append(letter.upper())
    return letters[-1] if letters else None


def _named(text: str, options: Mapping[str, str]) -> set[str]:
    """Return the options whose texts stand in the answer; one within another that stands there does not count."""
    form = form_of(text, ignore_case=True)
    found: set[str] = set()
    for letter, own in sorted(options.items(), key=lambda item: -len(item[1])):
        part = form_of(own, ignore_case=True).rstrip(".")
        if part and stands_in(part, form, whole_words=True):
            found.add(letter)
            form = form.replace(part, "\x00")
    return found


def _letters(text: str, options: Mapping[str, str]) -> set[str]:
    bracketed = {letter for letter in _BRACKETED.findall(text) if letter in options}
    return bracketed or {letter for letter in _BARE.findall(text) if letter in options}


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
