"""Is the status block of a record sound: does each decision cite this body, and does the status follow?"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from assay.record.truth import body_sha256
from assay.schema._base import digest_of
from assay.schema.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.schema.record import Record
    from assay.schema.standing import StatusWord

__all__ = ["sealed", "standing_problems"]


def sealed(status: StatusWord, standing: Standing) -> Standing:
    """Return a status block with the digest of what it says; one that says nothing has none."""
    bare = standing.model_copy(update={"sha256": None})
    if status == "proposed" and bare == Standing():
        return bare
    said = {"status": status, **bare.model_dump(mode="json", exclude={"sha256"})}
    return bare.model_copy(update={"sha256": digest_of(said)})


def standing_problems(record: Record) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the status block of a record, as a key path and a message."""
    own, status = record.standing, record.status
    if sealed(status, own).sha256 != own.sha256:
        yield "standing.sha256", "the status block is not what its digest says"
    if status != _status_of(own):
        yield "status", f"it says {status}, but what was decided makes it {_status_of(own)}"
    body = body_sha256(record)
    for number, decision in enumerate(own.decisions):
        where = f"standing.decisions[{number}]"
        if decision.body_sha256 != body:
            yield f"{where}.body_sha256", f"{decision.by} decided on another body than this record has"
        if decision.verdict != record.verdict.verdict:
            yield f"{where}.verdict", f"it cites {decision.verdict}, the verdict is {record.verdict.verdict}"
    yield from _life_problems(own, status)


def _life_problems(own: Standing, status: StatusWord) -> Iterator[tuple[str, str]]:
    """Yield what no life of a record can have come to."""
    for number, (earlier, later) in enumerate(pairwise(own.decisions), start=1):
        if earlier.outcome != "deferred":
            message = f"{later.by} decided on what was {earlier.outcome}, and that is final"
            yield f"standing.decisions[{number}]", message
    if own.superseded_by is not None and own.decisions and own.decisions[-1].outcome == "rejected":
        yield "standing.superseded_by", "a rejected record never held, and none replaces it"
    held = status in {"accepted", "superseded"}
    if own.supersedes and not held:
        yield "standing.supersedes", "only an accepted record replaces others"
    if own.valid_until is not None and not held:
        yield "standing.valid_until", "only an acceptance holds until a day"


def _status_of(standing: Standing) -> StatusWord:
    if standing.superseded_by is not None:
        return "superseded"
    return standing.decisions[-1].outcome if standing.decisions else "proposed"
