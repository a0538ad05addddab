"""Does a person see what was signed, by whom, and what that proves; and does no secret go anywhere?"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assay.record.signing.keys import read_public
from assay.record.store import RecordFiles
from docs.blocks import ROOT
from tests.record.evidence_files import STEM, write_record
from tests.record.signing.deciding import brief_evidence, decide, key_files
from tests.record.signing.sigstore_of_ours import serving_sigstore, token

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes import Said, Workplace

    Assay = Callable[..., Said]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a record on which Bo decided, and two pairs of keys; no test may change it."""
    folder = tmp_path_factory.mktemp("made")
    decide(write_record(folder / "records", brief_evidence()), "Bo Example")
    for name in ("ann", "bo"):
        key_files(folder / "keys", name)
    return folder


@pytest.fixture
def files(made: Path, place: Workplace, monkeypatch: pytest.MonkeyPatch) -> RecordFiles:
    """Return a copy of the record to work on, in the current folder."""
    shutil.copytree(made, place.folder, dirs_exist_ok=True)
    monkeypatch.chdir(place.folder)
    return RecordFiles.of(place.folder / "records", STEM)


def _sign(assay: Assay, name: str, by: str, *words: str) -> Said:
    return assay("sign", "records/0001-small.md", "--key", f"keys/{name}.pem", "--by", by, *words)


def _id(place: Workplace, name: str) -> str:
    return read_public(place.folder / "keys" / f"{name}.pub").keyid


def _today(said: str) -> str:
    """Return output with the day of the signature, which is the day of the test, in a form that stays."""
    return re.sub(r"(?<=Example on )20\d\d-\d\d-\d\d", "2026-01-04", said)


def test_what_is_shown_of_signatures(assay: Assay, place: Workplace, files: RecordFiles) -> None:
    """Who signed what with which key, who was not checked, whether they are two, and what it proves: whole, 80 wide."""
    said = _sign(assay, "ann", "Ann Example")
    ann, bo = _id(place, "ann"), _id(place, "bo")
    assert (said.code, said.out) == (0, "records/0001-small.intoto.jsonl\n")
    assert said.err == f"0001-small: the evidence, by Ann Example: signed; key id {ann}\n"
    said = _sign(assay, "bo", "Bo Example", "--role", "decision")
    assert said.err == f"0001-small: the decision 'accepted', by Bo Example: signed; key id {bo}\n"
    said = _sign(assay, "bo", "Bo Example", "--role", "decision")
    assert "already, nothing added; key id" in said.err

    said = assay("verify", "records/0001-small.md", "--key", "keys/ann.pub")
    assert said.code == 0
    shown = _today(said.out).partition("in words is its author's\n")[2]
    assert shown == (
        "  signed:    the evidence, by Ann Example on 2026-01-04, with keys/ann.pub (key\n"
        f"             id {ann[:16]})\n"
        "  unchecked: the decision 'accepted' of 2026-01-03, by Bo Example on 2026-01-04,\n"
        f"             whose key was not given (key id {bo[:16]})\n"
        "  2 persons: not shown: no signature that was checked is on the last decision,\n"
        "             by Bo Example\n"
        "  proven:    who holds these keys or identities signed this very body and\n"
        "             evidence\n"
        "  unproven:  who holds them, on which day they signed, and that the evidence was\n"
        "             measured as it says\n"
        "  standing:  accepted, without a last day\n"
    )
    both = ("--key", "keys/ann.pub", "--key", "keys/bo.pub", "--key", "keys/ann.pub")
    said = assay("verify", "records/0001-small.md", *both, "--two-person")
    assert said.code == 0
    assert said.out.count("  signed: ") == 2
    assert "  2 persons: MET: Bo Example decided, Ann Example signed the evidence\n" in said.out


