"""Does one record stand as people left it, and does it agree with those that it replaces or that replace it?"""

from __future__ import annotations

import hashlib
import re
from itertools import zip_longest
from typing import TYPE_CHECKING

from assay.errors import AssayError
from assay.record.bundle import read_zip, unpack
from assay.record.index import INDEX_JSON
from assay.record.standing import standing_problems
from assay.record.truth import body_sha256, record_json
from assay.scoring.lint import LintFinding
from assay.workflow.may_decide import is_against
from assay.workflow.verify import render_with

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from assay.record.index import Index
    from assay.scoring.lint import Level, LintKind
    from assay.workflow.records import Stored

__all__ = ["first_differing", "lint_record"]

_RESTORE = "Take it from version control as it was decided on, and let a new record say what changed."
_UNDO = "Undo the edit: assay decide is what changes a status block."
_AT = re.compile(r"^standing\.decisions\[(\d+)\]\.(\w+)$")


def lint_record(own: Stored, stored: Sequence[Stored], index: Index, today: date) -> Iterator[LintFinding]:
    """Yield what is wrong with one record.

    Args:
        own: the record.
        stored: all records of its folder, it among them.
        index: the folder's index as it lies there.
        today: the day by which an acceptance has expired, in UTC.
    """
    yield from _body(own, index)
    yield from _status_block(own)
    yield from _bytes(own)
    yield from _links(own, {other.record.id: other for other in stored})
    until = own.record.standing.valid_until
    if own.record.status == "accepted" and until is not None and until < today.isoformat():
        remedy = "Measure again, and let the new record replace it with --supersedes."
        yield _finding(own, "expired", f"it was accepted until {until}, and that has passed", remedy, level="note")


def _finding(
    own: Stored, kind: LintKind, message: str, remedy: str, *, line: int | None = None, level: Level = "error"
) -> LintFinding:
    return LintFinding(kind=kind, level=level, file=str(own.files.json), line=line, message=message, remedy=remedy)


def _body(own: Stored, index: Index) -> Iterator[LintFinding]:
    """Yield where the body is another one than was decided on: by the record itself, or by the index beside it."""
    record, body = own.record, body_sha256(own.record)
    if record.id != own.files.json.stem:
        message = f"the record {record.id} lies under another name"
        yield _finding(own, "record-files", message, f"Call its files {record.id} again.")
    changed = [number for number, one in enumerate(record.standing.decisions) if one.body_sha256 != body]
    for number in changed[-1:]:
        decision = record.standing.decisions[number]
        message = f"the body was changed after {decision.by} {decision.outcome} it on {decision.on}"
        line = _line_of(own, f"standing.decisions[{number}].body_sha256")
        yield _finding(own, "changed-body", message, _RESTORE, line=line)
    entry = index.entry(record.id)
    if entry is None or entry.body_sha256 is None:
        return
    if not record.standing.decisions:
        message = f"{INDEX_JSON} knows that it was decided on, and its status block says nothing of it"
        yield _finding(own, "status-block", message, _RESTORE)
    if not changed and entry.body_sha256 != body:
        message = f"the body is not the one that was decided on: {INDEX_JSON} has the digest of another"
        yield _finding(own, "changed-body", message, _RESTORE)


def _status_block(own: Stored) -> Iterator[LintFinding]:
    for where, message in standing_problems(own.record):
        if not where.endswith("body_sha256"):
            yield _finding(own, "status-block", f"{where}: {message}", _UNDO, line=_line_of(own, where))
    for number, decision in enumerate(own.record.standing.decisions):
        if is_against(decision.outcome, decision.verdict) and decision.reason is None:
            line = _line_of(own, f"standing.decisions[{number}].reason")
            message = f"{decision.by} {decision.outcome} it against the verdict {decision.verdict}, and gave no reason"
            yield _finding(own, "no-reason", message, "Decide with --reason TEXT.", line=line)


