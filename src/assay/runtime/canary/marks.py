"""Which mark does each part of each request carry, so that a mark that turns up says where it came from?"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assay.runtime.canary.encodings import HALF, TAG, Lexicon

if TYPE_CHECKING:
    from assay.schema.provenance import CanaryField, CanaryPath

__all__ = ["Carried", "Marks", "digest_of_mark"]


@dataclass(frozen=True, slots=True)
class Carried:
    """What one mark was carried by."""

    path: CanaryPath
    """Way of its request."""
    attempt: int
    """Which request of that way."""
    field: CanaryField | None
    """Part of the request; None for a beacon, which is no secret."""


def digest_of_mark(mark: str) -> str:
    """Return what is kept of a mark: SHA-256 of its text in hexadecimal; 80 random bits keep it from being guessed."""
    return hashlib.sha256(mark.encode()).hexdigest()


@dataclass
class Marks:
    """The marks of one look; all follow from its seed, which is kept nowhere."""

    seed: bytes = field(repr=False)
    """32 random bytes."""
    run: str
    """Letters and digits that name the look."""
    carried: list[Carried] = field(default_factory=list)
    """What each mark was carried by, in the order in which they were made."""

    def __post_init__(self) -> None:
        self._tag = self._letters("tag")[:TAG]
        self._cores: list[str] = []

    @property
    def beginning(self) -> str:
        """How every mark begins."""
        return f"cnry-{self.run}-"

    def mark(self, path: CanaryPath, attempt: int, part: CanaryField) -> str:
        """Return the mark for one part of one request."""
        return f"{self.beginning}{path}-{self._core(Carried(path, attempt, part))}"

    def beacon(self, path: CanaryPath, attempt: int) -> str:
        """Return what an access log is to show of one request."""
        return f"beacon-{self._core(Carried(path, attempt, None))}"

    def lexicon(self) -> Lexicon:
        """Return all that were made, as they are sought; number n is what `carried[n]` tells of."""
        return Lexicon(self._cores)

    def _core(self, carried: Carried) -> str:
        letters, own = self._letters(repr(carried)), HALF - TAG
        core = f"{self._tag}{letters[:own]}{self._tag}{letters[own : 2 * own]}"
        self.carried.append(carried)
        self._cores.append(core)
        return core

    def _letters(self, what: str) -> str:
        """Return 51 characters of base32 that follow from the seed (HMAC-SHA-256, RFC 2104; RFC 4648)."""
        own = hmac.digest(self.seed, f"{self.run} {what}".encode(), "sha256")
        return base64.b32encode(own).decode().lower()[:51]
