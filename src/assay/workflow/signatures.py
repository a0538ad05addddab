"""What do the signatures beside a record add to verifying it, by the keys that a reviewer brings?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from assay.record.signing.check import check_lines, unsigned_by
from assay.record.signing.file import NoFileError, content_of
from assay.record.signing.keyless import check_bundles
from assay.record.signing.two_persons import two_persons
from assay.record.verify import Difference, Signed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from assay.record.signing.check import Fault, Signature
    from assay.record.signing.keyless import Identity, Vouch
    from assay.record.signing.keys import PublicKey
    from assay.record.store import RecordFiles
    from assay.record.verify import Verification

__all__ = ["NOTHING", "Reviewer", "with_signatures"]


@dataclass(frozen=True)
class Reviewer:
    """What a reviewer brings along: nobody is trusted by default."""

    keys: tuple[PublicKey, ...] = ()
    """Public keys, each of which must have signed."""
    identities: tuple[Identity, ...] = ()
    """Identities, each of which must have signed."""
    vouch: Vouch | None = None
    """What checks bundles against the identities; None where there is none."""
    two_persons: bool = False
    """Whether the record fails where the two-person rule is not shown to hold."""

    @property
    def asks(self) -> bool:
        """Whether anything is asked of the signatures."""
        return bool(self.keys or self.identities) or self.two_persons


NOTHING: Final = Reviewer()
"""A reviewer who brings nothing: signatures are told, none is checked."""


def with_signatures(verification: Verification, files: RecordFiles, reviewer: Reviewer) -> Verification:
    """Return what verifying came to with the signatures looked at as well.

    Args:
        verification: what came of the record without them.
        files: where it lies.
        reviewer: what the reviewer brings.
    """
    record = verification.record
    try:
        by_key, keyless = content_of(files.signatures), content_of(files.keyless)
    except NoFileError as error:
        other = Difference(Path(error.filename).name, "the signatures", f"they cannot be read: {error.strerror}")
        return replace(verification, differences=(*verification.differences, other))
    if by_key is None and keyless is None and not reviewer.asks:
        return verification
    if record is None:
        unread = Difference(
            files.signatures.name, "the signatures", "they cannot be checked: the record cannot be read"
        )
        return replace(verification, differences=(*verification.differences, unread))
    signatures: list[Signature] = []
    found: list[Difference] = []
    if by_key is not None:
        own, faults = check_lines(by_key, record, reviewer.keys)
        signatures += own
        found += _differences(files.signatures.name, faults)
    if keyless is not None:
        own, faults = check_bundles(keyless, record, reviewer.vouch)
        signatures += own
        found += _differences(files.keyless.name, faults)
    keys = {f"key id {key.keyid}": f"key {key.name}" for key in reviewer.keys}
    found += _differences(files.signatures.name, unsigned_by(signatures, keys))
    identities = {str(identity): f"identity {identity.name}" for identity in reviewer.identities}
    found += _differences(files.keyless.name, unsigned_by(signatures, identities))
    rule = two_persons(record, signatures)
    found += _rule_broken(files, reviewer, rule.status, rule.reason)
    signed = Signed(tuple(signatures), rule)
    return replace(verification, differences=(*verification.differences, *found), signed=signed)


def _differences(name: str, faults: Iterable[Fault]) -> list[Difference]:
    return [Difference(name, fault.where, fault.message) for fault in faults]


_TWO_SIGN: Final = (
    "Whoever measured signs with `assay sign`, whoever decided with `--role decision`; name both keys with --key."
)


def _rule_broken(files: RecordFiles, reviewer: Reviewer, status: str, reason: str) -> Iterator[Difference]:
    if reviewer.two_persons and status != "met":
        words = "it is broken" if status == "not_met" else "it is not shown"
        message = f"{words}: {reason}. {_TWO_SIGN}"
        yield Difference(files.signatures.name, "the two-person rule", message)
