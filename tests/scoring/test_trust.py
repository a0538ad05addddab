"""Trust in judges."""

from __future__ import annotations

import pytest

from assay.schema.suite import Candidate, JudgeSpec
from assay.scoring.trust import judge_trust, untrusted_labels

SPEC = JudgeSpec(id="j1", candidate="judge", rubric="rubrics/helpfulness.yaml")
NO_CALIBRATION = "no calibration on file"


def candidate_of(name: str, **address: str | None) -> Candidate:
    return Candidate.model_validate({"id": name, "runtime": "vllm", **address})


def reasons_of(judge: Candidate, *judged: Candidate, asked: int = 5, parsed: int = 5) -> tuple[str, ...]:
    candidates = {candidate.id: candidate for candidate in (judge, *judged)}
    names = [candidate.id for candidate in judged]
    trust = judge_trust(SPEC, "helpfulness", candidates, names, asked=asked, parsed=parsed)
    assert (trust.judge, trust.candidate, trust.rubric) == ("j1", "judge", "helpfulness")
    assert (trust.asked, trust.parsed, trust.trusted) == (asked, parsed, False)
    return trust.reasons


@pytest.mark.parametrize(
    ("judge", "judged", "same"),
    [
        ({"embedded": "x"}, {"embedded": "x"}, True),
        ({"embedded": "x"}, {"embedded": "y"}, False),
        ({"embedded": "x"}, {"base_url": "http://h/v1", "model": "x"}, False),
        ({"base_url": "http://h/v1", "model": "x"}, {"base_url": "http://H/v1/", "model": "x"}, True),
        ({"base_url": "http://h/v1", "model": "x"}, {"base_url": "http://h/v1", "model": "y"}, False),
        ({"base_url": "http://h/v1"}, {"base_url": "http://h/v1", "model": "x"}, True),
        ({"base_url": "http://h/v1"}, {"base_url": "http://h/v1"}, True),
        ({"base_url": "http://h/v1", "model": "x"}, {"base_url": "http://g/v1", "model": "x"}, False),
    ],
)
def test_a_judge_of_the_same_model_judges_itself(judge: dict, judged: dict, same: bool) -> None:
    """Two candidates are one model when they have the same embedded name, or the same address and model."""
    reasons = reasons_of(candidate_of("judge", **judge), candidate_of("m", **judged))
    assert reasons == ((NO_CALIBRATION, "judges itself: m is the same model") if same else (NO_CALIBRATION,))


def test_a_candidate_that_judges_itself() -> None:
    """A judge that is also judged is named."""
    judge = candidate_of("judge", embedded="x")
    trust = judge_trust(SPEC, "helpfulness", {"judge": judge}, ["judge"], asked=1, parsed=1)
    assert trust.reasons == (NO_CALIBRATION, "judges itself: judge is the same model")


def test_judgements_that_could_not_be_read() -> None:
    """A judge of which nothing could be read says so."""
    judge, other = candidate_of("judge", embedded="x"), candidate_of("m", embedded="y")
    assert reasons_of(judge, other, parsed=0) == (NO_CALIBRATION, "none of 5 judgements could be read")
    assert reasons_of(judge, other, asked=0, parsed=0) == (NO_CALIBRATION, "no judgement was asked for")


def test_untrusted_labels() -> None:
    """A rubric's label is untrusted when any of its judges is."""
    judge = candidate_of("judge", embedded="x")
    bad = judge_trust(SPEC, "helpfulness", {"judge": judge}, [], asked=1, parsed=1)
    good = bad.model_copy(update={"judge": "j2", "trusted": True})
    other = good.model_copy(update={"rubric": "tone"})
    assert untrusted_labels([bad, good, other]) == {"judge:helpfulness"}
