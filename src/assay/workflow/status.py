"""Does an accepted record still speak of what is there now, and if not, exactly which clause of it is void?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from pydantic import Field

from assay.errors import InputError, Problem
from assay.provenance import look_at_host
from assay.schema._base import Noun
from assay.schema.record import Record
from assay.suite import is_address
from assay.workflow.anew_clauses import AnewPlaces
from assay.workflow.clauses import Clause, Freshness, freshness_of
from assay.workflow.expiry_clauses import expiry_clauses
from assay.workflow.finished import finished_record
from assay.workflow.look import Depth
from assay.workflow.looking_again import Looking
from assay.workflow.plan_clauses import plan_clauses, plan_now
from assay.workflow.resting import resting_on
from assay.workflow.seen_clauses import fact_clauses, host_clauses, is_identified, never_seen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from assay.schema.provenance import CandidateFacts
    from assay.schema.suite import Plan
    from assay.workflow.evidence import Inputs
    from assay.workflow.progress import Progress

__all__ = ["RecordStatus", "Wanted", "status_of"]

_ORDER: Final = ("void", "unknown", "warning", "holds")
_DEPTH: Final = Depth(hashed=True, traps=False, longest_prompt_tokens=0)
"""All weights are hashed, and the model is asked nothing."""


@dataclass(frozen=True)
class Wanted:
    """What of a record is looked at, and where."""

    today: str
    """Day in UTC, `YYYY-MM-DD`."""
    plan: Path | None = None
    """Where the plan lies; None looks for it where the record says."""
    policy: Path | None = None
    """The policy file that it was decided under; None looks for it beside the plan."""
    waivers: Path | None = None
    """The waivers file that it was decided with; None looks for it beside the plan."""
    candidates: tuple[str, ...] = ()
    """Candidates to look at beside those that are decided on."""
    urls: tuple[str, ...] = ()
    """Addresses to look at in place of the record's: `URL`, or `CANDIDATE=URL` where several are looked at."""


class RecordStatus(Noun):
    """What came of holding a record against what is there."""

    record: str
    """Id of the record."""
    freshness: Freshness
    """`fresh` where everything holds; `stale` where a clause is void; `unreachable` where a server gives no answer;
    `unknown` where something that the record rests on cannot be seen."""
    reason: str
    """Why, one sentence."""
    today: str
    """Day of the answer, `YYYY-MM-DD` in UTC."""
    plan: str | None
    """Where the plan was found, or None."""
    clauses: tuple[Clause, ...]
    """Each clause, the void ones first."""
    unreached: tuple[str, ...] = ()
    """Candidates that could not be looked at, each with the reason."""
    never_seen: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """By candidate, facts that the record itself lacks: their change cannot be noticed."""


def status_of(path: Path, wanted: Wanted, environment: Mapping[str, str], progress: Progress) -> RecordStatus:
    """Hold a record against the servers and files that are there now.

    The model is asked nothing: a server gets the requests that show what it is. The record is verified first.

    Args:
        path: the record, by one of its files or their stem.
        wanted: what to look at, and where.
        environment: holds keys, and what the plan takes from it.
        progress: told how far it is.

    Raises:
        InputError: there is no such record, candidate or plan, or an address is none.
        MismatchError: the record does not verify.
    """
    own = finished_record(path)
    record, then = Record.model_validate_json(own.path.read_bytes()), own.inputs()
    now = plan_now(wanted.plan, record, own.path.parent, environment)
    chosen = _chosen(then.plan, wanted)
    urls = _given_urls(chosen, wanted.urls)
    looking = Looking(record, then, now, urls)
    facts = looking.facts(chosen, environment, progress)
    clauses = [
        *expiry_clauses(record, then, wanted.today),
        *plan_clauses(record, then, now, AnewPlaces(wanted.policy, wanted.waivers, own.path.parent)),
        *looking.clauses,
        *(
            clause
            for name, seen in facts.items()
            for clause in _facts(record, then, seen, looking, elsewhere=name in urls)
        ),
        *host_clauses(record.host, look_at_host(), resting_on(record, "host")),
    ]
    clauses.sort(key=lambda clause: _ORDER.index(clause.status))
    unidentified = [
        name for name, seen in facts.items() if not is_identified(then.facts[name], seen, elsewhere=name in urls)
    ]
    freshness = freshness_of(clauses, unreached=looking.unreached, unidentified=unidentified)
    return RecordStatus(
        record=record.id,
        freshness=freshness,
        reason=_reason(freshness, clauses, looking.unreached, unidentified),
        today=wanted.today,
        plan=str(now.path) if now.path is not None else None,
        clauses=tuple(clauses),
        unreached=tuple(looking.unreached),
        never_seen={name: lacking for name in chosen if (lacking := never_seen(then.facts[name]))},
    )


