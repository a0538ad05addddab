"""Which cases, losses and answers have been found so far?"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from pydantic import ValidationError

from assay.schema.suite import Case
from assay.suite.documents import flaw_of
from assay.suite.importing.imported import Imported, Loss, Options, PeerAnswer

if TYPE_CHECKING:
    from pydantic import JsonValue

__all__ = ["Ledger", "as_id"]

_MOST_LINE_BYTES = 4 << 20
"""Longest line of `cases.jsonl` that Assay reads."""
_LONGEST_ID = 200


class Ledger:
    """Takes what an importer finds, checks it, and keeps count of what is lost."""

    def __init__(self, options: Options, stem: str) -> None:
        self._options = options
        self.stem = stem
        """Name that the file gives the suite."""
        self._cases: list[Case] = []
        self._ids: set[str] = set()
        self._losses: dict[Loss, None] = {}
        self._answers: list[PeerAnswer] = []
        self._trials: dict[tuple[str, str], int] = {}
        self.description = ""
        """One sentence on the suite, from the file."""
        self.scorers: list[JsonValue] = []
        """Scorers of the whole suite, for cases that name none."""

    def lose(self, where: str, what: str) -> None:
        """Note what is not carried over; the same loss at the same place counts once."""
        self._losses[Loss(where, what)] = None

    def take_scorer(self) -> None:
        """Give all cases the scorer that the user names, or the strictest, for a format that names none."""
        if self._options.scorer is None:
            self.lose("the file", "it names no scorer: `exact` is taken, the strictest")
        self.scorers = [self._options.scorer or "exact"]

    def add_plain(self, where: str, fields: dict[str, JsonValue]) -> str:
        """Keep a case that the suite's own scorer judges, unless it lacks what nearly every scorer compares with."""
        if fields.get("expected") in (None, "", []) and self.scorers != ["refusal"]:
            name = self._own_id(where, as_id(fields.get("id")) or f"case-{len(self._ids) + 1}")
            self.lose(where, f"the case {name!r} is left out: it has no expected answer")
            return name
        return self.add(where, fields)

    def add(self, where: str, fields: dict[str, JsonValue]) -> str:
        """Keep a case, or note why it is left out.

        Args:
            where: its place in the peer's file.
            fields: the line of `cases.jsonl`; keys with None or nothing in them are dropped.

        Returns:
            The id that answers to it are kept under, whether it was kept or not.
        """
        name = self._own_id(where, as_id(fields.get("id")) or f"case-{len(self._ids) + 1}")
        kept = {key: value for key, value in fields.items() if value not in (None, [], {}, "")}
        if not kept.get("scorers") and not self.scorers:
            self.lose(where, f"the case {name!r} is left out: no scorer of it could be carried over")
            return name
        reason = self._keep({**kept, "id": name})
        if reason is not None:
            self.lose(where, f"the case {name!r} is left out: {reason}")
        return name

    def _keep(self, fields: dict[str, JsonValue]) -> str | None:
        flaw = _flaw_in(fields)
        if flaw is not None:
            return flaw
        try:
            case = Case.model_validate(fields)
        except ValidationError as error:
            detail = error.errors(include_url=False)[0]
            place = ".".join(str(part) for part in detail["loc"])
            return f"{place}: {detail['msg'].rstrip('.')}"
        if len(json.dumps(fields, ensure_ascii=False).encode("utf-8", "replace")) > _MOST_LINE_BYTES:
            return "its line would be longer than 4 MiB"
        self._cases.append(case)
        return None

    def _own_id(self, where: str, name: str) -> str:
        base, number = name, 1
        while name in self._ids:
            number += 1
            name = f"{base}-{number}"
        if number > 1:
            self.lose(where, f"the id {base!r} stands twice; this one became {name!r}")
        self._ids.add(name)
        return name

    def answer(self, case: str, candidate: str, output: str | None, *, passed: bool | None, note: str) -> None:
        """Keep what the file says of one answer; trials are counted in the order in which they come."""
        key = (case, candidate)
        self._trials[key] = self._trials.get(key, 0) + 1
        # Half of a surrogate pair could not be written to a file again.
        whole = None if output is None else output.encode("utf-8", "replace").decode("utf-8")
        self._answers.append(PeerAnswer(case, candidate, self._trials[key], whole, passed, note))

    def close(self) -> Imported:
        """Return all that was found."""
        head: dict[str, JsonValue] = {
            "schema": "assay/suite/v1",
            "id": _plain(self._options.suite_id or self.stem) or "imported",
            "version": "0",
            "description": _plain_text(self.description),
            "licence": "unknown",
            "scorers": self.scorers,
        }
        return Imported(head, tuple(self._cases), tuple(self._losses), tuple(self._answers))


def as_id(value: JsonValue) -> str:
    """Return a peer's id as text that may be an id here, or nothing."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    text = " ".join(str(value).split())[:_LONGEST_ID]
    return "" if flaw_of(text) else text


def _plain(name: str) -> str:
    """Return the letters, digits, dots, dashes and underscores of a name, dashes for what is between them."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("._-")[:80]


def _plain_text(text: str) -> str:
    return " ".join(text.encode("utf-8", "replace").decode("utf-8").split())[:1000]


def _flaw_in(value: JsonValue) -> str | None:
    """Return why a value fits no canonical JSON, or None."""
    stack: list[JsonValue] = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            stack += item.keys()
            stack += item.values()
        elif isinstance(item, list):
            stack += item
        elif (flaw := flaw_of(item)) is not None:
            return flaw
    return None
