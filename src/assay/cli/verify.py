"""How is it shown whether records hold, and which exit code is it worth?"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from assay.cli.boundary import Exit
from assay.cli.show import verification_lines, write_lines
from assay.cli.signed import signed_json, signed_lines
from assay.errors import InputError
from assay.workflow.signatures import NOTHING, Reviewer
from assay.workflow.verify import records_of, verify_record

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from assay.errors import Problem

__all__ = ["reviewer_of", "verify"]


def reviewer_of(keys: Sequence[Path], *, two_person: bool) -> Reviewer:
    """Return what a reviewer brings; a key that is named twice is one.

    Raises:
        InputError: one of the files is not a public Ed25519 key.
    """
    if not keys:
        return Reviewer(two_persons=two_person)
    from assay.record.signing.keys import read_public

    own = {key.keyid: key for key in map(read_public, keys)}
    return Reviewer(tuple(own.values()), two_persons=two_person)


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
