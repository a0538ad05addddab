"""Is it told where a record is not as people left it, with file, line and what to do?"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assay.record.change import change
from assay.record.standing import sealed
from assay.record.truth import body_sha256, record_json
from assay.schema.record import Record
from assay.schema.standing import Standing
from assay.workflow.decide_on import decide_on
from assay.workflow.lint import Linted
from assay.workflow.may_decide import Wish
from tests.record.several import one_record
from tests.record.test_change import Killed, kill_at_rename

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes import Said, Workplace

    Assay = Callable[..., Said]

FIRST, SECOND = Path("records/0001-small.json"), Path("records/0002-small.json")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a sound folder that no test may change: the second record replaced the first, a third is proposed."""
    folder = tmp_path_factory.mktemp("made") / "records"
    for number in (1, 2):
        one_record(folder, number)
    one_record(folder, 3, use_case="other")
    decide_on(folder / "0001-small", Wish("accepted", "Ann"), "2026-01-03")
    later = Wish("accepted", "Bo", valid_until="2126-02-03", supersedes=(folder / "0001-small",))
    decide_on(folder / "0002-small", later, "2026-02-03")
    return folder


@pytest.fixture
def records(made: Path, place: Workplace) -> Path:
    """Return a copy of the folder to change, in the current one."""
    shutil.copytree(made, place.folder / "records")
    return Path("records")


def found(assay: Assay, *targets: object, code: int = 1) -> list[tuple[str, str, str, int | None]]:
    """Return level, kind, file and line of each finding."""
    said = assay("lint", *(targets or ("records",)), "--json")
    assert (said.code, said.err) == (code, "")
    linted = Linted.model_validate_json(said.out)
    assert linted.records is not None
    return [(own.level, own.kind, own.file or "", own.line) for own in linted.records.findings]


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def restand(path: Path, **changes: object) -> None:
    """Forge a status block, well sealed."""
    record = Record.model_validate_json(path.read_bytes())
    standing = record.standing.model_copy(update=changes)
    record = record.model_copy(update={"standing": sealed(record.status, standing)})
    path.write_text(record_json(record), "utf-8")


def line(path: Path, start: str) -> int:
    """Return the first line that begins so."""
    return next(n for n, own in enumerate(path.read_text("utf-8").split("\n"), 1) if own.startswith(start))


def test_a_sound_folder(assay: Assay, records: Path) -> None:
    """A folder and a record are called in the same way, whatever file of it is named, and counted once."""
    (records / "0009-notes.json").write_text("{}", "utf-8")
    assert assay("lint", "records").out == "records: 3 records, 0 errors, 0 warnings, 0 notes\n"
    assert assay("lint", "records/index.md", "records", "records/index.json").out.count("3 records") == 1
    said = assay("lint", *sorted(records.glob("0001*")), "--strict")
    assert (said.code, said.err) == (0, "")
    assert said.out == "records/0001-small.evidence.zip: 1 record, 0 errors, 0 warnings, 0 notes\n"
    assert assay("lint", *sorted(records.iterdir())[:5]).out == "records: 3 records, 0 errors, 0 warnings, 0 notes\n"


def test_accept_then_edit_the_body(assay: Assay, records: Path) -> None:
    """An edited body is told with who decided on another one, at the line of its digest, and so is the page."""
    edit(SECOND, '"passed": 1,', '"passed": 3,')
    at = line(SECOND, '    "body_sha256"')
    said = assay("lint", "records")
    assert said.code == 1
    assert said.out == (
        f"error[changed-body]: records/0002-small.json:{at}: the body was changed after Bo\n"
        "  accepted it on 2026-02-03. Take it from version control as it was decided on,\n"
        "  and let a new record say what changed.\n"
        "records: 3 records, 1 error, 0 warnings, 0 notes\n"
    )
    assert assay("lint", "records/0002-small").code == 1
    assert assay("lint", "records/0001-small").code == 0


def test_accept_then_edit_the_page(assay: Assay, records: Path) -> None:
    """A page that was edited alone is told at its line."""
    edit(records / "0002-small.md", "accepted until", "accepted well beyond")
    assert found(assay) == [("error", "changed-page", "records/0002-small.md", 7)]


def test_a_body_and_its_digests_edited(assay: Assay, records: Path) -> None:
    """Whoever edits the body and all digests of the record, page too, is found by the index, even made anew."""
    record = Record.model_validate_json(SECOND.read_bytes())
    forged = record.model_copy(update={"assay_version": "9"})
    decisions = tuple(own.model_copy(update={"body_sha256": body_sha256(forged)}) for own in record.standing.decisions)
    standing = sealed("accepted", record.standing.model_copy(update={"decisions": decisions}))
    SECOND.write_text(record_json(forged.model_copy(update={"standing": standing})), "utf-8")
    assert found(assay) == [("error", "changed-body", str(SECOND), None)]
    assert assay("list", "records", "--write").code == 0
    assert found(assay) == [("error", "changed-body", str(SECOND), None)]


