"""What does `assay run` do: from a plan to a verdict and a record that can be verified?"""

from __future__ import annotations

import asyncio
import importlib.metadata
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import assay
from assay import provenance
from assay.bench.table import write_csv
from assay.errors import InputError, Problem
from assay.record.bundle import evidence_of, pack
from assay.record.run_folder import RunFolder, to_json
from assay.record.store import RecordFiles, next_number
from assay.schema.record import Assembly
from assay.schema.run import Run, Trial
from assay.workflow.benchmark import run_benchmark
from assay.workflow.derive import derive
from assay.workflow.evaluate import ask_cases
from assay.workflow.evidence import FACTS, FACTS_FILE
from assay.workflow.judge import ask_judges
from assay.workflow.look import Depth, look, steps
from assay.workflow.prepare import prepare
from assay.workflow.servers import Waiting, addresses
from assay.workflow.verify import TEMPLATE_MEMBER, render_with

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping
    from datetime import datetime

    from assay.schema.provenance import CandidateFacts
    from assay.schema.record import Record
    from assay.workflow.prepare import Prepared
    from assay.workflow.progress import Progress
    from assay.workflow.servers import Address

__all__ = ["Outcome", "Surroundings", "run_plan"]

_LIBRARIES = ("openai", "aiohttp", "pydantic", "jsonschema", "rapidfuzz", "scipy", "jinja2")


@dataclass(frozen=True)
class Surroundings:
    """What a run takes from outside."""

    environment: Mapping[str, str]
    """Environment variables."""
    now: Callable[[], datetime]
    """The wall clock, in UTC."""
    salt: str
    """Random 32 hexadecimal digits."""
    progress: Progress
    """Told how far the run is."""
    wait_s: float = 0.0
    """Seconds to wait for each server that is not ready."""


@dataclass(frozen=True)
class Outcome:
    """What a run came to."""

    record: Record
    """The record."""
    files: RecordFiles
    """Where it was written."""
    run_folder: Path
    """Where the run lies."""

    @property
    def answered(self) -> int:
        """Trials that got an answer, of all candidates."""
        return sum(candidate.completed for candidate in self.record.candidates)


def run_plan(plan_path: Path, out: Path, surroundings: Surroundings, *, resume: str | None = None) -> Outcome:
    """Do everything that a plan asks for.

    Args:
        plan_path: the plan.
        out: folder that gets `runs/` and `records/`.
        surroundings: clock, environment, chance, and who watches.
        resume: id or folder of a run to go on with.

    Raises:
        InputError: the plan or a file it names is wrong; a server refuses key or model name.
        ServerError: a server cannot be reached or started.
    """
    prepared = prepare(plan_path, surroundings.environment)
    folder, run = _resumed(prepared, out, resume, surroundings) if resume else _started(prepared, out, surroundings)
    surroundings.progress.note(f"run {run.id} in {folder.path}")
    with folder:
        try:
            _do_all(prepared, folder, run, surroundings)
        except BaseException as error:
            stopped = isinstance(error, KeyboardInterrupt)
            _end(folder, run, "interrupted" if stopped else "failed", surroundings)
            if (folder.path / "trials.jsonl").exists():
                surroundings.progress.note(f"what was answered is kept: go on with --resume {run.id}")
            raise
        run = _end(folder, run, "completed", surroundings)
    return _write_record(prepared, folder, run, out)


def _started(prepared: Prepared, out: Path, surroundings: Surroundings) -> tuple[RunFolder, Run]:
    started = surroundings.now()
    run = Run(
        id=f"{started:%Y%m%dT%H%M%S}-{prepared.plan.use_case.id}-{surroundings.salt[:4]}",
        plan_digest=prepared.plan.digest(),
        suite_digests={suite.id: suite.digest() for suite in prepared.suites},
        started=started.isoformat(timespec="seconds"),
        state="running",
        versions={
            "assay": assay.__version__,
            "python": platform.python_version(),
            **{name: importlib.metadata.version(name) for name in _LIBRARIES},
        },
        salt=surroundings.salt,
    )
    folder = RunFolder.create(out / "runs" / run.id)
    folder.write_noun("plan.json", prepared.plan)
    for suite in prepared.suites:
        folder.write_noun(f"suites/{suite.id}.json", suite)
    for judge, rubric in prepared.rubrics.items():
        folder.write_noun(f"rubrics/{judge}.json", rubric)
    folder.write_noun("evidence/checklist.json", prepared.checklist)
    if prepared.attestations is not None:
        folder.write_noun("evidence/attestations.json", prepared.attestations)
    folder.write_noun("evidence/host.json", provenance.look_at_host())
    folder.write_noun("run.json", run)
    return folder, run


