"""Makes a view in which every check is met, and the nouns to spoil it with."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from assay.readiness import View
from assay.schema.bench import BenchCell, CounterFigures, Memory, Percentile, Reason, ServerAccount
from assay.schema.findings import Attestation, Attestations, Checklist, Rehearsal, Rehearsals
from assay.schema.provenance import (
    TRAPS,
    Allowance,
    CanaryAttempt,
    CanaryHit,
    CanaryResult,
    CanarySink,
    CandidateFacts,
    Capacity,
    Exchange,
    Fact,
    Host,
    Licence,
    LicenceStatement,
    PinCheck,
    ProbeResult,
)
from assay.schema.score import Metric
from assay.schema.suite import Case, Plan, Suite
from tests.readiness.seen_limits import SEEN_LIMITS

if TYPE_CHECKING:
    from assay.schema._base import Status
    from assay.schema.bench import Validity
    from assay.schema.provenance import FactName, ProbeName
    from assay.schema.suite import ProfileName

ROOT = Path(__file__).resolve().parents[2]
GIB = 2**30
TODAY = date(2026, 6, 15)
PINS = {
    "model_id": "org/small",
    "revision": "a" * 40,
    "quantization": "Q4_K_M",
    "runtime_version": "b6000",
    "max_context_tokens": 1024,
}


def shipped_checklist() -> Checklist:
    """Return the checklist of `templates/`."""
    return Checklist.model_validate(yaml.safe_load((ROOT / "templates" / "checklist.yaml").read_text("utf-8")))


def plan(**changes: object) -> Plan:
    """Return a plan; each argument takes the place of one key of the file."""
    data: dict[str, object] = {
        "schema": "assay/plan/v1",
        "use_case": {
            "id": "qa",
            "task": "answer questions",
            "users": "200 employees",
            "data_sensitivity": "internal",
            "expected_traffic": "2,000 a day",
            "slo": {"short": {"e2e_p95_s": 5, "ttft_p95_s": 2}, "long": {"e2e_p95_s": 12}},
        },
        "candidates": [
            candidate(),
            candidate(id="spare", base_url="http://127.0.0.1:8081/v1", roles=["fallback"]),
            candidate(id="big", roles=["baseline"]),
        ],
        "suites": ["goldensets/qa", "goldensets/json"],
        "bench": {"profiles": ["short", "long"], "concurrency": [1, 4]},
        "gate": {"conditions": ["readiness all met"]},
        "record": {
            "owner": "Ana",
            "decision_makers": ["Ben"],
            "rollout": "5 %, then all",
            "rollback": "the image before",
            "risks": dict.fromkeys(("quality", "latency", "security", "licence", "operations"), "low"),
        },
    }
    return Plan.model_validate(data | changes)


def candidate(**changes: object) -> dict[str, object]:
    """Return one candidate of a plan, as the file has it."""
    data: dict[str, object] = {
        "id": "small",
        "runtime": "llama.cpp",
        "base_url": "http://127.0.0.1:8080/v1",
        "roles": ["production"],
        "pins": PINS,
    }
    return data | changes


def counters(**changes: object) -> CounterFigures:
    """Return what a runtime's counters came to while it had all the memory it needed."""
    return CounterFigures(source="GET /metrics", samples=9, waiting_peak=0, preemptions=0).model_copy(update=changes)


def account(**changes: object) -> ServerAccount:
    """Return the client's times beside a server's that agree."""
    whole = ServerAccount(
        source="llama.cpp timings",
        n=60,
        ttft_us=2_000,
        ttft_p95_us=4_000,
        decode_us=-1_000,
        decode_p95_us=3_000,
        allowed_us=10_000,
        agrees=True,
    )
    return whole.model_copy(update=changes)


