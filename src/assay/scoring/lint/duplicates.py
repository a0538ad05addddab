"""Which cases ask the same as an earlier one, or nearly the same?

Two questions with different answers may look alike: "capital of Iran" and "capital of Iraq", "2 + 2" and "2 + 3".
Where the expected answers differ, only the same words in the same order count as the same question; and what all
cases of a suite begin or end with is a template, which makes no two of them alike.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import combinations
from typing import TYPE_CHECKING, Final

from assay.schema._base import canonical_bytes
from assay.scoring.lint.answers import ideal_answers, passes
from assay.scoring.lint.finding import LintFinding
from assay.scoring.lint.reading import context_of, folded, question_of, whole_input
from assay.scoring.mark import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from assay.schema.suite import Case, Suite

__all__ = ["duplicates", "without_template"]

_ALIKE: Final = 95
"""Percent of similarity from which two texts are nearly the same."""
_WHOLE_SUITE: Final = 3_000
"""Cases up to which each is compared with each other one."""
_HEAD: Final = 500
"""Characters of a question that are compared with all others; the few that are alike are compared further."""
_LONGEST: Final = 20_000
"""Characters of a text that are compared at most."""
_ROWS: Final = 500
_MOST_TRIED: Final = 50
"""Candidates that are looked at closely for one case."""
_SHARED_BY: Final = 4
"""What so many cases begin or end with is a template."""

_SHORTEST_ANSWER: Final = 4
"""Shorter answers (yes, no, a letter, a small number) are the same for quite different questions."""
_LEAST_LABELLED: Final = 9
_LEAST_WORDS: Final = 4
_SHARED: Final = 0.7

_WORD = re.compile(r"\w+")
_DIGITS = re.compile(r"\d+")


def duplicates(suite: Suite) -> Iterator[LintFinding]:
    """Yield a finding for each case that asks what an earlier one asks; nothing is told of a case twice."""
    first: dict[tuple[str, str], Case] = {}
    for case in suite.cases:
        earlier = first.setdefault(whole_input(case), case)
        if earlier is not case:
            yield _same(suite, earlier, case)
    own = list(first.values())
    if len(own) > _WHOLE_SUITE:
        message = f"the suite has {len(own)} different inputs, too many to compare each with each other one"
        remedy = f"Near-duplicates were looked for among the {_WHOLE_SUITE} cases of nearest length only."
        yield LintFinding(kind="bounded", level="note", message=message, remedy=remedy)
    yield from _near(suite, own)


def _same(suite: Suite, earlier: Case, case: Case) -> LintFinding:
    if _contradict(suite, earlier, case):
        message = f"asks the same as case {shown(earlier.id)}, and no expected answer of either passes both"
        return LintFinding(
            kind="contradiction", level="error", case=case.id, message=message, remedy="Correct one or remove it."
        )
    message = f"asks the same as case {shown(earlier.id)}, so it counts twice and shows nothing new"
    return LintFinding(
        kind="duplicate", level="warning", case=case.id, message=message, remedy="Remove one of them, or ask more."
    )


def _contradict(suite: Suite, one: Case, other: Case) -> bool:
    """Tell whether both cases have answers of their own, and none of these passes both."""
    answers = (ideal_answers(suite, one), ideal_answers(suite, other))
    passed = [[passes(suite, case, answer) for answer in (*answers[0], *answers[1])] for case in (one, other)]
    return any(passed[0]) and any(passed[1]) and not any(a and b for a, b in zip(*passed, strict=True))


def _near(suite: Suite, cases: Sequence[Case]) -> Iterator[LintFinding]:
    order = {case.id: place for place, case in enumerate(cases)}
    texts = [question for question, _ in map(whole_input, cases)]
    bare = without_template(texts)
    by_length = sorted(range(len(cases)), key=lambda index: (len(texts[index]), index))
    found: dict[str, str] = {}
    for index, other in _candidates(by_length, texts):
        one, two = sorted((cases[index], cases[other]), key=lambda case: order[case.id])
        if two.id not in found and _alike(bare[index], bare[other]) and _is_near(one, two):
            found[two.id] = one.id
    for one, two in _same_answer(cases):
        if two.id not in found and _is_longer(one, two):
            found[two.id] = one.id
    for case in cases:
        if case.id in found:
            yield _nearly(suite, cases[order[found[case.id]]], case)


def _nearly(suite: Suite, earlier: Case, case: Case) -> LintFinding:
    message = f"asks nearly the same as case {shown(earlier.id)}"
    remedy = "Remove one of them, or let them differ in what they ask."
    if _contradict(suite, earlier, case):
        message += ", and the two contradict each other: no expected answer of either passes both"
        remedy = "Correct one, remove it, or let them differ in what they ask."
    return LintFinding(kind="near-duplicate", level="warning", case=case.id, message=message, remedy=remedy)


def _candidates(by_length: Sequence[int], texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield pairs of cases whose questions begin alike and have nearly the same length; each pair once."""
    from rapidfuzz import fuzz, process

    heads = [texts[index][:_HEAD] for index in by_length]
    for start in range(0, len(heads), _ROWS):
        stop = min(start + _ROWS, len(heads))
        first = max(0, start - _WHOLE_SUITE)
        # A much shorter text cannot be alike; the texts are sorted by length.
        least = len(texts[by_length[start]]) * _ALIKE // (200 - _ALIKE)
        while first < start and len(texts[by_length[first]]) < least:
            first += 1
        table = process.cdist(heads[start:stop], heads[first:stop], scorer=fuzz.ratio, score_cutoff=_ALIKE)
        for row in range(stop - start):
            near = (table[row, : start + row - first] >= _ALIKE).nonzero()[0].tolist()
            for column in near[-_MOST_TRIED:]:
                yield by_length[start + row], by_length[first + column]


