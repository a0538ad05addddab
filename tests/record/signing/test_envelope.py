"""Are envelopes those of DSSE, read by other tools, and is each in one form only?"""

from __future__ import annotations

import base64
import json

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st
from securesystemslib.dsse import Envelope as Theirs
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey

from assay.record.signing.envelope import PAYLOAD_TYPE, Envelope, lines_of, pae, without_order

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
VECTOR_TYPE = "http://example.com/HelloWorld"
VECTOR = b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"


def test_the_vector_of_the_protocol() -> None:
    """`pae` gives what protocol.md prints under Test Vectors, and the signature printed there holds over it."""
    assert pae(VECTOR_TYPE, b"hello world") == VECTOR
    numbers = ec.EllipticCurvePublicNumbers(
        46950820868899156662930047687818585632848591499744589407958293238635476079160,
        5640078356564379163099075877009565129882514886557779369047442380624545832820,
        ec.SECP256R1(),
    )
    printed = "A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA=="
    raw = base64.b64decode(printed)
    signature = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    numbers.public_key().verify(signature, pae(VECTOR_TYPE, b"hello world"), ec.ECDSA(hashes.SHA256()))
    with pytest.raises(InvalidSignature):
        numbers.public_key().verify(signature, pae(VECTOR_TYPE, b"hello  world"), ec.ECDSA(hashes.SHA256()))


@given(st.text(), st.binary())
def test_another_implementation_signs_the_same_bytes(kind: str, body: bytes) -> None:
    """`securesystemslib` encodes every type and body to the same bytes."""
    assert pae(kind, body) == Theirs(payload=body, payload_type=kind, signatures={}).pae()


@given(st.binary())
def test_another_implementation_reads_our_envelopes(payload: bytes) -> None:
    """`securesystemslib` reads a line and verifies its signature, and refuses it with another payload."""
    signature = KEY.sign(pae(PAYLOAD_TYPE, payload))
    key = SSlibKey.from_crypto(KEY.public_key(), keyid="k")
    line = Envelope(payload, "k", signature).line()
    theirs = Theirs.from_dict(json.loads(line))
    assert (theirs.payload, theirs.payload_type) == (payload, PAYLOAD_TYPE)
    assert theirs.verify([key], 1) == {"k": key}
    other = Theirs.from_dict(json.loads(Envelope(payload + b" ", "k", signature).line()))
    with pytest.raises(VerificationError):
        other.verify([key], 1)


@given(st.binary(), st.text(), st.binary())
def test_a_line_is_read_back(payload: bytes, keyid: str, signature: bytes) -> None:
    """What is written is what is read."""
    envelope = Envelope(payload, keyid, signature)
    assert Envelope.parsed(envelope.line()) == envelope


LINE = Envelope(b"ab", "k", b"\x00").line()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"{", b"[", "not a DSSE envelope"),
        (b'"payload"', b'"payloads"', "not a DSSE envelope"),
        (b"in-toto", b"in-to-o", "not a DSSE envelope"),
        (b'"signatures":[', b'"signatures":[{"keyid":"k","sig":"AA=="},', "not a DSSE envelope"),
        (b'[{"keyid":"k","sig":"AA=="}]', b"[]", "not a DSSE envelope"),
        (b'"keyid":"k",', b"", "not a DSSE envelope"),
        (b'"k"', b"7", "not a DSSE envelope"),
        (b'{"payload"', b'{"more":1,"payload"', "not a DSSE envelope"),
        (b'{"payload"', b'{"payload":"","payload"', "another form"),
        (b'"payload":', b'"payload": ', "another form"),
        (b'"k"', b'"\\u006b"', "another form"),
        (b"YWI=", b"YWJ=", "another form"),
        (b"YWI=", b"YWI", "base64 cannot be read"),
        (b"YWI=", b"YW-I", "base64 cannot be read"),
        (b"YWI=", b"YWI=\\n", "base64 cannot be read"),
        (b"AA==", "\u00e4".encode(), "base64 cannot be read"),
        (LINE, b"", "not a DSSE envelope"),
        (LINE, b"\xff", "not a DSSE envelope"),
        (LINE, b"[" * 100_000, "not a DSSE envelope"),
        (LINE, LINE + b"\r", "another form"),
    ],
)
def test_a_line_has_one_form(old: bytes, new: bytes, message: str) -> None:
    """Whatever is no envelope is refused, and so is the same envelope in other bytes."""
    assert old in LINE
    with pytest.raises(ValueError, match=message):
        Envelope.parsed(LINE.replace(old, new))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it is empty"),
        (b"a", "torn"),
        (b"a\nb", "torn"),
        (b"b\na\n", "in the order"),
        (b"a\na\n", "each once"),
        (b"a" * (1 << 20) + b"\n", "larger than 1 MiB"),
    ],
)
def test_a_file_has_one_form(content: bytes, message: str) -> None:
    """Its lines end, are in order, each once, and not too many."""
    with pytest.raises(ValueError, match=message):
        lines_of(content)


@given(st.lists(st.binary(min_size=1).filter(lambda line: b"\n" not in line), min_size=1))
def test_what_order_makes_is_read(lines: list[bytes]) -> None:
    """Whatever order lines came in, the file is one that is read, with each of them once."""
    assert lines_of(without_order(lines)) == tuple(sorted(set(lines)))
