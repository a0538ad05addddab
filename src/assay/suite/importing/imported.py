"""What did a peer's file hold, what of it became cases, and what was lost?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import JsonValue

    from assay.schema.suite import Case

__all__ = ["Imported", "Importer", "Loss", "Options", "PeerAnswer"]


@dataclass(frozen=True)
class Loss:
    """One thing of a peer's file that the suite does not say, or says differently."""

    where: str
    """Place in the peer's file: `tests[3].assert[1]`, `line 7`, `samples/1_epoch_1.json`."""
    what: str
    """What is lost and why, without a final full stop."""


@dataclass(frozen=True)
class PeerAnswer:
    """What a peer's result file says of one answer; kept to compare verdicts, never used as one."""

    case: str
    """Id of the case; a case that was left out has an id too."""
    candidate: str
    """Model or provider as the peer names it."""
    trial: int
    """Number of the trial, from 1."""
    output: str | None
    """The answer, or None when the file has none."""
    passed: bool | None
    """The peer's verdict, or None when it gave none: an error, or a grade without a threshold."""
    note: str
    """What else the peer says: its grades by scorer, or its error."""


@dataclass(frozen=True)
class Imported:
    """A suite made of a peer's file, with all that could not be carried over."""

    head: dict[str, JsonValue]
    """Content of `suite.yaml`."""
    cases: tuple[Case, ...]
    """Lines of `cases.jsonl`."""
    losses: tuple[Loss, ...]
    """What the suite does not say, in the file's order."""
    answers: tuple[PeerAnswer, ...]
    """Answers of the peer's result file; empty where it holds none."""


@dataclass(frozen=True)
class Options:
    """What the user adds to a file that does not say it all."""

    suite_id: str | None = None
    """Id of the suite; None takes it from the file's name."""
    scorer: str | None = None
    """Scorer of all cases for formats that name none; None takes `exact`."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Column of the file by Assay's name: `{"input": "question"}`."""
    prompt: str | None = None
    """Prompt template for a promptfoo table without a config, such as `{{question}}`."""
    registry: Path | None = None
    """Registry file that names the class of an OpenAI eval."""


Importer = Callable[[Path, Options], Imported]
"""Reads one format."""
