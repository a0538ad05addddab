"""Which paths of each runtime generate text, and which manage it or show what is inside?

Read from the runtimes' own sources and documents; where the source says which paths its key guards, that stands beside
them. A gateway may pass any of them through, so for one that is not recognised a short list of all is tried.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import JsonValue

    from assay.schema.suite import RuntimeName

__all__ = ["CHAT", "GENERATING", "MANAGING", "Door", "Inner", "body_for"]

CHAT: Final = "/v1/chat/completions"
"""Where a chat goes."""


@dataclass(frozen=True)
class Door:
    """A path that takes what a user asks."""

    path: str
    """The path; `{model}` stands for the model's name."""
    method: Literal["GET", "POST"] = "POST"
    """HTTP method."""
    generates: bool = True
    """Whether the caller's text is put to the model; paths that only count its tokens, or generate nothing of the
    caller's, do not."""


@dataclass(frozen=True)
class Inner:
    """A path that is meant for those who run the server."""

    path: str
    """The path."""
    kind: Literal["manages", "shows", "tells"]
    """`manages` changes models or settings, `shows` prompts, paths or settings, `tells` counts, versions and names."""
    method: Literal["GET", "POST", "DELETE"] = "GET"
    """HTTP method; the others than GET are sent without a body, which each of these paths refuses before it acts."""


def _doors(*paths: str) -> tuple[Door, ...]:
    return tuple(Door(path) for path in paths)


def _inner(kind: Literal["manages", "shows", "tells"], *asked: str) -> tuple[Inner, ...]:
    split = (own.rpartition(" ") for own in asked)
    return tuple(
        Inner(path, kind, "DELETE" if method == "DELETE" else "POST" if method else "GET") for method, _, path in split
    )


_OPENAI = _doors(CHAT, "/v1/completions", "/v1/embeddings", "/v1/responses", "/v1/messages")
_COUNTS = (Door("/tokenize", generates=False),)
_PASSED_THROUGH = (
    *_doors("/invocations", "/completion", "/generate", "/api/generate", "/api/chat"),
    *_COUNTS,
)

GENERATING: Final[dict[RuntimeName, tuple[Door, ...]]] = {
    "ollama": (
        *_doors(CHAT, "/v1/completions", "/v1/responses", "/v1/messages"),
        *_doors("/api/generate", "/api/chat", "/api/embed"),
    ),
    "llama.cpp": (
        *_OPENAI,
        *_doors("/chat/completions", "/completion", "/completions", "/infill", "/embedding", "/api/chat"),
    ),
    # Its key guards /v1, /v2, /inference and /cohere alone.
    "vllm": (
        *_OPENAI,
        *_doors("/invocations", "/pooling", "/score", "/classify", "/rerank", "/generative_scoring"),
        *_doors("/inference/v1/generate"),
        *_COUNTS,
    ),
    # Its key guards what generates; counting tokens is open.
    "tgi": (
        *_doors(CHAT, "/v1/completions", "/", "/generate", "/generate_stream", "/invocations"),
        *_COUNTS,
        Door("/chat_tokenize", generates=False),
    ),
    # Its key guards everything but what begins with /health, /ready and /metrics.
    "sglang": (
        *_OPENAI,
        *_doors("/generate", "/encode", "/classify", "/v1/rerank", "/invocations", "/api/chat", "/api/generate"),
        *_COUNTS,
        Door("/health_generate", method="GET", generates=False),
    ),
    "lm-studio": (*_OPENAI, *_doors("/api/v0/chat/completions", "/api/v0/completions", "/api/v1/chat")),
    "litellm": (
        *_OPENAI,
        *_doors("/chat/completions", "/completions", "/v1/rerank", "/engines/{model}/chat/completions"),
        *_doors("/openai/deployments/{model}/chat/completions"),
    ),
    "openai": _OPENAI[:4],
    "azure": _OPENAI[:4],
    "gateway": (*_OPENAI, *_PASSED_THROUGH),
    "chat-gateway": (*_doors("/chat"), *_OPENAI, *_PASSED_THROUGH),
}
"""Paths that take what a user asks, the chat first."""

_PAGES = _inner("tells", "/metrics", "/version", "/openapi.json", "/docs")
_OF_ANY = (
    *_inner("manages", "POST /api/pull", "POST /v1/load_lora_adapter", "POST /model/new"),
    *_inner("shows", "/slots", "/props", "/api/tags", "/api/ps", "/server_info", "/model/info"),
    *_PAGES,
    *_inner("tells", "/info", "/nginx_status"),
)

