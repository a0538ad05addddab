"""Which columns does a table of scores have, and what stands in each?"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.record.export.source import Source
    from assay.schema.run import Trial
    from assay.schema.score import Score
    from assay.schema.suite import Case

__all__ = ["COLUMNS", "Row", "rows"]


class Row(NamedTuple):
    """One score with the trial that it judges: one row of a table."""

    candidate: str
    """Candidate id."""
    suite: str
    """Suite id."""
    case: str
    """Case id."""
    trial: int
    """Number of the attempt, from 1."""
    scorer: str
    """Label of the scorer."""
    outcome: str
    """`passed`, `failed` or `unscored`; what is unscored is neither a pass nor a zero."""
    value: float | None
    """Grade from 0 to 1; nothing when unscored."""
    reason: str
    """Why, in words that help to mend the case."""
    status: str
    """`completed`, or `failed` when no answer was had."""
    fault: str | None
    """Class of the fault of a request that failed; nothing when there is an answer."""
    finish_reason: str | None
    """Why decoding ended, in the protocol's words."""
    elapsed_ms: float | None
    """Milliseconds of the last attempt; includes the client's own load, so no benchmark figure."""
    attempts: int
    """Requests sent for it."""
    prompt_tokens: int | None
    """Tokens of the request, when the server counted them."""
    completion_tokens: int | None
    """Tokens of the answer, when the server counted them."""
    tags: tuple[str, ...]
    """Labels of the case."""
    severity: str
    """`normal` or `blocker`."""
    reused_from: str | None
    """Id of the earlier run whose answer this is; nothing when it was asked in this run."""
    output: str | None
    """Text of the answer, whole and as it came; nothing when there is none."""


COLUMNS = Row._fields
"""Names of the columns, in order."""


def rows(source: Source) -> Iterator[Row]:
    """Yield one row for each score, in the order of `scores.jsonl`."""
    for trial, score in source.scored():
        yield _row(trial, score, source.case_of(trial.key)[1])


def _row(trial: Trial, score: Score, case: Case) -> Row:
    usage = trial.usage
    return Row(
        candidate=trial.candidate,
        suite=trial.suite,
        case=trial.case,
        trial=trial.trial,
        scorer=score.scorer,
        outcome=score.outcome,
        value=_finite(score.value),
        reason=score.reason,
        status=trial.status,
        fault=trial.error.kind if trial.error is not None else None,
        finish_reason=trial.finish_reason,
        elapsed_ms=_finite(trial.elapsed_ms),
        attempts=trial.attempts,
        prompt_tokens=usage.prompt_tokens if usage is not None else None,
        completion_tokens=usage.completion_tokens if usage is not None else None,
        tags=case.tags,
        severity=case.severity,
        reused_from=trial.reused_from,
        output=trial.output,
    )


def _finite(value: float | None) -> float | None:
    """Return a figure, and nothing for what is none: readers of JSON let NaN and infinity through."""
    return value if value is not None and isfinite(value) else None
