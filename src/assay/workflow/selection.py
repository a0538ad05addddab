"""Which of a plan's cases does this run ask, in which order, and by whom are they answered?"""

from __future__ import annotations

import hashlib
from difflib import get_close_matches
from itertools import islice
from typing import TYPE_CHECKING

from assay.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from assay.schema.run import Run, Selection
    from assay.schema.suite import Candidate, Case, Plan, Suite

    Question = tuple[Suite, Case, int]

__all__ = [
    "asks_all_cases",
    "check_selection",
    "chosen_candidates",
    "chosen_questions",
    "could_stop",
    "described",
    "in_asking_order",
]


def chosen_candidates(plan: Plan, selection: Selection) -> tuple[Candidate, ...]:
    """Return the candidates that are asked cases."""
    return tuple(c for c in plan.evaluated() if not selection.candidates or c.id in selection.candidates)


def chosen_questions(suites: Sequence[Suite], trials: int, selection: Selection) -> Iterator[Question]:
    """Yield the questions in the order in which every candidate is asked them: all cases once, then all again.

    Shards deal out the chosen cases one by one, so that each gets its share of every suite.
    """
    for number in range(1, trials + 1):
        for position, (suite, case) in enumerate(_chosen_cases(suites, selection)):
            if position % selection.shards == selection.shard - 1:
                yield suite, case, number


def _chosen_cases(suites: Sequence[Suite], selection: Selection) -> Iterator[tuple[Suite, Case]]:
    wanted = frozenset(selection.tags)
    for suite in suites:
        tagged = (case for case in suite.cases if not wanted or wanted & frozenset(case.tags))
        yield from ((suite, case) for case in islice(tagged, selection.limit))


def asks_all_cases(selection: Selection) -> bool:
    """Return whether a selection leaves out no case, whatever candidates it leaves out."""
    return selection.shards == 1 and selection.limit is None and not selection.tags


def could_stop(plan: Plan, run: Run) -> frozenset[str]:
    """Return the ids of the candidates of whom a run may have left cases of a suite out because it could.

    Only candidates that are decided on stop, and of these none that is held up to another as baseline or fallback: the
    others are there to be seen and compared with.
    """
    if run.stopping == "never" or plan.trials > 1 or not asks_all_cases(run.selection):
        return frozenset()
    decided = plan.decided_on()
    alone = len(decided) == 1
    chosen = chosen_candidates(plan, run.selection)
    return frozenset(
        own.id for own in decided if own in chosen and (alone or not {"baseline", "fallback"}.intersection(own.roles))
    )


def in_asking_order(suites: Sequence[Suite], run: Run) -> tuple[Suite, ...]:
    """Return the suites with their cases in the order in which a run asks them.

    In a sequential run it is drawn by the run's salt: suites are grouped by topic, and a look at their first part would
    tell nothing of the rest.
    """
    if run.stopping != "sequential":
        return tuple(suites)

    def drawn(case: Case) -> str:
        return hashlib.sha256(f"{run.salt} {case.digest()}".encode()).hexdigest()

    return tuple(suite.model_copy(update={"cases": tuple(sorted(suite.cases, key=drawn))}) for suite in suites)


def check_selection(plan: Plan, suites: Sequence[Suite], selection: Selection) -> None:
    """Refuse a selection that asks for what is not there, or for nothing.

    Raises:
        InputError: an unknown candidate or tag, a shard beyond their number, or no case left.
    """
    problems: list[Problem] = []
    problems += _unknown("candidate", selection.candidates, [candidate.id for candidate in plan.evaluated()])
    problems += _unknown(
        "tag", selection.tags, sorted({t for suite in suites for case in suite.cases for t in case.tags})
    )
    if selection.shard > selection.shards:
        message = f"there is no shard {selection.shard} of {selection.shards}"
        problems.append(Problem("no-such-shard", message, "Write --shard I/N with I from 1 to N."))
    elif not problems and next(chosen_questions(suites, 1, selection), None) is None:
        message = f"no case is left by {described(selection)}"
        problems.append(Problem("nothing-selected", message, "Ask for less to be left out."))
    elif not problems and (count := sum(1 for _ in _chosen_cases(suites, selection))) < selection.shards:
        message = f"{count} cases cannot be dealt out to {selection.shards} shards"
        problems.append(Problem("no-such-shard", message, f"Write --shard I/N with N of at most {count}."))
    if problems:
        raise InputError(*problems)


def _unknown(kind: str, names: Iterable[str], known: Sequence[str]) -> Iterator[Problem]:
    for name in names:
        if name not in known:
            close = get_close_matches(name, known, n=1)
            there = f"There are: {', '.join(known[:10])}." if known else f"The suites have no {kind}s."
            remedy = f"Did you mean {close[0]}?" if close else there
            yield Problem("nothing-selected", f"no {kind} is called {name!r}", remedy)


def described(selection: Selection) -> str:
    """Return a selection as the options that made it: `--tag vi --limit 5`."""
    parts = [
        *(f"--candidate {name}" for name in selection.candidates),
        *(f"--tag {tag}" for tag in selection.tags),
        *([f"--limit {selection.limit}"] if selection.limit is not None else []),
        *([f"--shard {selection.shard}/{selection.shards}"] if selection.shards > 1 else []),
    ]
    return " ".join(parts)
