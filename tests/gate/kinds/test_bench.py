"""Are latencies judged with every failed request, and only as far as n and validity carry?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from assay.schema.bench import CounterFigures, Memory
from tests.gate.build import answer, ask, card, cell, facts, percentiles, reason, seconds

if TYPE_CHECKING:
    from typing import Literal

    from assay.schema.bench import Validity

SURE = " with 95% confidence"
DOUBT = reason("doubt", "either")
NO_MEMORY = Memory(rss_peak_bytes=None, anonymous_peak_bytes=None, host_available_min_bytes=0, samples=3)


@pytest.mark.parametrize(
    ("values", "text", "status"),
    [
        # without confidence: the sample percentile, where n can hold it
        ([1.0] * 20, "e2e_p95_s < 5", "met"),
        ([1.0] * 19, "e2e_p95_s < 5", "unknown"),
        ([1.0] * 19 + [9.0], "e2e_p95_s < 5", "met"),
        ([1.0] * 18 + [9.0] * 2, "e2e_p95_s < 5", "not_met"),
        ([1.0] * 18 + [None] * 2, "e2e_p95_s < 5", "not_met"),
        ([5.0] * 20, "e2e_p95_s < 5", "not_met"),
        ([5.0] * 20, "e2e_p95_s <= 5", "met"),
        ([1.0] * 99, "e2e_p99_s < 5", "unknown"),
        ([1.0] * 100, "e2e_p99_s < 5", "met"),
        ([1.0], "e2e_p50_s < 5", "unknown"),
        ([1.0] * 2, "e2e_p50_s < 5", "met"),
        ([None] * 30, "e2e_p50_s < 5", "not_met"),
        ([], "e2e_p50_s < 5", "unknown"),
        ([4.0] * 20, "ttft_p95_s < 3", "met"),
        ([4.0] * 20, "ttft_p95_s < 1", "not_met"),
        # with confidence: 59 clean requests, or 93 with one violation
        ([1.0] * 59, "e2e_p95_s < 5" + SURE, "met"),
        ([1.0] * 58, "e2e_p95_s < 5" + SURE, "unknown"),
        ([1.0] * 58 + [9.0], "e2e_p95_s < 5" + SURE, "unknown"),
        ([1.0] * 92 + [9.0], "e2e_p95_s < 5" + SURE, "met"),
        ([1.0] * 92 + [None], "e2e_p95_s < 5" + SURE, "met"),
        ([1.0] * 91 + [None] * 2, "e2e_p95_s < 5" + SURE, "unknown"),
        ([1.0] * 20 + [9.0] * 10, "e2e_p95_s < 5" + SURE, "not_met"),
        ([1.0] * 20 + [None] * 10, "e2e_p95_s < 5" + SURE, "not_met"),
        ([4.0] * 59, "ttft_p95_s < 3" + SURE, "met"),
        ([1.0] * 299, "e2e_p99_s < 5" + SURE, "met"),
        ([1.0] * 298, "e2e_p99_s < 5" + SURE, "unknown"),
        ([], "e2e_p95_s < 5" + SURE, "unknown"),
        # with confidence: the worked example of the manual, 40 requests for p99
        ([1.0] * 40, "e2e_p99_s < 5" + SURE, "unknown"),
        # failed requests as a rate
        ([1.0] * 99 + [None], "error_rate <= 0.01", "met"),
        ([1.0] * 98 + [None] * 2, "error_rate <= 0.01", "not_met"),
        ([1.0] * 29, "error_rate < 0.1" + SURE, "met"),
        ([1.0] * 28, "error_rate < 0.1" + SURE, "unknown"),
        ([None] * 28, "error_rate < 0.1" + SURE, "not_met"),
        # requests within the service levels as a rate
        ([1.0] * 99 + [None], "good_share >= 0.99", "met"),
        ([1.0] * 98 + [None] * 2, "good_share >= 0.99", "not_met"),
        ([1.0] * 29, "good_share > 0.9" + SURE, "met"),
        ([1.0] * 28, "good_share > 0.9" + SURE, "unknown"),
        ([None] * 28, "good_share > 0.9" + SURE, "not_met"),
        # time per token
        ([1.0] * 9, "tpot_p50_s <= 0.02", "met"),
        ([1.0] * 19 + [None], "tpot_p95_s <= 0.02", "met"),
        ([1.0] * 18 + [None] * 2, "tpot_p95_s <= 0.02", "not_met"),
        ([1.0] * 19, "tpot_p95_s <= 0.02", "unknown"),
        # single figures
        ([1.0] * 9, "gap_p99_s <= 0.25", "met"),
        ([1.0] * 9, "gap_p99_s < 0.25", "not_met"),
        ([1.0] * 9, "output_tokens_per_s >= 45.5", "met"),
        ([1.0] * 9, "output_tokens_per_s > 45.5", "not_met"),
        ([1.0] * 9, "requests_per_s >= 3", "not_met"),
        ([1.0] * 9, "memory_peak_gib <= 3", "met"),
        ([1.0] * 9, "memory_peak_gib < 3", "not_met"),
        ([1.0] * 9, "vram_peak_gib <= 20", "met"),
        ([1.0] * 9, "vram_peak_gib < 20", "not_met"),
        ([1.0] * 9, "vram_headroom_gib >= 60", "met"),
        ([1.0] * 9, "vram_headroom_gib > 60", "not_met"),
        ([1.0] * 9, "host_headroom_gib >= 5", "met"),
        ([1.0] * 9, "host_headroom_gib > 5", "not_met"),
        ([1.0] * 9, "preemptions <= 0", "met"),
        ([1.0] * 9, "preemptions < 1", "met"),
    ],
)
def test_truth_table_of_a_measurement(values: list[float | None], text: str, status: str) -> None:
    """Each measure is met, not met or unknown as its sample says; a failed request is infinitely slow."""
    assert ask(facts(rows=seconds(*values)), f"bench:short@1.{text}").status == status


@pytest.mark.parametrize(
    ("values", "text", "reason"),
    [
        ([1.0] * 20, "e2e_p95_s < 5", "p95 of 20 requests is 1 s."),
        (
            [1.0] * 30,
            "e2e_p99_s < 5",
            "p99 of 30 requests is 1 s; they are too few to hold it: 70 more requests needed.",
        ),
        ([1.0] * 18 + [None] * 2, "e2e_p95_s < 5", "p95 of 20 requests falls on a failed one."),
        (
            [1.0] * 30,
            "e2e_p95_s < 5" + SURE,
            "p95 of 30 requests is 1 s: 29 more requests within the limit needed for 95% confidence.",
        ),
        (
            [1.0] * 40,
            "e2e_p99_s < 5" + SURE,
            "p99 of 40 requests is 1 s: 259 more requests within the limit needed for 95% confidence.",
        ),
        ([1.25] * 59, "e2e_p95_s < 5" + SURE, "p95 of 59 requests is 1.25 s: at most 1.25 s with 95% confidence."),
        (
            [1.0] * 20 + [9.5] * 10,
            "e2e_p95_s < 5" + SURE,
            "p95 of 30 requests is 9.5 s: at least 9.5 s with 95% confidence.",
        ),
        (
            [1.0] * 20 + [None] * 10,
            "e2e_p95_s < 5" + SURE,
            "p95 of 30 requests falls on a failed one: a failed one with 95% confidence.",
        ),
        (
            [1.0] * 28,
            "error_rate < 0.1" + SURE,
            (
                "0 of 28 requests failed: 1 more answered request needed for 95% confidence; "
                "it cannot be met with 28 requests, even at best: 29 needed."
            ),
        ),
        (
            [1.0] * 28,
            "good_share > 0.9" + SURE,
            (
                "28 of 28 requests within the levels: 1 more request within the levels needed for 95% confidence; "
                "it cannot be met with 28 requests, even at best: 29 needed."
            ),
        ),
        ([1.0] * 9, "memory_peak_gib < 4", "3 GiB at most over 9 requests."),
        ([1.0] * 9, "vram_peak_gib < 4", "20 GiB at most over 9 requests."),
        ([1.0] * 9, "preemptions < 4", "0 preemptions over 9 requests."),
        ([1.0] * 9, "vram_headroom_gib > 4", "60 GiB left at least over 9 requests."),
        ([1.0] * 9, "host_headroom_gib > 4", "5 GiB left at least over 9 requests."),
        ([1.0] * 9, "gap_p99_s < 4", "0.25 s between chunks over 9 requests."),
    ],
)
def test_reasons_say_the_figure_and_what_is_missing(values: list[float | None], text: str, reason: str) -> None:
    """The reason is the figure, and beside an unknown what would decide it."""
    assert ask(facts(rows=seconds(*values)), f"bench:short@1.{text}").reason == reason


def test_figures_of_a_percentile_are_in_seconds() -> None:
    """Observed figure, limits and margin have the unit of the threshold; an infinite one is None."""
    met = ask(facts(rows=seconds(*[n / 100 for n in range(1, 101)])), "bench:short@1.e2e_p95_s < 5" + SURE)
    assert (met.observed, met.low, met.high, met.threshold, met.margin, met.n) == (0.95, 0.91, 0.99, 5.0, 4.01, 100)
    failed = ask(facts(rows=seconds(*[None] * 30)), "bench:short@1.e2e_p95_s < 5")
    assert (failed.status, failed.observed, failed.margin) == ("not_met", None, None)


latency = st.one_of(st.none(), st.floats(0.1, 10, allow_nan=False))


@settings(deadline=None, max_examples=80)
@given(st.lists(latency, min_size=1, max_size=130), st.sampled_from([50, 95]), st.floats(0.5, 9.5))
def test_a_percentile_is_proven_exactly_when_a_binomial_test_is_significant(
    values: list[float | None], percent: int, limit: float
) -> None:
    """The order-statistic limits decide as exact tests on the share of requests within the limit do."""
    limit = round(limit, 3)
    rows = seconds(*values)
    kept = sum(own is not None and own / 1e6 <= limit for own, _ in rows)
    better = stats.binomtest(kept, len(rows), percent / 100, alternative="greater").pvalue
    worse = stats.binomtest(kept, len(rows), percent / 100, alternative="less").pvalue
    status = ask(facts(rows=rows), f"bench:short@1.e2e_p{percent}_s <= {limit}{SURE}").status
    significant = 0.05 + 1e-9  # on the border itself, one failure of one request, the last bit must not decide
    assert status == ("met" if better <= significant else "not_met" if worse <= significant else "unknown")


def test_an_invalid_measurement_says_nothing() -> None:
    """Neither a good nor a bad figure of an INVALID measurement decides."""
    rows = seconds(*[1.0] * 60)
    reasons = (reason("no_answer", "either", "the server answered nothing"), reason("cold", "against", "no warm-up"))
    known = facts(rows=rows, cells=[cell(rows, "INVALID", *reasons)])
    for text in ("e2e_p95_s < 5", "e2e_p95_s < 0.5", "error_rate < 0.5", "requests_per_s > 1", "memory_peak_gib < 9"):
        result = ask(known, f"bench:short@1.{text}")
        assert result.status == "unknown"
        assert result.reason == "The measurement is INVALID: the server answered nothing; no warm-up."


@pytest.mark.parametrize(
    ("leans", "text", "status"),
    [
        # what can only have made the server look slower clears it and does not condemn it
        ("against", "e2e_p95_s < 5", "met"),
        ("against", "e2e_p95_s < 0.5", "unknown"),
        ("against", "ttft_p95_s < 0.1" + SURE, "unknown"),
        ("against", "requests_per_s >= 3", "unknown"),
        ("against", "good_share >= 0.9", "met"),
        # what can only have made it look faster condemns it and does not clear it
        ("for", "e2e_p95_s < 5", "unknown"),
        ("for", "e2e_p95_s < 0.5", "not_met"),
        ("for", "requests_per_s >= 1", "unknown"),
        ("for", "gap_p99_s < 0.1", "not_met"),
        # what can have made either decides nothing
        ("either", "e2e_p95_s < 5", "unknown"),
        ("either", "e2e_p95_s < 0.5", "unknown"),
        ("either", "tpot_p50_s < 5", "unknown"),
    ],
)
def test_a_degraded_measurement_decides_what_its_reasons_cannot_have_made(
    leans: Literal["against", "for", "either"], text: str, status: str
) -> None:
    """A figure that leans against the server can clear it, one that leans for it can condemn it."""
    rows = seconds(*[1.0] * 60)
    known = facts(rows=rows, cells=[cell(rows, "DEGRADED", reason("doubt", leans))])
    result = ask(known, f"bench:short@1.{text}")
    assert result.status == status
    assert result.reason.endswith("he measurement is DEGRADED: it is doubtful.")


@pytest.mark.parametrize("leans", ["against", "for", "either"])
@pytest.mark.parametrize(
    ("code", "text", "clear"),
    [
        # the client can have lost a request itself; nothing else makes one fail or not fail
        ("client_late", "error_rate < 0.5", ("against",)),
        ("failures", "error_rate < 0.5", ("against", "for", "either")),
        ("idle", "error_rate < 0.5", ("against", "for", "either")),
        # what a server holds is not made by how it was asked
        ("client_late", "memory_peak_gib < 4", ("against", "for", "either")),
        ("idle", "vram_peak_gib < 30", ("against", "for", "either")),
        ("client_loses", "preemptions < 1", ("against", "for", "either")),
        ("idle", "e2e_p95_s < 5", ("against",)),
    ],
)
def test_what_sways_a_measure(code: str, text: str, clear: tuple[str, ...], leans: Literal["against", "for"]) -> None:
    """Failures are swayed by the client alone, memory by nothing, latencies by all."""
    rows = seconds(*[1.0] * 60)
    known = facts(rows=rows, cells=[cell(rows, "DEGRADED", reason(code, leans))])
    assert ask(known, f"bench:short@1.{text}").status == ("met" if leans in clear else "unknown")


def test_one_swaying_reason_among_others_is_enough() -> None:
    """Several reasons are weighed one by one: the one that leans the wrong way decides."""
    rows = seconds(*[1.0] * 20)
    reasons = (reason("cold", "against", "no warm-up"), reason("idle", "for", "too little load"))
    met = ask(facts(rows=rows, cells=[cell(rows, "DEGRADED", reasons[0])]), "bench:short@1.e2e_p95_s < 5")
    assert met.reason == "p95 of 20 requests is 1 s. The measurement is DEGRADED: no warm-up."
    result = ask(facts(rows=rows, cells=[cell(rows, "DEGRADED", *reasons)]), "bench:short@1.e2e_p95_s < 5")
    assert (result.status, result.margin, result.observed) == ("unknown", None, 1.0)
    assert result.reason == (
        "p95 of 20 requests is 1 s. This does not count, for the measurement is DEGRADED: no warm-up; too little load."
    )


@pytest.mark.parametrize("validity", ["VALID", "DEGRADED", "INVALID"])
def test_an_unknown_stays_unknown(validity: Validity) -> None:
    """What too few requests leave open is open whatever else stands against the measurement."""
    rows = seconds(*[1.0] * 3)
    known = facts(rows=rows, cells=[cell(rows, validity, *([reason("x", "either")] if validity != "VALID" else []))])
    assert ask(known, "bench:short@1.e2e_p95_s < 5").status == "unknown"


def test_survivors_alone_prove_nothing() -> None:
    """Where latencies of some requests are absent, the others decide nothing with confidence."""
    rows = seconds(*[1.0] * 59)
    result = ask(facts(rows=rows, cells=[cell([*rows, (None, None)])]), "bench:short@1.e2e_p95_s < 5" + SURE)
    assert (result.status, result.low, result.high) == ("unknown", None, None)
    assert result.reason == "p95 of 60 requests is 1 s: the latencies of all of them are needed, 59 are there."


def test_a_percentile_rests_on_the_requests_that_show_it() -> None:
    """Where most answers came in one piece, the few first tokens that were seen hold no p95 and prove nothing."""
    rows = [*seconds(*[1.0] * 19), *[(1_000_000, None)] * 41]
    seen = cell(rows, ttft=percentiles([row[1] for row in rows[:19]]))
    result = ask(facts(rows=rows, cells=[seen]), "bench:short@1.ttft_p95_s < 5")
    assert (result.status, result.n) == ("unknown", 19)
    assert result.reason == "p95 of 19 requests is 0.5 s; they are too few to hold it: 1 more request needed."
    result = ask(facts(rows=rows, cells=[seen]), "bench:short@1.ttft_p50_s < 5")
    assert (result.status, result.reason) == ("met", "p50 of 19 requests is 0.5 s.")
    result = ask(facts(rows=rows, cells=[seen]), "bench:short@1.ttft_p50_s < 5" + SURE)
    assert (result.status, result.reason) == (
        "unknown",
        "p50 of 19 requests is 0.5 s: of 41 others it was not seen, and all are needed to prove it.",
    )


def test_open_loops_and_warm_caches_are_loads_of_their_own() -> None:
    """A rate and a warm cache are part of the name of what was measured."""
    rows = seconds(*[1.0] * 20)
    rate = cell(rows, arrivals="poisson", concurrency=None, rate_per_s=2.5)
    known = facts(rows=rows, cells=[rate, cell(rows, cache="warm", concurrency=4)])
    assert ask(known, "bench:short@2.5/s.e2e_p95_s < 5").status == "met"
    assert ask(known, "bench:short@4:warm.e2e_p95_s < 5").status == "met"
    assert ask(known, "bench:short@4.e2e_p95_s < 5").status == "unknown"
    assert ask(known, "bench:short@2.5/s:warm.e2e_p95_s < 5").status == "unknown"


def test_the_fullest_device_is_the_one_that_counts() -> None:
    """Memory of several graphics processors is not added up: each has a limit of its own."""
    rows = seconds(*[1.0] * 9)
    small = card(2, 1).model_copy(update={"total_bytes": 24 << 30})
    memory = NO_MEMORY.model_copy(update={"gpus": (card(0, 7), card(1, 30), small)})
    known = facts(rows=rows, cells=[cell(rows, memory=memory)])
    peak, left = ask(known, "bench:short@1.vram_peak_gib < 31"), ask(known, "bench:short@1.vram_headroom_gib > 24")
    assert (peak.status, peak.observed) == ("met", 30.0)
    assert (left.status, left.observed) == ("not_met", 23.0)


def test_no_memory_left_is_a_figure() -> None:
    """A host that had nothing left was seen to have nothing left."""
    rows = seconds(*[1.0] * 9)
    result = ask(facts(rows=rows, cells=[cell(rows, memory=NO_MEMORY)]), "bench:short@1.host_headroom_gib >= 1")
    assert (result.status, result.observed) == ("not_met", 0.0)


@pytest.mark.parametrize(
    ("values", "text", "flip", "needed"),
    [
        # the sample's p95 of 20 is its 19th value, that of 40 the 38th
        ([1.0] * 20, "e2e_p95_s < 5", "2 more requests of the same 20 beyond the limit", None),
        ([1.0] * 19 + [9.0], "e2e_p95_s < 5", "1 more request of the same 20 beyond the limit", None),
        ([1.0] * 18 + [9.0] * 2, "e2e_p95_s < 5", "1 more request of the same 20 within the limit", None),
        ([1.0] * 30 + [None] * 10, "ttft_p95_s < 5", "8 more requests of the same 40 within the limit", None),
        ([1.0] * 17, "e2e_p95_s < 5", None, 3),
        # with confidence: 0 of 59 may be beyond it, 2 of 124, 1 of 93
        ([1.0] * 59, "e2e_p95_s < 5" + SURE, "1 more request of the same 59 beyond the limit", None),
        ([1.0] * 124, "e2e_p95_s < 5" + SURE, "3 more requests of the same 124 beyond the limit", None),
        ([1.0] * 91 + [9.0] * 2, "e2e_p95_s < 5" + SURE, "1 more request of the same 93 within the limit", 31),
        ([1.0] * 40 + [9.0] * 30, "e2e_p95_s < 5" + SURE, "30 more requests of the same 70 within the limit", None),
        ([1.0] * 58, "e2e_p95_s < 5" + SURE, None, 1),
        ([1.0] * 9, "memory_peak_gib < 4", None, None),
        ([1.0] * 60, "tpot_p95_s < 4", None, None),
    ],
)
def test_what_would_turn_a_percentile(
    values: list[float | None], text: str, flip: str | None, needed: int | None
) -> None:
    """Beside each answer stands how many requests would have to fall the other way, or how many more are needed."""
    own = answer(facts(rows=seconds(*values)), f"bench:short@1.{text}")
    assert (own.flip, own.needed) == (flip, needed)
    assert own.method == ("order statistics of requests" if SURE in text else None)


@settings(deadline=None, max_examples=60)
@given(st.lists(latency, min_size=2, max_size=130), st.sampled_from(["", SURE]), st.sampled_from([50, 95]))
def test_the_flip_is_where_the_answer_turns(values: list[float | None], sure: str, percent: int) -> None:
    """With so many requests on the other side of the limit the answer turns, and with one fewer it does not."""
    text = f"bench:short@1.e2e_p{percent}_s <= 5{sure}"
    own = answer(facts(rows=seconds(*values)), text)
    if own.flip is None:
        return
    count = int(own.flip.split()[0])
    met = own.status == "met"
    for turned, expected in ((count - 1, met), (count, not met)):
        left, other = turned, []
        for value in values:
            turns = left > 0 and (value is not None and value <= 5) == met
            other.append((9.0 if met else 0.5) if turns else value)
            left -= turns
        assert (ask(facts(rows=seconds(*other)), text).status == "met") == expected


def test_what_does_not_count_turns_by_nothing() -> None:
    """A figure that its measurement can have made is turned by no request."""
    rows = seconds(*[1.0] * 20)
    known = facts(rows=rows, cells=[cell(rows, "DEGRADED", reason("idle", "for"))])
    assert answer(known, "bench:short@1.e2e_p95_s < 5").flip is None


@pytest.mark.parametrize(
    ("loads", "cells", "text", "status", "reason"),
    [
        ((), [], "bench all valid", "unknown", "Nothing was measured."),
        (
            (),
            [],
            "bench:short@1 valid",
            "unknown",
            "1 of 1 measurements is not VALID: short@1 (no measurement that counts).",
        ),
        (("short@1",), ["VALID"], "bench all valid", "met", "All measurements (1) are VALID."),
        (("short@1",), ["VALID"], "bench:short@1 valid", "met", "All measurements (1) are VALID."),
        (
            ("short@1",),
            ["DEGRADED"],
            "bench all valid",
            "unknown",
            "1 of 1 measurements is not VALID: short@1 is DEGRADED (it is doubtful).",
        ),
        (
            ("long@1", "short@1"),
            ["INVALID"],
            "bench all valid",
            "unknown",
            (
                "2 of 2 measurements are not VALID: long@1 (no measurement that counts); "
                "short@1 is INVALID (it is doubtful)."
            ),
        ),
        (
            ("long@1", "short@1"),
            ["VALID"],
            "bench all valid",
            "unknown",
            "1 of 2 measurements is not VALID: long@1 (no measurement that counts).",
        ),
        (("long@1", "short@1"), ["VALID"], "bench:short@1 valid", "met", "All measurements (1) are VALID."),
        (
            ("short@1",),
            ["VALID", "VALID"],
            "bench all valid",
            "unknown",
            "1 of 1 measurements is not VALID: short@1 (no measurement that counts).",
        ),
    ],
)
def test_validity(loads: tuple[str, ...], cells: list[Validity], text: str, status: str, reason: str) -> None:
    """A measurement that is doubted or missing leaves validity unknown; only sound ones of every load meet it."""
    rows = seconds(1.0, 1.0)
    doubted = [cell(rows, own, *([DOUBT] if own != "VALID" else [])) for own in cells]
    result = ask(replace(facts(cells=doubted), loads=loads), text)
    assert (result.status, result.reason) == (status, reason)


def test_a_measurement_without_requests_is_not_valid() -> None:
    """What holds no request is no measurement, whatever is said of it."""
    assert ask(facts(cells=[cell([])]), "bench all valid").status == "unknown"


def test_another_load_never_stands_in() -> None:
    """A measurement at one concurrency says nothing of another, and two of the same name compete."""
    rows = seconds(*[1.0] * 20)
    known = facts(rows=rows)
    assert ask(known, "bench:short@1:warm.e2e_p95_s < 5").status == "unknown"
    assert ask(known, "bench:short@1/s.e2e_p95_s < 5").status == "unknown"
    assert ask(known, "bench:short@4.e2e_p95_s < 5").reason == "There is no measurement of bench:short@4.e2e_p95_s."
    assert ask(known, "bench:long@1.e2e_p95_s < 5").status == "unknown"
    assert ask(facts(rows=rows, cells=[cell(rows), cell(rows)]), "bench:short@1.e2e_p95_s < 5").status == "unknown"


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"tpot": ()}, "tpot_p50_s < 1"),
        ({"tpot": percentiles([])}, "tpot_p50_s < 1"),
        ({"gap_p99_us": None}, "gap_p99_s < 1"),
        ({"good": None}, "good_share > 0.1"),
        ({"memory": NO_MEMORY}, "vram_peak_gib < 4"),
        ({"memory": NO_MEMORY}, "memory_peak_gib < 4"),
        ({"memory": None}, "vram_peak_gib < 4"),
        ({"counters": None}, "preemptions <= 0"),
        ({"counters": CounterFigures(source="GET /metrics", samples=3)}, "preemptions <= 0"),
        ({"output_tokens_per_s": None}, "output_tokens_per_s > 1"),
        ({"output_tokens_per_s": float("nan")}, "output_tokens_per_s > 1"),
        ({"requests_per_s": float("inf")}, "requests_per_s > 1"),
        ({"memory": None}, "memory_peak_gib < 4"),
        ({"memory": NO_MEMORY}, "vram_headroom_gib > 4"),
        ({"memory": None}, "vram_headroom_gib > 4"),
        ({"memory": None}, "host_headroom_gib > 4"),
        ({"memory": NO_MEMORY.model_copy(update={"samples": 0})}, "host_headroom_gib > 4"),
        (
            {"memory": Memory(rss_peak_bytes=0, anonymous_peak_bytes=None, host_available_min_bytes=0, samples=0)},
            "memory_peak_gib < 4",
        ),
        ({"n": 0}, "requests_per_s > 1"),
        ({"e2e": ()}, "e2e_p95_s < 5"),
        ({"failed": 21}, "error_rate < 0.5"),
    ],
)
def test_a_figure_that_could_not_be_had_is_unknown(change: dict[str, object], text: str) -> None:
    """An absent, infinite or impossible figure is neither zero nor a pass."""
    rows = seconds(*[1.0] * 20)
    broken = cell(rows).model_copy(update=change)
    assert ask(facts(rows=rows, cells=[broken]), f"bench:short@1.{text}").status == "unknown"
