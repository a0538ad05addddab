"""What does the plan ask for: use case, candidates, suites, judges, benchmark, gate, record?"""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field, JsonValue, model_validator

from assay.schema._base import Noun, ShortNoun, digest_of
from assay.schema.suite.case import ScorerSpec

__all__ = [
    "BenchSettings",
    "Candidate",
    "ConditionSpec",
    "Gate",
    "JudgeSpec",
    "Pins",
    "Plan",
    "ProfileName",
    "ReadinessSettings",
    "RecordSettings",
    "RequestSettings",
    "Role",
    "RuntimeName",
    "Slo",
    "SuiteSpec",
    "UseCase",
]

RuntimeName = Literal["ollama", "llama.cpp", "vllm", "tgi", "lm-studio", "sglang", "openai", "gateway"]
Role = Literal["dev", "production", "fallback", "baseline", "judge"]
ProfileName = Literal["short", "json", "long"]
_ID = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"


class Slo(Noun):
    """Service levels of one prompt profile."""

    e2e_p95_s: float | None = Field(default=None, gt=0)
    """95th percentile of the whole answer's latency, in seconds, that must not be passed."""
    ttft_p95_s: float | None = Field(default=None, gt=0)
    """95th percentile of the time to the first token, in seconds."""


class UseCase(Noun):
    """What the model is wanted for."""

    id: str = Field(pattern=_ID)
    """Slug of the use case; it names the record's file."""
    task: str | None = None
    """What the model shall do."""
    users: str | None = None
    """Who uses it, and how many."""
    data_sensitivity: str | None = None
    """Class of the data in prompts, for example `public`, `internal`, `personal`."""
    expected_traffic: str | None = None
    """Requests expected, in the team's own words."""
    slo: dict[ProfileName, Slo] = Field(default_factory=dict)
    """Service levels by prompt profile."""


class RequestSettings(Noun):
    """What is sent with every request; nothing is left to the server's defaults."""

    temperature: float = Field(default=0.0, ge=0)
    """Sampling temperature; 0 is greedy decoding."""
    top_p: float = Field(default=1.0, gt=0, le=1)
    """Nucleus sampling share."""
    max_tokens: int = Field(default=256, ge=1)
    """Longest answer in tokens."""
    seed: int = 7
    """Sampling seed."""
    timeout_s: float = Field(default=30.0, gt=0)
    """Deadline of one attempt in seconds."""
    max_retries: int = Field(default=2, ge=0, le=10)
    """Further attempts after one that a retry can help."""
    response_format: Literal["free", "case_schema"] = "free"
    """`case_schema` holds decoding to the case's JSON Schema, where the case has one."""


class Pins(Noun):
    """What the plan says the candidate is; each is compared with what is observed."""

    model_id: str | None = None
    """Name of the model, as `organization/name`."""
    revision: str | None = None
    """Commit or digest of the weights."""
    license: str | None = None
    """Licence of the weights."""
    quantization: str | None = None
    """Quantization label, for example `Q4_K_M`."""
    runtime_version: str | None = None
    """Version of the runtime."""
    max_context_tokens: int | None = Field(default=None, ge=1)
    """Context window in tokens that one request may use."""


def _runtime_is_optional(schema: dict[str, JsonValue]) -> None:
    """Say in the JSON Schema what `_embedded_is_llama_cpp` does."""
    required = schema.get("required")
    if isinstance(required, list):
        required.remove("runtime")


class Candidate(Noun):
    """Model, weights, quantization, runtime and settings at an address: what is decided on."""

    model_config = ConfigDict(json_schema_extra=_runtime_is_optional)

    id: str = Field(pattern=_ID)
    """Name of the candidate in this plan."""
    runtime: RuntimeName
    """What serves it; `llama.cpp` when `embedded` is given."""
    base_url: str | None = None
    """Address up to and with `/v1`; None when embedded."""
    embedded: str | None = None
    """Name of a model that Assay starts itself."""
    model: str | None = None
    """Model name sent with each request; None takes the only one that the server lists."""
    api_key_env: str | None = None
    """Name of the environment variable that holds the key; never the key."""
    request: RequestSettings = RequestSettings()
    """What is sent with every request."""
    concurrency: int = Field(default=4, ge=1, le=1024)
    """Requests in flight at once while cases are asked."""
    weights: str | None = None
    """Path of the weights: a GGUF file."""
    pins: Pins = Pins()
    """What the plan says the candidate is."""
    roles: tuple[Role, ...] = ()
    """What it is meant for; a candidate with role `judge` alone is asked only as a judge."""

    @model_validator(mode="before")
    @classmethod
    def _embedded_is_llama_cpp(cls, value: object) -> object:
        if isinstance(value, dict) and value.get("embedded") is not None and "runtime" not in value:
            return {**value, "runtime": "llama.cpp"}
        return value

    @model_validator(mode="after")
    def _one_address(self) -> Candidate:
        if (self.base_url is None) == (self.embedded is None):
            message = "give exactly one of base_url and embedded"
            raise ValueError(message)
        return self


