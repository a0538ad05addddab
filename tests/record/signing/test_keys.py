"""Are keys those of OpenSSL, and is every file that is no key told in one line?"""

from __future__ import annotations

import hashlib
import shutil
import stat
import subprocess
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assay.errors import InputError
from assay.record.signing.keys import new_key, read_private, read_public
from tests.record.signing.deciding import key_files

if TYPE_CHECKING:
    from pathlib import Path

PEM = serialization.Encoding.PEM


def test_the_vector_of_the_rfc(tmp_path: Path) -> None:
    """Key and signature of RFC 8032, section 7.1, test 2 come out."""
    secret = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    private = Ed25519PrivateKey.from_private_bytes(secret)
    form = serialization.PrivateFormat.PKCS8
    (tmp_path / "k.pem").write_bytes(private.private_bytes(PEM, form, serialization.NoEncryption()))
    key = read_private(tmp_path / "k.pem", None)
    wanted = (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    assert key.sign(b"\x72").hex() == wanted
    assert key.public.made(bytes.fromhex(wanted), b"\x72")
    assert not key.public.made(bytes.fromhex(wanted), b"\x73")
    assert not key.public.made(b"", b"\x72")


def test_the_id_of_a_key(tmp_path: Path) -> None:
    """It is the SHA-256 of the public key's DER: 12 bytes that say Ed25519 (RFC 8410), and the 32 of the key."""
    _, public = key_files(tmp_path, "ann")
    raw = Ed25519PrivateKey.from_private_bytes(b"ann".ljust(32, b"\0")).public_key().public_bytes_raw()
    der = bytes.fromhex("302a300506032b6570032100") + raw
    assert read_public(public).keyid == hashlib.sha256(der).hexdigest()


def test_new_keys_are_read(tmp_path: Path) -> None:
    """A new pair belongs together, only its owner may read the private half, and no file is written over."""
    private, public = tmp_path / "keys" / "a.pem", tmp_path / "keys" / "a.pub"
    made = new_key(private, public, None)
    assert read_private(private, None).public.keyid == read_public(public).keyid == made.keyid
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    before = private.read_bytes(), public.read_bytes()
    with pytest.raises(InputError, match="which may be somebody's key"):
        new_key(private, public, None)
    with pytest.raises(InputError, match="which may be somebody's key"):
        new_key(tmp_path / "b.pem", public, None)
    assert not (tmp_path / "b.pem").exists()
    assert (private.read_bytes(), public.read_bytes()) == before


def test_a_passphrase_opens_its_key_only(tmp_path: Path) -> None:
    """An encrypted key needs its passphrase; a key that is not encrypted needs none, whatever is set."""
    private, public = tmp_path / "a.pem", tmp_path / "a.pub"
    new_key(private, public, "word")
    assert b"ENCRYPTED" in private.read_bytes()
    assert read_private(private, "word").public.keyid == read_public(public).keyid
    for passphrase, message in ((None, "the key is encrypted"), ("", "does not open"), ("other", "does not open")):
        with pytest.raises(InputError, match=message) as refused:
            read_private(private, passphrase)
        assert "Set ASSAY_KEY_PASSPHRASE to its" in str(refused.value) or passphrase is not None
    plain, _ = key_files(tmp_path, "bo")
    assert read_private(plain, "word").public.keyid == read_private(plain, None).public.keyid


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
def test_keys_of_openssl(tmp_path: Path) -> None:
    """Keys that OpenSSL makes are read, encrypted or not, and what they sign OpenSSL verifies."""

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], cwd=tmp_path, check=True, capture_output=True)

    openssl("genpkey", "-algorithm", "ed25519", "-out", "a.pem")
    openssl("pkey", "-in", "a.pem", "-pubout", "-out", "a.pub")
    openssl("pkey", "-in", "a.pem", "-aes256", "-passout", "pass:word", "-out", "locked.pem")
    key = read_private(tmp_path / "a.pem", None)
    assert {
        key.public.keyid,
        read_public(tmp_path / "a.pub").keyid,
        read_private(tmp_path / "locked.pem", "word").public.keyid,
    } == {key.public.keyid}
    (tmp_path / "m").write_bytes(b"message")
    (tmp_path / "s").write_bytes(key.sign(b"message"))
    openssl("pkeyutl", "-verify", "-pubin", "-inkey", "a.pub", "-rawin", "-in", "m", "-sigfile", "s")


def _p256() -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(7, ec.SECP256R1())


def test_other_files_are_no_keys(tmp_path: Path) -> None:
    """Each file that is no key of the kind that is wanted is told in one line, which says what it is."""
    private, public = key_files(tmp_path, "ann")
    form, none = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    (tmp_path / "other.pem").write_bytes(_p256().private_bytes(PEM, form, none))
    (tmp_path / "other.pub").write_bytes(_p256().public_key().public_bytes(PEM, spki))
    (tmp_path / "text").write_text("a text", encoding="utf-8")
    (tmp_path / "cut.pem").write_bytes(private.read_bytes()[:-40])
    (tmp_path / "long").write_bytes(b"\n" * (1 << 17) + public.read_bytes())
    wrong = [
        (read_public, private, "this is a private key, where a public one is wanted"),
        (read_public, tmp_path / "other.pub", "the key is not an Ed25519 key"),
        (read_public, tmp_path / "text", "this is not a public key in PEM form"),
        (read_public, tmp_path / "long", "this is not a public key in PEM form"),
        (read_public, tmp_path / "none", "the key cannot be read: No such file or directory"),
        (read_public, tmp_path, "the key cannot be read: Is a directory"),
        (lambda path: read_private(path, None), public, "this is a public key, where a private one is wanted"),
        (lambda path: read_private(path, None), tmp_path / "other.pem", "the key is not an Ed25519 key"),
        (lambda path: read_private(path, "word"), tmp_path / "cut.pem", "this is not a private key in PEM form"),
        (lambda path: read_private(path, None), tmp_path / "text", "this is not a private key in PEM form"),
    ]
    for read, path, message in wrong:
        with pytest.raises(InputError) as refused:
            read(path)
        (problem,) = refused.value.problems
        assert (problem.message, problem.file) == (message, str(path))
