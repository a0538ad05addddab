"""Does a waived failure go through the whole way, seen everywhere, and can no waiver be changed afterwards?"""

from __future__ import annotations

import json
import shutil
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.fakes import Reply, completion, every, plan_of, serving

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.fakes import Said, Workplace

    Assay = Callable[..., Said]

TEXT = "suite:sums.pass_rate >= 0.9"
WRONG = every(4, Reply(body=completion("no")))
"""One answer in four is wrong."""


def write_waivers(place: Workplace, **changes: object) -> None:
    own = {
        "condition": TEXT,
        "reason": "Sums with four are being mended.",
        "owner": "Ann",
        "approver": "Bo",
        "granted": "2020-01-01",
        "expires": "2099-12-31",
        "value": 0.75,
        **changes,
    }
    (place.folder / "waivers.yaml").write_text(json.dumps({"waivers": [own]}, indent=1), encoding="utf-8")


def run_waived(assay: Assay, place: Workplace, **changes: object) -> Said:
    write_waivers(place, **changes)
    gate = {"conditions": [TEXT], "waivers": "waivers.yaml"}
    with serving(WRONG) as server:
        place.write(plan_of(server.base_url, gate=gate), sums=4)
        return assay("run", place.plan, "--out", place.out)


def test_shards_are_weighed_on_the_day_of_their_merging(assay: Assay, place: Workplace) -> None:
    """A waiver that held when the shards were asked, and has run out since, holds the merged run back."""
    write_waivers(place, expires="2025-06-30")
    with serving(WRONG) as server:
        place.write(plan_of(server.base_url, gate={"conditions": [TEXT], "waivers": "waivers.yaml"}), sums=4)
        for number in (1, 2):
            assay("run", place.plan, "--out", place.out, "--shard", f"{number}/2")
    shards = sorted((place.out / "runs").iterdir())
    for shard in shards:
        run = json.loads((shard / "run.json").read_text("utf-8"))
        days = {"started": "2025-06-01T10:00:00+00:00", "ended": "2025-06-01T10:01:00+00:00"}
        (shard / "run.json").write_text(json.dumps({**run, **days}), encoding="utf-8")

    said = assay("merge", *shards, "--out", place.out)

    assert (said.code, "EXPIRED" in said.out) == (3, True)


def test_a_waived_failure_goes_and_is_seen_everywhere(assay: Assay, place: Workplace) -> None:
    """The run ends 0; the terminal, the record and its JSON say that the condition is not met, and waived."""
    said = run_waived(assay, place)
    assert (said.code, "NOT MET  waived" in said.out, "WAIVED until 2099-12-31" in said.out) == (0, True, True)
    page = place.record.read_text("utf-8")
    assert "**NOT MET** (waived)" in page
    assert "(waived until 2099-12-31)" in page.partition("## Conditions that must hold")[2]
    table = page.partition("### Waivers")[2].partition("## Runtimes")[0]
    assert "| **APPLIES** |" in table
    assert "Sums with four are being mended." in table
    record = json.loads(place.record.with_suffix(".json").read_text("utf-8"))
    assert [own["status"] for own in record["verdict"]["waivers"]] == ["applies"]
    assert assay("verify", place.record).code == 0


def test_without_waivers_the_record_says_so(assay: Assay, place: Workplace) -> None:
    """The table of waivers stands in every record."""
    with serving() as server:
        place.write(plan_of(server.base_url))
        assert assay("run", place.plan, "--out", place.out).code == 0
    assert (
        "No condition is waived."
        in place.record.read_text("utf-8").partition("### Waivers")[2].partition("## Runtimes")[0]
    )


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"expires": "2020-12-31"}, 3),
        ({"condition": "suite:sums.pass_rate >= 0.8"}, 1),
        ({"value": 0.76}, 1),
        ({"granted": "2099-01-01"}, 1),
        ({"candidate": "another"}, 1),
    ],
)
def test_a_waiver_that_does_not_apply_lets_nothing_through(
    changes: dict[str, object], code: int, assay: Assay, place: Workplace
) -> None:
    """An expired waiver ends in HOLD, one that is void or of something else in NO-GO."""
    assert run_waived(assay, place, **changes).code == code


def test_a_stray_waiver_holds_a_good_run(assay: Assay, place: Workplace) -> None:
    """Nothing goes while a waiver speaks of nothing."""
    write_waivers(place, candidate="another")
    with serving() as server:
        place.write(plan_of(server.base_url, gate={"conditions": [TEXT], "waivers": "waivers.yaml"}))
        said = assay("run", place.plan, "--out", place.out)
    assert said.code == 3
    assert "No candidate another is decided on: mend or remove the waiver." in " ".join(said.out.split())


