"""What did another benchmark tool measure, under whose definitions, and can it be believed?"""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import Field, model_validator

from assay.schema._base import Noun, digest_of

__all__ = [
    "ImportedBenchmark",
    "ImportedFigure",
    "ImportedLoad",
    "ImportedMeasure",
    "ImportedStatistic",
    "ImportedUnit",
    "ImportedWarning",
]

EngineMeasure = Literal["engine_prompt_tokens_per_s", "engine_decode_tokens_per_s", "engine_tokens_per_s"]
ImportedMeasure = Literal[
    "e2e",
    "ttft",
    "visible",
    "tpot",
    "gap",
    "output_tokens_per_s",
    "requests_per_s",
    "good_requests_per_s",
    "error_rate",
    EngineMeasure,
]
"""Our word for the nearest quantity; whether it is the same one is said by `same_as_ours`."""
ImportedStatistic = Literal["mean", "p50", "p90", "p95", "p99", "max"]
"""`mean` also of what is one number, such as a throughput."""
ImportedUnit = Literal["s", "per_s", "share"]
"""Base units, so that no two figures differ by a factor of a thousand."""


class ImportedWarning(Noun):
    """Something that stands against figures of another tool."""

    code: str
    """Name of what was found, for example `early_chunk`."""
    text: str
    """What was found, with its numbers."""
    discredits: bool
    """Whether figures cannot be believed because of it."""


class ImportedFigure(Noun):
    """One number of another tool, in base units, under a named definition."""

    measure: ImportedMeasure
    """Our word for the nearest quantity."""
    statistic: ImportedStatistic
    """Which statistic of it."""
    value: float | None
    """The value in `unit`; None when it falls on a failed request, whose latency is infinite."""
    unit: ImportedUnit
    """Seconds, per second, or a share from 0 to 1."""
    n: int | None = None
    """Values it rests on, where the tool says so."""
    definition: str
    """Name of its definition: `guidellm.tpot:includes-ttft`, or `ttft.v1 from raw` when Assay derived it."""
    same_as_ours: bool
    """Whether it may stand beside a figure that Assay measured."""
    differs: str | None
    """In what way its definition is another one; None where it is ours."""

    @model_validator(mode="after")
    def _says_how(self) -> ImportedFigure:
        if self.same_as_ours != (self.differs is None):
            message = "a figure under another definition says in what it differs, and only such a one"
            raise ValueError(message)
        if self.same_as_ours and self.measure in get_args(EngineMeasure):
            message = "an engine's ceiling is never a figure of ours"
            raise ValueError(message)
        return self


class ImportedLoad(Noun):
    """What another tool measured under one load."""

    label: str
    """The load as the tool gives it: `concurrent@4`, `max_concurrency=32`, `tg128`."""
    completed: int | None = Field(default=None, ge=0)
    """Requests answered, or None where the tool does not say."""
    failed: int | None = Field(default=None, ge=0)
    """Requests that failed, or None where the tool does not say."""
    figures: tuple[ImportedFigure, ...] = ()
    """Its figures; what the tool did not measure is not among them."""
    warnings: tuple[ImportedWarning, ...] = ()
    """What stands against them."""


class ImportedBenchmark(Noun):
    """A file of another benchmark tool, read; also one `imported/<n>.json` of a run."""

    schema_name: Literal["assay/imported-benchmark/v1"] = Field(default="assay/imported-benchmark/v1", alias="schema")
    """Name of this format."""
    tool: str
    """Who wrote the file: `guidellm`, `vllm`, `sglang`, `aiperf`, `inference-perf`, `llama-bench`."""
    tool_version: str | None
    """Its version, where the file says so."""
    file: str
    """Name of the file."""
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    """SHA-256 of the file."""
    model: str | None
    """Model as the tool names it."""
    started: str | None
    """When it started, as the tool says; a text without a zone is that machine's local time."""
    engine_ceiling: bool
    """Whether an engine was measured without a server before it: a ceiling, never a speed of service."""
    loads: tuple[ImportedLoad, ...]
    """What was measured, load by load."""
    warnings: tuple[ImportedWarning, ...] = ()
    """What stands against all of it."""

    @model_validator(mode="after")
    def _is_one_kind(self) -> ImportedBenchmark:
        engine = {figure.measure in get_args(EngineMeasure) for load in self.loads for figure in load.figures}
        if engine - {self.engine_ceiling}:
            message = "a ceiling of an engine and figures of a service stand in different files"
            raise ValueError(message)
        return self

    @property
    def all_warnings(self) -> tuple[ImportedWarning, ...]:
        """Return the warnings of the file and of all its loads."""
        return (*self.warnings, *(warning for load in self.loads for warning in load.warnings))

    @property
    def can_be_believed(self) -> bool:
        """Say whether no warning discredits a figure."""
        return not any(warning.discredits for warning in self.all_warnings)

    def digest(self) -> str:
        """Return the SHA-256 of the noun; a run keeps it to show that its evidence is the same."""
        return digest_of(self.model_dump(mode="json", by_alias=True))
