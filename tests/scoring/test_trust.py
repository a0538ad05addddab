"""Trust in judges."""

from __future__ import annotations

from collections import Counter

import pytest

from assay.schema.calibration import AgreementFigures, BiasFigures, Calibration
from assay.schema.suite import Candidate, Criterion, JudgeSpec, Rubric
from assay.scoring.trust import Heard, judge_fingerprint, judge_trust, trusted_labels, untrusted_labels

SPEC = JudgeSpec(id="j1", candidate="judge", rubric="rubrics/helpfulness.yaml")
RUBRIC = Rubric(id="helpfulness", criteria=(Criterion(id="a", text="It helps."),))
NO_CALIBRATION = "no calibration on file"


def candidate_of(name: str, **address: str | None) -> Candidate:
    return Candidate.model_validate({"id": name, "runtime": "vllm", **address})


def heard_of(*judged: Candidate, asked: int = 1, parsed: int = 1) -> Heard:
    statuses = Counter({"read": parsed, "parse_error": asked - parsed})
    return Heard(asked=asked, statuses=statuses, judged={candidate.id for candidate in judged})


def reasons_of(judge: Candidate, *judged: Candidate, asked: int = 5, parsed: int = 5) -> tuple[str, ...]:
    candidates = {candidate.id: candidate for candidate in (judge, *judged)}
    trust = judge_trust(SPEC, RUBRIC, candidates, heard_of(*judged, asked=asked, parsed=parsed), None)
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
    trust = judge_trust(SPEC, RUBRIC, {"judge": judge}, heard_of(judge), None)
    assert trust.reasons == (NO_CALIBRATION, "judges itself: judge is the same model")


def test_judgements_that_could_not_be_read() -> None:
    """A judge of which nothing could be read says so."""
    judge, other = candidate_of("judge", embedded="x"), candidate_of("m", embedded="y")
    assert reasons_of(judge, other, parsed=0) == (NO_CALIBRATION, "none of 5 judgements could be read")
    assert reasons_of(judge, other, asked=0, parsed=0) == (NO_CALIBRATION, "no judgement was asked for")


def test_untrusted_labels() -> None:
    """A rubric's label is untrusted when any of its judges is."""
    judge = candidate_of("judge", embedded="x")
    bad = judge_trust(SPEC, RUBRIC, {"judge": judge}, heard_of(), None)
    good = bad.model_copy(update={"judge": "j2", "trusted": True})
    other = good.model_copy(update={"rubric": "tone"})
    assert untrusted_labels([bad, good, other]) == {"judge:helpfulness"}
    assert trusted_labels([bad, good, other]) == {"judge:tone"}


NO_RATE = {"hits": 0, "n": 0, "value": None, "low": None, "high": None}
AGREEMENT = AgreementFigures.model_validate(
    {
        **dict.fromkeys(["kappa", "kappa_low", "kappa_high", "weighted_kappa", "alpha", "ac1", "human_alpha"]),
        **dict.fromkeys(("agreement", "sensitivity", "specificity"), NO_RATE),
    }
)
BIAS = BiasFigures.model_validate(
    {
        **dict.fromkeys(["length_difference", "length_correlation"]),
        **dict.fromkeys(("consistent", "position_flips"), NO_RATE),
    }
)


def calibration_of(judge: Candidate, **changes: object) -> Calibration:
    fields = {
        "judge": "j1",
        "model": "x",
        "fingerprint": judge_fingerprint(judge),
        "rubric": "helpfulness",
        "rubric_digest": RUBRIC.digest(),
        "labels_digest": "0" * 64,
        "answers": (),
        "unread": {},
        "agreement": AGREEMENT,
        "bias": BIAS,
        **changes,
    }
    return Calibration.model_validate(fields)


@pytest.mark.parametrize(
    ("changes", "reasons"),
    [
        ({}, ()),
        ({"rubric_digest": "1" * 64}, ("its calibration is for another version of the rubric",)),
        ({"fingerprint": "1" * 64}, ("its calibration is for another model or other request settings",)),
        ({"model": "y"}, ("the server names another model than when it was calibrated",)),
    ],
)
def test_a_calibration_holds_for_the_judge_that_was_calibrated(changes: dict, reasons: tuple[str, ...]) -> None:
    """A judge with a calibration is trusted, and a change of rubric, settings or model ends that."""
    judge, other = candidate_of("judge", embedded="x"), candidate_of("m", embedded="y")
    heard = heard_of(other)
    heard.models.add("x")
    trust = judge_trust(SPEC, RUBRIC, {"judge": judge, "m": other}, heard, (calibration_of(judge, **changes), 40))
    assert (trust.trusted, trust.reasons, trust.labels) == (not reasons, reasons, 40)
