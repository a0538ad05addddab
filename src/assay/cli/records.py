"""Which verbs hold a record against its evidence, and print its pages?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assay.cli.command import AsJson, app, verb

__all__ = ["render", "verify"]


@app.command(epilog="Example: assay verify records/0001-policy-qa.md --key ann.pub")
@verb
def verify(
    records: Annotated[
        list[Path], typer.Argument(metavar="RECORD", help="Records: each .md, .json, .evidence.zip or their stem.")
    ],
    numbers: Annotated[bool, typer.Option("--numbers", help="List each number of the page with its evidence.")] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="End with 1 unless each is accepted, not replaced, and not expired.")
    ] = False,
    key: Annotated[
        list[Path] | None, typer.Option(metavar="PUB.pem", help="A public key that must have signed; may be repeated.")
    ] = None,
    two_person: Annotated[
        bool, typer.Option("--two-person", help="Fail unless two persons signed evidence and decision.")
    ] = False,
    identity: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="An identity that must have signed without a key.")
    ] = None,
    issuer: Annotated[list[str] | None, typer.Option(metavar="URL", help="Who vouches for the identity.")] = None,
    trust_config: Annotated[
        Path | None, typer.Option("--trust-config", help="Trust of a Sigstore of your own, a JSON file.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Derive records again from their evidence and compare."""
    from assay.cli.reviewing import Signers, reviewer_of
    from assay.cli.verify import Asked
    from assay.cli.verify import verify as compare

    reviewer = reviewer_of(Signers(key or (), identity or (), issuer or (), trust_config, two_person))
    return compare(records, Asked(numbers=numbers, fresh=fresh, reviewer=reviewer), as_json=as_json)


@app.command(epilog="Example: assay render records/0001-policy-qa --template one-page --out summary.md")
@verb
def render(
    record: Annotated[Path, typer.Argument(help="The record: one of its files or their stem.")],
    template: Annotated[
        str | None, typer.Option(metavar="NAME|PATH", help="one-page, madr, en, vi, or a file; by default its own.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="File to write; by default stdout.")] = None,
) -> int:
    """Print a page of a record, made anew from its JSON.

    A page that shows a number without evidence is not printed.
    """
    from assay.cli.pages import render as print_page

    return print_page(record, template, out)
