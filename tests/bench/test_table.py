"""The table opens in a spreadsheet: one row a measurement, units in the names, nothing invented where nothing is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.bench import write_csv
from assay.schema.bench import CounterFigures, GpuMemory, Memory, ServerAccount
from tests.bench.events import cell, percentiles

if TYPE_CHECKING:
    from pathlib import Path

CARDS = tuple(
    GpuMemory(index=index, name="made up", used_peak_bytes=used, total_bytes=2**36, process_peak_bytes=None)
    for index, used in enumerate((5, 2**35))
)
FULL = cell(
    concurrency=None,
    arrivals="poisson",
    rate_per_s=2.5,
    cache="warm",
    n=300,
    e2e=percentiles(1_500_250, 2_000_000, 3_000_000, n=300, low_us=1_000_000, high_us=4_000_000),
    ttft=percentiles(100_000, 200_000, 300_000, n=300, low_us=90_000, high_us=400_000),
    tpot=percentiles(20_000, 30_000, 40_000, n=300, low_us=10_500, high_us=50_000),
    gap_p50_us=21_000,
    gap_p99_us=31_000,
    gap_max_us=910_001,
    tokens_per_chunk=1.25,
    sent_per_s=2.49,
    good=290,
    cached_share=0.5,
    lag_p99_us=1_234,
    other_cpu_share=0.02,
    spread=0.1,
    memory=Memory(
        rss_peak_bytes=2**40,
        anonymous_peak_bytes=5,
        pss_peak_bytes=6,
        host_available_min_bytes=7,
        gpus=CARDS,
        samples=3,
    ),
    counters=CounterFigures(source="GET /metrics", samples=9, kv_cache_peak=0.9, waiting_peak=4, preemptions=0),
    server=ServerAccount(
        source="llama.cpp timings",
        n=300,
        ttft_us=2_000,
        ttft_p95_us=4_000,
        decode_us=-1_000,
        decode_p95_us=3_000,
        allowed_us=10_000,
        agrees=True,
    ),
)
NOTHING = cell(
    n=0,
    failed=0,
    faults={},
    e2e=percentiles(None, None, None, n=0),
    ttft=(),
    tpot=(),
    output_tokens_per_s=None,
    requests_per_s=None,
    prompt_tokens_p50=None,
    output_tokens_p50=None,
    truncated=0,
    validity="INVALID",
    reasons=(),
)
HEADER = (
    "candidate,profile,arrivals,concurrency,rate_per_s,cache,validity,reasons,requests,planned,failed,warmup,"
    "e2e_p50_ms,e2e_p50_low_ms,e2e_p50_high_ms,e2e_p50_supported,"
    "e2e_p95_ms,e2e_p95_low_ms,e2e_p95_high_ms,e2e_p95_supported,"
    "e2e_p99_ms,e2e_p99_low_ms,e2e_p99_high_ms,e2e_p99_supported,"
    "ttft_p50_ms,ttft_p50_low_ms,ttft_p50_high_ms,ttft_p50_supported,"
    "ttft_p95_ms,ttft_p95_low_ms,ttft_p95_high_ms,ttft_p95_supported,"
    "ttft_p99_ms,ttft_p99_low_ms,ttft_p99_high_ms,ttft_p99_supported,"
    "tpot_p50_ms,tpot_p50_low_ms,tpot_p50_high_ms,tpot_p50_supported,"
    "tpot_p95_ms,tpot_p95_low_ms,tpot_p95_high_ms,tpot_p95_supported,"
    "tpot_p99_ms,tpot_p99_low_ms,tpot_p99_high_ms,tpot_p99_supported,"
    "gap_p50_ms,gap_p99_ms,gap_max_ms,tokens_per_chunk,output_tokens_per_s,requests_per_s,sent_per_s,within_slo,"
    "prompt_tokens_p50,output_tokens_p50,cached_share,truncated,client_late_p99_ms,other_cpu_share,spread,"
    "rss_peak_bytes,anonymous_peak_bytes,pss_peak_bytes,host_available_min_bytes,vram_peak_bytes,memory_samples,"
    "kv_cache_peak,waiting_peak,preemptions,server_ttft_difference_ms,server_agrees"
)
"""All columns; a spreadsheet of someone's finds them by name, so none is renamed without a word."""
FULL_ROW = (
    "a,short,poisson,,2.5,warm,DEGRADED,1 of 10 requests failed (1 timeout); no warm-up request was sent before,"
    "300,12,1,2,"
    "1500.25,1000.0,4000.0,True,2000.0,1000.0,4000.0,True,3000.0,1000.0,4000.0,True,"
    "100.0,90.0,400.0,True,200.0,90.0,400.0,True,300.0,90.0,400.0,True,"
    "20.0,10.5,50.0,True,30.0,10.5,50.0,True,40.0,10.5,50.0,True,"
    "21.0,31.0,910.001,1.25,47.5,0.75,2.49,290,60,32,0.5,3,1.234,0.02,0.1,"
    "1099511627776,5,6,7,34359738368,3,0.9,4,0,2.0,True"
)
EMPTY_ROW = ",".join(
    (
        *("a", "short", "closed", "1", "", "cold", "INVALID", "", "0", "12", "0", "2"),
        *("", "", "", "False") * 3,
        *[""] * 24,  # the other percentiles
        *[""] * 11,  # gaps, rates and tokens
        *("0", "", "", ""),
        *[""] * 11,  # memory, counters and the server's account
    )
)


def _lines(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines()


def test_whole_text_of_a_full_row(tmp_path: Path) -> None:
    """Times are milliseconds, integers stay integers, the fullest device counts, and every column is filled."""
    write_csv([FULL], tmp_path / "bench.csv")
    assert _lines(tmp_path / "bench.csv") == [HEADER, FULL_ROW]


def test_whole_text_of_an_empty_row(tmp_path: Path) -> None:
    """What is unknown or infinite is empty, and no figure becomes zero."""
    write_csv([NOTHING], tmp_path / "bench.csv")
    assert _lines(tmp_path / "bench.csv") == [HEADER, EMPTY_ROW]


def test_rows_beside_each_other(tmp_path: Path) -> None:
    """A row looks the same whatever stands beside it: an empty one turns no integer of another to a fraction."""
    path = tmp_path / "bench.csv"
    path.write_text("what was there before", "utf-8")
    write_csv([NOTHING, FULL, NOTHING], path)
    assert _lines(path) == [HEADER, EMPTY_ROW, FULL_ROW, EMPTY_ROW]


def test_no_rows(tmp_path: Path) -> None:
    """A table without rows still names its columns."""
    write_csv([], tmp_path / "bench.csv")
    assert _lines(tmp_path / "bench.csv") == [HEADER]
