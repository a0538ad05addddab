"""Does advice give the teaching material's choice in each of its contexts, for reasons that it names?"""

from __future__ import annotations

import re
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.readiness.advice import RULES, advise
from assay.readiness.advice.advice import Advised
from assay.readiness.advice.advise import advised_runtimes, fit_of
from assay.readiness.advice.rule import PLAN_KEYS
from assay.readiness.advice.situation import situation_of
from assay.readiness.advice.sources import SOURCES
from assay.schema.suite import ServingContext
from tests.readiness.advice.contexts import advice_for, of, plan_with

ROWS = {
    # The ten contexts of the table.
    "learning for an hour": ({"purpose": "learning"}, {"ollama", "lm-studio"}),
    "an app developed offline": ({"purpose": "development", "offline": True}, {"ollama"}),
    "a laptop of Apple's": ({"place": "laptop", "accelerator": "apple"}, {"llama.cpp", "ollama"}),
    "a device without a strong GPU": ({"place": "edge", "accelerator": "none"}, {"llama.cpp"}),
    "an internal assistant, low traffic": ({"purpose": "internal", "peak_requests_at_once": 3}, {"ollama"}),
    "a chat API, many users": ({"work": "chat", "peak_requests_at_once": 64}, {"vllm"}),
    "a team on Hugging Face": ({"platform": "huggingface"}, {"tgi", "vllm"}),
    "a team on Kubernetes": ({"platform": "kubernetes"}, {"tgi", "vllm"}),
    "steady summaries in batches": ({"work": "batch"}, {"vllm", "tgi"}),
    "data stay inside": ({"data_may_leave": False}, {"vllm", "tgi", "llama.cpp"}),
    "the best quality now": ({"needs_best_quality": True}, {"cloud"}),
    # The six rows of the matrix.
    "matrix: Ollama": ({"purpose": "prototype"}, {"ollama"}),
    "matrix: Ollama, small production": ({"purpose": "public", "peak_requests_at_once": 2}, {"ollama"}),
    "matrix: llama.cpp at the edge": ({"place": "edge"}, {"llama.cpp"}),
    "matrix: llama.cpp offline": ({"offline": True}, {"llama.cpp"}),
    "matrix: llama.cpp embedded": ({"work": "embedded"}, {"llama.cpp"}),
    "matrix: vLLM": ({"place": "server", "accelerator": "nvidia"}, {"vllm"}),
    "matrix: TGI": ({"platform": "huggingface"}, {"tgi"}),
    "matrix: LM Studio": ({"purpose": "development"}, {"lm-studio"}),
    "matrix: a cloud API": ({"data_may_leave": True}, {"cloud"}),
    # The five contexts of the exercise.
    "exercise: a developer's laptop offline": (
        {"place": "laptop", "purpose": "development", "offline": True},
        {"ollama", "lm-studio"},
    ),
    "exercise: an assistant for 20": ({"purpose": "internal", "peak_requests_at_once": 4}, {"ollama"}),
    "exercise: 100,000 documents a day": ({"work": "batch", "accelerator": "nvidia"}, {"vllm", "tgi"}),
    "exercise: a device without a network": ({"place": "edge", "offline": True}, {"llama.cpp"}),
    "exercise: a public chat": ({"purpose": "public", "work": "chat", "peak_requests_at_once": 200}, {"vllm"}),
    # The design: 200 employees, internal data, short and long questions.
    "design": (
        {"purpose": "internal", "work": "retrieval", "data_may_leave": False, "peak_requests_at_once": 16},
        {"vllm"},
    ),
}
"""A context of the teaching material, and what it chooses there."""
FITTING = {"fits", "fits_with_conditions"}

REFUSED = {
    "desktop tool in production": ({"purpose": "internal"}, "lm-studio"),
    "desktop tool for the public": ({"purpose": "public"}, "lm-studio"),
    "a cloud where data must stay": ({"data_may_leave": False}, "cloud"),
    "a cloud without a network": ({"offline": True}, "cloud"),
}
"""A context, and a runtime that the sources rule out there."""

WARNED = {
    "Ollama for many": ({"peak_requests_at_once": 64}, "ollama", "many-at-once-simple", "a p95 measured"),
    "Ollama on a cluster": (
        {"place": "cluster", "purpose": "internal"},
        "ollama",
        "cluster-simple",
        "several replicas behind a gateway, and the metrics",
    ),
    "vLLM without a GPU": ({"accelerator": "none"}, "vllm", "gpu-runtimes-without-gpu", "its build for processors"),
    "TGI on Apple's": ({"accelerator": "apple"}, "tgi", "gpu-runtimes-without-gpu", "its build for processors"),
}
"""A context, a runtime that is no default there, the rule that says so, and what would have to be shown."""

