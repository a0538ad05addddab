"""What does a server do in silence: which traps does only asking its model show?"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from assay.runtime.traps import (
    isolation,
    model_name,
    repeatable,
    schema,
    stream_usage,
    token_limit,
    whole_prompt,
)
from assay.runtime.traps.asking import Asking, not_known

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from assay.schema.provenance import Fact, TrapName

__all__ = ["TRAP_LOOKS", "Asking", "look_for_traps"]

TRAP_LOOKS: dict[TrapName, Callable[[Asking], Awaitable[Fact]]] = {
    "model_name_checked": model_name.look,
    "token_limit_honoured": token_limit.look,
    "usage_in_streams": stream_usage.look,
    "schema_enforced": schema.look,
    "repeatable": repeatable.look,
    "requests_isolated": isolation.look,
    "prompt_kept_whole": whole_prompt.look,
}
"""How each trap is looked for, the cheap ones first."""

_DEADLINE_S = 300.0


async def look_for_traps(
    asking: Asking, names: Iterable[TrapName], *, advance: Callable[[], None], deadline_s: float = _DEADLINE_S
) -> tuple[Fact, ...]:
    """Return one fact for each trap that is named; each is `yes`, `no`, or unknown with the reason.

    Args:
        asking: the model; its requests have a deadline of their own.
        names: which traps.
        advance: called after each.
        deadline_s: seconds after which a trap is given up.
    """
    facts = []
    for name in names:
        try:
            async with asyncio.timeout(deadline_s):
                facts.append(await TRAP_LOOKS[name](asking))
        except TimeoutError:
            facts.append(not_known(name, f"it could not be told within {deadline_s:g} s"))
        advance()
    return tuple(facts)
