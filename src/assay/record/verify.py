"""Do the three files of a record belong together, and does every word of it follow from its evidence?"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from assay.errors import AssayError
from assay.record.apart import apart
from assay.record.bundle import evidence_of, read_zip, unpack
from assay.record.standing import standing_problems
from assay.record.truth import parsed_record, record_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pydantic import JsonValue

    from assay.errors import Problem
    from assay.record.numbers import Page
    from assay.record.signing.check import Signature
    from assay.record.signing.two_persons import TwoPersons
    from assay.record.store import RecordFiles
    from assay.schema.record import Evidence, Record

    Derive = Callable[[Mapping[str, bytes], Evidence], Record]
    Render = Callable[[Record, Mapping[str, bytes]], Page]

__all__ = ["Difference", "Signed", "Verification", "verify"]

_MOST_SHOWN = 120


@dataclass(frozen=True)
class Difference:
    """One place where a record does not hold."""

    file: str
    """Name of the file."""
    where: str
    """Line, key path or member in it."""
    message: str
    """What differs."""


@dataclass(frozen=True)
class Signed:
    """What the signatures beside a record came to."""

    signatures: tuple[Signature, ...]
    """Those that are about this record, checked or not."""
    two_persons: TwoPersons
    """Whether decision and evidence are signed by two persons."""


@dataclass(frozen=True)
class Verification:
    """What verifying a record came to."""

    record: Record | None
    """The record, or None when its JSON cannot be read."""
    differences: tuple[Difference, ...]
    """Where it does not hold, the first one first; empty when all of it does."""
    page: Page | None = None
    """The page that the evidence gives, with where its numbers come from; None when there is none."""
    signed: Signed | None = None
    """Its signatures; None where it has none and none were asked for."""


def verify(files: RecordFiles, derive: Derive, render: Render) -> Verification:
    """Derive a record again from its evidence and compare its three files and its pictures byte for byte.

    Args:
        files: where the record lies.
        derive: makes the record from evidence.
        render: makes the page from a record and the evidence that holds its template.
    """
    content = read_zip(files.evidence)
    stored_json, stored_markdown = files.json.read_bytes(), files.markdown.read_bytes()
    stored = parsed_record(stored_json)
    evidence = None
    try:
        members = unpack(content, files.evidence.name)
        evidence = evidence_of(files.evidence.name, content, members)
        derived = _standing_as(stored, derive(members, evidence))
        page = render(derived, members)
        # A number that JSON has no one form for is found only where it is written.
        standing, wanted = tuple(standing_problems(derived)), record_json(derived).encode()
    except Exception as error:  # noqa: BLE001 - evidence is imported: whatever it breaks, it does not verify
        found = [
            *_members_differ(stored, files, content, evidence),
            Difference(files.evidence.name, "content", _why(error, files.evidence.name)),
        ]
        return Verification(stored, tuple(found))
    differences = [
        *_members_differ(stored, files, content, evidence),
        *(Difference(files.json.name, where, message) for where, message in standing),
        *_json_differs(files.json.name, stored_json, wanted),
        *_lines_differ(files.markdown.name, stored_markdown, page.text.encode()),
        *_orphans(files.markdown.name, page, members),
        *_plots_differ(derived, files),
    ]
    return Verification(stored, tuple(differences), page)


def _orphans(name: str, page: Page, members: Mapping[str, bytes]) -> Iterator[Difference]:
    """Yield the numbers of the page that no evidence is behind; records of the first format promised none."""
    for orphan in page.orphans(members.keys()):
        message = f"the number {_shown_text(orphan.number)} has no evidence: it {orphan.why}"
        yield Difference(name, f"line {orphan.line}", message)


def _standing_as(stored: Record | None, derived: Record) -> Record:
    """Return the derived record with the status block of the stored one: it is people's, and no evidence has it."""
    if stored is None:
        return derived
    return derived.model_copy(update={"status": stored.status, "standing": stored.standing})


