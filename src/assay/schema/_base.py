"""What do all nouns share: frozen, closed to unknown keys, documented by field, digested by RFC 8785."""

from __future__ import annotations

import hashlib
from typing import Literal

import rfc8785
from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler, JsonValue
from pydantic_core import CoreSchema  # noqa: TC002 - pydantic reads the annotation
from typing_extensions import override

__all__ = ["JsonValue", "Noun", "ShortNoun", "Status", "canonical_bytes", "digest_of", "rounded"]

Status = Literal["met", "not_met", "unknown", "not_applicable"]
"""How a check or a condition came out; `not_applicable` is for checks only."""


class Noun(BaseModel):
    """A value that rooms exchange: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, populate_by_name=True)


class ShortNoun(Noun):
    """A noun that files may also write as one text; its JSON Schema says so, for editors that check files by it."""

    @override
    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler, /) -> dict[str, object]:
        return {"anyOf": [{"type": "string"}, handler(core)]}


def canonical_bytes(value: JsonValue) -> bytes:
    """Return the one canonical JSON form of a value (RFC 8785).

    Raises:
        ValueError: the value holds NaN, an infinity, or an integer beyond 2**53.
    """
    return rfc8785.dumps(value)


def digest_of(value: JsonValue) -> str:
    """Return the SHA-256 of the canonical JSON form of a value, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical_bytes(value)).hexdigest()


def rounded(value: float) -> float:
    """Return a figure as the record stores it: six significant digits, so that its text is the same everywhere."""
    return float(f"{value:.6g}")
