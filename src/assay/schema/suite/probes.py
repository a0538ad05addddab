"""What may be asked of a server beside the cases: which questions, how far, and where it could leave prompts behind?"""

from __future__ import annotations

from pathlib import PurePath

from pydantic import Field, model_validator

from assay.schema._base import Noun

__all__ = ["ProbeSettings", "RestartSpec", "SinkSpec", "SmokeSpec"]

_ID = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
_KINDS = ("file", "folder", "sqlite", "command")


class SinkSpec(Noun):
    """One place where prompts could come to rest; it is searched for the marks that were sent."""

    id: str = Field(pattern=_ID)
    """Name of the sink in this plan."""
    candidates: tuple[str, ...] = ()
    """Candidates whose servers write there; none means all that are probed."""
    file: str | None = None
    """A log file; a relative name lies in the plan's folder. It need not be there yet; never there, it is unknown."""
    folder: str | None = None
    """A folder; its files are searched, and those of its folders."""
    sqlite: str | None = None
    """A SQLite database; every column of every table is searched."""
    command: tuple[str, ...] = ()
    """A command and its arguments, run without a shell; what it prints is searched, such as `docker logs gateway`. The
    variables that hold keys of the plan are not in its environment."""

    @model_validator(mode="after")
    def _one_kind(self) -> SinkSpec:
        if sum(bool(getattr(self, kind)) for kind in _KINDS) != 1:
            message = f"give exactly one of {', '.join(_KINDS)}"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _stays_inside(self) -> SinkSpec:
        for name in (self.file, self.folder, self.sqlite):
            path = PurePath(name or "")
            if not path.is_absolute() and ".." in path.parts:
                message = f"{name!r} leads out of the plan's folder: name it absolutely"
                raise ValueError(message)
        return self


class RestartSpec(Noun):
    """How a candidate's server is started again, so that its return can be watched."""

    candidate: str
    """Candidate whose server it is."""
    command: tuple[str, ...] = Field(min_length=1)
    """The command and its arguments, run without a shell where `assay` was started; it ends when the restart is under
    way or done. The variables that hold keys of the plan are not in its environment."""
    ready_within_s: float = Field(default=120.0, gt=0, le=1800)
    """Seconds within which the server must answer again."""


class SmokeSpec(Noun):
    """The few cases that a fallback must answer."""

    suite: str | None = None
    """Suite whose first cases are asked; None takes the first cases of every suite."""
    cases: int = Field(default=5, ge=1, le=50)
    """How many cases are asked of each suite."""
    min_pass_rate: float = Field(default=0.8, gt=0, le=1)
    """Share of them that must pass."""


class ProbeSettings(Noun):
    """Which questions are put to a server beside the cases, to see what it does in silence."""

    traps: bool = True
    """Whether the silent traps are looked for: some thirty short requests and one long prompt a candidate."""
    longest_prompt_tokens: int = Field(default=8192, ge=0)
    """A prompt near the context window is only sent when the window is at most this many tokens; 0 sends none."""
    intrusive: bool = False
    """Whether `assay run` may probe the servers deeply: wrong keys, oversize bodies, bursts, aborted requests."""
    max_seconds: float = Field(default=300.0, gt=0, le=3600)
    """Time for the deep probes of one candidate, in seconds; probes that no time is left for are left out."""
    server_timeout_s: float | None = Field(default=None, gt=0, le=600)
    """Seconds after which the server is said to end a request by itself; None takes the candidate's own timeout."""
    other_key_env: str | None = None
    """Name of the environment variable that holds a second tenant's key; never the key."""
    sinks: tuple[SinkSpec, ...] = ()
    """Where the server, or what stands around it, could write prompts: each is searched for marks that were sent."""
    restart: tuple[RestartSpec, ...] = ()
    """How servers are started again; without it no restart is tried."""
    smoke: SmokeSpec = SmokeSpec()
    """The few cases that a fallback must answer."""
