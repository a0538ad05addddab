"""What is it that is tested: what do its weights, its licence and its machine show?"""

from __future__ import annotations

from assay.provenance.capacity import capacity_of
from assay.provenance.gguf import GgufHeader, read_gguf
from assay.provenance.host import look_at_host
from assay.provenance.licence import licence_identifier, licence_of
from assay.provenance.merge import collect
from assay.provenance.pins import check_pins
from assay.provenance.weights import gguf_facts, sha256_of

__all__ = [
    "GgufHeader",
    "capacity_of",
    "check_pins",
    "collect",
    "gguf_facts",
    "licence_identifier",
    "licence_of",
    "look_at_host",
    "read_gguf",
    "sha256_of",
]
