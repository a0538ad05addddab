"""What does every stage of a run work with?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from assay.record.run_folder import RunFolder
    from assay.schema.provenance import CandidateFacts
    from assay.schema.run import Run
    from assay.workflow.prepare import Prepared
    from assay.workflow.progress import Progress
    from assay.workflow.servers import Address
    from assay.workflow.stop import Stop

__all__ = ["Session"]


@dataclass(frozen=True)
class Session:
    """A run under way, its servers reached."""

    prepared: Prepared
    """The plan."""
    places: Mapping[str, Address]
    """Where each candidate answers, by id."""
    folder: RunFolder
    """Where everything is written."""
    run: Run
    """What `run.json` says."""
    facts: Mapping[str, CandidateFacts]
    """What was seen of each candidate that is asked, by id."""
    progress: Progress
    """Told how far it is."""
    stop: Stop
    """Read before anything new is begun."""
    now: Callable[[], datetime]
    """The wall clock, in UTC."""
