"""What is decided on: a model with its runtime and settings at an address, and what the plan says it is?"""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field, JsonValue, model_validator

from assay.schema._base import Noun

__all__ = ["Candidate", "Pins", "RequestSettings", "Role", "RuntimeName"]

RuntimeName = Literal[
    "ollama",
    "llama.cpp",
    "vllm",
    "tgi",
    "lm-studio",
    "sglang",
    "openai",
    "azure",
    "litellm",
    "gateway",
    "chat-gateway",
]
"""What serves a model. `gateway` is any proxy that speaks OpenAI's protocol, `chat-gateway` the plain contract
`POST /chat` with `messages` and `model_policy`."""
Role = Literal["dev", "production", "fallback", "baseline", "judge"]
_ID = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"


class RequestSettings(Noun):
    """What is sent with every request; nothing is left to the server's defaults."""

    temperature: float = Field(default=0.0, ge=0)
    """Sampling temperature; 0 is greedy decoding."""
    top_p: float = Field(default=1.0, gt=0, le=1)
    """Nucleus sampling share."""
    max_tokens: int = Field(default=256, ge=1)
    """Longest answer in tokens."""
    seed: int = 7
    """Sampling seed."""
    timeout_s: float = Field(default=30.0, gt=0)
    """Deadline of one attempt in seconds."""
    max_retries: int = Field(default=2, ge=0, le=10)
    """Further attempts after one that a retry can help."""
    response_format: Literal["free", "case_schema"] = "free"
    """`case_schema` holds decoding to the case's JSON Schema, where the case has one."""
    token_limit_field: Literal["max_tokens", "max_completion_tokens"] | None = None
    """Field that carries `max_tokens` on the wire; None takes the one that the runtime is known to honour."""


class Pins(Noun):
    """What the plan says the candidate is; each is compared with what is observed."""

    model_id: str | None = None
    """Name of the model, as `organization/name`."""
    revision: str | None = None
    """Commit or digest of the weights."""
    license: str | None = None
    """Licence of the weights."""
    quantization: str | None = None
    """Quantization label, for example `Q4_K_M`."""
    runtime_version: str | None = None
    """Version of the runtime."""
    max_context_tokens: int | None = Field(default=None, ge=1)
    """Context window in tokens that one request may use."""


def _runtime_is_optional(schema: dict[str, JsonValue]) -> None:
    """Say in the JSON Schema what `_embedded_is_llama_cpp` does."""
    required = schema.get("required")
    if isinstance(required, list):
        required.remove("runtime")


class Candidate(Noun):
    """Model, weights, quantization, runtime and settings at an address: what is decided on."""

    model_config = ConfigDict(json_schema_extra=_runtime_is_optional)

    id: str = Field(pattern=_ID)
    """Name of the candidate in this plan."""
    runtime: RuntimeName
    """What serves it; `llama.cpp` when `embedded` is given."""
    base_url: str | None = None
    """Address up to and with `/v1`; None when embedded."""
    embedded: str | None = None
    """Name of a model that Assay starts itself."""
    model: str | None = None
    """Model name sent with each request; None takes the only one that the server lists."""
    api_key_env: str | None = None
    """Name of the environment variable that holds the key; never the key."""
    request: RequestSettings = RequestSettings()
    """What is sent with every request."""
    concurrency: int | None = Field(default=None, ge=1, le=1024)
    """Most requests in flight at once while cases are asked; None takes the slots that the server shows, or 4."""
    weights: str | None = None
    """Path of the weights: a GGUF file, a Hugging Face folder, an Ollama manifest or an Ollama store."""
    pins: Pins = Pins()
    """What the plan says the candidate is."""
    roles: tuple[Role, ...] = ()
    """What it is meant for; a candidate with role `judge` alone is asked only as a judge."""

    @model_validator(mode="before")
    @classmethod
    def _embedded_is_llama_cpp(cls, value: object) -> object:
        if isinstance(value, dict) and value.get("embedded") is not None and "runtime" not in value:
            return {**value, "runtime": "llama.cpp"}
        return value

    @model_validator(mode="after")
    def _one_address(self) -> Candidate:
        if (self.base_url is None) == (self.embedded is None):
            message = "give exactly one of base_url and embedded"
            raise ValueError(message)
        return self
