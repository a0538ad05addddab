"""Are servers probed within a run where the plan allows it, once, and does the record rest on what was seen?"""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING

import pytest

from assay.runtime.probing import DEEP_PROBES
from assay.schema.suite import RestartSpec
from assay.workflow.probing import announced
from tests.fakes import plan_of, serving
from tests.probing.probed import subject_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes import Said, Workplace

    Assay = Callable[..., Said]


@pytest.fixture(autouse=True)
def _one_probe(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave one quick probe: what each of them does is tested elsewhere."""
    for name in set(DEEP_PROBES) - {"cors"}:
        monkeypatch.delitem(DEEP_PROBES, name)


def probed_plan(base_url: str) -> dict:
    probes = {"traps": False, "intrusive": True}
    return plan_of(base_url, candidate={"roles": ["production"]}, probes=probes)


def test_a_run_probes_deeply_where_the_plan_allows_it(assay: Assay, place: Workplace) -> None:
    """What may be sent is said first, what was sent at the end; the finding rests on it, and the record verifies."""
    with serving() as server:
        place.write(probed_plan(server.base_url))
        said = assay("run", place.plan, "--out", place.out)
    assert "deep probes of adder: at most 38 requests in 120 s\n" in said.err
    assert "deep probes: 38 requests in " in said.err
    (row,) = place.rows("probes.jsonl")
    assert (row["candidate"], row["probe"], row["requests"], row["ended"]) == ("adder", "cors", 3, "whole")
    findings = {finding["item"]: finding for finding in json.loads((place.run / "findings.json").read_text("utf-8"))}
    assert findings["foreign-pages"]["evidence"] == ["probes.jsonl"]
    assert findings["foreign-pages"]["status"] == "met"
    assert assay("verify", place.record).code == 0


def test_a_restart_is_announced_with_how_long_it_is_waited_for() -> None:
    """Where a subject is restarted, it is said that this may go on when all else is over."""
    spec = RestartSpec(candidate="small", command=("true",))
    plain, restarted = subject_at("http://127.0.0.1:9/v1"), subject_at("http://127.0.0.1:9/v1", restart=spec)
    assert announced([plain], 120.0).endswith(" requests in 120 s")
    assert announced([restarted], 120.0).endswith(
        " requests in 120 s; a restart that was begun is waited for, up to 120 s more"
    )


def test_no_run_probes_deeply_unasked(assay: Assay, place: Workplace) -> None:
    """Without `intrusive` nothing is sent and nothing is stored."""
    with serving() as server:
        place.write(plan_of(server.base_url))
        assay("run", place.plan, "--out", place.out)
    assert not (place.run / "probes.jsonl").exists()
    with zipfile.ZipFile(place.record.with_suffix(".evidence.zip")) as evidence:
        assert "probes.jsonl" not in evidence.namelist()


def test_what_was_probed_is_not_probed_again(assay: Assay, place: Workplace) -> None:
    """A run that is taken up again keeps what it saw."""
    with serving() as server:
        place.write(probed_plan(server.base_url))
        assay("run", place.plan, "--out", place.out)
        before = (place.run / "probes.jsonl").read_bytes()
        said = assay("run", place.plan, "--out", place.out, "--resume", place.run.name)
    assert (place.run / "probes.jsonl").read_bytes() == before
    assert "deep probes" not in said.err


def test_a_stop_keeps_what_was_seen(assay: Assay, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever stops a deep probe sees what it came to before, and the exit code says that it was stopped."""

    async def stopped(_: object) -> None:
        raise KeyboardInterrupt

    broken = DEEP_PROBES["cors"]
    monkeypatch.setitem(DEEP_PROBES, "tls", type(broken)("Nothing.", 1, 1.0, stopped))
    with serving() as server:
        said = assay("probe", server.base_url, "--deep")
    assert said.code == 130
    assert "probed: 3 requests in 0 s\n  cors" in said.out
    assert said.out.endswith("\nstopped: server was not probed for tls, prompts in logs\n")
