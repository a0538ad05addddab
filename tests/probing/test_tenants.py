"""Does the probe tell what one tenant sees of another?"""

from __future__ import annotations

import pytest

from assay.schema.provenance import Exchange, ProbeResult
from tests.probing.gateway import GOOD, KEY, Manners
from tests.probing.probed import answer_to, found, probed

ITEM = "tenants-separated"
CHAT = "POST /v1/chat/completions"
FIRST = "with the first key: "


def timed(cold: int, again: int, shared: int, *, status: int = 200, kept_whole: bool = False) -> ProbeResult:
    """Return what a probe of a server came to that counts no cached tokens, by the milliseconds of its answers."""
    steps = (("cold", cold), ("again", again), ("cold", cold), ("shared", shared), ("cold", cold))
    long = [
        Exchange(
            step=step, sent=CHAT, status=status, took_ms=took, shows={"kept_whole": kept_whole and step == "shared"}
        )
        for step, took in steps
    ]
    rest = [Exchange(step=step, sent=CHAT, status=200, took_ms=1) for step in ("models", "told", "recalled", "at-once")]
    return ProbeResult(
        candidate="small", probe="tenants", sends="s", exchanges=(*rest, *long), ended="whole", requests=9, seconds=1
    )


def test_separated_tenants_are_met() -> None:
    """Models refused, words kept and a cache for each: met, with what it rests on."""
    answer = answer_to(ITEM, "tenants")
    assert (answer.status, answer.reason) == (
        "met",
        (
            "2 models of one tenant were refused to the other; no word of one tenant stood in 5 answers to the other; "
            "each tenant has a cache of its own: 250 tokens cached for the same key, 0 else"
        ),
    )


@pytest.mark.parametrize(
    ("manners", "told"),
    [
        (
            Manners(shares_cache=True),
            "tenants share a cache: 250 tokens of a prompt that only the first had sent were cached for the second",
        ),
        (
            Manners(serves_all_models=True),
            f"a model that only the other tenant is shown answered: {CHAT} {FIRST}for a model of the second",
        ),
        (
            Manners(lists_all_models=True),
            (f"a tenant is shown a model that it may not use: {CHAT} {FIRST}for another model that it is shown (404)"),
        ),
        (
            Manners(remembers_across=True),
            f"a word of one tenant stood in an answer to the other: {CHAT} with the second key: what was said before",
        ),
    ],
)
def test_what_crosses_is_found(manners: Manners, told: str) -> None:
    """A shared cache, a model or a word of the other tenant is not met, and the request is named."""
    answer = answer_to(ITEM, "tenants", manners)
    assert (answer.status, answer.reason) == ("not_met", told)


def test_a_cache_that_cannot_be_seen_is_unknown() -> None:
    """Where no cached tokens are counted and no time is saved, nothing is said of caches."""
    answer = answer_to(ITEM, "tenants", Manners(counts_cached=False, shares_cache=True))
    assert answer.status == "unknown"
    assert answer.reason.startswith("whether tenants share a cache was not told: the server counts no cached tokens")


@pytest.mark.parametrize(
    ("cold", "again", "shared", "status"),
    [
        (1000, 100, 950, "met"),
        (1000, 100, 120, "not_met"),
        (1000, 600, 600, "unknown"),
        (150, 60, 60, "unknown"),
    ],
)
def test_times_tell_where_counts_do_not(cold: int, again: int, shared: int, status: str) -> None:
    """A prompt sent twice must be much faster before the other tenant's time says anything."""
    assert found(ITEM, timed(cold, again, shared)).status == status


def test_an_answer_kept_whole_is_found() -> None:
    """An answer that carries the number of another was taken from a cache of answers."""
    answer = found(ITEM, timed(1000, 1000, 1000, kept_whole=True))
    assert (answer.status, answer.reason) == (
        "not_met",
        "the second tenant was given the very answer that the first had been given",
    )


def test_a_refused_tenant_tells_nothing() -> None:
    """A second key that the server does not take leaves everything unknown."""
    answer = answer_to(ITEM, "tenants", GOOD, other_key="sk-Gone-00000000")
    assert answer.status == "unknown"
    assert "GET /v1/models with the second key (401)" in answer.reason


@pytest.mark.parametrize(
    ("other_key", "told"),
    [
        (None, "the plan names no key of a second tenant (probes.other_key_env)"),
        (KEY, "the second tenant's key is the first one's"),
    ],
)
def test_one_tenant_is_no_two(other_key: str | None, told: str) -> None:
    """Without a key of a second tenant nothing is sent, and it is said what is missing."""
    result = probed("tenants", other_key=other_key)
    assert (result.ended, result.requests) == ("left_out", 0)
    answer = found(ITEM, result)
    assert (answer.status, answer.reason) == ("unknown", told)


def test_without_a_probe_it_is_unknown() -> None:
    """A server that was not probed is told how to be."""
    assert found(ITEM).reason == "the server was not probed deeply: allow it with probes: {intrusive: true}"


@pytest.mark.parametrize(("runtime", "asked"), [("gateway", 4), ("llama.cpp", 0), ("lm-studio", 0)])
def test_a_runtime_that_loads_what_is_named_is_asked_for_no_other_model(runtime: str, asked: int) -> None:
    """Where naming a model loads it, models that both tenants are shown are left alone."""
    result = probed("tenants", Manners(lists_all_models=True), runtime=runtime)
    assert len(result.steps("listed-model")) == asked
