"""Does a record that was changed anywhere fail to verify, with the right file named?"""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assay.errors import InputError, MismatchError
from assay.record.bundle import manifest_of, pack, unpack
from assay.record.store import RecordFiles
from assay.workflow.verify import TEMPLATE_MEMBER, verify_record
from tests.record.evidence_files import STEM, small_evidence, write_record

if TYPE_CHECKING:
    from assay.record.verify import Difference

KEPT = Path(__file__).resolve().parents[2] / "records" / "0001-policy-assistant.md"
"""The kept record of the first format."""
POSITIONS = 24
MEMBERS = sorted(small_evidence())


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> RecordFiles:
    """Return the record of the small run, which no test may change."""
    return write_record(tmp_path_factory.mktemp("whole"), small_evidence())


@pytest.fixture
def files(whole: RecordFiles, tmp_path: Path) -> RecordFiles:
    """Return a copy of the record to change."""
    copy = RecordFiles.of(tmp_path, STEM)
    for source, target in zip(_paths(whole), _paths(copy), strict=True):
        shutil.copyfile(source, target)
    return copy


def _paths(files: RecordFiles) -> tuple[Path, Path, Path]:
    return files.markdown, files.json, files.evidence


def _differences(files: RecordFiles) -> tuple[Difference, ...]:
    return verify_record(files.markdown).differences


def _changes(content: bytes) -> list[bytes]:
    """Return the content with one byte changed: the first, the last, and some between."""
    chance = random.Random(7)
    places = [0, len(content) - 1, *chance.sample(range(len(content)), POSITIONS - 2)]
    return [content[:at] + bytes([content[at] ^ chance.randrange(1, 128)]) + content[at + 1 :] for at in places]


def test_whole_record_verifies(files: RecordFiles) -> None:
    """A record as it was written has no difference, whichever of its files is named, and nothing is written."""
    before = [path.read_bytes() for path in _paths(files)]
    for path in _paths(files):
        verification = verify_record(path)
        assert verification.differences == ()
        assert verification.record is not None
        assert verification.record.verdict.verdict == "NO-GO"
    assert [path.read_bytes() for path in _paths(files)] == before


@pytest.mark.parametrize("which", [0, 1, 2], ids=["markdown", "json", "evidence"])
def test_any_changed_byte_is_found(which: int, files: RecordFiles) -> None:
    """One changed byte anywhere in a file makes a difference, and the first one names that file."""
    path = _paths(files)[which]
    content = path.read_bytes()
    for changed in _changes(content):
        path.write_bytes(changed)
        found = _differences(files)
        assert found, "verified although a byte was changed"
        assert path.name in {difference.file for difference in found}
        if which == 0:
            assert {difference.file for difference in found} == {path.name}


@pytest.mark.parametrize("which", [0, 1, 2], ids=["markdown", "json", "evidence"])
@pytest.mark.parametrize("change", ["empty", "shorter", "longer"])
def test_changed_length_is_found(which: int, change: str, files: RecordFiles) -> None:
    """A file that is empty, lacks its last byte or has one more makes a difference."""
    path = _paths(files)[which]
    content = path.read_bytes()
    path.write_bytes({"empty": b"", "shorter": content[:-1], "longer": content + b"\n"}[change])
    assert path.name in {difference.file for difference in _differences(files)}


@pytest.mark.parametrize("member", MEMBERS)
def test_changed_member_is_named(member: str, files: RecordFiles) -> None:
    """A zip packed anew with one changed member names the zip and the member."""
    members = small_evidence()
    members[member] += b" "
    files.evidence.write_bytes(pack(members))
    named = {(difference.file, difference.where) for difference in _differences(files)}
    assert (files.evidence.name, member) in named


@pytest.mark.parametrize("member", MEMBERS)
def test_missing_member_is_named(member: str, files: RecordFiles) -> None:
    """A zip packed anew without a member names it as gone."""
    members = small_evidence()
    del members[member]
    files.evidence.write_bytes(pack(members))
    found = _differences(files)
    assert (files.evidence.name, member, "the file is gone") in {(d.file, d.where, d.message) for d in found}


def test_extra_member_is_named(files: RecordFiles) -> None:
    """A member that the record does not list is named."""
    files.evidence.write_bytes(pack({**small_evidence(), "suites/more.json": b"{}"}))
    assert ("suites/more.json", "the record does not list this file") in {
        (difference.where, difference.message) for difference in _differences(files)
    }


@pytest.mark.parametrize(
    "member",
    [
        *("plan-of-old.json", "notes/extra.txt", "evidence/notes.json", "suites/other.json", "suites/sums.txt"),
        *("rubrics/x.json", "calibrations/x.json", "imported/1.json", "scores.jsonl", "logs/server.txt"),
    ],
)
def test_what_nothing_rests_on_is_no_evidence(member: str, tmp_path: Path) -> None:
    """A member that deriving would not read is refused by name, even where the record lists it."""
    with pytest.raises(MismatchError, match=f"nothing in the record rests on '{member}'"):
        write_record(tmp_path, {**small_evidence(), member: b"{}"})


