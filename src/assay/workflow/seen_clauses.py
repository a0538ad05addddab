"""Is a candidate still what the record observed, fact by fact, and is its licence?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.provenance import IDENTITY, IN_FORCE
from assay.schema.provenance import TRAPS
from assay.workflow.clauses import Clause, judged
from assay.workflow.places import comparable, is_of_file, only_from_file, place_of, without_remedy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from assay.schema.provenance import CandidateFacts, Fact, FactName, Host, Licence

    Rests = Callable[[str], tuple[str, ...]]

__all__ = ["PASSING", "TELLING", "fact_clauses", "host_clauses", "is_identified", "never_seen"]

PASSING: Final[frozenset[FactName]] = frozenset(
    (
        *("memory_bytes", "accelerator_memory_bytes", "kv_cache_tokens", "kv_cache_use"),
        *("requests_running", "requests_waiting"),
        *TRAPS,
    )
)
"""Facts that are not compared: they change from minute to minute, or only many questions to the model show them."""

TELLING: Final[tuple[FactName, ...]] = (
    *("runtime_version", "weights_sha256", "quantization", "context_in_force", "chat_template_sha256"),
)
"""Facts that a record should have: where it has not, their change cannot be noticed."""
_MEMORY_SLACK: Final = 16
"""A host counts as another where its memory differs by more than a sixteenth: kernels keep some for themselves."""


_LICENCE: Final = "licence: "
_TERMS: Final = "licence_terms"
_FILE_ONLY: Final = "it is that of the file here, which the server at --url may not have loaded"


def fact_clauses(
    then: CandidateFacts, now: CandidateFacts, rests: Rests, unread: str = "", *, elsewhere: bool = False
) -> Iterator[Clause]:
    """Yield a clause for each fact that the record has and that lasts, and those of the licence.

    Values from different kinds of places are not held against each other: such a fact is not seen.

    Args:
        then: what the record says.
        now: what is seen.
        rests: what rests on a clause.
        unread: why no weights file was read now, with what to do; empty where one was.
        elsewhere: whether the server is another than the record's, so that a file here says nothing of it: what only
            the file shows is a warning.
    """
    for fact in then.facts:
        if fact.value is None or fact.name in PASSING:
            continue
        seen = now.fact(fact.name)
        hidden = seen.value is None or _is_default_only(fact, seen)
        clause = judged(
            fact.name,
            str(fact.value),
            None if hidden or not comparable(fact, seen) else str(seen.value),
            candidate=then.candidate,
            unseen=_unseen(fact, seen, unread),
            rests=rests(fact.name),
        )
        against = _against(fact, seen) if clause.status == "holds" else None
        if against is not None:
            why = "what is seen of it now contradicts itself, which it did not then: see what the server has loaded"
            clause = clause.model_copy(update={"now": f"{seen.value}, {against}", "status": "void", "why": why})
        yield _of_file(clause) if elsewhere and only_from_file(seen) else clause
    of_files = any(is_of_file(own.place) for own in now.licence.statements)
    for clause in _licence_clauses(then, now, rests, unread):
        of_file = of_files if clause.name == _TERMS else is_of_file(clause.name.removeprefix(_LICENCE))
        yield _of_file(clause) if elsewhere and of_file else clause


def _of_file(clause: Clause) -> Clause:
    """Return a clause on what a file here shows: that it is the same proves nothing of a server elsewhere.

    That it is another voids the clause all the same, for the plan names this very file.
    """
    if clause.status != "holds":
        return clause
    return clause.model_copy(update={"status": "warning", "why": _FILE_ONLY})


def _is_default_only(then: Fact, now: Fact) -> bool:
    """Say whether of a fact that the server showed then only the default in the weights file is seen now."""
    first = then.source.split("; ")[0]
    return then.name in IN_FORCE and now.value == then.value and first not in now.source.split("; ")


def _against(then: Fact, now: Fact) -> str | None:
    """Return what speaks against a value now and did not then, or None."""
    known = then.source.split("; ")
    return next((part for part in now.source.split("; ") if part.startswith("but ") and part not in known), None)


def _unseen(then: Fact, now: Fact, unread: str) -> str:
    """Return why the place that a fact was seen at does not show it now."""
    if unread and now.value is None and place_of(then) == "file":
        return unread
    had = f"the record has it from {then.source.split('; ')[0]}"
    if now.value is None:
        return f"{had}; now: {without_remedy(now.source)}"
    return f"{had}; {now.source.split('; ')[0]} is another kind of place, and says {now.value}"


def _licence_clauses(then: CandidateFacts, now: CandidateFacts, rests: Rests, unread: str) -> Iterator[Clause]:
    """Yield whether every place states the same, text by text, and whether that means the same."""
    stated, states = _statements(then.licence), _statements(now.licence)
    for place in dict.fromkeys((*stated, *states)):
        recorded, seen = stated.get(place), states.get(place)
        yield judged(
            f"{_LICENCE}{place}",
            "; ".join(recorded) if recorded else None,
            "; ".join(seen) if seen else None,
            candidate=then.candidate,
            unseen=unread or "this place states no licence any more",
            rests=rests("licence_statements"),
        )
    if not stated and not states:
        return
    yield judged(
        _TERMS,
        _terms(then.licence),
        # Without a statement there are no terms to read, rather than others.
        _terms(now.licence) if states else None,
        candidate=then.candidate,
        unseen=unread or "no place states a licence now",
        rests=rests(_TERMS),
    )


def _statements(licence: Licence) -> dict[str, list[str]]:
    """Return what each place says: a text by its digest, a tag as it stands."""
    found: dict[str, list[str]] = {}
    for own in licence.statements:
        text = f"{own.says} (SHA-256 {own.sha256})" if own.sha256 is not None else own.says
        found.setdefault(own.place, []).append(text)
    return found


def _terms(licence: Licence) -> str:
    parts = (
        ("commercial", licence.commercial),
        ("evaluation", licence.internal_evaluation),
        ("outputs", licence.outputs_train),
        ("this organization", licence.allowance.outcome),
    )
    return f"{licence.identifier}: " + ", ".join(f"{name} {value}" for name, value in parts)


def is_identified(then: CandidateFacts, now: CandidateFacts, *, elsewhere: bool = False) -> bool:
    """Return whether anything that tells a candidate from another one was observed then and now, and is the same.

    Args:
        then: what the record says.
        now: what is seen.
        elsewhere: whether the server is another than the record's, so that a file here tells nothing of it.
    """
    return any(
        then.fact(name).grade == now.fact(name).grade == "observed" and then.fact(name).value == now.fact(name).value
        for name in IDENTITY
        if not (elsewhere and only_from_file(now.fact(name)))
    )


def never_seen(then: CandidateFacts) -> tuple[FactName, ...]:
    """Return what the record itself does not know of a candidate, so that its change would go unnoticed."""
    return tuple(name for name in TELLING if then.fact(name).value is None)


def host_clauses(then: Host, now: Host, rests: tuple[str, ...]) -> Iterator[Clause]:
    """Yield a clause on the class of the machine; another one is a warning, for a rollout may be checked elsewhere."""
    alike = (then.machine, then.processor, then.accelerators) == (now.machine, now.processor, now.accelerators)
    close = abs(then.memory_bytes - now.memory_bytes) * _MEMORY_SLACK <= then.memory_bytes
    same = alike and close and then.cores == now.cores
    yield Clause(
        name="host",
        recorded=_host(then),
        now=_host(now),
        status="holds" if same else "warning",
        why=None if same else "it is another machine: figures of load and memory are those of the other",
        rests=() if same else rests,
    )


def _host(host: Host) -> str:
    fast = ", ".join(host.accelerators) if host.accelerators else "no accelerator seen"
    return f"{host.machine}, {host.processor}, {host.cores} cores, {host.memory_bytes / (1 << 30):.3g} GiB, {fast}"
