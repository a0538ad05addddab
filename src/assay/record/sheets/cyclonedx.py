"""How does a record stand in a CycloneDX machine-learning bill of materials?

Components, hashes, licences, package URLs and the standard of the checklist are made by the library of CycloneDX; model
cards and declarations, which it has no classes for, are put into its JSON. The whole is a document of CycloneDX 1.6
(ECMA-424), the same bytes for the same record: its serial number follows from the digest of the record's body, its
time is the day of the record.
"""

from __future__ import annotations

import importlib
import json
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from assay.errors import missing_extra
from assay.record.sheets.declarations import declarations
from assay.record.sheets.known import known_model, stated_licences
from assay.record.sheets.model_card import model_card
from assay.record.sheets.sheet import Sheet
from assay.record.truth import body_sha256

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cyclonedx.model import ExternalReference, Property
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component
    from cyclonedx.model.definition import Standard
    from cyclonedx.model.license import DisjunctiveLicense, LicenseAcknowledgement

    from assay.record.sheets.sheet import Wishes
    from assay.schema.provenance import FactName
    from assay.schema.record import CandidateSummary, Record, SuiteSummary
    from assay.schema.standing import Standing

__all__ = ["SHEET"]

_NAMESPACE: Final = uuid.UUID("6f1c7d0e-4b86-5f0a-9a53-3d2c1b7e9f40")
"""Ours alone; serial numbers are made within it (RFC 9562, section 5.5)."""
_UNSTATED: Final = "unknown"
"""What a suite says whose licence nobody states; as a name it would read as a licence of that name."""
_FACTS: Final[tuple[FactName, ...]] = (
    "runtime",
    "runtime_version",
    "quantization",
    "parameters",
    "weights_bytes",
    "context_trained",
    "context_in_force",
    "chat_template_sha256",
)
"""Facts that have no field of their own in a bill of materials."""


def _write(record: Record, wishes: Wishes) -> str:
    """Return the bill of materials as indented JSON.

    Raises:
        InputError: the library is not installed.
    """
    try:
        importlib.import_module("cyclonedx")
    except ImportError:
        raise missing_extra("cyclonedx", "CycloneDX needs cyclonedx-python-lib") from None
    from cyclonedx.output import make_outputter
    from cyclonedx.schema import OutputFormat, SchemaVersion

    document = json.loads(make_outputter(_bom(record), OutputFormat.JSON, SchemaVersion.V1_6).output_as_string())
    cards = {f"candidate:{own.candidate.id}": own for own in record.candidates}
    for component in document["components"]:
        if (own := cards.get(component["bom-ref"])) is not None:
            component["modelCard"] = model_card(record, own, wishes.interval)
    if declared := declarations(record):
        document["declarations"] = declared
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _bom(record: Record) -> Bom:
    from cyclonedx.model.bom import Bom, BomMetaData
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.model.definition import Definitions
    from cyclonedx.model.tool import ToolRepository

    tool = Component(name="assay", version=record.assay_version, type=ComponentType.APPLICATION)
    verdict = {f"verdict:{own.candidate}": own.verdict for own in record.verdict.candidates}
    said = {"record": record.id, "status": record.status, "verdict": record.verdict.verdict, **verdict}
    digests = {"plan_sha256": record.plan_digest, "body_sha256": body_sha256(record)}
    return Bom(
        # It is another version of the same document when people decided more.
        serial_number=uuid.uuid5(_NAMESPACE, body_sha256(record)),
        version=1 + len(record.standing.decisions) + (record.standing.superseded_by is not None),
        metadata=BomMetaData(
            timestamp=datetime.strptime(record.date, "%Y-%m-%d").replace(tzinfo=UTC),
            tools=ToolRepository(components=[tool]),
            properties=_properties(said | _decided(record.standing) | digests),
        ),
        components=[*map(_model, record.candidates), *map(_suite, record.suites)],
        external_references=[_evidence(record)],
        definitions=Definitions(standards=[_checklist(record)]) if record.findings else None,
    )


def _decided(standing: Standing) -> dict[str, str]:
    """Return who decided last, on which day, until when that holds, and what replaced the record: what is known."""
    last = standing.decisions[-1] if standing.decisions else None
    known = {
        "decided_by": last.by if last is not None else None,
        "decided_on": last.on if last is not None else None,
        "valid_until": standing.valid_until,
        "superseded_by": standing.superseded_by,
    }
    return {name: value for name, value in known.items() if value is not None}