def _facts(
    record: Record, then: Inputs, seen: CandidateFacts, looking: Looking, *, elsewhere: bool
) -> Iterator[Clause]:
    name = seen.candidate
    unread = looking.unread.get(name, "")
    rests = partial(resting_on, record, candidate=name)
    return fact_clauses(then.facts[name], seen, rests, unread, elsewhere=elsewhere)


def _chosen(plan: Plan, wanted: Wanted) -> tuple[str, ...]:
    """Return the candidates that are decided on and those that are asked for beside them.

    Raises:
        InputError: there is no such candidate (`unknown-candidate`).
    """
    known = [own.id for own in plan.evaluated()]
    for name in wanted.candidates:
        if name not in known:
            message = f"the record has no candidate {name!r}"
            raise InputError(Problem("unknown-candidate", message, f"Use one of: {', '.join(known)}."))
    return tuple(dict.fromkeys((*(own.id for own in plan.decided_on()), *wanted.candidates)))


def _given_urls(chosen: Sequence[str], urls: Sequence[str]) -> dict[str, str]:
    """Return the addresses that stand in for those of the record, by candidate.

    Raises:
        InputError: one is no address, or it is not clear whose it is (`bad-address`).
    """
    given: dict[str, str] = {}
    for text in urls:
        name, _, url = ("", "", text) if is_address(text) else text.partition("=")
        if not name and len(chosen) > 1 and "@" not in url:
            message = f"{url[:200]!r} is ambiguous: looked at are {', '.join(chosen)}"
            remedy = f"Say whose address it is, like {chosen[0]}={url[:200]}."
            raise InputError(Problem("bad-address", message, remedy))
        name = name or chosen[0]
        if name not in chosen or not is_address(url) or "@" in url:
            message = f"{text[:200]!r} is no http or https address of one of the candidates {', '.join(chosen)}"
            remedy = f"Write it like {chosen[0]}=http://127.0.0.1:8000/v1."
            raise InputError(Problem("bad-address", message, remedy))
        given[name] = url.rstrip("/")
    return given


def _reason(
    freshness: Freshness, clauses: Sequence[Clause], unreached: Sequence[str], unidentified: Sequence[str]
) -> str:
    if freshness == "unreachable":
        return f"No answer from {'; '.join(unreached)}."
    named = {status: [_named(own) for own in clauses if own.status == status] for status in _ORDER}
    if freshness == "stale":
        return f"Void: {', '.join(named['void'])}."
    if freshness == "unknown" and named["unknown"]:
        return f"Not seen: {', '.join(named['unknown'])}."
    if freshness == "unknown":
        who = ", ".join(unidentified)
        return f"Nothing tells {who} from another model: give `weights` in the plan, and measure again."
    warned = (
        f"; another than in the record or not shown by the server, which voids nothing: {', '.join(named['warning'])}"
    )
    return f"Each of {len(named['holds'])} clauses holds{warned if named['warning'] else ''}."


def _named(clause: Clause) -> str:
    return clause.name if clause.candidate is None else f"{clause.name} of {clause.candidate}"
