"""How are the servers of a plan probed deeply: whom, with which keys, within which bounds, and what is kept of it?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from assay.readiness import hang_up_frees
from assay.record.run_folder import PROBES_FILE, parse_lines
from assay.runtime.adapters import ADAPTERS, dialect_of
from assay.runtime.canary import CANARY_REQUESTS, CANARY_SECONDS
from assay.runtime.keys import fault_of_key
from assay.runtime.probing import DEEP_PROBES, LET_FINISH_S, Subject, bounds, probe_deeply
from assay.schema.provenance import ProbeResult
from assay.workflow.canary import left_to_search, search_in_run
from assay.workflow.hiding import keys_of
from assay.workflow.smoke import Smoke

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from assay.schema.provenance import CanaryResult, CandidateFacts, ProbeName
    from assay.schema.suite import Candidate, Plan, RuntimeName
    from assay.workflow.progress import Progress
    from assay.workflow.servers import Address
    from assay.workflow.session import Session

__all__ = [
    "announced",
    "ask_fallbacks",
    "probe_all",
    "probe_in_run",
    "seconds_of",
    "steps_of",
    "subject_of",
    "summed_up",
]


def subject_of(
    candidate: Candidate, seen: tuple[Address, CandidateFacts], plan: Plan, environment: Mapping[str, str], nonce: str
) -> Subject:
    """Return a candidate's server as probes need it.

    Args:
        candidate: what the plan says.
        seen: where it answers, and what was seen of it.
        plan: says how it may be probed.
        environment: holds the second tenant's key, and those of the other candidates and judges, which no command of
            the plan is to see.
        nonce: random letters and digits.
    """
    place, facts = seen
    shown = facts.fact("runtime").value
    runtime: RuntimeName = next((name for name in ADAPTERS if name == shown), candidate.runtime)
    slots, window = facts.fact("slots").value, facts.fact("context_in_force").value
    other = environment.get(plan.probes.other_key_env) if plan.probes.other_key_env else None
    return Subject(
        candidate=candidate.id,
        runtime=runtime,
        base_url=place.base_url,
        model=place.model,
        key=place.key,
        other_key=other if other is not None and fault_of_key(other) is None else None,
        settings=candidate.request,
        dialect=dialect_of(candidate.runtime),
        nonce=nonce,
        slots=slots if isinstance(slots, int) else None,
        window=window if isinstance(window, int) else None,
        server_timeout_s=plan.probes.server_timeout_s or candidate.request.timeout_s,
        restart=next((own for own in plan.probes.restart if own.candidate == candidate.id), None),
        plan_keys=frozenset(keys_of(plan, environment)),
    )


def announced(subjects: Sequence[Subject], max_seconds: float) -> str:
    """Return what deep probes send at most, in one line, to be said before the first request."""
    restarted = any(subject.restart is not None for subject in subjects)
    never: tuple[ProbeName, ...] = () if restarted else ("restart",)
    requests, seconds = bounds(max_seconds, never)
    requests, seconds = requests + CANARY_REQUESTS, min(seconds + CANARY_SECONDS, max_seconds)
    each = " each" if len(subjects) > 1 else ""
    names = ", ".join(subject.candidate for subject in subjects)
    longer = f"; a restart that was begun is waited for, up to {LET_FINISH_S:g} s more" if restarted else ""
    return f"deep probes of {names}: at most {requests} requests in {seconds:g} s{each}{longer}"


def summed_up(results: Iterable[ProbeResult | CanaryResult]) -> str:
    """Return what deep probes sent, in one line."""
    own = list(results)
    sent, seconds = sum(result.requests for result in own), sum(result.seconds for result in own)
    return f"deep probes: {sent} requests in {seconds:.0f} s"


async def probe_all(
    subjects: Sequence[Subject],
    max_seconds: float,
    keep: Callable[[ProbeResult], None],
    progress: Progress,
    *,
    done: Mapping[str, Collection[ProbeName]],
    stopped: Callable[[], bool] = lambda: False,
) -> None:
    """Probe servers one after the other; each result is kept as soon as it is there.

    Args:
        subjects: the servers.
        max_seconds: time for each of them.
        keep: told of each result.
        progress: told how far it is.
        done: probes that were done before, by candidate.
        stopped: asked between probes whether to stop.
    """
    for subject in subjects:
        own = done.get(subject.candidate, ())
        async for result in probe_deeply(subject, max_seconds, own, tell=progress.note, frees=hang_up_frees):
            keep(result)
            progress.advance()
            if stopped():
                return


async def ask_fallbacks(
    smoke: Smoke,
    keep: Callable[[ProbeResult], None],
    progress: Progress,
    done: Collection[str] = (),
    stopped: Callable[[], bool] = lambda: False,
) -> None:
    """Put the smoke set to the fallbacks, before any server is disturbed; what is sent at most is said first.

    Args:
        smoke: what is asked, and of whom.
        keep: told of each result.
        progress: told how far it is.
        done: candidates whose fallbacks were asked before.
        stopped: asked between cases whether to stop.
    """
    if told := smoke.announced(done):
        progress.note(told)
        progress.stage("asking fallbacks", len(smoke.cases()) * len(smoke.fallbacks(done)))
    async for result in smoke.results(done, progress, stopped):
        keep(result)


async def probe_in_run(session: Session, environment: Mapping[str, str]) -> None:
    """Probe the servers of the candidates that are decided on, where the plan allows it; what is on disk stays."""
    plan, folder = session.prepared.plan, session.folder
    if not plan.probes.intrusive:
        return
    path = folder.path / PROBES_FILE
    earlier = list(parse_lines(path.read_bytes(), ProbeResult, PROBES_FILE)) if path.is_file() else []
    subjects = [
        subject_of(
            candidate,
            (session.places[candidate.id], session.facts[candidate.id]),
            plan,
            environment,
            session.run.nonce,
        )
        for candidate in plan.decided_on()
        if candidate.id in session.places and candidate.id in session.facts
    ]
    seen = {result.candidate: hang_up_frees(result) for result in earlier if result.probe == "disconnect"}
    subjects = [replace(subject, hang_up_frees=seen.get(subject.candidate)) for subject in subjects]
    done: dict[str, set[ProbeName]] = {subject.candidate: set() for subject in subjects}
    for result in earlier:
        done.setdefault(result.candidate, set()).add(result.probe)
    asked = {result.candidate for result in earlier if result.probe == "fallback"}
    if not steps_of(done) and not left_to_search(session, subjects):
        return
    session.progress.note(announced(subjects, plan.probes.max_seconds))
    kept: list[ProbeResult] = []

    def keep(result: ProbeResult) -> None:
        folder.append(PROBES_FILE, result)
        kept.append(result)

    def stopped() -> bool:
        return session.stop.wanted

    smoke = Smoke(plan, session.prepared.suites, session.places)
    await ask_fallbacks(smoke, keep, session.progress, asked, stopped)
    if not stopped():
        session.progress.stage("probing servers deeply", steps_of(done))
        await probe_all(subjects, plan.probes.max_seconds, keep, session.progress, done=done, stopped=stopped)
    marked = [] if stopped() else await search_in_run(session, subjects, seconds_of([*earlier, *kept]))
    session.progress.note(summed_up([*kept, *marked]))


def seconds_of(results: Iterable[ProbeResult]) -> dict[str, float]:
    """Return how many seconds the probes of each candidate's own server took; a fallback is asked elsewhere."""
    seconds: dict[str, float] = {}
    for result in (own for own in results if own.probe != "fallback"):
        seconds[result.candidate] = seconds.get(result.candidate, 0.0) + result.seconds
    return seconds


def steps_of(done: Mapping[str, Collection[ProbeName]]) -> int:
    """Return how many steps of progress are left: one for each probe of each server."""
    return sum(name not in own for own in done.values() for name in DEEP_PROBES)
