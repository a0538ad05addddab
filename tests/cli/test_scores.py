"""Does a person see of the scores what they are, what failed and why, and no more than was asked?"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from tests.fakes import Reply, completion, plan_of, serving

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes import Asked, Said, Workplace

    Assay = Callable[..., Said]


def wrong(asked: Asked) -> Reply | None:
    """Answer every third sum wrongly."""
    number = int(re.search(r"(\d+) \+", asked.text)[1])
    return Reply(body=completion("99")) if number % 3 == 0 else None


def write(place: Workplace, base_url: str, **changes: object) -> None:
    place.write(plan_of(base_url, **changes), sums=12)
    sums = place.folder / "sums.jsonl"
    rows = [json.loads(line) for line in sums.read_text("utf-8").splitlines()]
    tagged = [{**row, "tags": ["low" if n < 4 else "high"]} for n, row in enumerate(rows)]
    tagged[6]["severity"] = "blocker"
    sums.write_text("".join(json.dumps(row) + "\n" for row in tagged), encoding="utf-8")


def shown(said: Said) -> list[str]:
    """Return what was shown but for the two paths."""
    return said.out.splitlines()[:-2]


def test_of_a_part_only_the_part_is_shown(assay: Assay, place: Workplace) -> None:
    """Rates over whole suites, rows and blockers that were not asked are left out, and it is said why."""
    with serving(wrong) as server:
        # One at a time: failures are shown in the order in which their answers came.
        write(place, server.base_url, candidate={"concurrency": 1})
        said = assay("eval", place.plan, "--out", place.out, "--tag", "low", "--limit", "4")
    assert shown(said) == [
        "only a part was asked (--tag low --limit 4): no rate over the whole suites",
        "adder: 4 of 12 trials answered",
        "  suite, #tag or /scorer               passed  strict  95 % from..to  scored",
        "  sums                                 2 of 4       -              -   0.500",
        "    #low                               2 of 4       -              -   0.500",
        "answers that did not pass:",
        "  adder sums/c0 1 exact",
        "    expected '0', got '99'",
        "  adder sums/c3 1 exact",
        "    expected '6', got '99'",
        "strict: a trial without a score counts as not passed; scored: without those",
    ]


def test_several_trials_have_no_interval(assay: Assay, place: Workplace) -> None:
    """Trials of one case are alike, so no interval is shown; ten failures are, of those that there are."""
    with serving(wrong) as server:
        write(place, server.base_url, trials=4)
        said = assay("eval", place.plan, "--out", place.out)
        elsewhere = assay("score", place.run.name)
        by_folder = assay("score", place.run)
    lines = shown(said)
    assert lines[:3] == [
        "adder: 48 of 48 trials answered",
        "  suite, #tag or /scorer               passed  strict  95 % from..to  scored",
        "  sums                               32 of 48   0.667              -   0.667",
    ]
    assert "answers that did not pass, the first 10:" in lines
    assert len([line for line in lines if line.startswith("    expected ")]) == 10
    assert (elsewhere.code, by_folder.code, by_folder.out) == (2, 0, said.out)


def test_a_blocker_is_counted_once_however_often_it_is_tried(assay: Assay, place: Workplace) -> None:
    """The gate speaks of blocker cases, not of their trials."""
    with serving(wrong) as server:
        write(place, server.base_url, trials=3, gate={"conditions": ["blockers all passed"]})
        said = assay("run", place.plan, "--out", place.out)
    assert "Blocker cases that failed, 1 of 1: sums/c6." in said.out
