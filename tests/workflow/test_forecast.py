"""Is it said before a run asks anything what it cannot prove, and does lint say all of it?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from assay.gate.foresight import Cases
from assay.workflow.forecast import due_of
from assay.workflow.prepare import prepare
from tests.fakes import plan_of, serving

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes import Said, Workplace

    Assay = Callable[..., Said]

SURE = " with 95% confidence"
NEVER = f"suite:sums.pass_rate >= 0.95{SURE}"
WEAK = f"suite:sums.pass_rate >= 0.8{SURE}"
WELL = f"suite:sums.pass_rate >= 0.1{SURE}"
SLOW = f"bench:short@1.e2e_p95_s < 5{SURE}"
BENCH = {"profiles": ["short"], "concurrency": [1], "requests": 3, "warmup": 0, "self_test": False}


def noted(assay: Assay, place: Workplace, *conditions: object, **changes: object) -> list[str]:
    """Run a plan of sixteen sums and return what was said of its gate, and whether that came first."""
    with serving() as server:
        place.write(plan_of(server.base_url, gate={"conditions": list(conditions)}, **changes), sums=16)
        said = assay("run", place.plan, "--out", place.out)
    lines = said.err.splitlines()
    told = [line for line in lines if line.startswith("gate: ")]
    assert lines[1 : 1 + len(told)] == told
    assert all(len(line) <= 80 for line in told)
    return told


def test_a_gate_that_cannot_pass_is_told_first(assay: Assay, place: Workplace) -> None:
    """The impossible, then the weak, one line each, before any server is reached."""
    told = noted(assay, place, WELL, WEAK, {"condition": NEVER, "id": "sure"}, SLOW, bench=BENCH)
    assert told == [
        "gate: cannot be met at any result: 16 cases, 59 needed: sure",
        "gate: cannot be met at any result: 3 requests, 59 needed: bench:short@1.e2e_p95…",
        f"gate: weak: 98.6 % needed for 80 % power: {WEAK}"[:79] + "…",
        "gate: so this gate cannot pass at any result; assay lint PLAN says what it takes",
    ]


def test_a_gate_that_can_pass_is_told_in_a_line(assay: Assay, place: Workplace) -> None:
    """What can be shown well is only counted."""
    assert noted(assay, place, WELL, "suite:sums.pass_rate >= 0.5") == [
        "gate: 1 of 2 conditions rest on samples, 0 weakly; assay lint PLAN has all"
    ]


def test_a_warning_keeps_no_gate_from_passing(assay: Assay, place: Workplace) -> None:
    """It is told as what it is."""
    told = noted(assay, place, WELL, {"condition": NEVER, "id": "sure", "severity": "warn"})
    assert told[0] == "gate: a warning cannot be met at any result: 16 cases, 59 needed: sure"
    assert "cannot pass" not in told[-1]


def test_nothing_is_said_where_nothing_is_sampled(assay: Assay, place: Workplace) -> None:
    """A plain threshold needs no forecast."""
    assert noted(assay, place, "suite:sums.pass_rate >= 0.9") == []


def test_lint_says_all_of_it_at_its_line(assay: Assay, place: Workplace) -> None:
    """Suites' conditions with their suite, those on load after them; one that blocks in vain is an error."""
    place.write(plan_of("http://127.0.0.1:1/v1", gate={"conditions": [WELL, SLOW]}, bench=BENCH), sums=16)
    said = assay("lint", "plan.yaml")
    text = " ".join(said.out.split())
    assert said.code == 1
    assert f"note[power]: plan.yaml:5: condition '{WELL}' allows at most" in text
    assert f"error[unprovable]: plan.yaml:5: condition '{SLOW}' cannot be met with 3 requests, even if all of" in text
    found = json.loads(assay("lint", "plan.yaml", "--json").out)
    assert [own["remedy"] for own in found["gate"]] == ["It takes 59 requests."]


def test_what_is_due_is_counted_as_conditions_name_it(place: Workplace) -> None:
    """By suite, tag and scorer, by source, by load over all rounds."""
    place.write(plan_of("http://127.0.0.1:1/v1", bench={**BENCH, "repeats": 3, "rates": [0.5]}, trials=2), sums=1)
    cases = [
        {"id": "a", "input": "?", "expected": "x", "tags": ["vi"], "source": "s"},
        {"id": "b", "input": "!", "expected": "x", "tags": ["vi"], "source": "s"},
        {"id": "c", "input": "1", "expected": "x", "scorers": ["contains"]},
    ]
    (place.folder / "sums.jsonl").write_text("\n".join(map(json.dumps, cases)), encoding="utf-8")

    due = due_of(prepare(place.plan, {}))

    assert due.cases == {
        "suite:sums": Cases(3, 2),
        "suite:sums#vi": Cases(2, 1),
        "suite:sums/contains": Cases(1, 1),
        "suite:sums/exact": Cases(2, 1),
    }
    assert (due.requests, due.trials, due.pairs) == ({"short@1": 9, "short@0.5/s": 9}, 2, {})


def test_pairs_are_cases_that_the_baseline_has_too(assay: Assay, place: Workplace) -> None:
    """Of an earlier record only the same cases count; a candidate of the run has them all."""
    with serving() as server:
        place.write(plan_of(server.base_url), sums=4)
        assay("run", place.plan, "--out", place.out)
        one = plan_of(server.base_url)["candidates"][0]
        roles = {"new": ["production"], "old": ["baseline"]}
        candidates = [one | {"id": name, "roles": own} for name, own in roles.items()]
        place.write(plan_of(server.base_url, candidates=candidates), sums=6)
    assert due_of(prepare(place.plan, {})).pairs == {"suite:sums": Cases(6, 6), "suite:sums/exact": Cases(6, 6)}
