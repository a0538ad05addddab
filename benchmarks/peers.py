#!/usr/bin/env python3
r"""How long do other harnesses take for the same 2,000 sums from the same server, on the same machine, in one run?

Each is named by its executable, installed in a virtual environment of its own:
python benchmarks/peers.py --inspect PEERS/bin/inspect --lm-eval PEERS/bin/lm_eval --promptfoo NODE/.bin/promptfoo \
  --deepeval PEERS/bin/python
Each is given 64 requests in flight and told to show and save as little as it can while results stay on disk.
With --base-url they ask a server that is there already, in place of fixed_delay_server.py.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from eval_throughput import CASES, IDEAL_S, IN_FLIGHT, compiled, write_plan

INSPECT_TASK = """
from inspect_ai import Task, task
from inspect_ai.dataset import Sample
from inspect_ai.scorer import exact
from inspect_ai.solver import generate

@task
def sums():
    cases = [Sample(input=f"What is {n}+{n}? Answer with the number only.", target=str(2 * n)) for n in range(CASES)]
    return Task(dataset=cases, solver=generate(), scorer=exact())
"""

# Deepeval scores answers; asking is left to its user, whom its documentation shows with the openai library.
DEEPEVAL_SCRIPT = """
import asyncio, sys
from openai import AsyncOpenAI
from deepeval import evaluate
from deepeval.evaluate import AsyncConfig, DisplayConfig, CacheConfig
from deepeval.metrics import ExactMatchMetric
from deepeval.test_case import LLMTestCase

async def answers():
    client = AsyncOpenAI(base_url=sys.argv[1], api_key="none")
    slots = asyncio.Semaphore(IN_FLIGHT)
    async def ask(n):
        question = f"What is {n}+{n}? Answer with the number only."
        async with slots:
            said = await client.chat.completions.create(
                model="mock", messages=[{"role": "user", "content": question}], temperature=0, max_tokens=32)
        answer = said.choices[0].message.content
        return LLMTestCase(input=question, actual_output=answer, expected_output=str(2 * n))
    return await asyncio.gather(*(ask(n) for n in range(CASES)))

evaluate(
    asyncio.run(answers()), [ExactMatchMetric()],
    async_config=AsyncConfig(max_concurrent=IN_FLIGHT),
    display_config=DisplayConfig(show_indicator=False, print_results=False, file_output_dir="out"),
    cache_config=CacheConfig(write_cache=False),
)
"""

LM_EVAL_TASK = """
task: sums
dataset_path: json
dataset_kwargs: {data_files: {test: DATA}}
test_split: test
output_type: generate_until
doc_to_text: input
doc_to_target: expected
generation_kwargs: {until: [], max_gen_toks: 32, temperature: 0}
metric_list: [{metric: exact_match, aggregation: mean, higher_is_better: true}]
"""


def assay(folder: Path, url: str, _: str) -> list[str]:
    """Return Assay's own command."""
    return [sys.executable, "-m", "assay", "run", write_plan(folder, url, CASES).name]


def inspect(folder: Path, url: str, executable: str) -> list[str]:
    """Return inspect_ai's command."""
    (folder / "sums.py").write_text(INSPECT_TASK.replace("CASES", str(CASES)))
    os.environ |= {"MOCK_BASE_URL": url, "MOCK_API_KEY": "none"}
    flags = ["--max-connections", str(IN_FLIGHT), "--display", "none", "--no-log-realtime"]
    return [executable, "eval", "sums.py", "--model", "openai-api/mock/mock", *flags]


def lm_eval(folder: Path, url: str, executable: str) -> list[str]:
    """Return lm-eval's command."""
    (folder / "task").mkdir()
    rows = [{"input": f"What is {n}+{n}? Answer with the number only.", "expected": str(2 * n)} for n in range(CASES)]
    data = folder / "sums.jsonl"
    data.write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "task" / "sums.yaml").write_text(LM_EVAL_TASK.replace("DATA", str(data)))
    os.environ |= {"OPENAI_API_KEY": "none", "HF_HUB_OFFLINE": "1", "HF_HOME": str(folder / "hf")}
    model = f"base_url={url}/chat/completions,model=mock,num_concurrent={IN_FLIGHT},tokenized_requests=False"
    where = ["--include_path", "task", "--log_samples", "--output_path", "out"]
    chat = ["--apply_chat_template", "--tasks", "sums"]
    return [executable, "--model", "local-chat-completions", "--model_args", model, *chat, *where]


def promptfoo(folder: Path, url: str, executable: str) -> list[str]:
    """Return promptfoo's command."""
    config = {
        "prompts": ["What is {{n}}+{{n}}? Answer with the number only."],
        "providers": [
            {
                "id": "openai:chat:mock",
                "config": {"apiBaseUrl": url, "apiKey": "none", "temperature": 0, "max_tokens": 32},
            }
        ],
        "tests": [{"vars": {"n": n}, "assert": [{"type": "equals", "value": str(2 * n)}]} for n in range(CASES)],
    }
    (folder / "promptfooconfig.json").write_text(json.dumps(config))
    off = ("PROMPTFOO_DISABLE_TELEMETRY", "PROMPTFOO_DISABLE_UPDATE", "PROMPTFOO_DISABLE_REMOTE_GENERATION")
    os.environ |= dict.fromkeys(off, "1") | {"PROMPTFOO_CONFIG_DIR": str(folder / "config")}
    flags = ["--max-concurrency", str(IN_FLIGHT), "--no-cache", "--no-table", "--no-progress-bar", "-o", "out.jsonl"]
    return [executable, "eval", "-c", "promptfooconfig.json", *flags]


def deepeval(folder: Path, url: str, executable: str) -> list[str]:
    """Return the command of a script that uses deepeval; `executable` is its Python."""
    script = DEEPEVAL_SCRIPT.replace("IN_FLIGHT", str(IN_FLIGHT)).replace("CASES", str(CASES))
    (folder / "sums_deepeval.py").write_text(script)
    os.environ |= dict.fromkeys(("DEEPEVAL_TELEMETRY_OPT_OUT", "DEEPEVAL_UPDATE_WARNING_OPT_OUT"), "YES")
    os.environ |= {"DEEPEVAL_DISABLE_DOTENV": "1"}
    return [executable, "sums_deepeval.py", url]


def main() -> None:
    """Run each once and print its wall time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base-url")
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--inspect")
    parser.add_argument("--lm-eval")
    parser.add_argument("--promptfoo")
    parser.add_argument("--deepeval")
    options = parser.parse_args()
    compiled()
    server, url = None, options.base_url
    if url is None:
        script = Path(__file__).with_name("fixed_delay_server.py")
        server = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True)
        url = server.stdout.readline().split()[-1]
    wanted = {
        "assay": (assay, "assay"),
        "inspect_ai": (inspect, options.inspect),
        "lm-eval": (lm_eval, options.lm_eval),
        "promptfoo": (promptfoo, options.promptfoo),
        "deepeval": (deepeval, options.deepeval),
    }
    try:
        for name, (command, executable) in [*wanted.items()] * options.repeat:
            if executable is None:
                continue
            with tempfile.TemporaryDirectory() as folder:
                line = command(Path(folder), url, executable)
                started = time.perf_counter()
                ended = subprocess.run(line, cwd=folder, capture_output=True, text=True, check=False)
                wall = time.perf_counter() - started
            print(f"{name:<12} {wall:7.2f} s  {wall / IDEAL_S:6.1f} x the ideal  exit {ended.returncode}", flush=True)
            if ended.returncode not in {0, 1, 100}:
                print(ended.stderr[-800:])
    finally:
        if server is not None:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
