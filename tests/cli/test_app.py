"""Do the verbs say what they know, and do wrong words end with exit code 2?"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import jsonschema
import pytest

import assay as package
from assay.schema.suite import Plan
from tests.fakes import plan_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.fakes import Said, Workplace

    Assay = Callable[..., Said]

FORMATS = (
    *(
        "attestations",
        "calibration",
        "case",
        "checklist",
        "facts",
        "finding",
        "imported",
        "index",
        "label",
        "licence",
        "organization",
    ),
    *("plan", "policy", "record", "rehearsals", "request", "rubric", "run"),
    *("score", "suite", "trial", "verdict", "waivers"),
)


def test_version(assay: Assay) -> None:
    """--version prints name and version."""
    said = assay("--version")
    assert (said.code, said.out, said.err) == (0, f"assay {package.__version__}\n", "")


def test_ctrl_c_while_all_is_being_loaded_is_quiet() -> None:
    """In the first tenth of a second nothing was begun: no traceback, and 130 as at any other time."""
    code = """
import sys, assay.cli

class Interrupting:
    def find_spec(self, name, *_):
        if name == "typer":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupting())
assay.cli.entry()
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "")


def test_help_names_verbs_and_exit_codes(assay: Assay) -> None:
    """--help names every verb and what the exit codes mean."""
    said = assay("--help")
    assert said.code == 0
    for word in (
        "demo",
        "init",
        "probe",
        "licence",
        "run",
        "render",
        "verify",
        "list",
        "schema",
        "Exit codes: 0 GO",
        "3 HOLD",
    ):
        assert word in said.out


@pytest.mark.parametrize("verb", ["run", "demo", "init", "probe", "licence", "verify", "render", "schema", "list"])
def test_each_verb_has_help_with_an_example(assay: Assay, verb: str) -> None:
    """Each verb's help ends in an example that calls it."""
    said = assay(verb, "--help")
    assert said.code == 0
    assert f"Example: assay {verb} " in said.out


@pytest.mark.parametrize(
    "arguments",
    [["fly"], ["run"], ["run", "plan.yaml", "--fast"], ["list"], ["--fast"], ["render", "a", "b"]],
    ids=" ".join,
)
def test_unknown_words_are_bad_usage(assay: Assay, arguments: list[str]) -> None:
    """An unknown verb, an unknown option and a missing argument end with 2 and the way to help."""
    said = assay(*arguments)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("Usage: assay ")
    assert "Try 'assay " in said.err


@pytest.mark.parametrize("noun", FORMATS)
def test_schema_prints_a_valid_json_schema(assay: Assay, noun: str) -> None:
    """Every format has a JSON Schema that is one."""
    said = assay("schema", noun)
    assert (said.code, said.err) == (0, "")
    jsonschema.Draft202012Validator.check_schema(json.loads(said.out))


def test_the_plans_schema_takes_a_plan(assay: Assay) -> None:
    """What runs also passes the printed schema, and what does not run fails it."""
    schema = json.loads(assay("schema", "plan").out)
    plan = plan_of("http://127.0.0.1:1/v1")
    Plan.model_validate(plan)
    jsonschema.validate(plan, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(plan | {"triels": 1}, schema)


@pytest.mark.parametrize(
    ("noun", "remedy"), [("plna", "Did you mean 'plan'?"), ("nope", f"Use one of: {', '.join(FORMATS)}.")]
)
def test_an_unknown_format_names_the_nearest(assay: Assay, noun: str, remedy: str) -> None:
    """A wrong format is bad input; the message names the nearest one, or all."""
    said = assay("schema", noun)
    assert (said.code, said.out) == (2, "")
    assert said.err == f"error[unknown-format]: there is no format {noun!r}. {remedy}\n"


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("scorers", {"exact", "fuzzy", "json_schema", "judge"}),
        ("runtimes", {"ollama", "llama.cpp", "vllm", "tgi", "lm-studio", "sglang", "openai", "gateway"}),
        ("suites", {"goldensets/qa-short", "goldensets/extraction", "goldensets/policy-qa", "goldensets/summaries"}),
        ("models", {"smollm2-135m-instruct"}),
        ("checks", {"licence-allows"}),
    ],
)
def test_list_names_what_there_is(assay: Assay, kind: str, names: set[str]) -> None:
    """Each kind is listed by name with a text on each; --json has the same."""
    plain, entries = assay("list", kind), json.loads(assay("list", kind, "--json").out)
    assert plain.code == 0
    assert names <= set(entries)
    assert all(text.strip() for text in entries.values())
    assert [line.split()[0] for line in plain.out.splitlines() if not line.startswith(" ")] == list(entries)


