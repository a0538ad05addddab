"""Do requests travel encrypted, to a server that shows who it is?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.readiness.unprobed import told_nothing
from assay.readiness.view import PROBES, Answer, calendar_day, clipped, met, not_applicable, not_met, unknown

if TYPE_CHECKING:
    from datetime import date

    from assay.readiness.view import View
    from assay.schema.provenance import Exchange

__all__ = ["check"]

_SOON_DAYS: Final = 14
_GOOD: Final = ("TLSv1.2", "TLSv1.3")


def check(view: View) -> Answer:
    """Return met for https with a certificate that verifies; plain http is only for addresses on this machine."""
    result = view.probe("tls")
    if result is None:
        return told_nothing(result)
    old = any(own.shows.get("accepted") for own in result.steps("old"))
    answers = [_encrypted(own, view.today, old=old) for own in result.steps("handshake")]
    answers += [_plain(own) for own in result.steps("plain")]
    return answers[0] if answers else told_nothing(result)


def _plain(own: Exchange) -> Answer:
    if own.shows.get("here") is None:
        return unknown("the address says http, and which machine it names is not known here", PROBES)
    if not own.shows.get("here"):
        return not_met(
            "prompts and keys travel in clear: the address says http and is not of this machine's loopback", PROBES
        )
    also = "; the same port is open at other addresses of this machine too" if own.shows.get("elsewhere") else ""
    return not_applicable(f"the address is on this machine{also}", PROBES)


def _encrypted(own: Exchange, today: date, *, old: bool) -> Answer:
    verified, protocol = own.shows.get("verified"), own.shows.get("protocol")
    if verified is None:
        return unknown(f"there was no handshake: {clipped(own.trouble, 120)}", PROBES)
    if not verified:
        return not_met(f"https does not verify: {clipped(own.trouble, 120)}", PROBES)
    if old or protocol not in _GOOD:
        return not_met("TLS of version 1.0 or 1.1 is accepted", PROBES)
    last = calendar_day(str(own.shows.get("expires") or ""))
    if last is None:
        return met(f"the certificate verifies, {protocol}", PROBES)
    days = (last - today).days
    if days < 0:
        return not_met(f"the certificate expired on {last}", PROBES)
    soon = f": in {days} days, renew it" if days < _SOON_DAYS else ""
    return met(f"the certificate verifies, {protocol}; it expires on {last}{soon}", PROBES)
