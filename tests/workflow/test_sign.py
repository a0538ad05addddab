"""Is a signature worth what it says: is every change of a record, or of its signatures, noticed under its keys?"""

from __future__ import annotations

import base64
import json
import random
import shutil
from typing import TYPE_CHECKING

import pytest

from assay.errors import InputError, MismatchError
from assay.record.bundle import MANIFEST, manifest_of, pack, unpack
from assay.record.signing import check
from assay.record.signing.check import check_lines, unsigned_by
from assay.record.signing.envelope import PAYLOAD_TYPE, Envelope, pae, without_order
from assay.record.signing.keys import read_private, read_public
from assay.record.signing.statement import subjects_of
from assay.record.store import RecordFiles
from assay.workflow.sign import Signer, sign_record
from assay.workflow.signatures import Reviewer
from assay.workflow.verify import TEMPLATE_MEMBER, verify_record
from tests.record.evidence_files import STEM, write_record
from tests.record.signing.deciding import brief_evidence, decide, key_files, record_of, stand

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from assay.record.signing.keys import PrivateKey, PublicKey

DAY = "2026-01-04"


def _sign(files: RecordFiles, keys: Path, name: str, by: str, role: str = "evidence") -> None:
    private, _ = key_files(keys, name)
    sign_record(files.json, Signer(by, role, private, None), DAY)


def _key(keys: Path, name: str) -> PublicKey:
    return read_public(key_files(keys, name)[1])


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder for keys."""
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, keys: Path) -> RecordFiles:
    """Return a record whose evidence Ann signed, and on which Bo decided and signed; no test may change it."""
    files = write_record(tmp_path_factory.mktemp("whole"), brief_evidence())
    decide(files, "Bo")
    _sign(files, keys, "ann", "Ann")
    _sign(files, keys, "bo", "Bo", "decision")
    return files


def _copied(files: RecordFiles, folder: Path) -> RecordFiles:
    copy = RecordFiles.of(folder, STEM)
    folder.mkdir(exist_ok=True)
    for own in ("markdown", "json", "evidence", "signatures"):
        shutil.copyfile(getattr(files, own), getattr(copy, own))
    return copy


@pytest.fixture
def files(whole: RecordFiles, tmp_path: Path) -> RecordFiles:
    """Return a copy to change."""
    return _copied(whole, tmp_path / "copy")


@pytest.fixture
def reviewer(keys: Path) -> Reviewer:
    """Return one who has the keys of both and asks for two persons."""
    return Reviewer((_key(keys, "ann"), _key(keys, "bo")), two_persons=True)


def _found(files: RecordFiles, reviewer: Reviewer | None = None) -> list[str]:
    verification = verify_record(files.markdown, *([reviewer] if reviewer else []))
    return [f"{own.file}, {own.where}: {own.message}" for own in verification.differences]


def _remade(folder: Path, members: dict[str, bytes]) -> RecordFiles:
    """Return a record that is made of other evidence as Assay makes them, with the same decision on it."""
    files = write_record(folder, {path: content for path, content in members.items() if path != MANIFEST})
    decide(files, "Bo")
    return files


# --- what holds -------------------------------------------------------------------------------------------


def test_both_keys_hold(files: RecordFiles, reviewer: Reviewer) -> None:
    """Two persons signed, and both keys say so; what was signed stands in an in-toto statement."""
    verification = verify_record(files.signatures, reviewer)
    assert verification.differences == ()
    signed = verification.signed
    assert {(own.claim.role, own.claim.by, own.known_as) for own in signed.signatures} == {
        ("evidence", "Ann", reviewer.keys[0].name),
        ("decision", "Bo", reviewer.keys[1].name),
    }
    assert signed.two_persons.status == "met"
    record = record_of(files)
    for line in files.signatures.read_bytes().splitlines():
        statement = json.loads(base64.b64decode(json.loads(line)["payload"]))
        assert statement["_type"] == "https://in-toto.io/Statement/v1"
        assert statement["subject"][0] == {
            "name": f"{STEM}.evidence.zip",
            "digest": {"sha256": record.evidence.sha256},
        }
        assert [own["name"] for own in statement["subject"][1:]] == [
            f"{STEM}.json#body",
            f"{STEM}.evidence.zip#manifest.json",
        ]
        assert statement["predicate"]["verdict"] == "NO-GO"


def test_without_keys_nothing_is_proven(files: RecordFiles) -> None:
    """Nobody's key is trusted by default: signatures are told, unchecked, and the rule is not shown."""
    verification = verify_record(files.markdown)
    assert verification.differences == ()
    assert {own.known_as for own in verification.signed.signatures} == {None}
    assert verification.signed.two_persons.status == "unknown"


