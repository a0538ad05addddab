"""A Sigstore of our own: a certificate authority (Fulcio) and a log (Rekor v1) that answer on this machine.

It does what the public services do with a token, a key and an envelope, with keys of its own, so that the real client
signs and verifies against it: RFC 6962 for the certificate's timestamp and the log's tree, and the signed notes of
Rekor. It believes every token.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import struct
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import rfc8785
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from collections.abc import Iterator

START = "2021-01-01T00:00:00Z"
ISSUER_OID = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.1")
TIMESTAMPS_OID = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")


def token(email: str, issuer: str = "https://issuer.example", *, audience: str = "sigstore", lasts: int = 600) -> str:
    """Return a token that says who somebody is, signed by nobody."""
    now = int(_now().timestamp())
    claims = {"iss": issuer, "sub": email, "email": email, "aud": audience, "iat": now, "nbf": now, "exp": now + lasts}
    parts = [json.dumps(part).encode() for part in ({"alg": "RS256", "typ": "JWT"}, claims)]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in (*parts, b"none"))


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)  # noqa: TID251 - the client holds certificates against its own clock


def _b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _der(key: ec.EllipticCurvePrivateKey) -> bytes:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.DER, form)


def _sign(key: ec.EllipticCurvePrivateKey, content: bytes) -> bytes:
    return key.sign(content, ec.ECDSA(hashes.SHA256()))


def _new() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@dataclass
class OwnSigstore:
    """Keys of the services, and what they saw."""

    url: str = ""
    authority: ec.EllipticCurvePrivateKey = field(default_factory=_new)
    timestamps: ec.EllipticCurvePrivateKey = field(default_factory=_new)
    log: ec.EllipticCurvePrivateKey = field(default_factory=_new)
    broken: bool = False

    def __post_init__(self) -> None:
        """Make the authority's own certificate."""
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "an authority")])
        own = self.authority.public_key()
        self.root = (
            self._builder(name, own, days=3650)
            .subject_name(name)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(own), critical=False)
            .sign(self.authority, hashes.SHA256())
        )

    def _builder(self, issuer: x509.Name, key: ec.EllipticCurvePublicKey, days: int) -> x509.CertificateBuilder:
        now = _now()
        return (
            x509.CertificateBuilder()
            .issuer_name(issuer)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=days, minutes=5))
            .not_valid_after(now + dt.timedelta(days=days, minutes=10))
        )

    def certificate(self, request: dict, bearer: str) -> dict:
        """Answer as Fulcio: a certificate for ten minutes, with the timestamp of a log of certificates in it."""
        csr = x509.load_pem_x509_csr(base64.b64decode(request["certificateSigningRequest"]))
        claims = json.loads(base64.urlsafe_b64decode(bearer.split(".")[1] + "=="))
        builder = (
            self._builder(self.root.subject, csr.public_key(), days=0)
            .subject_name(x509.Name([]))
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(csr.public_key()), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.authority.public_key()), critical=False
            )
            .add_extension(x509.SubjectAlternativeName([x509.RFC822Name(claims["email"])]), critical=True)
            .add_extension(x509.UnrecognizedExtension(ISSUER_OID, claims["iss"].encode()), critical=False)
        )
        before = builder.sign(self.authority, hashes.SHA256()).tbs_certificate_bytes
        stamped = x509.UnrecognizedExtension(TIMESTAMPS_OID, self._stamp(before))
        leaf = builder.add_extension(stamped, critical=False).sign(self.authority, hashes.SHA256())
        pems = [own.public_bytes(serialization.Encoding.PEM).decode() for own in (leaf, self.root)]
        return {"signedCertificateEmbeddedSct": {"chain": {"certificates": pems}}}

    def _stamp(self, before: bytes) -> bytes:
        """Return the list of one signed certificate timestamp (RFC 6962, sections 3.2 and 3.3) as an OCTET STRING."""
        at = int(_now().timestamp() * 1000)
        issuer = hashlib.sha256(_der(self.authority)).digest()
        signed = struct.pack("!BBQH32s", 0, 0, at, 1, issuer) + len(before).to_bytes(3) + before + b"\0\0"
        signature = _sign(self.timestamps, signed)
        head = struct.pack("!B32sQHBBH", 0, hashlib.sha256(_der(self.timestamps)).digest(), at, 0, 4, 3, len(signature))
        one = head + signature
        content = struct.pack("!HH", len(one) + 2, len(one)) + one
        return b"\x04" + (bytes([len(content)]) if len(content) < 128 else b"\x81" + bytes([len(content)])) + content

    def entry(self, request: dict) -> dict:
        """Answer as Rekor: the entry is the only one of a log that is made for it."""
        proposed = request["spec"]["proposedContent"]
        envelope = json.loads(proposed["envelope"])
        body = rfc8785.dumps(
            {
                "apiVersion": "0.0.1",
                "kind": "dsse",
                "spec": {
                    "envelopeHash": _digest(proposed["envelope"].encode()),
                    "payloadHash": _digest(base64.b64decode(envelope["payload"])),
                    "signatures": [
                        {"signature": envelope["signatures"][0]["sig"], "verifier": proposed["verifiers"][0]}
                    ],
                },
            }
        )
        at = int(_now().timestamp())
        log_id = hashlib.sha256(_der(self.log)).digest()
        promise = {"body": _b64(body), "integratedTime": at, "logID": log_id.hex(), "logIndex": 0}
        root = hashlib.sha256(b"\0" + body).digest()
        note = f"a log\n1\n{_b64(root)}\n"
        seal = _b64(log_id[:4] + _sign(self.log, note.encode()))
        verification = {
            "signedEntryTimestamp": _b64(_sign(self.log, rfc8785.dumps(promise))),
            "inclusionProof": {
                "logIndex": 0,
                "rootHash": root.hex(),
                "treeSize": 1,
                "hashes": [],
                "checkpoint": f"{note}\n\u2014 a-log {seal}\n",
            },
        }
        return {"1" * 64: {**promise, "verification": verification}}

    def trust(self) -> str:
        """Return the client trust configuration: where the services are, and their keys."""
        valid = {"start": START}
        service = {"url": self.url, "majorApiVersion": 1, "validFor": valid, "operator": "us"}
        root = _b64(self.root.public_bytes(serialization.Encoding.DER))
        return json.dumps(
            {
                "mediaType": "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json",
                "signingConfig": {
                    "mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json",
                    "caUrls": [service],
                    "oidcUrls": [service],
                    "rekorTlogUrls": [service],
                    "rekorTlogConfig": {"selector": "ANY"},
                    "tsaUrls": [],
                    "tsaConfig": {"selector": "ANY"},
                },
                "trustedRoot": {
                    "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
                    "tlogs": [self._log(self.log)],
                    "ctlogs": [self._log(self.timestamps)],
                    "certificateAuthorities": [
                        {
                            "subject": {"organization": "us", "commonName": "an authority"},
                            "uri": self.url,
                            "certChain": {"certificates": [{"rawBytes": root}]},
                            "validFor": valid,
                        }
                    ],
                    "timestampAuthorities": [],
                },
            }
        )

    def _log(self, key: ec.EllipticCurvePrivateKey) -> dict:
        own = {"rawBytes": _b64(_der(key)), "keyDetails": "PKIX_ECDSA_P256_SHA_256", "validFor": {"start": START}}
        log_id = {"keyId": _b64(hashlib.sha256(_der(key)).digest())}
        return {"baseUrl": self.url, "hashAlgorithm": "SHA2_256", "publicKey": own, "logId": log_id}


def _digest(content: bytes) -> dict:
    return {"algorithm": "sha256", "value": hashlib.sha256(content).hexdigest()}


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


@contextmanager
def serving_sigstore() -> Iterator[OwnSigstore]:
    """Yield a Sigstore that answers until the block ends."""
    own = OwnSigstore()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self.path.endswith("/signingCert"):
                answer = own.certificate(request, self.headers["Authorization"].removeprefix("Bearer "))
            else:
                answer = own.entry(request)
            content = json.dumps(answer).encode()
            self.send_response(500 if own.broken else 201)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *words: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    own.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield own
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
