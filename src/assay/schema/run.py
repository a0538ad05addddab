"""What was done: the run, each trial of a candidate at a case, each question to a judge, each fault."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from assay.schema._base import Noun

__all__ = [
    "FATAL_FAULTS",
    "Attempt",
    "Completion",
    "Fault",
    "FaultKind",
    "Judgement",
    "Run",
    "Selection",
    "Stopping",
    "Trial",
    "TrialKey",
    "Usage",
]

Stopping = Literal["never", "curtail", "sequential"]
"""`curtail`: once no outcome of the rest could change a condition; `sequential`: also at five planned looks."""
FaultKind = Literal[
    "context_overflow",
    "unknown_model",
    "unauthorized",
    "rate_limited",
    "loading",
    "out_of_memory",
    "timeout",
    "connection",
    "bad_request",
    "bad_answer",
    "server_error",
    "stream_cut",
]
"""What went wrong with a request, one word for all runtimes."""

FATAL_FAULTS: frozenset[FaultKind] = frozenset({"unknown_model", "unauthorized"})
"""Faults that every further request of the same candidate would meet too: the plan is wrong."""

TrialKey = tuple[str, str, str, int]
"""Candidate id, suite id, case id, trial number."""


class Fault(Noun):
    """Why a request gave no answer."""

    kind: FaultKind
    """Class of the fault."""
    message: str
    """What the server or the client said, at most 500 characters."""
    http_status: int | None = None
    """HTTP status, or None when there was no answer."""


class Attempt(Noun):
    """One request that gave no answer and was followed by another."""

    kind: FaultKind
    """Class of its fault."""
    http_status: int | None = None
    """HTTP status, or None when there was no answer."""
    elapsed_ms: float
    """Milliseconds until it failed."""
    wait_s: float
    """Seconds waited before the next request."""


class Usage(Noun):
    """Token counts as the server reported them."""

    prompt_tokens: int | None = None
    """Tokens of the request."""
    completion_tokens: int | None = None
    """Tokens of the answer."""
    cached_tokens: int | None = None
    """Prompt tokens that came from the prefix cache."""


class Completion(Noun):
    """What came of one request, retries included."""

    output: str | None = None
    """Text of the answer, or None when there is none."""
    fault: Fault | None = None
    """Why there is no answer, or None when there is one."""
    finish_reason: str | None = None
    """Why decoding ended, in the protocol's words: `stop`, `length`, …"""
    model: str | None = None
    """Model name that the server put into the answer."""
    usage: Usage | None = None
    """Token counts, when the server gave them."""
    reasoning_characters: int | None = None
    """Characters of reasoning that the server sent apart from the answer; None when it sent none."""
    refused: bool = False
    """Whether the server marks the text as the model's refusal."""
    elapsed_ms: float
    """Milliseconds of the last attempt, sent to whole answer. Includes the client's own load: no benchmark figure."""
    attempts: int
    """Requests sent for it."""
    earlier: tuple[Attempt, ...] = ()
    """The requests before the last one, oldest first."""


class Trial(Noun):
    """One attempt of one candidate at one case; one line of `trials.jsonl`."""

    candidate: str
    """Candidate id."""
    suite: str
    """Suite id."""
    case: str
    """Case id."""
    trial: int = Field(ge=1)
    """Number of the attempt, from 1."""
    status: Literal["completed", "failed"]
    """`failed` when no answer was had."""
    output: str | None
    """Text of the answer, or None when failed."""
    error: Fault | None
    """Why it failed, or None."""
    finish_reason: str | None
    """Why decoding ended."""
    usage: Usage | None
    """Token counts."""
    reasoning_characters: int | None = None
    """Characters of reasoning that the server sent apart from the answer; None when it sent none."""
    elapsed_ms: float
    """Milliseconds of the last attempt; includes the client's own load, so no benchmark figure."""
    attempts: int
    """Requests sent for it."""
    model: str | None
    """Model name that the server put into the answer."""
    earlier: tuple[Attempt, ...] = ()
    """The requests before the last one, oldest first."""
    case_digest: str
    """SHA-256 of the case that was asked."""
    request_digest: str | None = None
    """SHA-256 of the request body as sent; None in journals of earlier versions."""
    reused_from: str | None = None
    """Id of the earlier run whose answer this is, or None when it was asked in this run."""

    @property
    def key(self) -> TrialKey:
        """Return what makes the trial unique in its run."""
        return (self.candidate, self.suite, self.case, self.trial)


