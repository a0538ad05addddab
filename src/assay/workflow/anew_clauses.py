"""Do the policy, and the waivers and baseline that took the place of a run's own, still say what they said then?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from assay.errors import InputError
from assay.schema._base import digest_of
from assay.suite import Folders, load_policy, load_waivers, waivers_of
from assay.workflow.clauses import Clause, judged
from assay.workflow.earlier import baseline_from, load_baseline, names_record
from assay.workflow.resting import resting_on
from assay.workflow.shipped import shipped_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.schema.record import Record
    from assay.schema.suite import Gate, Waivers
    from assay.suite import LoadedPolicy
    from assay.workflow.evidence import Inputs
    from assay.workflow.prepare import Prepared

__all__ = ["AnewPlaces", "PlanNow", "anew_clauses"]

_SHOWN_CONDITIONS: Final = 4


@dataclass(frozen=True)
class PlanNow:
    """The plan as it lies there now, or why it cannot be read."""

    path: Path | None
    """Where it lies, or None when it was not found."""
    prepared: Prepared | None
    """The plan with all that it names, or None when it is not there or wrong."""
    why: str
    """Why it cannot be read; empty when it can."""


@dataclass(frozen=True)
class AnewPlaces:
    """Where the files lie that a record was decided on again with."""

    policy: Path | None = None
    """The policy file; None looks for it beside the plan."""
    waivers: Path | None = None
    """The waivers file; None looks for it beside the plan."""
    folder: Path = Path()
    """Where the record lies."""


@dataclass(frozen=True)
class _Policy:
    """The policy as it stands there now, or why it cannot be read."""

    loaded: LoadedPolicy | None
    """The policy, or None."""
    why: str
    """Why there is none; empty when there is one."""


def anew_clauses(record: Record, then: Inputs, now: PlanNow, places: AnewPlaces) -> Iterator[Clause]:
    """Yield a clause for the policy, and for the waivers and the baseline where they are not those of the run.

    Args:
        record: the record.
        then: its evidence.
        now: its plan as it lies there now.
        places: where to look.

    Raises:
        InputError: a file that was named is not there, or is wrong.
    """
    policy = _policy_now(then, now, places.policy)
    yield _policy(record, then, policy)
    if "waivers" in then.assembly.decided_with:
        yield from _waivers(then, now, policy, places.waivers)
    if "baseline" in then.assembly.decided_with:
        yield from _baseline(record, then, now, policy, places.folder)


def _policy_now(then: Inputs, now: PlanNow, named: Path | None) -> _Policy:
    """Return the policy: the file that is named, that beside the plan, or the plan's own gate."""
    if named is not None:
        return _Policy(_load(named), "")
    decided_under = then.assembly.policy_file
    if decided_under is None:
        return _Policy(now.prepared.loaded.gate if now.prepared is not None else None, now.why)
    beside = _beside(now, decided_under)
    if beside is None:
        return _Policy(None, f"it was decided under the file {decided_under}: name it with --policy")
    try:
        return _Policy(_load(beside), "")
    except InputError as error:
        return _Policy(None, f"{beside} cannot be read: {error.problems[0].message}")


def _load(path: Path) -> LoadedPolicy:
    return load_policy(path, Folders(path.parent, shipped_folder(), "policy"))


def _beside(now: PlanNow, name: str) -> Path | None:
    """Return a file beside the plan, or None where there is none."""
    place = now.path.parent / name if now.path is not None else None
    return place if place is not None and place.is_file() else None


def _policy(record: Record, then: Inputs, now: _Policy) -> Clause:
    """Compare the conditions that the verdict was found under with those that stand there now."""
    rests = resting_on(record, "policy")
    recorded = _policy_digest(then.policy, then)
    if now.loaded is None:
        return judged("policy", recorded, None, unseen=now.why, rests=rests)
    policy = now.loaded.policy
    clause = judged("policy", recorded, _policy_digest(policy, then), rests=rests)
    if clause.status != "void":
        return clause
    asked, asks = ([own.condition for own in one.conditions] for one in (then.policy, policy))
    new = [f"new: {own}" for own in asks if own not in asked]
    gone = [f"gone: {own}" for own in asked if own not in asks]
    told = "; ".join((*gone, *new)[:_SHOWN_CONDITIONS]) or "settings beside the texts of its conditions"
    return clause.model_copy(update={"why": f"it is another policy now ({told})"})


