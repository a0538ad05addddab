"""What does a YAML file say, and on which line does it say it?"""

from __future__ import annotations

import difflib
import inspect
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar, get_args

import yaml
from pydantic import BaseModel, JsonValue, ValidationError

from assay.errors import InputError, Problem
from assay.schema._base import Noun

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pydantic_core import ErrorDetails

__all__ = ["Document", "flaw_of", "load_noun", "problems_of", "read_yaml"]

_MOST_BYTES = 4 << 20
_MOST_NODES = 200_000
"""A file of aliases to aliases would grow without bound; no honest plan comes near this."""
_MOST_INTEGER = 2**53 - 1
"""Largest integer that every JSON reader keeps exactly (RFC 7493, section 2.2); larger ones have no digest."""

_TIMESTAMP = "tag:yaml.org,2002:timestamp"
"""Tag of what looks like a date, be it a day of the calendar or not."""
_IN_WORDS = {
    r"^\d{4}-\d{2}-\d{2}$": "write the day as YYYY-MM-DD",
    r"^((sha256:)?[0-9a-f]{64}|[0-9a-f]{40})$": "write the 64 hexadecimal digits of a SHA-256, or the 40 of a revision",
}
"""What a pattern asks for, where it can be said."""

NounT = TypeVar("NounT", bound=Noun)
Loc = tuple[str | int, ...]


@dataclass
class Document:
    """A parsed file with the line of each of its values."""

    file: str
    """Name of the file as the user gave it."""
    data: JsonValue
    """Its content."""
    lines: dict[Loc, int] = field(default_factory=dict)
    """Line, from 1, of each key path."""

    def line_of(self, loc: Loc) -> int | None:
        """Return the line of the deepest value on a key path that the file really has."""
        for length in range(len(loc), 0, -1):
            known = self.lines.get(tuple(loc[:length]))
            if known is not None:
                return known
        return None

    def problem(self, slug: str, message: str, remedy: str, loc: Loc = ()) -> Problem:
        """Return a problem at a key path of this file."""
        return Problem(slug, message, remedy, self.file, self.line_of(loc))


def read_yaml(path: Path, name: str, *, trusted: bool = False) -> Document:
    """Read a YAML file safely.

    Args:
        path: the file.
        name: how the user calls it; used in problems.
        trusted: whether the file comes with Assay. LibYAML reads it ten times as fast, and has no guard of Python's
            against values that are nested without end.

    Raises:
        InputError: it cannot be read, is not YAML, has a key twice, or is larger than 4 MiB.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(_MOST_BYTES + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        problem = Problem("no-such-file", f"cannot read the file: {reason}", "Check the path.", name)
        raise InputError(problem) from None
    if len(raw) > _MOST_BYTES:
        raise InputError(Problem("file-too-large", "the file is larger than 4 MiB", "Split it.", name))
    document = Document(name, None)
    problems: list[Problem] = []
    try:
        loader = yaml.CSafeLoader if trusted and yaml.__with_libyaml__ else yaml.SafeLoader
        node = yaml.compose(raw.decode("utf-8"), Loader=loader)
        document.data = _Reader(document, problems).value(node, ()) if node is not None else None
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InputError(Problem("bad-yaml", "the file is not UTF-8", "Save it as UTF-8.", name, line)) from None
    except yaml.YAMLError as error:
        raise InputError(_syntax_problem(error, raw, name)) from None
    except RecursionError:
        # Lists in lists without end, or an alias inside of what it stands for.
        raise InputError(Problem("file-too-large", "the values are nested too deep", "Flatten them.", name)) from None
    if problems:
        raise InputError(*sorted(problems, key=lambda problem: problem.line or 0))
    return document


def _syntax_problem(error: yaml.YAMLError, raw: bytes, name: str) -> Problem:
    line = None
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        what, line = error.problem or error.context or "it cannot be read", error.problem_mark.line + 1
    elif isinstance(error, yaml.reader.ReaderError):
        what, line = f"character U+{error.character:04X} is not allowed", _line_at(raw, error.position)
    else:
        what = str(error)
    return Problem("bad-yaml", f"not valid YAML: {what}", "Mend the syntax at this line.", name, line)


def _line_at(raw: bytes, position: int) -> int:
    """Return the line, from 1, of a character of a UTF-8 text."""
    return raw.decode("utf-8").count("\n", 0, position) + 1


def flaw_of(value: JsonValue) -> str | None:
    """Return why a single value fits no canonical JSON, and so no digest, or None when it does."""
    if isinstance(value, float) and not math.isfinite(value):
        return "the number is not finite"
    if isinstance(value, int) and abs(value) > _MOST_INTEGER:
        return "the integer is beyond 2**53 - 1, where JSON readers round"
    if isinstance(value, str) and not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        return "the text has half of a surrogate pair"
    return None


class _Reader:
    """Turns YAML nodes into JSON values and remembers their lines."""

    def __init__(self, document: Document, problems: list[Problem]) -> None:
        self._document = document
        self._problems = problems
        self._constructor = yaml.SafeLoader("")
        self._seen = 0

    def value(self, node: yaml.Node, loc: Loc) -> JsonValue:
        """Return the value of a node and note the lines under it."""
        self._seen += 1
        if self._seen > _MOST_NODES:
            too_many = Problem(
                "file-too-large", "the file has too many values", "Use fewer aliases.", self._document.file
            )
            raise InputError(too_many)
        self._document.lines.setdefault(loc, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, loc)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*loc, index)) for index, item in enumerate(node.value)]
        return self._scalar(node, loc)

    def _mapping(self, node: yaml.MappingNode, loc: Loc) -> dict[str, JsonValue]:
        result: dict[str, JsonValue] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode) or flaw_of(key_node.value):
                message = "a key is not a text"
                self._problems.append(Problem("bad-yaml", message, "Write the key plainly.", self._document.file, line))
                continue
            key = str(key_node.value)
            if key in result:
                message = f"the key {key!r} stands twice"
                self._problems.append(Problem("duplicate-key", message, "Keep one.", self._document.file, line))
            self._document.lines[(*loc, key)] = line
            result[key] = self.value(value_node, (*loc, key))
        return result

    def _scalar(self, node: yaml.Node, loc: Loc) -> JsonValue:
        if node.tag == _TIMESTAMP and yaml.SafeLoader.timestamp_regexp.match(node.value):
            # Dates stay the text that was written: JSON has no dates, and digests must not depend on a reading of them.
            return str(node.value)
        try:
            value = self._constructor.construct_object(node)
        except (yaml.YAMLError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
            # The last three come from values that do not fit the tag or the type they are written as.
            reason = error.problem if isinstance(error, yaml.MarkedYAMLError) else "it does not fit its type"
            message = f"cannot read the value {str(node.value)[:60]!r}: {reason}"
            self._problems.append(self._document.problem("bad-yaml", message, "Quote it or mend it.", loc))
            return None
        read = value if isinstance(value, str | int | float | bool | None) else str(node.value)
        flaw = flaw_of(read)
        if flaw is not None:
            self._problems.append(self._document.problem("bad-value", flaw, "Mend the value.", loc))
        return read


def load_noun(document: Document, model: type[NounT]) -> NounT:
    """Return the noun that a document holds.

    Raises:
        InputError: one problem for each value that does not fit.
    """
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        raise InputError(*problems_of(error, model, document)) from None


def problems_of(error: ValidationError, model: type[BaseModel], document: Document) -> list[Problem]:
    """Return one problem for each value that does not fit a noun, with its line, in the file's order."""
    details = error.errors(include_url=False)
    # A list whose items are all refused is also called too short: that adds nothing.
    own = [d for d in details if d["type"] != "too_short" or not any(_under(o["loc"], d["loc"]) for o in details)]
    return sorted((_problem(detail, model, document) for detail in own), key=lambda problem: problem.line or 0)


