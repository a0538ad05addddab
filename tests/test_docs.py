"""Do the documents say what the code does: messages, conditions, formats, commands, links, decisions?"""

from __future__ import annotations

import ast
import inspect
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import pytest
import typer
import yaml

from assay.bench import validity
from assay.cli.app import app
from assay.errors import InputError
from assay.gate import Subjects, SuiteSubject, check_conditions, specs_of
from assay.readiness.checks import CHECKS
from assay.schema.findings import Section
from assay.schema.provenance import PROBE_NAMES
from assay.schema.run import FATAL_FAULTS, FaultKind
from assay.schema.suite import BenchSettings, Case, ConditionSpec, Gate, Waiver
from assay.schema.verdict import WaiverUse
from assay.scoring.mark import Need
from assay.workflow.checklists import shipped_checklist
from assay.workflow.formats import schema_of
from assay.workflow.prepare import prepare
from assay.workflow.probing import announced
from docs.blocks import BLOCKS, DECIDED, PAGES, ROOT, fill

if TYPE_CHECKING:
    from collections.abc import Iterator

DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
DOCUMENTS = [*PAGES, ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md", *DECISIONS]
README = ROOT / "README.md"

SUBJECTS = Subjects(
    suites=(SuiteSubject("policy-qa", tags=("long",), scorers=("exact", "fuzzy", "judge:helpfulness")),),
    loads=BenchSettings(
        profiles=("short", "json", "long", "suites", "suite:policy-qa"), rates=(0.5, 2), cache=("cold", "warm")
    ).labels(),
    sections=get_args(Section),
    items=("rollback", "authentication"),
    judges=("helpful",),
    baseline=True,
    baseline_measured=True,
)
"""The plan that docs/conditions.md has in mind."""


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _blocks(path: Path, language: str) -> list[str]:
    """Return the fenced blocks of a language in a document."""
    return re.findall(rf"^```{language}\n(.*?)^```$", path.read_text("utf-8"), re.DOTALL | re.MULTILINE)


def _lines(path: Path, language: str) -> list[str]:
    return [line for block in _blocks(path, language) for line in block.splitlines() if line.strip()]


def _headings(path: Path) -> set[str]:
    """Return the anchors of a document's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", path.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


# --- messages ---------------------------------------------------------------------------------------------


def _slug_expressions(tree: ast.AST) -> Iterator[ast.expr]:
    """Yield what stands for the slug wherever a problem or a flaw is made."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in {"Problem", "problem", "Flaw"}:
                yield from ([k.value for k in node.keywords if k.arg == "slug"] or node.args[:1])


def _slugs_in_source() -> set[str]:
    slugs = {kind.replace("_", "-") for kind in FATAL_FAULTS}
    for path in (ROOT / "src" / "assay").rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        for slug in _slug_expressions(tree):
            if isinstance(slug, ast.Constant):
                slugs.add(str(slug.value))
            elif isinstance(slug, ast.JoinedStr):
                assert ast.unparse(slug) == "f'missing-{need}'", f"{path}: teach this test the new slugs"
                slugs |= {f"missing-{need}" for need in get_args(Need)}
            else:
                # A slug that is handed on was made elsewhere.
                assert ast.unparse(slug).split(".")[-1] == "slug", f"{path}: {ast.unparse(slug)}"
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                slugs |= set(re.findall(r"^error\[([a-z-]+)\]", node.value))
    return slugs


def test_every_message_is_explained() -> None:
    """docs/messages.md has each slug of the source, and no other."""
    text = (ROOT / "docs" / "messages.md").read_text("utf-8")
    explained = re.findall(r"^### (.+)$", text, re.MULTILINE)
    assert len(explained) == len(set(explained))
    assert set(explained) == _slugs_in_source()


def test_every_fault_is_explained() -> None:
    """docs/messages.md has a row for each fault."""
    text = (ROOT / "docs" / "messages.md").read_text("utf-8").partition("## Faults")[2]
    assert set(re.findall(r"^\| `([a-z_]+)` \|", text, re.MULTILINE)) == set(get_args(FaultKind))


# --- conditions -------------------------------------------------------------------------------------------


def _check(condition: str) -> None:
    check_conditions([ConditionSpec(condition=condition)], SUBJECTS, lambda _: (None, None))


@pytest.mark.parametrize("condition", _lines(ROOT / "docs" / "conditions.md", "conditions"))
def test_conditions_are_read(condition: str) -> None:
    """Each example of a condition is one that the gate takes."""
    _check(condition)


@pytest.mark.parametrize("condition", _lines(ROOT / "docs" / "conditions.md", "refused"))
def test_refused_conditions_are_refused(condition: str) -> None:
    """Each example of what is refused is refused."""
    with pytest.raises(InputError):
        _check(condition)


def test_the_example_of_a_policy_is_one() -> None:
    """The policy that docs/conditions.md shows can be read, and so can all its conditions."""
    (text,) = _blocks(ROOT / "docs" / "conditions.md", "yaml")
    policy = Gate.model_validate(yaml.safe_load(text))
    read = check_conditions(specs_of(policy), SUBJECTS, lambda _: (None, None))
    assert len(read) == len(policy.conditions) + len(policy.required_evidence)


def test_every_figure_is_in_the_documents() -> None:
    """docs/conditions.md names each figure that a condition can ask about."""
    from assay.gate.kinds import bench, judges, memory, suites

    text = (ROOT / "docs" / "conditions.md").read_text("utf-8")
    named = set(re.findall(r"[a-z0-9_]+", text))
    assert {*bench.MEASURES, *judges.MEASURES, *memory.MEASURES, *suites.MEASURES} - named == set()


# --- the benchmark ----------------------------------------------------------------------------------------

BENCHMARK = ROOT / "docs" / "benchmark.md"
BOUNDS = {
    "client_spoiled": (validity.INVALID_LAG_SHARE,),
    "client_far_behind": (validity.INVALID_LAG_SHARE,),
    "failures": (validity.DEGRADED_FAILED_SHARE,),
    "client_late": (validity.DEGRADED_LAG_SHARE,),
    "client_behind": (validity.DEGRADED_LAG_SHARE,),
    "client_error": (validity.DEGRADED_LAG_SHARE,),
    "cached": tuple(validity.DEGRADED_CACHED_SHARE.values()),
    "not_warm": tuple(validity.LEAST_WARM_SHARE.values()),
    "idle": (validity.DEGRADED_IN_FLIGHT_SHARE,),
    "rate_missed": (validity.LEAST_RATE_SHARE,),
    "other_load": (validity.DEGRADED_OTHER_CPU_SHARE,),
    "unsteady": (validity.DEGRADED_SPREAD,),
    "length_missed": (validity.DEGRADED_LENGTH_SHARE,),
}
"""The shares that a reason is bound to, by its code."""


def _reasons_in_source() -> list[tuple[str, str, str]]:
    """Return code, validity and leaning of each check of bench/validity.py, in the order in which they are made."""
    tree = ast.parse((ROOT / "src" / "assay" / "bench" / "validity.py").read_text("utf-8"))
    found = []
    for node in tree.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and isinstance(node.value, ast.Tuple):
            for check in node.value.elts:
                assert isinstance(check, ast.Call), ast.unparse(check)
                code, leans = map(ast.literal_eval, check.args[:2])
                found.append((code, node.target.id.removeprefix("_"), leans))
    return found


def _reason_rows() -> list[list[str]]:
    rows = re.findall(r"^\| (`[a-z_]+` \| (?:INVALID|DEGRADED) \| .+) \|$", BENCHMARK.read_text("utf-8"), re.MULTILINE)
    return [row.split(" | ") for row in rows]


def test_every_reason_is_explained() -> None:
    """docs/benchmark.md has each reason against a measurement, with what it comes to and how it leans, and no other."""
    explained = [(code.strip("`"), worth, leans) for code, worth, leans, *_ in _reason_rows()]
    assert explained == _reasons_in_source()
    assert explained


def test_every_bound_is_explained() -> None:
    """Each row of docs/benchmark.md names the shares from which on its reason holds."""
    rows = {code.strip("`"): found for code, _, _, found, _ in _reason_rows()}
    missing = {
        code: wanted
        for code, shares in BOUNDS.items()
        if not (wanted := {f"{round(100 * share)} %" for share in shares}) <= set(re.findall(r"\d+ %", rows[code]))
    }
    assert missing == {}
    assert f"{validity.OVERLOADED_GROWTH} times" in rows["overloaded"]
    assert f"Lateness of up to {validity.ALLOWED_LAG_US // 1000} ms" in BENCHMARK.read_text("utf-8")


def test_the_example_of_a_benchmark_is_one() -> None:
    """The plan's part that docs/benchmark.md explains can be read."""
    (text,) = _blocks(BENCHMARK, "yaml")
    assert BenchSettings.model_validate(yaml.safe_load(text)["bench"]).labels()


# --- deep probes ------------------------------------------------------------------------------------------

SEARCH = "search for prompts"


def _probes_by_item() -> dict[str, set[str]]:
    """Return which deep probes the module of each check reads; of most none."""
    found = {}
    for item, check in CHECKS.items():
        source = inspect.getsource(sys.modules[check.__module__])
        found[item] = set(re.findall(r'view\.probe\("([a-z-]+)"\)', source))
        found[item] |= {SEARCH} if "view.canary" in source else set()
    return {item: probes for item, probes in found.items() if probes}


def test_every_item_of_a_deep_probe_is_explained() -> None:
    """docs/probes.md says of each item that a deep probe decides when it is met, and of no other."""
    probes = _probes_by_item()
    assert set(DECIDED) == set(probes)
    assert set(DECIDED) <= {item.id for item in shipped_checklist().items if item.shown_by == "probe"}
    assert {item: probe for item, (probe, *_) in DECIDED.items() if probe not in probes[item]} == {}
    assert {probe for probe, *_ in DECIDED.values()} == {*PROBE_NAMES, SEARCH}


def test_every_threshold_of_a_deep_probe_is_explained() -> None:
    """The rows of docs/probes.md name the thresholds that the checks go by."""
    from assay.readiness.checks import (
        answers_capped,
        disconnect_frees,
        errors_tell_nothing,
        overload,
        requests_end,
        restart_recovers,
        streams_unbuffered,
        tenants_separated,
        transport_encrypted,
    )
    from assay.runtime.probing import overload as burst
    from assay.runtime.probing import time_limit

    wanted = {
        "tenants-separated": (
            f"{tenants_separated._CACHED_SHARE:.0%} more",
            f"{tenants_separated._TOLD_BY_TIME_MS} ms",
        ),
        "transport-encrypted": (f"{transport_encrypted._SOON_DAYS} days",),
        "errors-tell-nothing": (f"{errors_tell_nothing._FEWEST} errors",),
        "streams-unbuffered": (
            f"{streams_unbuffered._FLOWS:.0%} of the time or more",
            f"the last {streams_unbuffered._HELD:.0%}",
            f"{streams_unbuffered._LEAST_READS} reads",
            f"{streams_unbuffered._CHUNKS_A_READ} chunks",
            f"{streams_unbuffered._AT_ONCE_MS} ms",
            f"within {streams_unbuffered._LEAST_MS} ms",
            f"fewer than {streams_unbuffered._LEAST_CHUNKS} chunks",
        ),
        "answers-capped": (f"{answers_capped._NEAR:.0%}", f"more than {answers_capped._SPARE} tokens"),
        "disconnect-frees": (
            f"{disconnect_frees._FREED:.0%}",
            f"{disconnect_frees._KEPT:.0%} of that time or more",
            f"{disconnect_frees._WAITED:.0%} of the time until",
        ),
        "requests-end": (
            "half the time" if requests_end._EARLY == 0.5 else "?",
            f"after {requests_end._SURE_S:g} s",
            f"{time_limit._SPARE_SHARE:.0%} and {time_limit._SPARE_S:g} s after",
            f"more than {time_limit._LONGEST_S:g} s",
        ),
        "overload-refused": (
            f"within {overload._FAST_MS / 1000:g} s",
            f"{overload._INSTANT_MS / 1000:g} s)",
            f"{overload._MUCH_LONGER} times as long as alone",
        ),
        "overload-recovered": (
            f"within {overload._MUCH_LONGER} times",
            f"or {overload._FAST_MS / 1000:g} s more",
            f"within {burst._PATIENCE_S:g} s",
            f"up to {burst._MOST_PATIENCE_S:g} s",
        ),
        "restart-recovers": (f"silent for {restart_recovers._SILENT_MS / 1000:g} s",),
    }
    rows = {item: " | ".join(DECIDED[item]).replace(" %", "%") for item in wanted}
    assert {item: text for item, texts in wanted.items() for text in texts if text not in rows[item]} == {}


def test_the_sum_of_the_deep_probes_is_what_is_said_before_them() -> None:
    """The table of docs/probes.md adds up, and so does the line before the first request, without a restart."""
    table = (ROOT / "docs" / "probes.md").read_text("utf-8").partition("<!-- made: deep probes -->")[2]
    rows = re.findall(r"^\| (.+?) \| .* \| (\d+) \| [\d.]+.* \|$", table.partition("<!-- end -->")[0], re.MULTILINE)
    sums = {name: int(requests) for name, requests in rows}
    together = sums.pop("together")
    del sums["`restart`"]
    assert sum(sums.values()) == together
    assert f"at most {together} requests in 300 s" in announced([], 300)


# --- formats ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES, ids=_name)
def test_made_parts_are_fresh(path: Path) -> None:
    """What is made from code and record says what they say now; else run `python docs/blocks.py`."""
    page = path.read_text("utf-8")
    assert fill(page) == page


def test_every_made_part_is_used() -> None:
    """No part is made for nobody."""
    used = {name for path in PAGES for name in re.findall(r"<!-- made: (.+?) -->", path.read_text("utf-8"))}
    assert used == set(BLOCKS)


@pytest.mark.parametrize(
    "line", [line for name in ("formats", "evidence") for line in _lines(ROOT / "docs" / f"{name}.md", "json")]
)
def test_example_cases_are_cases(line: str) -> None:
    """Each example of a case can be read."""
    assert Case.model_validate_json(line).id


def test_formats_are_those_of_the_command() -> None:
    """docs/formats.md names the formats that `assay schema` prints."""
    with pytest.raises(InputError, match="Use one of") as refused:
        schema_of("#")
    known = re.search(r"Use one of: (.+?)\.$", str(refused.value))
    assert known is not None
    head = (ROOT / "docs" / "formats.md").read_text("utf-8").partition("## Plan")[0]
    assert set(re.findall(r"`([a-z]+)`", head)) == set(known[1].split(", "))


def test_the_readme_plan_is_a_plan(tmp_path: Path) -> None:
    """The plan that README explains passes all checks, with the files of `assay init` beside it."""
    (text,) = _blocks(README, "yaml")
    (tmp_path / "plan.yaml").write_text(text, "utf-8")
    (tmp_path / "attestations.yaml").write_bytes((ROOT / "templates" / "init" / "attestations.yaml").read_bytes())
    prepared = prepare(tmp_path / "plan.yaml", {"LOCAL_LLM_API_KEY": "made up"})
    assert prepared.plan.decided_on()


# --- commands ---------------------------------------------------------------------------------------------


def _commands(path: Path) -> list[list[str]]:
    """Return the words of every `assay` command line in a document's blocks and in its running text."""
    blocks = [line.removeprefix("$ ") for line in (*_lines(path, "sh"), *_lines(path, "console"))]
    spans = re.findall(r"`(assay [a-z][^`\n]*)`", path.read_text("utf-8"))
    lines = [re.split(r" (?:2>&1|>|\|) ", line)[0] for line in (*blocks, *spans)]
    return [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("assay ")]


@pytest.mark.parametrize("path", DOCUMENTS, ids=_name)
def test_commands_exist(path: Path) -> None:
    """Every command in a document has a verb, options and arguments that the command line takes."""
    verbs = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # the group has them
    for verb, *words in _commands(path):
        if verb.startswith("-"):
            assert verb in {"--help", "-h", "--version"}
            continue
        assert verb in verbs, f"assay {verb}"
        if words and words != ["--help"]:
            verbs[verb].make_context(verb, words)


def _dialogues() -> list[tuple[str, str]]:
    """Return the commands of README's consoles with what they answer there."""
    found = []
    for block in _blocks(README, "console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, answer = part.partition("\n")
            found.append((command, answer))
    return found


def test_consoles_are_true(tmp_path: Path) -> None:
    """Each console of README answers, line by line, what the command answers."""
    if (ROOT / "records").is_dir():
        (tmp_path / "records").symlink_to(ROOT / "records")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "COLUMNS": "80", "NO_COLOR": "1"}
    wanted = _dialogues()
    said = [
        subprocess.run(
            ["bash", "-c", command],
            cwd=tmp_path,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        ).stdout
        for command, _ in wanted
    ]
    assert list(zip((command for command, _ in wanted), said, strict=True)) == wanted


def test_exit_codes_are_those_of_the_command() -> None:
    """README's table has each exit code, and no other."""
    from assay.cli.boundary import Exit

    text = README.read_text("utf-8").partition("| code | meaning |")[2].partition("\n\n")[0]
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)} == set(Exit)


