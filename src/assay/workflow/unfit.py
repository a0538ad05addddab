"""Does a plan, or a file that it names, hold what must not travel, where digests keep it from being taken out?

Asked before anything is asked of a model: a record that cannot be made is best refused while it costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.workflow.hiding import bound_problems, name_problems

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from assay.errors import Problem
    from assay.record.redact import Redactor
    from assay.schema._base import JsonValue, Noun
    from assay.schema.suite import Suite
    from assay.suite import Document

__all__ = ["unfit_to_travel"]


def unfit_to_travel(
    document: Document, suites: Iterable[Suite], files: Mapping[str, Noun | None], redactor: Redactor
) -> Iterator[Problem]:
    """Yield a problem for each text that must not travel and could not be taken out of the evidence.

    Args:
        document: the plan's file.
        suites: the plan's suites, of which only names are looked at.
        files: what digests are made of, by what it is called; the plan itself as `plan`.
        redactor: what is looked for.
    """
    for suite in suites:
        yield from name_problems(f"suite {suite.id}", suite, redactor)
    for name, noun in files.items():
        plain: JsonValue = noun.model_dump(mode="json", by_alias=True) if noun is not None else None
        for problem in bound_problems(name, plain, redactor):
            # A problem of the plan itself gets the line of what it names.
            loc = tuple(int(part) if part.isdigit() else part for part in problem.message.partition(" ")[0].split("."))
            yield problem.at(document.file, document.line_of(loc)) if name == "plan" else problem
