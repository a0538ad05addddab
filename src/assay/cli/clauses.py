"""What does a person see of a record's status: each clause, the void ones first, a sum and the reason?"""

from __future__ import annotations

import os
import sys
import textwrap
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from assay.cli.boundary import Exit
from assay.cli.progress import watching
from assay.cli.show import inert, write_lines
from assay.record.run_folder import to_json
from assay.workflow.status import status_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from assay.workflow.clauses import Clause, Freshness
    from assay.workflow.status import RecordStatus, Wanted

__all__ = ["show_status", "status_lines", "today"]

_WIDTH: Final = 80
_NAME: Final = 36
_WORDS: Final = {"void": "VOID", "unknown": "UNKNOWN", "warning": "WARNING", "holds": "holds"}
_CODES: Final[dict[Freshness, Exit]] = {
    "fresh": Exit.DONE,
    "stale": Exit.NO_GO,
    "unknown": Exit.HOLD,
    "unreachable": Exit.NOT_DONE,
}
_HEXADECIMAL: Final = frozenset("0123456789abcdef")
_SHORTEST_DIGEST: Final = 40
_SHOWN_OF_DIGEST: Final = 12
_SHOWN_OF_A_KIND: Final = 5


def today() -> str:
    """Return the day in UTC."""
    return datetime.now(UTC).date().isoformat()  # noqa: TID251 - the roof is where the clock comes in


def show_status(record: Path, wanted: Wanted, *, as_json: bool) -> Exit:
    """Hold a record against what is there, show what came of it, and return the exit code."""
    with watching() as progress:
        status = status_of(record, wanted, os.environ, progress)
    if as_json:
        sys.stdout.write(to_json(status))
    else:
        write_lines(status_lines(status))
    return _CODES[status.freshness]


def status_lines(status: RecordStatus) -> Iterator[str]:
    """Yield what became of each clause, at most 80 columns wide."""
    yield f"{status.record}, on {status.today}"
    yield from _wrapped(f"plan: {status.plan or 'not found'}", "", "  ")
    yield ""
    told: str | None = None
    for clause in status.clauses:
        # One reason often stands for many clauses in a row: it is told once.
        yield from _clause_lines(clause, why=clause.why if clause.why != told else None)
        told = clause.why
    for text in status.unreached:
        yield from _wrapped(f"not reached: {text}", "", "  ")
    for name, facts in status.never_seen.items():
        text = f"The record never knew {', '.join(facts)} of {name}: a change of that goes unnoticed."
        yield from _wrapped(text, "", "  ")
    yield ""
    counts = {word: sum(own.status == word for own in status.clauses) for word in _WORDS}
    yield (
        f"Clauses: {counts['holds']} hold, {counts['void']} void, {counts['unknown']} unknown, "
        f"{counts['warning']} {'warns' if counts['warning'] == 1 else 'warn'}."
    )
    yield from _wrapped(status.reason, "", "")
    yield f"Status: {status.freshness.upper()} (exit {int(_CODES[status.freshness])})"


def _clause_lines(clause: Clause, *, why: str | None) -> Iterator[str]:
    whose = f"{clause.candidate}: " if clause.candidate is not None else ""
    name = inert(f"{whose}{clause.name}")
    says = _short(clause.recorded) if clause.recorded is not None else "nothing"
    unseen = "not seen" if clause.status == "unknown" else "nothing"
    seen = _short(clause.now) if clause.now is not None else unseen
    told = says if clause.status == "holds" and says == seen else f"{says} -> {seen}"
    line = f"{_WORDS[clause.status]:<8} {name:<{_NAME}} {told}"
    if len(line) <= _WIDTH:
        yield line
    elif clause.status == "holds":
        yield f"{line[: _WIDTH - 1]}…"
    else:
        yield f"{_WORDS[clause.status]:<8} {name}"
        yield from _wrapped(told, " " * 9, " " * 9)
    if clause.status == "holds":
        return
    if why is not None:
        yield from _wrapped(why, " " * 9, " " * 9)
    if clause.rests:
        label = "voids" if clause.status == "void" else "rests on it"
        yield from _wrapped(f"{label}: {'; '.join(_grouped(clause.rests))}", " " * 9, " " * 11)


def _grouped(rests: tuple[str, ...]) -> Iterator[str]:
    """Yield what rests on a clause, things of one kind together; the JSON has all of them."""
    kinds: dict[str, list[str]] = {}
    for own in rests:
        kind, _, name = own.partition(" ")
        kinds.setdefault(kind, []).append(name)
    for kind, names in kinds.items():
        plural = f"{kind}s" if len(names) > 1 else kind
        more = f" and {len(names) - _SHOWN_OF_A_KIND} more" if len(names) > _SHOWN_OF_A_KIND else ""
        yield f"{plural} {', '.join(names[:_SHOWN_OF_A_KIND])}{more}"


def _short(value: str) -> str:
    """Return a value with its digests cut short; they stand whole in the JSON."""
    words = inert(value).split(" ")
    return " ".join(
        f"{word[:_SHOWN_OF_DIGEST]}…{word[len(bare) :]}"
        if len(bare := word.rstrip(")")) >= _SHORTEST_DIGEST and set(bare) <= _HEXADECIMAL
        else word
        for word in words
    )


def _wrapped(text: str, first: str, others: str) -> list[str]:
    return textwrap.wrap(inert(text), _WIDTH, initial_indent=first, subsequent_indent=others, break_on_hyphens=False)
