#!/usr/bin/env python3
"""How long does `assay run` take for 2,000 exact-match cases, over what the server itself needs?

The server answers in 20 ms, 64 requests are in flight: 2,000 / 64 x 20 ms = 0.63 s is the ideal. Start-up is measured
as the same command on one case. Usage: python benchmarks/eval_throughput.py [--base-url URL] [--repeat 5]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CASES, IN_FLIGHT, DELAY_S = 2_000, 64, 0.02
IDEAL_S = CASES / IN_FLIGHT * DELAY_S


def write_plan(folder: Path, base_url: str, cases: int) -> Path:
    """Write a plan with so many sums and return its path."""
    lines = (
        json.dumps(
            {"id": f"sum-{n}", "input": f"What is {n}+{n}? Answer with the number only.", "expected": str(2 * n)}
        )
        for n in range(cases)
    )
    (folder / f"sums{cases}.jsonl").write_text("\n".join(lines) + "\n")
    plan = {
        "schema": "assay/plan/v1",
        "use_case": {"id": "throughput"},
        "candidates": [
            {"id": "mock", "runtime": "openai", "base_url": base_url, "model": "mock", "concurrency": IN_FLIGHT}
        ],
        "suites": [{"cases": f"sums{cases}.jsonl", "scorers": ["exact"]}],
        "probes": {"traps": False},  # no peer looks for them
        "gate": {"conditions": [f"suite:sums{cases}.coverage >= 1"]},
    }
    path = folder / f"plan{cases}.yaml"
    path.write_text(json.dumps(plan))
    return path


def compiled() -> None:
    """Byte-compile Assay, as installing a wheel does: its peers were installed that way."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    code = "import compileall, assay; compileall.compile_dir(assay.__path__[0], quiet=1)"
    subprocess.run([sys.executable, "-c", code], check=True)


def timed(command: list[str], folder: Path) -> tuple[float, float]:
    """Return wall and processor seconds of a command that must end with GO."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base-url", help="an own server instead of fixed_delay_server.py")
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    compiled()
    server, base_url = None, options.base_url
    if base_url is None:
        script = Path(__file__).with_name("fixed_delay_server.py")
        server = subprocess.Popen([sys.executable, script, "--port", "0"], stdout=subprocess.PIPE, text=True)
        base_url = server.stdout.readline().split()[-1]
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            rows = {}
            for cases in (1, CASES):
                plan = write_plan(folder, base_url, cases)
                command = [sys.executable, "-m", "assay", "run", plan.name]
                rows[cases] = [timed(command, folder) for _ in range(options.repeat)]
    finally:
        if server is not None:
            server.terminate()
            server.wait()
    start = statistics.median(wall for wall, _ in rows[1])
    whole = statistics.median(wall for wall, _ in rows[CASES])
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, median of {options.repeat}")
    print(f"start-up (1 case)     {start:.2f} s wall, {statistics.median(cpu for _, cpu in rows[1]):.2f} s processor")
    processor = statistics.median(cpu for _, cpu in rows[CASES])
    print(f"{CASES} cases            {whole:.2f} s wall, {processor:.2f} s processor")
    print(f"over start-up         {whole - start:.2f} s = {(whole - start) / IDEAL_S:.2f} x the ideal {IDEAL_S:.3f} s")


if __name__ == "__main__":
    main()
