"""Does `assay advise` show what is known, what fits and why, and what is not known, and change nothing by it?"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from assay.readiness.advice import RULES, Advice
from assay.schema.suite import ServingContext
from tests.fakes import plan_of, serving

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes import Said, Workplace

    Assay = Callable[..., Said]

ROOT = Path(__file__).resolve().parents[2]
PAGE = Path(__file__).with_name("advice_on_the_design.txt")
DESIGN = """\
schema: assay/plan/v1
use_case:
  id: policy-qa
  task: Answer questions on internal policies.
  users: 200 employees
  data_sensitivity: internal
  expected_traffic: 80 % short questions, 20 % with long passages
  slo: {short: {e2e_p95_s: 5}, long: {e2e_p95_s: 12}}
context:
  place: server
  accelerator: nvidia
  peak_requests_at_once: 16
  work: retrieval
  data_may_leave: false
  purpose: internal
candidates:
  - {id: laptop, runtime: ollama, base_url: "http://127.0.0.1:11434/v1", roles: [dev]}
  - {id: qwen-vllm, runtime: vllm, base_url: "http://10.0.0.7:8000/v1", api_key_env: NOT_SET, roles: [production]}
  - {id: qwen-llama, runtime: llama.cpp, base_url: "http://10.0.0.8:8080/v1", roles: [fallback]}
suites: [goldensets/policy-qa]
gate: {conditions: ["suite:policy-qa.pass_rate >= 0.9"]}
"""
"""200 employees, internal data, 80 % short and 20 % long questions, 5 and 12 s."""
CONTEXT = {"purpose": "internal", "peak_requests_at_once": 4, "data_may_leave": False}


def test_the_design_is_advised_on(assay: Assay, place: Workplace) -> None:
    """The page on the teaching material's design, word by word; no key needs to be set and no server to answer."""
    place.plan.write_text(DESIGN, encoding="utf-8")
    said = assay("advise", "plan.yaml")
    assert (said.code, said.err) == (0, "")
    assert said.out == PAGE.read_text("utf-8")
    assert max(map(len, said.out.splitlines())) <= 80


def test_without_a_context_everything_is_open(assay: Assay, place: Workplace) -> None:
    """Where nothing is said, nothing fits, and each key names what it would tell."""
    place.write(plan_of("http://127.0.0.1:1/v1"))
    said = assay("advise", "plan.yaml")
    assert said.code == 0
    assert "  nothing: fill the key context of the plan\n" in said.out
    assert said.out.count(": nothing speaks for it\n") == 7
    unknown = said.out.partition("\nnot known\n")[2].partition("\n\nsources\n")[0]
    for key in ServingContext.model_fields:
        assert re.search(rf"^  {key} \(tell it by context\.{key}\)\n    would apply if ", unknown, re.MULTILINE), key
    assert max(map(len, said.out.splitlines())) <= 80


def test_json_is_the_noun(assay: Assay, place: Workplace) -> None:
    """--json prints the advice as a noun, with every reason."""
    place.plan.write_text(DESIGN, encoding="utf-8")
    advice = Advice.model_validate_json(assay("advise", "plan.yaml", "--json").out)
    assert [own.runtime for own in advice.runtimes][:1] == ["vllm"]
    assert {reason.rule for own in advice.runtimes for reason in own.reasons} <= set(RULES)
    assert (advice.run, advice.verdict) == (None, None)


def test_every_citation_has_its_source(assay: Assay, place: Workplace) -> None:
    """Each number in brackets stands once among the sources, and no source stands there unused."""
    place.plan.write_text(DESIGN, encoding="utf-8")
    body, _, sources = assay("advise", "plan.yaml").out.partition("\nsources\n")
    assert set(re.findall(r"\[(\d+)\]", body)) == set(re.findall(r"^  \[(\d+)\] ", sources, re.MULTILINE))


def test_a_context_changes_no_verdict(assay: Assay, place: Workplace) -> None:
    """A run with a context comes to the same verdict, conditions and findings as one without."""
    with serving() as server:
        place.write(plan_of(server.base_url))
        codes = [assay("run", "plan.yaml", "--out", "without").code]
        place.write(plan_of(server.base_url, context=CONTEXT))
        codes.append(assay("run", "plan.yaml", "--out", "with").code)
    assert codes == [0, 0]
    records = [
        json.loads(next((place.folder / name / "records").glob("[0-9]*.json")).read_text("utf-8"))
        for name in ("without", "with")
    ]
    for key in ("verdict", "findings", "metrics", "policy", "untested", "use_case"):
        assert records[0][key] == records[1][key]
    assert records[0]["plan_digest"] != records[1]["plan_digest"]


