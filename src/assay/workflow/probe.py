"""What is this server, what is known of it, what is not and why, before any case is asked?"""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from assay import readiness
from assay.errors import InputError, Problem, ServerError
from assay.provenance import look_at_host
from assay.readiness.view import CANARIES, FACTS, HOST, PLAN, PROBES
from assay.runtime.adapters import ADAPTERS
from assay.runtime.faults import without_key
from assay.runtime.keys import BAD_KEY_REMEDY, fault_of_key
from assay.runtime.observe import models_listed, observe
from assay.schema._base import Noun
from assay.schema.findings import Checklist, Finding
from assay.schema.provenance import CanaryResult, CandidateFacts, ProbeResult
from assay.schema.suite import Candidate, Plan
from assay.suite import is_address
from assay.workflow.canary import search_all
from assay.workflow.checklists import shipped_checklist
from assay.workflow.look import Depth, look, steps
from assay.workflow.prepare import prepare
from assay.workflow.probing import announced, ask_fallbacks, probe_all, seconds_of, steps_of, subject_of, summed_up
from assay.workflow.servers import Address, addresses
from assay.workflow.smoke import Smoke

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from assay.errors import AssayError
    from assay.schema.provenance import ProbeName
    from assay.schema.suite import Organization, RuntimeName, Suite
    from assay.workflow.progress import Progress

__all__ = ["Effort", "Probed", "Target", "probe_plan", "probe_server"]

_LISTING_DEADLINE_S = 4.0
_DEEP_PROMPT_TOKENS = 1 << 17
_SHOWN_MODELS = 5


class Probed(Noun):
    """What a probe came to."""

    candidates: tuple[CandidateFacts, ...]
    """What is known about each candidate that answered."""
    findings: tuple[Finding, ...]
    """Items of the checklist that these facts decide, and those that they leave unknown."""
    unreached: tuple[str, ...] = ()
    """Candidates that could not be looked at, each with the reason."""
    probes: tuple[ProbeResult, ...] = ()
    """What the deep probes came to, server by server."""
    canaries: tuple[CanaryResult, ...] = ()
    """What the searches for prompts that were sent came to, server by server."""
    interrupted: bool = False
    """Whether somebody stopped the deep probes: what they came to before stands here."""


@dataclass(frozen=True)
class Target:
    """A server that no plan names."""

    url: str
    """Its address, with or without `/v1`."""
    runtime: RuntimeName | None = None
    """What it is said to be; None claims nothing."""
    model: str | None = None
    """Model to ask; None takes the only one that it lists."""
    key: str | None = None
    """Key, held in memory only."""
    weights: Path | None = None
    """Weights that it is said to serve."""
    organization: Organization | None = None
    """Whom the licence is held against."""


@dataclass(frozen=True)
class Effort:
    """How far a probe goes."""

    deep: bool
    """Whether to ask the model the slow questions, and to hash weights of any size."""
    today: date
    """Day of the findings."""
    nonce: str
    """Random letters and digits, so that no answer comes from a cache."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Holds the key of a second tenant, where a plan names one."""

    def depth(self) -> Depth:
        """Return how far each candidate is looked at."""
        return Depth(hashed=self.deep, traps=self.deep, longest_prompt_tokens=_DEEP_PROMPT_TOKENS, nonce=self.nonce)


