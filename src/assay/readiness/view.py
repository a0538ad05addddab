"""What does a check see of a run, and what may it answer?"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from assay.readiness.answer import (
    Answer,
    calendar_day,
    clipped,
    combined,
    met,
    not_applicable,
    not_met,
    provided,
    unknown,
)
from assay.schema.findings import ATTESTATIONS
from assay.schema.suite import load_label

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from assay.schema.bench import BenchCell, Percentile
    from assay.schema.findings import Attestations, Rehearsals
    from assay.schema.provenance import CanaryResult, CandidateFacts, Host, ProbeName, ProbeResult
    from assay.schema.score import JudgeTrust, Metric
    from assay.schema.suite import CacheState, Candidate, Plan, ProfileName, Role, Suite

__all__ = [
    "ATTESTATIONS",
    "CANARIES",
    "CHECKLIST",
    "COUNTERS",
    "FACTS",
    "HOST",
    "PLAN",
    "PROBES",
    "REHEARSALS",
    "REQUESTS",
    "RESOURCES",
    "TOLERATED_SHARE",
    "TRIALS",
    "Answer",
    "Check",
    "Load",
    "View",
    "calendar_day",
    "clipped",
    "combined",
    "met",
    "named",
    "not_applicable",
    "not_met",
    "percentile",
    "provided",
    "reading",
    "unknown",
    "well_scored",
]

PLAN = "plan.json"
TRIALS = "trials.jsonl"
REQUESTS = "requests.jsonl"
RESOURCES = "resources.jsonl"
COUNTERS = "counters.jsonl"
PROBES = "probes.jsonl"
CANARIES = "canaries.jsonl"
FACTS = "evidence/facts.json"
HOST = "evidence/host.json"
CHECKLIST = "evidence/checklist.json"
REHEARSALS = "evidence/rehearsals.json"

TOLERATED_SHARE = 0.05
"""Share of requests or trials that may lack an answer: beyond one in twenty, the 95th percentile has none either."""


@dataclass(frozen=True)
class Load:
    """What came of the benchmark that the plan asks of one candidate."""

    cells: tuple[BenchCell, ...]
    """Measurements that can be believed and have an answered request, in the plan's order."""
    gaps: tuple[str, ...]
    """What is missing for the rest, one clause each."""

    def unknowns(self) -> list[Answer]:
        """Return one unknown for each gap."""
        return [unknown(gap, REQUESTS) for gap in self.gaps]


