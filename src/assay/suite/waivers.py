"""What does a waivers file accept, and what is wrong with it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.errors import InputError, Problem
from assay.schema.suite import Waivers
from assay.suite.documents import load_noun, read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from assay.suite.documents import Document
    from assay.suite.policy import LoadedPolicy

__all__ = ["load_waivers", "waivers_of"]


def load_waivers(path: Path, name: str) -> Waivers:
    """Read a waivers file.

    Args:
        path: the file.
        name: how the user calls it; used in problems.

    Raises:
        InputError: every problem at once, each with its line. Slug `duplicate-waiver` for a condition that is waived
            twice for one candidate.
    """
    document = read_yaml(path, name)
    twice = list(_twice(document))
    try:
        waivers = load_noun(document, Waivers)
    except InputError as error:
        raise InputError(*sorted((*error.problems, *twice), key=lambda problem: problem.line or 0)) from None
    if twice:
        raise InputError(*twice)
    return waivers


def waivers_of(loaded: LoadedPolicy) -> Waivers | None:
    """Return what the waivers file of a policy says, or None where it names none.

    Raises:
        InputError: every problem at once; one with the name itself stands at the policy's line.
    """
    name = loaded.policy.waivers
    if name is None:
        return None
    try:
        return load_waivers(loaded.folders.find(name), name)
    except InputError as error:
        raise InputError(*(p if p.file else p.at(*loaded.place("waivers")) for p in error.problems)) from None


def _twice(document: Document) -> Iterator[Problem]:
    """Yield a problem for each waiver of a condition that an earlier one waives already, for the same candidate."""
    listed = document.data.get("waivers") if isinstance(document.data, dict) else None
    earlier: list[tuple[object, object]] = []
    for index, own in enumerate(listed if isinstance(listed, list) else ()):
        if not isinstance(own, dict) or "condition" not in own:
            continue
        condition, candidate = own["condition"], own.get("candidate")
        if any(
            condition == other and (candidate is None or whom is None or candidate == whom) for other, whom in earlier
        ):
            message = f"the condition {condition!r} is waived twice for one candidate"
            remedy = "Keep one: nobody could tell which of them counts."
            yield document.problem("duplicate-waiver", message, remedy, ("waivers", index))
        earlier.append((condition, candidate))