class Judgement(Noun):
    """One question to a judge about one trial; one line of `judgements.jsonl`."""

    judge: str
    """Judge id."""
    rubric: str
    """Rubric id."""
    candidate: str
    """Candidate that is judged."""
    suite: str
    """Suite id."""
    case: str
    """Case id."""
    trial: int
    """Number of the trial."""
    completion: Completion
    """What the judge answered."""

    @property
    def key(self) -> tuple[str, str, str, str, str, int]:
        """Return what makes the judgement unique in its run."""
        return (self.judge, self.rubric, self.candidate, self.suite, self.case, self.trial)


class Selection(Noun):
    """Which part of a plan's cases a run asks."""

    shard: int = Field(default=1, ge=1)
    """Number of the shard, from 1."""
    shards: int = Field(default=1, ge=1)
    """How many shards the cases are dealt out to."""
    limit: int | None = Field(default=None, ge=1)
    """At most so many cases of each suite, the first ones; None takes all."""
    tags: tuple[str, ...] = ()
    """Only cases with one of these tags; empty takes all."""
    candidates: tuple[str, ...] = ()
    """Only these candidates; empty takes all."""

    @property
    def is_whole(self) -> bool:
        """Say whether nothing is left out."""
        return self == Selection()


class Run(Noun):
    """`run.json`: what ran, under which plan, with which versions, and did it finish."""

    schema_name: Literal["assay/run/v1"] = Field(default="assay/run/v1", alias="schema")
    """Name of this format."""
    id: str
    """Name of the run and of its folder."""
    plan_digest: str
    """SHA-256 of the plan."""
    suite_digests: dict[str, str]
    """SHA-256 of each suite by id."""
    rubric_digests: dict[str, str] = Field(default_factory=dict)
    """SHA-256 of each judge's rubric by judge id."""
    calibration_digests: dict[str, str] = Field(default_factory=dict)
    """SHA-256 of each judge's calibration by judge id, where it has one."""
    imported_digests: dict[str, str] = Field(default_factory=dict)
    """SHA-256 of each imported benchmark by its number in the plan, from 1."""
    started: str
    """When it started, RFC 3339 in UTC."""
    ended: str | None = None
    """When it ended, or None while it runs."""
    state: Literal["running", "completed", "interrupted", "failed"]
    """How far it came."""
    resumed: int = 0
    """How often it was taken up again."""
    versions: dict[str, str]
    """Versions of Assay, Python and the libraries that measure or score."""
    selection: Selection = Selection()
    """Which part of the plan's cases it asks."""
    reuses: str | None = None
    """Id of the earlier run whose answers it may take, or None."""
    merged: tuple[str, ...] = ()
    """Ids of the runs that it was put together from."""
    fingerprints: dict[str, str] = Field(default_factory=dict)
    """SHA-256 by candidate id of what was seen of it: model, weights, template, runtime, address."""
    stopping: Stopping = "never"
    """When a suite's cases stop being asked before all were."""
    baseline_digest: str | None = None
    """SHA-256 of the earlier record's answers that candidates are compared with, or None."""
    waivers_digest: str | None = None
    """SHA-256 of the waivers, or None when nothing is waived."""
    plan_file: str | None = None
    """The plan's path as it was named, from the folder that Assay was called in; only its name where it lay outside."""
    salt: str
    """Random 32 hexadecimal digits; fences in judge prompts are derived from it."""

    @property
    def nonce(self) -> str:
        """Letters and digits that name the run in what its deep probes send."""
        return self.salt[12:24]
