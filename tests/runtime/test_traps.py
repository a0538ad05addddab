"""Is each silent trap seen where it is, not seen where it is not, and left unknown where nothing tells?"""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass, field

import pytest

from assay.runtime.dialect import OPENAI, Dialect
from assay.runtime.stream import StreamResult
from assay.runtime.traps import TRAP_LOOKS, Asking, look_for_traps
from assay.schema.provenance import TRAPS, Fact
from assay.schema.run import Completion, Fault, Usage
from assay.schema.suite import RequestSettings

NONCE = "abc123def456"
WINDOW = 1000


@dataclass
class Model:
    """A server that behaves as a user expects, unless a test takes one of its manners away."""

    window: int = WINDOW
    checks_name: bool = True
    honours_limit: bool = True
    counts: bool = True
    streams_usage: bool = True
    enforces_schema: bool = True
    repeats: bool = True
    leaks: bool = False
    cuts_prompts: bool = False
    refuses: Fault | None = None
    asked: list[dict] = field(default_factory=list)
    last: str = ""

    async def complete(self, body: dict) -> Completion:
        """Answer one request."""
        self.asked.append(body)
        await asyncio.sleep(0)
        if self.refuses is not None:
            return said(fault=self.refuses)
        if body["model"] != "m" and self.checks_name:
            return said(fault=Fault(kind="unknown_model", message="no such model", http_status=404))
        return self._answer(body, body["messages"][0]["content"])

    def _answer(self, body: dict, text: str) -> Completion:
        words = text.split()
        if len(words) + 4 > self.window and not self.cuts_prompts:
            return said(fault=Fault(kind="context_overflow", message="too long", http_status=400))
        kept = words if len(words) + 4 <= self.window else words[-self.window // 2 :]
        output = self._text(body, " ".join(kept))
        limit = body["max_tokens"] if self.honours_limit else 400
        tokens = output.split()[:limit]
        usage = Usage(prompt_tokens=len(kept) + 4, completion_tokens=len(tokens)) if self.counts else None
        reason = "length" if len(tokens) < len(output.split()) else "stop"
        return said(output=" ".join(tokens), finish_reason=reason, usage=usage)

    def _text(self, body: dict, text: str) -> str:
        if "response_format" in body and self.enforces_schema:
            schema = body["response_format"]["json_schema"]["schema"]
            return json.dumps({"code": schema["properties"]["code"]["enum"][0]})
        if canary := re.search(r"nothing else: (\S+)", text):
            other, self.last = self.last, canary[1]
            return f"{canary[1]} {other}" if self.leaks else canary[1]
        if "numbers from one" in text:
            return "one " * 300
        if needle := re.search(r"code word is (\S+?)\.", text):
            return needle[1]
        return "The sea is wide." if self.repeats else f"The sea has {len(self.asked)} waves."

    async def stream(self, body: dict) -> StreamResult:
        """Answer one request in chunks."""
        usage = Usage(prompt_tokens=9, completion_tokens=3) if self.streams_usage else None
        return StreamResult(
            taken_ns=0,
            sent_ns=0,
            headers_ns=1,
            first_event_ns=1,
            first_ns=1,
            visible_ns=1,
            last_ns=2,
            finish_ns=2,
            end_ns=3,
            chunk_ns=(1, 2, 2),
            chunk_tokens=None,
            usage=usage,
            response_id=None,
            finish_reason="stop",
            server=None,
            fault=self.refuses,
            text_bytes=9,
        )


def said(**more: object) -> Completion:
    return Completion.model_validate({"elapsed_ms": 1.0, "attempts": 1, **more})


def asked(
    model: Model, *, window: int | None = WINDOW, longest: int = 8192, dialect: Dialect = OPENAI
) -> dict[str, Fact]:
    """Look for all traps, and return the facts by name."""
    told: list[None] = []

    async def look() -> tuple[Fact, ...]:
        settings = RequestSettings(temperature=0.7, top_p=0.5)
        asking = Asking(model.complete, model.stream, "m", NONCE, window, 8192, settings, OPENAI)
        return await look_for_traps(asking, TRAPS, advance=lambda: told.append(None))

    facts = asyncio.run(look())
    assert [fact.name for fact in facts] == list(TRAPS)
    assert len(told) == len(TRAPS)
    return {fact.name: fact for fact in facts}


def test_sound_server_passes_every_look() -> None:
    """A server without a trap is told so by every fact, with what was asked and seen."""
    model = Model()
    facts = asked(model)
    assert {fact.value for fact in facts.values()} == {"yes"}
    assert facts["prompt_kept_whole"].source.endswith("its first word was repeated")
    assert facts["requests_isolated"].source == (
        "4 requests at once: 4 repeated their own word, 0 words of another request were seen"
    )
    assert len(model.asked) < 30
    assert {(body["temperature"], body["top_p"]) for body in model.asked} == {(0.0, 1.0)}


@pytest.mark.parametrize(
    ("manner", "name", "words"),
    [
        ({"checks_name": False}, "model_name_checked", f"'assay-no-such-model-{NONCE}' was answered"),
        ({"honours_limit": False}, "token_limit_honoured", "a limit of 8 tokens gave 300 tokens"),
        ({"honours_limit": False, "counts": False}, "token_limit_honoured", "gave 1199 characters"),
        ({"streams_usage": False}, "usage_in_streams", "ended without token counts"),
        ({"enforces_schema": False}, "schema_enforced", "an answer was not what the schema allows"),
        ({"repeats": False}, "repeatable", "4 different"),
        ({"leaks": True}, "requests_isolated", "3 words of another request were seen"),
        (
            {"cuts_prompts": True, "window": 400},
            "prompt_kept_whole",
            "was counted as 204; its first word was not repeated",
        ),
        ({"window": 400}, "prompt_kept_whole", "was refused, though the window is said to be 1000"),
    ],
)
def test_each_trap_is_seen(manner: dict, name: str, words: str) -> None:
    """A server with one trap is told that one, with the numbers, and no other."""
    facts = asked(Model(**manner))
    assert facts[name].value == "no"
    assert words in facts[name].source
    assert [own for own, fact in facts.items() if fact.value == "no"] == [name]


def test_repeating_nothing_at_all_is_no_trap() -> None:
    """A model that is too weak to repeat its word leaks nothing."""

    class Weak(Model):
        def _text(self, body: dict, text: str) -> str:
            return "I am a model." if "nothing else" in text else super()._text(body, text)

    fact = asked(Weak())["requests_isolated"]
    assert (fact.value, "0 repeated their own word" in fact.source) == ("yes", True)


def test_without_counts_the_first_word_decides() -> None:
    """Where nothing is counted, finding the first word shows the prompt whole, and not finding it shows nothing."""
    assert asked(Model(counts=False))["prompt_kept_whole"].value == "yes"

    class Forgetful(Model):
        def _text(self, body: dict, text: str) -> str:
            return "What word?" if "code word" in text else super()._text(body, text)

    fact = asked(Forgetful(counts=False))["prompt_kept_whole"]
    assert (fact.value, fact.grade) == (None, "unknown")


def test_window_beyond_what_may_be_sent_is_unknown() -> None:
    """A window that would need a longer prompt than is allowed is not probed, and says so."""
    fact = asked(Model(window=100_000), window=100_000)["prompt_kept_whole"]
    assert fact.value is None
    assert fact.source == "the window of 100000 tokens is larger than the longest prompt that may be sent (8192)"


def test_unknown_window_is_taken_for_the_usual_one() -> None:
    """Where no window is known, a prompt that fits 4096 tokens is sent."""
    assert asked(Model(window=4096), window=None)["prompt_kept_whole"].value == "yes"


@pytest.mark.parametrize("kind", ["timeout", "server_error", "unauthorized", "rate_limited"])
def test_server_that_answers_nothing_leaves_everything_unknown(kind: str) -> None:
    """A fault is no trap: each fact is unknown, with the fault as its reason."""
    facts = asked(Model(refuses=Fault.model_validate({"kind": kind, "message": "no"})))
    assert {fact.value for fact in facts.values()} == {None}
    assert all(f"the question got no answer: {kind}, no" in fact.source for fact in facts.values())


def test_refused_schema_is_a_trap_of_its_own() -> None:
    """A server that does not take a schema does not hold decoding to it."""

    class Strict(Model):
        async def complete(self, body: dict) -> Completion:
            if "response_format" in body:
                return said(fault=Fault(kind="bad_request", message="unknown field", http_status=400))
            return await super().complete(body)

    fact = asked(Strict())["schema_enforced"]
    assert (fact.value, fact.source) == ("no", "a JSON Schema was refused: unknown field")


def test_plain_gateway_has_no_streams_to_count_in() -> None:
    """Where the contract has no streams, their counts are unknown and no stream is asked for."""
    fact = asked(Model(streams_usage=False), dialect=Dialect(response_format=OPENAI.response_format))[
        "usage_in_streams"
    ]
    assert fact.value == "no"
    looked = TRAP_LOOKS["usage_in_streams"]
    model = Model()
    settings = RequestSettings()
    plain = Asking(model.complete, model.stream, "m", NONCE, None, 0, settings, Dialect(contract="plain-chat"))
    assert asyncio.run(looked(plain)).source == "the plain contract has no streams"


def test_trap_that_takes_too_long_is_given_up() -> None:
    """A server that never answers costs each trap its deadline and no more."""

    class Slow(Model):
        async def complete(self, body: dict) -> Completion:
            await asyncio.sleep(60)
            return await super().complete(body)

    async def look() -> tuple[Fact, ...]:
        model = Slow()
        asking = Asking(model.complete, model.stream, "m", NONCE, WINDOW, 8192, RequestSettings(), OPENAI)
        return await look_for_traps(asking, ("repeatable",), advance=lambda: None, deadline_s=0.01)

    (fact,) = asyncio.run(look())
    assert (fact.value, fact.source) == (None, "it could not be told within 0.01 s")
