"""What samples come to: peaks, differences of counters, and how far client and server tell the same times."""

from __future__ import annotations

from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.bench.accounts import counters_of, mean_account, memory_of, server_account
from assay.schema.bench import (
    CounterFigures,
    CounterSample,
    GpuMemory,
    GpuUse,
    Memory,
    RequestEvent,
    ResourceSample,
    ServerAccount,
    ServerTimings,
)
from assay.schema.run import Fault

MS = 1_000
S = 1_000_000
GROWTH = st.lists(st.integers(0, 10**6), min_size=2, max_size=20)


def gpu(index: int, used: int, process: int | None) -> GpuUse:
    return GpuUse(index=index, name=f"Card {index}", used_bytes=used, total_bytes=100, process_bytes=process)


def resource(**changes: object) -> ResourceSample:
    fields = {
        "candidate": "a",
        "profile": "short",
        "concurrency": 1,
        "at_us": 0,
        "rss_bytes": 10,
        "anonymous_bytes": 5,
        "host_available_bytes": 50,
    }
    return ResourceSample.model_validate(fields | changes)


def counters(at_us: int = 0, **changes: object) -> CounterSample:
    fields = {"candidate": "a", "profile": "short", "concurrency": 1, "at_us": at_us, "source": "GET /metrics"}
    return CounterSample.model_validate(fields | changes)


def event(*, ttft_ms: float | None = 100, decode_ms: float = 1000, chunks: int = 11, **changes: object) -> RequestEvent:
    """Return an answered request that the server gave times for, unless it is said."""
    first = None if ttft_ms is None else 7 * S + round(ttft_ms * MS)
    last = (first or 7 * S) + round(decode_ms * MS)
    fields = {
        "candidate": "a",
        "profile": "short",
        "concurrency": 1,
        "series": 1,
        "repeat": 1,
        "seq": 0,
        "phase": "measured",
        "taken_us": 7 * S - 100,
        "sent_us": 7 * S,
        "first_us": first,
        "last_us": last,
        "end_us": last,
        "chunks": chunks,
        "prompt_tokens": 60,
        "output_tokens": 11,
        "cached_tokens": None,
        "finish_reason": "stop",
        "fault": None,
        "lag_us": 100,
        "server": timings(),
    }
    return RequestEvent.model_validate(fields | changes)


def timings(**changes: object) -> ServerTimings:
    whole = ServerTimings(source="llama.cpp timings", prompt_us=98 * MS, decode_us=1001 * MS)
    return whole.model_copy(update=changes)


def test_no_samples() -> None:
    """Without samples there are no figures, rather than figures of nothing."""
    assert memory_of([]) is None
    assert counters_of([]) is None
    assert server_account([]) is None


def test_memory() -> None:
    """Each figure is the worst over the samples that tell it, each processor's own."""
    samples = [
        resource(pss_bytes=8, gpus=(gpu(1, 30, None), gpu(0, 20, 15))),
        resource(rss_bytes=30, anonymous_bytes=None, host_available_bytes=40, gpus=(gpu(0, 25, 12),)),
        resource(rss_bytes=None, anonymous_bytes=7, host_available_bytes=60),
    ]
    assert memory_of(samples) == Memory(
        rss_peak_bytes=30,
        anonymous_peak_bytes=7,
        pss_peak_bytes=8,
        host_available_min_bytes=40,
        gpus=(
            GpuMemory(index=0, name="Card 0", used_peak_bytes=25, total_bytes=100, process_peak_bytes=15),
            GpuMemory(index=1, name="Card 1", used_peak_bytes=30, total_bytes=100, process_peak_bytes=None),
        ),
        samples=3,
    )


def test_memory_of_a_server_that_cannot_be_seen() -> None:
    """What no sample tells is not known, and never zero."""
    found = memory_of([resource(rss_bytes=None, anonymous_bytes=None)])
    assert found == Memory(rss_peak_bytes=None, anonymous_peak_bytes=None, host_available_min_bytes=50, samples=1)


