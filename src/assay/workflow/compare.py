"""Which of two candidates answers better, by a judge that sees each pair in both orders?"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay.errors import InputError, Problem
from assay.gate import wilson
from assay.record.run_folder import RunFolder
from assay.runtime.pace import NotSentError
from assay.schema._base import Noun
from assay.schema.run import Completion, Trial
from assay.scoring import (
    PairContract,
    cases_by_rubric,
    fence,
    is_same_model,
    judge_fingerprint,
    reference_of,
    together,
)
from assay.workflow.evaluate import draining, most_at_once, run_all
from assay.workflow.prepare import prepare
from assay.workflow.seat import judge_of, sitting
from assay.workflow.servers import addresses

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from assay.schema.suite import Case, Suite
    from assay.workflow.prepare import Prepared
    from assay.workflow.seat import Seat
    from assay.workflow.wishes import Surroundings

__all__ = ["Compared", "compare"]

_JOURNAL = "comparisons.jsonl"


class Comparison(Noun):
    """One question to a judge about two answers to one case; one line of `comparisons.jsonl`."""

    judge: str
    """Judge id."""
    first: str
    """Candidate whose answer stood first."""
    second: str
    """Candidate whose answer stood second."""
    suite: str
    """Suite id."""
    case: str
    """Case id."""
    fingerprint: str
    """SHA-256 of what the judge is: its model, settings, rubric and prompt."""
    completion: Completion
    """What the judge answered."""


@dataclass(frozen=True)
class Compared:
    """What comparing came to; a case without a verdict in both orders is no tie."""

    a: str
    """The one candidate."""
    b: str
    """The other."""
    wins: Mapping[str, int]
    """Cases by winner: `a`, `b`, `tie`, `unread`."""
    flips: int
    """Ties that are contradictions: the judge preferred a place."""
    low: float | None
    """Lower limit of the 95 % interval of a's share of the decided cases; None without one."""
    high: float | None
    """Upper limit."""
    answered: int
    """Cases that both answered; only these are compared."""
    due: int
    """Cases of the run."""
    same_model: tuple[str, ...]
    """Of the two, those that the judge is itself: its preference for them is no evidence."""
    path: Path
    """Where the judgements are."""


def compare(run: Path, pair: tuple[str, str], judge: str, plan_path: Path, surroundings: Surroundings) -> Compared:
    """Ask a judge about every case that two candidates of a run both answered, in both orders.

    Args:
        run: the run's folder.
        pair: candidate ids.
        judge: judge id in the plan.
        plan_path: the plan.
        surroundings: environment, and who watches.

    Raises:
        InputError: there is no such run, judge or candidate, the two are one, they have no case in common, or a case
            has changed since it was answered.
        ServerError: the judge's server cannot be reached.
    """
    prepared = prepare(plan_path, surroundings.environment, calibrating=True)
    spec = judge_of(prepared, judge)
    if pair[0] == pair[1]:
        message = f"{pair[0]} cannot be compared with itself"
        raise InputError(Problem("bad-usage", message, "Name two candidates of the run."))
    folder = RunFolder.existing(run)
    asked = [own.id for own in prepared.plan.evaluated()]
    if strangers := [name for name in pair if name not in asked]:
        message = f"the plan asks no candidate {strangers[0]!r}"
        raise InputError(Problem("nothing-selected", message, f"There are: {', '.join(asked)}.", str(run)))
    with folder:
        folder.lock()
        folder.mend(_JOURNAL)
        answers = _answers(folder, pair, prepared)
        every = [(suite, case) for suite in prepared.suites for case in suite.cases]
        cases = [(suite, case) for suite, case in every if all((name, suite.id, case.id) in answers for name in pair)]
        if not cases:
            message = f"{pair[0]} and {pair[1]} have no answered case in common"
            raise InputError(Problem("nothing-selected", message, "Name two candidates of the run.", str(run)))
        surroundings.progress.stage("comparing answers", 2 * len(cases))
        candidates = {own.id: own for own in prepared.plan.candidates}
        candidate = candidates[spec.candidate]
        contract = PairContract(prepared.rubrics[judge])
        mark = judge_fingerprint(candidate, contract.prompt_digest())
        job = _Job(folder, folder.read_run().salt, judge, pair, answers, surroundings, contract, mark)
        with addresses(prepared, [candidate], surroundings.environment) as places, surroundings.stop.finishing():
            at_once = most_at_once(candidate, None)
            sat = sitting(spec, prepared, places[candidate.id], at_once, surroundings.stop)
            asyncio.run(job.all(sat, at_once, cases))
        themselves = tuple(name for name in pair if is_same_model(candidate, candidates[name]))
        return _counted(job, cases, len(every), themselves)


