"""Is what the plan does not say taken from evidence only where that shows it, and named?"""

from __future__ import annotations

import pytest

from assay.readiness.advice.situation import for_development, situation_of
from assay.schema.bench import GpuMemory, Memory
from tests.readiness.advice.contexts import plan_with
from tests.readiness.advice.records import record_of
from tests.readiness.builders import GIB, cell, fact, facts

EMBEDDED = {"id": "small", "embedded": "smollm2-135m-instruct"}


def _use_case(**more: object) -> dict:
    return {"use_case": {"id": "qa", **more}}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("public", True),
        ("Public documents", True),
        ("internal", False),
        ("personal data of customers", False),
        ("Confidential", False),
        ("publication drafts", None),
        ("not confidential", None),
        ("no personal data", None),
        ("public and internal", None),
        ("internal?", None),
        ("internals of engines", None),
        ("", None),
    ],
)
def test_words_of_sensitivity_are_read_one_way_or_not_at_all(text: str, value: bool | None) -> None:
    """A word that is known decides; a negation, two words or none leave it unknown."""
    own = situation_of(plan_with(**_use_case(data_sensitivity=text)))["data_may_leave"]
    assert own.value is value
    assert own.how == ("unknown" if value is None else "inferred")


def test_only_a_concurrency_that_somebody_wrote_is_traffic() -> None:
    """The highest of the plan's concurrencies counts; that of a benchmark which names none is nobody's."""
    written = situation_of(plan_with(bench={"concurrency": [1, 8, 2]}))["peak_requests_at_once"]
    assert (written.value, written.how) == (8, "inferred")
    assert situation_of(plan_with(bench={"profiles": ["short"]}))["peak_requests_at_once"].value is None


@pytest.mark.parametrize(
    ("candidate", "value"),
    [
        ({"weights": "model-q4.GGUF"}, "gguf"),
        ({"pins": {"quantization": "Q4_K_M"}}, "gguf"),
        ({"pins": {"quantization": "IQ3_XS"}}, "gguf"),
        ({"pins": {"quantization": "AWQ"}}, "safetensors"),
        ({"pins": {"quantization": "fp8"}}, "safetensors"),
        ({"pins": {"quantization": "BF16"}}, None),
        ({"weights": "models/folder"}, None),
    ],
)
def test_weights_are_told_by_name_and_label(candidate: dict, value: str | None) -> None:
    """A file's name or a label that only one format has tells it; a folder's name does not."""
    own = {"id": "small", "runtime": "vllm", "base_url": "http://127.0.0.1:1/v1", **candidate}
    assert situation_of(plan_with(candidates=[own]))["weights"].value == value


def test_weights_of_several_candidates_must_agree() -> None:
    """Where those that are decided on have different weights, none is taken for all."""
    one = {"id": "a", "runtime": "vllm", "base_url": "http://127.0.0.1:1/v1", "roles": ["production"]}
    two = {**EMBEDDED, "roles": ["production"]}
    assert situation_of(plan_with(candidates=[one, two]))["weights"].value is None
    assert situation_of(plan_with(candidates=[two]))["weights"].value == "gguf"


def test_weights_that_the_run_read_tell_their_format() -> None:
    """A run that read the tensors knows what they lie in."""
    plan = plan_with(candidates=[{"id": "small", "runtime": "vllm", "base_url": "http://127.0.0.1:1/v1"}])
    seen = fact("tensor_types", "30 BF16").model_copy(update={"source": "safetensors heads, by count"})
    own = situation_of(plan, record_of(plan, known=facts(facts=(seen,))))["weights"]
    assert (own.value, own.source) == ("safetensors", "the weights that the run read")


def test_long_prompts_are_those_of_the_plan() -> None:
    """A service level or a written profile for long prompts says that there are some; nothing denies them."""
    assert situation_of(plan_with(**_use_case(slo={"long": {"e2e_p95_s": 9}})))["long_prompts"].value is True
    assert situation_of(plan_with(bench={"profiles": ["long"]}))["long_prompts"].value is True
    for plan in (plan_with(), plan_with(bench={"concurrency": [1]}), plan_with(bench={"profiles": ["short"]})):
        assert situation_of(plan)["long_prompts"].how == "unknown"


