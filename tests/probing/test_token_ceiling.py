"""Does the probe tell whether answers have a ceiling, and what ends them else?"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from assay.runtime.adapters import dialect_of
from assay.runtime.probing import DEEP_PROBES
from assay.runtime.probing.probing import run_probe
from assay.runtime.probing.wire import wire_to
from tests.probing.gateway import Manners
from tests.probing.probed import answer_to, found, probed, subject_at
from tests.readiness.seen_limits import came, seen
from tests.runtime.replaying import body_of, sample, serving

if TYPE_CHECKING:
    from assay.schema.provenance import ProbeResult
    from assay.schema.suite import RuntimeName

HUGE = 10_000_000


def replayed(runtime: RuntimeName, huge: str, other: str, window: int | None) -> ProbeResult:
    """Return what the probe came to at a server that answers as recorded to huge limits, and to all else."""

    async def handle(request: web.Request) -> web.StreamResponse:
        body = json.loads(await request.content.read())
        limit = max(body.get("max_tokens", 0), body.get("max_completion_tokens", 0))
        answer = sample(huge if limit > 256 else other)["response"]
        return web.Response(status=answer["status"], body=body_of(answer), content_type="application/json")

    async def look() -> ProbeResult:
        async with serving(handle) as base_url, wire_to(base_url, None) as wire:
            subject = subject_at(base_url, runtime=runtime, dialect=dialect_of(runtime), window=window, slots=None)
            return await run_probe("token-ceiling", DEEP_PROBES["token-ceiling"], subject, wire, 30.0)

    return asyncio.run(look())


def test_a_refused_limit_is_seen() -> None:
    """A gateway that refuses ten million tokens is met, and the ceiling that it names was tried."""
    result = probed("token-ceiling")
    answer = found("answers-capped", result)
    assert (answer.status, answer.reason) == ("met", "10,000,000 tokens are refused by 400; 256 are taken")
    assert [own.shows["limit"] for own in result.steps("fits")] == [400, 256]  # the refusal says code 400 too


def test_a_cut_answer_is_seen() -> None:
    """A gateway that cuts answers at its ceiling in silence is met once an answer was seen to be cut."""
    answer = answer_to(
        "answers-capped", "token-ceiling", Manners(cuts_to_ceiling=True, most_tokens=100, ends_after_s=None)
    )
    assert (answer.status, answer.reason) == (
        "met",
        "10,000,000 tokens are taken, and the answer is cut after 100 tokens",
    )


def test_no_ceiling_is_found() -> None:
    """A gateway that goes on until its time is over has none."""
    answer = answer_to("answers-capped", "token-ceiling", Manners(most_tokens=None, ends_after_s=0.2))
    assert answer.status == "not_met"
    assert answer.reason.startswith(
        "nothing but the context window of 4,096 tokens ends an answer: 10,000,000 tokens are taken, "
        "and no ceiling ended the answer within "
    )


def test_the_window_of_vllm_is_no_ceiling() -> None:
    """vLLM refuses what is more than its window, and fills the window when no limit is sent."""
    result = replayed("vllm", "vllm/chat_max_tokens_over_ctx", "vllm/chat_default_max_tokens", 256)
    answer = found("answers-capped", result)
    assert (answer.status, answer.reason) == (
        "not_met",
        (
            "nothing but the context window of 256 tokens ends an answer: it ended one after 252 tokens: "
            "POST /v1/chat/completions as a stream without a token limit"
        ),
    )


def test_what_litellm_passes_on_is_not_called_capped() -> None:
    """LiteLLM took ten million tokens, and the model behind it ended its answer by itself: no ceiling was seen."""
    name = "litellm/chat_huge_max_tokens"
    result = replayed("litellm", name, name, None)
    assert [own.step for own in result.exchanges].count("on") == 1
    answer = found("answers-capped", result)
    assert answer.status == "unknown"
    assert answer.reason.startswith("10,000,000 tokens are taken, and the model ended its answer by itself after ")


REFUSED = came("huge", 400, limit=HUGE, window=4096)
NONE = came("none", tokens=40, finish="stop", window=4096)
GOING = {"going": True, "finish": None, "trouble": "no whole answer within 4 s", "limit": HUGE}


@pytest.mark.parametrize(
    ("exchanges", "status", "told"),
    [
        ((came("huge", tokens=500, **GOING),), "not_met", "within 500 tokens: POST"),
        (
            (REFUSED, NONE, came("fits", limit=4096)),
            "not_met",
            "context window of 4,096 tokens ends an answer: 10,000,000 tokens are refused, and 4,096 are taken",
        ),
        (
            (REFUSED, came("none", tokens=900, going=True), came("fits", limit=512)),
            "not_met",
            "the ceiling of 512 tokens does not hold: an answer had 900 tokens: POST /v1/chat/completions none",
        ),
        (
            (REFUSED, NONE, came("other", tokens=300, **GOING), came("fits", limit=512)),
            "unknown",
            "no ceiling was seen within 300 tokens of an answer: POST /v1/chat/completions other",
        ),
        ((REFUSED, NONE), "met", "10,000,000 tokens are refused by 400"),
        ((REFUSED, came("none", 400)), "unknown", "how long an answer may become is not known"),
        ((came("huge", 500, limit=HUGE), NONE), "not_met", "10,000,000 tokens are answered by 500, not refused"),
        ((came("huge", 500, limit=HUGE), came("none", 500)), "unknown", "completions huge: 500"),
        ((came("huge", limit=HUGE, window=4096, tokens=0, broken=True),), "unknown", "completions huge: 200"),
        ((came("huge", 401, limit=HUGE), NONE), "unknown", "completions huge: 401"),
        ((came("huge", None, **GOING), NONE), "unknown", "no whole answer within 4 s"),
        ((came("huge", tokens=0, **GOING), NONE), "unknown", "how long an answer may become is not known"),
        (
            (came("huge", limit=HUGE, tokens=60, finish="stop"), came("on", 422)),
            "unknown",
            "the model ended its answer by itself after 60 tokens",
        ),
        (
            (came("huge", limit=HUGE, tokens=60, finish="stop"), came("on", limit=HUGE, tokens=512, finish="length")),
            "met",
            "the answer is cut after 512 tokens",
        ),
        ((), "unknown", "nothing was sent"),
    ],
)
def test_only_a_refusal_or_a_cut_is_a_ceiling(exchanges: tuple, status: str, told: str) -> None:
    """What was not refused must have been seen to be cut, and no other field may get around it."""
    answer = found("answers-capped", seen("token-ceiling", *exchanges))
    assert (answer.status, told in answer.reason) == (status, True), answer.reason
