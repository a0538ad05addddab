"""How are two candidates shown side by side, in the terminal and in a pull request?"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from assay.cli.boundary import Exit
from assay.cli.output import write_data
from assay.cli.show import inert, with_percents, write_lines
from assay.record.inert import as_text
from assay.record.run_folder import to_json
from assay.workflow.compare_runs import compare_runs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path
    from typing import Literal

    from assay.workflow.compared import ComparedLoad, ComparedSuite, Flip, PairedRow, PairedRuns

__all__ = ["compare", "markdown_of", "paired_lines"]

_NAME: Final = 18
_MOST_FLIPS: Final = 20
_LIMITS_OF_MEANS: Final = "for repeated or related cases limits of the mean too, by source: the worst holds"
_MOST_BYTES: Final = 60_000
"""A comment of a pull request holds 64 KiB; a longer one is refused whole."""


def compare(a: Path, b: Path, candidates: Sequence[str], shown: Literal["text", "json", "markdown"]) -> Exit:
    """Put two candidates side by side and return the exit code: 0 unless no case of theirs can be compared."""
    paired = compare_runs(a, b, candidates)
    if shown == "json":
        write_data(to_json(paired))
    elif shown == "markdown":
        write_data(markdown_of(paired), "text")
    else:
        write_lines(paired_lines(paired))
    if paired.pairs:
        return Exit.DONE
    remedy = "Compare runs of the same suites, asked and judged alike."
    for line in with_percents(f"error[nothing-selected]: nothing was compared: {_hindrance(paired)}. {remedy}", "  "):
        sys.stderr.write(f"{line}\n")
    return Exit.NOT_DONE


def _hindrance(paired: PairedRuns) -> str:
    """Return why there is no pair of cases, as the lines on the suites say it one by one."""
    refused = [own.suite for own in paired.suites if own.refused is not None]
    apart = [own.suite for own in paired.suites if own.refused is None]
    told = [
        *([f"{', '.join(refused)} asked or judged otherwise"] if refused else []),
        *([f"no case of {', '.join(apart)} that both were asked"] if apart else []),
    ]
    return "; ".join(told) or "the two have no suite in common"


def paired_lines(paired: PairedRuns) -> Iterator[str]:
    """Yield both sides, a table of pairs, what it shows, and the latencies under the loads of both."""
    for letter, side in (("a", paired.a), ("b", paired.b)):
        yield inert(f"{letter}: {side.candidate} of {side.source}")
    yield ""
    yield (
        f"{'suite, #tag':<{_NAME}}{'pairs':>6}{'both':>6}{'b only':>7}{'a only':>7}{'none':>6}{'b - a':>8}"
        f"{'95 % from..to':>15}{'p':>7}"
    )
    for suite in paired.suites:
        for row in suite.rows:
            yield _row_line(suite, row)
        for text in _said(suite):
            yield from with_percents(f"  {text}", "    ")
    for text in (*_alone(paired), *_legend(paired)):
        yield from with_percents(text, "  ")
    yield from _loads_lines(paired)


def _loads_lines(paired: PairedRuns) -> Iterator[str]:
    if paired.loads:
        yield ""
        yield f"{'load':<16}{'figure':<13}{'a (95 % from..to)':<26}b (95 % from..to)"
        for load in paired.loads:
            yield from _load_lines(load)
        for text in _hosts(paired):
            yield from with_percents(text, "  ")


def _row_line(suite: ComparedSuite, row: PairedRow) -> str:
    name = inert(suite.suite if row.tag is None else f"  #{row.tag}")
    name = name if len(name) < _NAME else f"{name[: _NAME - 2]}…"
    cells = (name, f"{row.n}", f"{row.both}", f"{row.b_only}", f"{row.a_only}", f"{row.neither}")
    return (
        f"{cells[0]:<{_NAME}}{cells[1]:>6}{cells[2]:>6}{cells[3]:>7}{cells[4]:>7}{cells[5]:>6}"
        f"{_signed(row.difference):>8}{_limits(row):>15}{_p(row):>7}"
    )


def _said(suite: ComparedSuite) -> Iterator[str]:
    """Yield what the rows of a suite show, in sentences without markup."""
    if suite.refused is not None:
        yield f"{suite.suite}: not compared; {suite.refused}"
        return
    if not suite.rows:
        yield f"{suite.suite}: no case in common"
    elif suite.doubt is not None:
        yield f"{suite.suite}: not tested, for {suite.doubt}"
    else:
        yield f"{suite.suite}: {_verdict(suite.rows[0])}"
        yield from _tags(suite.rows[1:])
    if suite.note is not None:
        yield suite.note
    yield from _left_out(suite)
    for flip in suite.flips[:_MOST_FLIPS]:
        yield f"{flip.case}: {_flipped(flip)}"
    if len(suite.flips) > _MOST_FLIPS:
        yield f"{len(suite.flips) - _MOST_FLIPS} more came out differently: --json has them all"


def _verdict(row: PairedRow) -> str:
    """Return what a row shows; that none is shown is never said to be equality."""
    if row.shown:
        better, by = ("b", row.difference) if row.difference > 0 else ("a", -row.difference)
        return f"{better} is better by {_points(by)} points"
    related = row.groups < row.n
    if row.smallest is None:
        few = f"cases of so few sources ({row.groups})" if related else "so few cases"
        return f"no difference was shown; {few} can show none"
    what = f"cases of {_counted(row.groups, 'source')} show" if related else "this n shows"
    return f"no difference was shown; {what} only differences of {_points(row.smallest)} points or more"


def _tags(rows: Sequence[PairedRow]) -> Iterator[str]:
    shown, silent = [row for row in rows if row.shown], [row for row in rows if not row.shown]
    yield from (f"#{row.tag}: {_verdict(row)}" for row in shown)
    if silent:
        least = [row.smallest for row in silent if row.smallest is not None]
        reach = f"by their n they show only differences of {_points(min(least))} points or more" if least else ""
        more = "other tags" if shown else "tags"
        yield f"{more}: no difference was shown; {reach or 'so few cases can show none'}"


def _flipped(flip: Flip) -> str:
    if {flip.a, flip.b} == {0.0, 1.0}:
        return f"{flip.better} passed, {'a' if flip.better == 'b' else 'b'} did not"
    return f"a passed {flip.a:.0%} of its trials, b {flip.b:.0%}"


def _left_out(suite: ComparedSuite) -> Iterator[str]:
    for side, cases in (("a", suite.only_a), ("b", suite.only_b)):
        if cases:
            yield f"without a partner: {_counted(len(cases), 'case')} of {side} alone, not compared"
    if suite.not_asked:
        sides = f"{suite.not_asked_a} of a, {suite.not_asked_b} of b"
        yield f"{_counted(suite.not_asked, 'shared case')} not asked of both ({sides} were not), not compared"
    if suite.unscored_a or suite.unscored_b:
        yield (f"trials without a score: {suite.unscored_a} of a, {suite.unscored_b} of b; they count as not passed")


def _alone(paired: PairedRuns) -> Iterator[str]:
    for side, names in (("a", paired.only_a), ("b", paired.only_b)):
        if names:
            yield f"suites of {side} alone, not compared: {', '.join(names)}"


def _legend(paired: PairedRuns) -> Iterator[str]:
    rows = [row for suite in paired.suites for row in suite.rows]
    if not rows:
        return
    every = all(row.counted for row in rows)
    by = [
        *(["McNemar mid-p and Newcombe's interval for single trials"] if any(row.counted for row in rows) else []),
        *([] if every else [_LIMITS_OF_MEANS]),
    ]
    width = "" if every else "; with repeated trials, by the width of the interval"
    yield ""
    yield (
        f"b - a in points. {'; '.join(by)}. p is adjusted by Holm over the tags of a suite and over the suites, the "
        "interval is not. What n shows: with 80 % power, where at least 10 % of the cases come out "
        f"differently{width}."
    )


def _load_lines(load: ComparedLoad) -> Iterator[str]:
    name = load.load
    if len(name) > _NAME - 3:
        yield inert(name)
        name = ""
    for index, figure in enumerate(load.figures):
        label = inert(name) if index == 0 else ""
        yield f"{label:<16}{figure.name:<13}{_seconds(figure.a_us):<26}{_seconds(figure.b_us)}"
    doubts = [f"{side} is {word}" for side, word in zip("ab", load.validity, strict=True) if word != "VALID"]
    if doubts:
        yield f"{'':<16}{', '.join(doubts)}"


def _hosts(paired: PairedRuns) -> Iterator[str]:
    where = "one run" if paired.a.run == paired.b.run else "different runs"
    yield f"Latencies are of {where}; they are shown and not tested."
    if paired.a.host != paired.b.host:
        yield f"The hosts differ: a ran on {paired.a.host}; b on {paired.b.host}."


def _seconds(values: tuple[int | None, int | None, int | None]) -> str:
    value, low, high = ("" if own is None else f"{own / 1e6:.3f}" for own in values)
    return f"{value or 'failed'} ({low}..{high})" if low or high else value or "failed"


def markdown_of(paired: PairedRuns) -> str:
    """Return the same as Markdown for a pull request, at most 60,000 bytes; what is left out is counted."""
    lines = list(_markdown_lines(paired))
    size = 0
    for number, line in enumerate(lines):
        size += len(line.encode()) + 1
        if size > _MOST_BYTES:
            cut = [*lines[:number], "", f"{len(lines) - number} more lines: `assay compare --json` has all."]
            return "\n".join(cut) + "\n"
    return "\n".join(lines) + "\n"


def _markdown_lines(paired: PairedRuns) -> Iterator[str]:
    (a, b) = (f"{as_text(side.candidate)} of {as_text(side.source)}" for side in (paired.a, paired.b))
    yield from (f"### {b} beside {a}", "", f"a: {a}; b: {b}", "")
    yield from _table("suite, tag", "pairs", "both", "b only", "a only", "none", "b - a", "95 % from..to", "p")
    for suite in paired.suites:
        for row in suite.rows:
            name = suite.suite if row.tag is None else f"#{row.tag}"
            counts = (f"{own}" for own in (row.n, row.both, row.b_only, row.a_only, row.neither))
            yield _cells(as_text(name), *counts, _signed(row.difference), _limits(row), _p(row))
    yield ""
    for suite in paired.suites:
        yield from (f"- {as_text(text)}" for text in _said(suite))
    yield from _paragraphs((*_alone(paired), *_legend(paired)))
    if paired.loads:
        yield ""
        yield from _table("load", "figure", "a (95 % from..to)", "b (95 % from..to)")
        for load in paired.loads:
            words = "" if set(load.validity) == {"VALID"} else f" ({load.validity[0]}, {load.validity[1]})"
            for figure in load.figures:
                yield _cells(as_text(load.load) + words, figure.name, _seconds(figure.a_us), _seconds(figure.b_us))
        yield from _paragraphs(_hosts(paired))


def _table(*names: str) -> Iterator[str]:
    yield _cells(*names)
    yield "|---" * len(names) + "|"


def _cells(*texts: str) -> str:
    return f"| {' | '.join(texts)} |"


def _paragraphs(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        if text:
            yield from ("", str(as_text(text)))


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _points(share: float) -> str:
    return f"{100 * share:.1f}"


def _signed(share: float) -> str:
    return f"{100 * share:+.1f}"


def _limits(row: PairedRow) -> str:
    return f"{_signed(row.low)}..{_signed(row.high)}"


def _p(row: PairedRow) -> str:
    if row.p_adjusted is None:
        return "-"
    return "<0.001" if row.p_adjusted < 0.001 else f"{row.p_adjusted:.3f}"  # noqa: PLR2004 - as far as it is shown