def test_mistakes_are_told_before_anything_is_asked(assay: Assay, place: Workplace) -> None:
    """A waivers file that is not there is told at the line of the policy that names it, a mistake at its own."""
    (place.folder / "policy.yaml").write_text(f"conditions:\n  - {TEXT}\nwaivers: none.yaml\n", encoding="utf-8")
    place.write(plan_of("http://127.0.0.1:1/v1", gate="policy.yaml"))
    (line,) = assay("run", place.plan, "--out", place.out).errors
    assert line.startswith("error[no-such-file]: policy.yaml:3: there is no file or folder 'none.yaml'.")
    write_waivers(place, approver="ANN ")
    (place.folder / "policy.yaml").write_text(f"conditions:\n  - {TEXT}\nwaivers: waivers.yaml\n", encoding="utf-8")
    said = assay("run", place.plan, "--out", place.out)
    assert said.code == 2
    assert said.errors[0].startswith(
        "error[bad-value]: waivers.yaml:7: waivers[0].approver: the approver must be another person than the owner, in"
    )


def test_other_waivers_count_when_a_run_goes_on(assay: Assay, place: Workplace) -> None:
    """A run that is taken up decides by the waivers that are there now, and says so once."""
    write_waivers(place, value=0.8)
    with serving(WRONG) as server:
        place.write(plan_of(server.base_url, gate={"conditions": [TEXT], "waivers": "waivers.yaml"}), sums=4)
        assert assay("run", place.plan, "--out", place.out).code == 1
        write_waivers(place)
        resume = ("run", place.plan, "--out", place.out, "--resume", place.run.name)
        said = assay(*resume)
        assert said.code == 0
        assert "other waivers than when the run was begun: what is waived now counts" in said.err
        assert "other waivers" not in assay(*resume).err


def _with_member(source: Path, target: Path, name: str, change: Callable[[bytes], bytes | None]) -> None:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for member in old.infolist():
            content = old.read(member)
            changed = change(content) if member.filename == name else content
            if changed is not None:
                new.writestr(member, changed)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda content: content.replace(b"2099-12-31", b"2099-12-30"), id="another day"),
        pytest.param(lambda _: None, id="taken out"),
    ],
)
def test_waivers_cannot_be_changed_afterwards(
    change: Callable[[bytes], bytes | None], assay: Assay, place: Workplace
) -> None:
    """A record whose waivers are other ones than those of its run does not verify."""
    run_waived(assay, place)
    bundle = place.record.with_suffix(".evidence.zip")
    _with_member(bundle, place.folder / "changed.zip", "evidence/waivers.json", change)
    shutil.move(place.folder / "changed.zip", bundle)
    assert assay("verify", place.record).code == 1


def test_waivers_of_a_run_belong_to_it(assay: Assay, place: Workplace) -> None:
    """Waivers put into a finished run's folder by hand are noticed when it is decided on again."""
    run_waived(assay, place, value=0.8)
    path = place.run / "evidence" / "waivers.json"
    path.write_text(path.read_text("utf-8").replace("0.8", "0.1"), encoding="utf-8")
    said = assay("score", place.run)
    assert said.code == 1
    assert "the waivers are not those of the run" in said.err


@pytest.mark.parametrize(
    ("changes", "line", "told"),
    [
        (
            {"condition": "suite:sums.pass_rate >= 0.8"},
            4,
            f"the waiver names no condition of the policy: 'suite:sums.pass_rate >= 0.8'. Did you mean '{TEXT}'?",
        ),
        (
            {"candidate": "modle"},
            11,
            "the waiver names no candidate that is decided on: 'modle'. Did you mean 'adder'?",
        ),
        (
            {"expires": "2020-01-02"},
            9,
            f"the waiver on '{TEXT}' expired on 2020-01-02. Renew it, or mend the condition.",
        ),
        (
            {"granted": "2099-01-01"},
            8,
            f"the waiver on '{TEXT}' holds only from 2099-01-01 on. Decide on that day or later, or mend the day.",
        ),
        ({}, 0, ""),
    ],
)
def test_a_waiver_that_lifts_nothing_is_told_before_anything_is_asked(
    assay: Assay, place: Workplace, changes: dict[str, str], line: int, told: str
) -> None:
    """The run says it first, lint says it as a warning, and both name line and nearest name; a good one is not told."""
    said = run_waived(assay, place, **changes)
    linted = " ".join(assay("lint", "plan.yaml").out.split())
    if not told:
        assert ("waivers.yaml:" in said.err, "warning[waiver]" in linted) == (False, False)
        return
    lines = said.err.splitlines()
    assert lines.index(f"waivers.yaml:{line}: {told}") <= 2
    assert f"warning[waiver]: waivers.yaml:{line}: {told}" in linted