_STRICT = b'{"gate": {"conditions": ["suite:sums.pass_rate >= 0.999"]}, '


@pytest.mark.parametrize(
    ("member", "old", "new", "why"),
    [
        ("plan.json", b"{", _STRICT, "plan.json has the key 'gate' twice"),
        ("evidence/host.json", b"{", b'{"cores": ' + b"9" * 5_000 + b", ", "has the key 'cores' twice"),
        ("trials.jsonl", b'{"cand', b'{"status":"failed","cand', "trials.jsonl, line 1, has the key 'status' twice"),
        ("trials.jsonl", b'"error":null', b'"error":{"kind":"timeout","kind":"timeout"}', "has the key 'kind' twice"),
        ("trials.jsonl", b"\n", b"\r\n", "trials.jsonl has a carriage return"),
        ("requests.jsonl", b'{"cand', b'{"\\u0070hase":"warmup","cand', "line 1, has the key 'phase' twice"),
        ("run.json", b"{", b"\xef\xbb\xbf{", "run.json begins with a byte-order mark"),
        ("trials.jsonl", b'{"cand', b'\xef\xbb\xbf{"cand', "trials.jsonl begins with a byte-order mark"),
    ],
)
def test_what_two_readers_may_read_as_two_things_is_refused(
    member: str, old: bytes, new: bytes, why: str, tmp_path: Path
) -> None:
    """Evidence has one form: a key that stands twice, however it is written, or another line end is named."""
    members = small_evidence()
    assert old in members[member]
    changed = members[member].replace(old, new, -1 if old == b"\n" else 1)
    with pytest.raises(MismatchError, match=why):
        write_record(tmp_path, {**members, member: changed})


def test_better_answer_in_the_evidence_is_found(files: RecordFiles) -> None:
    """A failed answer turned into the right one shows in the zip, in the JSON and in the Markdown."""
    members = small_evidence()
    trials = [json.loads(line) for line in members["trials.jsonl"].splitlines()]
    for trial in trials:
        trial.update(status="completed", error=None, output={"a": "2", "b": "4", "c": "6"}[trial["case"]])
    members["trials.jsonl"] = "".join(json.dumps(trial) + "\n" for trial in trials).encode()
    files.evidence.write_bytes(pack(members))
    found = _differences(files)
    assert {difference.file for difference in found} == {path.name for path in _paths(files)}
    assert ("trials.jsonl", "its content is not what the record's digest says") in {(d.where, d.message) for d in found}


@pytest.mark.parametrize(
    ("member", "old", "new"),
    [
        ("plan.json", b">= 0.5", b">= 0.1"),
        ("suites/sums.json", b'"expected": "4"', b'"expected": "5"'),
        ("trials.jsonl", b'"case":"b"', b'"case":"a"'),
    ],
)
def test_evidence_of_two_runs_is_refused(
    member: str, old: bytes, new: bytes, tmp_path: Path, whole: RecordFiles
) -> None:
    """Evidence whose parts do not belong together does not verify, even with nothing to compare it with."""
    members = small_evidence()
    assert old in members[member]
    members[member] = members[member].replace(old, new)
    files = RecordFiles.of(tmp_path, STEM)
    files.write(whole.markdown.read_text(encoding="utf-8"), "{}", pack(members), {})
    (found,) = _differences(files)
    assert (found.file, found.where) == (files.evidence.name, "content")
    assert "bad-evidence" in found.message


def test_swapped_evidence_is_found(files: RecordFiles, tmp_path: Path) -> None:
    """The evidence of another record, whole in itself, does not verify this one; nor the other way round."""
    members = small_evidence()
    members["evidence/host.json"] = members["evidence/host.json"].replace(b"a processor", b"a faster one")
    other = write_record(tmp_path / "other", members)
    assert _differences(other) == ()
    ours, theirs = files.evidence.read_bytes(), other.evidence.read_bytes()
    files.evidence.write_bytes(theirs)
    other.evidence.write_bytes(ours)
    for swapped in (files, other):
        assert {difference.file for difference in _differences(swapped)} >= {files.evidence.name, files.json.name}


def test_indentation_is_found(files: RecordFiles) -> None:
    """JSON that says the same in other bytes differs at the first line that is laid out otherwise."""
    files.json.write_text(json.dumps(json.loads(files.json.read_bytes()), indent=2) + "\n", encoding="utf-8")
    (found,) = _differences(files)
    assert (found.file, found.where) == (files.json.name, "line 2")


