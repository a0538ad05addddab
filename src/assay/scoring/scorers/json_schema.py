"""Is the answer JSON that satisfies the schema of the case, and does it say what is expected?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ConfigDict

from assay.schema._base import Noun
from assay.scoring.answer_json import NotJsonError, composed_json, first_difference, only_object_in, whole_json
from assay.scoring.mark import Flaw, Mark, Scorer, failed, passed, unscored
from assay.scoring.schema_check import UnresolvedError, schema_flaws, violations

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import JsonValue

    from assay.schema.suite import Case

__all__ = ["SCORER", "JsonSchemaOptions"]


class JsonSchemaOptions(Noun):
    """How `json_schema` reads the answer, and whether it compares values."""

    model_config = ConfigDict(strict=True)

    lenient: bool = False
    """Whether the only object in an answer with other text is taken; else the answer must be JSON, alone or in one
    code fence."""
    compare: bool = False
    """Whether the value must also equal `expected`."""


def _score(case: Case, output: str, options: Mapping[str, JsonValue]) -> Mark:
    chosen = JsonSchemaOptions.model_validate(options)
    if case.json_schema is None or (chosen.compare and case.expected is None):
        return unscored("the case has no schema" if case.json_schema is None else "the case has no expected value")
    try:
        value = only_object_in(output) if chosen.lenient else whole_json(output)
        violation = violations(case.json_schema, value)
    except NotJsonError as error:
        return failed(f"the answer {error}")
    except UnresolvedError as error:
        return unscored(f"the schema {error}")
    if violation is not None:
        return failed(violation)
    difference = first_difference(composed_json(case.expected), composed_json(value)) if chosen.compare else None
    if difference is not None:
        return failed(f"differs from what is expected at {difference}")
    return passed("satisfies the schema" + (" and equals what is expected" if chosen.compare else ""))


def _flaws(case: Case, options: Mapping[str, JsonValue]) -> list[Flaw]:
    flaws = [] if case.json_schema is None else schema_flaws(case.json_schema)
    if options.get("compare") and case.expected is None:
        message = "scorer json_schema with compare needs `expected`, and the case has none"
        flaws.append(Flaw("missing-expected", message, "Give the expected value, or leave compare out."))
    return flaws


SCORER = Scorer(
    name="json_schema",
    summary="The answer is JSON that satisfies the schema of the case, and on demand equals `expected`.",
    options=JsonSchemaOptions,
    score=_score,
    needs=frozenset({"schema"}),
    flaws=_flaws,
)
