"""Which key is that: Ed25519 (RFC 8032) in PEM files, as OpenSSL writes them, and what can it do?

`cryptography` is imported when a key is touched, not before: verifying without a key needs none of it.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

__all__ = ["PASSPHRASE", "PrivateKey", "PublicKey", "new_key", "read_private", "read_public"]

PASSPHRASE = "ASSAY_KEY_PASSPHRASE"  # noqa: S105 - the name of the variable, not what it holds
"""Environment variable with the passphrase of an encrypted private key."""

_MOST_BYTES = 1 << 16


@dataclass(frozen=True)
class PublicKey:
    """A key that can say whether its other half signed."""

    name: str
    """How the user named it."""
    keyid: str
    """SHA-256 of the DER of its SubjectPublicKeyInfo, as 64 hexadecimal digits."""
    made: Callable[[bytes, bytes], bool]
    """Says of a signature and a message whether this key signed the message."""


@dataclass(frozen=True)
class PrivateKey:
    """A key that can sign."""

    public: PublicKey
    """Its other half."""
    sign: Callable[[bytes], bytes]
    """Returns the signature of a message, 64 bytes."""


def read_public(path: Path) -> PublicKey:
    """Return the public key in a PEM file (SubjectPublicKeyInfo).

    Raises:
        InputError: there is none, or it is not an Ed25519 key.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    content = _content(path)
    if b"PRIVATE KEY-----" in content:
        message = "this is a private key, where a public one is wanted"
        raise _bad(path, message, "Name the public key; whoever holds the private one can sign.")
    try:
        key = load_pem_public_key(content)
    except (ValueError, UnsupportedAlgorithm):
        raise _bad(path, "this is not a public key in PEM form", _PUBLIC) from None
    if not isinstance(key, Ed25519PublicKey):
        raise _bad(path, "the key is not an Ed25519 key", _PUBLIC)
    return _public(str(path), key)


def read_private(path: Path, passphrase: str | None) -> PrivateKey:
    """Return the private key in a PEM file (PKCS#8).

    Args:
        path: the file.
        passphrase: what an encrypted key is opened with.

    Raises:
        InputError: there is none, it is not an Ed25519 key, or the passphrase does not open it.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    content = _content(path)
    if b"PUBLIC KEY-----" in content:
        message = "this is a public key, where a private one is wanted"
        raise _bad(path, message, "Name the private key that it was made from: --key NAME.pem.")
    encrypted = b"ENCRYPTED" in content
    if encrypted and passphrase is None:
        raise _bad(path, "the key is encrypted", f"Set {PASSPHRASE} to its passphrase.")
    try:
        # A passphrase that is set for another key is no fault of one that needs none.
        key = load_pem_private_key(content, (passphrase or "").encode() if encrypted else None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        if encrypted:
            raise _bad(path, f"{PASSPHRASE} does not open the key", "Set it to the key's passphrase.") from None
        raise _bad(path, "this is not a private key in PEM form", _PRIVATE) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise _bad(path, "the key is not an Ed25519 key", _PRIVATE)
    return PrivateKey(_public(str(path), key.public_key()), key.sign)


def new_key(private: Path, public: Path, passphrase: str | None) -> PublicKey:
    """Write a new key pair, the private half readable by its owner only, and return the public half.

    Args:
        private: file of the private key.
        public: file of the public key.
        passphrase: encrypts the private key; None leaves it as it is.

    Raises:
        InputError: one of the files is there already.
    """
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        encryption = serialization.BestAvailableEncryption(passphrase.encode())
    half = key.public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    for path in (private, public):
        if path.exists():
            raise _there(path)
    _write(private, key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption), 0o600)
    _write(public, half.public_bytes(serialization.Encoding.PEM, form), 0o644)
    return _public(str(public), half)


_PUBLIC = "Make it from the private key: openssl pkey -in NAME.pem -pubout -out NAME.pub."
_PRIVATE = "Make one: assay sign --new-key NAME."


def _public(name: str, key: Ed25519PublicKey) -> PublicKey:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import serialization

    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)

    def made(signature: bytes, message: bytes) -> bool:
        try:
            key.verify(signature, message)
        except InvalidSignature:
            return False
        return True

    return PublicKey(name, hashlib.sha256(der).hexdigest(), made)


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_MOST_BYTES)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        remedy = "Check the path; `assay sign --new-key NAME` makes a key where you have none."
        raise InputError(Problem("no-such-file", f"the key cannot be read: {reason}", remedy, str(path))) from None


def _write(path: Path, content: bytes, mode: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        raise _there(path) from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def _there(path: Path) -> InputError:
    message = "there is a file of this name, which may be somebody's key"
    return InputError(Problem("file-exists", message, "Choose another name.", str(path)))


def _bad(path: Path, message: str, remedy: str) -> InputError:
    return InputError(Problem("bad-signing-key", message, remedy, str(path)))
