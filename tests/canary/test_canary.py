"""Is a gateway that writes prompts down told from one that does not, and blindness never taken for silence?"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from assay.readiness.checks import CHECKS
from assay.runtime.canary import CANARY_REQUESTS, CANARY_SECONDS, Looked, look_for_prompts, no_look
from tests.canary.leaking import QUICK, SEED, Leak, sought
from tests.probing.gateway import Gateway, serving
from tests.probing.probed import subject_at
from tests.readiness.builders import ROOT, sink, view

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aiohttp import web

    from assay.readiness import Answer
    from assay.schema.provenance import CanaryResult

LOG = {"id": "log", "file": "gateway.log"}


def _answer(result: CanaryResult | None) -> Answer:
    return CHECKS["prompts-not-logged"](replace(view(), canary=result))


def test_a_gateway_that_keeps_prompts_to_itself_is_met(tmp_path: Path) -> None:
    """Its access log, a folder, a command and a database show every request, and no prompt: met for these."""
    with closing(sqlite3.connect(tmp_path / "spend.db")) as database:
        database.execute("CREATE TABLE spend (line TEXT)")

    class Counting(Gateway):
        def _log(self, line: str) -> None:
            super()._log(line)
            with closing(sqlite3.connect(tmp_path / "spend.db")) as database:
                database.execute("INSERT INTO spend VALUES (?)", (line.split("&note", maxsplit=1)[0],))
                database.commit()

    show = (sys.executable, "-c", "print(open('gateway.log').read())")
    sinks = (LOG, {"id": "all", "folder": "."}, {"id": "shown", "command": show}, {"id": "db", "sqlite": "spend.db"})
    result = sought(tmp_path, *sinks, kind=Counting)
    answer = _answer(result)
    assert (answer.status, answer.evidence) == ("met", ("canaries.jsonl",))
    assert answer.reason.startswith("none of ")
    assert (
        " marks lies in log, all, shown, db, error bodies, GET /metrics, by way of success, stream, " in answer.reason
    )
    assert "upstream (200)" in answer.reason
    assert answer.reason.endswith("; the query of an address is logged, so that nothing secret may stand there")
    assert {sink.sink: sink.status for sink in result.sinks} == {
        **dict.fromkeys(("log", "all", "shown", "db", "error bodies", "GET /metrics"), "clean"),
        **dict.fromkeys(("GET /slots", "GET /props"), "absent"),
    }
    taken = {(own.path, own.status) for own in result.attempts if own.provoked}
    assert taken >= {
        *(("success", 200), ("stream", 200), ("abort", 200), ("timeout", None), ("bad-request", 400)),
        *(("wrong-key", 401), ("unknown-model", 404), ("invalid-schema", 400), ("overload", 429)),
    }
    assert not any(own.provoked for own in result.attempts if own.path == "upstream")
    assert (result.mark, result.ended) == ("cnry-abc123def456-", "whole")
    assert result.requests <= CANARY_REQUESTS
    assert len([digest for own in result.attempts for digest in own.digests.values()]) == len(
        {digest for own in result.attempts for digest in own.digests.values()}
    )


@pytest.mark.parametrize(
    ("status", "encoding", "path"),
    [
        (404, "base64", "unknown-model"),
        (401, "json-escaped", "wrong-key"),
        (429, "raw in gzip", "overload"),
        (400, "hex", "bad-request"),
    ],
)
def test_prompts_logged_on_one_failure_only_are_caught(tmp_path: Path, status: int, encoding: str, path: str) -> None:
    """A gateway that writes them down on one way, in one encoding, is not met: way, part, encoding, place are named."""
    errors = tmp_path / "errors.log"

    def write(line: bytes) -> None:
        with errors.open("ab") as file:
            file.write(line)

    result = sought(tmp_path, LOG, {"id": "errors", "file": "errors.log"}, kind=Leak(status, encoding, write).kind())
    answer = _answer(result)
    (leaking,) = (sink for sink in result.sinks if sink.status == "leak")
    assert (answer.status, leaking.sink) == ("not_met", "errors")
    first = leaking.hits[0]
    assert (first.path, first.field, first.encoding, first.part) == (path, "system", encoding, "whole")
    assert answer.reason.startswith(
        f"prompts come to rest: in errors the system of {path}, {encoding}, at byte {first.offset}; "
    )
    assert answer.reason.endswith(" more")
    kept = result.model_dump_json()
    own = {hit.path for hit in leaking.hits}
    assert own <= {path, "invalid-schema"}
    assert kept.count("cnry-") == 1  # how marks begin, and no mark


def test_a_log_of_its_database_is_caught(tmp_path: Path) -> None:
    """Prompts in a column are named by table, column and row."""
    with closing(sqlite3.connect(tmp_path / "spend.db")) as database:
        database.execute("CREATE TABLE spend (id INTEGER PRIMARY KEY, body TEXT)")

    def write(line: bytes) -> None:
        with closing(sqlite3.connect(tmp_path / "spend.db")) as database:
            database.execute("INSERT INTO spend (body) VALUES (?)", (line.decode(),))
            database.commit()

    answer = _answer(sought(tmp_path, LOG, {"id": "db", "sqlite": "spend.db"}, kind=Leak(404, "raw", write).kind()))
    assert answer.status == "not_met"
    assert answer.reason.startswith(
        "prompts come to rest: in db, spend.body.1 the system of unknown-model, raw, at byte "
    )


def test_a_prompt_in_an_error_is_caught(tmp_path: Path) -> None:
    """A gateway that repeats what it was sent when it refuses it is not met, without any sink of the plan."""

    class Repeating(Gateway):
        def error(self, status: int, message: str, trace: str = "", **headers: str) -> web.Response:
            return super().error(status, f"{message}: {self.said}", trace, **headers)

        async def _chat(self, request: web.Request) -> web.StreamResponse:
            self.said = (await request.read())[-1500:].decode() if request.content_length < 60_000 else ""
            return await super()._chat(request)

    Repeating.said = ""
    answer = _answer(sought(tmp_path, kind=Repeating))
    assert answer.status == "not_met"
    assert answer.reason.startswith("prompts come to rest: in error bodies, body ")


def test_a_log_that_the_plan_names_wrongly_is_unknown(tmp_path: Path) -> None:
    """A file that is not there, and one that shows no request, are not taken for clean."""
    (tmp_path / "other.log").write_text("nothing of ours\n")
    result = sought(tmp_path, {"id": "gone", "file": "gatewey.log"}, {"id": "other", "file": "other.log"}, LOG)
    assert _answer(result).status == "unknown"
    assert _answer(result).reason == (
        "gone was not searched: there is no such file; other shows no request at all, so that it may be the wrong place"
    )


def test_without_sinks_or_a_search_it_is_unknown(tmp_path: Path) -> None:
    """Nothing is concluded where nothing was listed, nothing sent, or nobody answered."""
    assert _answer(sought(tmp_path)).reason == (
        "the plan lists no sinks of this server under probes.sinks: name its logs, databases and commands"
    )
    assert _answer(None).reason == "the server was not probed deeply: allow it with probes: {intrusive: true}"
    late = no_look("small", "abc123def456", "the 300 s for all probes were over")
    assert _answer(late).reason == "no mark was sent: the 300 s for all probes were over"
    assert {_answer(own).status for own in (None, late)} == {"unknown"}


def test_a_search_without_time_concludes_nothing(tmp_path: Path) -> None:
    """When the time is over what was found counts, and silence does not."""

    async def look() -> CanaryResult:
        async with serving(QUICK) as gateway:
            return await look_for_prompts(subject_at(gateway.base_url), Looked((), tmp_path, SEED), 0.05)

    result = asyncio.run(look())
    assert (result.ended, result.note) == ("out_of_time", "not every way could be taken in the time there was")
    log = sink(controls=("success",))
    assert _answer(result.model_copy(update={"sinks": (log,)})).status == "unknown"


async def _until(happened: Callable[[], bool]) -> None:
    for _ in range(500):
        if happened():
            return
        await asyncio.sleep(0.01)


def test_a_search_that_is_cut_off_leaves_nothing_behind(tmp_path: Path) -> None:
    """A cancelled search has no request running: the server's slots are free at once."""

    async def look() -> tuple[int, int]:
        async with serving(replace(QUICK, token_s=0.05, ends_after_s=None)) as gateway:
            looked = Looked((), tmp_path, SEED)
            search = asyncio.ensure_future(look_for_prompts(subject_at(gateway.base_url), looked, 60.0))
            await _until(lambda: gateway.working == 1)
            search.cancel()
            with pytest.raises(asyncio.CancelledError):
                await search
            await _until(lambda: gateway.working == 0)
            return gateway.working, gateway.aborted

    assert asyncio.run(look()) == (0, 1)


