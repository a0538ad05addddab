"""Can a constant answer pass, which tags are too small to show anything, and which are lopsided?"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Final

from assay.scoring.lint.finding import LintFinding
from assay.scoring.lint.reading import expected_texts, folded, leaves_of
from assay.scoring.mark import readable, shortened, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.schema.suite import Suite

__all__ = ["balance"]

_FEW: Final = 5
_MOST_NAMED: Final = 5
_MOST_TAGS: Final = 100
_MOST_PARTS: Final = 4
"""Tags that may divide a suite; more of them are topics, of which some are always small."""
_LEAST_DIVIDED: Final = 10
_UNEVEN: Final = 4
_CLOSED: Final = frozenset({"exact", "fuzzy", "number", "choice"})
_LEAST_CLOSED: Final = 10
_MAJORITY: Final = 0.6
_LEAST_CHOICES: Final = 20
_CHANCE: Final = 0.01
_CONFIDENCE: Final = 0.95


def balance(suite: Suite) -> Iterator[LintFinding]:
    """Yield what is unbalanced in tags, expected answers and letters of choices."""
    yield from _small_tags(suite)
    yield from _uneven_tags(suite)
    said = False
    for finding in _one_answer(suite):
        said = True
        yield finding
    if not said:
        yield from _letters(suite)


def _small_tags(suite: Suite) -> Iterator[LintFinding]:
    counts = Counter(tag for case in suite.cases for tag in set(case.tags))
    few = sorted((tag, count) for tag, count in counts.items() if count < _FEW)
    if not few:
        return
    named = ", ".join(f"{readable(shortened(tag, 40))} ({count})" for tag, count in few[:_MOST_NAMED])
    more = f" and {len(few) - _MOST_NAMED} more" if len(few) > _MOST_NAMED else ""
    most = max(count for _, count in few)
    shows = (1 - _CONFIDENCE) ** (1 / most)
    message = f"tags with fewer than {_FEW} cases: {named}{more}"
    remedy = (
        f"Read no rate into them: even {most} of {most} passes show only a true rate above {100 * shows:.0f} % "
        "(95 % confidence)."
    )
    yield LintFinding(kind="few-cases", level="note", message=message, remedy=remedy)


def _uneven_tags(suite: Suite) -> Iterator[LintFinding]:
    """Yield a note where each case has one of a few tags, such as its language, and one of them has few cases."""
    holders: dict[str, set[int]] = {}
    for place, case in enumerate(suite.cases):
        for tag in case.tags:
            holders.setdefault(tag, set()).add(place)
    order = sorted(holders, key=lambda tag: (-len(holders[tag]), tag))[:_MOST_TAGS]
    divided = {_division(order[place:], holders, len(suite.cases)): None for place in range(len(order))}
    for tags in divided:
        if len(suite.cases) < _LEAST_DIVIDED or not tags or len(holders[tags[0]]) < _UNEVEN * len(holders[tags[-1]]):
            continue
        counts = ", ".join(f"{readable(shortened(tag, 40))} {len(holders[tag])}" for tag in tags)
        message = f"its tags divide the suite unevenly: {counts}"
        remedy = "A rate over all cases says little of the smallest part: add cases there, or ask for it by its tag."
        yield LintFinding(kind="uneven-tags", level="note", message=message, remedy=remedy)


def _division(order: list[str], holders: dict[str, set[int]], cases: int) -> tuple[str, ...]:
    """Return the tags, largest first, of which each case has exactly one; none where they do not divide the suite."""
    chosen: list[str] = []
    taken: set[int] = set()
    for tag in order:
        if not holders[tag] & taken:
            chosen.append(tag)
            taken |= holders[tag]
    return tuple(chosen) if len(taken) == cases and 1 < len(chosen) <= _MOST_PARTS else ()


def _one_answer(suite: Suite) -> Iterator[LintFinding]:
    """Yield a warning where one answer, given always, passes most cases of closed questions."""
    own = [{folded(text) for text in expected_texts(suite, case, _CLOSED)} for case in suite.cases]
    closed = [texts for texts in own if texts]
    if len(closed) < _LEAST_CLOSED:
        return
    counts = Counter(text for texts in closed for text in texts)
    answer, count = max(counts.items(), key=lambda item: (item[1], item[0]))
    if count > _MAJORITY * len(closed):
        message = (
            f"{shown(answer)} is the expected answer of {count} of {len(closed)} cases: always saying it passes them"
        )
        remedy = "Add cases with other answers."
        yield LintFinding(kind="one-answer", level="warning", message=message, remedy=remedy)


def _letters(suite: Suite) -> Iterator[LintFinding]:
    """Yield a warning where the right choice is one letter too often for chance."""
    letters: list[str] = []
    most = 0
    for case in suite.cases:
        for spec, own in leaves_of(suite, case):
            if spec.name == "choice" and isinstance(own.expected, str) and len(own.expected.strip()) == 1:
                letters.append(own.expected.strip().upper())
                options = spec.options.get("options") or own.metadata.get("choices")
                most = max(most, len(options) if isinstance(options, list | dict) else 0)
    kinds = max(most, len(set(letters)))
    if len(letters) < _LEAST_CHOICES or kinds < 2:  # noqa: PLR2004 - there must be something to choose from
        return
    letter, count = max(Counter(letters).items(), key=lambda item: (item[1], item[0]))
    n, share = len(letters), 1 / kinds
    tail = math.fsum(math.comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(count, n + 1))
    if kinds * tail < _CHANCE:
        message = f"the letter {shown(letter)} is right in {count} of {n} choices, where {n / kinds:.0f} would be even"
        remedy = "Shuffle the choices: a model that prefers a letter gains by it."
        yield LintFinding(kind="letter-bias", level="warning", message=message, remedy=remedy)
