"""What does a licence allow one organization: which terms decide, what is owed, and what is not known of it?

Each term comes to one outcome, and the gravest of them all is the answer, so a further term never allows more. A field
that would decide and is not given makes the answer `unknown`, unless the use is prohibited whatever the field says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from assay.provenance.licences.table import load_table
from assay.schema.provenance import Allowance
from assay.schema.suite import Organization

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from assay.provenance.licences.table import Effect, Limit, Place, Predicate, Terms

__all__ = ["allowance_of"]

Outcome = Literal["allowed", "conditional", "needs_person", "unknown", "prohibited"]

_GRAVITY: Final[tuple[Outcome, ...]] = ("allowed", "conditional", "needs_person", "unknown", "prohibited")
_EFFECTS: Final[dict[Effect, Outcome]] = {"grant": "prohibited", "duty": "conditional", "person": "needs_person"}
_ALSO: Final = {"EU": "EU", "UK": "GB"}
"""Codes of the profile that are none of ISO 3166-1, and what they stand for."""


@dataclass(frozen=True)
class Held:
    """One term, held against the profile."""

    outcome: Outcome
    """What it comes to."""
    reason: str
    """Why, one clause; empty where nothing was decided."""
    duty: str | None = None
    """What is owed, one sentence."""
    missing: tuple[str, ...] = ()
    """Fields that would decide."""


def allowance_of(terms: Terms | None, organization: Organization | None, doubts: Sequence[str], why: str) -> Allowance:
    """Hold a licence against the profile of an organization.

    Args:
        terms: the licence, or None when no single one was identified, or its terms are not in the table.
        organization: the profile, or None when nothing is known.
        doubts: sentences on what is not sure about the identification; each is owed.
        why: why there are no terms, a clause.
    """
    if terms is None:
        return Allowance(outcome="needs_person", reasons=(why,))
    profile = organization or Organization()
    held = [*_held(terms, profile), *(Held("conditional", "", doubt) for doubt in doubts)]
    outcome = _GRAVITY[max((_GRAVITY.index(own.outcome) for own in held), default=0)]
    if outcome == "prohibited":
        # That is decided whatever a missing field would say.
        held = [own for own in held if not own.missing]
    missing = tuple(dict.fromkeys(name for own in held for name in own.missing))
    reasons = tuple(dict.fromkeys(own.reason for own in held if own.reason))
    return Allowance(
        outcome=outcome,
        reasons=reasons or (f"{terms.id} asks nothing about who uses it, for what or where",),
        obligations=tuple(dict.fromkeys(own.duty for own in held if own.duty is not None)),
        missing=missing,
    )


def _held(terms: Terms, profile: Organization) -> Iterator[Held]:
    if terms.hearsay is not None:
        yield Held("needs_person", f"the text of {terms.id} was not read by those who wrote the table")
    yield from _purpose(terms, profile)
    for limit in terms.limits:
        yield _limit(limit, profile)
    for place in terms.places:
        yield from (_place(place, field, profile) for field in place.fields)
    yield from _uses(terms, profile)
    yield from _outputs(terms, profile)
    yield from _duties(terms, profile)


def _purpose(terms: Terms, profile: Organization) -> Iterator[Held]:
    """Yield what the purpose of the use comes to."""
    if terms.commercial in {"unknown", "silent"}:
        yield Held("needs_person", f"whether {terms.id} allows commercial use is not known")
    if terms.commercial != "no":
        return
    if profile.commercial_use is None:
        yield _missing("commercial_use", f"{terms.id} allows no commercial use")
    elif profile.commercial_use:
        yield Held("prohibited", f"{terms.id} allows no commercial use, and commercial_use is true")
    elif terms.internal_evaluation == "yes":
        duty = "Use it for research or evaluation only, never in production."
        yield Held("conditional", "commercial_use is false, and evaluation is allowed", duty)
    else:
        reason = f"commercial_use is false, and whether {terms.id} allows this use is for a person to judge"
        yield Held("needs_person", reason)


def _limit(limit: Limit, profile: Organization) -> Held:
    """Hold a limit against the profile; it applies where all its predicates do and its exemption does not."""
    applies = _all(limit.all, profile)
    exempt = _all(limit.unless, profile) if limit.unless else False
    said = _fields_said(limit, profile)
    if applies is False or exempt is True:
        return Held("allowed", f"{said}, within the limit")
    if applies is None or exempt is None:
        undecided = (*(limit.all if applies is None else ()), *(limit.unless if exempt is None else ()))
        fields = dict.fromkeys(predicate.field for predicate in undecided if getattr(profile, predicate.field) is None)
        return Held("unknown", f"{_clause(limit.says)}: {', '.join(fields)} not given", missing=tuple(fields))
    reason = f"{_clause(limit.says)}{f' ({said})' if said else ''}"
    return Held(_EFFECTS[limit.effect], reason, limit.says if limit.effect == "duty" else None)


def _all(predicates: Sequence[Predicate], profile: Organization) -> bool | None:
    """Tell whether all predicates hold: no where one does not, unknown where one is and none does not."""
    values = [_applies(predicate, profile) for predicate in predicates]
    if False in values:
        return False
    return None if None in values else True


def _applies(predicate: Predicate, profile: Organization) -> bool | None:
    """Tell whether a predicate holds, or None when the field is not given."""
    value = getattr(profile, predicate.field)
    if value is None:
        return None
    if predicate.equals is not None:
        return bool(value == predicate.equals)
    return bool(value > predicate.above) if predicate.above is not None else bool(value >= (predicate.at_least or 0))


def _fields_said(limit: Limit, profile: Organization) -> str:
    fields = dict.fromkeys(predicate.field for predicate in (*limit.all, *limit.unless))
    given = {field: getattr(profile, field) for field in fields}
    return ", ".join(f"{field} is {_said(value)}" for field, value in given.items() if value is not None)


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _place(place: Place, field: str, profile: Organization) -> Held:
    given = getattr(profile, field)
    if not given:
        return _missing(field, _clause(place.says))
    named = (given,) if isinstance(given, str) else tuple(given)
    known = load_table().place
    outside = {code for name in place.excluded for code in (name, *known.get(name, ()))}
    hit = [code for code in named if _ALSO.get(code, code) in outside or outside & set(known.get(code, ()))]
    if not hit:
        return Held("allowed", f"{field} is {', '.join(named)}")
    return Held(_EFFECTS[place.effect], f"{_clause(place.says)} ({field} has {', '.join(hit)})")


def _uses(terms: Terms, profile: Organization) -> Iterator[Held]:
    """Yield what military use and automated decisions come to: ruled out by the text, or by a policy perhaps."""
    uses = (("military", profile.military), ("automated_decisions", profile.automated_decisions))
    for field, value in uses:
        ruled_out = field in terms.forbids
        if not ruled_out and not terms.policy:
            continue
        words = f"{terms.id} rules {field} out" if ruled_out else f"the use policy of {terms.id} may rule {field} out"
        if value is None:
            yield _missing(field, words)
        elif value:
            yield Held("prohibited" if ruled_out else "needs_person", f"{words}, and it is true")


def _outputs(terms: Terms, profile: Organization) -> Iterator[Held]:
    """Yield what training on outputs comes to."""
    if terms.outputs_train in {"yes", "silent"} or profile.trains_on_outputs is False:
        return
    if profile.trains_on_outputs is None:
        yield _missing("trains_on_outputs", f"whether outputs may train other models: {terms.outputs_train}")
    elif terms.outputs_train == "no":
        yield Held("prohibited", "outputs may not train other models, and trains_on_outputs is true")
    elif terms.outputs_train == "conditional":
        yield Held("conditional", "trains_on_outputs is true", terms.outputs_says)
    else:
        yield Held("needs_person", "trains_on_outputs is true, and whether outputs may is not known")


def _duties(terms: Terms, profile: Organization) -> Iterator[Held]:
    """Yield what is owed; a duty of passing on is owed unless the profile says that nothing is passed on."""
    passes_on = [profile.distributes_weights, *([profile.hosts_for_others] if terms.hosting_passes_on else [])]
    for duty in terms.duties:
        if duty.when == "always" or passes_on != [False] * len(passes_on):
            lead = "" if duty.when == "always" else "Where weights are given to others: "
            yield Held("conditional", "", f"{lead}{duty.says[0].lower() if lead else duty.says[0]}{duty.says[1:]}")


def _missing(field: str, words: str) -> Held:
    return Held("unknown", f"{words}: {field} is not given", missing=(field,))


def _clause(sentence: str) -> str:
    return sentence.rstrip(".")
