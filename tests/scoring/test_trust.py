"""Trust in judges."""

from __future__ import annotations

from collections import Counter

import pytest

from assay.schema.calibration import AgreementFigures, BiasFigures, Calibration
from assay.schema.suite import Candidate, Criterion, JudgeSpec, Rubric
from assay.scoring.judge import JudgeContract
from assay.scoring.trust import Heard, judge_fingerprint, judge_trust, trusted_labels, untrusted_labels

SPEC = JudgeSpec(id="j1", candidate="judge", rubric="rubrics/helpfulness.yaml")
RUBRIC = Rubric(id="helpfulness", criteria=(Criterion(id="a", text="It helps."),))
CONTRACT = JudgeContract(RUBRIC)
NO_CALIBRATION = "no calibration on file"
OTHER = "its calibration is for another model, other pins, other request settings or another prompt"


def candidate_of(name: str, **address: object) -> Candidate:
    return Candidate.model_validate({"id": name, "runtime": "vllm", **address})


def heard_of(*judged: Candidate, asked: int = 1, parsed: int = 1) -> Heard:
    statuses = Counter({"read": parsed, "parse_error": asked - parsed})
    return Heard(asked=asked, statuses=statuses, judged={candidate.id for candidate in judged})


def reasons_of(judge: Candidate, *judged: Candidate, asked: int = 5, parsed: int = 5) -> tuple[str, ...]:
    candidates = {candidate.id: candidate for candidate in (judge, *judged)}
    trust = judge_trust(SPEC, CONTRACT, candidates, heard_of(*judged, asked=asked, parsed=parsed), None, named={})
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
        ({"base_url": "http://h/v1", "model": "x"}, {"base_url": "http://g/v1", "model": "x"}, True),
        ({"base_url": "http://h/v1"}, {"base_url": "http://g/v1"}, False),
        (
            {"base_url": "http://h/v1", "model": "x", "pins": {"revision": "1"}},
            {"base_url": "http://g/v1", "model": "x", "pins": {"revision": "2"}},
            False,
        ),
        (
            {"base_url": "http://h/v1", "model": "x", "pins": {"revision": "1"}},
            {"base_url": "http://g/v1", "model": "x", "pins": {"model_id": "2"}},
            True,
        ),
    ],
)
def test_a_judge_of_the_same_model_judges_itself(judge: dict, judged: dict, same: bool) -> None:
    """One name is one model wherever it is served, unless pins tell the two apart."""
    reasons = reasons_of(candidate_of("judge", **judge), candidate_of("m", **judged))
    assert reasons == ((NO_CALIBRATION, "judges itself: m is the same model") if same else (NO_CALIBRATION,))


def test_a_candidate_that_judges_itself() -> None:
    """A judge that is also judged is named."""
    judge = candidate_of("judge", embedded="x")
    trust = judge_trust(SPEC, CONTRACT, {"judge": judge}, heard_of(judge), None, named={})
    assert trust.reasons == (NO_CALIBRATION, "judges itself: judge is the same model")


def test_judgements_that_could_not_be_read() -> None:
    """A judge of which nothing could be read says so."""
    judge, other = candidate_of("judge", embedded="x"), candidate_of("m", embedded="y")
    assert reasons_of(judge, other, parsed=0) == (NO_CALIBRATION, "none of 5 judgements could be read")
    assert reasons_of(judge, other, asked=0, parsed=0) == (NO_CALIBRATION, "no judgement was asked for")


def test_untrusted_labels() -> None:
    """A rubric's label is untrusted when any of its judges is."""
    judge = candidate_of("judge", embedded="x")
    bad = judge_trust(SPEC, CONTRACT, {"judge": judge}, heard_of(), None, named={})
    good = bad.model_copy(update={"judge": "j2", "trusted": True})
    other = good.model_copy(update={"rubric": "tone"})
    assert untrusted_labels([bad, good, other]) == {
        "judge:helpfulness": f"the judge j1 is not trusted: {NO_CALIBRATION}"
    }
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
        "fingerprint": judge_fingerprint(judge, CONTRACT.prompt_digest()),
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
        ({"fingerprint": "1" * 64}, (OTHER,)),
        ({"model": "y"}, ("the server names another model than when it was calibrated",)),
    ],
)
def test_a_calibration_holds_for_the_judge_that_was_calibrated(changes: dict, reasons: tuple[str, ...]) -> None:
    """A judge with a calibration is trusted, and a change of rubric, settings or model ends that."""
    judge, other = candidate_of("judge", embedded="x"), candidate_of("m", embedded="y")
    heard = heard_of(other)
    heard.models.add("x")
    own = (calibration_of(judge, **changes), 40)
    trust = judge_trust(SPEC, CONTRACT, {"judge": judge, "m": other}, heard, own, named={"m": {"z"}})
    assert (trust.trusted, trust.reasons, trust.labels) == (not reasons, reasons, 40)


@pytest.mark.parametrize(
    ("changes", "holds"),
    [
        ({}, True),
        ({"base_url": "http://elsewhere/v1"}, True),
        ({"request": {"max_retries": 0, "timeout_s": 5}}, True),
        ({"request": {"max_tokens": 9}}, False),
        ({"runtime": "ollama"}, False),
        ({"pins": {"quantization": "Q4_0"}}, False),
        ({"model": "y"}, False),
    ],
)
def test_what_makes_another_judge_of_a_judge(changes: dict, holds: bool) -> None:
    """Model, runtime, pins and what decides decoding do; the address, patience and retries do not."""
    fields = {"base_url": "http://h/v1", "model": "x", **changes}
    prints = [
        judge_fingerprint(candidate_of("j", **own), "0") for own in ({"base_url": "http://h/v1", "model": "x"}, fields)
    ]
    assert (prints[0] == prints[1]) is holds
    assert judge_fingerprint(candidate_of("j", **fields), "1") != prints[1]


def test_servers_that_name_both_models_alike() -> None:
    """Where two servers put one name into their answers, the judge is taken for the model that it judges."""
    judge = candidate_of("judge", base_url="http://h/v1", model="a")
    other = candidate_of("m", base_url="http://g/v1", model="b")
    heard = heard_of(other)
    heard.models.add("same")
    candidates = {"judge": judge, "m": other}
    trust = judge_trust(SPEC, CONTRACT, candidates, heard, None, named={"m": {"same"}})
    assert trust.reasons == (NO_CALIBRATION, "judges itself: m is the same model")
    assert judge_trust(SPEC, CONTRACT, candidates, heard, None, named={"m": {"b"}}).reasons == (NO_CALIBRATION,)


def test_labels_that_contradict_and_twins_of_a_panel() -> None:
    """Labels that say the contrary of another judge's, and a second voice of the same model, end trust."""
    judge, other = candidate_of("judge", embedded="x"), candidate_of("m", embedded="y")
    heard = heard_of(other)
    heard.models.add("x")
    heard.contradicts, heard.twin = "j2", "j3"
    own = (calibration_of(judge), 40)
    trust = judge_trust(SPEC, CONTRACT, {"judge": judge, "m": other}, heard, own, named={})
    assert trust.reasons == (
        "its labels contradict those of j2",
        "it is the same model as the judge j3 of its panel",
    )
