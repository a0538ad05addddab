"""Can a person decide on a record, so that only its status block changes, and all files together?"""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assay.record.store import RecordFiles
from assay.record.truth import body_sha256
from assay.schema.record import Record
from assay.workflow.decide import Instead
from assay.workflow.decide import decide as weigh
from assay.workflow.decide_on import decide_on
from assay.workflow.may_decide import Wish
from tests.record.several import one_record
from tests.record.test_change import Killed, kill_at_rename

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes import Said, Workplace

    Assay = Callable[..., Said]

KEPT = Path(__file__).resolve().parents[2] / "records"
NEVER = "suite:sums.pass_rate >= 0.9"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of records that no test may change: two GO, one NO-GO, one of another use case."""
    folder = tmp_path_factory.mktemp("made") / "records"
    one_record(folder, 1, decision_makers=["Ann Example", "Bo Example"])
    one_record(folder, 2, valid_days=90)
    one_record(folder, 3, condition=NEVER)
    one_record(folder, 4, use_case="other")
    return folder


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let it be the third of January 2026."""

    class Clock:
        @staticmethod
        def now(zone: object) -> Clock:
            return Clock()

        def date(self) -> Clock:
            return self

        def isoformat(self) -> str:
            return "2026-01-03"

    monkeypatch.setattr("assay.cli.decided.datetime", Clock)


@pytest.fixture
def records(made: Path, place: Workplace) -> Path:
    """Return a copy of the folder to change, in the current one."""
    shutil.copytree(made, place.folder / "records")
    return Path("records")


def record_of(folder: Path, number: int) -> Record:
    (path,) = folder.glob(f"{number:04d}-*.json")
    return Record.model_validate_json(path.read_bytes())


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("[!.]*")) if path.is_file()}


def test_a_person_accepts(assay: Assay, records: Path) -> None:
    """The decision is told, cites verdict and body, and the record verifies with every byte of its body unchanged."""
    before = record_of(records, 1)
    said = assay("decide", "records/0001-small.md", "--accept", "--by", " Ann  Example ", "--valid-until", "2026-06-30")
    assert said.out == (
        "0001-small: accepted by Ann Example on 2026-01-03; the verdict is GO\n"
        "until:    2026-06-30\n"
        "index:    records/index.md\n"
        "verify:   assay verify records/0001-small.md\n"
    )
    assert said.err == (
        "nobody has signed this record: that it was Ann Example who decided, and another person than whoever measured, "
        "is only said\n"
    )
    assert said.code == 0
    after = record_of(records, 1)
    (decision,) = after.standing.decisions
    assert (after.status, decision.verdict, decision.body_sha256) == ("accepted", "GO", body_sha256(before))
    assert body_sha256(after) == body_sha256(before)
    assert after.model_copy(update={"status": before.status, "standing": before.standing}) == before
    assert assay("verify", "records/0001-small").code == 0
    assert not list(records.glob(".*"))


def test_the_index_follows(assay: Assay, records: Path) -> None:
    """Page and JSON list every record of the folder, and nothing else that lies there."""
    (records / "0009-notes.json").write_text("{}", "utf-8")
    (records / "0009-notes.md").write_text("# Notes\n", "utf-8")
    assay("decide", "records/0001-small", "--accept", "--by", "Ann Example", "--valid-until", "2026-06-30")
    assert (records / "index.md").read_text("utf-8") == (
        "# Decision records\n\n"
        "<!-- assay:index -->\n"
        "| record | title | verdict | status | decided | valid until | superseded by |\n"
        "| --- | --- | --- | --- | --- | --- | --- |\n"
        "| [`0001-small`](0001-small.md) | May it add? | GO | accepted | Ann Example, 2026-01-03 | 2026-06-30 | - |\n"
        "| [`0002-small`](0002-small.md) | May it add? | GO | proposed | - | - | - |\n"
        "| [`0003-small`](0003-small.md) | May it add? | NO-GO | proposed | - | - | - |\n"
        "| [`0004-other`](0004-other.md) | May it add? | GO | proposed | - | - | - |\n"
        "<!-- /assay:index -->\n"
    )
    index = json.loads((records / "index.json").read_bytes())
    assert index["schema"] == "assay/index/v1"
    assert index["records"][0] == {
        "id": "0001-small",
        "title": "May it add?",
        "use_case": "small",
        "verdict": "GO",
        "status": "accepted",
        "decided_by": "Ann Example",
        "decided_on": "2026-01-03",
        "valid_until": "2026-06-30",
        "supersedes": [],
        "superseded_by": None,
        "body_sha256": body_sha256(record_of(records, 1)),
    }
    assert [own["body_sha256"] for own in index["records"][1:]] == [None] * 3


