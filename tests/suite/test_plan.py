"""Is a plan read as it was meant, and is every mistake in it told at once?"""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.errors import InputError
from assay.schema.suite import Organization
from assay.suite import LoadedPlan, load_plan

ROOT = Path(__file__).resolve().parents[2]
WHOLE = """\
schema: assay/plan/v1
use_case: {id: policy-qa, task: Answer., users: staff, data_sensitivity: internal, expected_traffic: "10 a minute",
           slo: {short: {e2e_p95_s: 5}, long: {e2e_p95_s: 12}}}
candidates:
  - id: qwen-vllm
    runtime: vllm            # a comment
    base_url: http://127.0.0.1:8000/v1
    model: local-chat
    api_key_env: LOCAL_LLM_API_KEY
    request: {temperature: 0, max_tokens: 256, seed: 7, timeout_s: 30, max_retries: 2}
    concurrency: 8
    weights: ./model-q4_k_m.gguf
    pins: {model_id: org/name, revision: "1234567", license: apache-2.0, quantization: Q4_K_M,
           runtime_version: 0.11.0, max_context_tokens: 4096}
    roles: [production]
  - {id: big-model, embedded: smollm2-135m-instruct, roles: [judge]}
suites: [goldensets/policy-qa, {cases: sums.jsonl, scorers: [exact]}]
trials: 1
judges: [{id: j1, candidate: big-model, rubric: rubrics/helpfulness.yaml}]
bench: {profiles: [short, json, long], concurrency: [1, 4], requests: 30, repeats: 3}
readiness: {checklist: templates/checklist.yaml, attestations: attestations.yaml}
gate: {conditions: ["suite:policy-qa.pass_rate >= 0.9 with 95% confidence",
                    {condition: readiness all met, severity: warn}]}
record: {title: "May it?", owner: the team, decision_makers: [A, B], rollout: slowly, rollback: fast, risks: [r1, r2],
         language: en}
"""
HEAD = "schema: assay/plan/v1\nuse_case: {id: a}\n"
ONE = "candidates: [{id: one, runtime: vllm, base_url: 'http://127.0.0.1:1/v1'}]\n"
TAIL = "suites: [goldensets/a]\n"
GATE = "gate: {conditions: [readiness all met]}\n"
SMALL = HEAD + ONE + TAIL + GATE


def _load(folder: Path, text: str, shipped: Path | None = None, **environment: str) -> LoadedPlan:
    path = folder / "plan.yaml"
    path.write_text(text, encoding="utf-8")
    return load_plan(path, shipped=shipped or folder / "shipped", environment=environment)


def _problems(folder: Path, text: str, **environment: str) -> list[tuple[str, str | None, int | None]]:
    with pytest.raises(InputError) as error:
        _load(folder, text, **environment)
    return [
        (problem.slug, Path(problem.file).name if problem.file else None, problem.line)
        for problem in error.value.problems
    ]


def _slugs(folder: Path, text: str, **environment: str) -> list[tuple[str, int | None]]:
    found = _problems(folder, text, **environment)
    assert {file for _, file, _ in found} == {"plan.yaml"}
    return [(slug, line) for slug, _, line in found]


def test_whole_plan_is_read(tmp_path: Path) -> None:
    """A plan with every section is read, with its defaults and its short forms."""
    loaded = _load(tmp_path, WHOLE, LOCAL_LLM_API_KEY="secret-value")
    plan = loaded.plan
    assert [candidate.id for candidate in plan.decided_on()] == ["qwen-vllm"]
    assert [candidate.runtime for candidate in plan.candidates] == ["vllm", "llama.cpp"]
    assert plan.candidates[0].request.max_tokens == 256
    assert [(spec.path, spec.cases) for spec in plan.suites] == [("goldensets/policy-qa", None), (None, "sums.jsonl")]
    assert [(spec.condition, spec.severity) for spec in plan.gate.conditions][1] == ("readiness all met", "warn")
    assert plan.record.risks == ("r1", "r2")
    assert loaded.condition_line(1) == (str(tmp_path / "plan.yaml"), 23)
    assert "secret-value" not in plan.model_dump_json()


