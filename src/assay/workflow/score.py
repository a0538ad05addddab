"""What are the answers of a run worth, scored again without asking a model?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from assay.errors import InputError, Problem
from assay.record.run_folder import RunFolder, to_json
from assay.schema.record import Assembly
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

        def keep(score: Score) -> None:
            write_line(score.model_dump_json())

        measured = measure(inputs, keep)
    return Scored(run, measured, inputs.due, folder.path / name, left_out, folder.torn("trials.jsonl"))


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
