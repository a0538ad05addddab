"""What is known of the model of a candidate, in the words of other formats, and what is left unsaid?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assay.schema.provenance import FactName, Licence
    from assay.schema.record import CandidateSummary

__all__ = ["KnownModel", "known_model", "stated_licences"]

_HUB_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class KnownModel:
    """What a record knows of the model of one candidate."""

    name: str
    """Name of the model: observed, else pinned, else the one that requests name, else the candidate's."""
    revision: str | None
    """Commit or digest of the weights, observed, else pinned; None where neither is known."""
    sha256: str | None
    """SHA-256 of the weights where it was observed on the file itself."""
    purl: tuple[str, str, str] | None
    """Organization, name and commit on the model hub; None unless the name has both and the revision is a commit."""


def known_model(own: CandidateSummary) -> KnownModel:
    """Return what is known of a candidate's model; nothing is guessed from file names."""
    candidate = own.candidate
    named = _seen(own, "model_id") or candidate.pins.model_id
    revision = _seen(own, "revision") or candidate.pins.revision
    digest = own.facts.fact("weights_sha256")
    observed = str(digest.value) if digest.grade == "observed" else ""
    on_hub = named is not None and revision is not None and _HUB_NAME.fullmatch(named) and _COMMIT.fullmatch(revision)
    organization, _, name = (named or "").partition("/")
    return KnownModel(
        name=named or candidate.model or candidate.embedded or candidate.id,
        revision=revision,
        sha256=observed if _SHA256.fullmatch(observed) else None,
        purl=(organization, name, revision or "") if on_hub else None,
    )


def _seen(own: CandidateSummary, name: FactName) -> str | None:
    fact = own.facts.fact(name)
    return None if fact.value is None else str(fact.value)


def stated_licences(licence: Licence) -> tuple[str, ...]:
    """Return the licences that weights, card or a text beside them state, each once; the plan's word is none."""
    found = [own.identifier for own in licence.statements if own.identifier and not own.place.startswith("plan ")]
    return tuple(dict.fromkeys(found))
