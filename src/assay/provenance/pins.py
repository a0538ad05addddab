"""Is the candidate what the plan says it is?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal

from assay.provenance.licences import licence_identifier
from assay.provenance.quantization import quantization_label
from assay.schema.provenance import Fact, PinCheck

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from assay.schema.provenance import FactName
    from assay.schema.suite import Pins

__all__ = ["check_pins", "same_value"]

_PINNED: Final[dict[str, FactName]] = {
    "model_id": "model_id",
    "revision": "revision",
    "license": "license",
    "quantization": "quantization",
    "runtime_version": "runtime_version",
    "max_context_tokens": "context_in_force",
}
"""Pin -> the fact that it is compared with, in the order of the plan."""


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


_SPELLINGS: Final[dict[FactName, Callable[[str], str]]] = {
    "license": lambda text: licence_identifier(text).casefold(),
    "quantization": quantization_label,
    "runtime_version": lambda text: _plain(text).removeprefix("v"),
}
"""How a fact is brought into one spelling where letter case and blanks are not all that may differ."""

_DIGEST_PREFIX: Final = "sha256:"
_DIGEST_LENGTH: Final = 64
_COMMIT_LENGTH: Final = 40
# Git abbreviates a commit to seven digits at least.
_HEXADECIMAL: Final = re.compile(r"[0-9a-f]{7,64}")

_Outcome = tuple[Literal["met", "not_met", "unknown"], Fact, str]
"""Status, the fact compared with, and what to add to its source."""


def check_pins(pins: Pins, facts: Sequence[Fact]) -> tuple[PinCheck, ...]:
    """Compare each declared pin with what was observed; a fact that a label only declares proves nothing.

    Spelling is forgiven: letter case, `-` for `_` in a quantization, a tag for the SPDX licence, a shortened
    revision of seven digits or more. A revision may name a commit or the SHA-256 of the weights.

    Args:
        pins: what the plan says.
        facts: what is known, one fact a name.

    Returns:
        One check for each pin that the plan gives, in the order of the plan.
    """
    known = {fact.name: fact for fact in facts}
    declared = ((pin, getattr(pins, pin)) for pin in _PINNED)
    return tuple(_check(pin, str(value), known) for pin, value in declared if value is not None)


def same_value(name: FactName, left: str | int, right: str | int) -> bool:
    """Tell whether two values of one fact say the same, spelling aside."""
    spell = _SPELLINGS.get(name, _plain)
    return spell(str(left)) == spell(str(right))


def _check(pin: str, declared: str, known: Mapping[FactName, Fact]) -> PinCheck:
    name = _PINNED[pin]
    if pin == "revision":
        status, fact, note = _revision(declared, known)
    else:
        fact = _fact(known, name)
        status, note = _agreement(name, declared, fact), ""
    seen = str(fact.value) if fact.grade == "observed" else None
    source = f"only declared, as {fact.value}: {fact.source}" if fact.grade == "declared" else fact.source
    return PinCheck(pin=pin, declared=declared, observed=seen, status=status, source=source + note)


def _agreement(name: FactName, declared: str, fact: Fact) -> Literal["met", "not_met", "unknown"]:
    if fact.value is None or fact.grade != "observed":
        return "unknown"
    if same_value(name, declared, fact.value):
        return "met"
    # The tensors of Q4_K_S and Q4_K_M have the same type: without the file's label nothing tells them apart.
    of_a_kind = name == "quantization" and str(fact.value).endswith("_K")
    coarser = of_a_kind and quantization_label(declared).startswith(f"{fact.value}_")
    return "unknown" if coarser else "not_met"


def _revision(declared: str, known: Mapping[FactName, Fact]) -> _Outcome:
    """Compare with the revision and with the digest of the weights: either may be what the plan names."""
    revision, digest = _fact(known, "revision"), _fact(known, "weights_sha256")
    observed = {_bare(str(fact.value)): fact for fact in (digest, revision) if fact.grade == "observed"}
    wanted = _bare(declared)
    for seen, fact in observed.items():
        if wanted == seen or (_HEXADECIMAL.fullmatch(wanted) and seen.startswith(wanted)):
            return "met", fact, ""
    # A commit and a digest of the same weights differ, so only what has the length of the pin can contradict it.
    length = _DIGEST_LENGTH if _plain(declared).startswith(_DIGEST_PREFIX) else len(wanted)
    for seen, fact in observed.items():
        if len(seen) == length or (fact.name == "revision" and length not in {_COMMIT_LENGTH, _DIGEST_LENGTH}):
            return "not_met", fact, ""
    note = f"; weights_sha256 is {digest.value}: pin `sha256:...` to compare it" if digest.value is not None else ""
    return "unknown", revision, note


def _bare(revision: str) -> str:
    return _plain(revision).removeprefix(_DIGEST_PREFIX)


def _fact(known: Mapping[FactName, Fact], name: FactName) -> Fact:
    return known.get(name, Fact(name=name, value=None, grade="unknown", source="not looked for"))
