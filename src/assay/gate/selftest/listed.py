"""Which checklist, pins, licence, judges and memory meet every condition, and which just fail one of them?"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final, get_args

from assay.gate.selftest.asked import CANDIDATE, least, limit
from assay.schema.calibration import AgreementFigures, RateFigure
from assay.schema.findings import Finding
from assay.schema.provenance import Allowance, Capacity, Licence, LicenceStatement, PinCheck
from assay.schema.record import BlockerFailure
from assay.schema.score import JudgeTrust
from assay.schema.suite import EvidenceKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from assay.gate.evidence import Facts
    from assay.gate.selftest.asked import Asked
    from assay.schema.findings import ChecklistItem

    Broken = Callable[[Facts], bool]

__all__ = [
    "BLOCKERS",
    "CAPACITY",
    "EVIDENCE",
    "LICENCE",
    "PINS",
    "findings_of",
    "judges_of",
    "spoil_blockers",
    "spoil_evidence",
    "spoil_judge",
    "spoil_licence",
    "spoil_memory",
    "spoil_pins",
    "spoil_readiness",
]

_GIB = 1 << 30
_LABELS: Final = 2000
"""Answers that people and a judge agree on."""
BLOCKERS: Final = 5
"""Blocker cases that were due."""
EVIDENCE: Final[frozenset[EvidenceKind]] = frozenset(get_args(EvidenceKind))
"""Every kind of evidence."""
PINS: Final = tuple(
    PinCheck(pin=name, declared="as declared", observed="as declared", status="met", source="made up")
    for name in ("revision", "quantization")
)
"""Pins that agree with what was seen."""
LICENCE: Final = Licence(
    identifier="Apache-2.0",
    family="Apache License 2.0",
    commercial="yes",
    internal_evaluation="yes",
    outputs_train="yes",
    conditions=(),
    statements=(LicenceStatement(place="LICENSE", says="Apache-2.0", identifier="Apache-2.0", identified_by="text"),),
    agreed=True,
    source="made up",
    allowance=Allowance(outcome="allowed", reasons=("it may be used commercially",)),
)
"""A licence that allows everything and is stated in one place."""
CAPACITY: Final = Capacity(
    weights_bytes=1,
    kv_bytes_per_token=1,
    kv_bytes_per_request=1,
    kv_bytes_in_force=1,
    need_low_bytes=1,
    need_high_bytes=1,
    confidence="exact",
    requests_that_fit=10**9,
    formula="made up",
)
"""Next to no memory."""


def findings_of(checklist: Sequence[ChecklistItem]) -> tuple[Finding, ...]:
    """Return a finding that is met for each item of a checklist."""
    return tuple(
        Finding(
            item=item.id,
            candidate=CANDIDATE,
            section=item.section,
            question=item.question,
            severity=item.severity,
            status="met",
            reason="Made up.",
            evidence=(),
            remedy=item.remedy,
        )
        for item in checklist
    )


def judges_of(names: Sequence[str]) -> tuple[JudgeTrust, ...]:
    """Return judges that agree with people in everything."""
    figures = AgreementFigures.model_validate(
        {
            **dict.fromkeys(AgreementFigures.model_fields),
            **dict.fromkeys(("agreement", "sensitivity", "specificity"), _rate(_LABELS)),
            "kappa": 1.0,
        }
    )
    return tuple(
        JudgeTrust(
            judge=name,
            candidate="another",
            rubric="made up",
            trusted=True,
            reasons=(),
            asked=_LABELS,
            parsed=_LABELS,
            agreement=figures,
        )
        for name in names
    )


def _rate(hits: int) -> RateFigure:
    return RateFigure(hits=hits, n=_LABELS, value=hits / _LABELS, low=None, high=None)


def spoil_readiness(facts: Facts, _own: Asked, broken: Broken) -> Iterator[Facts]:
    """Yield evidence with one item of the checklist not met, each in turn that the condition minds."""
    for place, finding in enumerate(facts.findings):
        changed = finding.model_copy(update={"status": "not_met"})
        found = replace(facts, findings=(*facts.findings[:place], changed, *facts.findings[place + 1 :]))
        if broken(found):
            yield found


def spoil_pins(facts: Facts, _own: Asked, _broken: Broken) -> Iterator[Facts]:
    """Yield evidence in which something else runs than the plan says."""
    first, *rest = facts.pins
    other = first.model_copy(update={"observed": "another", "status": "not_met"})
    yield replace(facts, pins=(other, *rest))


def spoil_blockers(facts: Facts, _own: Asked, _broken: Broken) -> Iterator[Facts]:
    """Yield evidence with one blocker case that failed."""
    failed = BlockerFailure(
        candidate=CANDIDATE, suite="made up", case="case-0", outcome="failed", reason="Made up.", output=None
    )
    yield replace(facts, blockers_failed=(failed,))


def spoil_licence(facts: Facts, _own: Asked, broken: Broken) -> Iterator[Facts]:
    """Yield evidence with a licence that is worse in one thing, each in turn that the condition minds."""
    licence = facts.licence
    changes: tuple[dict[str, object], ...] = (
        {"outputs_train": "no"},
        {"internal_evaluation": "no"},
        {"commercial": "no"},
        {"allowance": licence.allowance.model_copy(update={"outcome": "conditional"})},
        {"agreed": False},
    )
    for change in changes:
        found = replace(facts, licence=licence.model_copy(update=change))
        if broken(found):
            yield found


def spoil_judge(facts: Facts, own: Asked, broken: Broken) -> Iterator[Facts]:
    """Yield evidence with one judge that is worse, each in turn that the condition minds."""
    for place, judge in enumerate(facts.judges):

        def other(changed: JudgeTrust, place: int = place) -> Facts:
            return replace(facts, judges=(*facts.judges[:place], changed, *facts.judges[place + 1 :]))

        found = _worse_judge(judge, own, other, broken)
        if found is not None and broken(found):
            yield found


def _worse_judge(judge: JudgeTrust, own: Asked, other: Callable[[JudgeTrust], Facts], broken: Broken) -> Facts | None:
    measure = own.metric.rpartition(".")[2]
    figures = judge.agreement
    if own.comparison is None or figures is None:
        return other(judge.model_copy(update={"trusted": False, "reasons": ("it judges itself",)}))
    if measure == "kappa":
        threshold, excluded = limit(own)
        kappa = threshold if excluded else math.nextafter(threshold, -math.inf)
        return other(judge.model_copy(update={"agreement": figures.model_copy(update={"kappa": kappa})}))
    return least(
        lambda bad: other(
            judge.model_copy(update={"agreement": figures.model_copy(update={measure: _rate(_LABELS - bad)})})
        ),
        _LABELS,
        broken,
    )


def spoil_memory(facts: Facts, own: Asked, _broken: Broken) -> Iterator[Facts]:
    """Yield evidence with memory arithmetic that is just too much, or lets just too few requests in."""
    threshold, excluded = limit(own)
    if facts.capacity is None:
        return
    if own.wants_low:
        whole = math.ceil(threshold * _GIB)
        need = whole if whole > threshold * _GIB or excluded else whole + 1
        yield replace(
            facts, capacity=facts.capacity.model_copy(update={"need_low_bytes": need, "need_high_bytes": need})
        )
    else:
        fit = math.floor(threshold)
        fit = fit if fit < threshold or excluded else fit - 1
        yield replace(facts, capacity=facts.capacity.model_copy(update={"requests_that_fit": fit}))


def spoil_evidence(facts: Facts, own: Asked, _broken: Broken) -> Iterator[Facts]:
    """Yield evidence without the kind that the condition asks for."""
    kind = own.metric.partition(":")[2]
    yield replace(facts, present=frozenset(present for present in facts.present if present != kind))