def cell(
    profile: ProfileName = "short",
    concurrency: int = 1,
    *,
    n: int = 60,
    failed: int = 0,
    p95_s: float | None = 1.5,
    validity: Validity = "VALID",
    memory: Memory | None = Memory(  # noqa: B008  # frozen
        rss_peak_bytes=GIB, anonymous_peak_bytes=GIB, host_available_min_bytes=8 * GIB, samples=20
    ),
    **changes: object,
) -> BenchCell:
    """Return figures of candidate `small` that can be believed."""
    figures = tuple(percentile(q, p95_s if q > 0.5 else 0.5, n) for q in (0.5, 0.95))
    whole = BenchCell(
        candidate="small",
        profile=profile,
        concurrency=concurrency,
        n=n,
        planned=n,
        failed=failed,
        faults={"timeout": failed} if failed else {},
        warmup=2,
        definitions=(),
        e2e=figures,
        ttft=figures,
        tpot=figures,
        visible_p50_us=None,
        gap_p50_us=20_000,
        gap_p99_us=30_000,
        gap_max_us=40_000,
        tokens_per_chunk=1.0,
        output_tokens_per_s=50.0,
        requests_per_s=1.5,
        sent_per_s=None,
        good=None,
        prompt_tokens_p50=630 if profile == "long" else 30,
        output_tokens_p50=32,
        cached_share=0.0,
        truncated=0,
        lag_p99_us=500,
        other_cpu_share=0.01,
        repeats=(),
        spread=None,
        memory=memory,
        counters=counters(),
        server=account(),
        client=None,
        validity=validity,
        reasons=()
        if validity == "VALID"
        else (Reason(code="client_late", text="the client was late", leans="against"),),
    )
    return whole.model_copy(update=changes)


def percentile(q: float, value_s: float | None, n: int) -> Percentile:
    """Return one percentile with the sample size that it needs."""
    needed = {0.5: 5, 0.95: 59}[q]
    value_us = None if value_s is None else int(value_s * 1e6)
    return Percentile(q=q, value_us=value_us, low_us=None, high_us=None, n=n, n_needed=needed, supported=n >= needed)


def metric(
    candidate: str = "small",
    suite: str = "qa",
    *,
    passed: int = 90,
    failed: int = 10,
    unscored: int = 0,
    scorer: str | None = None,
    trusted: bool = True,
    doubt: str | None = None,
) -> Metric:
    """Return a pass rate with an interval of five points on either side."""
    n = passed + failed + unscored
    rate = passed / n if n else None
    return Metric(
        candidate=candidate,
        suite=suite,
        tag=None,
        scorer=scorer,
        cases=n,
        passed=passed,
        failed=failed,
        unscored=unscored,
        n=n,
        rate=rate,
        rate_scored=passed / (passed + failed) if passed + failed else None,
        low=None if rate is None else max(rate - 0.05, 0.0),
        high=None if rate is None else min(rate + 0.05, 1.0),
        trusted=trusted,
        doubt=doubt,
    )


def fact(name: FactName, value: str | int | None, grade: str = "observed") -> Fact:
    """Return one fact, seen at a made-up place."""
    return Fact.model_validate({"name": name, "value": value, "grade": grade, "source": f"GET /{name}"})


def pin(name: str, status: Status = "met", observed: str | None = None) -> PinCheck:
    """Return how one pin compares with what was seen."""
    return PinCheck(pin=name, declared=str(PINS[name]), observed=observed, status=status, source="GET /props")


def statement(**changes: object) -> LicenceStatement:
    """Return what one place states about the licence."""
    whole = {"place": "GGUF general.license", "says": "apache-2.0", "identifier": "Apache-2.0", "identified_by": "tag"}
    return LicenceStatement.model_validate(whole | changes)


def capacity(**changes: object) -> Capacity:
    """Return the memory that candidate `small` needs, which is what was measured."""
    whole = Capacity(
        weights_bytes=GIB,
        kv_bytes_per_token=1024,
        kv_bytes_per_request=GIB // 4,
        kv_bytes_in_force=GIB,
        need_low_bytes=GIB,
        need_high_bytes=2 * GIB,
        confidence="exact",
        requests_that_fit=8,
        formula="2 x 512",
    )
    return whole.model_copy(update=changes)


