"""Is the candidate fast, reliable and small enough under a given load, and can that be believed?"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from assay.gate.comparison import read_against, read_comparison
from assay.gate.measures import MEASURES
from assay.gate.question import Answer, ConditionError, Countless, Form, UnknownMetricError, listed, not_one, unknown
from assay.gate.rounds import FIGURES, compare_rounds, threshold_of
from assay.gate.share import check_share

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from assay.gate.comparison import AgainstBaseline, Comparison
    from assay.gate.evidence import Facts, Subjects
    from assay.gate.measures import Measure
    from assay.gate.question import Question
    from assay.schema.bench import BenchCell, Reason

__all__ = ["FORM", "MEASURES", "BenchQuestion", "RoundsQuestion", "ValidityQuestion"]

_WRITTEN = "bench:<profile>@<concurrency or rate/s>.e2e_p95_s < 5 [with 95% confidence]"
_REMEDY = (
    f"Write it as `{_WRITTEN}`, `bench:<profile>@<concurrency or rate/s>.e2e_p95_s not worse than baseline by 10%`, "
    "`bench:<profile>@<concurrency or rate/s> valid` or `bench all valid`."
)
_LOAD = r"(?P<load>[^@]+@(?:[0-9]{1,6}|[0-9]{1,6}(?:\.[0-9]{1,16})?/s)(?::warm)?)"
_TARGET = re.compile(rf"bench:{_LOAD}\.(?P<measure>[a-z0-9_]+)")
_VALID = re.compile(rf"bench(?::{_LOAD}| all) valid")
_METRIC = re.compile(rf"bench:{_LOAD}(?:\.[a-z0-9_]+| valid)")


@dataclass(frozen=True)
class BenchQuestion(Countless):
    """A figure of one prompt profile under one load, against a threshold."""

    load: str
    """Profile and load as conditions write them: `short@4`, `short@2/s`, `short@4:warm`."""
    measure: str
    """Name in MEASURES."""
    comparison: Comparison
    """What the figure is held against."""

    @property
    def metric(self) -> str:
        """Name of what is asked about, as conditions write it."""
        return f"bench:{self.load}.{self.measure}"

    @property
    def threshold(self) -> float:
        """What the figure is compared with."""
        return self.comparison.threshold

    def answer(self, facts: Facts) -> Answer:
        """Answer from the one measurement that fits; an INVALID one says nothing.

        A DEGRADED one says what the reasons against it cannot have made: a client that was late can have made a
        latency too long, so a limit that is kept all the same is kept, and one that is not is unknown.
        """
        cell = _measured(facts.cells, self.load, self.metric)
        if isinstance(cell, Answer):
            return cell
        if cell.validity == "INVALID":
            return unknown(f"The measurement is INVALID: {_why(cell)}.", n=cell.n)
        measure = MEASURES[self.measure]
        answer = measure.answer(cell, facts.latencies.get(self.load), self.comparison)
        if cell.validity != "DEGRADED":
            return answer
        if any(_can_have_made(answer, reason) for reason in _swaying(measure, cell.reasons)):
            said = f"{answer.reason} This does not count, for the measurement is DEGRADED: {_why(cell)}."
            return replace(answer, status="unknown", reason=said, margin=None, flip=None)
        return replace(answer, reason=f"{answer.reason} The measurement is DEGRADED: {_why(cell)}.")


@dataclass(frozen=True)
class RoundsQuestion(Countless):
    """A figure of one prompt profile under one load, against that of the baseline in the same rounds."""

    load: str
    """Profile and load as conditions write them."""
    measure: str
    """Name in FIGURES."""
    against: AgainstBaseline
    """What is claimed of the difference; its margin is a share of the baseline's figure."""

    @property
    def metric(self) -> str:
        """Name of what is asked about, as conditions write it."""
        return f"bench:{self.load}.{self.measure}"

    @property
    def threshold(self) -> float:
        """The difference that is still acceptable, as a share of the baseline's figure; below 0 where high is good."""
        return threshold_of(self.measure, self.against)

    @property
    @override
    def against_baseline(self) -> bool:
        """It compares with a baseline."""
        return True

    def answer(self, facts: Facts) -> Answer:
        """Answer from the rounds of both; a measurement that is not VALID says nothing of so small a thing."""
        own = _measured(facts.cells, self.load, self.metric)
        if isinstance(own, Answer):
            return own
        if facts.baseline is not None and facts.baseline.record is not None:
            return unknown("The baseline was measured in another run: another time or machine is no comparison.")
        other = _measured(facts.baseline_cells, self.load, f"{self.metric} of the baseline")
        if isinstance(other, Answer):
            return other
        if own.candidate == other.candidate:
            return unknown("The candidate is the baseline: it cannot be compared with itself.", n=len(own.repeats))
        for whose, cell in (("", own), (" of the baseline", other)):
            if cell.validity != "VALID":
                return unknown(f"The measurement{whose} is {cell.validity}: {_why(cell)}.", n=len(cell.repeats))
        return compare_rounds(own, other, self.measure, self.against)