def probe_server(target: Target, effort: Effort, progress: Progress) -> Probed:
    """Look at one server.

    Args:
        target: the server.
        effort: how far to look, and on which day.
        progress: told how far it is.

    Raises:
        InputError: the address is none, the key is refused, the weights are unreadable.
        ServerError: nothing answers there.
    """
    if target.key is not None and (wrong := fault_of_key(target.key)) is not None:
        raise InputError(Problem("bad-key", f"the key {wrong}", BAD_KEY_REMEDY))
    base_url = _base_url(target)
    model = _only_model(base_url, target)
    claim = Candidate(id="server", runtime=target.runtime or "gateway", base_url=base_url, model=model)
    if target.runtime is None:
        seen = asyncio.run(_recognised(claim, base_url, target.key))
        # A plain gateway has no `/v1`: where it lies shows only once it is recognised.
        base_url = _base_url(replace(target, runtime=seen))
        claim = claim.model_copy(update={"runtime": seen, "base_url": base_url})
    plan = Plan.model_validate(
        {
            "schema": "assay/plan/v1",
            "use_case": {"id": "probe"},
            "candidates": [claim],
            "suites": [{"cases": "none.jsonl"}],
            "organization": target.organization,
            "gate": {},
        }
    )
    place = Address(base_url, model or "", target.key, None, target.weights, None)
    places = {claim.id: place}
    facts = _look_at(plan, places, effort.depth(), progress)
    deeply = _probed_deeply((plan, Path.cwd()), places, facts, effort, progress)
    findings = _findings(plan, shipped_checklist(), (facts, *deeply[:2]), effort.today)
    return Probed(
        candidates=tuple(facts), findings=findings, probes=deeply[0], canaries=deeply[1], interrupted=not deeply[2]
    )


def probe_plan(path: Path, environment: Mapping[str, str], effort: Effort, progress: Progress) -> Probed:
    """Look at every candidate of a plan; one that cannot be reached does not keep the others from being seen.

    Raises:
        InputError: the plan, or a file that it names, is wrong.
    """
    prepared = prepare(path, environment)
    unreached: list[str] = []

    def missed(candidate: Candidate, error: AssayError) -> None:
        unreached.extend(f"{candidate.id}: {problem.message}" for problem in error.problems)

    with ExitStack() as stack:
        progress.stage("reaching servers", len(prepared.plan.candidates))
        places = stack.enter_context(addresses(prepared, prepared.plan.candidates, environment, on_error=missed))
        progress.advance(len(prepared.plan.candidates))
        facts = _look_at(prepared.plan, places, effort.depth(), progress)
        place, effort = (prepared.plan, prepared.loaded.folders.base), replace(effort, environment=environment)
        deeply = _probed_deeply(place, places, facts, effort, progress, suites=prepared.suites)
    findings = _findings(prepared.plan, prepared.checklist, (facts, *deeply[:2]), effort.today)
    return Probed(
        candidates=tuple(facts),
        findings=findings,
        unreached=tuple(unreached),
        probes=deeply[0],
        canaries=deeply[1],
        interrupted=not deeply[2],
    )


def _look_at(plan: Plan, places: Mapping[str, Address], depth: Depth, progress: Progress) -> list[CandidateFacts]:
    candidates = [candidate for candidate in plan.candidates if candidate.id in places]
    progress.stage("looking at servers", sum(steps(places[candidate.id], depth) for candidate in candidates))

    async def all_of_them() -> list[CandidateFacts]:
        return [
            await look(candidate, places[candidate.id], plan.organization, depth, progress) for candidate in candidates
        ]

    return asyncio.run(all_of_them())