def test_list_of_an_unknown_kind(assay: Assay) -> None:
    """A kind that does not exist is bad input."""
    said = assay("list", "judges")
    assert said.code == 2
    assert said.err == (
        "error[unknown-kind]: there is nothing of the kind 'judges'."
        " Use one of: checks, models, records, runtimes, scorers, suites.\n"
    )


@pytest.mark.parametrize("verb", ["verify", "render"])
def test_a_record_that_is_not_there(assay: Assay, place: Workplace, verb: str) -> None:
    """A record of which nothing is there is one line."""
    said = assay(verb, "0001-x.md")
    assert said.code == 2
    assert said.err.splitlines() == [
        (
            "error[no-such-file]: 0001-x.md: there is no record here."
            " Name one of its files, for example records/0001-policy-qa.md."
        )
    ]


def test_init_writes_once(assay: Assay, place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """`init` fills a folder, says what comes next, and refuses to write over it."""
    monkeypatch.setattr("assay.workflow.start._ollama_model", lambda: None)
    first = assay("init", "mine")
    assert first.code == 0
    assert "mine/plan.yaml" in first.out.splitlines()
    assert first.err == "Next: assay run mine/plan.yaml --out mine\n"
    written = {path: path.read_bytes() for path in (place.folder / "mine").rglob("*") if path.is_file()}
    assert {str(path.relative_to(place.folder)) for path in written} == set(first.out.splitlines())
    second = assay("init", "mine")
    assert (second.code, second.out) == (2, "")
    assert second.err.splitlines() == [
        f"error[file-exists]: {name}: the file is there already. Choose another folder, or move it away."
        for name in first.out.splitlines()
    ]
    assert {path: path.read_bytes() for path in written} == written


def test_init_takes_an_ollama_that_answers(assay: Assay, place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Ollama answers, the plan names its first model."""
    monkeypatch.setattr("assay.workflow.start._ollama_model", lambda: 'odd "name":1b')
    assay("init")
    plan = (place.folder / "plan.yaml").read_text("utf-8")
    assert "    runtime: ollama\n    base_url: http://127.0.0.1:11434/v1\n" in plan
    assert '    model: "odd \\"name\\":1b"\n' in plan
    assert "embedded:" not in plan


@pytest.mark.parametrize(
    "arguments", [["init", "taken"], ["demo", "--out", "taken"], ["run", "p.yaml", "--out", "taken"]]
)
def test_a_folder_that_cannot_be_made(assay: Assay, place: Workplace, arguments: list[str]) -> None:
    """A file where the folder should be is bad input."""
    (place.folder / "taken").write_text("x", encoding="utf-8")
    place.write(plan_of("http://127.0.0.1:1/v1"))
    place.plan.rename(place.folder / "p.yaml")
    said = assay(*arguments)
    assert said.code == 2
    assert len(said.errors) == 1
    assert "taken" in said.errors[0]


@pytest.mark.parametrize(("code", "ends"), [(0, 0), (1, 0), (3, 0), (2, 2), (4, 4), (130, 130)])
def test_demo_is_done_once_its_record_stands(
    assay: Assay, place: Workplace, monkeypatch: pytest.MonkeyPatch, code: int, ends: int
) -> None:
    """Whatever the verdict, the demo ends 0 and says what `run` would have ended with; a failure stays one."""
    seen = []
    monkeypatch.setattr(
        "assay.cli.perform.perform", lambda plan, out, wishes, **options: seen.append((plan, out)) or code
    )
    said = assay("demo", "--out", "there")
    assert said.code == ends
    assert [(str(plan), str(out)) for plan, out in seen] == [("there/plan.yaml", "there")]
    told = f"`assay run` would have ended with exit code {code}; the demo itself is done.\n"
    assert said.err == (told if ends == 0 else "")


def test_a_reader_that_goes_away_is_no_fault(tmp_path: Path) -> None:
    """When the reader of stdout is gone nothing is complained about, and the exit code is that of the work."""
    command = [sys.executable, "-m", "assay", "schema", "record"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        process.stdout.close()
        err = process.stderr.read()
        code = process.wait(30)
    assert (err, code) == ("", 0)
