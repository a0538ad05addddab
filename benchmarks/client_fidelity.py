#!/usr/bin/env python3
r"""What do streaming clients add to the times of a server, by the server's own account of the same requests?

The server is any command that takes `--port`, `--ttft-ms`, `--itl-ms`, `--tokens` and `--truth FILE`, streams chat
completions by that schedule, writes a line `{"id", "arrive_ns", "first_ns", "last_ns"}` for each answer to the file,
and saves it on `GET /flush`. Peers are given by their executables, each installed in a virtual environment of its own:
python benchmarks/client_fidelity.py --server "SERVER/bin/python server.py" --openai-python OPENAI/bin/python \
  --guidellm GUIDELLM/bin/guidellm

Every client keeps so many streams open in a closed loop, all streams begin within a second, and the first request of
each stream is a warm-up. An error is the client's figure of a request less the server's, matched by the answer's id:
time to first token from when the client says that it sent the request, time per token as the time from the first token
to the last over the tokens but one. The median is that of the errors, p99 that of their sizes. The openai library has
no stamps of its own; it is stamped before `create` and at each chunk with content, as its users do.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import shlex
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TTFT_MS, GAP_MS, TOKENS = 100.0, 20.0, 64
LEAST_REQUESTS, ROUNDS = 15, 3
DEADLINE_S = 240.0

ASSAY = """
import json, sys, time, uvloop
from assay.bench import BenchPrompt, CellSpec, Instruments, measure
from assay.runtime.stream import Streamer, StreamRequest
from assay.schema.bench import LoadKey
from assay.schema.suite import Message

async def main(url, streams, requests):
    events = []
    async with Streamer(time.perf_counter_ns) as streamer:
        async def send(asked):
            body = {"model": "mock", "messages": [{"role": "user", "content": asked.messages[0].content}]}
            return await streamer.send(StreamRequest(url, None, body, 60.0))
        load = LoadKey(candidate="mock", profile="short", concurrency=streams)
        spec = CellSpec(load=load, requests=requests, warmup=streams, series=1, repeat=1, nonce="n")
        ask = lambda n: BenchPrompt((Message(role="user", content=f"Question {n}"),), 64, None)
        await measure(spec, ask, send, Instruments(time.perf_counter_ns, events.append, lambda _: None))
    for event in events:
        if event.phase == "measured" and event.fault is None:
            ttft, decode = event.first_us - event.sent_us, event.last_us - event.first_us
            print(json.dumps([event.response_id, ttft / 1e3, decode / 1e3 / (event.output_tokens - 1)]))

uvloop.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
"""

OPENAI = """
import asyncio, json, sys, time
from openai import AsyncOpenAI

async def main(url, streams, requests):
    client = AsyncOpenAI(base_url=url, api_key="none", max_retries=0)
    async def ask(n):
        start, first, last, tokens = time.perf_counter(), None, None, 0
        stream = await client.chat.completions.create(
            model="mock", messages=[{"role": "user", "content": f"Question {n}"}], stream=True,
            stream_options={"include_usage": True})
        async for chunk in stream:
            if chunk.choices and chunk.choices[0].delta.content:
                last = time.perf_counter()
                first = first or last
            if chunk.usage:
                tokens = chunk.usage.completion_tokens
        return chunk.id, 1e3 * (first - start), 1e3 * (last - first) / (tokens - 1)
    async def work(position, numbers, found):
        await asyncio.sleep(position * min(0.02, 1 / streams))
        for n in numbers:
            found.append(await ask(n))
    for count in (streams, requests):
        numbers, found = iter(range(count)), []
        await asyncio.gather(*(work(position, numbers, found) for position in range(streams)))
    for row in found:
        print(json.dumps(row))

asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
"""


class Told(NamedTuple):
    """One request in one account."""

    name: str
    """The answer's id."""
    ttft_ms: float
    """Time to first token."""
    tpot_ms: float
    """Time per token after the first."""


class Errors(NamedTuple):
    """What a client added, in milliseconds, over the requests of one turn."""

    ttft_p50: float
    """Median error of the time to first token."""
    ttft_p99: float
    """99th percentile of the size of that error."""
    tpot_p50: float
    """Median error of the time per token."""
    missing: float
    """Requests of which the client has no account."""


Client = Callable[[str, int, int], list[Told]]
"""Measures the server at an address with so many streams and requests."""


def told(program: str, python: str) -> Client:
    """Return a client that is a program, which prints what it measured."""

    def measure(url: str, streams: int, requests: int) -> list[Told]:
        said = subprocess.run(
            [python, "-c", program, f"{url}/v1", str(streams), str(requests)],
            capture_output=True,
            check=True,
            text=True,
            timeout=DEADLINE_S,
        )
        return [Told(*json.loads(line)) for line in said.stdout.splitlines()]

    return measure


