"""Does hostile text stay text, and do figures read as people write them?"""

from __future__ import annotations

import json
import re
import unicodedata

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from assay.record.text import FILTERS, Safe, code, escape
from assay.schema.bench import BenchCell, Percentile
from assay.schema.score import Metric
from assay.schema.verdict import ConditionResult

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
HOSTILE = [
    "<script>alert(1)</script>",
    "</details><img src=x onerror=alert(1)>",
    "<!-- comment",
    "[click](javascript:alert(1))",
    "![pixel](https://evil.example/p.png)",
    "[ref]: https://evil.example",
    "[^1] and [^1]: note",
    "<https://evil.example>",
    "<me@evil.example>",
    "https://evil.example www.evil.example",
    "a | b \\| c \\\\| d",
    "`code` ``more`` ```fence",
    "~~~ fence",
    "**bold** __bold__ *em* _em_ ~~gone~~",
    "# heading",
    "- item",
    "+ item",
    "* item",
    "1. item",
    "12) item",
    "> quote",
    "---",
    "===",
    "    indented code",
    "- [x] done",
    "&lt;b&gt; &amp; &#60; &nbsp;",
    "\x1b[31mred\x1b[0m \x07",
    "\u202eright to left\u202c \u200b\u2066x\u2069",
    "line\nbreak\r\n# heading\u2028- item\u2029> quote\x85***",
    "two spaces  \nand a break",
    "@everyone #1 $x^2$",
    "trailing \\",
    "\\<b> \\\\<b>",
    "{{ record }} {% raw %}",
    "|---|---|",
    "\ud800 half",
]


def _seen(text: str) -> str:
    """Return what a reader must see of a text: one line, with what cannot be seen written out."""
    return "".join(
        f"\\u{ord(c):04x}" if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} else c
        for c in " ".join(text.split())
    )


def _inline(markdown: str) -> list[tuple[str, str]]:
    """Return type and content of all inline tokens, after checking that the blocks are one paragraph."""
    blocks = MARKDOWN.parse(markdown)
    assert [block.type for block in blocks] == ["paragraph_open", "inline", "paragraph_close"]
    return [(token.type, token.content) for token in blocks[1].children or ()]


def _cell(markdown: str) -> list[tuple[str, str]]:
    """Return the inline tokens of a text between two others in a table."""
    blocks = MARKDOWN.parse(f"| a | b | c |\n|---|---|---|\n| left | {markdown} | right |\n")
    cells = [block for block in blocks if block.type == "inline"][3:]
    assert [cells[0].content, cells[2].content] == ["left", "right"]
    assert len(cells) == 3
    return [(token.type, token.content) for token in cells[1].children or ()]


@pytest.mark.parametrize("text", HOSTILE)
def test_escaped_text_is_text_alone(text: str) -> None:
    """Whatever the text holds, a reader sees it as it is, in a paragraph and in a table."""
    assert _inline(escape(text)) == [("text", _seen(text))]
    assert _cell(escape(text)) == [("text", _seen(text))]


@pytest.mark.parametrize("text", HOSTILE)
def test_code_is_one_span(text: str) -> None:
    """Whatever the text holds, it is one code span in a table, and one outside of it."""
    assert _cell(code(text)) == [("code_inline", _seen(text))]
    assert [kind for kind, _ in _inline(code(text))] == ["code_inline"]


@given(st.text(alphabet=st.characters(exclude_categories=["Cn"])))
def test_any_text_is_inert(text: str) -> None:
    """Any text stays on one line, without a control character, as one text and as one code span."""
    shown = _seen(text)
    for markdown in (escape(text), code(text)):
        assert len(markdown.splitlines()) <= 1
        assert not any(unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for c in markdown)
    if shown:
        assert _inline(escape(text)) == _cell(escape(text)) == [("text", shown)]
        assert _cell(code(text)) == [("code_inline", shown)]


@given(st.text(alphabet="\\`|<>&#*_[]()!~$@:/.w-+=1 \t\n\x1bhtps", max_size=40))
def test_any_markup_is_inert(text: str) -> None:
    """Any string of markup characters stays one text and one code span."""
    shown = _seen(text)
    if shown:
        assert _inline(escape(text)) == _cell(escape(text)) == [("text", shown)]
        assert _cell(code(text)) == [("code_inline", shown)]


@pytest.mark.parametrize(
    "text",
    ["http://a.example", "_https://a.example", "FTP://a", "WWW.a.example", "_www.a.example", "mailto:x", "xmpp:x"],
)
def test_no_renderer_finds_an_address(text: str) -> None:
    """What some renderers make a link of without being asked is not there as such."""
    assert re.search(r"(?i)://|www\.|mailto:|xmpp:|@", escape(text)) is None


@pytest.mark.parametrize("show", [escape, code])
def test_text_is_the_same_under_every_unicode_table(show: object) -> None:
    """A character that this Python does not know yet is shown as it is, so that a newer one renders the same."""
    assert "\U0001fae9" in show("a face: \U0001fae9")  # type: ignore[operator]
    assert "\u0378" in show("unassigned: \u0378")  # type: ignore[operator]


