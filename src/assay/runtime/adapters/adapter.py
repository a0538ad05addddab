"""What is known of one runtime: how it shows itself, what it can say of itself, how it wants to be spoken to?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assay.runtime.adapters.asking import Answer, Server
from assay.runtime.dialect import OPENAI, Dialect
from assay.schema.provenance import Fact, FactName

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Adapter", "Collect", "Mark"]


@dataclass(frozen=True)
class Mark:
    """By what a runtime was recognised."""

    answer: Answer
    """The answer that bears the mark."""
    where: str
    """Field or header of that answer."""


Collect = Callable[[Server, str | None], Awaitable[tuple[Fact, ...]]]
"""Asks a server about the model of that name (None: the only one) and returns facts, unknown ones with the reason."""


@dataclass(frozen=True)
class Adapter:
    """One runtime."""

    mark: str
    """How it is recognised, in words."""
    recognise: Callable[[Server], Awaitable[Mark | None]]
    """Returns the mark by which a server shows itself to be this runtime, or None."""
    collect: Collect
    """Asks for the facts in `shows`."""
    shows: Mapping[FactName, str]
    """Facts that it can show, each with where they stand."""
    cannot: Mapping[FactName, str] = field(default_factory=dict)
    """Facts that it cannot show, each with the reason and where else they stand."""
    dialect: Dialect = OPENAI
    """How it wants to be spoken to."""
    lists_all: bool = False
    """Whether its list of models is whole, so that a name that is not in it is a mistake."""
