"""How do the numbers of two records differ, and how far do their intervals say that they do?

Two 95 % intervals that do not meet show a change more strictly than a test at 5 % would; two that meet show nothing,
neither a change nor that there is none (Schenker and Gentleman 2001, The American Statistician 55:182-186). Rates of
the same cases are better compared case by case, which is what `assay compare` does.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from assay.record.diff.changes import FigureChange
from assay.record.figures import loads_of, rates_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Literal

    from assay.record.diff.changes import CandidatePair
    from assay.record.figures import Estimate, Interval, OneFigure
    from assay.schema.record import Record

__all__ = ["compared", "figures_differ"]

_MORE_IS_BETTER: Final = frozenset({"pass rate", "pass rate by people", "output", "answered"})


def figures_differ(a: Record, b: Record, pairs: Sequence[CandidatePair], interval: Interval) -> Iterator[FigureChange]:
    """Yield every number of each pair of candidates: pass rates, latencies, errors, throughput, memory.

    Args:
        a: what is compared with.
        b: what is compared.
        pairs: candidates of both.
        interval: returns the 95 % limits of a rate of so many in so many.
    """
    digests = [{own.id: own.digest for own in record.suites} for record in (a, b)]
    elsewhere = a.host.model_copy(update={"load_1m": None}) != b.host.model_copy(update={"load_1m": None})
    for pair in pairs:
        if pair.a is None or pair.b is None:
            continue
        one, other = rates_of(a, pair.a), rates_of(b, pair.b)
        for key in (*one, *(key for key in other if key not in one)):
            suite = key[0].partition(" ")[0]
            note = "other cases" if digests[0].get(suite) != digests[1].get(suite) else None
            yield compared(pair.label, key, one.get(key), other.get(key), note)
        one, other = loads_of(a, pair.a, interval), loads_of(b, pair.b, interval)
        for key in (*one, *(key for key in other if key not in one)):
            yield compared(pair.label, key, one.get(key), other.get(key), "another host" if elsewhere else None)


def compared(
    candidate: str, key: tuple[str, str], a: OneFigure | None, b: OneFigure | None, note: str | None
) -> FigureChange:
    """Return one number of two records side by side; at least one of them has it."""
    any_ = a or b
    if any_ is None:
        message = "one of the two must have the figure"
        raise ValueError(message)
    one, other = (own.estimate if own is not None else None for own in (a, b))
    status = _status(one, other)
    rises = one is not None and other is not None and _low(other) > _high(one)
    return FigureChange(
        candidate=candidate,
        group=key[0],
        name=key[1],
        unit=any_.unit,
        a=one,
        b=other,
        status=status,
        better=None if status != "apart" else "b" if rises == (key[1] in _MORE_IS_BETTER) else "a",
        main=any_.is_main,
        note=note if status not in {"new", "gone"} else None,
    )


def _status(a: Estimate | None, b: Estimate | None) -> Literal["same", "apart", "meet", "no_interval", "new", "gone"]:
    if a is None or b is None:
        return "new" if a is None else "gone"
    if (a.value, a.endless, a.low, a.high) == (b.value, b.endless, b.low, b.high):
        return "same"
    if not (_has_limits(a) and _has_limits(b)):
        return "no_interval"
    return "apart" if _low(b) > _high(a) or _low(a) > _high(b) else "meet"


def _has_limits(own: Estimate) -> bool:
    return own.low is not None or own.high is not None


def _low(own: Estimate) -> float:
    """Return the lower limit; without one nothing is too low."""
    return -math.inf if own.low is None else own.low


def _high(own: Estimate) -> float:
    return math.inf if own.high is None else own.high
