"""How is it shown whether records hold, and which exit code is it worth?"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from assay.cli.boundary import Exit
from assay.cli.show import verification_lines, write_lines
from assay.cli.signed import signed_json, signed_lines
from assay.errors import InputError, Problem
from assay.workflow.signatures import NOTHING, Reviewer
from assay.workflow.verify import records_of, verify_record

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from assay.record.signing.keyless import Identity

__all__ = ["Asked", "reviewer_of", "verify"]


@dataclass(frozen=True)
class Asked:
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


def reviewer_of(asked: Asked) -> Reviewer:
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


def _identities(asked: Asked) -> tuple[Identity, ...]:
    from assay.record.signing.keyless import Identity

    issuers = asked.issuers if len(asked.issuers) != 1 else [*asked.issuers] * max(len(asked.identities), 1)
    # An empty issuer would be none: then anybody's word for the name would do.
    if len(issuers) != len(asked.identities) or not all((*issuers, *asked.identities)):
        remedy = "Say --identity NAME --issuer URL; one --issuer is enough where all have the same."
        raise InputError(Problem("bad-usage", "each identity needs the issuer who vouches for it", remedy))
    return tuple(Identity(name, issuer) for name, issuer in zip(asked.identities, issuers, strict=True))


def verify(paths: Sequence[Path], *, as_json: bool, reviewer: Reviewer = NOTHING) -> Exit:
    """Verify records, show what each came to, and return the exit code of the worst.

    Args:
        paths: records by one of their files or their stem; one that is named several times is verified once.
        as_json: whether the results are printed as JSON, one text behind the other.
        reviewer: the keys that must have signed each of them.

    Raises:
        InputError: one of them is not there; all others are shown before.
    """
    holds = True
    problems: list[Problem] = []
    for path in records_of(paths):
        try:
            verification = verify_record(path, reviewer)
        except InputError as error:
            problems += error.problems
            continue
        if as_json:
            found = [asdict(difference) for difference in verification.differences]
            told = {"verified": not found, "differences": found, **signed_json(verification.signed)}
            sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=1) + "\n")
        else:
            write_lines(verification_lines(verification, str(path)))
            # Of a record that does not hold no signature proves anything.
            if verification.signed is not None and not verification.differences:
                write_lines(signed_lines(verification.signed))
        holds = holds and not verification.differences
    if problems:
        raise InputError(*problems)
    return Exit.DONE if holds else Exit.NO_GO
