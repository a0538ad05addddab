"""Does one tenant see anything of another: models, cached prompts, words of what was asked before or beside it?

A cache that tenants share tells each of them what the others asked: a prompt that someone sent before is answered
sooner, and its tokens are counted as cached (vLLM keeps tenants apart by `cache_salt`). The same prompt sent twice with
one key says whether that could be seen at all.
"""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from assay.runtime.probing.probing import LeftOut, Probe
from assay.runtime.probing.wire import Ask

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import JsonValue

    from assay.runtime.probing.probing import Probing
    from assay.runtime.probing.wire import Reply

__all__ = ["PROBE"]

Tenant: TypeAlias = Literal["first", "second"]
_LONG: Final = 250
"""Numbers in a long prompt: some 500 to 750 tokens, several blocks of any cache."""
_MOST_SHARED: Final = 2
_LOADS_FIRST: Final = frozenset({"llama.cpp", "lm-studio"})
"""Runtimes that load whatever model a request names before they look at the rest of it, and may unload another."""
_PATIENCE_S: Final = 30.0
_LEAST_ID: Final = 16
"""Characters from which on two answers have one id only when they are one answer: Ollama numbers from 0 to 998."""


async def _look(probing: Probing) -> None:
    """Compare lists of models, then caches, then what was said before, then what is said beside."""
    own = probing.subject
    if own.key is None or own.other_key is None:
        raise LeftOut("the plan names no key of a second tenant (probes.other_key_env)")
    if own.key == own.other_key:
        raise LeftOut("the second tenant's key is the first one's")
    tenants = _Tenants(probing, {"first": own.key.encode(), "second": own.other_key.encode()})
    await tenants.models()
    await tenants.cache()
    await tenants.memory()
    await tenants.at_once()


