"""Is a change of any single byte of a record seen, wherever it lies, its status block and its pictures included?"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from assay.workflow.verify import verify_record
from benchmarks.tampering import UNGUARDED, copied, parts, table, tampered
from tests.accepting import stand, templates_compiled_once
from tests.record.evidence_files import small_evidence, write_record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from assay.record.store import RecordFiles

CHANGES, IN_STATUS = 120, 40


@pytest.fixture(scope="module", autouse=True)
def _quick() -> Iterator[None]:
    with templates_compiled_once():
        yield


@pytest.fixture(scope="module")
def accepted(tmp_path_factory: pytest.TempPathFactory) -> RecordFiles:
    """Return the record of the small run, accepted until a day: it has every kind of file but signatures."""
    files = write_record(tmp_path_factory.mktemp("accepted"), small_evidence())
    stand(files.json, valid_until="2027-12-31")
    assert verify_record(files.json).differences == ()
    return files


def test_every_random_change_is_seen(accepted: RecordFiles) -> None:
    """JSON, Markdown, evidence and pictures: not one changed byte of any of them passes, and each is put back."""
    before = {path: path.read_bytes() for paths in parts(accepted).values() for path in paths}
    changes = list(tampered(accepted, CHANGES, random.Random(7)))
    assert {own.kind for own in changes} == {"JSON", "Markdown", "evidence zip", "pictures"}
    assert [own for own in changes if own.result != "detected"] == []
    assert {path: path.read_bytes() for path in before} == before
    assert list(table(accepted, changes))[-1] == f"| all | | {CHANGES} | {CHANGES} | 0 |"


def test_every_random_change_of_the_status_block_is_seen(accepted: RecordFiles) -> None:
    """It is people's and follows from no evidence: its own digest guards it."""
    whole = accepted.json.read_bytes()
    start, end = whole.index(b'"status": "accepted"'), whole.index(b'"date"', whole.index(b'"superseded_by"'))
    chance = random.Random(7)
    try:
        for place in chance.sample(range(start, end), IN_STATUS):
            mask = chance.randrange(1, 256)
            accepted.json.write_bytes(whole[:place] + bytes([whole[place] ^ mask]) + whole[place + 1 :])
            assert verify_record(accepted.json).differences, (place, mask)
    finally:
        accepted.json.write_bytes(whole)


def test_signatures_are_a_part_that_needs_a_key(accepted: RecordFiles, tmp_path: Path) -> None:
    """Where there is a file of signatures it is changed too, and the table says why a change may pass."""
    accepted.signatures.write_bytes(b"{}\n")
    try:
        copy = copied(accepted, tmp_path)
    finally:
        accepted.signatures.unlink()
    assert [*parts(copy)][-1] == "signatures"
    changes = list(tampered(copy, 5, random.Random(7)))
    assert [own.kind for own in changes] == [*parts(copy)]
    assert {own.kind for own in changes if own.result != "detected"} <= set(UNGUARDED)
    assert all("verify --key" in line for line in table(copy, changes) if line.startswith("missed"))
