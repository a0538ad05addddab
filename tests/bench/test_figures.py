"""Figures follow from the stored lines alone, failures count as infinite, and only the last series counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assay.bench import DEFINITIONS, Stored, cells_of, counted, latencies_of
from assay.schema.bench import ClientError, CounterSample, Measurement, Memory, Reason, ServerTimings
from assay.schema.run import Fault
from assay.schema.suite import BenchSettings, Slo
from tests.bench.events import FAILED, SAMPLE, S, event, events, percentiles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assay.schema.bench import BenchCell, RequestEvent

MS = 1000
OPEN: dict[str, object] = {"arrivals": "constant", "concurrency": None, "rate_per_s": 2.0}
CLIENT = ClientError(
    concurrency=1,
    n=100,
    tokens_per_s=50.0,
    ttft_p50_us=100,
    ttft_p99_us=900,
    tpot_p50_us=1,
    tpot_p99_us=30,
    lag_p99_us=800,
    lost=0,
)


def _no_ranks(_n: int, _q: float) -> tuple[None, None]:
    return None, None


def _figures(own: Sequence[RequestEvent], **stored: object) -> BenchCell:
    """Return the one cell of some events."""
    (cell,) = cells_of(Stored(own, **stored), _no_ranks)  # type: ignore[arg-type]  # a wrong name fails at once
    return cell


def _codes(cell: BenchCell) -> list[str]:
    return [reason.code for reason in cell.reasons]


def _due(
    count: int, *, every_us: int, takes_us: int = S // 2, late_us: int = 0, **changes: object
) -> list[RequestEvent]:
    """Return requests of an open loop, due at even times, each sent so late and answered so soon after."""
    return [
        event(
            **OPEN,
            **{
                "seq": n,
                "scheduled_us": n * every_us,
                "taken_us": n * every_us + late_us,
                "sent_us": n * every_us + late_us,
                "first_us": n * every_us + late_us + takes_us // 5,
                "last_us": n * every_us + late_us + takes_us,
                "end_us": n * every_us + late_us + takes_us,
                **changes,
            },
        )
        for n in range(count)
    ]


def test_whole_cell() -> None:
    """Ten requests a second apart, one of them failed, come to these figures."""
    own = events(10)
    own[5] = event(**{**own[5].model_dump(), **FAILED})
    (cell,) = cells_of(Stored(own), lambda n, _q: (2, n))
    expected: dict[str, object] = {
        "candidate": "a",
        "profile": "short",
        "arrivals": "closed",
        "concurrency": 1,
        "rate_per_s": None,
        "cache": "cold",
        "n": 10,
        "planned": 10,
        "failed": 1,
        "faults": {"timeout": 1},
        "warmup": 1,
        "definitions": (
            "ttft.v1",
            "visible.v1",
            "e2e.v1",
            "tpot.v1",
            "gap.v1",
            "percentile.v1",
            "output_tokens_per_s.v1",
            "requests_per_s.v1",
            "error_rate.v1",
        ),
        "e2e": percentiles(S, None, None, low_us=S),
        "ttft": percentiles(S // 10, None, None, low_us=S // 10),
        "tpot": percentiles(90_000, None, None, low_us=90_000),
        "visible_p50_us": None,
        "gap_p50_us": None,
        "gap_p99_us": None,
        "gap_max_us": None,
        "tokens_per_chunk": 1.0,
        "output_tokens_per_s": 9.9,
        "requests_per_s": 0.9,
        "sent_per_s": None,
        "good": None,
        "prompt_tokens_p50": 60,
        "output_tokens_p50": 11,
        "cached_share": None,
        "truncated": 0,
        "lag_p99_us": 100,
        "other_cpu_share": None,
        "repeats": (
            {
                "repeat": 1,
                "n": 10,
                "failed": 1,
                "e2e_p50_us": S,
                "e2e_p95_us": None,
                "ttft_p50_us": S // 10,
                "output_tokens_per_s": 9.9,
            },
        ),
        "spread": None,
        "memory": None,
        "counters": None,
        "server": None,
        "client": None,
        "validity": "DEGRADED",
        "reasons": (Reason(code="failures", text="1 of 10 requests failed (1 timeout)", leans="for"),),
    }
    assert cell == type(cell).model_validate(expected)
    assert set(cell.definitions) <= set(DEFINITIONS)


# --- which lines count --------------------------------------------------------------------------------------


def test_only_the_last_series_of_each_repeat_counts() -> None:
    """A series that was broken off is left out, its warm-up, samples and end too; repeats are taken together."""
    broken, again, second = events(3, series=1, **FAILED), events(5, series=4), events(7, series=2, repeat=2)
    lines = [*broken, *second, *again]
    samples = [SAMPLE.model_copy(update={"series": series, "rss_bytes": series}) for series in (4, 1)]
    samples[1] = samples[1].model_copy(update={"rss_bytes": 9000})
    cell = _figures(lines, samples=samples, measurements=[_end(1, share=0.9), _end(4, share=0.02)])
    assert (cell.n, cell.failed, cell.warmup) == (12, 0, 2)
    assert [(own.repeat, own.n) for own in cell.repeats] == [(1, 5), (2, 7)]
    assert (cell.memory and cell.memory.rss_peak_bytes, cell.other_cpu_share) == (4, 0.02)
    assert len(latencies_of(lines)["short@1"]) == 12
    assert {own.series for own in counted(lines)} == {4, 2}
    assert {own.phase for own in counted(lines)} == {"measured"}


def test_what_was_seen_in_a_broken_series_is_no_stand_in() -> None:
    """Where nothing was seen while the series ran that counts, memory and load of others are unknown."""
    looks = [
        CounterSample(candidate="a", profile="short", concurrency=1, series=1, at_us=at, source="GET /metrics")
        for at in (0, 5)
    ]
    lines = [*events(3, series=1), *events(5, series=4)]
    cell = _figures(lines, samples=[SAMPLE], counters=looks, measurements=[_end(1, share=0.9)])
    assert (cell.n, cell.memory, cell.counters, cell.other_cpu_share) == (5, None, None, None)


def test_each_load_is_a_cell_in_order_of_first_appearance() -> None:
    """Candidate, profile, concurrency, rate and cache make a cell; cells keep the order of the events."""
    keys: list[dict[str, object]] = [
        {"candidate": "b", "profile": "long", "concurrency": 4},
        {"candidate": "a", "profile": "long", "concurrency": 4},
        {"candidate": "b", "profile": "long", "concurrency": 4, "cache": "warm"},
        {**OPEN, "candidate": "b", "profile": "suite:qa"},
        {**OPEN, "candidate": "b", "profile": "suite:qa", "rate_per_s": 0.5},
    ]
    own = [event(seq=seq, **key) for seq in range(3) for key in keys]
    cells = cells_of(Stored(own), _no_ranks)
    assert [(cell.candidate, cell.label) for cell in cells] == [
        ("b", "long@4"),
        ("a", "long@4"),
        ("b", "long@4:warm"),
        ("b", "suite:qa@2/s"),
        ("b", "suite:qa@0.5/s"),
    ]


def test_latencies() -> None:
    """Latencies come by load, whole answer before first token, None where the request failed."""
    own = [*events(2), event(profile="long", sent_us=5, concurrency=8), event(profile="long", concurrency=8, **FAILED)]
    assert latencies_of([*own, *_due(1, every_us=S, late_us=7, cache="warm")]) == {
        "short@1": ((S, S // 10), (S, S // 10)),
        "long@8": ((S - 5, S // 10 - 5), (None, None)),
        "short@2/s:warm": ((S // 2 + 7, S // 10 + 7),),
    }


def test_nothing_measured() -> None:
    """A measurement that was broken off in its warm-up has no figures: unknown, not zero."""
    cell = _figures([event(phase="warmup")], slos={"short": Slo(e2e_p95_s=1)})
    assert (cell.n, cell.warmup, cell.validity, _codes(cell)) == (0, 1, "INVALID", ["no_request"])
    assert {figure.value_us for figure in (*cell.e2e, *cell.ttft, *cell.tpot)} == {None}
    assert (cell.output_tokens_per_s, cell.requests_per_s, cell.sent_per_s, cell.cached_share) == (None,) * 4
    assert (cell.lag_p99_us, cell.spread, cell.repeats, cell.faults) == (None, None, (), {})
    assert cells_of(Stored([], [SAMPLE]), _no_ranks) == ()


def test_what_the_plan_asks_for() -> None:
    """Planned requests are those of all rounds, also of those that were not run."""
    settings = BenchSettings(requests={"short": 20, "long": 5}, repeats=3)
    assert [_figures(events(4, profile=own), settings=settings).planned for own in ("short", "long")] == [60, 15]
    assert _figures(events(4, profile="json"), settings=settings).planned == 0


# --- failures -----------------------------------------------------------------------------------------------


def test_all_failed() -> None:
    """When every request failed, nothing is zero and nothing can be believed."""
    cell = _figures(events(10, **FAILED))
    assert (cell.n, cell.failed, cell.validity) == (10, 10, "INVALID")
    assert (cell.requests_per_s, cell.output_tokens_per_s, cell.prompt_tokens_p50, cell.spread) == (None,) * 4
    assert {(own.value_us, own.n) for own in (*cell.e2e, *cell.ttft)} == {(None, 10)}
    assert {(own.value_us, own.n) for own in cell.tpot} == {(None, 0)}


def test_faults_are_counted_by_kind() -> None:
    """Each way of failing is counted; a request without fault and token failed in none of them."""
    kinds = ("timeout", "out_of_memory", "timeout", "stream_cut")
    own = [event(**{**FAILED, "fault": Fault.model_validate({"kind": kind, "message": "m"})}) for kind in kinds]
    cell = _figures([*own, event(first_us=None, last_us=None), *events(3)])
    assert (cell.failed, cell.faults) == (5, {"out_of_memory": 1, "stream_cut": 1, "timeout": 2})


def test_answer_without_a_token_is_infinite() -> None:
    """A request without fault and without token was not measured: it counts as failed."""
    cell = _figures(events(10, first_us=None, last_us=None))
    assert (cell.failed, cell.e2e[0].value_us) == (10, None)


def test_a_failure_is_infinite_in_every_percentile() -> None:
    """Three failures of twenty lie above p50 and push p95 and p99 to infinity, in all three series."""
    cell = _figures([*events(17), *[event(seq=20 + n, **FAILED) for n in range(3)]])
    assert [own.value_us for own in cell.e2e] == [S, None, None]
    assert [own.value_us for own in cell.ttft] == [S // 10, None, None]
    assert [own.value_us for own in cell.tpot] == [90_000, None, None]
    assert {own.n for own in (*cell.e2e, *cell.ttft, *cell.tpot)} == {20}


def test_a_first_token_that_was_not_seen_is_no_failure() -> None:
    """An answer in one piece has a latency and no time to first token; that percentile rests on the others."""
    own = events(6)
    own[1:3] = [one.model_copy(update={"first_us": None, "visible_us": None, "chunks": 1}) for one in own[1:3]]
    cell = _figures(own)
    assert (cell.failed, cell.e2e[0].n, cell.ttft[0].n, cell.ttft[0].value_us) == (0, 6, 4, S // 10)


# --- tokens, chunks and gaps --------------------------------------------------------------------------------


@pytest.mark.parametrize("change", [{"output_tokens": 1}, {"output_tokens": None}, {"chunks": 1}])
def test_time_per_token_needs_two_tokens_in_two_chunks(change: dict[str, object]) -> None:
    """One token has no gap, one chunk hides them all, and chunks are not counted as tokens."""
    assert _figures(events(3, **change)).tpot[0].value_us is None


def test_time_per_token_leaves_out_the_first_chunk() -> None:
    """Tokens that came with the first one took no time after it: they are not counted where their number is told."""
    assert _figures(events(3, chunks=2, chunk_tokens=(2, 9))).tpot[0].value_us == 100_000


def test_time_per_token_ends_with_the_finish_reason() -> None:
    """The token that ends an answer has no text: its time counts, as it does among the tokens."""
    late = [event(seq=n, sent_us=0, first_us=100_000, last_us=1_000_000, finish_us=1_100_000) for n in range(3)]
    assert _figures(late).tpot[0].value_us == 100_000
    assert _figures(late).e2e[0].value_us == 1_000_000
    assert _figures(events(3, chunks=2, chunk_tokens=(11, 0))).tpot[0].value_us is None
    assert _figures(events(3, chunks=2)).tpot[0].value_us == 90_000


def test_gaps_of_all_answered_requests() -> None:
    """Gaps are those between chunks, over all answered requests; the longest is the worst stall."""
    own = [event(seq=0, gaps_us=tuple(range(1, 100))), event(seq=1, gaps_us=(5000,)), event(**FAILED, gaps_us=(9**9,))]
    cell = _figures(own)
    assert (cell.gap_p50_us, cell.gap_p99_us, cell.gap_max_us) == (50, 99, 5000)


def test_tokens_per_chunk() -> None:
    """Output tokens over chunks; unknown where the server did not count one answer."""
    own = [event(chunks=4, output_tokens=10), event(chunks=8, output_tokens=20)]
    assert _figures(own).tokens_per_chunk == 2.5
    assert _figures([*own, event(output_tokens=None)]).tokens_per_chunk is None
    assert _figures([event(chunks=0)]).tokens_per_chunk is None


def test_tokens_that_one_answer_does_not_count() -> None:
    """Where the server did not count one answer, the rate of tokens is unknown."""
    own = events(3)
    own[2] = own[2].model_copy(update={"output_tokens": None})
    cell = _figures(own)
    assert (cell.output_tokens_per_s, cell.requests_per_s, cell.output_tokens_p50) == (None, 1.0, 11)


def test_visible_only_where_thinking_came_before() -> None:
    """The first token that a reader sees is told where it is another than the first one."""
    assert _figures(events(3)).visible_p50_us is None
    assert _figures(events(3, visible_us=None)).visible_p50_us is None
    thought = [event(seq=n, visible_us=S // 2 + n) for n in range(3)]
    assert _figures(thought).visible_p50_us == S // 2 + 1
    # An answer that ended while the model was thinking shows nothing, and one without thinking counts as it is.
    assert _figures([*thought, event(visible_us=None), *[event(visible_us=S // 10)] * 2]).visible_p50_us == S // 2


def test_cached_share_and_truncated() -> None:
    """The share is over the requests that the server counted; answers at the token limit are counted."""
    cell = _figures([event(cached_tokens=30), event(cached_tokens=0), event(finish_reason="length")])
    assert (cell.cached_share, cell.truncated) == (0.25, 1)


# --- rounds -------------------------------------------------------------------------------------------------


def test_rates_add_up_the_time_of_the_repeats() -> None:
    """Each repeat has a clock of its own: their times are added, the time between them is not there."""
    cell = _figures([*events(10), *events(10, series=2, repeat=2)])
    assert (cell.requests_per_s, cell.output_tokens_per_s) == (1.0, 11.0)


def test_repeats_and_their_spread() -> None:
    """Each round has its own figures; the spread is between the least and the largest median, over that of all."""
    slow = events(9, series=2, repeat=2, last_us=None)
    slow = [one.model_copy(update={"last_us": one.sent_us + 1_300_000, "end_us": one.sent_us + S}) for one in slow]
    cell = _figures([*events(10), *slow])
    assert [(own.repeat, own.n, own.e2e_p50_us, own.ttft_p50_us, own.output_tokens_per_s) for own in cell.repeats] == [
        (1, 10, S, S // 10, 11.0),
        (2, 9, 1_300_000, S // 10, 11.0),
    ]
    assert (cell.e2e[0].value_us, cell.spread, _codes(cell)) == (S, 0.3, ["unsteady"])


def test_a_round_that_failed_has_no_spread() -> None:
    """A round whose median is infinite is shown as it is, and differs by no number."""
    cell = _figures([*events(10), *events(4, series=2, repeat=2, **FAILED)])
    assert (cell.spread, cell.repeats[1].e2e_p50_us, cell.repeats[1].ttft_p50_us) == (None, None, None)
    assert _figures(events(10)).spread is None


# --- service levels -----------------------------------------------------------------------------------------


def test_good_requests_keep_every_level() -> None:
    """A request is good within all levels, on the level too; failed or unseen it is not."""
    own = [
        event(seq=0),
        event(seq=1, last_us=S + 1),
        event(seq=2, first_us=S // 10 + 1),
        event(seq=3, first_us=None),
        event(seq=4, **FAILED),
    ]
    levels: tuple[dict[str, float], ...] = (
        {"e2e_p95_s": 1},
        {"ttft_p95_s": 0.1},
        {"e2e_p95_s": 1, "ttft_p95_s": 0.1},
        {},
    )
    slos = [Slo.model_validate(level) for level in levels]
    assert [_figures(own, slos={"short": slo}).good for slo in slos] == [3, 2, 1, None]
    assert _figures(own, slos={"long": slos[0]}).good is None


# --- open loops ---------------------------------------------------------------------------------------------


def test_latencies_of_an_open_loop_count_from_when_due() -> None:
    """The wait until a request was sent is part of its latency."""
    cell = _figures(_due(30, every_us=S, late_us=2 * MS))
    assert (cell.e2e[0].value_us, cell.ttft[0].value_us) == (502 * MS, 102 * MS)
    assert cell.definitions[:3] == ("ttft_scheduled.v1", "visible_scheduled.v1", "e2e_scheduled.v1")


def test_rate_of_an_open_loop() -> None:
    """Requests are sent as fast as they are due; where they are not, that stands against the figures."""
    assert _figures(_due(30, every_us=S // 2)).sent_per_s == 2.0
    drifting = [
        one.model_copy(update={"sent_us": one.sent_us + one.seq * 50 * MS}) for one in _due(30, every_us=S // 2)
    ]
    cell = _figures(drifting)
    assert (cell.sent_per_s, "rate_missed" in _codes(cell)) == (1.81818, True)
    assert _figures(_due(1, every_us=S)).sent_per_s is None
    assert _figures(events(5)).sent_per_s is None


def test_rates_of_several_rounds() -> None:
    """The time between two rounds is nobody's: the rate is over the intervals within them."""
    own = [*_due(4, every_us=S // 2), *_due(4, every_us=S // 2, series=2, repeat=2)]
    assert _figures(own).sent_per_s == 2.0


@pytest.mark.parametrize(("grows_us", "codes"), [(0, []), (10 * MS, []), (22 * MS, ["overloaded"])])
def test_a_server_that_falls_behind(grows_us: int, codes: list[str]) -> None:
    """Latencies that grow from the first third of an open loop to the last are those of a server that is overloaded."""
    own = [
        one.model_copy(update={"last_us": (one.last_us or 0) + n * grows_us, "end_us": one.end_us + n * grows_us})
        for n, one in enumerate(_due(30, every_us=S // 2))
    ]
    warm = event(**OPEN, phase="warmup", scheduled_us=0)
    assert _codes(_figures([warm, *own])) == codes
    closed = events(30)
    grown = [one.model_copy(update={"last_us": (one.last_us or 0) + one.seq * grows_us}) for one in closed]
    assert "overloaded" not in _codes(_figures(grown))


def test_a_client_that_takes_requests_up_late() -> None:
    """Lateness in taking up what was due is the client's, not the server's."""
    cell = _figures(_due(30, every_us=S, late_us=300 * MS))
    assert [(own.code, own.leans) for own in cell.reasons if own.code.startswith("client")] == [
        ("client_far_behind", "against"),
        ("client_behind", "against"),
    ]
    assert cell.validity == "INVALID"


def test_a_server_that_is_slow_to_connect_is_no_late_client() -> None:
    """What passes between taking a request up and its first byte is the connecting: it counts as latency alone."""
    own = [one.model_copy(update={"taken_us": one.scheduled_us}) for one in _due(30, every_us=S, late_us=300 * MS)]
    cell = _figures([event(**OPEN, phase="warmup", scheduled_us=0), *own])
    assert (cell.validity, cell.e2e[0].value_us) == ("VALID", 800 * MS)


# --- what was seen beside the requests ----------------------------------------------------------------------


def _end(series: int, *, share: float | None, repeat: int = 1, duration_us: int = S) -> Measurement:
    return Measurement(
        candidate="a",
        profile="short",
        concurrency=1,
        series=series,
        repeat=repeat,
        planned=10,
        sent=10,
        ended="whole",
        duration_us=duration_us,
        other_cpu_share=share,
        own_cpu_share=0.1,
    )


def test_time_of_other_programs() -> None:
    """The share of other programs is the mean over the rounds, each by its length; an untold one is left out."""
    ends = [_end(1, share=0.2, duration_us=3 * S), _end(2, share=0.0, repeat=2), _end(3, share=None, repeat=3)]
    cell = _figures([*events(9), *events(9, series=2, repeat=2), *events(9, series=3, repeat=3)], measurements=ends)
    assert (cell.other_cpu_share, _codes(cell)) == (0.15, ["other_load"])
    assert _figures(events(9), measurements=[_end(1, share=None)]).other_cpu_share is None


def test_memory_and_counters_of_the_same_load() -> None:
    """Samples count for their own measurement alone."""
    samples = [SAMPLE, SAMPLE.model_copy(update={"profile": "long", "rss_bytes": 9000})]
    looks = [
        CounterSample(candidate="a", profile=own, concurrency=1, at_us=at, source="GET /metrics", preemptions=n)
        for own, at, n in (("short", 0, 3), ("short", 5, 5), ("long", 0, 0), ("long", 5, 90))
    ]
    cell = _figures(events(3), samples=samples, counters=looks)
    assert cell.memory == Memory(rss_peak_bytes=100, anonymous_peak_bytes=40, host_available_min_bytes=1000, samples=1)
    assert cell.counters is not None
    assert (cell.counters.preemptions, cell.counters.samples) == (2, 2)


def test_the_servers_own_account() -> None:
    """Where the server tells its times, the client's stand beside them."""
    told = ServerTimings(source="llama.cpp timings", prompt_us=95 * MS, decode_us=899 * MS)
    server = _figures(events(20, server=told)).server
    assert server is not None
    assert (server.n, server.ttft_us, server.decode_us, server.agrees) == (20, 5 * MS, MS, True)


def test_the_clients_error_is_that_at_the_same_concurrency() -> None:
    """The self-test at another concurrency says nothing of this one, and none of an open loop."""
    other = CLIENT.model_copy(update={"concurrency": 8, "lost": 3})
    assert _figures(events(20), clients=(other, CLIENT)).client == CLIENT
    assert _figures(events(20), clients=(other,)).client is None
    assert _figures(_due(20, every_us=S), clients=(CLIENT,)).client is None
    assert _codes(_figures(events(20), clients=(CLIENT.model_copy(update={"lost": 1}),))) == ["client_loses"]


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({}, []),
        ({"lag_us": 300_000}, ["client_spoiled", "client_late"]),
        ({"lag_us": 6_000}, ["client_late"]),
        ({"cached_tokens": 59}, ["cached"]),
        ({"cached_tokens": 0, "cache": "warm"}, ["not_warm"]),
        ({"cache": "warm"}, ["warm_unseen"]),
        ({"concurrency": 4}, ["idle"]),
        ({"output_tokens": 20}, ["length_missed"]),
    ],
)
def test_signals_reach_the_validity(changes: dict[str, object], codes: list[str]) -> None:
    """Lateness, cache, load and length of the events decide the validity."""
    assert _codes(_figures(events(20, **changes), settings=BenchSettings(output_tokens={"short": 11}))) == codes