@pytest.mark.parametrize("name", ["templates/demo/plan.yaml", "templates/init/plan.yaml"])
def test_shipped_plans_are_read(name: str) -> None:
    """The plans that people start from have no problem."""
    assert load_plan(ROOT / name, shipped=ROOT, environment={}).plan.decided_on()


def test_small_plan_is_read(tmp_path: Path) -> None:
    """The only candidate is the one that is decided on, whatever its role."""
    assert [candidate.id for candidate in _load(tmp_path, SMALL).plan.decided_on()] == ["one"]


# --- the environment ----------------------------------------------------------------------------------------

LOCAL = {
    "LOCAL_LLM_BASE_URL": "http://127.0.0.1:9/v1",
    "LOCAL_LLM_API_KEY": "secret-value",
    "LOCAL_LLM_MODEL": "m",
    "LOCAL_LLM_RUNTIME": "ollama",
    "LOCAL_LLM_TIMEOUT_S": "12.5",
    "LOCAL_LLM_MAX_RETRIES": "1",
    "LOCAL_LLM_MAX_TOKENS": "99",
    "LOCAL_LLM_TEMPERATURE": "0.5",
    "MODEL_ID": "org/name",
    "MODEL_REVISION": "123",
    "MODEL_LICENSE": "mit",
    "RUNTIME_VERSION": "0.9",
    "QUANTIZATION": "Q8_0",
    "MAX_CONTEXT_TOKENS": "2048",
}


@pytest.mark.parametrize("candidates", ["", "candidates: []\n"])
def test_environment_makes_a_candidate(candidates: str, tmp_path: Path) -> None:
    """A plan without candidates takes the one that the field's own variables describe, but never its key."""
    plan = _load(tmp_path, HEAD + candidates + TAIL + GATE, **LOCAL).plan
    (candidate,) = plan.candidates
    assert candidate.model_dump(exclude_defaults=True) == {
        "id": "local",
        "runtime": "ollama",
        "base_url": "http://127.0.0.1:9/v1",
        "model": "m",
        "api_key_env": "LOCAL_LLM_API_KEY",
        "roles": ("production",),
        "request": {"timeout_s": 12.5, "max_retries": 1, "max_tokens": 99, "temperature": 0.5},
        "pins": {
            "model_id": "org/name",
            "revision": "123",
            "license": "mit",
            "runtime_version": "0.9",
            "quantization": "Q8_0",
            "max_context_tokens": 2048,
        },
    }
    assert "secret-value" not in plan.model_dump_json()


def test_environment_needs_little(tmp_path: Path) -> None:
    """The address alone is enough; a candidate of the plan is not replaced."""
    only = {"LOCAL_LLM_BASE_URL": LOCAL["LOCAL_LLM_BASE_URL"]}
    (candidate,) = _load(tmp_path, HEAD + TAIL + GATE, **only).plan.candidates
    assert (candidate.id, candidate.runtime, candidate.api_key_env, candidate.model) == ("local", "gateway", None, None)
    assert [c.id for c in _load(tmp_path, SMALL, **LOCAL).plan.candidates] == ["one"]


@pytest.mark.parametrize(
    ("name", "value", "slug"),
    [
        ("LOCAL_LLM_BASE_URL", "", "missing-key"),
        ("LOCAL_LLM_BASE_URL", "http://me:pw@host/v1", "secret-in-plan"),
        ("LOCAL_LLM_RUNTIME", "magic", "bad-value"),
        ("LOCAL_LLM_TIMEOUT_S", "soon", "bad-value"),
        ("LOCAL_LLM_TEMPERATURE", "inf", "bad-value"),
        ("MAX_CONTEXT_TOKENS", "99999999999999999999", "bad-value"),
    ],
)
def test_bad_environment_is_told(name: str, value: str, slug: str, tmp_path: Path) -> None:
    """A variable that cannot be used is a problem of the plan, not a crash."""
    assert [slug for slug, _ in _slugs(tmp_path, HEAD + TAIL + GATE, **{**LOCAL, name: value})] == [slug]


def test_names_expand(tmp_path: Path) -> None:
    """`${NAME}` is replaced in any text, `$${NAME}` and a lone dollar stay, and values are not expanded again."""
    text = SMALL.replace("{id: a}", "{id: a, task: '${A}-${A}-$${A}-$A-${a b}', users: \"${B}\"}")
    use_case = _load(tmp_path, text, A="x", B="${A}").plan.use_case
    assert (use_case.task, use_case.users) == ("x-x-${A}-$A-${a b}", "${A}")