class SuiteSpec(ShortNoun):
    """Where a suite lies: a folder, or one JSONL file with its scorers."""

    path: str | None = None
    """Folder with `suite.yaml` and `cases.jsonl`."""
    cases: str | None = None
    """A JSONL file with one case a line."""
    id: str | None = None
    """Name of the suite; by default the folder's own or the file's stem."""
    scorers: tuple[ScorerSpec, ...] | None = None
    """Scorers of the cases that name none; None takes those of the suite."""

    @model_validator(mode="before")
    @classmethod
    def _from_path(cls, value: object) -> object:
        return {"path": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one_source(self) -> SuiteSpec:
        if (self.path is None) == (self.cases is None):
            message = "give exactly one of path and cases"
            raise ValueError(message)
        return self


class JudgeSpec(Noun):
    """A judge: a candidate that reads a rubric."""

    id: str = Field(pattern=_ID)
    """Name of the judge in this plan."""
    candidate: str
    """Candidate that is asked."""
    rubric: str
    """Path of the rubric file."""


class BenchSettings(Noun):
    """How much load the benchmark sends."""

    profiles: tuple[ProfileName, ...] = ("short", "json", "long")
    """Prompt shapes to send."""
    concurrency: tuple[int, ...] = (1, 4)
    """Requests in flight at once, one measurement each."""
    requests: int | dict[ProfileName, int] = 30
    """Measured requests of each profile at each concurrency."""
    warmup: int = Field(default=2, ge=0)
    """Requests before each measurement that are stored but not counted."""
    repeats: int = Field(default=1, ge=1, le=20)
    """How often the whole ladder is run, candidates in turn."""

    def requests_of(self, profile: ProfileName) -> int:
        """Return how many requests one measurement of a profile counts (0 when none was asked for)."""
        return self.requests if isinstance(self.requests, int) else self.requests.get(profile, 0)


class ReadinessSettings(Noun):
    """Where the checklist and what people attest lie."""

    checklist: str | None = None
    """Path of a checklist; None takes the shipped one."""
    attestations: str | None = None
    """Path of the attestations file; None means that nobody attests anything."""


class ConditionSpec(ShortNoun):
    """One condition of the gate; written as its text alone, or as a mapping."""

    condition: str = Field(min_length=1)
    """The text, for example `suite:policy-qa.pass_rate >= 0.9 with 95% confidence`."""
    id: str | None = Field(default=None, pattern=_ID)
    """Name of the condition; None takes its text."""
    severity: Literal["block", "warn"] = "block"
    """`block` decides the verdict, `warn` is only shown."""

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        return {"condition": value} if isinstance(value, str) else value


class Gate(ShortNoun):
    """The policy: what must hold before a candidate may go to production; a plan may name its file instead."""

    conditions: tuple[ConditionSpec, ...] = ()
    """The conditions in the order in which they are shown."""


class RecordSettings(Noun):
    """What only people can say of the decision; quoted in the record, never invented."""

    title: str | None = None
    """Title of the record; None takes the use case's id."""
    owner: str | None = None
    """Who owns the decision."""
    decision_makers: tuple[str, ...] = ()
    """Who decides."""
    rollout: str | None = None
    """How the candidate goes to production, by stages."""
    rollback: str | None = None
    """How it comes back out."""
    risks: dict[Literal["quality", "latency", "security", "licence", "operations"], str] | tuple[str, ...] = ()
    """Risks that the team sees, by kind or as a list."""
    language: Literal["en"] = "en"
    """Language of the record."""


class Plan(Noun):
    """One evaluation, whole."""

    schema_name: Literal["assay/plan/v1"] = Field(alias="schema")
    """Name of this format."""
    use_case: UseCase
    """What the model is wanted for."""
    candidates: tuple[Candidate, ...] = Field(min_length=1)
    """What is decided on, and what it is compared with."""
    suites: tuple[SuiteSpec, ...] = Field(min_length=1)
    """The golden sets to ask."""
    trials: int = Field(default=1, ge=1, le=100)
    """Attempts of each candidate at each case."""
    judges: tuple[JudgeSpec, ...] = ()
    """Judges for the cases that have a judge scorer."""
    bench: BenchSettings | None = None
    """The benchmark; None leaves performance unmeasured."""
    readiness: ReadinessSettings = ReadinessSettings()
    """Checklist and attestations."""
    gate: Gate
    """What must hold."""
    record: RecordSettings = RecordSettings()
    """What only people can say."""

    def digest(self) -> str:
        """Return the SHA-256 of the plan; a run resumes only under the same one."""
        return digest_of(self.model_dump(mode="json", by_alias=True))

    def evaluated(self) -> tuple[Candidate, ...]:
        """Return the candidates that are asked the cases: all but those that only judge."""
        return tuple(candidate for candidate in self.candidates if candidate.roles != ("judge",))

    def decided_on(self) -> tuple[Candidate, ...]:
        """Return the candidates that the verdict is about: role production, or the only one there is."""
        evaluated = self.evaluated()
        return tuple(c for c in evaluated if "production" in c.roles) or (evaluated if len(evaluated) == 1 else ())
