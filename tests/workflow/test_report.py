"""Do reports go where they were asked for, whatever the verdict, with lines of the files that define conditions?"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from assay.errors import InputError
from assay.workflow.report import reports_wanted
from tests.fakes import Reply, completion, every, plan_of, serving

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.fakes import Said, Workplace

    Assay = Callable[..., Said]

WRONG = every(1, Reply(200, completion("no")))
FORMATS = ("junit", "sarif", "github", "gitlab-codequality", "gitlab-metrics", "comment")


def uri_of(path: Path) -> tuple[str, int]:
    """Return file and line of the first result of a SARIF file."""
    place = json.loads(path.read_text("utf-8"))["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    return place["artifactLocation"]["uri"], place["region"]["startLine"]


def test_all_reports_of_a_run(assay: Assay, place: Workplace) -> None:
    """Each is written, the exit code stays that of the verdict, and stdout that of the verb."""
    wanted = [part for name in FORMATS for part in ("--report", f"{name}=reports/{name}")]
    with serving(WRONG) as server:
        place.write(plan_of(server.base_url))
        said = assay("run", place.plan, "--out", place.out, "--json", *wanted)
    assert said.code == 1
    assert said.out == place.record.with_suffix(".json").read_text("utf-8")
    assert {path.name for path in (place.folder / "reports").iterdir()} == set(FORMATS)
    assert ET.parse(place.folder / "reports" / "junit").find("testsuite/testcase/failure") is not None
    (note, *_) = [line for line in said.err.splitlines() if line.startswith("::")]
    gate = next(line for line in place.plan.read_text("utf-8").splitlines() if line.startswith("gate: "))
    line = place.plan.read_text("utf-8").splitlines().index(gate) + 1
    assert note.startswith(f"::error file=plan.yaml,line={line},title=condition/suite%3Asums.pass_rate >= 0.9::adder: ")
    assert uri_of(place.folder / "reports" / "sarif") == ("plan.yaml", line)
    assert (place.folder / "reports" / "comment").read_text("utf-8").startswith("<!-- assay-gate adding -->\n### NO-GO")


def test_go_writes_reports_too(assay: Assay, place: Workplace) -> None:
    """A green build has its test report as well."""
    with serving() as server:
        place.write(plan_of(server.base_url))
        assert assay("run", place.plan, "--out", place.out, "--report", "junit=j.xml").code == 0
    assert ET.parse(place.folder / "j.xml").getroot().attrib["failures"] == "0"


def test_no_answer_writes_reports_too(assay: Assay, place: Workplace) -> None:
    """Where no request was answered the exit code is 4, and the reports are red."""
    with serving(every(1, Reply(500, {"error": "broken"}))) as server:
        place.write(plan_of(server.base_url))
        assert assay("run", place.plan, "--out", place.out, "--report", "junit=j.xml").code == 4
    assert int(ET.parse(place.folder / "j.xml").getroot().attrib["failures"]) > 0


def test_the_line_of_a_policy_file(assay: Assay, place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths begin at the top of the repository, wherever the command is called, and name the policy's own file."""
    own = place.folder / "decisions"
    own.mkdir()
    (own / "policy.yaml").write_text('# ours\nconditions:\n  - {id: sums, condition: "suite:sums.pass_rate >= 0.9"}\n')
    with serving(WRONG) as server:
        place.write(plan_of(server.base_url, gate="policy.yaml"))
        for name in ("plan.yaml", "sums.jsonl"):
            (place.folder / name).rename(own / name)
        monkeypatch.setenv("GITHUB_WORKSPACE", str(place.folder))
        monkeypatch.chdir(own)
        assert assay("run", "plan.yaml", "--report", "sarif=s.sarif").code == 1
    assert uri_of(own / "s.sarif") == ("decisions/policy.yaml", 3)


