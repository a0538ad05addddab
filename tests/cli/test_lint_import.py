"""Are suites linted and imported from the command line, and what do the exit codes say?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes import Said, Workplace

    Assay = Callable[..., Said]

ROOT = Path(__file__).resolve().parents[2]
FILES = ROOT / "tests" / "suite" / "importing" / "files"
SETS = sorted(path.parent for path in (ROOT / "goldensets").glob("*/suite.yaml"))


@pytest.mark.parametrize("folder", SETS, ids=lambda folder: folder.name)
def test_shipped_sets_are_clean(assay: Assay, folder: Path) -> None:
    """No shipped set has an error or a warning."""
    said = assay("lint", folder)
    assert said.code == 0
    assert ", 0 errors, 0 warnings, " in " ".join(said.out.split())


def test_a_bad_suite_is_told(assay: Assay, place: Workplace) -> None:
    """Doubles, expectations that nothing reaches, leaks and broken text are findings, and the exit code is 1."""
    impossible = {"type": "integer", "minimum": 5, "maximum": 1}
    cases = [
        {"id": "a", "input": "What is the capital of France?", "expected": "Paris"},
        {"id": "b", "input": "what is the  capital of FRANCE?", "expected": "Paris"},
        {"id": "c", "input": "Return JSON.", "scorers": ["json_schema"], "schema": impossible},
        {"id": "d", "input": "Is caf\u00c3\u00a9 French?", "expected": "yes"},
        {"id": "e", "input": "The password is swordfish. What is the password?", "expected": "swordfish"},
    ]
    (place.folder / "set").mkdir()
    head = "schema: assay/suite/v1\nid: set\nscorers: [exact]\n"
    (place.folder / "set" / "suite.yaml").write_text(head, encoding="utf-8")
    text = "".join(json.dumps(case) + "\n" for case in cases)
    (place.folder / "set" / "cases.jsonl").write_text(text, encoding="utf-8")
    said = assay("lint", "set")
    assert said.code == 1
    assert said.out.splitlines() == [
        "error[unsatisfiable-schema]: set/cases.jsonl:3: case 'c': no answer can satisfy",
        "  the schema: $: the lower bound 5 is not below the upper bound 1. Mend the",
        "  schema.",
        "warning[duplicate]: set/cases.jsonl:2: case 'b': asks the same as case 'a', so",
        "  it counts twice and shows nothing new. Remove one of them, or ask more.",
        "warning[mojibake]: set/cases.jsonl:4: case 'd': the input holds '\u00c3\u00a9', which is",
        "  '\u00e9' read in the wrong encoding. Save the source as UTF-8 and import it anew.",
        "note[answer-in-input]: set/suite.yaml: the expected answer stands in the",
        "  question in 1 of 5 cases. That is right for reading and choosing; a model that",
        "  only copies passes some of them.",
        "note[power]: set/suite.yaml: with 5 cases a pass rate near 90 % is known to",
        "  within 29.4 points (95 % Wilson), and between two candidates no drop within 10",
        "  points is seen with 80 % power where 10 % of the cases come out differently.",
        "  Add cases to see smaller differences.",
        "set: 5 cases, 1 error, 2 warnings, 2 notes",
    ]
    stored = json.loads(assay("lint", "set", "--json").out)
    assert [finding["level"] for finding in stored["suites"][0]["findings"]] == [
        "error",
        "warning",
        "warning",
        "note",
        "note",
    ]


@pytest.mark.parametrize(
    ("file", "cases", "compared", "answers"),
    [
        ("promptfoo/result.json", 14, 14, 14),
        ("promptfoo/csv_result.json", 2, 4, 6),
        ("inspect_ai/sums.eval", 3, 6, 6),
        ("inspect_ai/letters.eval", 2, 2, 2),
        ("inspect_ai/graded.json", 1, 1, 1),
        ("lm_eval/tiny", 6, 6, 6),
        ("openai_evals/sums_run.jsonl", 4, 4, 4),
        ("deepeval/test_run.json", 2, 2, 2),
    ],
)
def test_peers_verdicts_come_out_the_same(
    assay: Assay, place: Workplace, file: str, cases: int, compared: int, answers: int
) -> None:
    """On the answers in a real result file Assay says what the peer said; those without a verdict are counted."""
    said = assay("import", FILES / file, "--out", "mine")
    lines = said.out.splitlines()
    assert lines[0].endswith(f", {cases} {'case' if cases == 1 else 'cases'}")
    noun = "answer" if answers == 1 else "answers"
    assert lines[1] == f"{compared} of {answers} {noun} in the file had a verdict to compare"
    get = "answer of the peer gets" if compared == 1 else "answers of the peer get"
    assert lines[2] == f"scored again: {compared} of {compared} {get} the same verdict"
    report = json.loads((place.folder / "mine" / "import.json").read_text("utf-8"))
    assert said.code == (3 if report["losses"] else 0)
    assert (report["answers"], report["compared"], report["agreed"]) == (answers, compared, compared)
    assert assay("lint", "mine").code in {0, 1}


@pytest.mark.parametrize(
    ("file", "differing", "why"),
    [
        (
            "promptfoo/edges_result.json",
            ["case test-1, trial 1", "case test-2, trial 1", "case test-3, trial 1"],
            [
                (
                    "results[0].assert[0]: `contains` of Assay takes composed and decomposed letters for the same"
                    " and folds case further, so that `STRASSE` holds `stra\u00dfe`"
                ),
                "results[1].assert[0]: `contains` of Assay counts a run of white space as one space",
                "results[2].assert[0]: `word-count` counts a sign that stands alone as a word, `length` does not",
            ],
        ),
        (
            "inspect_ai/edges.json",
            [f"case {case}, trial {trial}" for trial in (1, 2) for case in ("article", "inner")],
            [
                (
                    "eval.scorers[0]: `exact` of Inspect leaves out articles and all punctuation, `exact` of Assay only"
                    " case and punctuation at the end"
                )
            ],
        ),
        (
            "lm_eval/edges",
            ["case edges-0, trial 1", "case edges-1, trial 1", "case edges-2, trial 1"],
            [
                "edges exact_match,none: `regexes_to_ignore` is not carried over: what it would cut away counts here",
                (
                    "edges exact_match,none: `ignore_punctuation` leaves out all punctuation there, here only that at"
                    " the end"
                ),
            ],
        ),
        (
            "openai_evals/sums-fuzzy_run.jsonl",
            ["case sums-fuzzy.dev.1, trial 1", "case sums-fuzzy.dev.2, trial 1"],
            [
                (
                    "sums-fuzzy.dev.v0: FuzzyMatch also passes an answer that is a part of the ideal one, and leaves"
                    " out articles and punctuation; `contains` does not"
                )
            ],
        ),
        (
            "deepeval/edges_run.json",
            ["case twice, trial 1"],
            ["the file: metrics of DeepEval stand in its tests, not in this file; none is carried over"],
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_verdicts_that_differ_are_listed(
    assay: Assay, place: Workplace, file: str, differing: list[str], why: list[str]
) -> None:
    """Where a scorer accepts other answers than the peer's, the report lists these very answers, and says why."""
    assert assay("import", FILES / file, "--out", "mine").code == 3
    report = json.loads((place.folder / "mine" / "import.json").read_text("utf-8"))
    told = [loss["where"] for loss in report["losses"] if "of its own answer, and Assay" in loss["what"]]
    assert told == differing
    assert report["compared"] - report["agreed"] == len(differing)
    losses = [f"{loss['where']}: {loss['what']}" for loss in report["losses"]]
    assert [loss for loss in why if loss not in losses] == []


