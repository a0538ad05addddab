"""What do the licences that speak of some weights say, and what do they allow this organization?"""

from __future__ import annotations

from typing import Literal

from assay.schema._base import Noun

__all__ = ["Allowance", "Licence", "LicenceStatement"]

Answer = Literal["yes", "conditional", "no", "silent", "unknown"]


class LicenceStatement(Noun):
    """What one place says about the licence."""

    place: str
    """Where it stands, for example `GGUF general.license` or `LICENSE`."""
    says: str
    """The tag, or the first line of the text."""
    identifier: str | None
    """Licence that it was identified as, or None."""
    identified_by: Literal["tag", "title", "text", "nothing"]
    """How: by a known tag, by title and version of a text, by the whole text, or not at all."""
    sha256: str | None = None
    """Digest of the text, where a text stands there and not only a name."""
    residue: tuple[str, ...] = ()
    """Sentences of the text that the nearest known licence does not have; empty when it has all of them."""


class Allowance(Noun):
    """What the licence allows the organization that the plan describes."""

    outcome: Literal["allowed", "conditional", "prohibited", "needs_person", "unknown"]
    """`conditional` holds while the obligations are kept; `unknown` when the profile lacks what decides."""
    reasons: tuple[str, ...]
    """Each term that decided, with the field of the profile that it was held against; one clause each."""
    obligations: tuple[str, ...] = ()
    """What must be done while it is used, one sentence each."""
    missing: tuple[str, ...] = ()
    """Fields of the profile that would decide and are not given."""


class Licence(Noun):
    """What the licence of the weights allows, as far as it is known."""

    identifier: str | None
    """SPDX identifier or the model hub's tag; None when no statement was found."""
    family: str
    """Name of the licence, or `unidentified`."""
    commercial: Answer
    """Whether commercial use is allowed."""
    internal_evaluation: Answer
    """Whether a company may evaluate the model for itself."""
    outputs_train: Answer
    """Whether outputs may train other models; `silent` when the licence does not speak of it."""
    conditions: tuple[str, ...]
    """Conditions and obligations, one sentence each."""
    statements: tuple[LicenceStatement, ...]
    """Each place that states a licence, with what it states."""
    agreed: bool | None
    """Whether all statements say the same; None without a statement."""
    source: str
    """Where the terms were read."""
    allowance: Allowance
    """What it allows the organization of the plan."""
