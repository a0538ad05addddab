"""Which runtimes can be asked about themselves, and who knows how to ask each of them?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from assay.runtime.adapters import llama_cpp, ollama, vllm
from assay.runtime.adapters.asking import Server
from assay.runtime.adapters.generic import listing_only
from assay.runtime.dialect import Dialect
from assay.schema.provenance import Fact

if TYPE_CHECKING:
    from assay.schema.suite import RuntimeName

__all__ = ["ADAPTERS", "UNRECOGNISED", "Adapter", "dialect_of"]

Adapter = Callable[[Server, str | None], Awaitable[tuple[Fact, ...]]]
"""Asks a server about the model of that name (None: the only one) and returns facts, unknown ones with the reason."""

ADAPTERS: dict[RuntimeName, Adapter] = {
    "ollama": ollama.collect,
    "llama.cpp": llama_cpp.collect,
    "vllm": vllm.collect,
    # TGI puts its key before generation only, so an open list of models says nothing.
    "tgi": listing_only(health="/health", listing_guarded=False),
    "lm-studio": listing_only(),
    # SGLang and LiteLLM generate text when /health is asked; these paths cost nothing.
    "sglang": listing_only(health="/ready"),
    "gateway": listing_only(health="/health/liveliness"),
    "openai": listing_only(),
}
"""How each runtime is asked, by its name."""

UNRECOGNISED: Adapter = listing_only()
"""How a server is asked that did not show what it is."""


def dialect_of(runtime: RuntimeName) -> Dialect:
    """Return how a runtime wants to be spoken to."""
    return {"azure": Dialect(key_header="api-key")}.get(runtime, Dialect())
