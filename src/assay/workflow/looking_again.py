"""What do the candidates of a record look like now, seen with the record's own plan?"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from assay.errors import InputError
from assay.suite import Document, Folders, LoadedPlan
from assay.workflow.clauses import Clause
from assay.workflow.look import Depth, look, steps
from assay.workflow.prepare import Prepared
from assay.workflow.resting import resting_on
from assay.workflow.servers import addresses
from assay.workflow.shipped import shipped_folder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from assay.errors import AssayError
    from assay.schema.provenance import CandidateFacts
    from assay.schema.record import Record
    from assay.schema.suite import Candidate
    from assay.workflow.anew_clauses import PlanNow
    from assay.workflow.clauses import ClauseStatus
    from assay.workflow.evidence import Inputs
    from assay.workflow.progress import Progress
    from assay.workflow.servers import Address

__all__ = ["Looking"]

_DEPTH: Final = Depth(hashed=True, traps=False, longest_prompt_tokens=0)
"""All weights are hashed, and the model is asked nothing."""


class Looking:
    """A look at the candidates of a record: with the record's own plan, so that only what is there can differ."""

    def __init__(self, record: Record, then: Inputs, now: PlanNow, urls: Mapping[str, str]) -> None:
        """Begin with nothing seen.

        Args:
            record: the record.
            then: its evidence.
            now: where its plan lies now: weights are looked up from there.
            urls: addresses that stand in for those of the record, by candidate.
        """
        self._record = record
        self._urls = urls
        moved = [self._moved(own) for own in then.plan.candidates]
        self._plan = then.plan.model_copy(update={"candidates": tuple(moved)})
        self._checklist = then.checklist
        self._folders = Folders(now.path.parent, shipped_folder()) if now.path is not None else None
        self.clauses: list[Clause] = []
        """What was found beside the facts."""
        self.unreached: list[str] = []
        """Candidates that gave no answer, with the reason."""
        self.unread: dict[str, str] = {}
        """By candidate, why no weights file of it was read where the record has one, with what to do."""

    def facts(
        self, chosen: Sequence[str], environment: Mapping[str, str], progress: Progress
    ) -> dict[str, CandidateFacts]:
        """Return what is seen of each candidate that answers."""
        candidates = [own for own in self._plan.candidates if own.id in chosen]
        weights = {own.id: path for own in candidates if (path := self._weights(own)) is not None}
        for own in candidates:
            self._told_url(own)
        progress.stage("reaching servers", len(candidates))
        with addresses(self._prepared(weights), candidates, environment, on_error=self._missed) as places:
            progress.advance(len(candidates))
            there = [own for own in candidates if own.id in places]
            progress.stage("looking at servers", sum(steps(places[own.id], _DEPTH) for own in there))
            return {own.id: self._look(own, places[own.id], progress) for own in there}

    def _look(self, candidate: Candidate, place: Address, progress: Progress) -> CandidateFacts:
        organization = self._plan.organization
        try:
            return asyncio.run(look(candidate, place, organization, _DEPTH, progress))
        except InputError as error:
            # Truncated or forged weights are no longer those of the record; the server is looked at all the same.
            self._add(candidate, "weights", "void", f"they cannot be read: {error.problems[0].message}")
            self.unread[candidate.id] = "it stood in the weights, which cannot be read now"
            bare = replace(place, weights=None)
            return asyncio.run(look(candidate, bare, organization, _DEPTH, progress))

    def _moved(self, candidate: Candidate) -> Candidate:
        url = self._urls.get(candidate.id)
        return candidate if url is None else candidate.model_copy(update={"base_url": url, "embedded": None})

    def _told_url(self, candidate: Candidate) -> None:
        """Warn of an address that is not the record's, and say what only the embedded weights of the record show."""
        if candidate.id not in self._urls:
            return
        own = next(own for own in self._record.candidates if own.candidate.id == candidate.id).candidate
        why = "--url named another address than the record's"
        self._add(candidate, "base_url", "warning", why, now=candidate.base_url)
        if own.embedded is not None:
            self.unread[candidate.id] = (
                "the record has it from the embedded weights; the server at --url does not show it: "
                "look at the embedded weights without --url, or measure that server with a plan of its own"
            )

    def _weights(self, candidate: Candidate) -> Path | None:
        """Return the weights that the record's plan names, from the folder of the plan."""
        if candidate.weights is None:
            return None
        if self._folders is None and not Path(candidate.weights).is_absolute():
            why = f"{candidate.weights} lies beside the plan, which was not found: name the plan with --plan"
            self._not_there(candidate, why)
            return None
        try:
            return (self._folders or Folders(Path(), shipped_folder())).find(candidate.weights)
        except InputError as error:
            self._not_there(candidate, f"{error.problems[0].message}: put the weights there")
            return None

    def _not_there(self, candidate: Candidate, why: str) -> None:
        self._add(candidate, "weights", "unknown", why)
        self.unread[candidate.id] = why

    def _missed(self, candidate: Candidate, error: AssayError) -> None:
        first = error.problems[0]
        if first.slug == "unknown-model":
            self._add(candidate, "model_name_served", "void", first.message)
        if first.slug == "embedded-damaged" and first.file is not None:
            self._exchanged(candidate, Path(first.file))
        # Servers of others are started by others; what Assay runs itself, the reader can put right.
        remedy = f": {first.remedy[:1].lower()}{first.remedy[1:].rstrip('.')}" if candidate.embedded is not None else ""
        self.unreached.append(f"{candidate.id}: {first.message}{remedy}")

    def _exchanged(self, candidate: Candidate, path: Path) -> None:
        """Void the digest of embedded weights that are another file now; they are not served."""
        own = next(own for own in self._record.candidates if own.candidate.id == candidate.id)
        recorded = own.facts.fact("weights_sha256").value
        with path.open("rb") as file:
            seen = hashlib.file_digest(file, "sha256").hexdigest()
        if recorded not in {None, seen}:
            why = f"{path.name} is not the file that was measured, and is not served"
            self._add(candidate, "weights_sha256", "void", why, now=seen)

    def _add(self, candidate: Candidate, name: str, status: ClauseStatus, why: str, now: str | None = None) -> None:
        own = next(own for own in self._record.candidates if own.candidate.id == candidate.id)
        plan = own.candidate
        recorded = {
            "weights": plan.weights,
            "weights_sha256": own.facts.fact("weights_sha256").value,
            "base_url": plan.base_url or f"embedded {plan.embedded}",
            "model_name_served": plan.model,
        }[name]
        says = str(recorded) if recorded is not None else None
        rests = resting_on(self._record, {"weights": "weights_sha256"}.get(name, name), candidate.id)
        self.clauses.append(
            Clause(name=name, candidate=candidate.id, recorded=says, now=now, status=status, why=why, rests=rests)
        )

    def _prepared(self, weights: Mapping[str, Path]) -> Prepared:
        """Return the record's own plan as one that candidates are reached by."""
        document = Document(f"{self._record.id}.json", None)
        folders = self._folders or Folders(Path(), shipped_folder())
        return Prepared(
            loaded=LoadedPlan(self._plan, document, document, folders),
            suites=(),
            rubrics={},
            checklist=self._checklist,
            attestations=None,
            waivers=None,
            calibrations={},
            weights=weights,
            imported=(),
        )