CONTEXTS = st.builds(
    ServingContext,
    place=st.sampled_from([None, "laptop", "workstation", "server", "edge", "cluster", "cloud"]),
    accelerator=st.sampled_from([None, "none", "apple", "nvidia", "amd", "other"]),
    peak_requests_at_once=st.none() | st.integers(1, 100),
    work=st.sampled_from([None, "chat", "retrieval", "batch", "embedded"]),
    offline=st.sampled_from([None, True, False]),
    data_may_leave=st.sampled_from([None, True, False]),
    platform=st.sampled_from([None, "huggingface", "kubernetes", "none"]),
    purpose=st.sampled_from([None, "learning", "prototype", "development", "internal", "public"]),
    needs_best_quality=st.sampled_from([None, True, False]),
)


@pytest.mark.parametrize(("context", "chosen"), ROWS.values(), ids=ROWS)
def test_the_choice_of_the_teaching_material_fits(context: dict, chosen: set[str]) -> None:
    """Where only what its row says is known, the choice of the row fits, and a rule that cites it speaks for it."""
    advice = advice_for(**context)
    for runtime in chosen:
        own = of(advice, runtime)
        assert own.fit in FITTING
        spoken = [reason for reason in own.reasons if reason.speaks == "for"]
        assert any("teaching material" in advice.sources[number - 1].title for r in spoken for number in r.sources)
    first = [own.runtime for own in advice.runtimes if own.fit in FITTING]
    assert chosen <= set(first)


@pytest.mark.parametrize(("context", "runtime"), REFUSED.values(), ids=REFUSED)
def test_what_the_sources_rule_out_does_not_fit(context: dict, runtime: str) -> None:
    """Where they rule a runtime out, that one does not fit, and stands behind all that do."""
    advice = advice_for(**context)
    assert of(advice, runtime).fit == "does_not_fit"
    fits = [own.fit for own in advice.runtimes]
    assert fits == sorted(fits, key=["fits", "fits_with_conditions", "not_spoken_for", "does_not_fit"].index)


@pytest.mark.parametrize(("context", "runtime", "rule", "needed"), WARNED.values(), ids=WARNED)
def test_what_is_no_default_has_something_to_show(context: dict, runtime: str, rule: str, needed: str) -> None:
    """A warning is no more than its source says: it rules nothing out, and says what has to be shown."""
    own = of(advice_for(**context), runtime)
    (warning,) = (reason for reason in own.reasons if reason.rule == rule)
    assert (warning.speaks, warning.fit) == ("against", "fits_with_conditions")
    assert warning.conditions[0].startswith(needed)
    assert own.fit == "not_spoken_for"


def test_tgi_is_contradicted_with_dates() -> None:
    """Where TGI is chosen its own README stands against it, with both dates, and what it names instead is offered."""
    advice = advice_for(platform="huggingface")
    tgi = of(advice, "tgi")
    (doubt,) = [reason for reason in tgi.reasons if reason.rule == "tgi-maintenance"]
    assert (tgi.fit, doubt.speaks) == ("fits_with_conditions", "against")
    assert "(undated)" in doubt.text
    assert "2026-01-08" in doubt.text
    assert {"README" in advice.sources[number - 1].title for number in doubt.sources} == {True, False}
    assert of(advice, "sglang").fit == "fits_with_conditions"
    assert of(advice, "vllm").fit == "fits"


def test_a_service_for_others_needs_more() -> None:
    """For people of the organization every server needs a gateway, and each what its own sources show."""
    advice = advice_for(purpose="internal", peak_requests_at_once=4, data_may_leave=False)
    for runtime in ("ollama", "llama.cpp", "vllm", "tgi"):
        own = of(advice, runtime)
        assert own.fit == "fits_with_conditions"
        needed = " ".join(condition for reason in own.reasons for condition in reason.conditions)
        assert "gateway" in needed
    ollama = {reason.rule for reason in of(advice, "ollama").reasons}
    assert {"ollama-open", "ollama-queue", "ollama-cloud-models"} <= ollama


def test_nothing_known_speaks_for_nothing() -> None:
    """Without a context no runtime fits or is ruled out; every rule but one that always applies is open."""
    advice = advise(plan_with())
    assert {own.fit for own in advice.runtimes} == {"not_spoken_for"}
    assert {own.how for own in advice.context} == {"unknown"}
    assert [own.rule for own in advice.open] == [name for name, rule in RULES.items() if rule.asks]


def test_an_open_rule_says_what_would_have_to_be() -> None:
    """A rule of which one thing is not known names it; once a known thing speaks against it, it is gone."""
    (rule,) = [own for own in advice_for(place="edge").open if own.rule == "edge-without-gpu"]
    assert rule.keys == ("accelerator",)
    assert rule.would_apply_if == "accelerator is none or other"
    assert rule.says == {"for": ("llama.cpp",)}
    assert "edge-without-gpu" not in {own.rule for own in advice_for(place="server").open}


