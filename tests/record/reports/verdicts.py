"""Records with the verdicts that reports must show: met, not met, unknown, only a warning, waived."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.record.bundle import evidence_of, pack
from assay.record.reports import Places, Weighed
from assay.schema.suite import Waiver
from assay.schema.verdict import CandidateVerdict, ConditionResult, Verdict, WaiverUse
from assay.workflow.derive import derive
from tests.record.evidence_files import HOSTILE, small_evidence

if TYPE_CHECKING:
    from assay.schema.record import Record

RATE = "suite:sums.pass_rate >= 0.9 with 95% confidence"
SPEED = "bench:long.e2e_p95_s < 5"
WAIVER = Waiver(
    condition="speed",
    reason="The new server comes in May.",
    owner="An Tran",
    approver="Eva Meier",
    granted="2026-01-01",
    expires="2026-06-30",
    value=6.5,
)


def result(name: str, status: str = "met", **changes: object) -> ConditionResult:
    """Return one condition; without changes it blocks and has a figure of 0.82 over 50."""
    told = {
        "id": name,
        "condition": name,
        "severity": "block",
        "status": status,
        "observed": 0.82,
        "low": 0.7,
        "high": None,
        "n": 50,
        "threshold": 0.9,
        "margin": -0.2,
        "reason": "41 of 50 trials passed.",
    }
    return ConditionResult.model_validate(told | changes)


def use(status: str = "applies", **changes: object) -> WaiverUse:
    """Return a waiver and what became of it."""
    return WaiverUse(waiver=WAIVER.model_copy(update=changes), status=status, reason=f"It is {status}.")


def candidate(name: str, verdict: str, *results: ConditionResult) -> CandidateVerdict:
    """Return what the evidence says of one candidate."""
    return CandidateVerdict(candidate=name, verdict=verdict, conditions=results, reason=f"{name} is {verdict}.")


def record_with(verdict: str, *candidates: CandidateVerdict, waivers: tuple[WaiverUse, ...] = ()) -> Record:
    """Return a record with a verdict, and with the checklist of a small run."""
    own = Verdict(verdict=verdict, candidates=candidates, reason=f"All in all {verdict}.", waivers=waivers)
    return SMALL.model_copy(update={"verdict": own})


def _small() -> Record:
    members = small_evidence()
    return derive(members, evidence_of("0001-small.evidence.zip", pack(members), members), draw=lambda *_: None)


SMALL = _small()
APPLIES = use()
MIXED = record_with(
    "NO-GO",
    candidate(
        "one",
        "NO-GO",
        result(RATE, flip="2 more failing of the same 50"),
        result("blockers", "not_met", failing=("sums/b",), flip="1 more passing of the same 50", observed=None),
        result("short", "unknown", observed=None, low=None, margin=None),
        result("talk", "not_met", severity="warn"),
        result("speed", "not_met", condition=SPEED, waiver=APPLIES, observed=6.4, threshold=5.0),
    ),
    candidate("two", "HOLD", result(RATE), result("short", "unknown", observed=None, low=None, margin=None)),
    waivers=(APPLIES, use("expired", condition="gone")),
)
"""One candidate that fails and one that is held, with a waiver that applies and one that has expired."""
HOSTILE_TEXT = f'{HOSTILE}\r\n::error::no ##[error]no %0A {{0}} [a](b) "a\\" \ud800 ]]> -->'
"""What a case, a condition or a waiver may be called."""
BAD = record_with(
    "HOLD",
    candidate(
        HOSTILE_TEXT,
        "HOLD",
        result(HOSTILE_TEXT, "not_met", reason=HOSTILE_TEXT, failing=(HOSTILE_TEXT,), flip=HOSTILE_TEXT),
        result("u", "unknown", reason=HOSTILE_TEXT),
        result("w", "not_met", waiver=use(reason=HOSTILE_TEXT, owner=HOSTILE_TEXT), reason=HOSTILE_TEXT),
    ),
    waivers=(use("unmatched", condition=HOSTILE_TEXT),),
)
"""Whatever is written by strangers tries to break out."""
GOOD = record_with("GO", candidate("one", "GO", result(RATE), result("blockers"))).model_copy(update={"findings": ()})
"""Nothing to say."""


def _lines(condition: str) -> tuple[str, int] | None:
    known = {RATE: 12, "blockers": 13, "speed": 15}
    return ("decisions/a policy.yaml", known[condition]) if condition in known else None


PLACES = Places("decisions/records/0001-small.json", _lines)
"""Some conditions stand in a policy file with a blank in its name."""
GIVEN = Places("decisions/records/0007-old.json", _lines, Weighed("record", "0007-old", "ab" * 32))
"""A record that was decided on again, of which nothing was written."""
RUN = Places("decisions/runs/r1", _lines, Weighed("run", "r1", None))
"""A run of which the same is true."""
