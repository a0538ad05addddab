"""Which scorers do other packages add?

A package names its scorers as entry points of the group `assay.scorers`; each is an `assay.scoring.mark.Scorer`. They
are only looked for when a name is none of Assay's own, and never take the place of one.
"""

from __future__ import annotations

import functools
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from assay.scoring.combine import COMBINERS
from assay.scoring.mark import Scorer
from assay.scoring.registry import SCORERS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.metadata import EntryPoint

__all__ = ["GROUP", "known_scorers", "plugin_versions", "scorer_named"]

GROUP = "assay.scorers"
"""Group of entry points."""


def scorer_named(name: str) -> Scorer | None:
    """Return the scorer of a name: Assay's own, a combination, or one that another package adds; None without one."""
    return SCORERS.get(name) or COMBINERS.get(name) or _added(name)


def known_scorers() -> dict[str, Scorer]:
    """Return all scorers by name; a package whose scorer cannot be loaded is left out."""
    own = {**SCORERS, **COMBINERS}
    added = {name: _added(name) for name in sorted({point.name for point in _points()} - own.keys())}
    return {**own, **{name: scorer for name, scorer in added.items() if scorer is not None}}


def plugin_versions(names: frozenset[str]) -> dict[str, str]:
    """Return package and version of each scorer that is not Assay's own, for the run to name."""
    versions = {}
    for point in _points():
        if point.name in names and point.name not in SCORERS and point.dist is not None:
            versions[f"scorer {point.name}"] = f"{point.dist.name} {point.dist.version}"
    return versions


def _points() -> Iterator[EntryPoint]:
    yield from entry_points(group=GROUP)


@functools.lru_cache(maxsize=64)
def _added(name: str) -> Scorer | None:
    for point in _points():
        if point.name == name:
            try:
                loaded = point.load()
            except Exception:  # noqa: BLE001 - somebody else's package: whatever it raises, the scorer is not there
                return None
            return loaded if isinstance(loaded, Scorer) else None
    return None
