"""Is each server searched in its own sinks, within the time that is left, and only once in a run?"""

from __future__ import annotations

import asyncio
import os
import sys
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from assay.record.journal import CANARIES_FILE
from assay.record.run_folder import RunFolder
from assay.runtime.canary import Looked, look_for_prompts
from assay.schema.provenance import CanaryResult
from assay.schema.suite import ProbeSettings
from assay.workflow import canary
from assay.workflow.probing import subject_of
from assay.workflow.progress import Silent
from assay.workflow.servers import Address
from tests.canary.leaking import QUICK
from tests.probing.gateway import MODEL, serving
from tests.probing.probed import subject_at
from tests.readiness.builders import candidate, facts
from tests.readiness.builders import plan as plan_with

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from assay.runtime.probing import Subject
    from assay.workflow.session import Session

PROBES = ProbeSettings.model_validate(
    {
        "max_seconds": 50,
        "sinks": [
            {"id": "all", "file": "gateway.log"},
            {"id": "own", "file": "gateway.log", "candidates": ["small"]},
            {"id": "other", "file": "other.log", "candidates": ["big"]},
        ],
    }
)


def test_a_run_searches_each_server_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server is searched in the sinks that are its own or everybody's; one without time, or done before, is not."""
    monkeypatch.setattr(canary, "Looked", partial(Looked, waits_s=(0.0,)))
    log = tmp_path / "gateway.log"

    def write(line: str) -> None:
        with log.open("a", encoding="utf-8") as file:
            file.write(line)

    def session(folder: RunFolder) -> Session:
        loaded = SimpleNamespace(folders=SimpleNamespace(base=tmp_path))
        prepared = SimpleNamespace(plan=SimpleNamespace(probes=PROBES), loaded=loaded)
        return cast("Session", SimpleNamespace(folder=folder, prepared=prepared, progress=Silent()))

    async def twice(folder: RunFolder) -> tuple[list[CanaryResult], list[CanaryResult]]:
        async with serving(QUICK, write) as gateway:
            subjects = [subject_at(gateway.base_url), subject_at(gateway.base_url, candidate="big")]
            first = await canary.search_in_run(session(folder), subjects, {"big": 50.0})
            return first, await canary.search_in_run(session(folder), subjects, {})

    with RunFolder.create(tmp_path / "run") as folder:
        first, second = asyncio.run(twice(folder))
        assert second == []
        assert list(folder.read(CANARIES_FILE, CanaryResult)) == first
    small, big = first
    assert [sink.sink for sink in small.sinks if sink.kind == "file"] == ["all", "own"]
    assert {sink.status for sink in small.sinks if sink.kind == "file"} == {"clean"}
    assert (big.candidate, big.ended, big.requests) == ("big", "left_out", 0)
    assert big.note == "the 50 s for all probes were over"


def test_no_command_of_the_plan_sees_any_of_its_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys of another candidate, of a judge and of a second tenant are taken out by their value, like the own one."""
    keys = {"OWN": "sk-own-00000", "SPARE": "sk-spare-0000", "JUDGE": "sk-judge-0000", "TENANT": "sk-tenant-000"}
    for name, key in {**keys, "COPY": keys["SPARE"], "PLACE": "here"}.items():
        monkeypatch.setenv(name, key)
    script = "import os; open('told', 'w').write(' '.join(os.environ))"
    names = ("small", "OWN"), ("spare", "SPARE"), ("judge", "JUDGE")
    plan = plan_with(
        candidates=[candidate(id=name, api_key_env=variable) for name, variable in names],
        probes={"other_key_env": "TENANT", "sinks": [{"id": "printed", "command": [sys.executable, "-c", script]}]},
    )

    async def look() -> Subject:
        async with serving(QUICK) as gateway:
            place = Address(gateway.base_url, MODEL, keys["OWN"], None, None, None)
            subject = subject_of(plan.candidates[0], (place, facts()), plan, os.environ, "abc123def456")
            await look_for_prompts(subject, Looked(plan.probes.sinks, tmp_path, bytes(32), waits_s=(0.0,)), 9.0)
            return subject

    subject = asyncio.run(look())
    seen = set((tmp_path / "told").read_text("utf-8").split())
    assert "PLACE" in seen
    assert not {*keys, "COPY"} & seen
    assert not any(key in repr(subject) for key in keys.values())
