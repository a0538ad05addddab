"""What did the candidate of an earlier record do at each case, and may it be compared with?"""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from assay.errors import AssayError, InputError, Problem
from assay.gate.comparison import read_against
from assay.schema._base import digest_of
from assay.schema.baseline import Baseline
from assay.scoring import JudgeContract, judge_fingerprint
from assay.workflow.finished import finished_record
from assay.workflow.measure import measure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from assay.schema._base import JsonValue
    from assay.schema.suite import Gate, Plan, Rubric, Suite
    from assay.suite import LoadedPolicy
    from assay.workflow.evidence import Inputs

__all__ = ["Asking", "baseline_from", "baseline_problems", "load_baseline", "names_record", "otherwise"]

_ENDINGS = (".json", ".md", ".zip")


class Asking(Protocol):
    """How cases are asked and answers judged: a plan with its suites and rubrics, prepared or read from evidence."""

    @property
    def plan(self) -> Plan:
        """The plan."""

    @property
    def suites(self) -> tuple[Suite, ...]:
        """Its suites."""

    @property
    def rubrics(self) -> Mapping[str, Rubric]:
        """Rubrics by judge id."""


def otherwise(asking: Asking, suite: Suite, other: Asking, same: Suite) -> str | None:
    """Return in what a suite is asked or judged otherwise by another plan, or None: only then can answers be compared.

    Args:
        asking: how the one plan asks and judges.
        suite: the suite in it.
        other: how the other does.
        same: the suite of that name there.

    Returns:
        A sentence without a subject or a full stop. Compared are what stands before each case, the limits of an answer,
        the scorers of cases that name none, and of each rubric that takes part who reads it; not the cases.
    """
    if (suite.withheld or same.withheld) is not None and suite.digest() != same.digest():
        return "may have been asked otherwise: its system prompt and scorers are left out of the evidence"
    one, two = _manner(asking, suite), _manner(other, same)
    if (suite.withheld or same.withheld) is not None:
        one, two = {"judges": one["judges"]}, {"judges": two["judges"]}
    differing = [part for part in one if digest_of(one[part]) != digest_of(two[part])]
    return f"was asked or judged otherwise: not with the same {', '.join(differing)}" if differing else None


def _manner(asking: Asking, suite: Suite) -> dict[str, JsonValue]:
    """Return how a suite is asked and judged, part by part as messages call them."""
    candidates = {own.id: own for own in asking.plan.candidates}
    readers: dict[str, list[str]] = {}
    for judge in asking.plan.judges:
        rubric = asking.rubrics[judge.id]
        mark = judge_fingerprint(candidates[judge.candidate], JudgeContract(rubric).prompt_digest())
        readers.setdefault(rubric.id, []).append(mark)
    used = {
        str(leaf.options.get("rubric"))
        for case in suite.cases
        for spec in suite.scorers_of(case)
        for leaf in spec.leaves()
        if leaf.name == "judge"
    }
    judges: dict[str, JsonValue] = {name: [*sorted(readers.get(name, ()))] for name in used}
    own = suite.model_dump(mode="json", by_alias=True)
    return {
        "system prompt": own["system"],
        "limits": own["request"],
        "scorers": own["scorers"],
        "judges": judges,
    }


def baseline_problems(plan: Plan, own: LoadedPolicy) -> list[Problem]:
    """Return what is wrong with what a policy compares with, as far as the plan shows; a record is not opened."""
    asked, named = [c.id for c in plan.evaluated()], own.policy.baseline
    if named is None:
        roles = [c.id for c in plan.evaluated() if "baseline" in c.roles]
        if len(roles) < 2 or not _compares(own.policy):  # noqa: PLR2004 - one is no choice
            return []
        message = f"{len(roles)} candidates have the role baseline: {', '.join(roles)}"
        return [Problem("bad-baseline", message, f"Name one: `baseline: {roles[0]}`.", *own.place())]
    if names_record(named):
        return []
    place = own.place("baseline")
    if named not in asked:
        near = get_close_matches(named, asked, n=1, cutoff=0.0)[0]
        message = f"the baseline {named!r} is no candidate of the plan"
        return [Problem("unknown-candidate", message, f"Write {near}, or a record such as records/0001-qa.", *place)]
    if [c.id for c in plan.decided_on()] == [named]:
        message = f"{named} would be compared with itself: it is also what is decided on"
        return [Problem("bad-baseline", message, "Name another candidate, or a record.", *place)]
    return []


