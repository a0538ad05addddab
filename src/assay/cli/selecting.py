"""What do the arguments of a verb mean: which part of the cases, which earlier run, which two candidates?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from assay.errors import InputError, Problem
from assay.schema.run import Selection
from assay.workflow.wishes import Wishes

__all__ = ["Two", "columns_of", "compared", "found", "wishes_of"]

_SHARD = re.compile(r"([1-9][0-9]{0,3})/([1-9][0-9]{0,3})")


def wishes_of(
    resume: Path | None,
    reuse: Path | None,
    candidates: list[str] | None,
    tags: list[str] | None,
    *,
    limit: int | None,
    shard: str | None,
    retry_failed: bool,
) -> Wishes:
    """Return what a run shall do beside what the plan says.

    Raises:
        InputError: the shard is not written as I/N, or --retry-failed stands without --resume.
    """
    number, of = 1, 1
    if shard is not None:
        match = _SHARD.fullmatch(shard)
        if match is None:
            message = f"--shard {shard!r} cannot be read"
            raise InputError(Problem("no-such-shard", message, "Write --shard I/N, for example --shard 2/4."))
        number, of = int(match[1]), int(match[2])
    if retry_failed and resume is None:
        message = "--retry-failed asks failed trials of an earlier run again, and no run is named"
        raise InputError(Problem("no-run", message, "Add --resume RUN."))
    selection = Selection(
        shard=number, shards=of, limit=limit, tags=tuple(tags or ()), candidates=tuple(candidates or ())
    )
    return Wishes(resume=resume, retry_failed=retry_failed, reuse=reuse, selection=selection)


@dataclass(frozen=True)
class Two:
    """What `assay compare` compares."""

    a: Path
    """A run's folder, or a record."""
    b: Path
    """Another one, or the same."""
    candidates: tuple[str, ...]
    """The candidate of each; one for both, or none where each decides on one."""
    shown: Literal["text", "json", "markdown"]
    """How it is shown."""


def compared(
    source: Path, names: list[str], candidates: list[str] | None, *, judged: bool, markdown: bool, as_json: bool
) -> Two:
    """Return what `assay compare` compares: two runs or records, or two candidates of one.

    Raises:
        InputError: there are too many names or too few, or options that do not go together.
    """
    wrong = None
    if len(names) not in {1, 2} or len(candidates or ()) > 2:  # noqa: PLR2004 - two are compared
        wrong = "two are compared, no more"
    elif len(names) == 2 and candidates:  # noqa: PLR2004 - as above
        wrong = "the candidates are named twice"
    elif judged and (len(names) == 1 or markdown):
        wrong = "a judge compares two candidates of one run, without --markdown"
    elif markdown and as_json:
        wrong = "it is shown as Markdown or as JSON, not as both"
    if wrong is not None:
        remedy = "Write RUN RUN, RUN A B, or RUN A B --judge J."
        raise InputError(Problem("bad-usage", wrong, remedy))
    own = tuple(candidates or ()) if len(names) == 1 else tuple(names)
    first = found(source)
    shown: Literal["text", "json", "markdown"] = "markdown" if markdown else "json" if as_json else "text"
    return Two(first, found(Path(names[0])) if len(names) == 1 else first, own, shown)


def columns_of(pairs: list[str] | None) -> dict[str, str]:
    """Return columns of a table by Assay's name for them.

    Raises:
        InputError: a pair is not written as OURS=THEIRS.
    """
    columns = {}
    for pair in pairs or ():
        ours, equals, theirs = pair.partition("=")
        if not (ours and equals and theirs):
            message = f"--column {pair!r} cannot be read"
            raise InputError(
                Problem("bad-value", message, "Write --column OURS=THEIRS, such as --column input=question.")
            )
        columns[ours] = theirs
    return columns


def found(run: Path) -> Path:
    """Return the folder of a run that is named by its id or its folder, looked for here."""
    from assay.workflow.begin import found_run

    folder = found_run(Path(), run)
    return folder if folder.exists() else run
