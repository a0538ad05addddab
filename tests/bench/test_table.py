"""The table opens in a spreadsheet: one row a measurement, units in the names, nothing invented where nothing is."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from assay.bench import write_csv
from assay.schema.bench import Memory
from tests.bench.events import cell

if TYPE_CHECKING:
    from pathlib import Path

MEMORY = Memory(rss_peak_bytes=2**40, anonymous_peak_bytes=None, host_available_min_bytes=7, samples=3)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_row(tmp_path: Path) -> None:
    """Times are milliseconds, integers stay integers, and what is unknown or infinite is empty."""
    write_csv([cell(), cell(candidate="b", memory=MEMORY, tpot_p50_us=None)], tmp_path / "bench.csv")
    first, second = _rows(tmp_path / "bench.csv")
    assert {name: value for name, value in first.items() if value} == {
        "candidate": "a",
        "profile": "short",
        "concurrency": "1",
        "validity": "DEGRADED",
        "reasons": "1 of 10 requests failed (1 timeout); no warm-up request was sent before",
        "requests": "10",
        "failed": "1",
        "warmup": "2",
        "e2e_p50_ms": "1500.25",
        "e2e_p50_supported": "True",
        "e2e_p95_ms": "2000.0",
        "e2e_p95_supported": "False",
        "e2e_p99_supported": "False",
        "ttft_p50_ms": "100.0",
        "ttft_p50_supported": "True",
        "ttft_p95_ms": "200.0",
        "ttft_p95_supported": "False",
        "ttft_p99_supported": "False",
        "tpot_p50_ms": "20.0",
        "output_tokens_per_s": "47.5",
        "requests_per_s": "0.75",
        "prompt_tokens_p50": "60",
        "output_tokens_p50": "32",
        "truncated": "3",
    }
    changed = {name: value for name, value in second.items() if value != first[name]}
    assert changed == {
        "candidate": "b",
        "tpot_p50_ms": "",
        "rss_peak_bytes": "1099511627776",
        "host_available_min_bytes": "7",
        "memory_samples": "3",
    }


def test_every_figure_has_a_column(tmp_path: Path) -> None:
    """A table without rows still names its columns, and a full row fills every one of them."""
    write_csv([], tmp_path / "empty.csv")
    header = (tmp_path / "empty.csv").read_text("utf-8").splitlines()
    full = [figure.model_copy(update={"value_us": 1, "low_us": 1, "high_us": 1}) for figure in cell().e2e]
    memory = MEMORY.model_copy(update={"anonymous_peak_bytes": 5})
    write_csv([cell(e2e=full, ttft=full, cached_share=0.5, memory=memory)], tmp_path / "full.csv")
    (row,) = _rows(tmp_path / "full.csv")
    assert header == [",".join(row)]
    assert [name for name, value in row.items() if not value] == []
