"""Does every mistake in a YAML file name its line, and does no file do more than fail?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay.errors import InputError
from assay.schema._base import digest_of
from assay.schema.suite import Plan, Rubric
from assay.suite import load_noun, read_yaml

if TYPE_CHECKING:
    from pathlib import Path

    from assay.errors import Problem
    from assay.suite import Document


def _read(tmp_path: Path, text: str | bytes) -> Document:
    path = tmp_path / "f.yaml"
    path.write_bytes(text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text)
    return read_yaml(path, "f.yaml")


def _problems(tmp_path: Path, text: str | bytes, model: type[Plan | Rubric] | None = None) -> list[Problem]:
    with pytest.raises(InputError) as error:
        _taken(tmp_path, text, model)
    assert all(problem.file == "f.yaml" for problem in error.value.problems)
    return list(error.value.problems)


def _taken(tmp_path: Path, text: str | bytes, model: type[Plan | Rubric] | None) -> None:
    document = _read(tmp_path, text)
    if model is not None:
        load_noun(document, model)


def _slugs(problems: list[Problem]) -> list[tuple[str, int | None]]:
    return [(problem.slug, problem.line) for problem in problems]


def test_values_and_their_lines(tmp_path: Path) -> None:
    """A file is read as JSON has it, and each value knows its line."""
    document = _read(tmp_path, "a: 1\nb:\n  - x\n  - c: {d: null,\n       e: 2.5}\nf: yes\n")
    assert document.data == {"a": 1, "b": ["x", {"c": {"d": None, "e": 2.5}}], "f": True}
    assert [document.line_of(loc) for loc in (("a",), ("b", 1), ("b", 1, "c", "e"), ("f",))] == [1, 4, 5, 6]
    assert document.line_of(("b", 1, "c", "no", 7)) == 4
    assert document.line_of(("no",)) is None


@pytest.mark.parametrize("text", ["2026-01-02", "2026-01-02T03:04:05Z", "2026-01-02 03:04:05.5 +1:00"])
def test_dates_stay_text(text: str, tmp_path: Path) -> None:
    """A date is the text that was written, in a value and in a key."""
    document = _read(tmp_path, f"day: {text}\n")
    assert document.data == {"day": text}
    assert _read(tmp_path, "2026-01-02: a\n").data == {"2026-01-02": "a"}


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n"])
def test_empty_file_holds_nothing(text: str, tmp_path: Path) -> None:
    """An empty file is read as nothing, which no noun accepts."""
    assert _read(tmp_path, text).data is None
    assert [problem.slug for problem in _problems(tmp_path, text, Plan)] == ["bad-value"]


def test_bom_means_nothing(tmp_path: Path) -> None:
    """The mark that some editors write first is not part of the first key."""
    assert _read(tmp_path, "\ufeffa: 1\r\nb: 2\r\n").data == {"a": 1, "b": 2}


@pytest.mark.parametrize("day", ["2026-01-15", "2026-02-30", "2026-1-5", "2026-01-15 10:00:00"])
def test_a_date_stays_the_text_that_was_written(day: str, tmp_path: Path) -> None:
    """Nothing is made of it, so that a day that there is not is left to whoever asks for a day."""
    assert _read(tmp_path, f"a: {day}\n").data == {"a": day}


@pytest.mark.parametrize(
    ("text", "slug", "line"),
    [
        ("a: 1\nb: [1,\n", "bad-yaml", 3),
        ("a: 1\n\tb: 2\n", "bad-yaml", 2),
        ("a: 1\nb: *nobody\n", "bad-yaml", 2),
        ("a: 1\n---\nb: 2\n", "bad-yaml", 2),
        (b"a: 1\nb: \xff\n", "bad-yaml", 2),
        ("a: 1\nb: \x07\n", "bad-yaml", 2),
        ("a: 1\nb: !!python/object/apply:os.system [id]\nb: 2\n", "duplicate-key", 3),
        ("a: 1\nb: !!python/name:os.system x\n", "bad-yaml", 2),
        ("a: 1\nb: !mine x\n", "bad-yaml", 2),
        ("a: 1\nb: !!int x\n", "bad-yaml", 2),
        ("a: 1\nb: !!int ''\n", "bad-yaml", 2),
        ("a: 1\nb: !!bool x\n", "bad-yaml", 2),
        ("a: 1\nb: !!timestamp x\n", "bad-yaml", 2),
        ("a: 1\nb: " + "1:" * 300 + "1.0\n", "bad-yaml", 2),
        ("a: 1\nb: " + "9" * 5_000 + "\n", "bad-yaml", 2),
        ("a: 1\nb: .inf\n", "bad-value", 2),
        ("a: 1\nb: -.INF\n", "bad-value", 2),
        ("a: 1\nb: .nan\n", "bad-value", 2),
        ("a: 1\nb: -9007199254740992\n", "bad-value", 2),
        ('a: 1\nb: "\\ud83d"\n', "bad-value", 2),
        ("a: 1\n? [b]\n: 2\n", "bad-yaml", 2),
        ("a: 1\n? {b: 1}\n: 2\n", "bad-yaml", 2),
        ('a: 1\n"\\ud83d": 2\n', "bad-yaml", 2),
        ("a: 1\nb: 2\na: 3\n", "duplicate-key", 3),
        ("a:\n  b: 1\n  'b': 2\n", "duplicate-key", 3),
        ("a: &a\n  b: *a\n", "file-too-large", None),
        ("&a [*a]\n", "file-too-large", None),
        ("[" * 5_000 + "]" * 5_000, "file-too-large", None),
        ("{a: " * 5_000 + "}" * 5_000, "file-too-large", None),
    ],
)
def test_each_mistake_names_its_line(text: str | bytes, slug: str, line: int | None, tmp_path: Path) -> None:
    """What cannot be read is one problem, at its line where it has one, and on one line of text."""
    problems = _problems(tmp_path, text)
    assert _slugs(problems) == [(slug, line)]
    assert len(str(problems[0])) < 300


def test_all_mistakes_at_once(tmp_path: Path) -> None:
    """Mistakes that do not hide each other are all told, by line."""
    problems = _problems(tmp_path, "a: 1\na: 2\nb: .inf\nc: !mine x\nb: 3\n")
    assert _slugs(problems) == [("duplicate-key", 2), ("bad-value", 3), ("bad-yaml", 4), ("duplicate-key", 5)]


def test_alias_bomb_is_bounded(tmp_path: Path) -> None:
    """Aliases of aliases are refused before they fill the memory."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    assert _slugs(_problems(tmp_path, "\n".join(lines))) == [("file-too-large", None)]


