"""Which signatures does a record carry, which of them hold, and which could nobody here check?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay.record.signing.envelope import PAYLOAD_TYPE, Envelope, lines_of, pae
from assay.record.signing.statement import Claim, claim_of, faults_of, subjects_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from assay.record.signing.keys import PublicKey
    from assay.schema.record import Record

__all__ = ["Fault", "Opened", "Signature", "check", "check_lines", "shortened", "unsigned_by"]

_SHORT_KEY_ID = len("key id ") + 16


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


@dataclass(frozen=True)
class Opened:
    """What stands in one line of a file of signatures."""

    payload: bytes
    """The statement."""
    keyid: str | None
    """Id of the key that is said to have signed, or None where an identity did."""
    made: Callable[[], tuple[str, str | None]]
    """Checks the signature and returns `signer` and `known_as` as `Signature` has them; raises ValueError where it does
    not hold."""


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
    by_id = {key.keyid: key for key in keys}

    def opened(line: bytes) -> Opened:
        own = Envelope.parsed(line)
        return Opened(own.payload, own.keyid, lambda: _made(own, by_id.get(own.keyid)))

    return check(content, record, opened)


def _made(envelope: Envelope, key: PublicKey | None) -> tuple[str, str | None]:
    if key is not None and not key.made(envelope.signature, pae(PAYLOAD_TYPE, envelope.payload)):
        raise ValueError(f"its signature was not made by {key.name} over what it carries")
    return f"key id {envelope.keyid}", None if key is None else key.name


def check(
    content: bytes, record: Record, opened: Callable[[bytes], Opened]
) -> tuple[tuple[Signature, ...], tuple[Fault, ...]]:
    """Return the signatures in a file that are about this record, and what is wrong with all others.

    Args:
        content: the file.
        record: the record as stored.
        opened: reads a line; raises ValueError where it is not one.
    """
    try:
        lines = lines_of(content)
    except ValueError as error:
        return (), (Fault("the whole file", str(error)),)
    subjects = subjects_of(record)
    signatures: list[Signature] = []
    faults: list[Fault] = []
    for number, line in enumerate(lines, start=1):
        try:
            signatures.append(_signature(opened(line), record, subjects))
        except ValueError as error:
            faults.append(Fault(f"line {number}", str(error)))
    return tuple(signatures), tuple(faults)


def _signature(own: Opened, record: Record, subjects: Mapping[str, str]) -> Signature:
    """Return the signature of a line.

    Raises:
        ValueError: it does not hold.
    """
    claim = claim_of(own.payload)
    fault = next(faults_of(own.payload, claim, record, subjects), None)
    if fault is not None:
        raise ValueError(fault)
    # A key id outside the signature is a hint that anybody can change; the one inside must say the same.
    if claim.keyid != own.keyid:
        raise ValueError("its key id is not the one that was signed")
    return Signature(claim, *own.made())


def shortened(signer: str) -> str:
    """Return `Signature.signer` as people read it: of a key id the first 16 digits."""
    return signer[:_SHORT_KEY_ID] if signer.startswith("key id ") else signer


def unsigned_by(signatures: Sequence[Signature], given: Mapping[str, str]) -> Iterator[Fault]:
    """Yield each key or identity that was given and signed nothing here.

    Args:
        signatures: those of the record.
        given: how the reviewer named each, by `Signature.signer`.
    """
    signers = {own.signer for own in signatures if own.known_as is not None}
    for signer, name in given.items():
        if signer not in signers:
            yield Fault(name, f"it has not signed this record ({shortened(signer)})")
