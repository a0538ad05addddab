"""What is it that was tested: all facts about one candidate, and the machine that measured it?"""

from __future__ import annotations

from assay.schema._base import Noun
from assay.schema.provenance.capacity import Capacity
from assay.schema.provenance.fact import Fact, FactName, PinCheck
from assay.schema.provenance.licence import Licence

__all__ = ["CandidateFacts", "Host"]


class CandidateFacts(Noun):
    """All that is known about one candidate."""

    candidate: str
    """Candidate id."""
    facts: tuple[Fact, ...]
    """Facts in the order of FactName; every name is there, unknown ones too."""
    pins: tuple[PinCheck, ...]
    """Pins of the plan against the facts."""
    licence: Licence
    """What the licence allows."""
    capacity: Capacity
    """What it needs in memory."""
    server_pid: int | None = None
    """Process id of the server where it is known (an embedded one); None otherwise."""

    def fact(self, name: FactName) -> Fact:
        """Return one fact; a missing one is unknown."""
        for fact in self.facts:
            if fact.name == name:
                return fact
        return Fact(name=name, value=None, grade="unknown", source="not looked for")


class Host(Noun):
    """The machine that the harness ran on."""

    system: str
    """Operating system and release."""
    machine: str
    """Processor architecture."""
    processor: str
    """Processor's own name."""
    cores: int
    """Logical processors that the process may use."""
    memory_bytes: int
    """Physical memory."""
    accelerators: tuple[str, ...] | None
    """Accelerators seen, or None when nobody looked."""
    load_1m: float | None
    """Load average over a minute when the run began, or None."""