def test_the_plan_says_how_long(assay: Assay, records: Path) -> None:
    """Without a day an acceptance holds for the plan's `valid_days`, and without those for ever; --json has it."""
    printed = Record.model_validate_json(assay("decide", "records/0002-small", "--accept", "--by", "A", "--json").out)
    assert printed == record_of(records, 2)
    assert printed.standing.valid_until == "2026-04-03"
    assay("decide", "records/0004-other", "--accept", "--by", "A")
    assert record_of(records, 4).standing.valid_until is None


def test_against_the_verdict(assay: Assay, records: Path) -> None:
    """To accept NO-GO or to reject GO takes a reason, which is kept; to put off takes none."""
    for record, outcome in (("0003-small", "--accept"), ("0001-small", "--reject")):
        said = assay("decide", f"records/{record}", outcome, "--by", "Ann Example", "--reason", " ")
        assert said.code == 2
        assert said.errors[0].startswith(f"error[needs-reason]: records/{record}.json: the verdict is ")
    said = assay("decide", "records/0003-small", "--accept", "--by", "Ann", "--reason", "A pilot with five people.")
    assert said.out.splitlines()[:2] == [
        "0003-small: accepted by Ann on 2026-01-03; against the verdict NO-GO",
        "reason:   A pilot with five people.",
    ]
    assert assay("decide", "records/0001-small", "--defer", "--by", "Ann Example").code == 0
    assert assay("decide", "records/0001-small", "--reject", "--by", "Ann Example", "--reason", "Too slow.").code == 0
    first, second = record_of(records, 1).standing.decisions
    assert (first.outcome, second.outcome, second.reason) == ("deferred", "rejected", "Too slow.")
    assert assay("verify", *records.glob("0*.json")).code == 0


def test_what_is_decided_stays(assay: Assay, records: Path) -> None:
    """An accepted record cannot be decided on again, and it is said what can be done."""
    assay("decide", "records/0001-small", "--accept", "--by", "Ann Example")
    before = contents(records)
    for wish in ("--defer", "--reject"):
        said = assay("decide", "records/0001-small", wish, "--by", "Bo Example")
        assert (said.code, said.errors) == (
            2,
            [
                (
                    "error[already-decided]: records/0001-small.json: this record is accepted, and that is final. "
                    "Let a newer record replace it: assay decide NEW --accept --by NAME --supersedes "
                    "records/0001-small.md."
                )
            ],
        )
    assert contents(records) == before


def test_somebody_else_decides(assay: Assay, records: Path) -> None:
    """A name that the plan does not list is told and taken: a plan may list roles."""
    said = assay("decide", "records/0001-small", "--accept", "--by", "Cam\x1b[31m")
    assert said.code == 0
    assert said.err.splitlines()[0] == (
        "Cam [31m is none of the decision-makers that the plan names: Ann Example, Bo Example"
    )
    assert assay("sign", "--new-key", "dee").code == 0
    assert assay("sign", "records/0002-small", "--key", "dee.pem", "--by", "Dee").code == 0
    said = assay("decide", "records/0002-small", "--defer", "--by", "Cam")
    assert (said.code, "nobody has signed" in said.err) == (0, False)
    (records / "0002-small.intoto.jsonl").write_text("{}\n", "utf-8")
    assert assay("decide", "records/0002-small", "--accept", "--by", "Cam").code == 1


