"""How is it shown whether records hold, and which exit code is it worth?"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from assay.cli.boundary import Exit
from assay.cli.numbers import number_lines, numbers_json
from assay.cli.output import write_data
from assay.cli.show import inert, verification_lines, write_lines
from assay.cli.signed import signed_json, signed_lines
from assay.errors import InputError
from assay.record.freshness import freshness_of
from assay.workflow.neighbours import freshness_among, neighbours_in
from assay.workflow.signatures import NOTHING, Reviewer
from assay.workflow.verify import has_own_template, records_of, verify_record

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date
    from pathlib import Path

    from assay.errors import Problem
    from assay.record.freshness import Freshness
    from assay.record.verify import Verification
    from assay.schema.record import Record
    from assay.workflow.neighbours import Neighbours

__all__ = ["Asked", "verify"]


@dataclass(frozen=True)
class Asked:
    """What the command line asks of each record beside that it verifies."""

    numbers: bool = False
    """Whether each number of the page is listed too."""
    fresh: bool = False
    """Whether each must be one to rely on today as well: accepted, not replaced, not expired, by its own word and that
    of the records and the index beside it."""
    reviewer: Reviewer = NOTHING
    """The keys and identities that must have signed each of them."""


def verify(paths: Sequence[Path], asked: Asked, *, as_json: bool) -> Exit:
    """Verify records, show what each came to, and return the exit code of the worst.

    Args:
        paths: records by one of their files or their stem; one that is named several times is verified once.
        asked: what is wanted beside.
        as_json: whether the results are printed as JSON, one text behind the other.

    Raises:
        InputError: one of them is not there; all others are shown before.
    """
    today = datetime.now(UTC).date()  # noqa: TID251 - the roof is where the clock comes in
    around = cache(neighbours_in)
    holds = True
    problems: list[Problem] = []
    for path in records_of(paths):
        try:
            verification = verify_record(path, asked.reviewer)
        except InputError as error:
            problems += error.problems
            continue
        record = verification.record if not verification.differences else None
        standing = _standing(record, today, around(path.parent) if asked.fresh else None)
        if as_json:
            said = _json_of(verification, asked, standing)
            write_data(json.dumps(said, ensure_ascii=False, indent=1) + "\n")
        else:
            write_lines(_lines_of(verification, str(path), asked, standing))
        holds = holds and standing is not None and (standing.fresh or not asked.fresh)
    if problems:
        raise InputError(*problems)
    return Exit.DONE if holds else Exit.NO_GO


def _standing(record: Record | None, today: date, beside: Neighbours | None) -> Freshness | None:
    """Return where a record stands that holds, among its neighbours where that is asked."""
    if record is None:
        return None
    return freshness_of(record, today) if beside is None else freshness_among(record, today, beside)


def _json_of(verification: Verification, asked: Asked, standing: Freshness | None) -> dict[str, object]:
    found = [asdict(difference) for difference in verification.differences]
    said: dict[str, object] = {"verified": not found, "differences": found, **signed_json(verification.signed)}
    record = verification.record
    if record is not None and not found:
        # What a terminal tells a person a program must not miss: how much of "verified" is taken on trust.
        said |= {
            "format": record.schema_name,
            "own_template": has_own_template(record),
            "withheld": record.withheld.model_dump(mode="json"),
        }
    if asked.numbers:
        said["numbers"] = numbers_json(verification)
    if asked.fresh:
        said["freshness"] = asdict(standing) if standing is not None else None
    return said


def _lines_of(verification: Verification, name: str, asked: Asked, standing: Freshness | None) -> Iterator[str]:
    yield from verification_lines(verification, name, own_template=has_own_template(verification.record))
    # Of a record that does not hold no signature proves anything.
    if verification.signed is not None and not verification.differences:
        yield from signed_lines(verification.signed)
    if asked.numbers:
        yield from number_lines(verification)
    record = verification.record
    # Of what nobody has decided on there is nothing to say, unless it is asked.
    if record is not None and standing is not None and (asked.fresh or record.status != "proposed"):
        yield f"  standing:  {inert(standing.told)}"
