"""How is a nested value written as YAML that every reader takes the same way: block style, each text quoted?"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.schema._base import JsonValue

__all__ = ["block_yaml", "yaml_comment"]

_PLAIN_KEY = re.compile(r"[a-z_][a-z0-9_-]*")
_NOT_ASCII = re.compile(r"[^\x20-\x7e]")
_FOUR_DIGITS = 0xFFFF
_NOT_TEXT = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def block_yaml(value: dict[str, JsonValue]) -> str:
    """Return a mapping as ASCII YAML, in which no text can be taken for anything else.

    A list directly within a list is not written: no format needs one here.
    """
    return "".join(f"{line}\n" for line in _mapping(value))


def yaml_comment(text: str) -> str:
    """Return one line of ASCII that every reader of YAML leaves out, whatever the text holds."""
    return f"# {_NOT_ASCII.sub(_escaped, text)}\n"


def _mapping(value: dict[str, JsonValue]) -> Iterator[str]:
    for key, inner in value.items():
        name = key if _PLAIN_KEY.fullmatch(key) and key not in _NOT_TEXT else _scalar(key)
        if isinstance(inner, dict) and inner:
            yield f"{name}:"
            yield from (f"  {line}" for line in _mapping(inner))
        elif isinstance(inner, list) and inner:
            yield f"{name}:"
            yield from _listed(inner)
        else:
            yield f"{name}: {_scalar(inner)}"


def _listed(values: list[JsonValue]) -> Iterator[str]:
    for value in values:
        if isinstance(value, dict) and value:
            first, *rest = _mapping(value)
            yield f"- {first}"
            yield from (f"  {line}" for line in rest)
        else:
            yield f"- {_scalar(value)}"


def _scalar(value: JsonValue) -> str:
    """Return a scalar, or an empty list or mapping; other characters than ASCII as YAML escapes (YAML 1.2.2, 5.7)."""
    # JSON would write a character beyond 65,535 as two halves, which YAML does not join.
    return _NOT_ASCII.sub(_escaped, json.dumps(value, ensure_ascii=False))


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\u{code:04x}" if code <= _FOUR_DIGITS else f"\\U{code:08x}"
