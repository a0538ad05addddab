"""Is decoding held to a JSON Schema that was sent?

vLLM ignores a field that it no longer knows, with status 200; LM Studio and TGI refuse shapes that others take.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from assay.runtime.traps.asking import found, not_known, refused

if TYPE_CHECKING:
    from assay.runtime.traps.asking import Asking
    from assay.schema.provenance import Fact

__all__ = ["look"]


async def look(asking: Asking) -> Fact:
    """Return whether an answer takes a form that only the schema asks for, and no word of the question."""
    schema: dict[str, object] = {
        "type": "object",
        "properties": {"code": {"type": "string", "enum": [asking.nonce]}},
        "required": ["code"],
        "additionalProperties": False,
    }
    completion = await asking.say("Say hello.", max_tokens=64, schema=json.loads(json.dumps(schema)))
    fault = completion.fault
    if fault is not None and fault.kind == "bad_request":
        return found("schema_enforced", f"a JSON Schema was refused: {fault.message[:120]}", sound=False)
    if fault is not None:
        return refused("schema_enforced", fault)
    if _as_demanded(completion.output or "", asking.nonce):
        return found("schema_enforced", "an answer had the value that only the schema names", sound=True)
    if completion.finish_reason == "length":
        return not_known("schema_enforced", "the answer reached its token limit before it could be told")
    return found("schema_enforced", "an answer was not what the schema allows", sound=False)


def _as_demanded(output: str, code: str) -> bool:
    try:
        return bool(json.loads(output) == {"code": code})
    except (ValueError, RecursionError):
        return False
