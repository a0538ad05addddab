"""Is a pin met only by what was observed, whatever its spelling?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assay.provenance import check_pins
from assay.schema.provenance import Fact
from assay.schema.suite import Pins

if TYPE_CHECKING:
    from assay.schema.provenance import FactName, PinCheck

COMMIT = "12fd25f77366fa6b3b4b768ec3050bf629380bac"
DIGEST = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"


def _seen(name: FactName, value: str | int) -> Fact:
    return Fact(name=name, value=value, grade="observed", source="a place")


def _one(pins: Pins, *facts: Fact) -> PinCheck:
    (check,) = check_pins(pins, facts)
    return check


def test_only_declared_pins_are_checked() -> None:
    """A plan without pins gives no checks, and pins come in the order of the plan."""
    facts = [_seen("license", "mit"), _seen("model_id", "a/b")]
    assert check_pins(Pins(), facts) == ()
    checks = check_pins(Pins(license="MIT", model_id="A/B"), facts)
    assert [(check.pin, check.status) for check in checks] == [("model_id", "met"), ("license", "met")]


@pytest.mark.parametrize(
    ("pins", "fact", "status"),
    [
        (Pins(model_id="acme/tiny"), _seen("model_id", "Acme/Tiny"), "met"),
        (Pins(model_id="acme/tiny"), _seen("model_id", "acme/tiny-2"), "not_met"),
        (Pins(license="Apache License 2.0"), _seen("license", "apache-2.0"), "met"),
        (Pins(license="llama3.1"), _seen("license", "llama3.2"), "not_met"),
        (Pins(quantization="q4-k-m"), _seen("quantization", "Q4_K - Medium"), "met"),
        (Pins(quantization="Q4_K_M"), _seen("quantization", "Q4_K_S"), "not_met"),
        (Pins(quantization="Q4_K_M"), _seen("quantization", "Q4_K"), "unknown"),
        (Pins(quantization="Q4_K_M"), _seen("quantization", "Q5_K"), "not_met"),
        (Pins(runtime_version="v0.32.0"), _seen("runtime_version", "0.32.0"), "met"),
        (Pins(runtime_version="0.32.0"), _seen("runtime_version", "0.32.01"), "not_met"),
        (Pins(max_context_tokens=4096), _seen("context_in_force", 4096), "met"),
        (Pins(max_context_tokens=4096), _seen("context_in_force", 8192), "not_met"),
        (Pins(max_context_tokens=4096), _seen("context_trained", 4096), "unknown"),
    ],
)
def test_spelling_is_forgiven_and_nothing_else(pins: Pins, fact: Fact, status: str) -> None:
    """Letter case, hyphens and tags make no difference; another value does."""
    assert _one(pins, fact).status == status


@pytest.mark.parametrize(
    ("pinned", "facts", "status"),
    [
        (COMMIT, [_seen("revision", COMMIT)], "met"),
        (COMMIT[:7], [_seen("revision", COMMIT)], "met"),
        (COMMIT[:7].upper(), [_seen("revision", COMMIT)], "met"),
        (COMMIT[:6], [_seen("revision", COMMIT)], "not_met"),
        ("0" + COMMIT[1:], [_seen("revision", COMMIT)], "not_met"),
        ("main", [_seen("revision", "main")], "met"),
        (DIGEST, [_seen("weights_sha256", DIGEST)], "met"),
        (f"sha256:{DIGEST}", [_seen("weights_sha256", DIGEST)], "met"),
        (f"sha256:{DIGEST[:12]}", [_seen("weights_sha256", DIGEST)], "met"),
        (DIGEST[:12], [_seen("weights_sha256", DIGEST), _seen("revision", COMMIT)], "met"),
        (f"sha256:{'0' * 12}", [_seen("weights_sha256", DIGEST)], "not_met"),
        ("0" * 64, [_seen("weights_sha256", DIGEST)], "not_met"),
        (f"sha256:{DIGEST}", [_seen("revision", f"sha256:{DIGEST}")], "met"),
        # A commit says nothing about a digest, nor a digest about a commit.
        (COMMIT, [_seen("weights_sha256", DIGEST)], "unknown"),
        (COMMIT[:12], [_seen("weights_sha256", DIGEST)], "unknown"),
        (DIGEST, [_seen("revision", COMMIT)], "unknown"),
        (COMMIT, [], "unknown"),
    ],
)
def test_a_revision_is_a_commit_or_the_digest_of_the_weights(pinned: str, facts: list[Fact], status: str) -> None:
    """A revision of seven digits or more may be shortened, and is compared with what is of its kind."""
    assert _one(Pins(revision=pinned), *facts).status == status


def test_an_unknown_fact_leaves_the_pin_unknown() -> None:
    """Nothing seen is neither met nor broken, and the reason is handed on."""
    check = _one(Pins(license="mit"), Fact(name="license", value=None, grade="unknown", source="no key"))
    assert (check.status, check.observed, check.source) == ("unknown", None, "no key")


def test_a_label_proves_no_pin() -> None:
    """What a label declares is shown, but neither meets a pin nor breaks it."""
    check = _one(Pins(model_id="a/b"), Fact(name="model_id", value="a/b", grade="declared", source="GGUF general.name"))
    assert (check.status, check.observed) == ("unknown", None)
    assert check.source == "only declared, as a/b: GGUF general.name"


def test_a_commit_beside_a_digest_says_what_to_pin() -> None:
    """Where only a digest was seen, the check tells how to pin it."""
    check = _one(Pins(revision=COMMIT), _seen("weights_sha256", DIGEST))
    assert f"weights_sha256 is {DIGEST}: pin `sha256:...`" in check.source
