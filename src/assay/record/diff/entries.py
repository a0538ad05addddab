"""How do two lists of named texts differ: the one kernel that every part of a comparison uses?"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay.record.diff.changes import Change

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from assay.record.diff.changes import Part
    from assay.schema._base import JsonValue

__all__ = ["Entry", "entries_differ", "flat", "members"]


@dataclass(frozen=True)
class Entry:
    """What one record says of one subject."""

    says: str | None
    """What it says; None where being there is all."""
    why: str | None = None
    """Its reason, which may be worded anew without a change."""


def entries_differ(
    part: Part, candidate: str | None, a: Mapping[str, Entry], b: Mapping[str, Entry]
) -> Iterator[Change]:
    """Yield what is new, gone, changed or reworded, in the order of A, then of B."""
    for subject in (*a, *(name for name in b if name not in a)):
        one, other = a.get(subject), b.get(subject)
        base = {"part": part, "candidate": candidate, "subject": subject}
        if one is None and other is not None:
            yield Change.model_validate({**base, "change": "new", "b": other.says, "why": other.why})
        elif other is None and one is not None:
            yield Change.model_validate({**base, "change": "gone", "a": one.says, "why": one.why})
        elif one is not None and other is not None and one != other:
            change = "changed" if one.says != other.says else "reworded"
            yield Change.model_validate({**base, "change": change, "a": one.says, "b": other.says, "why": other.why})


def members(kind: str, texts: Iterable[str]) -> dict[str, Entry]:
    """Return entries of a list in which being there is all, each named by its kind and text."""
    return {f"{kind}: {text}": Entry(None) for text in texts}


def flat(value: JsonValue, path: str = "") -> dict[str, Entry]:
    """Return a JSON value as one entry for each value in it, named by its key path; None and empty ones have none."""
    if isinstance(value, dict):
        found: dict[str, Entry] = {}
        for key, inner in value.items():
            found |= flat(inner, f"{path}.{key}" if path else key)
        return found
    if value is None or value == []:
        return {}
    if isinstance(value, list):
        texts = (inner if isinstance(inner, str) else json.dumps(inner, ensure_ascii=False) for inner in value)
        return {path: Entry(", ".join(texts))}
    return {path: Entry(value if isinstance(value, str) else json.dumps(value))}