def _bytes(own: Stored) -> Iterator[LintFinding]:
    """Yield where a file is not what the JSON makes of it: the JSON itself, the evidence, the page."""
    stored, wanted = own.files.json.read_bytes(), record_json(own.record).encode()
    if stored != wanted:
        line = first_differing(stored, wanted)
        message = "the JSON is not as Assay writes it"
        yield _finding(own, "record-files", message, "Undo the edit.", line=line)
    missing = [path for path in (own.files.markdown, own.files.evidence) if not path.is_file()]
    for path in missing:
        found = _finding(own, "record-files", "a file of the record is missing", "Keep its three files together.")
        yield found.model_copy(update={"file": str(path)})
    if missing:
        return
    with own.files.evidence.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != own.record.evidence.sha256:
        found = _finding(own, "record-files", "the evidence is not what the record's digest says", _RESTORE)
        yield found.model_copy(update={"file": str(own.files.evidence)})
        return
    yield from _page(own)
    for plot in own.record.plots:
        path = own.files.plots / plot.file
        if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() != plot.sha256:
            found = _finding(own, "record-files", "the picture is not the one that the record shows", _RESTORE)
            yield found.model_copy(update={"file": str(path)})


def _page(own: Stored) -> Iterator[LintFinding]:
    """Yield where the page is not what the template in the evidence makes of the JSON."""
    try:
        wanted = render_with(own.record, unpack(read_zip(own.files.evidence), own.files.evidence.name)).encode()
    except (AssayError, KeyError, ValueError) as error:
        message = f"the template in the evidence makes no page: {error}"
        found = _finding(own, "changed-page", " ".join(message.split()), "See: assay verify.")
        yield found.model_copy(update={"file": str(own.files.evidence)})
        return
    stored = own.files.markdown.read_bytes()
    if stored != wanted:
        line = first_differing(stored, wanted)
        remedy = f"Make it anew, once the JSON is sound: assay render {own.files.json} > {own.files.markdown}."
        found = _finding(own, "changed-page", "the page does not say what the JSON says", remedy, line=line)
        yield found.model_copy(update={"file": str(own.files.markdown)})


def _links(own: Stored, known: Mapping[str, Stored]) -> Iterator[LintFinding]:
    """Yield where a record and one that it names do not point at each other, or replace each other in a ring."""
    name, standing = own.record.id, own.record.standing
    for old in standing.supersedes:
        if old not in known:
            yield _link(own, "supersedes", f"it replaces {old}, which is not here")
        elif known[old].record.standing.superseded_by != name:
            yield _link(own, "supersedes", f"it replaces {old}, which does not say so")
    new = standing.superseded_by
    if new is not None and new not in known:
        yield _link(own, "superseded_by", f"{new} replaces it, which is not here")
    elif new is not None and name not in known[new].record.standing.supersedes:
        yield _link(own, "superseded_by", f"it says that {new} replaces it, and {new} does not say so")
    seen = [name]
    while new is not None and new in known and new not in seen:
        seen.append(new)
        new = known[new].record.standing.superseded_by
    if new == name:
        yield _link(own, "superseded_by", f"records replace each other in a ring: {', '.join([*seen, name])}")


def _link(own: Stored, key: str, message: str) -> LintFinding:
    remedy = "Take both from version control, and let assay decide --supersedes write both sides."
    return _finding(own, "record-links", message, remedy, line=_line_of(own, f"standing.{key}"))


def _line_of(own: Stored, where: str) -> int | None:
    """Return the line of a key of the status block, from 1, in a JSON with a key a line, as Assay writes it."""
    lines = own.files.json.read_bytes().decode("utf-8", "replace").split("\n")
    if where == "status":
        return next((number for number, line in enumerate(lines, 1) if line.startswith(' "status":')), None)
    start = next((number for number, line in enumerate(lines) if line.startswith(' "standing":')), None)
    if start is None:
        return None
    match = _AT.match(where)
    nth, key, indent = (int(match[1]), match[2], 4) if match else (0, where.removeprefix("standing."), 2)
    found = [at for at, line in enumerate(lines[start:], start + 1) if line.startswith(f'{" " * indent}"{key}":')]
    return found[nth] if nth < len(found) else None


def first_differing(one: bytes, other: bytes) -> int:
    """Return the first line, from 1, at which two texts that differ do so."""
    pairs = zip_longest(one.split(b"\n"), other.split(b"\n"))
    return next((number for number, (a, b) in enumerate(pairs, start=1) if a != b), 1)
