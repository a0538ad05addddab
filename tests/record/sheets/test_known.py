"""Is nothing said of a model that a record does not know?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assay.record.sheets.known import known_model, stated_licences
from assay.schema.provenance import Fact
from assay.schema.suite import Pins
from tests.record.diff.two_records import two_records

if TYPE_CHECKING:
    from assay.schema.record import CandidateSummary

COMMIT, DIGEST = "c" * 40, "d" * 64


def summary(*facts: tuple[str, str, str], **pins: str) -> CandidateSummary:
    """Return a candidate with these facts (name, value, grade) and pins."""
    own = two_records()[0].candidates[0]
    seen = tuple(Fact(name=name, value=value, grade=grade, source="s") for name, value, grade in facts)  # type: ignore[arg-type]
    candidate = own.candidate.model_copy(update={"pins": Pins.model_validate(pins)})
    return own.model_copy(update={"candidate": candidate, "facts": own.facts.model_copy(update={"facts": seen})})


def test_observed_beats_pinned_and_a_pin_beats_a_name() -> None:
    """The name is the observed one, else the pinned one, else that of the candidate."""
    pinned = {"model_id": "a/pinned"}
    names = [
        known_model(own).name for own in (summary(("model_id", "a/seen", "observed"), **pinned), summary(**pinned))
    ]
    assert [*names, known_model(summary()).name] == ["a/seen", "a/pinned", "one"]


@pytest.mark.parametrize(
    ("model", "revision", "is_known"),
    [
        ("org/model", COMMIT, True),
        ("model", COMMIT, False),
        ("org/model", "main", False),
        ("org/model", f"sha256:{DIGEST}", False),
        ("org/sub/model", COMMIT, False),
        ("../model", COMMIT, False),
    ],
)
def test_a_package_url_needs_organization_and_commit(model: str, revision: str, is_known: bool) -> None:
    """A tag, a digest or a bare name is no address on a hub."""
    found = known_model(summary(model_id=model, revision=revision)).purl
    assert found == (("org", "model", COMMIT) if is_known else None)
    assert known_model(summary(model_id=model)).purl is None


@pytest.mark.parametrize(
    ("value", "grade", "expected"),
    [(DIGEST, "observed", DIGEST), (DIGEST, "declared", None), ("0xabc", "observed", None)],
)
def test_a_hash_is_one_that_was_observed(value: str, grade: str, expected: str | None) -> None:
    """What a label says of the weights' digest is no hash of a component."""
    assert known_model(summary(("weights_sha256", value, grade))).sha256 == expected


def test_the_plan_states_no_licence() -> None:
    """Only what stands with the weights is declared by their author, each licence once."""
    own = two_records()[0].candidates[0].facts.licence
    (text,) = own.statements
    pin = text.model_copy(update={"place": "plan pins.license", "identifier": "GPL-3.0-only"})
    nothing = text.model_copy(update={"identifier": None})
    assert stated_licences(own.model_copy(update={"statements": (pin, nothing, text, text)})) == ("MIT",)
