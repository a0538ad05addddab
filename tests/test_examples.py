"""Do the examples still work: is each plan and policy a sound one?"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import get_args

import pytest
import yaml
from jsonschema import Draft202012Validator

from assay.errors import InputError
from assay.gate import Subjects, SuiteSubject, check_conditions, specs_of
from assay.gate.conditions import FORMS
from assay.schema.findings import Section
from assay.schema.suite import BenchSettings, Gate, Waivers
from assay.workflow.formats import schema_of
from assay.workflow.prepare import prepare

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
PLANS = sorted(EXAMPLES.rglob("plan.yaml"))

ENVIRONMENT = {
    "VLLM_HOST": "127.0.0.1",
    "VLLM_KEY": "made up",
    "LOCAL_LLM_BASE_URL": "http://127.0.0.1:4000/v1",
    "LOCAL_LLM_RUNTIME": "gateway",
    "LOCAL_LLM_MODEL": "team-chat",
    "LOCAL_LLM_API_KEY": "made up",
    "MODEL_ID": "org/name",
    "MAX_CONTEXT_TOKENS": "8192",
}


def _folder(path: Path) -> str:
    return path.parent.name


@pytest.mark.parametrize("path", PLANS, ids=_folder)
def test_plan_is_sound(path: Path) -> None:
    """Each plan passes every check that comes before the first request."""
    prepared = prepare(path, ENVIRONMENT)
    assert prepared.plan.decided_on()
    assert all(suite.cases for suite in prepared.suites)


@pytest.mark.parametrize("path", PLANS, ids=_folder)
def test_plan_needs_its_environment(path: Path) -> None:
    """Without the variables that its comments name, a plan is refused."""
    with pytest.raises(InputError):
        prepare(path, {})


def test_no_key_reaches_a_plan() -> None:
    """What the variables of keys hold stands nowhere in a plan that was read."""
    for path in PLANS:
        assert ENVIRONMENT["VLLM_KEY"] not in prepare(path, ENVIRONMENT).plan.model_dump_json()


def test_the_environment_makes_the_candidate() -> None:
    """The plan without candidates takes address, model, key variable and pins from the environment."""
    (candidate,) = prepare(EXAMPLES / "gateway-env" / "plan.yaml", ENVIRONMENT).plan.candidates
    assert (candidate.runtime, candidate.base_url, candidate.model, candidate.api_key_env) == (
        "gateway",
        "http://127.0.0.1:4000/v1",
        "team-chat",
        "LOCAL_LLM_API_KEY",
    )
    assert (candidate.pins.model_id, candidate.pins.max_context_tokens) == ("org/name", 8192)


POLICY = EXAMPLES / "policy" / "policy.yaml"
SUBJECTS = Subjects(
    suites=(SuiteSubject("support", tags=("names",), scorers=("exact", "judge:helpfulness")),),
    loads=BenchSettings(profiles=("short", "json", "long"), concurrency=(8,), rates=(2,)).labels(),
    sections=get_args(Section),
    items=("rollback-rehearsed",),
    judges=("helpful",),
    baseline=True,
    baseline_measured=True,
)
"""The plan that examples/policy has in mind."""


def test_the_policy_is_sound() -> None:
    """The whole policy fits its published schema, and the gate reads every condition of it."""
    data = yaml.safe_load(POLICY.read_text("utf-8"))
    schema = json.loads(schema_of("policy"))
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(data)
    policy = Gate.model_validate(data)
    read = check_conditions(specs_of(policy), SUBJECTS, lambda _: (None, None))
    assert {condition.severity for condition in read} == {"block", "warn"}


def test_the_policy_shows_every_kind_of_condition() -> None:
    """No kind of condition and no key of a policy is missing from the example."""
    policy = Gate.model_validate(yaml.safe_load(POLICY.read_text("utf-8")))
    words = {re.split(r"[^a-z]", spec.condition)[0] for spec in policy.conditions}
    assert words == set(FORMS)
    assert policy.model_fields_set == set(Gate.model_fields)


def test_the_waivers_are_waivers_of_that_policy() -> None:
    """The waivers can be read, and each is on a condition that the policy has."""
    waivers = Waivers.model_validate(yaml.safe_load((POLICY.parent / "waivers.yaml").read_text("utf-8")))
    policy = Gate.model_validate(yaml.safe_load(POLICY.read_text("utf-8")))
    names = {spec.id or spec.condition for spec in specs_of(policy)}
    assert {waiver.condition for waiver in waivers.waivers} <= names
    assert waivers.waivers
