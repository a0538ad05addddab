"""What was not tested, and what would test it? Generated from the evidence, never written by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.schema.record import Untested

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from assay.schema.bench import BenchCell
    from assay.schema.provenance import CanaryResult, CandidateFacts, Fact, ProbeName, ProbeResult
    from assay.schema.record import Withheld
    from assay.schema.score import JudgeTrust, Metric
    from assay.schema.suite import Plan
    from assay.schema.verdict import Stopped
    from assay.workflow.evidence import Inputs
    from assay.workflow.measure import Measured

__all__ = ["untested"]


def untested(
    inputs: Inputs, measured: Measured, cells: tuple[BenchCell, ...], stops: tuple[Stopped, ...], *, withheld: Withheld
) -> tuple[Untested, ...]:
    """Return what the run leaves open, in the order of the record's sections."""
    # Records of the first format have every reason by itself.
    grouped = inputs.assembly.record_format != "assay/record/v1"
    return (
        *_candidates(inputs.plan),
        *_facts(inputs.plan, inputs.facts, grouped=grouped),
        *_load(inputs.plan, cells),
        *_stopped(stops),
        *_quality(measured.metrics, measured.judges),
        *_withheld(withheld),
        *_disturbed(inputs.plan, inputs.probes),
        *_prompts(inputs.plan, inputs.canaries),
    )


_DISTURBED = Untested(
    what="Behaviour under overload, client disconnects and restart",
    why="the run sends only requests that a well-behaved client sends",
    how="Rehearse it by hand and attest the reliability items of the checklist.",
)
_UNSEARCHED = Untested(
    what="Whether prompts reach logs, traces or metrics",
    why="no log of the server was searched",
    how="Search the logs for a marker that was sent, and attest the security items.",
)


_PRESSED: Final[dict[ProbeName, str]] = {
    "overload": "overload",
    "disconnect": "clients that hang up",
    "restart": "a restart",
}
"""What a well-behaved client never does, by the probe that does it."""


def _disturbed(plan: Plan, probes: tuple[ProbeResult, ...]) -> Iterator[Untested]:
    """Yield what no probe did to a server that is decided on; where none was probed, all of it."""
    if not probes:
        yield _DISTURBED
        return
    done = {(own.candidate, own.probe) for own in probes if own.ended == "whole"}
    for candidate in plan.decided_on():
        left = [words for probe, words in _PRESSED.items() if (candidate.id, probe) not in done]
        if left:
            yield Untested(
                what=f"How the server of {candidate.id} behaves under {', '.join(left)}",
                why="no deep probe of it came to its end",
                how="See the reliability items of the checklist for what keeps each from being shown.",
            )


def _prompts(plan: Plan, canaries: tuple[CanaryResult, ...]) -> Iterator[Untested]:
    """Yield where and on which ways nobody looked for prompts, or that nobody looked at all."""
    searched = [own for own in canaries if own.ended != "left_out"]
    if not searched or {own.id for own in plan.decided_on()} - {own.candidate for own in searched}:
        yield _UNSEARCHED
    for own in searched:
        seen = ", ".join(sink.sink for sink in own.sinks if sink.status in {"clean", "leak"}) or "nothing"
        ways = ", ".join(own.ways(provoked=False))
        yield Untested(
            what=f"Whether prompts of {own.candidate} come to rest in places that were not searched",
            why=f"searched: {seen}" + (f"; ways that were not provoked: {ways}" if ways else ""),
            how="List what else is written under `probes.sinks`, and attest that it is all.",
        )


def _candidates(plan: Plan) -> Iterator[Untested]:
    if not any("baseline" in candidate.roles for candidate in plan.evaluated()):
        yield Untested(
            what="Comparison with a baseline",
            why="no candidate has the role baseline",
            how="Add the model in use today, or a cloud model, with `roles: [baseline]`.",
        )
    if not any("fallback" in candidate.roles for candidate in plan.evaluated()):
        yield Untested(
            what="The fallback", why="no candidate has the role fallback", how="Add it with `roles: [fallback]`."
        )


def _facts(plan: Plan, facts: Mapping[str, CandidateFacts], *, grouped: bool) -> Iterator[Untested]:
    for candidate in plan.decided_on():
        unknown = [fact for fact in facts[candidate.id].facts if fact.grade == "unknown"]
        if unknown:
            names = ", ".join(fact.name for fact in unknown)
            yield Untested(
                what=f"Facts of {candidate.id}: {names}",
                why=_by_reason(unknown) if grouped else "; ".join(sorted({fact.source for fact in unknown}))[:500],
                how="Give weights, pins or a server that says them.",
            )


