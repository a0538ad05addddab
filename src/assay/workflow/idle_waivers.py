"""Which waivers of a plan can be seen to lift nothing, before anything is asked?"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from assay.gate import specs_of
from assay.scoring.lint import LintFinding
from assay.suite import read_yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date

    from assay.schema.suite import Waiver
    from assay.workflow.prepare import Prepared

    Fault = tuple[str, str, str]
    """The key that is at fault, what is wrong, and what to do about it."""

__all__ = ["announce_waivers", "idle_waivers"]


def idle_waivers(prepared: Prepared, today: date) -> tuple[LintFinding, ...]:
    """Return a warning for each waiver that names no condition or candidate, has expired, or holds only later.

    The verdict says so too, on its own day: it is HOLD for all but the last.

    Args:
        prepared: the plan.
        today: the day by which waivers have expired, in UTC.

    Raises:
        InputError: the waivers file has gone since the plan was read.
    """
    name = prepared.plan.gate.waivers
    if prepared.waivers is None or name is None:
        return ()
    document = read_yaml(prepared.loaded.gate.folders.find(name), name)
    conditions = [spec.id or spec.condition for spec in specs_of(prepared.plan.gate)]
    candidates = [candidate.id for candidate in prepared.plan.decided_on()]
    return tuple(
        LintFinding(
            kind="waiver",
            level="warning",
            file=name,
            line=document.line_of(("waivers", index, key)),
            message=message,
            remedy=remedy,
        )
        for index, waiver in enumerate(prepared.waivers.waivers)
        for key, message, remedy in _faults(waiver, conditions, candidates, today.isoformat())
    )


def _faults(waiver: Waiver, conditions: Sequence[str], candidates: Sequence[str], day: str) -> Iterator[Fault]:
    """Yield all that keeps a waiver from lifting anything."""
    if waiver.condition not in conditions:
        message = f"the waiver names no condition of the policy: '{waiver.condition}'"
        yield "condition", message, _nearest(waiver.condition, conditions)
    if waiver.candidate is not None and waiver.candidate not in candidates:
        message = f"the waiver names no candidate that is decided on: '{waiver.candidate}'"
        yield "candidate", message, _nearest(waiver.candidate, candidates)
    if day > waiver.expires:
        message = f"the waiver on '{waiver.condition}' expired on {waiver.expires}"
        yield "expires", message, "Renew it, or mend the condition."
    if day < waiver.granted:
        message = f"the waiver on '{waiver.condition}' holds only from {waiver.granted} on"
        yield "granted", message, "Decide on that day or later, or mend the day."


def _nearest(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, n=1, cutoff=0.0)
    return f"Did you mean '{near[0]}'?" if near else "Remove it."


def announce_waivers(prepared: Prepared, today: date, note: Callable[[str], None]) -> None:
    """Say before a run asks anything which waivers lift nothing, a line for each."""
    for own in idle_waivers(prepared, today):
        place = own.file if own.line is None else f"{own.file}:{own.line}"
        note(f"{place}: {own.message}. {own.remedy}")
