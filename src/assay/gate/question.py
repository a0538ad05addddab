"""What is the shape of a condition's question, of its answer, and of a kind of condition?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Sequence

    from assay.gate.evidence import Facts, Subjects
    from assay.schema._base import Status

__all__ = [
    "Answer",
    "AnswerStatus",
    "ConditionError",
    "Countless",
    "Form",
    "Question",
    "UnknownMetricError",
    "all_met",
    "listed",
    "not_one",
    "unknown",
]

AnswerStatus = Literal["met", "not_met", "unknown"]

_MOST_NAMES = 5
"""Names that a reason spells out before it counts the rest."""


class ConditionError(ValueError):
    """The text of a condition cannot be read, or could never decide anything."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


class UnknownMetricError(ValueError):
    """A condition names a figure that nobody measures; the error's text is that name."""


@dataclass(frozen=True)
class Answer:
    """What the evidence says to one question."""

    status: AnswerStatus
    """What it came to."""
    reason: str
    """Why, in full sentences; beside an unknown what it needs."""
    observed: float | None = None
    """The number that was compared, in the threshold's unit."""
    low: float | None = None
    """Lower confidence limit, where a confidence was asked for; an infinite one stands for none."""
    high: float | None = None
    """Upper confidence limit, likewise."""
    n: int | None = None
    """Trials, requests or items that it rests on."""
    margin: float | None = None
    """How far the deciding figure is on the good side of the threshold."""
    method: str | None = None
    """Statistical test or interval that decided."""
    failing: tuple[str, ...] = ()
    """Names of what is not met, all of them, where the question is over a list."""
    needed: int | None = None
    """Further trials, requests or cases that would prove an unknown if all go its way, or cases up to the next look."""
    flip: str | None = None
    """What would turn it, in words that follow `it would be met by` or `it would fail by`."""
    waivable: bool = True
    """Whether a waiver may keep it from deciding; what a licence rules out, nobody here can allow."""
    silent: tuple[str, ...] = ()
    """What nothing is known of, although the rest decides already: no waiver reaches it."""
    whole: float | None = None
    """The number over all that was asked, where less of it decided: what a waiver is held against."""


class Question(Protocol):
    """What one condition asks of the evidence; each kind of condition has its own class."""

    @property
    def metric(self) -> str:
        """Name of what is asked about, as conditions write it."""

    @property
    def threshold(self) -> float | None:
        """What the number is compared with, or None when there is no number."""

    @property
    def against_baseline(self) -> bool:
        """Whether it compares with a baseline, so that there must be one."""

    def answer(self, facts: Facts) -> Answer:
        """Answer it from the facts of one candidate."""

    def by_case(self, whole: Container[str]) -> str | None:
        """Return the suite of which single cases must be known, unless it is among those that counts suffice for."""


class Countless:
    """A question that never looks at single cases, and compares with no baseline unless it says so."""

    __slots__ = ()

    @property
    def against_baseline(self) -> bool:
        """Whether it compares with a baseline."""
        return False

    def by_case(self, _whole: Container[str]) -> str | None:
        """Return None: no suite's single cases are needed."""
        return None


def _admit(_question: Question, _subjects: Subjects) -> None:
    """Refuse nothing."""


def _nothing_known(_metric: str, _subjects: Subjects) -> str | None:
    """Say nothing."""
    return None


@dataclass(frozen=True)
class Form:
    """A kind of condition: how it is written, how it is read, and what it can name."""

    written: str
    """How conditions of this kind are written, for messages."""
    read: Callable[[str], Question]
    """Read a condition's text (single spaces); raises ConditionError or UnknownMetricError."""
    metrics: Callable[[Subjects], Iterable[str]]
    """Names of all metrics of this kind that a plan measures."""
    admit: Callable[[Question, Subjects], None] = _admit
    """Refuse a question on a known metric that this plan can never answer; raises ConditionError."""
    known: Callable[[str, Subjects], str | None] = _nothing_known
    """Return a sentence on what the plan has where a metric's own name is not enough to find it, or None."""


def unknown(reason: str, *, n: int | None = None, needed: int | None = None) -> Answer:
    """Return the answer to a question on which the evidence is silent."""
    return Answer("unknown", reason, n=n, needed=needed)


def not_one(metric: str, measurements: int) -> Answer:
    """Return the answer where there is no measurement of a metric, or more than one and none to prefer."""
    if measurements == 0:
        return unknown(f"There is no measurement of {metric}.")
    return unknown(f"There are {measurements} measurements of {metric}, and nothing says which one counts.")


def all_met(what: str, statuses: Sequence[tuple[str, Status]]) -> Answer:
    """Return whether all named things are met or do not apply: one that is not met outweighs any unknown.

    `what` is the plural of the things in the reason. Nothing at all is unknown, never met. The order of the
    statuses does not matter.
    """
    if not statuses:
        return unknown(f"There are no {what}.", n=0)
    failing, silent = (tuple(sorted({name for name, own in statuses if own == no})) for no in ("not_met", "unknown"))
    outcomes: tuple[tuple[AnswerStatus, tuple[str, ...]], ...] = (("not_met", failing), ("unknown", silent))
    for answer, names in outcomes:
        if names:
            be = "is" if len(names) == 1 else "are"
            reason = f"{len(names)} of {len(statuses)} {what} {be} {answer.replace('_', ' ')}: {listed(names)}."
            return Answer(answer, reason, n=len(statuses), failing=failing, silent=silent)
    return Answer("met", f"All {what} ({len(statuses)}) are met or not applicable.", n=len(statuses))


def listed(names: Sequence[str], separator: str = ", ") -> str:
    """Return names as one phrase, at most five of them and then how many more there are."""
    text = separator.join(names[:_MOST_NAMES])
    more = len(names) - _MOST_NAMES
    return f"{text} and {more} more" if more > 0 else text