def load_baseline(own: LoadedPolicy, asking: Asking, *, run: str | None = None) -> Baseline | None:
    """Return what the candidate of the earlier record did that a policy names, or None when it names none.

    Args:
        own: the policy.
        asking: how the candidates are asked that will be compared with it.
        run: id of the run that they were asked in, or None before there is one.

    Raises:
        InputError: there is no such record, it does not verify, or it cannot be compared with; at the policy's line.
    """
    named = own.policy.baseline
    if named is None or not names_record(named):
        return None
    name, mark, candidate = named.partition("#")
    try:
        path = own.folders.find(name if name.endswith(_ENDINGS) else f"{name}.json")
        return baseline_from(f"{path}{mark}{candidate}", own.policy, asking, run=run)
    except InputError as error:
        raise InputError(
            *(Problem("bad-baseline", p.message, p.remedy, *own.place("baseline")) for p in error.problems)
        ) from None


def baseline_from(named: str, policy: Gate, asking: Asking, *, run: str | None = None) -> Baseline:
    """Return what the candidate of an earlier record did at the cases that a policy compares.

    Args:
        named: the record, by one of its files or their stem; `#` and a candidate of it where it decides on several.
        policy: its comparisons say which suites are needed.
        asking: how the candidates are asked that will be compared with it.
        run: id of the run that they were asked in, or None before there is one.

    Raises:
        InputError: there is no such record, it does not verify, is of that very run, has no such candidate, or was
            asked or judged otherwise.
    """
    name, _, candidate = named.partition("#")
    try:
        record = finished_record(Path(name))
        inputs = record.inputs()
    except AssayError as error:
        told = "; ".join(p.message for p in error.problems)
        raise _refused(name, told, "Name a record that `assay verify` verifies.") from None
    if inputs.run.id == run:
        remedy = "Name a record of another run, or another candidate of this one by its id."
        raise _refused(name, "it is a record of this very run, whose answers would be held against themselves", remedy)
    candidate = candidate or _decided_on(name, inputs)
    if candidate not in (known := [own.id for own in inputs.plan.evaluated()]):
        raise _refused(name, f"it has no candidate {candidate!r}", f"There are: {', '.join(known)}.")
    wanted = _compared(policy, asking.suites)
    for suite in wanted:
        _check_alike(name, suite, asking, inputs)
    measured = measure(inputs, lambda _: None, {suite.id for suite in wanted})
    return Baseline(
        candidate=candidate,
        record=record.name,
        evidence_sha256=record.evidence_sha256,
        metrics=tuple(
            metric
            for metric in measured.metrics
            if metric.candidate == candidate and metric.suite in {suite.id for suite in wanted}
        ),
        cases=measured.cases[candidate],
    )


def names_record(named: str) -> bool:
    """Say whether a baseline is named by a path and not by the id of a candidate."""
    name = named.partition("#")[0]
    return "/" in name or name.endswith(_ENDINGS)


def _compares(policy: Gate) -> bool:
    return "baseline" in policy.required_evidence or any(True for _ in _targets(policy))


def _targets(policy: Gate) -> Iterator[str]:
    """Yield what the conditions compare with a baseline; one that cannot be read is told elsewhere."""
    for spec in policy.conditions:
        try:
            read = read_against(" ".join(spec.condition.split()))
        except ValueError:
            continue
        if read is not None:
            yield read[0]


def _compared(policy: Gate, suites: Sequence[Suite]) -> list[Suite]:
    """Return the suites that the conditions compare with a baseline."""
    targets = list(_targets(policy))
    return [
        own
        for own in suites
        if any(target.startswith(tuple(f"suite:{own.id}{c}" for c in "#/.")) for target in targets)
    ]


def _decided_on(name: str, inputs: Inputs) -> str:
    own = [candidate.id for candidate in inputs.plan.decided_on()]
    if len(own) == 1:
        return own[0]
    raise _refused(name, f"it decides on several candidates: {', '.join(own)}", f"Write one, such as {name}#{own[0]}.")


def _check_alike(name: str, suite: Suite, asking: Asking, inputs: Inputs) -> None:
    """Refuse a suite that was asked or judged otherwise, or of which no case is the same.

    Raises:
        InputError: it is one.
    """
    earlier = next((own for own in inputs.suites if own.id == suite.id), None)
    remedy = "Measure the baseline again: as a candidate of this plan, with role baseline."
    if earlier is None:
        raise _refused(name, f"it has no suite {suite.id!r}", remedy)
    if (differs := otherwise(asking, suite, inputs, earlier)) is not None:
        raise _refused(name, f"its suite {suite.id} {differs}", remedy)
    if not {case.digest() for case in suite.cases} & {case.digest() for case in earlier.cases}:
        raise _refused(name, f"no case of its suite {suite.id} is the same as now", remedy)


def _refused(name: str, why: str, remedy: str) -> InputError:
    return InputError(Problem("bad-baseline", f"the record {Path(name).name} cannot be compared with: {why}", remedy))
