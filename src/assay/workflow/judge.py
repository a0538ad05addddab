"""How are answers judged: every judge asked about every answer that its rubric is for?"""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay.runtime.adapters import dialect_of
from assay.runtime.client import Client, request_body
from assay.schema.run import Judgement, Trial
from assay.scoring import JudgeContract, fence, reference_of
from assay.workflow.evaluate import draining, run_all, stop_if_fatal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.record.run_folder import RunFolder
    from assay.schema.run import Run
    from assay.schema.suite import Candidate, Case, JudgeSpec, RequestSettings, Rubric, Suite
    from assay.workflow.evaluate import Worker
    from assay.workflow.prepare import Prepared
    from assay.workflow.progress import Progress
    from assay.workflow.servers import Address

__all__ = ["ask_judges"]


async def ask_judges(
    prepared: Prepared, places: Mapping[str, Address], folder: RunFolder, run: Run, progress: Progress
) -> None:
    """Ask the judges about every completed trial of a case that wants one; those on disk are not asked again.

    Raises:
        InputError: a judge's server refuses the key or the model's name.
    """
    cases = {(suite.id, case.id): (suite, case) for suite in prepared.suites for case in suite.cases}
    asked = {judgement.key for judgement in folder.read("judgements.jsonl", Judgement)}
    trials = [trial for trial in folder.read("trials.jsonl", Trial) if trial.status == "completed"]
    todo = {
        judge.id: [trial for trial in trials if _wanted(judge, prepared, *cases[trial.suite, trial.case])]
        for judge in prepared.plan.judges
    }
    progress.stage("judging answers", sum(map(len, todo.values())))
    progress.advance(len(asked))
    job = _Job(prepared, folder, run.salt, cases, progress)
    async with AsyncExitStack() as stack:
        workers: list[Worker] = []
        for judge in prepared.plan.judges:
            asker = await _asker(judge, places, job, stack)
            remaining = iter([trial for trial in todo[judge.id] if asker.key(trial) not in asked])
            workers += [draining(remaining, asker.ask)] * asker.candidate.concurrency
        await run_all(workers)


@dataclass(frozen=True)
class _Job:
    """What all judges of a run share."""

    prepared: Prepared
    folder: RunFolder
    salt: str
    cases: Mapping[tuple[str, str], tuple[Suite, Case]]
    progress: Progress


async def _asker(judge: JudgeSpec, places: Mapping[str, Address], job: _Job, stack: AsyncExitStack) -> _JudgeAsker:
    candidate = next(c for c in job.prepared.plan.candidates if c.id == judge.candidate)
    place = places[judge.candidate]
    # A judge's word must not depend on chance.
    settings = candidate.request.model_copy(update={"temperature": 0.0})
    client = Client(
        place.base_url,
        place.key,
        settings,
        connections=candidate.concurrency,
        dialect=dialect_of(candidate.runtime),
    )
    await stack.enter_async_context(client)
    rubric = job.prepared.rubrics[judge.id]
    return _JudgeAsker(judge, rubric, JudgeContract(rubric), settings, candidate, client, place.model, job)


def _wanted(judge: JudgeSpec, prepared: Prepared, suite: Suite, case: Case) -> bool:
    """Say whether a case has a judge scorer with this judge's rubric, and what that rubric needs."""
    rubric = prepared.rubrics[judge.id]
    named = any(s.name == "judge" and s.options.get("rubric") == rubric.id for s in suite.scorers_of(case))
    return named and not (rubric.reference == "required" and case.expected is None)


@dataclass(frozen=True)
class _JudgeAsker:
    """Asks one judge."""

    judge: JudgeSpec
    rubric: Rubric
    contract: JudgeContract
    settings: RequestSettings
    candidate: Candidate
    client: Client
    model: str
    job: _Job

    def key(self, trial: Trial) -> tuple[str, str, str, str, str, int]:
        """Return what makes the judgement of a trial unique."""
        return (self.judge.id, self.rubric.id, *trial.key)

    async def ask(self, trial: Trial) -> None:
        """Ask about one trial and journal the judgement."""
        suite, case = self.job.cases[trial.suite, trial.case]
        nonce = fence(self.job.salt, (self.judge.id, *map(str, trial.key)))
        body = request_body(
            self.model,
            self.contract.messages(suite.messages_of(case), reference_of(case), trial.output or "", nonce),
            self.settings,
            dialect=dialect_of(self.candidate.runtime),
            schema=self.contract.schema(),
        )
        completion = await self.client.complete(body)
        stop_if_fatal(completion, self.job.prepared, self.candidate)
        self.job.folder.append(
            "judgements.jsonl",
            Judgement(
                judge=self.judge.id,
                rubric=self.rubric.id,
                candidate=trial.candidate,
                suite=trial.suite,
                case=trial.case,
                trial=trial.trial,
                completion=completion,
            ),
        )
        self.job.progress.advance()