def test_a_run_and_its_record_give_the_same_advice(assay: Assay, place: Workplace) -> None:
    """A run, its record, and both after the context was filled: the candidate is theirs, nothing of them is touched."""
    with serving() as server:
        place.write(plan_of(server.base_url, use_case={"id": "adding", "slo": {"short": {"e2e_p95_s": 5}}}))
        assert assay("run", "plan.yaml", "--out", "out").code == 0
    before = {path: path.read_bytes() for path in place.out.rglob("*") if path.is_file()}
    plan = {**yaml.safe_load(place.plan.read_text("utf-8")), "context": CONTEXT}
    place.write(plan)
    told = [
        Advice.model_validate_json(assay("advise", "plan.yaml", "--run", name, "--json").out)
        for name in (place.run, place.record)
    ]
    assert [own.verdict for own in told] == ["GO", "GO"]
    assert told[0].runtimes == told[1].runtimes
    assert [own.unknown for own in told[0].candidates] == [own.unknown for own in told[1].candidates]
    assert told[0].candidates[0].unknown == (
        "short prompts were not measured under a number of requests at once",
        "memory-headroom: the plan asks for no benchmark",
        "overload-refused: the server was not probed deeply: allow it with probes: {intrusive: true}",
    )
    said = assay("advise", "plan.yaml", "--run", place.record)
    assert "The verdict of 0001-adding stays GO.\n" in said.out
    assert {path: path.read_bytes() for path in place.out.rglob("*") if path.is_file()} == before


def test_a_context_voids_no_record(assay: Assay, place: Workplace) -> None:
    """A record still stands on its plan once that was given a context, and no longer once it asks for other things."""
    with serving() as server:
        plan = plan_of(server.base_url)
        place.write(plan)
        assert assay("run", "plan.yaml", "--out", "out").code == 0
    clauses = []
    for changed in ({"context": CONTEXT}, {"context": CONTEXT, "trials": 2}):
        place.write({**plan, **changed})
        told = json.loads(assay("status", place.record, "--json").out)
        clauses.append({own["name"]: own["status"] for own in told["clauses"] if own["name"].startswith("plan")})
    assert clauses == [{"plan": "holds"}, {"plan.trials": "void"}]


@pytest.mark.parametrize(
    ("arguments", "slug"),
    [
        (["missing.yaml"], "no-such-file"),
        (["wrong.yaml"], "unknown-key"),
        (["odd.yaml"], "bad-value"),
        (["plan.yaml", "--run", "nothing"], "no-run"),
    ],
)
def test_bad_input_is_one_line(assay: Assay, place: Workplace, arguments: list[str], slug: str) -> None:
    """A plan or a run that is not there, a misspelt key and a value that no key takes end with 2."""
    place.plan.write_text(DESIGN, encoding="utf-8")
    (place.folder / "wrong.yaml").write_text(DESIGN.replace("  place:", "  plase:"), encoding="utf-8")
    (place.folder / "odd.yaml").write_text(DESIGN.replace("place: server", "place: moon"), encoding="utf-8")
    said = assay("advise", *arguments)
    assert (said.code, said.out) == (2, "")
    assert [line.partition(":")[0] for line in said.err.splitlines()] == [f"error[{slug}]"]


def test_a_record_that_does_not_verify_is_no_evidence(assay: Assay, place: Workplace) -> None:
    """Measurements of a record that somebody changed are not read."""
    for path in (ROOT / "records").glob("0002-policy-assistant.*"):
        if path.is_file():
            (place.folder / path.name).write_bytes(path.read_bytes())
    page = place.folder / "0002-policy-assistant.md"
    page.write_bytes(page.read_bytes() + b"\nmore\n")
    place.plan.write_text(DESIGN, encoding="utf-8")
    said = assay("advise", "plan.yaml", "--run", page)
    assert (said.code, said.out) == (1, "")


def test_help_has_an_example(assay: Assay) -> None:
    """The verb has help with an example, and stands in the list of verbs."""
    assert "Example: assay advise " in assay("advise", "--help").out
    assert "advise" in assay("--help").out


def test_the_example_of_a_context_is_one() -> None:
    """docs/advise.md shows a context that a plan can have, with every key of it."""
    (text,) = re.findall(
        r"^```yaml\n(.*?)^```$", (ROOT / "docs" / "advise.md").read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    context = ServingContext.model_validate(yaml.safe_load(text)["context"])
    assert context.model_fields_set == set(ServingContext.model_fields)
