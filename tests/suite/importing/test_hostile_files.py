"""Does every file that is broken, huge, deep or malicious give one line, and no more?"""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay.errors import InputError
from assay.suite.importing import IMPORTERS, Options, guess_format, read_import, sources
from tests.suite.importing.importing_building import imported, refused

if TYPE_CHECKING:
    from pathlib import Path

DEEP = "[" * 5000 + "]" * 5000
WIDE_LISTS = {"prompts": ["{{a}}"], "tests": [{"vars": {key: list(range(20)) for key in "abcdef"}}]}
ALIASES = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{key}: &{key} [{', '.join([f'*{before}'] * 10)}]\n" for before, key in zip("abcdefg", "bcdefgh", strict=True)
)

REFUSED = [
    ("promptfoo", "x.json", "{", "bad-import]: x.json:1: not valid JSON"),
    ("promptfoo", "x.json", DEEP, "nested too deep"),
    ("promptfoo", "x.json", "[" * 150 + "]" * 150, "nested too deep"),
    ("promptfoo", "x.json", '{"tests": [], "tests": [1]}', "the key 'tests' stands twice"),
    ("promptfoo", "x.json", b"\xff\xfe", "x.json:1: the file is not UTF-8"),
    ("promptfoo", "x.json", '{"tests": 1' + "0" * 5000 + "}", "not valid JSON"),
    ("promptfoo", "x.json", "[]", "no mapping"),
    ("promptfoo", "x.json", {"other": 1}, "neither `prompts` nor `tests`"),
    ("promptfoo", "x.json", {"results": {}}, "no rows"),
    ("promptfoo", "x.json", WIDE_LISTS, "more than 100000 cases"),
    ("promptfoo", "x.yaml", ALIASES, "too many values"),
    ("promptfoo", "x.yaml", "prompts: !!python/name:os.system x\n", "cannot read the value"),
    ("promptfoo", "x.csv", "a,__expected\n1,2\n", "has no prompt"),
    ("inspect-ai", "x.jsonl", '{"input": "a"}\n[1]\n', "x.jsonl:2: the line is no JSON object but a list"),
    ("inspect-ai", "x.json", {"samples": []}, "no log of Inspect"),
    ("inspect-ai", "x.eval", b"PK\x03\x04 but no more", "no sound ZIP archive"),
    ("inspect-ai", "x.txt", "", "no dataset or log"),
    ("lm-eval", "x.jsonl", {"a": 1}, "x.jsonl:1: the line is no sample"),
    ("openai-evals", "x.jsonl", "null", "no JSON object"),
    ("deepeval", "x.json", {"a": 1}, "no list of goldens"),
    ("deepeval", "x.csv", "input,input\na,b\n", "x.csv:1: the column 'input' stands twice"),
    ("table", "x.csv", "input,expected\na\n", "x.csv:2: the row has 1 cells"),
    ("table", "x.csv", 'input,expected\n"a,b\n', "not valid CSV"),
    ("table", "x.csv", "question,expected\na,b\n", "the table has no column 'input'"),
    ("table", "x.csv", "input,expected\n" + "a" * 200_000 + ",b\n", "field larger than field limit"),
]


@pytest.mark.parametrize(("form", "name", "content", "line"), REFUSED, ids=[f"{r[0]}-{r[3]}" for r in REFUSED])
def test_unsound_file_gives_one_line(tmp_path: Path, form: str, name: str, content: object, line: str) -> None:
    """The line says what is wrong, and where."""
    assert line in refused(tmp_path / name, content, form)


def test_tags_of_yaml_make_no_objects(tmp_path: Path) -> None:
    """What a tag would call in Python is a plain list here."""
    result = imported(tmp_path / "x.yaml", "prompts: !!python/object/apply:os.system [ls]\n")
    assert [loss.where for loss in result.losses] == ["tests"]


