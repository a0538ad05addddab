"""Does a gateway with the plain contract go the whole way: probed, asked, measured, recorded?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.schema.record import Record
from tests.fakes import plan_of, serving

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes import Said, Workplace

    Assay = Callable[..., Said]


def test_plain_gateway_from_plan_to_record(assay: Assay, place: Workplace) -> None:
    """Cases are asked by `POST /chat`, whole answers are measured, and what the contract hides is unknown."""
    with serving(plain=True) as server:
        root = server.base_url.removesuffix("/v1")
        plan = plan_of(
            root,
            candidate={"runtime": "chat-gateway", "model": "default"},
            probes={"traps": True},
            bench={"profiles": ["short"], "concurrency": [1], "requests": 3, "warmup": 0, "self_test": False},
            gate={"conditions": ["suite:sums.pass_rate >= 0.9"]},
        )
        place.write(plan)
        said = assay("run", place.plan, "--out", place.out)
        assert {asked.body["model_policy"] for asked in server.asked} >= {"default"}
        assert not any("model" in asked.body for asked in server.asked)
    assert (said.code, "Verdict: GO" in said.out) == (0, True), said.err
    assert assay("verify", place.record).code == 0
    record = Record.model_validate_json(place.record.with_suffix(".json").read_bytes())
    facts = record.candidates[0].facts
    assert (facts.fact("runtime").value, facts.fact("runtime").grade) == ("chat-gateway", "observed")
    assert facts.fact("request_sent").value == "temperature=0 top_p=1 max_tokens=256 seed=7"
    assert facts.fact("usage_in_streams").source == "the plain contract has no streams"
    (cell,) = record.bench
    assert (cell.failed, cell.e2e[0].value_us is not None, cell.ttft[0].value_us) == (0, True, None)
    assert cell.ttft[0].n == 0


def test_plain_gateway_is_probed_by_its_address(assay: Assay) -> None:
    """An address alone is enough to recognise it, and its model is what /health names."""
    with serving(plain=True) as server:
        said = assay("probe", server.base_url.removesuffix("/v1"), "--deep", "--model", "default")
        assert server.asked
    assert said.code == 0
    assert said.out.startswith("server: chat-gateway\n")
    assert "  model_name_checked     no   the model 'assay-no-such-model-" in said.out
    assert "  model_id               local-chat                   declared: GET /health" in said.out