def test_a_decision_taken_back(assay: Assay, records: Path) -> None:
    """A record that is made to look as if nobody had decided on it is found by the index, even made anew."""
    record = Record.model_validate_json(SECOND.read_bytes())
    SECOND.write_text(record_json(record.model_copy(update={"status": "proposed", "standing": Standing()})), "utf-8")
    assert ("error", "status-block", str(SECOND), None) in found(assay)
    assert assay("list", "records", "--write").code == 0
    assert ("error", "status-block", str(SECOND), None) in found(assay)


def test_an_edited_picture(assay: Assay, records: Path) -> None:
    """A picture that is not the one of the record is told; one that is gone changes nothing."""
    picture = min((records / "0001-small.plots").iterdir())
    picture.write_text("<svg/>", "utf-8")
    assert found(assay) == [("error", "record-files", str(picture), None)]
    picture.unlink()
    assert assay("lint", "records").code == 0


@pytest.mark.parametrize(
    ("old", "new", "start"),
    [
        (' "status": "accepted"', ' "status": "proposed"', ' "status"'),
        ('"by": "Bo"', '"by": "Al"', '  "sha256"'),
        ('"verdict": "GO",\n    "reason"', '"verdict": "HOLD",\n    "reason"', '  "sha256"'),
    ],
)
def test_an_edited_status_block(assay: Assay, records: Path, old: str, new: str, start: str) -> None:
    """A status block that is not what its digest says is told at a line of it."""
    edit(SECOND, old, new)
    told = found(assay)
    assert ("error", "status-block", str(SECOND), line(SECOND, start)) in told


def test_a_lost_half_of_a_link(assay: Assay, records: Path) -> None:
    """Each side is told that the other does not know of it, or is not there."""
    restand(SECOND, supersedes=())
    assert ("error", "record-links", str(FIRST), line(FIRST, '  "superseded_by"')) in found(assay)
    restand(SECOND, supersedes=("0001-small", "0008-gone", "0003-other"))
    links = [own for own in found(assay) if own[1] == "record-links"]
    assert links == [("error", "record-links", str(SECOND), line(SECOND, '  "supersedes"'))] * 2


def test_a_ring(assay: Assay, records: Path) -> None:
    """Records that replace each other in a ring are told."""
    restand(FIRST, supersedes=("0002-small",))
    restand(SECOND, superseded_by="0001-small")
    said = assay("lint", "records")
    assert "records replace each other in a ring: 0001-small, 0002-small, 0001-small." in " ".join(said.out.split())


def test_two_accepted(assay: Assay, records: Path) -> None:
    """At most one record of a use case is accepted; of a merge both sides may bring one."""
    record = Record.model_validate_json(FIRST.read_bytes())
    standing = sealed("accepted", record.standing.model_copy(update={"superseded_by": None}))
    FIRST.write_text(record_json(record.model_copy(update={"status": "accepted", "standing": standing})), "utf-8")
    assert ("error", "two-accepted", str(SECOND), None) in found(assay)


def test_one_number_twice(assay: Assay, records: Path) -> None:
    """Two records of one number are told, and a record under another name than its own."""
    for path in sorted(records.glob("0003-other*")):
        if path.is_file():
            shutil.copyfile(path, path.with_name(path.name.replace("0003-other", "0003-another")))
    told = found(assay)
    assert ("error", "record-number", "records/0003-other.json", None) in told
    assert ("error", "record-files", "records/0003-another.json", None) in told


@pytest.mark.parametrize(
    ("stem", "remedy"),
    [
        ("0003-other", "Make the one that nobody has decided on anew: "),
        ("0001-small", "Both were decided on: take the folder as one branch has it; then "),
    ],
)
def test_one_number_twice_has_a_remedy_that_fits(assay: Assay, records: Path, stem: str, remedy: str) -> None:
    """What nobody decided on can be made anew; of two that were decided on, none can simply go."""
    shutil.copyfile(records / f"{stem}.json", records / f"{stem}-too.json")
    linted = Linted.model_validate_json(assay("lint", "records", "--json").out)
    assert linted.records is not None
    (own,) = (own for own in linted.records.findings if own.kind == "record-number")
    assert str(own.remedy).startswith(remedy)


def test_the_index_lags(assay: Assay, records: Path) -> None:
    """An index that was edited is told at the line, one that is gone by its name; without decisions none is needed."""
    edit(records / "index.md", "| accepted |", "| rejected |")
    (records / "index.json").unlink()
    assert found(assay) == [
        ("error", "record-index", "records/index.md", 7),
        ("error", "record-index", "records/index.json", None),
    ]
    assert assay("list", "records", "--write").code == 0
    assert assay("lint", "records").code == 0
    edit(records / "index.md", "<!-- assay:index -->", "")
    assert found(assay) == [("error", "record-index", "records/index.md", None)]
    shutil.copytree(records, "proposed", ignore=shutil.ignore_patterns("000[12]*", "index.*"))
    assert found(assay, "proposed", code=0) == []


