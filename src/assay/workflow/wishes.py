"""What does a run take from outside, and what shall it do beside what the plan says?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assay.schema.run import Selection
from assay.workflow.stop import Stop

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path

    from assay.workflow.progress import Progress

__all__ = ["Surroundings", "Wishes"]


@dataclass(frozen=True)
class Surroundings:
    """What a run takes from outside."""

    environment: Mapping[str, str]
    """Environment variables."""
    now: Callable[[], datetime]
    """The wall clock, in UTC."""
    salt: str
    """Random 32 hexadecimal digits."""
    progress: Progress
    """Told how far the run is."""
    wait_s: float = 0.0
    """Seconds to wait for each server that is not ready."""
    stop: Stop = field(default_factory=Stop)
    """Set by whoever hears the user's wish to stop."""


@dataclass(frozen=True)
class Wishes:
    """What a run shall do beside what the plan says."""

    resume: Path | None = None
    """Id or folder of a run to go on with."""
    retry_failed: bool = False
    """Whether trials without an answer are asked again when a run goes on."""
    reuse: Path | None = None
    """Folder of an earlier run whose answers may be taken."""
    selection: Selection = field(default_factory=Selection)
    """Which part of the cases is asked."""
    cases_only: bool = False
    """Whether no load is sent."""
    load_only: bool = False
    """Whether no case is asked."""
    max_seconds: float | None = None
    """Time for all load together, in place of the plan's."""
    self_test: bool = False
    """Whether the client is measured even where the plan does not ask for it."""
    sequential: bool = False
    """Whether conditions are weighed at planned looks, so that suites may end before all of them is asked."""
    transcripts: bool = True
    """Whether prompts and answers go into the record's evidence, where the plan does not leave them out."""
