"""Did a fallback answer when it was asked a few cases, and well enough?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.readiness.view import PLAN, PROBES, Answer, clipped, combined, met, not_met, unknown

if TYPE_CHECKING:
    from assay.readiness.view import View
    from assay.schema.provenance import Exchange, ProbeResult
    from assay.schema.suite import Candidate

__all__ = ["check"]


def check(view: View) -> Answer:
    """Return met when one fallback answered every case of the smoke set, and enough of the answers passed.

    The probe is of the candidate that is decided on; its exchanges are with that candidate's fallbacks. One that asks
    the same server for the same model goes when that candidate goes, and is none, whatever it answered.
    """
    named = view.others("fallback")
    if not named:
        return not_met("the plan has no other candidate with role fallback", PLAN)
    fallbacks = [own for own in named if not _is_the_same(own, view.candidate)]
    if not fallbacks:
        names = ", ".join(own.id for own in named)
        return not_met(
            f"{names} asks the same server for the same model as {view.candidate.id}: it fails with it", PLAN
        )
    result = view.probe("fallback")
    if result is None:
        return unknown("no fallback was asked a smoke set: allow it with probes: {intrusive: true}", PLAN)
    tried = [_answers(view, result, fallback.id) for fallback in fallbacks]
    return next((answer for answer in tried if answer.status == "met"), combined(tried))


def _is_the_same(one: Candidate, other: Candidate) -> bool:
    """Return whether two candidates are one model at one address; without a name it is the only one that is there."""
    if one.base_url is None or other.base_url is None:
        return False
    models = {own.model for own in (one, other) if own.model is not None}
    return _address(one.base_url) == _address(other.base_url) and len(models) < 2  # noqa: PLR2004 - two candidates


def _address(base_url: str) -> str:
    return base_url.rstrip("/").lower().replace("//localhost", "//127.0.0.1")


def _answers(view: View, result: ProbeResult, fallback: str) -> Answer:
    own = [exchange for exchange in result.steps("case") if exchange.shows.get("fallback") == fallback]
    silent = [exchange for exchange in own if exchange.trouble or exchange.status is None]
    if silent:
        first = f"{clipped(silent[0].sent, 120)}: {clipped(silent[0].trouble, 60) or 'no answer'}"
        return not_met(f"fallback {fallback} left {len(silent)} of {len(own)} cases unanswered, first {first}", PROBES)
    if result.ended != "whole" or not own:
        return unknown(f"fallback {fallback} was not asked all cases: {clipped(result.note, 120) or 'none'}", PROBES)
    return _by_share(own, fallback, view.plan.probes.smoke.min_pass_rate)


def _by_share(own: list[Exchange], fallback: str, needed: float) -> Answer:
    """Return what the share of passed cases says; what has no score could still have gone either way."""
    passed = sum(exchange.shows.get("outcome") == "passed" for exchange in own)
    failed = [exchange for exchange in own if exchange.shows.get("outcome") == "failed"]
    unscored = len(own) - passed - len(failed)
    told = f"fallback {fallback} passed {passed} of {len(own)} cases"
    # A share that is written in decimals is met by the same share: 0.55 * 20 is more than 11.
    if passed / len(own) >= needed:
        return met(f"{told}, with at least {needed:.0%} needed", PROBES)
    if (passed + unscored) / len(own) >= needed:
        return unknown(f"{told}, and {unscored} have no score", PROBES)
    return not_met(f"{told}, and {needed:.0%} are needed: {clipped(failed[0].sent, 120)} failed", PROBES)
