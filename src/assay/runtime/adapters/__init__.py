"""Which runtimes does Assay know, and who knows how to recognise, ask and speak to each of them?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.runtime.adapters import (
    azure,
    chat_gateway,
    gateway,
    litellm,
    llama_cpp,
    lm_studio,
    ollama,
    openai,
    sglang,
    tgi,
    vllm,
)
from assay.runtime.adapters.adapter import Adapter, Mark

if TYPE_CHECKING:
    from assay.runtime.adapters.asking import Server
    from assay.runtime.dialect import Dialect
    from assay.schema.suite import RuntimeName

__all__ = ["ADAPTERS", "Adapter", "dialect_of", "recognise"]

ADAPTERS: dict[RuntimeName, Adapter] = {
    "llama.cpp": llama_cpp.ADAPTER,
    "vllm": vllm.ADAPTER,
    "tgi": tgi.ADAPTER,
    "sglang": sglang.ADAPTER,
    "lm-studio": lm_studio.ADAPTER,
    "ollama": ollama.ADAPTER,
    "litellm": litellm.ADAPTER,
    "azure": azure.ADAPTER,
    "openai": openai.ADAPTER,
    "chat-gateway": chat_gateway.ADAPTER,
    "gateway": gateway.ADAPTER,
}
"""The runtimes in the order in which their marks are looked for.

The order matters. SGLang imitates Ollama's `/api/tags`, and llama.cpp's list of models has Ollama's shape, so both come
before Ollama; a gateway passes marks of what stands behind it on, so gateways come last.
"""


def dialect_of(runtime: RuntimeName) -> Dialect:
    """Return how a runtime wants to be spoken to."""
    return ADAPTERS[runtime].dialect


async def recognise(server: Server) -> tuple[RuntimeName, Mark] | None:
    """Return which runtime answers and by what it was recognised, or None."""
    for name, adapter in ADAPTERS.items():
        mark = await adapter.recognise(server)
        if mark is not None:
            return name, mark
    return None
