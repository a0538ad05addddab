"""Can a case be passed by its own expected answer, and can it be failed at all?"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from assay.schema.run import Trial
from assay.schema.suite import COMBINATIONS
from assay.scoring.lint.finding import LintFinding
from assay.scoring.lint.patterns import matches_nothing
from assay.scoring.lint.reading import leaves_of
from assay.scoring.lint.schemas import contradiction
from assay.scoring.lint.together import clash
from assay.scoring.mark import shown
from assay.scoring.score import case_for, score_trial
from assay.scoring.scorers.regex_match import RegexOptions
from assay.scoring.text import accepted_texts, composed, shown_choice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import JsonValue

    from assay.schema.score import Score
    from assay.schema.suite import Case, ScorerSpec, Suite

__all__ = ["ideal_answers", "passes", "passing_nothing", "unreachable"]

_TEXTS: Final = frozenset({"exact", "fuzzy", "contains", "contains_all", "number", "choice"})
"""Scorers whose ideal answer is an expected text, or all of them."""
_JSON: Final = frozenset({"json_schema", "json_fields"})
"""Scorers whose ideal answer is the expected value as JSON."""
_WHOLE: Final = frozenset({"exact", "fuzzy", "json_schema", "json_fields"})
"""Scorers that want the whole expected answer, so that it must fit into the longest one."""
_CHARACTERS_A_TOKEN: Final = 8
"""More than any tokenizer packs into a token of ordinary text."""
_LONGEST_NUMBER: Final = 30
_NO_ANSWER: Final = "I don't know"
_WELCOME: Final = frozenset({"refusal", "length", "judge"})
"""Scorers for which an answer that knows nothing may be a good one."""


def unreachable(suite: Suite, case: Case) -> Iterator[LintFinding]:
    """Yield a finding for each scorer that not even the expected answer passes, else for scorers that contradict."""
    told = False
    for spec in suite.scorers_of(case):
        reason = _obstacle(spec, case, suite)
        if reason is not None:
            told = True
            message = f"no expected answer passes the scorer {shown(spec.label)}: {reason}"
            remedy = "Correct `expected`, or what it is compared by."
            yield LintFinding(kind="unreachable", level="error", case=case.id, message=message, remedy=remedy)
    schemas = [own.json_schema for _, own in leaves_of(suite, case) if own.json_schema is not None]
    if told or any(contradiction(schema) is not None for schema in schemas):
        return
    reason = clash(suite.scorers_of(case), ideal_answers(suite, case), lambda answer: _scores(suite, case, answer))
    if reason is not None:
        message = f"no answer passes all its scorers together: {reason}"
        remedy = "Let the scorers agree on an answer."
        yield LintFinding(kind="unreachable", level="error", case=case.id, message=message, remedy=remedy)


def passing_nothing(suite: Suite, case: Case) -> Iterator[LintFinding]:
    """Yield a finding where an answer that says nothing passes the whole case."""
    remedy = "Let a scorer ask for what a good answer must hold; length with min_words: 1 wants any words at all."
    if passes(suite, case, ""):
        message = "an empty answer passes"
        yield LintFinding(kind="anything-passes", level="error", case=case.id, message=message, remedy=remedy)
    elif _must_know(suite, case) and passes(suite, case, _NO_ANSWER):
        message = f"the answer {shown(_NO_ANSWER)} passes, which is not what is expected"
        yield LintFinding(kind="anything-passes", level="error", case=case.id, message=message, remedy=remedy)


def passes(suite: Suite, case: Case, answer: str) -> bool:
    """Return whether an answer passes every scorer of a case; a judge, who is not asked, passes none."""
    return all(score.outcome == "passed" for score in _scores(suite, case, answer))


def ideal_answers(suite: Suite, case: Case) -> tuple[str, ...]:
    """Return the answers that a case itself calls right, each once."""
    found = [text for spec, own in leaves_of(suite, case) for text in _ideals(spec, own)]
    return tuple(dict.fromkeys(found))


def _obstacle(spec: ScorerSpec, case: Case, suite: Suite) -> str | None:
    """Return why a scorer cannot be passed by what it expects, or None where it can or nobody can say."""
    own = case_for(spec, case)
    if spec.name in COMBINATIONS:
        reasons = [_obstacle(part, own, suite) for part in spec.parts]
        blocked = [reason for reason in reasons if reason is not None]
        if spec.name == "all" or (spec.name == "any" and len(blocked) == len(reasons)):
            return next(iter(blocked), None)
        return None
    return _nowhere(spec, own) if spec.name == "regex" else _failing_ideals(spec, own, suite)


def _failing_ideals(spec: ScorerSpec, own: Case, suite: Suite) -> str | None:
    ideals = _ideals(spec, own)
    hopeless = own.json_schema is not None and contradiction(own.json_schema) is not None
    if not ideals or hopeless or spec.options.get("absent") is True:
        return None
    alone = own.model_copy(update={"scorers": (spec,)})
    scores = [score for answer in ideals for score in _scores(suite, alone, answer)]
    if not any(score.outcome == "passed" for score in scores):
        return scores[0].reason
    return _too_long(spec, [len(answer) for answer in ideals], suite)


def _nowhere(spec: ScorerSpec, own: Case) -> str | None:
    patterns = accepted_texts(own.expected)
    flags = RegexOptions.model_validate(spec.options).flags()
    if not patterns or not all(matches_nothing(composed(pattern), flags) for pattern in patterns):
        return None
    return f"{shown_choice(patterns)} matches no text at all"


def _too_long(spec: ScorerSpec, lengths: list[int], suite: Suite) -> str | None:
    most = suite.request.max_tokens
    if most is None or spec.name not in _WHOLE or spec.options.get("mode", "ratio") != "ratio":
        return None
    ratio = spec.options.get("min_ratio", 90.0) if spec.name == "fuzzy" else 100.0
    share = float(ratio) / 100 if isinstance(ratio, int | float) else 1.0
    least = int(min(lengths) * share / (2 - share))  # a shorter answer is not similar enough
    if least <= most * _CHARACTERS_A_TOKEN:
        return None
    return f"it needs {least} characters, and max_tokens {most} holds at most some {most * _CHARACTERS_A_TOKEN}"


def _ideals(spec: ScorerSpec, own: Case) -> tuple[str, ...]:
    """Return the best answers for one scorer; none where they cannot be told from what it expects."""
    if spec.name in _JSON:
        return _json_ideals(spec, own.expected)
    texts = accepted_texts(own.expected) if spec.name in _TEXTS else ()
    if spec.name == "number":
        return _numbers(spec, texts)
    return (*texts, "\n".join(texts)) if len(texts) > 1 else texts


def _numbers(spec: ScorerSpec, texts: tuple[str, ...]) -> tuple[str, ...]:
    """Return a number as it may be written: with either decimal mark, bare or with one of its units."""
    units = spec.options.get("units")
    listed = units if isinstance(units, list) else [units]
    named = [unit for unit in listed if isinstance(unit, str)]
    written = [form for text in texts for form in (text, text.replace(".", ","), _plain(text))]
    return tuple(dict.fromkeys([*written, *(f"{form} {unit}" for form in written for unit in named)]))


def _plain(text: str) -> str:
    """Return a number without an exponent; any other text as it is."""
    try:
        return f"{Decimal(text):f}" if len(text) <= _LONGEST_NUMBER else text
    except ArithmeticError:
        return text


def _json_ideals(spec: ScorerSpec, expected: JsonValue) -> tuple[str, ...]:
    compared = spec.name != "json_schema" or spec.options.get("compare") is True
    # Beside a plain schema a text may be there for another scorer.
    if expected is None or not (compared or isinstance(expected, dict)):
        return ()
    return (json.dumps(expected, ensure_ascii=False, separators=(",", ":")),)


def _must_know(suite: Suite, case: Case) -> bool:
    """Tell whether to know nothing is a bad answer: not where refusing is asked for, or is what is expected."""
    names = {leaf.name for spec in suite.scorers_of(case) for leaf in spec.leaves()}
    tops = {spec.name for spec in suite.scorers_of(case)}
    negative = "none" in tops or any(s.options.get("absent") is True for s in suite.scorers_of(case))
    return not names & _WELCOME and not negative and not _expects_no_answer(suite, case)


def _expects_no_answer(suite: Suite, case: Case) -> bool:
    from rapidfuzz import fuzz

    wanted = _NO_ANSWER.casefold()
    return any(fuzz.ratio(text.casefold()[:200], wanted) >= 60 for text in ideal_answers(suite, case))  # noqa: PLR2004


def _scores(suite: Suite, case: Case, answer: str) -> tuple[Score, ...]:
    trial = Trial(
        candidate="lint",
        suite=suite.id,
        case=case.id,
        trial=1,
        status="completed",
        output=answer,
        error=None,
        finish_reason="stop",
        usage=None,
        elapsed_ms=0.0,
        attempts=1,
        model=None,
        case_digest="",
    )
    return score_trial(suite, case, trial, {}, {})
