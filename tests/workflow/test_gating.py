"""Does the gate see as evidence only what speaks of the candidate: answers, and not only requests?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.fakes import Reply, plan_of, serving

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes import Said, Workplace

    Assay = Callable[..., Said]

BROKEN = Reply(500, {"error": "broken"})


def present(assay: Assay, place: Workplace, *kinds: str, **more: object) -> dict[str, str]:
    """Return what comes of conditions on some kinds of evidence, and of the verdict."""
    policy = place.folder / "policy.yaml"
    policy.write_text(json.dumps({"required_evidence": kinds, **more}), encoding="utf-8")
    record = json.loads(assay("decide", place.run, "--policy", policy, "--json").out)
    found = {
        own["id"].removeprefix("evidence-"): own["status"] for own in record["verdict"]["candidates"][0]["conditions"]
    }
    return {**found, "verdict": record["verdict"]["verdict"]}


def test_failed_requests_are_no_answers(assay: Assay, place: Workplace) -> None:
    """The baseline's answers are none of a candidate that gave not one."""
    with serving() as good, serving(lambda _: BROKEN) as bad:
        plan = plan_of(good.base_url)
        old = {**plan["candidates"][0], "id": "old", "roles": ["baseline"]}
        new = {**plan["candidates"][0], "base_url": bad.base_url, "roles": ["production"]}
        place.write({**plan, "candidates": [old, new]})
        assay("run", place.plan, "--out", place.out)
    found = present(assay, place, "answers", "baseline")
    assert found == {"answers": "unknown", "baseline": "met", "verdict": "HOLD"}


def test_a_baseline_without_an_answer_is_none(assay: Assay, place: Workplace) -> None:
    """Nothing can be compared with it; neither is a candidate its own baseline."""
    with serving() as good, serving(lambda _: BROKEN) as bad:
        plan = plan_of(good.base_url)
        old = {**plan["candidates"][0], "id": "old", "base_url": bad.base_url, "roles": ["baseline"]}
        new = {**plan["candidates"][0], "roles": ["production"]}
        place.write({**plan, "candidates": [old, new]})
        assay("run", place.plan, "--out", place.out)
    assert present(assay, place, "answers", "baseline") == {"answers": "met", "baseline": "unknown", "verdict": "HOLD"}


def test_a_candidate_is_not_its_own_baseline(assay: Assay, place: Workplace) -> None:
    """The only candidate has the role baseline: there is nothing beside it."""
    with serving() as server:
        place.write(plan_of(server.base_url, candidate={"roles": ["production", "baseline"]}))
        assay("run", place.plan, "--out", place.out)
    assert present(assay, place, "answers", "baseline") == {"answers": "met", "baseline": "unknown", "verdict": "HOLD"}


def test_a_benchmark_of_failures_is_none(assay: Assay, place: Workplace) -> None:
    """Every request of the load failed: nothing was measured."""
    bench = {"profiles": ["short"], "concurrency": [1], "requests": 4, "repeats": 1, "warmup": 0, "self_test": False}
    with serving(lambda asked: BROKEN if asked.body.get("stream") else None) as server:
        place.write(plan_of(server.base_url, bench=bench))
        assay("run", place.plan, "--out", place.out)
    assert len(place.rows("requests.jsonl")) == 4
    assert present(assay, place, "answers", "benchmark") == {
        "answers": "met",
        "benchmark": "unknown",
        "verdict": "HOLD",
    }


def test_a_file_without_an_attestation_is_none(assay: Assay, place: Workplace) -> None:
    """Whoever leaves the list empty has attested nothing."""
    text = "schema: assay/attestations/v1\nattestations: []\n"
    (place.folder / "attestations.yaml").write_text(text, encoding="utf-8")
    with serving() as server:
        place.write(plan_of(server.base_url, readiness={"attestations": "attestations.yaml"}))
        assay("run", place.plan, "--out", place.out)
    assert (place.run / "evidence" / "attestations.json").is_file()
    assert present(assay, place, "attestations") == {"attestations": "unknown", "verdict": "HOLD"}
