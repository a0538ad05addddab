"""How is it shown in the terminal that two records differ, and which exit code is it worth?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TypeVar

import typer

from assay.cli.boundary import Exit
from assay.cli.command import AsJson, app, verb
from assay.cli.output import write_data
from assay.cli.show import inert, with_percents, write_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from assay.record.diff import RecordDiff
    from assay.record.diff.changes import Change, FigureChange

    EntryT = TypeVar("EntryT", Change, FigureChange)

__all__ = ["diff", "diff_lines"]

_NAME: Final = 19
_VALUE: Final = 22
_MOST: Final = 25
"""Lines that one heading shows at most; the rest is counted."""
_MARKS: Final = {"new": "+", "gone": "-", "changed": "~", "reworded": "="}
_MOST_TEXT: Final = 600


@app.command(epilog="Example: assay diff records/0001-policy-qa records/0002-policy-qa --markdown")
@verb
def diff(
    a: Annotated[Path, typer.Argument(metavar="A", help="What is compared with: a file of a record, or the stem.")],
    b: Annotated[Path, typer.Argument(metavar="B", help="What is compared, in the same way.")],
    markdown: Annotated[bool, typer.Option("--markdown", help="Print it for a pull request.")] = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="End with 1 where the two differ.")] = False,
    no_verify: Annotated[bool, typer.Option("--no-verify", help="Believe both as they stand.")] = False,
    as_json: AsJson = False,
) -> int:
    """Show how two records differ: verdicts, numbers, facts.

    Both must verify. Without --exit-code the code is 0 whatever differs; with
    it, it is 1 where anything is new, gone or changed or an interval lies apart
    from its partner, but not for numbers whose intervals meet.
    assay compare tests the difference case by case.
    """
    from assay.errors import InputError, Problem
    from assay.workflow.differ import diff_records

    if markdown and as_json:
        raise InputError(Problem("bad-usage", "--markdown and --json do not go together", "Take one of them."))
    found = diff_records(a, b, verified=not no_verify)
    _write(found, markdown=markdown, as_json=as_json)
    return Exit.NO_GO if exit_code and found.differs else Exit.DONE


def _write(found: RecordDiff, *, markdown: bool, as_json: bool) -> None:
    from assay.record.diff.markdown import markdown_of
    from assay.record.run_folder import to_json

    if as_json:
        write_data(to_json(found))
    elif markdown:
        write_data(markdown_of(found), "text")
    else:
        write_lines(diff_lines(found))


def diff_lines(found: RecordDiff) -> Iterator[str]:
    """Yield how two records differ in lines of at most 80 columns, the most important first."""
    from assay.record.diff.sections import figures_of, pairs_told, side_told, told_last, words_of

    yield from with_percents(f"A: {side_told(found.a)}", "   ")
    yield from with_percents(f"B: {side_told(found.b)}", "   ")
    for line in pairs_told(found):
        yield from with_percents(line, "   ")
    for words in words_of(found, first=True):
        yield from _listed(words.title, words.changes, _change_lines, 0)
    for figures in figures_of(found):
        yield from _listed(figures.title, figures.shown, _figure_lines, figures.left)
    for words in words_of(found, first=False):
        yield from _listed(words.title, words.changes, _change_lines, 0)
    yield ""
    for line in told_last(found):
        yield from with_percents(line, "  ")


def _listed(title: str, entries: Sequence[EntryT], lines: Callable[[EntryT], list[str]], left: int) -> Iterator[str]:
    """Yield a heading with its entries, each candidate named once before its own, and how many there are beside."""
    yield ""
    yield title
    candidate = None
    for entry in entries[:_MOST]:
        if entry.candidate and entry.candidate != candidate:
            yield from with_percents(f"  {entry.candidate}", "    ")
        candidate = entry.candidate
        yield from lines(entry)
    more = left + max(len(entries) - _MOST, 0)
    if more:
        yield f"  and {more} more: --json has them"


def _change_lines(change: Change) -> list[str]:
    if change.change == "changed":
        text = f"{change.subject}: {change.a or 'there'} -> {change.b or 'there'}"
    else:
        says = change.b if change.change == "new" else change.a
        text = change.subject if says is None else f"{change.subject}: {says}"
    lines = with_percents(f"  {_MARKS[change.change]} {text[:_MOST_TEXT]}", "      ")
    if change.why is not None:
        lines += with_percents(f"      {change.why[:_MOST_TEXT]}", "      ")[:3]
    return lines


def _figure_lines(own: FigureChange) -> list[str]:
    from assay.record.diff.sections import shown

    name = f"{own.group} {own.name}" + ("" if own.note is None else f" ({own.note})")
    better = "" if own.better is None else f"{own.better.upper()} better"
    a, b = shown(own.a, own.unit), shown(own.b, own.unit)
    if len(name) > _NAME or len(a) > _VALUE or len(b) > _VALUE:
        values = f"{'':<6}{a:<{_VALUE + 7}} {b:<{_VALUE + 7}} {better}"
        return [*with_percents(f"    {name}", "      "), values.rstrip()]
    return [f"    {inert(name):<{_NAME}} {a:<{_VALUE}} {b:<{_VALUE}} {better}".rstrip()]