def test_weights_are_signed(tmp_path: Path, keys: Path) -> None:
    """The weights of what is decided on are subjects, where they were hashed."""
    members = brief_evidence()
    facts = json.loads(members["evidence/facts.json"])
    for own in facts:
        own["facts"].append({"name": "weights_sha256", "value": "7" * 64, "grade": "observed", "source": "a file"})
    members["evidence/facts.json"] = json.dumps(facts).encode()
    files = write_record(tmp_path / "records", members)
    _sign(files, keys, "ann", "Ann")
    (line,) = files.signatures.read_bytes().splitlines()
    names = [own["name"] for own in json.loads(base64.b64decode(json.loads(line)["payload"]))["subject"]]
    assert names[3:] == ["weights of one"]
    assert _found(files, Reviewer((_key(keys, "ann"),))) == []


def test_the_status_may_change_after_a_signature(files: RecordFiles, reviewer: Reviewer) -> None:
    """A record that another one replaces keeps its signatures."""
    standing = record_of(files).standing
    stand(files, "superseded", standing.model_copy(update={"superseded_by": "0002-small"}))
    assert _found(files, reviewer) == []


def test_a_later_decision_leaves_a_signature_alone(keys: Path, tmp_path: Path) -> None:
    """Whoever signed that it is deferred is not held to what somebody else decides later, or until when."""
    files = write_record(tmp_path / "records", brief_evidence())
    decide(files, "Bo", "deferred")
    _sign(files, keys, "ann", "Ann")
    _sign(files, keys, "bo", "Bo", "decision")
    decide(files, "Cam")
    stand(files, "accepted", record_of(files).standing.model_copy(update={"valid_until": "2026-03-01"}))
    both = (_key(keys, "ann"), _key(keys, "bo"))
    assert _found(files, Reviewer(both)) == []
    (found,) = _found(files, Reviewer(both, two_persons=True))
    assert "it is not shown: no signature that was checked is on the last decision, by Cam. Whoever" in found


def test_a_final_decision_is_the_last(files: RecordFiles, reviewer: Reviewer) -> None:
    """Nobody decides on what was accepted or rejected, though all digests are made anew."""
    decide(files, "Cam", "rejected")
    assert "Cam decided on what was accepted, and that is final" in _found(files)[0]
    assert "Cam decided on what was accepted, and that is final" in _found(files, reviewer)[0]


@pytest.mark.parametrize("edit", [{"valid_until": "2099-12-31"}, {"supersedes": ("0000-other",)}])
def test_the_terms_of_an_acceptance_are_signed(edit: dict, files: RecordFiles, reviewer: Reviewer) -> None:
    """Another last day, or other records that it replaces, are not those that whoever accepted has signed."""
    stand(files, "accepted", record_of(files).standing.model_copy(update=edit))
    (found,) = _found(files)
    assert found.endswith("it signs an acceptance of Bo with another last day, or that replaces other records")
    assert found in _found(files, reviewer)


def test_the_kept_record_can_be_signed(tmp_path: Path, keys: Path) -> None:
    """A record of the first format has no manifest; its signature names what it has."""
    from docs.blocks import RECORD

    kept = RecordFiles.beside(RECORD)
    files = RecordFiles.of(tmp_path, kept.json.stem)
    for source, target in (
        (kept.markdown, files.markdown),
        (kept.json, files.json),
        (kept.evidence, files.evidence),
    ):
        shutil.copyfile(source, target)
    _sign(files, keys, "ann", "Ann")
    assert _found(files, Reviewer((_key(keys, "ann"),))) == []


def _given(keys: Sequence[PublicKey]) -> dict[str, str]:
    return {f"key id {key.keyid}": f"key {key.name}" for key in keys}


def _faults(files: RecordFiles, keys: Sequence[PublicKey] = ()) -> list[str]:
    """Return what is wrong with the signatures alone."""
    signatures, faults = check_lines(files.signatures.read_bytes(), record_of(files), keys)
    return [f"{own.where}: {own.message}" for own in (*faults, *unsigned_by(signatures, _given(keys)))]


# --- records that were changed ----------------------------------------------------------------------------


def _swap(files: RecordFiles, folder: Path) -> None:
    members = brief_evidence()
    members["evidence/host.json"] = members["evidence/host.json"].replace(b"a processor", b"a faster one")
    files.evidence.write_bytes(_remade(folder, members).evidence.read_bytes())


