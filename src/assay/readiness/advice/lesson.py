"""Which runtime does public teaching material choose for which context, and against which does it warn?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.readiness.advice.rule import (
    Rule,
    at_least,
    at_most,
    fits,
    is_one_of,
    more_than,
    needs,
    no,
    unfit,
    yes,
)

if TYPE_CHECKING:
    from assay.readiness.advice.advice import Advised

__all__ = ["FEW", "LESSON", "MANY"]

FEW: Final = 4
"""Requests at once up to which traffic is low: the slots that llama.cpp's server has unless it is told otherwise."""
MANY: Final = 16
"""Requests at once from which on throughput decides: four times as many; between the two only measuring tells."""

_LOCAL: Final[tuple[Advised, ...]] = ("ollama", "llama.cpp", "vllm", "tgi", "sglang", "lm-studio")
_SERVERS: Final[tuple[Advised, ...]] = ("ollama", "llama.cpp", "vllm", "tgi", "sglang")
_ON_GPU: Final[tuple[Advised, ...]] = ("vllm", "tgi", "sglang")
_AGREED: Final = (
    "an agreement on where data go and how long they are kept",
    "the cost of the expected tokens, worked out",
)

LESSON: Final[dict[str, Rule]] = {
    # The table of contexts, row by row.
    "learn-in-an-hour": Rule(
        asks=(is_one_of("purpose", "learning"),),
        says=fits("ollama", "lm-studio"),
        reason="it is set up within the hour and asks for hardly any operations",
        sources=("lesson-7",),
    ),
    "develop-offline": Rule(
        asks=(is_one_of("purpose", "prototype", "development"), yes("offline")),
        says=fits("ollama"),
        reason="its OpenAI-compatible endpoint is easy to run on a developer's machine without a network",
        sources=("lesson-7",),
    ),
    "apple-laptop": Rule(
        asks=(is_one_of("place", "laptop"), is_one_of("accelerator", "apple")),
        says=fits("llama.cpp", "ollama"),
        reason="GGUF weights and Metal serve a laptop of Apple's well",
        sources=("lesson-7",),
    ),
    "edge-without-gpu": Rule(
        asks=(is_one_of("place", "edge"), is_one_of("accelerator", "none", "other")),
        says=fits("llama.cpp"),
        reason="with quantized GGUF weights it needs little memory and is easy to pack for a device",
        sources=("lesson-7",),
    ),
    "internal-few": Rule(
        asks=(is_one_of("purpose", "internal"), at_most("peak_requests_at_once", FEW)),
        says=fits("ollama", on=("a gateway before it", "a benchmark whose p95 keeps the service level")),
        reason="for low traffic inside ({peak_requests_at_once} at once) the simple runtime is enough",
        sources=("lesson-7", "lesson-6", "assay"),
    ),
    "chat-many": Rule(
        asks=(is_one_of("work", "chat", "retrieval"), at_least("peak_requests_at_once", MANY)),
        says=fits("vllm"),
        reason="its scheduler and batching are made for many users at once ({peak_requests_at_once})",
        sources=("lesson-7", "assay"),
    ),
    "team-platform": Rule(
        asks=(is_one_of("platform", "huggingface", "kubernetes"),),
        says=fits("vllm", "tgi"),
        reason="it goes into what the team already serves with ({platform})",
        sources=("lesson-7", "lesson-6"),
    ),
    "batch": Rule(
        asks=(is_one_of("work", "batch"),),
        says=fits("vllm", "tgi"),
        reason="batching gives steady work in the background the most tokens for its cost",
        sources=("lesson-7",),
    ),
    "data-stays": Rule(
        asks=(no("data_may_leave"),),
        says=fits("vllm", "tgi", "llama.cpp"),
        reason="served by the team itself, network and place of the data stay in its hands",
        sources=("lesson-7", "lesson-2"),
    ),
    "data-stays-no-cloud": Rule(
        asks=(no("data_may_leave"),),
        says=unfit("cloud"),
        reason="prompts would leave the network that the team controls",
        sources=("lesson-7", "lesson-2"),
    ),
    "best-quality-now": Rule(
        asks=(yes("needs_best_quality"),),
        says=fits("cloud", on=_AGREED),
        reason="the best quality now is served by others; a hybrid sends them only what may leave",
        sources=("lesson-7", "lesson-6"),
    ),
    "best-quality-shown": Rule(
        asks=(yes("needs_best_quality"),),
        says=needs(*_LOCAL, this=("a golden set that it passes beside a cloud baseline",)),
        reason="a small local model may not reach the quality yet",
        sources=("lesson-7", "lesson-10"),
    ),
    # The matrix of runtimes.
    "own-machine": Rule(
        asks=(is_one_of("purpose", "prototype", "development"),),
        says=fits("ollama", "lm-studio"),
        reason="it lets people try and judge models by hand at once",
        sources=("lesson-6", "lesson-4e"),
    ),
    "small-production": Rule(
        asks=(is_one_of("purpose", "public"), at_most("peak_requests_at_once", FEW)),
        says=fits("ollama", on=("a gateway and monitoring around it",)),
        reason="small production is within its reach ({peak_requests_at_once} at once)",
        sources=("lesson-6", "assay"),
    ),
    "edge": Rule(
        asks=(is_one_of("place", "edge"),),
        says=fits("llama.cpp"),
        reason="it has few dependencies and runs in little memory",
        sources=("lesson-6", "lesson-4e"),
    ),
    "embedded": Rule(
        asks=(is_one_of("work", "embedded"),),
        says=fits("llama.cpp"),
        reason="it can be shipped inside a device or product",
        sources=("lesson-6",),
    ),
    "without-nvidia": Rule(
        asks=(is_one_of("accelerator", "none", "apple"),),
        says=fits("llama.cpp"),
        reason="it needs no NVIDIA device (accelerator {accelerator})",
        sources=("lesson-6", "lesson-5"),
    ),
    "gpu-server": Rule(
        asks=(is_one_of("accelerator", "nvidia"), is_one_of("place", "server", "cluster", "cloud")),
        says=fits("vllm"),
        reason="on NVIDIA's graphics processors it is a strong server for production",
        sources=("lesson-6",),
    ),
    "cloud-allowed": Rule(
        asks=(yes("data_may_leave"),),
        says=fits("cloud", on=_AGREED),
        reason="it is the shortest way to quality with a service level, where data may leave",
        sources=("lesson-6",),
    ),
    # What it warns of.
    "gpu-runtimes-without-gpu": Rule(
        asks=(is_one_of("accelerator", "none", "apple"),),
        says=needs("vllm", "tgi", this=("its build for processors, measured with this model",)),
        reason="it is chosen for throughput on NVIDIA's devices (accelerator {accelerator})",
        sources=("lesson-6", "vllm-server", "tgi-intel"),
    ),
    "another-gpu": Rule(
        asks=(is_one_of("accelerator", "amd", "other"),),
        says=needs("vllm", "tgi", this=("its build for this accelerator, measured with this model",)),
        reason="NVIDIA's devices are what it mostly runs on (accelerator {accelerator})",
        sources=("lesson-6",),
    ),
    "many-at-once-simple": Rule(
        asks=(at_least("peak_requests_at_once", MANY),),
        says=needs("ollama", this=("a p95 measured at this many at once that keeps the service level",)),
        reason="it is no default for many users at once ({peak_requests_at_once})",
        sources=("lesson-5", "assay"),
    ),
    "many-at-once-build": Rule(
        asks=(at_least("peak_requests_at_once", MANY),),
        says=needs("llama.cpp", this=("gateway, queue, metrics, replicas and load balancing of your own",)),
        reason="to serve {peak_requests_at_once} at once the team builds around it what it lacks",
        sources=("lesson-5", "lesson-6", "assay"),
    ),
    "several-at-once": Rule(
        asks=(more_than("peak_requests_at_once", FEW), at_most("peak_requests_at_once", MANY - 1)),
        says=needs("ollama", "llama.cpp", this=("a p95 measured at this many at once that keeps the service level",)),
        reason="{peak_requests_at_once} at once are neither few nor many: only measuring tells",
        sources=("lesson-10", "assay"),
    ),
    "cluster-simple": Rule(
        asks=(is_one_of("place", "cluster"), is_one_of("purpose", "internal", "public")),
        says=needs("ollama", this=("several replicas behind a gateway, and the metrics of that gateway",)),
        reason="replicas, scaling and full metrics are not what it is for",
        sources=("lesson-5",),
    ),
    "chat-on-processors": Rule(
        asks=(is_one_of("accelerator", "none"), is_one_of("work", "chat", "retrieval")),
        says=needs("llama.cpp", "ollama", this=("a p95 measured with the real model and prompts",)),
        reason="a large model on processors alone may be too slow for people who wait",
        sources=("lesson-5",),
    ),
    "operate-gpu": Rule(
        asks=(is_one_of("purpose", "internal", "public"),),
        says=needs(*_ON_GPU, this=("people who plan GPU memory, context length and batches, and who roll out",)),
        reason="it asks for more operations than the simple runtimes",
        sources=("lesson-5", "lesson-6"),
    ),
    "desktop-only": Rule(
        asks=(is_one_of("purpose", "internal", "public"),),
        says=unfit("lm-studio"),
        reason="it is a closed desktop tool: keys are off by default, and it has neither TLS nor metrics",
        sources=("lesson-5", "lesson-6", "lm-studio-docs"),
    ),
    "offline-no-cloud": Rule(
        asks=(yes("offline"),),
        says=unfit("cloud"),
        reason="without a network it cannot be reached",
        sources=("lesson-2",),
    ),
    "offline-bundle": Rule(
        asks=(yes("offline"),),
        says=fits("llama.cpp", on=("weights, settings, golden set and the way back in one bundle",)),
        reason="one file of weights and few dependencies travel well to a place without a network",
        sources=("lesson-6", "lesson-2"),
    ),
    "others-use-it": Rule(
        asks=(is_one_of("purpose", "internal", "public"),),
        says=needs(*_SERVERS, this=("a gateway with keys, timeouts, limits, a fallback and logs without prompts",)),
        reason="an OpenAI-compatible endpoint alone is no service for others",
        sources=("lesson-10",),
    ),
    "public-traffic": Rule(
        asks=(is_one_of("purpose", "public"),),
        says=needs(*_SERVERS, "cloud", this=("limits for each user, monitoring and a review of security",)),
        reason="anybody can reach it",
        sources=("lesson-4e",),
    ),
    "low-traffic-cost": Rule(
        asks=(at_most("peak_requests_at_once", FEW), yes("data_may_leave")),
        says=fits("cloud", on=_AGREED),
        reason="for low traffic ({peak_requests_at_once} at once) it mostly costs less than own hardware and its care",
        sources=("lesson-2", "assay"),
    ),
    "gguf-quality": Rule(
        asks=(is_one_of("weights", "gguf"),),
        says=fits("llama.cpp", "ollama", on=("a golden set passed with this very quantization",)),
        reason="GGUF weights are its own format",
        sources=("lesson-5", "lesson-6"),
    ),
    "gguf-elsewhere": Rule(
        asks=(is_one_of("weights", "gguf"),),
        says=needs("vllm", "tgi", this=("weights in a format that it serves fast, with the quality measured anew",)),
        reason="not every quantization suits every runtime",
        sources=("lesson-4", "lesson-5"),
    ),
    "safetensors-elsewhere": Rule(
        asks=(is_one_of("weights", "safetensors"),),
        says=needs(
            "llama.cpp", "ollama", "lm-studio", this=("weights made into GGUF, with the quality measured anew",)
        ),
        reason="it serves GGUF weights",
        sources=("lesson-4", "lesson-5"),
    ),
}
"""The teaching material's choices and warnings, by name."""
