"""What does the plan file ask for, and what is wrong with it?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pydantic import ValidationError

from assay.errors import InputError, Problem
from assay.schema.suite import Organization, Plan
from assay.suite.documents import load_noun, problems_of, read_yaml
from assay.suite.environment import candidate_from, expand, missing_keys
from assay.suite.paths import Folders
from assay.suite.policy import PLACEHOLDER, LoadedPolicy, no_conditions, read_policy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from assay.suite.documents import Document

__all__ = ["LoadedPlan", "is_address", "load_plan"]


@dataclass(frozen=True)
class LoadedPlan:
    """A plan with what is needed to speak about its file."""

    plan: Plan
    """The plan, all names expanded."""
    document: Document
    """The plan's file, for lines."""
    policy: Document
    """The file that holds the gate's conditions: the plan's own, or a policy file."""
    folders: Folders
    """Where the plan's relative names are looked up."""

    @property
    def gate(self) -> LoadedPolicy:
        """The plan's policy, and where it stands."""
        within = ("gate",) if self.policy is self.document else ()
        return LoadedPolicy(self.plan.gate, self.policy, within, self.folders)

    def condition_line(self, index: int) -> tuple[str, int | None]:
        """Return file and line of one condition of the gate."""
        return self.gate.condition_line(index)


def load_plan(path: Path, *, shipped: Path, environment: Mapping[str, str], keys_needed: bool = True) -> LoadedPlan:
    """Read a plan and the policy file it may name.

    Args:
        path: the YAML file.
        shipped: folder of the shipped suites, rubrics and templates.
        environment: variables for `${NAME}`, keys and the `LOCAL_LLM_*` candidate.
        keys_needed: whether the keys that it names must be set; whoever asks no server needs none.

    Raises:
        InputError: every problem that was found, each with its line.
    """
    document = read_yaml(path, str(path))
    if not isinstance(document.data, dict):
        raise InputError(
            document.problem("bad-value", "the plan is not a mapping", "Start with `schema: assay/plan/v1`.")
        )
    if "conditions" in document.data and not {"use_case", "candidates", "suites", "gate"} & set(document.data):
        remedy = "Name the plan or the record that uses it."
        raise InputError(document.problem("bad-value", "this is a policy, and no plan", remedy, ("conditions",)))
    folders = Folders(path.parent, shipped)
    problems = [*expand(document, environment), *(missing_keys(document, environment) if keys_needed else ())]
    policy = _take_policy(document, folders, problems)
    _take_organization(document, folders, problems)
    problems += no_conditions(document.data, document)
    if not document.data.get("candidates"):
        from_environment = candidate_from(environment)
        if from_environment is not None:
            document.data["candidates"] = [from_environment]
    try:
        plan = Plan.model_validate(document.data)
    except ValidationError as error:
        raise InputError(*_in_order([*problems, *problems_of(error, Plan, document)], document)) from None
    problems += [problem for check in _CHECKS for problem in check(plan, document)]
    if problems:
        raise InputError(*_in_order(problems, document))
    return LoadedPlan(plan, document, policy, folders)


def _in_order(problems: list[Problem], document: Document) -> list[Problem]:
    """Return problems by line, those of the plan before those of its policy file."""
    return sorted(problems, key=lambda problem: (problem.file != document.file, problem.line or 0))


def _take_policy(document: Document, folders: Folders, problems: list[Problem]) -> Document:
    """Put the policy file's content in place of its name; return the document that holds the conditions."""
    data = document.data
    gate = data.get("gate") if isinstance(data, dict) else None
    if not isinstance(gate, str) or not isinstance(data, dict):
        return document
    try:
        policy = read_policy(folders.find(gate), gate)
    except InputError as error:
        line = document.line_of(("gate",))
        problems += [p if p.file else p.at(document.file, line) for p in error.problems]
        data["gate"] = dict(PLACEHOLDER)
        return document
    data["gate"] = policy.data
    return policy


def _take_organization(document: Document, folders: Folders, problems: list[Problem]) -> None:
    """Put the content of the organization's file in place of its name; a problem in it names its own lines."""
    data = document.data
    name = data.get("organization") if isinstance(data, dict) else None
    if not isinstance(name, str) or not isinstance(data, dict):
        return
    del data["organization"]
    try:
        profile = read_yaml(folders.find(name), name)
        load_noun(profile, Organization)
    except InputError as error:
        line = document.line_of(("organization",))
        problems += [p if p.file else p.at(document.file, line) for p in error.problems]
    else:
        data["organization"] = profile.data


