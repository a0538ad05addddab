"""Do requests travel encrypted to a server that shows who it is, or does it stand on this machine?

A certificate is held against the authorities that the system trusts (or those that `SSL_CERT_FILE` names), and against
the name in the address (RFC 9525). TLS 1.0 and 1.1 must not be used any more (RFC 8996).
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
import time
import warnings
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from assay.runtime.probing.probing import Probe
from assay.schema.provenance import Exchange

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.runtime.probing.probing import Probing

__all__ = ["PROBE"]

_HANDSHAKE_S: Final = 8.0
_CONNECT_S: Final = 1.0
_MOST_OTHERS: Final = 4
_NOT_OURS: Final = frozenset({"NO_PROTOCOLS_AVAILABLE", "NO_CIPHERS_AVAILABLE", "NO_CIPHER_MATCH"})
"""Faults of the TLS library here: with them nothing is known of the server."""


async def _look(probing: Probing) -> None:
    parts = urlsplit(probing.subject.base_url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    if parts.scheme != "https":
        here = await _is_here(host, port)
        elsewhere = await _answers_elsewhere(probing, port) if here else None
        _keep(probing, "plain", "the address says http", {"here": here, "elsewhere": elsewhere})
        return
    began = time.perf_counter()
    shows, trouble = await _checked(host, port)
    probing.requests += 1
    sent = "a TLS handshake that checks the certificate"
    _keep(probing, "handshake", sent, shows, trouble=trouble, took_ms=round((time.perf_counter() - began) * 1000))
    if shows["verified"]:
        probing.requests += 1
        _keep(probing, "old", "a TLS handshake of version 1.0 or 1.1", {"accepted": await _takes_old(host, port)})


def _keep(
    probing: Probing,
    step: str,
    sent: str,
    shows: Mapping[str, str | bool | None],
    *,
    trouble: str = "",
    took_ms: int = 0,
) -> None:
    probing.exchanges.append(
        Exchange(step=step, sent=sent, status=None, trouble=trouble, took_ms=took_ms, shows=dict(shows))
    )


async def _is_here(host: str, port: int) -> bool | None:
    """Return whether all addresses that a name stands for are of the loopback; None for a name that is not known."""
    try:
        async with asyncio.timeout(_HANDSHAKE_S):
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return None
    return bool(found) and all(_loopback(str(own[4][0])) for own in found)


def _loopback(address: str) -> bool:
    try:
        own = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return own.is_loopback or own.is_unspecified  # a connection to 0.0.0.0 goes to the loopback


async def _answers_elsewhere(probing: Probing, port: int) -> bool:
    """Return whether the port is open at another address of this machine: then the server is bound to all of them."""
    import psutil

    families = {socket.AF_INET, socket.AF_INET6}
    own = [
        entry.address
        for entries in psutil.net_if_addrs().values()
        for entry in entries
        if entry.family in families and not _loopback(entry.address)
    ]
    for address in own[:_MOST_OTHERS]:
        probing.requests += 1
        try:
            async with asyncio.timeout(_CONNECT_S):
                _, writer = await asyncio.open_connection(address, port)
        except OSError:
            continue
        writer.transport.abort()
        return True
    return False


async def _checked(host: str, port: int) -> tuple[dict[str, str | bool | None], str]:
    """Return what a handshake with all checks shows, and why it failed."""
    nothing: dict[str, str | bool | None] = {"verified": None, "protocol": None, "expires": None}
    try:
        session = await _shake_hands(host, port, ssl.create_default_context())
    except ssl.SSLCertVerificationError as error:
        return nothing | {"verified": False}, error.verify_message or "the certificate does not verify"
    except ssl.SSLError as error:
        return nothing | {"verified": False}, f"the handshake failed: {(error.reason or 'no TLS').lower()}"
    except TimeoutError:
        return nothing, f"no handshake within {_HANDSHAKE_S:g} s"
    except (OSError, ValueError) as error:
        return nothing, f"cannot connect: {getattr(error, 'strerror', None) or type(error).__name__}"
    ends = (session.getpeercert() or {}).get("notAfter")
    last = ssl.cert_time_to_seconds(ends) if isinstance(ends, str) else None
    expires = None if last is None else datetime.fromtimestamp(last, UTC).date().isoformat()
    return {"verified": True, "protocol": session.version(), "expires": expires}, ""


async def _takes_old(host: str, port: int) -> bool | None:
    """Return whether a handshake of TLS 1.0 or 1.1 succeeds; None where the library here cannot try."""
    try:
        await _shake_hands(host, port, _old_context())
    except ssl.SSLError as error:
        return None if error.reason in _NOT_OURS else False
    except (OSError, ValueError):
        return False
    return True


def _old_context() -> ssl.SSLContext:
    """Return a context for the handshake only: no request and no key ever goes through it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with warnings.catch_warnings():
        # They are deprecated, which is why they are asked for.
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


async def _shake_hands(host: str, port: int, context: ssl.SSLContext) -> ssl.SSLObject:
    async with asyncio.timeout(_HANDSHAKE_S):
        _, writer = await asyncio.open_connection(host, port, ssl=context, server_hostname=host)
    session: ssl.SSLObject = writer.get_extra_info("ssl_object")
    writer.transport.abort()
    return session


PROBE = Probe(
    "Two TLS handshakes, one of them old; to a plain address on this machine, a connection at its other addresses.",
    _MOST_OTHERS,
    20.0,
    _look,
)
