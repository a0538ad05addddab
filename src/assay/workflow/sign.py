"""How does a person sign a record, and what stands in the way?"""

from __future__ import annotations

import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

import assay
from assay.errors import MismatchError, Problem
from assay.record.signing.check import check_lines
from assay.record.signing.envelope import PAYLOAD_TYPE, Envelope, pae
from assay.record.signing.file import add_line, content_of
from assay.record.signing.keyless import sign_keyless
from assay.record.signing.keys import new_key, read_private
from assay.record.signing.statement import claim_for, statement_of, subjects_of
from assay.record.store import RecordFiles
from assay.workflow.holding import verified

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from assay.record.signing.keyless import Ticket
    from assay.record.signing.keys import PublicKey
    from assay.record.signing.statement import Claim, Role
    from assay.schema.record import Record

__all__ = ["NewKey", "SignedRecord", "Signer", "make_key", "sign_record", "sign_record_keyless"]


@dataclass(frozen=True)
class Signer:
    """Who signs, as what, with which key."""

    by: str
    """The person's name."""
    role: Role
    """As what."""
    key: Path
    """File of the private key."""
    passphrase: str | None
    """What opens the key, where it is encrypted."""


@dataclass(frozen=True)
class SignedRecord:
    """What signing came to."""

    file: Path
    """Where the signature lies."""
    claim: Claim
    """What was signed."""
    added: bool
    """False where the same key had signed the same before."""
    warnings: tuple[str, ...]
    """What is wrong with how the key is kept."""


@dataclass(frozen=True)
class NewKey:
    """A key pair that was written."""

    private: Path
    """File of the private key."""
    public: Path
    """File of the public key."""
    keyid: str
    """SHA-256 of the public key (DER of its SubjectPublicKeyInfo)."""


def make_key(name: Path, passphrase: str | None) -> NewKey:
    """Write a new key pair, `NAME.pem` and `NAME.pub`.

    Args:
        name: path without the ending.
        passphrase: encrypts the private key; None or an empty one does not.

    Raises:
        InputError: one of the files is there already.
    """
    private, public = (name.with_name(name.name + ending) for ending in (".pem", ".pub"))
    return NewKey(private, public, new_key(private, public, passphrase).keyid)


def sign_record(path: Path, signer: Signer, today: str) -> SignedRecord:
    """Verify a record, sign its body and evidence, and add the signature to those beside it.

    Args:
        path: the record, by one of its files or their stem.
        signer: who signs.
        today: the day, `YYYY-MM-DD` in UTC.

    Raises:
        InputError: there is no record, the key is not one, or the person has not decided what is to be signed.
        MismatchError: the record or one of the signatures beside it does not hold.
    """
    files = RecordFiles.beside(path)
    key = read_private(signer.key, signer.passphrase)
    record = verified(path)
    claim = claim_for(record, signer.role, signer.by, today, key.public.keyid, assay.__version__)
    warnings = tuple(_key_warnings(signer.key, files))
    before = _own(files, record, key.public)
    same = [own for own in before if _without_day(own) == _without_day(claim)]
    if same:
        return SignedRecord(files.signatures, same[0], added=False, warnings=warnings)
    payload = statement_of(subjects_of(record), claim)
    envelope = Envelope(payload, key.public.keyid, key.sign(pae(PAYLOAD_TYPE, payload)))
    add_line(files.signatures, envelope.line())
    return SignedRecord(files.signatures, claim, added=True, warnings=warnings)


def sign_record_keyless(path: Path, by: str, role: Role, ticket: Ticket, today: str) -> SignedRecord:
    """Verify a record, have Sigstore vouch for who signs its body and evidence, and add the bundle beside it.

    Args:
        path: the record, by one of its files or their stem.
        by: the person's name.
        role: as what the person signs.
        ticket: the identity, and the services.
        today: the day, `YYYY-MM-DD` in UTC.

    Raises:
        InputError: there is no record, or the person has not decided what is to be signed.
        MismatchError: the record or one of the signatures beside it does not hold.
        ServerError: a service did not do its work.
    """
    files = RecordFiles.beside(path)
    record = verified(path)
    claim = claim_for(record, role, by, today, None, assay.__version__)
    add_line(files.keyless, sign_keyless(statement_of(subjects_of(record), claim), ticket))
    return SignedRecord(files.keyless, claim, added=True, warnings=())


def _own(files: RecordFiles, record: Record, key: PublicKey) -> list[Claim]:
    """Return what a key has signed of a record before."""
    content = content_of(files.signatures)
    if content is None:
        return []
    signatures, faults = check_lines(content, record, (key,))
    if faults:
        message = f"a signature on the record does not hold: {faults[0].where}: {faults[0].message}"
        remedy = "Find out who changed it, or take the line out."
        raise MismatchError(Problem("bad-evidence", message, remedy, str(files.signatures)))
    return [own.claim for own in signatures if own.known_as is not None]


def _without_day(claim: Claim) -> Claim:
    return claim.model_copy(update={"on": "", "assay_version": ""})


def _key_warnings(key: Path, files: RecordFiles) -> Iterator[str]:
    if key.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield f"others may read the private key {key}; say: chmod 600 {key}"
    records = files.json.parent.resolve()
    if any(folder in key.resolve().parents for folder in (records, records.parent / "runs")):
        yield f"the private key {key} lies among records or runs, which are passed on; move it elsewhere"