def _answers(folder: RunFolder, pair: tuple[str, str], prepared: Prepared) -> dict[tuple[str, str, str], str]:
    """Return the first answers of two candidates by candidate, suite and case.

    Raises:
        InputError: the plan's cases are not those that were answered.
    """
    digests = {(suite.id, case.id): case.digest() for suite in prepared.suites for case in suite.cases}
    answers = {}
    for trial in folder.read("trials.jsonl", Trial):
        if trial.candidate in pair and trial.trial == 1 and trial.status == "completed":
            if digests.get(trial.key[1:3], trial.case_digest) != trial.case_digest:
                message = f"the case {trial.suite}/{trial.case} has changed since it was answered"
                remedy = "Run the plan again, with --reuse for the cases that are the same."
                raise InputError(Problem("other-plan", message, remedy, str(folder.path)))
            answers[trial.key[:3]] = trial.output or ""
    return answers


@dataclass(frozen=True)
class _Job:
    """Asks one judge about all pairs."""

    folder: RunFolder
    salt: str
    judge: str
    pair: tuple[str, str]
    answers: Mapping[tuple[str, str, str], str]
    surroundings: Surroundings
    contract: PairContract
    mark: str

    def said(self) -> dict[tuple[str, str, str, str], Completion]:
        """Return what this very judge said, by first and second candidate, suite and case; the last one counts."""
        return {
            (own.first, own.second, own.suite, own.case): own.completion
            for own in self.folder.read(_JOURNAL, Comparison)
            if own.judge == self.judge and own.fingerprint == self.mark
        }

    async def all(
        self, sat: AbstractAsyncContextManager[Seat], at_once: int, cases: Sequence[tuple[Suite, Case]]
    ) -> None:
        """Ask about every pair that has no answer on disk, in both orders."""
        orders = (self.pair, self.pair[::-1])
        done = {key for key, completion in self.said().items() if completion.fault is None}
        todo = iter(
            [
                (suite, case, order)
                for order in orders
                for suite, case in cases
                if (*order, suite.id, case.id) not in done
            ]
        )
        async with sat as seat:

            async def work(item: tuple[Suite, Case, tuple[str, ...]]) -> None:
                with suppress(NotSentError):
                    await self._one(seat, *item)
                self.surroundings.progress.advance()

            await run_all([draining(todo, work, self.surroundings.stop)] * at_once)

    async def _one(self, seat: Seat, suite: Suite, case: Case, order: tuple[str, ...]) -> None:
        first, second = order
        contract, reference = self.contract, cases_by_rubric(suite, case).get(self.contract.rubric.id, case)
        shown = (self.answers[first, suite.id, case.id], self.answers[second, suite.id, case.id])
        nonce = fence(self.salt, (self.judge, first, second, suite.id, case.id))
        messages = contract.messages(suite.messages_of(case), reference_of(reference), shown, nonce)
        completion = await seat.ask(messages, contract.schema())
        self.folder.append(
            _JOURNAL,
            Comparison(
                judge=self.judge,
                first=first,
                second=second,
                suite=suite.id,
                case=case.id,
                fingerprint=self.mark,
                completion=completion,
            ),
        )


def _counted(job: _Job, cases: Sequence[tuple[Suite, Case]], due: int, themselves: tuple[str, ...]) -> Compared:
    said = {key: job.contract.parse(completion) for key, completion in job.said().items()}
    wins = {"a": 0, "b": 0, "tie": 0, "unread": 0}
    flips = 0
    for suite, case in cases:
        forward = said[(*job.pair, suite.id, case.id)]
        backward = said[(*job.pair[::-1], suite.id, case.id)]
        wins[together(forward, backward)] += 1
        flips += forward.better is not None and forward.better == backward.better != "tie"
    decided = wins["a"] + wins["b"]
    low, high = wilson(wins["a"], decided) if decided else (None, None)
    path = job.folder.path / _JOURNAL
    return Compared(*job.pair, wins, flips, low, high, len(cases), due, themselves, path)
