"""How is it shown who signed a record, what that proves, and what it does not?"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from assay.cli.show import inert
from assay.record.signing.check import shortened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.record.signing.check import Signature
    from assay.record.verify import Signed

__all__ = ["signed_json", "signed_lines"]

_INDENT = " " * 13
_WIDTH = 80
_RULES = {"met": "MET", "not_met": "NOT MET", "unknown": "not shown"}


def signed_lines(signed: Signed) -> Iterator[str]:
    """Yield each signature, the two-person rule, and what follows; at most 80 columns wide where words allow it."""
    checked = [own for own in signed.signatures if own.known_as is not None]
    for own in checked:
        yield from _entry("signed:", f"{_said(own)}, with {own.known_as} ({shortened(own.signer)})")
    for own in signed.signatures:
        if own.known_as is None:
            yield from _entry("unchecked:", f"{_said(own)}, {_unknown(own)} was not given ({shortened(own.signer)})")
    rule = signed.two_persons
    yield from _entry("2 persons:", f"{_RULES[rule.status]}: {rule.reason}")
    if checked:
        yield from _entry("proven:", "who holds these keys or identities signed this very body and evidence")
        yield from _entry(
            "unproven:", "who holds them, on which day they signed, and that the evidence was measured as it says"
        )


def signed_json(signed: Signed | None) -> dict[str, object]:
    """Return what is printed of signatures under --json: nothing where there are none and none were asked for."""
    if signed is None:
        return {}
    return {
        "signatures": [
            {
                "checked": own.known_as is not None,
                "with": own.known_as,
                "signer": own.signer,
                "claim": own.claim.model_dump(mode="json", by_alias=True),
            }
            for own in signed.signatures
        ],
        "two_persons": {"status": signed.two_persons.status, "reason": signed.two_persons.reason},
    }


def _said(own: Signature) -> str:
    """Return what was signed, by whom, when."""
    decision = own.claim.decision
    what = "the evidence" if decision is None else f"the decision '{decision.outcome}' of {decision.on}"
    return f"{what}, by {own.claim.by} on {own.claim.on}"


def _unknown(own: Signature) -> str:
    return "whose identity" if own.claim.keyid is None else "whose key"


def _entry(head: str, text: str) -> list[str]:
    return textwrap.wrap(
        inert(text),
        _WIDTH,
        initial_indent=f"  {head:<{len(_INDENT) - 3}} ",
        subsequent_indent=_INDENT,
        break_on_hyphens=False,
    )