def _by_reason(unknown: Sequence[Fact]) -> str:
    """Return why facts are unknown: each with its reason, and what begins alike, such as who cannot say, said once."""
    groups: dict[str, list[str]] = {}
    for fact in unknown:
        head, colon, rest = fact.source.partition(": ")
        before, semicolon, head = head.rpartition("; ")
        reason = f"{before}{semicolon}{rest if colon else head}"
        groups.setdefault(head if colon else "", []).append(f"{fact.name} ({reason})")
    return "; ".join(f"{head}: {', '.join(own)}" if head else ", ".join(own) for head, own in groups.items())


def _load(plan: Plan, cells: tuple[BenchCell, ...]) -> Iterator[Untested]:
    if plan.bench is None:
        yield Untested(what="Latency, throughput, memory", why="the plan has no bench", how="Add bench to the plan.")
        return
    for profile in ("short", "long"):
        if profile not in plan.bench.profiles:
            yield Untested(
                what=f"Prompts of the {profile} profile",
                why="bench.profiles leaves it out",
                how=f"Add {profile} to bench.profiles.",
            )
    if not any(cell.memory is not None and cell.memory.gpus for cell in cells):
        yield Untested(
            what="GPU memory",
            why="no graphics processor was seen: there is none, the server is elsewhere, or the extra gpu is missing",
            how="Install Assay with its extra gpu beside the server.",
        )
    weak = [
        f"{cell.candidate} {cell.label} ({percentile.n} of {percentile.n_needed})"
        for cell in cells
        for percentile in cell.e2e
        if percentile.q == 0.95 and not percentile.supported  # noqa: PLR2004 - the 95th percentile
    ]
    cut = [f"{cell.candidate} {cell.label} ({cell.n} of {cell.planned})" for cell in cells if cell.n < cell.planned]
    if cut:
        yield Untested(
            what=f"Requests that the plan asks for and the time did not allow, in {len(cut)} measurements",
            why="; ".join(cut)[:500],
            how="Go on with --resume and without --max-seconds, or raise bench.max_seconds.",
        )
    if weak:
        yield Untested(
            what=f"95th percentiles with an upper limit: {len(weak)} of {len(cells)} measurements are too small",
            why="; ".join(weak)[:500],
            how="Raise bench.requests to 59 or more.",
        )


def _stopped(stops: tuple[Stopped, ...]) -> Iterator[Untested]:
    for own in stops:
        yield Untested(
            what=f"{own.due - own.asked} of {own.due} cases of {own.suite}, of {own.candidate}",
            why=f"they were not asked: {own.why.removesuffix('.')}",
            how="Set gate.stop_early to never, and run without --sequential, to ask them all.",
        )


def _withheld(withheld: Withheld) -> Iterator[Untested]:
    judged = f", and what judges decided in {withheld.judgements} judgements" if withheld.judgements else ""
    if withheld.trials or withheld.judgements:
        yield Untested(
            what=f"Whether the scores of {withheld.trials} answers follow from their texts{judged}",
            why="these texts are left out of the evidence or redacted: what was decided of them is taken as stored",
            how="Ask the record's owner for the run, and score its answers again with `assay score RUN`.",
        )


def _quality(metrics: tuple[Metric, ...], judges: tuple[JudgeTrust, ...]) -> Iterator[Untested]:
    for metric in metrics:
        silent = metric.unscored - metric.stopped
        if metric.tag is None and metric.scorer is None and silent:
            yield Untested(
                what=f"{silent} of {metric.n} trials of {metric.candidate} at {metric.suite}",
                why="they have no score: the request failed or the judge gave none",
                how="Read the reasons in trials.jsonl, mend them, run again.",
            )
    for metric in metrics:
        if metric.tag is None and metric.scorer is None and metric.correction is not None and metric.doubt is not None:
            yield Untested(
                what=f"What people say of {metric.candidate} at {metric.suite}",
                why=metric.doubt,
                how="Label more answers in the order of the exported file, and calibrate again.",
            )
    for judge in judges:
        if not judge.trusted:
            yield Untested(
                what=f"Whether the judge {judge.judge} agrees with people",
                why="; ".join(judge.reasons),
                how="Calibrate it against human labels, and let an independent model judge.",
            )