@pytest.mark.parametrize(
    ("peak", "rules"), [(4, {"internal-few"}), (5, {"several-at-once"}), (15, {"several-at-once"})]
)
def test_between_few_and_many_only_measuring_tells(peak: int, rules: set[str]) -> None:
    """Up to 4 at once are few, from 16 on many; between the two the simple runtimes need a measurement."""
    own = {reason.rule for reason in of(advice_for(purpose="internal", peak_requests_at_once=peak), "ollama").reasons}
    assert own & {"internal-few", "several-at-once", "many-at-once-simple"} == rules


@settings(max_examples=40)
@given(CONTEXTS)
def test_a_rule_applies_is_open_or_is_ruled_out(context: ServingContext) -> None:
    """No rule both applies and is open, and a context that says all leaves none open that asks only for it."""
    advice = advise(plan_with(context.model_dump()))
    applied = {reason.rule for own in advice.runtimes for reason in own.reasons}
    still_open = {own.rule for own in advice.open}
    assert applied & still_open == set()
    known = {own.key for own in advice.context if own.how != "unknown"}
    assert all(not set(own.keys) & known and own.keys for own in advice.open)
    assert {own.runtime for own in advice.runtimes} == set(get_args(Advised))


@settings(max_examples=40)
@given(CONTEXTS)
def test_the_fit_is_that_of_the_reasons(context: ServingContext) -> None:
    """What rules a runtime out wins, and nothing fits without a reason for it; every reason cites a source."""
    advice = advise(plan_with(context.model_dump()))
    for own in advice.runtimes:
        assert own.fit == fit_of(own.reasons)
        assert (own.fit == "does_not_fit") == any(reason.fit == "does_not_fit" for reason in own.reasons)
        if own.fit in FITTING:
            assert own.reasons[0].speaks == "for"
        assert all(reason.sources and max(reason.sources) <= len(advice.sources) for reason in own.reasons)
        assert all("{" not in reason.text for reason in own.reasons)


def test_rules_are_whole() -> None:
    """Each rule says something, names known sources and only what it asks about; each source is used."""
    for name, rule in RULES.items():
        asked = {own.key for own in rule.asks}
        assert rule.says, name
        assert set(re.findall(r"\{(\w+)\}", rule.reason)) <= asked, name
        assert set(rule.sources) <= set(SOURCES), name
        assert asked <= set(PLAN_KEYS)
        assert len({own.runtime for own in rule.says}) == len(rule.says), name
        assert all(own.conditions for own in rule.says if own.fit == "fits_with_conditions"), name
    assert {source for rule in RULES.values() for source in rule.sources} == set(SOURCES)
    assert set(ServingContext.model_fields) <= set(PLAN_KEYS)


def test_every_rule_can_apply() -> None:
    """No rule asks for what cannot be: each applies in some context that a plan can write or evidence can show."""
    for name, rule in RULES.items():
        found = [value for own in rule.asks for value in [_value(own.key, own.holds, name)] if value is not None]
        assert len(found) == len(rule.asks), name


def _value(key: str, holds: object, name: str) -> object:
    """Return a value of a key for which an ask holds, or None."""
    if key == "peak_requests_at_once":
        return next((n for n in (1, 4, 5, 15, 16) if holds(n)), None)
    if key in {"weights", "long_prompts"}:
        return next((value for value in ("gguf", "safetensors", True) if holds(value)), None)
    kinds = [kind for kind in get_args(ServingContext.model_fields[key].annotation) if kind is not type(None)]
    values = [True, False] if kinds == [bool] else [value for kind in kinds for value in get_args(kind)]
    return next((f"{value}" for value in values if holds(value)), None)


def test_a_candidate_to_develop_with_is_held_against_that() -> None:
    """A candidate whose only role is dev is judged for development, whatever load the service bears."""
    candidates = [
        {"id": "laptop", "runtime": "ollama", "base_url": "http://127.0.0.1:1/v1", "roles": ["dev"]},
        {"id": "server", "runtime": "ollama", "base_url": "http://127.0.0.1:2/v1", "roles": ["production"]},
    ]
    context = {"purpose": "internal", "peak_requests_at_once": 64}
    dev, production = advise(plan_with(context, candidates=candidates)).candidates
    assert (dev.for_development, dev.runtime_fit) == (True, "fits")
    assert (production.for_development, production.runtime_fit) == (False, "not_spoken_for")
    assert [own.runtime for own in advise(plan_with(context)).development] == ["ollama", "lm-studio"]
    assert advise(plan_with({"purpose": "learning"})).development == ()


def test_a_gateway_is_not_taken_for_a_runtime() -> None:
    """What answers behind a gateway is not known, so its runtime's fit is not either."""
    (own,) = advice_for(purpose="internal").candidates
    assert (own.runtime_fit, own.fit, own.reasons) == (None, "not_spoken_for", ())


def test_advice_is_a_function_of_what_is_known() -> None:
    """Asked twice it says the same, and the plan is as it was."""
    plan = plan_with({"purpose": "public", "work": "chat"})
    before = plan.digest()
    assert advise(plan) == advise(plan)
    assert plan.digest() == before
    assert advised_runtimes(situation_of(plan)) == advised_runtimes(situation_of(plan))
