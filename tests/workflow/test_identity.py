"""Is it seen when a candidate is another one than it was, and only then?"""

from __future__ import annotations

import pytest

from assay.errors import InputError
from assay.provenance import collect
from assay.schema.provenance import CandidateFacts, Fact
from assay.schema.suite import Candidate
from assay.workflow.identity import differences, go_on_with

CANDIDATE = Candidate(id="a", runtime="ollama", base_url="http://127.0.0.1:1/v1", model="m")


def facts(**values: str | int) -> CandidateFacts:
    observed = [Fact(name=name, value=value, grade="observed", source="GET /x") for name, value in values.items()]
    return collect(CANDIDATE, observed, None)


def test_what_makes_another_candidate_is_named() -> None:
    """Each fact that differs is told with both values, long ones shortened; what a load changes is none of them."""
    then = facts(quantization="Q4_K_M", weights_sha256="a" * 64, slots=4)
    now = facts(quantization="Q8_0", weights_sha256="b" * 64, slots=8)
    told = f"weights_sha256 was {'a' * 24}… and is {'b' * 24}…; quantization was Q4_K_M and is Q8_0"
    assert "; ".join(differences(then, now)) == told
    with pytest.raises(InputError) as error:
        go_on_with("r", [(then, now), (then, then)])
    (problem,) = error.value.problems
    assert (problem.slug, problem.message) == (
        "other-candidate",
        f"a is not what it was when the run r was begun: {told}",
    )


def test_what_is_not_shown_is_no_difference_and_stays_known() -> None:
    """Ollama shows a context only while the model is loaded: it stays known, with its source, however often."""
    then, now = facts(context_in_force=4096, quantization="Q4_0"), facts(quantization="Q4_0", runtime_version="0.9")
    assert differences(then, now) == differences(now, then) == ()
    for _ in range(2):
        (then,) = go_on_with("r", [(then, now)])
    fact = then.fact("context_in_force")
    assert (fact.value, fact.source) == (4096, "GET /x; not shown any more when the run went on")
    assert then.fact("runtime_version").value == "0.9"
    with pytest.raises(InputError):
        go_on_with("r", [(then, facts(context_in_force=8192))])
