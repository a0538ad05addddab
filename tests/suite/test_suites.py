"""Are cases read as they were written, and is every unsound one told at its line?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay.errors import InputError
from assay.schema.suite import Case, Rubric, Suite
from assay.scoring import check_scorers
from assay.suite import load_noun, load_plan, load_rubrics, load_suite, load_suites, read_yaml

ROOT = Path(__file__).resolve().parents[2]
SHIPPED_SUITES = sorted(path.parent for path in ROOT.glob("goldensets/*/suite.yaml"))
SHIPPED_SUITES += sorted(path.parent for path in ROOT.glob("templates/init/goldensets/*/suite.yaml"))
SHIPPED_RUBRICS = sorted(ROOT.glob("rubrics/*.yaml"))


def _sound(suite: Suite, case: Case) -> list[tuple[str, str, str]]:
    return []


def _jsonl(folder: Path, content: str | bytes, name: str = "sums.jsonl") -> Suite:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return load_suite(path, name, _sound)


def _problems(folder: Path, content: str | bytes) -> list[tuple[str, int | None]]:
    with pytest.raises(InputError) as error:
        _jsonl(folder, content)
    assert {problem.file for problem in error.value.problems} == {"sums.jsonl"}
    return [(problem.slug, problem.line) for problem in error.value.problems]


def _folder(folder: Path, suite: str = "id: own\nscorers: [exact]\n", cases: str = '{"id":"a","input":"x"}\n') -> Path:
    path = folder / "goldensets" / "own"
    path.mkdir(parents=True)
    (path / "suite.yaml").write_text(suite, encoding="utf-8")
    (path / "cases.jsonl").write_text(cases, encoding="utf-8")
    return path


def _load_all(folder: Path, suites: str, extra: str = "") -> tuple[Suite, ...]:
    (folder / "plan.yaml").write_text(
        "schema: assay/plan/v1\nuse_case: {id: a}\ncandidates: [{id: one, embedded: m}]\n"
        f"gate: {{conditions: [readiness all met]}}\n{extra}suites:\n{suites}",
        encoding="utf-8",
    )
    loaded = load_plan(folder / "plan.yaml", shipped=ROOT, environment={})
    read = load_suites(loaded, check_scorers)
    load_rubrics(loaded, read)
    return read


def _all_problems(folder: Path, suites: str, extra: str = "") -> list[tuple[str, str, int | None]]:
    with pytest.raises(InputError) as error:
        _load_all(folder, suites, extra)
    return [(p.slug, (p.file or "").removeprefix(f"{folder}/"), p.line) for p in error.value.problems]


# --- what is shipped ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", SHIPPED_SUITES, ids=lambda path: path.name)
def test_shipped_suite_is_sound(path: Path) -> None:
    """Every shipped suite is read without a problem, and its scorers can do their work."""
    suite = load_suite(path, path.name, check_scorers)
    assert suite.id == path.name
    assert suite.cases
    assert suite.licence != "unknown"


@pytest.mark.parametrize("path", SHIPPED_RUBRICS, ids=lambda path: path.name)
def test_shipped_rubric_is_sound(path: Path) -> None:
    """Every shipped rubric is read and is called as its file."""
    assert load_noun(read_yaml(path, path.name), Rubric).id == path.stem


# --- one JSONL file -----------------------------------------------------------------------------------------

A, B = '{"id": "a", "input": "x"}', '{"id": "b", "input": "y\\u2028z"}'


@pytest.mark.parametrize(
    "content", [f"{A}\n{B}\n", f"{A}\n{B}", f"{A}\r\n{B}\r\n", f"\n\n{A}\n \t\n{B}\n\n", f"\ufeff{A}\n{B}\n"]
)
def test_cases_are_read_in_order(content: str, tmp_path: Path) -> None:
    """Cases stand one a line; line ends of any system, empty lines and a byte order mark mean nothing."""
    suite = _jsonl(tmp_path, content)
    assert (suite.id, suite.version) == ("sums", "0")
    assert [(case.id, case.input) for case in suite.cases] == [("a", "x"), ("b", "y\u2028z")]


def test_odd_characters_do_not_end_a_line(tmp_path: Path) -> None:
    """Characters that some readers take for line ends stand in a text as they are."""
    (case,) = _jsonl(tmp_path, '{"id": "a", "input": "x\u2028y\u0085z"}\n').cases
    assert case.input == "x\u2028y\u0085z"


@pytest.mark.parametrize(
    ("line", "slug"),
    [
        ("{", "bad-jsonl"),
        ("[]", "bad-jsonl"),
        ('"a"', "bad-jsonl"),
        (f"{A} {A}", "bad-jsonl"),
        (f"{A}\r{A}", "bad-jsonl"),
        ("{'id': 'a'}", "bad-jsonl"),
        ('{"id": "c", "input": "x", "expected": NaN}', "bad-jsonl"),
        ('{"id": "c", "input": "x", "expected": -Infinity}', "bad-jsonl"),
        ('{"id": "c", "input": "x", "expected": 1e999}', "bad-jsonl"),
        ('{"id": "c", "input": "x", "expected": 9007199254740992}', "bad-jsonl"),
        ('{"id": "c", "input": "x", "expected": ' + "9" * 5_000 + "}", "bad-jsonl"),
        ('{"id": "c", "input": "x", "expected": "\\ud83d"}', "bad-jsonl"),
        ('{"id": "c", "input": "x", "expected": {"\\uD83D": 1}}', "bad-jsonl"),
        ('{"id": "c", "id": "d", "input": "x"}', "bad-jsonl"),
        ('{"id": "c", "input": "x", "expected": ' + "[" * 100_000 + "}", "bad-jsonl"),
        ('{"id": "c", "input": "x", "expcted": "y"}', "unknown-key"),
        ('{"id": "c"}', "missing-key"),
        ('{"id": "", "input": "x"}', "bad-value"),
        ('{"id": "c", "input": "x", "severity": "high"}', "bad-value"),
        (A, "duplicate-id"),
    ],
)
def test_unsound_line_is_told(line: str, slug: str, tmp_path: Path) -> None:
    """A line that is no case is told at its number, and the lines after it are read."""
    assert _problems(tmp_path, f"{A}\n\n{line}\n{B}\n{B}\n") == [(slug, 3), ("duplicate-id", 5)]


def test_escaped_pairs_are_sound(tmp_path: Path) -> None:
    """Both halves of a surrogate pair are one character."""
    (case,) = _jsonl(tmp_path, '{"id": "a", "input": "x", "expected": "\\ud83d\\ude00"}\n').cases
    assert case.expected == "\U0001f600"


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    """A line that is not UTF-8 is told."""
    assert _problems(tmp_path, f"{A}\n".encode() + b'{"id": "\xff"}\n') == [("bad-jsonl", 2)]


@pytest.mark.parametrize("content", ["", "\n \n", "\ufeff"])
def test_suite_without_cases_is_told(content: str, tmp_path: Path) -> None:
    """A suite that asks nothing is a mistake."""
    assert _problems(tmp_path, content) == [("no-cases", None)]


def test_long_line_is_refused(tmp_path: Path) -> None:
    """A line of more than 4 MiB is not read on."""
    assert _problems(tmp_path, A + "\n" + "x" * ((4 << 20) + 1)) == [("file-too-large", 2)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.binary(max_size=80), st.text('{}[]":,idnput0.e\\u8\n ', max_size=80).map(str.encode)))
def test_any_file_is_read_or_refused(tmp_path: Path, content: bytes) -> None:
    """Any file gives cases that have digests, or problems; nothing else is raised."""
    try:
        suite = _jsonl(tmp_path, content)
    except InputError:
        return
    assert len(suite.digest()) == 64


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(1 - 2**53, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(JSON)
def test_any_expected_value_is_kept(tmp_path: Path, expected: object) -> None:
    """Any JSON value can be expected, and is read as it was written."""
    line = json.dumps({"id": "a", "input": "x", "expected": expected})
    (case,) = _jsonl(tmp_path, line).cases
    assert case.expected == expected
    assert len(case.digest()) == 64


# --- suites of a plan ---------------------------------------------------------------------------------------


def test_folder_is_a_suite(tmp_path: Path) -> None:
    """A folder brings its settings from suite.yaml and its cases from cases.jsonl."""
    head = "schema: assay/suite/v1\nid: own\nversion: 1.2.3\n"
    head += "scorers: [{fuzzy: {min_ratio: 90}}]\nrequest: {max_tokens: 5}\n"
    path = _folder(tmp_path, head, '{"id":"a","input":"x","expected":"y"}\n')
    (suite,) = _load_all(tmp_path, "  - goldensets/own\n")
    assert suite == load_suite(path, "own", check_scorers)
    assert (suite.id, suite.version, suite.request.max_tokens) == ("own", "1.2.3", 5)
    assert [(spec.name, spec.options) for spec in suite.scorers] == [("fuzzy", {"min_ratio": 90})]


def test_plan_overrides_the_suite(tmp_path: Path) -> None:
    """Id and scorers of the plan win over those of the suite."""
    _folder(tmp_path, cases='{"id":"a","input":"x","expected":"y"}\n')
    one, two = _load_all(tmp_path, "  - {path: goldensets/own, id: other, scorers: [fuzzy]}\n  - goldensets/own\n")
    assert [(suite.id, suite.scorers[0].name) for suite in (one, two)] == [("other", "fuzzy"), ("own", "exact")]
    assert one.digest() != two.digest()


def test_shipped_suite_is_found(tmp_path: Path) -> None:
    """A name that the plan's folder does not have means the shipped suite."""
    assert [suite.id for suite in _load_all(tmp_path, "  - goldensets/qa-short\n")] == ["qa-short"]


