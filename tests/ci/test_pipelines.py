"""Do the example pipelines, the action and the hooks do what they promise: are their commands run, and do they fail?"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
import yaml

from assay.record.reports import REPORTERS
from assay.workflow.decide_on import decide_on
from assay.workflow.may_decide import Wish
from tests.fakes import Reply, completion, every, plan_of, serving
from tests.record.evidence_files import small_evidence, write_record
from tests.record.several import one_record

if TYPE_CHECKING:
    from tests.fakes import Workplace

ROOT = Path(__file__).resolve().parents[2]
CI = ROOT / "examples" / "ci"
GITHUB = yaml.safe_load((CI / "github-workflow.yml").read_text("utf-8"))
GITLAB = yaml.safe_load((CI / "gitlab-ci.yml").read_text("utf-8"))
ACTION = yaml.safe_load((CI / "action.yml").read_text("utf-8"))
HOOKS = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))}
BASH = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c"]
"""How a GitHub runner calls bash."""

POLICIES = {
    "GO": "conditions: [suite:sums.pass_rate >= 0.9]\n",
    "NO-GO": "conditions: [suite:sums.pass_rate >= 0.9, 'suite:sums.pass_rate < 0.5']\n",
    "HOLD": "conditions: ['suite:sums.pass_rate >= 0.9 with 95% confidence']\n",
}
CODES = {"GO": 0, "NO-GO": 1, "HOLD": 3}

pytestmark = pytest.mark.slow


def decisions(place: Workplace, base_url: str, verdict: str = "GO") -> Path:
    """Lay a plan whose own gate says GO, its cases, and a policy that ends in a verdict into `decisions/`."""
    place.write(plan_of(base_url))
    folder = place.folder / "decisions"
    folder.mkdir()
    for name in ("plan.yaml", "sums.jsonl"):
        (place.folder / name).rename(folder / name)
    (folder / "policy.yaml").write_text(POLICIES[verdict], "utf-8")
    return folder


def shell(script: str, place: Workplace, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a script as a build server does, with this environment's `assay` and nothing of the outside."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    own = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "CI_"))}
    return subprocess.run(
        [*BASH, script],
        cwd=place.folder,
        env={**own, "PATH": path, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


def steps_of(job: dict) -> dict[str, dict]:
    """Return the steps of a job or an action that run a script, by name."""
    return {step["name"]: step for step in job["steps"] if "run" in step}


# --- GitHub's workflow ------------------------------------------------------------------------------------


def test_the_gate_always_runs() -> None:
    """A required check that is skipped reports nothing: neither paths nor a failed job before keep the gate away."""
    on = GITHUB[True]  # YAML reads `on` as true
    assert on["pull_request"] is None
    assert GITHUB["jobs"]["gate"]["if"] == "always()"
    assert GITHUB["jobs"]["gate"]["needs"] == "evaluate"


@pytest.mark.parametrize("document", [GITHUB["jobs"]["evaluate"], GITHUB["jobs"]["gate"], ACTION["runs"]])
def test_scripts_hold_no_expressions(document: dict) -> None:
    """What an expression brings in would be run as code: scripts read variables only, and no failure is passed over."""
    for step in document["steps"]:
        assert "${{" not in step.get("run", "")
        assert "continue-on-error" not in step


@pytest.mark.parametrize("verdict", list(CODES))
def test_the_commands_of_the_workflow(place: Workplace, verdict: str) -> None:
    """The run is made in one job and decided on in the other, whose exit code is the verdict; reports are there."""
    evaluate, gate = (steps_of(GITHUB["jobs"][name]) for name in ("evaluate", "gate"))
    with serving() as server:
        decisions(place, server.base_url, verdict)
        run = shell(evaluate["evaluate"]["run"], place)
    assert run.returncode == 0, run.stderr
    summary = place.folder / "summary.md"
    decided = shell(gate["decide"]["run"], place, GITHUB_STEP_SUMMARY=str(summary), GITHUB_WORKSPACE=str(place.folder))
    assert decided.returncode == CODES[verdict], decided.stderr
    assert summary.read_text("utf-8").startswith(f"### {verdict}: ")
    assert int(ET.parse(place.folder / "gate.xml").getroot().attrib["failures"]) == (0 if verdict == "GO" else 2)
    (sarif,) = json.loads((place.folder / "gate.sarif").read_text("utf-8"))["runs"]
    told = [own for own in sarif["results"] if own["ruleId"].startswith("condition/")]
    places = [own["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for own in told]
    assert places == ["decisions/policy.yaml"] * (verdict != "GO")
    assert ("::error file=decisions/policy.yaml,line=1" in decided.stderr) == (verdict == "NO-GO")
    verified = shell(gate["verify"]["run"], place)
    assert verified.returncode == 0, verified.stderr
    assert verified.stdout.count(": verified") == 2


def test_wrong_answers_are_for_the_gate_to_tell(place: Workplace) -> None:
    """A run that ends in NO-GO is a run: the first job passes, and the second ends with 1."""
    evaluate, gate = (steps_of(GITHUB["jobs"][name]) for name in ("evaluate", "gate"))
    with serving(every(1, Reply(200, completion("no")))) as server:
        decisions(place, server.base_url)
        assert shell(evaluate["evaluate"]["run"], place).returncode == 0
    decided = shell(gate["decide"]["run"], place, GITHUB_STEP_SUMMARY=str(place.folder / "s.md"))
    assert decided.returncode == 1, decided.stderr


def test_a_run_that_could_not_be_done_is_red(place: Workplace) -> None:
    """Where no server answers the first job fails with 4, and the gate fails too, for it finds nothing to decide on."""
    evaluate, gate = (steps_of(GITHUB["jobs"][name]) for name in ("evaluate", "gate"))
    decisions(place, "http://127.0.0.1:9/v1")
    assert shell(evaluate["evaluate"]["run"], place).returncode == 4
    decided = shell(gate["decide"]["run"], place, GITHUB_STEP_SUMMARY=str(place.folder / "s.md"))
    assert decided.returncode not in {0, 1, 3}


# --- GitLab's template ------------------------------------------------------------------------------------


@pytest.mark.parametrize("verdict", list(CODES))
def test_the_commands_of_the_template(place: Workplace, verdict: str) -> None:
    """Its jobs do the same; each report that it promises to GitLab is there, and HOLD has a code of its own."""
    with serving() as server:
        decisions(place, server.base_url, verdict)
        run = shell(_script("evaluate"), place)
    assert run.returncode == 0, run.stderr
    decided = shell(_script("gate"), place, CI_PROJECT_DIR=str(place.folder))
    assert decided.returncode == CODES[verdict], decided.stderr
    artifacts = GITLAB["gate"]["artifacts"]
    for name in (*artifacts["reports"].values(), *artifacts["paths"]):
        assert (place.folder / name).exists(), name
    assert artifacts["when"] == GITLAB["gate"]["when"] == "always"
    entries = json.loads((place.folder / artifacts["reports"]["codequality"]).read_text("utf-8"))
    places = [own["location"]["path"] for own in entries if own["check_name"].startswith("condition/")]
    assert places == ["decisions/policy.yaml"] * (verdict != "GO")
    value = {"GO": 1, "HOLD": 0, "NO-GO": -1}[verdict]
    metrics = (place.folder / artifacts["reports"]["metrics"]).read_text("utf-8")
    assert f'assay_verdict{{candidate="adder"}} {value}\n' in metrics
    assert shell("\n".join(GITLAB["gate"]["after_script"]), place).returncode == 0


def _script(job: str) -> str:
    """Return the lines of a job, but the one that installs Assay."""
    install, *lines = GITLAB[job]["script"]
    assert install == 'python -m pip install "$ASSAY_WHEEL"'
    return "\n".join(lines)


# --- the action -------------------------------------------------------------------------------------------


def acted(place: Workplace, **inputs: str) -> tuple[dict[str, str], int]:
    """Run the gate step of the action and then its last one; return the outputs and the exit code of the whole."""
    steps = steps_of(ACTION["runs"])
    values = {name: own.get("default", "") for name, own in ACTION["inputs"].items()} | inputs
    environment = {
        name: re.sub(r"\$\{\{ inputs\.([a-z-]+) \}\}", lambda match: values[match[1]], text)
        for name, text in steps["gate"]["env"].items()
    }
    files = {name: str(place.folder / name.lower()) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    for file in files.values():
        Path(file).write_text("", "utf-8")
    gate = shell(steps["gate"]["run"], place, **environment, **files, RUNNER_TEMP=str(place.folder))
    outputs = dict(line.split("=", 1) for line in Path(files["GITHUB_OUTPUT"]).read_text("utf-8").splitlines())
    if gate.returncode:
        return outputs, gate.returncode
    # The runner puts an empty text for an output that was never set.
    return outputs, shell(steps["result"]["run"], place, CODE=outputs.get("code", "")).returncode


@pytest.mark.parametrize("verdict", list(CODES))
def test_the_action_decides_on_a_run(place: Workplace, verdict: str) -> None:
    """It runs a plan, then decides on the run under a policy; outputs name verdict and record."""
    with serving() as server:
        decisions(place, server.base_url, verdict)
        outputs, code = acted(place, plan="decisions/plan.yaml")
    assert (outputs["verdict"], outputs["record"], code) == ("GO", "decisions/records/0001-adding.md", 0)
    (run,) = (place.folder / "decisions" / "runs").iterdir()
    outputs, code = acted(place, run=str(run), policy="decisions/policy.yaml")
    record = {"verdict": verdict, "record": "decisions/records/0002-adding.md", "code": str(CODES[verdict])}
    assert (outputs, code) == (record, CODES[verdict])
    assert (place.folder / outputs["record"]).is_file()
    assert (place.folder / "github_step_summary").read_text("utf-8").startswith(f"### {verdict}: ")
    for name in ("gate.xml", "gate.sarif"):
        assert (place.folder / "decisions" / name).is_file()


@pytest.mark.parametrize(
    ("inputs", "code"),
    [
        ({}, 2),
        ({"plan": "decisions/plan.yaml", "policy": "decisions/policy.yaml"}, 2),
        ({"plan": "decisions/plan.yaml", "run": "decisions/runs/a"}, 2),
        ({"run": "decisions/runs/none"}, 2),
        ({"plan": "decisions/plan.yaml"}, 4),
    ],
)
def test_the_action_fails_without_a_verdict(place: Workplace, inputs: dict[str, str], code: int) -> None:
    """Inputs that do not go together, no such run, no server: the code is Assay's, and there is no verdict."""
    decisions(place, "http://127.0.0.1:9/v1")
    outputs, ended = acted(place, **inputs)
    assert ended == code
    assert "verdict" not in outputs


