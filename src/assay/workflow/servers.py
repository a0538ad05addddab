"""At which address, under which name and with which key does each candidate answer?"""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assay.errors import AssayError, InputError, Problem, ServerError
from assay.runtime.adapters import ADAPTERS, dialect_of
from assay.runtime.embedded import EmbeddedServer
from assay.runtime.faults import without_key
from assay.runtime.keys import BAD_KEY_REMEDY, fault_of_key
from assay.runtime.observe import models_listed
from assay.runtime.ready import wait_until_ready

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from assay.schema.suite import Candidate, Plan
    from assay.workflow.prepare import Prepared

__all__ = ["Address", "Waiting", "addresses", "placed"]


_USUAL_SLOTS = 4
"""Slots of an embedded server whose candidates do not say how many requests they want in flight."""


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
    runtime_version: str | None
    """What serves it, where Assay started it."""


@dataclass(frozen=True)
class Waiting:
    """How long servers are waited for."""

    seconds: float
    """At most so long for each server."""
    note: Callable[[str], None]
    """Told what is waited for."""


@contextmanager
def addresses(
    prepared: Prepared,
    candidates: Sequence[Candidate],
    environment: Mapping[str, str],
    *,
    logs: Path | None = None,
    wait: Waiting | None = None,
    on_error: Callable[[Candidate, AssayError], None] | None = None,
) -> Iterator[dict[str, Address]]:
    """Start the embedded servers, reach all servers, and stop what was started on every way out.

    Args:
        prepared: the plan.
        candidates: whom to reach.
        environment: holds the keys.
        wait: how long to wait for servers that are not ready; None does not wait.
        logs: folder for the logs of the servers that are started; None keeps none.
        on_error: told of each candidate that cannot be started or reached, which is then left out; None raises.

    Yields:
        Addresses by candidate id.

    Raises:
        ServerError: a server cannot be started or reached.
        InputError: a key is refused, or a server does not know the model's name.
    """
    with ExitStack() as stack:
        folder = logs or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="assay-")))
        embedded, failed = _started(stack, _slots(prepared.plan, candidates), folder, raises=on_error is None)
        found: dict[str, Address] = {}
        errors: list[AssayError] = []
        for candidate in candidates:
            if on_error is not None and candidate.embedded in failed:
                on_error(candidate, failed[candidate.embedded])
                continue
            key = environment.get(candidate.api_key_env) if candidate.api_key_env else None
            try:
                if wait is not None and candidate.base_url is not None:
                    _wait(candidate, key, wait)
                found[candidate.id] = _address(prepared, candidate, embedded.get(candidate.embedded or ""), key)
            except AssayError as error:
                if on_error is None:
                    errors.append(error)
                else:
                    on_error(candidate, error)
        _raise_all(errors)
        yield found


def _started(
    stack: ExitStack, slots: Mapping[str, int], folder: Path, *, raises: bool
) -> tuple[dict[str, EmbeddedServer], dict[str | None, ServerError]]:
    """Start each embedded server until the stack ends, and return them and why others cannot be started.

    Raises:
        ServerError: one cannot be started, where that is to be raised.
    """
    running: dict[str, EmbeddedServer] = {}
    failed: dict[str | None, ServerError] = {}
    for name, own in slots.items():
        try:
            running[name] = stack.enter_context(EmbeddedServer.start(name, own, folder / f"{name}.log"))
        except ServerError as error:
            if raises:
                raise
            failed[name] = error
    return running, failed


def _wait(candidate: Candidate, key: str | None, wait: Waiting) -> None:
    address, dialect = (candidate.base_url or "").rstrip("/"), dialect_of(candidate.runtime)
    asyncio.run(wait_until_ready(address, key, deadline_s=wait.seconds, dialect=dialect, on_wait=wait.note))


def _raise_all(errors: Sequence[AssayError]) -> None:
    """Raise the problems of all candidates as one error: the user's own mistake, if there is one among them."""
    if errors:
        problems = [problem for error in errors for problem in error.problems]
        raise (InputError if any(isinstance(error, InputError) for error in errors) else ServerError)(*problems)


def _address(prepared: Prepared, candidate: Candidate, server: EmbeddedServer | None, key: str | None) -> Address:
    if key is not None and (wrong := fault_of_key(key)) is not None:
        problem = Problem("bad-key", f"the key in {candidate.api_key_env} {wrong}", BAD_KEY_REMEDY)
        raise InputError(placed(problem, prepared, candidate, "api_key_env"))
    if server is None:
        base_url = (candidate.base_url or "").rstrip("/")
        model = _model(prepared, candidate, base_url, key)
        return Address(base_url, model, key, None, prepared.weights.get(candidate.id), None)
    model = _model(prepared, candidate, server.base_url, key)
    return Address(server.base_url, model, key, server.pid, server.weights, server.runtime_version)


def _slots(plan: Plan, candidates: Sequence[Candidate]) -> dict[str, int]:
    """Return how many slots each embedded model needs: as many as are ever in flight at once."""
    bench = max(plan.bench.concurrency, default=_USUAL_SLOTS) if plan.bench is not None else 1
    slots: dict[str, int] = {}
    for candidate in candidates:
        if candidate.embedded is not None:
            wanted = candidate.concurrency or _USUAL_SLOTS
            slots[candidate.embedded] = max(slots.get(candidate.embedded, 0), wanted, bench)
    return slots


def _model(prepared: Prepared, candidate: Candidate, base_url: str, key: str | None) -> str:
    """Return the model name to send, checked against what the server lists."""
    try:
        dialect = dialect_of(candidate.runtime)
        listed = asyncio.run(models_listed(base_url, key, timeout_s=candidate.request.timeout_s, dialect=dialect))
    except InputError as error:
        raise InputError(*(placed(p, prepared, candidate, "api_key_env") for p in error.problems)) from None
    except ServerError as error:
        raise ServerError(*(placed(p, prepared, candidate, "base_url") for p in error.problems)) from None
    listed = tuple(without_key(name, key) for name in listed)
    if candidate.model is None:
        if len(set(listed)) >= 1 and (candidate.embedded is not None or len(set(listed)) == 1):
            return listed[0]
        what = f"the server lists {len(listed)} models" if listed else "the server lists no models"
        problem = Problem("unknown-model", f"{candidate.id} names no model and {what}", _choices(listed))
        raise InputError(placed(problem, prepared, candidate, "model"))
    if listed and candidate.model not in listed and ADAPTERS[candidate.runtime].lists_all:
        message = f"the server of {candidate.id} does not list the model {candidate.model!r}"
        raise InputError(placed(Problem("unknown-model", message, _choices(listed)), prepared, candidate, "model"))
    return candidate.model


def _choices(listed: Sequence[str]) -> str:
    return f"Set model to one of: {', '.join(listed[:5])}." if listed else "Set model."


def placed(problem: Problem, prepared: Prepared, candidate: Candidate, key: str) -> Problem:
    """Return a problem with its line in the plan: that of a key of the candidate, or where the candidate begins."""
    document = prepared.loaded.document
    index = [c.id for c in prepared.plan.candidates].index(candidate.id)
    line = document.line_of(("candidates", index, key))
    return problem.at(document.file, line)
