"""How are the numbers of a page listed: each with its line, where in the record it stands, and the files behind it?"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from assay.cli.show import inert
from assay.record.sources import evidence_of_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.record.verify import Verification

    Listed = dict[str, int | str | list[str]]

__all__ = ["number_lines", "numbers_json"]

_WIDTH = 80
_WIDEST_PATH = 46
_HEAD = (
    "  each number with the place of the whole value that shows it: a text may hold",
    "  several numbers, and […] stands for a part of a list",
)
_FIELD = re.compile(r"\w+")


def numbers_json(verification: Verification) -> list[Listed]:
    """Return each number of a verified page: its line, what is shown, its path in the record, the files behind it."""
    members = _members(verification)
    listed: list[Listed] = []
    for own in verification.page.numbers if verification.page is not None else ():
        files = evidence_of_path(own.path, members) or ()
        listed.append({"line": own.line, "shown": own.text, "path": own.path, "evidence": [*files]})
    return listed


def number_lines(verification: Verification) -> Iterator[str]:
    """Yield a line for each number of a verified page, then the files behind each field of the record."""
    numbers = verification.page.numbers if verification.page is not None else ()
    if not numbers:
        yield "  no number of its page names its evidence: it is of the first format, or shows none"
        return
    yield from _HEAD
    yield f"  {'line':>4}  {'in the record':<{_WIDEST_PATH}}  shown"
    for own in numbers:
        yield _cut(f"  {own.line:>4}  {_fitted(inert(own.path)):<{_WIDEST_PATH}}  {inert(html.unescape(own.text))}")
    yield ""
    yield "  files behind each field:"
    members = _members(verification)
    for field in dict.fromkeys(_FIELD.findall(own.path)[0] for own in numbers):
        files = evidence_of_path(field, members)
        behind = ["Assay's own constants" if field == "method" else "people"] if files is None else files
        yield from _listed(f"  {field}: ", list(behind))


def _members(verification: Verification) -> list[str]:
    return [] if verification.record is None else [file.path for file in verification.record.evidence.files]


def _listed(start: str, names: list[str]) -> Iterator[str]:
    """Yield names behind a word, as many on a line as fit."""
    line = start
    for at, name in enumerate(names):
        said = inert(name) + ("," if at < len(names) - 1 else "")
        if len(line) + len(said) > _WIDTH and line.strip():
            yield line.rstrip()
            line = "    "
        line += f"{said} "
    yield line.rstrip()


def _fitted(path: str) -> str:
    """Return a path that fits into its column: of a long one the end, which says most."""
    return path if len(path) <= _WIDEST_PATH else "…" + path[1 - _WIDEST_PATH :]


def _cut(line: str) -> str:
    return line.rstrip() if len(line) <= _WIDTH else line[: _WIDTH - 1] + "…"