HOSTS = [
    ({"accelerators": ("NVIDIA L4",)}, "nvidia", "the run's host (NVIDIA L4)"),
    ({"accelerators": ()}, None, "others are not looked for"),
    ({"accelerators": None}, None, "context.accelerator"),
    ({"accelerators": None, "system": "Darwin 24.1.0", "machine": "arm64"}, "apple", "Darwin 24.1.0, arm64"),
    ({"accelerators": None, "system": "Darwin 24.1.0", "machine": "x86_64"}, None, "context.accelerator"),
]


@pytest.mark.parametrize(("host", "value", "source"), HOSTS)
def test_the_host_tells_what_was_looked_for(host: dict, value: str | None, source: str) -> None:
    """A device that was seen counts; one that nobody looked for stays unknown, with what was seen."""
    plan = plan_with(candidates=[EMBEDDED])
    own = situation_of(plan, record_of(plan, host=host))["accelerator"]
    assert own.value == value
    assert source in own.source


def test_a_host_without_the_server_tells_nothing() -> None:
    """The accelerators of the machine that only sent requests are not the server's."""
    plan = plan_with(candidates=[{"id": "small", "runtime": "vllm", "base_url": "http://10.0.0.1/v1"}])
    host = {"accelerators": ("NVIDIA L4",)}
    own = situation_of(plan, record_of(plan, host=host, cells=(cell(memory=None),)))["accelerator"]
    assert (own.value, own.how) == (None, "unknown")
    assert "not seen on the run's host" in own.source
    assert situation_of(plan, record_of(plan, host=host, cells=(cell(),)))["accelerator"].value == "nvidia"


def test_what_the_runtime_holds_off_accelerators_tells_none() -> None:
    """A runtime that was seen to hold all of its model off accelerators uses none; what is declared shows nothing."""
    plan = plan_with(candidates=[EMBEDDED])
    off = facts(facts=(fact("memory_bytes", GIB), fact("accelerator_memory_bytes", 0)))
    assert situation_of(plan, record_of(plan, known=off))["accelerator"].value == "none"
    said = facts(facts=(fact("memory_bytes", GIB), fact("accelerator_memory_bytes", 0, "declared")))
    assert situation_of(plan, record_of(plan, known=said))["accelerator"].value is None


def test_devices_seen_under_load_come_first() -> None:
    """Graphics processors that the benchmark saw tell more than the host's list."""
    plan = plan_with(candidates=[EMBEDDED])
    gpu = GpuMemory(index=0, name="A10", used_peak_bytes=1, total_bytes=2, process_peak_bytes=1)
    memory = Memory(rss_peak_bytes=1, anonymous_peak_bytes=1, host_available_min_bytes=1, samples=1, gpus=(gpu,))
    own = situation_of(plan, record_of(plan, cells=(cell(memory=memory),)))["accelerator"]
    assert (own.value, own.source) == ("nvidia", "the graphics processors seen under load (A10)")


def test_what_shows_otherwise_is_told_beside_what_is_said() -> None:
    """What the plan says counts, and what shows otherwise stands beside it; what agrees does not."""
    context = {"data_may_leave": True, "peak_requests_at_once": 4}
    plan = plan_with(context, **_use_case(data_sensitivity="personal"), bench={"concurrency": [4]})
    own = situation_of(plan)
    assert (own["data_may_leave"].value, own["data_may_leave"].how) == (True, "said")
    assert own["data_may_leave"].against == "false by use_case.data_sensitivity (personal)"
    assert own["peak_requests_at_once"].against == ""


def test_development_shares_only_the_data() -> None:
    """To develop with, the load and the machine of the service do not count; what its data are does."""
    situation = situation_of(plan_with({"place": "cluster", "data_may_leave": False, "peak_requests_at_once": 99}))
    own = for_development(situation)
    assert {key: fact.value for key, fact in own.items() if fact.how != "unknown"} == {
        "data_may_leave": False,
        "purpose": "development",
    }