def test_counters() -> None:
    """Sums are differences within each series, added up; peaks and shares are over all looks."""
    first = {"preemptions": 10, "cached_tokens": 100, "looked_up_tokens": 1000, "requests": 5, "queue_us": 900}
    samples = [
        counters(0, **first, running=0, waiting=0, kv_cache_share=0.1),
        counters(1, running=4, waiting=2, kv_cache_share=0.75),
        counters(2, preemptions=11, cached_tokens=150, looked_up_tokens=1200, requests=7, queue_us=1100, waiting=0),
        counters(0, repeat=2, series=2, **first),
        counters(2, repeat=2, series=2, **first | {"preemptions": 12, "requests": 8, "looked_up_tokens": 1050}),
    ]
    assert counters_of(samples) == CounterFigures(
        source="GET /metrics",
        samples=5,
        requests=5,
        running_peak=4,
        waiting_peak=2,
        waiting_share=0.333333,
        kv_cache_peak=0.75,
        preemptions=3,
        cached_share=0.2,
        queue_mean_us=40,
    )


def test_counter_that_fell() -> None:
    """Where a counter fell, the server began anew: that sum is unknown, and those that did not fall are known."""
    samples = [
        counters(0, preemptions=5, output_tokens=900, requests=3, e2e_us=60),
        counters(1, preemptions=5, output_tokens=1000, requests=5, e2e_us=100),
        counters(2, preemptions=0, output_tokens=10, requests=6, e2e_us=120),
    ]
    found = counters_of(samples)
    assert found is not None
    assert (found.restarted, found.preemptions, found.e2e_mean_us) == (True, None, 20)


def test_a_series_that_cannot_tell() -> None:
    """One look is no difference, and a sum that lacks a part is not known."""
    found = counters_of([counters(0, preemptions=1), counters(1, preemptions=2), counters(0, series=2, preemptions=2)])
    assert found is not None
    assert (found.restarted, found.preemptions) == (False, None)


@given(st.lists(GROWTH, min_size=1, max_size=4), st.randoms())
def test_sums_do_not_depend_on_the_order_of_lines(series: list[list[int]], chance: object) -> None:
    """However samples are mixed, a sum is what each counter grew after the first look."""
    samples = [
        counters(at_us, series=number, repeat=number, preemptions=total)
        for number, steps in enumerate(series, 1)
        for at_us, total in enumerate(accumulate(steps))
    ]
    chance.shuffle(samples)  # type: ignore[attr-defined]  # a random.Random
    found = counters_of(samples)
    assert found is not None
    assert (found.preemptions, found.restarted) == (sum(sum(steps[1:]) for steps in series), False)


@given(st.lists(st.integers(0, 100), min_size=2, max_size=20))
def test_a_fall_is_always_told(values: list[int]) -> None:
    """A counter grows by what it says, or is known to have fallen: never a negative sum."""
    found = counters_of([counters(at_us, preemptions=value) for at_us, value in enumerate(values)])
    assert found is not None
    assert found.restarted == (values != sorted(values))
    assert found.preemptions == (None if found.restarted else values[-1] - values[0])


def test_spill() -> None:
    """What of a loaded model was off the graphics processors is the most that was seen."""
    sizes = [(100, 100), (100, 60), (100, 90), (90, 100)]
    found = counters_of([counters(model_bytes=whole, model_vram_bytes=fast, loaded=True) for whole, fast in sizes])
    assert found is not None
    assert (found.spilled_bytes, found.unloaded) == (40, False)


@pytest.mark.parametrize(
    ("loaded", "unloaded"),
    [
        ([None, None], None),
        ([False, False, True, True], False),
        ([False, True, False, True], True),
        ([True, False], True),
        ([False, False], True),
    ],
    ids=["not told", "loaded by the load", "in between", "at the end", "never loaded"],
)
def test_unloaded(loaded: list[bool | None], unloaded: bool | None) -> None:
    """A model that the load itself brought in was not unloaded; one that went away, or never came, was."""
    found = counters_of([counters(at_us, loaded=one) for at_us, one in enumerate(loaded)])
    assert found is not None
    assert found.unloaded is unloaded


def test_account() -> None:
    """Medians of the differences have a sign, the 95th percentiles are of their size."""
    events = [
        event(),
        event(server=timings(prompt_us=90 * MS, decode_us=1030 * MS)),
        event(server=timings(prompt_us=105 * MS, decode_us=990 * MS)),
    ]
    assert server_account(events) == ServerAccount(
        source="llama.cpp timings",
        n=3,
        ttft_us=2 * MS,
        ttft_p95_us=10 * MS,
        decode_us=-1 * MS,
        decode_p95_us=30 * MS,
        allowed_us=10 * MS,
        agrees=True,
    )


def test_the_wait_is_the_servers() -> None:
    """Queue and loading are part of the server's time to first token, where it tells them."""
    found = server_account([event(ttft_ms=700, server=timings(queue_us=100 * MS, load_us=500 * MS))])
    assert found is not None
    assert found.ttft_us == 2 * MS


