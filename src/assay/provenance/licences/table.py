"""What do the licences that model weights come under allow, and by which names and titles are they known?"""

from __future__ import annotations

import functools
import tomllib
from importlib import resources
from typing import Final, Literal

from pydantic import Field, model_validator

from assay.provenance.licences.words import title_words
from assay.schema._base import Noun
from assay.schema.suite import Organization

__all__ = ["Duty", "Limit", "Place", "Predicate", "Table", "Terms", "folded", "load_table"]

Answer = Literal["yes", "conditional", "no", "silent", "unknown"]
Verified = Literal["primary", "vendor", "partial", "secondary", "tag-only"]
Effect = Literal["grant", "duty", "person"]

_FIELDS: Final = frozenset(Organization.model_fields)
_AUTOMATED: Final = "Decisions with legal effect on people may not be made without a person."
_HEARSAY: Final[dict[Verified, str]] = {
    "secondary": "Only somebody else's reading of this licence is known: a person must read the text.",
    "tag-only": "Only the name of this licence is known: a person must read the text.",
}


class Predicate(Noun):
    """What one field of the profile must be for a term to apply; exactly one comparison is given."""

    field: str
    """Field of the organization."""
    above: int | None = None
    """Applies to a number above this one."""
    at_least: int | None = None
    """Applies to this number and above."""
    equals: bool | None = Field(default=None, alias="is")
    """Applies to this answer."""

    @model_validator(mode="after")
    def _is_sound(self) -> Predicate:
        if self.field not in _FIELDS:
            raise ValueError(f"there is no field {self.field!r}")
        if sum(value is not None for value in (self.above, self.at_least, self.equals)) != 1:
            raise ValueError("exactly one of above, at_least, is")
        return self


class Limit(Noun):
    """A term that applies to some organizations only."""

    says: str
    """The term in our own words, one sentence."""
    all: tuple[Predicate, ...]
    """It applies where all of these do; an empty list applies to everybody."""
    unless: tuple[Predicate, ...] = ()
    """It does not apply where all of these do; an empty list exempts nobody."""
    effect: Effect
    """`grant`: prohibited without a grant of the publisher; `duty`: it is owed; `person`: a person must judge."""


class Place(Noun):
    """A part of the world that the grant does not reach."""

    says: str
    """The term in our own words, one sentence."""
    excluded: tuple[str, ...]
    """Country codes, or names of the table of places."""
    fields: tuple[Literal["headquarters", "deployed_in", "users_in"], ...]
    """Fields of the profile that are held against it."""
    effect: Effect
    """As of a limit."""


class Duty(Noun):
    """What must be done while the model is used."""

    when: Literal["always", "passed-on"]
    """`passed-on` is owed only where weights are given to others."""
    says: str
    """One sentence."""


