"""Facts for the gate's tests: each builder gives a sound noun of which a test says only what matters to it."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from assay.gate import Facts, Subjects, SuiteSubject, judge_candidate, parse
from assay.schema.baseline import Baseline
from assay.schema.bench import BenchCell, CounterFigures, GpuMemory, Memory, Percentile, Reason, Repeat
from assay.schema.calibration import AgreementFigures, RateFigure
from assay.schema.findings import ChecklistItem, Finding
from assay.schema.provenance import Capacity, Licence, LicenceStatement, PinCheck
from assay.schema.record import BlockerFailure
from assay.schema.score import CaseResult, CaseTally, JudgeTrust, Metric
from assay.schema.suite import ConditionSpec, Waiver

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Literal

    from assay.gate import Latency
    from assay.gate.question import Answer
    from assay.schema.bench import Validity
    from assay.schema.findings import Section
    from assay.schema.verdict import CandidateVerdict, ConditionResult

SUBJECTS = Subjects(
    suites=(SuiteSubject("policy-qa", tags=("vi", "multi-hop"), scorers=("exact", "judge:helpfulness")),),
    loads=("short@1", "short@4", "short@4:warm", "short@2/s", "long@1", "long@4"),
    sections=("security", "operations"),
    items=("authentication", "rollback"),
    judges=("helpful", "polite"),
)


def metric(
    passed: int = 0,
    failed: int = 0,
    unscored: int = 0,
    *,
    tag: str | None = None,
    scorer: str | None = None,
    trusted: bool = True,
) -> Metric:
    n = passed + failed + unscored
    return Metric(
        candidate="c",
        suite="qa",
        tag=tag,
        scorer=scorer,
        cases=n,
        passed=passed,
        failed=failed,
        unscored=unscored,
        n=n,
        rate=passed / n if n else None,
        rate_scored=passed / (n - unscored) if n - unscored else None,
        low=None,
        high=None,
        trusted=trusted,
    )


def percentiles(latencies: Sequence[int | None]) -> tuple[Percentile, ...]:
    ordered = sorted(math.inf if own is None else own for own in latencies)
    nearest = [ordered[math.ceil(q * len(ordered)) - 1] for q in (0.5, 0.95, 0.99)] if ordered else []
    return tuple(
        Percentile(
            q=q,
            value_us=int(value) if math.isfinite(value) else None,
            low_us=None,
            high_us=None,
            n=len(ordered),
            n_needed=59,
            supported=len(ordered) >= 59,
        )
        for q, value in zip((0.5, 0.95, 0.99), nearest, strict=False)
    )


def card(index: int, used_gib: int) -> GpuMemory:
    return GpuMemory(
        index=index, name="made up", used_peak_bytes=used_gib << 30, total_bytes=80 << 30, process_peak_bytes=None
    )


def reason(code: str, leans: Literal["against", "for", "either"], text: str = "it is doubtful") -> Reason:
    return Reason(code=code, text=text, leans=leans)


def cell(rows: Sequence[Latency], validity: Validity = "VALID", *reasons: Reason, **changes: object) -> BenchCell:
    """Return the figures of requests with these latencies; what no condition reads is unknown."""
    return BenchCell.model_validate(
        {
            **dict.fromkeys(BenchCell.model_fields),
            "candidate": "c",
            "profile": "short",
            "arrivals": "closed",
            "concurrency": 1,
            "cache": "cold",
            "n": len(rows),
            "planned": len(rows),
            "failed": sum(row[0] is None for row in rows),
            "faults": {},
            "warmup": 0,
            "definitions": (),
            "e2e": percentiles([row[0] for row in rows]),
            "ttft": percentiles([row[1] for row in rows]),
            "tpot": percentiles([None if row[0] is None else row[0] // 50 for row in rows]),
            "gap_p99_us": 250_000,
            "output_tokens_per_s": 45.5,
            "requests_per_s": 2.5,
            "good": sum(row[0] is not None for row in rows),
            "truncated": 0,
            "repeats": (),
            "memory": Memory(
                rss_peak_bytes=3 << 30,
                anonymous_peak_bytes=None,
                host_available_min_bytes=5 << 30,
                gpus=(card(0, 12), card(1, 20)),
                samples=9,
            ),
            "counters": CounterFigures(source="GET /metrics", samples=9, preemptions=0),
            "validity": validity,
            "reasons": reasons,
            **changes,
        }
    )


def rounds(*figures: float | None, n: int = 20) -> tuple[Repeat, ...]:
    """Return rounds from the first on, of which every figure is the same number of seconds or tokens a second."""
    return tuple(
        Repeat(
            repeat=number,
            n=n,
            failed=0,
            e2e_p50_us=None if own is None else round(own * 1e6),
            e2e_p95_us=None if own is None else round(own * 1e6),
            ttft_p50_us=None if own is None else round(own * 1e6),
            output_tokens_per_s=own,
        )
        for number, own in enumerate(figures, start=1)
    )


def rate(hits: int, n: int) -> RateFigure:
    return RateFigure(hits=hits, n=n, value=hits / n if n else None, low=None, high=None)


def trust(name: str, *reasons: str, kappa: float | None = 0.7, calibrated: bool = True, parsed: int = 40) -> JudgeTrust:
    """Return a judge that 50 labels speak of: it agrees on 45, on 28 of 30 that people passed and 17 of 20 others."""
    figures = AgreementFigures(
        agreement=rate(45, 50),
        kappa=kappa,
        kappa_low=None,
        kappa_high=None,
        weighted_kappa=None,
        alpha=None,
        ac1=None,
        sensitivity=rate(28, 30),
        specificity=rate(17, 20),
        human_alpha=None,
    )
    return JudgeTrust(
        judge=name,
        candidate="j",
        rubric="helpfulness",
        trusted=not reasons,
        reasons=reasons,
        asked=40,
        parsed=parsed,
        agreement=figures if calibrated else None,
    )


def capacity(low_gib: float | None = 18, high_gib: float | None = 20, fit: int | None = 4) -> Capacity:
    return Capacity(
        weights_bytes=None,
        kv_bytes_per_token=None,
        kv_bytes_per_request=None,
        kv_bytes_in_force=None,
        need_low_bytes=None if low_gib is None else round(low_gib * (1 << 30)),
        need_high_bytes=None if high_gib is None else round(high_gib * (1 << 30)),
        confidence="modelled" if high_gib is not None else "unknown",
        requests_that_fit=fit,
        formula="weights + cache" if high_gib is not None else "unknown: the weights were not read.",
    )


def seconds(*values: float | None) -> list[Latency]:
    """Return requests with these whole latencies, each with its first token after half the time."""
    return [(None, None) if own is None else (round(own * 1e6), round(own * 5e5)) for own in values]


def item(name: str, section: Section = "security", severity: str = "block") -> ChecklistItem:
    return ChecklistItem.model_validate(
        {
            "id": name,
            "section": section,
            "question": "Is it?",
            "shown_by": "check",
            "evidence": "a file",
            "severity": severity,
            "remedy": "Do it.",
        }
    )


def finding(name: str, status: str, section: Section = "security", severity: str = "block") -> Finding:
    return Finding.model_validate(
        {
            "item": name,
            "candidate": "c",
            "section": section,
            "question": "Is it?",
            "severity": severity,
            "status": status,
            "reason": "Seen.",
            "evidence": (),
            "remedy": "Do it.",
        }
    )


def pin(name: str, status: str) -> PinCheck:
    return PinCheck.model_validate(
        {"pin": name, "declared": "a", "observed": None, "status": status, "source": "GET /props"}
    )


def licence(
    commercial: str,
    *conditions: str,
    identifier: str | None = "apache-2.0",
    outcome: str = "unknown",
    missing: Sequence[str] = (),
    **changes: object,
) -> Licence:
    return Licence.model_validate(
        {
            "identifier": identifier,
            "family": "Apache License 2.0",
            "commercial": commercial,
            "internal_evaluation": "unknown" if commercial == "unknown" else "yes",
            "outputs_train": "silent",
            "conditions": conditions,
            "statements": (),
            "agreed": None,
            "source": "no statement was found",
            "allowance": {"outcome": outcome, "reasons": ("commercial_use is true",), "missing": missing},
            **changes,
        }
    )


def statement(place: str, says: str) -> LicenceStatement:
    return LicenceStatement(place=place, says=says, identifier=says, identified_by="tag")


def blocker(case: str, outcome: str = "failed") -> BlockerFailure:
    return BlockerFailure.model_validate(
        {"candidate": "c", "suite": "qa", "case": case, "outcome": outcome, "reason": "wrong", "output": "no"}
    )


def facts(
    *metrics: Metric,
    rows: Sequence[Latency] | None = None,
    cells: Sequence[BenchCell] | None = None,
    findings: Sequence[Finding] = (),
    checklist: Sequence[ChecklistItem] | None = None,
    pins: Sequence[PinCheck] = (),
    terms: Licence | None = None,
    blockers: tuple[int, Sequence[BlockerFailure]] = (0, ()),
    judges: Sequence[JudgeTrust] = (),
    room: Capacity | None = None,
) -> Facts:
    """Return facts in which all that a test does not give is absent; `rows` are requests of `short@1`."""
    measured = cells if cells is not None else ([cell(rows)] if rows is not None else [])
    due = checklist if checklist is not None else [item(own.item, own.section, own.severity) for own in findings]
    return Facts(
        metrics=metrics,
        blockers_failed=tuple(blockers[1]),
        blockers_total=blockers[0],
        cells=tuple(measured),
        latencies={"short@1": tuple(rows)} if rows is not None else {},
        checklist=tuple(due),
        findings=tuple(findings),
        pins=tuple(pins),
        licence=terms if terms is not None else licence("unknown"),
        whole=frozenset({"qa"}),
        judges=tuple(judges),
        capacity=room,
    )


def tally(trials: str, grades: float | None = None) -> CaseTally:
    passed = trials.count("1")
    return CaseTally(passed=passed, failed=trials.count("0"), grades=passed if grades is None else grades)


def tried(
    *trials: str,
    sources: Sequence[str | None] = (),
    grades: Sequence[float] = (),
    names: Sequence[str] = (),
    tags: Sequence[str] = (),
    scorer: str = "exact",
) -> tuple[CaseResult, ...]:
    """Return cases of which each trial passed (1), failed (0), has no score (?) or was not asked (-).

    `grades` are the sums of each case's grades; `names` give the cases their digests.
    """
    return tuple(
        CaseResult(
            suite="qa",
            case=names[number] if names else f"c{number}",
            digest=f"digest of {names[number] if names else number}",
            tags=tuple(tags),
            source=sources[number] if sources else None,
            due=len(own),
            asked=len(own) - own.count("-"),
            whole=tally(own),
            by_scorer={scorer: tally(own, grades[number] if grades else None)},
        )
        for number, own in enumerate(trials)
    )


def counted(
    cases: Sequence[CaseResult], candidate: str = "c", *, tag: str | None = None, scorer: str | None = None
) -> Metric:
    """Return the metric that such cases come to."""
    tallies = [own.whole if scorer is None else own.by_scorer[scorer] for own in cases]
    passed, failed = sum(own.passed for own in tallies), sum(own.failed for own in tallies)
    own = metric(passed, failed, sum(case.due for case in cases) - passed - failed, tag=tag, scorer=scorer)
    return own.model_copy(update={"candidate": candidate, "cases": len(cases)})


def baseline(
    cases: Sequence[CaseResult], *metrics: Metric, candidate: str = "b", record: str | None = None
) -> Baseline:
    """Return what a candidate is compared with; its metric is that of its cases unless another is given."""
    return Baseline(
        candidate=candidate,
        record=record,
        evidence_sha256=None,
        metrics=metrics or (counted(cases, candidate),),
        cases=tuple(cases),
    )


def by_case(
    cases: Sequence[CaseResult],
    other: Sequence[CaseResult] | Baseline | None = None,
    *metrics: Metric,
    rivals: Mapping[str, tuple[CaseResult, ...]] | None = None,
    looks: int = 0,
) -> Facts:
    """Return facts with these cases, those of a baseline and of other candidates; the metric is that of the cases."""
    return replace(
        facts(*(metrics or (counted(cases),))),
        cases=tuple(cases),
        whole=frozenset(),
        baseline=other if other is None or isinstance(other, Baseline) else baseline(other),
        rivals=rivals or {},
        looks=looks,
    )


def answer(known: Facts, text: str) -> Answer:
    """Return what one condition comes to, with its figures as they were computed."""
    return parse(ConditionSpec(condition=text)).question.answer(known)


TODAY = date(2026, 6, 15)
"""Day of every verdict here."""


def waiver(condition: str, value: float | tuple[str, ...] = (), **changes: object) -> Waiver:
    """Return a waiver that holds on the day of these tests."""
    people = {"reason": "It can wait.", "owner": "Ann", "approver": "Bo"}
    days = {"granted": "2026-06-01", "expires": "2026-06-30"}
    return Waiver.model_validate({"condition": condition, **people, **days, "value": value, **changes})


def judge(known: Facts, *texts: str, waivers: Sequence[Waiver] = ()) -> CandidateVerdict:
    return judge_candidate("c", [parse(ConditionSpec(condition=text)) for text in texts], known, waivers, TODAY)


def ask(known: Facts, text: str) -> ConditionResult:
    return judge(known, text).conditions[0]