def test_missing_variables_are_told(tmp_path: Path) -> None:
    """Each variable that is not set is told at its line; an empty one is set."""
    text = SMALL.replace("{id: a}", "\n  id: a\n  task: ${NO}\n  users: ${NOT}${EMPTY}")
    assert _slugs(tmp_path, text, EMPTY="") == [("missing-variable", 4), ("missing-variable", 5)]


def test_missing_key_is_told(tmp_path: Path) -> None:
    """A key's variable that is not set, or is empty, is told at its line."""
    text = SMALL.replace("id: one,", "id: one,\n  api_key_env: MY_KEY,")
    assert _slugs(tmp_path, text) == _slugs(tmp_path, text, MY_KEY="") == [("missing-variable", 4)]


def test_missing_key_of_a_second_tenant_is_told(tmp_path: Path) -> None:
    """The second tenant's key is asked for at its line, and its value never gets into the plan."""
    text = SMALL.rstrip("\n") + "\nprobes:\n  other_key_env: NOPE\n"
    (line,) = [number for number, own in enumerate(text.splitlines(), start=1) if "NOPE" in own]
    assert _slugs(tmp_path, text) == [("missing-variable", line)]
    named = text.replace("{id: a}", "{id: a, task: 'with ${NOPE}'}")
    assert [slug for slug, _ in _slugs(tmp_path, named, NOPE="secret-value")] == ["secret-in-plan"]


@pytest.mark.parametrize(
    ("extra", "name"),
    [("api_key_env: MY_KEY,", "MY_KEY"), ("api_key_env: '${WHICH}',", "MY_KEY"), ("", "LOCAL_LLM_API_KEY")],
)
def test_keys_never_expand(extra: str, name: str, tmp_path: Path) -> None:
    """A variable that holds a key is not put into the plan, however it is named as one."""
    environment = {"MY_KEY": "secret-value", "WHICH": "MY_KEY", "LOCAL_LLM_API_KEY": "secret-value"}
    text = SMALL.replace("id: one,", f"id: one, {extra}").replace("{id: a}", "{id: a, task: 'with ${" + name + "}'}")
    with pytest.raises(InputError, match=r"error\[secret-in-plan\]: .*plan.yaml:2: ") as error:
        _load(tmp_path, text, **environment)
    assert "secret-value" not in str(error.value)


# --- what does not fit together -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address", ["http://me:secret-value@host/v1", "ftp://me:secret-value@host", "http://me:secret-value@[::1"]
)
def test_credentials_in_an_address_are_refused(address: str, tmp_path: Path) -> None:
    """An address with a password is refused, and the password is not shown."""
    with pytest.raises(InputError, match="secret-in-plan") as error:
        _load(tmp_path, SMALL.replace("http://127.0.0.1:1/v1", address))
    assert "secret-value" not in str(error.value)
    assert len(error.value.problems) == 1


@pytest.mark.parametrize(
    "address", ["", "host:80", "ftp://host", "http://", "http://[::1", "http://h:99999", "file:///x"]
)
def test_address_must_be_http(address: str, tmp_path: Path) -> None:
    """An address that no request can be sent to is told at its line."""
    assert _slugs(tmp_path, SMALL.replace("http://127.0.0.1:1/v1", address)) == [("bad-value", 3)]


CANDIDATE = "  - {id: NAME, runtime: vllm, base_url: 'http://h/v1', roles: [ROLE]}\n"


def _candidates(*pairs: tuple[str, str]) -> str:
    return "candidates:\n" + "".join(CANDIDATE.replace("NAME", n).replace("ROLE", r) for n, r in pairs)


