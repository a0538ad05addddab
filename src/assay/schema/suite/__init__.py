"""What is to be evaluated: the plan, its suites and cases, the rubrics that judges read."""

from assay.schema.suite.candidate import Candidate, Pins, RequestSettings, Role, RuntimeName
from assay.schema.suite.case import Case, Message, Suite, SuiteRequest
from assay.schema.suite.context import ServingContext
from assay.schema.suite.organization import Organization
from assay.schema.suite.plan import (
    Arrivals,
    BenchSettings,
    CacheState,
    ImportSpec,
    JudgeSpec,
    Plan,
    ProfileName,
    ReadinessSettings,
    RecordSettings,
    Slo,
    SuiteSpec,
    UseCase,
    load_label,
)
from assay.schema.suite.policy import ConditionSpec, EvidenceKind, Gate, Waiver, Waivers
from assay.schema.suite.probes import ProbeSettings, RestartSpec, SinkSpec, SmokeSpec
from assay.schema.suite.rubric import Criterion, Example, Rubric, Scale
from assay.schema.suite.scorer import COMBINATIONS, ScorerSpec

__all__ = [
    "COMBINATIONS",
    "Arrivals",
    "BenchSettings",
    "CacheState",
    "Candidate",
    "Case",
    "ConditionSpec",
    "Criterion",
    "EvidenceKind",
    "Example",
    "Gate",
    "ImportSpec",
    "JudgeSpec",
    "Message",
    "Organization",
    "Pins",
    "Plan",
    "ProbeSettings",
    "ProfileName",
    "ReadinessSettings",
    "RecordSettings",
    "RequestSettings",
    "RestartSpec",
    "Role",
    "Rubric",
    "RuntimeName",
    "Scale",
    "ScorerSpec",
    "ServingContext",
    "SinkSpec",
    "Slo",
    "SmokeSpec",
    "Suite",
    "SuiteRequest",
    "SuiteSpec",
    "UseCase",
    "Waiver",
    "Waivers",
    "load_label",
]
