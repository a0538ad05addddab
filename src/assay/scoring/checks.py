"""Can the scorers of a case do their work, asked before a model is?"""

from __future__ import annotations

from collections import Counter
from difflib import get_close_matches
from typing import TYPE_CHECKING

from pydantic import ValidationError

from assay.schema.suite import COMBINATIONS
from assay.scoring.mark import Flaw, readable, shortened, shown
from assay.scoring.plugins import known_scorers, scorer_named, why_not_loaded
from assay.scoring.score import case_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from assay.schema.suite import Case, ScorerSpec, Suite
    from assay.scoring.mark import Need, Scorer

__all__ = ["check_scorers"]


def check_scorers(suite: Suite, case: Case) -> list[tuple[str, str, str]]:
    """Return all that keeps the scorers of a case from working: slug, message and remedy of each flaw."""
    specs = suite.scorers_of(case)
    if not specs:
        remedy = "Give the suite or the case `scorers`, for example [exact]."
        return [Flaw("no-scorers", "the case has no scorer, so no answer could pass", remedy)]
    flaws: list[tuple[str, str, str]] = [flaw for spec in specs for flaw in _spec_flaws(spec, case)]
    for label, times in Counter(spec.label for spec in specs).items():
        if times > 1:
            message = f"the scorer {shown(label)} stands {times} times, and scores are kept by that name"
            flaws.append(Flaw("duplicate-scorer", message, "Keep one of them."))
    return flaws


def _spec_flaws(spec: ScorerSpec, case: Case) -> list[Flaw]:
    scorer = scorer_named(spec.name)
    if scorer is None:
        why = why_not_loaded(spec.name)
        if why is not None:
            return [Flaw("unknown-scorer", why, "Mend or install anew the package that adds it.")]
        message = f"there is no scorer {shown(spec.name)}"
        return [Flaw("unknown-scorer", message, _nearest(spec.name, known_scorers()))]
    case = case_for(spec, case)
    if spec.name in COMBINATIONS and not spec.parts:
        message = f"scorer {spec.name} is made of other scorers, and none stands in it"
        return [Flaw("bad-option", message, f"Write {{{spec.name}: [exact, …]}}.")]
    inner = [flaw for part in spec.parts for flaw in _spec_flaws(part, case)]
    if inner:
        return inner
    flaws = [_need_flaw(need, scorer) for need in sorted(scorer.needs) if not _has(need, spec, case)]
    try:
        scorer.options.model_validate(spec.options)
    except ValidationError as error:
        return [*flaws, *_option_flaws(scorer, error)]
    return [*flaws, *_own_flaws(scorer, spec, case)]


def _own_flaws(scorer: Scorer, spec: ScorerSpec, case: Case) -> list[Flaw]:
    """Return what a scorer itself finds wrong; one of another package may break while it looks."""
    try:
        found = scorer.flaws(case, spec.options)
        if all(isinstance(flaw, Flaw) for flaw in found):
            return list(found)
        why = "it returned something else than flaws"
    except Exception as error:  # noqa: BLE001  # whatever it raises, the file has one problem and the others are told
        why = type(error).__name__
    message = f"scorer {scorer.name} broke while it checked this case: {why}"
    return [Flaw("bad-option", message, "Mend the case, or the package that adds the scorer.")]


def _has(need: Need, spec: ScorerSpec, case: Case) -> bool:
    match need:
        case "expected":
            return case.expected is not None
        case "schema":
            return case.json_schema is not None
        case "rubric":
            return "rubric" in spec.options


def _need_flaw(need: Need, scorer: Scorer) -> Flaw:
    if need == "rubric":
        remedy = f"Name a rubric: {{{scorer.name}: {{rubric: …}}}}."
        return Flaw("missing-rubric", f"scorer {scorer.name} needs a rubric", remedy)
    message = f"scorer {scorer.name} needs `{need}`, and the case has none"
    return Flaw(f"missing-{need}", message, f"Give the case `{need}`, or choose another scorer.")


def _option_flaws(scorer: Scorer, error: ValidationError) -> Iterator[Flaw]:
    for detail in error.errors(include_url=False):
        name = str(detail["loc"][0])
        if detail["type"] == "extra_forbidden":
            message = f"scorer {scorer.name} has no option {shown(name)}"
            yield Flaw("unknown-option", message, _nearest(name, scorer.options.model_fields))
        else:
            message = f"option {name} of scorer {scorer.name} cannot be {readable(shortened(repr(detail['input'])))}"
            yield Flaw("bad-option", message, f"{detail['msg'].replace('Input', 'It', 1)}.")


def _nearest(name: str, known: Iterable[str]) -> str:
    names = list(known)
    close = get_close_matches(name, names, n=1)
    return f"Did you mean {close[0]}?" if close else f"There are: {', '.join(names)}."
