"""Does the probe tell encrypted transport from plain, and a good certificate from a bad one?"""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import socket
import ssl
import warnings
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import psutil
import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from assay.readiness.checks import CHECKS
from assay.runtime.probing import DEEP_PROBES
from assay.runtime.probing.probing import run_probe
from assay.runtime.probing.wire import wire_to
from tests.probing.probed import found, probed, subject_at
from tests.readiness.builders import view

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from assay.readiness import Answer
    from assay.schema.provenance import ProbeResult

ITEM = "transport-encrypted"
NOW = dt.datetime.now(dt.UTC)  # noqa: TID251 - a certificate is held against the clock of the system
TODAY = NOW.date()


class Entry(NamedTuple):
    """An address of a network card."""

    family: socket.AddressFamily
    address: str


class Authority:
    """A throw-away certificate authority whose certificates say 127.0.0.1."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "An authority of tests")])
        own = self._signed(self._name, self._key, 365).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), True
        )
        self.trusted = folder / "authority.pem"
        self.trusted.write_bytes(own.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def context(self, days: float, address: str = "127.0.0.1") -> ssl.SSLContext:
        """Return what a server needs whose certificate ends after some days and names an address."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
        own = self._signed(x509.Name([]), key, days).add_extension(names, True).sign(self._key, hashes.SHA256())
        path = self._folder / "server.pem"
        path.write_bytes(
            own.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _signed(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, days: float) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - dt.timedelta(days=30))
            .not_valid_after(NOW + dt.timedelta(days=days))
        )


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """Return an authority that this process trusts."""
    own = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(own.trusted))
    return own


@asynccontextmanager
async def _serving(context: ssl.SSLContext | None, host: str = "127.0.0.1") -> AsyncIterator[int]:
    async def hello(_: web.BaseRequest) -> web.StreamResponse:
        return web.Response(text="hello")

    runner = web.ServerRunner(web.Server(hello))
    await runner.setup()
    await web.TCPSite(runner, host, 0, ssl_context=context).start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


def _looked_at(context: ssl.SSLContext | None, scheme: str = "https", host: str = "127.0.0.1") -> ProbeResult:
    async def look() -> ProbeResult:
        async with _serving(context, host) as port:
            subject = subject_at(f"{scheme}://127.0.0.1:{port}/v1")
            async with wire_to(subject.base_url, subject.key, subject.dialect) as wire:
                return await run_probe("tls", DEEP_PROBES["tls"], subject, wire, 60.0)

    return asyncio.run(look())


def _found(result: ProbeResult, today: dt.date = TODAY) -> Answer:
    return CHECKS[ITEM](replace(view(), probes=(result,), today=today))


def test_a_certificate_that_verifies_is_met(authority: Authority) -> None:
    """It is told which protocol was spoken and when the certificate expires; two weeks before it is told louder."""
    result = _looked_at(authority.context(90.5))
    ends = dt.date.fromisoformat(str(result.steps("handshake")[0].shows["expires"]))
    assert abs((ends - TODAY).days - 90) <= 1
    assert (_found(result).status, _found(result).reason) == (
        "met",
        f"the certificate verifies, TLSv1.3; it expires on {ends}",
    )
    late = _found(result, ends - dt.timedelta(days=13))
    assert (late.status, late.reason) == (
        "met",
        f"the certificate verifies, TLSv1.3; it expires on {ends}: in 13 days, renew it",
    )
    gone = _found(result, ends + dt.timedelta(days=1))
    assert (gone.status, gone.reason) == ("not_met", f"the certificate expired on {ends}")


def test_a_certificate_that_does_not_verify_is_found(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    """An expired one, one for another name and one of an authority that nobody trusts are not met, with the reason."""
    expired = _found(_looked_at(authority.context(-1)))
    assert (expired.status, expired.reason) == ("not_met", "https does not verify: certificate has expired")
    other = _found(_looked_at(authority.context(90, "127.0.0.2")))
    assert other.status == "not_met"
    assert "IP address mismatch" in other.reason
    context = authority.context(90)
    monkeypatch.delenv("SSL_CERT_FILE")
    unknown = _found(_looked_at(context))
    assert unknown.status == "not_met"
    assert "unable to get local issuer certificate" in unknown.reason


def test_old_versions_of_tls_are_found(authority: Authority) -> None:
    """A server that still takes TLS 1.1 is not met, though it speaks 1.3 with us."""
    context = authority.context(90)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
    result = _looked_at(context)
    assert [own.shows.get("accepted") for own in result.steps("old")] == [True]
    assert (_found(result).status, _found(result).reason) == ("not_met", "TLS of version 1.0 or 1.1 is accepted")


def test_https_that_is_none_is_found() -> None:
    """An https address at which plain http is spoken is not met; one where nobody listens is unknown."""
    plain = _found(_looked_at(None))
    assert plain.status == "not_met"
    assert plain.reason.startswith("https does not verify: the handshake failed: ")
    nobody = found(ITEM, probed("tls", base_url="https://127.0.0.1:9/v1"))
    assert (nobody.status, nobody.reason.partition(":")[0]) == ("unknown", "there was no handshake")


def test_plain_http_stays_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """On the loopback the question does not arise; that the port is open at other addresses is told beside it."""
    entries = {"lo": [Entry(socket.AF_INET, "127.0.0.1")], "card": [Entry(socket.AF_INET, "127.0.0.2")]}
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: entries)
    # 127.0.0.2 stands for the address of a network card: whoever listens at every address listens there too.
    monkeypatch.setattr("assay.runtime.probing.tls._loopback", lambda address: address == "127.0.0.1")
    answer = _found(_looked_at(None, "http"))
    assert (answer.status, answer.reason) == ("not_applicable", "the address is on this machine")
    wide = _found(_looked_at(None, "http", "0.0.0.0"))
    assert (wide.status, wide.reason) == (
        "not_applicable",
        "the address is on this machine; the same port is open at other addresses of this machine too",
    )


def test_plain_http_elsewhere_is_found() -> None:
    """Plain http to another machine is not met, without a request; to a name that is none it is unknown."""
    result = probed("tls", base_url="http://192.0.2.1/v1")
    assert (result.requests, found(ITEM, result).status, found(ITEM, result).reason) == (
        0,
        "not_met",
        "prompts and keys travel in clear: the address says http and is not of this machine's loopback",
    )
    assert found(ITEM, probed("tls", base_url=f"http://{'a' * 64}.invalid/v1")).status == "unknown"
    assert found(ITEM).status == "unknown"
