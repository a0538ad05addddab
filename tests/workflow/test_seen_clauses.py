"""Is each fact that lasts held against what is seen now, so that nothing that differs passes as the same?"""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.provenance import collect, licence_of
from assay.schema.provenance import CandidateFacts, Fact, FactName, Host
from assay.schema.suite import Candidate
from assay.workflow.clauses import Clause, freshness_of, judged
from assay.workflow.seen_clauses import PASSING, fact_clauses, host_clauses, is_identified, never_seen

CANDIDATE = Candidate(id="a", runtime="llama.cpp", base_url="http://127.0.0.1:1/v1", model="m")
LASTING = tuple(name for name in get_args(FactName) if name not in PASSING)
HOST = Host(
    system="Linux 6",
    machine="x86_64",
    processor="EPYC",
    cores=8,
    memory_bytes=64 << 30,
    accelerators=("H100",),
    load_1m=0.5,
)


def facts(values: dict[str, str | int]) -> CandidateFacts:
    """Return a candidate of which these facts were observed."""
    observed = [Fact(name=name, value=value, grade="observed", source=f"GET /{name}") for name, value in values.items()]
    return collect(CANDIDATE, observed, None)


def clauses(then: CandidateFacts, now: CandidateFacts) -> list[Clause]:
    return list(fact_clauses(then, now, lambda name: (f"check {name}",)))


def freshness(then: CandidateFacts, now: CandidateFacts) -> str:
    unidentified = [] if is_identified(then, now) else ["a"]
    return freshness_of(clauses(then, now), unreached=(), unidentified=unidentified)


WHOLE = facts({name: f"{name} as it was" for name in LASTING})


def test_the_same_facts_are_fresh() -> None:
    """Each lasting fact has a clause that holds, and so has what the licence comes to."""
    found = clauses(WHOLE, WHOLE)
    assert [own.name for own in found if not own.name.startswith("licence")] == list(LASTING)
    assert {(own.status, own.candidate, own.why) for own in found} == {("holds", "a", None)}
    assert freshness(WHOLE, WHOLE) == "fresh"
    assert never_seen(WHOLE) == ()


@pytest.mark.parametrize("name", LASTING)
def test_each_fact_is_void_when_it_differs_and_unknown_when_it_is_not_seen(name: FactName) -> None:
    """A clause names what is recorded, what is seen, what rests on it, and where the record had it from."""
    values = {own: f"{own} as it was" for own in LASTING}
    (void,) = (own for own in clauses(WHOLE, facts({**values, name: "another"})) if own.name == name)
    assert void == Clause(
        name=name,
        candidate="a",
        recorded=f"{name} as it was",
        now="another",
        status="void",
        rests=(f"check {name}",),
    )
    del values[name]
    gone = facts(values)
    (unknown,) = (own for own in clauses(WHOLE, gone) if own.name == name)
    assert (unknown.status, unknown.now) == ("unknown", None)
    assert str(unknown.why).startswith(f"the record has it from GET /{name}; now: ")
    assert freshness(WHOLE, gone) == "unknown"


def weighed(*sources: str, name: FactName) -> CandidateFacts:
    """Return a candidate of which one fact has the same value, from these places and with these words on others."""
    facts_seen = (Fact(name=name, value="same", grade="observed", source="; ".join(sources)),)
    return WHOLE.model_copy(update={"facts": facts_seen})


def test_a_file_here_tells_nothing_of_a_server_elsewhere() -> None:
    """Where --url named the server, what only a file shows warns and identifies nobody; what a server shows counts."""
    of_file = weighed("SHA-256 of m.gguf", name="weights_sha256")
    both = weighed("GGUF general.file_type", "GET /props agrees", name="quantization")
    for now, alone, status in ((of_file, True, "warning"), (both, False, "holds")):
        own = next(fact_clauses(now, now, lambda _: (), elsewhere=True))
        assert (own.status, own.why is not None) == (status, alone)
        assert is_identified(now, now)
        assert is_identified(now, now, elsewhere=True) is not alone
    gone = next(fact_clauses(of_file, facts({}), lambda _: (), elsewhere=True))
    assert gone.status == "unknown"


def test_a_server_that_comes_to_contradict_the_weights_file_voids() -> None:
    """The file beside the plan is the same, but the server says by now that it has loaded another."""
    then = weighed("GGUF general.file_type", "GET /v1/models meta.ftype agrees", name="quantization")
    now = weighed("GGUF general.file_type", "but GET /v1/models meta.ftype says Q8_0", name="quantization")
    (void,) = (own for own in clauses(then, now) if own.name == "quantization")
    assert (void.status, void.now) == ("void", "same, but GET /v1/models meta.ftype says Q8_0")
    assert freshness(now, now) == "fresh", "what contradicted itself when it was measured is no change"
    other = weighed("GGUF general.file_type", "but GET /v1/models meta.ftype says Q4_0", name="quantization")
    assert freshness(now, other) == "stale"


