"""Which answers are people asked to label, in which order, and what are they shown of each?

One JSON line for each answer to a case that a judge scores, in the format of labels files, with an empty `label` to
fill in. Neither the verdict of the judge nor anything that follows from it is written. The same answer to the same
case stands once, whoever gave it and however often.

The order is a draw that anybody can make again: by the SHA-256 of the canonical JSON (RFC 8785) of `["labels", salt,
candidate, suite, case, trial]`, with the salt of the run and the trial as text. Whoever labels the first hundred lines
has labelled a random sample. Where at most so many answers are wanted, half of them are drawn from those that the
judge failed and half from those that it passed; where one kind runs out the other fills up, and answers on which the
judge gave no verdict come last. The lines are then put in the order of the draw, so that their place tells nothing.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import IO, TYPE_CHECKING, NamedTuple

from assay.errors import InputError, Problem
from assay.record.export.exporter import Exporter
from assay.schema._base import digest_of
from assay.schema.calibration import Label

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from assay.record.export.source import Source
    from assay.schema.run import TrialKey
    from assay.schema.score import Outcome
    from assay.schema.suite import Case, Suite

__all__ = ["EXPORTER", "Drawn", "draw_of", "line_of", "sample"]

_MOST_ID = 300
_SHOWN = ("id", "request", "reference", "answer", "label", "rater", "candidate", "suite", "case", "tags")
_HIDDEN = re.compile("[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
"""What an editor does not show, or takes for the end of a line or a turn of the reading direction."""


class Drawn(NamedTuple):
    """One answer in the draw."""

    draw: str
    """What it is sorted by: 64 hexadecimal digits."""
    key: TrialKey
    """The trial that gave it."""
    verdict: Outcome
    """What the judge said of it; decides which half it is drawn from, and is not written."""


def draw_of(salt: str, key: TrialKey) -> str:
    """Return the place of a trial in the draw of a run."""
    return digest_of(["labels", salt, *key[:3], str(key[3])])


def sample(answers: Iterable[Drawn], most: int | None) -> list[Drawn]:
    """Return at most so many answers in the order of the draw: half that the judge failed, half that it passed.

    Args:
        answers: all of them, in any order.
        most: how many; None takes all. Of an odd number the judge's fails get one more.
    """
    ordered = sorted(answers)
    if most is None:
        return ordered
    fails, passes, others = (
        [own for own in ordered if own.verdict == verdict] for verdict in ("failed", "passed", "unscored")
    )
    failed = min(len(fails), max(most - most // 2, most - len(passes)))
    passed = min(len(passes), most - failed)
    return sorted([*fails[:failed], *passes[:passed], *others[: most - failed - passed]])


def _write(source: Source, out: IO[bytes]) -> int:
    most = source.wanted.most
    drawn = sample(_answers(source), most)
    if not drawn:
        message = "the run has no answer to a case that a judge scores"
        remedy = "Give cases a judge in their scorers and run them."
        raise InputError(Problem("nothing-to-export", message, remedy, str(source.folder)))
    ids: set[str] = set()
    for own in drawn:
        out.write(line_of(source, own.key, ids).encode())
    return len(drawn)


def _answers(source: Source) -> list[Drawn]:
    """Return each answer to a case with a judge once, under the trial that comes first in the draw."""
    judged = {
        (suite.id, case.id): labels
        for suite in source.wanted.suites.values()
        for case in suite.cases
        if (labels := frozenset(spec.label for spec in suite.scorers_of(case) if spec.rubrics()))
        and _request(suite, case) is not None
    }
    first: dict[tuple[str, str, bytes], Drawn] = {}
    for key in source.places:
        scorers = judged.get((key[1], key[2]))
        output = source.trial_of(key).output if scorers is not None else None
        if scorers is None or output is None:
            continue
        own = Drawn(draw_of(source.wanted.run.salt, key), key, _verdict(source, key, scorers))
        answer = (key[1], key[2], hashlib.sha256(output.encode()).digest())
        first[answer] = min(own, first.get(answer, own))
    return list(first.values())


def _verdict(source: Source, key: TrialKey, labels: frozenset[str]) -> Outcome:
    """Return what the scores of a trial that hang on a judge say together: one that failed fails it."""
    outcomes = {score.outcome for score in source.scores_of(key) if score.scorer in labels}
    if "failed" in outcomes:
        return "failed"
    return "passed" if outcomes == {"passed"} else "unscored"


def line_of(source: Source, key: TrialKey, ids: set[str]) -> str:
    """Return the line to fill in, with its line end.

    Args:
        source: the run.
        key: the trial whose answer it is.
        ids: ids of earlier lines; the new one is added.
    """
    suite, case = source.case_of(key)
    label = Label(
        id=_new_id(key, ids),
        request=_request(suite, case) or "",
        reference=source.wanted.reference_of(case),
        answer=source.trial_of(key).output or "",
        label="failed",  # stands in for what a person must say
        candidate=key[0],
        suite=suite.id,
        case=case.id,
        tags=case.tags,
    )
    fields = {**label.model_dump(mode="json"), "label": ""}
    shown = json.dumps({name: fields[name] for name in _SHOWN}, ensure_ascii=False, separators=(",", ":"))
    return _HIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", shown) + "\n"


def _new_id(key: TrialKey, ids: set[str]) -> str:
    """Return an id that no earlier line has: names with a `/` in them can make the same text."""
    name = "/".join(map(str, key))
    if len(name) > _MOST_ID or name in ids:
        digest = digest_of([*key[:3], str(key[3])])[:16]
        name = f"{name[: _MOST_ID - 17]}~{digest}"
    ids.add(name)
    return name


def _request(suite: Suite, case: Case) -> str | None:
    """Return what a person must have read to judge the answer: the last message of the user, with its context."""
    messages: Sequence[tuple[str, str]] = [(own.role, own.content) for own in suite.messages_of(case) if own.content]
    asked = [content for role, content in messages if role == "user"] or [content for _, content in messages]
    return asked[-1] if asked else None


EXPORTER = Exporter(
    "Answers for people to label, in a random order, without the judge's verdict.",
    "answers to label",
    _write,
    is_filled_in=True,
)
