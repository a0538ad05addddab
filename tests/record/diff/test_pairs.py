"""Is each candidate held against the one that a reader would take, and is none guessed?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assay.record.diff.pairs import paired_candidates
from tests.record.diff.two_records import two_records

if TYPE_CHECKING:
    from assay.schema.record import Record


def renamed(record: Record, candidates: dict[str, tuple[str, ...]], decided: str | None = None) -> Record:
    """Return the record with other names and roles for its candidates, in their order."""
    summaries = tuple(
        own.model_copy(update={"candidate": own.candidate.model_copy(update={"id": name, "roles": roles})})
        for own, (name, roles) in zip(record.candidates, candidates.items(), strict=True)
    )
    own = record.verdict.candidates[0].model_copy(update={"candidate": decided or next(iter(candidates))})
    verdict = record.verdict.model_copy(update={"candidates": (own,)})
    return record.model_copy(update={"candidates": summaries, "verdict": verdict})


@pytest.mark.parametrize(
    ("a", "b", "pairs"),
    [
        ({"x": (), "y": ()}, {"y": (), "x": ()}, [("x", "x", "id"), ("y", "y", "id")]),
        (
            {"old": ("production",), "f": ("fallback",)},
            {"f": ("fallback",), "new": ("production",)},
            [("old", "new", "roles"), ("f", "f", "id")],
        ),
        (
            {"old": ("production",), "x": ("dev",)},
            {"new": ("production", "dev"), "y": ()},
            [("old", "new", "decided_on"), ("x", None, None), (None, "y", None)],
        ),
        (
            {"p": ("production",), "q": ("production",)},
            {"r": ("production",), "s": ("production",)},
            [("p", "r", "decided_on"), ("q", None, None), (None, "s", None)],
        ),
    ],
    ids=["ids in another order", "the same roles", "the only ones decided on", "roles of several are no pair"],
)
def test_pairs(a: dict, b: dict, pairs: list) -> None:
    """By id first, then by roles that one of each side has, then the only two left that are decided on."""
    old, new = two_records()
    found = paired_candidates(renamed(old, a), renamed(new, b))
    assert [(own.a, own.b, own.by) for own in found] == pairs


def test_label_names_both_where_they_differ() -> None:
    """One name stands for two that are alike, or for the only one."""
    old, new = two_records()
    found = paired_candidates(renamed(old, {"x": ("dev",), "y": ()}), renamed(new, {"z": ("dev",), "w": ()}, "w"))
    assert [own.label for own in found] == ["x -> z", "y", "w"]