def test_a_waiver_runs_out_first(assay: Assay, records: Path) -> None:
    """Who accepts for longer than a waiver holds that the verdict rests on is told so."""
    waiver = {"condition": NEVER, "reason": "known", "owner": "A", "approver": "B", "value": 0.3}
    days = {"granted": "2026-01-01", "expires": "2026-02-01"}
    Path("waivers.yaml").write_text(json.dumps({"waivers": [{**waiver, **days}]}), "utf-8")
    for day, told in (("2026-02-02", 2), ("2026-02-01", 1)):
        made = weigh(records / "0003-small", Instead(waivers=Path("waivers.yaml")), "2026-01-03", Path())
        assert made.files is not None
        assert made.record.verdict.verdict == "GO"
        said = assay("decide", made.files.json, "--accept", "--by", "Cam", "--valid-until", day)
        assert (said.code, len(said.err.splitlines())) == (0, told)
        assert said.err.startswith("a waiver that the verdict rests on runs out on 2026-02-01") == (told > 1)
        shutil.rmtree(records / "0005-small.plots")
        for path in (made.files.json, made.files.markdown, made.files.evidence):
            path.unlink()


@pytest.mark.parametrize(
    ("options", "slugs"),
    [
        (["--accept"], ["bad-usage"]),
        (["--by", "A"], ["bad-usage"]),
        (["--reason", "x"], ["bad-usage", "bad-usage"]),
        (["--accept", "--reject", "--by", "A"], ["bad-usage"]),
        (["--accept", "--by", " ", "--out", "x", "--policy", "p.yaml"], ["bad-usage", "bad-usage"]),
        (["--accept", "--by", "A" * 201, "--reason", "r" * 2001], ["bad-usage", "bad-usage"]),
        (["--accept", "--by", "A\udcff"], ["bad-usage"]),
        (["--accept", "--by", "A", "--reason", "\udcff"], ["bad-usage"]),
        (["--accept", "--by", "A", "--valid-until", "2026-01-02"], ["bad-date"]),
        (["--accept", "--by", "A", "--valid-until", "20270101"], ["bad-date"]),
        (["--accept", "--by", "A", "--valid-until", "2026-02-30"], ["bad-date"]),
        (["--defer", "--by", "A", "--valid-until", "2027-01-01"], ["bad-usage"]),
        (["--defer", "--by", "A", "--supersedes", "records/0002-small"], ["bad-usage"]),
        (["--accept", "--by", "A", "--supersedes", "records/0001-small"], ["bad-supersede"]),
        (["--accept", "--by", "A", "--supersedes", "records/0004-other"], ["bad-supersede"]),
        (["--accept", "--by", "A", "--supersedes", "records/0008-gone"], ["no-such-file"]),
        (["--accept", "--by", "A", "--supersedes", "elsewhere/0001-small"], ["bad-supersede"]),
    ],
)
def test_what_does_not_go_together(assay: Assay, records: Path, options: list[str], slugs: list[str]) -> None:
    """Every problem is told at once, and nothing is written."""
    shutil.copytree(records, "elsewhere")
    before = contents(records)
    said = assay("decide", "records/0001-small", *options)
    assert said.code == 2
    assert [line.partition("]")[0].removeprefix("error[") for line in said.errors] == slugs
    assert contents(records) == before


def test_a_record_that_does_not_verify(assay: Assay, records: Path) -> None:
    """Nobody decides on what does not hold, nor lets it be replaced."""
    path = records / "0002-small.json"
    path.write_text(path.read_text("utf-8").replace("May it add?", "May it?"), "utf-8")
    for arguments in (["0002-small"], ["0001-small", "--supersedes", "records/0002-small"]):
        said = assay("decide", f"records/{arguments[0]}", "--accept", "--by", "A", *arguments[1:])
        assert said.code == 1
        assert said.errors[0].startswith("error[bad-evidence]: records/0002-small: the record does not verify: ")


