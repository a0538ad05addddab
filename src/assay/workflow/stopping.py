"""Which suites may stop being asked early, and when has a candidate been asked enough of one?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from assay import readiness
from assay.gate import (
    BlockersQuestion,
    Facts,
    ReadinessQuestion,
    Watch,
    bounds_of,
    check_conditions,
    readers,
    specs_of,
)
from assay.gate.question import listed
from assay.schema.run import Trial
from assay.scoring import needs_nobody, score_trial, together_of
from assay.workflow.gating import subjects_of
from assay.workflow.selection import asks_all_cases, could_stop

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from assay.gate import AnswerStatus, Bounds, Condition
    from assay.record.run_folder import RunFolder
    from assay.schema.findings import Checklist
    from assay.schema.provenance import CandidateFacts
    from assay.schema.run import Run, Stopping
    from assay.schema.suite import Case, Gate, Plan, Suite
    from assay.workflow.prepare import Prepared
    from assay.workflow.wishes import Wishes

__all__ = [
    "AskingAll",
    "Curtailing",
    "Halting",
    "Policy",
    "bounds_by_suite",
    "halting_of",
    "known_of",
    "policy_of",
    "stopping_of",
    "take_earlier",
    "told",
]

_WORDS: Final = {"met": "is met", "not_met": "is not met", "unknown": "stays unknown"}


@dataclass(frozen=True)
class Policy:
    """What a policy asks of the suites of a plan."""

    plan: Plan
    """The plan."""
    suites: tuple[Suite, ...]
    """Its suites."""
    checklist: Checklist
    """The readiness checklist."""
    gate: Gate
    """The policy."""
    conditions: tuple[Condition, ...]
    """Its conditions, read."""

    def blockers_count(self) -> bool:
        """Return whether a condition asks for the blockers."""
        return any(isinstance(own.question, BlockersQuestion) for own in self.conditions)

    def is_open_to_answers(self) -> bool:
        """Return whether something beside the conditions on suites may change with every answer.

        A waiver holds only while the candidate is no worse than when it was granted, which the whole of a suite tells.
        """
        return self.gate.waivers is not None or any(map(self._hangs, self.conditions))

    def _hangs(self, condition: Condition) -> bool:
        """Return whether a condition on the checklist may yet change by the answers to further cases."""
        question = condition.question
        if not isinstance(question, ReadinessQuestion):
            return False
        covered = [
            item.id
            for item in self.checklist.items
            if item.severity == "block" and question.section in {None, item.section}
        ]
        baselines = {own.id for own in self.plan.evaluated() if "baseline" in own.roles}
        compared = any(baselines - {own.id} for own in self.plan.decided_on())
        return readiness.hangs_on_answers(covered, baseline=compared)


def policy_of(plan: Plan, suites: tuple[Suite, ...], checklist: Checklist, gate: Gate) -> Policy:
    """Return what a policy asks of the suites of a plan.

    Raises:
        InputError: one of its conditions cannot be read.
    """
    known = subjects_of(plan, gate, suites, checklist)
    conditions = check_conditions(specs_of(gate), known, lambda _: ("plan.json", None))
    return Policy(plan, suites, checklist, gate, conditions)


def stopping_of(prepared: Prepared, wishes: Wishes) -> Stopping:
    """Return when a new run stops asking: only where all cases of a plan are to be asked once, for a verdict."""
    once = prepared.plan.trials == 1 and asks_all_cases(wishes.selection)
    if wishes.cases_only or wishes.load_only or not once:
        return "never"
    return prepared.plan.gate.stop_early


def bounds_by_suite(policy: Policy, known: Facts) -> dict[str, tuple[Bounds, ...]]:
    """Return the suites that may stop being asked early, each with what decides the conditions on it.

    Not among them: a suite that no condition reads, or of which one reads more than counts (sources, grades, a
    comparison with the baseline); one in which a judge or somebody else's scorer takes part.

    Args:
        policy: the conditions.
        known: what is known of a candidate; its metrics are left aside.
    """
    if policy.is_open_to_answers():
        return {}
    whole = {suite.id for suite in policy.suites if all(case.source is None for case in suite.cases)}
    found = {}
    for suite in policy.suites:
        own = readers(policy.conditions, suite.id, whole)
        if own and needs_nobody(suite):
            sizes = _sizes(suite)
            found[suite.id] = tuple(bounds_of(c, q, sizes[q.tag, q.scorer], known) for c, q in own)
    return found


def _sizes(suite: Suite) -> Counter[tuple[str | None, str | None]]:
    """Return how many cases of a suite there are, with each tag, and by each scorer."""
    sizes: Counter[tuple[str | None, str | None]] = Counter()
    for case in suite.cases:
        labels = {spec.label for spec in suite.scorers_of(case)}
        sizes.update([(None, None), *((tag, None) for tag in set(case.tags)), *((None, label) for label in labels)])
    return sizes


def known_of(facts: CandidateFacts) -> Facts:
    """Return what the gate may see of a candidate before it was asked anything."""
    return Facts(
        metrics=(),
        blockers_failed=(),
        blockers_total=0,
        cells=(),
        latencies={},
        checklist=(),
        findings=(),
        pins=facts.pins,
        licence=facts.licence,
    )


def told(statuses: Iterable[tuple[str, AnswerStatus | None]]) -> str:
    """Return why no more is asked, without a full stop: `a is not met; b is met, whatever the rest come to`."""
    clauses = [f"{name} {'was still open' if status is None else _WORDS[status]}" for name, status in statuses]
    return f"{listed(clauses, '; ')}, whatever the rest come to"


class Halting(Protocol):
    """Says of which cases a candidate need not be asked any more, and is told of every answer."""

    def spares(self, candidate: str, suite: str, case: Case) -> bool:
        """Return whether a case need not be asked."""

    def take(self, suite: Suite, case: Case, trial: Trial) -> None:
        """Take an answer."""

    def notes(self) -> Iterator[str]:
        """Yield one line for each suite that was stopped."""


class Curtailing:
    """Stops a suite for a candidate once no outcome of its other cases can change a condition."""

    def __init__(
        self, suites: Sequence[Suite], watches: Mapping[tuple[str, str], Watch], *, blockers_count: bool
    ) -> None:
        """Begin with nothing asked.

        Args:
            suites: the suites of the plan.
            watches: one for each candidate and suite that may stop.
            blockers_count: whether a condition asks for the blockers.
        """
        self._sizes = {suite.id: len(suite.cases) for suite in suites}
        self._watches = watches
        self._open_blockers = {candidate for candidate, _ in watches} if blockers_count else set()
        self._asked: Counter[tuple[str, str]] = Counter()

    def spares(self, candidate: str, suite: str, case: Case) -> bool:
        """Return whether a case need not be asked; a blocker is asked until one of them has failed."""
        watch = self._watches.get((candidate, suite))
        if watch is None or not watch.settled:
            return False
        return case.severity != "blocker" or candidate not in self._open_blockers

    def take(self, suite: Suite, case: Case, trial: Trial) -> None:
        """Score an answer and count what it came to; one of a suite that is asked whole is left alone."""
        watch = self._watches.get((trial.candidate, suite.id))
        if watch is None:
            return
        self._asked[trial.candidate, suite.id] += 1
        if trial.status == "failed" or (watch.settled and case.severity != "blocker"):
            return
        outcomes = {own.scorer: own.outcome for own in score_trial(suite, case, trial, {}, {})}
        whole = together_of(list(outcomes.values()))
        watch.take(case.tags, whole, outcomes)
        if case.severity == "blocker" and whole == "failed":
            self._open_blockers.discard(trial.candidate)

    def notes(self) -> Iterator[str]:
        """Yield one line for each suite that was stopped."""
        for (candidate, suite), watch in self._watches.items():
            asked, due = self._asked[candidate, suite], self._sizes[suite]
            if asked < due and watch.settled:
                why = told((condition.id, status) for condition, status in watch.statuses())
                yield f"{candidate}: {suite} stopped after {asked} of {due} cases: {why}"


class AskingAll:
    """Asks every case."""

    def spares(self, _candidate: str, _suite: str, _case: Case) -> bool:
        """Return False: every case is asked."""
        return False

    def take(self, _suite: Suite, _case: Case, _trial: Trial) -> None:
        """Do nothing."""

    def notes(self) -> Iterator[str]:
        """Yield nothing: no suite was stopped."""
        return iter(())


def halting_of(prepared: Prepared, run: Run, facts: Mapping[str, CandidateFacts], wishes: Wishes) -> Halting:
    """Return what stops suites of a run early, told of nothing yet."""
    plan = prepared.plan
    decided = sorted(could_stop(plan, run))
    if wishes.cases_only or not decided:
        return AskingAll()
    policy = policy_of(plan, prepared.suites, prepared.checklist, plan.gate)
    bounds = bounds_by_suite(policy, known_of(facts[decided[0]]))
    watches = {(name, suite): Watch(own) for name in decided for suite, own in bounds.items()}
    return Curtailing(prepared.suites, watches, blockers_count=policy.blockers_count()) if watches else AskingAll()


def take_earlier(halting: Halting, folder: RunFolder, suites: Sequence[Suite]) -> None:
    """Tell what stops suites early of the answers that a run that goes on has on disk.

    Raises:
        InputError: a line of the journal is no trial.
    """
    if isinstance(halting, AskingAll):
        return
    cases = {(suite.id, case.id): (suite, case) for suite in suites for case in suite.cases}
    for trial in folder.read("trials.jsonl", Trial):
        if (found := cases.get((trial.suite, trial.case))) is not None:
            halting.take(*found, trial)
