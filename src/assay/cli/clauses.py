"""What does a person see of a record's status: each clause, the void ones first, a sum and the reason?"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from assay.cli.boundary import Exit
from assay.cli.output import write_data
from assay.cli.progress import watching
from assay.cli.show import hanging, inert, write_lines
from assay.record.run_folder import to_json
from assay.workflow.status import status_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
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
_ALL: Final = "every condition of the verdict"


def today() -> str:
    """Return the day in UTC."""
    return datetime.now(UTC).date().isoformat()  # noqa: TID251 - the roof is where the clock comes in


def show_status(record: Path, wanted: Wanted, *, as_json: bool) -> Exit:
    """Hold a record against what is there, show what came of it, and return the exit code."""
    with watching() as progress:
        status = status_of(record, wanted, os.environ, progress)
    if as_json:
        write_data(to_json(status))
    else:
        write_lines(status_lines(status))
    return _CODES[status.freshness]


def status_lines(status: RecordStatus) -> Iterator[str]:
    """Yield what became of each clause, at most 80 columns wide."""
    yield f"{status.record}, on {status.today}"
    yield from hanging(f"plan: {status.plan or 'not found'}", "", "  ")
    yield ""
    above: tuple[str, ...] = ()
    for clauses in _with_one_cause(status.clauses):
        yield from _clause_lines(clauses[0]) if len(clauses) == 1 else _group_lines(clauses)
        rests = tuple(dict.fromkeys(bears for own in clauses for bears in own.rests))
        yield from _resting_lines(clauses[0], rests, above)
        above = rests
    # Where that is the reason, it is told below.
    for text in status.unreached if status.freshness != "unreachable" else ():
        yield from hanging(f"not reached: {text}", "", "  ")
    for name, facts in status.never_seen.items():
        text = f"The record never knew {', '.join(facts)} of {name}: a change of that goes unnoticed."
        yield from hanging(text, "", "  ")
    yield ""
    counts = {word: sum(own.status == word for own in status.clauses) for word in _WORDS}
    if status.freshness != "fresh" or counts["warning"]:
        warnings = f"{counts['warning']} warning{'' if counts['warning'] == 1 else 's'}"
        yield f"Clauses: {counts['holds']} hold, {counts['void']} void, {counts['unknown']} unknown, {warnings}."
    yield from hanging(status.reason, "", "")
    yield f"Status: {status.freshness.upper()} (exit {int(_CODES[status.freshness])})"


def _with_one_cause(clauses: Sequence[Clause]) -> Iterator[list[Clause]]:
    """Yield the clauses in their order, those together that are not seen, or are void, for one reason."""
    groups: dict[object, list[Clause]] = {}
    for place, own in enumerate(clauses):
        alone = own.status in {"holds", "warning"} or own.why is None
        groups.setdefault(place if alone else (own.status, own.candidate, own.why), []).append(own)
    yield from groups.values()


def _group_lines(clauses: Sequence[Clause]) -> Iterator[str]:
    """Yield clauses that share a reason as one block: their values stand in the JSON."""
    first = clauses[0]
    whose = f"{first.candidate}: " if first.candidate is not None else ""
    names = f"{whose}{', '.join(own.name for own in clauses)}"
    yield from hanging(names, f"{_WORDS[first.status]:<8} ", " " * 11)
    yield from _why_lines(first)


def _clause_lines(clause: Clause) -> Iterator[str]:
    whose = f"{clause.candidate}: " if clause.candidate is not None else ""
    name = inert(f"{whose}{clause.name}")
    told = _values(clause)
    line = f"{_WORDS[clause.status]:<8} {name:<{_NAME}} {told}"
    if len(line) <= _WIDTH:
        yield line
    elif clause.status == "holds":
        yield f"{line[: _WIDTH - 1]}…"
    else:
        yield f"{_WORDS[clause.status]:<8} {name}"
        yield from hanging(told, " " * 9, " " * 9)
    if clause.status != "holds":
        yield from _why_lines(clause)


def _values(clause: Clause) -> str:
    """Return what the record says and what is seen, once where both are the same."""
    says = _short(clause.recorded) if clause.recorded is not None else "nothing"
    unseen = "not seen" if clause.status == "unknown" else "nothing"
    seen = _short(clause.now) if clause.now is not None else unseen
    return says if clause.recorded == clause.now else f"{says} -> {seen}"


def _why_lines(clause: Clause) -> Iterator[str]:
    if clause.why is not None:
        yield from hanging(clause.why, " " * 9, " " * 9)


def _resting_lines(clause: Clause, rests: tuple[str, ...], above: tuple[str, ...]) -> Iterator[str]:
    """Yield what rests on a clause that does not hold, told once where the one above bears the same."""
    if clause.status == "holds" or not rests:
        return
    # Every condition has all others in it.
    told = "; ".join(_grouped((_ALL,) if _ALL in rests else rests)) if rests != above else "the same"
    label = "voids" if clause.status == "void" else "rests on it"
    yield from hanging(f"{label}: {told}", " " * 9, " " * 11)


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
