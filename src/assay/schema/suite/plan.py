"""What does the plan ask for: use case, candidates, suites, judges, benchmark, gate, record?"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from assay.schema._base import Noun, ShortNoun, digest_of
from assay.schema.suite.candidate import Candidate
from assay.schema.suite.context import ServingContext
from assay.schema.suite.organization import Organization
from assay.schema.suite.policy import Gate
from assay.schema.suite.probes import ProbeSettings
from assay.schema.suite.scorer import ScorerSpec

__all__ = [
    "Arrivals",
    "BenchSettings",
    "CacheState",
    "ImportSpec",
    "JudgeSpec",
    "Plan",
    "ProfileName",
    "ReadinessSettings",
    "RecordSettings",
    "Slo",
    "SuiteSpec",
    "UseCase",
    "load_label",
]

_ID = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
ProfileName = Annotated[str, Field(pattern=r"^(short|json|long|suites|suite:[A-Za-z0-9][A-Za-z0-9._-]*)$")]
"""Prompts of a kind: three shipped shapes, the cases of one suite, or those of all suites together."""
Arrivals = Literal["constant", "poisson"]
"""How requests of an open loop are spread: evenly, or at random and independently of each other."""
CacheState = Literal["cold", "warm"]
"""What the server's prefix cache can hold of a prompt: nothing, or its beginning."""


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
    calibration: str | None = None
    """Path of a calibration file that `assay calibrate` wrote; without one the judge carries no condition."""


class ImportSpec(Noun):
    """The output of another benchmark tool on a candidate; its figures keep that tool's definitions."""

    candidate: str
    """Candidate that it measured."""
    path: str
    """Path of the tool's file."""
    format: str | None = None
    """Format of the file, one of those of `--format`; None looks at its content."""


def load_label(profile: str, concurrency: int | None, rate_per_s: float | None, cache: CacheState = "cold") -> str:
    """Return profile and load as conditions write them: `short@4`, `short@2/s`, `short@4:warm`."""
    load = f"{concurrency}" if rate_per_s is None else f"{rate_per_s:.12g}/s"
    return f"{profile}@{load}" + (":warm" if cache == "warm" else "")


class BenchSettings(Noun):
    """How much load the benchmark sends."""

    profiles: tuple[ProfileName, ...] = ("short", "json", "long")
    """Prompts to send: `short`, `json`, `long`, `suite:ID` (the cases of one suite), `suites` (of all)."""
    concurrency: tuple[int, ...] = (1, 4)
    """Closed loop: requests in flight at once, one measurement each."""
    rates: tuple[Annotated[float, Field(ge=0.0001, le=10_000)], ...] = ()
    """Open loop: requests due each second whatever the server does, one measurement each."""
    arrivals: Arrivals = "poisson"
    """How the requests of an open loop are spread."""
    cache: tuple[CacheState, ...] = ("cold",)
    """What the prefix cache holds, one measurement each."""
    requests: int | dict[ProfileName, int] = 30
    """Measured requests of each profile at each load."""
    warmup: int = Field(default=2, ge=0)
    """Requests before each measurement that are stored but not counted."""
    repeats: int = Field(default=1, ge=1, le=20)
    """How often the whole ladder is run, candidates in turn."""
    output_tokens: Annotated[int, Field(ge=1)] | dict[ProfileName, Annotated[int, Field(ge=1)]] | None = None
    """Length to which every answer is forced, where the runtime can; None lets answers end by themselves."""
    max_seconds: float | None = Field(default=None, gt=0, le=1_000_000)
    """Time for all load together; each measurement gets its share of what is left. None takes what it takes."""
    self_test: bool = True
    """Whether the client is first measured against a server whose times are known."""
    imports: tuple[ImportSpec, ...] = ()
    """Outputs of other benchmark tools, shown beside what Assay measures."""

    def requests_of(self, profile: ProfileName) -> int:
        """Return how many requests one measurement of a profile counts (0 when none was asked for)."""
        return self.requests if isinstance(self.requests, int) else self.requests.get(profile, 0)

    def output_tokens_of(self, profile: ProfileName) -> int | None:
        """Return the length to which answers of a profile are forced, or None."""
        return self.output_tokens.get(profile) if isinstance(self.output_tokens, dict) else self.output_tokens

    def loads(self) -> tuple[tuple[int | None, float | None, CacheState], ...]:
        """Return the loads of each profile: concurrency or rate, and the state of the cache."""
        return (
            *((concurrency, None, cache) for concurrency in self.concurrency for cache in self.cache),
            *((None, rate, cache) for rate in self.rates for cache in self.cache),
        )

    def labels(self) -> tuple[str, ...]:
        """Return every profile and load as conditions write them: `short@4`, `short@2/s`, `short@4:warm`."""
        return tuple(load_label(profile, *load) for profile in self.profiles for load in self.loads())


class ReadinessSettings(Noun):
    """Where the checklist and what people attest lie."""

    checklist: str | None = None
    """Path of a checklist; None takes the shipped one."""
    attestations: str | None = None
    """Path of the attestations file; None means that nobody attests anything."""
    rehearsals: str | None = None
    """Path of the log of rehearsals, of a rollback above all; None means that none is shown."""


_LATER: dict[str, tuple[str, ...]] = {
    "record": ("template", "valid_days", "transcripts", "redact"),
    "probes": ("intrusive", "max_seconds", "server_timeout_s", "other_key_env", "sinks", "restart", "smoke"),
    "readiness": ("rehearsals",),
}
"""Settings that came after the first plans, by the key under which they stand."""


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
    language: Literal["en", "vi"] = "en"
    """Language of the record: English or Vietnamese. Sentences that Assay makes of evidence stay English."""
    template: str | None = None
    """Path of a Jinja2 template in place of the shipped one; see docs/templates.md."""
    valid_days: int | None = Field(default=None, ge=1, le=3_650)
    """Days for which an acceptance holds, from the day of the decision; None sets no end."""
    transcripts: bool = True
    """Whether prompts and answers travel in the evidence; without them scores are taken as stored."""
    redact: str | None = None
    """Path of a YAML file with the patterns of what must not travel in the evidence; secrets never do."""


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
    probes: ProbeSettings = ProbeSettings()
    """What is asked of each server beside the cases."""
    organization: Organization | None = None
    """Who would use the model: what its licence is held against; a plan may name a file instead."""
    context: ServingContext | None = None
    """Where and for whom it shall serve: what `assay advise` goes by. It bears on no verdict."""
    gate: Gate
    """What must hold."""
    record: RecordSettings = RecordSettings()
    """What only people can say."""

    def digest(self) -> str:
        """Return the SHA-256 of the plan; a run resumes only under the same one."""
        # Plans that say nothing of these keep the digest that they had before there were such settings.
        unsaid: dict[str, set[str] | bool] = {}
        for key, names in _LATER.items():
            own = getattr(self, key)
            unsaid[key] = {name for name in names if getattr(own, name) == getattr(type(own)(), name)}
        if self.context is None:
            unsaid["context"] = True
        return digest_of(self.model_dump(mode="json", by_alias=True, exclude=unsaid))

    def evaluated(self) -> tuple[Candidate, ...]:
        """Return the candidates that are asked the cases: all but those that only judge."""
        return tuple(candidate for candidate in self.candidates if candidate.roles != ("judge",))

    def decided_on(self) -> tuple[Candidate, ...]:
        """Return the candidates that the verdict is about: role production, or the only one there is."""
        evaluated = self.evaluated()
        return tuple(c for c in evaluated if "production" in c.roles) or (evaluated if len(evaluated) == 1 else ())
