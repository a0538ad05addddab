"""Would the gate notice: what was changed in policy, evidence or record, and what came of it?"""

from __future__ import annotations

from typing import Literal

from assay.schema._base import Noun

__all__ = ["Change", "SelfTest"]


class Change(Noun):
    """One change of policy, evidence or record."""

    group: Literal["policy", "evidence", "waivers", "record", "controls"]
    """What was changed; a control is a change that must change nothing."""
    condition: str | None = None
    """Id of the condition that it is about, or None."""
    what: str
    """What was changed, in a few words."""
    outcome: Literal["killed", "survived", "undisturbed", "blocked"]
    """A harmful change is `killed` when it is noticed and `survived` when not; a control is `undisturbed`, or `blocked`
    when it is taken for harm."""
    saw: str | None = None
    """What it ended in: a verdict, `refused`, or `does not verify`."""
    reason: str | None = None
    """Of one that survived, why that is no hole, or None when nothing explains it; of a control, what blocked it."""

    @property
    def is_hole(self) -> bool:
        """Whether harm would pass unnoticed, or what is harmless would not pass."""
        return self.outcome == "blocked" or (self.outcome == "survived" and self.reason is None)


class SelfTest(Noun):
    """What came of all changes."""

    policy: str
    """Name of the plan or record whose policy was tested."""
    changes: tuple[Change, ...]
    """Every change, group by group."""

    @property
    def holds(self) -> bool:
        """Whether every harmful change was noticed or is explained, and no control was blocked."""
        return bool(self.changes) and not any(change.is_hole for change in self.changes)
