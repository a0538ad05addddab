"""How is a judge asked: its model, under fixed settings, with the format that its contract demands?"""

from __future__ import annotations

import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from assay.errors import InputError, Problem
from assay.runtime.adapters import dialect_of
from assay.runtime.client import Client, request_body
from assay.runtime.pace import Pace
from assay.scoring import JudgeContract
from assay.workflow.patience import Patience, ask_neutral

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from pydantic import JsonValue

    from assay.runtime.dialect import Dialect
    from assay.schema.run import Completion
    from assay.schema.suite import JudgeSpec, Message, RequestSettings
    from assay.workflow.prepare import Prepared
    from assay.workflow.servers import Address
    from assay.workflow.stop import Stop

__all__ = ["Seat", "judge_of", "sitting"]


@dataclass(frozen=True)
class Seat:
    """A judge ready to be asked."""

    contract: JudgeContract
    """What it must answer."""
    client: Client
    """Speaks to its server."""
    settings: RequestSettings
    """What goes with every request: the plan's, but greedy."""
    model: str
    """Name that is sent."""
    dialect: Dialect
    """How its runtime wants to be spoken to."""
    patience: Patience
    """Gives its server up when it refuses us."""

    async def ask(self, messages: Sequence[Message], schema: dict[str, JsonValue]) -> Completion:
        """Ask one question, decoding held to a schema where the runtime can.

        Raises:
            InputError: the server refuses the key or the model's name.
            ServerError: the server went away.
            NotSentError: a stop was asked for before the question was sent.
        """
        body = request_body(self.model, messages, self.settings, dialect=self.dialect, schema=schema)
        completion = await self.client.complete(body)
        await self.patience.heard(completion)
        return completion


def judge_of(prepared: Prepared, judge: str) -> JudgeSpec:
    """Return a judge of the plan by its id.

    Raises:
        InputError: there is none.
    """
    for spec in prepared.plan.judges:
        if spec.id == judge:
            return spec
    known = ", ".join(spec.id for spec in prepared.plan.judges) or "none"
    document = prepared.loaded.document
    message = f"the plan has no judge {judge!r}"
    remedy = f"Its judges: {known}."
    raise InputError(Problem("no-judge", message, remedy, document.file, document.line_of(("judges",))))


@asynccontextmanager
async def sitting(spec: JudgeSpec, prepared: Prepared, place: Address, at_once: int, stop: Stop) -> AsyncIterator[Seat]:
    """Open a judge's client and close it again.

    Args:
        spec: the judge as the plan has it.
        prepared: the plan.
        place: where its candidate answers.
        at_once: most requests in flight.
        stop: lets go of whoever waits to be asked.
    """
    candidate = next(c for c in prepared.plan.candidates if c.id == spec.candidate)
    # A judge's word must not depend on chance.
    settings = candidate.request.model_copy(update={"temperature": 0.0})
    dialect = dialect_of(candidate.runtime)
    pace = Pace(at_once, time.monotonic)
    async with Client(place.base_url, place.key, settings, pace=pace, dialect=dialect) as client:
        contract = JudgeContract(prepared.rubrics[spec.id])
        patience = Patience(prepared, candidate, neutral=partial(ask_neutral, client, candidate, place.model))
        with stop.waking(pace.close):
            yield Seat(contract, client, settings, place.model, dialect, patience)
