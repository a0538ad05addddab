"""Which answers are people asked to label, in which order, and what are they shown of each?

One JSON line for each answer to a case that a judge scores and for each rubric that it goes by, in the format of labels
files, with an empty `label` to fill in. Neither the judge's verdict nor the candidate is written, nor anything that
follows from them: who labels shall not know whose answer it is. The same answer to the same case stands once, whoever
gave it and however often.

Cases come in the order of a draw that follows from the cases alone, and of each case all its answers: so whoever labels
the beginning of the file has labelled a random sample of the cases, the same for every candidate. Answers of one case
stand in the order of their SHA-256. Only an unbroken beginning counts (`assay.scoring.drawing`).
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import IO, TYPE_CHECKING

from assay.errors import InputError, Problem
from assay.record.export.exporter import Exporter
from assay.schema.calibration import Label

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from assay.record.export.source import Source
    from assay.schema.run import TrialKey
    from assay.schema.suite import Case, Suite

__all__ = ["EXPORTER"]

_MOST_ID = 300
_SHOWN = ("id", "request", "reference", "answer", "label", "rater", "rubric", "suite", "case", "tags")
_HIDDEN = re.compile("[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
"""What an editor does not show, or takes for the end of a line or a turn of the reading direction."""


def _write(source: Source, out: IO[bytes]) -> int:
    most, written = source.wanted.most, 0
    for lines in _lines_by_case(source):
        # A case is labelled whole or not at all; the first one always is.
        if written and most is not None and written + len(lines) > most:
            break
        out.write("".join(lines).encode())
        written += len(lines)
    if not written:
        message = "the run has no answer to a case that a judge scores"
        remedy = "Give cases a judge in their scorers and run them."
        raise InputError(Problem("nothing-to-export", message, remedy, str(source.folder)))
    return written


def _lines_by_case(source: Source) -> Iterator[list[str]]:
    """Yield the lines of each case with a judge and an answer, in the order of the draw."""
    wanted = source.wanted
    judged = {
        (suite.id, case.id): references
        for suite in wanted.suites.values()
        for case in suite.cases
        if _request(suite, case) is not None and (references := wanted.references_of(suite, case))
    }
    answers = _answers(source, judged)
    cases = [source.case_of(next(iter(own.values()))) for own in answers.values()]
    for suite, case in sorted(cases, key=lambda own: wanted.draw_of(own[0].id, own[1])):
        own = answers[suite.id, case.id]
        yield [
            _line(suite, case, under, source.trial_of(own[digest]).output or "")
            for digest in sorted(own)
            for under in judged[suite.id, case.id].items()
        ]


def _answers(source: Source, judged: Container[tuple[str, str]]) -> dict[tuple[str, str], dict[str, TrialKey]]:
    """Return a trial for each different answer to the judged cases, by case and by the answer's SHA-256."""
    found: dict[tuple[str, str], dict[str, TrialKey]] = {}
    for key in source.places:
        output = source.trial_of(key).output if key[1:3] in judged else None
        if output is not None:
            found.setdefault((key[1], key[2]), {}).setdefault(hashlib.sha256(output.encode()).hexdigest(), key)
    return found


def _line(suite: Suite, case: Case, under: tuple[str, str | None], answer: str) -> str:
    """Return the line to fill in, with its line end.

    Args:
        suite: suite of the case.
        case: what was asked.
        under: rubric id, and the expected answer that people are shown or None.
        answer: what was answered.
    """
    rubric, reference = under
    label = Label(
        id=_id(suite.id, case.id, rubric, answer),
        request=_request(suite, case) or "",
        reference=reference,
        answer=answer,
        label="failed",  # stands in for what a person must say
        rubric=rubric,
        suite=suite.id,
        case=case.id,
        tags=case.tags,
    )
    fields = {**label.model_dump(mode="json"), "label": ""}
    shown = json.dumps({name: fields[name] for name in _SHOWN}, ensure_ascii=False, separators=(",", ":"))
    return _HIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", shown) + "\n"


def _id(suite: str, case: str, rubric: str, answer: str) -> str:
    """Return an id that no other line has and that does not say who answered."""
    digest = hashlib.sha256(json.dumps([suite, case, rubric, answer]).encode()).hexdigest()[:12]
    return f"{suite}/{case}"[: _MOST_ID - 13] + f"~{digest}"


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
