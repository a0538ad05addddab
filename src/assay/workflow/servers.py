"""At which address, under which name and with which key does each candidate answer?"""

from __future__ import annotations

import asyncio
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay.errors import InputError, Problem
from assay.runtime.embedded import EmbeddedServer
from assay.runtime.observe import models_listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from assay.schema.suite import Candidate, Plan
    from assay.workflow.prepare import Prepared

__all__ = ["Address", "addresses"]

# These serve one model or a fixed list: a name that they do not list is a mistake, and some of them (llama.cpp,
# SGLang, LM Studio) would answer it all the same with another model. Cloud APIs and gateways list only in part.
_LIST_IS_WHOLE = frozenset({"ollama", "llama.cpp", "vllm", "sglang", "lm-studio"})


@dataclass(frozen=True)
class Address:
    """Where one candidate is asked."""

    base_url: str
    """Address up to and with `/v1`."""
    model: str
    """Model name to send."""
    key: str | None
    """Key, held in memory only."""
    pid: int | None
    """Process of the server, where Assay started it."""
    weights: Path | None
    """Weights file, where it is known."""


@contextmanager
def addresses(
    prepared: Prepared, candidates: Sequence[Candidate], environment: Mapping[str, str], logs: Path
) -> Iterator[dict[str, Address]]:
    """Start the embedded servers, reach all servers, and stop what was started on every way out.

    Yields:
        Addresses by candidate id.

    Raises:
        ServerError: a server cannot be started or reached.
        InputError: a key is refused, or a server does not know the model's name.
    """
    with ExitStack() as stack:
        embedded = {
            name: stack.enter_context(EmbeddedServer.start(name, slots, logs / f"{name}.log"))
            for name, slots in _slots(prepared.plan, candidates).items()
        }
        found: dict[str, Address] = {}
        for candidate in candidates:
            server = embedded.get(candidate.embedded or "")
            key = environment.get(candidate.api_key_env) if candidate.api_key_env else None
            base_url = server.base_url if server is not None else (candidate.base_url or "").rstrip("/")
            weights = server.weights if server is not None else prepared.weights.get(candidate.id)
            model = _model(prepared, candidate, base_url, key)
            found[candidate.id] = Address(base_url, model, key, server.pid if server is not None else None, weights)
        yield found


def _slots(plan: Plan, candidates: Sequence[Candidate]) -> dict[str, int]:
    """Return how many slots each embedded model needs: as many as are ever in flight at once."""
    bench = max(plan.bench.concurrency) if plan.bench is not None else 1
    slots: dict[str, int] = {}
    for candidate in candidates:
        if candidate.embedded is not None:
            slots[candidate.embedded] = max(slots.get(candidate.embedded, 0), candidate.concurrency, bench)
    return slots


def _model(prepared: Prepared, candidate: Candidate, base_url: str, key: str | None) -> str:
    """Return the model name to send, checked against what the server lists."""
    try:
        listed = asyncio.run(models_listed(base_url, key, timeout_s=candidate.request.timeout_s))
    except InputError as error:
        raise InputError(*(_placed(problem, prepared, candidate) for problem in error.problems)) from None
    if candidate.model is None:
        if len(set(listed)) >= 1 and (candidate.embedded is not None or len(set(listed)) == 1):
            return listed[0]
        what = f"the server lists {len(listed)} models" if listed else "the server lists no models"
        problem = Problem("unknown-model", f"{candidate.id} names no model and {what}", _choices(listed))
        raise InputError(_placed(problem, prepared, candidate))
    if listed and candidate.model not in listed and candidate.runtime in _LIST_IS_WHOLE:
        message = f"the server of {candidate.id} does not list the model {candidate.model!r}"
        raise InputError(_placed(Problem("unknown-model", message, _choices(listed)), prepared, candidate))
    return candidate.model


def _choices(listed: Sequence[str]) -> str:
    return f"Set model to one of: {', '.join(listed[:5])}." if listed else "Set model."


def _placed(problem: Problem, prepared: Prepared, candidate: Candidate) -> Problem:
    """Return a problem with the line of the candidate in the plan."""
    document = prepared.loaded.document
    index = [c.id for c in prepared.plan.candidates].index(candidate.id)
    key = "model" if problem.slug == "unknown-model" else "api_key_env" if candidate.api_key_env else "id"
    line = document.line_of(("candidates", index, key))
    return Problem(problem.slug, problem.message, problem.remedy, document.file, line)
