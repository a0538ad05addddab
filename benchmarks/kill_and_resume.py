#!/usr/bin/env python3
"""Does a run that is killed again and again lose an answer, or ask for one twice?

A run of 2,000 cases is killed with SIGKILL at random moments and resumed each time; the server counts its requests.
Usage: python benchmarks/kill_and_resume.py [--kills 50] [--seed 1]
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from pathlib import Path

from eval_throughput import CASES, IN_FLIGHT, write_plan

DELAY_S = 1.0
"""How long the server takes: slow enough that there is something left to kill."""


def finished(folder: Path) -> list[dict]:
    """Return the whole lines of the only run's journal."""
    found = list(folder.glob("runs/*/trials.jsonl"))
    if not found:
        return []
    return [json.loads(line) for line in found[0].read_bytes().split(b"\n")[:-1]]


def asked(url: str) -> int:
    """Return how many requests the server had."""
    with urllib.request.urlopen(url.removesuffix("/v1") + "/stats") as answer:
        return json.load(answer)["requests"]


def start_up(command: list[str], folder: Path) -> float:
    """Return the seconds that the same command takes on one case, less the server's answer."""
    started = time.perf_counter()
    subprocess.run(command, cwd=folder, capture_output=True, check=True)
    return time.perf_counter() - started - DELAY_S


def kill_once(command: list[str], folder: Path, delay_s: float) -> str:
    """Start the run, kill it after some time, and return what it said."""
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        time.sleep(delay_s)
        process.kill()
        return process.stderr.read()


def main() -> None:
    """Kill, resume, count, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    script = Path(__file__).with_name("fixed_delay_server.py")
    server = subprocess.Popen(
        [sys.executable, script, "--delay-ms", str(1000 * DELAY_S)], stdout=subprocess.PIPE, text=True
    )
    url = server.stdout.readline().split()[-1]
    torn = lost = 0
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            single = write_plan(folder, url, 1)
            start_s = min(
                start_up([sys.executable, "-m", "assay", "eval", single.name, "--out", "one"], folder) for _ in "ab"
            )
            command = [sys.executable, "-m", "assay", "eval", write_plan(folder, url, CASES).name]
            for number in range(1, options.kills + 1):
                before = {row["case"] for row in finished(folder)}
                runs = list(folder.glob("runs/*/run.json"))
                more = ["--resume", str(runs[0].parent)] if runs else []
                said = kill_once([*command, *more], folder, start_s + chance.uniform(-0.1, 2 * DELAY_S))
                torn += "cut off a torn last line" in said
                after = Counter(row["case"] for row in finished(folder))
                lost += len(before - after.keys()) + sum(count - 1 for count in after.values())
                # A kill between two bytes is rare; half of these journals get a torn line by hand.
                if number % 2 and (found := list(folder.glob("runs/*/trials.jsonl"))):
                    with found[0].open("ab") as journal:
                        journal.write(b'{"candidate": "mock", "suite": "sums')
                print(f"kill {number}: {len(after)} of {CASES} on disk, {asked(url)} requests so far", flush=True)
            runs = list(folder.glob("runs/*/run.json"))
            ended = subprocess.run(
                [*command, "--resume", str(runs[0].parent)], cwd=folder, capture_output=True, text=True, check=False
            )
            rows = Counter(row["case"] for row in finished(folder))
            requests = asked(url)
    finally:
        server.terminate()
        server.wait()
    print(
        f"exit {ended.returncode}; {sum(rows.values())} trials, {len(rows)} cases, most for one: {max(rows.values())}"
    )
    print(f"lost or doubled: {lost}; torn lines said and mended: {torn + ('torn' in ended.stderr)}")
    most = options.kills * IN_FLIGHT
    print(f"requests beyond {CASES}: {requests - CASES}, at most {most} were in flight at the kills")


if __name__ == "__main__":
    main()
