"""What does a log of rehearsals accept, and what is wrong with it?"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from assay.errors import InputError
from assay.schema.findings import Rehearsals, moment_of
from assay.suite.documents import load_noun, read_yaml

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from assay.errors import Problem
    from assay.schema.findings import Rehearsal
    from assay.suite.documents import Document

__all__ = ["load_rehearsals"]


def load_rehearsals(path: Path, name: str, candidates: Collection[str]) -> Rehearsals:
    """Read a log of rehearsals.

    Args:
        path: the file.
        name: how the user calls it; used in problems.
        candidates: ids of the plan's candidates.

    Raises:
        InputError: every problem at once, each with its line. Slug `bad-rehearsal` for one that cannot have been: of a
            candidate that the plan does not have, at no moment, ended before it began, back to what was served, or
            with more cases passed than asked.
    """
    document = read_yaml(path, name)
    rehearsals = load_noun(document, Rehearsals)
    problems = [
        problem
        for index, own in enumerate(rehearsals.rehearsals)
        for problem in _problems(own, index, document, candidates)
    ]
    if problems:
        raise InputError(*problems)
    return rehearsals


def _problems(own: Rehearsal, index: int, document: Document, candidates: Collection[str]) -> Iterator[Problem]:
    def wrong(key: str, message: str, remedy: str) -> Problem:
        return document.problem("bad-rehearsal", message, remedy, ("rehearsals", index, key))

    if own.candidate not in candidates:
        near = difflib.get_close_matches(own.candidate, candidates, n=1)
        remedy = f"Did you mean {near[0]!r}?" if near else f"The plan has {', '.join(candidates)}."
        yield wrong("candidate", f"the plan has no candidate {own.candidate!r}", remedy)
    if own.kind == "rollback" and _bare(own.from_digest) == _bare(own.to_digest):
        message = "the rollback ended with the model that it began with"
        yield wrong("to_digest", message, "Name the digest that was served when it ended.")
    moments = {key: moment_of(getattr(own, key)) for key in ("started", "ended")}
    for key, moment in moments.items():
        if moment is None:
            message = f"`{key}` is no moment with a time zone: {getattr(own, key)[:60]!r}"
            yield wrong(key, message, "Write it as 2026-05-04T09:30:00+02:00.")
    if None not in moments.values() and own.moments() is None:
        yield wrong("ended", "the rehearsal ended before it began", "Mend `started` or `ended`.")
    if own.smoke.passed > own.smoke.asked:
        message = f"{own.smoke.passed} cases passed of {own.smoke.asked} that were asked"
        yield wrong("smoke", message, "Mend `asked` or `passed`.")


def _bare(digest: str) -> str:
    return digest.removeprefix("sha256:")
