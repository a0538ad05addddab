"""Which keys and identities does a reviewer bring to the signatures of records?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from assay.errors import InputError, Problem
from assay.workflow.signatures import Reviewer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from assay.record.signing.keyless import Identity

__all__ = ["Signers", "reviewer_of"]


@dataclass(frozen=True)
class Signers:
    """What the command line asks of signatures."""

    keys: Sequence[Path] = ()
    """Public keys."""
    identities: Sequence[str] = ()
    """Identities that sign without a key."""
    issuers: Sequence[str] = ()
    """Who vouches for each of them, or one for all."""
    trust: Path | None = None
    """What Sigstore's answers are held against, or None for its public services."""
    two_person: bool = False
    """Whether two persons must have signed."""


def reviewer_of(asked: Signers) -> Reviewer:
    """Return what a reviewer brings; a key that is named twice is one.

    Raises:
        InputError: a file is not a public Ed25519 key, an identity lacks its issuer, or its checks are not installed.
    """
    reviewer = Reviewer(two_persons=asked.two_person)
    if asked.keys:
        from assay.record.signing.keys import read_public

        own = {key.keyid: key for key in map(read_public, asked.keys)}
        reviewer = replace(reviewer, keys=tuple(own.values()))
    if asked.identities or asked.issuers:
        from assay.record.signing.keyless import vouching

        identities = _identities(asked)
        reviewer = replace(reviewer, identities=identities, vouch=vouching(identities, asked.trust))
    return reviewer


def _identities(asked: Signers) -> tuple[Identity, ...]:
    from assay.record.signing.keyless import Identity

    issuers = asked.issuers if len(asked.issuers) != 1 else [*asked.issuers] * max(len(asked.identities), 1)
    # An empty issuer would be none: then anybody's word for the name would do.
    if len(issuers) != len(asked.identities) or not all((*issuers, *asked.identities)):
        remedy = "Say --identity NAME --issuer URL; one --issuer is enough where all have the same."
        raise InputError(Problem("bad-usage", "each identity needs the issuer who vouches for it", remedy))
    return tuple(Identity(name, issuer) for name, issuer in zip(asked.identities, issuers, strict=True))