def _plots_differ(derived: Record, files: RecordFiles) -> Iterator[Difference]:
    """Compare the pictures that are there; one that is gone changes nothing of what the record says."""
    for plot in derived.plots:
        path = files.plots / plot.file
        if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() != plot.sha256:
            yield Difference(f"{files.plots.name}/{plot.file}", "the picture", "it is not what the evidence shows")


def _why(error: Exception, name: str) -> str:
    """Return why evidence cannot be used, in words that go on after the name of the zip."""
    if isinstance(error, AssayError):
        return "; ".join(_told(problem, name) for problem in error.problems)
    if isinstance(error, KeyError):
        return f"it lacks or does not know {error}"
    return f"it cannot be read: {_first_line(error)}"


def _told(problem: Problem, name: str) -> str:
    place = (
        ""
        if problem.file in {None, name}
        else f"{problem.file}:{problem.line}: "
        if problem.line
        else f"{problem.file}: "
    )
    what = problem.message.removeprefix("the evidence zip is ")
    return " ".join(f"{place}{what}. {problem.remedy} ({problem.slug})".split())


def _members_differ(
    stored: Record | None, files: RecordFiles, content: bytes, evidence: Evidence | None
) -> Iterator[Difference]:
    """Compare the zip and each member with the digests in the record."""
    name = files.evidence.name
    if stored is None or stored.evidence.sha256 == hashlib.sha256(content).hexdigest():
        return
    found = {file.path: file for file in evidence.files} if evidence is not None else {}
    listed = {file.path: file for file in stored.evidence.files}
    named = False
    for path in sorted(found.keys() | listed.keys()) if evidence is not None else ():
        if path not in listed:
            yield Difference(name, path, "the record does not list this file")
        elif path not in found:
            yield Difference(name, path, "the file is gone")
        elif found[path] != listed[path]:
            yield Difference(name, path, "its content is not what the record's digest says")
        else:
            continue
        named = True
    if not named:
        yield Difference(name, "the zip itself", "its bytes are not what the record's digest says")


def _json_differs(name: str, stored: bytes, derived: bytes) -> Iterator[Difference]:
    if stored == derived:
        return
    try:
        differing = next(_values_differ("", json.loads(stored), json.loads(derived)), None)
    except (ValueError, RecursionError) as error:
        yield Difference(name, "the whole file", f"it is not JSON: {_first_line(error)}")
        return
    if differing is not None:
        yield Difference(name, *differing)
    else:
        yield from _lines_differ(name, stored, derived)


def _values_differ(path: str, stored: JsonValue, derived: JsonValue) -> Iterator[tuple[str, str]]:
    """Yield key paths at which two JSON values differ, with what stands there and what should."""
    if isinstance(stored, dict) and isinstance(derived, dict):
        for key in derived | stored:
            if key not in stored or key not in derived:
                yield f"{path}.{key}", "the key is missing" if key not in stored else "the key does not belong there"
            else:
                yield from _values_differ(f"{path}.{key}", stored[key], derived[key])
    elif isinstance(stored, list) and isinstance(derived, list) and len(stored) == len(derived):
        for index, (one, other) in enumerate(zip(stored, derived, strict=True)):
            yield from _values_differ(f"{path}[{index}]", one, other)
    elif type(stored) is not type(derived) or stored != derived:
        yield path, _says(*apart(stored, derived))


def _lines_differ(name: str, stored: bytes, derived: bytes) -> Iterator[Difference]:
    if stored == derived:
        return
    pairs = zip_longest(stored.split(b"\n"), derived.split(b"\n"))
    for number, (one, other) in enumerate(pairs, start=1):
        if one != other:
            shown = apart(_line(one), _line(other))
            yield Difference(name, f"line {number}", _says(*(own if own != "null" else "nothing" for own in shown)))
            return


def _says(stored: str, derived: str) -> str:
    return f"it says {stored}, the evidence says {derived}"


def _shown_text(text: str) -> str:
    return text if len(text) <= _MOST_SHOWN else text[:_MOST_SHOWN] + "…"


def _line(line: bytes | None) -> str | None:
    return None if line is None else line.decode("utf-8", "backslashreplace")


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:_MOST_SHOWN]
