"""Does the real Sigstore client sign for an identity, with services of our own, and is every other bundle refused?"""

from __future__ import annotations

import base64
import json
import random
import sys
from typing import TYPE_CHECKING

import pytest

from assay.errors import InputError, ServerError
from assay.record.signing.keyless import Identity, check_bundles, sign_keyless, ticket, vouching
from assay.record.signing.statement import claim_for, statement_of, subjects_of
from assay.schema._base import canonical_bytes
from tests.record.evidence_files import write_record
from tests.record.signing.deciding import brief_evidence, record_of
from tests.record.signing.sigstore_of_ours import serving_sigstore, token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from assay.record.signing.check import Signature
    from assay.schema.record import Record
    from tests.record.signing.sigstore_of_ours import OwnSigstore

ANN = Identity("ann@example.com", "https://issuer.example")


@pytest.fixture(scope="module")
def sigstore() -> Iterator[OwnSigstore]:
    """Yield a Sigstore of our own."""
    with pytest.MonkeyPatch.context() as patch, serving_sigstore() as own:
        patch.setenv("NO_PROXY", "127.0.0.1")
        yield own


@pytest.fixture(scope="module")
def trust(sigstore: OwnSigstore, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return its client trust configuration."""
    path = tmp_path_factory.mktemp("trust") / "trust.json"
    path.write_text(sigstore.trust(), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """Return a record to sign."""
    return record_of(write_record(tmp_path_factory.mktemp("record"), brief_evidence()))


@pytest.fixture(scope="module")
def line(record: Record, trust: Path) -> bytes:
    """Return the bundle with which Ann signed the evidence."""
    return _signed(record, trust, ANN)


def _signed(record: Record, trust: Path, who: Identity, keyid: str | None = None) -> bytes:
    claim = claim_for(record, "evidence", "Ann", "2026-01-04", keyid, "0.1.0")
    own = ticket(token(who.name, who.issuer), trust, may_ask=False)
    assert own.identity == who
    return sign_keyless(statement_of(subjects_of(record), claim), own)


def _checked(
    content: bytes, record: Record, trust: Path, *who: Identity
) -> tuple[list[tuple[str, str | None]], list[str]]:
    """Return who signed by whose word, and what is wrong."""
    found: tuple[Signature, ...]
    found, faults = check_bundles(content, record, vouching(who, trust))
    return [(own.signer, own.known_as) for own in found], [fault.message for fault in faults]


def test_an_identity_signs(record: Record, trust: Path, line: bytes) -> None:
    """What the services made is held against their keys, offline, and against the identity and its issuer."""
    assert _checked(line + b"\n", record, trust, ANN) == ([(str(ANN), ANN.name)], [])
    assert str(ANN) == "identity ann@example.com of https://issuer.example"
    assert json.loads(line)["mediaType"] == "application/vnd.dev.sigstore.bundle.v0.3+json"


@pytest.mark.parametrize(
    "other",
    [Identity("bo@example.com", ANN.issuer), Identity(ANN.name, "https://other.example"), Identity("", ANN.issuer)],
)
def test_another_identity_did_not(other: Identity, record: Record, trust: Path, line: bytes) -> None:
    """Neither another name nor the same name at another issuer is who signed; the bundle holds, unchecked."""
    assert _checked(line + b"\n", record, trust, other) == ([("without a key", None)], [])


def test_nothing_is_checked_for_nobody(record: Record, line: bytes) -> None:
    """Without identities a bundle is read and held against the record, and proves nothing."""
    found, faults = check_bundles(line + b"\n", record, None)
    assert ([own.known_as for own in found], faults) == ([None], ())


def test_a_bundle_of_another_record_is_refused(record: Record, trust: Path, line: bytes) -> None:
    """Who signed something else did not sign this, and no key's statement is taken for an identity's."""
    other = record.model_copy(update={"title": "Another"})
    for who in ((), (ANN,)):
        found, faults = check_bundles(line + b"\n", other, vouching(who, trust) if who else None)
        assert found == ()
        assert faults[0].message.startswith("it signs another 0001-small.json#body: ")
    named = _signed(record, trust, ANN, "0" * 64)
    assert _checked(named + b"\n", record, trust, ANN) == ([], ["its key id is not the one that was signed"])


def _edited(line: bytes, edit: Callable[[dict], None]) -> bytes:
    value = json.loads(line)
    edit(value)
    return canonical_bytes(value)


def _stolen(*path: str) -> Callable[[dict, dict], None]:
    def take(value: dict, other: dict) -> None:
        for key in path[:-1]:
            value, other = value[key], other[key]
        value[path[-1]] = other[path[-1]]

    return take


@pytest.mark.parametrize(
    "take",
    [
        _stolen("dsseEnvelope", "signatures"),
        _stolen("verificationMaterial", "certificate"),
        _stolen("verificationMaterial", "tlogEntries"),
    ],
)
def test_parts_of_another_bundle_are_refused(
    take: Callable[[dict, dict], None], record: Record, trust: Path, line: bytes
) -> None:
    """Signature, certificate and log entry belong to this statement and to each other, though all of them are real."""
    other = json.loads(_signed(record, trust, ANN))
    found, faults = _checked(_edited(line, lambda value: take(value, other)) + b"\n", record, trust, ANN)
    assert found == []
    assert faults[0].startswith("Sigstore does not accept it: ")


def test_an_edited_statement_is_refused(record: Record, trust: Path, line: bytes) -> None:
    """A statement with another name is not the one that was signed, whatever it says."""
    payload = base64.b64decode(json.loads(line)["dsseEnvelope"]["payload"]).replace(b'"by":"Ann"', b'"by":"Eve"')

    def edit(value: dict) -> None:
        value["dsseEnvelope"]["payload"] = base64.b64encode(payload).decode()

    assert b"Eve" in payload
    found, faults = _checked(_edited(line, edit) + b"\n", record, trust, ANN)
    assert found == []
    assert faults[0].startswith("Sigstore does not accept it: ")


def test_changed_bytes_are_noticed(record: Record, trust: Path, line: bytes) -> None:
    """No byte changes unseen but in the seal of the log's note: the log's name there, and spare bits of base64."""
    chance = random.Random(7)
    vouch = vouching([ANN], trust)
    outside = range(line.index("\u2014".encode()), line.index(b'"},"hashes"'))
    assert len(outside) < 150
    for at in chance.sample([at for at in range(len(line)) if at not in outside], 150):
        changed = line[:at] + bytes([line[at] ^ chance.randrange(1, 128)]) + line[at + 1 :]
        found, _ = check_bundles(changed + b"\n", record, vouch)
        assert [own for own in found if own.known_as is not None] == [], at


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{}", "not a Sigstore bundle"),
        (b"[]", "not a Sigstore bundle"),
        (b'{"dsseEnvelope":{"payloadType":"text/plain"}}', "not a Sigstore bundle"),
        (b'{"dsseEnvelope":{"payload":"-","payloadType":"application/vnd.in-toto+json"}}', "base64 cannot be read"),
        (b'{"a": 1}', "another form"),
        (b'{"a":1,"a":2}', "another form"),
        (b"[" * 100_000, "not JSON"),
        (b'{"a":NaN}', "not JSON"),
        (b"\xff", "not JSON"),
    ],
)
def test_other_lines_are_no_bundles(content: bytes, message: str, record: Record) -> None:
    """Whatever stands in the file, it is a fault and no crash, with and without the package."""
    found, faults = check_bundles(content + b"\n", record, None)
    assert found == ()
    assert message in faults[0].message


def test_two_writings_of_a_bundle_are_one(record: Record, trust: Path, line: bytes) -> None:
    """A key that the format does not know, or unpadded base64, makes another line of the same bundle: it is refused."""
    for edit in (lambda value: value.update(more=1), lambda value: value["dsseEnvelope"].update(more=1)):
        found, (fault,) = _checked(_edited(line, edit) + b"\n", record, trust, ANN)
        assert found == []
        assert "another form" in fault or "Sigstore does not accept it" in fault


def test_the_public_services_do_not_vouch_for_ours(
    record: Record, line: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a configuration the keys of the public services count, which the package brings along: no network."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    found, faults = check_bundles(line + b"\n", record, vouching([ANN], None))
    assert found == ()
    assert faults[0].message.startswith("Sigstore does not accept it: ")


def test_without_the_package(trust: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Signing and checking say what to install."""
    monkeypatch.setitem(sys.modules, "sigstore.models", None)
    for work in (lambda: vouching([ANN], trust), lambda: ticket(None, trust, may_ask=False)):
        with pytest.raises(InputError, match=r"pip install '\.\[sigstore\]' in its folder; or sign with a key\."):
            work()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (None, "there is no identity to sign with. Sign in a terminal, in a job that may ask for a token"),
        ("no token", "the identity is refused: Identity token is malformed or missing claims"),
        (token(ANN.name, audience="others"), "the identity is refused: Identity token is malformed or missing claims"),
        (token(ANN.name, lasts=-60), "the identity is refused: Identity token is malformed or missing claims"),
    ],
)
def test_no_identity(given: str | None, message: str, trust: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a token, or with one that does not hold, nothing is asked of any service."""
    for name in ("GITHUB_ACTIONS", "GITLAB_CI", "CIRCLECI", "BUILDKITE", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(InputError) as refused:
        ticket(given, trust, may_ask=False)
    (problem,) = refused.value.problems
    assert problem.slug == "no-identity"
    assert message in str(problem)
    assert given is None or given not in str(problem)


def test_a_service_that_fails(sigstore: OwnSigstore, trust: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a service could not do is told in one line."""
    monkeypatch.setattr(sigstore, "broken", True)
    own = ticket(token(ANN.name), trust, may_ask=False)
    with pytest.raises(
        ServerError, match=r"signing without a key did not work: .+ Try again later, or sign with a key"
    ):
        sign_keyless(b'{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"a","digest":{}}]}', own)


def test_other_files_are_no_trust(tmp_path: Path) -> None:
    """A configuration that is none, or is not there, is told in one line."""
    (tmp_path / "text").write_text("{}", encoding="utf-8")
    for name, slug in (("text", "bad-trust-config"), ("none", "no-such-file")):
        with pytest.raises(InputError) as refused:
            vouching([ANN], tmp_path / name)
        (problem,) = refused.value.problems
        assert (problem.slug, problem.file) == (slug, str(tmp_path / name))
