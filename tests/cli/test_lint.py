"""Is it told what is wrong with a suite, where it stands, and with the right exit code?"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from assay.cli.boundary import guarded
from assay.cli.lint import lint
from assay.workflow.lint import Linted
from assay.workflow.shipped import shipped_folder
from tests.fakes import plan_of

if TYPE_CHECKING:
    from tests.fakes import Workplace

SHIPPED = sorted(path.parent.name for path in (shipped_folder() / "goldensets").glob("*/suite.yaml"))

SUITE = """\
id: bad
scorers: [exact]
request: {max_tokens: 8}
system: "You work for the town of Ulm.\\uFFFD"
"""

LETTER = "Which department of the city hands out the permit for a market stall"
NEVER = {"type": "object", "required": ["a"], "properties": {"a": {"type": "string", "minimum": 1, "enum": [1]}}}

CASES: list[dict] = [
    {"id": "first", "input": "Is it open on Sunday?", "expected": "yes", "tags": ["open"]},
    {"id": "again", "input": "is it  open on Sunday?", "expected": "yes"},
    {"id": "against", "input": "Is it open on Sunday?", "expected": "no"},
    {"id": "stall", "input": f"{LETTER}?", "expected": "yes"},
    {"id": "stalls", "input": f"{LETTER}s?", "expected": "yes"},
    {"id": "schema", "input": "Give it as JSON.", "schema": NEVER, "scorers": ["json_schema"]},
    {
        "id": "object",
        "input": "Give the sum as JSON.",
        "schema": {"type": "object", "required": ["sum"]},
        "expected": {"total": 3},
        "scorers": ["json_schema"],
    },
    {"id": "recite", "input": "Recite the poem.", "expected": "la " * 40},
    {"id": "anything", "input": "Say what you like.", "scorers": [{"regex": {"expected": ".*"}}]},
    {"id": "told", "input": "Who was it? The answer is Ada Lovelace.", "expected": "Ada Lovelace"},
    {"id": "cafe", "input": "Wo ist das CafÃ©? \ufffd \0 in\u200bside", "expected": "yes"},
    {"id": "apart", "input": "Đo\u0323c đi", "expected": "yes"},
    *({"id": f"yes-{n}", "input": f"Ready at {n}?", "expected": "yes", "tags": ["ready"]} for n in range(4)),
]

SHOWN = """\
error[contradiction]: bad/cases.jsonl:5: case 'against': asks the same as case
  'first', and no expected answer of either passes both. Correct one or remove
  it.
error[unsatisfiable-schema]: bad/cases.jsonl:11: case 'schema': no answer can
  satisfy the schema: $.a: no value of its enum or const (1) fits the rest of
  the schema. Mend the schema.
error[unreachable]: bad/cases.jsonl:13: case 'object': no expected answer passes
  the scorer 'json_schema': $ lacks 'sum' (1 violation). Correct `expected`, or
  what it is compared by.
error[unreachable]: bad/cases.jsonl:15: case 'recite': no expected answer passes
  the scorer 'exact': it needs 120 characters, and max_tokens 8 holds at most
  some 64. Correct `expected`, or what it is compared by.
error[anything-passes]: bad/cases.jsonl:17: case 'anything': an empty answer
  passes. Let a scorer ask for what a good answer must hold; length with
  min_words: 1 wants any words at all.
warning[one-answer]: bad/suite.yaml: 'yes' is the expected answer of 10 of 13
  cases: always saying it passes them. Add cases with other answers.
warning[replacement-character]: bad/suite.yaml: the system prompt holds U+FFFD,
  which stands for a character that was lost: 'town of Ulm.�'. Write it anew.
warning[duplicate]: bad/cases.jsonl:3: case 'again': asks the same as case
  'first', so it counts twice and shows nothing new. Remove one of them, or ask
  more.
warning[near-duplicate]: bad/cases.jsonl:9: case 'stalls': asks nearly the same
  as case 'stall'. Remove one of them, or let them differ in what they ask.
warning[leaked-answer]: bad/cases.jsonl:19: case 'told': the expected answer
  'Ada Lovelace' stands in the question as the answer. Take it out, or ask for
  something else.
warning[replacement-character]: bad/cases.jsonl:21: case 'cafe': the input holds
  U+FFFD, which stands for a character that was lost: ' das CafÃ©? � \\x00
  in\\u200bside'. Write it anew.
warning[mojibake]: bad/cases.jsonl:21: case 'cafe': the input holds 'Ã©', which
  is 'é' read in the wrong encoding. Save the source as UTF-8 and import it
  anew.
warning[control-character]: bad/cases.jsonl:21: case 'cafe': the input holds the
  control character \\x00: 'as CafÃ©? � \\x00 in\\u200bside'. Remove it; some
  servers cut the text there.
