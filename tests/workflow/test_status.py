"""Does `assay status` say exactly which clause of an accepted record is void, and call nothing fresh that is not?"""

from __future__ import annotations

import ast
import json
import shutil
import sys
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from assay.cli import main
from assay.errors import InputError, MismatchError, Problem, ServerError
from assay.schema.record import Record
from assay.workflow.anew_clauses import AnewPlaces
from assay.workflow.finished import finished_record
from assay.workflow.plan_clauses import found_plan, plan_clauses, plan_now
from assay.workflow.progress import Silent
from assay.workflow.resting import FACTS_OF_CHECKS, resting_on
from assay.workflow.seen_clauses import PASSING, TELLING
from assay.workflow.status import RecordStatus, Wanted, _given_urls, status_of
from tests.accepting import stand, templates_compiled_once
from tests.fakes import FakeServer, Reply, Workplace, completion, days_on, every, plan_of, serving
from tests.provenance.gguf_file import LLAMA, write_gguf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.fakes import Said

    Assay = Callable[..., Said]

SOURCE = Path(__file__).resolve().parents[2] / "src" / "assay"
TODAY = "2026-11-27"
LATER = "2030-01-01"
ENDLESS = "2999-12-31"
CLAUSES = (
    *("accepted", "plan", "policy", "suite sums", "checklist", "attestations", "waivers"),
    *("waiver on gate", "attestation of team"),
)
GGUF = {**LLAMA, "general.license": "apache-2.0", "general.file_type": 3}


@dataclass(frozen=True)
class Kept:
    """A server and the folder of a run of it with its record."""

    server: FakeServer
    folder: Path


def write_files(place: Workplace, base_url: str) -> None:
    """Write a plan that names every kind of file, of which one condition fails and is waived."""
    place.write(
        plan_of(
            base_url,
            candidate={"weights": "m.gguf", "roles": ["production"]},
            readiness={"attestations": "attestations.yaml"},
            gate={
                "conditions": [
                    {"condition": "suite:sums.pass_rate >= 0.9", "id": "gate"},
                    "readiness:team met",
                    "suite:sums.pass_rate >= 0.1",
                ],
                "stop_early": "never",
                "waivers": "waivers.yaml",
            },
        )
    )
    write_gguf(place.folder / "m.gguf", GGUF)
    days = {"date": days_on(-30), "expires": days_on(300)}
    said = {"item": "team", "by": "Ada", "statement": "tried", **days}
    (place.folder / "attestations.yaml").write_text(json.dumps({"attestations": [said]}), encoding="utf-8")
    people = {"owner": "Ada", "approver": "Grace", "granted": "2020-01-01", "expires": "2029-12-31"}
    waiver = {"condition": "gate", "reason": "so", "value": 0.5, **people}
    (place.folder / "waivers.yaml").write_text(json.dumps({"waivers": [waiver]}), encoding="utf-8")


@pytest.fixture(scope="module", autouse=True)
def _quick() -> Iterator[None]:
    with templates_compiled_once():
        yield


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """Yield a server that stays, and an accepted record of it that no test may change."""
    folder = tmp_path_factory.mktemp("kept")
    place = Workplace(folder)
    with serving(every(3, Reply(body=completion("41")))) as server, pytest.MonkeyPatch.context() as patch:
        write_files(place, server.base_url)
        patch.chdir(folder)
        patch.setattr(sys, "argv", ["assay", "run", "plan.yaml", "--out", "out"])
        assert main() in {0, 1, 3}
        stand(place.record)
        yield Kept(server, folder)


@pytest.fixture
def copy(kept: Kept, place: Workplace) -> Workplace:
    """Return a copy of plan, files and record in the working folder."""
    shutil.copytree(kept.folder, place.folder, dirs_exist_ok=True)
    return place


def status(place: Workplace, today: str = TODAY, **wanted: object) -> RecordStatus:
    return status_of(place.record, Wanted(today, **wanted), {}, Silent())


