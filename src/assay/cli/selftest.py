"""What does a person see of the gate's self-test: each change with what came of it, and a sum?"""

from __future__ import annotations

import os
import textwrap
from typing import TYPE_CHECKING

from assay.cli.boundary import Exit
from assay.cli.output import write_data
from assay.cli.show import inert, write_lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from assay.gate.selftest.result import Change, SelfTest

__all__ = ["selftest", "selftest_lines"]

_WIDTH = 80
_WORDS = {"killed": "KILLED", "survived": "SURVIVED", "undisturbed": "OK", "blocked": "BLOCKED"}
_HEADS = {
    "policy": "What changed policies say of evidence that the whole policy blocks",
    "evidence": "What the policy says of spoilt evidence",
    "waivers": "What becomes of waivers on evidence that one condition blocks",
    "record": "What verifying says of changed records",
    "controls": "Controls: what must change nothing",
}


def selftest(target: Path | None, *, as_json: bool) -> int:
    """Test the gate, print what came of it, and return the exit code."""
    from assay.workflow.gate_selftest import self_test

    result = self_test(target, os.environ)
    if as_json:
        write_data(result.model_dump_json(by_alias=True, indent=1) + "\n")
    else:
        write_lines(selftest_lines(result))
    return Exit.DONE if result.holds else Exit.NO_GO


def selftest_lines(result: SelfTest) -> Iterator[str]:
    """Yield one table for each group of changes, and a sum line."""
    for group, head in _HEADS.items():
        changes = [change for change in result.changes if change.group == group]
        if changes:
            yield head
            yield from _table(changes)
            yield ""
    counts = {outcome: sum(change.outcome == outcome for change in result.changes) for outcome in _WORDS}
    controls = counts["undisturbed"] + counts["blocked"]
    yield (
        f"mutations: {counts['killed']} killed, {counts['survived']} survived; "
        f"controls: {counts['undisturbed']} of {controls} undisturbed"
    )
    holes = sum(change.is_hole for change in result.changes)
    yield f"holes: {holes}" if holes else "Every survivor has its reason."


def _table(changes: list[Change]) -> Iterator[str]:
    """Yield a line for each change, those on one condition under its name."""
    named = None
    for change in changes:
        if change.condition is not None and change.condition != named:
            yield from textwrap.wrap(inert(change.condition), _WIDTH, initial_indent="  ", subsequent_indent="    ")
        named = change.condition
        why = change.reason or ("nothing explains it" if change.is_hole else None)
        said = f"{change.what}: {why}" if why else change.what
        head = (
            f"{'  ' if named is None else '    '}{_WORDS[change.outcome]:<8}  {change.saw or '':<{_width(changes)}}  "
        )
        yield from textwrap.wrap(
            inert(said), _WIDTH, initial_indent=head, subsequent_indent=" " * len(head), break_on_hyphens=False
        )


def _width(changes: list[Change]) -> int:
    return max(len(change.saw or "") for change in changes)
