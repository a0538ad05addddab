"""How do a case, a suite, a trial and a judgement look once their texts are redacted or left out?

Whatever a number may hang on stays: ids, tags, severity, sources, scorers by name, counts and times. What had a text
keeps its digest, so that trials, cases and suites still belong together; its blind goes, and with it the means to try
out guesses of the text. The digest of a request has no blind in it, and is needed by nobody who has only the evidence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.schema.suite import Case, ScorerSpec, Suite

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeVar

    from assay.record.redact import Redactor
    from assay.schema._base import Noun
    from assay.schema.run import Judgement, Trial

    NounT = TypeVar("NounT", bound=Noun)

__all__ = [
    "LEFT_OUT",
    "NAMES",
    "bare_case",
    "bare_judgement",
    "bare_suite",
    "bare_trial",
    "redacted",
    "redacted_suite",
    "sealed_suite",
    "whole_names",
]

LEFT_OUT: Final = "[left out]"
"""What stands where a text is left out that a noun cannot do without."""

NAMES: Final = frozenset(
    {
        *("candidate", "suite", "case", "judge", "rubric", "reused_from", "case_digest", "request_digest", "id"),
        *("kind", "status", "finish_reason", "grade", "phase", "profile", "cache", "name", "label", "severity", "tags"),
        *("schema", "pin", "identified_by", "withheld", "sha256", "role", "arrivals", "ended"),
        *("commercial", "internal_evaluation", "outputs_train", "outcome", "confidence"),
    }
)
"""Keys whose texts are names, ids, digests or words of a protocol: secrets are taken out, other patterns not."""

_TEXTS_OF_A_CASE: Final[dict[str, frozenset[str]]] = {
    "input": frozenset({"role"}),
    "expected": frozenset(),
    "scorers": frozenset({"name", "label", "rubric"}),
    "schema": frozenset(),
    "context": frozenset(),
    "metadata": frozenset(),
}
"""Fields of a case with texts, and the keys in them that are names; its id, tags and source are names themselves."""
_LABELLING: Final = ("rubric", "compare")
"""Options of a scorer that its label hangs on."""


def redacted(noun: NounT, redactor: Redactor, names: frozenset[str] = NAMES) -> NounT:
    """Return a noun without what must not travel; the very same where nothing was found."""
    plain = noun.model_dump(mode="json", by_alias=True)
    found = redactor.value(plain, names)
    return noun if found == plain else type(noun).model_validate(found)


def whole_names(suite: Suite) -> Iterable[str]:
    """Yield the texts of a suite that cannot be redacted, because metrics are named and grouped by them."""
    specs = [*suite.scorers, *(spec for case in suite.cases for spec in case.scorers or ())]
    yield suite.id
    yield from (text for case in suite.cases for text in (case.id, *case.tags, case.source or ""))
    yield from (part.label for spec in specs for part in (spec, *spec.leaves()))


def bare_case(case: Case) -> Case:
    """Return a case without its texts."""
    return Case(
        id=case.id,
        input=LEFT_OUT,
        scorers=None if case.scorers is None else tuple(map(_bare_scorer, case.scorers)),
        json_schema=None if case.json_schema is None else {},
        tags=case.tags,
        severity=case.severity,
        min_pass_rate=case.min_pass_rate,
        source=case.source,
        withheld=case.digest(),
    )


def bare_suite(suite: Suite) -> Suite:
    """Return a suite without its texts: those of its cases, its system prompt and what its scorers expect."""
    bare = suite.model_copy(
        update={
            "system": None if suite.system is None else LEFT_OUT,
            "scorers": tuple(map(_bare_scorer, suite.scorers)),
            "cases": tuple(map(bare_case, suite.cases)),
        }
    )
    return sealed_suite(bare, suite)


def sealed_suite(changed: Suite, suite: Suite) -> Suite:
    """Return a changed suite with the digest of what it was, where its settings changed."""
    same = changed.model_copy(update={"cases": suite.cases}) == suite
    return changed if same else changed.model_copy(update={"withheld": suite.digest(), "blind": None})


def redacted_suite(suite: Suite, redactor: Redactor) -> Suite:
    """Return a suite without what must not travel in its settings and cases; the very same where nothing was found."""
    cases = tuple(_redacted_case(case, redactor) for case in suite.cases)
    settings = suite.model_copy(update={"cases": ()})
    changed = redacted(settings, redactor).model_copy(update={"cases": cases})
    return sealed_suite(changed, suite)


def _redacted_case(case: Case, redactor: Redactor) -> Case:
    plain = case.model_dump(mode="json", by_alias=True)
    found = {
        name: redactor.value(plain[name], names, keys=name not in {"input", "scorers"})
        for name, names in _TEXTS_OF_A_CASE.items()
    }
    if all(plain[name] == own for name, own in found.items()):
        return case
    return Case.model_validate({**plain, **found, "blind": None, "withheld": case.digest()})


def bare_trial(trial: Trial) -> Trial:
    """Return a trial without its answer and without what a server said of its failure."""
    error = None if trial.error is None else trial.error.model_copy(update={"message": LEFT_OUT})
    return trial.model_copy(update={"output": None, "error": error, "request_digest": None})


def bare_judgement(judgement: Judgement) -> Judgement:
    """Return a judgement without the judge's words, which may repeat the answer."""
    own = judgement.completion
    fault = None if own.fault is None else own.fault.model_copy(update={"message": LEFT_OUT})
    return judgement.model_copy(update={"completion": own.model_copy(update={"output": None, "fault": fault})})


def _bare_scorer(spec: ScorerSpec) -> ScorerSpec:
    return ScorerSpec(
        name=spec.name,
        options={name: value for name, value in spec.options.items() if name in _LABELLING},
        own_label=spec.own_label,
        weight=spec.weight,
        parts=tuple(map(_bare_scorer, spec.parts)),
    )
