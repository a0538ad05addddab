"""How does a readiness checklist stand in a CycloneDX bill of materials: requirement, claim, evidence, conformance?

Fields and their meaning: CycloneDX 1.6 JSON schema, `declarations` (CycloneDX/specification,
`schema/bom-1.6.schema.json`). The library has no class for it, so it is made here as plain values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from assay.schema._base import JsonValue
    from assay.schema.findings import Finding
    from assay.schema.record import Record

__all__ = ["declarations"]

_ASSESSOR: Final = "assessor:owner"
_SCORES: Final = {"met": 1, "not_met": 0}
"""Conformance of what was found; what is unknown or not applicable has none, for 0 would say that it was found bad."""


def declarations(record: Record) -> dict[str, JsonValue]:
    """Return what the checklist came to for each candidate that is decided on; empty without findings."""
    if not record.findings:
        return {}
    owner = record.people.owner
    assessor: dict[str, JsonValue] = {"bom-ref": _ASSESSOR, "thirdParty": False}
    if owner:
        assessor["organization"] = {"name": owner}
    decided = {own.candidate: own.verdict for own in record.verdict.candidates}
    by_candidate = {name: [own for own in record.findings if own.candidate == name] for name in decided}
    return {
        "assessors": [assessor],
        "attestations": [
            {
                "summary": f"Readiness of {name}; verdict {decided[name]}",
                "assessor": _ASSESSOR,
                "map": [_mapped(own) for own in findings],
            }
            for name, findings in by_candidate.items()
        ],
        "claims": [_claim(own) for findings in by_candidate.values() for own in findings],
        "evidence": list(_evidence(record, [own for findings in by_candidate.values() for own in findings])),
    }


def _mapped(own: Finding) -> JsonValue:
    """Return one requirement with its claim: for it where it is met, against it where it is not."""
    conformance: dict[str, JsonValue] = {"rationale": f"{own.status.replace('_', ' ')}: {own.reason}"}
    if own.status in _SCORES:
        conformance["score"] = _SCORES[own.status]
    side = {"met": "claims", "not_met": "counterClaims"}.get(own.status)
    claims: dict[str, JsonValue] = {} if side is None else {side: [_claim_ref(own)]}
    return {"requirement": f"requirement:{own.item}", **claims, "conformance": conformance}


def _claim_ref(own: Finding) -> str:
    return f"claim:{own.candidate}:{own.item}"


def _claim(own: Finding) -> JsonValue:
    refs: list[JsonValue] = [f"evidence:{path}" for path in own.evidence]
    claim: dict[str, JsonValue] = {
        "bom-ref": _claim_ref(own),
        "target": f"candidate:{own.candidate}",
        "predicate": f"{own.status.replace('_', ' ')}: {own.question}",
        "reasoning": own.reason,
    }
    if refs:
        claim["counterEvidence" if own.status == "not_met" else "evidence"] = refs
    return claim


def _evidence(record: Record, findings: Sequence[Finding]) -> Iterator[JsonValue]:
    """Yield each cited file once, with its digest where the evidence zip lists it."""
    digests = {file.path: file.sha256 for file in record.evidence.files}
    for path in dict.fromkeys(path for own in findings for path in own.evidence):
        told: dict[str, JsonValue] = {"bom-ref": f"evidence:{path}", "propertyName": path}
        if path in digests:
            told["description"] = f"{path} of {record.evidence.file}, SHA-256 {digests[path]}"
        yield told
