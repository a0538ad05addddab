"""Does a GitHub runner read each annotation as it is meant, and are there never more than it keeps?"""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from assay.record.reports.annotations import lines
from tests.record.reports.verdicts import BAD, GOOD, MIXED, PLACES, candidate, record_with, result

_COMMAND = re.compile(r"::(error|warning|notice)(?: ([^:]*?))?::(.*)", re.DOTALL)


def read(line: str) -> tuple[str, dict[str, str], str]:
    """Return command, properties and message as the runner decodes them."""
    match = _COMMAND.fullmatch(line)
    assert match is not None, line
    pairs = [pair.split("=", 1) for pair in (match[2] or "").split(",") if pair]
    return match[1], {name: _decoded(value, ":,") for name, value in pairs}, _decoded(match[3], "")


def _decoded(text: str, more: str) -> str:
    for character in ("\r", "\n", *more, "%"):
        text = text.replace(f"%{ord(character):02X}", character)
    return text


def test_annotations_of_a_mixed_record() -> None:
    """Each matter has the line of its condition, or the first of the record."""
    assert [read(line) for line in lines(MIXED, PLACES)][:2] == [
        (
            "error",
            {"file": "decisions/a policy.yaml", "line": "13", "title": "condition/blockers"},
            "one: not met. 41 of 50 trials passed. It would be met by 1 more passing of the same 50.",
        ),
        (
            "warning",
            {"file": "decisions/records/0001-small.json", "line": "1", "title": "condition/short"},
            "one: unknown. 41 of 50 trials passed.",
        ),
    ]


def test_go_is_silent() -> None:
    """Where all is met nothing is annotated."""
    assert lines(GOOD, PLACES) == []


def test_no_more_than_the_runner_keeps() -> None:
    """Of a kind there are nine and one that counts the rest: the runner drops an eleventh without a word."""
    unknown = [result(f"u{number}", "unknown") for number in range(14)]
    record = record_with("NO-GO", candidate("one", "NO-GO", result("f", "not_met"), *unknown))
    written = [read(line) for line in lines(record.model_copy(update={"findings": ()}), PLACES)]
    assert [command for command, *_ in written] == ["error", *["warning"] * 10]
    assert written[-1] == ("warning", {}, "5 more in the summary")


def test_nobody_breaks_out() -> None:
    """What strangers write stays in its message: one line each, no further command, no escape sequence."""
    for line in lines(BAD, PLACES):
        command, properties, _ = read(line)
        assert command in {"error", "warning"}
        assert set(properties) == {"file", "line", "title"}
        assert not re.search("[\x00-\x1f\x7f\u202e]", line)


@given(st.text(min_size=1, max_size=200))
def test_any_text_is_read_back(text: str) -> None:
    """Percent signs, colons and commas come back as they were."""
    record = record_with("NO-GO", candidate("one", "NO-GO", result("a", "not_met", reason=text)))
    first = lines(record, PLACES)[0]
    _, properties, message = read(first)
    assert properties["title"] == "condition/a"
    shown = " ".join(text.split())
    if shown.isascii() and shown.isprintable():
        assert message == f"one: not met. {shown}".rstrip() or not shown
