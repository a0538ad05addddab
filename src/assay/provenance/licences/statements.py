"""What do all statements about the licence of some weights come to, side by side?

They agree when those that could be identified name one licence and none beside them could mean another. A text that
nobody could identify is another, whatever tag stands beside it. A model cannot be freer than what it was made from:
where the licence of a base model is stricter in any term, they do not agree.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from assay.provenance.licences.allowance import allowance_of
from assay.provenance.licences.classify import is_text, read_tag, read_text
from assay.provenance.licences.table import load_table
from assay.schema.provenance import Licence, LicenceStatement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assay.provenance.licences.classify import Reading
    from assay.provenance.licences.table import Terms
    from assay.schema.suite import Organization

__all__ = ["is_known", "licence_identifier", "licence_of"]

_LONGEST_LINE: Final = 100
_LONGEST_READ: Final = 4096
_ONLY_PLANNED: Final = "Only the plan states this licence: read the licence that came with the weights."
_ONLY_TITLED: Final = (
    "A text was known by its title and version and not compared word by word: look for what was added to it."
)
_STRICTNESS: Final = ("yes", "silent", "conditional", "unknown", "no")


@dataclass(frozen=True)
class Stated:
    """One statement and what it was read as."""

    place: str
    """Where it stands."""
    value: str
    """The tag or the whole text."""
    reading: Reading
    """What it was read as."""

    @property
    def of_base(self) -> bool:
        """Whether it is about a model that this one was made from."""
        return self.place.casefold().startswith("base model")

    @property
    def name(self) -> str:
        """What it names: the licence, else the tag, else how the text begins."""
        if self.reading.identifier is not None:
            return self.reading.identifier
        line = first_line(self.value)
        return f"text that begins: {line}" if is_text(self.value) else line

    @property
    def same_as(self) -> str:
        """What two statements have in common that say the same, identified or not."""
        return self.name if not is_text(self.value) or self.reading.identifier else _digest(self.value)


@dataclass(frozen=True)
class Joined:
    """What all statements come to."""

    identifier: str | None
    """The licence, or the names that stand beside one another; None without a statement."""
    agreed: bool | None
    """Whether they say the same."""
    why: str = ""
    """Why no single licence follows, a clause; empty when one does."""


def licence_of(statements: Sequence[tuple[str, str]], organization: Organization | None) -> Licence:
    """Lay all statements side by side, find the licence that they name, its terms, and what it allows.

    Args:
        statements: pairs of a place and what stands there, a tag or a whole text, for example
            `("GGUF general.license", "apache-2.0")`. A place that begins with `plan` is the plan's own word, one
            that begins with `base model` speaks of what the model was made from.
        organization: whom it is held against, or None when nothing is known: no field that decides is assumed.
    """
    stated = _read(statements)
    joined = _joined(stated)
    terms = load_table().by_id.get(joined.identifier or "") if not joined.why else None
    told = tuple(map(_statement, stated))
    if terms is None:
        why = joined.why or f"{joined.identifier} is not in the table of licences: a person must read the licence text"
        return Licence(
            identifier=joined.identifier,
            family="unidentified",
            commercial="unknown",
            internal_evaluation="unknown",
            outputs_train="unknown",
            conditions=(),
            statements=told,
            agreed=joined.agreed,
            source=why,
            allowance=allowance_of(None, organization, (), why),
        )
    titled = any(own.reading.by == "title" for own in stated)
    doubts = _doubts(stated, titled=titled)
    return Licence(
        identifier=terms.id,
        family=terms.name,
        # What was added to a text that only its title told cannot be known.
        commercial="conditional" if titled and terms.commercial == "yes" else terms.commercial,
        internal_evaluation=terms.internal_evaluation,
        outputs_train=terms.outputs_train,
        conditions=(*doubts, *terms.conditions),
        statements=told,
        agreed=joined.agreed,
        source=f"table of licences ({terms.verified}), from: {'; '.join(terms.sources)}",
        allowance=allowance_of(terms, organization, doubts, ""),
    )


def licence_identifier(stated: str) -> str:
    """Return one spelling of a stated licence: SPDX where it is one, else the hub's tag, else what is stated."""
    return Stated("", stated, read_text(stated) if is_text(stated) else read_tag(stated)).name


def is_known(tag: str) -> bool:
    """Tell whether a tag is a name that the table or SPDX knows, be it a name of several licences or of none."""
    reading = read_tag(tag)
    return reading.identifier is not None or bool(reading.possible) or (reading.silent and "/" not in tag)


