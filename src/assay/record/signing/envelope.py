"""What exactly is signed, and how does it travel: DSSE envelopes, one a line, each in one form only?

DSSE v1.0.0, protocol.md and envelope.md. Two things are stricter here than there, so that no byte of a line can change
unseen: base64 has one form, and the line is canonical JSON (RFC 8785) with exactly one signature.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Literal

from pydantic import Field, ValidationError

from assay.schema._base import Noun, canonical_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["MOST_BYTES", "PAYLOAD_TYPE", "Envelope", "lines_of", "pae", "without_order"]

PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"
"""Media type of what is signed (in-toto attestation specification v1, envelope.md)."""

MOST_BYTES: Final = 1 << 20
"""Of a file of signatures; hundreds fit."""


def pae(payload_type: str, body: bytes) -> bytes:
    """Return the bytes that a signature covers: DSSE's pre-authentication encoding (protocol.md, Signature Definition).

    `"DSSEv1" SP LEN(type) SP type SP LEN(body) SP body`, lengths in bytes as ASCII decimals.
    """
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(body), body)


class _Own(Noun):
    keyid: str
    sig: str


class _Stored(Noun):
    """An envelope as JSON has it (envelope.md, Standard JSON envelope)."""

    payload: str
    payload_type: Literal["application/vnd.in-toto+json"] = Field(alias="payloadType")
    signatures: tuple[_Own]


@dataclass(frozen=True)
class Envelope:
    """One signature over one payload."""

    payload: bytes
    """What is signed: a statement."""
    keyid: str
    """Which key signed it; a hint to find the key by, which proves nothing."""
    signature: bytes
    """The signature over `pae` of the payload."""

    def line(self) -> bytes:
        """Return the one form in which it is stored, without the end of the line."""
        return canonical_bytes(
            {
                "payload": _base64(self.payload),
                "payloadType": PAYLOAD_TYPE,
                "signatures": [{"keyid": self.keyid, "sig": _base64(self.signature)}],
            }
        )

    @classmethod
    def parsed(cls, line: bytes) -> Envelope:
        """Return the envelope of a line.

        Raises:
            ValueError: it is none, or not in its one form.
        """
        try:
            stored = _Stored.model_validate_json(line)
        except (ValidationError, RecursionError):
            raise ValueError(f"it is not a DSSE envelope of {PAYLOAD_TYPE} with one signature and its key id") from None
        (own,) = stored.signatures
        envelope = cls(_bytes(stored.payload), own.keyid, _bytes(own.sig))
        if envelope.line() != line:
            raise ValueError("it is written in another form than Assay's: canonical JSON, padded base64")
        return envelope


def lines_of(content: bytes) -> tuple[bytes, ...]:
    """Return the lines of a file of envelopes.

    Raises:
        ValueError: it is too large, torn, or its lines are not in order, each once.
    """
    if len(content) > MOST_BYTES:
        raise ValueError("it is larger than 1 MiB")
    *lines, rest = content.split(b"\n")
    if rest or not lines:
        raise ValueError("its last line is torn" if rest else "it is empty")
    if any(one >= other for one, other in pairwise(lines)):
        raise ValueError("its lines are not in the order of their bytes, each once")
    return tuple(lines)


def without_order(lines: Iterable[bytes]) -> bytes:
    """Return the one file that a set of lines makes: in the order of their bytes, each once, as `sort -u` has them."""
    return b"".join(line + b"\n" for line in sorted(set(lines)))


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def _bytes(value: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("its base64 cannot be read") from None
