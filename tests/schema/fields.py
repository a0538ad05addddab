"""Which fields does a record have, of which types? Run this module to write the list anew:

python -m tests.schema.fields
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from assay.workflow.formats import schema_of

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["FILE", "fields_of_records"]

FILE = Path(__file__).with_name("record_fields.txt")
_BOUNDS = (
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minLength",
    "maxLength",
    "pattern",
    "minItems",
)


def fields_of_records() -> str:
    """Return one line for each field of each noun in a record: its name, its type, and whether it must be there."""
    schema = json.loads(schema_of("record"))
    return "".join(
        f"{line}\n" for name, noun in (("Record", schema), *schema["$defs"].items()) for line in _lines(name, noun)
    )


def _lines(name: str, noun: dict) -> Iterator[str]:
    for branch in (noun, *noun.get("anyOf", ())):
        for field, own in branch.get("properties", {}).items():
            must = "" if field in branch.get("required", ()) else " optional"
            yield f"{name}.{field}: {_type(own)}{must}"


def _type(own: dict) -> str:
    """Return a type in few words."""
    if "$ref" in own:
        return own["$ref"].rpartition("/")[2]
    if "anyOf" in own:
        return " | ".join(map(_type, own["anyOf"]))
    if "enum" in own or "const" in own:
        return json.dumps(own.get("enum", own.get("const")))
    kind = str(own.get("type", "anything"))
    if kind == "array":
        inner = own.get("prefixItems", [own.get("items", {})])
        kind = f"[{', '.join(map(_type, inner))}]"
    elif kind == "object" and isinstance(own.get("additionalProperties"), dict):
        kind = f"{{{_type(own['additionalProperties'])}}}"
    bounds = "".join(f" {bound} {own[bound]}" for bound in _BOUNDS if bound in own)
    return f"{kind}{bounds}"


if __name__ == "__main__":
    FILE.write_text(fields_of_records(), encoding="utf-8")
