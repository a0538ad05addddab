"""Does the input give the answer away?

An expected text in the input is mostly meant: a passage to read, choices to choose from, a word for "not known". It
gives the answer away where it is marked as the answer, where the very question holds it, or where the system prompt
holds it for few cases and says neither that it is one of several nor when it is due.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from assay.scoring.lint.finding import LintFinding
from assay.scoring.lint.reading import expected_texts, folded, leaves_of, question_of
from assay.scoring.mark import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.schema.suite import Case, Suite

__all__ = ["leaks"]

_SHORTEST: Final = 4
_MOST_CHARACTERS: Final = 100_000
_MOST_PLACES: Final = 20
_SCORERS: Final = frozenset({"exact", "fuzzy", "number", "contains", "contains_all"})
"""Scorers whose expected text is not in the input by the nature of the task."""
_EXTRACTION: Final = frozenset({"choice", "json_schema", "json_fields", "refusal"})

_LABEL = re.compile(
    r"(?:\b(?:answer|solution|result|expected|key|antwort|lösung|réponse|respuesta|đáp án|câu trả lời)\s*"
    r"(?:is\b|ist\b|est\b|es\b|là\b|[:=])|(?:^|\s)a:)\s*(?:the\s+)?[\"'“‘«]?$"  # noqa: RUF001 - quotes as they are typed
)
_CONDITION = re.compile(
    r"\b(?:if|when|where|unless|otherwise|else|in case|wenn|falls|sonst|si|sinon|nếu|khi|không thì|trường hợp)\b"
)
_LIST_BEFORE = re.compile(r"(?:[,;:(/|\[]|\b(?:or|and|oder|und|ou|et|o|y|hay|hoặc|và))\s*(?:(?:the|an?)\s+)?[\"'“‘«]?$")  # noqa: RUF001
_LIST_AFTER = re.compile(r"[\"'”’»]?(?:\s*[,;)/|\]]|\s+(?:or|and|oder|und|ou|et|o|y|hay|hoặc|và)\b)")  # noqa: RUF001
_CHOSEN = re.compile(r"\b(?:or|and|oder|und|ou|et|o|y|hay|hoặc|và)\b")
_SENTENCE_END = re.compile(r"(?<=[.!?…。！？])\s+|\n+")  # noqa: RUF001 - full width marks are meant
_QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|«[^»]*»|„[^“]*“|`[^`]*`|‘[^’]*’")  # noqa: RUF001
_QUESTION_MARKS: Final = ("?", "？", "؟")  # noqa: RUF001


def leaks(suite: Suite) -> Iterator[LintFinding]:
    """Yield a finding for each case whose input gives its answer away, and a note on answers that only stand in it."""
    own = [(case, _looked_for(suite, case)) for case in suite.cases]
    stands = 0
    for case, texts in own:
        where = next(((texts[form], at) for form in texts if (at := _given_away(form, case)) is not None), None)
        if where is not None:
            yield _finding(case, *where)
        stands += any(_places(text, _sentences(question_of(case))) for text in texts)
    yield from _in_system(suite, own)
    if stands:
        message = f"the expected answer stands in the question in {stands} of {len(own)} cases"
        remedy = "That is right for reading and choosing; a model that only copies passes some of them."
        yield LintFinding(kind="answer-in-input", level="note", message=message, remedy=remedy)


def _finding(case: Case, text: str, where: str) -> LintFinding:
    message = f"the expected answer {shown(text)} {where}"
    remedy = "Take it out, or ask for something else."
    return LintFinding(kind="leaked-answer", level="warning", case=case.id, message=message, remedy=remedy)


def _looked_for(suite: Suite, case: Case) -> dict[str, str]:
    """Return the expected texts that the input should not hold, by their folded form."""
    names = {spec.name for spec, _ in leaves_of(suite, case)}
    if names & _EXTRACTION or (case.context and names & {"contains", "contains_all"}):
        return {}
    texts = {folded(text): text for text in expected_texts(suite, case, _SCORERS)}
    return {form: text for form, text in texts.items() if len(form) >= _SHORTEST}


def _sentences(text: str) -> list[str]:
    return [folded(part) for part in _SENTENCE_END.split(text[:_MOST_CHARACTERS]) if part.strip()]


def _places(text: str, sentences: list[str]) -> list[tuple[str, str, str]]:
    """Return what stands before and after a text in its sentence, and the whole sentence, wherever it stands."""
    pattern = re.compile(rf"(?<!\w){re.escape(text)}(?!\w)")
    found = [
        (sentence[: match.start()], sentence[match.end() :], sentence)
        for sentence in sentences
        if text in sentence
        for match in pattern.finditer(sentence)
    ]
    return found[:_MOST_PLACES]


def _given_away(text: str, case: Case) -> str | None:
    """Return where a text is given away in the question, or None."""
    for before, after, sentence in _places(text, _sentences(question_of(case))):
        if _CONDITION.search(before):
            continue
        if _LABEL.search(before) and not _is_listed(before, after, labelled=True):
            return "stands in the question as the answer"
        asked = sentence.endswith(_QUESTION_MARKS)
        quoted = any(text in passage for passage in _QUOTED.findall(sentence))
        if asked and not quoted and ":" not in before and not _is_listed(before, after):
            return "stands in the very question that asks for it"
    return None


def _is_listed(before: str, after: str, *, labelled: bool = False) -> bool:
    """Tell whether a text is one of several that stand side by side."""
    left, right = _LIST_BEFORE.search(before) is not None, _LIST_AFTER.match(after) is not None
    first = right and _CHOSEN.search(after) is not None
    if labelled:  # a colon before it opens no list
        return first
    joined = _CHOSEN.search(before[-8:]) is not None
    last = left and after.strip(" \"'”’»") in _QUESTION_MARKS  # noqa: RUF001 - quotes as they are typed
    return first or last or joined or (left and right)


def _in_system(suite: Suite, own: list[tuple[Case, dict[str, str]]]) -> Iterator[LintFinding]:
    """Yield a finding for each case whose answer the system prompt gives away."""
    sentences = _sentences(suite.system or "")
    holding: list[tuple[Case, str]] = []
    for case, texts in own:
        mine = [*sentences, *_own_system(case)]
        text = next((t for t in texts if any(_tells(*place) for place in _places(t, mine))), None)
        if text is not None:
            holding.append((case, texts[text]))
    asked = sum(bool(texts) for _, texts in own)
    distinct = {text for _, text in holding}
    if len(distinct) > 1 and 2 * len(holding) >= asked:
        return  # the labels to choose from
    for case, text in holding:
        yield _finding(case, text, "stands in the system prompt")


def _own_system(case: Case) -> list[str]:
    if isinstance(case.input, str):
        return []
    return [sentence for m in case.input if m.role == "system" for sentence in _sentences(m.content)]


def _tells(before: str, after: str, sentence: str) -> bool:
    return not (_CONDITION.search(sentence) or _is_listed(before, after))
