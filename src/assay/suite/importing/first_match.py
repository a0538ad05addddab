r"""Which regular expression says that the first match of a pattern caught exactly the expected text?

Peers find an answer with a pattern and compare what its group caught. Putting the expected text in place of the group
would accept more: `#### (\d+)` with 5 in place of the group also matches `#### 55`. So the expression made here finds
the first match, keeps what stands before the group and the whole rest of the answer, and asks that the expected text
stands between the two.
"""

from __future__ import annotations

import re

from assay.suite.importing.specs import python_regex

__all__ = ["caught_equals"]

_LEADING_FLAGS = re.compile(r"\(\?([aimsux]+)\)")
_REFERENCE = re.compile(r"\\[1-9]|\(\?P[=<]|\(\?\(")


def caught_equals(pattern: str, expected: str, *, ignore_case: bool = False) -> str | None:
    r"""Return an expression that a search finds only where the first match of `pattern` caught `expected`.

    Args:
        pattern: a pattern in Python's syntax with one group, which stands at its top level, or with none.
        expected: the text that the group, or the whole match where there is no group, must be, white space around it
            apart.
        ignore_case: whether the comparison ignores case; the pattern's own flags are kept.

    Returns:
        The expression, or None when the pattern is of another form.
    """
    flags, body = _flags_of(pattern)
    parts = _parts(body) if python_regex(body) and not _REFERENCE.search(body) else None
    if parts is None or not expected.strip():
        return None
    before, group, after = parts
    own = f"(?{flags}:" if flags else "(?:"
    wanted = (
        f"(?{'i' if ignore_case else '-i'}:{re.escape(expected.strip())})"
        if ignore_case or "i" in flags
        else (re.escape(expected.strip()))
    )
    found = f"{own}{before}{group}{after})"
    caught = f"{own}(?P<head>{before})(?={group}{after})(?:{group})(?={after})(?P<rest>[\\s\\S]*))"
    # The lookahead is not entered again once it holds: head and rest are those of the first match.
    expression = f"^(?:(?!{found})[\\s\\S])*+(?={caught})(?P=head)\\s*{wanted}\\s*(?P=rest)(?![\\s\\S])"
    return expression if python_regex(expression) else None


def _flags_of(pattern: str) -> tuple[str, str]:
    """Return the flags at the start of a pattern, and the rest of it."""
    flags = ""
    while found := _LEADING_FLAGS.match(pattern):
        flags, pattern = flags + found[1], pattern[found.end() :]
    # Flags of a part of a pattern may not be `a` beside `u`, and texts are Unicode anyway.
    return "".join(sorted(set(flags) - {"u"})), pattern


def _parts(body: str) -> tuple[str, str, str] | None:
    """Return what stands before, in and after the only group of a pattern, or None for another form."""
    spans = _groups(body)
    if spans is None or len(spans) > 1:
        return None
    if not spans:
        return "", body, ""
    start, end = spans[0]
    quantified = body[end : end + 1] in ("*", "+", "?", "{")
    outside = body[:start] + body[end:]
    # An alternative beside the group may match without it; one inside of another bracket is harmless there.
    if quantified or _has_top_alternative(outside):
        return None
    return body[:start], body[start + 1 : end - 1], body[end:]


def _groups(body: str) -> list[tuple[int, int]] | None:
    """Return where the capturing groups at the top level stand; None when one stands deeper or none closes."""
    spans: list[tuple[int, int]] = []
    opened: list[tuple[int, bool]] = []
    for place, character in _plain(body):
        if character == "(":
            captures = body[place + 1 : place + 2] != "?"
            if captures and opened:
                return None
            opened.append((place, captures))
        elif character == ")":
            if not opened:
                return None
            start, captures = opened.pop()
            if captures:
                spans.append((start, place + 1))
    return None if opened else spans


def _has_top_alternative(text: str) -> bool:
    depth = 0
    for _, character in _plain(text):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "|" and depth == 0:
            return True
    return False


def _plain(body: str) -> list[tuple[int, str]]:
    """Return the characters of a pattern with their places, without escaped ones and those of character sets."""
    result: list[tuple[int, str]] = []
    place, in_set = 0, False
    while place < len(body):
        character = body[place]
        if character == "\\":
            place += 2
            continue
        if in_set:
            in_set = character != "]"
        elif character == "[":
            in_set = True
            # A bracket that comes first belongs to the set.
            place += 1 + (body[place + 1 : place + 2] == "^")
            place += body[place : place + 1] == "]"
            continue
        else:
            result.append((place, character))
        place += 1
    return result
