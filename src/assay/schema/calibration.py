"""How far do a judge and people agree, on which answers, and for which judge does that hold?"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from assay.schema._base import Noun, digest_of

__all__ = [
    "AgreementFigures",
    "BiasFigures",
    "Calibration",
    "Label",
    "LabelledAnswer",
    "LabelledCase",
    "RateFigure",
    "Word",
]

Word = Literal["passed", "failed"]
"""What a person says of an answer."""


class Label(Noun):
    """What a person says of one answer; one line of a labels file."""

    id: str = Field(min_length=1, max_length=300)
    """Unique in the file."""
    request: str = Field(min_length=1)
    """What was asked."""
    reference: str | None = None
    """The expected answer, or None when the judge shall see none."""
    answer: str
    """What was answered."""
    label: Word
    """The person's verdict."""
    grade: float | None = Field(default=None, ge=0, le=1)
    """The person's grade as the rubric counts it, 0 to 1; None where only the verdict was asked."""
    rater: str | None = None
    """Who said so; several people may label the same answer under ids of their own."""
    rubric: str | None = None
    """Rubric that the person went by; None where the file is for one rubric alone."""
    suite: str | None = None
    """Suite of the case, where the answer comes from a run."""
    case: str | None = None
    """The case, where the answer comes from a run."""
    tags: tuple[str, ...] = ()
    """Anything to tell labels apart by."""


class LabelledCase(Noun):
    """A case to which a labelled answer was given."""

    suite: str
    """Suite id."""
    case: str
    """Case id."""


class LabelledAnswer(Noun):
    """One answer on which judge and people have said their word."""

    id: str
    """Id of its first label."""
    cases: tuple[LabelledCase, ...] = ()
    """The cases to which it was given; empty when it comes from no run."""
    answer_sha256: str
    """SHA-256 of the answer in UTF-8: a label holds for this very text."""
    characters: int
    """Length of the answer in characters."""
    raters: dict[str, Word]
    """What each person said, by name; the name is empty where none was given."""
    judge: Literal["passed", "failed", "unscored"]
    """What the judge said the first time."""
    human_grade: float | None = None
    """The person's grade, or None."""
    judge_grade: float | None = None
    """The judge's grade, or None when unscored."""
    repeats: tuple[Literal["passed", "failed", "unscored"], ...] = ()
    """What it said when it was asked again."""
    reordered: Literal["passed", "failed", "unscored"] | None = None
    """What it said with the criteria in the other order, or None when it was not asked."""

    @property
    def human(self) -> Word | None:
        """What most people said; None where as many passed it as failed it."""
        passes = sum(word == "passed" for word in self.raters.values())
        return None if 2 * passes == len(self.raters) else "passed" if 2 * passes > len(self.raters) else "failed"


class RateFigure(Noun):
    """A share with its counts and its 95 % Wilson interval."""

    hits: int
    """Answers that count."""
    n: int
    """Answers in all."""
    value: float | None
    """`hits / n`, or None when n is 0."""
    low: float | None
    """Lower limit."""
    high: float | None
    """Upper limit."""


class AgreementFigures(Noun):
    """How far judge and people agree; None where the labels cannot tell."""

    agreement: RateFigure
    """Share of answers on which they agree."""
    kappa: float | None
    """Cohen's kappa (Cohen 1960); None without variation."""
    kappa_low: float | None
    """Lower limit of its large-sample 95 % interval."""
    kappa_high: float | None
    """Upper limit."""
    weighted_kappa: float | None
    """Kappa of the grades with quadratic weights (Cohen 1968); None without grades from people."""
    alpha: float | None
    """Krippendorff's alpha, nominal (Krippendorff 2011)."""
    ac1: float | None
    """Gwet's AC1 (Gwet 2008), which a high pass rate does not press down as it does kappa."""
    sensitivity: RateFigure
    """Share of the answers that people passed which the judge passed too."""
    specificity: RateFigure
    """Share of the answers that people failed which the judge failed too."""
    human_alpha: float | None
    """Krippendorff's alpha among the people, where several labelled the same answers."""


class BiasFigures(Noun):
    """Whether the judge's word hangs on what should not matter."""

    consistent: RateFigure
    """Share of answers that got the same verdict every time."""
    position_flips: RateFigure
    """Share of answers whose verdict turned when the criteria stood in the other order."""
    length_difference: float | None
    """Judge's excess of passes over people's on the longer half of the answers, less that on the shorter half."""
    length_correlation: float | None
    """Correlation of that excess with the logarithm of the answer's length."""


class Calibration(Noun):
    """What `assay calibrate` found: holds for one model under one rubric, by the labels it names."""

    schema_name: Literal["assay/calibration/v1"] = Field(default="assay/calibration/v1", alias="schema")
    """Name of this format."""
    judge: str
    """Judge id in the plan."""
    model: str | None
    """Model name that the judge's server put into its answers; None when it gave none."""
    fingerprint: str
    """SHA-256 of what was asked: model, runtime and pins as the plan has them, request settings, Assay's own prompt."""
    rubric: str
    """Rubric id."""
    rubric_digest: str
    """SHA-256 of the rubric."""
    labels: str | None = None
    """The labels file, relative to the plan's folder; None when it lies outside of it."""
    labels_digest: str
    """SHA-256 of the labels file."""
    answers: tuple[LabelledAnswer, ...]
    """The labelled answers in the order of the file."""
    unread: dict[str, int]
    """Judgements that gave no verdict, by status."""
    agreement: AgreementFigures
    """Over the answers on which judge and people gave a verdict; follows from `answers` alone."""
    bias: BiasFigures
    """Over the same; follows from `answers` alone."""

    def digest(self) -> str:
        """Return the SHA-256 of the calibration."""
        return digest_of(self.model_dump(mode="json", by_alias=True))