def test_unknown_is_said() -> None:
    """Nothing is shown as unknown, never as nothing or zero."""
    assert escape(None) == code(None) == FILTERS["percent"](None) == FILTERS["number"](None) == "unknown"
    assert FILTERS["seconds"](None) == FILTERS["milliseconds"](None) == FILTERS["mebibytes"](None) == "unknown"
    assert FILTERS["short"](None) == "unknown"


def test_long_text_is_cut() -> None:
    """No text is shown beyond 2,000 characters."""
    assert len(escape("x" * 10_000)) == 2_000
    assert _cell(code("`" * 10_000))[0][1] == "`" * 2_000


def test_safe_text_passes() -> None:
    """What a filter made is not escaped again, and what was made of it is."""
    assert escape(Safe("`a`")) == "`a`"
    assert escape(Safe("`a`") + "<b>") == "\\`a\\`&lt;b&gt;"


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("percent", 0.0, "0.0 %"),
        ("percent", 0.12345, "12.3 %"),
        ("percent", 1.0, "100.0 %"),
        ("seconds", 1_234_567, "1.235 s"),
        ("seconds", 0, "0.000 s"),
        ("milliseconds", 1_234, "1.2 ms"),
        ("mebibytes", 1 << 20, "1.0 MiB"),
        ("mebibytes", 5 << 30, "5\u202f120.0 MiB"),
        ("number", 0, "0"),
        ("number", -0.0, "0"),
        ("number", 0.9, "0.9"),
        ("number", 1 / 3, "0.3333"),
        ("number", -0.16666, "-0.1667"),
        ("number", 12.0, "12"),
        ("number", 999.94, "999.9"),
        ("number", 1234.56, "1235"),
        ("number", 123456.7, "123457"),
        ("number", 10**15, "1000000000000000"),
        ("number", float("inf"), "inf"),
        ("number", float("nan"), "nan"),
        ("word", "not_applicable", "NOT APPLICABLE"),
        ("short", "0123456789abcdef", "`0123456789ab`"),
    ],
)
def test_figures(name: str, value: object, shown: str) -> None:
    """Each figure is written whole, with its unit."""
    assert FILTERS[name](value) == shown
    assert isinstance(FILTERS[name](value), Safe)


def _metric(**changes: object) -> Metric:
    figures = {"rate": 0.5, "rate_scored": 0.5, "low": 0.236593, "high": 0.763407}
    whole = {"candidate": "a", "suite": "s", "tag": None, "scorer": None, "cases": 10, "passed": 5, "failed": 5}
    return Metric.model_validate({**whole, "unscored": 0, "n": 10, "trusted": True, **figures, **changes})


def test_rate_has_its_interval() -> None:
    """A pass rate stands with its interval, and without trials it is unknown."""
    assert FILTERS["rate"](_metric()) == "50.0 % [23.7, 76.3]"
    assert FILTERS["rate"](_metric(low=None, high=None)) == "50.0 %"
    assert FILTERS["rate"](_metric(n=0, rate=None)) == "unknown"


def test_percentile_says_what_it_can_carry() -> None:
    """A percentile that its n cannot carry is marked, and one that falls on a failed request says so."""
    tail = Percentile(q=0.95, value_us=2_000_000, low_us=1_500_000, high_us=None, n=10, n_needed=59, supported=False)
    assert FILTERS["tail"](tail) == "2.000 s ! [1.500, -]"
    assert (
        FILTERS["tail"](tail.model_copy(update={"supported": True, "high_us": 3_000_000})) == "2.000 s [1.500, 3.000]"
    )
    assert FILTERS["tail"](tail.model_copy(update={"value_us": None})) == "a failed request"


def test_error_rate_of_nothing_is_unknown() -> None:
    """A measurement without requests has no error rate."""
    cell = BenchCell.model_construct(n=40, failed=1)
    assert FILTERS["error_rate"](cell) == "2.5 % of 40"
    assert FILTERS["error_rate"](BenchCell.model_construct(n=0, failed=0)) == "unknown"


def test_limits() -> None:
    """Limits that were not asked for are a dash."""
    result = ConditionResult.model_construct(low=0.25, high=None)
    assert FILTERS["limits"](result) == "[0.25, -]"
    assert FILTERS["limits"](ConditionResult.model_construct(low=None, high=None)) == "-"
    assert FILTERS["limits"](ConditionResult.model_construct(low=12345.6, high=23456.0)) == "[12346, 23456]"


FRONT_MATTER = [
    "a: b",
    "---",
    '"quoted" \\',
    "\x7f\x00\x1b\x85\u2028",
    "emoji \U0001f600",
    "<img src=x>",
    "# no comment",
]


@pytest.mark.parametrize("value", [*FRONT_MATTER, FRONT_MATTER[:6], None, True, 1.5])
def test_front_matter_is_read_back(value: object) -> None:
    """JSON in the front matter is one visible line that YAML and JSON read as the same, and opens no tag."""
    text = FILTERS["json"](value)
    assert json.loads(text) == yaml.safe_load(f"key: {text}")["key"] == value
    assert len(text.splitlines()) == 1
    assert "<" not in text
    assert not any(unicodedata.category(c) in {"Cc", "Cf"} for c in text)