def test_signatures_as_json(assay: Assay, place: Workplace, files: RecordFiles) -> None:
    """What a program reads has each claim, whether it was checked, and the rule."""
    claim = json.loads(_sign(assay, "ann", "Ann Example", "--json").out)
    said = assay("verify", "records/0001-small.md", "--json")
    rule = {
        "status": "unknown",
        "reason": "no signature that was checked is on the last decision, by Bo Example",
    }
    shown = json.loads(said.out)
    assert not any(shown.pop("withheld").values())
    assert shown == {
        "verified": True,
        "differences": [],
        "format": "assay/record/v2",
        "own_template": True,
        "signatures": [
            {"checked": False, "with": None, "signer": f"key id {_id(place, 'ann')}", "claim": claim},
        ],
        "two_persons": rule,
    }


def test_a_record_that_nobody_signed(assay: Assay, files: RecordFiles) -> None:
    """Without signatures a key fails, and so does the two-person rule; verifying without either stays as it was."""
    assert "2 persons" not in assay("verify", "records/0001-small.md").out
    said = assay("verify", "records/0001-small.md", "--key", "keys/ann.pub", "--two-person")
    assert said.code == 1
    *first, also, last = said.out.splitlines()
    told = " ".join(" ".join(first).split())
    assert told.startswith("0001-small.intoto.jsonl, key keys/ann.pub: it has not signed this record (key id ")
    assert also == "also 0001-small.intoto.jsonl, the two-person rule"
    assert last == "records/0001-small.md: does not verify"


def test_a_name_cannot_write_on_the_screen(assay: Assay, files: RecordFiles) -> None:
    """A name with colours, a turned direction or a line end is shown without them."""
    _sign(assay, "ann", "Ann\x1b[31m\u202e\nrecords/0001-small.md: verified")
    said = assay("verify", "records/0001-small.md")
    assert "\x1b" not in said.out
    assert "\u202e" not in said.out
    assert [line for line in said.out.splitlines() if line.endswith(": verified")] == [
        "records/0001-small.md: verified"
    ]


