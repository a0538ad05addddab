"""Does a text have a format of JSON Schema, decided here because libraries differ in what they check?

All formats that Draft 2020-12 names are checked, as far as characters and structure go: nothing is looked up. One that
the draft does not name is refused with the schema, because it would hold for every text.
"""

from __future__ import annotations

import ipaddress
import re
from datetime import date
from typing import TYPE_CHECKING

from assay.scoring.ecma import ecma_pattern

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FORMATS"]

_HOUR_MINUTE = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_CLOCK = rf"{_HOUR_MINUTE}:[0-5][0-9](?:\.[0-9]+)?(?:[Zz]|[+-]{_HOUR_MINUTE})"  # RFC 3339, section 5.6
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_SPAN_TIME = r"T(?=[0-9])(?:[0-9]+H(?:[0-9]+M(?:[0-9]+S)?)?|[0-9]+M(?:[0-9]+S)?|[0-9]+S)"
_SPAN_DATE = r"(?:[0-9]+Y(?:[0-9]+M(?:[0-9]+D)?)?|[0-9]+M(?:[0-9]+D)?|[0-9]+D)"
_PLAIN = r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]"  # RFC 3986, characters only
_OCTET = "%[0-9A-Fa-f]{2}"
_ABROAD = r"[\u00a0-\ud7ff\uf900-\ufdcf\ufdf0-\uffef\U00010000-\U000efffd]"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"  # RFC 1123, section 2.1
_SCHEME = r"[A-Za-z][A-Za-z0-9+.-]*:"


def _form(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda text: compiled.fullmatch(text) is not None


_day_form, _moment_form = _form(_DAY), re.compile(f"({_DAY})[Tt]{_CLOCK}")
_host_form = _form(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*")


def _is_day(text: str) -> bool:
    return _day_form(text) and bool(date.fromisoformat(text))


def _is_moment(text: str) -> bool:
    return (moment := _moment_form.fullmatch(text)) is not None and _is_day(moment[1])


FORMATS: dict[str, Callable[[str], bool]] = {
    "date": _is_day,
    "date-time": _is_moment,
    "time": _form(_CLOCK),
    "duration": _form(rf"P(?:[0-9]+W|{_SPAN_DATE}(?:{_SPAN_TIME})?|{_SPAN_TIME})"),  # RFC 3339, appendix A
    "email": _form(r"[^\s@]+@[^\s@]+"),
    "idn-email": _form(r"[^\s@]+@[^\s@]+"),
    "hostname": _host_form,
    "idn-hostname": lambda text: _host_form(text.encode("idna").decode("ascii")),
    "ipv4": lambda text: bool(ipaddress.IPv4Address(text)),
    "ipv6": lambda text: "%" not in text and bool(ipaddress.IPv6Address(text)),
    "uri": _form(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+"),
    "uri-reference": _form(rf"(?:{_PLAIN}|{_OCTET})*"),
    "iri": _form(rf"{_SCHEME}(?:{_PLAIN}|{_OCTET}|{_ABROAD})+"),
    "iri-reference": _form(rf"(?:{_PLAIN}|{_OCTET}|{_ABROAD})*"),
    "uri-template": _form(rf"(?:{_PLAIN}|{_OCTET}|{_ABROAD}|\{{[^\s{{}}\"'<>\\^`|]+\}})*"),
    "uuid": _form(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"),
    "json-pointer": _form(r"(?:/(?:[^/~]|~[01])*)*"),
    "relative-json-pointer": _form(r"(?:0|[1-9][0-9]*)(?:#|(?:/(?:[^/~]|~[01])*)*)"),
    "regex": lambda text: ecma_pattern(text) is not None,
}
"""Whether a text has a format, by its name; some raise `ValueError` instead of answering no."""
