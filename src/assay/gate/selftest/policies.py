"""Does every condition carry weight: does something pass once it is gone, weaker or narrower, that should not?"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Final

from assay.errors import InputError
from assay.gate.conditions import check_conditions
from assay.gate.question import listed
from assay.gate.selftest.cases import part_of
from assay.gate.selftest.exemplary import spoilt
from assay.gate.selftest.result import Change
from assay.schema.suite import ConditionSpec

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from assay.gate.conditions import Condition
    from assay.gate.evidence import Facts, Subjects
    from assay.gate.selftest.asked import Asked
    from assay.gate.selftest.trial import Trial

__all__ = ["policy_changes"]

_MOST_SPOILT: Final = 40
"""Pieces of evidence that a changed policy is held against."""
_LOW_CONFIDENCE: Final = "60"
_NUMBER: Final = re.compile(r"(?P<before>[<>]=? ?|baseline by )(?P<number>[0-9.]+)")
_CONFIDENCE: Final = re.compile(r"with [0-9.]+% confidence")


def policy_changes(trial: Trial) -> Iterator[Change]:
    """Yield what comes of each change of each blocking condition.

    A change is killed when the policy blocks some evidence and the changed one lets it pass; it survives where another
    condition blocks all of that evidence too.
    """
    for place, own in enumerate(trial.asked):
        if own.condition.severity == "block":
            facts = tuple(islice(spoilt(trial.facts, own, trial.fails(own)), _MOST_SPOILT))
            for what, text in _changed(own, trial.subjects):
                policy = _with(trial, place, text)
                if policy is not None:
                    yield _held_against(trial, own, what, policy, facts)


def _changed(own: Asked, subjects: Subjects) -> Iterator[tuple[str, str | None]]:
    """Yield changes of a condition in words, with the text that it has then; not each can be a condition.

    None stands for no such condition, and the text as it was for a mere warning.
    """
    text = " ".join(own.condition.text.split())
    yield "dropped", None
    yield "a warning only", text
    for weaker in _weaker(own, text):
        yield f"weakened to {weaker.removeprefix(own.metric).strip()}", weaker
    if own.against is not None or _CONFIDENCE.search(text):
        less = f"with {_LOW_CONFIDENCE}% confidence"
        yield f"only {less}", f"{_CONFIDENCE.sub('', text).strip()} {less}"
    for metric in _narrower(own, subjects):
        yield f"narrowed to {metric}", text.replace(own.metric, metric, 1)


def _weaker(own: Asked, text: str) -> tuple[str, ...]:
    """Return the weaker texts of a condition that compares numbers: twice or half the number, or halfway to 1."""
    if own.against is not None and own.against.claim == "better":
        claims = (f"not worse than baseline by {margin}" for margin in ("0.2", "20%"))
        return tuple(text.replace("better than baseline", claim) for claim in claims)
    match = _NUMBER.search(text)
    if match is None:
        return ()
    number = float(match["number"])
    if own.comparison is not None and not own.wants_low:
        others = [number / 2]
    else:
        # Twice a share may be more than there is.
        others = [2 * number + (number == 0), *([(1 + number) / 2] if 0.5 <= number < 1 else [])]  # noqa: PLR2004
    start, end = match.span("number")
    return tuple(f"{text[:start]}{other:.12g}{text[end:]}" for other in others)


def _narrower(own: Asked, subjects: Subjects) -> Iterator[str]:
    """Yield metrics that see less than that of a condition."""
    if own.metric == "readiness":
        yield from (f"readiness.{section}" for section in subjects.sections)
    elif own.metric == "bench all valid":
        yield from (f"bench:{load} valid" for load in subjects.loads)
    elif own.metric == "judges all trusted":
        yield from (f"judge:{judge} trusted" for judge in subjects.judges)
    elif own.word == "suite":
        part = part_of(own.metric)
        if part.tag is None and part.scorer is None:
            named = next((suite for suite in subjects.suites if suite.id == part.suite), None)
            tags, scorers = ((), ()) if named is None else (named.tags, named.scorers)
            yield from (f"suite:{part.suite}#{tag}.{part.measure}" for tag in tags[:1])
            yield from (f"suite:{part.suite}/{scorer}.{part.measure}" for scorer in scorers[:1])


def _with(trial: Trial, place: int, text: str | None) -> tuple[Condition, ...] | None:
    """Return the policy with another text for one condition, or None where that would be no policy."""
    spec = trial.specs[place]
    specs = list(trial.specs)
    if text is None:
        del specs[place]
    elif text == " ".join(spec.condition.split()):
        specs[place] = spec.model_copy(update={"severity": "warn"})
    else:
        specs[place] = ConditionSpec(condition=text, id=spec.id, severity=spec.severity)
    try:
        return check_conditions(specs, trial.subjects, lambda _: (None, None)) if specs else ()
    except InputError:
        return None


def _held_against(
    trial: Trial, own: Asked, what: str, policy: Sequence[Condition], spoilt_facts: Sequence[Facts]
) -> Change:
    """Return what comes of a changed policy before evidence that the whole one blocks."""
    name, saw = own.condition.id, "nothing that it blocks"
    blockers: list[set[str]] = []
    for facts in spoilt_facts:
        if trial.judge(facts).verdict == "GO":
            # The condition does not hold and the gate says GO all the same: nothing explains that.
            return Change(group="policy", condition=name, what=what, outcome="survived", saw="GO")
        changed = trial.judge(facts, policy)
        saw = changed.verdict
        if changed.verdict == "GO":
            return Change(group="policy", condition=name, what=what, outcome="killed", saw="GO")
        blocking = [result for result in changed.conditions if result.severity == "block"]
        blockers.append({result.id for result in blocking if result.status != "met"})
    reason = _why(blockers, {one.condition.id for one in trial.blocking} - {name}) if blockers else None
    return Change(group="policy", condition=name, what=what, outcome="survived", saw=saw, reason=reason)


def _why(blockers: Sequence[set[str]], others: set[str]) -> str:
    """Return why a change of a condition was not noticed.

    Args:
        blockers: for each piece of evidence, which conditions of the changed policy block it.
        others: the blocking conditions that were not changed.
    """
    if not any(blockers):
        return "no blocking condition is left, which is never GO"
    covering = [each & others for each in blockers]
    always = set.intersection(*covering)
    if always:
        return f"also blocked by {listed(sorted(always), '; ')}"
    if all(covering):
        return f"always blocked by one of {listed(sorted(set.union(*covering)), '; ')}"
    rest = sorted(set.union(*covering))
    return "it still blocks what just failed" + (f", or it is blocked by {listed(rest, '; ')}" if rest else "")
