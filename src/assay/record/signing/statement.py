"""What does somebody who signs a record say, and is it said of this record?

An in-toto Statement v1 (spec/v1/statement.md). Its subjects are what is signed: the evidence zip, the record's body,
the zip's manifest, and the weights of each candidate that is decided on. The status block is no part of the body, so
a signature outlives what happens to the record later.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final, Literal

from pydantic import Field, ValidationError

from assay.errors import InputError, Problem
from assay.record.truth import body_sha256
from assay.schema._base import JsonValue, Noun, canonical_bytes
from assay.schema.standing import Decision
from assay.schema.verdict import VerdictWord

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from assay.schema.record import Record

__all__ = [
    "PREDICATE_TYPE",
    "STATEMENT_TYPE",
    "Claim",
    "Role",
    "claim_for",
    "claim_of",
    "faults_of",
    "statement_of",
    "subjects_of",
]

STATEMENT_TYPE: Final = "https://in-toto.io/Statement/v1"
"""`_type` of an in-toto Statement (spec/v1/statement.md)."""
PREDICATE_TYPE: Final = "urn:uuid:37f3d3f0-187e-41bc-a4c1-a25d4f5b49db"
"""What kind of statement it is: a name of our own under RFC 9562, for which nobody needs to own a domain. Another
version of `Claim` gets another one."""

Role = Literal["evidence", "decision"]
"""What a person signs as: `evidence` for whoever produced or checked the evidence, `decision` for whoever decided."""

_DIGEST = re.compile(r"[0-9a-f]{64}")


class Claim(Noun):
    """What the signer says of the record: the predicate of the statement."""

    schema_name: Literal["assay/signature/v1"] = Field(default="assay/signature/v1", alias="schema")
    """Name of this format."""
    role: Role
    """What the person signs as."""
    by: str = Field(min_length=1, max_length=200)
    """Who signs, by name: a claim, which only the key or the identity can bear out."""
    on: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    """Day of the signature, `YYYY-MM-DD` in UTC: a claim as well."""
    keyid: str | None = Field(pattern=r"^[0-9a-f]{64}$")
    """SHA-256 of the public key (DER of its SubjectPublicKeyInfo), or None where an identity signs without a key."""
    record: str
    """Id of the record."""
    verdict: VerdictWord
    """Its verdict."""
    plan_digest: str
    """SHA-256 of the plan, which holds the policy unless a file stands in for it."""
    policy_sha256: str | None
    """SHA-256 of the policy file that the record was decided under, or None for the plan's own gate."""
    decision: Decision | None
    """The decision that is signed, or None for the role `evidence`."""
    valid_until: str | None = None
    """Last day of the acceptance that is signed, `YYYY-MM-DD`; None where it has none, or something else is signed."""
    supersedes: tuple[str, ...] = ()
    """Ids of the records that the acceptance that is signed replaces."""
    assay_version: str
    """Version of Assay that signed."""


def claim_for(record: Record, role: Role, by: str, on: str, keyid: str | None, assay_version: str) -> Claim:  # noqa: PLR0917 - a claim is made of six things
    """Return what a person says of a record by signing it.

    Args:
        record: what is signed.
        role: what the person signs as; for `decision` it is the person's last decision on the record that is signed.
        by: the person's name.
        on: the day, `YYYY-MM-DD`.
        keyid: id of the key, or None without one.
        assay_version: version of Assay.

    Raises:
        InputError: nobody of that name has decided on the record, or the name cannot stand in a statement.
    """
    decision = None
    if role == "decision":
        own = [decision for decision in record.standing.decisions if decision.by == by]
        if not own:
            names = ", ".join(dict.fromkeys(decision.by for decision in record.standing.decisions))
            message = f"'{by}' has not decided on this record" + (f"; {names} did" if names else ", nor has anybody")
            remedy = "Decide first, with assay decide, or sign with --role evidence."
            raise InputError(Problem("no-decision", message, remedy))
        decision = own[-1]
    try:
        return Claim(
            role=role,
            by=by,
            on=on,
            keyid=keyid,
            record=record.id,
            verdict=record.verdict.verdict,
            plan_digest=record.plan_digest,
            policy_sha256=record.policy.sha256,
            decision=decision,
            valid_until=_terms(record, decision)[0],
            supersedes=_terms(record, decision)[1],
            assay_version=assay_version,
        )
    except ValidationError:
        raise InputError(Problem("bad-usage", "--by needs a name of 1 to 200 characters", "Give yours.")) from None