def test_a_proxy_that_holds_answers_back() -> None:
    """An answer that comes at once at its end disagrees on both times."""
    found = server_account([event(ttft_ms=1100, decode_ms=1)])
    assert found is not None
    assert (found.ttft_us, found.decode_us, found.agrees) == (1002 * MS, -1000 * MS, False)


def test_what_is_allowed() -> None:
    """A tenth of the lesser median is allowed where it is more than 10 ms."""
    late = event(ttft_ms=500, server=timings(prompt_us=451 * MS))
    later = event(ttft_ms=500, server=timings(prompt_us=449 * MS))
    found, refused = server_account([late]), server_account([later])
    assert found is not None
    assert refused is not None
    assert (found.allowed_us, found.agrees, refused.agrees) == (50 * MS, True, False)


def test_a_wait_that_is_not_told() -> None:
    """A later first token is the wait's where requests may have waited and the server does not say how long."""

    def agrees(concurrency: int | None, *, sooner: bool = False, **changes: object) -> bool:
        rate = 2.0 if concurrency is None else None
        server = timings(prompt_us=(900 if sooner else 20) * MS)
        fields = {"concurrency": concurrency, "rate_per_s": rate, "server": server, **changes}
        found = server_account([event(**fields)])  # type: ignore[arg-type]  # fields of an event
        assert found is not None
        return found.agrees

    assert agrees(4)
    assert agrees(None)
    assert not agrees(1)
    assert not agrees(4, sooner=True)
    assert not agrees(4, server=timings(queue_us=0, prompt_us=20 * MS))
    assert not agrees(4, server=timings(prompt_us=20 * MS, decode_us=500 * MS))
    assert not agrees(4, chunks=1)


@pytest.mark.parametrize(
    "left_out",
    [
        event(phase="warmup"),
        event(fault=Fault(kind="timeout", message="late")),
        event(server=None),
        event(server=timings(prompt_us=None, decode_us=None, total_us=S)),
        event(ttft_ms=None),
    ],
    ids=["warm-up", "failed", "silent server", "another time", "first token unseen"],
)
def test_requests_that_do_not_count(left_out: RequestEvent) -> None:
    """Only answered, measured requests with both times are compared."""
    assert server_account([left_out]) is None
    found = server_account([event(), left_out])
    assert found is not None
    assert found.n == 1


def test_one_chunk_has_no_decoding() -> None:
    """An answer in one chunk tells nothing of the time between tokens."""
    found = server_account([event(chunks=1, decode_ms=0)])
    assert found is not None
    assert (found.n, found.ttft_us, found.decode_us, found.decode_p95_us) == (1, 2 * MS, None, None)


@given(st.lists(st.tuples(st.integers(0, 10**7), st.integers(0, 10**7)), min_size=1, max_size=60))
def test_equal_times_agree_and_the_middle_decides(pairs: list[tuple[int, int]]) -> None:
    """A client that sees what the server says agrees; the medians alone decide."""
    same = [event(ttft_ms=a / MS, decode_ms=b / MS, server=timings(prompt_us=a, decode_us=b)) for a, b in pairs]
    found = server_account(same)
    assert found is not None
    assert (found.ttft_us, found.ttft_p95_us, found.decode_us, found.agrees) == (0, 0, 0, True)
    outliers = [event(ttft_ms=60_000, server=timings(prompt_us=0)) for _ in pairs[1:]]
    mixed = server_account([*same, *outliers])
    assert mixed is not None
    assert mixed.ttft_us == 0


def test_means_are_compared_where_only_sums_are_told() -> None:
    """A runtime's sums give mean times, which count while it answered just what was asked."""
    asked = [event(phase="warmup", seq=0), event(seq=1), event(seq=2)]
    told = CounterFigures(source="GET /metrics", samples=2, requests=3, ttft_mean_us=95 * MS, e2e_mean_us=1090 * MS)
    account = mean_account(asked, told)
    assert account is not None
    assert (account.compared, account.n, account.ttft_us, account.decode_us) == ("means", 3, 5 * MS, 5 * MS)
    assert account.agrees
    late = mean_account(asked, told.model_copy(update={"ttft_mean_us": 80 * MS}))
    assert late is not None
    assert not late.agrees
    assert mean_account(asked, told.model_copy(update={"requests": 4})) is None
    assert mean_account(asked, told.model_copy(update={"ttft_mean_us": None})) is None
    assert mean_account(asked, None) is mean_account([], told) is None