def licence(**changes: object) -> Licence:
    """Return a licence that allows everything, stated once."""
    whole = Licence(
        identifier="Apache-2.0",
        family="Apache License 2.0",
        commercial="yes",
        internal_evaluation="yes",
        outputs_train="silent",
        conditions=("Keep the notices.",),
        statements=(statement(),),
        agreed=True,
        source="the terms of Apache-2.0",
        allowance=Allowance(outcome="allowed", reasons=("Apache License 2.0 asks for notices only",)),
    )
    return whole.model_copy(update=changes)


def facts(**changes: object) -> CandidateFacts:
    """Return what is known about candidate `small`; nothing is missing that a check needs."""
    whole = CandidateFacts(
        candidate="small",
        facts=(
            fact("runtime", "llama.cpp"),
            fact("metrics_endpoint", "open"),
            fact("health_endpoint", "open"),
            fact("authentication", "required"),
            fact("cors", "none"),
            fact("executed_at", "this server"),
            fact("request_sent", "temperature=0 top_p=1 max_tokens=256 seed=7"),
            fact("sampling_defaults", "temperature=0.8 top_k=40 repeat_penalty=1"),
            fact("memory_bytes", GIB),
            fact("accelerator_memory_bytes", GIB),
            *(fact(name, "yes") for name in TRAPS),
        ),
        pins=tuple(pin(name) for name in PINS),
        licence=licence(),
        capacity=capacity(),
    )
    return whole.model_copy(update=changes)


def attestation(item: str = "team", **changes: object) -> Attestation:
    """Return what Ana says of one item, from ten days ago until ten days from now."""
    data = {"item": item, "by": "Ana", "date": "2026-06-05", "expires": "2026-06-25", "statement": "See the wiki."}
    return Attestation.model_validate(data | changes)


def attested(*said: Attestation) -> Attestations:
    """Return an attestations file."""
    return Attestations(attestations=said)


def exchange(step: str, status: int | None = 200, sent: str = "GET /", **shows: str | float | bool | None) -> Exchange:
    """Return one request of a probe, with what the probe saw in its answer."""
    return Exchange(step=step, sent=sent, status=status, took_ms=1, shows=shows)


def probe_of(name: ProbeName, *exchanges: Exchange, **changes: object) -> ProbeResult:
    """Return what a whole probe of candidate `small` came to."""
    whole = ProbeResult(
        candidate="small",
        probe=name,
        sends="A request.",
        exchanges=exchanges,
        ended="whole",
        requests=len(exchanges),
        seconds=0.1,
    )
    return whole.model_copy(update=changes)


def surface() -> tuple[ProbeResult, ...]:
    """Return what probes of a server come to that shows the outside no more than it should."""
    return (
        probe_of("tls", exchange("handshake", None, verified=True, protocol="TLSv1.3", expires="2026-09-01")),
        probe_of("versions", exchange("chat", versions="", behind="", products="", open=False)),
        probe_of("error-bodies", *(exchange("malformed", 400, error=True, tells="") for _ in range(4))),
        probe_of("tracing", exchange("chat", echoed="x-request-id"), exchange("error", 400, echoed="x-request-id")),
    )


def access() -> tuple[ProbeResult, ...]:
    """Return what probes of a server come to that lets in whom it should, and each to what is theirs."""
    cached = (("cold", 0), ("again", 90), ("cold", 0), ("shared", 0), ("cold", 0))
    return (
        probe_of("management", exchange("no-key", 401, path="/slots", method="GET", kind="shows", mark="")),
        probe_of(
            "tenants",
            *(exchange(step) for step in ("models", "models", "told", "recalled", "at-once")),
            *(exchange(step, prompt_tokens=100, cached_tokens=tokens) for step, tokens in cached),
        ),
    )


def sink(**changes: object) -> CanarySink:
    """Return a log in which no prompt was found."""
    data = {"sink": "log", "kind": "file", "control": True, "controls": ("success",), "searched_bytes": 900}
    return CanarySink.model_validate(data | changes)