class Terms(Noun):
    """What one licence allows, in our own words."""

    id: str
    """SPDX identifier, else the tag of the model hubs."""
    name: str
    """Name of the licence."""
    spdx: str | None = None
    """`LicenseRef-…` by which bills of materials call it, where it has no SPDX identifier."""
    tags: tuple[str, ...] = ()
    """Other names that hubs and files use."""
    links: tuple[str, ...] = ()
    """Addresses of the text, without `https://` and `www.`, in lower case."""
    titles: tuple[str, ...] = ()
    """Titles of its text, version included."""
    all: tuple[str, ...] = ()
    """Phrases that the text must have, in lower case without marks."""
    any: tuple[str, ...] = ()
    """Phrases of which the text must have one."""
    none: tuple[str, ...] = ()
    """Phrases that the text must not have."""
    contains: str | None = None
    """Reference text that it must hold whole."""
    most_added: int = 0
    """Most words beside that reference."""
    whole_text: bool = False
    """Whether it is identified only by its whole text, because others are titled like it or made from it."""
    commercial: Answer
    """Whether commercial use is allowed; `yes` only where nothing but notices are owed."""
    internal_evaluation: Answer
    """Whether a company may evaluate the model for itself."""
    outputs_train: Answer
    """Whether outputs may train other models."""
    outputs_says: str | None = None
    """That term in a sentence, where it is `no` or `conditional`."""
    limits: tuple[Limit, ...] = ()
    """Terms that depend on size or business."""
    places: tuple[Place, ...] = ()
    """Terms that depend on the country."""
    forbids: tuple[Literal["military", "automated_decisions"], ...] = ()
    """Uses that the text itself rules out."""
    policy: bool = False
    """Whether a use policy is part of it."""
    hosting_passes_on: bool = False
    """Whether access over a network counts as giving weights to others."""
    duties: tuple[Duty, ...] = ()
    """What is owed."""
    notes: tuple[str, ...] = ()
    """What else a person should know, one sentence each."""
    verified: Verified
    """How well this was read."""
    sources: tuple[str, ...]
    """Where."""

    @property
    def hearsay(self) -> str | None:
        """What to say where nobody read the text itself, else None."""
        return _HEARSAY.get(self.verified)

    @property
    def conditions(self) -> tuple[str, ...]:
        """Every term in a sentence, the strictest kinds first."""
        forbidden = {"military": "Military use is not allowed.", "automated_decisions": _AUTOMATED}
        return (
            *([self.hearsay] if self.hearsay is not None else []),
            *(limit.says for limit in self.limits),
            *(place.says for place in self.places),
            *(forbidden[use] for use in self.forbids),
            *([self.outputs_says] if self.outputs_says is not None else []),
            *(duty.says for duty in self.duties),
            *self.notes,
        )


class Ambiguous(Noun):
    """A name that several licences go by."""

    tag: str
    """The name."""
    may_be: tuple[str, ...]
    """Identifiers of the licences."""


class Table(Noun):
    """All licences that are known."""

    licence: tuple[Terms, ...]
    """The licences."""
    ambiguous: tuple[Ambiguous, ...] = ()
    """Names that name no single licence."""
    place: dict[str, tuple[str, ...]]
    """Country codes of a place by its name."""

    @functools.cached_property
    def by_id(self) -> dict[str, Terms]:
        """Each licence under its identifier."""
        return {terms.id: terms for terms in self.licence}

    @functools.cached_property
    def by_name(self) -> dict[str, tuple[str, ...]]:
        """Identifiers under each name, folded; more than one is ambiguous."""
        names: dict[str, tuple[str, ...]] = {}
        for terms in self.licence:
            for name in (terms.id, *terms.tags, *([terms.spdx] if terms.spdx is not None else [])):
                names[folded(name)] = tuple(dict.fromkeys((*names.get(folded(name), ()), terms.id)))
        return names | {folded(entry.tag): entry.may_be for entry in self.ambiguous}

    @functools.cached_property
    def by_title(self) -> dict[tuple[str, ...], tuple[str, ...]]:
        """Identifiers under the words of each title."""
        titles: dict[tuple[str, ...], tuple[str, ...]] = {}
        for terms in self.licence:
            for title in terms.titles:
                titles[title_words(title)] = (*titles.get(title_words(title), ()), terms.id)
        return titles

    @functools.cached_property
    def by_link(self) -> dict[str, str]:
        """Identifier under each address."""
        return {link: terms.id for terms in self.licence for link in terms.links}


def folded(name: str) -> str:
    """Return one spelling of a tag: lower case, blanks as hyphens."""
    return "-".join(name.casefold().split())


@functools.cache
def load_table() -> Table:
    """Return the table that comes with Assay, read once.

    What was only heard of says `unknown` where its file says `yes` or `silent`: fail closed.
    """
    text = resources.files("assay.provenance.licences").joinpath("licences.toml").read_text("utf-8")
    table = Table.model_validate(tomllib.loads(text))
    return table.model_copy(update={"licence": tuple(map(_careful, table.licence))})


def _careful(terms: Terms) -> Terms:
    if terms.hearsay is None:
        return terms
    answers = {
        "commercial": terms.commercial,
        "internal_evaluation": terms.internal_evaluation,
        "outputs_train": terms.outputs_train,
    }
    return terms.model_copy(
        update={key: "unknown" if value in {"yes", "silent"} else value for key, value in answers.items()}
    )
