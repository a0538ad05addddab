"""Does each mistake give one clear line, the documented exit code, and no record?"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.fakes import Reply, plan_of, serving

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes import Said, Workplace

    Assay = Callable[..., Said]

NOWHERE = "http://127.0.0.1:1/v1"
SUM = '{"id": "c0", "input": "1 + 1", "expected": "2"}\n'


def fails(assay: Assay, place: Workplace, plan: dict, *, code: int = 2) -> list[str]:
    """Run a plan that is wrong, check what all mistakes have in common, and return the error lines."""
    cases = place.folder / "sums.jsonl"
    kept = cases.read_bytes() if cases.exists() else None
    place.write(plan)
    if kept is not None:
        cases.write_bytes(kept)
    said = assay("run", "plan.yaml", "--out", "out")
    assert (said.code, said.out) == (code, "")
    assert not (place.out / "records").exists()
    assert [path.name for path in place.folder.rglob("*crash*")] == []
    assert said.errors == [line for line in said.err.splitlines() if line.startswith("error")]
    return said.errors


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"triels": 3},
            ["error[unknown-key]: plan.yaml:6: unknown key 'triels'. Did you mean 'trials'?"],
        ),
        (
            {"use_case": {"id": "adding", "task": "${NOT_SET_HERE}"}},
            [
                (
                    "error[missing-variable]: plan.yaml:2: the environment variable NOT_SET_HERE is not set."
                    " Set it: export NOT_SET_HERE=…"
                )
            ],
        ),
        (
            {"candidate": {"api_key_env": "NOT_SET_HERE"}},
            [
                (
                    "error[missing-variable]: plan.yaml:3: the environment variable NOT_SET_HERE (api_key_env)"
                    " is not set. Set it: export NOT_SET_HERE=…"
                )
            ],
        ),
        (
            {"suites": [{"cases": "sums.jsonl", "scorers": ["exakt"]}]},
            None,
        ),
        (
            {"gate": {"conditions": []}},
            [
                (
                    "error[no-conditions]: plan.yaml:5: the gate has no conditions, so nothing could be decided."
                    " Add at least one under gate.conditions, for example `readiness all met`."
                )
            ],
        ),
        (
            {"gate": None},
            [
                (
                    "error[no-conditions]: plan.yaml: the gate has no conditions, so nothing could be decided."
                    " Add at least one under gate.conditions, for example `readiness all met`."
                )
            ],
        ),
        (
            {"suites": [{"cases": "none.jsonl"}]},
            [
                (
                    "error[no-such-file]: plan.yaml:4: there is no file or folder 'none.jsonl'."
                    " Check the path; it is relative to the plan's folder."
                )
            ],
        ),
    ],
    ids=["key", "variable", "api key", "scorer", "no conditions", "no gate", "no file"],
)
def test_a_mistake_in_the_plan(assay: Assay, place: Workplace, changes: dict, expected: list[str] | None) -> None:
    """The plan's line is named, with what is wrong and what to do."""
    errors = fails(assay, place, plan_of(NOWHERE, **changes))
    if expected is None:
        # Said once at the plan's line, however many cases there are.
        assert [error.split(": ")[:2] for error in errors] == [["error[unknown-scorer]", "plan.yaml:4"]]
        assert all("'exakt'" in error and "exact" in error for error in errors)
    else:
        assert errors == expected


@pytest.mark.parametrize(
    ("cases", "slug", "where", "what"),
    [
        (SUM + SUM, "duplicate-id", "sums.jsonl:2", "the case id 'c0' stands on line 1 already"),
        (SUM + '{"id": "c1", \n', "bad-jsonl", "sums.jsonl:2", "not a JSON object"),
        (SUM + '["c1"]\n', "bad-jsonl", "sums.jsonl:2", "it is a list"),
        (SUM + '{"id": "c1", "inputs": "1"}\n', "unknown-key", "sums.jsonl:2", "Did you mean 'input'?"),
        ("", "no-cases", "sums.jsonl", "the suite has no cases"),
        (
            json.dumps({"id": "c0", "input": "x", "schema": {"type": "strin"}, "scorers": ["json_schema"]}),
            "bad-schema",
            "sums.jsonl:1",
            "schema",
        ),
    ],
    ids=["twice", "torn", "list", "key", "empty", "schema"],
)
def test_a_mistake_in_the_cases(assay: Assay, place: Workplace, cases: str, slug: str, where: str, what: str) -> None:
    """The line of the case is named, with what is wrong and what to do."""
    (place.folder / "sums.jsonl").write_text(cases, encoding="utf-8")
    errors = [error for error in fails(assay, place, plan_of(NOWHERE)) if f"[{slug}]" in error]
    assert len(errors) == 1
    assert errors[0].startswith(f"error[{slug}]: {where}: ")
    assert what in errors[0]
    assert errors[0].endswith((".", "?"))


def test_all_problems_are_told_at_once(assay: Assay, place: Workplace) -> None:
    """Mistakes in different files come out together."""
    (place.folder / "sums.jsonl").write_text(SUM + SUM, encoding="utf-8")
    gate = {"conditions": ["suite:sums.pass_rat >= 0.9"]}
    plan = plan_of(NOWHERE, gate=gate, readiness={"attestations": "none.yaml"})
    assert len(fails(assay, place, plan)) >= 2