MANAGING: Final[dict[RuntimeName, tuple[Inner, ...]]] = {
    # A request without a body is refused as `missing request body` (server/routes.go), so nothing is pulled or deleted.
    "ollama": (
        *_inner("manages", "POST /api/pull", "POST /api/create", "POST /api/copy", "DELETE /api/delete"),
        *_inner("shows", "/api/tags", "/api/ps", "POST /api/show"),
        *_inner("tells", "/api/version", "/v1/models"),
    ),
    # What POST to /slots, /props and /lora-adapters would change is behind the same guard as what GET reads.
    "llama.cpp": (
        *_inner("shows", "/slots", "/props", "/lora-adapters"),
        *_inner("tells", "/metrics", "/models", "/v1/models"),
    ),
    # /is_sleeping is there in developer mode alone, and then /sleep and /collective_rpc are too.
    "vllm": (
        *_inner("manages", "POST /v1/load_lora_adapter", "/is_sleeping"),
        *_inner("shows", "/server_info", "/tokenizer_info"),
        *_inner("tells", "/load", "/v1/models"),
        *_PAGES,
    ),
    "tgi": _inner("tells", "/info", "/metrics", "/docs", "/v1/models"),
    # Its /server_info holds keys in clear. GET /flush_cache and /start_profile act: they are never asked.
    "sglang": (
        *_inner("manages", "POST /load_lora_adapter", "POST /update_weights_from_disk"),
        *_inner("shows", "/server_info", "/get_server_info"),
        *_inner("tells", "/model_info", "/v1/models", "/metrics", "/openapi.json"),
    ),
    "lm-studio": (
        *_inner("manages", "POST /api/v1/models/load", "POST /api/v1/models/unload", "POST /api/v1/models/download"),
        *_inner("shows", "/api/v0/models", "/api/v1/models"),
        *_inner("tells", "/v1/models"),
    ),
    # /health makes a billable completion on every deployment, POST /key/generate needs no body: they are never asked.
    "litellm": (
        *_inner("manages", "POST /model/new", "POST /key/delete"),
        *_inner("shows", "/model/info", "/v1/model/info", "/health/readiness/details", "/key/list", "/key/info"),
        *_inner("shows", "/get/config/callbacks", "/global/spend"),
        *_inner("tells", "/routes", "/openapi.json", "/v1/models", "/metrics/"),
    ),
    "openai": (),
    "azure": (),
    "gateway": _OF_ANY,
    "chat-gateway": _OF_ANY,
}
"""Paths that are meant for those who run a server; a provider's own are none of ours."""

_NEW_TOKENS: Final[dict[str, JsonValue]] = {"max_new_tokens": 1}
_PROMPT = "1"


def _completion(model: str) -> dict[str, JsonValue]:
    return {"model": model, "prompt": _PROMPT, "max_tokens": 1, "n_predict": 1, "temperature": 0}


def _input(model: str) -> dict[str, JsonValue]:
    return {"model": model, "input": _PROMPT, "text": _PROMPT, "content": _PROMPT}


def _generate(_model: str) -> dict[str, JsonValue]:
    """Return a body that TGI reads by `inputs` and SGLang by `text`."""
    return {"inputs": _PROMPT, "parameters": _NEW_TOKENS, "text": _PROMPT, "sampling_params": _NEW_TOKENS}


def _ollama(model: str) -> dict[str, JsonValue]:
    return {"model": model, "prompt": _PROMPT, "stream": False, "options": {"num_predict": 1}}


def _response(model: str) -> dict[str, JsonValue]:
    # 16 is the least that OpenAI takes; what is answered shall not be kept.
    return {"model": model, "input": _PROMPT, "max_output_tokens": 16, "store": False}


def _rerank(model: str) -> dict[str, JsonValue]:
    return {"model": model, "query": _PROMPT, "documents": [_PROMPT]}


def _nothing(_model: str) -> dict[str, JsonValue]:
    """Return a body whose own fault shows that a request came past the guard."""
    return {}


_BODIES: Final[dict[str, Callable[[str], dict[str, JsonValue]]]] = {
    "/v1/completions": _completion,
    "/completion": _completion,
    "/completions": _completion,
    "/api/v0/completions": _completion,
    "/infill": lambda _model: {"input_prefix": _PROMPT, "input_suffix": _PROMPT, "n_predict": 1},
    "/v1/embeddings": _input,
    "/embedding": _input,
    "/pooling": _input,
    "/classify": _input,
    "/encode": _input,
    "/v1/responses": _response,
    "/api/v1/chat": _response,
    "/score": lambda model: {"model": model, "text_1": _PROMPT, "text_2": _PROMPT},
    "/rerank": _rerank,
    "/v1/rerank": _rerank,
    "/": _generate,
    "/generate": _generate,
    "/generate_stream": _generate,
    "/api/generate": _ollama,
    "/tokenize": lambda model: {"model": model, "prompt": _PROMPT, "content": _PROMPT, "inputs": _PROMPT},
    # Ollama could load the model once more to embed with it.
    "/api/embed": _nothing,
    "/generative_scoring": _nothing,
    "/inference/v1/generate": _nothing,
}
"""What asks for next to nothing, by path; the others take a chat."""


def body_for(door: Door, model: str, chat: dict[str, JsonValue]) -> tuple[str, JsonValue]:
    """Return where a request goes and the cheapest body that the path understands.

    Args:
        door: the path.
        model: the candidate's model, which is loaded already.
        chat: a chat with one question, answered by one token.
    """
    path = door.path.replace("{model}", quote(model, safe=""))
    if door.method == "GET":
        return path, None
    if door.path == "/api/chat":
        return path, {**chat, "stream": False, "options": {"num_predict": 1}}
    make = _BODIES.get(door.path)
    return path, chat if make is None else make(model)
