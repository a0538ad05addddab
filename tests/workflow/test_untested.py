"""Is it said once why facts are unknown, where one reason holds for several?"""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from assay.schema.provenance import CandidateFacts, Fact
from assay.schema.record import Withheld
from assay.workflow.untested import untested
from tests.readiness.builders import canary, probe_of, sink

if TYPE_CHECKING:
    from assay.workflow.evidence import Inputs
    from assay.workflow.measure import Measured

UNKNOWN = {
    "revision": "no address names a commit; llama.cpp cannot say: it leaves the digest empty",
    "memory_bytes": "llama.cpp cannot say: see the server's process",
    "quantization": "no weights are given",
}


@pytest.mark.parametrize(
    ("record_format", "why"),
    [
        (
            "assay/record/v2",
            (
                "llama.cpp cannot say: revision (no address names a commit; it leaves the digest empty), memory_bytes "
                "(see the server's process); quantization (no weights are given)"
            ),
        ),
        (
            "assay/record/v1",
            (
                "llama.cpp cannot say: see the server's process; no address names a commit; llama.cpp cannot say: it "
                "leaves the digest empty; no weights are given"
            ),
        ),
    ],
)
def test_facts_that_are_unknown_for_one_reason(record_format: str, why: str) -> None:
    """Who cannot say is named once; a record of the first format has the reasons as it always had."""
    facts = tuple(
        Fact.model_construct(name=name, value=None, grade="unknown", source=source) for name, source in UNKNOWN.items()
    )
    inputs = SimpleNamespace(
        plan=SimpleNamespace(decided_on=lambda: [SimpleNamespace(id="plain")], evaluated=list, bench=None),
        facts={"plain": CandidateFacts.model_construct(facts=facts)},
        assembly=SimpleNamespace(record_format=record_format),
        canaries=(),
        probes=(),
    )
    measured = SimpleNamespace(metrics=(), judges=())
    told = untested(cast("Inputs", inputs), cast("Measured", measured), (), (), withheld=Withheld())
    own = next(gap for gap in told if gap.what.startswith("Facts of plain"))
    assert (own.what, own.why) == ("Facts of plain: revision, memory_bytes, quantization", why)


def test_what_probes_left_open() -> None:
    """What probes left undone is said of each server, and where prompts were searched for; else it stays open."""
    log, blind = sink(), sink(sink="wrong", control=False)
    inputs = SimpleNamespace(
        plan=SimpleNamespace(
            decided_on=lambda: [SimpleNamespace(id="small"), SimpleNamespace(id="big")], evaluated=list, bench=None
        ),
        facts={name: CandidateFacts.model_construct(facts=()) for name in ("small", "big")},
        assembly=SimpleNamespace(record_format="assay/record/v2"),
        canaries=(canary(log, blind), canary(candidate="big", ended="left_out")),
        probes=(
            probe_of("overload"),
            probe_of("disconnect", ended="out_of_time"),
            probe_of("restart", ended="left_out"),
        ),
    )
    measured = SimpleNamespace(metrics=(), judges=())
    told = untested(cast("Inputs", inputs), cast("Measured", measured), (), (), withheld=Withheld())
    assert [(gap.what, gap.why) for gap in told[-4:]] == [
        (
            "How the server of small behaves under clients that hang up, a restart",
            "no deep probe of it came to its end",
        ),
        (
            "How the server of big behaves under overload, clients that hang up, a restart",
            "no deep probe of it came to its end",
        ),
        ("Whether prompts reach logs, traces or metrics", "no log of the server was searched"),
        (
            "Whether prompts of small come to rest in places that were not searched",
            (
                "searched: log; ways that were not provoked: stream, abort, timeout, bad-request, wrong-key, "
                "unknown-model, over-context, invalid-schema, overload, upstream"
            ),
        ),
    ]