def _under(loc: Loc, parent: Loc) -> bool:
    return len(loc) > len(parent) and loc[: len(parent)] == parent


def _problem(detail: ErrorDetails, model: type[BaseModel], document: Document) -> Problem:
    loc = detail["loc"]
    key = str(loc[-1]) if loc else "the file"
    if detail["type"] == "extra_forbidden":
        known = _keys_at(model, loc[:-1])
        near = difflib.get_close_matches(key, known, n=1, cutoff=0.0)
        remedy = f"Did you mean {near[0]!r}?" if near else "Remove it."
        return document.problem("unknown-key", f"unknown key {key!r}{_inside(loc)}", remedy, loc)
    if detail["type"] == "missing":
        return document.problem("missing-key", f"the key {key!r} is missing{_inside(loc)}", "Add it.", loc[:-1])
    message = _IN_WORDS.get(detail.get("ctx", {}).get("pattern", ""), detail["msg"])
    message = message.removeprefix("Value error, ").rstrip(".")
    # Of a mapping only the first of many keys would be seen.
    got = "" if isinstance(detail["input"], dict) else f" (got {repr(detail['input'])[:60]})"
    return document.problem("bad-value", f"{_path(loc)}: {message}{got}", "Mend the value.", loc)


def _inside(loc: Sequence[str | int]) -> str:
    return f" in {_path(loc[:-1])}" if len(loc) > 1 else ""


def _path(loc: Sequence[str | int]) -> str:
    text = ""
    for part in loc:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".") or "the file"


def _keys_at(model: type[BaseModel], loc: Sequence[str | int]) -> list[str]:
    """Return the keys that the noun at a key path knows."""
    current = model
    for part in loc:
        for name, info in current.model_fields.items():
            if part in (name, info.alias):
                current = _noun_in(info.annotation) or current
    return [info.alias or name for name, info in current.model_fields.items()]


def _noun_in(annotation: object) -> type[BaseModel] | None:
    """Return the first noun inside a type such as `tuple[Candidate, ...]` or `Gate | None`."""
    if inspect.isclass(annotation):
        return annotation if issubclass(annotation, BaseModel) else None
    for part in get_args(annotation):
        found = _noun_in(part)
        if found is not None:
            return found
    return None
