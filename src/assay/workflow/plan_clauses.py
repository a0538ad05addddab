"""Do the plan and the files that it names still say what they said when the record was made?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from assay.errors import InputError
from assay.schema._base import digest_of
from assay.workflow.anew_clauses import PlanNow, anew_clauses
from assay.workflow.clauses import Clause, judged
from assay.workflow.prepare import prepare
from assay.workflow.resting import resting_on

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import JsonValue

    from assay.schema._base import Noun
    from assay.schema.record import Record
    from assay.schema.suite import Suite
    from assay.workflow.anew_clauses import AnewPlaces
    from assay.workflow.evidence import Inputs
    from assay.workflow.prepare import Prepared

__all__ = ["found_plan", "plan_clauses", "plan_now"]

_SHOWN_PATHS: Final = 4
_NAME_THE_PLAN: Final = "name the plan with --plan"


@dataclass(frozen=True)
class _File:
    """A file that a plan names."""

    name: str
    """How it is called."""
    then: str | None
    """Digest of what it held when the record was made, or None when there was none."""
    now: str | None
    """Digest of what it holds now, or None."""
    conditions: tuple[str, ...] = ()
    """How the texts of the conditions begin that rest on it; none takes those of its kind."""


def plan_now(named: Path | None, record: Record, folder: Path, environment: Mapping[str, str]) -> PlanNow:
    """Read the plan of a record again.

    Args:
        named: where the user says that it lies, or None.
        record: says where it lay, if it is of the second format.
        folder: where the record lies.
        environment: environment variables, as for a run.

    Raises:
        InputError: what the user named is not there.
    """
    path = named or found_plan(record.run.plan_file, folder)
    if path is None:
        name = record.run.plan_file
        lay = f"no file {name} was found" if name else "the record does not say where its plan lies"
        return PlanNow(None, None, f"{lay}: {_NAME_THE_PLAN}")
    try:
        return PlanNow(path, prepare(path, environment), "")
    except InputError as error:
        if named is not None and not named.is_file():
            raise
        first, *more = error.problems
        where = f"{first.file}: " if first.file is not None else ""
        others = f", and {len(more)} more" if more else ""
        return PlanNow(path, None, f"the plan cannot be read ({where}{first.message}{others}): see assay lint {path}")


def found_plan(name: str | None, folder: Path) -> Path | None:
    """Return where the plan of a record lies, or None.

    It is looked for as it was named: from the working folder, from the record's folder and from the folder above; in
    the latter two also by its name alone.
    """
    if name is None:
        return None
    above = folder.resolve().parent
    places = (Path(name), folder / name, above / name, folder / Path(name).name, above / Path(name).name)
    return next((place for place in places if place.is_file()), None)


def plan_clauses(record: Record, then: Inputs, now: PlanNow, places: AnewPlaces) -> Iterator[Clause]:
    """Yield a clause for the plan, for its policy, and for each file that it names.

    Args:
        record: the record.
        then: its evidence.
        now: its plan as it lies there now.
        places: where the files lie that it was decided on again with.

    Raises:
        InputError: a file that was named for that is not there, or is wrong.
    """
    prepared = now.prepared
    yield from _plan_parts(record, then, now)
    yield from anew_clauses(record, then, now, places)
    for own in _files(then, prepared):
        clause = judged(
            own.name, own.then, own.now, unseen=now.why, rests=resting_on(record, own.name, only=own.conditions)
        )
        if prepared is not None and clause.status == "unknown":
            # The plan was read whole: what it does not name is gone, and not only out of sight.
            clause = clause.model_copy(update={"status": "void", "why": "the plan names it no more"})
        yield clause


def _plan_parts(record: Record, then: Inputs, now: PlanNow) -> Iterator[Clause]:
    """Yield one clause for the whole plan where it is the same, else one for each key of it that differs."""
    recorded = then.run.plan_digest
    if now.prepared is None:
        yield judged("plan", recorded, None, unseen=now.why, rests=resting_on(record, "plan"))
        return
    # What advice goes by bears on nothing that a record says.
    plan = now.prepared.plan.model_copy(update={"context": then.plan.context})
    if plan.digest() == recorded:
        yield judged("plan", recorded, recorded)
        return
    before, after = (own.model_dump(mode="json", by_alias=True) for own in (then.plan, plan))
    for key in before:
        # The policy has a clause of its own.
        if key != "gate" and before[key] != after[key]:
            paths = list(_differing(key, before[key], after[key]))
            more = f" and {len(paths) - _SHOWN_PATHS} more" if len(paths) > _SHOWN_PATHS else ""
            yield Clause(
                name=f"plan.{key}",
                recorded=digest_of(before[key]),
                now=digest_of(after[key]),
                status="void",
                why=f"the plan differs in {', '.join(paths[:_SHOWN_PATHS])}{more}",
                rests=resting_on(record, "plan"),
            )


def _differing(path: str, before: JsonValue, after: JsonValue) -> Iterator[str]:
    """Yield the key paths at which two values differ."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in {**before, **after}:
            yield from _differing(f"{path}.{key}", before.get(key), after.get(key))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for place, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _differing(f"{path}[{place}]", one, other)
    elif before != after:
        yield path


