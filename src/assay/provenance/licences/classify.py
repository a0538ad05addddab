"""Which licence is a text or a tag, if that can be told without guessing?

Title and version come first, for texts that are alike in all but these; a permissive licence must stand there word for
word, for many texts are made from one. Whatever is left is unidentified, and its sentences are shown.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from assay.provenance.licences.references import beside, coverage, references
from assay.provenance.licences.residue import harmless, lexicon, residual_sentences, without_copyright_lines
from assay.provenance.licences.table import folded, load_table
from assay.provenance.licences.words import clean, phrase, title_words, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from license_expression import Licensing

    from assay.provenance.licences.table import Terms

__all__ = ["Reading", "is_text", "read_tag", "read_text"]

_LONGEST_TAG: Final = 200
_MOST_CHARACTERS: Final = 200_000
_HEAD_LINES: Final = 12
_LONGEST_TITLE: Final = 24
_NEAR: Final = 0.5
_SILENT: Final = frozenset({"", "other", "unknown", "none", "noassertion", "license", "licence"})
_ADDRESS: Final = re.compile(r"https?://(?:www\.)?", re.IGNORECASE)
_FILE: Final = re.compile(r"[\w./-]*\b(?:licen[sc]e|notice|copying|terms)[\w.-]*\.(?:md|txt|pdf|html)", re.IGNORECASE)
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)*")


@dataclass(frozen=True)
class Reading:
    """What one statement was read as."""

    identifier: str | None
    """The licence, or None."""
    by: Literal["tag", "title", "text", "nothing"]
    """How it was identified."""
    possible: tuple[str, ...] = ()
    """Where it was not: the licences that go by this name or title."""
    silent: bool = False
    """Whether it says nothing of its own, as `other` or an address does."""
    residue: tuple[str, ...] = ()
    """Sentences that the nearest known licence does not have."""
    why: str = ""
    """Why it was not identified, a clause; empty when it was."""


def is_text(stated: str) -> bool:
    """Tell whether a statement is a licence text and not a name."""
    return len(stated.strip().splitlines()) > 1 or len(stated) > _LONGEST_TAG


def read_tag(stated: str) -> Reading:
    """Return what a name of one line stands for: SPDX, a hub's tag, a known address; a title alone proves nothing."""
    name = stated.strip()
    if folded(name) in _SILENT:
        return Reading(None, "nothing", silent=True, why=f"{name or 'an empty name'} names no licence")
    known = load_table().by_name.get(folded(name), ())
    if len(known) == 1:
        return Reading(known[0], "tag")
    if known:
        return Reading(None, "nothing", known, why=f"{name} may be any of {', '.join(known)}")
    if _ADDRESS.match(name) or _FILE.fullmatch(name):
        return _read_address(name)
    spdx = _spdx(name)
    if spdx is not None:
        return Reading(spdx, "tag")
    titled = _title_of(name)
    why = "a title without its text proves nothing" if titled else f"{_short(name)} is in no list of licences"
    return Reading(None, "nothing", titled, why=why)


def _read_address(name: str) -> Reading:
    """Return the licence that lies at a known address; any other address says nothing of its own."""
    address = _ADDRESS.sub("", name).casefold().rstrip("/").removesuffix("/legalcode").removesuffix(".txt")
    known = load_table().by_link.get(address)
    if known is not None:
        return Reading(known, "tag")
    return Reading(None, "nothing", silent=True, why="only an address is given, which was not read")


@functools.lru_cache(maxsize=64)
def read_text(text: str) -> Reading:
    """Return what a licence text is, if title and version or the whole text tell.

    Args:
        text: the text, of any size; a very long one is not read.
    """
    # One character may stand for eighteen.
    if len(text) > _MOST_CHARACTERS or len(unicodedata.normalize("NFKC", text)) > _MOST_CHARACTERS:
        return Reading(None, "nothing", why=f"the text is longer than {_MOST_CHARACTERS:,} characters")
    plain = clean(text)
    body = without_copyright_lines(plain)
    counted = words(body)
    titles = list(_titles(plain))
    whole = _whole(counted, titles)
    if whole is not None:
        return Reading(whole, "text", residue=_residue(body, whole, identified=True))
    head = tuple(dict.fromkeys(name for line, names in titles if line < _HEAD_LINES for name in names))
    fitting = [name for name in head if _fits(load_table().by_id[name], plain, counted)]
    if len(fitting) == 1 and all(fitting[0] in names for _, names in titles):
        return Reading(fitting[0], "title")
    near, share = _nearest(counted)
    why = _why(head, fitting, titles, plain)
    if near is not None:
        why += f"; {int(share * 100)} % of {near} stands in it"
    return Reading(None, "nothing", head, residue=_residue(body, near, identified=False), why=why)


