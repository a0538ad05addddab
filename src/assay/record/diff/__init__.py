"""How do two records differ, as far as what they say goes?"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from assay.record.diff.changes import PARTS, DiffSide, RecordDiff
from assay.record.diff.decided import decisions_differ, findings_differ, verdicts_differ
from assay.record.diff.described import candidates_differ, plans_differ, said_differs, setting_differs
from assay.record.diff.figures import figures_differ
from assay.record.diff.pairs import paired_candidates
from assay.record.truth import body_sha256

if TYPE_CHECKING:
    from collections.abc import Callable

    from assay.schema.record import Record
    from assay.schema.suite import Plan

__all__ = ["RecordDiff", "diff_of"]


def diff_of(
    a: Record,
    b: Record,
    interval: Callable[[int, int], tuple[float, float]],
    verified: tuple[bool | None, bool | None] = (None, None),
    plans: tuple[Plan, Plan] | None = None,
) -> RecordDiff:
    """Return how two records differ; of either format, and of different plans too.

    Args:
        a: what is compared with.
        b: what is compared.
        interval: returns the 95 % limits of a rate of so many in so many.
        verified: whether each of them follows from its evidence; None where nobody looked.
        plans: the plan of each, for what of it a record does not repeat; None where they were not read.
    """
    pairs = paired_candidates(a, b)
    changes = chain(
        verdicts_differ(a, b, pairs),
        decisions_differ(a, b),
        findings_differ(a, b, pairs),
        candidates_differ(a, b, pairs),
        setting_differs(a, b, pairs),
        said_differs(a, b),
        plans_differ(*plans) if plans is not None else (),
    )
    return RecordDiff(
        a=_side(a, verified=verified[0]),
        b=_side(b, verified=verified[1]),
        pairs=pairs,
        changes=tuple(sorted(changes, key=lambda own: PARTS.index(own.part))),
        figures=tuple(figures_differ(a, b, pairs, interval)),
    )


def _side(record: Record, *, verified: bool | None) -> DiffSide:
    return DiffSide(
        record=record.id,
        date=record.date,
        status=record.status,
        verdict=record.verdict.verdict,
        run=record.run.id,
        body_sha256=body_sha256(record),
        verified=verified,
    )