def _resumed(prepared: Prepared, out: Path, name: str, surroundings: Surroundings) -> tuple[RunFolder, Run]:
    places = (out / "runs" / name, out / name, Path(name))
    folder = RunFolder.existing(next((place for place in places if (place / "run.json").is_file()), places[0]))
    run = folder.read_run()
    digests = {suite.id: suite.digest() for suite in prepared.suites}
    if run.plan_digest != prepared.plan.digest() or run.suite_digests != digests:
        message = f"the run {run.id} was begun with another plan or other cases"
        raise InputError(Problem("other-plan", message, "Start a new run without --resume.", str(folder.path)))
    for journal in ("trials.jsonl", "judgements.jsonl", "requests.jsonl", "resources.jsonl"):
        torn = folder.mend(journal)
        if torn:
            surroundings.progress.note(f"{journal}: cut off a torn last line of {torn} bytes; it is asked again")
    run = run.model_copy(update={"state": "running", "ended": None, "resumed": run.resumed + 1})
    folder.write_noun("run.json", run)
    return folder, run


def _end(folder: RunFolder, run: Run, state: str, surroundings: Surroundings) -> Run:
    ended = surroundings.now().isoformat(timespec="seconds")
    run = run.model_copy(update={"state": state, "ended": ended})
    folder.write_noun("run.json", run)
    return run


def _do_all(prepared: Prepared, folder: RunFolder, run: Run, surroundings: Surroundings) -> None:
    plan, progress = prepared.plan, surroundings.progress
    progress.stage("reaching servers", len(plan.candidates))
    wait = Waiting(surroundings.wait_s, progress.note) if surroundings.wait_s > 0 else None
    with addresses(prepared, plan.candidates, surroundings.environment, logs=folder.path / "logs", wait=wait) as places:
        progress.advance(len(plan.candidates))
        _run_async(_look(prepared, places, folder, run, progress))
        done = {trial.key for trial in folder.read("trials.jsonl", Trial)}
        if done:
            progress.note(f"{len(done)} trials are on disk and not asked again")
        _run_async(ask_cases(prepared, places, folder, done, progress))
        if plan.judges:
            _run_async(ask_judges(prepared, places, folder, run, progress))
        if plan.bench is not None:
            _run_async(run_benchmark(prepared, places, folder, run, progress))


def _run_async(work: Coroutine[object, object, None]) -> None:
    """Run a coroutine to its end, on uvloop where it is installed."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(work)
    else:
        uvloop.run(work)


async def _look(
    prepared: Prepared, places: Mapping[str, Address], folder: RunFolder, run: Run, progress: Progress
) -> None:
    """Look at every candidate that is asked the cases, and keep the facts."""
    plan = prepared.plan
    earlier = {own.candidate: own.facts for own in _facts_on_disk(folder)}
    depths = {
        candidate.id: Depth(
            hashed=True,
            traps=plan.probes.traps,
            longest_prompt_tokens=plan.probes.longest_prompt_tokens,
            known=earlier.get(candidate.id, ()),
            nonce=run.salt[:12],
        )
        for candidate in plan.evaluated()
    }
    progress.stage("looking at servers", sum(steps(places[name], depth) for name, depth in depths.items()))
    facts = [
        await look(candidate, places[candidate.id], plan.organization, depths[candidate.id], progress)
        for candidate in plan.evaluated()
    ]
    folder.write(FACTS_FILE, FACTS.dump_json(tuple(facts), by_alias=True, indent=1).decode() + "\n")


def _facts_on_disk(folder: RunFolder) -> tuple[CandidateFacts, ...]:
    """Return the facts of an earlier attempt: what a model was asked for them is not asked again."""
    path = folder.path / FACTS_FILE
    return FACTS.validate_json(path.read_bytes()) if path.is_file() else ()


def _write_record(prepared: Prepared, folder: RunFolder, run: Run, out: Path) -> Outcome:
    """Derive the record from what is on disk and write its three files."""
    records = out / "records"
    assembly = Assembly(
        number=next_number(records),
        slug=prepared.plan.use_case.id.lower(),
        date=(run.ended or run.started)[:10],
        assay_version=assay.__version__,
    )
    files = {
        **folder.evidence(),
        "assembly.json": to_json(assembly).encode(),
        TEMPLATE_MEMBER: prepared.template.encode(),
    }
    content = pack(files)
    paths = RecordFiles.of(records, f"{assembly.number:04d}-{assembly.slug}")
    derived = derive(files, evidence_of(paths.evidence.name, content, files))
    record = derived.record
    folder.write("scores.jsonl", "".join(score.model_dump_json() + "\n" for score in derived.scores))
    folder.write("findings.json", _list_json([to_json(finding) for finding in record.findings]))
    folder.write_noun("verdict.json", record.verdict)
    if record.bench:
        write_csv(record.bench, folder.path / "bench.csv")
    paths.write(render_with(record, files), to_json(record), content)
    return Outcome(record, paths, folder.path)


def _list_json(items: list[str]) -> str:
    return "[\n" + ",\n".join(item.rstrip("\n") for item in items) + "\n]\n"
