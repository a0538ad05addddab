"""How does a person decide on a record from the command line, and what is told of it?"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from assay.cli.boundary import Exit
from assay.cli.output import write_data
from assay.cli.show import inert, write_lines
from assay.errors import InputError, Problem
from assay.record.index import INDEX_PAGE
from assay.record.truth import record_json
from assay.workflow.decide_on import decide_on as settle
from assay.workflow.may_decide import Wish, is_against

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from assay.schema.record import Record
    from assay.schema.standing import DecisionWord
    from assay.workflow.decide_on import DecidedOn

__all__ = ["Asked", "decide_on", "decided_on_lines", "outcomes_of"]


def outcomes_of(*, accept: bool, reject: bool, defer: bool) -> tuple[DecisionWord, ...]:
    """Return the outcomes that the flags ask for: one, where they go together."""
    words: dict[DecisionWord, bool] = {"accepted": accept, "rejected": reject, "deferred": defer}
    return tuple(word for word, given in words.items() if given)


@dataclass(frozen=True)
class Asked:
    """What the options ask of a person's decision."""

    outcomes: tuple[DecisionWord, ...]
    """Each of --accept, --reject and --defer that was given."""
    by: str | None
    """Who decides."""
    reason: str | None
    """Why."""
    valid_until: str | None
    """Last day on which an acceptance holds."""
    supersedes: tuple[Path, ...]
    """Records that are replaced."""

    def __bool__(self) -> bool:
        """Say whether any of the options was given."""
        return self != Asked((), None, None, None, ())

    def wish(self, mixed: tuple[str, ...]) -> Wish:
        """Return what is wished for.

        Args:
            mixed: options of weighing anew that were given beside it.

        Raises:
            InputError: the options do not go together; every problem is told.
        """
        problems = []
        if len(self.outcomes) != 1:
            message = "a person's decision is one of --accept, --reject and --defer"
            problems.append(Problem("bad-usage", message, "Give exactly one of them."))
        by = " ".join((self.by or "").split())
        if not by:
            problems.append(Problem("bad-usage", "nobody is named who decides", "Write --by NAME."))
        if any(not _is_text(text) for text in (by, self.reason or "", self.valid_until or "")):
            problems.append(Problem("bad-usage", "an option holds bytes that are no text", "Write it in UTF-8."))
        if mixed:
            message = f"{', '.join(mixed)} weighs the evidence anew, and a person's decision takes it as it is"
            remedy = "Weigh first, with --out for a record, and then decide on that record."
            problems.append(Problem("bad-usage", message, remedy))
        if problems:
            raise InputError(*problems)
        reason = (self.reason or "").strip() or None
        return Wish(self.outcomes[0], by, reason, self.valid_until, self.supersedes)


def _is_text(words: str) -> bool:
    """Say whether words can be stored: bytes of a command line that are no UTF-8 become halves of surrogate pairs."""
    try:
        words.encode()
    except UnicodeEncodeError:
        return False
    return True


def decide_on(record: Path, asked: Asked, mixed: tuple[str, ...], *, as_json: bool) -> Exit:
    """Write a person's decision into a record, and show what became of it."""
    today = datetime.now(UTC).date().isoformat()  # noqa: TID251 - the roof is where the clock comes in
    settled = settle(record, asked.wish(mixed), today)
    if as_json:
        write_data(record_json(settled.record))
    else:
        write_lines(decided_on_lines(settled))
    for line in _doubts(settled):
        sys.stderr.write(f"{inert(line)}\n")
    return Exit.DONE


def decided_on_lines(settled: DecidedOn) -> Iterator[str]:
    """Yield what was decided, until when it holds, what it replaces, and where to look."""
    record, decision = settled.record, settled.record.standing.decisions[-1]
    against = is_against(decision.outcome, decision.verdict)
    word = f"against the verdict {decision.verdict}" if against else f"the verdict is {decision.verdict}"
    yield inert(f"{record.id}: {decision.outcome} by {decision.by} on {decision.on}; {word}")
    if decision.reason is not None:
        yield inert(f"reason:   {decision.reason}")
    if record.standing.valid_until is not None:
        yield f"until:    {record.standing.valid_until}"
    yield from (f"replaces: {inert(old.id)}" for old in settled.replaced)
    if settled.mended:
        yield "mended:   a change that was broken off is finished"
    yield f"index:    {settled.files.markdown.with_name(INDEX_PAGE)}"
    yield f"verify:   assay verify {settled.files.markdown}"


def _doubts(settled: DecidedOn) -> Iterator[str]:
    """Yield what does not keep a decision from being written, but whoever relies on it should know."""
    decision, makers = settled.record.standing.decisions[-1], settled.record.people.decision_makers
    if makers and decision.by.casefold() not in {maker.casefold() for maker in makers}:
        yield f"{decision.by} is none of the decision-makers that the plan names: {', '.join(makers)}"
    until, runs_out = settled.record.standing.valid_until, _first_waiver(settled.record)
    if decision.outcome == "accepted" and runs_out is not None and (until is None or until > runs_out):
        yield f"a waiver that the verdict rests on runs out on {runs_out}, before the acceptance does"
    if not settled.signed:
        yield (
            f"nobody has signed this record: that it was {decision.by} who decided, and another person than whoever "
            "measured, is only said"
        )


def _first_waiver(record: Record) -> str | None:
    """Return the last day of the first waiver to run out of those that apply, or None where none does."""
    results = (result for own in record.verdict.candidates for result in own.conditions)
    uses = (result.waiver for result in results if result.waiver is not None)
    return min((use.waiver.expires for use in uses if use.status == "applies"), default=None)