def test_a_plan_outside_of_the_repository(assay: Assay, place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """What lies elsewhere has no path there: the record is named, by its file's name at least."""
    monkeypatch.setenv("CI_PROJECT_DIR", str(place.folder / "elsewhere"))
    with serving(WRONG) as server:
        place.write(plan_of(server.base_url))
        assay("run", place.plan, "--out", place.out, "--report", "sarif=s.sarif")
    assert uri_of(place.folder / "s.sarif") == (f"{place.record.stem}.json", 1)


def test_a_decision_that_is_not_kept_names_what_is_there(assay: Assay, place: Workplace) -> None:
    """Reports name the record or the run that was given, and no number, file or evidence that was not written."""
    wanted = [part for name in FORMATS for part in ("--report", f"{name}=reports/{name}")]
    with serving(WRONG) as server:
        place.write(plan_of(server.base_url))
        assay("run", place.plan, "--out", place.out)
    record = place.record.relative_to(place.folder).with_suffix(".json").as_posix()
    run = place.run.relative_to(place.folder).as_posix()
    for given, named, last in (
        (
            place.record,
            record,
            f"`assay decide {record} --out DIR`. To check what was decided on: `assay verify {record}`",
        ),
        (place.run, run, f"`assay decide {run} --out DIR`."),
    ):
        said = assay("decide", given, *wanted)
        assert said.code == 1
        texts = {path.name: path.read_text("utf-8") for path in (place.folder / "reports").iterdir()}
        assert [name for name, text in texts.items() if re.search(r"(?<!\d)0000-", text)] == []
        assert uri_of(place.folder / "reports" / "sarif") == (named, 1)
        assert f"::error file={named},line=1," in said.err
        assert last in texts["comment"].splitlines()[-1]


def test_the_summary_of_a_step_is_added_to(assay: Assay, place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """`github` alone adds to the file that the runner names, and keeps what others wrote."""
    (place.folder / "summary").write_text("before\n", "utf-8")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(place.folder / "summary"))
    with serving() as server:
        place.write(plan_of(server.base_url))
        assert assay("run", place.plan, "--out", place.out, "--report", "github").code == 0
    assert (place.folder / "summary").read_text("utf-8").startswith("before\n### GO: ")


def test_merged_shards_are_reported(assay: Assay, place: Workplace) -> None:
    """Shards have no verdict to report; what is put together has."""
    with serving() as server:
        place.write(plan_of(server.base_url))
        refused = assay("run", place.plan, "--out", place.out, "--shard", "1/2", "--report", "junit=j.xml")
        assert (refused.code, server.asked) == (2, [])
        assert refused.errors[0].startswith("error[bad-usage]: a shard has no verdict to report.")
        for shard in ("1/2", "2/2"):
            assert assay("run", place.plan, "--out", place.out, "--shard", shard).code == 0
    runs = sorted((place.out / "runs").iterdir())
    assert assay("merge", *runs, "--out", place.out, "--report", "junit=j.xml").code == 0
    assert ET.parse(place.folder / "j.xml").getroot().tag == "testsuites"


def test_what_cannot_be_written_is_told(assay: Assay, place: Workplace) -> None:
    """The exit code is 4; the record is kept, and the other reports are written."""
    with serving() as server:
        place.write(plan_of(server.base_url))
        (place.folder / "file").write_text("", "utf-8")
        reports = ("--report", "junit=file/j.xml", "--report", "sarif=s.sarif")
        said = assay("run", place.plan, "--out", place.out, *reports)
    assert said.code == 4
    assert said.errors[0].startswith("error[report-not-written]: file/j.xml: the report junit cannot be written: ")
    assert "Verdict: GO" in said.out.splitlines()
    assert place.record.is_file()
    assert (place.folder / "s.sarif").is_file()
    assert said.errors[0].endswith(" Name a file that can be written; the record is there all the same.")
    assert not list(place.folder.glob("**/*.part"))
    again = assay("decide", place.run, "--report", "junit=file/j.xml")
    assert again.code == 4
    (told,) = (line for line in again.errors if line.startswith("error"))
    assert told.endswith(" Name a file that can be written; there is no record of this either.")


@pytest.mark.parametrize(
    ("report", "told"),
    [
        ("pdf=a", "error[unknown-format]: there is no format 'pdf' to report in. There are: junit, "),
        ("junit", "error[bad-report]: the report junit has no file to go to. Write --report junit=FILE."),
        ("junit=", "error[bad-report]: the report junit has no file to go to. Write --report junit=FILE."),
        ("sarif=.", "error[bad-report]: .: the report sarif would go to a folder. Name a file."),
        ("github", "error[bad-report]: the report github goes to the file that GITHUB_STEP_SUMMARY names, and "),
    ],
)
def test_wrong_reports_are_refused_before_anything_is_asked(
    assay: Assay, place: Workplace, monkeypatch: pytest.MonkeyPatch, report: str, told: str
) -> None:
    """The exit code is 2, nobody was asked, and there is no run."""
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    with serving() as server:
        place.write(plan_of(server.base_url))
        said = assay("run", place.plan, "--out", place.out, "--report", report)
        assert server.asked == []
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(told)
    assert not place.out.exists()


def test_all_wrong_reports_are_told_at_once(place: Workplace) -> None:
    """Two reports for one file are refused, as is each other mistake beside it."""
    with pytest.raises(InputError) as refused:
        reports_wanted(["junit=a", "comment=./a", "pdf=b"], {})
    assert [problem.slug for problem in refused.value.problems] == ["bad-report", "unknown-format"]


def test_what_is_decided_again_is_reported(assay: Assay, place: Workplace) -> None:
    """The lines are those of the policy that it is decided under; where none is kept the run is named."""
    (place.folder / "strict.yaml").write_text("conditions:\n  - suite:sums.pass_rate >= 0.99\n", "utf-8")
    with serving(every(3, Reply(200, completion("no")))) as server:
        place.write(plan_of(server.base_url, gate={"conditions": ["suite:sums.pass_rate >= 0.5"]}))
        assert assay("run", place.plan, "--out", place.out).code == 0
    reports = ("--report", "sarif=s.sarif", "--report", "junit=j.xml", "--report", "github=g.md")
    said = assay("decide", place.run, "--policy", "strict.yaml", *reports)
    assert said.code == 1
    assert uri_of(place.folder / "s.sarif") == ("strict.yaml", 2)
    assert "::error file=strict.yaml,line=2," in said.err
    assert "under the policy `strict.yaml`" in (place.folder / "g.md").read_text("utf-8")
    own = assay("decide", place.run, "--report", "gitlab-codequality=q.json")
    assert own.code == 0
    assert {entry["location"]["path"] for entry in json.loads((place.folder / "q.json").read_text("utf-8"))} == {
        place.run.relative_to(place.folder).as_posix()
    }