def test_suites_of_one_id_are_told(tmp_path: Path) -> None:
    """Two suites of one id would share their scores."""
    _folder(tmp_path, cases='{"id":"a","input":"x","expected":"y"}\n')
    found = _all_problems(tmp_path, "  - goldensets/own\n  - goldensets/own\n")
    assert found == [("duplicate-id", "plan.yaml", 5)]


@pytest.mark.parametrize(
    ("suite", "problem"),
    [
        ("id: own\nscorer: [exact]\n", ("unknown-key", "goldensets/own/suite.yaml", 2)),
        ("id: own\ncases: []\n", ("unknown-key", "goldensets/own/suite.yaml", 2)),
        ("version: 1.0.0\n", ("missing-key", "goldensets/own/suite.yaml", None)),
        ("id: own\nversion: 1.0\n", ("bad-value", "goldensets/own/suite.yaml", 2)),
        ("id: own\nschema: assay/suite/v2\n", ("bad-value", "goldensets/own/suite.yaml", 2)),
        ("- own\n", ("bad-value", "goldensets/own/suite.yaml", None)),
        ("version: 1.0.0\nid: ../../../etc\n", ("bad-value", "goldensets/own/suite.yaml", 2)),
        ("id: a/b\n", ("bad-value", "goldensets/own/suite.yaml", 1)),
        ('id: ""\n', ("bad-value", "goldensets/own/suite.yaml", 1)),
        ('id: "a\\n"\n', ("bad-value", "goldensets/own/suite.yaml", 1)),
    ],
)
def test_unsound_suite_file_is_told(suite: str, problem: tuple[str, str, int], tmp_path: Path) -> None:
    """A mistake in suite.yaml is told there; an id that would leave the run's folder is one."""
    _folder(tmp_path, suite)
    assert _all_problems(tmp_path, "  - goldensets/own\n") == [problem]