def _terms(record: Record, decision: Decision | None) -> tuple[str | None, tuple[str, ...]]:
    """Return until when an acceptance holds and what it replaces; only an acceptance says either."""
    accepted = decision is not None and decision.outcome == "accepted"
    return (record.standing.valid_until, record.standing.supersedes) if accepted else (None, ())


def statement_of(subjects: Mapping[str, str], claim: Claim) -> bytes:
    """Return the statement that a claim makes about `subjects_of` a record, as canonical JSON: what is signed."""
    return canonical_bytes(
        {
            "_type": STATEMENT_TYPE,
            "subject": [{"name": name, "digest": {"sha256": digest}} for name, digest in subjects.items()],
            "predicateType": PREDICATE_TYPE,
            "predicate": claim.model_dump(mode="json", by_alias=True),
        }
    )


def subjects_of(record: Record) -> dict[str, str]:
    """Return the SHA-256 of each thing that a statement is about, by its name there."""
    manifest = record.evidence.manifest_sha256
    decided_on = {own.candidate for own in record.verdict.candidates}
    weights = {
        f"weights of {own.candidate.id}": str(own.facts.fact("weights_sha256").value)
        for own in record.candidates
        if own.candidate.id in decided_on
    }
    return {
        record.evidence.file: record.evidence.sha256,
        f"{record.id}.json#body": body_sha256(record),
        **({f"{record.evidence.file}#manifest.json": manifest} if manifest is not None else {}),
        **{name: digest for name, digest in weights.items() if _DIGEST.fullmatch(digest)},
    }


def claim_of(payload: bytes) -> Claim:
    """Return what a statement claims, whatever record it is about.

    Raises:
        ValueError: it is no statement of Assay's.
    """
    try:
        value: JsonValue = json.loads(payload)
    except (ValueError, RecursionError):
        raise ValueError("what it carries is not JSON") from None
    if not isinstance(value, dict) or value.get("_type") != STATEMENT_TYPE:
        raise ValueError("what it carries is not an in-toto Statement v1")
    if value.get("predicateType") != PREDICATE_TYPE:
        raise ValueError("its statement is of a kind that this version of Assay does not know")
    try:
        return Claim.model_validate_json(json.dumps(value.get("predicate")))
    except (ValidationError, RecursionError):
        raise ValueError("its statement does not say what a signature of Assay says") from None


def faults_of(payload: bytes, claim: Claim, record: Record, subjects: Mapping[str, str]) -> Iterator[str]:
    """Yield what keeps a statement from being one about this record.

    Args:
        payload: the statement.
        claim: what it claims.
        record: the record, as stored.
        subjects: its `subjects_of`.
    """
    said = (
        ("record", claim.record, record.id),
        ("verdict", claim.verdict, record.verdict.verdict),
        ("a plan of digest", claim.plan_digest, record.plan_digest),
        ("a policy of digest", claim.policy_sha256, record.policy.sha256),
    )
    found = [
        *_subject_faults(payload, subjects),
        *(f"it signs {what} {theirs}, the record has {ours}" for what, theirs, ours in said if theirs != ours),
        *_decision_faults(claim, record),
    ]
    yield from found
    if not found and statement_of(subjects, claim) != payload:
        yield "its statement is not in the form that Assay writes"


def _subject_faults(payload: bytes, ours: Mapping[str, str]) -> Iterator[str]:
    try:
        signed = {str(own["name"]): str(own["digest"]["sha256"]) for own in json.loads(payload)["subject"]}
    except (KeyError, TypeError):
        yield "its subjects cannot be read"
        return
    for name in dict.fromkeys([*ours, *signed]):
        if name not in signed:
            yield f"it does not sign {name}"
        elif name not in ours:
            yield f"it signs {name}, which is no part of this record"
        elif signed[name] != ours[name]:
            yield f"it signs another {name}: SHA-256 {signed[name][:16]}, here {ours[name][:16]}"


def _decision_faults(claim: Claim, record: Record) -> Iterator[str]:
    if claim.role == "evidence":
        if claim.decision is not None:
            yield "it signs a decision in the role of evidence"
    elif claim.decision is None:
        yield "it signs no decision in the role of decision"
    elif claim.decision.by != claim.by:
        yield f"{claim.by} signs what {claim.decision.by} decided"
    elif claim.decision not in record.standing.decisions:
        yield f"it signs a decision of {claim.by} that the record does not have"
    elif (claim.valid_until, claim.supersedes) != _terms(record, claim.decision):
        yield f"it signs an acceptance of {claim.by} with another last day, or that replaces other records"
