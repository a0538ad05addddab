"""What does a policy file ask for, and on which of its lines?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay.errors import InputError, Problem
from assay.schema.suite import Gate
from assay.suite.documents import load_noun, read_yaml

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import JsonValue

    from assay.suite.documents import Document
    from assay.suite.paths import Folders

__all__ = ["PLACEHOLDER", "LoadedPolicy", "load_policy", "no_conditions", "read_policy"]

PLACEHOLDER: dict[str, JsonValue] = {"conditions": ["readiness all met"]}
"""Stands for a gate whose problem is told already, so that the rest of the plan is still looked at."""

_NO_CONDITIONS = frozenset({"schema", "conditions", "baseline", "waivers", "stop_early"})
"""Keys of a policy that make no condition; one that is not known is told as such, whatever else is missing."""


@dataclass(frozen=True)
class LoadedPolicy:
    """A policy with what is needed to speak about its file."""

    policy: Gate
    """The policy."""
    document: Document
    """The file that holds it: one of its own, or the plan."""
    within: tuple[str, ...]
    """Keys that lead to it in that file: none, or `gate`."""
    folders: Folders
    """Where its relative names are looked up."""

    def place(self, *keys: str | int) -> tuple[str, int | None]:
        """Return file and line of what stands under some keys of the policy."""
        return self.document.file, self.document.line_of((*self.within, *keys))

    def condition_line(self, index: int) -> tuple[str, int | None]:
        """Return file and line of one condition."""
        return self.place("conditions", index)


def load_policy(path: Path, folders: Folders) -> LoadedPolicy:
    """Read a policy file that stands in for the gate of a plan.

    Args:
        path: the YAML file.
        folders: where the names in it are looked up.

    Raises:
        InputError: every problem that was found, each with its line.
    """
    document = read_policy(path, str(path))
    return LoadedPolicy(load_noun(document, Gate), document, (), folders)


def read_policy(path: Path, name: str) -> Document:
    """Return a policy file that has conditions.

    Args:
        path: the file.
        name: how the user calls it; used in problems.

    Raises:
        InputError: every problem that was found, each with its line.
    """
    document = read_yaml(path, name)
    empty = no_conditions({"gate": document.data}, document)
    if empty:
        raise InputError(*empty)
    load_noun(document, Gate)
    return document


def no_conditions(data: dict[str, JsonValue], document: Document) -> list[Problem]:
    """Return the one problem of a gate without conditions, and put a sound gate in its place.

    Args:
        data: a mapping that holds the gate under that key.
        document: the file that it was read from.
    """
    gate = data.get("gate")
    if isinstance(gate, dict) and (gate.get("conditions") or set(gate) - _NO_CONDITIONS):
        return []
    if gate and not isinstance(gate, dict):
        return []
    data["gate"] = dict(PLACEHOLDER)
    message = "the gate has no conditions, so nothing could be decided"
    remedy = "Add at least one under gate.conditions, for example `readiness all met`."
    line = document.line_of(("gate",)) or document.line_of(("conditions",))
    return [Problem("no-conditions", message, remedy, document.file, line)]
