"""Is a log of rehearsals read with the plan, kept as evidence, decided by, and held to its last day?"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from assay.workflow.progress import Silent
from assay.workflow.status import Wanted, status_of
from tests.fakes import plan_of, serving
from tests.provenance.gguf_file import LLAMA, write_gguf

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes import Said, Workplace

    Assay = Callable[..., Said]

NOW = datetime.now(UTC)  # noqa: TID251 - a run is of today, and so must the rehearsal before it be


def write(place: Workplace, base_url: str, begins_with: str, *, days_ago: int = 30, **changes: object) -> None:
    """Write a plan and a log with one rollback; the plan names weights that the log may begin with."""
    began = NOW.replace(hour=9, minute=30) - timedelta(days=days_ago)
    own = {
        "kind": "rollback",
        "candidate": "adder",
        "from_digest": begins_with,
        "to_digest": "b" * 64,
        "started": began.isoformat(timespec="seconds"),
        "ended": (began + timedelta(minutes=7)).isoformat(timespec="seconds"),
        "by": "Ada",
        "smoke": {"asked": 5, "passed": 5},
        "log": "ops.md",
        **changes,
    }
    log = {"schema": "assay/rehearsals/v1", "rehearsals": [own]}
    (place.folder / "rehearsals.yaml").write_text(json.dumps(log), encoding="utf-8")
    gate = {"conditions": ["readiness:rollback-rehearsed met"], "stop_early": "never"}
    readiness = {"rehearsals": "rehearsals.yaml"}
    place.write(plan_of(base_url, candidate={"weights": "m.gguf"}, readiness=readiness, gate=gate))


@pytest.fixture
def weights(place: Workplace) -> str:
    """Return the digest of weights that lie beside the plan."""
    write_gguf(place.folder / "m.gguf", {**LLAMA, "general.license": "apache-2.0", "general.file_type": 3})
    return hashlib.sha256((place.folder / "m.gguf").read_bytes()).hexdigest()


def finding(place: Workplace) -> tuple[str, str]:
    (own,) = (own for own in place.json("findings.json") if own["item"] == "rollback-rehearsed")
    return own["status"], own["reason"]


def test_a_rehearsal_with_what_is_served_is_met_until_its_last_day(
    assay: Assay, place: Workplace, weights: str
) -> None:
    """The record goes by the log, verifies, and is void when the rehearsal is over half a year old."""
    with serving() as server:
        write(place, server.base_url, f"sha256:{weights}")
        assert assay("run", place.plan, "--out", place.out).code == 0
        status, reason = finding(place)
        assert (status, f"from {weights[:12]}…" in reason, "in 7 minutes" in reason) == ("met", True, True)
        assert place.json("evidence/rehearsals.json")["rehearsals"][0]["by"] == "Ada"
        assert assay("verify", place.record).code == 0
        last = (NOW + timedelta(days=150)).date()
        for day, told in ((last, "holds"), (last + timedelta(days=1), "void")):
            clauses = status_of(place.record, Wanted(f"{day}"), {}, Silent()).clauses
            (own,) = (own for own in clauses if own.name == "rehearsal of a rollback of adder")
            assert (own.status, own.recorded) == (told, f"until {last}")
        write(place, server.base_url, weights, by="Grace")
        clauses = status_of(place.record, Wanted(f"{NOW.date()}"), {}, Silent()).clauses
        assert {own.status for own in clauses if own.name == "rehearsals"} == {"void"}


def test_a_rehearsal_with_other_weights_is_not_met_until_the_log_says_more(
    assay: Assay, place: Workplace, weights: str
) -> None:
    """Another model's way back is none of this one's; a run that goes on takes the log as it is then, and says so."""
    with serving() as server:
        write(place, server.base_url, "c" * 64)
        assert assay("run", place.plan, "--out", place.out).code == 1
        assert finding(place) == (
            "not_met",
            f"it was rehearsed with another model: cccccccccccc…, where {weights[:12]}… is served",
        )
        write(place, server.base_url, weights)
        said = assay("run", place.plan, "--out", place.out, "--resume", place.run.name)
    assert said.code == 0
    assert "another log of rehearsals than when the run was begun: what it says now counts" in said.err


def test_a_log_with_mistakes_is_refused_with_the_plan(assay: Assay, place: Workplace, weights: str) -> None:
    """Nothing is asked of a server before the log can have been."""
    with serving() as server:
        write(place, server.base_url, weights, candidate="substractor", to_digest=weights)
        said = assay("run", place.plan, "--out", place.out)
        assert server.asked == []
    assert (said.code, [line.partition(":")[0] for line in said.errors]) == (2, ["error[bad-rehearsal]"] * 2)
