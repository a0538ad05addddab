"""What are the answers of a run worth, scored again without asking a model?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from assay.errors import InputError, Problem
from assay.record.run_folder import RunFolder, to_json
from assay.schema.record import Assembly
from assay.scoring import NO_ANSWER
from assay.workflow.evidence import FACTS_FILE, read_inputs
from assay.workflow.measure import measure

if TYPE_CHECKING:
    from pathlib import Path

    from assay.schema.run import Run
    from assay.schema.score import Score
    from assay.workflow.evidence import Inputs
    from assay.workflow.measure import Measured
    from assay.workflow.prepare import Prepared

__all__ = ["Scored", "score_run"]

_MOST_SHOWN = 10


@dataclass(frozen=True)
class Scored:
    """What a run's answers are worth."""

    run: Run
    """The run."""
    measured: Measured
    """Metrics and all else that follows from the scores."""
    due: int
    """Trials that each candidate was due."""
    scores: Path
    """Where the scores were written, one a line."""
    failures: tuple[Score, ...] = ()
    """The first scores of answers that did not pass, in the order of the trials."""
    not_passed: int = 0
    """How many there are in all; trials without an answer are not among them."""
    left_out: int = 0
    """Answers to requests that the plan's suites do not ask any more."""
    torn: int = 0
    """Bytes of a last line of trials.jsonl that was never finished."""


def score_run(path: Path, prepared: Prepared | None = None) -> Scored:
    """Score the answers of a run and write the scores into its folder.

    Args:
        path: the run's folder.
        prepared: a plan whose suites and rubrics to score by, in place of the run's own. Answers count where the
            request would be the same today; their scores go to `rescored.jsonl`, and the run stays as it is.

    Raises:
        InputError: there is no run, or its files cannot be read.
        MismatchError: its files do not belong together.
    """
    folder = RunFolder.existing(path)
    run = folder.read_run()
    files = folder.evidence()
    if FACTS_FILE not in files:
        message = "the run stopped before its servers were looked at"
        raise InputError(Problem("no-run", message, "Go on with --resume.", str(path)))
    assembly = Assembly(number=1, slug="score", date=run.started[:10], assay_version="0")
    inputs = read_inputs({**files, "assembly.json": to_json(assembly).encode()})
    name, left_out = "scores.jsonl", 0
    if prepared is not None:
        name = "rescored.jsonl"
        inputs, left_out = _by_today(inputs, prepared)
    with folder.writing_lines(name) as write_line:
        failures: list[Score] = []
        not_passed = 0

        def keep(score: Score) -> None:
            nonlocal not_passed
            write_line(score.model_dump_json())
            if score.outcome != "passed" and not score.reason.startswith(NO_ANSWER):
                not_passed += 1
                if not_passed <= _MOST_SHOWN:
                    failures.append(score)

        measured = measure(inputs, keep)
    torn = folder.torn("trials.jsonl")
    return Scored(run, measured, inputs.due, folder.path / name, tuple(failures), not_passed, left_out, torn)


def _by_today(inputs: Inputs, prepared: Prepared) -> tuple[Inputs, int]:
    """Return the evidence with the suites and rubrics of a plan, and how many answers no longer fit one of them."""
    cases = {(suite.id, case.id): (suite, case) for suite in prepared.suites for case in suite.cases}
    then = {(suite.id, case.id): suite.messages_of(case) for suite in inputs.suites for case in suite.cases}
    kept: list[str] = []
    left_out = 0
    for trial in inputs.trials():
        key = (trial.suite, trial.case)
        if key in cases and cases[key][0].messages_of(cases[key][1]) == then[key]:
            kept.append(trial.model_copy(update={"case_digest": cases[key][1].digest()}).model_dump_json())
        else:
            left_out += 1
    return (
        replace(
            inputs,
            suites=prepared.suites,
            rubrics=prepared.rubrics,
            journal="".join(line + "\n" for line in kept).encode(),
        ),
        left_out,
    )