def _rezip(files: RecordFiles, folder: Path) -> None:
    members = unpack(files.evidence.read_bytes(), "zip")
    members["trials.jsonl"] = members["trials.jsonl"].replace(b'"elapsed_ms":12.5', b'"elapsed_ms":11.5', 1)
    members[MANIFEST] = manifest_of(members)
    files.evidence.write_bytes(pack(members))


def _other_template(files: RecordFiles, folder: Path) -> None:
    members = brief_evidence()
    members[TEMPLATE_MEMBER] += b"\nAll of this is fine.\n"
    _replace(files, _remade(folder, members))


def _other_salt(files: RecordFiles, folder: Path) -> None:
    members = brief_evidence()
    members["run.json"] = members["run.json"].replace(b'"0' + b"0" * 31 + b'"', b'"1' + b"0" * 31 + b'"')
    assert members["run.json"] != brief_evidence()["run.json"]
    _replace(files, _remade(folder, members))


def _replace(files: RecordFiles, other: RecordFiles) -> None:
    for own in ("markdown", "json", "evidence"):
        shutil.copyfile(getattr(other, own), getattr(files, own))


CHANGES: list[tuple[Callable[[RecordFiles, Path], None], bool]] = [
    (_swap, True),
    (_rezip, True),
    (_other_template, False),
    (_other_salt, False),
]


@pytest.mark.parametrize(("change", "seen_without"), CHANGES)
def test_changed_records_are_noticed(
    change: Callable[[RecordFiles, Path], None],
    seen_without: bool,
    files: RecordFiles,
    reviewer: Reviewer,
    tmp_path: Path,
) -> None:
    """Swapped and re-zipped evidence is noticed without a signature; what was made wholly anew is noticed with one.

    With its old signatures beside it a record that was made anew does not verify even without a key.
    """
    change(files, tmp_path / "other")
    assert _found(files, reviewer) != []
    assert _found(files) != []
    files.signatures.unlink()
    assert (_found(files) != []) is seen_without
    unsigned = [f"{files.signatures.name}, key {key.name}: it has not signed this record" for key in reviewer.keys]
    assert [said for said in _found(files, reviewer) if said.split(" (key id")[0] in unsigned]


def test_a_remade_record_is_named(files: RecordFiles, reviewer: Reviewer, tmp_path: Path) -> None:
    """What is told of one is what was signed and what is there, and which key has signed nothing."""
    _other_salt(files, tmp_path / "other")
    name = files.signatures.name
    found = _found(files, Reviewer(reviewer.keys))
    assert [said.split(" SHA-256")[0].split(" (key")[0] for said in found] == [
        f"{name}, line 1: it signs another {STEM}.evidence.zip:",
        f"{name}, line 2: it signs another {STEM}.evidence.zip:",
        *(f"{name}, key {key.name}: it has not signed this record" for key in reviewer.keys),
    ]


def test_an_unreadable_record_is_not_signed(files: RecordFiles, reviewer: Reviewer) -> None:
    """Of a record that cannot be read no signature is believed."""
    files.json.write_text("{", encoding="utf-8")
    assert f"{files.signatures.name}, the signatures: they cannot be checked: the record cannot be read" in _found(
        files, reviewer
    )


# --- signatures that were changed -------------------------------------------------------------------------