def test_key_order_is_found(files: RecordFiles) -> None:
    """JSON with its keys in another order differs."""
    data = json.loads(files.json.read_bytes())
    text = json.dumps(dict(reversed(data.items())), ensure_ascii=False, indent=1) + "\n"
    files.json.write_text(text, encoding="utf-8")
    assert [difference.file for difference in _differences(files)] == [files.json.name]


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("verdict", "verdict"), "GO", 'it says "GO", the evidence says "NO-GO"'),
        (("metrics", 0, "passed"), 3, "it says 3, the evidence says 1"),
        (("metrics", 0, "trusted"), 1, "it says 1, the evidence says true"),
        (("verdict", "candidates", 0, "conditions", 0, "status"), "met", 'it says "met", the evidence says "unknown"'),
        (("untested",), [], "it says [], the evidence says [{"),
    ],
)
def test_changed_value_is_shown(path: tuple[str | int, ...], value: object, message: str, files: RecordFiles) -> None:
    """A changed value is named by its key path, with what stands there and what should."""
    data = json.loads(files.json.read_bytes())
    place = data
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    files.json.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    (found,) = _differences(files)
    where = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)
    assert (found.file, found.where) == (files.json.name, where)
    assert found.message.startswith(message)


@pytest.mark.parametrize(
    "text", ["", "[]", "null", "{", "\ufeff{}", "[" * 100_000, '{"id": NaN}', '{"id": ' + "9" * 5_000 + "}"]
)
def test_json_that_is_none_is_found(text: str, files: RecordFiles) -> None:
    """Whatever stands in the JSON, it is a difference and no crash."""
    files.json.write_text(text, encoding="utf-8")
    assert {difference.file for difference in _differences(files)} == {files.json.name}


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ('status: "proposed"', 'status: "accepted"', "line 2"),
        ("decision-makers: []", 'decision-makers: ["me"]', "line 4"),
        ('verdict: "NO-GO"', 'verdict: "GO"', "line 7"),
        ("\n", "\r\n", "line 1"),
    ],
)
def test_edited_front_matter_is_found(old: str, new: str, line: str, files: RecordFiles) -> None:
    """An edit of the front matter differs at its line."""
    text = files.markdown.read_text(encoding="utf-8")
    assert old in text
    files.markdown.write_bytes(text.replace(old, new).encode())
    (found,) = _differences(files)
    assert (found.file, found.where) == (files.markdown.name, line)


@pytest.mark.parametrize(
    ("member", "content"),
    [
        (TEMPLATE_MEMBER, b"\xff"),
        (TEMPLATE_MEMBER, b"{{ 1 / 0 }}"),
        (TEMPLATE_MEMBER, b"{{ record.__class__ }}"),
        ("assembly.json", b'{"number": 1, "slug": "small", "date": "today", "assay_version": "0"}'),
        ("run.json", b"\xff"),
        ("plan.json", b"[" * 100_000),
        ("evidence/facts.json", b"[]"),
        ("evidence/checklist.json", b'{"items": []}'),
        ("trials.jsonl", b"{}\n"),
        ("requests.jsonl", b"\n"),
    ],
)
def test_hostile_evidence_does_not_verify(member: str, content: bytes, files: RecordFiles) -> None:
    """Evidence that breaks what reads it is a difference in the zip, and no crash."""
    files.evidence.write_bytes(pack({**small_evidence(), member: content}))
    found = _differences(files)
    assert (files.evidence.name, member) in {(difference.file, difference.where) for difference in found}
    assert (files.evidence.name, "content") in {(difference.file, difference.where) for difference in found}


@pytest.mark.parametrize(
    ("member", "old", "new"),
    [
        ("trials.jsonl", b'"attempts":1,', b'"attempts":1152921504606846976,'),
        ("evidence/host.json", b"0.25", b"NaN"),
    ],
)
def test_numbers_that_no_two_readers_agree_on_do_not_verify(
    member: str, old: bytes, new: bytes, files: RecordFiles
) -> None:
    """A number beyond what JSON holds alike everywhere is a difference of the evidence, not a fault of Assay's."""
    members = small_evidence()
    assert old in members[member]
    files.evidence.write_bytes(pack({**members, member: members[member].replace(old, new)}))
    assert any(own.where == "content" for own in _differences(files))


@pytest.mark.parametrize(
    ("old", "new"), [(b'"trial":1,', b'"trial":2,'), (b'"candidate":"two"', b'"candidate":"ghost"')]
)
def test_a_trial_that_nobody_asked_is_refused(old: bytes, new: bytes, tmp_path: Path) -> None:
    """Answers beyond the trials of the plan, or of a candidate that it does not have, would hide those that failed."""
    members = small_evidence()
    first = next(line for line in members["trials.jsonl"].splitlines(keepends=True) if old in line)
    more = members["trials.jsonl"] + first.replace(old, new)
    with pytest.raises(MismatchError, match="that the plan does not ask"):
        write_record(tmp_path, {**members, "trials.jsonl": more})