def _probed_deeply(
    place: tuple[Plan, Path],
    places: Mapping[str, Address],
    facts: Sequence[CandidateFacts],
    effort: Effort,
    progress: Progress,
    *,
    suites: tuple[Suite, ...] = (),
) -> tuple[tuple[ProbeResult, ...], tuple[CanaryResult, ...], bool]:
    """Probe deeply whoever was looked at, where that is wished, and say whether it was done to the end.

    A candidate that only judges is not decided on, so it is left alone.
    """
    if not effort.deep:
        return (), (), True
    plan, _ = place
    seen = {own.candidate: own for own in facts}
    subjects = [
        subject_of(candidate, (places[candidate.id], seen[candidate.id]), plan, effort.environment, effort.nonce)
        for candidate in plan.evaluated()
        if candidate.id in seen
    ]
    results: list[ProbeResult] = []
    done: dict[str, tuple[ProbeName, ...]] = {subject.candidate: () for subject in subjects}
    progress.note(announced(subjects, plan.probes.max_seconds))
    canaries: list[CanaryResult] = []
    try:
        asyncio.run(ask_fallbacks(Smoke(plan, suites, places), results.append, progress))
        progress.stage("probing servers deeply", steps_of(done))
        asyncio.run(probe_all(subjects, plan.probes.max_seconds, results.append, progress, done=done))
        asyncio.run(search_all(subjects, place, canaries.append, progress, spent_s=seconds_of(results)))
    except KeyboardInterrupt:
        # What was in flight closed its connections on the way; what was seen before is worth showing.
        whole = False
    else:
        whole = True
    progress.note(summed_up([*results, *canaries]))
    return tuple(results), tuple(canaries), whole


def _findings(
    plan: Plan,
    checklist: Checklist,
    seen: tuple[Sequence[CandidateFacts], Sequence[ProbeResult], Sequence[CanaryResult]],
    today: date,
) -> tuple[Finding, ...]:
    """Return the findings that rest on facts and probes alone: no case was asked and no load measured."""
    facts, probes, canaries = seen
    known = {own.candidate: own for own in facts}
    host = look_at_host()
    views = [
        readiness.View(
            plan=plan,
            candidate=candidate,
            facts=known[candidate.id],
            suites=(),
            metrics=(),
            cells=(),
            judges=(),
            host=host,
            trials=0,
            completed=0,
            truncated=0,
            unclosed_thinking=0,
            attestations=None,
            probes=tuple(own for own in probes if own.candidate == candidate.id),
            canary=next((own for own in canaries if own.candidate == candidate.id), None),
            today=today,
        )
        for candidate in plan.candidates
        if candidate.id in known
    ]
    return tuple(
        finding
        for view in views
        for finding in readiness.find(checklist, view)
        if {FACTS, PROBES, CANARIES} & set(finding.evidence)
        and set(finding.evidence) <= {FACTS, HOST, PLAN, PROBES, CANARIES}
    )


def _base_url(target: Target) -> str:
    """Return the address up to and with `/v1`; a plain gateway has none."""
    if not is_address(target.url) or "@" in target.url:
        message = f"{target.url!r} is neither a file nor an http or https address without a user name"
        remedy = "Name a plan, or an address such as http://127.0.0.1:8000/v1."
        raise InputError(Problem("bad-address", message, remedy))
    parts = urlsplit(target.url)
    path = parts.path.rstrip("/")
    if not path and target.runtime != "chat-gateway":
        path = "/v1"
    return urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))


def _only_model(base_url: str, target: Target) -> str | None:
    """Return the model to ask: the one that is named, or the only one that is listed."""
    listed = asyncio.run(models_listed(base_url, target.key, timeout_s=_LISTING_DEADLINE_S))
    names = [without_key(name, target.key) for name in listed]
    if target.model is not None or len(names) <= 1:
        return target.model or next(iter(names), None)
    more = f" and {len(names) - _SHOWN_MODELS} more" if len(names) > _SHOWN_MODELS else ""
    message = f"the server lists {len(names)} models: {', '.join(names[:_SHOWN_MODELS])}{more}"
    raise InputError(Problem("unknown-model", message, "Name one with --model."))


async def _recognised(claim: Candidate, base_url: str, key: str | None) -> RuntimeName:
    """Return what the server shows itself to be, or the claim when it shows nothing."""
    facts = await observe(claim, base_url, key)
    seen = next(fact for fact in facts if fact.name == "runtime")
    if seen.grade == "unknown":
        message = f"nothing could be read from {base_url}: {seen.source}"
        raise ServerError(Problem("server-unreachable", message, "Start the server, or check the address."))
    return next((name for name in ADAPTERS if name == seen.value), claim.runtime)