def test_the_action_fails_where_its_gate_did_not_run(place: Workplace) -> None:
    """The last step always runs, and without a code ends with 4."""
    (last,) = [step for step in ACTION["runs"]["steps"] if step.get("name") == "result"]
    assert ACTION["runs"]["steps"][-1] == last
    assert last["if"] == "always()"
    assert shell(last["run"], place, CODE="").returncode == 4


# --- pre-commit -------------------------------------------------------------------------------------------


def hooked(name: str, place: Workplace) -> subprocess.CompletedProcess[str]:
    """Call a hook as pre-commit does: once, with all files that its pattern matches, sorted."""
    files = sorted(path.relative_to(place.folder).as_posix() for path in place.folder.rglob("*") if path.is_file())
    taken = [file for file in files if re.search(HOOKS[name]["files"], file)]
    assert HOOKS[name]["require_serial"]
    return shell(shlex.join([*shlex.split(HOOKS[name]["entry"]), *taken]), place)


def test_the_hook_for_records(place: Workplace) -> None:
    """It verifies each record once, and fails on one that was changed by hand."""
    files = write_record(place.folder / "decisions" / "records", small_evidence())
    good = hooked("assay-verify", place)
    assert good.returncode == 0, good.stderr
    assert good.stdout.count(": verified") == 1
    files.markdown.write_text(files.markdown.read_text("utf-8").replace("NO-GO", "GO"), "utf-8")
    assert hooked("assay-verify", place).returncode == 1


