"""How is advice shown: what is known, how each runtime fits and why, what is not known, and where it comes from?"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from assay.cli.boundary import Exit
from assay.cli.output import write_data
from assay.cli.show import hanging, write_lines
from assay.record.run_folder import to_json
from assay.workflow.advise import advise_on

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from assay.readiness.advice.advice import (
        Advice,
        AdviceReason,
        AdvisedCandidate,
        AdvisedRuntime,
        ContextFact,
        OpenRule,
        OpenWord,
    )

__all__ = ["advice_lines", "show_advice"]

_FITS: Final = {
    "fits": "fits",
    "fits_with_conditions": "fits with conditions",
    "not_spoken_for": "nothing speaks for it",
    "does_not_fit": "does not fit",
}
_MEASURED: Final = {
    "fits": "fits as measured",
    "fits_with_conditions": "fits as measured, with conditions",
    "not_spoken_for": "not shown by measurements",
    "does_not_fit": "does not fit as measured",
}
_SIGNS: Final = {"for": "+", "against": "-"}
_WOULD: Final[dict[OpenWord, str]] = {
    "for": "for {}",
    "for_with_conditions": "for {}, on conditions",
    "needs_more": "more is needed of {}",
    "against": "against {}",
}
_KEY_WIDTH: Final = 21


def show_advice(plan: Path, run: Path | None, *, as_json: bool) -> Exit:
    """Show advice on a plan and return the exit code: it is done, whatever fits."""
    advice = advise_on(plan, run, os.environ)
    if as_json:
        write_data(to_json(advice))
    else:
        write_lines(advice_lines(advice))
    return Exit.DONE


def advice_lines(advice: Advice) -> Iterator[str]:
    """Yield advice, at most 80 columns wide."""
    page = _Page()
    yield from hanging(f"{advice.use_case}: which runtimes fit its context?", "", "  ")
    yield from _known_lines(advice)
    yield from ("", "runtimes")
    for own in advice.runtimes:
        yield from page.runtime(own)
    if advice.development:
        yield from ("", "to develop with")
    for own in advice.development:
        yield from page.runtime(own)
    yield from ("", "candidates")
    for candidate in advice.candidates:
        yield from page.candidate(candidate)
    if advice.run is None:
        yield "  nothing is measured here: name a run or a record with --run"
    yield from page.unknown(advice)
    yield from page.sources(advice)
    yield ""
    if advice.run is not None:
        yield from hanging(f"The verdict of {advice.run} stays {advice.verdict}.", "", "  ")
    yield "This is advice and no verdict: no condition and no check reads it."


def _known_lines(advice: Advice) -> Iterator[str]:
    yield from ("", "known of the context")
    known = [own for own in advice.context if own.how != "unknown"]
    if not known:
        yield "  nothing: fill the key context of the plan"
    for fact in known:
        said = f"{'said by' if fact.how == 'said' else 'inferred from'} {fact.source}"
        yield from hanging(f"{fact.key:<{_KEY_WIDTH}} {_value(fact):<12} {said}", "  ", "      ")
        if fact.against:
            yield from hanging(f"but {fact.against}", "      ", "      ")


def _value(fact: ContextFact) -> str:
    return str(fact.value).lower() if isinstance(fact.value, bool) else str(fact.value)


class _Page:
    """Lines that cite sources, and which sources they cited."""

    def __init__(self) -> None:
        self.cited: set[int] = set()

    def runtime(self, own: AdvisedRuntime) -> Iterator[str]:
        """Yield how a runtime fits; where it does not, what keeps it from that and not what else it would need."""
        shown = own.reasons
        if own.fit in {"does_not_fit", "not_spoken_for"}:
            shown = tuple(reason for reason in own.reasons if reason.speaks == "for" or reason.fit == "does_not_fit")
        yield f"  {own.runtime}: {_FITS[own.fit]}"
        yield from self.reasons(shown)
        if more := len(own.reasons) - len(shown):
            yield f"    {more} further reason{'' if more == 1 else 's'} against it as it stands: see --json"

    def reasons(self, reasons: Sequence[AdviceReason]) -> Iterator[str]:
        """Yield reasons, each with what must be there as well."""
        for reason in reasons:
            cited = self._cites(reason.sources)
            yield from hanging(f"{_SIGNS[reason.speaks]} {reason.text} {cited}".rstrip(), "    ", "      ")
            if reason.conditions:
                yield from hanging(f"needs: {'; '.join(reason.conditions)}", "      ", "        ")

    def candidate(self, own: AdvisedCandidate) -> Iterator[str]:
        """Yield how the runtime of a candidate fits, and what the measurements say of itself."""
        fit = _FITS[own.runtime_fit] if own.runtime_fit is not None else "what answers behind it is not known"
        purpose = "to develop with: " if own.for_development else ""
        yield from hanging(f"{own.candidate} on {own.runtime} ({purpose}{fit})", "  ", "    ")
        if own.reasons or own.unknown:
            yield f"    {_MEASURED[own.fit]}"
        yield from self.reasons(own.reasons)
        for clause in own.unknown:
            yield from hanging(f"? {clause}", "    ", "      ")

    def unknown(self, advice: Advice) -> Iterator[str]:
        """Yield what is not known, with the rules that could apply; a rule stands at the first thing that it lacks."""
        facts = [own for own in advice.context if own.how == "unknown"]
        if facts:
            yield from ("", "not known")
        for fact in facts:
            yield from hanging(f"{fact.key} (tell it by {fact.source})", "  ", "    ")
            rules = [rule for rule in advice.open if rule.keys[0] == fact.key]
            for would in dict.fromkeys(rule.would_apply_if for rule in rules):
                own = [rule for rule in rules if rule.would_apply_if == would]
                yield from hanging(f"would apply if {would}: {self._would(own)}", "    ", "      ")

    def sources(self, advice: Advice) -> Iterator[str]:
        """Yield the sources that were cited, under the numbers that they have in the JSON too."""
        yield from ("", "sources")
        for number, source in enumerate(advice.sources, start=1):
            if number in self.cited:
                yield from hanging(f"[{number}] {source.title}", "  ", "      ")

    def _would(self, rules: Sequence[OpenRule]) -> str:
        """Return what rules with one premise would say together, a runtime once for each word."""
        parts = []
        for word, template in _WOULD.items():
            saying = [rule for rule in rules if word in rule.says]
            if saying:
                named = dict.fromkeys(runtime for rule in saying for runtime in rule.says[word])
                numbers = tuple(dict.fromkeys(number for rule in saying for number in rule.sources))
                parts.append(f"{template.format(', '.join(named))} {self._cites(numbers)}")
        return "; ".join(parts)

    def _cites(self, numbers: tuple[int, ...]) -> str:
        self.cited.update(numbers)
        return "".join(f"[{number}]" for number in numbers)
