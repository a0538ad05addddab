"""Each check both ways: what meets it, what fails it, and what leaves it open."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from assay.readiness import CHECKS
from assay.schema.bench import GpuMemory, Memory
from assay.schema.provenance import Allowance
from assay.schema.score import JudgeTrust
from assay.schema.suite import Suite, SuiteRequest
from tests.readiness.builders import (
    GIB,
    PINS,
    access,
    account,
    attestation,
    attested,
    canary,
    candidate,
    capacity,
    cell,
    counters,
    exchange,
    fact,
    facts,
    hit,
    licence,
    metric,
    pin,
    plan,
    probe_of,
    rehearsal,
    rehearsed,
    sink,
    smoke_set,
    statement,
    surface,
    view,
)
from tests.readiness.seen_load import SEEN_LOAD, load_probes, one, refusal

if TYPE_CHECKING:
    from assay.readiness import View
    from assay.schema._base import Status
    from assay.schema.provenance import FactName, PinCheck, ProbeResult
    from assay.schema.score import Metric
    from assay.schema.suite import ProfileName

PROFILES: tuple[ProfileName, ...] = ("short", "long")


def own(**changes: object) -> View:
    """Return a view in which the candidate itself is another."""
    return view(plan=plan(candidates=[candidate(**changes), *ours()[1:]]))


def ours(**changes: object) -> list[dict[str, object]]:
    """Return the three candidates of the plan."""
    return [candidate(**changes), spare(), candidate(id="big", roles=["baseline"])]


def spare(**changes: object) -> dict[str, object]:
    """Return the fallback of the plan, which is another server."""
    return candidate(**{"id": "spare", "roles": ["fallback"], "base_url": "http://127.0.0.1:8081/v1", **changes})


def stood_in_by(**changes: object) -> View:
    """Return a view whose fallback answers well, and is where and what it is said to be."""
    return view(plan=plan(candidates=[candidate(model="m"), spare(**changes)]), probes=(smoke_set("passed"),))


def request(**settings: object) -> View:
    return own(request=settings)


def pinned(*changed: PinCheck, without: tuple[str, ...] = ()) -> View:
    by_name = {name: pin(name) for name in PINS} | {one.pin: one for one in changed}
    return view(facts=facts(pins=tuple(one for name, one in by_name.items() if name not in without)))


def licensed(**changes: object) -> View:
    return view(facts=facts(licence=licence(**changes)))


def seen(name: FactName, value: str | None, grade: str = "observed") -> View:
    kept = tuple(one for one in facts().facts if one.name != name)
    return view(facts=facts(facts=(*kept, fact(name, value, grade))))


def measured(*changed: Metric) -> View:
    """Return a view in which some pass rates are others."""
    new = {(one.candidate, one.suite, one.scorer): one for one in changed}
    return view(metrics=tuple(new.get((m.candidate, m.suite, m.scorer), m) for m in view().metrics))


def part_asked(**changes: object) -> View:
    """Return a view in which the candidate was asked 60 of the 100 cases of `qa`, with answers to all of them."""
    part = metric(passed=50, failed=10, unscored=40).model_copy(update={"stopped": 40})
    return replace(measured(part), **{"completed": 160, **changes})  # type: ignore[arg-type]  # names of fields


def part_of_json(**changes: object) -> View:
    """Return a view in which the candidate was asked 60 of the 100 cases of `json`, all with a sound answer."""
    part = metric(suite="json", scorer="json_schema", passed=60, failed=0, unscored=40)
    return replace(measured(part.model_copy(update={"stopped": 40})), **changes)  # type: ignore[arg-type]  # fields


def unmeasured(candidate: str, suite: str, scorer: str | None = None) -> View:
    gone = (candidate, suite, scorer)
    return view(metrics=tuple(m for m in view().metrics if (m.candidate, m.suite, m.scorer) != gone))


def loaded(**changes: object) -> View:
    """Return a view in which long prompts at 4 at once went otherwise."""
    cells = [cell(profile, n) for profile in PROFILES for n in (1, 4)]
    return view(cells=(*cells[:3], cell("long", 4, **changes)))  # type: ignore[arg-type]  # names of fields


def unloaded() -> View:
    return view(cells=view().cells[:3])


def memory(available: int, samples: int = 20, rss: int | None = GIB) -> Memory:
    return Memory(rss_peak_bytes=rss, anonymous_peak_bytes=None, host_available_min_bytes=available, samples=samples)


def record(**changes: object) -> View:
    return view(plan=plan(record=plan().record.model_dump() | changes))


def use_case(**changes: object) -> View:
    return view(plan=plan(use_case=plan().use_case.model_dump() | changes))


def host(**changes: object) -> View:
    return view(host=view().host.model_copy(update=changes))


def having(**values: object) -> View:
    """Return a view in which some facts have another value; None leaves one unknown."""
    whole = facts()
    named = {name: fact(name, value, "unknown" if value is None else "observed") for name, value in values.items()}
    return view(facts=facts(facts=tuple(named.get(one.name, one) for one in whole.facts)))


def allowed(outcome: str, **more: object) -> View:
    """Return a view in which the licence comes to something for the organization."""
    return licensed(allowance=Allowance.model_validate({"outcome": outcome, "reasons": ("too many users",), **more}))


def trapped(name: str, value: str | None) -> View:
    """Return a view in which one trap was looked for, with a candidate that is held to schemas."""
    held = own(request={"response_format": "case_schema"})
    return view(plan=held.plan, facts=having(**{name: value}).facts)


def smoked(*outcomes: str, **changes: object) -> View:
    """Return a view in which the fallback was asked a smoke set."""
    return view(probes=(smoke_set(*outcomes, **changes),))


def rolled_back(**changes: object) -> View:
    """Return a view with one rehearsed rollback."""
    return view(rehearsals=rehearsed(rehearsal(**changes)))


def on_surface(*instead: ProbeResult) -> View:
    """Return a view of a server that was probed from outside; what is given takes the place of its like."""
    return view(probes=tuple({own.probe: own for own in (*surface(), *instead)}.values()))


TRAP_ITEMS = {
    "model-name-checked": "model_name_checked",
    "token-limit-honoured": "token_limit_honoured",
    "usage-in-streams": "usage_in_streams",
    "schema-enforced": "schema_enforced",
    "repeatable": "repeatable",
    "requests-isolated": "requests_isolated",
    "prompt-kept-whole": "prompt_kept_whole",
}
CARD = GpuMemory(index=0, name="NVIDIA H100", used_peak_bytes=12 * GIB, total_bytes=80 * GIB, process_peak_bytes=None)
LATE = account(ttft_us=700_000, decode_us=None, agrees=False)
SHORT = {"profiles": ["short"], "concurrency": [4]}
OPEN = {"arrivals": "poisson", "concurrency": None, "rate_per_s": 2.5}
AT_A_RATE = view(
    plan=plan(bench={"profiles": PROFILES, "concurrency": [], "rates": [2.5]}),
    cells=tuple(cell(own).model_copy(update=OPEN) for own in PROFILES),
)
WARM = view(
    plan=plan(bench={"profiles": PROFILES, "concurrency": [4], "cache": ["warm"]}),
    cells=tuple(cell(own, 4, cache="warm") for own in PROFILES),
)
NO_BENCH = view(plan=plan(bench=None))
UNTRUSTED = JudgeTrust(
    judge="j1", candidate="big", rubric="r", trusted=False, reasons=("no calibration",), asked=9, parsed=9
)
CONDITIONAL = licence(identifier="llama3.1", commercial="conditional", conditions=("Say that it is Llama.",))

CASES: list[tuple[str, View, Status, str]] = [
    # model
    ("pins", view(), "met", "revision aaaa"),
    ("pins", own(pins={"model_id": "org/small"}), "not_met", "does not pin revision, quantization, runtime_version"),
    ("pins", pinned(pin("quantization", "not_met", "Q2_K")), "not_met", "pinned to Q4_K_M and was seen as Q2_K"),
    ("pins", pinned(pin("runtime_version", "unknown")), "unknown", "runtime_version b6000 could not be seen"),
    ("pins", pinned(pin("model_id", "unknown")), "met", "org/small (a name, not seen)"),
    ("pins", pinned(pin("model_id", "unknown"), pin("revision", "unknown")), "unknown", "model_id org/small could"),
    ("pins", pinned(without=("revision",)), "unknown", "revision was not compared with anything"),
    ("licence-allows", view(), "met", "Apache-2.0 allows commercial use"),
    ("licence-allows", licensed(commercial="no"), "not_met", "does not allow"),
    ("licence-allows", licensed(agreed=False), "not_met", "disagree: GGUF general.license"),
    ("licence-allows", licensed(commercial="unknown"), "unknown", "no licence with known terms"),
    ("licence-allows", licensed(identifier=None), "unknown", "no licence with known terms"),
    ("licence-allows", licensed(agreed=None), "unknown", "no licence with known terms"),
    ("licence-allows", view(facts=facts(licence=CONDITIONAL)), "unknown", "nobody has attested this"),
    (
        "licence-allows",
        view(facts=facts(licence=CONDITIONAL), attestations=attested(attestation("licence-read", status="not_met"))),
        "unknown",
        "licence-read is not attested as met",
    ),
    (
        "licence-allows",
        view(facts=facts(licence=CONDITIONAL), attestations=attested(attestation("licence-read"))),
        "met",
        "under conditions (1 listed); licence-read is attested by Ana",
    ),
    # quality
    ("licence-agrees", view(), "met", "1 place states Apache-2.0"),
    ("licence-agrees", licensed(agreed=False), "not_met", "disagree: GGUF general.license: apache-2.0"),
    ("licence-agrees", licensed(statements=()), "unknown", "no place states"),
    ("licence-agrees", licensed(statements=(statement(identifier=None),)), "unknown", "could not be identified"),
    ("licence-agrees", licensed(agreed=None), "unknown", "could not be identified"),
    ("licence-for-organization", view(), "met", "asks for notices only"),
    ("licence-for-organization", allowed("prohibited"), "not_met", "too many users"),
    ("licence-for-organization", allowed("unknown", missing=("headquarters",)), "unknown", "lacks headquarters"),
    ("licence-for-organization", allowed("needs_person"), "unknown", "licence-read is not attested as met"),
    ("licence-for-organization", allowed("conditional"), "unknown", "licence-read is not attested as met"),
    (
        "licence-for-organization",
        view(facts=allowed("conditional").facts, attestations=attested(attestation("licence-read"))),
        "met",
        "too many users; licence-read is attested by Ana",
    ),
    ("executed-here", view(), "met", "runs the model itself"),
    ("executed-here", having(executed_at="elsewhere: ollama.com:443"), "not_met", "elsewhere, at ollama.com:443"),
    ("executed-here", having(executed_at="elsewhere: 10.0.0.7"), "met", "in the own network"),
    ("executed-here", having(executed_at="elsewhere: localhost"), "met", "in the own network"),
    ("executed-here", having(executed_at="elsewhere: 8.8.8.8"), "not_met", "8.8.8.8"),
    ("executed-here", having(executed_at=None), "unknown", "was not seen"),
    ("executed-here", own(runtime="openai"), "not_applicable", "cloud"),
    ("sampling-in-force", view(), "met", "changes nothing"),
    (
        "sampling-in-force",
        having(sampling_defaults="repeat_penalty=1.1 top_k=40"),
        "not_met",
        "adds repeat_penalty=1.1",
    ),
    ("sampling-in-force", own(request={"temperature": 0.7}), "not_met", "adds top_k=40"),
    (
        "sampling-in-force",
        having(sampling_defaults="repetition_penalty=1.05"),
        "not_met",
        "adds repetition_penalty=1.05",
    ),
    ("sampling-in-force", having(sampling_defaults="top_k=-1"), "met", "changes nothing"),
    ("sampling-in-force", having(sampling_defaults=None), "unknown", "were not seen"),
    ("schema-enforced", view(), "not_applicable", "decodes freely"),
    ("schema-enforced", own(request={"response_format": "case_schema"}), "met", "GET /schema_enforced"),
    ("usage-in-streams", NO_BENCH, "not_applicable", "no benchmark"),
    *(
        case
        for item, name in TRAP_ITEMS.items()
        for case in (
            (item, trapped(name, "yes"), "met", f"GET /{name}"),
            (item, trapped(name, "no"), "not_met", f"GET /{name}"),
            (item, trapped(name, None), "unknown", f"GET /{name}"),
        )
    ),
    ("answers-whole", view(), "met", "0 of 200 answers ended at their token limit"),
    ("answers-whole", view(truncated=10), "met", "10 of 200"),
    ("answers-whole", view(truncated=11), "not_met", "11 of 200"),
    ("answers-whole", view(completed=0), "unknown", "no trial was answered"),
    ("answers-whole", view(completed=190, truncated=9), "met", "9 of 190 answers ended at their token limit"),
    (
        "answers-whole",
        view(completed=189),
        "unknown",
        "0 of 189 answers ended at their token limit, and only 189 of 200",
    ),
    (
        "answers-whole",
        view(completed=20, truncated=2),
        "unknown",
        "2 of 20 answers ended at their token limit, and only",
    ),
    ("answers-whole", view(completed=20, truncated=11), "not_met", "11 of 20"),
    ("answers-whole", part_asked(), "unknown", "0 of 160 answers ended at their token limit, and only 160 of 200"),
    ("answers-whole", part_asked(needless=frozenset({"qa"})), "met", "0 of 160"),
    ("thinking-closed", view(), "met", "0 of 200"),
    ("thinking-closed", view(completed=189), "unknown", "and only 189 of 200 trials have one"),
    ("thinking-closed", view(completed=20, unclosed_thinking=1), "not_met", "1 of 20"),
    ("thinking-closed", view(unclosed_thinking=1), "not_met", "1 of 200 answers ended while the model was thinking"),
    ("thinking-closed", view(completed=0), "unknown", "no trial was answered"),
    ("capacity-agrees", view(), "met", "measured 1,024 MiB at most; arithmetic says 1,024 to 2,048 MiB"),
    ("capacity-agrees", view(facts=facts(capacity=capacity(need_low_bytes=2 * GIB))), "not_met", "2,048 to 2,048 MiB"),
    ("capacity-agrees", view(facts=facts(capacity=capacity(need_high_bytes=None))), "unknown", "not known by"),
    ("capacity-agrees", view(cells=()), "unknown", "no memory of the server was measured"),
    ("accelerator-used", view(), "not_applicable", "no accelerator"),
    ("accelerator-used", host(accelerators=("GPU",)), "met", "100% of 1 GiB"),
    (
        "accelerator-used",
        view(facts=having(accelerator_memory_bytes=GIB // 4).facts, host=host(accelerators=None).host),
        "not_met",
        "25% of 1 GiB is on an accelerator",
    ),
    (
        "accelerator-used",
        view(facts=having(memory_bytes=None).facts, host=host(accelerators=None).host),
        "unknown",
        "does not say",
    ),
    ("golden-sets", view(), "met", "golden set qa: 100 of 100 trials scored, 90 passed"),
    ("golden-sets", view(suites=()), "not_met", "there is no golden set"),
    ("golden-sets", view(suites=(Suite(id="qa"),)), "not_met", "golden set qa has no cases"),
    ("golden-sets", view(trials=0, completed=0), "unknown", "no trial was due"),
    ("golden-sets", view(completed=190), "met", "190 of 200"),
    ("golden-sets", view(completed=189), "unknown", "189 of 200 trials have an answer"),
    ("golden-sets", part_asked(), "unknown", "60 of 100 trials scored, 50 passed, 40 not asked"),
    ("golden-sets", part_asked(needless=frozenset({"qa"})), "met", "60 of 60 trials scored, 50 passed, 40 not asked"),
    ("golden-sets", part_asked(completed=151, needless=frozenset({"qa"})), "unknown", "151 of 160 trials have an"),
    ("golden-sets", unmeasured("small", "qa"), "unknown", "golden set qa was not asked"),
    ("golden-sets", measured(metric(passed=90, failed=0, unscored=10)), "unknown", "90 of 100 trials scored"),
    ("golden-sets", measured(metric(trusted=False, doubt="it is a guess")), "unknown", "passed, but it is a guess"),
    ("quality-baseline", view(), "met", "qa: 0.9 (n 100) against 0.9 (n 100) of big"),
    ("quality-baseline", measured(metric(passed=70, failed=30)), "not_met", "qa: 0.7"),
    ("quality-baseline", measured(metric(passed=85, failed=15)), "unknown", "too few cases to tell"),
    ("quality-baseline", unmeasured("big", "json"), "unknown", "json was not asked of both"),
    ("quality-baseline", measured(metric("big", passed=0, failed=0, unscored=0)), "unknown", "not asked of both"),
    (
        "quality-baseline",
        measured(metric("big", passed=10, failed=0, unscored=90)),
        "unknown",
        "too many trials without a score",
    ),
    ("quality-baseline", measured(metric("big", trusted=False)), "unknown", "cannot be trusted"),
    ("quality-baseline", view(plan=plan(candidates=ours()[:2])), "unknown", "no other candidate with role baseline"),
    ("structured-output", view(), "met", "100 of 100 answers of json pass json_schema"),
    (
        "structured-output",
        measured(metric(suite="json", scorer="json_schema", passed=99, failed=1)),
        "not_met",
        "99 of 100",
    ),
    (
        "structured-output",
        measured(metric(suite="json", scorer="json_schema", passed=99, failed=0, unscored=1)),
        "unknown",
        "1 have no score",
    ),
    ("structured-output", unmeasured("small", "json", "json_schema"), "unknown", "no answer of json was scored"),
    ("structured-output", part_of_json(), "unknown", "60 of 100 answers of json pass json_schema, 40 have no score"),
    ("structured-output", part_of_json(needless=frozenset({"json"})), "met", "60 of 60 answers of json pass"),
    ("structured-output", view(suites=view().suites[:1]), "not_applicable", "no case of the golden sets"),
    # performance
    ("latency-measured", view(), "met", "p95 of long prompts, 4 at once: 1.5 s over 60 requests"),
    ("latency-measured", loaded(n=58), "unknown", "rests on 58 requests: 1 more requests needed"),
    ("latency-measured", loaded(p95_s=None), "not_met", "falls on a failed request"),
    ("latency-measured", loaded(e2e=()), "unknown", "p50 of long prompts, 4 at once was not computed"),
    ("latency-measured", loaded(validity="INVALID"), "unknown", "4 at once: INVALID (the client was late)"),
    ("latency-measured", loaded(validity="DEGRADED"), "met", "(DEGRADED: the client was late)"),
    ("latency-measured", loaded(failed=60), "unknown", "no request was answered"),
    ("latency-measured", AT_A_RATE, "met", "p95 of short prompts, 2.5 a second: 1.5 s over 60 requests"),
    ("latency-measured", WARM, "met", "p95 of short prompts, 4 at once, warm cache: 1.5 s over 60 requests"),
    (
        "latency-measured",
        view(plan=WARM.plan, cells=(cell("short", 4),)),
        "unknown",
        "short prompts, 4 at once, warm cache: not measured",
    ),
    ("latency-measured", unloaded(), "unknown", "long prompts, 4 at once: not measured"),
    ("latency-measured", NO_BENCH, "unknown", "the plan asks for no benchmark"),
    (
        "service-levels",
        view(),
        "met",
        "p95 time to first token of short prompts, 1 at once: 1.5 s over 60 requests, level 2",
    ),
    ("service-levels", loaded(p95_s=12.5), "not_met", "12.5 s over 60 requests, level 12 s"),
    ("service-levels", loaded(p95_s=12.0), "met", "level 12 s"),
    ("service-levels", loaded(p95_s=None), "not_met", "falls on a failed request"),
    ("service-levels", loaded(p95_s=12.5, n=30), "unknown", "29 more requests needed"),
    ("service-levels", unloaded(), "unknown", "not measured"),
    ("service-levels", use_case(slo={}), "not_met", "declares no service level"),
    ("service-levels", use_case(slo={"short": {}}), "not_met", "declares no service level"),
    ("service-levels", use_case(slo={"json": {"e2e_p95_s": 5}}), "unknown", "json prompts, 1 at once: not measured"),
    ("concurrency", view(), "met", "short prompts, 4 at once"),
    ("concurrency", view(plan=plan(bench={"concurrency": [1]})), "not_met", "one request at a time"),
    ("concurrency", AT_A_RATE, "unknown", "nothing was measured with several requests at once"),
    ("concurrency", WARM, "met", "short prompts, 4 at once, warm cache"),
    ("concurrency", view(cells=view().cells[::2]), "unknown", "4 at once: not measured"),
    ("concurrency", NO_BENCH, "unknown", "no benchmark"),
    ("memory-observed", view(), "met", "peak 1 GiB over 20 samples"),
    ("memory-observed", loaded(memory=None), "unknown", "process could not be seen"),
    ("memory-observed", loaded(memory=memory(8 * GIB, samples=0)), "unknown", "process could not be seen"),
    ("memory-observed", loaded(memory=memory(8 * GIB, rss=None)), "unknown", "process could not be seen"),
    (
        "memory-observed",
        loaded(memory=memory(8 * GIB).model_copy(update={"gpus": (CARD,)})),
        "met",
        "peak 1 GiB, 12 of 80 GiB on NVIDIA H100 over 20 samples",
    ),
    (
        "memory-observed",
        loaded(memory=memory(8 * GIB).model_copy(update={"gpus": (CARD, CARD.model_copy(update={"name": "x" * 99}))})),
        "met",
        f"12 of 80 GiB on NVIDIA H100, 12 of 80 GiB on {'x' * 79}… over 20 samples",
    ),
    ("memory-observed", AT_A_RATE, "met", "short prompts, 2.5 a second: peak 1 GiB over 20 samples"),
    ("memory-observed", NO_BENCH, "unknown", "no benchmark"),
    ("memory-headroom", view(), "met", "50.0% of the host's 16 GiB stayed available"),
    ("memory-headroom", loaded(memory=memory(GIB)), "not_met", "6.2% of the host's 16 GiB"),
    ("memory-headroom", loaded(memory=memory(8 * GIB, rss=None)), "met", "50.0% of the host's 16 GiB stayed available"),
    ("memory-headroom", loaded(memory=None), "unknown", "memory of the server's host could not be seen"),
    ("memory-headroom", unloaded(), "unknown", "not measured"),
    ("memory-headroom", host(memory_bytes=0), "unknown", "could not be seen"),
    ("memory-pressure", view(), "met", "no request was put back in 9 looks at GET /metrics"),
    ("memory-pressure", loaded(counters=counters(preemptions=3)), "not_met", "3 requests were put back"),
    (
        "memory-pressure",
        loaded(counters=counters(preemptions=3), validity="INVALID"),
        "not_met",
        "long prompts, 4 at once: 3 requests were put back for want of KV cache (GET /metrics)",
    ),
    ("memory-pressure", loaded(counters=counters(unloaded=True)), "not_met", "the model was unloaded"),
    ("memory-pressure", loaded(counters=counters(restarted=True, preemptions=None)), "not_met", "began anew"),
    (
        "memory-pressure",
        view(cells=loaded(counters=counters(spilled_bytes=GIB)).cells, host=host(accelerators=("GPU",)).host),
        "not_met",
        "1 GiB of the model lay off the accelerator",
    ),
    ("memory-pressure", loaded(counters=counters(spilled_bytes=GIB)), "met", "no request was put back"),
    ("memory-pressure", loaded(counters=counters(preemptions=None)), "met", "its counters never fell in 9 looks"),
    ("memory-pressure", loaded(counters=counters(unloaded=False)), "met", "put back, the model stayed loaded in 9"),
    ("memory-pressure", loaded(counters=None), "unknown", "the runtime tells no counters"),
    ("memory-pressure", loaded(counters=counters(samples=0)), "unknown", "the runtime tells no counters"),
    (
        "memory-pressure",
        loaded(counters=None, faults={"out_of_memory": 3}),
        "not_met",
        "long prompts, 4 at once: 3 requests failed for want of memory",
    ),
    (
        "memory-pressure",
        loaded(counters=counters(preemptions=2), faults={"out_of_memory": 3, "timeout": 1}),
        "not_met",
        "2 requests were put back for want of KV cache (GET /metrics), 3 requests failed for want of memory",
    ),
    ("memory-pressure", loaded(faults={"timeout": 3}), "met", "no request was put back"),
    (
        "memory-pressure",
        view(cells=(*view().cells, cell("json", 4, counters=None, faults={"out_of_memory": 1}))),
        "not_met",
        "json prompts, 4 at once: 1 requests failed",
    ),
    ("memory-pressure", unloaded(), "unknown", "not measured"),
    ("memory-pressure", NO_BENCH, "unknown", "no benchmark"),
    (
        "server-times-agree",
        view(),
        "met",
        "first token 2 ms later, first to last token 1 ms sooner than llama.cpp timings of 60 requests, 10 ms allowed",
    ),
    (
        "server-times-agree",
        loaded(server=account(ttft_us=None, decode_us=-900_000, agrees=False)),
        "not_met",
        "long prompts, 4 at once: first to last token 900 ms sooner than llama.cpp timings",
    ),
    (
        "server-times-agree",
        view(cells=tuple(one.model_copy(update={"server": LATE}) for one in view().cells)),
        "not_met",
        "short prompts, 1 at once: first token 700 ms later than llama.cpp timings of 60 requests, 10 ms allowed",
    ),
    ("server-times-agree", loaded(server=LATE), "unknown", "how long a request waited is not always told"),
    (
        "server-times-agree",
        view(cells=(cell("short", 4, server=account(ttft_us=700_000)),), plan=plan(bench=SHORT)),
        "met",
        "60 requests, 10 ms allowed; how long a request waited is not always told",
    ),
    (
        "server-times-agree",
        loaded(server=account(ttft_us=-700_000, agrees=False)),
        "not_met",
        "first token 700 ms sooner",
    ),
    ("server-times-agree", loaded(server=None), "met", "llama.cpp timings"),
    (
        "server-times-agree",
        view(cells=tuple(one.model_copy(update={"server": None}) for one in view().cells)),
        "unknown",
        "the server gives no times of its own",
    ),
    ("server-times-agree", unloaded(), "unknown", "not measured"),
    ("kv-cache-budget", view(), "met", "weights 1 GiB and KV cache 1 GiB of 16 GiB"),
    ("kv-cache-budget", host(memory_bytes=2 * GIB), "unknown", "of 2 GiB, if every slot keeps a cache of its own"),
    ("kv-cache-budget", host(memory_bytes=GIB), "not_met", "of 1 GiB"),
    ("kv-cache-budget", host(accelerators=("GPU",)), "unknown", "accelerators"),
    ("kv-cache-budget", host(accelerators=None), "unknown", "accelerators"),
    ("kv-cache-budget", view(cells=()), "unknown", "not seen on this host"),
    ("kv-cache-budget", view(cells=(), facts=facts(server_pid=42)), "met", "weights 1 GiB"),
    (
        "kv-cache-budget",
        view(facts=facts(capacity=capacity(weights_bytes=None))),
        "unknown",
        "size",
    ),
    ("long-context", view(), "met", "662 of 1024 pinned tokens used"),
    ("long-context", own(pins=PINS | {"max_context_tokens": 8192}), "unknown", "662 of 8192 pinned tokens used"),
    ("long-context", own(pins={}), "unknown", "does not pin max_context_tokens"),
    ("long-context", loaded(prompt_tokens_p50=None), "unknown", "does not count prompt tokens"),
    ("long-context", view(cells=view().cells[:2]), "unknown", "long prompts, 1 at once: not measured"),
    # reliability
    ("max-tokens", view(), "met", "max_tokens is 256 of 1024"),
    ("max-tokens", request(max_tokens=1024), "not_met", "max_tokens is 1024 of 1024"),
    ("max-tokens", view(suites=(Suite(id="qa", request=SuiteRequest(max_tokens=5000)),)), "not_met", "is 5000 of 1024"),
    ("max-tokens", own(pins={}), "unknown", "pins no max_context_tokens"),
    ("timeout", view(), "met", "timeout_s is 30"),
    ("timeout", request(timeout_s=601), "not_met", "longer than 600 s"),
    ("timeout", request(timeout_s=10), "not_met", "shorter than the service level of 12 s"),
    ("retries", view(), "met", "at most 90 s"),
    ("retries", request(max_retries=4), "not_met", "max_retries is 4"),
    ("error-rate", view(), "met", "0 of 60 requests failed"),
    ("error-rate", loaded(failed=3), "met", "3 of 60"),
    ("error-rate", loaded(failed=4), "not_met", "4 of 60"),
    ("error-rate", unloaded(), "unknown", "not measured"),
    (
        "error-rate",
        view(cells=tuple(cell(profile, at, n=10) for profile in PROFILES for at in (1, 4))),
        "unknown",
        "40 requests measured: 19 more requests needed",
    ),
    ("health-endpoint", view(), "met", "health endpoint is there: GET /health_endpoint"),
    ("health-endpoint", seen("health_endpoint", "needs key"), "met", "is there"),
    ("health-endpoint", seen("health_endpoint", "closed"), "not_met", "there is no health endpoint"),
    ("health-endpoint", seen("health_endpoint", "open", "declared"), "unknown", "no health endpoint was seen"),
    ("fallback", view(), "met", "fallback spare passed 90 of 100 trials of qa"),
    (
        "fallback",
        view(plan=plan(candidates=[ours()[0], ours()[2]])),
        "not_met",
        "no other candidate with role fallback",
    ),
    ("fallback", own(roles=["production", "fallback"]), "met", "fallback spare"),
    ("fallback", unmeasured("spare", "qa"), "unknown", "spare was not measured on qa"),
    ("fallback", measured(metric("spare", passed=0, failed=0, unscored=100)), "unknown", "not measured on qa"),
    ("fallback", measured(metric("spare", passed=0, failed=100)), "not_met", "passed 0 of 100"),
    (
        "fallback",
        view(plan=plan(candidates=[*ours(), candidate(id="idle", roles=["fallback"])])),
        "met",
        "fallback spare",
    ),
    ("fallback-answers", smoked(*["passed"] * 5), "met", "spare passed 5 of 5 cases, with at least 80% needed"),
    ("fallback-answers", smoked(*["passed"] * 4, "failed"), "met", "passed 4 of 5 cases"),
    (
        "fallback-answers",
        replace(
            smoked(*["passed"] * 11, *["failed"] * 9), plan=plan(probes={"smoke": {"cases": 20, "min_pass_rate": 0.55}})
        ),
        "met",
        "passed 11 of 20 cases, with at least 55% needed",
    ),
    (
        "fallback-answers",
        smoked(*["passed"] * 3, "failed", "failed"),
        "not_met",
        "passed 3 of 5 cases, and 80% are needed: case q3 of qa to spare failed",
    ),
    (
        "fallback-answers",
        smoked(*["passed"] * 4, "silent"),
        "not_met",
        "left 1 of 5 cases unanswered, first case q4 of qa to spare: connection",
    ),
    ("fallback-answers", smoked(*["passed"] * 3, "unscored", "failed"), "unknown", "3 of 5 cases, and 1 have no score"),
    ("fallback-answers", smoked("unscored"), "unknown", "passed 0 of 1 cases, and 1 have no score"),
    (
        "fallback-answers",
        smoked("passed", ended="out_of_time", note="not all cases were answered within 9 s"),
        "unknown",
        "spare was not asked all cases: not all cases were answered within 9 s",
    ),
    (
        "fallback-answers",
        smoked(ended="left_out", note="not reached: spare"),
        "unknown",
        "was not asked all cases: not reached: spare",
    ),
    ("fallback-answers", view(), "unknown", "no fallback was asked a smoke set: allow it with probes"),
    (
        "fallback-answers",
        view(plan=plan(candidates=[ours()[0], ours()[2]])),
        "not_met",
        "no other candidate with role fallback",
    ),
    (
        "fallback-answers",
        view(
            plan=plan(candidates=[*ours(), spare(id="idle")]),
            probes=(smoke_set("passed", fallback="idle"),),
        ),
        "met",
        "fallback idle passed 1 of 1",
    ),
    (
        "fallback-answers",
        stood_in_by(base_url="http://LOCALHOST:8080/v1/", model="m"),
        "not_met",
        "spare asks the same server for the same model as small: it fails with it",
    ),
    ("fallback-answers", stood_in_by(base_url="http://127.0.0.1:8080/v1"), "not_met", "the same server"),
    ("fallback-answers", stood_in_by(base_url="http://127.0.0.1:8080/v1", model="n"), "met", "spare passed 1 of 1"),
    ("fallback-answers", stood_in_by(model="m"), "met", "spare passed 1 of 1"),
    # security
    ("authentication", view(), "met", "a key is required"),
    ("authentication", seen("authentication", "not required"), "not_met", "no key is required: GET /authentication"),
    ("authentication", seen("authentication", None, "unknown"), "unknown", "was not seen"),
    ("authentication", seen("authentication", "required", "declared"), "unknown", "was not seen"),
    (
        "management-closed",
        view(probes=access()),
        "met",
        "asked without a key for 1 paths that manage a server or show its state",
    ),
    (
        "management-closed",
        view(probes=(probe_of("management", exchange("no-key", 200, path="/slots", method="GET", kind="shows")),)),
        "not_met",
        "prompts or settings are shown without a key: GET /slots (200)",
    ),
    ("management-closed", view(), "unknown", "was not probed deeply"),
    ("tenants-separated", view(probes=access()), "met", "90 tokens cached for the same key, 0 else"),
    (
        "tenants-separated",
        view(probes=(probe_of("tenants", exchange("recalled", foreign_word=True)),)),
        "not_met",
        "a word of one tenant stood in an answer to the other",
    ),
    (
        "tenants-separated",
        view(probes=(probe_of("tenants", ended="out_of_time", note="too late"),)),
        "unknown",
        "too late",
    ),
    ("tenants-separated", view(), "unknown", "was not probed deeply"),
    ("foreign-pages", view(), "met", "origins that may read answers: none"),
    ("foreign-pages", seen("cors", "any origin"), "not_met", "any origin"),
    ("foreign-pages", seen("cors", None, "unknown"), "unknown", "was not seen"),
    ("foreign-pages", seen("cors", "none", "declared"), "unknown", "was not seen"),
    (
        "prompts-not-logged",
        view(),
        "met",
        "none of 2 marks lies in log, by way of success; not provoked: stream (not sent)",
    ),
    ("prompts-not-logged", view(), "met", ", wrong-key (200), "),
    (
        "prompts-not-logged",
        view(canary=canary(sink(controls=("control",)))),
        "met",
        "by way of success; of these no listed sink shows a request by success; not provoked",
    ),
    (
        "prompts-not-logged",
        view(canary=canary(sink(hits=(hit(field="query"),)))),
        "met",
        "the query of an address is logged, so that nothing secret may stand there",
    ),
    (
        "prompts-not-logged",
        view(canary=canary(sink(hits=(hit(),)), sink(sink="more", trouble="there is no such file"))),
        "not_met",
        "prompts come to rest: in log the user of upstream, base64, at byte 42",
    ),
    (
        "prompts-not-logged",
        view(canary=canary(sink(hits=tuple(hit(offset=at) for at in range(4)), further_hits=5))),
        "not_met",
        "base64, at byte 2; and 6 more",
    ),
    (
        "prompts-not-logged",
        view(canary=canary(sink(hits=(hit(place="a/b.log", part="first half"),)), ended="out_of_time")),
        "not_met",
        "in log, a/b.log the user of upstream, base64, cut to its first half, at byte 42",
    ),
    ("prompts-not-logged", view(canary=None), "unknown", "not probed deeply"),
    ("prompts-not-logged", view(canary=canary(sink(kind="page"))), "unknown", "the plan lists no sinks of this server"),
    ("prompts-not-logged", view(canary=canary(sink(control=False))), "unknown", "log shows no request at all"),
    (
        "prompts-not-logged",
        view(plan=plan(probes={"sinks": [{"id": "log", "file": "a.log"}, {"id": "more", "file": "b.log"}]})),
        "unknown",
        "the plan lists more, and nobody searched there",
    ),
    (
        "prompts-not-logged",
        view(plan=plan(probes={"sinks": [{"id": "more", "file": "b.log", "candidates": ["big"]}]})),
        "met",
        "none of 2 marks lies in log",
    ),
    (
        "prompts-not-logged",
        view(canary=canary(sink(trouble="it is gone"))),
        "unknown",
        "log was not searched: it is gone",
    ),
    (
        "prompts-not-logged",
        view(canary=canary(sink(), sink(sink="error bodies", kind="error-bodies", control=False))),
        "unknown",
        "no error body was received",
    ),
    (
        "prompts-not-logged",
        view(canary=canary(sink(), sink(sink="GET /slots", kind="page", control=False))),
        "unknown",
        "GET /slots did not change with the requests",
    ),
    ("prompts-not-logged", view(canary=canary(attempts=())), "unknown", "no prompt was answered"),
    (
        "prompts-not-logged",
        view(canary=canary(ended="out_of_time", note="slow")),
        "unknown",
        "not enough was sent: slow",
    ),
    # operations
    ("runtime-fits", view(), "met", "llama.cpp answers"),
    ("runtime-fits", own(runtime="lm-studio"), "not_met", "LM Studio is a desktop tool"),
    ("runtime-fits", seen("runtime", "lm-studio"), "not_met", "LM Studio is a desktop tool"),
    ("runtime-fits", seen("runtime", "vllm"), "not_met", "the plan says llama.cpp, and vllm answers"),
    ("runtime-fits", replace(own(runtime="openai"), facts=seen("runtime", "vllm").facts), "met", "vllm answers"),
    ("runtime-fits", seen("runtime", "llama.cpp", "declared"), "unknown", "could not be seen"),
    ("transport-encrypted", on_surface(), "met", "the certificate verifies, TLSv1.3; it expires on 2026-09-01"),
    (
        "transport-encrypted",
        on_surface(probe_of("tls", exchange("handshake", None, verified=True, protocol="TLSv1", expires=None))),
        "not_met",
        "TLS of version 1.0 or 1.1 is accepted",
    ),
    (
        "transport-encrypted",
        on_surface(probe_of("tls", exchange("plain", None, here=True, elsewhere=False))),
        "not_applicable",
        "the address is on this machine",
    ),
    ("transport-encrypted", on_surface(probe_of("tls", ended="out_of_time", note="too late")), "unknown", "too late"),
    ("transport-encrypted", view(), "unknown", "was not probed deeply"),
    ("versions-hidden", on_surface(), "met", "1 answers tell no version"),
    (
        "versions-hidden",
        on_surface(probe_of("versions", exchange("chat", versions="server", open=False), exchange("page", None))),
        "not_met",
        "versions are told with the key: header Server",
    ),
    (
        "versions-hidden",
        on_surface(probe_of("versions", exchange("chat", versions="", open=False), exchange("page", None))),
        "unknown",
        "the probe told nothing",
    ),
    ("versions-hidden", view(), "unknown", "was not probed deeply"),
    ("errors-tell-nothing", on_surface(), "met", "4 errors to 4 wrong requests tell no traces"),
    (
        "errors-tell-nothing",
        on_surface(probe_of("error-bodies", exchange("malformed", 500, error=True, tells="a file path, SQL"))),
        "not_met",
        "a file path in the error 500 to GET /; SQL in the error 500 to GET /",
    ),
    ("errors-tell-nothing", view(), "unknown", "was not probed deeply"),
    ("requests-traceable", on_surface(), "met", "the client's id comes back in x-request-id"),
    (
        "requests-traceable",
        on_surface(probe_of("tracing", exchange("chat", in_body=""))),
        "not_met",
        "an answer carries no id in a header: GET /",
    ),
    ("requests-traceable", view(), "unknown", "was not probed deeply"),
    ("metrics-endpoint", view(), "met", "metrics endpoint is there"),
    ("metrics-endpoint", seen("metrics_endpoint", "closed"), "not_met", "there is no metrics endpoint"),
    ("metrics-endpoint", seen("metrics_endpoint", None, "unknown"), "unknown", "no metrics endpoint was seen"),
    ("rollout", view(), "met", "record.rollout is written"),
    ("rollout", record(rollout=None), "not_met", "record.rollout is not provided"),
    ("rollout", record(rollout=" <TODO> "), "not_met", "record.rollout is not provided"),
    ("rollback", view(), "met", "record.rollback is written"),
    ("rollback", record(rollback="not provided"), "not_met", "record.rollback is not provided"),
    (
        "rollback-rehearsed",
        rolled_back(),
        "met",
        "rolled back from aaaaaaaaaaaa… to bbbbbbbbbbbb… on 2026-05-14 by Ana, in 11.5 minutes; 5 of 5 cases passed",
    ),
    ("rollback-rehearsed", rolled_back(smoke={"asked": 5, "passed": 4}), "met", "4 of 5 cases passed"),
    (
        "rollback-rehearsed",
        replace(rolled_back(smoke={"asked": 20, "passed": 11}), plan=plan(probes={"smoke": {"min_pass_rate": 0.55}})),
        "met",
        "11 of 20 cases passed",
    ),
    (
        "rollback-rehearsed",
        rolled_back(started="9999-12-30T00:00:00+00:00", ended="9999-12-31T00:00:00+00:00"),
        "unknown",
        "dated in the future",
    ),
    (
        "rollback-rehearsed",
        rolled_back(smoke={"asked": 5, "passed": 3}),
        "not_met",
        "after the rollback of 2026-05-14 by Ana only 3 of 5 cases passed, and 80% are needed",
    ),
    (
        "rollback-rehearsed",
        rolled_back(from_digest="c" * 40),
        "not_met",
        "rehearsed with another model: cccccccccccc…, where aaaaaaaaaaaa… is served",
    ),
    ("rollback-rehearsed", rolled_back(from_digest="c" * 64), "unknown", "no such digest is known"),
    (
        "rollback-rehearsed",
        replace(rolled_back(), facts=seen("weights_sha256", "d" * 64).facts),
        "unknown",
        "aaaaaaaaaaaa… was rehearsed with, and of what is served no such digest is known",
    ),
    (
        "rollback-rehearsed",
        replace(rolled_back(from_digest=f"sha256:{'d' * 64}"), facts=seen("weights_sha256", "d" * 64).facts),
        "met",
        "rolled back from dddddddddddd…",
    ),
    ("rollback-rehearsed", rolled_back(to_digest=PINS["revision"]), "not_met", "ended with the model that it began"),
    (
        "rollback-rehearsed",
        rolled_back(started="2025-12-16T23:00:00Z", ended="2025-12-17T00:10:00Z"),
        "met",
        "in 70 minutes",
    ),
    (
        "rollback-rehearsed",
        rolled_back(started="2025-12-16T09:00:00Z", ended="2025-12-16T09:10:00Z"),
        "unknown",
        "the rehearsal of 2025-12-16 by Ana counted until 2026-06-14, 180 days",
    ),
    (
        "rollback-rehearsed",
        rolled_back(started="2026-06-16T09:00:00Z", ended="2026-06-16T09:10:00Z"),
        "unknown",
        "the rehearsal of 2026-06-16 by Ana is dated in the future",
    ),
    ("rollback-rehearsed", rolled_back(ended="later"), "unknown", "has no moments that can be read"),
    ("rollback-rehearsed", rolled_back(kind="restart"), "unknown", "no rollback of small is in the log"),
    ("rollback-rehearsed", rolled_back(candidate="spare"), "unknown", "no rollback of small is in the log"),
    ("rollback-rehearsed", view(), "unknown", "no log of rehearsals is given"),
    (
        "rollback-rehearsed",
        view(rehearsals=rehearsed(rehearsal(), rehearsal(from_digest="c" * 40, ended="2026-06-01T09:45:00Z"))),
        "met",
        "on 2026-05-14 by Ana",
    ),
    (
        "rollback-rehearsed",
        view(
            rehearsals=rehearsed(rehearsal(smoke={"asked": 5, "passed": 0}, ended="2026-06-01T09:45:00Z"), rehearsal())
        ),
        "not_met",
        "only 0 of 5 cases passed",
    ),
    # governance
    ("owner", view(), "met", "owner Ana, decision makers Ben"),
    ("owner", record(owner="TBD"), "not_met", "not provided: record.owner"),
    ("owner", record(decision_makers=()), "not_met", "not provided: record.decision_makers"),
    ("use-case", view(), "met", "are written"),
    ("use-case", use_case(users=None, task="..."), "not_met", "use_case.task, use_case.users"),
    ("conditions", view(), "met", "blocking conditions in the gate: 1"),
    ("conditions", view(plan=plan(gate={"conditions": []})), "not_met", "no condition that can block"),
    (
        "conditions",
        view(plan=plan(gate={"conditions": [{"condition": "x", "severity": "warn"}]})),
        "not_met",
        "no condition that can block",
    ),
    ("risks", view(), "met", "record.risks is written"),
    ("risks", record(risks=("prompt injection",)), "met", "record.risks is written"),
    ("risks", record(risks=()), "not_met", "quality, latency, security, licence, operations"),
    ("risks", record(risks={"quality": "low"}), "not_met", "not provided for latency, security, licence, operations"),
    (
        "overload-refused",
        view(probes=SEEN_LOAD),
        "met",
        "14 of 16 requests at once were refused with 429 within 0.005 s and told when",
    ),
    ("overload-refused", view(probes=load_probes(refusal(took_ms=2500))), "not_met", "only after up to 2.5 s"),
    (
        "overload-refused",
        view(probes=load_probes(refusal(status=502))),
        "not_met",
        "14 of 16 requests at once came to 502",
    ),
    ("overload-refused", view(), "unknown", "the server was not probed deeply"),
    (
        "overload-recovered",
        view(probes=SEEN_LOAD),
        "met",
        "0.1 s after 16 requests at once a request alone was answered in 0.1 s",
    ),
    (
        "overload-recovered",
        view(
            probes=load_probes(after=one("after", "POST /chat alone", 429, shows={"after_s": 1.0, "patience_s": 1.0}))
        ),
        "not_met",
        "1 s after 16 requests at once a request alone is still not answered: 429",
    ),
    (
        "readiness-told",
        view(probes=SEEN_LOAD),
        "met",
        "GET /ready beside the burst said 503, and GET /health still 200",
    ),
    (
        "readiness-told",
        view(probes=load_probes(ready=one("beside-ready", "GET /ready beside the burst", None, trouble="t"))),
        "not_met",
        "GET /ready beside the burst had no answer",
    ),
    (
        "restart-recovers",
        view(probes=SEEN_LOAD),
        "met",
        "answered 2.1 s after the restart command was begun; the stream in flight was cut",
    ),
    (
        "restart-recovers",
        view(probes=load_probes(chat=one("completion", "POST /chat", 502, shows={"at_ms": 9000}))),
        "not_met",
        "9.1 s after the restart command was begun no chat is answered: 502",
    ),
    (
        "metrics-tell-load",
        view(probes=SEEN_LOAD),
        "met",
        "latency (latency_seconds) and queue (waiting), and 3 of its counters moved",
    ),
    (
        "metrics-tell-load",
        view(probes=load_probes(page=one("after", "GET /metrics", 200, shape="metrics", shows={"queue": "waiting"}))),
        "not_met",
        "GET /metrics shows queue (waiting), but no histogram of latency",
    ),
    ("body-limited", view(), "met", "a body of 1.5 MiB is refused by 413; one of 64 KiB is taken"),
    ("body-limited", view(probes=()), "unknown", "the server was not probed deeply"),
    ("answers-capped", view(), "met", "10,000,000 tokens are refused by 400; 256 are taken"),
    ("answers-capped", view(probes=()), "unknown", "the server was not probed deeply"),
    ("requests-end", view(), "met", "an answer in one piece is ended by 504 after 5 s; a stream is cut off after 5 s"),
    ("requests-end", view(probes=()), "unknown", "the server was not probed deeply"),
    ("streams-unbuffered", view(), "met", "32 chunks came in 32 reads, from 0.02 to 0.64 s"),
    ("streams-unbuffered", view(probes=()), "unknown", "the server was not probed deeply"),
    ("disconnect-frees", view(), "met", "another is answered at once, though they had 5 s to go"),
    ("disconnect-frees", view(probes=()), "unknown", "the server was not probed deeply"),
]


@pytest.mark.parametrize(
    ("item", "seen_by", "status", "reason"), CASES, ids=[f"{case[0]}-{case[2]}-{case[3][:40]}" for case in CASES]
)
def test_check(item: str, seen_by: View, status: Status, reason: str) -> None:
    """A check answers with the status that the evidence carries, and says why."""
    answer = CHECKS[item](seen_by)
    assert (answer.status, reason in answer.reason) == (status, True), answer.reason


def test_every_check_is_shown_both_ways() -> None:
    """No check is left without a case that meets it and one that does not."""
    shown = {(item, status == "met") for item, _, status, _ in CASES}
    assert shown == {(item, met) for item in CHECKS for met in (True, False)}


@pytest.mark.parametrize("item", CHECKS)
def test_evidence_is_named(item: str) -> None:
    """Whatever is met names the files of the run that show it."""
    known = {
        "plan.json",
        "trials.jsonl",
        "requests.jsonl",
        "resources.jsonl",
        "counters.jsonl",
        "probes.jsonl",
        "evidence/facts.json",
        "evidence/host.json",
        "evidence/attestations.json",
        "canaries.jsonl",
        "evidence/rehearsals.json",
    }
    met = next(seen_by for name, seen_by, status, _ in CASES if (name, status) == (item, "met"))
    evidence = CHECKS[item](met).evidence
    assert evidence
    assert set(evidence) <= known


@pytest.mark.parametrize(
    "item",
    [
        "latency-measured",
        "service-levels",
        "concurrency",
        "memory-observed",
        "memory-headroom",
        "memory-pressure",
        "server-times-agree",
        "long-context",
        "error-rate",
    ],
)
def test_invalid_measurements_support_nothing(item: str) -> None:
    """What rests on the benchmark is unknown when every measurement is INVALID."""
    invalid = tuple(one.model_copy(update={"validity": "INVALID"}) for one in view().cells)
    assert CHECKS[item](view(cells=invalid)).status == "unknown"


def test_a_benchmark_of_nothing_is_unknown() -> None:
    """A plan whose benchmark has no profile does not pass for one that was measured."""
    empty = view(plan=plan(bench={"profiles": []}))
    assert {CHECKS[item](empty).status for item in ("memory-observed", "memory-headroom", "error-rate")} == {"unknown"}
