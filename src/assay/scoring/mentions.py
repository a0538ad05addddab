"""Which options does an answer name, by letter or by text, and does it choose them or take them back?

All of it is read from the words right beside a mention, in English and Vietnamese. An answer that denies an option in
another way, or in an earlier sentence, is not seen through.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from assay.scoring.found import form_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = [
    "Mention",
    "corrected",
    "is_denied",
    "letters_in",
    "plain_answer",
    "stated_in",
    "text_right_after",
    "texts_in",
]

_NEAR = 80  # characters beside a mention that are read: an answer may hold tens of thousands of them
_OPEN, _CLOSE = "(\\[\"'\u201c", ")\\]\"'\u201d"
_DECORATION = re.compile(r"[*_`#]+")
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_THOUGHTS = re.compile(r"\A.*</think(?:ing)?>", re.DOTALL)
_IN_DOLLARS = re.compile(r"\$\s?([A-Za-z])\s?\$")
# What people say before the letter that they mean. Group 1 is the letter, in whatever brackets.
_STATED = re.compile(
    r"(?<!\w)(?:answer|choice|option|choose|chose|pick|select|go with"
    r"|đáp án|phương án|lựa chọn|trả lời|câu trả lời|câu|chọn)"
    r"(?: (?:is|would be|should be|must be|option|choice|answer|letter|đúng|là|phương án|đáp án|câu)){0,4}"
    rf" ?[:=\-\u2013]? ?[{_OPEN}]{{0,3}}([A-Z])(?![\w'\u2019])",
    re.IGNORECASE,
)
_BRACKETED = re.compile(r"[(\[]([A-Z])[)\]]")
_JOINT = (
    r"(?: ?[,/&] ?(?:or |and |maybe |hoặc |và )?| (?:or|and|nor|hoặc|hay|và) )"
    r"(?:maybe |perhaps |option |câu |phương án )?"
)
_JUDGED = r" (?:(?:is|was|would be) (?:the |a |not |in)?(?:correct|right|wrong|best|answer|false)|đúng|sai|là đáp án)"
_BEHIND_A_LETTER = "|".join(
    rf"(?<=[B-HJ-Z]{joint})" for joint in ("/", ", ", " or ", " and ", " nor ", " hoặc ", " và ")
)
_BEHIND_A_NO = "|".join(rf"(?<=\? {no}, )" for no in ("No", "no", "Không", "không"))
# A and I are words: they are letters only beside other letters, or where they are judged.
_BARE = re.compile(
    rf"(?<![\w'\u2019])(?:([B-HJ-Z])(?![\w'\u2019])|([AI])(?:(?={_JOINT}[{_OPEN}]?[A-Z](?![\w'\u2019]))|(?={_JUDGED}))"
    rf"|(?:{_BEHIND_A_LETTER}|{_BEHIND_A_NO})([AI])(?![\w'\u2019]| [a-z]))"
)
_ENDS = re.compile(r"\.?\s?\Z|\.\s")  # "answer: b.", but not "answer: e.g."
_JOINS_REASON = re.compile(r"(?:because|since|as|for|while|and|but|not|vì|do|chứ)(?!\w)")
_ALSO = re.compile(rf"[{_CLOSE}]{{0,2}}{_JOINT}[{_OPEN}]{{0,2}}([A-Z])(?![\w'\u2019])")
_FILL = (
    r"(?:(?:the|a|an|is|be|it|it's|that|this|think|believe|say|choose|pick|select|go with|option|choice|answer|letter"
    r"|correct|right|out|phải|là|chọn|phương án|đáp án|câu|trừ|lựa chọn) ?){0,6}"
)
_DENIED_BEFORE = re.compile(
    r"(?:(?<!\w)(?:not|never|cannot|neither|nor|rule|rules|ruling|ruled|exclude|excluding|eliminate|eliminating|reject"
    r"|refuse to|rather than|instead of|other than|except|anything but|everything but|all but|không|chưa|đừng|loại|bỏ)"
    rf"|n't) ?(?:definitely |certainly |really |actually )?{_FILL}[{_OPEN}]{{0,2}}\Z",
    re.IGNORECASE,
)
_DENIED_AFTER = re.compile(
    rf"[{_CLOSE}]{{0,2}} ?(?:(?:is|are|was|would be|seems|looks|must be)"
    r"(?: (?:also|clearly|definitely|obviously|therefore))?"
    r" (?:wrong|incorrect|not\b|false|out\b|excluded|eliminated|impossible|ruled out)|isn't|cannot be|can't be"
    r"|(?:là |thì |bị )?(?:sai|không đúng|không phải|loại)"
    r"|\? ?(?:no(?! (?:doubt|problem))|nope|không(?! nghi ngờ))(?!\w))",
    re.IGNORECASE,
)
_CORRECTION = re.compile(
    r"(?<!\w)(?:wait|actually|correction|scratch that|on second thought|sorry|hmm|no,|thực ra|à không|nhầm|sửa lại)"
    r"(?!\w)",
    re.IGNORECASE,
)


class Mention(NamedTuple):
    """One place where an answer names an option."""

    letter: str
    """The letter of the option."""
    start: int
    """Where it begins."""
    end: int
    """Where it ends."""
    denied: bool
    """Whether the words beside it take it back."""


def plain_answer(output: str) -> str:
    """Return an answer without what it thought aloud before and without mark-up, white space as one space."""
    text = _THOUGHTS.sub("", output).translate(_FULL_WIDTH)
    return form_of(_IN_DOLLARS.sub(r"\1", _DECORATION.sub("", text)), ignore_case=False)


def stated_in(text: str, options: Mapping[str, str]) -> list[list[Mention]]:
    """Return the letters of each statement of a choice in an answer, small ones only bracketed or behind a colon."""
    found: list[list[Mention]] = []
    for match in _STATED.finditer(text):
        letter, start, end = match[1].upper(), match.start(1), match.end(1)
        if letter not in options or _is_word(text, start) or (found and start < found[-1][-1].end):
            continue
        denied = is_denied(text, match.start(), end, options[letter]) or _denied_before(text, start)
        found.append([Mention(letter, start, end, denied), *_also(text, end, options, denied=denied)])
    return found


def _is_word(text: str, start: int) -> bool:
    """Say whether what could be a letter is a word, as in "the answer is a city"."""
    before, letter, after = text[start - 1 : start], text[start], text[start + 1 : start + 2]
    if letter.islower():
        alone = text.endswith((":", ": "), max(start - 2, 0), start) and _ENDS.match(text, start + 1) is not None
        return not (alone or (before in "([" and after in ")]"))
    article = letter == "A" and after == " " and text[start + 2 : start + 3].islower()
    article = article and not _JOINS_REASON.match(text, start + 2)
    return article and not _BARE.match(text, start) and not _denied_after(text, start + 1, "")


def _also(text: str, end: int, options: Mapping[str, str], *, denied: bool) -> Iterator[Mention]:
    """Yield the letters that are joined to one: "B or C", "B/C", "B, C"; a list is denied as its first is."""
    while (match := _ALSO.match(text, end)) and match[1] in options:
        taken_back = _denied_after(text, match.end(1), options[match[1]])
        yield Mention(match[1], match.start(1), match.end(1), denied or taken_back)
        end = match.end(1)


def letters_in(text: str, options: Mapping[str, str]) -> list[Mention]:
    """Return the letters that stand in an answer, those in brackets where there are any."""
    places = [(match[1], *match.span(1)) for match in _BRACKETED.finditer(text)]
    if not any(letter in options for letter, _, _ in places):
        places = [
            (str(match[match.lastindex or 0]), *match.span(match.lastindex or 0)) for match in _BARE.finditer(text)
        ]
    found: list[Mention] = []
    for letter, start, end in places:
        if letter in options:
            denied = is_denied(text, start, end, options[letter])
            if found and found[-1].denied:
                between = text[found[-1].end : start]
                denied = denied or ("," not in between and re.fullmatch(_JOINT, between) is not None)
            found.append(Mention(letter, start, end, denied))
    return found


def texts_in(text: str, options: Mapping[str, str]) -> list[Mention]:
    """Return where the texts of options stand in an answer as whole words; one within another one does not count."""
    whole = form = form_of(text, ignore_case=True)
    found: list[Mention] = []
    for letter, own in sorted(options.items(), key=lambda item: -len(item[1])):
        part = form_of(own, ignore_case=True).rstrip(".")
        start = form.find(part) if part else -1
        while start >= 0:
            end = start + len(part)
            if not (form[start - 1 : start].isalnum() and part[0].isalnum() and start) and not (
                form[end : end + 1].isalnum() and part[-1].isalnum()
            ):
                found.append(Mention(letter, start, end, is_denied(whole, start, end, "")))
            start = form.find(part, end)
        form = form.replace(part, "\x00" * len(part)) if part else form
    return found


def text_right_after(text: str, end: int, options: Mapping[str, str]) -> str | None:
    """Return the letter of the option whose text stands right behind a letter, as in "A) Paris"."""
    rest = form_of(text[end : end + _NEAR * 10].lstrip(").]:-\u2013\u2014,(\"' "), ignore_case=True)
    starting = [
        (len(part), letter)
        for letter, own in options.items()
        if (part := form_of(own, ignore_case=True).rstrip(".")) and rest.startswith(part)
        if not (rest[len(part) : len(part) + 1].isalnum() and part[-1].isalnum())
    ]
    return max(starting)[1] if starting else None


def corrected(text: str, end: int, options: Mapping[str, str]) -> set[str]:
    """Return the letters that an answer names after it went back on what stands before a place."""
    found = _CORRECTION.search(text, end)
    return (
        set()
        if found is None
        else {each.letter for each in letters_in(text[found.end() :], options) if not each.denied}
    )


def is_denied(text: str, start: int, end: int, own: str) -> bool:
    """Say whether the words beside a letter, or beside it and the text of its option, take it back."""
    return _denied_before(text, start) or _denied_after(text, end, own)


def _denied_before(text: str, start: int) -> bool:
    return _DENIED_BEFORE.search(text[max(start - _NEAR, 0) : start].replace("\u2019", "'")) is not None


def _denied_after(text: str, end: int, own: str) -> bool:
    """Say whether an option is called wrong behind its letter, with or without its text in between."""
    rest = text[end : end + _NEAR + len(own) + 4].replace("\u2019", "'")
    part = form_of(own, ignore_case=False)
    behind = rest.lstrip(").]:-\u2013\u2014(\"' ")
    if part and behind.casefold().startswith(part.casefold()):
        rest = behind[len(part) :]
    return _DENIED_AFTER.match(rest) is not None