def _unique_ids(plan: Plan, document: Document) -> list[Problem]:
    problems = []
    for kind, ids in (("candidates", [c.id for c in plan.candidates]), ("judges", [j.id for j in plan.judges])):
        problems += [
            document.problem(
                "duplicate-id", f"the id {name!r} stands twice in {kind}", "Rename one.", (kind, index, "id")
            )
            for index, name in enumerate(ids)
            if name in ids[:index]
        ]
    return problems


def _someone_is_decided_on(plan: Plan, document: Document) -> list[Problem]:
    if plan.decided_on():
        return []
    message = "no candidate has the role production, so it is not clear what is decided on"
    return [document.problem("no-production", message, "Add `roles: [production]` to one.", ("candidates",))]


def _named_candidates_exist(plan: Plan, document: Document) -> list[Problem]:
    known = {candidate.id for candidate in plan.candidates}
    imports = plan.bench.imports if plan.bench else ()
    named = [
        *((f"the judge {own.id!r}", own.candidate, ("judges", index)) for index, own in enumerate(plan.judges)),
        *(
            (f"the import {own.path!r}", own.candidate, ("bench", "imports", index))
            for index, own in enumerate(imports)
        ),
        *(
            (f"the sink {own.id!r}", candidate, ("probes", "sinks", index))
            for index, own in enumerate(plan.probes.sinks)
            for candidate in own.candidates
        ),
    ]
    return [
        document.problem(
            "unknown-candidate",
            f"{who} names the candidate {candidate!r}, which the plan does not have",
            f"Use one of: {', '.join(sorted(known))}.",
            (*loc, "candidate"),
        )
        for who, candidate, loc in named
        if candidate not in known
    ]


def _addresses(plan: Plan, document: Document) -> list[Problem]:
    problems = []
    for index, candidate in enumerate(plan.candidates):
        if candidate.base_url is None:
            continue
        loc = ("candidates", index, "base_url")
        if "@" in candidate.base_url:
            # Looked for in the text: an address that cannot be parsed may hold a password too.
            message = "the address holds a user name or a password, which would be written into the record"
            problems.append(document.problem("secret-in-plan", message, "Use api_key_env.", loc))
        elif not is_address(candidate.base_url):
            message = f"the address {candidate.base_url!r} is not an http or https URL"
            problems.append(document.problem("bad-value", message, "Write it like http://127.0.0.1:8000/v1.", loc))
    return problems


def is_address(address: str) -> bool:
    """Tell whether a text is an http or https URL with a host."""
    try:
        parts = urlsplit(address)
        # Reading the port checks it.
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _has_a_digest(plan: Plan, document: Document) -> list[Problem]:
    """Find what only a text from the environment can still bring in: numbers that are infinite or too large."""
    try:
        plan.digest()
    except ValueError as error:
        message = f"a number of the plan cannot be kept: {error}"
        return [document.problem("bad-value", message, "Write finite numbers below 2**53.", ("candidates",))]
    return []


def _bench_is_positive(plan: Plan, document: Document) -> list[Problem]:
    if plan.bench is None:
        return []
    problems = []
    bench = plan.bench
    if not bench.profiles or not bench.loads() or min(bench.concurrency, default=1) < 1:
        message = "the benchmark needs at least one profile, and a concurrency of 1 or more or a rate"
        problems.append(document.problem("bad-value", message, "Mend or remove bench.", ("bench",)))
    for name in ("profiles", "concurrency", "rates", "cache"):
        given = getattr(bench, name)
        if len(set(given)) < len(given):
            message = f"bench.{name} names something twice: two measurements could not be told apart"
            problems.append(document.problem("bad-value", message, "Leave one of them out.", ("bench", name)))
    if any(plan.bench.requests_of(profile) < 1 for profile in plan.bench.profiles):
        message = "the benchmark has a profile without requests"
        problems.append(document.problem("bad-value", message, "Give each profile 1 or more.", ("bench", "requests")))
    return problems


_CHECKS: tuple[Callable[[Plan, Document], list[Problem]], ...] = (
    _unique_ids,
    _someone_is_decided_on,
    _named_candidates_exist,
    _addresses,
    _bench_is_positive,
    _has_a_digest,
)