def guidellm(executable: str) -> Client:
    """Return GuideLLM as a client: its own report is read, the first request of each stream left out."""

    def measure(url: str, streams: int, requests: int) -> list[Told]:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            prompts, report, count = folder / "prompts.jsonl", folder / "report.json", streams + requests
            prompts.write_text("".join(json.dumps({"prompt": f"Question {n}"}) + "\n" for n in range(count)))
            command = [
                *(executable, "run", "--disable-console"),
                *("--backend", f"kind=openai_http,target={url},model=mock"),
                *("--profile", f"kind=concurrent,streams={streams},rampup_duration={min(0.02 * streams, 1.0)}"),
                *("--constraint", f"kind=max_requests,count={count}"),
                *("--data", f"kind=json_file,path={prompts}"),
                *("--output", f"kind=json,path={report}"),
            ]
            offline = {**os.environ, "HF_HUB_OFFLINE": "1"}
            subprocess.run(command, cwd=folder, env=offline, capture_output=True, check=True, timeout=DEADLINE_S)
            (benchmark,) = json.loads(report.read_text())["benchmarks"]
        found = sorted(benchmark["requests"]["successful"], key=lambda one: one["info"]["timings"]["request_start"])
        return [
            Told(one["response_id"], one["time_to_first_token_ms"], one["inter_token_latency_ms"])
            for one in found[streams:]
        ]

    return measure


@contextmanager
def serving(command: str, truth: Path) -> Iterator[str]:
    """Start the server and yield its address; at the end its account is on disk."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    schedule = ["--ttft-ms", str(TTFT_MS), "--itl-ms", str(GAP_MS), "--tokens", str(TOKENS)]
    server = subprocess.Popen(
        [*shlex.split(command), "--port", str(port), *schedule, "--truth", str(truth)], stdout=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(port)
        yield url
        urllib.request.urlopen(f"{url}/flush").read()
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()


def _wait(port: int) -> None:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionError:
            time.sleep(0.1)
        else:
            return
    sys.exit("the server does not listen")


def account(truth: Path) -> dict[str, Told]:
    """Return the server's account by the id of the answer."""
    found = {}
    for row in map(json.loads, truth.read_text().splitlines()):
        decode_ms = (row["last_ns"] - row["first_ns"]) / 1e6
        found[row["id"]] = Told(row["id"], (row["first_ns"] - row["arrive_ns"]) / 1e6, decode_ms / (TOKENS - 1))
    return found


def errors(seen: Sequence[Told], truth: dict[str, Told], requests: int) -> Errors:
    """Return what a client added over the requests that both know."""
    both = [(one, truth[one.name]) for one in seen if one.name in truth]
    if not both:
        return Errors(math.nan, math.nan, math.nan, requests)
    ttft = [own.ttft_ms - true.ttft_ms for own, true in both]
    tpot = [own.tpot_ms - true.tpot_ms for own, true in both]
    sizes = sorted(map(abs, ttft))
    worst = sizes[math.ceil(0.99 * len(sizes)) - 1]
    return Errors(statistics.median(ttft), worst, statistics.median(tpot), max(0, requests - len(both)))


def turn(command: str, measure: Client, streams: int) -> Errors:
    """Measure one client once, with a server of its own."""
    requests = max(ROUNDS * streams, LEAST_REQUESTS)
    with tempfile.TemporaryDirectory() as name:
        truth = Path(name) / "truth.jsonl"
        with serving(command, truth) as url:
            seen = measure(url, streams, requests)
        return errors(seen, account(truth), requests)


def version(python: Path, package: str) -> str:
    """Return the version of a package in the environment of a Python."""
    code = f"import importlib.metadata as m; print(m.version({package!r}))"
    return subprocess.run([python, "-c", code], capture_output=True, check=True, text=True).stdout.strip()


def clients(options: argparse.Namespace) -> dict[str, Client]:
    """Return the clients that were given, by name and version."""
    found = {f"Assay {version(Path(sys.executable), 'assay')}": told(ASSAY, sys.executable)}
    if options.openai_python:
        found[f"openai {version(options.openai_python, 'openai')}"] = told(OPENAI, str(options.openai_python))
    if options.guidellm:
        own = version(options.guidellm.absolute().with_name("python"), "guidellm")
        found[f"GuideLLM {own}"] = guidellm(str(options.guidellm))
    return found


def main() -> None:
    """Measure in turns and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", required=True, help="command of the server with known times")
    parser.add_argument("--openai-python", type=Path, help="a Python that has the openai library")
    parser.add_argument("--guidellm", type=Path, help="GuideLLM's command")
    parser.add_argument("--streams", type=int, nargs="+", default=[1, 16, 64, 128])
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    measured = clients(options)
    found: dict[tuple[int, str], list[Errors]] = {}
    for repeat in range(options.repeat):
        for streams in options.streams:
            for name in list(measured)[:: 1 if repeat % 2 == 0 else -1]:
                one = turn(options.server, measured[name], streams)
                found.setdefault((streams, name), []).append(one)
                print(f"{repeat + 1}: {streams} {name}: {' '.join(f'{value:.3f}' for value in one)}", file=sys.stderr)
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, median of {options.repeat}\n")
    print("| streams | client | TTFT p50 | TTFT p99 | time per token p50 | requests unseen |")
    print("|---|---|---|---|---|---|")
    for streams in options.streams:
        for name in measured:
            ttft, worst, tpot, missing = map(statistics.median, zip(*found[streams, name], strict=True))
            print(f"| {streams} | {name} | {ttft:+.2f} ms | {worst:.2f} ms | {tpot:+.3f} ms | {missing:g} |")


if __name__ == "__main__":
    main()
