"""Is a server given up when it refuses all, and never because of one odd answer?"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.fakes import Asked, Reply, plan_of, serving

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes import Said, Workplace

    Assay = Callable[..., Said]

ONE_AT_A_TIME = {"concurrency": 1}


@pytest.mark.parametrize("status", [401, 403, 404])
def test_one_odd_answer_costs_one_case(assay: Assay, place: Workplace, status: int) -> None:
    """The very first prompt may be refused: where something harmless is answered, the others are asked."""
    odd = Reply(status, {"error": "not this one"})
    with serving(lambda asked: odd if "0 + 0" in asked.text else None) as server:
        place.write(plan_of(server.base_url, candidate=ONE_AT_A_TIME), sums=5)
        said = assay("eval", place.plan, "--out", place.out)
    assert said.code == 0
    assert Counter(row["status"] for row in place.rows("trials.jsonl")) == {"failed": 1, "completed": 4}
    assert (server.counts["hi"], server.asked[1].body["max_completion_tokens"]) == (1, 1)


@pytest.mark.parametrize("status", [401, 403, 404])
def test_many_odd_answers_in_a_row_cost_their_own_cases(assay: Assay, place: Workplace, status: int) -> None:
    """A gateway that dislikes thirty prompts is not asked a harmless one after each of them."""

    def choosy(asked: Asked) -> Reply | None:
        return Reply(status, {"error": "no"}) if asked.text != "hi" and asked.number > 1 else None

    with serving(choosy) as server:
        place.write(plan_of(server.base_url, candidate=ONE_AT_A_TIME), sums=31)
        said = assay("eval", place.plan, "--out", place.out)
    assert said.code == 0
    assert Counter(row["status"] for row in place.rows("trials.jsonl")) == {"failed": 30, "completed": 1}
    assert server.counts["hi"] <= 31


def test_words_of_a_prompt_end_no_run(assay: Assay, place: Workplace) -> None:
    """A server that quotes what it was asked says nothing about the key."""
    quoting = Reply(400, {"error": "cannot answer: what does `invalid api key` mean?"})
    with serving(lambda asked: quoting if asked.text != "hi" and asked.number % 2 else None) as server:
        place.write(plan_of(server.base_url, candidate=ONE_AT_A_TIME), sums=6)
        assert assay("eval", place.plan, "--out", place.out).code == 0
    assert len(place.rows("trials.jsonl")) == 6


def test_a_run_goes_past_an_odd_case_when_it_goes_on(assay: Assay, place: Workplace) -> None:
    """Where only the refused case is left, it is asked once more and the run ends."""
    odd = Reply(403, {"error": "not this one"})
    with serving(lambda asked: odd if "2 + 2" in asked.text else None) as server:
        place.write(plan_of(server.base_url, candidate=ONE_AT_A_TIME))
        assay("eval", place.plan, "--out", place.out)
        said = assay("eval", place.plan, "--out", place.out, "--resume", place.run.name, "--retry-failed")
    assert said.code == 0
    assert Counter(row["status"] for row in place.rows("trials.jsonl")) == {"failed": 1, "completed": 2}


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_server_that_refuses_all_ends_the_run_at_once(assay: Assay, place: Workplace, status: int) -> None:
    """What refuses a harmless question refuses all: exit 2, and nothing of it counts against a case."""
    with serving(lambda asked: Reply(status, {"error": "no"})) as server:
        place.write(plan_of(server.base_url, candidate={"concurrency": 8}), sums=100)
        said = assay("eval", place.plan, "--out", place.out)
        assert len(server.asked) <= 8 + 1
        server.script = lambda asked: None
        again = assay("eval", place.plan, "--out", place.out, "--resume", place.run.name)
    assert (said.code, again.code) == (2, 0)
    assert said.errors[0].startswith(f"error[{'unknown-model' if status == 404 else 'unauthorized'}]: {place.plan}:3: ")
    assert Counter(row["status"] for row in place.rows("trials.jsonl")) == {"completed": 100}
