"""What is one case asked and expected to answer, and what is a suite of them?"""

from __future__ import annotations

from functools import cached_property
from typing import Literal

from pydantic import Field, JsonValue

from assay.schema._base import Noun, digest_of
from assay.schema.suite.scorer import ScorerSpec

__all__ = ["Case", "Message", "Suite", "SuiteRequest"]


class Message(Noun):
    """One message of a conversation, as the chat completions protocol has it."""

    role: Literal["system", "user", "assistant"]
    """Who speaks."""
    content: str
    """What is said."""


class Case(Noun):
    """One input with what is expected of the answer; one line of `cases.jsonl`."""

    id: str = Field(min_length=1, max_length=200)
    """Unique in its suite."""
    input: str | tuple[Message, ...] = Field(min_length=1)
    """The user's question, or a whole conversation."""
    expected: JsonValue = None
    """The answer that scorers compare with: a string, a list of accepted strings, or any JSON value."""
    scorers: tuple[ScorerSpec, ...] | None = None
    """Scorers of this case; None takes those of the suite."""
    json_schema: dict[str, JsonValue] | None = Field(default=None, alias="schema")
    """JSON Schema (Draft 2020-12) that the answer must satisfy."""
    context: str | tuple[str, ...] | None = None
    """Retrieved passages that stand before the question."""
    tags: tuple[str, ...] = ()
    """Labels by which metrics are also reported."""
    severity: Literal["normal", "blocker"] = "normal"
    """A blocker that fails is reported by itself and can block alone."""
    min_pass_rate: float | None = Field(default=None, gt=0, le=1)
    """Share of its trials that must pass for the case to pass, where each case is tried several times; None wants
    all of them."""
    metadata: dict[str, JsonValue] = Field(default_factory=dict)
    """Anything else worth keeping; never sent to a model."""
    source: str | None = Field(default=None, min_length=1, max_length=200)
    """Document, conversation or template that several cases were made from; such cases are alike, and a confidence
    counts them as one cluster. None stands alone."""
    blind: str | None = Field(default=None, pattern="^[0-9a-f]{32,64}$")
    """At least 32 hexadecimal digits drawn by chance, never sent to a model: they go into the digest, and out of the
    evidence with any text of the case, so that nobody can try out guesses of that text."""
    withheld: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")
    """In the evidence of a record only: SHA-256 of the case as it was asked, where texts of it are left out here."""

    def digest(self) -> str:
        """Return the SHA-256 of the case as it was asked; trials of two runs compare only where it is the same."""
        return self.withheld or self._digest

    @cached_property
    def _digest(self) -> str:
        # Asked for with every trial, and canonical JSON is dear.
        # Cases that name no source and no blind keep the digest that they had before there were any.
        unnamed = {name for name, own in (("source", self.source), ("blind", self.blind)) if own is None}
        return digest_of(self.model_dump(mode="json", by_alias=True, exclude={"withheld", *unnamed}))


class SuiteRequest(Noun):
    """Request settings that a suite needs; they win over the candidate's."""

    max_tokens: int | None = Field(default=None, ge=1)
    """Longest answer in tokens."""


class Suite(Noun):
    """Named, versioned cases with their default scorers."""

    id: str
    """Name of the suite: from `suite.yaml`, or the stem of the JSONL file."""
    version: str = "0"
    """Version that its author gave, `0` for a bare JSONL file."""
    description: str = ""
    """One sentence on what the suite shows."""
    language: tuple[str, ...] = ()
    """BCP 47 tags of the languages in it."""
    licence: str = "unknown"
    """Licence of the cases, as SPDX identifier."""
    scorers: tuple[ScorerSpec, ...] = ()
    """Scorers of the cases that name none."""
    request: SuiteRequest = SuiteRequest()
    """Request settings of the suite."""
    system: str | None = None
    """System prompt that stands before each case, or None."""
    cases: tuple[Case, ...] = ()
    """The cases in file order."""
    blind: str | None = Field(default=None, pattern="^[0-9a-f]{32,64}$")
    """At least 32 hexadecimal digits drawn by chance: they go into the digest, and out of the evidence with any text of
    the settings, so that nobody can try out guesses of the system prompt and of what scorers expect."""
    withheld: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")
    """In the evidence of a record only: SHA-256 of the suite as it was asked, where texts of its settings are left out
    here. What is left out of its cases alone does not need it, for they keep their own digests."""

    def scorers_of(self, case: Case) -> tuple[ScorerSpec, ...]:
        """Return the scorers that apply to one case."""
        return self.scorers if case.scorers is None else case.scorers

    def messages_of(self, case: Case) -> list[Message]:
        """Return the conversation that is sent for one case: system prompt, context, question."""
        head = [Message(role="system", content=self.system)] if self.system else []
        if not isinstance(case.input, str):
            return [*head, *case.input]
        return [*head, Message(role="user", content=_with_context(case.context, case.input))]

    def digest(self) -> str:
        """Return the SHA-256 over the suite's settings and the digests of its cases, as it was asked."""
        if self.withheld is not None:
            return self.withheld
        unnamed = {"blind"} if self.blind is None else set()
        settings = self.model_dump(mode="json", by_alias=True, exclude={"cases", "withheld", *unnamed})
        return digest_of({"suite": settings, "cases": [case.digest() for case in self.cases]})


def _with_context(context: str | tuple[str, ...] | None, question: str) -> str:
    """Return the question after its numbered passages, in the layout that retrieval pipelines use."""
    if context is None:
        return question
    passages = (context,) if isinstance(context, str) else context
    numbered = "\n".join(f"[{number}] {passage}" for number, passage in enumerate(passages, start=1))
    return f"Context:\n{numbered}\n\nQuestion: {question}"
