"""Is a candidate still what it was when its first cases were asked, now that a run goes on?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.errors import InputError, Problem
from assay.provenance import IDENTITY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assay.schema.provenance import CandidateFacts, Fact

__all__ = ["differences", "go_on_with"]

_MOST_SHOWN = 24
_EARLIER = "; not shown any more when the run went on"


def differences(then: CandidateFacts, now: CandidateFacts) -> tuple[str, ...]:
    """Return what makes a candidate another one than it was, such as `quantization was Q4_K_M and is Q8_0`.

    What one of both does not know tells nothing: Ollama shows the context of a model only while it is loaded.
    """
    return tuple(
        f"{name} was {_shown(then.fact(name))} and is {_shown(now.fact(name))}"
        for name in IDENTITY
        if None not in (then.fact(name).value, now.fact(name).value) and then.fact(name).value != now.fact(name).value
    )


def go_on_with(run_id: str, pairs: Sequence[tuple[CandidateFacts, CandidateFacts]]) -> tuple[CandidateFacts, ...]:
    """Return the facts to go on with: those of now, and what makes a candidate itself also where it shows no more.

    Args:
        run_id: the run.
        pairs: facts of earlier and of now of each candidate that has trials in the run.

    Raises:
        InputError: a candidate is another one now (`other-candidate`), so that its answers would be mixed.
    """
    problems = [
        Problem(
            "other-candidate",
            f"{now.candidate} is not what it was when the run {run_id} was begun: {'; '.join(changed)}",
            f"Serve what was served then, or start a new run with --reuse {run_id}: it takes what still holds.",
        )
        for then, now in pairs
        if (changed := differences(then, now))
    ]
    if problems:
        raise InputError(*problems)
    return tuple(
        now.model_copy(update={"facts": tuple(_kept(then.fact(fact.name), fact) for fact in now.facts)})
        for then, now in pairs
    )


def _kept(then: Fact, now: Fact) -> Fact:
    if now.name not in IDENTITY or now.value is not None or then.value is None:
        return now
    return then.model_copy(update={"source": then.source.removesuffix(_EARLIER) + _EARLIER})


def _shown(fact: Fact) -> str:
    text = str(fact.value)
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"
