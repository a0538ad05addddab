"""What do the runtimes' own sources say that speaks for or against them in a context?"""

from __future__ import annotations

from typing import Final

from assay.readiness.advice.lesson import FEW
from assay.readiness.advice.rule import Rule, fits, is_one_of, more_than, needs, no, yes

__all__ = ["RUNTIMES"]

_SERVED: Final = is_one_of("purpose", "internal", "public")

RUNTIMES: Final[dict[str, Rule]] = {
    "ollama-open": Rule(
        asks=(_SERVED,),
        says=needs("ollama", this=("a proxy that asks for a key, ends TLS and measures latency",)),
        reason="it has neither keys nor TLS nor metrics",
        sources=("ollama-routes",),
    ),
    "ollama-queue": Rule(
        asks=(_SERVED,),
        says=needs("ollama", this=("OLLAMA_MAX_QUEUE no higher than the service level bears",)),
        reason="512 requests wait before one is refused, with 503 and without Retry-After",
        sources=("ollama-routes",),
    ),
    "ollama-cuts": Rule(
        asks=(yes("long_prompts"),),
        says=needs(
            "ollama", this=("OLLAMA_CONTEXT_LENGTH for the longest prompt, and the check prompt-kept-whole met",)
        ),
        reason="its window is 4096 tokens below 23 GiB of GPU memory, and what is longer is cut with status 200",
        sources=("ollama-routes", "ollama-cut", "ollama-17889"),
    ),
    "ollama-cloud-models": Rule(
        asks=(no("data_may_leave"),),
        says=needs("ollama", this=("OLLAMA_NO_CLOUD=1, and the check executed-here met",)),
        reason="some models of its list are executed in a cloud",
        sources=("ollama-routes",),
    ),
    "llama.cpp-slots": Rule(
        asks=(more_than("peak_requests_at_once", FEW),),
        says=needs("llama.cpp", this=("-np for as many, and a context and memory that they can share",)),
        reason="it serves 4 at once unless it is told otherwise, and they share one KV cache",
        sources=("llama.cpp-server",),
    ),
    "llama.cpp-queue": Rule(
        asks=(_SERVED,),
        says=needs("llama.cpp", this=("a gateway that refuses what would wait too long",)),
        reason="it queues without a bound and never answers 429",
        sources=("llama.cpp-server",),
    ),
    "llama.cpp-metrics": Rule(
        asks=(_SERVED,),
        says=needs("llama.cpp", this=("--metrics, and latency measured by the gateway",)),
        reason="its metrics are off by default and hold no histogram, no first token and no use of the KV cache",
        sources=("llama.cpp-server", "llama.cpp-13660"),
    ),
    "llama.cpp-pages": Rule(
        asks=(_SERVED,),
        says=needs("llama.cpp", this=("--api-key, and --cors-origins with the pages that may call it",)),
        reason="by default any web page may call it with the user's credentials",
        sources=("llama.cpp-server",),
    ),
    "vllm-open-paths": Rule(
        asks=(_SERVED,),
        says=needs("vllm", this=("a gateway that passes on /v1 alone",)),
        reason="with --api-key it still answers /invocations, /metrics and /tokenize without one",
        sources=("vllm-58144", "vllm-server"),
    ),
    "vllm-queue": Rule(
        asks=(_SERVED,),
        says=needs("vllm", this=("--max-num-queued-reqs, or a gateway that refuses",)),
        reason="it refuses with 503 only where its queue is given a bound",
        sources=("vllm-server",),
    ),
    "port-while-loading": Rule(
        asks=(is_one_of("platform", "kubernetes"),),
        says=needs("vllm", "tgi", this=("a startup probe that bears refused connections while the model loads",)),
        reason="its port is not there before the model is loaded",
        sources=("vllm-server", "tgi-server"),
    ),
    "tgi-maintenance": Rule(
        asks=(),
        says=needs("tgi", this=("a plan for when its maintenance ends",)),
        reason="the teaching material (undated) still names it; its own README, of 2026-01-08, says that it is only "
        "maintained, and names vLLM, SGLang and llama.cpp instead",
        sources=("tgi-readme", "lesson-7"),
    ),
    "instead-of-tgi": Rule(
        asks=(is_one_of("platform", "huggingface", "kubernetes"),),
        says=fits("sglang", on=("a benchmark beside vLLM: the teaching material does not know it",)),
        reason="the README of TGI names it among those to take in its place",
        sources=("tgi-readme",),
    ),
    "tgi-open-paths": Rule(
        asks=(_SERVED,),
        says=needs("tgi", this=("a gateway that passes on the generation paths alone",)),
        reason="/info, /metrics and /chat_tokenize answer without the key, which it compares without regard to case",
        sources=("tgi-server",),
    ),
    "sglang-keys": Rule(
        asks=(_SERVED,),
        says=needs("sglang", this=("a gateway that passes on /v1 alone",)),
        reason="/server_info shows its keys in clear",
        sources=("sglang-37457", "sglang-server"),
    ),
    "sglang-processors": Rule(
        asks=(is_one_of("accelerator", "none"),),
        says=needs("sglang", this=("a Xeon with AMX, and its image built for that",)),
        reason="without an accelerator it runs on few processors",
        sources=("sglang-server",),
    ),
    "sglang-flags": Rule(
        asks=(_SERVED,),
        says=needs("sglang", this=("--enable-metrics and --max-queued-requests",)),
        reason="metrics and a bound of its queue are off by default",
        sources=("sglang-server",),
    ),
}
"""What sources and issues of the runtimes show, by name."""
