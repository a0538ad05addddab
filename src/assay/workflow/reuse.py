"""Which answers of an earlier run still hold: the same candidate, the same request, the same case?"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from assay.record.run_folder import RunFolder
from assay.schema.run import Trial

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Reuse"]

_NONE_THERE = "no answer there"
_OTHER_CANDIDATE = "the candidate differs"
_OTHER_CASE = "the case differs"
_OTHER_REQUEST = "the request differs"


class Reuse:
    """The answers of an earlier run, found by line and read when they are wanted."""

    def __init__(self, path: Path) -> None:
        """Look through the journal of an earlier run; a last line that was never finished counts as not there.

        Args:
            path: its folder.

        Raises:
            InputError: there is no run, or its journal cannot be read.
        """
        folder = RunFolder.existing(path)
        earlier = folder.read_run()
        self.run_id = earlier.id
        """Id of the earlier run."""
        self.torn = folder.torn("trials.jsonl")
        """Bytes of a last line that was never finished."""
        self._earlier = earlier.fingerprints
        self._then: dict[str, list[str]] = {}
        self._journal = folder.path / "trials.jsonl"
        self._places = {key: place for key, completed, place in folder.places("trials.jsonl") if completed}
        self._taken = 0
        self._refused: Counter[str] = Counter()

    def fit(self, fingerprints: Mapping[str, str]) -> None:
        """Say what the candidates of this run are, by id; answers of others are not taken."""
        self._then = {
            now: [then for then, was in self._earlier.items() if was == fingerprint]
            for now, fingerprint in fingerprints.items()
        }

    def find(self, candidate: str, suite: str, case: str, number: int, wanted: tuple[str, str]) -> Trial | None:
        """Return the earlier answer to the very same request, or None.

        Args:
            candidate: id in this run.
            suite: suite id.
            case: case id.
            number: number of the trial.
            wanted: digests of the case and of the request.
        """
        found = self._found(candidate, (suite, case, number), wanted)
        if isinstance(found, str):
            self._refused[found] += 1
            return None
        self._taken += 1
        origin = found.reused_from or self.run_id
        return found.model_copy(update={"candidate": candidate, "reused_from": origin})

    def _found(self, candidate: str, key: tuple[str, str, int], wanted: tuple[str, str]) -> Trial | str:
        """Return the earlier trial, or why there is none to take."""
        same = self._then.get(candidate, [])
        if not same:
            return _OTHER_CANDIDATE
        place = next((own for then in same if (own := self._places.get((then, *key))) is not None), None)
        if place is None:
            return _NONE_THERE
        with self._journal.open("rb") as file:
            file.seek(place[0])
            trial = Trial.model_validate_json(file.read(place[1]))
        if trial.case_digest != wanted[0]:
            return _OTHER_CASE
        return trial if trial.request_digest == wanted[1] else _OTHER_REQUEST

    def summary(self) -> str:
        """Return how many answers were taken, and why others were not: `2 of 3 answers are reused from …`."""
        asked = self._taken + self._refused.total()
        why = ", ".join(f"{reason} {count} times" for reason, count in self._refused.most_common())
        told = f"{self._taken} of {asked} answers are reused from {self.run_id}"
        return f"{told}; not the others: {why}" if why else told
