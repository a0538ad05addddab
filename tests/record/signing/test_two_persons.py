"""Does the two-person rule count keys that were checked, and nothing else?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assay.record.signing.check import Signature
from assay.record.signing.statement import claim_for
from assay.record.signing.two_persons import two_persons
from tests.record.evidence_files import write_record
from tests.record.signing.deciding import brief_evidence, decide, record_of

if TYPE_CHECKING:
    from assay.schema.record import Record


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """Return a record on which Cam and then Bo decided."""
    files = write_record(tmp_path_factory.mktemp("decided"), brief_evidence())
    decide(files, "Cam", "deferred")
    decide(files, "Bo")
    return record_of(files)


def _signed(record: Record, key: str, by: str, role: str, *, checked: bool = True) -> Signature:
    claim = claim_for(record, role, by, "2026-01-04", None, "0.1.0")
    return Signature(claim, f"key id {key}", key if checked else None)


CASES = [
    ([("1", "Ann", "evidence"), ("2", "Bo", "decision")], "met", "Bo decided, Ann signed the evidence"),
    ([("2", "Bo", "evidence"), ("1", "Ann", "evidence"), ("2", "Bo", "decision")], "met", "Bo decided, Ann signed"),
    ([("2", "Bo", "evidence"), ("2", "Bo", "decision")], "not_met", "the key that signed the decision is the only one"),
    ([("2", "Ann", "evidence"), ("2", "Bo", "decision")], "not_met", "the key that signed the decision is the only"),
    ([("1", " bo ", "evidence"), ("2", "Bo", "decision")], "not_met", "whoever decided is, by name, the only one"),
    *(
        ([("1", name, "evidence"), ("2", "Bo", "decision")], "not_met", "whoever decided is, by name, the only one")
        for name in ("B\u200bo", "Bo\u034f", "\uff22\uff4f")
    ),
    ([("2", "Bo", "decision")], "unknown", "no signature that was checked is on the evidence"),
    ([("1", "Ann", "evidence")], "unknown", "no signature that was checked is on the last decision, by Bo"),
    ([("1", "Ann", "evidence"), ("3", "Cam", "decision")], "unknown", "is on the last decision, by Bo"),
    ([], "unknown", "is on the last decision, by Bo"),
]


@pytest.mark.parametrize(("signed", "status", "reason"), CASES)
def test_keys_count(signed: list[tuple[str, str, str]], status: str, reason: str, record: Record) -> None:
    """The last decision and the evidence need two keys under two names."""
    rule = two_persons(record, [_signed(record, *own) for own in signed])
    assert rule.status == status
    assert reason in rule.reason


@pytest.mark.parametrize("unchecked", [0, 1])
def test_what_was_not_checked_counts_for_nothing(unchecked: int, record: Record) -> None:
    """A signature of a key that nobody gave shows nothing."""
    own = [("1", "Ann", "evidence"), ("2", "Bo", "decision")]
    signatures = [_signed(record, *words, checked=number != unchecked) for number, words in enumerate(own)]
    assert two_persons(record, signatures).status == "unknown"


def test_nobody_decided(record: Record) -> None:
    """Without a decision the rule is not shown."""
    bare = record.model_copy(update={"standing": type(record.standing)()})
    rule = two_persons(bare, [_signed(record, "1", "Ann", "evidence")])
    assert (rule.status, rule.reason) == ("unknown", "nobody has decided on the record")