def test_name_of_a_file_is_no_id_by_chance(tmp_path: Path) -> None:
    """A JSONL file whose name is no id needs one from the plan."""
    (tmp_path / "my sums.jsonl").write_text('{"id":"a","input":"x","expected":"y"}\n', encoding="utf-8")
    assert _all_problems(tmp_path, "  - {cases: my sums.jsonl, scorers: [exact]}\n") == [
        ("bad-value", "my sums.jsonl", None)
    ]
    (suite,) = _load_all(tmp_path, "  - {cases: my sums.jsonl, id: sums, scorers: [exact]}\n")
    assert suite.id == "sums"


def test_problems_of_all_suites_are_told(tmp_path: Path) -> None:
    """A suite that is missing does not hide what is wrong with the others; scorers are checked case by case."""
    _folder(tmp_path, cases='{"id":"a","input":"x"}\n{"id":"b","input":"x","scorers":["exat"]}\n')
    (tmp_path / "c.jsonl").write_text('{"id":"a","input":"x"}\n', encoding="utf-8")
    suites = "  - nowhere\n  - goldensets/own\n  - c.jsonl\n  - {cases: c.jsonl}\n  - {cases: ../c.jsonl}\n  - ''\n"
    assert _all_problems(tmp_path, suites) == [
        ("no-such-file", "plan.yaml", 6),
        ("missing-expected", "goldensets/own/cases.jsonl", 1),
        ("unknown-scorer", "goldensets/own/cases.jsonl", 2),
        ("no-such-file", "plan.yaml", 8),
        ("no-scorers", "c.jsonl", 1),
        ("path-outside", "plan.yaml", 10),
        ("no-such-file", "/suite.yaml", None),
    ]


