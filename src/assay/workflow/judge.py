"""How are answers judged: every judge asked about every answer that its rubric is for?"""

from __future__ import annotations

from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay.runtime.pace import NotSentError
from assay.schema.run import Judgement, Trial
from assay.scoring import cases_by_rubric, fence, reference_of
from assay.workflow.evaluate import draining, most_at_once, run_all
from assay.workflow.seat import sitting

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

    from assay.schema.suite import Case, JudgeSpec, Suite
    from assay.workflow.evaluate import Worker
    from assay.workflow.prepare import Prepared
    from assay.workflow.seat import Seat
    from assay.workflow.session import Session

    JudgementKey = tuple[str, str, str, str, str, int]

__all__ = ["ask_judges"]


async def ask_judges(session: Session) -> None:
    """Ask the judges about every completed trial of a case that wants one; those on disk are not asked again.

    A judgement that a fault kept from being given is asked for again: the last one counts.

    Raises:
        InputError: a judge's server refuses the key or the model's name.
    """
    prepared, folder = session.prepared, session.folder
    cases = {
        (suite.id, case.id): (suite, own)
        for suite in prepared.suites
        for case in suite.cases
        if (own := cases_by_rubric(suite, case))
    }
    given = {own.key for own in folder.read("judgements.jsonl", Judgement) if own.completion.fault is None}
    due = {
        judge.id: {place for place, on in cases.items() if _wanted(judge, prepared, on[1])}
        for judge in prepared.plan.judges
    }
    answered = Counter(key[1:3] for key, completed, _ in folder.places("trials.jsonl") if completed)
    session.progress.stage("judging answers", sum(answered[place] for places in due.values() for place in places))
    session.progress.advance(len(given))
    async with AsyncExitStack() as stack:
        workers: list[Worker] = []
        for judge in prepared.plan.judges:
            candidate = next(c for c in prepared.plan.candidates if c.id == judge.candidate)
            at_once = most_at_once(candidate, session.facts.get(candidate.id))
            sat = sitting(judge, prepared, session.places[candidate.id], at_once, session.stop)
            seat = await stack.enter_async_context(sat)
            asker = _JudgeAsker(judge, seat, session, cases)
            workers += [draining(asker.left(due[judge.id], given), asker.ask, session.stop)] * at_once
        await run_all(workers)


def _wanted(judge: JudgeSpec, prepared: Prepared, cases: Mapping[str, Case]) -> bool:
    """Say whether a case has a judge scorer with this judge's rubric, and what that rubric needs."""
    rubric = prepared.rubrics[judge.id]
    own = cases.get(rubric.id)
    return own is not None and not (rubric.reference == "required" and reference_of(own) is None)


@dataclass(frozen=True)
class _JudgeAsker:
    """Asks one judge about trials."""

    judge: JudgeSpec
    seat: Seat
    session: Session
    cases: Mapping[tuple[str, str], tuple[Suite, Mapping[str, Case]]]
    """By suite and case: the suite, and the case as the judges of each rubric see it."""

    def left(self, due: Container[tuple[str, str]], given: Container[JudgementKey]) -> Iterator[Trial]:
        """Yield the answered trials of the cases that are due and have no judgement yet."""
        for trial in self.session.folder.read("trials.jsonl", Trial):
            if trial.status == "completed" and trial.key[1:3] in due and self.key(trial) not in given:
                yield trial

    def key(self, trial: Trial) -> JudgementKey:
        """Return what makes the judgement of a trial unique."""
        return (self.judge.id, self.seat.contract.rubric.id, *trial.key)

    async def ask(self, trial: Trial) -> None:
        """Ask about one trial and journal the judgement."""
        suite, own = self.cases[trial.suite, trial.case]
        case = own[self.seat.contract.rubric.id]
        nonce = fence(self.session.run.salt, (self.judge.id, *map(str, trial.key)))
        contract = self.seat.contract
        messages = contract.messages(suite.messages_of(case), reference_of(case), trial.output or "", nonce)
        try:
            completion = await self.seat.ask(messages, contract.schema())
        except NotSentError:
            return
        self.session.folder.append(
            "judgements.jsonl",
            Judgement(
                judge=self.judge.id,
                rubric=contract.rubric.id,
                candidate=trial.candidate,
                suite=trial.suite,
                case=trial.case,
                trial=trial.trial,
                completion=completion,
            ),
        )
        self.session.progress.advance()