def test_the_page_says_how_much_is_sent() -> None:
    """The bounds of the page are those of the code."""
    page = (ROOT / "docs" / "canary.md").read_text("utf-8")
    assert f"At most {CANARY_REQUESTS} requests, in at most 60 seconds; the search has 30 more." in page
    assert CANARY_SECONDS == 90


def test_the_seed_stays_out_of_what_is_kept(tmp_path: Path) -> None:
    """Of marks only digests are kept, and of the seed nothing."""
    result = sought(tmp_path, LOG, manners=replace(QUICK, keys=()))
    kept = result.model_dump_json()
    assert SEED.hex() not in kept
    assert all(len(digest) == 64 for own in result.attempts for digest in own.digests.values())
    assert "wrong-key (200)" in _answer(result).reason


def test_a_page_that_fails_after_the_requests_is_unknown(tmp_path: Path) -> None:
    """A page that was there at first is not absent when it cannot be read again."""

    class Failing(Gateway):
        async def handle(self, request: web.Request) -> web.StreamResponse:
            again = request.path == "/metrics" and self.counts["GET /metrics"] > 0
            response = await super().handle(request)
            return self.error(503, "no metrics now") if again else response

    result = sought(tmp_path, LOG, kind=Failing)
    (page,) = (sink for sink in result.sinks if sink.sink == "GET /metrics")
    assert (page.status, page.trouble) == ("unknown", "it gave no whole answer after the requests")
    assert _answer(result).reason == "GET /metrics was not searched: it gave no whole answer after the requests"