warning[invisible-character]: bad/cases.jsonl:21: case 'cafe': the input holds
  the invisible character U+200B: 'afÃ©? � \\x00 in\\u200bside'. Remove it, unless
  the case is about it.
note[answer-in-input]: bad/suite.yaml: the expected answer stands in the
  question in 1 of 16 cases. That is right for reading and choosing; a model
  that only copies passes some of them.
note[few-cases]: bad/suite.yaml: tags with fewer than 5 cases: open (1), ready
  (4). Read no rate into them: even 4 of 4 passes show only a true rate above
  47 % (95 % confidence).
note[decomposed-text]: bad/suite.yaml: decomposed text (NFD) stands in 1 of 16
  cases, first in 'apart'; composed text stands in 1 more. Scorers compare it as
  composed text, but a model reads other tokens: save it in NFC.
note[power]: bad/suite.yaml: with 16 cases a pass rate near 90 % is known to
  within 16.3 points (95 % Wilson), and between two candidates no drop within 10
  points is seen with 80 % power where 10 % of the cases come out differently.
  Add cases to see smaller differences.
bad: 16 cases, 5 errors, 9 warnings, 4 notes
"""


_MARGIN = (
    "condition 'suite:ready#ready.pass_rate >= 0.9 with 95% confidence' allows at most 0 failures in 30 cases; to be "
    "proven with 80 % chance a candidate must truly pass 99.3 %, 9.3 points above the threshold"
)


def _never_met(threshold: float) -> str:
    condition = f"suite:ready.pass_rate >= {threshold} with 95% confidence"
    return f"condition '{condition}' cannot be met with 30 cases, even if all of them pass"


def _write(folder: Path, cases: list[dict], suite: str = SUITE) -> Path:
    folder.mkdir(parents=True)
    (folder / "suite.yaml").write_text(suite, "utf-8")
    lines = [json.dumps(case, ensure_ascii=False) for case in cases]
    (folder / "cases.jsonl").write_text("\n\n".join(lines) + "\n", "utf-8")
    return folder


def _lint(target: str | Path, *, strict: bool = False, as_json: bool = False) -> int:
    return guarded(lambda: lint([Path(target)], strict=strict, as_json=as_json))


def test_every_kind_of_trouble_is_shown(place: Workplace, capsys: pytest.CaptureFixture[str]) -> None:
    """Each finding is one wrapped line with its place, errors first, and a line of sums ends the suite."""
    _write(place.folder / "bad", CASES)
    assert _lint("bad") == 1
    said = capsys.readouterr()
    assert (said.out, said.err) == (SHOWN, "")
    assert max(map(len, said.out.splitlines())) <= 80


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_suites_are_clean(place: Workplace, capsys: pytest.CaptureFixture[str], name: str) -> None:
    """The suites that come with Assay have neither errors nor warnings, wherever they are called from."""
    assert _lint(f"goldensets/{name}") == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert f"goldensets/{name}: " in said.out.splitlines()[-1]


def test_json_is_the_noun(place: Workplace, capsys: pytest.CaptureFixture[str]) -> None:
    """--json prints all findings with lines, and the digests of the suite and of its scorers."""
    _write(place.folder / "bad", CASES)
    assert _lint("bad/suite.yaml", as_json=True) == 1
    (own,) = Linted.model_validate_json(capsys.readouterr().out).suites
    assert (own.id, own.cases, len(own.suite_digest), len(own.scorers_digest)) == ("bad", len(CASES), 64, 64)
    assert {(found.file, found.line) for found in own.findings if found.case == "again"} == {("bad/cases.jsonl", 3)}
    renamed = [{**case, "input": f"{case['input']} Please."} for case in CASES]
    _write(place.folder / "other", renamed)
    _lint("other", as_json=True)
    (other,) = Linted.model_validate_json(capsys.readouterr().out).suites
    assert (own.suite_digest == other.suite_digest, own.scorers_digest == other.scorers_digest) == (False, True)


def test_strict_counts_notes(place: Workplace, capsys: pytest.CaptureFixture[str]) -> None:
    """With strict a note fails too, but not one that only says what so many cases can show."""
    ready = [case for case in CASES if str(case["id"]).startswith("yes-")]
    _write(place.folder / "few", ready, "id: few\nscorers: [exact]\n")
    assert (_lint("few"), _lint("few", strict=True)) == (0, 1)
    _write(place.folder / "bare", [{**case, "tags": []} for case in ready], "id: bare\nscorers: [exact]\n")
    assert _lint("bare", strict=True) == 0


def test_cases_of_one_source_count_once(place: Workplace, capsys: pytest.CaptureFixture[str]) -> None:
    """A hundred cases made from sixty documents are said to show what sixty cases do."""
    cases = [
        {"id": f"c{n}", "input": f"Ready at {n}?", "expected": f"{-n}", "source": f"d{n % 60}"} for n in range(100)
    ]
    _write(place.folder / "made", cases, "id: made\nscorers: [exact]\n")
    assert _lint("made") == 0
    assert " ".join(capsys.readouterr().out.split()).startswith(
        "note[power]: made/suite.yaml: with 100 cases of 60 sources, each of which counts once, a pass rate near 90 % "
        "is known to within 7.7 points (95 % Wilson), and between two candidates no drop within 10 points is seen with "
        "80 % power where 10 % of the cases come out differently. Add cases of other sources to see smaller "
        "differences."
    )


def test_a_plan_is_told_what_its_conditions_take(place: Workplace, capsys: pytest.CaptureFixture[str]) -> None:
    """A condition that no result can meet is an error at its line; for another one the true rate is told."""
    ready = [{"id": str(n), "input": f"Ready at {n}?", "expected": str(n), "tags": ["ready"]} for n in range(30)]
    _write(place.folder / "ready", ready, "id: ready\nscorers: [exact]\n")
    conditions = [
        "suite:ready.pass_rate >= 0.95 with 95% confidence",
        "suite:ready#ready.pass_rate >= 0.9 with 95% confidence",
        {"condition": "suite:ready.pass_rate >= 0.99 with 95% confidence", "severity": "warn"},
        "suite:ready.pass_rate >= 0.99",
    ]
    plan = plan_of("http://127.0.0.1:1/v1", suites=["ready"], gate={"conditions": conditions})
    (place.folder / "plan.yaml").write_text(yaml.safe_dump(plan), "utf-8")
    assert _lint("plan.yaml", as_json=True) == 1
    (own,) = Linted.model_validate_json(capsys.readouterr().out).suites
    told = [(found.level, found.kind, found.message) for found in own.findings if found.file == "plan.yaml"]
    assert told == [
        (
            "error",
            "unprovable",
            _never_met(0.95),
        ),
        (
            "warning",
            "unprovable",
            _never_met(0.99),
        ),
        (
            "note",
            "power",
            _MARGIN,
        ),
    ]
    remedies = [found.remedy for found in own.findings if found.kind == "unprovable"]
    assert remedies == ["It takes 59 cases.", "It takes 299 cases."]


def test_many_findings_of_a_kind_are_summed_up(place: Workplace, capsys: pytest.CaptureFixture[str]) -> None:
    """After twenty findings of a kind the rest is counted."""
    cases = [{"id": str(n), "input": "Ready?", "expected": "yes"} for n in range(24)]
    _write(place.folder / "same", cases, "id: same\nscorers: [exact]\n")
    assert _lint("same") == 1
    lines = capsys.readouterr().out.splitlines()
    assert sum(line.startswith("warning[duplicate]") for line in lines) == 20
    assert "3 more of duplicate: --json shows them all" in lines


def test_labels_are_checked_as_labels(place: Workplace, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder of labels is no broken suite: its file is read as `assay calibrate` reads it, and told in one line."""
    said = "judge-attacks/labels.jsonl: sound, a labels file for `assay calibrate` with 7 passed and 33 failed answers"
    for target in ("goldensets/judge-attacks", "goldensets/judge-attacks/labels.jsonl"):
        assert _lint(target) == 0
        assert " ".join(capsys.readouterr().out.split()) == f"goldensets/{said}"
    (place.folder / "own").mkdir()
    (place.folder / "own" / "labels.jsonl").write_text('{"id": "a", "request": "q", "answer": "x", "label": ""}\n')
    assert _lint("own") == 2
    assert "own/labels.jsonl:1: the label is not filled in" in capsys.readouterr().err