def _files(then: Inputs, now: Prepared | None) -> Iterator[_File]:
    yield from _suites(then, now)
    yield from _judges(then, now)
    yield from _file("checklist", _digest(then.checklist), _digest(now.checklist if now is not None else None))
    said, waivers, baseline = (now.attestations, now.waivers, now.baseline) if now is not None else (None, None, None)
    yield from _file("attestations", _digest(then.attestations), _digest(said), ("readiness",))
    log = _digest(now.rehearsals) if now is not None else None
    yield from _file("rehearsals", _digest(then.rehearsals), log, ("readiness:rollback-rehearsed",))
    anew = then.assembly.decided_with
    if "waivers" not in anew:
        waived = tuple(own.condition for own in then.waivers.waivers) if then.waivers is not None else ()
        yield from _file("waivers", then.run.waivers_digest, waivers.digest() if waivers is not None else None, waived)
    if "baseline" not in anew:
        yield from _file("baseline", then.run.baseline_digest, baseline.digest() if baseline is not None else None)
    imported = {f"{n}": own.digest() for n, own in enumerate(now.imported, start=1)} if now is not None else {}
    for number in {**then.run.imported_digests, **imported}:
        yield from _file(f"imported benchmark {number}", then.run.imported_digests.get(number), imported.get(number))


def _suites(then: Inputs, now: Prepared | None) -> Iterator[_File]:
    # The run's own digests: what the evidence holds of a suite may be redacted.
    asked = then.run.suite_digests
    suites = {suite.id: suite.digest() for suite in now.suites} if now is not None else {}
    for name in {**asked, **suites}:
        conditions = (*(f"suite:{name}{mark}" for mark in "#/."), f"bench:suite:{name}@", "bench:suites@", "blockers ")
        yield from _file(f"suite {name}", asked.get(name), suites.get(name), conditions)


def _judges(then: Inputs, now: Prepared | None) -> Iterator[_File]:
    rubrics = {judge: own.digest() for judge, own in now.rubrics.items()} if now is not None else {}
    calibrations = {judge: own.digest() for judge, own in now.calibrations.items()} if now is not None else {}
    for judge in {**then.run.rubric_digests, **then.run.calibration_digests, **rubrics, **calibrations}:
        rubric = then.rubrics.get(judge)
        asked = (suite.id for suite in then.suites if rubric is not None and _is_judged(suite, rubric.id))
        conditions = (f"judge:{judge}", "judges all", *(f"suite:{name}{mark}" for name in asked for mark in "#/."))
        of_rubric, of_calibration = then.run.rubric_digests.get(judge), then.run.calibration_digests.get(judge)
        yield from _file(f"rubric of {judge}", of_rubric, rubrics.get(judge), conditions)
        yield from _file(f"calibration of {judge}", of_calibration, calibrations.get(judge), conditions)


def _is_judged(suite: Suite, rubric: str) -> bool:
    """Say whether a case of a suite is judged by a rubric."""
    return any(
        leaf.name == "judge" and leaf.options.get("rubric") == rubric
        for case in suite.cases
        for spec in suite.scorers_of(case)
        for leaf in spec.leaves()
    )


def _file(name: str, then: str | None, now: str | None, conditions: tuple[str, ...] = ()) -> Iterator[_File]:
    """Yield a file that is there then or now."""
    if then is not None or now is not None:
        yield _File(name, then, now, conditions)


def _digest(noun: Noun | None) -> str | None:
    return digest_of(noun.model_dump(mode="json", by_alias=True)) if noun is not None else None
