"""Which verb puts a person's name to a record?"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from assay.cli.boundary import Exit
from assay.cli.command import AsJson, app, verb
from assay.cli.output import write_data
from assay.cli.show import inert
from assay.errors import InputError, Problem
from assay.record.signing.keys import PASSPHRASE

if TYPE_CHECKING:
    from assay.record.signing.statement import Role
    from assay.workflow.sign import SignedRecord

__all__ = ["sign"]


@app.command(epilog="Example: assay sign records/0001-policy-qa.md --key ann.pem --by 'Ann Example'")
@verb
def sign(
    record: Annotated[
        Path | None, typer.Argument(metavar="RECORD", help="The record: one of its files or their stem.")
    ] = None,
    key: Annotated[Path | None, typer.Option(metavar="PRIVATE.pem", help="Private Ed25519 key, PKCS#8.")] = None,
    by: Annotated[str | None, typer.Option(metavar="NAME", help="Your name.")] = None,
    role: Annotated[
        Literal["evidence", "decision"],
        typer.Option(help="Sign for the evidence, or for what you decided."),
    ] = "evidence",
    keyless: Annotated[
        bool, typer.Option("--keyless", help="Have Sigstore vouch for who you are, instead of a key.")
    ] = False,
    trust_config: Annotated[
        Path | None, typer.Option("--trust-config", help="A Sigstore of your own, a JSON file; with --keyless.")
    ] = None,
    new_key: Annotated[
        Path | None, typer.Option("--new-key", metavar="NAME", help="Write a new key pair, NAME.pem and NAME.pub.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Sign a record that verifies, or make a key to sign with.

    The passphrase of an encrypted key is read from ASSAY_KEY_PASSPHRASE; with --new-key it encrypts the new one.
    """
    passphrase = os.environ.get(PASSPHRASE)
    if new_key is not None:
        return _make(new_key, passphrase, with_record=record is not None)
    if record is None or by is None or (key is None) is not keyless:
        message = "signing needs a record, a name, and either a private key or --keyless"
        raise InputError(Problem("bad-usage", message, "Say: assay sign RECORD --key PRIVATE.pem --by NAME."))
    today = datetime.now(UTC).date().isoformat()  # noqa: TID251 - the roof is where the clock comes in
    if key is None:
        _tell(_sign_keyless(record, by, role, trust_config, today), as_json=as_json)
    else:
        from assay.workflow.sign import Signer, sign_record

        _tell(sign_record(record, Signer(by, role, key, passphrase), today), as_json=as_json)
    return Exit.DONE


def _sign_keyless(record: Path, by: str, role: Role, trust: Path | None, today: str) -> SignedRecord:
    from assay.record.signing.keyless import ticket
    from assay.workflow.sign import sign_record_keyless

    own = ticket(os.environ.get("SIGSTORE_ID_TOKEN"), trust, may_ask=sys.stdin.isatty())
    where = "a public log, for ever" if trust is None else "the log of your Sigstore"
    sys.stderr.write(f"{inert(str(own.identity))} goes into {where}.\n")
    sys.stderr.write("The service is sent what is signed: digests, verdict, names, the decision with its reason.\n")
    return sign_record_keyless(record, by, role, own, today)


def _make(name: Path, passphrase: str | None, *, with_record: bool) -> int:
    if with_record:
        remedy = "Make the key first, then sign with it."
        raise InputError(Problem("bad-usage", "--new-key makes a key and signs nothing", remedy))
    from assay.workflow.sign import make_key

    made = make_key(name, passphrase)
    write_data(f"{made.private}\n{made.public}\n", "text")
    how = f"encrypted with {PASSPHRASE}" if passphrase else "not encrypted"
    sys.stderr.write(f"{made.private} is private and {how}: keep it where only you can read it.\n")
    sys.stderr.write(f"{made.public} is for those who verify; key id {made.keyid}\n")
    return Exit.DONE


def _tell(signed: SignedRecord, *, as_json: bool) -> None:
    for warning in signed.warnings:
        sys.stderr.write(f"warning: {inert(warning)}\n")
    if as_json:
        from assay.record.run_folder import to_json

        write_data(to_json(signed.claim))
    else:
        write_data(f"{signed.file}\n", "text")
    claim = signed.claim
    what = "the evidence" if claim.decision is None else f"the decision '{claim.decision.outcome}'"
    with_ = f"; key id {claim.keyid}" if claim.keyid is not None else ""
    done = "signed" if signed.added else f"signed on {claim.on} already, nothing added"
    sys.stderr.write(inert(f"{claim.record}: {what}, by {claim.by}: {done}{with_}") + "\n")
