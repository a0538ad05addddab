"""Do the examples still work: is each plan a sound one?"""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.errors import InputError
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
