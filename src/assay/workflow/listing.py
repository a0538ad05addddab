"""What does Assay know: scorers, checks, runtimes, suites, embedded models?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.errors import InputError, Problem
from assay.workflow.shipped import shipped_folder

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["RECORDS", "listing"]

RECORDS: Final = "records"
"""The one kind that lies in a folder of the user's, and has a listing of its own."""


def listing(kind: str) -> dict[str, str]:
    """Return the names of one kind with a line on each.

    Raises:
        InputError: there is no such kind.
    """
    if kind not in _KINDS:
        remedy = f"Use one of: {', '.join(sorted((*_KINDS, RECORDS)))}."
        raise InputError(Problem("unknown-kind", f"there is nothing of the kind {kind!r}", remedy))
    return _KINDS[kind]()


def _scorers() -> dict[str, str]:
    from assay.scoring import known_scorers

    return {name: scorer.summary for name, scorer in known_scorers().items()}


def _checks() -> dict[str, str]:
    from assay.workflow.checklists import shipped_checklist

    return {
        item.id: f"[{item.section}, by {item.shown_by}{', warn' * (item.severity == 'warn')}] {item.question}"
        for item in shipped_checklist().items
    }


def _runtimes() -> dict[str, str]:
    from assay.runtime.adapters import ADAPTERS

    return {name: f"known by {adapter.mark}; shows {len(adapter.shows)} facts" for name, adapter in ADAPTERS.items()}


def _suites() -> dict[str, str]:
    from assay.scoring import check_scorers
    from assay.suite import load_suite

    folders = sorted(path.parent for path in (shipped_folder() / "goldensets").glob("*/suite.yaml"))
    suites = {f"goldensets/{f.name}": load_suite(f, f"goldensets/{f.name}", check_scorers) for f in folders}
    return {name: f"{len(suite.cases)} cases: {suite.description}" for name, suite in suites.items()}


def _models() -> dict[str, str]:
    from assay.runtime.embedded import EMBEDDED

    return {
        name: f"{model.licence}, {model.weights_bytes:,} bytes, file {model.file}" for name, model in EMBEDDED.items()
    }


_KINDS: dict[str, Callable[[], dict[str, str]]] = {
    "checks": _checks,
    "models": _models,
    "runtimes": _runtimes,
    "scorers": _scorers,
    "suites": _suites,
}
