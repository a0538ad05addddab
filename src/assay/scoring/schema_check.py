"""Does a JSON value satisfy a JSON Schema (Draft 2020-12), and is the schema one that can be applied?

Nothing is fetched: a reference to another document cannot be resolved. Texts and keys of schema and value are compared
in Unicode normal form C.
"""

from __future__ import annotations

import functools
import json
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING

from assay.scoring.answer_json import child_place, composed_json, shown_json
from assay.scoring.mark import Flaw, shown
from assay.scoring.patterns import Searches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from jsonschema import Draft202012Validator, FormatChecker
    from jsonschema.exceptions import SchemaError, ValidationError
    from pydantic import JsonValue
    from referencing import Resource
    from referencing._core import Resolver

    _Schema = dict[str, JsonValue]
    _Finds = Callable[[str], bool]

__all__ = ["UnresolvedError", "first_violation", "schema_flaws", "violations"]

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_MOST_VIOLATIONS = 1000
_MOST_TOLD = 5
_MOST_WITHIN = 2


class UnresolvedError(ValueError):
    """It stays open whether a value satisfies a schema; the message completes "the schema …"."""


def first_violation(schema: Mapping[str, JsonValue], value: JsonValue) -> str | None:
    """Return the first violation by path and how many there are, or None when the value satisfies the schema.

    Raises:
        UnresolvedError: the schema refers to something that is not in it, or the search for a pattern was stopped.
    """
    found = _errors(schema, value)
    # These words stand in kept judgements, so they stay: the whole object, not the keys that are too many.
    return _told(found, 1, whole=True)


def violations(schema: Mapping[str, JsonValue], value: JsonValue) -> str | None:
    """Return the first five violations by path and how many there are, or None when the value satisfies the schema.

    Raises:
        UnresolvedError: the schema refers to something that is not in it, or the search for a pattern was stopped.
    """
    return _told(_errors(schema, value), _MOST_TOLD)


def _errors(schema: Mapping[str, JsonValue], value: JsonValue) -> list[ValidationError]:
    with _searching():
        found = list(islice(_validator(json.dumps(schema)).iter_errors(composed_json(value)), _MOST_VIOLATIONS))
    return sorted(found, key=lambda error: (_order(error), str(error.validator)))


def _order(error: ValidationError) -> list[tuple[bool, int, str]]:
    """Return a key that puts `$[2]` before `$[10]`."""
    return [(isinstance(key, str), 0 if isinstance(key, str) else key, str(key)) for key in error.absolute_path]


def _told(found: list[ValidationError], most: int, *, whole: bool = False) -> str | None:
    if not found:
        return None
    count = f"{len(found)} violation{'s' if len(found) > 1 else ''}"
    told = "; ".join(_described(error, whole=whole) for error in found[:most])
    return f"{told} ({'at least ' if len(found) == _MOST_VIOLATIONS else ''}{count})"


@contextmanager
def _searching() -> Iterator[None]:
    """Give the searches for patterns one budget, and turn what keeps a schema from being applied into one error."""
    from referencing.exceptions import Unresolvable

    from assay.scoring.schema_keywords import SEARCHES, StoppedError

    token = SEARCHES.set(Searches())
    try:
        yield
    except Unresolvable as error:
        message = f"refers to {shown(str(error.ref))}, which is not in it and is not fetched"
        raise UnresolvedError(message) from error
    except StoppedError as error:
        raise UnresolvedError(str(error)) from error
    finally:
        SEARCHES.reset(token)


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
        Draft202012Validator.check_schema(schema, format_checker=_formats("regex"))
        flaws = tuple(_inner_flaws(schema))
        if not flaws:
            with _searching():
                _validator(text).is_valid(None)  # a schema that refers to itself in a circle ends here
    except SchemaError as error:
        message = f"the JSON Schema is not valid: {_described(error)}"
    except RecursionError:
        message = "the JSON Schema nests too deep or refers to itself in a circle"
    except ValueError as error:
        message = f"the JSON Schema {error}"
    else:
        return flaws
    return (Flaw("bad-schema", message, "Mend the schema of the case (JSON Schema Draft 2020-12)."),)