def _refused(capsys: pytest.CaptureFixture[str], target: str) -> str:
    assert _lint(target) == 2
    said = capsys.readouterr()
    assert said.out == ""
    return said.err


def test_a_name_that_is_nothing(place: Workplace, capsys: pytest.CaptureFixture[str]) -> None:
    """What is not there is looked for from where the user is: there is no plan yet."""
    told = (
        "error[no-such-file]: there is no file or folder 'nix'. Check the path; it is relative to the folder that you"
    )
    assert _refused(capsys, "nix") == f"{told} are in.\n"


def test_files_that_are_no_plain_files(place: Workplace, capsys: pytest.CaptureFixture[str]) -> None:
    """A pipe is not waited for, and a link inside of a suite leads no further than one that a plan names."""
    elsewhere = place.folder.parent / "elsewhere.jsonl"
    elsewhere.write_text('{"id": "a", "input": "q", "expected": "x"}\n')
    for name in ("pipe", "head", "link", "inside", "circle"):
        _write(place.folder / name, [{"id": "a", "input": "q", "expected": "x"}], "id: s\nscorers: [exact]\n")
        (place.folder / name / ("suite.yaml" if name == "head" else "cases.jsonl")).unlink()
    os.mkfifo(place.folder / "pipe" / "cases.jsonl")
    os.mkfifo(place.folder / "head" / "suite.yaml")
    (place.folder / "link" / "cases.jsonl").symlink_to(elsewhere)
    (place.folder / "circle" / "cases.jsonl").symlink_to("cases.jsonl")
    (place.folder / "shared.jsonl").write_text(elsewhere.read_text())
    (place.folder / "inside" / "cases.jsonl").symlink_to(place.folder / "shared.jsonl")
    assert _refused(capsys, "pipe").startswith("error[no-such-file]: pipe/cases.jsonl: it is no plain file.")
    assert _refused(capsys, "head").startswith("error[no-such-file]: head/suite.yaml: it is no plain file.")
    assert _refused(capsys, "link").startswith("error[path-outside]: link/cases.jsonl: the file is a link that leads")
    assert _refused(capsys, "circle").startswith("error[no-such-file]: circle/cases.jsonl: cannot read the cases: ")
    assert _lint("inside") == 0
    capsys.readouterr()
    plan = plan_of("http://127.0.0.1:1/v1", suites=["link"])
    (place.folder / "plan.yaml").write_text(yaml.safe_dump(plan), "utf-8")
    assert "error[path-outside]: link/cases.jsonl: the file is a link" in _refused(capsys, "plan.yaml")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"[" * 100_000, "its values are nested too deep"),
        (b'{"id": "a", "input": "q", "expected": ' + b"9" * 10_000 + b"}", "the integer is beyond 2**53 - 1"),
        (b'{"id": "a", "input": "\xff"}', "the byte 0xff at place 23 is no UTF-8"),
        (b"root:x:0:0", "it goes wrong at character 1"),
        (b'{"id": "a"} {"id": "b"}', "something follows the object at character 13"),
        (b'{"id": "a", "input": "q"}\r{"id": "b", "input": "q"}\r', "a carriage return stands in it without"),
        (b'{"id": "a", "input": "q", "expected": "x"}\r', "a carriage return stands in it without"),
    ],
    ids=["deep", "integer", "bytes", "text", "two", "returns", "one return"],
)
def test_a_line_that_cannot_be_read(
    place: Workplace, capsys: pytest.CaptureFixture[str], line: bytes, said: str
) -> None:
    """What is wrong with a line is told in plain words, not in those of the parser."""
    (place.folder / "odd.jsonl").write_bytes(line)
    told = _refused(capsys, "odd.jsonl")
    assert told.startswith(f"error[bad-jsonl]: odd.jsonl:1: not a JSON object: {said}")
    assert all(word not in told for word in ("recursion", "sys.", "codec", "line 1"))