def hit(**changes: object) -> CanaryHit:
    """Return a place where a mark was found."""
    data = {"path": "upstream", "attempt": 1, "field": "user", "encoding": "base64", "offset": 42}
    return CanaryHit.model_validate(data | changes)


def canary(*sinks: CanarySink, **changes: object) -> CanaryResult:
    """Return a search for prompts that found none; sinks take the place of its log."""
    success = CanaryAttempt(
        path="success",
        attempt=1,
        sent="POST /v1/chat/completions",
        status=200,
        provoked=True,
        beacon="beacon-a",
        digests={"user": "0" * 64, "system": "1" * 64},
    )
    refused = success.model_copy(update={"path": "wrong-key", "provoked": False, "digests": {}})
    data = {
        "candidate": "small",
        "mark": "cnry-abc-",
        "sends": "Requests.",
        "attempts": (success, refused),
        "sinks": sinks or (sink(), sink(sink="GET /slots", kind="page", control=False, absent=True)),
        "ended": "whole",
        "requests": 2,
        "seconds": 1.0,
    }
    return CanaryResult.model_validate(data | changes)


def smoke_set(*outcomes: str, fallback: str = "spare", **changes: object) -> ProbeResult:
    """Return what the fallback of candidate `small` did with a smoke set, one word a case; `silent` is no answer."""
    asked = (
        exchange("case", sent=f"case q{number} of qa to {fallback}", fallback=fallback, outcome=outcome)
        if outcome != "silent"
        else exchange("case", None, f"case q{number} of qa to {fallback}", fallback=fallback).model_copy(
            update={"trouble": "connection"}
        )
        for number, outcome in enumerate(outcomes)
    )
    return probe_of("fallback", *asked, **changes)


def rehearsal(**changes: object) -> Rehearsal:
    """Return a rollback of candidate `small` a month ago that went well, from the revision that is pinned."""
    whole = {
        "kind": "rollback",
        "candidate": "small",
        "from_digest": PINS["revision"],
        "to_digest": "b" * 40,
        "started": "2026-05-14T09:30:00+02:00",
        "ended": "2026-05-14T09:41:30+02:00",
        "by": "Ana",
        "smoke": {"asked": 5, "passed": 5},
        "log": "Ticket OPS-31.",
    }
    return Rehearsal.model_validate(whole | changes)


def rehearsed(*own: Rehearsal) -> Rehearsals:
    """Return a log of rehearsals."""
    return Rehearsals(rehearsals=own)


def view(**changes: object) -> View:
    """Return a view in which every check is met; each argument takes the place of one of its fields."""
    whole = plan()
    fields: dict[str, object] = {
        "plan": whole,
        "candidate": whole.candidates[0],
        "facts": facts(),
        "suites": (
            Suite(id="qa", cases=tuple(Case(id=f"q{number}", input="?") for number in range(100))),
            Suite(id="json", cases=tuple(Case(id=f"j{number}", input="?", schema={}) for number in range(100))),
        ),
        "metrics": (
            *(metric(name, suite) for name in ("small", "spare", "big") for suite in ("qa", "json")),
            metric(suite="json", scorer="json_schema", passed=100, failed=0),
        ),
        "cells": tuple(cell(profile, concurrency) for profile in ("short", "long") for concurrency in (1, 4)),
        "judges": (),
        "host": Host(
            system="Linux 6.1",
            machine="x86_64",
            processor="made up",
            cores=8,
            memory_bytes=16 * GIB,
            accelerators=(),
            load_1m=0.1,
        ),
        "trials": 200,
        "completed": 200,
        "truncated": 0,
        "unclosed_thinking": 0,
        "attestations": None,
        "today": TODAY,
        "probes": SEEN_LIMITS,
        "canary": canary(),
    }
    changed = fields | changes
    if "plan" in changes and "candidate" not in changes:
        changed["candidate"] = changed["plan"].candidates[0]  # type: ignore[attr-defined]  # a plan, by its key
    return View(**changed)  # type: ignore[arg-type]  # a test that names a wrong field fails at once