@pytest.mark.parametrize(
    ("middle", "expected"),
    [
        (_candidates(("a", "production"), ("b", "dev"), ("a", "dev")), [("duplicate-id", 6)]),
        (_candidates(("a", "dev"), ("b", "fallback")), [("no-production", 3)]),
        (_candidates(("a", "judge")), [("no-production", 3)]),
        (ONE + "judges:\n  - {id: j, candidate: nobody, rubric: r.yaml}\n", [("unknown-candidate", 5)]),
        (
            ONE + "judges:\n  - {id: j, candidate: one, rubric: r}\n  - {id: j, candidate: one, rubric: r}\n",
            [("duplicate-id", 6)],
        ),
        (ONE + "bench: {profiles: []}\n", [("bad-value", 4)]),
        (ONE + "bench: {concurrency: [0, 1]}\n", [("bad-value", 4)]),
        (ONE + "bench:\n  profiles: [short, long]\n  requests: {short: 5}\n", [("bad-value", 6)]),
        (ONE + "trials: 0\n", [("bad-value", 4)]),
        (ONE + "trials: .inf\n", [("bad-value", 4)]),
        ("", [("missing-key", None)]),
    ],
)
def test_parts_must_fit(middle: str, expected: list[tuple[str, int]], tmp_path: Path) -> None:
    """What does not fit together is told at its line."""
    assert _slugs(tmp_path, HEAD + middle + TAIL + GATE) == expected


@pytest.mark.parametrize(
    ("gate", "line"),
    [
        ("", None),
        ("gate:\n", 5),
        ("gate: {}\n", 5),
        ("gate: []\n", 5),
        ("gate: {conditions: }\n", 5),
        ("gate:\n  conditions: []\n", 5),
    ],
)
def test_gate_without_conditions_is_told_once(gate: str, line: int | None, tmp_path: Path) -> None:
    """A gate that could decide nothing is one problem, whichever way it is empty."""
    assert _slugs(tmp_path, HEAD + ONE + TAIL + gate) == [("no-conditions", line)]


def test_gate_with_another_key_names_the_nearest(tmp_path: Path) -> None:
    """A misspelt key of the gate is told as such."""
    assert _slugs(tmp_path, HEAD + ONE + TAIL + "gate: {condition: [x]}\n") == [("unknown-key", 5)]
    assert _slugs(tmp_path, HEAD + ONE + TAIL + "gate: 5\n") == [("bad-value", 5)]


def test_all_problems_by_line(tmp_path: Path) -> None:
    """Mistakes of all kinds are told at once, in the order of their lines, the policy file's last."""
    (tmp_path / "policy.yaml").write_text("conditions:\n  - x\n  - {conditon: y}\n", encoding="utf-8")
    text = """\
schema: assay/plan/v1
use_case: {id: a, task: "${NO}"}
candidates:
  - {id: one, runtime: vlm, base_url: http://h/v1, api_key_env: NONE}
trails: 3
suites: [goldensets/a]
gate: policy.yaml
"""
    assert _problems(tmp_path, text) == [
        ("missing-variable", "plan.yaml", 2),
        ("missing-variable", "plan.yaml", 4),
        ("bad-value", "plan.yaml", 4),
        ("unknown-key", "plan.yaml", 5),
        ("missing-key", "policy.yaml", 3),
        ("unknown-key", "policy.yaml", 3),
    ]


@pytest.mark.parametrize("text", ["", "[]", "just text", "- a\n- b\n"])
def test_plan_must_be_a_mapping(text: str, tmp_path: Path) -> None:
    """A plan that is no mapping says how to begin."""
    assert [slug for slug, _ in _slugs(tmp_path, text)] == ["bad-value"]


# --- the policy file ----------------------------------------------------------------------------------------


def _with_policy(folder: Path, policy: str, name: str = "policy.yaml") -> str:
    (folder / "policy.yaml").write_text(policy, encoding="utf-8")
    return HEAD + ONE + TAIL + f"gate: {name}\n"


def test_policy_file_is_read(tmp_path: Path) -> None:
    """Conditions of a policy file are the plan's, with the lines of that file."""
    loaded = _load(tmp_path, _with_policy(tmp_path, "# ours\nconditions:\n  - a all met\n  - {condition: b, id: bb}\n"))
    assert [(spec.condition, spec.id) for spec in loaded.plan.gate.conditions] == [("a all met", None), ("b", "bb")]
    assert [loaded.condition_line(index) for index in (0, 1)] == [("policy.yaml", 3), ("policy.yaml", 4)]