def _policy_digest(policy: Gate, then: Inputs) -> str:
    """Return the digest of a policy, without the names of files that were replaced when it was decided on again.

    What those files hold has clauses of its own. A candidate of the run that the others are compared with has none.
    """
    anew = then.assembly.decided_with
    replaced = {"waivers"} & set(anew)
    named = policy.baseline
    if "baseline" in anew and (_came_alone(then) or named is None or names_record(named)):
        replaced.add("baseline")
    return digest_of(policy.model_dump(mode="json", by_alias=True, exclude={"schema_name", *replaced}))


def _waivers(then: Inputs, now: PlanNow, policy: _Policy, named: Path | None) -> Iterator[Clause]:
    """Yield whether waivers that took the place of the run's still stand in their file.

    Raises:
        InputError: the file that was named is not there, or is wrong.
    """
    recorded = then.waivers.digest() if then.waivers is not None else None
    rests = tuple(f"condition {own.condition}" for own in then.waivers.waivers) if then.waivers is not None else ()
    name, why = then.assembly.waivers_file, policy.why
    nowhere = name is None and (then.assembly.policy_file is None or then.policy.waivers is None)
    if recorded is not None and named is None and nowhere:
        # Records of earlier versions do not have the name; the last days of the waivers have clauses of their own.
        why = "they came from a file that the record does not name: name it with --waivers"
        yield Clause(name="waivers", recorded=recorded, now=None, status="warning", why=why, rests=rests)
        return
    waivers: Waivers | None = None
    try:
        if named is not None:
            waivers = load_waivers(named, str(named))
        elif name is not None:
            place = _beside(now, name)
            why = f"they came from the file {name}: name it with --waivers" if place is None else ""
            waivers = load_waivers(place, str(place)) if place is not None else None
        elif policy.loaded is not None:
            waivers = waivers_of(policy.loaded)
    except InputError as error:
        if named is not None:
            raise
        why = f"the waivers cannot be read: {error.problems[0].message}"
    yield from _held("waivers", recorded, waivers.digest() if waivers is not None else None, why, rests)


def _held(name: str, recorded: str | None, seen: str | None, why: str, rests: tuple[str, ...]) -> Iterator[Clause]:
    """Yield whether a file that the policy names is the same; without a reason not to see it, it is named no more."""
    if recorded is None and seen is None:
        return
    clause = judged(name, recorded, seen, unseen=why, rests=rests)
    if clause.status == "unknown" and not why:
        clause = clause.model_copy(update={"status": "void", "why": f"the policy names no {name} any more"})
    yield clause


def _came_alone(then: Inputs) -> bool:
    """Say whether the baseline came with --baseline: then the policy names it by its id, wherever it lay."""
    own = then.earlier
    return own is not None and then.policy.baseline == f"{own.record}.json#{own.candidate}"


def _baseline(record: Record, then: Inputs, now: PlanNow, policy: _Policy, folder: Path) -> Iterator[Clause]:
    """Yield whether the earlier record that the verdict compares with is still the one that is named."""
    own, rests = then.earlier, resting_on(record, "baseline")
    recorded = own.digest() if own is not None else None
    if own is not None and _came_alone(then):
        found = any(_again(place / f"{own.record}.json", then) == recorded for place in _folders(now, folder))
        why = f"{own.record} was not found as it was: whether it was withdrawn is not seen"
        clause = judged("baseline", recorded, recorded, rests=rests)
        yield clause if found else clause.model_copy(update={"now": None, "status": "warning", "why": why})
        return
    why, seen = policy.why, None
    try:
        seen = load_baseline(policy.loaded, then, run=then.run.id) if policy.loaded is not None else None
    except InputError as error:
        why = f"the baseline of the policy cannot be read: {error.problems[0].message}"
        if policy.loaded is not None and policy.loaded.policy.baseline != then.policy.baseline:
            why = ""
    yield from _held("baseline", recorded, seen.digest() if seen is not None else None, why, rests)


def _again(path: Path, then: Inputs) -> str | None:
    """Return the digest of what the candidate of an earlier record did, or None where it is not there any more."""
    own = then.earlier
    if own is None or not path.is_file():
        return None
    try:
        return baseline_from(f"{path}#{own.candidate}", then.policy, then, run=then.run.id).digest()
    except InputError:
        return None


def _folders(now: PlanNow, folder: Path) -> Iterator[Path]:
    """Yield where an earlier record may lie: with this one, and where the plan or the working folder has records."""
    yield from (folder, Path("records"))
    if now.path is not None:
        yield from (now.path.parent / "records", now.path.parent)
