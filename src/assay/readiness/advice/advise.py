"""Which runtimes fit the context of a plan, why, and what speaks against them?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, get_args

from assay.readiness.advice.advice import (
    Advice,
    AdviceReason,
    AdviceSource,
    Advised,
    AdvisedCandidate,
    AdvisedRuntime,
    Fit,
    OpenRule,
    OpenWord,
)
from assay.readiness.advice.lesson import LESSON
from assay.readiness.advice.measured import measured
from assay.readiness.advice.rule import left_open, ruled_out
from assay.readiness.advice.runtimes import RUNTIMES
from assay.readiness.advice.situation import for_development, situation_of
from assay.readiness.advice.sources import SOURCES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from assay.readiness.advice.rule import Rule, Says, Situation
    from assay.schema.record import Record
    from assay.schema.suite import Candidate, Plan, RuntimeName

__all__ = ["RULES", "advise", "advised_runtimes", "fit_of"]

RULES: Final[dict[str, Rule]] = {**LESSON, **RUNTIMES}
"""All rules on runtimes, by name."""

_ORDER: Final[tuple[Fit, ...]] = get_args(Fit)
_ADVISED: Final[dict[RuntimeName, Advised]] = {
    "ollama": "ollama",
    "llama.cpp": "llama.cpp",
    "vllm": "vllm",
    "tgi": "tgi",
    "sglang": "sglang",
    "lm-studio": "lm-studio",
    "openai": "cloud",
    "azure": "cloud",
}
"""What is advised on for each runtime of a plan; a gateway does not say what answers behind it."""


class _Cited:
    """Sources in the order in which they are first named."""

    def __init__(self) -> None:
        self.sources: list[AdviceSource] = []

    def numbers(self, sources: Iterable[AdviceSource]) -> tuple[int, ...]:
        """Return the numbers of sources, from 1; new ones get the next."""
        found = []
        for source in sources:
            if source not in self.sources:
                self.sources.append(source)
            found.append(self.sources.index(source) + 1)
        return tuple(found)


def advise(plan: Plan, record: Record | None = None, name: str | None = None) -> Advice:
    """Return advice on the runtimes of a plan; it is made of the plan and the record, and changes neither.

    Args:
        plan: the plan.
        record: what a run came to whose measurements count, or None.
        name: how that run or record is called.
    """
    situation, cited = situation_of(plan, record), _Cited()
    runtimes = _numbered(advised_runtimes(situation), cited)
    development = _numbered(_development(situation), cited)
    candidates = tuple(_candidate(plan, own, record, name, (situation, cited)) for own in plan.evaluated())
    still_open = tuple(
        _open(rule_id, rule, situation, cited) for rule_id, rule in RULES.items() if _may(rule, situation)
    )
    return Advice(
        use_case=plan.use_case.id,
        run=name,
        verdict=record.verdict.verdict if record is not None else None,
        context=tuple(situation.values()),
        runtimes=runtimes,
        development=development,
        candidates=candidates,
        open=still_open,
        sources=tuple(cited.sources),
    )


def advised_runtimes(situation: Situation) -> tuple[AdvisedRuntime, ...]:
    """Return every runtime with what the rules that apply say of it, the best fit first; sources have no numbers."""
    applying = {
        name: rule for name, rule in RULES.items() if not ruled_out(rule, situation) and not left_open(rule, situation)
    }
    found = [_advised(runtime, applying, situation) for runtime in get_args(Advised)]
    return tuple(sorted(found, key=lambda own: (_ORDER.index(own.fit), -sum(r.speaks == "for" for r in own.reasons))))


def _advised(runtime: Advised, applying: dict[str, Rule], situation: Situation) -> AdvisedRuntime:
    """Return the reasons on a runtime: for it, then against it, what rules it out first."""
    found = [
        _reason(name, rule, says, situation)
        for name, rule in applying.items()
        for says in rule.says
        if says.runtime == runtime
    ]
    ordered = sorted(found, key=lambda own: (own.speaks != "for", own.fit != "does_not_fit"))
    return AdvisedRuntime(runtime=runtime, fit=fit_of(found), reasons=tuple(ordered))


def _numbered(runtimes: Iterable[AdvisedRuntime], cited: _Cited) -> tuple[AdvisedRuntime, ...]:
    """Return the same runtimes with the numbers of their sources."""
    return tuple(
        own.model_copy(
            update={
                "reasons": tuple(
                    reason.model_copy(update={"sources": cited.numbers(_sources(reason.rule))})
                    for reason in own.reasons
                )
            }
        )
        for own in runtimes
    )


def _sources(rule: str) -> list[AdviceSource]:
    return [SOURCES[own] for own in RULES[rule].sources]


def _development(situation: Situation) -> list[AdvisedRuntime]:
    """Return what is made to develop with, where what is developed is for others."""
    if situation["purpose"].value not in {"internal", "public"}:
        return []
    return [own for own in advised_runtimes(for_development(situation)) if any(map(_speaks_for_purpose, own.reasons))]


def _speaks_for_purpose(reason: AdviceReason) -> bool:
    return reason.speaks == "for" and any(own.key == "purpose" for own in RULES[reason.rule].asks)


def fit_of(reasons: Iterable[AdviceReason]) -> Fit:
    """Return what reasons come to: what rules it out wins, then conditions; without one for it nothing is said."""
    own = list(reasons)
    if any(reason.fit == "does_not_fit" for reason in own):
        return "does_not_fit"
    if not any(reason.speaks == "for" for reason in own):
        return "not_spoken_for"
    return "fits" if all(reason.fit == "fits" for reason in own) else "fits_with_conditions"


def _reason(name: str, rule: Rule, says: Says, situation: Situation) -> AdviceReason:
    values: dict[str, str | int | None] = {own.key: situation[own.key].value for own in rule.asks}
    return AdviceReason(
        rule=name,
        speaks=says.speaks,
        fit=says.fit,
        text=rule.reason.format_map(values),
        conditions=says.conditions,
    )


def _candidate(
    plan: Plan, candidate: Candidate, record: Record | None, name: str | None, known: tuple[Situation, _Cited]
) -> AdvisedCandidate:
    """Return what is to be said of a candidate; one that is only for development is held against that purpose."""
    situation, cited = known
    develops = candidate.roles == ("dev",)
    if develops:
        situation = for_development(situation)
    runtime = _ADVISED.get(candidate.runtime)
    runtimes = {own.runtime: own.fit for own in advised_runtimes(situation)}
    seen = measured(plan, candidate, record, situation) if record is not None else None
    reasons = (
        tuple(
            reason.model_copy(update={"sources": cited.numbers([_files(name or "the run", files)])})
            for reason, files in zip(seen.reasons, seen.evidence, strict=True)
        )
        if seen is not None
        else ()
    )
    fit = fit_of(reasons)
    return AdvisedCandidate(
        candidate=candidate.id,
        runtime=candidate.runtime,
        runtime_fit=runtimes[runtime] if runtime is not None else None,
        for_development=develops,
        # Memory and keys in order say nothing for it while it is not known to be fast enough.
        fit=fit if fit == "does_not_fit" or (seen is not None and seen.levels_kept) else "not_spoken_for",
        reasons=tuple(sorted(reasons, key=lambda own: own.speaks != "for")),
        unknown=tuple(seen.unknown) if seen is not None else (),
    )


def _files(run: str, files: tuple[str, ...]) -> AdviceSource:
    return AdviceSource(title=f"{run}: {', '.join(files)}" if files else run)


def _may(rule: Rule, situation: Situation) -> bool:
    return bool(left_open(rule, situation)) and not ruled_out(rule, situation)


def _open(name: str, rule: Rule, situation: Situation, cited: _Cited) -> OpenRule:
    missing = left_open(rule, situation)
    return OpenRule(
        rule=name,
        keys=tuple(own.key for own in missing),
        would_apply_if=" and ".join(own.words for own in missing),
        says=_said(rule.says),
        sources=cited.numbers(_sources(name)),
    )


_WORDS: Final[dict[tuple[str, str], OpenWord]] = {
    ("for", "fits"): "for",
    ("for", "fits_with_conditions"): "for_with_conditions",
    ("against", "fits_with_conditions"): "needs_more",
    ("against", "does_not_fit"): "against",
}


def _said(says: Sequence[Says]) -> dict[OpenWord, tuple[Advised, ...]]:
    kinds: dict[OpenWord, tuple[Advised, ...]] = {}
    for own in says:
        word = _WORDS[own.speaks, own.fit]
        kinds[word] = (*kinds.get(word, ()), own.runtime)
    return kinds
