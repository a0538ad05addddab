"""What is to be evaluated: the plan, its suites and cases, the rubrics that judges read."""

from assay.schema.suite.case import Case, Message, ScorerSpec, Suite, SuiteRequest
from assay.schema.suite.plan import (
    BenchSettings,
    Candidate,
    ConditionSpec,
    Gate,
    JudgeSpec,
    Pins,
    Plan,
    ProfileName,
    ReadinessSettings,
    RecordSettings,
    RequestSettings,
    Role,
    RuntimeName,
    Slo,
    SuiteSpec,
    UseCase,
)
from assay.schema.suite.rubric import Criterion, Rubric, Scale

__all__ = [
    "BenchSettings",
    "Candidate",
    "Case",
    "ConditionSpec",
    "Criterion",
    "Gate",
    "JudgeSpec",
    "Message",
    "Pins",
    "Plan",
    "ProfileName",
    "ReadinessSettings",
    "RecordSettings",
    "RequestSettings",
    "Role",
    "Rubric",
    "RuntimeName",
    "Scale",
    "ScorerSpec",
    "Slo",
    "Suite",
    "SuiteRequest",
    "SuiteSpec",
    "UseCase",
]
