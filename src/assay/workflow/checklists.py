"""Which checklist is a run held against, and what do people attest of it, as the files say that a plan names?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay import readiness
from assay.schema.findings import Attestations, Checklist, ChecklistExtension
from assay.suite import load_noun, read_yaml
from assay.workflow.shipped import CHECKLIST, shipped_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from assay.suite.documents import Document

__all__ = ["load_attestations", "load_checklist", "shipped_checklist"]


def shipped_checklist() -> Checklist:
    """Return the checklist that comes with Assay."""
    return load_noun(read_yaml(shipped_folder() / CHECKLIST, CHECKLIST, trusted=True), Checklist)


def load_checklist(path: Path, name: str) -> Checklist:
    """Return the checklist that a file of the user's means: a whole one, or the shipped one with what it changes.

    Args:
        path: the file.
        name: how the user calls it; used in problems.

    Raises:
        InputError: one problem for each value that does not fit, or for each item that cannot be decided, with lines.
    """
    document = read_yaml(path, name)
    place = _places(document, "items", "id")
    if isinstance(document.data, dict) and "extends" in document.data:
        own = load_noun(document, ChecklistExtension)
        checklist = readiness.extended(shipped_checklist(), own, name, place)
    else:
        checklist = load_noun(document, Checklist)
    readiness.validate(checklist, name, place)
    return checklist


def load_attestations(path: Path, name: str, checklist: Checklist | None) -> Attestations:
    """Return what people attest of a checklist.

    Args:
        path: the file.
        name: how the user calls it; used in problems.
        checklist: what they speak of; None where it cannot be read, and only the file's form is looked at.

    Raises:
        InputError: one problem for each value that does not fit, or for each attestation that says nothing.
    """
    document = read_yaml(path, name)
    attestations = load_noun(document, Attestations)
    if checklist is not None:
        place = _places(document, "attestations", "item")
        readiness.validate_attestations(attestations, checklist, name, place)
    return attestations


def _places(document: Document, key: str, name: str) -> Callable[[str], int | None]:
    """Return a way to ask on which line an entry of a list stands last, by its name."""
    data = document.data
    entries = data.get(key) if isinstance(data, dict) else None
    lines = {
        str(entry.get(name)): document.line_of((key, index))
        for index, entry in enumerate(entries if isinstance(entries, list) else ())
        if isinstance(entry, dict)
    }
    return lines.get
