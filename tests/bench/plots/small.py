"""Which small plots stand in `expected/` for people to look at?

Run `python -m tests.bench.plots.small` at the top of the repository to make them anew, look at them in a browser, in
its light and in its dark scheme, and commit what looks right; a test fails where they are stale.
"""

from __future__ import annotations

from pathlib import Path

from assay.bench.plots import plots_of
from assay.schema.suite import Slo
from tests.bench.plots.measured import S, cell, events, ladder, load, samples

__all__ = ["EXPECTED", "small_plots"]

EXPECTED = Path(__file__).with_name("expected")


def small_plots() -> dict[str, str]:
    """Return one plot of each kind: two candidates, two loads, a few requests, one of them failed."""
    cells, ladders, requests, memory = [], [], [], []
    for candidate, slowness in (("qwen-vllm", 1.0), ("smollm2-llamacpp", 1.8)):
        own = []
        for concurrency in (1, 4):
            key = load(concurrency, candidate=candidate)
            latencies = [int(S * slowness * (0.5 + 0.1 * step + 0.1 * concurrency)) for step in range(8)]
            measured = events(key, [*latencies, None] if slowness > 1 and concurrency > 1 else latencies)
            own.append(cell(key, measured))
            requests += measured
            memory += samples(key, [900 * slowness + 20 * concurrency + step for step in range(4)])
        cells += own
        ladders.append(ladder(own, (40 / slowness, 100 / slowness), within_slo=4 if slowness == 1 else None))
    return plots_of(cells, ladders, requests, memory, {"short": Slo(e2e_p95_s=2, ttft_p95_s=0.4)})


if __name__ == "__main__":
    for _name, _text in small_plots().items():
        (EXPECTED / _name).write_text(_text, encoding="utf-8", newline="\n")
