"""Are values of different kinds of places kept apart, and those of one kind held against each other?"""

from __future__ import annotations

import pytest

from assay.provenance import collect
from assay.runtime.adapters import ADAPTERS
from assay.schema.provenance import CandidateFacts, Fact
from assay.schema.suite import Candidate
from assay.workflow.places import comparable, place_of, without_remedy
from assay.workflow.seen_clauses import fact_clauses, is_identified

CANDIDATE = Candidate(id="a", runtime="llama.cpp", base_url="http://127.0.0.1:1/v1", model="m")
FILE, SERVER, PLAN = "GGUF general.name: labels in the file; but GET /v1/models id says m", "GET /v1/models id", "plan"


def fact(name: str, value: str, grade: str, source: str) -> Fact:
    source = "only said to be: the server shows no mark" if source == PLAN else source
    return Fact.model_validate({"name": name, "value": value, "grade": grade, "source": source})


def facts(*own: Fact) -> CandidateFacts:
    return collect(CANDIDATE, own, None)


@pytest.mark.parametrize(
    ("name", "then", "now", "status"),
    [
        # A label of the file and the name at the server are two things.
        ("model_id", ("Smol", "declared", FILE), ("m", "declared", SERVER), "unknown"),
        ("model_id", ("Smol", "declared", FILE), ("m", "declared", "GGUF general.basename"), "void"),
        ("model_id", ("m", "declared", SERVER), ("n", "declared", SERVER), "void"),
        # What both count alike contradicts where both observed it, and a label does not.
        ("quantization", ("Q4_1", "observed", "GGUF tensor types"), ("Q8_0", "observed", "GET /props"), "void"),
        ("quantization", ("Q4_1", "observed", "GGUF tensor types"), ("Q8_0", "declared", SERVER), "unknown"),
        ("quantization", ("Q4_1", "observed", "GGUF tensor types"), ("Q4_1", "declared", SERVER), "holds"),
        ("weights_sha256", ("aa", "observed", "SHA-256 of m.gguf"), ("bb", "observed", "GET /api/tags"), "void"),
        ("weights_bytes", ("10", "observed", "size of the file"), ("12", "observed", "GET /api/tags"), "unknown"),
        ("chat_template_sha256", ("aa", "observed", "GET /props"), ("bb", "observed", "SHA-256 of GGUF x"), "unknown"),
        ("runtime_version", ("x 1", "observed", "package that serves it"), ("b1", "observed", "GET /props"), "unknown"),
        # The plan repeating itself is no observation, also where it says the same.
        ("runtime", ("llama.cpp", "observed", "GET /props"), ("llama.cpp", "declared", PLAN), "unknown"),
        ("runtime", ("llama.cpp", "declared", PLAN), ("llama.cpp", "declared", PLAN), "holds"),
    ],
)
def test_only_what_can_be_compared_is_void(
    name: str, then: tuple[str, str, str], now: tuple[str, str, str], status: str
) -> None:
    """Void is what the same kind of place says otherwise, or what contradicts; all else that differs is not seen."""
    before, after = facts(fact(name, *then)), facts(fact(name, *now))
    (own,) = (own for own in fact_clauses(before, after, lambda _: ()) if own.name == name)
    assert own.status == status
    if status == "unknown":
        assert own.now is None
        assert "is another kind of place, and says" in str(own.why)


def test_another_value_identifies_nobody() -> None:
    """A fact that tells one from another counts only where it was observed at both times and agrees."""
    then = facts(fact("quantization", "Q4_1", "observed", "GET /props"))
    assert is_identified(then, then)
    assert not is_identified(then, facts(fact("quantization", "Q8_0", "observed", "GET /props")))
    assert not is_identified(then, facts(fact("quantization", "Q4_1", "declared", "GET /props")))


def test_places_and_advice() -> None:
    """Requests are the server's; the advice to change the plan falls away, the reason stays."""
    assert place_of(fact("executed_at", "this server", "observed", "llama.cpp runs its models itself")) == "server"
    assert place_of(fact("request_sent", "x", "observed", "the request bodies")) == "assay"
    assert place_of(fact("weights_bytes", "1", "observed", "size of the file")) == "file"
    same = fact("slots", "4", "observed", "GET /props")
    assert comparable(same, same)
    assert without_remedy("the server did not show it; give `weights` in the plan") == "the server did not show it"
    for adapter in ADAPTERS.values():
        assert not any("give `weights`" in without_remedy(f"x cannot say: {why}") for why in adapter.cannot.values())
