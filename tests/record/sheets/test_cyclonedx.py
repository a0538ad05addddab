"""Is a bill of materials one by the schema of CycloneDX, whatever a record says, and always the same bytes?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.errors import InputError
from assay.gate.statistics import wilson
from assay.record.sheets import SHEETS, Wishes, cyclonedx
from assay.schema.record import Record
from assay.schema.standing import Decision, Standing
from assay.schema.suite import Pins
from tests.record.diff.two_records import two_records
from tests.record.evidence_files import HOSTILE

KEPT = Path(__file__).resolve().parents[3] / "records" / "0001-policy-assistant.json"
VALIDATOR = JsonStrictValidator(SchemaVersion.V1_6)


def written(record: Record) -> str:
    return SHEETS["cyclonedx"].write(record, Wishes(wilson))


def bom_of(record: Record) -> dict:
    """Return the bill of materials of a record, once the validator of CycloneDX has taken it."""
    text = written(record)
    assert VALIDATOR.validate_str(text) is None
    return json.loads(text)


@pytest.fixture(name="kept")
def _kept() -> Record:
    return Record.model_validate_json(KEPT.read_bytes())


def test_a_kept_record_is_a_bill_of_materials(kept: Record) -> None:
    """Models and suites are components, the checklist is a standard, each finding a claim with its conformance."""
    bom = bom_of(kept)
    names = [*(f"suite:{own.id}" for own in kept.suites), *(f"candidate:{own.candidate.id}" for own in kept.candidates)]
    assert sorted(own["bom-ref"] for own in bom["components"]) == sorted(names)
    (model,) = (own for own in bom["components"] if own["bom-ref"] == "candidate:smollm2-schema")
    assert model["type"] == "machine-learning-model"
    assert model["hashes"][0]["alg"] == "SHA-256"
    words = [(own["license"]["id"], own["license"]["acknowledgement"]) for own in model["licenses"]]
    assert sorted(words) == [("Apache-2.0", "concluded"), ("Apache-2.0", "declared")]
    assert "purl" not in model
    (standard,) = bom["definitions"]["standards"]
    assert len(standard["requirements"]) == len(kept.findings)
    assert len(bom["declarations"]["claims"]) == len(kept.findings)


def test_a_licence_that_nobody_states_is_left_out(kept: Record) -> None:
    """A suite names a licence where it has one, and none is called unknown."""
    first, *rest = kept.suites
    for licence, names in (("unknown", []), ("", []), ("MIT", ["MIT"]), ("Our own", ["Our own"])):
        suite = first.model_copy(update={"licence": licence})
        bom = bom_of(kept.model_copy(update={"suites": (suite, *rest)}))
        (own,) = (own for own in bom["components"] if own["bom-ref"] == f"suite:{first.id}")
        assert [name for each in own.get("licenses", []) for name in each["license"].values()] == names


def test_numbers_stand_with_their_limits(kept: Record) -> None:
    """A rate and a latency have what the record has; what is INVALID or judged without trust is not there."""
    (model,) = (own for own in bom_of(kept)["components"] if own["bom-ref"] == "candidate:smollm2-schema")
    metrics = model["modelCard"]["quantitativeAnalysis"]["performanceMetrics"]
    assert {
        "type": "pass_rate",
        "value": "0.0625",
        "slice": "qa-short",
        "confidenceInterval": {"lowerBound": "0.0111193", "upperBound": "0.283287"},
    } in metrics
    names = {own["type"] for own in metrics}
    assert {"pass_rate", "e2e_p95_s", "ttft_p50_s", "tpot_p50_s", "error_rate", "output_tokens_per_s"} <= names
    assert "requests_per_s" in names
    assert all(own["value"].isdigit() for own in metrics if own["type"] == "rss_peak_bytes")
    assert "rss_peak_bytes" in names
    doubted = {own.suite for own in kept.metrics if own.candidate == "smollm2-schema" and not own.trusted}
    assert doubted
    assert not [own for own in metrics if own["slice"].split()[0] in doubted and own["type"] == "pass_rate"]


def test_a_finding_is_a_claim_only_where_it_is_met() -> None:
    """Not met is a counter-claim of conformance 0; unknown has neither claim nor score."""
    old, _ = two_records()
    first, second, third = old.findings[:3]
    findings = tuple(
        own.model_copy(update={"status": status, "evidence": ("plan.json",)})
        for own, status in ((first, "met"), (second, "not_met"), (third, "unknown"))
    )
    told = bom_of(old.model_copy(update={"findings": findings}))["declarations"]
    (attestation,) = told["attestations"]
    rows = [("claims" in own, "counterClaims" in own, own["conformance"].get("score")) for own in attestation["map"]]
    assert rows == [(True, False, 1), (False, True, 0), (False, False, None)]
    assert [("counterEvidence" in own, "evidence" in own) for own in told["claims"]] == [
        (False, True),
        (True, False),
        (False, True),
    ]
    (evidence,) = told["evidence"]
    assert evidence["description"].startswith("plan.json of 0001-small.evidence.zip, SHA-256 ")


def test_every_reference_leads_somewhere(kept: Record) -> None:
    """Each claim, requirement, evidence, target and data set that is named is there once."""
    bom = bom_of(kept)
    told = bom["declarations"]
    requirements = [own["bom-ref"] for own in bom["definitions"]["standards"][0]["requirements"]]
    there = [own["bom-ref"] for own in (*bom["components"], *told["assessors"], *told["claims"], *told["evidence"])]
    assert len(set(there)) == len(there)
    named = {own["target"] for own in told["claims"]}
    for claim in told["claims"]:
        named |= {*claim.get("evidence", ()), *claim.get("counterEvidence", ())}
    for attestation in told["attestations"]:
        named.add(attestation["assessor"])
        for row in attestation["map"]:
            named |= {*row.get("claims", ()), *row.get("counterClaims", ())}
            assert row["requirement"] in requirements
    for own in bom["components"]:
        named |= {data["ref"] for data in own.get("modelCard", {}).get("modelParameters", {}).get("datasets", ())}
    assert named <= set(there)


def test_the_same_record_gives_the_same_bytes(kept: Record) -> None:
    """The serial number follows from the body; what people decided makes another version of the same document."""
    assert written(kept) == written(Record.model_validate_json(kept.model_dump_json(by_alias=True)))
    other = kept.model_copy(update={"title": "Another"})
    replaced = kept.model_copy(update={"standing": kept.standing.model_copy(update={"superseded_by": "0002-x"})})
    boms = [bom_of(own) for own in (kept, other, replaced)]
    assert boms[0]["serialNumber"] == boms[2]["serialNumber"] != boms[1]["serialNumber"]
    assert [own["version"] for own in boms] == [1, 1, 2]
    assert boms[0]["metadata"]["timestamp"] == f"{kept.date}T00:00:00+00:00"


def test_what_people_decided_is_told_where_it_is_known() -> None:
    """Who decided last and when, the last day of it, and what replaced the record; nothing that nobody decided."""
    old, _ = two_records()
    days = [
        Decision(outcome="deferred", by="Ann", on="2026-01-03", verdict="NO-GO", body_sha256="0"),
        Decision(outcome="accepted", by="Bo", on="2026-01-04", verdict="NO-GO", reason="so", body_sha256="0"),
    ]
    standing = Standing(decisions=tuple(days), valid_until="2026-12-31", superseded_by="0002-small")
    wanted = {
        "assay:decided_by": "Bo",
        "assay:decided_on": "2026-01-04",
        "assay:valid_until": "2026-12-31",
        "assay:superseded_by": "0002-small",
    }
    for record, told in ((old, {}), (old.model_copy(update={"standing": standing}), wanted)):
        found = {own["name"]: own["value"] for own in bom_of(record)["metadata"]["properties"]}
        assert {name: found[name] for name in wanted if name in found} == told


def test_a_package_url_names_the_commit() -> None:
    """A model on a hub at a commit has one."""
    old, _ = two_records()
    first, second = old.candidates
    pins = Pins(model_id="Org/Model-1", revision="c" * 40)
    candidate = first.candidate.model_copy(update={"pins": pins})
    bom = bom_of(old.model_copy(update={"candidates": (first.model_copy(update={"candidate": candidate}), second)}))
    (model,) = (own for own in bom["components"] if own["bom-ref"] == "candidate:one")
    assert model["purl"] == f"pkg:huggingface/Org/Model-1@{'c' * 40}"


def test_what_people_say_is_quoted(kept: Record) -> None:
    """Risks, users and what was not tested stand in the considerations; what nobody said does not."""
    _, new = two_records()
    (card,) = (own["modelCard"] for own in bom_of(new)["components"] if own["bom-ref"] == "candidate:one")
    told = card["considerations"]
    assert told["useCases"] == ["Add."]
    assert told["performanceTradeoffs"] == ["It may be slow."]
    assert told["technicalLimitations"][0] == "quality: It may not add."
    assert "users" not in told
    (card,) = (own["modelCard"] for own in bom_of(kept)["components"] if own["bom-ref"].endswith("-schema"))
    assert "performanceTradeoffs" not in card["considerations"]
    plain = new.model_copy(update={"people": new.people.model_copy(update={"risks": ("It may lie.",)})})
    (card,) = (own["modelCard"] for own in bom_of(plain)["components"] if own["bom-ref"] == "candidate:one")
    assert card["considerations"]["technicalLimitations"][0] == "It may lie."


TEXTS = st.text(st.characters(blacklist_categories=("Cs",)), max_size=20) | st.just(HOSTILE)


@settings(max_examples=20)
@given(TEXTS, TEXTS, TEXTS, st.sampled_from(["met", "not_met", "unknown", "not_applicable"]), st.booleans())
def test_whatever_a_record_says_the_schema_holds(text: str, name: str, licence: str, status: str, agreed: bool) -> None:
    """Hostile texts, unknown licences, any status and missing facts stay within the schema, under any names."""
    old, _ = two_records()
    first, second = old.candidates
    (stated,) = first.facts.licence.statements
    licences = first.facts.licence.model_copy(
        update={
            "identifier": licence,
            "agreed": agreed,
            "statements": (stated.model_copy(update={"identifier": licence}), stated),
            "allowance": first.facts.licence.allowance.model_copy(update={"obligations": (text, name)}),
        }
    )
    own = first.model_copy(
        update={
            "facts": first.facts.model_copy(update={"licence": licences}),
            "candidate": first.candidate.model_copy(update={"model": name, "pins": Pins(revision=text)}),
        }
    )
    findings = tuple(
        one.model_copy(update={"status": status, "question": text, "reason": name, "evidence": (text or "x",)})
        for one in old.findings
    )
    suites = tuple(suite.model_copy(update={"description": text, "licence": licence}) for suite in old.suites)
    people = old.people.model_copy(update={"owner": name, "risks": (text, name)})
    changed = {"candidates": (own, second), "findings": findings, "suites": suites, "people": people}
    bom_of(old.model_copy(update=changed))
    bom_of(old.model_copy(update={**changed, "findings": (), "suites": (), "metrics": (), "bench": (), "untested": ()}))


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has not installed it is told how."""

    def absent(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(cyclonedx.importlib, "import_module", absent)
    with pytest.raises(InputError, match=r"missing-extra.*pip install '\.\[cyclonedx\]'"):
        written(two_records()[0])
