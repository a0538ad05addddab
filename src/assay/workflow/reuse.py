"""Which answers of an earlier run still hold: the same candidate, the same request, the same case?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.record.run_folder import RunFolder
from assay.schema.run import Trial

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Reuse"]


class Reuse:
    """The answers of an earlier run, found by line and read when they are wanted."""

    def __init__(self, path: Path, fingerprints: Mapping[str, str]) -> None:
        """Look through the journal of an earlier run.

        Args:
            path: its folder.
            fingerprints: what the candidates of this run are now, by id.

        Raises:
            InputError: there is no run, or its journal cannot be read.
        """
        folder = RunFolder.existing(path)
        earlier = folder.read_run()
        self.run_id = earlier.id
        """Id of the earlier run."""
        same = {
            then: now
            for then, was in earlier.fingerprints.items()
            for now, fingerprint in fingerprints.items()
            if was == fingerprint
        }
        self._journal = folder.path / "trials.jsonl"
        self._places: dict[tuple[str, str, str, int], tuple[int, int]] = {}
        for key, completed, place in folder.places("trials.jsonl"):
            if completed and key[0] in same:
                self._places[same[key[0]], key[1], key[2], key[3]] = place

    def find(self, candidate: str, suite: str, case: str, number: int, wanted: tuple[str, str]) -> Trial | None:
        """Return the earlier answer to the very same request, or None.

        Args:
            candidate: id in this run.
            suite: suite id.
            case: case id.
            number: number of the trial.
            wanted: digests of the case and of the request.
        """
        place = self._places.get((candidate, suite, case, number))
        if place is None:
            return None
        with self._journal.open("rb") as file:
            file.seek(place[0])
            trial = Trial.model_validate_json(file.read(place[1]))
        if (trial.case_digest, trial.request_digest) != wanted:
            return None
        origin = trial.reused_from or self.run_id
        return trial.model_copy(update={"candidate": candidate, "reused_from": origin})
