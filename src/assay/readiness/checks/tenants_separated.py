"""Is a tenant kept from the models, the cached prompts and the words of another?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.readiness.unprobed import not_probed
from assay.readiness.view import PLAN, PROBES, Answer, clipped, combined, met, not_met, unknown

if TYPE_CHECKING:
    from assay.readiness.view import View
    from assay.schema.provenance import Exchange, ProbeResult

__all__ = ["check"]

_OK: Final = range(200, 300)
_REFUSED: Final = range(400, 500)
_FORBIDDEN: Final = frozenset({401, 403, 404})
_BUSY: Final = 429
_CACHED_SHARE: Final = 0.25
"""Share of a prompt's tokens that must come from a cache to be more than the template that all prompts begin with."""
_TOLD_BY_TIME_MS: Final = 100
"""Milliseconds by which a cached prompt must be the faster, beside taking half the time, to be told from chance."""
_WORDS: Final = frozenset({"recalled", "at-once"})


def check(view: View) -> Answer:
    """Return met when nothing of one tenant was seen by another, and it could have been seen."""
    result = view.probe("tenants")
    if result is None:
        return not_probed()
    if result.ended == "left_out":
        return unknown(clipped(result.note, 120), PLAN)
    answers = [_models(result), _words(result), _cache(result)]
    if result.ended != "whole":
        answers.append(unknown(clipped(result.note, 120), PROBES))
    return combined(answers)


def _models(result: ProbeResult) -> Answer:
    lists, asked = result.steps("models"), result.steps("foreign-model")
    answered = [own for own in asked if own.status in _OK]
    if answered:
        return not_met(f"a model that only the other tenant is shown answered: {answered[0].sent}", PROBES)
    useless = [own for own in result.steps("listed-model") if own.status in _FORBIDDEN]
    if useless:
        return not_met(
            f"a tenant is shown a model that it may not use: {useless[0].sent} ({useless[0].status})", PROBES
        )
    silent = [own for own in lists if own.status not in _OK]
    silent += [own for own in asked if own.status not in _REFUSED or own.status == _BUSY]
    if silent or not lists:
        return unknown(f"which models each tenant may use was not told{_why(silent)}", PROBES)
    if asked:
        return met(f"{len(asked)} models of one tenant were refused to the other", PROBES)
    return met(f"both tenants are shown the same models ({lists[0].shows.get('models')})", PROBES)


def _words(result: ProbeResult) -> Answer:
    asked = [own for own in result.exchanges if own.step in _WORDS]
    leaked = [own for own in asked if own.shows.get("foreign_word")]
    if leaked:
        return not_met(f"a word of one tenant stood in an answer to the other: {leaked[0].sent}", PROBES)
    silent = [own for own in (*result.steps("told"), *asked) if own.status not in _OK]
    if silent or not asked:
        return unknown(f"whether words cross from tenant to tenant was not told{_why(silent)}", PROBES)
    return met(f"no word of one tenant stood in {len(asked)} answers to the other", PROBES)


def _cache(result: ProbeResult) -> Answer:
    cold, again, shared = (result.steps(step) for step in ("cold", "again", "shared"))
    silent = [own for own in (*cold, *again, *shared) if own.status not in _OK]
    if silent or not (cold and again and shared):
        return unknown(f"whether tenants share a cache was not told{_why(silent)}", PROBES)
    if shared[0].shows.get("kept_whole"):
        return not_met("the second tenant was given the very answer that the first had been given", PROBES)
    counts = [own.shows.get("cached_tokens") for own in (*cold, again[0], shared[0])]
    numbers = [count for count in counts if isinstance(count, int)]
    if len(numbers) == len(counts):
        return _by_counts(numbers, shared[0].shows.get("prompt_tokens"))
    return _by_times([own.took_ms for own in cold], again[0].took_ms, shared[0].took_ms)


def _by_counts(numbers: list[int], prompt: object) -> Answer:
    """Return what counts of cached tokens say: of new prompts, then of one's own again, then of the other's."""
    *cold, again, shared = numbers
    least = max(cold) + (max(round(_CACHED_SHARE * prompt), 1) if isinstance(prompt, int) else 1)
    if shared >= least:
        return not_met(
            f"tenants share a cache: {shared} tokens of a prompt that only the first had sent were cached "
            f"for the second",
            PROBES,
        )
    if again >= least:
        return met(f"each tenant has a cache of its own: {again} tokens cached for the same key, {shared} else", PROBES)
    return met(f"no cache is in use: {again} tokens cached for the same key, {shared} for the other", PROBES)


def _by_times(cold: list[int], again: int, shared: int) -> Answer:
    fastest = min(cold)
    if fastest < 2 * again or fastest - again < _TOLD_BY_TIME_MS:
        return unknown(
            "whether tenants share a cache was not told: the server counts no cached tokens, and a prompt sent twice "
            f"took {again} ms after {fastest} ms",
            PROBES,
        )
    if shared <= (again + fastest) / 2:
        return not_met(
            f"tenants share a cache: a prompt that only the first had sent took {shared} ms for the second, "
            f"and {fastest} ms or more when it was new",
            PROBES,
        )
    return met(f"each tenant has a cache of its own: {again} ms for the same key, {shared} ms else", PROBES)


def _why(silent: list[Exchange]) -> str:
    return f": {silent[0].sent} ({silent[0].status or clipped(silent[0].trouble, 80)})" if silent else ""
