"""Is the answer as long as it should be, in characters, words, sentences or lines?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pydantic import ConfigDict, Field

from assay.schema._base import Noun
from assay.scoring.mark import Flaw, Mark, Scorer, failed, passed
from assay.scoring.text import composed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import JsonValue

    from assay.schema.suite import Case

__all__ = ["SCORER", "LengthOptions"]

_UNITS = ("characters", "words", "sentences", "lines")
# A full stop ends a sentence before white space and an upper-case letter, a quote or a number; one of a number or of a
# short abbreviation does not. Ideographic marks end one by themselves. A run of marks is looked at once, at its start.
_SENTENCE_END = re.compile(
    r"(?:(?<![.!?\u2026])[.!?\u2026]++[\"'\u201d\u2019)\]]*+(?=\s++[^a-z]|\s*+\Z)|[\u3002\uff01\uff1f]+)"
)
# Two sentences with the space forgotten between them; which letters are upper case only Python's own tables say.
_RUN_ON = re.compile(r"(?<=[^\W\d_]{2})[.!?](?=[^\W\d_]{2})")
_LIST_MARK = re.compile(r"^\s*(?:\d{1,3}[.)]|[-*\u2022])\s+", re.MULTILINE)
_ABBREVIATION = re.compile(r"\b(?:e\.g|i\.e|etc|vs|Mr|Mrs|Ms|Dr|Prof|St|No|Nr|TP|Ths|TS|GS|[A-Z])\.", re.UNICODE)
_WORDLESS = re.compile(r"[\W_]+")


class LengthOptions(Noun):
    """Limits on the answer; both ends count as kept. White space around it does not count."""

    model_config = ConfigDict(strict=True)

    min_characters: int | None = Field(default=None, ge=1)
    """Fewest characters, in Unicode normal form C."""
    max_characters: int | None = Field(default=None, ge=1)
    """Most characters."""
    min_words: int | None = Field(default=None, ge=1)
    """Fewest words: what white space separates and holds a letter or digit."""
    max_words: int | None = Field(default=None, ge=1)
    """Most words."""
    min_sentences: int | None = Field(default=None, ge=1)
    """Fewest sentences; each item of a list is one."""
    max_sentences: int | None = Field(default=None, ge=1)
    """Most sentences."""
    min_lines: int | None = Field(default=None, ge=1)
    """Fewest lines that are not blank."""
    max_lines: int | None = Field(default=None, ge=1)
    """Most lines that are not blank."""

    def limits(self) -> dict[str, tuple[int | None, int | None]]:
        """Return least and most by unit."""
        own: dict[str, int | None] = self.model_dump()
        return {unit: (own[f"min_{unit}"], own[f"max_{unit}"]) for unit in _UNITS}


def _counts(output: str) -> dict[str, int]:
    text = composed(output).strip()
    return {
        "characters": len(text),
        "words": sum(bool(_WORDLESS.sub("", word)) for word in text.split()),
        "sentences": _sentences(text),
        "lines": sum(bool(line.strip()) for line in text.splitlines()),
    }


def _sentences(text: str) -> int:
    if not _WORDLESS.sub("", text):
        return 0
    plain = _LIST_MARK.sub("\u3002", text)  # an item of a list is a sentence, and its number is none
    plain = _ABBREVIATION.sub(lambda found: found[0].replace(".", " "), plain)
    plain = _RUN_ON.sub(lambda found: "\u3002" if _begins(plain, found) else found[0], plain)
    pieces = _SENTENCE_END.split(plain)
    return sum(bool(_WORDLESS.sub("", piece)) for piece in pieces)


def _begins(text: str, found: re.Match[str]) -> bool:
    """Say whether a mark without a space after it stands between a small letter and a word with a capital."""
    return text[found.start() - 1].islower() and text[found.end()].isupper() and text[found.end() + 1].islower()


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _counted(count: int, unit: str) -> str:
    return f"{count} {unit[:-1] if count == 1 else unit}"


def _score(_case: Case, output: str, options: Mapping[str, JsonValue]) -> Mark:
    counts = _counts(output)
    told = []
    for unit, (least, most) in LengthOptions.model_validate(options).limits().items():
        if least is not None and counts[unit] < least:
            return failed(f"has {_counted(counts[unit], unit)}, at least {least} {_are(least)} wanted")
        if most is not None and counts[unit] > most:
            return failed(f"has {_counted(counts[unit], unit)}, at most {most} {_are(most)} wanted")
        if least is not None or most is not None:
            told.append(_counted(counts[unit], unit))
    return passed(f"has {', '.join(told)}")


def _flaws(_case: Case, options: Mapping[str, JsonValue]) -> list[Flaw]:
    limits = LengthOptions.model_validate(options).limits()
    if all(limit == (None, None) for limit in limits.values()):
        message = "scorer length has no limit, so every answer would pass"
        return [Flaw("bad-option", message, "Give it one, for example {length: {max_words: 50}}.")]
    return [
        Flaw("bad-option", f"scorer length wants at least {least} and at most {most} {unit}", "Turn the limits round.")
        for unit, (least, most) in limits.items()
        if least is not None and most is not None and least > most
    ]


SCORER = Scorer(
    name="length",
    summary="The answer keeps limits in characters, words, sentences or lines.",
    options=LengthOptions,
    score=_score,
    flaws=_flaws,
)