def named(told: RecordStatus, status: str) -> list[str]:
    return [own.name for own in told.clauses if own.status == status]


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_what_nobody_touched_is_fresh_and_the_model_is_asked_nothing(kept: Kept, copy: Workplace) -> None:
    """Every clause holds: record, plan, each file, each fact of server and weights; not one question is asked."""
    before = len(kept.server.asked)
    told = status(copy)
    assert (told.freshness, told.plan, told.unreached) == ("fresh", "plan.yaml", ())
    assert {own.status for own in told.clauses} == {"holds"}
    assert set(CLAUSES) <= {own.name for own in told.clauses}
    facts = {own.name for own in told.clauses if own.candidate == "adder"}
    assert {"weights_sha256", "quantization", "model_name_served", "request_sent", "licence_terms"} <= facts
    assert told.reason == f"Each of {len(told.clauses)} clauses holds."
    assert len(kept.server.asked) == before


@pytest.mark.parametrize(
    ("file", "old", "new", "void"),
    [
        ("sums.jsonl", '"2"', '"3"', {"suite sums"}),
        ("plan.yaml", ">= 0.9", ">= 0.8", {"policy"}),
        ("plan.yaml", '"never"', '"curtail"', {"policy"}),
        ("plan.yaml", '"max_retries": 0', '"max_retries": 1', {"plan.candidates"}),
        ("plan.yaml", '"adding"', '"adding-up"', {"plan.use_case"}),
        ("plan.yaml", "schema:", "trials: 2\nschema:", {"plan.trials"}),
        ("plan.yaml", "schema:", 'record: {"rollback": "none"}\nschema:', {"plan.record"}),
        ("attestations.yaml", "tried", "tried twice", {"attestations"}),
        ("waivers.yaml", '"so"', '"so, and so"', {"waivers"}),
        ("plan.yaml", ', "waivers": "waivers.yaml"', "", {"policy", "waivers"}),
    ],
)
def test_a_changed_file_voids_its_clause(copy: Workplace, file: str, old: str, new: str, void: set[str]) -> None:
    """The clause that is named is that of the file, and no other."""
    rewrite(copy.folder / file, old, new)
    told = status(copy)
    assert told.freshness == "stale"
    assert set(named(told, "void")) == void
    assert told.clauses[0].status == "void"
    assert all(own.rests for own in told.clauses if own.status == "void" and own.name != "attestations")


def test_a_suite_beside_those_of_the_record_voids(copy: Workplace) -> None:
    """What the verdict did not cover is told too."""
    shutil.copyfile(copy.folder / "sums.jsonl", copy.folder / "more.jsonl")
    rewrite(copy.plan, '"scorers": ["exact"]}', '"scorers": ["exact"]}, {"cases": "more.jsonl", "scorers": ["exact"]}')
    assert set(named(status(copy), "void")) == {"plan.suites", "suite more"}


def test_other_weights_void_all_that_they_show(copy: Workplace) -> None:
    """Another file under the same name is another digest, and what its labels say differs too."""
    write_gguf(copy.folder / "m.gguf", {**GGUF, "general.file_type": 2, "general.license": "mit"})
    told = status(copy)
    assert {"weights_sha256", "license", "licence_terms", "licence: GGUF general.license"} <= set(named(told, "void"))
    (own,) = (own for own in told.clauses if own.name == "weights_sha256")
    assert (own.candidate, "condition gate" in own.rests) == ("adder", True)


