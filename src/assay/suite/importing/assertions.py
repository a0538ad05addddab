"""Which scorer of Assay says the same as an assertion of promptfoo?

The meanings are those of promptfoo 0.121.20, read from its source. What has no equal here is lost by name: an
assertion that is dropped in silence would pass every answer.
"""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

from assay.suite.importing import specs
from assay.suite.importing.sources import as_list, as_map, as_text, sound_yaml
from assay.suite.importing.templates import TemplateError, filled_value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import JsonValue

    from assay.suite.importing.specs import Spec

__all__ = ["LostError", "assertion_of", "difference_of", "scorer_of"]


class LostError(ValueError):
    """An assertion is not carried over; the message says why, without a final full stop."""


_DIFFERENCES = {
    "equals": "`equals` counts white space around the answer, `exact` does not",
    "is-json": "`is-json` refuses JSON in a code fence, `json_schema` takes it",
    "contains-json": "`contains-json` takes the first JSON value that fits, `json_schema` with lenient wants the only"
    " object in the answer",
    "regex": "`regex` is read by Python here, by JavaScript there; they differ in small things",
    "is-refusal": "`is-refusal` and `refusal` know a refusal by different lists of phrases",
    "word-count": "`word-count` counts a sign that stands alone as a word, `length` does not",
}
"""Where a scorer of the same purpose differs in what it accepts."""
_CLASS = re.compile(r"\\[wWdDbB]")
_CONTAINS = frozenset({"contains", "contains-any", "contains-all"})
_FOLDED = re.compile("ss|ff|fi|fl|st", re.IGNORECASE)
"""Letters for which another script of the same word has a single one: `ß`, `\ufb00`."""


def difference_of(assertion: Mapping[str, JsonValue]) -> str | None:
    """Return where the scorer of an assertion accepts other answers than promptfoo, or None where it does not."""
    kind = as_text(assertion.get("type")).removeprefix("not-")
    plain = kind.removeprefix("i")
    if plain not in _CONTAINS:
        return _DIFFERENCES.get(kind)
    value = assertion.get("value")
    text = as_text(value)
    texts = [text] if plain == "contains" else list(map(as_text, _texts(kind, value)))
    found = []
    if any(character.isspace() for own in texts for character in own):
        found.append("counts a run of white space as one space")
    if not text.isascii():
        found.append("takes composed and decomposed letters for the same")
    if kind != plain and (not text.isascii() or _FOLDED.search(text)):
        found.append("folds case further, so that `STRASSE` holds `straße`")
    return f"`{plain.replace('-any', '').replace('-', '_')}` of Assay {' and '.join(found)}" if found else None


_CODE = frozenset({"javascript", "python", "ruby", "webhook"})
_MODEL = frozenset(
    {
        "agent-rubric",
        "answer-relevance",
        "context-faithfulness",
        "context-recall",
        "context-relevance",
        "conversation-relevance",
        "factuality",
        "g-eval",
        "llm-rubric",
        "model-graded-closedqa",
        "model-graded-factuality",
        "pi",
        "search-rubric",
        "select-best",
        "trajectory:goal-success",
    }
)
_SPEED = frozenset({"cost", "latency", "perplexity", "perplexity-score"})
_CHANGES = ("transform", "contextTransform", "rubricPrompt", "config")
"""Keys of an assertion that change what is compared."""


def scorer_of(assertion: Mapping[str, JsonValue], values: Mapping[str, JsonValue]) -> Spec:
    """Return the scorer that says the same as one assertion.

    Args:
        assertion: the assertion as promptfoo has it; no `assert-set`.
        values: variables of the test, which may stand in it.

    Raises:
        LostError: there is none.
    """
    whole = as_text(assertion.get("type"))
    kind = whole.removeprefix("not-")
    changed = next((key for key in _CHANGES if assertion.get(key) not in (None, "", {})), None)
    make = _SCORERS.get(kind)
    if make is None:
        raise LostError(_why_lost(whole, kind))
    if changed is not None:
        raise LostError(f"the assertion {whole!r} has {changed!r}, which changes what is compared")
    if assertion.get("weight") == 0:
        raise LostError(f"the assertion {whole!r} has the weight 0 and decides nothing there")
    try:
        value = filled_value(assertion.get("value"), values)
    except TemplateError as error:
        raise LostError(f"the assertion {whole!r} has a value that cannot be filled in: {error}") from None
    if isinstance(value, str) and value.startswith(("file://", "package:")):
        raise LostError(f"the assertion {whole!r} takes its value from a file")
    made = make(kind, value)
    if whole == kind:
        return made
    # One text that must not be there has a short form.
    return specs.absent(made) if kind in {"contains", "icontains"} else specs.negated(made)


def _why_lost(whole: str, kind: str) -> str:
    if kind in _CODE:
        return f"{whole} assertions are not carried over: Assay runs no code from a suite"
    if kind in _MODEL:
        return f"{whole} assertions ask a model: write a rubric and use the scorer judge"
    if kind in _SPEED:
        return f"{whole} assertions are no property of an answer: put a condition on it into the plan's gate"
    return f"the assertion {whole[:60]!r} has no equal in Assay"


def _text(kind: str, value: JsonValue) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float) or not str(value).strip():
        raise LostError(f"the assertion {kind!r} has no text as its value")
    return str(value)


