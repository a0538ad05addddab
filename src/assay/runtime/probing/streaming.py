"""Do the tokens of a stream arrive as they are made, or all together at its end?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from assay.runtime.probing.at_length import REFUSALS, at_length, came, limit_field, named_below
from assay.runtime.probing.probing import LeftOut, Probe
from assay.runtime.probing.spoken import spoken

if TYPE_CHECKING:
    from assay.runtime.probing.probing import Probing
    from assay.runtime.probing.spoken import Spoken

__all__ = ["PROBE"]

_FIRST_TOKENS: Final = 32
_MOST_TOKENS: Final = 512
_TIMES: Final = 2
_MOST_ASKED: Final = 5
_TELLING_MS: Final = 300
_WANTED_MS: Final = 500
_SPREAD: Final = 0.3
_TIMEOUT_S: Final = 15.0


async def _look(probing: Probing) -> None:
    """Ask for streams, longer ones where they are over too soon, until two are long enough to tell."""
    if probing.subject.dialect.contract == "plain-chat":
        raise LeftOut("its protocol has no streams")
    tokens, told = _FIRST_TOKENS, 0
    for _ in range(_MOST_ASKED):
        ask = at_length(probing, "stream", {limit_field(probing): tokens}, _TIMEOUT_S)
        reply = await probing.ask(replace(ask, said=f"as a stream of {tokens} tokens"), came(probing, limit=tokens))
        if reply.status in REFUSALS and tokens > _FIRST_TOKENS:
            tokens = named_below(reply, tokens) or tokens // 2
            continue
        how = spoken(reply, probing.subject.dialect)
        if how.last_ms is None:
            return
        told += how.last_ms >= _TELLING_MS and not _began_late(how)
        if told >= _TIMES:
            return
        if how.last_ms < _TELLING_MS:
            tokens = min(_MOST_TOKENS, max(2 * tokens, tokens * _WANTED_MS // max(how.last_ms, 1)))


def _began_late(how: Spoken) -> bool:
    """Return whether a stream flowed, but waited so long for its turn that the rest of it tells little."""
    first, last = how.first_ms or 0, how.last_ms or 1
    return how.reads > how.chunks / 2 and last - first < _SPREAD * last


PROBE = Probe(
    f"Two streams of {_FIRST_TOKENS} to {_MOST_TOKENS} tokens, long enough to see when their tokens arrive.",
    _MOST_ASKED,
    45.0,
    _look,
)
