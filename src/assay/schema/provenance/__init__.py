"""What is it that was tested: facts about model, weights, runtime and host, each with where it was seen."""

from __future__ import annotations

from assay.schema.provenance.canary import (
    CANARY_FIELDS,
    CANARY_PATHS,
    CanaryAttempt,
    CanaryField,
    CanaryHit,
    CanaryPath,
    CanaryResult,
    CanarySink,
    SinkKind,
    SinkStatus,
)
from assay.schema.provenance.candidate import CandidateFacts, Host
from assay.schema.provenance.capacity import Capacity
from assay.schema.provenance.fact import TRAPS, Fact, FactName, PinCheck, TrapName
from assay.schema.provenance.licence import Allowance, Licence, LicenceStatement
from assay.schema.provenance.probe import PROBE_NAMES, Exchange, ProbeName, ProbeResult, Shape

__all__ = [
    "CANARY_FIELDS",
    "CANARY_PATHS",
    "PROBE_NAMES",
    "TRAPS",
    "Allowance",
    "CanaryAttempt",
    "CanaryField",
    "CanaryHit",
    "CanaryPath",
    "CanaryResult",
    "CanarySink",
    "CandidateFacts",
    "Capacity",
    "Exchange",
    "Fact",
    "FactName",
    "Host",
    "Licence",
    "LicenceStatement",
    "PinCheck",
    "ProbeName",
    "ProbeResult",
    "Shape",
    "SinkKind",
    "SinkStatus",
    "TrapName",
]
