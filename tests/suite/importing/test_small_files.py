"""Do small files with an odd part become the suite that judges as the peer does, or a loss that says why not?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from assay.schema.suite import Suite
from assay.scoring import score_trial
from tests.scoring.building import trial_of
from tests.suite.importing.importing_building import imported

if TYPE_CHECKING:
    from pathlib import Path

    from assay.suite.importing import Imported


def _config(place: Path, *asserts: dict, **test: object) -> Imported:
    whole = {"prompts": ["{{q}}"], "tests": [{"vars": {"q": "Say it."}, "assert": list(asserts), **test}]}
    return imported(place / "config.json", whole)


def _passes(found: Imported, answer: str) -> bool:
    (case,) = found.cases
    suite = Suite(id="s", cases=found.cases)
    trial = trial_of(answer, case=case.id)
    return all(score.outcome == "passed" for score in score_trial(suite, case, trial, {}, {}))


def _losses(found: Imported) -> list[str]:
    return [f"{loss.where}: {loss.what}" for loss in found.losses]


def test_all_texts_under_a_threshold_count_all_or_nothing(tmp_path: Path) -> None:
    """One text of two is no half of the grade for promptfoo: a test with a threshold fails, and so does a set."""
    both = {"type": "contains-all", "value": ["alpha", "beta"]}
    for found in (
        _config(tmp_path, both, threshold=0.5),
        _config(tmp_path, {"type": "assert-set", "threshold": 0.5, "assert": [both]}),
    ):
        assert [_passes(found, answer) for answer in ("alpha only", "beta and alpha", "none")] == [False, True, False]


def test_a_set_under_a_threshold_gives_its_mean(tmp_path: Path) -> None:
    """Of a set without a threshold of its own the mean counts where the test has one."""
    inner = [{"type": "contains", "value": "alpha"}, {"type": "contains", "value": "beta"}]
    found = _config(tmp_path, {"type": "assert-set", "assert": inner}, threshold=0.5)
    assert [_passes(found, answer) for answer in ("alpha", "gamma")] == [True, False]


def test_what_has_no_weight_is_named_and_decides_nothing(tmp_path: Path) -> None:
    """A weight of 0 leaves the rest of the test as it is, in a set and beside one, with a threshold or without."""
    nothing = {"type": "assert-set", "weight": 0, "assert": [{"type": "equals", "value": "nope"}]}
    plain = {"type": "equals", "value": "nope", "weight": 0}
    holds = {"type": "contains", "value": "x"}
    for extra in ({"threshold": 0.9}, {}):
        for odd in (nothing, plain):
            found = _config(tmp_path, odd, holds, **extra)
            told = f"tests[0].assert[0]: the assertion '{odd['type']}' has the weight 0"
            assert [told in loss for loss in _losses(found)] == [True]
            assert [_passes(found, answer) for answer in ("xy", "y")] == [True, False]


def test_a_set_with_the_threshold_0_is_named(tmp_path: Path) -> None:
    """A threshold of 0 would pass anything; here all must pass, and that is said in our words."""
    inner = [{"type": "contains", "value": "alpha"}]
    found = _config(tmp_path, {"type": "assert-set", "threshold": 0, "assert": inner})
    assert _losses(found) == [
        "tests[0].assert[0]: the threshold is no share above 0, so that all assertions must pass here"
    ]


def test_a_prompt_that_names_a_file_is_read(tmp_path: Path) -> None:
    """promptfoo reads `p1.txt` without `file://`; what is not read is named, whether it is there or not."""
    (tmp_path / "p1.txt").write_text("What is {{q}}?", "utf-8")
    (tmp_path / "ask.py").write_text("", "utf-8")
    prompts = ["p1.txt", "ask.py", "gone.txt", "Is it 1/2 or 3.5?"]
    tests = [{"vars": {"q": "it"}, "assert": [{"type": "contains", "value": "x"}]}]
    found = imported(tmp_path / "config.json", {"prompts": prompts, "tests": tests})
    assert [case.input for case in found.cases] == ["What is it?", "gone.txt", "Is it 1/2 or 3.5?"]
    assert _losses(found) == [
        "prompts[1]: the prompt is no text and no text file in the config's folder; its cases are left out",
        "prompts[2]: 'gone.txt' looks like a path, and no such file is there: it is taken as the question",
    ]


@pytest.mark.parametrize("target", [["A", "B"], "AB", "Oslo"])
def test_a_choice_of_several_letters_is_left_out(tmp_path: Path, target: object) -> None:
    """Inspect wants all letters of the target: `exact` against a list would take any of them."""
    found = imported(tmp_path / "set.json", [{"input": "Which?", "target": target, "choices": ["x", "y"]}])
    assert found.cases == ()
    assert "several letters, or none of the choices" in _losses(found)[-1]


def test_a_choice_of_one_letter_in_a_list(tmp_path: Path) -> None:
    """One letter in a list is one letter."""
    found = imported(tmp_path / "set.json", [{"input": "Which?", "target": ["B"], "choices": ["x", "y"]}])
    assert (found.cases[0].expected, [spec.name for spec in found.cases[0].scorers or ()]) == ("B", ["choice"])


def test_a_run_of_a_model_graded_eval_has_no_case(tmp_path: Path) -> None:
    """The log of a class that asks a model is told by its class, and no case of it is made up."""
    spec = {"eval_name": "kind", "run_config": {"eval_spec": {"cls": "evals.elsuite.modelgraded.classify:Classify"}}}
    asked = {"sample_id": "kind.0", "type": "sampling", "data": {"prompt": "Be kind.", "sampled": ["ok"]}}
    lines = f"{json.dumps({'spec': spec})}\n{json.dumps(asked)}\n"
    found = imported(tmp_path / "run.jsonl", lines)
    assert found.cases == ()
    assert _losses(found) == [
        "kind: the class 'Classify' has no equal in Assay; no case of it is carried over",
        "final_report: the log has no end: the run was cut off, and samples may be missing",
        "sample kind.0: the case is left out: the log does not say in a way that Assay knows what is right",
    ]
