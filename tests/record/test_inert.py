"""Does what a model, a server or a file says stay text: in each page, as HTML, and in the terminal?"""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.record.diff import RecordDiff
from assay.record.diff.markdown import markdown_of
from assay.record.index import Index, page_of
from assay.record.inert import as_text, front_matter
from assay.record.render import render
from assay.record.reports.places import Places
from assay.record.reports.summary import write_step
from assay.record.text import escape
from assay.schema.record import Plot
from tests.record.filled import HOSTILE, Texts, filled, filled_record, with_texts
from tests.record.parsed import MARKDOWN, body_of, parsed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from assay.schema.record import Record

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
PAGES = sorted(path.name for path in TEMPLATES.glob("*.md.j2"))
UNSEEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
RECORDS = {known: filled_record(known=known) for known in (True, False)}
PLOTS = tuple(Plot(file=f"latency-{name}.svg", sha256="0" * 64) for name in ("short", "long"))
ALLOWED = {
    *("h1", "h2", "h3", "p", "strong", "ul", "li", "details", "summary", "img"),
    *("pre", "a", "table", "thead", "tbody", "tr", "th", "td"),
}


def _twin(record: Record, texts: Sequence[str], turn: int = 0) -> Record:
    """Return the record with other texts, but for the names that go into paths of files: a plan cannot choose those."""
    return with_texts(record, Texts(texts, turn)).model_copy(update={"id": "0001-small", "plots": PLOTS})


def _page(record: Record, name: str) -> str:
    return render(record, (TEMPLATES / name).read_text("utf-8"), name)


@cache
def _harmless(name: str, *, known: bool) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    return parsed(_page(_twin(RECORDS[known], ["fine"]), name))


def _assert_inert(page: str, name: str, *, known: bool = True) -> None:
    """Hold a page of hostile texts against the one of harmless texts: they differ in words alone."""
    shape, tags = parsed(page)
    expected_shape, expected_tags = _harmless(name, known=known)
    assert shape == expected_shape
    assert tags == expected_tags
    assert {character for character in page if unicodedata.category(character) in UNSEEN} <= {"\n"}
    assert len(page.splitlines()) == page.count("\n")


def _front(page: str) -> tuple[object, object]:
    """Return what YAML reads of the front matter (its keys, how many values each has), and what it is as Markdown."""
    front = page.removesuffix(body_of(page))
    read = yaml.safe_load(front.strip("-\n"))
    return [(key, len(value) if isinstance(value, list) else 1) for key, value in read.items()], parsed(f"\n{front}")


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("known", [True, False], ids=["full", "sparse"])
def test_harmless_pages_are_as_they_should(name: str, known: bool) -> None:
    """What hostile pages are held against has the tags, links and pictures of the templates alone."""
    _, tags = _harmless(name, known=known)
    assert {str(tag[0]).removeprefix("/") for tag in tags} <= ALLOWED
    given = {attribute for tag in tags for attribute in tag[1:]}
    assert {value for key, value in given if key == "href"} <= {"0001-small.md"}
    assert {value for key, value in given if key == "src"} <= {f"0001-small.plots/{own.file}" for own in PLOTS}
    assert {key for key, _ in given} <= {"href", "src", "alt", "open"}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("turn", range(0, len(HOSTILE), 11))
def test_hostile_texts_change_words_alone(name: str, turn: int) -> None:
    """Parsed, a page full of hostile texts has the tags, tables, links and pictures of a harmless one."""
    page = _page(_twin(RECORDS[turn % 2 == 0], HOSTILE, turn), name)
    _assert_inert(page, name, known=turn % 2 == 0)
    if page.startswith("---\n"):
        assert _front(page) == _front(_page(_twin(RECORDS[turn % 2 == 0], ["fine"]), name))


ATTACK = st.text(
    alphabet="\\`|<>&#*_[]()!~$@:/.w-+=1{}%\"'\n\r\t\x1b\x9b\u202e\u2028\u200bahtpsx", min_size=1, max_size=30
)
ANY = st.text(alphabet=st.characters(exclude_categories=["Cn"]), min_size=1, max_size=20)