def test_file_beyond_the_bound_is_not_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file larger than the bound is refused by its size."""
    path = tmp_path / "x.json"
    with path.open("wb") as file:
        file.truncate((256 << 20) + 1)
    monkeypatch.setattr(sources.json, "loads", lambda *a, **k: pytest.fail("it was parsed"))
    with pytest.raises(InputError, match="larger than 256 MiB"):
        read_import("deepeval", path, Options())


@pytest.mark.parametrize("name", ["absent.json", "nul\0byte.json", "."])
@pytest.mark.parametrize("form", ["promptfoo", "deepeval", "table", "openai-evals"])
def test_path_that_is_no_file_gives_one_line(tmp_path: Path, form: str, name: str) -> None:
    """A missing file, a folder and an impossible name are told, not raised."""
    with pytest.raises(InputError):
        read_import(form, tmp_path / name, Options())


def _archive(path: Path, members: list[tuple[str, bytes]]) -> Path:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    path.write_bytes(raw.getvalue())
    return path


HEADER = ("header.json", json.dumps({"version": 2, "eval": {"task": "t", "model": "m", "scorers": []}}).encode())


def test_zip_bomb_is_stopped_at_the_bound_of_a_member(tmp_path: Path) -> None:
    """A member that unpacks to more than 64 MiB is refused, whatever its archive says of its size."""
    path = _archive(tmp_path / "x.eval", [HEADER, ("samples/a_epoch_1.json", b" " * ((64 << 20) + 1))])
    with pytest.raises(InputError, match="larger than 64 MiB"):
        read_import("inspect-ai", path, Options())


def test_names_of_members_lead_nowhere(tmp_path: Path) -> None:
    """Nothing is unpacked: a member with a path out of the archive is not even read."""
    sample = json.dumps({"id": "a", "epoch": 1, "input": "x", "target": "y", "output": {"completion": "y"}}).encode()
    members = [HEADER, ("../../evil.json", b"{"), ("samples/../../evil_epoch_1.json", sample)]
    result = read_import("inspect-ai", _archive(tmp_path / "x.eval", members), Options())
    assert result.cases == ()
    assert [answer.output for answer in result.answers] == ["y"]
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["x.eval"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_member_that_stands_twice_is_refused(tmp_path: Path) -> None:
    """Two members of one name are two stories."""
    with pytest.raises(InputError, match="a member twice"):
        read_import("inspect-ai", _archive(tmp_path / "x.eval", [HEADER, HEADER]), Options())


def test_damaged_member_gives_one_line(tmp_path: Path) -> None:
    """Flipped bytes are a damaged member."""
    path = _archive(tmp_path / "x.eval", [HEADER])
    raw = bytearray(path.read_bytes())
    raw[45:60] = bytes(15)
    path.write_bytes(raw)
    with pytest.raises(InputError, match=r"damaged|not valid JSON|no sound"):
        read_import("inspect-ai", path, Options())


@pytest.mark.parametrize("prompt", ["file://../secret.txt", "file:///etc/hostname", "file://link.txt", "file://x.py"])
def test_config_reads_no_file_outside_of_its_folder(tmp_path: Path, prompt: str) -> None:
    """Paths that lead out of the folder, links that do, and code are losses."""
    folder = tmp_path / "suite"
    folder.mkdir()
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "x.py").write_text("print()")
    content = {"prompts": [prompt], "tests": [{"assert": [{"type": "equals", "value": "x"}]}, prompt]}
    result = imported(folder / "x.json", content)
    assert result.cases == ()
    assert [loss.where for loss in result.losses if "left out" in loss.what] == ["prompts[0]", "tests[1]"]


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["{{a}}", "equals"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    *(
                        "prompts",
                        "tests",
                        "vars",
                        "assert",
                        "type",
                        "value",
                        "threshold",
                        "weight",
                        "results",
                        "testCase",
                    ),
                    *(
                        "eval",
                        "scorers",
                        "name",
                        "options",
                        "samples",
                        "messages",
                        "scores",
                        "output",
                        "target",
                        "input",
                    ),
                    *(
                        "choices",
                        "id",
                        "raw",
                        "ideal",
                        "metadata",
                        "expected_output",
                        "testCases",
                        "expectations",
                        "must",
                    ),
                    *("doc_id", "arguments", "gen_args_0", "arg_0", "metrics", "resps", "filter", "role", "content"),
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)


@pytest.mark.parametrize("form", sorted(IMPORTERS.keys() - {"table"}))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(content=VALUES)
def test_wrong_types_are_never_a_traceback(tmp_path: Path, form: str, content: object) -> None:
    """Whatever JSON stands under the keys of a format, it is imported, lost by name, or refused in a line."""
    suffix = "jsonl" if form in {"lm-eval", "openai-evals"} else "json"
    path = tmp_path / f"x.{suffix}"
    lines: list[str] = []
    for shape in (content, {"results": {"results": [content]}}, {"eval": {"task": 1}, "samples": [content]}, [content]):
        path.write_text(json.dumps(shape), encoding="utf-8")
        try:
            result = read_import(form, path, Options())
        except InputError as error:
            lines.append(str(error))
            continue
        assert all(case.digest() for case in result.cases)
        lines += [loss.where for loss in result.losses]
    assert not any("\n" in line for line in lines)


def test_unknown_format_is_told_with_those_that_there_are(tmp_path: Path) -> None:
    """A wrong name gives the right ones, and a strange file gives none."""
    with pytest.raises(InputError, match="promptfoo, inspect-ai"):
        read_import("helm", tmp_path, Options())
    (tmp_path / "x.json").write_text('{"a": 1}')
    with pytest.raises(InputError, match="looks like no format"):
        guess_format(tmp_path / "x.json")
