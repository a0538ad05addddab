"""What does advice on runtimes consist of: what is known, what speaks for and against each, what is not known?"""

from __future__ import annotations

from typing import Literal

from assay.schema._base import Noun
from assay.schema.suite import RuntimeName
from assay.schema.verdict import VerdictWord

__all__ = [
    "Advice",
    "AdviceReason",
    "AdviceSource",
    "Advised",
    "AdvisedCandidate",
    "AdvisedRuntime",
    "ContextFact",
    "ContextKey",
    "Fit",
    "OpenRule",
    "OpenWord",
]

Advised = Literal["ollama", "llama.cpp", "vllm", "tgi", "sglang", "lm-studio", "cloud"]
"""What is advised on; `cloud` is any model API that somebody else serves."""

ContextKey = Literal[
    "place",
    "accelerator",
    "peak_requests_at_once",
    "work",
    "offline",
    "data_may_leave",
    "platform",
    "purpose",
    "needs_best_quality",
    "weights",
    "long_prompts",
]
"""What rules ask about: the keys of the plan's context, then what other keys and the evidence tell."""

Fit = Literal["fits", "fits_with_conditions", "not_spoken_for", "does_not_fit"]
"""How a runtime fits, best first; `not_spoken_for` has no reason for it, and none that rules it out."""


OpenWord = Literal["for", "for_with_conditions", "needs_more", "against"]
"""What a rule that may apply would say."""


class ContextFact(Noun):
    """One thing that rules ask about."""

    key: ContextKey
    """What it is."""
    value: str | int | bool | None
    """What is known, or None."""
    how: Literal["said", "inferred", "unknown"]
    """`said` by the plan's context, `inferred` from what the source names, or `unknown`."""
    source: str
    """Where it stands or what shows it; for an unknown, the key of the plan that would tell."""
    against: str = ""
    """What shows otherwise than the plan says; empty where nothing does."""


class AdviceSource(Noun):
    """Where a rule comes from."""

    title: str
    """What it is, and of when."""
    link: str = ""
    """Its public address, or empty where the title says enough."""


class AdviceReason(Noun):
    """Why a runtime or a candidate fits, or does not."""

    rule: str
    """Rule that says so."""
    speaks: Literal["for", "against"]
    """Whether it speaks for or against."""
    fit: Literal["fits", "fits_with_conditions", "does_not_fit"]
    """What it says alone."""
    text: str
    """Why, a clause with the figures it rests on."""
    conditions: tuple[str, ...] = ()
    """What must be there as well, one clause each."""
    sources: tuple[int, ...] = ()
    """Where it comes from: numbers of sources, from 1."""


class AdvisedRuntime(Noun):
    """What all rules that apply say of one runtime."""

    runtime: Advised
    """Which one."""
    fit: Fit
    """How it fits: as badly as the worst of its reasons says, and well only where one speaks for it."""
    reasons: tuple[AdviceReason, ...]
    """Reasons for it, then against it."""


class AdvisedCandidate(Noun):
    """What its runtime's fit and the measurements say of one candidate of the plan."""

    candidate: str
    """Candidate id."""
    runtime: RuntimeName
    """Its runtime as the plan names it."""
    runtime_fit: Fit | None
    """How that runtime fits, or None for a gateway, which does not say what answers behind it."""
    for_development: bool
    """Whether it is only there to develop with, and its runtime is held against that."""
    fit: Fit
    """How it fits as measured; `not_spoken_for` without measurements."""
    reasons: tuple[AdviceReason, ...] = ()
    """What the measurements say."""
    unknown: tuple[str, ...] = ()
    """What they leave open, one clause each."""


class OpenRule(Noun):
    """A rule that may apply or not, as long as something is not known."""

    rule: str
    """Its name."""
    keys: tuple[ContextKey, ...]
    """What is not known."""
    would_apply_if: str
    """What would have to be so, a clause."""
    says: dict[OpenWord, tuple[Advised, ...]]
    """What it would say of which runtimes."""
    sources: tuple[int, ...] = ()
    """Where it comes from: numbers of sources, from 1."""


class Advice(Noun):
    """Which runtimes fit the context of a plan, and why. It bears on no verdict."""

    use_case: str
    """Use case of the plan."""
    run: str | None
    """Run or record whose measurements were read, or None."""
    verdict: VerdictWord | None
    """Its verdict, which advice leaves as it is; None without one."""
    context: tuple[ContextFact, ...]
    """What is known, by key."""
    runtimes: tuple[AdvisedRuntime, ...]
    """Every runtime, the best fit first."""
    development: tuple[AdvisedRuntime, ...]
    """Runtimes that fit to develop with what others will use; empty where nobody else does."""
    candidates: tuple[AdvisedCandidate, ...]
    """The candidates of the plan that are asked the cases."""
    open: tuple[OpenRule, ...]
    """What else could apply, in the order of the rules."""
    sources: tuple[AdviceSource, ...]
    """Where all of this comes from."""
