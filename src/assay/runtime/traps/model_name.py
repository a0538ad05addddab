"""Does the server refuse a model that it cannot have?

llama.cpp, SGLang and LM Studio answer any name, so that "the model answered" does not show which model did.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.runtime.traps.asking import found, refused

if TYPE_CHECKING:
    from assay.runtime.traps.asking import Asking
    from assay.schema.provenance import Fact

__all__ = ["look"]


async def look(asking: Asking) -> Fact:
    """Return `yes` when a name that cannot exist is refused, `no` when it is answered."""
    name = f"assay-no-such-model-{asking.nonce}"
    completion = await asking.complete(asking.body("Say yes.", max_tokens=1, model=name))
    fault = completion.fault
    if fault is None:
        return found("model_name_checked", f"the model {name!r} was answered", sound=False)
    if fault.kind == "unknown_model" or (fault.kind == "bad_request" and "model" in fault.message.lower()):
        return found("model_name_checked", f"the model {name!r} was refused with {fault.http_status}", sound=True)
    return refused("model_name_checked", fault)
