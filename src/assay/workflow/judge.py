"""How are answers judged: every judge asked about every answer that its rubric is for?"""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay.schema.run import Judgement, Trial
from assay.scoring import fence, reference_of
from assay.workflow.evaluate import draining, most_at_once, run_all
from assay.workflow.seat import sitting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.schema.suite import Case, JudgeSpec, Suite
    from assay.workflow.evaluate import Worker
    from assay.workflow.prepare import Prepared
    from assay.workflow.seat import Seat
    from assay.workflow.session import Session

__all__ = ["ask_judges"]


async def ask_judges(session: Session) -> None:
    """Ask the judges about every completed trial of a case that wants one; those on disk are not asked again.

    Raises:
        InputError: a judge's server refuses the key or the model's name.
    """
    prepared, folder = session.prepared, session.folder
    cases = {(suite.id, case.id): (suite, case) for suite in prepared.suites for case in suite.cases}
    asked = {judgement.key for judgement in folder.read("judgements.jsonl", Judgement)}
    judged = {key for key, on in cases.items() if any(spec.rubrics() for spec in on[0].scorers_of(on[1]))}
    trials = [
        trial
        for trial in folder.read("trials.jsonl", Trial)
        if (trial.suite, trial.case) in judged and trial.status == "completed"
    ]
    todo = {
        judge.id: [trial for trial in trials if _wanted(judge, prepared, *cases[trial.suite, trial.case])]
        for judge in prepared.plan.judges
    }
    session.progress.stage("judging answers", sum(map(len, todo.values())))
    session.progress.advance(len(asked))
    async with AsyncExitStack() as stack:
        workers: list[Worker] = []
        for judge in prepared.plan.judges:
            candidate = next(c for c in prepared.plan.candidates if c.id == judge.candidate)
            at_once = most_at_once(candidate, session.facts.get(candidate.id))
            seat = await stack.enter_async_context(sitting(judge, prepared, session.places[candidate.id], at_once))
            asker = _JudgeAsker(judge, seat, session, cases)
            remaining = iter([trial for trial in todo[judge.id] if asker.key(trial) not in asked])
            workers += [draining(remaining, asker.ask, session.stop)] * at_once
        await run_all(workers)


def _wanted(judge: JudgeSpec, prepared: Prepared, suite: Suite, case: Case) -> bool:
    """Say whether a case has a judge scorer with this judge's rubric, and what that rubric needs."""
    rubric = prepared.rubrics[judge.id]
    named = any(rubric.id in spec.rubrics() for spec in suite.scorers_of(case))
    return named and not (rubric.reference == "required" and case.expected is None)


@dataclass(frozen=True)
class _JudgeAsker:
    """Asks one judge about trials."""

    judge: JudgeSpec
    seat: Seat
    session: Session
    cases: Mapping[tuple[str, str], tuple[Suite, Case]]

    def key(self, trial: Trial) -> tuple[str, str, str, str, str, int]:
        """Return what makes the judgement of a trial unique."""
        return (self.judge.id, self.seat.contract.rubric.id, *trial.key)

    async def ask(self, trial: Trial) -> None:
        """Ask about one trial and journal the judgement."""
        suite, case = self.cases[trial.suite, trial.case]
        nonce = fence(self.session.run.salt, (self.judge.id, *map(str, trial.key)))
        contract = self.seat.contract
        messages = contract.messages(suite.messages_of(case), reference_of(case), trial.output or "", nonce)
        completion = await self.seat.ask(messages, contract.schema())
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
