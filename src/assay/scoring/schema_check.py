"""Does a JSON value satisfy a JSON Schema (Draft 2020-12), and is the schema one that can be applied?

Nothing is fetched: a reference to another document cannot be resolved. Formats are checked here, because what the
library checks depends on which other packages happen to be installed.
"""

from __future__ import annotations

import functools
import ipaddress
import json
import re
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING

from assay.scoring.answer_json import child_place, shown_json
from assay.scoring.mark import Flaw, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError, ValidationError
    from pydantic import JsonValue
    from referencing import Resource

__all__ = ["UnresolvedError", "first_violation", "schema_flaws"]

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_MOST_VIOLATIONS = 1000
_HOUR_MINUTE = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_CLOCK = rf"{_HOUR_MINUTE}:[0-5][0-9](?:\.[0-9]+)?(?:[Zz]|[+-]{_HOUR_MINUTE})"  # RFC 3339, section 5.6
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_DAY_FORM, _CLOCK_FORM = re.compile(_DAY), re.compile(_CLOCK)
_MOMENT_FORM = re.compile(f"({_DAY})[Tt]{_CLOCK}")
_EMAIL_FORM = re.compile(r"[^\s@]+@[^\s@]+")
_UUID_FORM = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_URI_FORM = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")  # RFC 3986, characters only


class UnresolvedError(ValueError):
    """A schema refers to something that is not in it; the message names the reference."""


def _is_day(text: str) -> bool:
    return _DAY_FORM.fullmatch(text) is not None and bool(date.fromisoformat(text))


def _is_moment(text: str) -> bool:
    return (moment := _MOMENT_FORM.fullmatch(text)) is not None and _is_day(moment[1])


_FORMATS: dict[str, Callable[[str], bool]] = {
    "date": _is_day,
    "date-time": _is_moment,
    "time": lambda text: _CLOCK_FORM.fullmatch(text) is not None,
    "email": lambda text: _EMAIL_FORM.fullmatch(text) is not None,
    "ipv4": lambda text: bool(ipaddress.IPv4Address(text)),
    "ipv6": lambda text: bool(ipaddress.IPv6Address(text)),
    "uri": lambda text: _URI_FORM.fullmatch(text) is not None,
    "uuid": lambda text: _UUID_FORM.fullmatch(text) is not None,
}


def first_violation(schema: Mapping[str, JsonValue], value: JsonValue) -> str | None:
    """Return the first violation by path and how many there are, or None when the value satisfies the schema.

    Raises:
        UnresolvedError: the schema refers to something that is not in it.
    """
    from referencing.exceptions import Unresolvable

    try:
        found = list(islice(_validator(json.dumps(schema)).iter_errors(value), _MOST_VIOLATIONS))
    except Unresolvable as error:
        raise UnresolvedError(str(error.ref)) from error
    if not found:
        return None
    first = min(found, key=lambda error: (list(map(str, error.absolute_path)), str(error.validator)))
    count = f"{len(found)} violation{'s' if len(found) > 1 else ''}"
    return f"{_described(first)} ({'at least ' if len(found) == _MOST_VIOLATIONS else ''}{count})"


def schema_flaws(schema: Mapping[str, JsonValue]) -> list[Flaw]:
    """Return what keeps a schema from being applied: other drafts, errors in it, open references, unknown formats."""
    return list(_schema_flaws(json.dumps(schema)))


@functools.lru_cache(maxsize=512)  # a suite has many cases and few schemas, and checking one takes milliseconds
def _schema_flaws(text: str) -> tuple[Flaw, ...]:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    schema: dict[str, JsonValue] = json.loads(text)
    draft = schema.get("$schema", _DRAFT)
    if draft not in {_DRAFT, f"{_DRAFT}#"}:
        message = f"the JSON Schema is written for {shown(str(draft))}"
        return (Flaw("bad-schema", message, f"Write it for {_DRAFT}."),)
    try:
        Draft202012Validator.check_schema(schema)
        flaws = tuple(_inner_flaws(schema))
        if not flaws:
            _validator(text).is_valid(None)  # a schema that refers to itself in a circle ends here
    except SchemaError as error:
        message = f"the JSON Schema is not valid: {_described(error)}"
    except RecursionError:
        message = "the JSON Schema nests too deep or refers to itself in a circle"
    else:
        return flaws
    return (Flaw("bad-schema", message, "Mend the schema of the case (JSON Schema Draft 2020-12)."),)


def _inner_flaws(schema: dict[str, JsonValue]) -> Iterator[Flaw]:
    from referencing.jsonschema import DRAFT202012

    root = DRAFT202012.create_resource(schema)
    for part in _subschemas(schema):
        checked = str(part.get("format", "date"))
        if checked not in _FORMATS:
            message = f"the JSON Schema asks for the format {shown(checked)}, which is not checked"
            yield Flaw("bad-schema", message, f"Use a `pattern`, or one of {', '.join(_FORMATS)}.")
        reference = str(part.get("$ref", "#"))
        if not _is_within(root, reference):
            message = f"the JSON Schema refers to {shown(reference)}, which is not in it"
            yield Flaw("bad-schema", message, "Copy what it refers to into `$defs`: nothing is fetched.")


def _is_within(root: Resource[JsonValue], reference: str) -> bool:
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    try:
        Registry().with_resource("", root).resolver().lookup(reference)
    except Unresolvable:
        return False
    return reference.startswith("#")


def _subschemas(schema: object) -> Iterator[dict[str, JsonValue]]:
    from referencing.jsonschema import DRAFT202012

    if isinstance(schema, dict):
        yield schema
        for part in DRAFT202012.subresources_of(schema):
            yield from _subschemas(part)


@functools.lru_cache(maxsize=512)
def _validator(text: str) -> Draft202012Validator:
    from jsonschema import Draft202012Validator, FormatChecker
    from referencing import Registry

    formats = FormatChecker(formats=())
    for name, holds in _FORMATS.items():
        formats.checks(name, raises=ValueError)(_for_texts(holds))
    return Draft202012Validator(json.loads(text), registry=Registry(), format_checker=formats)


def _for_texts(holds: Callable[[str], bool]) -> Callable[[object], bool]:
    return lambda value: not isinstance(value, str) or holds(value)


def _described(error: ValidationError | SchemaError) -> str:
    """Return which keyword is broken where; not the library's words, which change from version to version."""
    place = "$"
    for key in error.absolute_path:
        place = child_place(place, key)
    wanted = error.validator_value
    if error.validator == "required" and isinstance(wanted, list) and isinstance(error.instance, dict):
        missing = [name for name in wanted if name not in error.instance]
        return f"{place} lacks {', '.join(map(shown, missing))}"
    if error.validator == "additionalProperties" and wanted is False:
        return f"{place} has a key that is not allowed: {shown_json(error.instance)}"
    if error.schema is False:
        return f"{place}: {shown_json(error.instance)} stands where the schema allows nothing"
    return f"{place}: {shown_json(error.instance)} breaks {error.validator} {shown_json(wanted)}"