def _texts(kind: str, value: JsonValue) -> list[JsonValue]:
    if isinstance(value, str):
        try:
            rows = list(csv.reader([value.replace("\n", " ")], skipinitialspace=True, strict=True))
        except csv.Error:
            raise LostError(f"the assertion {kind!r} has a list that cannot be read") from None
        items: list[JsonValue] = [cell.strip() for row in rows for cell in row if cell.strip()]
    else:
        items = [_text(kind, item) for item in as_list(value)]
    if not items:
        raise LostError(f"the assertion {kind!r} has no list of texts as its value")
    return items


def _equals(kind: str, value: JsonValue) -> Spec:
    if isinstance(value, dict | list):
        return specs.spec("json_schema", schema={}, expected=value, compare=True)
    if isinstance(value, bool):
        return specs.exact("true" if value else "false")
    return specs.exact(_text(kind, value))


def _contains(kind: str, value: JsonValue) -> Spec:
    return specs.contains(_text(kind, value), ignore_case=kind.startswith("i"))


def _contains_any(kind: str, value: JsonValue) -> Spec:
    return specs.contains(_texts(kind, value), ignore_case=kind.startswith("i"))


def _contains_all(kind: str, value: JsonValue) -> Spec:
    return specs.contains_all(_texts(kind, value), ignore_case=kind.startswith("i"))


def _regex(kind: str, value: JsonValue) -> Spec:
    pattern = _text(kind, value)
    if not specs.python_regex(pattern):
        raise LostError(f"the assertion {kind!r} has a pattern that Python does not read")
    # In JavaScript these know the letters and digits of ASCII only.
    return specs.regex(f"(?a){pattern}" if _CLASS.search(pattern) else pattern)


def _starts_with(kind: str, value: JsonValue) -> Spec:
    return specs.regex("^" + re.escape(_text(kind, value)))


def _json(kind: str, value: JsonValue) -> Spec:
    schema = sound_yaml(value) if isinstance(value, str) and value.strip() else (value or {})
    if not isinstance(schema, dict):
        raise LostError(f"the assertion {kind!r} has a schema that cannot be read")
    return specs.spec("json_schema", schema=schema, lenient=True if kind == "contains-json" else None)


def _word_count(kind: str, value: JsonValue) -> Spec:
    bounds = as_map(value)
    low, high = (bounds.get("min"), bounds.get("max")) if bounds else (value, value)
    figures = [_count(kind, bound) for bound in (low, high)]
    if figures == [None, None]:
        raise LostError(f"the assertion {kind!r} has no number of words as its value")
    return specs.spec("length", min_words=figures[0], max_words=figures[1])


def _count(kind: str, value: JsonValue) -> int | None:
    if value is None:
        return None
    text = as_text(value).strip()
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise LostError(f"the assertion {kind!r} has no number of words as its value")
    return int(text)


def _refusal(_kind: str, _value: JsonValue) -> Spec:
    return specs.spec("refusal")


_SCORERS: dict[str, Callable[[str, JsonValue], Spec]] = {
    "equals": _equals,
    "contains": _contains,
    "icontains": _contains,
    "contains-any": _contains_any,
    "icontains-any": _contains_any,
    "contains-all": _contains_all,
    "icontains-all": _contains_all,
    "regex": _regex,
    "starts-with": _starts_with,
    "is-json": _json,
    "contains-json": _json,
    "word-count": _word_count,
    "is-refusal": _refusal,
}

_TYPE = re.compile(r"(not-)?([a-z][a-z0-9:-]*)(?:\(([0-9]+(?:\.[0-9]+)?)\))?(?::(.*))?", re.DOTALL)
_KNOWN = frozenset(
    {
        "bleu",
        "classifier",
        "contains-html",
        "contains-sql",
        "contains-xml",
        "finish-reason",
        "gleu",
        "guardrails",
        "is-html",
        "is-sql",
        "is-xml",
        "is-valid-function-call",
        "is-valid-openai-function-call",
        "is-valid-openai-tools-call",
        "levenshtein",
        "meteor",
        "moderation",
        "rouge-n",
        "similar",
        "similar:cosine",
        "similar:dot",
        "similar:euclidean",
        "tool-call-f1",
        "skill-used",
    }
)


def assertion_of(cell: str) -> dict[str, JsonValue]:
    """Return the assertion that a cell of `__expected` writes as one text, as promptfoo reads it."""
    text = cell.strip()
    for prefix in ("javascript:", "fn:", "eval:"):
        if text.startswith(prefix):
            return {"type": "javascript", "value": text[len(prefix) :].strip()}
    if text.startswith("grade:"):
        return {"type": "llm-rubric", "value": text[len("grade:") :]}
    if text.startswith("file://"):
        return {"type": "python" if ".py" in text else "javascript", "value": text}
    found = _TYPE.fullmatch(text)
    kind = found[2] if found else ""
    if not found or kind not in _SCORERS.keys() | _CODE | _MODEL | _SPEED | _KNOWN:
        return {"type": "equals", "value": text}
    value: JsonValue = found[4].strip() if found[4] is not None else None
    return {"type": f"{found[1] or ''}{kind}", "value": value}