@pytest.mark.parametrize("number", ["NaN", "1" * 30])
def test_such_numbers_in_the_record_do_not_verify(number: str, files: RecordFiles) -> None:
    """The same in the record's JSON is a difference there."""
    files.json.write_text(files.json.read_text("utf-8").replace('"load_1m": 0.25', f'"load_1m": {number}'), "utf-8")
    (first, *_) = _differences(files)
    assert (first.file, first.where) == (files.json.name, ".host.load_1m")


def test_renamed_record_does_not_verify(files: RecordFiles, tmp_path: Path) -> None:
    """A record under another number is not the one that was written."""
    renamed = RecordFiles.of(tmp_path, "0002-small")
    for source, target in zip(_paths(files), _paths(renamed), strict=True):
        source.rename(target)
    assert ".evidence.file" in {difference.where for difference in _differences(renamed)}


def test_record_without_a_file_is_no_record(files: RecordFiles) -> None:
    """Verifying needs all three files."""
    files.evidence.unlink()
    with pytest.raises(InputError, match="Keep its three files together"):
        verify_record(files.markdown)


def test_changed_picture_is_named(tmp_path: Path) -> None:
    """A picture that is not what the evidence shows is named; one that is gone changes nothing."""
    files = write_record(tmp_path, small_evidence())
    (picture,) = files.plots.iterdir()
    picture.write_text("<svg/>", encoding="utf-8")
    assert [(own.file, own.message) for own in verify_record(files.json).differences] == [
        (f"{files.plots.name}/{picture.name}", "it is not what the evidence shows")
    ]
    picture.unlink()
    assert verify_record(files.json).differences == ()


def test_a_number_of_the_template_does_not_verify(tmp_path: Path) -> None:
    """A page whose template writes a number itself does not hold; the number is named with its line."""
    members = small_evidence()
    members[TEMPLATE_MEMBER] = b"{{ record.title }}\nsome 97 % {{ record.metrics[0].n + 1 }}\n"
    found = verify_record(write_record(tmp_path, members).markdown).differences
    why = "has no evidence: it stands in the template's own text, or is computed there"
    assert [(own.file, own.where, own.message) for own in found] == [
        (f"{STEM}.md", "line 2", f"the number 97 {why}"),
        (f"{STEM}.md", "line 2", f"the number 4 {why}"),
    ]


def _of_the_first_format(members: dict[str, bytes], template: bytes) -> dict[str, bytes]:
    assembly = json.loads(members["assembly.json"])
    del assembly["record_format"]
    return {**members, "assembly.json": json.dumps(assembly).encode(), TEMPLATE_MEMBER: template}


def test_records_of_the_first_format_promise_nothing_of_their_numbers() -> None:
    """The kept record holds as it did, though its template writes numbers itself; its page names no number."""
    verification = verify_record(KEPT)
    assert verification.differences == ()
    assert verification.page is not None
    assert "95 %" in verification.page.text
    assert (verification.page.numbers, verification.page.loose) == ((), ())


@pytest.mark.parametrize("template", [b"{{ record.title }} 97 %\n", small_evidence()[TEMPLATE_MEMBER]])
def test_no_new_record_of_the_first_format_brings_its_own_template(template: bytes, tmp_path: Path) -> None:
    """Whoever calls a record old to write numbers into its page is refused, by any template but that of the format."""
    content = pack(_of_the_first_format(small_evidence(), template))
    files = RecordFiles.of(tmp_path, STEM)
    files.write("", "{}", content, {})
    (found,) = verify_record(files.json).differences
    assert "is shown by the template of that format, and this is another one" in found.message


@pytest.mark.parametrize("member", ["manifest.json", "redaction.json", "withheld-trials.jsonl"])
def test_no_record_of_the_first_format_has_members_of_the_second(member: str, tmp_path: Path) -> None:
    """What the second format brought does not stand in evidence that says that it is older."""
    kept = unpack(KEPT.with_name(f"{KEPT.stem}.evidence.zip").read_bytes(), "kept")
    members = _of_the_first_format(small_evidence(), kept[TEMPLATE_MEMBER])
    content = {"redaction.json": b"{}", "manifest.json": manifest_of(members)}.get(member, b"")
    files = RecordFiles.of(tmp_path, STEM)
    files.write("", "{}", pack({**members, member: content}), {})
    (found,) = verify_record(files.json).differences
    assert f"{member} is a member that records of the first format do not have" in found.message


def test_the_page_of_a_record_shows_no_number_without_evidence(whole: RecordFiles) -> None:
    """The shipped template keeps its own rule, and most of what it shows is numbers."""
    page = verify_record(whole.markdown).page
    assert page is not None
    assert page.loose == ()
    assert len(page.numbers) > 150