# --- the whole --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", DOCUMENTS, ids=_name)
def test_links_lead_somewhere(path: Path) -> None:
    """Every link to a file leads to one that is there, and its anchor to a heading."""
    dead = []
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text("utf-8")):
        if re.match(r"[a-z]+://", target):
            continue
        name, _, anchor = target.partition("#")
        file = (path.parent / name).resolve() if name else path
        if not file.is_file() or (anchor and anchor not in _headings(file)):
            dead.append(target)
    assert dead == []


def test_the_readme_is_short() -> None:
    """README can be read in one sitting."""
    assert len(README.read_text("utf-8").splitlines()) <= 250


@pytest.mark.parametrize("path", DECISIONS, ids=_name)
def test_decisions_are_in_form(path: Path) -> None:
    """Decisions are numbered without a gap and have the front matter and sections of MADR 4."""
    assert path.name.startswith(f"{DECISIONS.index(path) + 1:04d}-")
    _, front, text = path.read_text("utf-8").split("---\n", 2)
    assert {"status", "date", "decision-makers"} <= set(yaml.safe_load(front))
    sections = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    assert {"Context and Problem Statement", "Considered Options", "Decision Outcome", "Consequences"} <= set(sections)


def test_the_example_waivers_are_waivers(tmp_path: Path) -> None:
    """docs/waivers.md shows a gate and the waivers file that it names, each of which waives one of its conditions."""
    from assay.schema.suite import Gate
    from assay.suite import load_waivers

    policy, waivers = _blocks(ROOT / "docs" / "waivers.md", "yaml")
    gate = Gate.model_validate(yaml.safe_load(policy)["gate"])
    (tmp_path / str(gate.waivers)).write_text(waivers, encoding="utf-8")
    given = load_waivers(tmp_path / str(gate.waivers), str(gate.waivers)).waivers
    assert [own.condition for own in given] == [own.id for own in gate.conditions]


def test_every_status_of_a_waiver_is_explained() -> None:
    """docs/waivers.md has a row for each thing that can become of a waiver."""
    rows = re.findall(
        r"^\| `([a-z_]+)` \| .+ \| .+ \|$", (ROOT / "docs" / "waivers.md").read_text("utf-8"), re.MULTILINE
    )
    named = get_args(WaiverUse.model_fields["status"].annotation)
    assert set(rows) >= set(named)
    assert len(rows) == len(named) + len(Waiver.model_fields)


def test_example_policies_are_policies() -> None:
    """Each YAML example of a policy in the documents is a policy."""
    from assay.schema.suite import Gate

    for page in ("conditions", "formats"):
        text, *_ = _blocks(ROOT / "docs" / f"{page}.md", "yaml")
        assert Gate.model_validate(yaml.safe_load(text)).conditions