def _properties(values: Mapping[str, str]) -> list[Property]:
    from cyclonedx.model import Property

    return [Property(name=f"assay:{name}", value=value) for name, value in values.items()]


def _model(own: CandidateSummary) -> Component:
    from cyclonedx.model import HashAlgorithm, HashType
    from cyclonedx.model.component import Component, ComponentType
    from packageurl import PackageURL

    known = known_model(own)
    said = {"candidate": own.candidate.id, "licence:allowance": own.facts.licence.allowance.outcome}
    if own.candidate.roles:
        said["roles"] = " ".join(own.candidate.roles)
    for name in _FACTS:
        fact = own.facts.fact(name)
        if fact.value is not None:
            said[f"{name}:{fact.grade}"] = str(fact.value)
    obligations = {f"licence:obligation:{number}": text for number, text in _numbered(own)}
    return Component(
        type=ComponentType.MACHINE_LEARNING_MODEL,
        bom_ref=f"candidate:{own.candidate.id}",
        name=known.name,
        version=known.revision,
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=known.sha256)] if known.sha256 is not None else None,
        licenses=_licences(own),
        purl=PackageURL("huggingface", *known.purl) if known.purl is not None else None,
        properties=_properties(said | obligations),
    )


def _numbered(own: CandidateSummary) -> Iterator[tuple[str, str]]:
    yield from ((f"{number:02}", text) for number, text in enumerate(own.facts.licence.allowance.obligations, 1))


def _licences(own: CandidateSummary) -> list[DisjunctiveLicense]:
    """Return what the weights state as declared, and what Assay found as concluded where all statements agree."""
    from cyclonedx.model.license import LicenseAcknowledgement

    licence = own.facts.licence
    found = [_licence(name, LicenseAcknowledgement.DECLARED) for name in stated_licences(licence)]
    if licence.agreed and licence.identifier and found:
        found.append(_licence(licence.identifier, LicenseAcknowledgement.CONCLUDED))
    return found


def _licence(name: str, acknowledgement: LicenseAcknowledgement | None) -> DisjunctiveLicense:
    """Return a licence by its SPDX identifier, or by its name where SPDX has none."""
    from cyclonedx.model.license import DisjunctiveLicense
    from cyclonedx.spdx import fixup_id

    spdx = fixup_id(name)
    return DisjunctiveLicense(id=spdx, name=None if spdx else name, acknowledgement=acknowledgement)


def _suite(suite: SuiteSummary) -> Component:
    from cyclonedx.model.component import Component, ComponentType

    # The digest is that of settings and cases in canonical form, not of a file: no hash of the component.
    said = {"suite:sha256": suite.digest, "suite:cases": str(suite.cases), "suite:blockers": str(suite.blockers)}
    return Component(
        type=ComponentType.DATA,
        bom_ref=f"suite:{suite.id}",
        name=suite.id,
        version=suite.version or None,
        description=suite.description or None,
        licenses=[_licence(suite.licence, None)] if suite.licence not in {"", _UNSTATED} else None,
        properties=_properties(said),
    )


def _checklist(record: Record) -> Standard:
    from cyclonedx.model.definition import Requirement, Standard

    digest = next((file.sha256 for file in record.evidence.files if file.path == "evidence/checklist.json"), None)
    items = {own.item: own for own in record.findings}
    return Standard(
        bom_ref="standard:readiness",
        name="Readiness checklist",
        version=f"sha256:{digest}" if digest is not None else None,
        requirements=[
            Requirement(
                bom_ref=f"requirement:{item}",
                identifier=item,
                text=own.question,
                properties=_properties({"section": own.section, "severity": own.severity}),
            )
            for item, own in items.items()
        ],
    )


def _evidence(record: Record) -> ExternalReference:
    from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri

    return ExternalReference(
        type=ExternalReferenceType.EVIDENCE,
        url=XsUri(record.evidence.file),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=record.evidence.sha256)],
    )


SHEET = Sheet(summary="CycloneDX 1.6 bill of materials: models, suites, licences, numbers, checklist.", write=_write)
