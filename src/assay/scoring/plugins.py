"""Which scorers do other packages add?

A package names its scorers as entry points of the group `assay.scorers`; each is an `assay.scoring.mark.Scorer`. They
are only looked for when a name is none of Assay's own, and never take the place of one.
"""

from __future__ import annotations

import functools
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from assay.scoring.combine import COMBINERS
from assay.scoring.mark import Scorer, readable, shortened, shown
from assay.scoring.registry import SCORERS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.metadata import EntryPoint

    from assay.schema.suite import Suite

__all__ = ["GROUP", "known_scorers", "needs_nobody", "plugin_versions", "scorer_named", "why_not_loaded"]

GROUP = "assay.scorers"
"""Group of entry points."""


def scorer_named(name: str) -> Scorer | None:
    """Return the scorer of a name: Assay's own, a combination, or one that another package adds; None without one."""
    own = SCORERS.get(name) or COMBINERS.get(name)
    added = None if own else _added(name)
    return added if isinstance(added, Scorer) else own


def needs_nobody(suite: Suite) -> bool:
    """Return whether answers to a suite are scored by Assay's own scorers alone: by no judge and nobody else's code."""
    own = [case.scorers for case in suite.cases if case.scorers is not None]
    shared = [suite.scorers] if len(own) < len(suite.cases) else []
    names = {leaf.name for specs in (*shared, *own) for spec in specs for leaf in spec.leaves()}
    return names <= SCORERS.keys() - {"judge"}


def why_not_loaded(name: str) -> str | None:
    """Return why the scorer that a package names is not there, in words for a reason; None where none names it."""
    added = _added(name)
    return added if isinstance(added, str) else None


def known_scorers() -> dict[str, Scorer]:
    """Return all scorers by name; a package whose scorer cannot be loaded is left out."""
    own = {**SCORERS, **COMBINERS}
    added = {name: _added(name) for name in sorted({point.name for point in _points()} - own.keys())}
    return {**own, **{name: scorer for name, scorer in added.items() if isinstance(scorer, Scorer)}}


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
def _added(name: str) -> Scorer | str | None:
    """Return the scorer that a package adds under a name, or why there is none although a package names it."""
    for point in _points():
        if point.name == name:
            try:
                loaded = point.load()
            except Exception as error:  # noqa: BLE001 - somebody else's package may raise anything
                why = f"cannot be loaded: {type(error).__name__}: {readable(shortened(str(error)))}"
            else:
                if isinstance(loaded, Scorer):
                    return loaded
                why = f"is {type(loaded).__name__}, not an `assay.scoring.mark.Scorer`"
            package = point.dist.name if point.dist is not None else point.value
            return f"the scorer {shown(name)} of {readable(package)} {why}"
    return None
