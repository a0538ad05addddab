"""How is it shown whether records hold, and which exit code is it worth?"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from assay.cli.boundary import Exit
from assay.cli.numbers import number_lines, numbers_json
from assay.cli.show import verification_lines, write_lines
from assay.errors import InputError
from assay.workflow.verify import has_own_template, records_of, verify_record

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from assay.errors import Problem

__all__ = ["verify"]


def verify(paths: Sequence[Path], *, numbers: bool, as_json: bool) -> Exit:
    """Verify records, show what each came to, and return the exit code of the worst.

    Args:
        paths: records by one of their files or their stem; one that is named several times is verified once.
        numbers: whether each number of the page is listed too.
        as_json: whether the results are printed as JSON, one text behind the other.

    Raises:
        InputError: one of them is not there; all others are shown before.
    """
    holds = True
    problems: list[Problem] = []
    for path in records_of(paths):
        try:
            verification = verify_record(path)
        except InputError as error:
            problems += error.problems
            continue
        if as_json:
            found = [asdict(difference) for difference in verification.differences]
            listed = {"numbers": numbers_json(verification)} if numbers else {}
            said = {"verified": not found, "differences": found, **listed}
            sys.stdout.write(json.dumps(said, ensure_ascii=False, indent=1) + "\n")
        else:
            write_lines(verification_lines(verification, str(path), own_template=has_own_template(verification.record)))
            write_lines(number_lines(verification) if numbers else iter(()))
        holds = holds and not verification.differences
    if problems:
        raise InputError(*problems)
    return Exit.DONE if holds else Exit.NO_GO
