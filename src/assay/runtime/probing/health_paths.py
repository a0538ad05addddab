"""Which paths of a runtime tell how it is, what is known of them, and which must not be asked because they cost?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.schema.suite import RuntimeName

__all__ = ["NEVER_ASKED", "HealthPaths", "health_paths"]


@dataclass(frozen=True)
class HealthPaths:
    """Where a server tells how it is; none of these costs a generation."""

    live: tuple[str, ...] = ()
    """Paths that say whether the process works at all."""
    ready: tuple[str, ...] = ()
    """Paths that say whether it can take a request."""
    known: str = ""
    """What the runtime's source says about its readiness, a clause; empty where nothing is known."""
    blind: bool = False
    """Whether that is that it is called ready whatever becomes of the model behind it."""


NEVER_ASKED: Final[Mapping[RuntimeName, frozenset[str]]] = {
    # Makes a completion on every deployment (litellm/proxy/health_endpoints/_health_endpoints.py).
    "litellm": frozenset({"/health"}),
    # Both generate a token, and take a second (python/sglang/srt/entrypoints/http_server.py, health_generate).
    "sglang": frozenset({"/health", "/health_generate"}),
}
"""Paths that make the model work each time they are asked."""

_USUAL = HealthPaths(
    # Kubernetes' own (https://kubernetes.io/docs/reference/using-api/health-checks/), and what gateways have.
    live=("/livez", "/healthz", "/live", "/health/live", "/health", "/v1/health", "/ping"),
    ready=("/readyz", "/ready", "/health/ready", "/health/readiness"),
)
_OWN: Final[Mapping[RuntimeName, HealthPaths]] = {
    # tools/server/README.md, GET /health; while it loads every path answers so.
    "llama.cpp": HealthPaths(ready=("/health", "/v1/health"), known="llama.cpp answers 503 while it loads the model"),
    # vllm/entrypoints/openai/api_server.py: the engine is started before the socket listens.
    "vllm": HealthPaths(
        live=("/ping",),
        ready=("/health",),
        known="vLLM does not listen before the model is loaded, and answers 503 when its engine is dead",
    ),
    # router/src/server.rs, `health`.
    "tgi": HealthPaths(
        live=("/ping",),
        ready=("/health",),
        known="TGI does not listen before the model is loaded, and answers 503 when it cannot generate",
    ),
    # python/sglang/srt/entrypoints/http_server.py, `/ready`.
    "sglang": HealthPaths(ready=("/ready",), known="SGLang answers 503 there until the model is loaded"),
    # litellm/proxy/health_endpoints/_health_endpoints.py: only its own database is looked at.
    "litellm": HealthPaths(
        live=("/health/liveliness",),
        ready=("/health/readiness",),
        known="LiteLLM answers 200 there even when no server behind it answers",
        blind=True,
    ),
}


def health_paths(runtime: RuntimeName) -> HealthPaths:
    """Return where a runtime tells how it is; of one that has no such paths of its own, where gateways do."""
    return _OWN.get(runtime, _USUAL)