def first_line(text: str) -> str:
    """Return the first line of a statement, short and printable: some places state the whole licence text."""
    lines = [line.strip() for line in text[:_LONGEST_READ].splitlines() if line.strip()]
    line = "".join(letter for letter in (lines[0] if lines else "") if letter.isprintable())
    return line if len(line) <= _LONGEST_LINE else line[: _LONGEST_LINE - 1] + "…"


def _read(statements: Sequence[tuple[str, str]]) -> list[Stated]:
    """Read each statement; a first line alone is read as the text that begins with it, where that is there too."""
    texts = {first_line(value): read_text(value) for _, value in statements if is_text(value)}
    read = []
    for place, value in statements:
        reading = read_text(value) if is_text(value) else read_tag(value)
        whole = texts.get(first_line(value))
        if reading.by == "nothing" and not is_text(value) and whole is not None and whole.identifier is not None:
            reading = whole
        read.append(Stated(place, value, reading))
    return read


def _joined(stated: Sequence[Stated]) -> Joined:
    """Return the one licence that all statements allow, or why there is none."""
    own = [one for one in stated if not one.of_base]
    speaking = [one for one in own if not one.reading.silent] or own
    if not stated:
        return Joined(None, None, "no statement of a licence was found")
    if not own:
        names = " / ".join(dict.fromkeys(one.name for one in stated))
        return Joined(names, len({one.same_as for one in stated}) == 1, "only a base model states a licence")
    joined = " / ".join(dict.fromkeys(one.name for one in speaking))
    named = list(dict.fromkeys(one.reading.identifier for one in speaking if one.reading.identifier is not None))
    if not named:
        same = len({one.same_as for one in speaking}) == 1 or all(one.reading.silent for one in speaking)
        why = "; ".join(dict.fromkeys(f"{one.place}: {one.reading.why}" for one in speaking))
        return Joined(joined, same, f"no licence was identified ({why}): a person must read the licence text")
    at_odds = [one for one in speaking if not _may_be(one, named[0])]
    at_odds += [one for one in stated if one.of_base and not _may_be_made_from(named[0], one)]
    if at_odds:
        joined = " / ".join(dict.fromkeys([named[0], *(one.name for one in at_odds)]))
        first = next(one for one in speaking if one.reading.identifier == named[0])
        told = "; ".join(f"{one.place}: {one.name}" for one in (first, *at_odds))
        return Joined(joined, agreed=False, why=f"the statements disagree ({told}): a person must read the licence")
    return Joined(named[0], agreed=True)


def _may_be(one: Stated, identifier: str) -> bool:
    """Tell whether a statement names a licence, or goes by a name that may stand for it."""
    if one.reading.identifier is not None:
        return one.reading.identifier == identifier
    return one.reading.silent or identifier in one.reading.possible


def _may_be_made_from(identifier: str, base: Stated) -> bool:
    """Tell whether a model under one licence may be made from one under the base's: it must not be stricter."""
    if base.reading.identifier == identifier:
        return True
    table = load_table().by_id
    own, other = table.get(identifier), table.get(base.reading.identifier or "")
    return own is not None and other is not None and not _stricter(other, own)


def _stricter(base: Terms, own: Terms) -> bool:
    """Tell whether a licence is stricter in any term than another, or has a term that the other does not."""
    answers = (
        (base.commercial, own.commercial),
        (base.internal_evaluation, own.internal_evaluation),
        (base.outputs_train, own.outputs_train),
    )
    if any(_STRICTNESS.index(one) > _STRICTNESS.index(other) for one, other in answers):
        return True
    return bool(base.limits or base.places or base.forbids or base.policy)


def _doubts(stated: Sequence[Stated], *, titled: bool) -> tuple[str, ...]:
    """Return what is not sure about an identification, one sentence each."""
    planned = all(one.place.startswith("plan ") for one in stated if not one.of_base and one.reading.identifier)
    unread = [one for one in stated if one.reading.silent and "/" in one.value]
    return (
        *([_ONLY_PLANNED] if planned else []),
        *([_ONLY_TITLED] if titled else []),
        *(f"Read {first_line(one.value)}: {one.place} points there, and it was not read." for one in unread),
    )


def _statement(one: Stated) -> LicenceStatement:
    return LicenceStatement(
        place=one.place,
        says=first_line(one.value),
        identifier=one.reading.identifier,
        identified_by=one.reading.by,
        sha256=_digest(one.value) if is_text(one.value) else None,
        residue=one.reading.residue if is_text(one.value) else (),
    )


def _digest(text: str) -> str:
    # A text may hold half of a surrogate pair where it was read leniently.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
