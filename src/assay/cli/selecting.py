"""What do the options of a run mean: which part of the cases, which earlier run?"""

from __future__ import annotations

import re
from pathlib import Path

from assay.errors import InputError, Problem
from assay.schema.run import Selection
from assay.workflow.wishes import Wishes

__all__ = ["columns_of", "found", "wishes_of"]

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