# --- rubrics ------------------------------------------------------------------------------------------------

RUBRIC = "id: kind\ncriteria: [{id: a, text: It is kind.}]\n"
JUDGE = "judges:\n  - {id: j, candidate: one, rubric: kind.yaml}\n"


def _judged(folder: Path, rubric: str = RUBRIC) -> None:
    (folder / "kind.yaml").write_text(rubric, encoding="utf-8")
    _folder(folder, "id: own\nscorers: [{judge: {rubric: kind}}]\n")


def test_rubric_is_read_for_its_judge(tmp_path: Path) -> None:
    """Rubrics are kept by the judge that reads them."""
    _judged(tmp_path)
    _load_all(tmp_path, "  - goldensets/own\n", JUDGE)
    loaded = load_plan(tmp_path / "plan.yaml", shipped=ROOT, environment={})
    assert {judge: rubric.id for judge, rubric in load_rubrics(loaded, ()).items()} == {"j": "kind"}


def test_rubric_that_nobody_reads_is_told(tmp_path: Path) -> None:
    """A case that wants a rubric without a judge could never be scored."""
    _judged(tmp_path)
    assert _all_problems(tmp_path, "  - goldensets/own\n") == [("no-judge", "plan.yaml", 5)]
    other = JUDGE.replace("kind.yaml", "rubrics/helpfulness.yaml")
    assert _all_problems(tmp_path, "  - goldensets/own\n", other) == [("no-judge", "plan.yaml", 5)]


@pytest.mark.parametrize(
    ("rubric", "problem"),
    [
        ("id: kind\n", ("missing-key", "kind.yaml", None)),
        ("id: kind\ncriteria: []\n", ("bad-value", "kind.yaml", 2)),
        ("id: kind\ncriteria:\n - {id: a, txt: x}\n", ("missing-key", "kind.yaml", 3)),
    ],
)
def test_unsound_rubric_is_told(rubric: str, problem: tuple[str, str, int], tmp_path: Path) -> None:
    """A mistake in a rubric is told at its file and line."""
    _judged(tmp_path, rubric)
    assert _all_problems(tmp_path, "  - goldensets/own\n", JUDGE)[0] == problem


def test_missing_rubric_is_told_at_the_judge(tmp_path: Path) -> None:
    """A rubric file that is not there is told at the plan's line."""
    _judged(tmp_path)
    wrong = JUDGE.replace("kind.yaml", "none.yaml")
    assert _all_problems(tmp_path, "  - goldensets/own\n", wrong) == [("no-such-file", "plan.yaml", 6)]


def test_rubrics_of_one_id_are_told(tmp_path: Path) -> None:
    """Two rubrics of one id would mix their judgements; two judges of one rubric are welcome."""
    _judged(tmp_path)
    second = "  - {id: k, candidate: one, rubric: FILE}\n"
    (tmp_path / "other.yaml").write_text(RUBRIC.replace("kind.", "rude."), encoding="utf-8")
    found = _all_problems(tmp_path, "  - goldensets/own\n", JUDGE + second.replace("FILE", "other.yaml"))
    assert found == [("duplicate-id", "plan.yaml", 5)]
    assert _load_all(tmp_path, "  - goldensets/own\n", JUDGE + second.replace("FILE", "kind.yaml"))
