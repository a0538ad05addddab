"""Can one answer pass all scorers of a case at once?

Each scorer may be passed by itself and still two of them contradict each other. That is told where the answers to try
are known: where `exact` leaves no others, or where all scorers are of kinds for which a passing answer can be written.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from assay.scoring.mark import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from assay.schema.score import Score
    from assay.schema.suite import ScorerSpec

__all__ = ["clash"]

_WRITABLE: Final = frozenset({"exact", "contains", "contains_all", "number", "choice", "length", "refusal", "judge"})
"""Scorers for which a passing answer can be written, where there is one."""
_PLAIN: Final = frozenset({"exact", "contains", "refusal"})
"""Of these the ones that may also stand under `none`."""
_REFUSALS: Final = ("I can't help with that.", "Tôi không thể giúp bạn việc này.")
_FILLERS: Final = ("thing", "việc", "7")
_MOST_TEXTS: Final = 12
_MOST_FILLED: Final = 2_000


def clash(
    specs: Sequence[ScorerSpec], ideals: Sequence[str], scores_of: Callable[[str], Sequence[Score]]
) -> str | None:
    """Return why no answer passes all scorers of a case, or None where one does or nobody can say.

    Args:
        specs: the scorers of the case.
        ideals: the answers that the case itself calls right.
        scores_of: scores one answer by all of them.
    """
    if len(specs) == 1 and not specs[0].parts:
        return None
    if _is_pinned(specs):
        tried = list(_written_otherwise(ideals))
    elif all(_is_writable(spec) for spec in specs):
        tried = [own for text in _combined(ideals[:_MOST_TEXTS]) for own in _filled(text, specs)]
    else:
        return None
    nearest: tuple[int, str, Score] | None = None
    for answer in tried:
        scores = scores_of(answer)
        failing = [score for score in scores if score.outcome == "failed"]
        if not failing:
            return None
        if nearest is None or len(failing) < nearest[0]:
            nearest = (len(failing), answer, failing[0])
    if nearest is None:
        return None
    return f"{shown(nearest[1])} fails {shown(nearest[2].scorer)}: {nearest[2].reason}"


def _is_pinned(specs: Sequence[ScorerSpec]) -> bool:
    """Tell whether `exact` must be passed, so that only its own texts can."""
    return any(spec.name == "exact" or (spec.name == "all" and _is_pinned(spec.parts)) for spec in specs)


def _is_writable(spec: ScorerSpec) -> bool:
    if spec.name == "all":
        return all(_is_writable(part) for part in spec.parts)
    if spec.name == "none":
        return all(part.name in _PLAIN for part in spec.parts)
    return spec.name in _WRITABLE


def _written_otherwise(ideals: Sequence[str]) -> Iterator[str]:
    """Yield each text as `exact` may also take it: in another case, on several lines, with a full stop."""
    for text in ideals:
        for own in (text, text.lower(), text.upper(), text.title(), text.capitalize(), "\n".join(text.split())):
            yield own
            yield f"{own}."


def _combined(ideals: Sequence[str]) -> Iterator[str]:
    """Yield each text, all of them together, and either behind a refusal."""
    single = [text for text in ideals if "\n" not in text]
    whole = [*ideals, *(mark.join(own) for own in (ideals, single, single[::-1]) for mark in ("", " ", "\n", ", ")), ""]
    for text in dict.fromkeys(whole):
        yield text
        for refusal in _REFUSALS:
            yield f"{refusal} {text}".strip()


def _filled(text: str, specs: Sequence[ScorerSpec]) -> Iterator[str]:
    """Yield a text as it is, and made as long as scorers want it, one unit after the other."""
    yield text
    leaves = [leaf for spec in specs if spec.name != "none" for leaf in spec.leaves() if leaf.name == "length"]
    wanted = {unit: _least(leaves, unit) for unit in ("words", "sentences", "lines", "characters")}
    if not any(wanted.values()):
        return
    for filler in _FILLERS:
        words = [*([text] if text else []), *[filler] * (wanted["words"] - len(text.split()))]
        sentences = re.split(r"(?<=[.!?])\s+", " ".join(words))
        sentences += [filler.capitalize()] * (wanted["sentences"] - len(sentences))
        lines = (
            ". ".join(own.rstrip(".") for own in sentences).splitlines() if wanted["sentences"] else [" ".join(words)]
        )
        lines += [filler] * (wanted["lines"] - len("\n".join(lines).splitlines()))
        made = "\n".join(lines)
        yield made
        yield made + filler[-1] * (wanted["characters"] - len(made))
        yield " ".join([made, *[filler] * ((wanted["characters"] - len(made)) // (len(filler) + 1) + 1)])


def _least(leaves: Sequence[ScorerSpec], unit: str) -> int:
    found = [leaf.options.get(f"min_{unit}") for leaf in leaves]
    return min(max((n for n in found if isinstance(n, int)), default=0), _MOST_FILLED)
