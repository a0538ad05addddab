"""How is a licence shown: every statement side by side, its terms, and what it allows an organization?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.cli.boundary import Exit
from assay.cli.output import write_data
from assay.cli.show import hanging, write_lines
from assay.record.run_folder import to_json
from assay.workflow.licence import read_licence

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from assay.schema.provenance import Allowance, Licence, LicenceStatement

__all__ = ["licence_lines", "show_licence"]

_IDENTIFIED = {"tag": "by its name", "title": "by title and version", "text": "by its whole text"}
_OUTCOMES = {
    "allowed": "ALLOWED",
    "conditional": "ALLOWED while what is owed is done",
    "prohibited": "PROHIBITED",
    "needs_person": "A PERSON MUST DECIDE",
    "unknown": "UNKNOWN",
}
_CODES = {"prohibited": Exit.NO_GO, "needs_person": Exit.HOLD, "unknown": Exit.HOLD}


def show_licence(named: str, organization: Path | None, *, as_json: bool) -> Exit:
    """Show a licence and return the exit code: it judges only where an organization is given."""
    licence = read_licence(named, organization)
    if as_json:
        write_data(to_json(licence))
    else:
        write_lines(licence_lines(licence, asked=organization is not None))
    return _CODES.get(licence.allowance.outcome, Exit.DONE) if organization is not None else Exit.DONE


def licence_lines(licence: Licence, *, asked: bool) -> Iterator[str]:
    """Yield a licence, at most 80 columns wide.

    Args:
        licence: the licence.
        asked: whether a profile of an organization was given.
    """
    yield "statements"
    for statement in licence.statements:
        yield from _statement_lines(statement)
    if not licence.statements:
        yield "  none"
    yield ""
    yield from hanging(f"licence: {licence.identifier or 'none'} ({licence.family})", "", "  ")
    yield f"  commercial use       {licence.commercial}"
    yield f"  own evaluation       {licence.internal_evaluation}"
    yield f"  training on outputs  {licence.outputs_train}"
    yield from hanging(f"source: {licence.source}", "  ", "    ")
    yield from _list("terms", licence.conditions)
    yield ""
    yield from _allowance_lines(licence.allowance, asked=asked)


def _statement_lines(statement: LicenceStatement) -> Iterator[str]:
    yield from hanging(f"{statement.place}: {statement.says}", "  ", "    ")
    known = _IDENTIFIED.get(statement.identified_by)
    yield from hanging(
        f"= {statement.identifier}, {known}" if known is not None else "= not identified", "    ", "    "
    )
    if statement.sha256 is not None:
        yield f"    sha256 {statement.sha256}"
    if statement.residue:
        yield "    beside the nearest known text it says:"
    for sentence in statement.residue:
        yield from hanging(f"> {sentence}", "    ", "      ")


def _allowance_lines(allowance: Allowance, *, asked: bool) -> Iterator[str]:
    whom = "this organization" if asked else "an unknown organization"
    yield f"for {whom}: {_OUTCOMES[allowance.outcome]}"
    yield from _list("because", allowance.reasons)
    yield from _list("owed", allowance.obligations)
    yield from _list("not given in the profile", allowance.missing)


def _list(title: str, entries: tuple[str, ...]) -> Iterator[str]:
    if entries:
        yield title
    for entry in entries:
        yield from hanging(f"- {entry}", "  ", "    ")