def _same_answer(cases: Sequence[Case]) -> Iterator[tuple[Case, Case]]:
    """Yield pairs of cases, the earlier first, that expect the same, where that is no label such as yes or positive."""
    groups: dict[tuple[str, ...], list[Case]] = {}
    for case in cases:
        if isinstance(case.expected, str) and len(case.expected.strip()) >= _SHORTEST_ANSWER:
            scorers = [spec.model_dump_json() for spec in case.scorers or ()]
            groups.setdefault((folded(case.expected), *scorers), []).append(case)
    if len(cases) >= _LEAST_LABELLED and 3 * len(groups) <= len(cases):
        return
    for group in groups.values():
        yield from combinations(group[:_MOST_TRIED], 2)


def _is_longer(one: Case, two: Case) -> bool:
    """Tell whether one question is the other with a few words more, none of them a number, on the same passages."""
    words = [Counter(_WORD.findall(folded(question_of(case)))) for case in (one, two)]
    short, long = sorted(words, key=Counter.total)
    more = long - short
    is_part = short <= long and short.total() >= _LEAST_WORDS and short.total() >= _SHARED * long.total()
    return is_part and not any(map(_DIGITS.search, more)) and _alike(folded(context_of(one)), folded(context_of(two)))


def _is_near(one: Case, two: Case) -> bool:
    questions = folded(question_of(one)), folded(question_of(two))
    contexts = folded(context_of(one)), folded(context_of(two))
    if not (_alike(*questions) and _alike(*contexts)):
        return False
    together = ("\n".join(pair) for pair in zip(questions, contexts, strict=True))
    left, right = together
    if canonical_bytes(one.expected) != canonical_bytes(two.expected) or one.scorers != two.scorers:
        return _WORD.findall(left) == _WORD.findall(right)
    # Without an expected answer nobody knows whether another number is another question.
    return one.expected is not None or _DIGITS.findall(left) == _DIGITS.findall(right)


def _alike(one: str, two: str) -> bool:
    from rapidfuzz import fuzz

    if one == two:
        return True
    return fuzz.ratio(one[:_LONGEST], two[:_LONGEST], score_cutoff=_ALIKE) >= _ALIKE


def without_template(texts: Sequence[str]) -> list[str]:
    """Return the texts without what at least four of them begin with, or end with, in whole words."""
    fronts = _shared_fronts(texts)
    backs = _shared_fronts([text[::-1] for text in texts])
    return [text[front : max(front, len(text) - back)] for text, front, back in zip(texts, fronts, backs, strict=True)]


def _shared_fronts(texts: Sequence[str]) -> list[int]:
    """Return how many characters of each text at least three others begin with, up to the last space in them."""
    order = sorted(range(len(texts)), key=texts.__getitem__)
    shared = [0] * len(texts)
    for start in range(len(order) - _SHARED_BY + 1):
        window = order[start : start + _SHARED_BY]
        front = _common(texts[window[0]], texts[window[-1]])
        for index in window:
            shared[index] = max(shared[index], front)
    return shared


def _common(one: str, two: str) -> int:
    length = next((i for i, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two)))
    return one.rfind(" ", 0, length) + 1
