"""Which answers meet every condition on a suite, and which ones just fail one of them?"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final, Literal

from assay.gate.selftest.asked import CANDIDATE, least
from assay.gate.statistics import passes_needed
from assay.schema.baseline import Baseline
from assay.schema.score import CaseResult, CaseTally, Metric

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from assay.gate.evidence import Facts, Subjects, SuiteSubject
    from assay.gate.selftest.asked import Asked

__all__ = ["BASELINE", "Part", "baseline_of", "cases_of", "counted", "part_of", "spoil_suite", "with_cases"]

BASELINE: Final = "baseline"
"""Whom made-up evidence compares with."""

_ALONE: Final = "scorer"
"""Label of the scorer of a suite that has one alone."""
_TEXT = re.compile(r"suite:(?P<suite>[^#/]+)(?:#(?P<tag>[^/]+))?(?:/(?P<scorer>.+))?\.(?P<measure>[a-z0-9_]+)")
_LEAST, _USUAL, _MOST = 20, 200, 4000
"""Cases of a group that no condition reads, that one reads, and that one reads at most."""

Fate = Literal["passed", "failed", "unscored"]
_TALLIES: Final[dict[Fate, CaseTally]] = {
    "passed": CaseTally(passed=1, failed=0, grades=1.0),
    "failed": CaseTally(passed=0, failed=1, grades=0.0),
    "unscored": CaseTally(passed=0, failed=0, grades=0.0),
}


@dataclass(frozen=True)
class Part:
    """Which trials a condition on a suite is over."""

    suite: str
    """Suite id."""
    tag: str | None
    """Only cases with this tag, or None for all."""
    scorer: str | None
    """Only this scorer, or None for all together."""
    measure: str
    """What is asked of them."""

    def has(self, case: CaseResult) -> bool:
        """Return whether a case is one of them."""
        return case.suite == self.suite and (self.tag is None or self.tag in case.tags)


def part_of(metric: str) -> Part:
    """Return what a metric of a suite is over.

    Raises:
        ValueError: it is no metric of a suite.
    """
    match = _TEXT.fullmatch(metric)
    if match is None:
        raise ValueError(f"{metric} is no metric of a suite")
    return Part(match["suite"], match["tag"], match["scorer"], match["measure"])


def cases_of(subjects: Subjects, conditions: Sequence[Asked], more: int = 0) -> tuple[CaseResult, ...]:
    """Return cases of each suite, one trial each, that meet the conditions on it: mostly, all of them passed.

    Those of a tag are few beside those of none, so that a whole suite can hold while one of its tags fails.

    Args:
        subjects: the suites.
        conditions: the policy.
        more: so many cases more of each suite.
    """
    own = [one for one in conditions if one.word == "suite"]
    cases = tuple(case for suite in subjects.suites for case in _suite(suite, own, more))
    for one in own:
        part = part_of(one.metric)
        if one.wants_low and part.measure != "coverage":
            cases = _turned(cases, part, len(cases), "failed")
    return cases


def _suite(suite: SuiteSubject, conditions: Sequence[Asked], more: int) -> Iterator[CaseResult]:
    parts = [(part_of(one.metric), one) for one in conditions]
    sizes: dict[str | None, int] = {
        tag: max(
            (_needed(one) for part, one in parts if (part.suite, part.tag) == (suite.id, tag)),
            default=_LEAST,
        )
        for tag in (None, *suite.tags)
    }
    tagged = sum(size for tag, size in sizes.items() if tag is not None)
    sizes[None] = max(sizes[None] or 0, 5 * tagged) + more
    for tag, size in sizes.items():
        for number in range(size):
            name = f"{tag or 'case'}-{number}"
            yield CaseResult(
                suite=suite.id,
                case=name,
                digest=f"{suite.id}/{name}",
                tags=() if tag is None else (tag,),
                due=1,
                asked=1,
                whole=_TALLIES["passed"],
                by_scorer=dict.fromkeys(suite.scorers or (_ALONE,), _TALLIES["passed"]),
            )


def _needed(own: Asked) -> int:
    """Return how many cases can show a condition with room to fail some: twice those that just show it."""
    if own.comparison is None or own.comparison.confidence is None:
        return _USUAL
    share = own.comparison.threshold if own.comparison.wants_high else 1 - own.comparison.threshold
    return min(_MOST, max(_USUAL, 2 * (passes_needed(0, 0, share, own.comparison.confidence) or _MOST)))


def counted(candidate: str, cases: Sequence[CaseResult]) -> tuple[Metric, ...]:
    """Return the metrics of cases: of each suite whole, by tag and by scorer."""
    groups: dict[tuple[str, str | None, str | None], list[CaseTally]] = {}
    for case in cases:
        for tag in (None, *case.tags):
            groups.setdefault((case.suite, tag, None), []).append(case.whole)
        for scorer, tally in case.by_scorer.items():
            groups.setdefault((case.suite, None, scorer), []).append(tally)
    return tuple(_metric(candidate, *key, tallies) for key, tallies in groups.items())


def _metric(candidate: str, suite: str, tag: str | None, scorer: str | None, tallies: Sequence[CaseTally]) -> Metric:
    n, passed, failed = len(tallies), sum(own.passed for own in tallies), sum(own.failed for own in tallies)
    scored = passed + failed
    return Metric(
        candidate=candidate,
        suite=suite,
        tag=tag,
        scorer=scorer,
        cases=n,
        passed=passed,
        failed=failed,
        unscored=n - scored,
        n=n,
        rate=passed / n,
        rate_scored=passed / scored if scored else None,
        low=None,
        high=None,
        trusted=True,
    )


def with_cases(facts: Facts, cases: tuple[CaseResult, ...]) -> Facts:
    """Return evidence with other cases, its metrics counted from them."""
    return replace(facts, cases=cases, metrics=counted(CANDIDATE, cases))


def baseline_of(subjects: Subjects, cases: Sequence[CaseResult]) -> Baseline | None:
    """Return a baseline that is much worse than a candidate which passed everything, or None where there is none."""
    if not subjects.baseline:
        return None
    record = None if subjects.baseline_measured else "0001-earlier"
    worse = tuple(everywhere(case, "failed") if number % 4 == 0 else case for number, case in enumerate(cases))
    return Baseline(
        candidate=BASELINE, record=record, evidence_sha256=None, metrics=counted(BASELINE, worse), cases=worse
    )


def spoil_suite(facts: Facts, own: Asked, broken: Callable[[Facts], bool]) -> Iterator[Facts]:
    """Yield evidence that just fails the condition: with too many bad trials, or with too good a baseline.

    How many bad trials a condition bears hangs on the baseline, for it or for another one: several are tried.
    """
    part = part_of(own.metric)
    fate: Fate = "unscored" if part.measure == "coverage" else "passed" if own.wants_low else "failed"
    most = sum(part.has(case) for case in facts.cases)
    for start in (facts, *_other_baselines(facts, own, part)):
        found = least(partial(_worse, start, part, fate), most, broken)
        if found is not None:
            yield found
    if own.against is not None:
        found = least(partial(_with_baseline, facts, part, "passed"), most, broken)
        if found is not None:
            yield found


def _other_baselines(facts: Facts, own: Asked, part: Part) -> Iterator[Facts]:
    """Yield the evidence with baselines before which the condition is alone in minding bad trials of the candidate.

    A comparison minds them most where the baseline passed everything, once all that it reads and once but for the
    cases of a tag; a threshold is alone where no candidate is worse than the baseline.
    """
    if facts.baseline is None:
        return
    everything = len(facts.cases)
    if own.against is None:
        yield _with_baseline(facts, part, "failed", everything)
        return
    yield _with_baseline(facts, part, "passed", everything)
    if part.tag is None:
        untagged = sum(part.has(case) and not case.tags for case in facts.cases)
        yield _with_baseline(facts, part, "passed", untagged)


def _worse(facts: Facts, part: Part, fate: Fate, count: int) -> Facts:
    """Return the evidence with a candidate of which so many trials of a part met another fate."""
    return with_cases(facts, _turned(facts.cases, part, count, fate))


def _with_baseline(facts: Facts, part: Part, fate: Fate, count: int) -> Facts:
    """Return the evidence with a baseline of which so many trials of a part met another fate."""
    if facts.baseline is None:
        return facts
    cases = _turned(facts.baseline.cases, part, count, fate)
    other = {"cases": cases, "metrics": counted(facts.baseline.candidate, cases)}
    return replace(facts, baseline=facts.baseline.model_copy(update=other))


def _turned(cases: tuple[CaseResult, ...], part: Part, count: int, fate: Fate) -> tuple[CaseResult, ...]:
    """Return cases of which some of a part met another fate: first those that no other condition on a tag reads."""
    places = [place for place, case in enumerate(cases) if part.has(case)]
    chosen = set(sorted(places, key=lambda place: bool(cases[place].tags))[:count])
    return tuple(_with_fate(case, part.scorer, fate) if place in chosen else case for place, case in enumerate(cases))


def everywhere(case: CaseResult, fate: Fate) -> CaseResult:
    """Return a case whose trial met a fate under every scorer."""
    tally = _TALLIES[fate]
    return case.model_copy(update={"whole": tally, "by_scorer": dict.fromkeys(case.by_scorer, tally)})


def _with_fate(case: CaseResult, scorer: str | None, fate: Fate) -> CaseResult:
    """Return a case whose trial met a fate, under one scorer or under all together; a lone scorer is all together."""
    tally = _TALLIES[fate]
    if scorer is not None and len(case.by_scorer) > 1:
        return case.model_copy(update={"by_scorer": {**case.by_scorer, scorer: tally}})
    by_scorer = dict.fromkeys(case.by_scorer, tally) if len(case.by_scorer) == 1 else case.by_scorer
    return case.model_copy(update={"whole": tally, "by_scorer": by_scorer})
