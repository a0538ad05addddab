"""What do labelled answers say of a judge: how often it agrees with people, and whether it leans?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.schema._base import rounded
from assay.schema.calibration import AgreementFigures, BiasFigures, RateFigure
from assay.scoring.agreement import (
    cohen_kappa,
    gwet_ac1,
    krippendorff_alpha,
    length_bias,
    position_flips,
    self_consistency,
    sensitivity_specificity,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from assay.schema.calibration import Calibration, LabelledAnswer
    from assay.scoring.agreement import Rate

    Interval = Callable[[int, int], tuple[float, float]]

__all__ = ["bias_of", "figures_of", "follows_from_answers"]

_WORDS = ("failed", "passed")


def figures_of(answers: Sequence[LabelledAnswer], interval: Interval) -> AgreementFigures:
    """Return how far judge and people agree, over the answers on which both gave a verdict.

    Args:
        answers: The labelled answers.
        interval: Limits of the 95 % interval of a share, from hits and n.
    """
    told = _told(answers)
    raters: dict[str, dict[str, Hashable]] = {}
    for answer in answers:
        for rater, word in answer.raters.items():
            raters.setdefault(rater, {})[answer.id] = word
    judge, human = [answer.judge for answer in told], [answer.human for answer in told]
    kappa = cohen_kappa(judge, human)
    errors = sensitivity_specificity(
        [word == "passed" for word in judge], [word == "passed" for word in human], interval
    )
    pair: dict[str, dict[str, Hashable]] = {
        "judge": {a.id: a.judge for a in told},
        "human": {a.id: a.human for a in told},
    }
    same = sum(answer.judge == answer.human for answer in told)
    return AgreementFigures(
        agreement=_share(same, len(told), interval),
        kappa=kappa.value,
        kappa_low=kappa.low,
        kappa_high=kappa.high,
        weighted_kappa=_weighted(told),
        alpha=krippendorff_alpha(pair, "nominal"),
        ac1=gwet_ac1(judge, human, _WORDS),
        sensitivity=_figure(errors.sensitivity),
        specificity=_figure(errors.specificity),
        human_alpha=krippendorff_alpha(raters, "nominal") if len(raters) > 1 else None,
    )


def follows_from_answers(calibration: Calibration, interval: Interval) -> bool:
    """Say whether the figures of a calibration are those of its labelled answers."""
    answers = calibration.answers
    return calibration.agreement == figures_of(answers, interval) and calibration.bias == bias_of(answers, interval)


def bias_of(answers: Sequence[LabelledAnswer], interval: Interval) -> BiasFigures:
    """Return whether a judge's word hangs on the moment, on the order of the criteria, or on the answer's length.

    Args:
        answers: The labelled answers.
        interval: Limits of the 95 % interval of a share, from hits and n.
    """
    told = _told(answers)
    steady = self_consistency({a.id: (a.judge, *a.repeats) for a in told if a.repeats})
    flips = position_flips({a.id: (a.judge, a.reordered) for a in told if a.reordered not in {None, "unscored"}})
    lean = length_bias(
        [answer.characters for answer in told],
        [answer.judge == "passed" for answer in told],
        [answer.human == "passed" for answer in told],
    )
    return BiasFigures(
        consistent=_share(steady.steady, steady.items, interval),
        position_flips=_share(flips.flips, flips.items, interval),
        length_difference=lean.difference,
        length_correlation=lean.correlation,
    )


def _told(answers: Sequence[LabelledAnswer]) -> list[LabelledAnswer]:
    return [answer for answer in answers if answer.judge != "unscored" and answer.human is not None]


def _weighted(told: Sequence[LabelledAnswer]) -> float | None:
    """Return the weighted kappa of judge's and people's grades, a near miss counted by how near it is."""
    graded = [(a.judge_grade, a.human_grade) for a in told if a.judge_grade is not None and a.human_grade is not None]
    return cohen_kappa([judge for judge, _ in graded], [human for _, human in graded], "quadratic").value


def _share(hits: int, n: int, interval: Interval) -> RateFigure:
    low, high = interval(hits, n) if n else (None, None)
    return RateFigure(
        hits=hits,
        n=n,
        value=rounded(hits / n) if n else None,
        low=None if low is None else rounded(low),
        high=None if high is None else rounded(high),
    )


def _figure(rate: Rate) -> RateFigure:
    return RateFigure(hits=rate.hits, n=rate.n, value=rate.value, low=rate.low, high=rate.high)