def test_a_server_that_is_not_there(assay: Assay, place: Workplace) -> None:
    """Each unreachable server is one line with its place in the plan, and exit code 4."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
        first = plan_of(address)["candidates"][0]
        two = [first | {"roles": ["production"]}, first | {"id": "other", "roles": ["baseline"]}]
        errors = fails(assay, place, plan_of(address, candidates=two), code=4)
    assert len(errors) == 2
    assert all(error.startswith(f"error[server-unreachable]: plan.yaml:3: GET {address}/models: ") for error in errors)
    assert all(
        error.endswith("Start the server, wait until it has loaded its model, and check `base_url`.")
        for error in errors
    )


def test_a_model_that_the_server_does_not_list(assay: Assay, place: Workplace) -> None:
    """A name that a server with a whole list does not know is a mistake before anything is asked."""
    with serving(models=("good-model",), owned_by="vllm") as server:
        plan = plan_of(server.base_url, candidate={"runtime": "vllm"})
        errors = fails(assay, place, plan)
        assert server.asked == []
    assert errors == [
        (
            "error[unknown-model]: plan.yaml:3: the server of adder does not list the model 'fake-model'."
            " Set model to one of: good-model."
        )
    ]


def test_a_model_that_the_server_refuses_when_asked(assay: Assay, place: Workplace) -> None:
    """A name that is refused at the first question stops the run."""
    refusal = {"error": {"message": "The model `fake-model` does not exist.", "code": "model_not_found"}}
    with serving(lambda asked: Reply(404, refusal)) as server:
        errors = fails(assay, place, plan_of(server.base_url))
    assert errors == [
        (
            "error[unknown-model]: plan.yaml:3: the server of adder does not know the model or the address:"
            " model_not_found: The model `fake-model` does not exist."
            " Check model, and that base_url ends as the server's API does."
        )
    ]


@pytest.mark.parametrize("model", [None, "fake-model"])
def test_a_wrong_key(assay: Assay, place: Workplace, monkeypatch: pytest.MonkeyPatch, model: str | None) -> None:
    """A refused key names its line, and the key is not repeated."""
    monkeypatch.setenv("ADDER_KEY", "sk-wrong-0123456789")
    with serving(key="sk-right") as server:
        candidate = {"api_key_env": "ADDER_KEY", "model": model}
        errors = fails(assay, place, plan_of(server.base_url, candidate=candidate))
        assert errors == [
            (
                f"error[unauthorized]: plan.yaml:3: GET {server.base_url}/models was refused with status 401."
                " Put the server's key into the environment variable that `api_key_env` names."
            )
        ]


def test_a_key_that_is_too_short_is_not_sent(assay: Assay, place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """So short a secret could not be taken out of honest answers again; neither a plan nor a probe sends it."""
    monkeypatch.setenv("ADDER_KEY", "hunter2")
    monkeypatch.setenv("LOCAL_LLM_API_KEY", "hunter2")
    with serving(key="hunter2") as server:
        (error,) = fails(assay, place, plan_of(server.base_url, candidate={"api_key_env": "ADDER_KEY"}))
        probed = assay("probe", server.base_url)
    assert error.startswith("error[bad-key]: plan.yaml:3: the key in ADDER_KEY has fewer than 8 characters and is no")
    assert probed.errors[0].startswith("error[bad-key]: the key has fewer than 8 characters and is no placeholder")


@pytest.mark.parametrize("key", ["sk-line\nbreak", "sk-schlüssel"])
def test_a_key_that_cannot_be_sent(assay: Assay, place: Workplace, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    """A key with characters that no header may hold is a mistake of the environment, and is not shown."""
    monkeypatch.setenv("ADDER_KEY", key)
    with serving() as server:
        errors = fails(assay, place, plan_of(server.base_url, candidate={"api_key_env": "ADDER_KEY"}))
    assert errors == [
        (
            "error[bad-key]: plan.yaml:3: the key in ADDER_KEY holds a line break or another character"
            " that HTTP forbids. Set the variable to the server's key alone, one of 8 characters or more."
        )
    ]


def test_a_server_cannot_write_to_the_terminal(assay: Assay, place: Workplace) -> None:
    """What a server says about a mistake is shown without control characters."""
    with serving(lambda asked: Reply(404, {"error": "\x1b[2J\x07no \u202emodel"})) as server:
        (error,) = fails(assay, place, plan_of(server.base_url))
    assert error.isprintable()


def run_process(*arguments: str, folder: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "assay", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)


def test_a_plan_that_is_not_there(place: Workplace) -> None:
    """As a process of its own: one line, exit code 2, nothing written."""
    ended = run_process("run", "nope.yaml", folder=place.folder)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == (
        "error[no-such-file]: nope.yaml: cannot read the file: No such file or directory. Check the path.\n"
    )
    assert list(place.folder.iterdir()) == []


def test_an_unreachable_server_as_a_process(place: Workplace) -> None:
    """As a process of its own: exit code 4, no traceback, no record."""
    place.write(plan_of(NOWHERE))
    ended = run_process("run", "plan.yaml", folder=place.folder)
    assert (ended.returncode, ended.stdout) == (4, "")
    assert "Traceback" not in ended.stderr
    assert not (place.folder / "records").exists()
