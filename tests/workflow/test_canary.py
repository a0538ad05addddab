"""Is each server searched in its own sinks, within the time that is left, and only once in a run?"""

from __future__ import annotations

import asyncio
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from assay.record.journal import CANARIES_FILE
from assay.record.run_folder import RunFolder
from assay.runtime.canary import Looked
from assay.schema.provenance import CanaryResult
from assay.schema.suite import ProbeSettings
from assay.workflow import canary
from assay.workflow.progress import Silent
from tests.canary.leaking import QUICK
from tests.probing.gateway import serving
from tests.probing.probed import subject_at

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

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