def test_both_records_point_at_each_other(assay: Assay, records: Path) -> None:
    """One accepted record a use case: the second replaces the first, and JSON, pages and index say so on both sides."""
    assay("decide", "records/0001-small", "--accept", "--by", "Ann Example", "--valid-until", "2026-06-30")
    said = assay("decide", "records/0002-small", "--accept", "--by", "Ann Example")
    assert said.errors == [
        (
            "error[two-accepted]: records/0002-small.md: 0001-small is accepted for the use case small already. Let "
            "this one replace it: --supersedes records/0001-small.md."
        )
    ]
    supersedes = ["--supersedes", "records/0001-small.md", "--supersedes", "records/0001-small.json"]
    said = assay("decide", "records/0002-small", "--accept", "--by", "Bo", *supersedes)
    assert (said.code, said.out.splitlines()[2]) == (0, "replaces: 0001-small")
    old, new = record_of(records, 1), record_of(records, 2)
    assert (old.status, old.standing.superseded_by, old.standing.supersedes) == ("superseded", "0002-small", ())
    assert (new.status, new.standing.superseded_by, new.standing.supersedes) == ("accepted", None, ("0001-small",))
    assert assay("verify", *records.glob("*.json")).code == 0
    assert (records / "0001-small.md").read_text("utf-8") == (
        '---\nstatus: "superseded"\n---\n\n# May it add?\n\n`0001-small` is superseded until 2026-06-30.\n'
        "accepted by Ann Example on 2026-01-03: no reason given\nIt is replaced by `0002-small`.\n"
    )
    assert (records / "0002-small.md").read_text("utf-8") == (
        '---\nstatus: "accepted"\n---\n\n# May it add?\n\n`0002-small` is accepted until 2026-04-03.\n'
        "accepted by Bo on 2026-01-03: no reason given\nIt replaces `0001-small`.\n"
    )
    index = (records / "index.md").read_text("utf-8").splitlines()
    assert index[5].endswith("| superseded | Ann Example, 2026-01-03 | 2026-06-30 | [`0002-small`](0002-small.md) |")
    assert index[6].endswith("| accepted | Bo, 2026-01-03 | 2026-04-03 | - |")
    said = assay("decide", "records/0003-small", "--accept", "--by", "A", "--reason", "r", *supersedes)
    assert "it is superseded already, by 0002-small. Name 0002-small where that is what you replace." in said.errors[0]
    again = assay("decide", "records/0001-small", "--accept", "--by", "A", "--supersedes", "records/0002-small")
    assert again.errors[0].startswith("error[already-decided]: records/0001-small.json: this record is superseded")


def test_an_accepted_record_that_cannot_be_read_is_not_passed_over(assay: Assay, records: Path) -> None:
    """The index knows that a record of the use case is accepted: while it cannot be read, no second one is."""
    assert assay("decide", "records/0001-small.md", "--accept", "--by", "Ann Example").code == 0
    path = records / "0001-small.json"
    whole = path.read_text("utf-8")
    path.write_text(f"<<<<<<< ours\n{whole}", "utf-8")
    said = assay("decide", "records/0002-small.md", "--accept", "--by", "Bo Example")
    assert said.code == 2
    assert said.errors[0].startswith("error[two-accepted]: records/0002-small.md: index.json says that 0001-small is")


def test_what_was_never_accepted(assay: Assay, records: Path) -> None:
    """A proposed or deferred record can be replaced; a rejected one stays so. Another use case takes a reason."""
    assay("decide", "records/0003-small", "--reject", "--by", "A")
    said = assay("decide", "records/0001-small", "--accept", "--by", "A", "--supersedes", "records/0003-small")
    assert "it is rejected: it never held, and stays so. Leave it out." in said.errors[0]
    both = ["--supersedes", "records/0002-small", "--supersedes", "records/0004-other"]
    assert assay("decide", "records/0001-small", "--accept", "--by", "A", *both).code == 2
    assert assay("decide", "records/0001-small", "--accept", "--by", "A", "--reason", "One for both.", *both).code == 0
    assert [record_of(records, number).status for number in (1, 2, 3, 4)] == [
        "accepted",
        "superseded",
        "rejected",
        "superseded",
    ]
    assert assay("verify", *records.glob("*.json")).code == 0