def test_the_hook_for_what_was_decided(place: Workplace) -> None:
    """It looks at the folder of the records once, index and all, and fails on a body that was edited."""
    folder = place.folder / "decisions" / "records"
    one_record(folder, 1)
    files = one_record(folder, 2, use_case="other")
    decide_on(files.json, Wish("accepted", "Ann Example"), "2026-01-03")
    good = hooked("assay-lint-records", place)
    assert (good.returncode, good.stderr) == (0, "")
    assert good.stdout == "decisions/records: 2 records, 0 errors, 0 warnings, 0 notes\n"
    files.json.write_text(files.json.read_text("utf-8").replace('"passed": 1,', '"passed": 3,', 1), "utf-8")
    bad = hooked("assay-lint-records", place)
    assert (bad.returncode, bad.stdout.count("error[changed-body]: ")) == (1, 1)


def test_the_hook_for_plans(place: Workplace) -> None:
    """It looks at the suites of a plan, whatever their files are called, and fails on one that cannot be trusted."""
    folder = decisions(place, "http://127.0.0.1:9/v1")
    good = hooked("assay-lint", place)
    assert good.returncode == 0, good.stdout + good.stderr
    assert "sums.jsonl: 3 cases," in good.stdout
    cases = (folder / "sums.jsonl").read_text("utf-8")
    against = json.loads(cases.splitlines()[0]) | {"id": "again", "expected": "none"}
    (folder / "sums.jsonl").write_text(cases + json.dumps(against) + "\n", "utf-8")
    assert hooked("assay-lint", place).returncode == 1


