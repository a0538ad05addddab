"""How often did each candidate pass, by suite, tag and scorer, and which blockers did it not pass?

Both functions count what was *due*: every trial number of every case. What is due and has no score is unscored.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assay.schema._base import rounded
from assay.schema.record import BlockerFailure
from assay.schema.score import Metric

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping, Sequence

    from assay.schema.run import Trial, TrialKey
    from assay.schema.score import Outcome, Score
    from assay.schema.suite import Case, Suite

__all__ = ["blocker_failures", "metrics_of"]

_LONGEST_OUTPUT = 200


@dataclass
class _Tally:
    """Trials counted for one metric."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    cases: int = 0
    trusted: bool = True


_WORST_FIRST: tuple[Outcome, ...] = ("failed", "unscored", "passed")
_Cell = tuple[str | None, str | None]  # tag, scorer


def metrics_of(
    scores: Sequence[Score],
    suites: Sequence[Suite],
    candidates: Sequence[str],
    *,
    trials_per_case: int,
    interval: Callable[[int, int], tuple[float, float]],
    untrusted: Container[str] = frozenset(),
) -> tuple[Metric, ...]:
    """Return the metrics of each candidate and suite: overall, by tag, and by scorer where there are several.

    Args:
        scores: All scores; those of trials that were not due are left out.
        suites: The suites that were asked, in the order of the result.
        candidates: Ids of the candidates that were asked, in the order of the result.
        trials_per_case: Trials due for each case and candidate.
        interval: Limits of the 95 % interval of a rate, from trials passed and trials due.
        untrusted: Labels of scorers that may not carry a condition.
    """
    by_trial = _by_trial(scores)
    return tuple(
        _metric(candidate, suite.id, cell, tally, interval)
        for candidate in candidates
        for suite in suites
        for cell, tally in _tallies(candidate, suite, by_trial, trials_per_case, untrusted).items()
    )


def blocker_failures(
    scores: Sequence[Score],
    trials: Sequence[Trial],
    suites: Sequence[Suite],
    candidates: Sequence[str],
    *,
    trials_per_case: int,
) -> tuple[BlockerFailure, ...]:
    """Return each blocker case of which a due trial did not pass, once for each candidate: its worst trial.

    Args:
        scores: All scores.
        trials: All trials, for the text of the answers.
        suites: The suites that were asked, in the order of the result.
        candidates: Ids of the candidates that were asked, in the order of the result.
        trials_per_case: Trials due for each case and candidate.
    """
    by_trial = _by_trial(scores)
    outputs = {trial.key: trial.output for trial in trials}
    blockers = [(suite, case) for suite in suites for case in suite.cases if case.severity == "blocker"]
    failures = []
    for candidate in candidates:
        for suite, case in blockers:
            keys = [(candidate, suite.id, case.id, number) for number in range(1, trials_per_case + 1)]
            said = [(key, *_said(_labels(suite, case), by_trial.get(key, {}))) for key in keys]
            key, outcome, reason = min(said, key=lambda each: _WORST_FIRST.index(each[1]))
            if outcome != "passed":
                failures.append(_blocker_failure(key, outcome, reason, outputs.get(key)))
    return tuple(failures)


def _by_trial(scores: Sequence[Score]) -> dict[TrialKey, dict[str, Score]]:
    """Return scores by trial and scorer; of two for the same the later one counts."""
    result: dict[TrialKey, dict[str, Score]] = {}
    for score in scores:
        result.setdefault((score.candidate, score.suite, score.case, score.trial), {})[score.scorer] = score
    return result


def _labels(suite: Suite, case: Case) -> list[str]:
    return [spec.label for spec in suite.scorers_of(case)]


def _outcomes(labels: Sequence[str], scores: Mapping[str, Score]) -> list[Outcome]:
    return [scores[label].outcome if label in scores else "unscored" for label in labels]


def _together(outcomes: Sequence[Outcome]) -> Outcome:
    """Return the outcome of a trial: all its scorers must pass, and one that fails is enough."""
    if "failed" in outcomes:
        return "failed"
    return "passed" if outcomes and "unscored" not in outcomes else "unscored"


def _said(labels: Sequence[str], scores: Mapping[str, Score]) -> tuple[Outcome, str]:
    """Return the outcome of a trial with the reason of the first scorer that said so."""
    outcome = _together(_outcomes(labels, scores))
    reasons = [scores[label].reason for label in labels if label in scores and scores[label].outcome == outcome]
    return outcome, reasons[0] if reasons else "it has no score"


def _tallies(
    candidate: str,
    suite: Suite,
    by_trial: Mapping[TrialKey, Mapping[str, Score]],
    trials_per_case: int,
    untrusted: Container[str],
) -> dict[_Cell, _Tally]:
    cases = [(case, _labels(suite, case)) for case in suite.cases]
    tags = sorted({tag for case in suite.cases for tag in case.tags})
    scorers = list(dict.fromkeys(label for _, labels in cases for label in labels))
    cells: list[_Cell] = [(None, None), *((tag, None) for tag in tags)]
    cells += [(None, scorer) for scorer in scorers if len(scorers) > 1]
    tallies = {cell: _Tally() for cell in cells}
    for case, labels in cases:
        whole = [tallies[None, None], *(tallies[tag, None] for tag in set(case.tags))]
        single = [tallies[None, label] for label in labels] if len(scorers) > 1 else []
        for tally in whole:
            tally.cases += 1
            tally.trusted &= not any(label in untrusted for label in labels)
        for label, tally in zip(labels, single, strict=False):
            tally.cases += 1
            tally.trusted &= label not in untrusted
        for number in range(1, trials_per_case + 1):
            outcomes = _outcomes(labels, by_trial.get((candidate, suite.id, case.id, number), {}))
            together = _together(outcomes)
            for tally in whole:
                tally.outcomes[together] += 1
            for outcome, tally in zip(outcomes, single, strict=False):
                tally.outcomes[outcome] += 1
    return tallies


def _metric(
    candidate: str, suite: str, cell: _Cell, tally: _Tally, interval: Callable[[int, int], tuple[float, float]]
) -> Metric:
    passed, failed, unscored = (tally.outcomes[outcome] for outcome in ("passed", "failed", "unscored"))
    n = passed + failed + unscored
    low, high = interval(passed, n) if n else (None, None)
    return Metric(
        candidate=candidate,
        suite=suite,
        tag=cell[0],
        scorer=cell[1],
        cases=tally.cases,
        passed=passed,
        failed=failed,
        unscored=unscored,
        n=n,
        rate=rounded(passed / n) if n else None,
        rate_scored=rounded(passed / (passed + failed)) if passed + failed else None,
        low=None if low is None else rounded(low),
        high=None if high is None else rounded(high),
        trusted=tally.trusted,
    )


def _blocker_failure(key: TrialKey, outcome: Outcome, reason: str, output: str | None) -> BlockerFailure:
    return BlockerFailure(
        candidate=key[0],
        suite=key[1],
        case=key[2],
        outcome="failed" if outcome == "failed" else "unscored",
        reason=f"trial {key[3]}: {reason}",
        output=None if output is None else output[:_LONGEST_OUTPUT],
    )