@pytest.mark.parametrize("target", ["missing", "../missing", "x" * 5000, "a\0b", "broken", "none.jsonl", "no.yaml"])
def test_bad_input_ends_with_two(place: Workplace, capsys: pytest.CaptureFixture[str], target: str) -> None:
    """What is no suite and no plan ends with 2 and words, without a finding."""
    (place.folder / "broken").mkdir()
    (place.folder / "none.jsonl").write_text("", "utf-8")
    (place.folder / "no.yaml").write_text("suites: 3\n", "utf-8")
    assert _lint(target) == 2
    said = capsys.readouterr()
    assert (said.out, said.err[:6]) == ("", "error[")


def test_several_suites_in_one_call(place: Workplace, capsys: pytest.CaptureFixture[str]) -> None:
    """Files of one suite are that suite, looked at once with its own settings; the worst suite decides."""
    _write(Path("bad"), CASES)
    _write(Path("few"), CASES[:1], "id: few\nscorers: [exact]\n")
    paths = [Path("few/cases.jsonl"), Path("few/suite.yaml"), Path("few")]
    assert guarded(lambda: lint(paths, strict=False, as_json=False)) == 0
    assert capsys.readouterr().out.count("1 case,") == 1
    assert guarded(lambda: lint([Path("bad/cases.jsonl"), Path("few")], strict=False, as_json=False)) == 1
    assert guarded(lambda: lint([Path("nowhere"), Path("few")], strict=False, as_json=False)) == 2
    told = capsys.readouterr()
    assert "1 case," in told.out
    assert "nowhere" in told.err