def test_weights_that_are_cut_or_gone_are_not_fresh(copy: Workplace) -> None:
    """Weights that cannot be read are void; those that are gone are not seen, nor is the plan that names them."""
    whole = (copy.folder / "m.gguf").read_bytes()
    (copy.folder / "m.gguf").write_bytes(whole[: len(whole) // 2])
    cut = status(copy)
    assert (cut.freshness, named(cut, "void")) == ("stale", ["weights"])
    (copy.folder / "m.gguf").unlink()
    gone = status(copy)
    assert gone.freshness == "unknown"
    assert {"plan", "policy", "suite sums", "weights", "weights_sha256"} <= set(named(gone, "unknown"))


def test_an_embedded_model_whose_weights_were_exchanged(
    assay: Assay, place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is not the one that was published voids its digest; one that is gone is a server not reached."""
    weights = place.folder / "m.gguf"
    write_gguf(weights, GGUF)

    def refuse(slug: str) -> Callable[..., None]:
        def start(*_: object) -> None:
            raise ServerError(Problem(slug, "the weights are not the file", "Install them again.", str(weights)))

        return start

    with serving() as server:
        place.write(plan_of(server.base_url, candidate={"runtime": "llama.cpp"}))
        monkeypatch.setattr(
            "assay.workflow.servers.EmbeddedServer.start", lambda *_: nullcontext(Started(server, weights))
        )
        rewrite(
            place.plan, f'"base_url": "{server.base_url}", "model": "fake-model"', '"embedded": "smollm2-135m-instruct"'
        )
        assert assay("run", "plan.yaml", "--out", "out").code == 0
        stand(place.record)
    monkeypatch.setattr("assay.workflow.servers.EmbeddedServer.start", refuse("embedded-damaged"))
    assert (status(place).freshness, named(status(place), "void")) == ("unreachable", [])
    write_gguf(weights, {**GGUF, "general.file_type": 2})
    other = status(place)
    assert (other.freshness, named(other, "void")) == ("stale", ["weights_sha256"])
    assert other.clauses[0].candidate == "adder"
    monkeypatch.setattr("assay.workflow.servers.EmbeddedServer.start", refuse("embedded-missing"))
    assert status(place).freshness == "unreachable"


class Started:
    """An embedded server that was started, as far as it is asked."""

    def __init__(self, server: FakeServer, weights: Path) -> None:
        self.base_url, self.pid, self.weights, self.runtime_version = server.base_url, None, weights, "fake 1"


def test_another_model_at_the_address(kept: Kept, copy: Workplace) -> None:
    """A server that lists all its models and not that one voids the name; what it shows of itself is told too."""
    kept.server.serves("other-model")
    try:
        told = status(copy)
    finally:
        kept.server.serves("fake-model")
    assert told.freshness == "stale"
    assert "model_name_served" in named(told, "void")


@pytest.mark.parametrize(
    ("until", "today", "void"),
    [
        ("2027-01-31", "2027-01-31", []),
        ("2027-01-31", "2027-02-01", ["valid_until"]),
        (ENDLESS, LATER, ["waiver on gate", "attestation of team"]),
    ],
)
def test_what_has_run_out_voids(copy: Workplace, until: str, today: str, void: list[str]) -> None:
    """An acceptance, a waiver and an attestation hold on their last day, and not on the next."""
    stand(copy.record, valid_until=until)
    told = status(copy, today)
    assert (told.freshness, named(told, "void")) == ("stale" if void else "fresh", void)


@pytest.mark.parametrize(
    ("outcome", "by", "freshness"),
    [
        ("rejected", None, "stale"),
        ("accepted", "0002-adding", "stale"),
        ("deferred", None, "unknown"),
        (None, None, "unknown"),
    ],
)
def test_only_an_accepted_record_is_fresh(copy: Workplace, outcome: str | None, by: str | None, freshness: str) -> None:
    """What a person decided against, or another record replaces, is void; what nobody decided is not known."""
    stand(copy.record, outcome, superseded_by=by)
    told = status(copy)
    assert told.freshness == freshness
    assert [own.name for own in told.clauses if own.status != "holds"] == ["accepted"]


def test_a_record_that_does_not_verify_has_no_status(copy: Workplace) -> None:
    """One changed number, and nothing is compared."""
    rewrite(copy.record, "# ", "#  ")
    with pytest.raises(MismatchError, match="does not verify"):
        status(copy)


def test_without_the_plan_its_files_are_not_seen(copy: Workplace) -> None:
    """The server is looked at all the same, and each clause that needs the plan says what to do."""
    copy.plan.rename(copy.folder / "elsewhere.yaml")
    told = status(copy)
    assert (told.freshness, told.plan) == ("unknown", None)
    assert {"plan", "policy", "suite sums", "weights", "weights_sha256"} <= set(named(told, "unknown"))
    (plan,) = (own for own in told.clauses if own.name == "plan")
    assert plan.why == "no file plan.yaml was found: name the plan with --plan"
    assert "model_name_served" in named(told, "holds")
    assert status(copy, plan=copy.folder / "elsewhere.yaml").freshness == "fresh"
    with pytest.raises(InputError):
        status(copy, plan=copy.folder / "nowhere.yaml")


def test_a_plan_that_is_wrong_by_now_is_not_seen(copy: Workplace) -> None:
    """A plan that cannot be read any more leaves its clauses unknown, with the first mistake."""
    rewrite(copy.plan, "sums.jsonl", "gone.jsonl")
    told = status(copy)
    assert told.freshness == "unknown"
    (plan,) = (own for own in told.clauses if own.name == "plan")
    assert str(plan.why).startswith("the plan cannot be read (plan.yaml: ")


def test_another_address_is_looked_at_where_it_is_named(kept: Kept, copy: Workplace) -> None:
    """The same model elsewhere is fresh with a warning, also on what a file here shows; another file is void."""
    with serving() as other:
        told = status(copy, urls=(other.base_url,))
        warned = {own.name: own.why for own in told.clauses if own.status == "warning"}
        assert told.freshness == "fresh"
        assert {"base_url", "weights_sha256", "quantization", "licence_terms"} <= set(warned)
        assert "licence: GGUF general.license" in warned
        assert warned["weights_sha256"] == "it is that of the file here, which the server at --url may not have loaded"
        assert {"model_name_served", "request_sent"} <= set(named(told, "holds"))
        assert "which voids nothing: base_url of adder, weights_sha256 of adder" in told.reason
        write_gguf(copy.folder / "m.gguf", {**GGUF, "general.file_type": 2})
        assert "weights_sha256" in named(status(copy, urls=(other.base_url,)), "void")
        other.serves("other-model")
        assert status(copy, urls=(f"adder={other.base_url}",)).freshness == "stale"
    gone = status(copy, urls=(other.base_url,))
    assert (gone.freshness, len(gone.unreached)) == ("unreachable", 1)
    for text in ("ftp://h/v1", "who=http://127.0.0.1:1/v1", "http://u:p@h/v1"):
        with pytest.raises(InputError):
            status(copy, urls=(text,))
    with pytest.raises(InputError, match="is ambiguous: looked at are adder, spare"):
        _given_urls(("adder", "spare"), (other.base_url,))
    with pytest.raises(InputError, match="no candidate 'who'"):
        status(copy, candidates=("who",))
    assert kept.server.base_url != other.base_url


def test_the_policy_that_it_was_decided_under(assay: Assay, copy: Workplace) -> None:
    """A record of another policy than the plan's is held against that file: beside the plan, or where it is named."""
    policy = copy.folder / "own.yaml"
    policy.write_text("conditions: [suite:sums.pass_rate >= 0.1]\n", encoding="utf-8")
    assert assay("decide", copy.record, "--policy", policy, "--out", "again").code == 0
    (record,) = (copy.folder / "again" / "records").glob("0*.md")
    stand(record)

    def told(**wanted: object) -> RecordStatus:
        return status_of(record, Wanted(TODAY, **wanted), {}, Silent())

    assert told().freshness == "fresh"
    policy.write_text("conditions: [suite:sums.pass_rate >= 0.2]\n", encoding="utf-8")
    assert named(told(), "void") == ["policy"]
    moved = policy.rename(copy.folder / "out" / "own.yaml")
    assert named(told(), "unknown") == ["policy"]
    assert named(told(policy=moved), "void") == ["policy"]


def test_waivers_of_the_policy_that_it_was_decided_under(assay: Assay, copy: Workplace) -> None:
    """One that is withdrawn there, or in the file of --waivers, voids; a file that is gone is not seen."""
    policy, own = copy.folder / "own.yaml", copy.folder / "own-waivers.yaml"
    shutil.copyfile(copy.folder / "waivers.yaml", own)
    conditions = [{"condition": "suite:sums.pass_rate >= 0.9", "id": "gate"}]
    policy.write_text(json.dumps({"conditions": conditions, "waivers": own.name}), encoding="utf-8")
    assert assay("decide", copy.record, "--policy", policy, "--out", "again").code == 0
    assert assay("decide", copy.record, "--waivers", own, "--out", "waived").code == 0
    again, waived = (next((copy.folder / name / "records").glob("0*.md")) for name in ("again", "waived"))
    for record in (again, waived):
        stand(record)

    def told(record: Path) -> RecordStatus:
        return status_of(record, Wanted(TODAY), {}, Silent())

    assert (told(again).freshness, named(told(again), "warning")) == ("fresh", [])
    rewrite(own, '"so"', '"so, and so"')
    assert named(told(again), "void") == ["waivers"]
    assert named(told(waived), "void") == ["waivers"]
    rewrite(own, '"so, and so"', '"so"')
    assert told(waived).freshness == "fresh"
    moved = shutil.copyfile(own, copy.folder / "out" / "moved.yaml")
    own.unlink()
    assert (told(waived).freshness, named(told(waived), "unknown")) == ("unknown", ["waivers"])
    assert status_of(waived, Wanted(TODAY, waivers=moved), {}, Silent()).freshness == "fresh"
    with pytest.raises(InputError):
        status_of(waived, Wanted(TODAY, waivers=own), {}, Silent())
    assert (told(again).freshness, named(told(again), "unknown")) == ("unknown", ["waivers"])
    rewrite(policy, f', "waivers": "{own.name}"', "")
    assert named(told(again), "void") == ["waivers"]


def test_a_policy_file_that_is_wrong_by_now(assay: Assay, copy: Workplace) -> None:
    """Beside the plan it leaves its clause unknown, with the first mistake; where it was named, it is a mistake."""
    policy = copy.folder / "own.yaml"
    policy.write_text("conditions: [suite:sums.pass_rate >= 0.1]\n", encoding="utf-8")
    assert assay("decide", copy.record, "--policy", policy, "--out", "again").code == 0
    (record,) = (copy.folder / "again" / "records").glob("0*.md")
    stand(record)
    policy.write_text("conditions: 7\n", encoding="utf-8")
    told = status_of(record, Wanted(TODAY), {}, Silent())
    assert (told.freshness, named(told, "unknown")) == ("unknown", ["policy"])
    assert str(told.clauses[0].why).startswith("own.yaml cannot be read: ")
    with pytest.raises(InputError):
        status_of(record, Wanted(TODAY, policy=policy), {}, Silent())


def test_the_baseline_that_it_was_decided_against(assay: Assay, copy: Workplace) -> None:
    """Another record named in the policy file voids; what came with --baseline is found again, or warned of."""
    policy = copy.folder / "own.yaml"
    for name in ("one", "two"):
        assay("run", "plan.yaml", "--out", name)
    one, _ = ((next(Path(name, "records").glob("0*.md"))).with_suffix("") for name in ("one", "two"))
    condition = "suite:sums.pass_rate not worse than baseline by 0.9"
    policy.write_text(json.dumps({"conditions": [condition], "baseline": f"{one}.json"}), encoding="utf-8")
    assay("decide", copy.record, "--policy", policy, "--out", "again")
    assay("decide", copy.record, "--policy", policy, "--baseline", one, "--out", "alone")
    again, alone = (next((copy.folder / name / "records").glob("0*.md")) for name in ("again", "alone"))
    for record in (again, alone):
        stand(record)

    def told(record: Path) -> RecordStatus:
        return status_of(record, Wanted(TODAY), {}, Silent())

    assert told(again).freshness == "fresh"
    assert named(told(alone), "warning") == ["baseline"]
    shutil.copytree(copy.folder / "one" / "records", copy.folder / "records")
    assert (told(alone).freshness, named(told(alone), "warning")) == ("fresh", [])
    rewrite(policy, "one/", "two/")
    assert named(told(again), "void") == ["baseline"]
    rewrite(policy, "two/", "three/")
    assert named(told(again), "void") == ["baseline"]
    rewrite(policy, "three/", "one/")
    one.with_suffix(".json").unlink()
    assert (told(again).freshness, named(told(again), "unknown")) == ("unknown", ["baseline"])


class Named:
    """Something that a plan names, known by its digest alone."""

    def __init__(self, digest: str) -> None:
        self._digest = digest

    def digest(self) -> str:
        return self._digest


@pytest.mark.parametrize(
    ("name", "field", "given"),
    [
        ("rubric of j", "rubric_digests", lambda own: {"rubrics": {"j": own} if own else {}}),
        ("calibration of j", "calibration_digests", lambda own: {"calibrations": {"j": own} if own else {}}),
        ("imported benchmark 1", "imported_digests", lambda own: {"imported": (own,) if own else ()}),
        ("baseline", "baseline_digest", lambda own: {"baseline": own}),
        ("waivers", "waivers_digest", lambda own: {"waivers": own}),
    ],
)
def test_each_file_both_ways(
    copy: Workplace, name: str, field: str, given: Callable[[Named | None], dict[str, object]]
) -> None:
    """What a plan names is the same, another, gone, new, or not seen because the plan cannot be read."""
    record = Record.model_validate_json(copy.record.with_suffix(".json").read_bytes())
    inputs = finished_record(copy.record).inputs()
    now = plan_now(copy.plan, record, copy.folder, {})
    assert now.prepared is not None

    def told(then: str | None, seen: str | None, *, read: bool = True) -> str | None:
        value = then if field.endswith("_digest") else {"1" if "benchmark" in name else "j": then} if then else {}
        held = replace(inputs, run=inputs.run.model_copy(update={field: value}))
        prepared = replace(now.prepared, **given(Named(seen) if seen else None))
        found = plan_clauses(record, held, replace(now, prepared=prepared if read else None), AnewPlaces())
        return next((own.status for own in found if own.name == name), None)

    assert told("a", "a") == "holds"
    assert told("a", "b") == told("a", None) == told(None, "b") == "void"
    assert told("a", "a", read=False) == "unknown"
    assert told(None, None) is None


def test_another_checklist_voids(copy: Workplace) -> None:
    """The items that were asked are part of what was accepted."""
    shipped = (SOURCE.parents[1] / "templates" / "checklist.yaml").read_text("utf-8")
    other = shipped.replace("    severity: warn", "    severity: block", 1)
    (copy.folder / "templates").mkdir()
    (copy.folder / "templates" / "checklist.yaml").write_text(other, encoding="utf-8")
    rewrite(copy.plan, '"attestations.yaml"}', '"attestations.yaml", "checklist": "templates/checklist.yaml"}')
    told = status(copy)
    assert set(named(told, "void")) == {"plan.readiness", "checklist"}


def test_screen_and_exit_codes(assay: Assay, copy: Workplace) -> None:
    """Void clauses come first, each on its line with what rests on it; sum, reason and exit code end the page."""
    fresh = assay("status", copy.record)
    rewrite(copy.folder / "sums.jsonl", '"2"', '"3"')
    stale = assay("status", copy.record)
    as_json = assay("status", copy.record, "--json")
    copy.plan.unlink()
    unknown = assay("status", copy.record)
    gone = assay("status", copy.record, "--url", "http://127.0.0.1:1/v1")
    assert [own.code for own in (fresh, stale, as_json, unknown, gone)] == [0, 1, 1, 3, 4]
    assert all(len(line) <= 80 for own in (fresh, stale, unknown, gone) for line in own.out.splitlines())
    lines = stale.out.splitlines()
    assert lines[1:3] == ["plan: plan.yaml", ""]
    assert lines[3].startswith("VOID     suite sums                           ")
    assert lines[4:6] == [
        "         voids: conditions gate, suite:sums.pass_rate >= 0.1",
        lines[5],
    ]
    assert lines[5].startswith("holds    accepted ")
    assert lines[-2:] == ["Void: suite sums.", "Status: STALE (exit 1)"]
    # Where all holds it is said once.
    count = sum(line.startswith("holds ") for line in fresh.out.splitlines())
    assert fresh.out.splitlines()[-3:] == ["", f"Each of {count} clauses holds.", "Status: FRESH (exit 0)"]
    assert "Clauses: " in stale.out
    assert "0 unknown, 0 warnings." in stale.out
    assert "1 warning." in gone.out
    assert RecordStatus.model_validate_json(as_json.out).freshness == "stale"


def test_one_cause_is_one_block(assay: Assay, copy: Workplace) -> None:
    """Without the plan, all that it names stands together with one reason, and so does all that the weights show."""
    copy.plan.unlink()
    lines = assay("status", copy.record).out.splitlines()
    assert lines[3:8] == [
        "UNKNOWN  plan, policy, suite sums, checklist, attestations, waivers",
        "         no file plan.yaml was found: name the plan with --plan",
        "         rests on it: every condition of the verdict",
        "UNKNOWN  adder: weights, weights_sha256, weights_bytes, quantization,",
        "           tensor_types, architecture, parameters, license, context_trained,",
    ]


@pytest.mark.parametrize(
    ("outcome", "by", "told"),
    [
        ("rejected", None, ["VOID     accepted                             rejected by Ada on 2026-11-27"]),
        (None, None, ["UNKNOWN  accepted                             proposed"]),
        (
            "accepted",
            "0002-adding",
            [
                "VOID     accepted                             superseded by 0002-adding",
                "         accepted by Ada on 2026-11-27: ask for the status of 0002-adding",
            ],
        ),
    ],
)
def test_what_was_decided_is_told_as_it_is(
    assay: Assay, copy: Workplace, outcome: str | None, by: str | None, told: list[str]
) -> None:
    """Who decided what, and what replaced it, each in its own words."""
    stand(copy.record, outcome, superseded_by=by)
    lines = assay("status", copy.record).out.splitlines()
    assert lines[3 : 3 + len(told)] == told


def test_until_when_it_holds_is_told_alone(assay: Assay, copy: Workplace) -> None:
    """An end that is to come stands by itself; today is named once it is over."""
    stand(copy.record, valid_until=ENDLESS)
    assert f"holds    valid_until                          until {ENDLESS}" in assay("status", copy.record).out.split(
        "\n"
    )
    stand(copy.record, valid_until="2027-01-31")
    (over,) = (own for own in status(copy, "2027-02-01").clauses if own.name == "valid_until")
    assert (over.recorded, over.now, over.why) == ("until 2027-01-31", "today is 2027-02-01", "it has run out")


def test_where_a_plan_is_looked_for(place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it was named from the working folder, from the record's and the one above; there by its name alone too."""
    records = place.folder / "decisions" / "records"
    records.mkdir(parents=True)
    assert found_plan("decisions/plan.yaml", Path("decisions/records")) is None
    assert found_plan(None, records) is None
    plan = place.folder / "decisions" / "plan.yaml"
    plan.touch()
    assert found_plan("decisions/plan.yaml", Path("decisions/records")) == Path("decisions/plan.yaml")
    monkeypatch.chdir(records)
    assert found_plan("decisions/plan.yaml", Path()) == plan


@pytest.mark.parametrize("outside", [False, True])
def test_a_run_says_how_its_plan_was_named(assay: Assay, place: Workplace, *, outside: bool) -> None:
    """A relative name stays as it is; of a plan elsewhere only the name is kept."""
    with serving() as server:
        place.write(plan_of(server.base_url))
        (place.folder / "sub").mkdir()
        for file in ("plan.yaml", "sums.jsonl"):
            shutil.move(place.folder / file, place.folder / "sub" / file)
        plan = place.folder / "sub" / "plan.yaml" if outside else "sub/plan.yaml"
        assert assay("run", plan, "--out", "out").code == 0
    assert place.json("run.json")["plan_file"] == ("plan.yaml" if outside else "sub/plan.yaml")


def test_each_fact_that_a_check_reads_names_a_check() -> None:
    """A check that reads a lasting fact falls with it: `resting` knows of one for each such fact."""
    read = {
        node.args[0].value
        for path in (SOURCE / "readiness" / "checks").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "fact"
        and isinstance(node.args[0], ast.Constant)
    }
    assert len(read) > 5
    assert read - PASSING <= FACTS_OF_CHECKS


def test_what_rests_on_a_clause_is_of_the_record(copy: Workplace) -> None:
    """Conditions, checks and pins that are named are those of the record, and those alone that the clause bears."""
    record = Record.model_validate_json(copy.record.with_suffix(".json").read_bytes())
    items = {own["id"] for own in yaml.safe_load((SOURCE.parents[1] / "templates/checklist.yaml").read_text())["items"]}
    assert resting_on(record, "policy") == ("every condition of the verdict",)
    assert resting_on(record, "nothing that is known") == ()
    only = resting_on(record, "attestation", only=("readiness:team",))
    assert only == ("condition readiness:team met", "check team")
    for name in ("weights_sha256", "context_in_force", "license", "slots"):
        checks = {own.removeprefix("check ") for own in resting_on(record, name, "adder") if own.startswith("check ")}
        assert checks <= items & {own.item for own in record.findings if own.status == "met"}
    assert resting_on(record, "weights_sha256", "nobody") == ()


def test_every_clause_is_explained(copy: Workplace) -> None:
    """docs/status.md has a row for each clause that is no fact, and names the facts that a record should have."""
    page = (SOURCE.parents[1] / "docs" / "status.md").read_text("utf-8")
    told = status(copy)
    kinds = {own.name.split(" ")[0].rstrip(":") for own in told.clauses if own.candidate is None}
    named = {*kinds, "licence", "licence_terms", "weights", "base_url", *TELLING}
    assert {own for own in named if f"`{own}" not in page} == set()
