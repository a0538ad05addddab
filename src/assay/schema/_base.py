"""What do all nouns share: frozen, closed to unknown keys, documented by field, digested by RFC 8785."""

from __future__ import annotations

import ast
import hashlib
import inspect
import json
from itertools import pairwise
from typing import Literal, TypeGuard

import rfc8785
from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler, JsonValue
from pydantic_core import CoreSchema  # noqa: TC002 - pydantic reads the annotation
from typing_extensions import override

__all__ = ["JsonValue", "Noun", "ShortNoun", "Status", "canonical_bytes", "digest_of", "field_docs", "rounded"]

Status = Literal["met", "not_met", "unknown", "not_applicable"]
"""How a check or a condition came out; `not_applicable` is for checks only."""


_MOST_INTEGER = 2**53 - 1
"""Integers beyond it are not the same in every JSON reader (RFC 8785, section 3.2.2.3)."""


class Noun(BaseModel):
    """A value that rooms exchange: frozen, and an unknown key is an error."""

    # Pydantic could read the fields' docstrings itself, but does so at every start: a tenth of a second. Validators are
    # built when a noun is first used: a command uses few of them, and building all is a fifth of its start.
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, defer_build=True)


class ShortNoun(Noun):
    """A noun that files may also write as one text; its JSON Schema says so, for editors that check files by it."""

    @override
    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler, /) -> dict[str, object]:
        return {"anyOf": [{"type": "string"}, handler(core)]}


def field_docs(noun: type[BaseModel]) -> dict[str, str]:
    """Return what stands under each field of a noun in its source, by the field's name; fields of its bases too."""
    docs: dict[str, str] = {}
    for base in reversed(noun.__mro__):
        if issubclass(base, BaseModel) and base is not BaseModel:
            (tree,) = ast.parse(inspect.cleandoc("\n" + inspect.getsource(base))).body
            body = tree.body if isinstance(tree, ast.ClassDef) else []
            for field, doc in pairwise(body):
                if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and _is_text(doc):
                    docs[field.target.id] = inspect.cleandoc(ast.literal_eval(doc.value))
    return docs


def _is_text(node: ast.stmt) -> TypeGuard[ast.Expr]:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def canonical_bytes(value: JsonValue) -> bytes:
    """Return the one canonical JSON form of a value (RFC 8785).

    Raises:
        ValueError: the value holds NaN, an infinity, or an integer beyond 2**53.
    """
    if _is_plain(value):
        # Without fractions, and with keys that sort the same by characters as by UTF-16, the standard library writes
        # the same bytes in a fifth of the time; every case of every run is digested twice.
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
    return rfc8785.dumps(value)


def _is_plain(value: JsonValue) -> bool:
    if isinstance(value, str) or value is None or isinstance(value, bool):
        return True
    if isinstance(value, int):
        return -_MOST_INTEGER <= value <= _MOST_INTEGER
    if isinstance(value, dict):
        return all(key.isascii() for key in value) and all(map(_is_plain, value.values()))
    return isinstance(value, list) and all(map(_is_plain, value))


def digest_of(value: JsonValue) -> str:
    """Return the SHA-256 of the canonical JSON form of a value, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical_bytes(value)).hexdigest()


def rounded(value: float) -> float:
    """Return a figure as the record stores it: six significant digits, so that its text is the same everywhere."""
    return float(f"{value:.6g}")
