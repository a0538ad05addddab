"""What is a rule of advice: when does it apply, what does it say of which runtime, and does it apply here?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from assay.readiness.advice.advice import Advised, ContextFact, ContextKey

__all__ = [
    "PLAN_KEYS",
    "Asked",
    "Rule",
    "Says",
    "Situation",
    "Value",
    "at_least",
    "at_most",
    "fits",
    "is_one_of",
    "left_open",
    "more_than",
    "needs",
    "no",
    "ruled_out",
    "unfit",
    "yes",
]

Value = str | int | bool
"""What may be known of a context."""
Situation = Mapping["ContextKey", "ContextFact"]
"""What is known of the context; every key is there."""

PLAN_KEYS: Final[dict[ContextKey, str]] = {
    "place": "context.place",
    "accelerator": "context.accelerator",
    "peak_requests_at_once": "context.peak_requests_at_once",
    "work": "context.work",
    "offline": "context.offline",
    "data_may_leave": "context.data_may_leave",
    "platform": "context.platform",
    "purpose": "context.purpose",
    "needs_best_quality": "context.needs_best_quality",
    "weights": "candidates: weights, or pins.quantization",
    "long_prompts": "use_case.slo.long",
}
"""The key of a plan that tells each thing that rules ask about, in the order in which it is shown."""


@dataclass(frozen=True)
class Asked:
    """One thing that must be so for a rule to apply."""

    key: ContextKey
    """What it asks about."""
    holds: Callable[[Value], bool]
    """Whether a known value is one for which the rule applies."""
    words: str
    """The same in words."""


@dataclass(frozen=True)
class Says:
    """What a rule says of one runtime."""

    runtime: Advised
    """Which one."""
    speaks: Literal["for", "against"]
    """For it, or against it."""
    fit: Literal["fits", "fits_with_conditions", "does_not_fit"]
    """How it fits by this rule alone."""
    conditions: tuple[str, ...] = ()
    """What must be there as well, one clause each."""


@dataclass(frozen=True)
class Rule:
    """One piece of guidance; no rule knows another."""

    asks: tuple[Asked, ...]
    """What must all be so; nothing for a rule that always applies."""
    says: tuple[Says, ...]
    """What it says of which runtime."""
    reason: str
    """Why, a clause; `{key}` stands for what is known of a key that it asks about."""
    sources: tuple[str, ...]
    """Names of its sources."""


def is_one_of(key: ContextKey, *values: str) -> Asked:
    """Ask for one of some words."""
    return Asked(key, lambda value: value in values, f"{_spoken(key)} is {' or '.join(values)}")


def yes(key: ContextKey) -> Asked:
    """Ask for a yes."""
    return Asked(key, lambda value: value is True, f"{_spoken(key)} is true")


def no(key: ContextKey) -> Asked:
    """Ask for a no."""
    return Asked(key, lambda value: value is False, f"{_spoken(key)} is false")


def at_most(key: ContextKey, number: int) -> Asked:
    """Ask for a number that is not above another."""
    return Asked(key, lambda value: int(value) <= number, f"{_spoken(key)} is at most {number}")


def at_least(key: ContextKey, number: int) -> Asked:
    """Ask for a number that is not below another."""
    return Asked(key, lambda value: int(value) >= number, f"{_spoken(key)} is at least {number}")


def more_than(key: ContextKey, number: int) -> Asked:
    """Ask for a number above another."""
    return Asked(key, lambda value: int(value) > number, f"{_spoken(key)} is above {number}")


def fits(*runtimes: Advised, on: tuple[str, ...] = ()) -> tuple[Says, ...]:
    """Speak for runtimes, on conditions or without any."""
    fit: Literal["fits", "fits_with_conditions"] = "fits_with_conditions" if on else "fits"
    return tuple(Says(runtime, "for", fit, on) for runtime in runtimes)


def needs(*runtimes: Advised, this: tuple[str, ...]) -> tuple[Says, ...]:
    """Speak against runtimes as they are, and say what must be there as well."""
    return tuple(Says(runtime, "against", "fits_with_conditions", this) for runtime in runtimes)


def unfit(*runtimes: Advised) -> tuple[Says, ...]:
    """Rule runtimes out."""
    return tuple(Says(runtime, "against", "does_not_fit") for runtime in runtimes)


def ruled_out(rule: Rule, situation: Situation) -> bool:
    """Return whether something that is known keeps a rule from applying."""
    return any(known is not None and not own.holds(known) for own, known in _known(rule, situation))


def left_open(rule: Rule, situation: Situation) -> tuple[Asked, ...]:
    """Return what a rule asks that is not known."""
    return tuple(own for own, known in _known(rule, situation) if known is None)


def _known(rule: Rule, situation: Situation) -> list[tuple[Asked, Value | None]]:
    return [(own, situation[own.key].value) for own in rule.asks]


def _spoken(key: ContextKey) -> str:
    return key.replace("_", " ")