@pytest.mark.parametrize(
    ("ending", "kinds"),
    [
        (".json", ["record-files", "record-links", "record-files"]),
        (".md", ["record-files"]),
        (".evidence.zip", ["record-files"]),
    ],
)
def test_a_lost_file(assay: Assay, records: Path, ending: str, kinds: list[str]) -> None:
    """A file of a record that is gone is told by its name."""
    (records / f"0002-small{ending}").unlink()
    told = found(assay)
    assert [own[1] for own in told] == kinds
    assert f"records/0002-small{ending}" in {own[2] for own in told}


def test_the_index_never_forgets_what_was_decided_on(assay: Assay, records: Path) -> None:
    """Made anew while a record cannot be read or is gone, it keeps the record's entry, and lint goes on naming it."""
    whole = SECOND.read_text("utf-8")
    SECOND.write_text(f"<<<<<<< ours\n{whole}", "utf-8")
    assert assay("list", "records", "records", "--write").code == 0
    assert "record-files" in {own[1] for own in found(assay)}
    SECOND.write_text(whole, "utf-8")
    assert found(assay, code=0) == []
    for path in (SECOND, SECOND.with_suffix(".md"), SECOND.with_suffix(".evidence.zip")):
        path.unlink()
    assert assay("list", "records", "records", "--write").code == 0
    assert ("error", "record-files", "records/index.json", None) in found(assay)


def test_damaged_files(assay: Assay, records: Path) -> None:
    """A JSON that is none, another evidence, a JSON laid out otherwise: each is told by its file."""
    (records / "0001-small.evidence.zip").write_bytes(b"no zip")
    FIRST.with_name("0003-other.json").write_text("{", "utf-8")
    SECOND.write_text(json.dumps(json.loads(SECOND.read_bytes()), indent=2), "utf-8")
    told = found(assay)
    assert [own for own in told if own[1] == "record-files"] == [
        ("error", "record-files", "records/0003-other.json", None),
        ("error", "record-files", "records/0001-small.evidence.zip", None),
        ("error", "record-files", str(SECOND), 2),
    ]


def test_a_decision_without_its_reason(assay: Assay, records: Path) -> None:
    """An acceptance against the verdict that gives no reason is told at its line, however well it is sealed."""
    one_record(records, 4, use_case="never", condition="suite:sums.pass_rate >= 0.9")
    decide_on(records / "0004-never", Wish("accepted", "Cam", reason="A pilot."), "2026-01-03")
    assert assay("lint", "records").code == 0
    path = records / "0004-never.json"
    (decision,) = Record.model_validate_json(path.read_bytes()).standing.decisions
    restand(path, decisions=(decision.model_copy(update={"reason": None}),))
    assert ("error", "no-reason", str(path), line(path, '    "reason"')) in found(assay)


def test_what_has_expired(assay: Assay, records: Path) -> None:
    """An acceptance whose day has passed is a note: old records stay, and --strict counts it."""
    one_record(records, 4, use_case="short")
    decide_on(records / "0004-short", Wish("accepted", "Cam", valid_until="2026-01-31"), "2026-01-03")
    assert found(assay, code=0) == [("note", "expired", "records/0004-short.json", None)]
    assert assay("lint", "records", "--strict").code == 1


def test_a_change_that_was_broken_off(assay: Assay, records: Path) -> None:
    """A journal is told with what finishes it; drafts alone, each of which is named, have changed nothing."""
    contents = {"index.md": b"x", "index.json": b"y"}
    left = [".assay-change.json.part", ".index.json.part", ".index.md.part"]
    for rename, told in (
        (0, [("note", "unfinished-change", f"records/{name}", None) for name in left]),
        (1, [("error", "unfinished-change", "records/.assay-change.json", None)]),
    ):
        with pytest.MonkeyPatch.context() as patch:
            kill_at_rename(patch, rename)
            with pytest.raises(Killed):
                change(records, contents)
        assert found(assay, code=rename) == told


def test_a_folder_that_cannot_be_told(assay: Assay, place: Workplace) -> None:
    """A suite whose folder is called records is a suite, and an empty folder of that name has no records."""
    Path("records").mkdir()
    assert assay("lint", "records").out == "records: 0 records, 0 errors, 0 warnings, 0 notes\n"
    Path("records/suite.yaml").write_text("id: s\nscorers: [exact]\n", "utf-8")
    Path("records/cases.jsonl").write_text('{"id": "a", "input": "q", "expected": "x"}\n', "utf-8")
    assert "1 case," in assay("lint", "records").out