@pytest.mark.parametrize("name", PAGES)
@settings(max_examples=5)
@given(texts=st.lists(ATTACK | ANY, min_size=1, max_size=60).filter(lambda texts: all(t.strip() for t in texts)))
def test_no_text_changes_a_page(name: str, texts: list[str]) -> None:
    """Whatever texts of markup, controls or any characters a record holds, its page differs in words alone."""
    _assert_inert(_page(_twin(RECORDS[True], texts), name), name)


NAMES = ("evil.com", "@octocat", "a@evil.com", "see evil.com/x and @octocat", *HOSTILE)

ADDRESS = re.compile(r"(?<![\w.+-])@\w|@[\w.-]*\.\w", re.ASCII)


def _difference(texts: Sequence[str]) -> str:
    return markdown_of(with_texts(filled(RecordDiff), Texts(texts)))


def _index(texts: Sequence[str]) -> str:
    # Names of files stand in the addresses of links; a plan cannot choose those.
    own = with_texts(filled(Index), Texts(texts)).records
    files = {"id": "0001-small", "superseded_by": "0002-small"}
    entries = tuple(entry.model_copy(update=files) for entry in own)
    return page_of(Index(records=entries), None, "index.md")


def _summary(texts: Sequence[str]) -> str:
    return write_step(_twin(RECORDS[True], texts), Places("records/0001-small.json"))


@pytest.mark.parametrize("write", [_difference, _index, _summary])
@pytest.mark.parametrize("turn", range(0, len(NAMES), 11))
def test_pages_for_github_are_inert(write: Callable[[Sequence[str]], str], turn: int) -> None:
    """A diff, an index and a summary full of hostile texts have the parts of harmless ones; names are code."""
    page = write((*NAMES[turn:], *NAMES[:turn]))
    assert parsed(page) == parsed(write(["fine"]))
    assert {character for character in page if unicodedata.category(character) in UNSEEN} <= {"\n"}
    tokens = [child for block in MARKDOWN.parse(page) for child in block.children or ()]
    assert [own.content for own in tokens if own.type != "code_inline" and ADDRESS.search(own.content)] == []


@pytest.mark.parametrize("text", ["evil.com", "x.evil.com/y", "README.md", "a.xn--e1a", "пример.рф", "EVIL.COM"])
def test_no_viewer_makes_a_link_of_a_host(text: str) -> None:
    """A bare name of a host is no address, even to a renderer that makes one of it in any other text."""
    assert "<a " not in MARKDOWN.render(f"{as_text(text)} and {as_text(text)}")
    assert "<a " in MARKDOWN.render(text)


@pytest.mark.parametrize(
    "text", ["me@evil.example", "@everyone", "(@everyone)", "bench:short@4.e2e_p95_s", "- a@b.c |"]
)
def test_addresses_and_names_of_users_are_code(text: str) -> None:
    """GitHub looks for them in all text but code, once every escape is undone."""
    tokens = [child for block in MARKDOWN.parse(f"a {as_text(text)}") for child in block.children or ()]
    assert [token.content for token in tokens if "@" in token.content and token.type != "code_inline"] == []
    assert "".join(token.content for token in tokens) == f"a {text}"


@pytest.mark.parametrize("text", ["llama.cpp", "trials.jsonl", "1.5 s", "e.g. this", "bench.max_seconds", "short@4"])
def test_what_no_renderer_looks_for_is_left(text: str) -> None:
    """What no renderer takes for a host or an address stays readable in the Markdown itself."""
    assert as_text(text) == escape(text)


# Of hidden characters beyond U+FFFF, which JSON writes as two halves, YAML reads the halves.
PLAIN = [text for text in HOSTILE if max(text) <= "\uffff"]


@pytest.mark.parametrize("value", [*PLAIN, PLAIN, None, True, 1.5, "SmolLM2 135M on a small server"])
def test_front_matter_is_read_back(value: object) -> None:
    """JSON in the front matter is one line that YAML reads as the value, and a paragraph of text as Markdown."""
    line = f"key: {front_matter(value)}"
    assert yaml.safe_load(line)["key"] == json.loads(front_matter(value)) == value
    (paragraph,) = (token for token in MARKDOWN.parse(line) if token.type == "inline")
    assert {token.type for token in paragraph.children or ()} == {"text"}
