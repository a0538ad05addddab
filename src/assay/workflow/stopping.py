"""When does a run stop asking a candidate the cases of a suite: never, once nothing can change, or at planned looks?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from assay.gate import Watch
from assay.schema.run import Trial
from assay.workflow.curtailing import Curtailing
from assay.workflow.looking import Looked, Looking
from assay.workflow.selection import asks_all_cases, could_stop, in_asking_order
from assay.workflow.stoppable import bounds_by_suite, known_of, policy_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from assay.record.run_folder import RunFolder
    from assay.schema.baseline import Baseline
    from assay.schema.provenance import CandidateFacts
    from assay.schema.run import Run, Stopping
    from assay.schema.suite import Case, Suite
    from assay.workflow.prepare import Prepared
    from assay.workflow.stoppable import Policy
    from assay.workflow.wishes import Wishes

__all__ = ["AskingAll", "Halting", "halting_of", "stopping_of", "take_earlier", "whole_notes"]


def stopping_of(prepared: Prepared, wishes: Wishes) -> Stopping:
    """Return when a new run stops asking: only where all cases of a plan are to be asked once, for a verdict.

    Looks are planned before anything is answered. Where answers are reused they are known, and a new order could be
    drawn until its first cases please.
    """
    once = prepared.plan.trials == 1 and asks_all_cases(wishes.selection)
    if wishes.cases_only or wishes.load_only or not once:
        return "never"
    return "sequential" if wishes.sequential and wishes.reuse is None else prepared.plan.gate.stop_early


class Halting(Protocol):
    """Says of which cases a candidate need not be asked any more, and is told of every answer."""

    def spares(self, candidate: str, suite: str, case: Case, /) -> bool:
        """Return whether a case need not be asked."""

    def take(self, suite: Suite, case: Case, trial: Trial, /) -> None:
        """Take an answer."""

    def notes(self) -> Iterator[str]:
        """Yield one line for each suite that was stopped."""


class AskingAll:
    """Asks every case."""

    def spares(self, _candidate: str, _suite: str, _case: Case, /) -> bool:
        """Return False: every case is asked."""
        return False

    def take(self, _suite: Suite, _case: Case, _trial: Trial, /) -> None:
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
    known = {name: known_of(facts[name]) for name in decided}
    if run.stopping == "sequential":
        against = policy.baseline() or prepared.baseline
        ordered = in_asking_order(prepared.suites, run)
        looked = [_looked(policy, own) for own in ordered if _why_whole(policy, own, against) is None]
        return Looking(looked, known, against, blockers_count=policy.blockers_count())
    bounds = bounds_by_suite(policy, known[decided[0]])
    watches = {(name, suite): Watch(own) for name in decided for suite, own in bounds.items()}
    return Curtailing(prepared.suites, watches, blockers_count=policy.blockers_count()) if watches else AskingAll()


def _looked(policy: Policy, suite: Suite) -> Looked:
    conditions = policy.on(suite)
    # Where counts would do as long as cases are independent, nothing is paired.
    return Looked(suite, conditions, any(own.question.by_case({suite.id}) is not None for own in conditions))


def _why_whole(policy: Policy, suite: Suite, against: str | Baseline | None) -> str | None:
    """Return why looks do not end a suite, as a clause; None where they may."""
    why = policy.asked_whole(suite)
    if why is not None or not _looked(policy, suite).paired:
        return why
    if len(policy.plan.decided_on()) > 1:
        # Of many, one may win by luck: what is proven depends on what the others come to in the end.
        return "more than counts of several candidates is weighed"
    return None if against is not None else "its grades are weighed"


def _why_no_looks(trials: int, wishes: Wishes) -> str:
    if trials > 1:
        return "each case is tried several times"
    return "only a part of the cases is asked" if wishes.reuse is None else "answers are reused, so they are known"


def whole_notes(prepared: Prepared, run: Run, wishes: Wishes) -> Iterator[str]:
    """Yield one line for each suite that is asked whole although `--sequential` was asked for, and why."""
    if not wishes.sequential:
        return
    plan = prepared.plan
    if run.stopping != "sequential":
        yield f"all of them are asked, without looks: {_why_no_looks(plan.trials, wishes)}"
        return
    policy = policy_of(plan, prepared.suites, prepared.checklist, plan.gate)
    for suite in prepared.suites:
        if (kept := _why_whole(policy, suite, policy.baseline() or prepared.baseline)) is not None:
            yield f"{suite.id} is asked whole: {kept}"


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
