"""Does a candidate pass or fail by what an earlier record shows, from the plan's line to the verdict?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assay.schema.record import Record
from tests.fakes import Reply, completion, plan_of, serving

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes import Asked, Said, Workplace

    Assay = Callable[..., Said]

WHOLE = {"stop_early": "never", "conditions": ["suite:sums.pass_rate >= 0.5"]}
"""A gate that asks every case: what was not asked can be compared with nothing."""
COMPARED = "suite:sums.pass_rate not worse than baseline by 0.1"


def wrong_below(number: int) -> Callable[[Asked], Reply | None]:
    """Return a script that answers the first sums wrongly."""
    texts = {f"What is {n} + {n}?" for n in range(number)}
    return lambda asked: Reply(body=completion("41")) if asked.text in texts else None


def ran(assay: Assay, place: Workplace, wrong: int, gate: dict, *, sums: int = 60) -> Said:
    with serving(wrong_below(wrong)) as server:
        place.write(plan_of(server.base_url, gate=gate), sums=sums)
        return assay("run", place.plan, "--out", place.out)


@pytest.mark.parametrize(("wrong", "code"), [(1, 0), (3, 3), (30, 1)])
def test_an_earlier_record_is_compared_with(assay: Assay, place: Workplace, wrong: int, code: int) -> None:
    """As good is proven, somewhat worse is open, far worse is proven too; the record verifies."""
    ran(assay, place, 0, WHOLE)

    said = ran(assay, place, wrong, {"baseline": "out/records/0001-adding", "conditions": [COMPARED]})

    assert said.code == code
    assert assay("verify", place.out / "records" / "0002-adding").code == 0
    record = Record.model_validate_json((place.out / "records" / "0002-adding.json").read_bytes())
    (result,) = record.verdict.candidates[0].conditions
    assert (result.n, result.observed) == (60, pytest.approx(-wrong / 60, abs=1e-5))


def test_a_finished_run_is_decided_on_against_a_record(assay: Assay, place: Workplace) -> None:
    """With --baseline, and by a policy that names the record beside it; the new record verifies."""
    ran(assay, place, 0, WHOLE)
    old = place.out / "records" / "0001-adding"
    ran(assay, place, 30, WHOLE)
    own = place.folder / "policy.yaml"
    own.write_text(f"conditions: ['{COMPARED}']\n", encoding="utf-8")
    named = place.folder / "named.yaml"
    named.write_text(f"baseline: out/records/0001-adding\nconditions: ['{COMPARED}']\n", encoding="utf-8")
    new = place.out / "records" / "0002-adding"

    assert assay("decide", new, "--policy", own).errors[0].startswith(f"error[no-baseline]: {own}:1: ")
    by_option = assay("decide", new, "--policy", own, "--baseline", old, "--out", place.out)
    by_name = assay("decide", new, "--policy", named)

    assert (by_option.code, by_name.code) == (1, 1)
    assert "against:  0001-adding, adder" in by_option.out.splitlines()
    assert assay("verify", place.out / "records" / "0003-adding").code == 0
    again = assay("decide", place.out / "records" / "0003-adding")
    assert (again.code, "against:  0001-adding, adder" in again.out) == (1, True)


@pytest.mark.parametrize("source", ["run", "record"])
def test_a_run_is_not_held_against_itself(assay: Assay, place: Workplace, source: str) -> None:
    """Its own record shows the same answers, which are never worse: neither option nor policy may name it."""
    ran(assay, place, 30, WHOLE)
    record = place.out / "records" / "0001-adding"
    own = place.folder / "policy.yaml"
    own.write_text(f"conditions: ['{COMPARED}']\n", encoding="utf-8")
    named = place.folder / "named.yaml"
    named.write_text(f"baseline: out/records/0001-adding\nconditions: ['{COMPARED}']\n", encoding="utf-8")
    what = place.run if source == "run" else record

    for arguments in (("--policy", own, "--baseline", record), ("--policy", named)):
        said = assay("decide", what, *arguments)
        assert said.code == 2
        (error,) = said.errors
        assert "it is a record of this very run, whose answers would be held against themselves" in error


def test_what_too_few_pairs_cannot_prove_is_told_before(assay: Assay, place: Workplace) -> None:
    """The pairs are those cases that the record has too."""
    ran(assay, place, 0, WHOLE, sums=20)

    said = ran(assay, place, 0, {"baseline": "out/records/0001-adding", "conditions": [COMPARED]}, sums=20)

    assert said.code == 3
    assert said.err.splitlines()[1] == f"gate: cannot be met at any result: 20 cases, 29 needed: {COMPARED}"[:79] + "…"