def test_a_key_is_made(assay: Assay, place: Workplace, files: RecordFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new key signs, and is not written over; with a passphrase in the environment it is encrypted."""
    said = assay("sign", "--new-key", "keys/cam")
    assert (said.code, said.out) == (0, "keys/cam.pem\nkeys/cam.pub\n")
    assert said.err == (
        "keys/cam.pem is private and not encrypted: keep it where only you can read it.\n"
        f"keys/cam.pub is for those who verify; key id {_id(place, 'cam')}\n"
    )
    assert _sign(assay, "cam", "Cam Example").code == 0
    assert assay("verify", "records/0001-small.md", "--key", "keys/cam.pub").code == 0
    said = assay("sign", "--new-key", "keys/cam")
    assert said.code == 2
    (told,) = said.errors
    assert told.startswith(
        "error[file-exists]: keys/cam.pem: there is a file of this name, which may be somebody's key."
    )
    monkeypatch.setenv("ASSAY_KEY_PASSPHRASE", "open sesame")
    said = assay("sign", "--new-key", "keys/dan")
    assert "keys/dan.pem is private and encrypted with ASSAY_KEY_PASSPHRASE: keep it" in said.err
    assert _sign(assay, "dan", "Dan Example").code == 0
    monkeypatch.delenv("ASSAY_KEY_PASSPHRASE")
    assert _sign(assay, "dan", "Dan Example").errors == [
        "error[bad-signing-key]: keys/dan.pem: the key is encrypted. Set ASSAY_KEY_PASSPHRASE to its passphrase."
    ]


def test_no_secret_is_written(
    assay: Assay, place: Workplace, files: RecordFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the private key nor its passphrase is in what is written or said."""
    monkeypatch.setenv("ASSAY_KEY_PASSPHRASE", "open sesame")
    told = [assay("sign", "--new-key", "keys/dan"), _sign(assay, "dan", "Dan Example")]
    secrets = [b"open sesame", *(place.folder / "keys" / "dan.pem").read_bytes().splitlines()[1:-1]]
    written = [path.read_bytes() for path in (place.folder / "records").iterdir() if path.is_file()]
    written += [text.encode() for said in told for text in (said.out, said.err)]
    assert [secret for secret in secrets for content in written if secret in content] == []


def test_badly_kept_keys_are_warned_of(assay: Assay, place: Workplace, files: RecordFiles) -> None:
    """A private key that others can read, or that lies among what is passed on, signs with a warning."""
    (place.folder / "keys" / "ann.pem").chmod(0o644)
    said = _sign(assay, "ann", "Ann Example")
    assert said.code == 0
    assert said.err.splitlines()[0] == (
        "warning: others may read the private key keys/ann.pem; say: chmod 600 keys/ann.pem"
    )
    for folder in ("records", "records/keys", "runs/20260102T030405-small-abcd"):
        key_files(place.folder / folder, "bo")
        said = assay("sign", "records/0001-small.md", "--key", f"{folder}/bo.pem", "--by", "Bo Example")
        assert said.err.splitlines()[0] == (
            f"warning: the private key {folder}/bo.pem lies among records or runs, which are passed on;"
            " move it elsewhere"
        )


WRONG = [
    (
        ["sign"],
        "error[bad-usage]: signing needs a record, a name, and either a private key or --keyless. Say: assay sign",
    ),
    (["sign", "records/0001-small.md", "--by", "Ann"], "error[bad-usage]: signing needs a record, a name, and either"),
    (
        ["sign", "records/0001-small.md", "--new-key", "keys/x"],
        "error[bad-usage]: --new-key makes a key and signs nothing. Make the key first, then sign with it.",
    ),
    (
        ["sign", "records/0001-small.md", "--key", "keys/ann.pem", "--by", ""],
        "error[bad-usage]: --by needs a name of 1 to 200 characters. Give yours.",
    ),
    (
        ["sign", "records/0001-small.md", "--key", "keys/ann.pub", "--by", "Ann"],
        "error[bad-signing-key]: keys/ann.pub: this is a public key, where a private one is wanted. Name the private",
    ),
    (
        ["sign", "records/0001-small.md", "--key", "keys/ann.pem", "--by", "Ann", "--role", "decision"],
        "error[no-decision]: 'Ann' has not decided on this record; Bo Example did. Decide first, with assay decide, or",
    ),
    (
        ["verify", "records/0001-small.md", "--key", "keys/ann.pem"],
        "error[bad-signing-key]: keys/ann.pem: this is a private key, where a public one is wanted. Name the public",
    ),
    (["verify", "records/0001-small.md", "--key", "keys/eve.pub"], "error[no-such-file]: keys/eve.pub: the key cannot"),
]


@pytest.mark.parametrize(("words", "message"), WRONG)
def test_mistakes_are_one_line(words: list[str], message: str, assay: Assay, files: RecordFiles) -> None:
    """What cannot be done is told in one line, and nothing is written."""
    said = assay(*words)
    assert said.code == 2
    assert len(said.err.splitlines()) == 1
    assert said.err.startswith(message)
    assert not files.signatures.exists()


def test_verifying_without_a_key_needs_no_cryptography(assay: Assay, files: RecordFiles, place: Workplace) -> None:
    """Signatures are told without loading what checks them."""
    _sign(assay, "ann", "Ann Example")
    script = (
        "import sys; from assay.cli.app import main; sys.argv = ['assay', 'verify', 'records/0001-small.md'];"
        " code = main(); print(code, 'cryptography' in sys.modules)"
    )
    said = subprocess.run(
        [sys.executable, "-c", script], cwd=place.folder, env=os.environ, capture_output=True, text=True, check=True
    )
    assert "  unchecked: the evidence, by Ann Example on " in said.stdout
    assert said.stdout.splitlines()[-1] == "0 False"


def test_an_identity_and_a_key_are_two_persons(
    assay: Assay, files: RecordFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ann signs with a token, Bo with a key; who reviews knows Ann's identity and Bo's key."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("SIGSTORE_ID_TOKEN", token("ann@example.com"))
    own = ("--trust-config", "trust.json")
    with serving_sigstore() as sigstore:
        Path("trust.json").write_text(sigstore.trust(), "utf-8")
        said = assay("sign", "records/0001-small.md", "--keyless", "--by", "Ann Example", *own)
    assert (said.code, said.out) == (0, "records/0001-small.sigstore.jsonl\n")
    assert said.err == (
        "identity ann@example.com of https://issuer.example goes into the log of your Sigstore.\n"
        "The service is sent what is signed: digests, verdict, names, the decision with its reason.\n"
        "0001-small: the evidence, by Ann Example: signed\n"
    )
    assert os.environ["SIGSTORE_ID_TOKEN"].encode() not in files.keyless.read_bytes()
    _sign(assay, "bo", "Bo Example", "--role", "decision")

    said = assay("verify", "records/0001-small.sigstore.jsonl")
    assert said.code == 0
    assert "by Ann Example on" in said.out
    assert "whose identity was not given" in " ".join(said.out.split())
    who = ("--identity", "ann@example.com", "--issuer", "https://issuer.example", *own)
    said = assay("verify", "records/0001-small.md", *who, "--key", "keys/bo.pub", "--two-person")
    assert said.code == 0
    assert "  2 persons: MET: Bo Example decided, Ann Example signed the evidence\n" in said.out
    assert "with ann@example.com (identity ann@example.com of https://issuer.example)" in " ".join(said.out.split())
    other = ("--identity", "eve@example.com", "--issuer", "https://issuer.example", *own)
    said = assay("verify", "records/0001-small.md", *other)
    assert said.code == 1
    assert " ".join(said.out.split()).startswith(
        "0001-small.sigstore.jsonl, identity eve@example.com: it has not signed this record"
        " (identity eve@example.com of https://issuer.example)"
    )
    text = files.keyless.read_text("utf-8")
    files.keyless.write_text(text.replace('"keyId":"', '"keyId":"A', 1), "utf-8")
    assert assay("verify", "records/0001-small.md", *who).out.startswith("0001-small.sigstore.jsonl, line 1: Sigstore ")


@pytest.mark.parametrize(
    "words",
    [
        ["--identity", "a@example.com"],
        ["--issuer", "https://issuer.example"],
        ["--identity", "a@example.com", "--issuer", ""],
        ["--identity", "", "--issuer", "https://issuer.example"],
        ["--identity", "a@example.com", "--issuer", "https://a.example", "--issuer", "https://b.example"],
    ],
)
def test_an_identity_needs_its_issuer(words: list[str], assay: Assay, files: RecordFiles) -> None:
    """A name that anybody may vouch for is nobody's."""
    said = assay("verify", "records/0001-small.md", *words)
    assert said.code == 2
    assert said.errors[0].startswith("error[bad-usage]: each identity needs the issuer who vouches for it. ")


def test_the_walk_of_the_documents(assay: Assay, place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands that docs/signatures.md shows work one after another; in the end two persons have signed."""
    monkeypatch.chdir(place.folder)
    write_record(place.folder / "records", brief_evidence())
    page = (ROOT / "docs" / "signatures.md").read_text("utf-8")
    (block,) = re.findall(r"^```sh\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    # The small record is a NO-GO, which is accepted with a reason only.
    block = block.replace("0001-policy-qa", "0001-small").replace("--accept", '--accept --reason "It may."')
    said = [assay(*shlex.split(line)[1:]) for line in block.strip().splitlines()]
    assert [own.code for own in said] == [0] * 6
    assert "2 persons: MET: Bo Example decided, Ann Example signed the evidence" in said[-1].out