def test_a_default_in_the_file_does_not_show_what_is_in_force() -> None:
    """A template that the server showed and shows no more is not seen, whatever the weights file says."""
    then = weighed("GET /props chat_template", "SHA-256 of GGUF agrees", name="chat_template_sha256")
    now = weighed("SHA-256 of GGUF", name="chat_template_sha256")
    (unknown,) = (own for own in clauses(then, now) if own.name == "chat_template_sha256")
    assert (unknown.status, unknown.now) == ("unknown", None)
    assert freshness(now, now) == "fresh", "the file alone was what the record had"


@given(
    st.dictionaries(st.sampled_from(LASTING), st.text("ab", min_size=1, max_size=2)),
    st.dictionaries(st.sampled_from(LASTING), st.text("ab", min_size=1, max_size=2)),
)
def test_whatever_differs_is_never_fresh(then: dict[str, str], now: dict[str, str]) -> None:
    """Fresh is only what shows all that the record has, each the same."""
    told = freshness(facts(then), facts(now))
    if any(now.get(name) != value for name, value in then.items()):
        assert told in {"stale", "unknown"}
    if any(name in now and now[name] != value for name, value in then.items()):
        assert told == "stale"


@given(
    st.lists(st.sampled_from(["holds", "warning", "unknown", "void"])),
    st.lists(st.just("a"), max_size=1),
    st.lists(st.just("a"), max_size=1),
)
def test_fresh_needs_every_clause(statuses: list[str], unreached: list[str], unidentified: list[str]) -> None:
    """One clause that is void or not seen, or one candidate that is silent or unknown, is enough against it."""
    own = [Clause(name="x", recorded=None, now=None, status=status) for status in statuses]
    told = freshness_of(own, unreached=unreached, unidentified=unidentified)
    whole = "holds" in statuses and {*statuses} <= {"holds", "warning"} and not unreached and not unidentified
    assert (told == "fresh") == whole
    if "void" in statuses:
        assert told == "stale"


def test_nothing_that_identifies_is_not_fresh() -> None:
    """Where the record observed nothing that makes the candidate this one, the same nothing proves nothing."""
    bare = facts({"cors": "none", "authentication": "required"})
    assert {own.status for own in clauses(bare, bare)} == {"holds"}
    assert freshness(bare, bare) == "unknown"
    assert "weights_sha256" in never_seen(bare)


def test_what_passes_is_not_compared() -> None:
    """Memory in use, requests in flight and what only questions show may differ from minute to minute."""
    then = facts({"runtime_version": "b1", **dict.fromkeys(PASSING, 1)})
    now = facts({"runtime_version": "b1", **dict.fromkeys(PASSING, 2)})
    assert freshness(then, now) == "fresh"


MIT = "MIT License\n\nCopyright (c) 2026 Ada\n\nPermission is hereby granted, free of charge, to any person"


@pytest.mark.parametrize(
    ("now", "name", "status"),
    [
        ([("LICENSE", MIT), ("card", "mit")], None, None),
        ([("LICENSE", MIT + " who pays"), ("card", "mit")], "licence: LICENSE", "void"),
        ([("LICENSE", MIT), ("card", "apache-2.0")], "licence: card", "void"),
        ([("LICENSE", MIT), ("card", "mit"), ("server", "mit")], "licence: server", "void"),
        ([("card", "mit")], "licence: LICENSE", "unknown"),
        ([], "licence_terms", "unknown"),
    ],
)
def test_licence_text_by_text(now: list[tuple[str, str]], name: str | None, status: str | None) -> None:
    """One word more in the text, another tag, a further statement void the licence; one that is gone is not seen."""
    then = WHOLE.model_copy(update={"licence": licence_of([("LICENSE", MIT), ("card", "mit")], None)})
    seen = WHOLE.model_copy(update={"licence": licence_of(now, None)})
    found = {own.name: own for own in clauses(then, seen) if own.status != "holds"}
    assert (found[name].status if name is not None else None) == status
    assert (found == {}) == (name is None)


@pytest.mark.parametrize(
    "change",
    [{"machine": "arm64"}, {"processor": "Xeon"}, {"cores": 4}, {"memory_bytes": 32 << 30}, {"accelerators": ()}],
)
def test_another_machine_is_a_warning(change: dict[str, object]) -> None:
    """It voids nothing by itself, and the figures that rest on it are named."""
    (own,) = host_clauses(HOST, HOST.model_copy(update=change), ("check memory-headroom",))
    assert (own.status, own.rests) == ("warning", ("check memory-headroom",))
    (same,) = host_clauses(HOST, HOST.model_copy(update={"memory_bytes": (64 << 30) - 4096, "load_1m": 9.0}), ("x",))
    assert (same.status, same.rests) == ("holds", ())


def test_what_the_record_lacks_and_is_there_now_is_another() -> None:
    """Nothing recorded and something seen is void; nothing at both times holds."""
    assert judged("waivers", None, "d").status == "void"
    assert judged("waivers", None, None).status == "holds"