class _Tenants:
    """Two tenants of one server."""

    def __init__(self, probing: Probing, keys: Mapping[Tenant, bytes]) -> None:
        self._probing, self._keys = probing, keys

    async def models(self) -> None:
        """List the models of both; ask for one that only the other is shown, and for some that both are shown.

        The latter with messages that no server takes: whether a key may use a model is looked at before them, and few
        load a model for them. Those that do are not asked.
        """
        lists: dict[Tenant, list[str]] = {}
        for tenant in self._keys:
            ask = Ask("models", "GET", "/v1/models", f"with the {tenant} key", self._keys[tenant])
            reply = await self._probing.ask(ask, lambda reply: {"models": len(_models(reply))})
            lists[tenant] = _models(reply)
        for tenant, other in _PAIRS:
            private = [name for name in lists[other] if name not in lists[tenant]]
            for name in private[:1] if lists[tenant] else ():
                body = self._probing.chat("1", max_tokens=1, model=name)
                await self._chat("foreign-model", tenant, f"for a model of the {other}", body)
        shared = [name for name in lists["first"] if name in lists["second"] and name != self._probing.subject.model]
        for name in () if self._probing.subject.runtime in _LOADS_FIRST else shared[:_MOST_SHARED]:
            for tenant in self._keys:
                await self._chat(
                    "listed-model", tenant, "for another model that it is shown", {"model": name, "messages": "none"}
                )

    async def cache(self) -> None:
        """Send one long prompt twice with one key, another with both, and a third with the second alone."""
        ids: dict[str, str] = {}
        plan: tuple[tuple[str, Tenant, str], ...] = (
            ("cold", "first", "a"),
            ("again", "first", "a"),
            ("cold", "first", "b"),
            ("shared", "second", "b"),
            ("cold", "second", "c"),
        )
        for step, tenant, prompt in plan:
            earlier, seen = ids.get(prompt), frozenset(ids.values())

            def shows(
                reply: Reply, earlier: str | None = earlier, seen: frozenset[str] = seen
            ) -> dict[str, int | bool | None]:
                own = _id(reply)
                # An answer that says it is another's was kept whole; a server that numbers none says nothing by it.
                numbered = len(own) >= _LEAST_ID and len(seen) == len(ids)
                return {**_counts(reply), "kept_whole": numbered and own == earlier}

            body = self._probing.chat(self._long(prompt), max_tokens=1)
            said = {"cold": "a new long prompt", "again": "it again", "shared": "the first tenant's long prompt"}[step]
            reply = await self._chat(step, tenant, said, body, shows)
            ids[prompt] = _id(reply)

    async def memory(self) -> None:
        """Tell the first tenant's model a word, and ask the second's what was said before."""
        word = self._word("memory")
        told = self._probing.chat(f"Remember this word: {word}. Say only: done.", max_tokens=8)
        await self._chat("told", "first", "a word to remember", told)
        asked = self._probing.chat(
            "Which word were you told to remember before this message? Repeat it, or say: none.", max_tokens=32
        )
        await self._chat("recalled", "second", "what was said before", asked, lambda r: {"foreign_word": _has(r, word)})

    async def at_once(self) -> None:
        """Let both ask at once, twice, each for a word of its own."""
        for turn in ("one", "two"):
            words = {tenant: self._word(f"{turn}/{tenant}") for tenant in self._keys}
            async with asyncio.TaskGroup() as group:
                for tenant, other in _PAIRS:
                    group.create_task(self._repeat(tenant, words[tenant], words[other]))

    async def _repeat(self, tenant: Tenant, word: str, foreign: str) -> None:
        body = self._probing.chat(f"Repeat this word and nothing else: {word}", max_tokens=24)
        await self._chat(
            "at-once",
            tenant,
            "a word to repeat, while the other does the same",
            body,
            lambda reply: {"own_word": _has(reply, word), "foreign_word": _has(reply, foreign)},
        )

    async def _chat(
        self,
        step: str,
        tenant: Tenant,
        said: str,
        body: dict[str, JsonValue],
        shows: Callable[[Reply], Mapping[str, str | int | float | bool | None]] = lambda _: {},
    ) -> Reply:
        ask = Ask(
            step,
            "POST",
            self._probing.chat_path,
            f"with the {tenant} key: {said}",
            self._keys[tenant],
            body=body,
            timeout_s=_PATIENCE_S,
        )
        return await self._probing.ask(ask, lambda reply: {"tenant": tenant, **shows(reply)})

    def _long(self, name: str) -> str:
        """Return a prompt that nobody sent before, from its first word on, and that fits into the window."""
        window = self._probing.subject.window
        length = _LONG if window is None else min(_LONG, window // 6)
        draws = hashlib.shake_256(f"{self._probing.subject.nonce}/{name}".encode()).digest(length)
        return " ".join(map(str, draws))

    def _word(self, name: str) -> str:
        return hashlib.sha256(f"{self._probing.subject.nonce}/tenants/{name}".encode()).hexdigest()[:10]


_PAIRS: Final[tuple[tuple[Tenant, Tenant], ...]] = (("first", "second"), ("second", "first"))


def _models(reply: Reply) -> list[str]:
    """Return the names of the models that a listing shows."""
    document = reply.document
    data = document.get("data") if isinstance(document, dict) else None
    names = (entry.get("id") for entry in data if isinstance(entry, dict)) if isinstance(data, list) else ()
    return [name for name in names if isinstance(name, str)]


def _id(reply: Reply) -> str:
    document = reply.document
    own = document.get("id") if isinstance(document, dict) else None
    return own if isinstance(own, str) else ""


def _counts(reply: Reply) -> dict[str, int | bool | None]:
    """Return how many tokens the prompt had and how many of them came from a cache, where the server tells."""
    document = reply.document
    usage = document.get("usage") if isinstance(document, dict) else None
    details = usage.get("prompt_tokens_details") if isinstance(usage, dict) else None
    timings = document.get("timings") if isinstance(document, dict) else None
    cached = _number(details, "cached_tokens")
    return {
        "prompt_tokens": _number(usage, "prompt_tokens"),
        "cached_tokens": _number(timings, "cache_n") if cached is None else cached,
    }


def _number(document: JsonValue, name: str) -> int | None:
    value = document.get(name) if isinstance(document, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _has(reply: Reply, word: str) -> bool:
    return word.encode() in reply.body


PROBE = Probe(
    "With the keys of two tenants: the list of models and short requests for those on it, five long prompts of which "
    "two come twice, a word to remember and the question for it, and words to repeat from both at once. A gateway that "
    "loads models by name may load one or two that it lists.",
    20,
    60.0,
    _look,
)
