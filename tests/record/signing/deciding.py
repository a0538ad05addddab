"""What do tests of signatures share: a record that is made fast, people's decisions on it, keys that stay the same?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assay.record.bundle import unpack
from assay.record.standing import sealed
from assay.record.truth import body_sha256, record_json
from assay.schema.record import Record
from assay.schema.standing import Decision, Standing
from assay.workflow.verify import TEMPLATE_MEMBER, render_with
from tests.record.evidence_files import small_evidence

if TYPE_CHECKING:
    from pathlib import Path

    from assay.record.store import RecordFiles


def brief_evidence() -> dict[str, bytes]:
    """Return the evidence of the small run with a page of two lines, which is made in no time."""
    return {
        **small_evidence(),
        TEMPLATE_MEMBER: b"# {{ record.title }}\n\n{{ record.verdict.verdict }}, {{ record.status }}\n",
    }


def record_of(files: RecordFiles) -> Record:
    """Return the record as stored."""
    return Record.model_validate_json(files.json.read_bytes())


def decide(files: RecordFiles, by: str, outcome: str = "accepted") -> None:
    """Let a person decide on a record: its status block says so."""
    record = record_of(files)
    decision = Decision(
        outcome=outcome,
        by=by,
        on="2026-01-03",
        verdict=record.verdict.verdict,
        reason="It may.",
        body_sha256=body_sha256(record),
    )
    stand(files, outcome, record.standing.model_copy(update={"decisions": (*record.standing.decisions, decision)}))


def stand(files: RecordFiles, status: str, standing: Standing) -> None:
    """Write a record's status block, and its Markdown with it."""
    record = record_of(files).model_copy(update={"status": status, "standing": sealed(status, standing)})
    files.json.write_text(record_json(record), encoding="utf-8")
    members = unpack(files.evidence.read_bytes(), files.evidence.name)
    files.markdown.write_text(render_with(record, members), encoding="utf-8")


def key_files(folder: Path, name: str) -> tuple[Path, Path]:
    """Write a key pair that is always the same for a name, and return its private and its public file."""
    key = Ed25519PrivateKey.from_private_bytes(name.encode().ljust(32, b"\0"))
    folder.mkdir(parents=True, exist_ok=True)
    private, public = folder / f"{name}.pem", folder / f"{name}.pub"
    pem = serialization.Encoding.PEM
    private.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    private.chmod(0o600)
    public.write_bytes(key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo))
    return private, public
