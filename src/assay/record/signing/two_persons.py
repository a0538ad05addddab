"""Is whoever decided somebody else than whoever alone vouches for the evidence?

The rule is about keys and identities that were checked; names are claims. Nobody can tell here whether two keys are in
one hand, but who signs with two keys under one name says so, and is one person.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal
from unicodedata import category, normalize

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assay.record.signing.check import Signature
    from assay.schema.record import Record

__all__ = ["TwoPersons", "two_persons"]

_UNSEEN: Final = frozenset({"Cc", "Cf", "Co", "Cn"})
"""Unicode categories of what has no width."""
_UNSEEN_MARKS: Final = frozenset(map(chr, (0x34F, *range(0xFE00, 0xFE10))))
"""Of the marks, which mostly are seen: the grapheme joiner, and what selects another form of a letter."""


@dataclass(frozen=True)
class TwoPersons:
    """What the two-person rule came to."""

    status: Literal["met", "not_met", "unknown"]
    """`unknown` where what was checked does not show it: that is no pass."""
    reason: str
    """Why, in a sentence without its full stop."""


def two_persons(record: Record, signatures: Sequence[Signature]) -> TwoPersons:
    """Say whether the last decision on a record and its evidence are signed by two persons.

    Args:
        record: the record.
        signatures: all of them; those that were not checked count for nothing.
    """
    checked = [own for own in signatures if own.known_as is not None]
    last = record.standing.decisions[-1] if record.standing.decisions else None
    if last is None:
        return TwoPersons("unknown", "nobody has decided on the record")
    deciding = [own for own in checked if own.claim.decision == last]
    if not deciding:
        return TwoPersons("unknown", f"no signature that was checked is on the last decision, by {last.by}")
    evidence = [own for own in checked if own.claim.role == "evidence"]
    if not evidence:
        return TwoPersons("unknown", "no signature that was checked is on the evidence")
    for decider in deciding:
        others = [own for own in evidence if _another(own, decider)]
        if others:
            return TwoPersons("met", f"{decider.claim.by} decided, {others[0].claim.by} signed the evidence")
    one_key = any(own.signer == decider.signer for own in evidence for decider in deciding)
    what = (
        "the key that signed the decision is the only one" if one_key else "whoever decided is, by name, the only one"
    )
    return TwoPersons("not_met", f"{what} that signed the evidence")


def _another(one: Signature, other: Signature) -> bool:
    return one.signer != other.signer and _name(one) != _name(other)


def _name(own: Signature) -> str:
    """Return a name as people tell names apart: no matter its spaces, its case, or characters that nobody sees."""
    characters = (one for one in normalize("NFKC", own.claim.by) if category(one) not in _UNSEEN)
    shown = "".join(character for character in characters if character not in _UNSEEN_MARKS)
    return " ".join(shown.split()).casefold()
