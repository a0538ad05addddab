"""What is it that is tested: what do its weights, its licence and its machine show?"""

from __future__ import annotations

from assay.provenance.host import look_at_host
from assay.provenance.licences import licence_identifier, licence_of
from assay.provenance.merge import IDENTITY, IN_FORCE, collect, fingerprint
from assay.provenance.pins import check_pins
from assay.provenance.weights import Weights, read_weights, weights_size

__all__ = [
    "IDENTITY",
    "IN_FORCE",
    "Weights",
    "check_pins",
    "collect",
    "fingerprint",
    "licence_identifier",
    "licence_of",
    "look_at_host",
    "read_weights",
    "weights_size",
]
