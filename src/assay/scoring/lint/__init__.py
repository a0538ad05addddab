"""Can a suite be trusted: does each case ask one thing, can it be passed, and can it be failed?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.scoring.lint.answers import passing_nothing, unreachable
from assay.scoring.lint.balance import balance
from assay.scoring.lint.duplicates import duplicates
from assay.scoring.lint.encoding import encoding
from assay.scoring.lint.finding import Level, LintFinding, LintKind
from assay.scoring.lint.leaks import leaks
from assay.scoring.lint.schemas import contradiction
from assay.scoring.lint.slow import slow_patterns
from assay.scoring.mark import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from assay.schema.suite import Suite

__all__ = ["Level", "LintFinding", "LintKind", "lint_suite"]


def lint_suite(suite: Suite) -> tuple[LintFinding, ...]:
    """Return all that the texts, scorers and answers of a suite show, rule by rule; places in files are left open."""
    return tuple(finding for rule in RULES.values() for finding in rule(suite))


def _each_case(suite: Suite) -> Iterator[LintFinding]:
    for case in suite.cases:
        yield from unreachable(suite, case)
        yield from passing_nothing(suite, case)


def _schemas(suite: Suite) -> Iterator[LintFinding]:
    """Yield a finding for each case with a schema, its own or a scorer's, that no value satisfies."""
    for case in suite.cases:
        own = [case.json_schema, *(leaf.json_schema for spec in suite.scorers_of(case) for leaf in spec.leaves())]
        found = next((why for schema in own if schema is not None and (why := contradiction(schema))), None)
        if found is not None:
            place = shown(found.place).strip("'")
            message = f"no answer can satisfy the schema: {place}: {found.reason}"
            remedy = "Mend the schema."
            yield LintFinding(kind="unsatisfiable-schema", level="error", case=case.id, message=message, remedy=remedy)


RULES: dict[str, Callable[[Suite], Iterator[LintFinding]]] = {
    "duplicates": duplicates,
    "answers": _each_case,
    "schemas": _schemas,
    "slow patterns": slow_patterns,
    "leaks": leaks,
    "balance": balance,
    "encoding": encoding,
}
"""What is looked for, by name."""