@pytest.mark.parametrize(
    ("policy", "slug", "line"),
    [
        ("", "no-conditions", None),
        ("# ours\nconditions: []\n", "no-conditions", 2),
        ("conditions:\n  - a\n  - {condition: b, severity: loud}\n", "bad-value", 3),
        ("# ours\ncondition: [a]\n", "unknown-key", 2),
        ("- a\n", "bad-value", None),
        ("conditions:\n  - [\n", "bad-yaml", 3),
        ("conditions: [a]\nconditions: [b]\n", "duplicate-key", 2),
    ],
)
def test_problems_of_a_policy_name_its_file(policy: str, slug: str, line: int | None, tmp_path: Path) -> None:
    """A mistake in the policy file is told once, at that file and its line, beside those of the plan."""
    text = _with_policy(tmp_path, policy).replace("{id: a}", "{id: a, taks: x}")
    assert _problems(tmp_path, text) == [("unknown-key", "plan.yaml", 2), (slug, "policy.yaml", line)]


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("none.yaml", "no-such-file"),
        ("../policy.yaml", "path-outside"),
        ("sub/../../policy.yaml", "path-outside"),
        ("link.yaml", "path-outside"),
        ('"a\\0b"', "no-such-file"),
        ("x" * 5_000, "no-such-file"),
        ("circle", "no-such-file"),
    ],
)
def test_policy_that_cannot_be_found(name: str, slug: str, tmp_path: Path) -> None:
    """A name that leads nowhere, or out of the plan's folder, is told at the plan's line."""
    folder = tmp_path / "here"
    folder.mkdir()
    (tmp_path / "policy.yaml").write_text("conditions: [a]\n", encoding="utf-8")
    (folder / "link.yaml").symlink_to(tmp_path / "policy.yaml")
    (folder / "circle").symlink_to(folder / "circle")
    assert _slugs(folder, HEAD + ONE + TAIL + f"gate: {name}\n") == [(slug, 5)]


# --- the organization's file --------------------------------------------------------------------------------


def test_organization_is_read_from_a_file_or_the_plan(tmp_path: Path) -> None:
    """An organization may stand in the plan or in a file that the plan names."""
    (tmp_path / "us.yaml").write_text("headquarters: DE\nannual_revenue_usd: 5\n", encoding="utf-8")
    named = _load(tmp_path, HEAD + ONE + TAIL + GATE + "organization: us.yaml\n").plan.organization
    written = HEAD + ONE + TAIL + GATE + "organization: {headquarters: DE, annual_revenue_usd: 5}\n"
    assert named == _load(tmp_path, written).plan.organization == Organization(headquarters="DE", annual_revenue_usd=5)


def test_problems_of_an_organization_name_its_file(tmp_path: Path) -> None:
    """A mistake in the organization's file is told at that file; one that is not there at the plan's line."""
    (tmp_path / "us.yaml").write_text("# ours\nheadquarter: DE\n", encoding="utf-8")
    assert _problems(tmp_path, HEAD + ONE + TAIL + GATE + "organization: us.yaml\n") == [("unknown-key", "us.yaml", 2)]
    assert _slugs(tmp_path, HEAD + ONE + TAIL + GATE + "organization: no.yaml\n") == [("no-such-file", 6)]


def test_absolute_path_is_allowed(tmp_path: Path) -> None:
    """A file that is named absolutely may lie anywhere."""
    folder = tmp_path / "here"
    folder.mkdir()
    text = _with_policy(tmp_path, "conditions: [a]\n", str(tmp_path / "policy.yaml"))
    assert [spec.condition for spec in _load(folder, text).plan.gate.conditions] == ["a"]


def test_shipped_file_is_second_choice(tmp_path: Path) -> None:
    """A name that the plan's folder does not have is looked up among what is shipped."""
    shipped = tmp_path / "shipped"
    (shipped / "templates").mkdir(parents=True)
    (shipped / "templates" / "policy.yaml").write_text("conditions: [shipped]\n", encoding="utf-8")
    text = HEAD + ONE + TAIL + "gate: templates/policy.yaml\n"
    assert _load(tmp_path, text, shipped).plan.gate.conditions[0].condition == "shipped"
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "policy.yaml").write_text("conditions: [own]\n", encoding="utf-8")
    assert _load(tmp_path, text, shipped).plan.gate.conditions[0].condition == "own"