def test_a_file_of_probabilities_only_is_refused_by_name(assay: Assay) -> None:
    """Choices that lm-eval compared by their probabilities leave no case, and that is said."""
    said = assay("import", FILES / "lm_eval" / "dummy", "--out", "mine")
    assert (said.code, said.out) == (2, "")
    assert "it compares probabilities of choices, and Assay asks for answers" in said.err


def test_nothing_lost_is_done(assay: Assay, place: Workplace) -> None:
    """A table that says it all ends 0, and a suite is never written over."""
    (place.folder / "qa.csv").write_text("id,input,expected\n1,What is 2 + 2?,4\n", encoding="utf-8")
    first = assay("import", "qa.csv", "--scorer", "exact", "--out", "mine")
    compared = "0 of 0 answers in the file had a verdict to compare"
    assert (first.code, first.out.splitlines()) == (0, ["mine: suite qa, 1 case", compared, "nothing was lost"])
    again = assay("import", "qa.csv", "--scorer", "exact", "--out", "mine")
    assert (again.code, again.errors) == (
        2,
        ["error[file-exists]: mine: a suite is there already. Choose another folder with --out."],
    )


def test_an_unknown_scorer_is_refused_before_anything_is_written(assay: Assay, place: Workplace) -> None:
    """A wrong `--scorer` ends as every other wrong name does, with the nearest one."""
    said = assay("import", FILES / "inspect_ai" / "sums.jsonl", "--scorer", "exakt", "--out", "mine")
    assert (said.code, said.out) == (2, "")
    assert said.errors == ["error[unknown-scorer]: --scorer: there is no scorer 'exakt'. Did you mean exact?"]
    assert not (place.folder / "mine").exists()


def test_cases_that_their_scorer_cannot_judge_are_left_out(assay: Assay, place: Workplace) -> None:
    """What the suite would be refused for is no case of it, and without another case nothing is written."""
    (place.folder / "qa.csv").write_text("id,input,expected\na,How many?,four\nb,How many?,4\n", encoding="utf-8")
    said = assay("import", "qa.csv", "--scorer", "number", "--out", "mine")
    assert (said.code, said.out.splitlines()[0]) == (3, "mine: suite qa, 1 case")
    assert said.out.splitlines()[-1] == ("  a: the case 'a' is left out: scorer number needs one number in `expected`")
    assert assay("lint", "mine").code == 0
    (place.folder / "qa.csv").write_text("id,input,expected\na,How many?,four\n", encoding="utf-8")
    none = assay("import", "qa.csv", "--scorer", "number", "--out", "other")
    assert (none.code, (place.folder / "other").exists()) == (2, False)
    assert "the case 'a' is left out: scorer number needs one number" in none.err


@pytest.mark.parametrize(
    ("file", "what"),
    [
        ("lm_eval/tiny/results_2026-11-24T12-38-33.455468.json", "it is the result file of an lm-eval run"),
        ("lm_eval/tiny_sums.yaml", "it is a task of lm-eval, which holds no cases. Name the folder of a run"),
        ("openai_evals/registry.yaml", "Name the samples of an eval, and this file with `--registry`."),
        ("deepeval/talks.json", "not one case can be carried over: [0]: it is a conversation and is left out."),
    ],
)
def test_a_file_without_cases_is_told_for_what_it_is(assay: Assay, file: str, what: str) -> None:
    """The message names the tool that wrote the file, or the loss by which its cases are gone."""
    said = assay("import", FILES / file, "--out", "mine")
    assert (said.code, said.out) == (2, "")
    assert what in said.err
