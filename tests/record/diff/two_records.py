"""A record and the next one of the same use case: better answers, a slower server, another licence, a higher bar."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from assay.schema.record import Record
from assay.schema.suite import Plan
from tests.record.evidence_files import small_evidence, write_record

if TYPE_CHECKING:
    from collections.abc import Callable

    from assay.record.store import RecordFiles

__all__ = ["NEW", "OLD", "new_evidence", "old_evidence", "two_records", "write_two"]

OLD, NEW = "0001-small", "0002-small"


def old_evidence() -> dict[str, bytes]:
    """Return the evidence of the first run: eight requests, and a wrong answer that is not hostile."""
    members = small_evidence()
    plan = json.loads(members["plan.json"])
    plan["bench"]["requests"] = 8
    _replan(members, plan)
    _edit_lines(members, "trials.jsonl", _answer_wrongly)
    rows = [json.loads(line) for line in members["requests.jsonl"].splitlines()]
    rows += [_later(own, own["seq"] + more) for own in rows if own["seq"] == 3 for more in range(1, 6)]
    members["requests.jsonl"] = "".join(json.dumps(row) + "\n" for row in rows).encode()
    return members


def new_evidence() -> dict[str, bytes]:
    """Return the evidence of a run that came later."""
    members = old_evidence()
    plan = json.loads(members["plan.json"])
    plan["gate"]["conditions"][0] = {"condition": "suite:sums.pass_rate >= 0.6", "id": "sums"}
    plan["gate"]["conditions"].append({"condition": "bench:short@1.e2e_p50_s <= 2"})
    plan["record"]["risks"] = {"quality": "It may not add.", "latency": "It may be slow."}
    plan["record"]["rollback"] = "Turn it off."
    plan["candidates"][0]["request"]["max_tokens"] = 64
    _replan(members, plan)
    _edit(members, "run.json", lambda run: run.update(id="20260203T030405-small-ef01"))
    _edit(members, "assembly.json", lambda own: own.update(number=2, date="2026-02-03"))
    _edit_lines(members, "trials.jsonl", _answer_rightly)
    _edit_lines(members, "requests.jsonl", _slow_down)
    _edit(members, "evidence/facts.json", _relicense)
    return members


def _replan(members: dict[str, bytes], plan: dict) -> None:
    members["plan.json"] = _dumped(plan)
    digest = Plan.model_validate(plan).digest()
    _edit(members, "run.json", lambda run: run.update(plan_digest=digest))


def _later(event: dict, seq: int) -> dict:
    by = (seq - event["seq"]) * 2_000_000
    times = {name: event[name] + by for name in ("taken_us", "sent_us", "first_us", "last_us", "end_us")}
    return {**event, **times, "seq": seq}


def _answer_wrongly(trial: dict) -> None:
    if trial["output"] not in {None, "2"}:
        trial["output"] = "5"


def write_two(folder: Path) -> tuple[RecordFiles, RecordFiles]:
    """Write both records into a folder."""
    return write_record(folder, old_evidence(), OLD), write_record(folder, new_evidence(), NEW)


@cache
def two_records() -> tuple[Record, Record]:
    """Return both records, written and read once."""
    with TemporaryDirectory() as folder:
        old, new = (Record.model_validate_json(files.json.read_bytes()) for files in write_two(Path(folder)))
    return old, new


def _answer_rightly(trial: dict) -> None:
    right = {"a": "2", "b": "4", "c": "6"}
    if trial["candidate"] == "one":
        trial.update(status="completed", output=right[trial["case"]], error=None, finish_reason="stop")


def _slow_down(event: dict) -> None:
    if event["candidate"] == "one":
        event.update({name: event[name] + 4_000_000 for name in ("last_us", "end_us")})


def _relicense(facts: list[dict]) -> None:
    own = facts[0]
    own["facts"] = [{"name": "license", "value": "apache-2.0", "grade": "observed", "source": "the file LICENSE"}]
    own["pins"][0].update(observed="apache-2.0", status="not_met")
    own["licence"].update(identifier="Apache-2.0", family="Apache License 2.0")
    own["licence"]["allowance"]["obligations"] = ["Show the notice.", "Mark changed files."]


def _edit(members: dict[str, bytes], name: str, change: Callable[[dict], None]) -> None:
    data = json.loads(members[name])
    change(data)
    members[name] = _dumped(data)


def _edit_lines(members: dict[str, bytes], name: str, change: Callable[[dict], None]) -> None:
    rows = [json.loads(line) for line in members[name].splitlines()]
    for row in rows:
        change(row)
    members[name] = "".join(json.dumps(row) + "\n" for row in rows).encode()


def _dumped(data: object) -> bytes:
    return json.dumps(data).encode()