def _edited(keys: Path, line: bytes, edit: Callable[[dict], None], signer: str | None = None) -> bytes:
    """Return a line with its statement edited, and signed anew by a key where one is named."""
    envelope = Envelope.parsed(line)
    statement = json.loads(envelope.payload)
    edit(statement)
    payload = json.dumps(statement, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    key: PrivateKey | None = read_private(key_files(keys, signer)[0], None) if signer is not None else None
    signature = envelope.signature if key is None else key.sign(pae(PAYLOAD_TYPE, payload))
    return Envelope(payload, envelope.keyid, signature).line()


def _lines(files: RecordFiles) -> tuple[bytes, bytes]:
    """Return the lines of Ann, for the evidence, and of Bo, for the decision."""
    lines = files.signatures.read_bytes().splitlines()
    evidence, decision = sorted(lines, key=lambda line: b'"role":"decision"' in Envelope.parsed(line).payload)
    return evidence, decision


def _set(*path: str | int, value: object) -> Callable[[dict], None]:
    def edit(statement: dict) -> None:
        place = statement
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value

    return edit


EDITS = [
    (_set("predicate", "by", value="Eve"), "its signature was not made by", None),
    (_set("predicate", "on", value="2026-01-05"), "its signature was not made by", None),
    (_set("predicate", "assay_version", value="9"), "its signature was not made by", None),
    (_set("predicate", "verdict", value="GO"), "it signs verdict GO, the record has NO-GO", "ann"),
    (_set("predicate", "record", value="0002-small"), "it signs record 0002-small, the record has 0001-small", "ann"),
    (_set("predicate", "plan_digest", value="0"), "it signs a plan of digest 0, the record has", "ann"),
    (_set("predicate", "policy_sha256", value="0"), "it signs a policy of digest 0, the record has None", "ann"),
    (_set("predicate", "role", value="decision"), "it signs no decision in the role of decision", "ann"),
    (_set("predicate", "role", value="reader"), "does not say what a signature of Assay says", "ann"),
    (_set("predicate", "keyid", value="0" * 64), "its key id is not the one that was signed", "ann"),
    (_set("predicate", "more", value=1), "does not say what a signature of Assay says", "ann"),
    (_set("predicateType", value="urn:uuid:0"), "of a kind that this version of Assay does not know", "ann"),
    (_set("_type", value="https://in-toto.io/Statement/v0.1"), "is not an in-toto Statement v1", "ann"),
    (_set("subject", value=[]), f"it does not sign {STEM}.evidence.zip", "ann"),
    (_set("subject", value=[{}]), "its subjects cannot be read", "ann"),
    (_set("subject", 1, "digest", "sha256", value="0" * 64), f"it signs another {STEM}.json#body: SHA-256 0000", "ann"),
    (_set("subject", 1, "digest", "sha512", value="0"), "its statement is not in the form that Assay writes", "ann"),
    (
        lambda own: own["subject"].append({"name": "x", "digest": {"sha256": ""}}),
        "it signs x, which is no part of this",
        "ann",
    ),
    (_set("more", value=1), "its statement is not in the form that Assay writes", "ann"),
]


@pytest.mark.parametrize(("edit", "message", "signer"), EDITS)
def test_edited_statements_are_refused(
    edit: Callable[[dict], None], message: str, signer: str | None, files: RecordFiles, keys: Path
) -> None:
    """An edited statement is refused by its signature, and one that its own key signed so by what it says."""
    evidence, decision = _lines(files)
    files.signatures.write_bytes(without_order([_edited(keys, evidence, edit, signer), decision]))
    found = _faults(files, (_key(keys, "ann"),))
    assert len(found) == 2
    assert message in found[0]
    assert "it has not signed this record" in found[1]


DECISIONS = [
    (_set("predicate", "decision", value=None), "it signs no decision in the role of decision"),
    (_set("predicate", "role", value="evidence"), "it signs a decision in the role of evidence"),
    (_set("predicate", "by", value="Eve"), "Eve signs what Bo decided"),
    (_set("predicate", "decision", "outcome", value="rejected"), "it signs a decision of Bo that the record does not"),
]


@pytest.mark.parametrize(("edit", "message"), DECISIONS)
def test_decisions_are_the_records(edit: Callable[[dict], None], message: str, files: RecordFiles, keys: Path) -> None:
    """Who signs as a decider signs a decision of the record that is their own."""
    evidence, decision = _lines(files)
    files.signatures.write_bytes(without_order([evidence, _edited(keys, decision, edit, "bo")]))
    assert message in _faults(files)[0]


def test_a_decision_that_changed_is_noticed(files: RecordFiles, reviewer: Reviewer) -> None:
    """A decision that is another one after it was signed is noticed, with keys and without."""
    standing = record_of(files).standing
    (own,) = standing.decisions
    changed = own.model_copy(update={"outcome": "rejected"})
    stand(files, "rejected", standing.model_copy(update={"decisions": (changed,)}))
    for given in (None, reviewer):
        assert "it signs a decision of Bo that the record does not have" in _found(files, given)[0]


def test_signatures_of_another_record_are_refused(files: RecordFiles, keys: Path, tmp_path: Path) -> None:
    """A file that was moved from one record to another does not fit, with keys and without."""
    members = brief_evidence()
    members["evidence/host.json"] = members["evidence/host.json"].replace(b"a processor", b"a faster one")
    other = _remade(tmp_path / "other", members)
    _sign(other, keys, "ann", "Ann")
    files.signatures.write_bytes(other.signatures.read_bytes())
    for given in (None, Reviewer((_key(keys, "ann"),))):
        assert f"it signs another {STEM}.evidence.zip" in _found(files, given)[0]


def test_lines_are_in_order_each_once(files: RecordFiles, reviewer: Reviewer) -> None:
    """Lines in another order or twice are another file than the one that was written."""
    one, other = files.signatures.read_bytes().splitlines(keepends=True)
    for content in (other + one, one + one + other, one + b"\n" + other, one + other[:-1]):
        files.signatures.write_bytes(content)
        assert _faults(files, reviewer.keys)[0].startswith("the whole file: ")


def test_a_line_that_is_gone_is_missed(files: RecordFiles, reviewer: Reviewer) -> None:
    """Who has a key sees that its signature is gone; who has none cannot."""
    evidence, _ = _lines(files)
    files.signatures.write_bytes(evidence + b"\n")
    assert _found(files) == []
    assert "it has not signed this record" in _found(files, Reviewer(reviewer.keys))[0]


def test_every_changed_byte_is_noticed(files: RecordFiles, reviewer: Reviewer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under the keys that signed, no byte of the file can change, go or come unseen."""
    record, chance = record_of(files), random.Random(7)
    # The record stays the same, so its digests need not be made two thousand times.
    subjects = subjects_of(record)
    monkeypatch.setattr(check, "subjects_of", lambda _: subjects)

    def noticed(changed: bytes, keys: Sequence[PublicKey]) -> bool:
        signatures, faults = check_lines(changed, record, keys)
        return bool(faults or list(unsigned_by(signatures, _given(keys))))

    def other(byte: int) -> bytes:
        return bytes([byte ^ chance.randrange(1, 256)])

    _, bo = reviewer.keys
    line = _lines(files)[1] + b"\n"
    assert not noticed(line, [bo])
    assert [at for at in range(len(line)) if not noticed(line[:at] + other(line[at]) + line[at + 1 :], [bo])] == []
    content = files.signatures.read_bytes()
    assert not noticed(content, reviewer.keys)
    for at in chance.sample(range(len(content)), 100):
        for changed in (other(content[at]) + content[at + 1 :], content[at + 1 :], other(0) + content[at:]):
            assert noticed(content[:at] + changed, reviewer.keys), at


# --- signing ----------------------------------------------------------------------------------------------


def test_only_what_verifies_is_signed(files: RecordFiles, keys: Path) -> None:
    """A record that does not hold is not signed, nor one beside whose signatures is one that does not hold."""
    before = files.signatures.read_bytes()
    text = files.markdown.read_bytes()
    files.markdown.write_bytes(text.replace(b"NO-GO", b"GO"))
    with pytest.raises(MismatchError, match="the record does not verify"):
        _sign(files, keys, "cam", "Cam")
    files.markdown.write_bytes(text)
    assert files.signatures.read_bytes() == before
    files.signatures.write_bytes(before[:-1])
    with pytest.raises(MismatchError, match="its last line is torn"):
        _sign(files, keys, "cam", "Cam")
    evidence, decision = _lines(files)
    forged = _edited(keys, evidence, _set("predicate", "by", value="Eve"))
    files.signatures.write_bytes(without_order([forged, decision]))
    with pytest.raises(MismatchError, match=r"a signature on the record does not hold: line \d: its signature was not"):
        _sign(files, keys, "ann", "Ann")


def test_who_has_not_decided_signs_no_decision(files: RecordFiles, keys: Path) -> None:
    """A decision is signed by whom it names."""
    with pytest.raises(InputError, match="'Ann' has not decided on this record; Bo did") as refused:
        _sign(files, keys, "ann", "Ann", "decision")
    assert [problem.slug for problem in refused.value.problems] == ["no-decision"]


def test_signing_twice_adds_nothing(tmp_path: Path, keys: Path) -> None:
    """The same key signs the same once, also on another day; another decision of the person is another thing."""
    files = write_record(tmp_path / "records", brief_evidence())
    decide(files, "Bo", "deferred")
    _sign(files, keys, "bo", "Bo", "decision")
    before = files.signatures.read_bytes()
    private, _ = key_files(keys, "bo")
    again = sign_record(files.json, Signer("Bo", "decision", private, None), "2026-02-01")
    assert (again.added, again.claim.on) == (False, DAY)
    assert files.signatures.read_bytes() == before
    decide(files, "Bo")
    assert sign_record(files.json, Signer("Bo", "decision", private, None), "2026-02-01").added
    assert len(files.signatures.read_bytes().splitlines()) == 2


def test_one_hand_is_not_two(tmp_path: Path, keys: Path) -> None:
    """Whoever signs evidence and decision with one key is one person, under whatever names."""
    files = write_record(tmp_path / "records", brief_evidence())
    decide(files, "Bo")
    _sign(files, keys, "bo", "Ann")
    _sign(files, keys, "bo", "Bo", "decision")
    (found,) = _found(files, Reviewer((_key(keys, "bo"),), two_persons=True))
    assert "it is broken: the key that signed the decision is the only one that signed the evidence. Whoever" in found
    assert _found(files, Reviewer((_key(keys, "bo"),))) == []
