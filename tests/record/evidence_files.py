"""The evidence of a small, complete run, and the record that the real derivation makes of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from assay.record.bundle import MANIFEST, evidence_of, manifest_of, pack
from assay.record.run_folder import to_json
from assay.record.store import RecordFiles
from assay.record.truth import record_json
from assay.schema.bench import RequestEvent
from assay.schema.findings import Checklist
from assay.schema.provenance import (
    Allowance,
    CandidateFacts,
    Capacity,
    Fact,
    Host,
    Licence,
    LicenceStatement,
    PinCheck,
)
from assay.schema.record import Assembly
from assay.schema.run import Fault, Run, Trial
from assay.schema.suite import Plan, Suite
from assay.workflow.derive import derive
from assay.workflow.evidence import FACTS
from assay.workflow.verify import TEMPLATE_MEMBER, render_with

if TYPE_CHECKING:
    from assay.schema._base import Noun

TEMPLATE = Path(__file__).resolve().parents[2] / "templates" / "decision-record.md.j2"
HOSTILE = "<img src=x onerror=alert(1)> | [click](javascript:1) `x` @all https://evil.example\n# \x1b[31mred\u202e"
STEM = "0001-small"
ASSEMBLY = Assembly(number=1, slug="small", date="2026-01-02", assay_version="0.1.0", record_format="assay/record/v2")
PLAN = Plan.model_validate(
    {
        "schema": "assay/plan/v1",
        "use_case": {"id": "small", "task": "Add.", "slo": {"short": {"e2e_p95_s": 5}}},
        "candidates": [
            {
                "id": "one",
                "runtime": "vllm",
                "base_url": "http://127.0.0.1:1/v1",
                "pins": {"license": "mit"},
                "roles": ["production"],
            },
            {"id": "two", "runtime": "ollama", "base_url": "http://127.0.0.1:2/v1", "roles": ["fallback"]},
        ],
        "suites": [{"cases": "sums.jsonl", "scorers": ["exact"]}],
        "bench": {"profiles": ["short"], "concurrency": [1], "requests": 3, "warmup": 1},
        "gate": {"conditions": ["suite:sums.pass_rate >= 0.5", "blockers all passed", "readiness all met"]},
        "record": {"title": "May it add?", "owner": "the team", "risks": {"quality": "It may not add."}},
    }
)
SUITE = Suite.model_validate(
    {
        "id": "sums",
        "scorers": ["exact"],
        "cases": [
            {"id": "a", "input": "1+1", "expected": "2", "tags": ["small"]},
            {"id": "b", "input": "2+2", "expected": "4", "severity": "blocker"},
            {"id": "c", "input": "3+3", "expected": "6"},
        ],
    }
)
CHECKLIST = Checklist.model_validate(
    {
        "items": [
            {
                "id": name,
                "section": section,
                "question": f"Is {name} in order?",
                "shown_by": shown_by,
                "evidence": "What shows it.",
                "remedy": "Mend it.",
            }
            for name, section, shown_by in (
                ("error-rate", "performance", "check"),
                ("pins", "model", "check"),
                ("rehearsed", "operations", "attestation"),
            )
        ]
    }
)
RUN = Run(
    id="20260102T030405-small-abcd",
    plan_digest=PLAN.digest(),
    suite_digests={"sums": SUITE.digest()},
    started="2026-01-02T03:04:05+00:00",
    ended="2026-01-02T03:05:05+00:00",
    state="completed",
    versions={"assay": "0.1.0", "python": "3.11.7"},
    salt="0" * 32,
)
HOST = Host(
    system="Linux 6",
    machine="x86_64",
    processor="a processor",
    cores=2,
    memory_bytes=8 << 30,
    accelerators=None,
    load_1m=0.25,
)


def small_evidence() -> dict[str, bytes]:
    """Return the members of a whole evidence zip: two candidates, three cases, a benchmark, a checklist."""
    trials = [_trial(candidate, case.id, answer) for candidate in ("one", "two") for case, answer in _answers()]
    facts = FACTS.dump_json(tuple(_facts(name) for name in ("one", "two")), by_alias=True)
    return {
        "plan.json": _json(PLAN),
        "run.json": _json(RUN),
        "suites/sums.json": _json(SUITE),
        "trials.jsonl": _lines(trials),
        "requests.jsonl": _lines([_event(name, seq) for name in ("one", "two") for seq in range(4)]),
        "evidence/facts.json": facts,
        "evidence/host.json": _json(HOST),
        "evidence/checklist.json": _json(CHECKLIST),
        "assembly.json": _json(ASSEMBLY),
        TEMPLATE_MEMBER: TEMPLATE.read_bytes(),
    }


def write_record(folder: Path, members: dict[str, bytes], stem: str = STEM) -> RecordFiles:
    """Write the record that follows from evidence, as `assay run` does, and return where it lies."""
    files = RecordFiles.of(folder, stem)
    members = {**members, MANIFEST: manifest_of(members)}
    content = pack(members)
    plots: dict[str, str] = {}
    record = derive(members, evidence_of(files.evidence.name, content, members), draw=plots.__setitem__)
    files.write(render_with(record, members), record_json(record), content, plots)
    return files


def _answers() -> list[tuple[object, str | None]]:
    return list(zip(SUITE.cases, ("2", HOSTILE, None), strict=True))


def _trial(candidate: str, case: str, answer: str | None) -> Trial:
    fault = Fault(kind="timeout", message="no answer within 30 s") if answer is None else None
    return Trial(
        candidate=candidate,
        suite="sums",
        case=case,
        trial=1,
        status="failed" if fault else "completed",
        output=answer,
        error=fault,
        finish_reason=None if fault else "stop",
        usage=None,
        elapsed_ms=12.5,
        attempts=1,
        model="m",
        case_digest=next(own.digest() for own in SUITE.cases if own.id == case),
    )


def _event(candidate: str, seq: int) -> RequestEvent:
    sent = seq * 2_000_000
    return RequestEvent(
        candidate=candidate,
        profile="short",
        concurrency=1,
        series=1,
        repeat=1,
        seq=seq,
        phase="measured" if seq else "warmup",
        taken_us=sent,
        sent_us=sent,
        first_us=sent + 100_000,
        last_us=sent + 1_000_000,
        end_us=sent + 1_000_000,
        chunks=11,
        prompt_tokens=60,
        output_tokens=11,
        cached_tokens=None,
        finish_reason="stop",
        fault=None,
        lag_us=100,
    )


def _facts(candidate: str) -> CandidateFacts:
    return CandidateFacts(
        candidate=candidate,
        facts=(Fact(name="license", value="mit", grade="observed", source="the file LICENSE"),),
        pins=(PinCheck(pin="license", declared="mit", observed="mit", status="met", source="the file LICENSE"),),
        licence=Licence(
            identifier="MIT",
            family="MIT",
            commercial="yes",
            internal_evaluation="yes",
            outputs_train="silent",
            conditions=("Keep the notice.",),
            statements=(
                LicenceStatement(
                    place="LICENSE",
                    says=HOSTILE,
                    identifier="MIT",
                    identified_by="text",
                    sha256="0" * 64,
                    residue=(HOSTILE,),
                ),
            ),
            agreed=True,
            source="opensource.org",
            allowance=Allowance(
                outcome="conditional",
                reasons=("it may be used commercially",),
                obligations=("Show the notice.",),
            ),
        ),
        capacity=Capacity(
            weights_bytes=1 << 30,
            kv_bytes_per_token=1024,
            kv_bytes_per_request=1 << 20,
            kv_bytes_in_force=1 << 22,
            need_low_bytes=1 << 30,
            need_high_bytes=1 << 31,
            confidence="modelled",
            requests_that_fit=3,
            formula="2 layers x 1 KV head",
        ),
    )


def _json(noun: Noun) -> bytes:
    return to_json(noun).encode()


def _lines(nouns: list[Noun]) -> bytes:
    return "".join(noun.model_dump_json(by_alias=True) + "\n" for noun in nouns).encode()