@dataclass(frozen=True)
class ValidityQuestion(Countless):
    """Whether the measurement under one load, or each one, can be believed."""

    load: str | None
    """Profile and load as conditions write them, or None for all that the plan asks for."""
    threshold: None = None
    """There is no number."""

    @property
    def metric(self) -> str:
        """Name of what is asked about, as conditions write it."""
        return "bench all valid" if self.load is None else f"bench:{self.load} valid"

    def answer(self, facts: Facts) -> Answer:
        """Answer from what is said of each measurement.

        It is met or unknown: figures that cannot be believed show neither that the candidate is good nor that it is
        bad. A load that the plan asks for and nobody measured is unknown as well.
        """
        due = {*facts.loads, *(cell.label for cell in facts.cells)} if self.load is None else {self.load}
        doubts = [doubt for load in sorted(due) if (doubt := _doubt(facts.cells, load)) is not None]
        if not due:
            return unknown("Nothing was measured.", n=0)
        if doubts:
            be = "is" if len(doubts) == 1 else "are"
            told = listed(doubts, "; ")
            return unknown(f"{len(doubts)} of {len(due)} measurements {be} not VALID: {told}.", n=len(due))
        return Answer("met", f"All measurements ({len(due)}) are VALID.", n=len(due))


def _measured(cells: Sequence[BenchCell], load: str, metric: str) -> BenchCell | Answer:
    """Return the one measurement under a load that holds a request, or the answer where there is none."""
    found = [cell for cell in cells if cell.label == load]
    if len(found) != 1:
        return not_one(metric, len(found))
    return found[0] if found[0].n else unknown("No request was measured.", n=0)


def _doubt(cells: Sequence[BenchCell], load: str) -> str | None:
    """Return why the measurement under a load cannot be believed, or None."""
    cell = _measured(cells, load, load)
    if isinstance(cell, Answer):
        return f"{load} (no measurement that counts)"
    return None if cell.validity == "VALID" else f"{load} is {cell.validity} ({_why(cell)})"


def _why(cell: BenchCell) -> str:
    return listed([reason.text for reason in cell.reasons], "; ") or "no reason is given"


def _swaying(measure: Measure, reasons: Iterable[Reason]) -> Iterable[Reason]:
    """Return the reasons that can have made a figure of this kind."""
    if measure.swayed_by == "all":
        return reasons
    return [own for own in reasons if measure.swayed_by == "client" and own.code.startswith("client_")]


def _can_have_made(answer: Answer, reason: Reason) -> bool:
    return reason.leans in {"against" if answer.status == "not_met" else "for", "either"} and answer.status != "unknown"


def _read(text: str) -> Question:
    valid = _VALID.fullmatch(text)
    if valid is not None:
        return ValidityQuestion(valid["load"])
    compared = read_against(text)
    if compared is not None:
        return _read_rounds(*compared)
    if " baseline" in text or text.endswith(" valid"):
        raise ConditionError("cannot be read", _REMEDY)
    target, comparison = read_comparison(text, _WRITTEN)
    load, name = _read_target(target)
    measure = MEASURES[name]
    if comparison.wants_high != (measure.good == "high"):
        signs = ">= or >" if measure.good == "high" else "<= or <"
        raise ConditionError(f"bounds {name} on the wrong side", f"Write {signs}.")
    if comparison.confidence is not None and not measure.sampled:
        raise ConditionError(f"asks for a confidence that {name} cannot give", "Leave out the confidence.")
    if measure.share:
        check_share(comparison)
    elif comparison.threshold == 0 and not (measure.count and comparison.operator == "<="):
        raise ConditionError("decides nothing", "Write a threshold above 0.")
    return BenchQuestion(load, name, comparison)


def _read_rounds(target: str, against: AgainstBaseline) -> RoundsQuestion:
    load, name = _read_target(target)
    if name not in FIGURES:
        remedy = f"Compare one of {listed(list(FIGURES))}."
        raise ConditionError(f"compares {name}, which is not kept round by round", remedy)
    if against.claim == "not_worse" and not against.relative:
        raise ConditionError("compares a benchmark by an absolute margin", "Write the margin as a share: `by 10%`.")
    if threshold_of(name, against) <= -1:
        raise ConditionError("can never fail", "Write a margin below 100%.")
    return RoundsQuestion(load, name, against)


def _read_target(target: str) -> tuple[str, str]:
    """Return load and measure."""
    match = _TARGET.fullmatch(target)
    if match is None:
        raise ConditionError("cannot be read", _REMEDY)
    if match["measure"] not in MEASURES:
        raise UnknownMetricError(target)
    return match["load"], match["measure"]


def _admit(question: Question, subjects: Subjects) -> None:
    """Refuse a comparison of rounds that were not measured in turn."""
    if question.against_baseline and not subjects.baseline_measured:
        raise ConditionError(
            "compares a benchmark with that of another run: time and machine would differ too",
            "Name a candidate of this plan under gate.baseline, or give one the role baseline.",
        )


def _metrics(subjects: Subjects) -> Iterable[str]:
    if subjects.loads:
        yield "bench all valid"
    for load in subjects.loads:
        yield f"bench:{load} valid"
        yield from (f"bench:{load}.{measure}" for measure in MEASURES)


def _known(metric: str, subjects: Subjects) -> str | None:
    """Return the loads of the plan where a metric is under none of them."""
    match = _METRIC.fullmatch(metric)
    if not subjects.loads or (match is not None and match["load"] in subjects.loads):
        return None
    return f"The plan measures {', '.join(subjects.loads)}."


FORM: Final = Form(_WRITTEN, _read, _metrics, _admit, _known)
