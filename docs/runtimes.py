"""What does the page of runtimes say, made from the registry of adapters?

Run this file to make `docs/runtimes.md` anew; `tests/test_docs.py` fails where it is stale.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from assay.runtime.adapters import ADAPTERS
from assay.runtime.observe import OBSERVABLE

if TYPE_CHECKING:
    from assay.runtime.adapters.adapter import Adapter
    from assay.runtime.dialect import Dialect
    from assay.schema.provenance import FactName

__all__ = ["PAGE", "page"]

PAGE = Path(__file__).with_name("runtimes.md")

MEANINGS: dict[FactName, str] = {
    "runtime": "what answers, told by its own marks",
    "runtime_version": "version or build of the runtime",
    "executed_at": "`this server`, or `elsewhere:` and the host that runs the model",
    "model_id": "name of the weights",
    "model_name_served": "name under which the server lists the model",
    "revision": "commit or digest that pins the weights",
    "weights_sha256": "SHA-256 of the weights, from the file",
    "weights_bytes": "size of the weights, from the file",
    "quantization": "how finely the weights are rounded; a label unless a file shows it",
    "tensor_types": "how many tensors there are of each type, from the file",
    "architecture": "family of the network",
    "parameters": "number of parameters",
    "license": "licence that is stated",
    "context_in_force": "tokens that one request may use now",
    "context_trained": "tokens that the model was trained for",
    "slots": "requests that are worked on at once",
    "chat_template_sha256": "SHA-256 of the chat template",
    "sampling_defaults": "what the server adds where a request says nothing",
    "request_sent": "what goes with every request beside model and messages",
    "memory_bytes": "memory that the runtime says it holds",
    "accelerator_memory_bytes": "the part of it on an accelerator",
    "kv_cache_tokens": "tokens that the whole KV cache holds",
    "kv_cache_use": "share of the KV cache that is in use at the moment",
    "requests_running": "requests being worked on at the moment",
    "requests_waiting": "requests that wait at the moment",
    "metrics_endpoint": "whether metrics are `open`, `closed`, or `needs key`",
    "health_endpoint": "whether a path tells the state without generating text",
    "authentication": "whether a key is `required`",
    "cors": "which web pages may read answers",
    "model_name_checked": "trap: a wrong model name is refused",
    "token_limit_honoured": "trap: an answer ends at the limit that was sent",
    "usage_in_streams": "trap: a stream ends with token counts",
    "schema_enforced": "trap: decoding is held to a JSON Schema",
    "repeatable": "trap: the same question at temperature 0 has the same answer, also beside others",
    "requests_isolated": "trap: an answer holds nothing of a request beside it",
    "prompt_kept_whole": "trap: a long prompt reaches the model uncut",
}
"""What each fact means."""

_LEAD = """\
# Runtimes

What Assay can and cannot observe of each runtime. This page is made from the adapters; run `python docs/runtimes.py`
after a change. A fact that cannot be observed stands in the record as unknown, with the reason; it never passes a pin.

A runtime is known by its own marks, whatever the plan calls it. `gateway` is any proxy that speaks OpenAI's protocol;
`chat-gateway` is the plain contract: `POST /chat` with `messages` and `model_policy`, answered by `trace_id runtime
model text latency_ms input_tokens output_tokens`, beside `GET /health`. Looking costs no generation:
`/health` of LiteLLM and SGLang is left alone. Of an answer only named fields are kept.
"""

_TRAPS = """\
## Traps

`assay probe URL --deep`, and every run unless its plan says `probes: {traps: false}`, asks the model some thirty short
questions and one long one, for what no endpoint tells. Each becomes a fact, `yes` or `no`, and a finding of the
checklist.
"""


def page() -> str:
    """Return the whole page."""
    parts = [_LEAD, "## At a glance\n", _matrix(), "## What each fact means\n", _meanings(), _TRAPS]
    parts += [_runtime(name, adapter) for name, adapter in ADAPTERS.items()]
    return "\n".join(parts)


def _matrix() -> str:
    rows = [("fact", *ADAPTERS), ("---", *("---" for _ in ADAPTERS))]
    rows += [
        (f"`{name}`", *("yes" if name in adapter.shows else "-" for adapter in ADAPTERS.values()))
        for name in OBSERVABLE
    ]
    return _table(rows)


def _meanings() -> str:
    return _table([("fact", "meaning"), ("---", "---"), *((f"`{name}`", text) for name, text in MEANINGS.items())])


def _runtime(name: str, adapter: Adapter) -> str:
    shown = [(f"`{fact}`", _cell(adapter.shows[fact])) for fact in OBSERVABLE if fact in adapter.shows]
    hidden = [(f"`{fact}`", _cell(adapter.cannot[fact])) for fact in OBSERVABLE if fact in adapter.cannot]
    return "\n".join(
        [
            f"## {name}\n",
            f"Known by {adapter.mark}.\n",
            f"Spoken to: {_dialect(adapter)}\n",
            _table([("observed", "where it stands"), ("---", "---"), *shown]),
            _table([("not observed", "why, and where else"), ("---", "---"), *hidden]),
        ]
    )


def _dialect(adapter: Adapter) -> str:
    own = adapter.dialect
    if own.contract == "plain-chat":
        return f"`POST /chat`, the limit as `{own.token_limit}`; no streams, so no time to a first token."
    schema = own.response_format({})
    thoughts = " or ".join(f"`{field}`" for field in own.reasoning_fields) or "none of its own"
    return (
        f"the limit as `{own.token_limit}`, a schema as `response_format` with "
        f"{', '.join(f'`{key}`' for key in schema)}, stop words as {own.stop_as}, the key in `{own.key_header}`; "
        f"reasoning is read from {thoughts}; a stream brings token counts "
        f"{_counting(own)}. Its list of models is "
        f"{'whole: a name that is not in it is a mistake' if adapter.lists_all else 'not taken for whole'}."
    )


def _counting(own: Dialect) -> str:
    if own.continuous_usage:
        return "on every chunk when asked"
    return "when asked" if own.stream_usage else "never"


def _table(rows: list[tuple[str, ...]]) -> str:
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
