"""How does a peer's file become a suite on disk, and do its verdicts and ours agree on the same answers?"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import asdict, dataclass, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from assay.errors import InputError, Problem
from assay.schema.run import Trial
from assay.schema.suite import Suite
from assay.scoring import check_scorers, known_scorers, score_trial
from assay.suite.importing import Loss, guess_format, read_import

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import JsonValue

    from assay.suite.importing import Imported, Options, PeerAnswer

__all__ = ["SuiteImported", "import_suite"]

_REPORT = "import.json"
_MOST_SHOWN = 200
_REMOVES = re.compile(r"left out|no case of it|asks for answers")
"""Words of a loss by which cases are gone, and not only a part of what they say."""


@dataclass(frozen=True)
class SuiteImported:
    """What an import came to."""

    folder: Path
    """Where the suite lies."""
    suite: str
    """Its id."""
    cases: int
    """How many cases it has."""
    losses: tuple[Loss, ...]
    """What could not be carried over, and where our verdict on the peer's own answers is another one."""
    answers: int
    """Answers in the peer's file."""
    compared: int
    """Of these, the ones on which the peer gave a verdict and the suite has the case."""
    agreed: int
    """Of these, the ones on which both say the same."""


def import_suite(path: Path, format_name: str | None, options: Options, out: Path | None) -> SuiteImported:
    """Write the suite that a peer's file stands for, with a report of what was lost.

    Args:
        path: the file, or for lm-eval the folder of a run.
        format_name: its format; None looks at the file.
        options: what the user adds.
        out: folder to write; None takes `goldensets/<id>`.

    Raises:
        InputError: the file is not sound, nothing in it can be carried over, there is no scorer of the name that the
            user gives, or the folder is there already.
    """
    _check_scorer(options.scorer)
    imported = _sound(read_import(format_name or guess_format(path), path, options))
    suite = _suite(imported)
    folder = out or path.parent / "goldensets" / suite.id
    if (folder / "suite.yaml").exists():
        raise InputError(
            Problem("file-exists", "a suite is there already", "Choose another folder with --out.", str(folder))
        )
    if not imported.cases:
        message = f"not one case can be carried over{_why_none(imported.losses)}"
        raise InputError(Problem("bad-import", message, "See docs/import.md for what can.", str(path)))
    compared, disagreements = _compared(suite, imported)
    losses = (*imported.losses, *disagreements)
    folder.mkdir(parents=True, exist_ok=True)
    # JSON is YAML too, and needs no writer that could change a text.
    head = "".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in imported.head.items())
    (folder / "suite.yaml").write_text(head, encoding="utf-8", newline="\n")
    lines = "".join(case.model_dump_json(by_alias=True, exclude_defaults=True) + "\n" for case in suite.cases)
    (folder / "cases.jsonl").write_text(lines, encoding="utf-8", newline="\n")
    report: dict[str, JsonValue] = {
        "losses": [dict(asdict(loss)) for loss in losses],
        "answers": len(imported.answers),
        "compared": compared,
        "agreed": compared - len(disagreements),
    }
    text = json.dumps(report, ensure_ascii=False, indent=1) + "\n"
    (folder / _REPORT).write_text(text, encoding="utf-8", newline="\n")
    agreed, answers = compared - len(disagreements), len(imported.answers)
    return SuiteImported(folder, suite.id, len(suite.cases), losses, answers, compared, agreed)


def _suite(imported: Imported) -> Suite:
    head = {key: value for key, value in imported.head.items() if key != "schema"}
    return Suite.model_validate(head).model_copy(update={"cases": imported.cases})


def _check_scorer(name: str | None) -> None:
    """Refuse a scorer that is not there before anything is read or written."""
    known = known_scorers()
    if name is None or name in known:
        return
    near = get_close_matches(name, known, n=1)
    remedy = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(known)}."
    raise InputError(Problem("unknown-scorer", f"--scorer: there is no scorer {name[:60]!r}", remedy))


def _sound(imported: Imported) -> Imported:
    """Leave out, by name, the cases with which their scorers cannot work: the suite would be refused for them."""
    suite = _suite(imported)
    flaws = {case.id: found[0][1] for case in suite.cases if (found := check_scorers(suite, case))}
    losses = [Loss(case, f"the case {case!r} is left out: {message}") for case, message in flaws.items()]
    cases = tuple(case for case in imported.cases if case.id not in flaws)
    return replace(imported, cases=cases, losses=(*imported.losses, *losses))


def _why_none(losses: tuple[Loss, ...]) -> str:
    """Return the loss that took most cases away, for a message to end with."""
    removing = [loss for loss in losses if _REMOVES.search(loss.what)] or list(losses[:1])
    reasons = Counter(loss.what.rpartition("is left out: ")[2] for loss in removing)
    told = max(removing, key=lambda loss: reasons[loss.what.rpartition("is left out: ")[2]], default=None)
    return "" if told is None else f": {told.where}: {told.what}"


def _compared(suite: Suite, imported: Imported) -> tuple[int, list[Loss]]:
    """Score the peer's own answers, and return how many both gave a verdict on, and where the two differ."""
    cases = {case.id: case for case in suite.cases}
    compared, found = 0, []
    for answer in imported.answers:
        case = cases.get(answer.case)
        if case is None or answer.passed is None or answer.output is None:
            continue
        outcomes = {score.scorer: score for score in score_trial(suite, case, _trial(suite, answer), {}, {})}
        said = {score.outcome for score in outcomes.values()}
        ours = "failed" if "failed" in said else "unscored" if "unscored" in said else "passed"
        compared += 1
        theirs = "passed" if answer.passed else "failed"
        if ours != theirs:
            reasons = "; ".join(score.reason for score in outcomes.values() if score.outcome == ours)
            what = f"the peer says {theirs} of its own answer, and Assay {ours}: {reasons}"
            found.append(Loss(f"case {answer.case}, trial {answer.trial}", what[:_MOST_SHOWN]))
    return compared, found


def _trial(suite: Suite, answer: PeerAnswer) -> Trial:
    return Trial(
        candidate=answer.candidate or "peer",
        suite=suite.id,
        case=answer.case,
        trial=max(answer.trial, 1),
        status="completed",
        output=answer.output,
        error=None,
        finish_reason=None,
        usage=None,
        elapsed_ms=0.0,
        attempts=1,
        model=None,
        case_digest="",
    )
