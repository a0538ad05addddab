"""Which signatures does a record carry, which of them hold, and which could nobody here check?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay.record.signing.envelope import PAYLOAD_TYPE, Envelope, lines_of, pae
from assay.record.signing.statement import Claim, claim_of, faults_of, subjects_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from assay.record.signing.keys import PublicKey
    from assay.schema.record import Record

__all__ = ["Fault", "Signature", "check_lines", "unsigned_by"]


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a record's signatures."""

    where: str
    """Line of the file, or what else it is about."""
    message: str
    """What is wrong."""


@dataclass(frozen=True)
class Signature:
    """One signature on this record, whose statement fits it."""

    claim: Claim
    """What it says."""
    signer: str
    """What stands behind it: `key id …`, or an identity and who vouches for it."""
    known_as: str | None
    """How the reviewer named key or identity that made it; None where it was not checked: it proves nothing."""


def check_lines(
    content: bytes, record: Record, keys: Sequence[PublicKey]
) -> tuple[tuple[Signature, ...], tuple[Fault, ...]]:
    """Return the signatures in a file of envelopes that are about this record, and what is wrong with all others.

    A signature of a key that was not given is among the first, unchecked; one that the key did not make, or that is
    about something else, is among the second.

    Args:
        content: the file.
        record: the record as stored, whose digests other parts of verifying compare with its files.
        keys: those that the reviewer gave.
    """
    try:
        lines = lines_of(content)
    except ValueError as error:
        return (), (Fault("the whole file", str(error)),)
    by_id = {key.keyid: key for key in keys}
    subjects = subjects_of(record)
    signatures: list[Signature] = []
    faults: list[Fault] = []
    for number, line in enumerate(lines, start=1):
        try:
            signatures.append(_signature(line, record, subjects, by_id))
        except ValueError as error:
            faults.append(Fault(f"line {number}", str(error)))
    return tuple(signatures), tuple(faults)


def _signature(line: bytes, record: Record, subjects: Mapping[str, str], keys: Mapping[str, PublicKey]) -> Signature:
    """Return the signature of a line.

    Raises:
        ValueError: it does not hold.
    """
    envelope = Envelope.parsed(line)
    claim = claim_of(envelope.payload)
    fault = next(faults_of(envelope.payload, claim, record, subjects), None)
    if fault is not None:
        raise ValueError(fault)
    # A key id outside the signature is a hint that anybody can change; the one inside must say the same.
    if claim.keyid != envelope.keyid:
        raise ValueError("its key id is not the one that was signed")
    key = keys.get(envelope.keyid)
    if key is not None and not key.made(envelope.signature, pae(PAYLOAD_TYPE, envelope.payload)):
        raise ValueError(f"its signature was not made by {key.name} over what it carries")
    return Signature(claim, f"key id {envelope.keyid}", None if key is None else key.name)


def unsigned_by(signatures: Sequence[Signature], keys: Sequence[PublicKey]) -> Iterator[Fault]:
    """Yield each key that was given and signed nothing here."""
    signers = {own.signer for own in signatures if own.known_as is not None}
    for key in keys:
        if f"key id {key.keyid}" not in signers:
            yield Fault(f"key {key.name}", f"it has not signed this record (key id {key.keyid[:16]})")