def test_the_hook_for_suites(place: Workplace) -> None:
    """It looks at each suite once, by its own settings, and fails on one that cannot be trusted."""
    folder = place.folder / "goldensets" / "sums"
    folder.mkdir(parents=True)
    (folder / "suite.yaml").write_text("id: sums\nscorers: [exact]\n", "utf-8")
    case = {"id": "a", "input": "What is 1 + 1?", "expected": "2"}
    (folder / "cases.jsonl").write_text(json.dumps(case) + "\n", "utf-8")
    good = hooked("assay-lint", place)
    assert good.returncode == 0, good.stdout + good.stderr
    assert good.stdout.count("1 case,") == 1
    against = case | {"id": "b", "expected": "3"}
    (folder / "cases.jsonl").write_text(json.dumps(case) + "\n" + json.dumps(against) + "\n", "utf-8")
    assert hooked("assay-lint", place).returncode == 1


# --- the page ---------------------------------------------------------------------------------------------


def test_the_commands_of_the_page(place: Workplace) -> None:
    """What docs/ci.md says in its blocks can be typed, in that order, and each command ends with 0."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", (ROOT / "docs" / "ci.md").read_text("utf-8"), re.DOTALL | re.MULTILINE)
    commands = "".join(blocks).splitlines()
    assert len(commands) > 5
    (place.folder / "goldensets").symlink_to(ROOT / "goldensets")
    with serving() as server:
        decisions(place, server.base_url)
        for command in commands:
            done = shell(command, place)
            assert done.returncode == 0, f"{command}\n{done.stderr}"
    for name in re.findall(r"--report [a-z-]+=(\S+)", "\n".join(commands)):
        assert (place.folder / name).is_file()


def test_every_format_is_on_the_page() -> None:
    """docs/ci.md has a row for each format of --report, and no other."""
    text = (ROOT / "docs" / "ci.md").read_text("utf-8").partition("| format |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| `([a-z-]+)` \|", text, re.MULTILINE) == list(REPORTERS)