def test_large_file_is_refused(tmp_path: Path) -> None:
    """A file of more than 4 MiB is refused, and one of just 4 MiB is read."""
    room = 4 << 20
    assert _slugs(_problems(tmp_path, "#" * (room + 1))) == [("file-too-large", None)]
    assert _read(tmp_path, "a: 1\n" + "#" * (room - 5)).data == {"a": 1}


def test_missing_file_is_named(tmp_path: Path) -> None:
    """A file that is not there, or is a folder, is called so."""
    for path in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(InputError, match=r"error\[no-such-file\]: plan\.yaml: cannot read the file: "):
            read_yaml(path, "plan.yaml")


PLAN = """\
schema: assay/plan/v1
use_case: {id: a, slo: {short: {e2e_p95: 5}}}
candidates:
  - id: one
    runtime: vllm
    base_url: http://127.0.0.1:1/v1
    request: {temprature: 0}
    rolls: [production]
suites:
  - goldensets/a
  - {casess: b.jsonl, cases: b.jsonl}
gate:
  conditions:
    - readiness all met
    - {condition: blockers all passed, sevrity: warn}
recrod: {}
"""


def test_unknown_key_names_the_nearest_of_its_level(tmp_path: Path) -> None:
    """Each unknown key is told with its line and the nearest key that stands at that level."""
    problems = _problems(tmp_path, PLAN, Plan)
    assert [(p.slug, p.line, p.message.split("'")[1], p.remedy) for p in problems] == [
        ("unknown-key", 2, "e2e_p95", "Did you mean 'e2e_p95_s'?"),
        ("unknown-key", 7, "temprature", "Did you mean 'temperature'?"),
        ("unknown-key", 8, "rolls", "Did you mean 'roles'?"),
        ("unknown-key", 11, "casess", "Did you mean 'cases'?"),
        ("unknown-key", 15, "sevrity", "Did you mean 'severity'?"),
        ("unknown-key", 16, "recrod", "Did you mean 'record'?"),
    ]
    assert "in candidates[0].request" in problems[1].message


RUBRIC = """\
schema: assay/rubric/v1
version: 1.0
criteria:
  - {id: Bad Id, text: x}
  - {id: fine}
scale: {pass: 2}
"""


def test_missing_and_bad_values_name_their_line(tmp_path: Path) -> None:
    """A missing key is told at the mapping that lacks it, a bad value at its own line, all in the file's order."""
    problems = _problems(tmp_path, RUBRIC, Rubric)
    assert _slugs(problems) == [
        ("missing-key", None),
        ("bad-value", 2),
        ("bad-value", 4),
        ("missing-key", 5),
        ("bad-value", 6),
    ]
    assert [p.message.split(":")[0] for p in problems[1:]] == [
        "version",
        "criteria[0].id",
        "the key 'text' is missing in criteria[1]",
        "scale.pass",
    ]


def test_alias_problem_stands_where_it_is_used(tmp_path: Path) -> None:
    """A bad value that came by an alias is told at the line of the key that has it."""
    text = "schema: assay/rubric/v1\nid: &x [1]\nversion: *x\ncriteria: [{id: a, text: b}]\n"
    assert _slugs(_problems(tmp_path, text, Rubric)) == [("bad-value", 2), ("bad-value", 3)]


YAML_LIKE = st.text(alphabet="ab01:-?[]{}&*!|>'\"%@`#,. \n\t~<=\\ud8\ufeff\x85\u2028.e_x", max_size=60)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.text(), YAML_LIKE, st.binary(max_size=60)))
def test_any_file_is_read_or_refused(tmp_path: Path, text: str | bytes) -> None:
    """Any file gives a value that has a digest and fits no plan, or problems; nothing else is raised."""
    try:
        document = _read(tmp_path, text)
    except InputError:
        return
    digest_of(document.data)
    with pytest.raises(InputError):
        load_noun(document, Plan)