@pytest.fixture(scope="module")
def replacing(made: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return the folder with its first record accepted, and the same after the second one has replaced it."""
    before, after = (tmp_path_factory.mktemp("replacing") / name for name in ("before", "after"))
    shutil.copytree(made, before)
    decide_on(before / "0001-small", Wish("accepted", "A"), "2026-01-03")
    shutil.copytree(before, after)
    decide_on(after / "0002-small", Wish("accepted", "B", supersedes=(after / "0001-small",)), "2026-01-03")
    return before, after


@pytest.mark.parametrize("rename", range(7))
def test_a_crash_in_the_middle(
    assay: Assay, place: Workplace, monkeypatch: pytest.MonkeyPatch, rename: int, replacing: tuple[Path, Path]
) -> None:
    """Killed at any rename of a supersession the folder is as before, or the same command finishes what it began."""
    before, after = map(contents, replacing)
    shutil.copytree(replacing[0], "records")
    asked = ("decide", "records/0002-small", "--accept", "--by", "B", "--supersedes", "records/0001-small")
    with monkeypatch.context() as patch:
        kill_at_rename(patch, rename)
        with pytest.raises(Killed):
            assay(*asked)
    assert (contents(Path("records")) == before) == (rename in {0, 1})
    said = assay(*asked)
    assert said.code == 0
    assert ("mended:   a change that was broken off is finished" in said.out.splitlines()) == (rename > 0)
    assert "replaces: 0001-small" in said.out.splitlines()
    assert contents(Path("records")) == after
    assert not list(Path("records").glob(".*"))


def test_two_people_at_once(records: Path) -> None:
    """Decisions on records of one folder wait for each other: all are in the index, and in their records."""
    stems = ("0001-small", "0003-small", "0004-other")
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda stem: decide_on(records / stem, Wish("deferred", stem), "2026-01-03"), stems))
    entries = json.loads((records / "index.json").read_bytes())["records"]
    assert [own["decided_by"] for own in entries] == ["0001-small", None, "0003-small", "0004-other"]
    assert [record_of(records, number).status for number in (1, 2, 3, 4)] == [
        "deferred",
        "proposed",
        "deferred",
        "deferred",
    ]


def test_the_shipped_page_follows(assay: Assay, place: Workplace) -> None:
    """The page that Assay ships shows what was decided, and the record verifies."""
    files = one_record(Path("records"), template=None)
    assert assay("decide", files.markdown, "--accept", "--by", "Ann Example").code == 0
    page = files.markdown.read_text("utf-8")
    assert 'status: "accepted"' in page.splitlines()
    assert "decision: **accepted** by Ann Example on " in page
    assert " · accepted by Ann Example on " in assay("render", files.markdown, "--template", "one-page").out
    assert " **đã chấp nhận** (Ann Example chấp nhận ngày " in assay("render", files.markdown, "--template", "vi").out
    assert assay("verify", files.markdown).code == 0


def test_the_kept_record_of_the_first_format(assay: Assay, place: Workplace) -> None:
    """A record of the first format can be decided on too: its own template shows the status, and it still verifies."""
    stem = "0001-policy-assistant"
    kept, copy = RecordFiles.of(KEPT, stem), RecordFiles.of(Path("records"), stem)
    copy.json.parent.mkdir()
    for own, other in ((kept.json, copy.json), (kept.markdown, copy.markdown), (kept.evidence, copy.evidence)):
        shutil.copyfile(own, other)
    before = Record.model_validate_json(copy.json.read_bytes())
    said = assay("decide", copy.markdown, "--accept", "--by", "Ann Example", "--reason", "A demo harms nobody.")
    assert said.code == 0
    assert assay("verify", copy.markdown).code == 0
    after = Record.model_validate_json(copy.json.read_bytes())
    assert (after.schema_name, body_sha256(after)) == ("assay/record/v1", body_sha256(before))
    changed = [
        line
        for line, other in zip(
            copy.markdown.read_text("utf-8").splitlines(), kept.markdown.read_text("utf-8").splitlines(), strict=True
        )
        if line != other
    ]
    assert changed[0] == 'status: "accepted"'
    assert all("accepted" in line for line in changed)
