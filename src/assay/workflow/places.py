"""Do two values of one fact come from kinds of places that can be held against each other?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from assay.schema.provenance import Fact, FactName

    Place = Literal["server", "file", "assay", "plan"]

__all__ = ["comparable", "is_of_file", "only_from_file", "place_of", "without_remedy"]

_PLACES: Final[tuple[tuple[re.Pattern[str], Place], ...]] = (
    (re.compile(r"[A-Z]+ /|.* runs its models itself"), "server"),
    (re.compile(r"package that serves it|the request bodies"), "assay"),
    (re.compile(r"only said to be"), "plan"),
)
"""How the source of a fact begins, by kind of place; any other is a weights file or what lies beside it."""

_THE_SAME_ANYWHERE: Final[frozenset[FactName]] = frozenset(
    ("weights_sha256", "quantization", "parameters", "context_trained")
)
"""Facts of the weights that a server which observed them counts as the file does. Sizes, names and architectures are
spelled differently by each; a chat template and sampling defaults in the file are not those in force."""

_REMEDY: Final = re.compile(r"(; |: )give `weights` in the plan(, or see the model card)?")


def place_of(fact: Fact) -> Place:
    """Return the kind of place that a fact with a value was seen at; what others said beside it does not count."""
    return _place(fact.source)


def _place(source: str) -> Place:
    return next((place for begins, place in _PLACES if begins.match(source)), "file")


def only_from_file(fact: Fact) -> bool:
    """Say whether a value stands in the weights file or beside it, and no server said anything of it."""
    first, *others = fact.source.split("; ")
    said = (_place(part.removeprefix("but ")) for part in others)
    return fact.value is not None and is_of_file(first) and "server" not in said


def is_of_file(source: str) -> bool:
    """Say whether a place is a weights file or what lies beside it."""
    return _place(source) == "file" and not source.startswith("plan ")


def comparable(then: Fact, now: Fact) -> bool:
    """Return whether two values of one fact speak of the same thing, so that a difference is one of the candidate.

    They do where they come from one kind of place. From different kinds they do where both were observed and the fact
    is counted alike everywhere, or where both say the same; what only the plan says is no observation of now.
    """
    if place_of(then) == place_of(now):
        return True
    if place_of(now) == "plan":
        return False
    observed = then.grade == now.grade == "observed"
    return then.value == now.value or (observed and then.name in _THE_SAME_ANYWHERE)


def without_remedy(source: str) -> str:
    """Return why a fact is unknown without the advice to name weights in the plan, which would be another plan."""
    return _REMEDY.sub("", source)