@dataclass(frozen=True)
class View:
    """All that a check may look at: one candidate among the others, and the day on which it is looked at."""

    plan: Plan
    """What was asked for."""
    candidate: Candidate
    """Whom the finding is about."""
    facts: CandidateFacts
    """What is known about that candidate."""
    suites: tuple[Suite, ...]
    """The golden sets of the plan."""
    metrics: tuple[Metric, ...]
    """Pass rates of all candidates."""
    cells: tuple[BenchCell, ...]
    """Benchmark figures of all candidates."""
    judges: tuple[JudgeTrust, ...]
    """Judges and how far they can be trusted."""
    host: Host
    """Where the run ran."""
    trials: int
    """Trials that were due of this candidate."""
    completed: int
    """Trials of this candidate that have an answer."""
    truncated: int
    """Answers that ended at their token limit."""
    unclosed_thinking: int
    """Answers that ended while the model was thinking."""
    attestations: Attestations | None
    """What people say, or None when there is no such file."""
    today: date
    """Day on which attestations must still hold."""
    needless: frozenset[str] = frozenset()
    """Suites of which no more cases were asked, because none of the rest could have changed a condition."""
    probes: tuple[ProbeResult, ...] = ()
    """What the deep probes of this candidate's server came to; empty when there were none."""
    canary: CanaryResult | None = None
    """What the search for this candidate's prompts came to, or None when there was none."""
    rehearsals: Rehearsals | None = None
    """The log of rehearsals, or None when there is none."""

    def due(self, metric: Metric) -> int:
        """Return how many trials behind one of the candidate's pass rates should have an answer."""
        return metric.n - metric.stopped if metric.suite in self.needless else metric.n

    def all_due(self) -> int:
        """Return how many trials of the candidate should have an answer, over all suites."""
        own = (self.metric(self.candidate.id, suite) for suite in self.needless)
        return self.trials - sum(metric.stopped for metric in own if metric is not None)

    def probe(self, name: ProbeName) -> ProbeResult | None:
        """Return what a deep probe came to, or None when it was not done."""
        return next((own for own in self.probes if own.probe == name), None)

    def metric(self, candidate: str, suite: str, scorer: str | None = None) -> Metric | None:
        """Return the pass rate over all cases of a suite, by one scorer or (None) by all of them together."""
        wanted = (candidate, suite, None, scorer)
        return next((m for m in self.metrics if (m.candidate, m.suite, m.tag, m.scorer) == wanted), None)

    def others(self, role: Role) -> tuple[Candidate, ...]:
        """Return the other candidates of the plan that have a role."""
        return tuple(c for c in self.plan.evaluated() if role in c.roles and c.id != self.candidate.id)

    def load(self, *profiles: ProfileName) -> Load:
        """Return what was measured of some profiles (none: all of the plan) at every load of the plan."""
        bench = self.plan.bench
        if bench is None:
            return Load((), ("the plan asks for no benchmark",))
        cells: list[BenchCell] = []
        gaps: list[str] = []
        for profile in profiles or bench.profiles:
            for load in bench.loads():
                cell = self._cell(load_label(profile, *load))
                gap = _gap(cell)
                if cell is None or gap:
                    gaps.append(f"{_spoken(profile, *load)}: {gap}")
                else:
                    cells.append(cell)
        return Load(tuple(cells), tuple(gaps))

    def served_here(self) -> bool:
        """Return whether the server was seen on the host, so that the host's memory is the server's."""
        own = (cell for cell in self.cells if cell.candidate == self.candidate.id and cell.validity != "INVALID")
        seen = any(cell.memory is not None for cell in own)
        return seen or self.candidate.embedded is not None or self.facts.server_pid is not None

    def attested(self, item: str) -> Answer:
        """Return what people say of one item; without exactly one statement that holds today it is unknown."""
        said = [a for a in (self.attestations.attestations if self.attestations else ()) if a.item == item]
        if not said:
            return unknown("nobody has attested this")
        if len(said) > 1:
            return unknown("it is attested more than once", ATTESTATIONS)
        statement = said[0]
        made, last = calendar_day(statement.date), calendar_day(statement.expires)
        who = f"{clipped(statement.by, 80)} on {statement.date}"
        if made is None or last is None:
            return unknown(f"the attestation by {who} has a date that is no calendar day", ATTESTATIONS)
        if last < self.today:
            return unknown(f"the attestation by {who} expired on {last}", ATTESTATIONS)
        if made > self.today:
            return unknown(f"the attestation by {who} is dated in the future", ATTESTATIONS)
        reason = f"attested by {who}, valid until {last}: {clipped(statement.statement, 300).rstrip('.')}"
        return Answer(statement.status, reason, (ATTESTATIONS,))

    def _cell(self, label: str) -> BenchCell | None:
        return next((c for c in self.cells if c.key == (self.candidate.id, label)), None)


Check: TypeAlias = Callable[[View], Answer]
"""A check looks at a view and answers; it never raises for what a run may hold."""


def named(cell: BenchCell) -> str:
    """Return how a measurement is called in reasons, with a word on its validity when it is not whole."""
    doubt = f" (DEGRADED: {_why(cell)})" if cell.validity == "DEGRADED" else ""
    return f"{_spoken(cell.profile, cell.concurrency, cell.rate_per_s, cell.cache)}{doubt}"


def percentile(percentiles: Sequence[Percentile], q: float) -> Percentile | None:
    """Return the percentile for a share such as 0.95, or None when it was not computed."""
    return next((p for p in percentiles if math.isclose(p.q, q)), None)


def reading(name: str, figure: Percentile | None) -> Answer:
    """Return whether a percentile is known: measured, on enough requests, and not on a failed request."""
    if figure is None:
        return unknown(f"{name} was not computed", REQUESTS)
    if not figure.supported:
        missing = max(figure.n_needed - figure.n, 1)
        return unknown(f"{name} rests on {figure.n} requests: {missing} more requests needed", REQUESTS)
    if figure.value_us is None:
        return not_met(f"{name} falls on a failed request", REQUESTS)
    return met(f"{name}: {figure.value_us / 1e6:.3g} s over {figure.n} requests", REQUESTS)


def well_scored(metric: Metric, due: int | None = None) -> bool:
    """Return whether enough of the due trials have a score for the pass rate to speak of the answers."""
    due = metric.n if due is None else due
    return due > 0 and metric.passed + metric.failed >= (1 - TOLERATED_SHARE) * due


def _gap(cell: BenchCell | None) -> str:
    """Return why a measurement supports nothing; empty when it supports something."""
    if cell is None:
        return "not measured"
    if cell.validity == "INVALID":
        return f"INVALID ({_why(cell)})"
    return "" if cell.n > cell.failed else "no request was answered"


def _why(cell: BenchCell) -> str:
    return clipped("; ".join(reason.text for reason in cell.reasons), 200)


def _spoken(profile: str, concurrency: int | None, rate_per_s: float | None, cache: CacheState) -> str:
    load = f"{concurrency} at once" if rate_per_s is None else f"{rate_per_s:.12g} a second"
    return f"{profile} prompts, {load}" + (", warm cache" if cache == "warm" else "")
