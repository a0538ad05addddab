"""Are the texts of a suite the characters that were meant?"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from assay.scoring.lint.finding import LintFinding
from assay.scoring.lint.reading import texts_in
from assay.scoring.mark import readable, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.schema.suite import Case, Suite
    from assay.scoring.lint.finding import LintKind

__all__ = ["encoding", "misread"]

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_HIDDEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]")
_JOINERS: Final = frozenset("\u200b\u200c\u200d")
"""What some scripts and emoji need between two letters."""
_MARKS: Final = frozenset("\u200e\u200f\u2066\u2067\u2068\u2069")
"""What texts with a script from right to left need."""
_LAST_LATIN: Final = 0x24F
_VIETNAMESE: Final = range(0x1E00, 0x1F00)

_SLOPPY: Final = {bytes((byte,)).decode("cp1252", errors="ignore") or chr(byte): byte for byte in range(0x80, 0x100)}
_BYTES: Final = {**{chr(byte): byte for byte in range(0x80, 0x100)}, **_SLOPPY}
"""Byte of each character that a reader in Latin-1 or Windows-1252 makes of one."""
_UPPER: Final = "".join(re.escape(character) for character in _BYTES)
_RUN = re.compile(f"[{_UPPER}]{{2,}}")
_SEQUENCE = re.compile(
    b"[\xc2-\xdf][\x80-\xbf]|[\xe1-\xef][\x80-\xbf]{2}|\xe0[\xa0-\xbf][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}"
)
_TYPOGRAPHY: Final = frozenset("…”’“‘«»–—„‚›‹•\xa0")  # noqa: RUF001 - they are what is meant
"""What may follow an accented capital in honest text."""
_PLAUSIBLE = re.compile(
    "[\u00a0-\u017f\u01a0\u01a1\u01af\u01b0\u0370-\u052f\u0590-\u06ff\u0900-\u097f\u0e00-\u0e7f\u1ea0-\u1ef9"
    "\u2010-\u203a\u20a0-\u20bf\u2100-\u214f\u2190-\u22ff\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff00-\uffef"
    "\U0001f300-\U0001faff]"
)


_LETTERS = re.compile(r"[^\W\d_]{2,}")
_CYRILLIC_GREEK = re.compile("[\u0370-\u03ff\u0400-\u052f]")
_LOOKALIKES: Final = frozenset(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u04bb\u0501\u0410\u0412\u0415\u041a\u041c\u041d\u041e"
    "\u0420\u0421\u0422\u0423\u0425\u0406\u0408\u0405\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4"
    "\u03a5\u03a7\u03bf"
)
"""Letters of Cyrillic and Greek that look like Latin ones."""
_LATIN_LOOKALIKES: Final = frozenset("aeopcyxijshABEKMHOPCTYXIJSZN")


def encoding(suite: Suite) -> Iterator[LintFinding]:
    """Yield what is wrong with the characters of a suite: at most one finding of a kind for each case."""
    if suite.system is not None:
        yield from _of_texts([("the system prompt", suite.system)], None)
    for case in suite.cases:
        yield from _of_texts(list(_texts(case)), case.id)
    yield from _decomposed(suite)


def _texts(case: Case) -> Iterator[tuple[str, str]]:
    yield "the id", case.id
    messages = (case.input,) if isinstance(case.input, str) else tuple(m.content for m in case.input)
    yield from (("the input", text) for text in messages)
    passages = (case.context,) if isinstance(case.context, str) else case.context or ()
    yield from (("the context", text) for text in passages)
    yield from texts_in(case.expected, "`expected`")
    yield from (("a tag", tag) for tag in case.tags)
    for spec in case.scorers or ():
        for leaf in spec.leaves():
            yield from texts_in(leaf.expected, "`expected` of a scorer")


def _of_texts(texts: list[tuple[str, str]], case: str | None) -> Iterator[LintFinding]:
    told: set[LintKind] = set()
    for place, text in texts:
        if text.isascii() and text.isprintable():
            continue
        for kind, said, remedy in _troubles(text):
            if kind not in told:
                told.add(kind)
                message = f"{place} holds {said}"
                yield LintFinding(kind=kind, level="warning", case=case, message=message, remedy=remedy)


def _troubles(text: str) -> Iterator[tuple[LintKind, str, str]]:
    """Yield kind, words and remedy of each trouble of a text."""
    if "\ufffd" in text:
        around = shown(_around(text, text.index("\ufffd")))
        yield "replacement-character", f"U+FFFD, which stands for a character that was lost: {around}", "Write it anew."
    if (found := misread(text)) is not None:
        wrong, right = found
        said = f"{shown(wrong)}, which is {shown(right)} read in the wrong encoding"
        yield "mojibake", said, "Save the source as UTF-8 and import it anew."
    if (match := _CONTROLS.search(text)) is not None:
        said = f"the control character {readable(match[0])}: {shown(_around(text, match.start()))}"
        yield "control-character", said, "Remove it; some servers cut the text there."
    if (word := _mixed(text)) is not None:
        wrong = next(character for character in word if _CYRILLIC_GREEK.match(character))
        said = f"{shown(word)}, a word with letters of two scripts that look alike: U+{ord(wrong):04X}"
        yield "mixed-scripts", said, "Type the word anew in one script: scorers and models read another one."
    place = next((match.start() for match in _HIDDEN.finditer(text) if _is_strange(text, match.start())), None)
    if place is not None:
        said = f"the invisible character U+{ord(text[place]):04X}: {shown(_around(text, place))}"
        yield "invisible-character", said, "Remove it, unless the case is about it."


def _mixed(text: str) -> str | None:
    """Return a word in which all letters of one script look like those of the other; None without any."""
    for match in _LETTERS.finditer(text):
        word = match[0]
        foreign = [character for character in word if _CYRILLIC_GREEK.match(character)]
        latin = [character for character in word if _is_latin(character)]
        hidden = set(foreign) <= _LOOKALIKES or (set(latin) <= _LATIN_LOOKALIKES and len(foreign) > 1)
        if foreign and latin and hidden:
            return word
    return None


def _around(text: str, place: int) -> str:
    return text[max(0, place - 12) : place + 13]


def _is_strange(text: str, place: int) -> bool:
    """Tell whether an invisible character has no work to do where it stands."""
    if text[place] in _JOINERS:
        return all(_is_latin(character) for character in (text[place - 1 : place] + text[place + 1 : place + 2]))
    if text[place] in _MARKS:
        return not any(unicodedata.bidirectional(character) in {"R", "AL", "AN"} for character in text)
    return True


def _is_latin(character: str) -> bool:
    return ord(character) <= _LAST_LATIN or ord(character) in _VIETNAMESE


def misread(text: str) -> tuple[str, str] | None:
    """Return characters that are UTF-8 read as Latin-1 or Windows-1252, and what they were; None without any."""
    for run in _RUN.finditer(text):
        raw = bytes(_BYTES[character] for character in run[0])
        for match in _SEQUENCE.finditer(raw):
            wrong = run[0][match.start() : match.end()]
            right = match[0].decode("utf-8", errors="ignore")
            after = text[run.start() + match.end() : run.start() + match.end() + 1]
            honest = set(wrong[1:]) <= _TYPOGRAPHY and not (after.isalpha() and right.isalpha())
            if len(right) == 1 and _PLAUSIBLE.fullmatch(right) and not honest:
                return wrong, right
    return None


def _decomposed(suite: Suite) -> Iterator[LintFinding]:
    """Yield a note on cases whose letters and marks stand apart."""
    apart, whole = [], 0
    for case in suite.cases:
        texts = [text for _, text in _texts(case) if not text.isascii()]
        if any(len(unicodedata.normalize("NFC", text)) < len(text) for text in texts):
            apart.append(case.id)
        elif any(len(unicodedata.normalize("NFD", text)) > len(text) for text in texts):
            whole += 1
    if apart:
        mixed = f"; composed text stands in {whole} more" if whole else ""
        count = f"{len(apart)} of {len(suite.cases)} cases"
        message = f"decomposed text (NFD) stands in {count}, first in {shown(apart[0])}{mixed}"
        remedy = "Scorers compare it as composed text, but a model reads other tokens: save it in NFC."
        yield LintFinding(kind="decomposed-text", level="note", message=message, remedy=remedy)
