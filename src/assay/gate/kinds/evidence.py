"""Is a kind of evidence there at all?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, get_args

from assay.gate.question import Answer, ConditionError, Countless, Form, unknown
from assay.schema.suite import EvidenceKind

if TYPE_CHECKING:
    from assay.gate.evidence import Facts

__all__ = ["FORM", "EvidenceQuestion"]

_WRITTEN = "evidence:<kind> present"
_TEXT = re.compile(r"evidence:(?P<kind>\S+) present")


@dataclass(frozen=True)
class EvidenceQuestion(Countless):
    """Whether evidence of one kind is there."""

    kind: str
    """Which kind."""
    threshold: None = None
    """There is no number."""

    @property
    def metric(self) -> str:
        """Name of what is asked about, as conditions write it."""
        return f"evidence:{self.kind}"

    def answer(self, facts: Facts) -> Answer:
        """Answer from what is there; what is missing says nothing against the candidate, so it is unknown."""
        if self.kind in facts.present:
            return Answer("met", f"Evidence of the kind {self.kind} is there.")
        return unknown(f"There is no evidence of the kind {self.kind}.")


def _read(text: str) -> EvidenceQuestion:
    match = _TEXT.fullmatch(text)
    if match is None:
        raise ConditionError("cannot be read", f"Write it as `{_WRITTEN}`.")
    return EvidenceQuestion(match["kind"])


FORM: Final = Form(_WRITTEN, _read, lambda _subjects: (f"evidence:{kind}" for kind in get_args(EvidenceKind)))
