"""What is done in a run, stage by stage: reach the servers, look at them, ask cases and judges, send load?"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from assay import provenance
from assay.workflow.asked import asked_before
from assay.workflow.benchmark import run_benchmark
from assay.workflow.evaluate import ask_cases
from assay.workflow.evidence import FACTS, FACTS_FILE
from assay.workflow.identity import go_on_with
from assay.workflow.judge import ask_judges
from assay.workflow.look import Depth, look, steps
from assay.workflow.probing import probe_in_run
from assay.workflow.selection import chosen_candidates
from assay.workflow.servers import Waiting, addresses
from assay.workflow.session import Session
from assay.workflow.stopping import halting_of, take_earlier

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping

    from assay.record.run_folder import RunFolder
    from assay.schema.provenance import CandidateFacts
    from assay.schema.run import Run
    from assay.schema.suite import Candidate
    from assay.workflow.asked import Asked
    from assay.workflow.prepare import Prepared
    from assay.workflow.reuse import Reuse
    from assay.workflow.servers import Address
    from assay.workflow.stopping import Halting
    from assay.workflow.wishes import Surroundings, Wishes

__all__ = ["do_all", "run_async"]

ResultT = TypeVar("ResultT")


def do_all(
    prepared: Prepared,
    folder: RunFolder,
    run: Run,
    wishes: Wishes,
    surroundings: Surroundings,
    *,
    reuse: Reuse | None,
) -> Run:
    """Do what is left of a run and return what `run.json` says now.

    Args:
        prepared: the plan.
        folder: the run.
        run: what its `run.json` says.
        wishes: what to do beside what the plan says.
        surroundings: clock, environment, and who watches.
        reuse: answers of an earlier run, or None.

    Raises:
        InputError: a server refuses key or model name, a candidate is another one than before, or a file is wrong.
        ServerError: a server cannot be reached or started, or went away.
        KeyboardInterrupt: a stop was asked for, and what was in flight is on disk.
    """
    plan, progress = prepared.plan, surroundings.progress
    candidates = chosen_candidates(plan, run.selection)
    done = asked_before(folder, [candidate.id for candidate in candidates])
    judges = [c for c in plan.candidates if c.id in {judge.candidate for judge in plan.judges}]
    needed = tuple(dict.fromkeys((*candidates, *judges)))
    progress.stage("reaching servers", len(needed))
    wait = Waiting(surroundings.wait_s, progress.note) if surroundings.wait_s > 0 else None
    with addresses(prepared, needed, surroundings.environment, logs=folder.path / "logs", wait=wait) as places:
        progress.advance(len(needed))
        facts = run_async(_look(prepared, places, folder, run, surroundings))
        facts = _gone_on_with(folder, run, facts, done)
        run = _fingerprinted(run, folder, prepared, places, facts)
        session = Session(prepared, places, folder, run, facts, progress, surroundings.stop, surroundings.now)
        if not wishes.load_only:
            halting = halting_of(prepared, run, facts, wishes)
            if any(map(len, done.values())):
                take_earlier(halting, folder, prepared.suites)
            _ask(session, candidates, done, reuse, halting)
        # Load is sent once for all shards.
        if plan.bench is not None and run.selection.shard == 1 and not wishes.cases_only:
            with session.stop.finishing():
                run_async(run_benchmark(session, candidates, wishes))
        # What disturbs a server comes last, when all that is measured is on disk.
        if run.selection.shard == 1 and not (wishes.cases_only or wishes.load_only):
            with session.stop.finishing():
                run_async(probe_in_run(session, surroundings.environment))
    return run


def _ask(
    session: Session,
    candidates: tuple[Candidate, ...],
    done: Mapping[str, Asked],
    reuse: Reuse | None,
    halting: Halting,
) -> None:
    if count := sum(map(len, done.values())):
        session.progress.note(f"{count} trials are on disk and not asked again")
    if reuse is not None:
        reuse.fit(session.run.fingerprints)
    with session.stop.finishing():
        run_async(ask_cases(session, candidates, done, reuse, halting))
    for note in halting.notes():
        session.progress.note(note)
    if reuse is not None:
        session.progress.note(reuse.summary())
    if session.prepared.plan.judges:
        with session.stop.finishing():
            run_async(ask_judges(session))


def run_async(work: Coroutine[object, object, ResultT]) -> ResultT:
    """Run a coroutine to its end, on uvloop where it is installed."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run(work)
    return uvloop.run(work)


def _gone_on_with(
    folder: RunFolder, run: Run, facts: Mapping[str, CandidateFacts], done: Mapping[str, Asked]
) -> dict[str, CandidateFacts]:
    """Write down what the candidates are; whoever has trials in the run must be what it was then."""
    earlier = {own.candidate: own for own in _facts_on_disk(folder)}
    pairs = [(earlier[name], facts[name]) for name, own in done.items() if len(own) and name in earlier]
    found = {**facts, **{own.candidate: own for own in go_on_with(run.id, pairs)}}
    folder.write(FACTS_FILE, FACTS.dump_json(tuple(found.values()), by_alias=True, indent=1).decode() + "\n")
    return found


def _fingerprinted(
    run: Run,
    folder: RunFolder,
    prepared: Prepared,
    places: Mapping[str, Address],
    facts: Mapping[str, CandidateFacts],
) -> Run:
    """Return the run with what its candidates are now, for a later run that might take its answers."""
    fingerprints = {
        candidate.id: provenance.fingerprint(
            facts[candidate.id], candidate.base_url or f"embedded:{candidate.embedded}", places[candidate.id].model
        )
        for candidate in prepared.plan.evaluated()
        if candidate.id in facts and candidate.id in places
    }
    run = run.model_copy(update={"fingerprints": fingerprints})
    folder.write_noun("run.json", run)
    return run


async def _look(
    prepared: Prepared,
    places: Mapping[str, Address],
    folder: RunFolder,
    run: Run,
    surroundings: Surroundings,
) -> dict[str, CandidateFacts]:
    """Look at every candidate that is asked the cases; of the others nothing is known."""
    plan, progress = prepared.plan, surroundings.progress
    earlier = {own.candidate: own.facts for own in _facts_on_disk(folder)}
    depths = {
        candidate.id: Depth(
            hashed=True,
            traps=plan.probes.traps,
            longest_prompt_tokens=plan.probes.longest_prompt_tokens,
            known=earlier.get(candidate.id, ()),
            nonce=run.salt[:12],
        )
        for candidate in chosen_candidates(plan, run.selection)
    }
    progress.stage("looking at servers", sum(steps(places[name], depth) for name, depth in depths.items()))
    facts = {}
    for candidate in plan.evaluated():
        if candidate.id in depths:
            depth = depths[candidate.id]
            facts[candidate.id] = await look(candidate, places[candidate.id], plan.organization, depth, progress)
        else:
            facts[candidate.id] = provenance.collect(candidate, (), None, organization=plan.organization)
    return facts


def _facts_on_disk(folder: RunFolder) -> tuple[CandidateFacts, ...]:
    """Return the facts of an earlier attempt: what a model was asked for them is not asked again."""
    path = folder.path / FACTS_FILE
    return FACTS.validate_json(path.read_bytes()) if path.is_file() else ()
