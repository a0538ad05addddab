"""What is said of two candidates, case by case and load by load, when they are put side by side?"""

from __future__ import annotations

from assay.schema._base import Noun
from assay.schema.bench import Validity

__all__ = ["ComparedLoad", "ComparedSide", "ComparedSuite", "Figure", "Flip", "PairedRow", "PairedRuns"]


class ComparedSide(Noun):
    """One of the two."""

    source: str
    """Id of its run or record."""
    candidate: str
    """Candidate id."""
    run: str
    """Id of the run that asked it."""
    host: str
    """Machine that the run was made on: processor, cores and accelerators."""


class PairedRow(Noun):
    """How the two came out at the cases of a suite, or of one tag of it, that both were asked."""

    tag: str | None
    """Only cases with this tag, or None for all."""
    n: int
    """Cases that both were asked."""
    groups: int
    """As many of them as can be taken as independent: those of one source count once."""
    both: int
    """Cases that both passed; with several trials, all of them."""
    b_only: int
    """Cases that b alone passed, or passed in more of its trials."""
    a_only: int
    """Cases that a alone passed, or passed in more of its trials."""
    neither: int
    """All other cases: neither is better, and not all trials passed."""
    a: float
    """Mean share of a case's trials that a passed, 0 to 1."""
    b: float
    """Mean share that b passed."""
    difference: float
    """b less a, -1 to 1."""
    low: float
    """Lower limit of its two-sided 95 % interval, for this row alone."""
    high: float
    """Upper limit."""
    p: float | None
    """Two-sided p-value of no difference, for this row alone; None where it is not tested."""
    p_adjusted: float | None
    """The same by Holm: over the tags of a suite, or over the suites."""
    shown: bool
    """Whether a difference is shown, at an adjusted p-value of at most 0.05."""
    smallest: float | None
    """Least true difference that so many groups show with 80 % power, this row alone; None where none shows."""
    counted: bool
    """True for McNemar mid-p and the interval of Newcombe alone, False where the limits of the mean difference hold
    too."""


class Flip(Noun):
    """A case that came out differently."""

    case: str
    """Case id."""
    better: str
    """`a` or `b`: who passed, or passed in more of its trials."""
    a: float
    """Share of its trials that a passed."""
    b: float
    """Share that b passed."""


class ComparedSuite(Noun):
    """What the two did at one suite."""

    suite: str
    """Suite id."""
    refused: str | None = None
    """Why its cases are not compared, or None."""
    doubt: str | None = None
    """Why its rates are not trusted, so that nothing is tested, or None."""
    note: str | None = None
    """What must be known beside the rates, or None."""
    rows: tuple[PairedRow, ...] = ()
    """All cases first, then each tag."""
    flips: tuple[Flip, ...] = ()
    """Every case that came out differently, in the suite's order."""
    only_a: tuple[str, ...] = ()
    """Cases of a that b does not have, or has otherwise."""
    only_b: tuple[str, ...] = ()
    """Cases of b that a does not have, or has otherwise."""
    not_asked: int = 0
    """Shared cases that one of the two was not asked."""
    not_asked_a: int = 0
    """Of these, cases that a was not asked."""
    not_asked_b: int = 0
    """The same of b; the two may not have been asked the same case."""
    unscored_a: int = 0
    """Trials of a at shared cases without a score; they count as not passed."""
    unscored_b: int = 0
    """The same of b."""


class Figure(Noun):
    """A percentile of both under one load."""

    name: str
    """Figure as conditions write it: `e2e_p95_s`."""
    a_us: tuple[int | None, int | None, int | None]
    """Value in microseconds and the limits of its 95 % interval; a value of None falls on a failed request or was not
    seen, a limit of None is one that n cannot give."""
    b_us: tuple[int | None, int | None, int | None]
    """The same of b."""


class ComparedLoad(Noun):
    """Latencies of both under one load: shown, never tested."""

    load: str
    """Profile and load as conditions write them."""
    n: tuple[int, int]
    """Measured requests of a and b."""
    validity: tuple[Validity, Validity]
    """How far each measurement can be believed."""
    figures: tuple[Figure, ...]
    """Percentiles of both."""


class PairedRuns(Noun):
    """Two candidates side by side."""

    a: ComparedSide
    """The one that is compared with."""
    b: ComparedSide
    """The one that is compared."""
    suites: tuple[ComparedSuite, ...]
    """Each suite of both."""
    only_a: tuple[str, ...] = ()
    """Suites of a alone."""
    only_b: tuple[str, ...] = ()
    """Suites of b alone."""
    loads: tuple[ComparedLoad, ...] = ()
    """Each load that was put on both."""

    @property
    def pairs(self) -> int:
        """Cases that were compared, of all suites."""
        return sum(suite.rows[0].n for suite in self.suites if suite.rows)
