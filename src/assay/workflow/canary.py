"""Which servers are searched for prompts that come to rest, in which sinks, and what is kept of it?"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from assay.record.journal import CANARIES_FILE
from assay.record.run_folder import parse_lines
from assay.runtime.canary import Looked, look_for_prompts, no_look
from assay.schema.provenance import CanaryResult

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from assay.runtime.probing import Subject
    from assay.schema.suite import Plan
    from assay.workflow.progress import Progress
    from assay.workflow.session import Session

__all__ = ["left_to_search", "search_all", "search_in_run"]

_SEED_BYTES = 32


async def search_all(
    subjects: Sequence[Subject],
    place: tuple[Plan, Path],
    keep: Callable[[CanaryResult], None],
    progress: Progress,
    *,
    spent_s: Mapping[str, float],
) -> None:
    """Send marks to servers one after the other, and search for them; each result is kept as soon as it is there.

    Args:
        subjects: the servers.
        place: the plan, and the folder in which its relative names lie.
        keep: told of each result.
        progress: told how far it is.
        spent_s: seconds that the other deep probes of each candidate took, out of the time for all of them.
    """
    plan, folder = place
    progress.stage("searching for prompts that were sent", len(subjects))
    for subject in subjects:
        left_s = plan.probes.max_seconds - spent_s.get(subject.candidate, 0.0)
        if left_s <= 0:
            note = f"the {plan.probes.max_seconds:g} s for all probes were over"
            keep(no_look(subject.candidate, subject.nonce, note))
        else:
            own = (sink for sink in plan.probes.sinks if not sink.candidates or subject.candidate in sink.candidates)
            looked = Looked(tuple(own), folder, secrets.token_bytes(_SEED_BYTES))
            keep(await look_for_prompts(subject, looked, left_s))
        progress.advance()


async def search_in_run(
    session: Session, subjects: Sequence[Subject], spent_s: Mapping[str, float]
) -> list[CanaryResult]:
    """Search for the prompts of a run's servers, and return what is new; what is on disk stays."""
    folder = session.folder
    kept: list[CanaryResult] = []

    def keep(result: CanaryResult) -> None:
        folder.append(CANARIES_FILE, result)
        kept.append(result)

    place = session.prepared.plan, session.prepared.loaded.folders.base
    await search_all(left_to_search(session, subjects), place, keep, session.progress, spent_s=spent_s)
    return kept


def left_to_search(session: Session, subjects: Sequence[Subject]) -> list[Subject]:
    """Return the servers whose prompts a run has not searched for yet."""
    path = session.folder.path / CANARIES_FILE
    earlier = parse_lines(path.read_bytes(), CanaryResult, CANARIES_FILE) if path.is_file() else ()
    done = {result.candidate for result in earlier}
    return [subject for subject in subjects if subject.candidate not in done]
