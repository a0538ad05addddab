"""Does the input give the answer away?

An expected text in the input is mostly meant: a passage to read, choices to choose from, a word for "not known". It
gives the answer away where it is marked as the answer, also in the context or in an earlier message, where it follows a
question by itself, where the very question holds it, or where the system prompt holds it for few cases and says neither
that it is one of several nor when it is due. An answer of one to three characters stands anywhere by chance: only where
it is marked or stands by itself is it told.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from assay.scoring.lint.finding import LintFinding
from assay.scoring.lint.reading import context_of, expected_texts, folded, leaves_of, question_of
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
_HINT = re.compile(
    r"\b(?:hint|tip|gợi ý|hinweis|tipp|indice|pista)\s*[:=]\s*(?:the\s+)?[\"'“‘«]?$"  # noqa: RUF001
)
_DEMAND = re.compile(
    r"\b(?:(?:reply|answer|respond)\s+with|antworte\s+mit|réponds|trả lời(?:\s+là|\s+bằng)?)\s*:?\s*"
    r"(?:the\s+word\s+|từ\s+)?[\"'“‘«]?$"  # noqa: RUF001 - quotes as they are typed
)
"""An order to say a text: a give-away beside a question, the whole task without one."""
_ANY_LABEL = re.compile(r"(?:^|\s)a:|\b(?:answer|antwort|réponse|respuesta|đáp án|câu trả lời)\s*[:=]")
_AROUND: Final = " .!…,;:()[]{}\"'“”‘’«»*_`"  # noqa: RUF001
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
    own, stands = [], 0
    for case in suite.cases:
        texts = _looked_for(suite, case)
        long = _of_length(suite, case, texts)
        own.append((case, long))
        where = next(
            ((texts[form], at) for form in texts if (at := _given_away(form, case, is_long=form in long))), None
        )
        if where is not None:
            yield _finding(case, *where)
        stands += any(_places(text, _sentences(question_of(case))) for text in long)
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
    """Return the expected texts that the input should not mark as the answer, by their folded form."""
    if {spec.name for spec, _ in leaves_of(suite, case)} & _EXTRACTION:
        return {}
    return {folded(text): text for text in expected_texts(suite, case, _SCORERS) if text.strip()}


def _of_length(suite: Suite, case: Case, texts: dict[str, str]) -> dict[str, str]:
    """Return of the expected texts the ones that hardly stand in the input by chance; passages may hold them."""
    if case.context and {spec.name for spec, _ in leaves_of(suite, case)} & {"contains", "contains_all"}:
        return {}
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


def _given_away(text: str, case: Case, *, is_long: bool) -> str | None:
    """Return where a text is given away in what is asked, or None."""
    sentences = _sentences(question_of(case))
    asked = any(sentence.endswith(_QUESTION_MARKS) for sentence in sentences)
    if _is_marked(text, sentences, asked=asked, is_long=is_long) or _follows(text, sentences):
        return "stands in the question as the answer"
    if is_long and any(_is_asked_with(*place) for place in _places(text, sentences)):
        return "stands in the very question that asks for it"
    if _is_marked(text, _sentences(_before_of(case)), asked=False, is_long=is_long):
        return "stands before the question as the answer"
    return None


def _before_of(case: Case) -> str:
    """Return passages and earlier messages; system prompts are looked at by themselves."""
    if isinstance(case.input, str):
        return context_of(case)
    last = next((i for i in range(len(case.input) - 1, -1, -1) if case.input[i].role == "user"), None)
    return "\n".join(m.content for i, m in enumerate(case.input) if i != last and m.role != "system")


def _is_marked(text: str, sentences: list[str], *, asked: bool, is_long: bool) -> bool:
    """Tell whether a text is called the answer or a hint, or is ordered beside a question."""
    if not is_long and sum(len(_ANY_LABEL.findall(sentence)) for sentence in sentences) > 1:
        return False  # worked examples, one of which has the same short answer
    for before, after, sentence in _places(text, sentences):
        ordered = asked and _DEMAND.search(before) is not None and not _CONDITION.search(sentence)
        called = (_LABEL.search(before) or _HINT.search(before)) and not _CONDITION.search(before)
        if (called or ordered) and not _is_listed(before, after, labelled=True):
            return True
    return False


def _follows(text: str, sentences: list[str]) -> bool:
    """Tell whether a text stands by itself after the question, and nothing else does."""
    last = max((i for i, own in enumerate(sentences) if own.endswith(_QUESTION_MARKS)), default=None)
    if last is None:
        return False
    return [own.strip(_AROUND) for own in sentences[last + 1 :]] == [text.strip(_AROUND)]


def _is_asked_with(before: str, after: str, sentence: str) -> bool:
    if _CONDITION.search(before) or not sentence.endswith(_QUESTION_MARKS) or ":" in before:
        return False
    quoted = any(match.start() <= len(before) < match.end() for match in _QUOTED.finditer(sentence))
    bracketed = before.endswith("(") and after.startswith(")") and sentence.count("(") == 1
    alone = bracketed and not _CHOSEN.search(sentence)
    return not quoted and (alone or not _is_listed(before, after))


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
