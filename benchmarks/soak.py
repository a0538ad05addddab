"""Does the benchmark's client stay flat in memory, and lose nothing, under a long load at a steady rate?

Starts a server with known timings and a truth log, sends it an open loop by `assay bench`, samples the resident memory
of that process, and compares every request, chunk and token with the server's own account:

    python benchmarks/soak.py --server "python mock_llm.py" --rate 40 --seconds 600

The server takes `--port --ttft-ms --itl-ms --tokens --truth` and answers `GET /flush` by writing its log out.
"""

from __future__ import annotations

import argparse
import json
import shlex
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import psutil

TTFT_MS, GAP_MS, TOKENS = 100, 20, 64


def main() -> None:
    """Run the load and print what it came to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", required=True, help="command of a server with known timings")
    parser.add_argument("--rate", type=float, default=40.0, help="requests due each second")
    parser.add_argument("--seconds", type=float, default=600.0, help="how long the load lasts")
    parser.add_argument("--every", type=float, default=5.0, help="seconds between two looks at the memory")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        port = _free_port()
        truth = folder / "truth.jsonl"
        timing = f"--port {port} --ttft-ms {TTFT_MS} --itl-ms {GAP_MS} --tokens {TOKENS} --truth {truth}"
        server = subprocess.Popen([*shlex.split(arguments.server), *timing.split()], stdout=subprocess.DEVNULL)
        try:
            _wait(port)
            plan = _plan(folder, port, arguments.rate, round(arguments.rate * arguments.seconds))
            memory = _run(folder, plan, arguments.every)
            urllib.request.urlopen(f"http://127.0.0.1:{port}/flush", timeout=10).read()
        finally:
            server.terminate()
            server.wait()
        _report(folder, truth, memory)


def _plan(folder: Path, port: int, rate: float, requests: int) -> Path:
    (folder / "sums.jsonl").write_text('{"id": "a", "input": "what is 1+1?", "expected": "2"}\n', "utf-8")
    plan = folder / "plan.yaml"
    plan.write_text(
        f"""schema: assay/plan/v1
use_case: {{id: soak}}
candidates:
  - {{id: known, runtime: gateway, base_url: "http://127.0.0.1:{port}/v1", model: mock, request: {{timeout_s: 60}}}}
suites: [{{cases: sums.jsonl, scorers: [exact]}}]
bench: {{profiles: [short], concurrency: [], rates: [{rate:g}], requests: {requests}, warmup: 20, self_test: false}}
probes: {{traps: false}}
gate: {{conditions: ["bench:short@{rate:g}/s.error_rate < 0.01"]}}
""",
        "utf-8",
    )
    return plan


def _run(folder: Path, plan: Path, every_s: float) -> list[tuple[float, int]]:
    """Run the benchmark and return seconds and resident bytes while the load lasted."""
    command = [sys.executable, "-m", "assay", "bench", str(plan), "--out", str(folder)]
    process = subprocess.Popen(command, stdout=sys.stderr)
    began, memory = time.monotonic(), []
    while process.poll() is None:
        journals = list(folder.glob("runs/*/requests.jsonl"))
        ended = list(folder.glob("runs/*/measurements.jsonl"))
        if journals and not ended:
            memory.append((time.monotonic() - began, psutil.Process(process.pid).memory_info().rss))
        time.sleep(every_s)
    if process.returncode:
        sys.exit(f"assay bench ended with {process.returncode}")
    return memory


def _report(folder: Path, truth: Path, memory: list[tuple[float, int]]) -> None:
    (journal,) = folder.glob("runs/*/requests.jsonl")
    with truth.open("rb") as lines:
        served = {row["id"]: row for row in map(json.loads, lines) if row["stream"]}
    seen = chunks = tokens = unknown = failed = 0
    errors: list[float] = []
    with journal.open("rb") as lines:
        for line in lines:
            row = json.loads(line)
            own = served.pop(row["response_id"], None)
            failed += row["fault"] is not None
            if own is None:
                unknown += 1
                continue
            seen += 1
            chunks += row["chunks"]
            tokens += row["output_tokens"] or 0
            error = (row["first_us"] - row["sent_us"]) * 1000 - (own["first_ns"] - own["arrive_ns"])
            errors.append(error / 1e6)
    errors.sort()
    print(f"requests seen {seen}, failed {failed}, not in the server's log {unknown}, never seen by us {len(served)}")
    print(f"chunks {chunks} and tokens {tokens} of {seen * TOKENS}")
    middle, high = errors[len(errors) // 2], errors[len(errors) * 99 // 100]
    print(f"TTFT less the server's: p50 {middle:+.2f} ms, p99 {high:+.2f} ms")
    marks = [memory[round(share * (len(memory) - 1))] for share in (0, 0.1, 0.25, 0.5, 0.75, 1)]
    print("resident MiB at seconds: " + ", ".join(f"{at:.0f}: {rss / 2**20:.1f}" for at, rss in marks))
    print(f"journal {journal.stat().st_size / 2**20:.1f} MiB")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int) -> None:
    ends = time.monotonic() + 20
    while time.monotonic() < ends:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    sys.exit("the server did not start")


if __name__ == "__main__":
    main()
