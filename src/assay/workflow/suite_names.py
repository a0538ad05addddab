"""Does the plan name a suite beside its list, for the benchmark or a smoke set, that is not on the list?"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from assay.errors import Problem
    from assay.suite import LoadedPlan

__all__ = ["suites_not_there"]


def suites_not_there(loaded: LoadedPlan, suites: Sequence[str]) -> Iterator[Problem]:
    """Yield a problem for each prompt profile, and for a smoke set, that names a suite which the plan does not have."""
    profiles = enumerate(loaded.plan.bench.profiles if loaded.plan.bench is not None else ())
    named: list[tuple[str, str, str, tuple[str | int, ...]]] = [
        ("the benchmark wants prompts of", profile.removeprefix("suite:"), "suite:", ("bench", "profiles", index))
        for index, profile in profiles
        if profile.startswith("suite:")
    ]
    if (smoke := loaded.plan.probes.smoke.suite) is not None:
        named.append(("fallbacks shall be asked", smoke, "", ("probes", "smoke", "suite")))
    for what, name, prefix, loc in named:
        if name not in suites:
            near = get_close_matches(name, suites, n=1, cutoff=0.0)[0]
            message = f"{what} a suite {name!r} that the plan does not have"
            remedy = f"Write {prefix}{near}; the plan's suites are {', '.join(suites)}."
            yield loaded.document.problem("bad-value", message, remedy, loc)
