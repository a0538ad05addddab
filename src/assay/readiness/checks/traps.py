"""Does the server do in silence what a user would not expect of it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.readiness.view import FACTS, Answer, clipped, met, not_applicable, not_met, unknown

if TYPE_CHECKING:
    from assay.readiness.view import View
    from assay.schema.provenance import TrapName

__all__ = [
    "model_name_checked",
    "prompt_kept_whole",
    "repeatable",
    "requests_isolated",
    "schema_enforced",
    "token_limit_honoured",
    "usage_in_streams",
]


def model_name_checked(view: View) -> Answer:
    """Return met when a model's name that cannot exist was refused."""
    return _told(view, "model_name_checked")


def prompt_kept_whole(view: View) -> Answer:
    """Return met when a prompt near the context window was counted whole, or its first word found."""
    return _told(view, "prompt_kept_whole")


def token_limit_honoured(view: View) -> Answer:
    """Return met when an answer ended at the limit that was sent."""
    return _told(view, "token_limit_honoured")


def usage_in_streams(view: View) -> Answer:
    """Return met when a stream ended with token counts; without a benchmark nobody needs them."""
    if view.plan.bench is None:
        return not_applicable("the plan has no benchmark, which alone needs them")
    return _told(view, "usage_in_streams")


def schema_enforced(view: View) -> Answer:
    """Return met when decoding was held to a schema; where nothing asks for a schema it does not matter."""
    if view.candidate.request.response_format == "free":
        return not_applicable("the candidate decodes freely: no schema is sent")
    return _told(view, "schema_enforced")


def repeatable(view: View) -> Answer:
    """Return met when one question at temperature 0 had one answer, alone and beside others."""
    return _told(view, "repeatable")


def requests_isolated(view: View) -> Answer:
    """Return met when no answer held a word of a request beside it."""
    return _told(view, "requests_isolated")


def _told(view: View, name: TrapName) -> Answer:
    fact = view.facts.fact(name)
    if fact.grade != "observed":
        return unknown(clipped(fact.source, 240), FACTS)
    return (met if fact.value == "yes" else not_met)(clipped(fact.source, 240), FACTS)