def _whole(counted: Sequence[str], titles: Sequence[tuple[int, tuple[str, ...]]]) -> str | None:
    """Return the permissive licence that a text holds whole, with nothing beside it that could matter."""
    for name, reference in references().items():
        rest = beside(counted, reference)
        if rest is not None and harmless(rest) and all(name in names for _, names in titles):
            return name
    return None


def _fits(terms: Terms, plain: str, counted: Sequence[str]) -> bool:
    """Tell whether a text under a licence's title has the phrases of that licence and none of another's."""
    if terms.whole_text:
        return False
    said = phrase(plain)
    if not all(phrase(own) in said for own in terms.all) or any(phrase(own) in said for own in terms.none):
        return False
    if terms.any and not any(phrase(own) in said for own in terms.any):
        return False
    if terms.contains is None:
        return True
    rest = beside(counted, references()[terms.contains])
    return rest is not None and len(rest) <= terms.most_added


def _titles(plain: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield each line that is a known title, as its number among the lines that say something, and the licences."""
    lines = (line for line in plain.splitlines() if line.strip())
    for number, line in enumerate(lines):
        names = _title_of(line)
        if names:
            yield number, names


def _title_of(line: str) -> tuple[str, ...]:
    """Return the licences that are titled like a line; a date or a version may follow, a sentence may not."""
    said = title_words(line[:_LONGEST_TAG])
    known = load_table().by_title
    for length in range(min(len(said), _LONGEST_TITLE), 0, -1):
        if said[:length] in known:
            behind = said[length:]
            dated = all(
                word in lexicon()["behind_titles"] or _NUMBER.fullmatch(word.removesuffix("th")) for word in behind
            )
            return known[said[:length]] if dated else ()
    return ()


def _why(head: Sequence[str], fitting: Sequence[str], titles: Sequence[tuple[int, tuple[str, ...]]], plain: str) -> str:
    if len(fitting) > 1:
        return f"title and text fit {' and '.join(fitting)}"
    if fitting:
        others = dict.fromkeys(name for _, names in titles if fitting[0] not in names for name in names)
        return f"it has the title of {fitting[0]}, and that of {', '.join(others)} too"
    if head:
        return f"it is titled like {' or '.join(head)}, and its text is not that"
    version = _other_version(plain)
    return f"it is titled like {version} but for the version" if version is not None else "it has no known title"


def _other_version(plain: str) -> str | None:
    """Return the licence whose title stands there with another version."""
    unnumbered = {tuple(_NUMBER.sub("#", word) for word in title): names for title, names in _numbered()}
    lines = [line for line in plain.splitlines() if line.strip()][:_HEAD_LINES]
    for line in lines:
        names = unnumbered.get(tuple(_NUMBER.sub("#", word) for word in title_words(line[:_LONGEST_TAG])))
        if names:
            return names[0]
    return None


def _numbered() -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    return [(title, names) for title, names in load_table().by_title.items() if any(map(_NUMBER.search, title))]


def _nearest(counted: Sequence[str]) -> tuple[str | None, float]:
    """Return the reference of which most stands in a text, if it is half of it at least."""
    shares = {name: coverage(counted, reference) for name, reference in references().items()}
    name = max(shares, key=lambda name: shares[name])
    return (name, shares[name]) if shares[name] >= _NEAR else (None, 0.0)


def _residue(body: str, name: str | None, *, identified: bool) -> tuple[str, ...]:
    untitled = "\n".join("" if _title_of(line) else line for line in body.splitlines())
    return residual_sentences(untitled, references()[name] if name is not None else None, identified=identified)


def _spdx(name: str) -> str | None:
    try:
        expression = _licensing().parse(name, validate=True)
    except Exception:  # noqa: BLE001  # on hostile text the parser raises IndexError and AssertionError as well
        return None
    return None if expression is None else str(expression)


@functools.cache
def _licensing() -> Licensing:
    """Return the parser of SPDX expressions, built once: its index holds thousands of names."""
    from license_expression import get_spdx_licensing

    return get_spdx_licensing()


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_TAG // 2 else f"{name[: _LONGEST_TAG // 2 - 1]}…"