def _inner_flaws(schema: dict[str, JsonValue]) -> Iterator[Flaw]:
    from referencing import Registry
    from referencing.jsonschema import DRAFT202012

    from assay.scoring.schema_formats import FORMATS

    root: Resource[JsonValue] = DRAFT202012.create_resource(schema)
    resolver: Resolver[JsonValue] = Registry().resolver_with_root(root)
    for part, finds in _subschemas(root, resolver):
        checked = str(part.get("format", "date"))
        if checked not in FORMATS:
            message = f"the JSON Schema asks for the format {shown(checked)}, which is not checked"
            yield Flaw("bad-schema", message, f"Use a `pattern`, or one of {', '.join(FORMATS)}.")
        for word in ("$ref", "$dynamicRef"):
            reference = str(part.get(word, "#"))
            if not finds(reference):
                message = f"the JSON Schema refers to {shown(reference)}, which is not in it"
                yield Flaw("bad-schema", message, "Copy what it refers to into `$defs`: nothing is fetched.")


def _subschemas(part: Resource[JsonValue], resolver: Resolver[JsonValue]) -> Iterator[tuple[_Schema, _Finds]]:
    """Yield each schema within a schema, and whether a reference that stands there names something."""
    from referencing.exceptions import Unresolvable

    def finds(reference: str) -> bool:
        try:
            resolver.lookup(reference)
        except (Unresolvable, ValueError):  # the latter for an address that is none
            return False
        return True

    if isinstance(part.contents, dict):
        yield part.contents, finds
        for inner in part.subresources():
            yield from _subschemas(inner, resolver.in_subresource(inner))


@functools.lru_cache(maxsize=512)
def _validator(text: str) -> Draft202012Validator:
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend
    from referencing import Registry

    from assay.scoring.schema_formats import FORMATS
    from assay.scoring.schema_keywords import KEYWORDS

    own: type[Draft202012Validator] = extend(Draft202012Validator, KEYWORDS)  # type: ignore[no-untyped-call]
    schema = composed_json(json.loads(text))
    return own(schema if isinstance(schema, dict) else {}, registry=Registry(), format_checker=_formats(*FORMATS))


@functools.cache
def _formats(*names: str) -> FormatChecker:
    from jsonschema import FormatChecker

    from assay.scoring.schema_formats import FORMATS

    formats = FormatChecker(formats=())
    for name in names:
        formats.checks(name, raises=ValueError)(_for_texts(FORMATS[name]))
    return formats


def _for_texts(holds: Callable[[str], bool]) -> Callable[[object], bool]:
    return lambda value: not isinstance(value, str) or holds(value)


def _described(error: ValidationError | SchemaError, depth: int = 0, *, whole: bool = False) -> str:
    """Return which keyword is broken where; not the library's words, which change from version to version."""
    place = "$"
    for key in error.absolute_path:
        place = child_place(place, key)
    wanted = error.validator_value
    if error.validator == "required" and isinstance(wanted, list) and isinstance(error.instance, dict):
        missing = [name for name in wanted if name not in error.instance]
        return f"{place} lacks {', '.join(map(shown, missing))}"
    if error.validator in {"additionalProperties", "unevaluatedProperties"} and wanted is False:
        told = f"has a key that is not allowed: {shown_json(error.instance)}" if whole else error.message
        return f"{place} {told}"  # the message is that of Assay's own keyword
    if error.schema is False:
        return f"{place}: {shown_json(error.instance)} stands where the schema allows nothing"
    if error.validator in {"anyOf", "oneOf"} and depth < _MOST_WITHIN:
        return f"{place}: {shown_json(error.instance)} breaks {error.validator}: {_nearest_branch(error, depth)}"
    return f"{place}: {shown_json(error.instance)} breaks {error.validator} {shown_json(wanted)}"


def _nearest_branch(error: ValidationError | SchemaError, depth: int) -> str:
    """Return what is wrong under the branch that the value seems to be meant for."""
    branches: dict[int, list[ValidationError]] = {}
    for inner in error.context or ():
        if inner.schema is not False:  # such a branch is meant for nothing, and the library gives it no place
            branches.setdefault(int(inner.schema_path[0]), []).append(inner)
    if not branches:
        return "no branch allows anything" if error.context else "more than one of its branches holds"

    def distance(branch: list[ValidationError]) -> tuple[bool, int]:
        """Put a branch for another type, or for another constant, behind one that fails further in."""
        other = any(inner.validator in {"type", "const", "enum"} and not inner.path for inner in branch)
        return other, len(branch)

    at, branch = min(branches.items(), key=lambda item: (*distance(item[1]), item[0]))
    told = "; ".join(_described(inner, depth + 1) for inner in branch[:_MOST_WITHIN])
    return f"nearest is branch {at + 1}: {told}"
