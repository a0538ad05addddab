"""What does a person see in the terminal: the verdict, one line for each condition, where the record lies?"""

from __future__ import annotations

import re
import sys
import textwrap
import unicodedata
from typing import TYPE_CHECKING

from assay.cli.output import MOVING
from assay.record.text import asked

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from assay.record.store import RecordFiles
    from assay.record.verify import Verification
    from assay.schema.record import Record, Withheld
    from assay.schema.verdict import ConditionResult, Verdict, WaiverUse
    from assay.workflow.run import Outcome

__all__ = [
    "evidence_line",
    "hanging",
    "inert",
    "outcome_lines",
    "verdict_lines",
    "verification_lines",
    "with_percents",
    "write_lines",
]

_WORDS = {"met": "MET", "not_met": "NOT MET", "unknown": "UNKNOWN"}
_COLOURS = {"MET": "32", "NOT MET": "31", "UNKNOWN": "33", "GO": "1;32", "NO-GO": "1;31", "HOLD": "1;33"}
_RESULT = re.compile(rf"(?<= )({'|'.join(_COLOURS)})(?=(  warn|  waived)?$)")
_WIDTH = 80
_MEGABYTE = 1_000_000
_CONDITION_WIDTH = 50


def inert(text: str) -> str:
    """Return text that cannot move the cursor, change colours, turn the reading direction or begin another line."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(character if unicodedata.category(character) not in MOVING else " " for character in text)


def write_lines(lines: Iterator[str]) -> None:
    """Write lines to stdout, inert whatever they quote, their words coloured when it is a terminal."""
    coloured = sys.stdout.isatty()
    for line in map(inert, lines):
        sys.stdout.write((_coloured(line) if coloured else line) + "\n")


def _coloured(line: str) -> str:
    return _RESULT.sub(lambda match: f"\x1b[{_COLOURS[match[0]]}m{match[0]}\x1b[0m", line)


def outcome_lines(outcome: Outcome) -> Iterator[str]:
    """Yield what a run came to: verdict, conditions, and where everything lies."""
    yield from verdict_lines(outcome.record.verdict)
    yield ""
    yield f"record:   {outcome.files.markdown}"
    yield f"run:      {outcome.run_folder}"
    yield evidence_line(outcome.record, outcome.files)
    yield f"verify:   assay verify {outcome.files.markdown}"


def evidence_line(record: Record, files: RecordFiles) -> str:
    """Return where the evidence of a record lies, how large it is, and what was taken out of it or left out."""
    size = files.evidence.stat().st_size
    shown = f"{size / 1e6:,.1f} MB" if size >= _MEGABYTE else f"{max(round(size / 1e3), 1)} kB"
    own = record.withheld
    parts = [f"{shown}, {len(record.evidence.files) + (record.evidence.manifest_sha256 is not None)} files"]
    if own.transcripts:
        parts.append(f"without the texts of {own.cases} cases, {own.trials} answers, {own.judgements} judgements")
    if own.redactions:
        found = ", ".join(f"{name} {count}" for name, count in own.redactions.items())
        parts.append(f"redacted: {inert(found)}")
    return f"evidence: {files.evidence}, {'; '.join(parts)}"


def verdict_lines(verdict: Verdict) -> Iterator[str]:
    """Yield one line for each condition of each candidate, and a sum line."""
    for own in verdict.candidates:
        yield f"{own.candidate}: {own.verdict}"
        yield f"  {'condition':<{_CONDITION_WIDTH}} {'observed':>10}  result"
        for result in own.conditions:
            yield from _condition_lines(result)
    for use in verdict.waivers:
        if use.status == "unmatched":
            yield from _wrapped(inert(f"waiver on {use.waiver.condition} UNMATCHED: {use.reason}"), indent="")
    results = [result for own in verdict.candidates for result in own.conditions]
    counts = {status: sum(result.status == status for result in results) for status in _WORDS}
    waived = sum(_is_waived(result) for result in results)
    of_these = f" ({waived} waived)" if waived else ""
    yield f"Conditions: {counts['met']} met, {counts['not_met']} not met{of_these}, {counts['unknown']} unknown."
    yield from _wrapped(inert(verdict.reason), indent="")
    for own in verdict.candidates:
        yield from _wrapped(inert(f"{own.candidate}: {own.flip}") if own.flip else "", indent="")
    yield f"Verdict: {verdict.verdict}"


def _condition_lines(result: ConditionResult) -> Iterator[str]:
    observed = "-" if result.observed is None else f"{result.observed:.4g}"
    text = inert(result.id)
    if len(text) > _CONDITION_WIDTH:
        yield f"  {text}"
        text = ""
    mark = "waived" if _is_waived(result) else "warn" if result.severity == "warn" else ""
    yield f"  {text:<{_CONDITION_WIDTH}} {observed:>10}  {_WORDS[result.status]:<7}  {mark}".rstrip()
    if (asks := asked(result)) is not None:
        yield from _wrapped(inert(asks), indent="    ")
    if result.status != "met":
        yield from _wrapped(inert(result.reason), indent="    ")
    if result.waiver is not None:
        yield from _wrapped(inert(_waiver_text(result.waiver)), indent="    ")


def _is_waived(result: ConditionResult) -> bool:
    return result.waiver is not None and result.waiver.status == "applies"


def _waiver_text(use: WaiverUse) -> str:
    """Return what became of a waiver, and by whom it was given."""
    own = use.waiver
    words = (
        f"WAIVED until {own.expires}" if use.status == "applies" else f"waiver {use.status.replace('_', ' ').upper()}"
    )
    return f"{words}: {use.reason} Reason given: {own.reason} (owner {own.owner}, approved by {own.approver})"


def hanging(text: str, first: str, others: str) -> list[str]:
    """Return lines of a text, 80 columns wide where words allow it, the first indented otherwise than the rest."""
    return textwrap.wrap(inert(text), _WIDTH, initial_indent=first, subsequent_indent=others, break_on_hyphens=False)


def with_percents(text: str, indent: str) -> list[str]:
    """Return lines of a text, the later ones indented; a number and its percent sign stay together."""
    joined = inert(text).replace(" %", "\xa0%")
    lines = textwrap.wrap(joined, _WIDTH, subsequent_indent=indent, break_on_hyphens=False)
    return [line.replace("\xa0%", " %") for line in lines] or [""]


def _wrapped(text: str, *, indent: str) -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def verification_lines(verification: Verification, name: str, *, own_template: bool = False) -> Iterator[str]:
    """Yield what verifying came to: the first difference, or what holds and what that does not show.

    Args:
        verification: what it came to.
        name: how the record is called.
        own_template: whether its page is made by a template that this version does not ship.
    """
    if verification.differences:
        first, *rest = verification.differences
        yield from _difference_lines(f"{first.file}, {first.where}: ", first.message)
        for other in rest:
            # That its content is wrong says nothing without why.
            told = f": {other.message}" if other.where == "content" else ""
            yield from _difference_lines(f"also {other.file}, {other.where}", told)
        yield f"{name}: does not verify"
        return
    yield f"{name}: verified"
    record = verification.record
    plain = record is not None and record.schema_name == "assay/record/v1"
    yield from _shown_lines(record.withheld) if record is not None else _SHOWN
    yield from (*(() if plain else _NUMBERS), *_NOT_SHOWN, *(_FIRST_FORMAT if plain else ()))
    if own_template:
        yield from _OWN_TEMPLATE


def _shown_lines(withheld: Withheld) -> Sequence[str]:
    """Return what verifying shows: all, or all but what was decided of texts that are left out."""
    counts = ((withheld.trials, "answer"), (withheld.judgements, "judgement"))
    gone = [f"{count} {name}{'' if count == 1 else 's'}" for count, name in counts if count]
    if not gone:
        return _SHOWN
    texts = "text is" if withheld.trials + withheld.judgements == 1 else "texts are"
    but = f" but those of {' and '.join(gone)} whose {texts} left out or redacted, taken as stored"
    lines = _wrapped(_SHOWN_BUT.format(but=but), indent=" " * 13)
    return ["  shown:     " + lines[0].lstrip(), *lines[1:]]


def _difference_lines(head: str, message: str) -> list[str]:
    """Return one line where it is short, else the two that are to be compared below each other, or wrapped words."""
    whole = inert(head + message)
    said, between, evidence = inert(message).partition(_BETWEEN)
    if len(whole) <= _WIDTH:
        return [whole]
    if between:
        return [inert(head).rstrip(), f"  {said},", f"  {between[2:]}{evidence}"]
    first, *more = textwrap.wrap(whole, _WIDTH, break_long_words=False, break_on_hyphens=False)
    return [first, *_wrapped(" ".join(more), indent="  ")]


_BETWEEN = ", the evidence says "
_SHOWN = (
    "  shown:     the digests of all evidence files; every score, metric, finding,",
    "             condition and the verdict, derived again from them; JSON,",
    "             Markdown and the pictures beside it the same byte for byte",
)
_SHOWN_BUT = (
    "the digests of all evidence files; every score{but}, and every metric, finding, condition and the verdict, "
    "derived again from them; JSON, Markdown and the pictures beside it the same byte for byte"
)
_NUMBERS = ("             each number of the page out of a value of the record (--numbers)",)
_NOT_SHOWN = (
    "  not shown: that the evidence was measured as it says: whoever can write",
    "             all three files can write others",
)
_FIRST_FORMAT = (
    "             that each number of the page comes from a value: records of",
    "             the first format do not promise that",
)
_OWN_TEMPLATE = (
    "  template:  not one that this version ships, but the team's own or another",
    "             version's: what the page says in words is its author's",
)
