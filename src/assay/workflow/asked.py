"""What of a run is on disk already: which trials, and who has answered?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assay.record.run_folder import RunFolder

__all__ = ["Asked", "asked_before"]


@dataclass(frozen=True)
class Asked:
    """What one candidate was asked."""

    cases: dict[tuple[str, int], set[str]]
    """Ids of the cases on disk, by suite id and number of the trial."""
    answered: bool
    """Whether it has answered at least one."""

    def __len__(self) -> int:
        """Return how many trials there are."""
        return sum(map(len, self.cases.values()))

    def __contains__(self, key: tuple[str, str, int]) -> bool:
        """Say whether a case of a suite was asked under a number."""
        suite, case, number = key
        return case in self.cases.get((suite, number), ())


def asked_before(folder: RunFolder, candidates: Iterable[str]) -> dict[str, Asked]:
    """Return what each candidate was asked in this run so far.

    Args:
        folder: the run.
        candidates: ids of those that are asked.

    Raises:
        InputError: a line of the journal is no trial, or one of somebody else.
    """
    cases: dict[str, dict[tuple[str, int], set[str]]] = {name: {} for name in candidates}
    answered = set()
    for line, (key, completed, _) in enumerate(folder.places("trials.jsonl"), start=1):
        if key[0] not in cases:
            path = str(folder.path / "trials.jsonl")
            message = f"a trial of {key[0]!r}, whom this run does not ask"
            raise InputError(Problem("bad-journal", message, "Remove the line, and go on with --resume.", path, line))
        cases[key[0]].setdefault((key[1], key[3]), set()).add(key[2])
        if completed:
            answered.add(key[0])
    return {name: Asked(own, name in answered) for name, own in cases.items()}
