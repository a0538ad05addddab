"""What stands for a run to export: a folder with a plan, two suites, trials, and a score for each scorer."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from assay.record.run_folder import to_json
from assay.schema.run import Fault, Run, Trial, Usage
from assay.schema.score import Score
from assay.schema.suite import Plan, Suite
from assay.workflow.export import export_run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from assay.schema._base import Noun
    from assay.schema.score import Outcome

__all__ = ["SALT", "SUITES", "exported", "score", "small_run", "trial", "write_run"]

SALT = "5" * 32
RUN_ID = "20260102T030405-small-abcd"
SUMS = Suite.model_validate(
    {
        "id": "sums",
        "scorers": ["exact"],
        "cases": [
            {"id": "a", "input": "1+1", "expected": "2", "tags": ["small", "a;b\\"]},
            {"id": "b", "input": "2+2", "expected": "4", "severity": "blocker"},
        ],
    }
)
TALK = Suite.model_validate(
    {
        "id": "talk",
        "system": "Be brief.",
        "scorers": [{"judge": {"rubric": "kind"}}, "contains"],
        "cases": [
            {"id": "hello", "input": "Say hello.", "expected": "hello", "context": ["Be kind."], "tags": ["vi"]},
            {
                "id": "turns",
                "input": [
                    {"role": "user", "content": "Hi"},
                    {"role": "assistant", "content": "Hi!"},
                    {"role": "user", "content": "Bye"},
                ],
                "expected": ["bye", "ciao"],
            },
        ],
    }
)
SUITES: dict[str, Suite] = {"sums": SUMS, "talk": TALK}


def plan_of(trials: int = 1, candidates: Sequence[str] = ("one",)) -> Plan:
    """Return a plan over both suites."""
    return Plan.model_validate(
        {
            "schema": "assay/plan/v1",
            "use_case": {"id": "small"},
            "candidates": [
                {"id": name, "runtime": "vllm", "base_url": f"http://127.0.0.1:{port}/v1"}
                for port, name in enumerate(candidates, start=1)
            ],
            "suites": [{"cases": "sums.jsonl"}, {"cases": "talk.jsonl"}],
            "trials": trials,
            "gate": {"conditions": []},
        }
    )


def trial(key: str, answer: str | None, number: int = 1, **changes: object) -> Trial:
    """Return a trial by `candidate/suite/case`; without an answer it timed out."""
    candidate, suite, case = key.split("/")
    fault = Fault(kind="timeout", message="no answer within 30 s") if answer is None else None
    fields: dict[str, object] = {
        "candidate": candidate,
        "suite": suite,
        "case": case,
        "trial": number,
        "status": "failed" if fault else "completed",
        "output": answer,
        "error": fault,
        "finish_reason": None if fault else "stop",
        "usage": None if fault else Usage(prompt_tokens=9, completion_tokens=1),
        "elapsed_ms": 12.5,
        "attempts": 1,
        "model": "m",
        "case_digest": next(own.digest() for own in SUITES[suite].cases if own.id == case),
        **changes,
    }
    return Trial.model_validate(fields)


def score(own: Trial, scorer: str, outcome: Outcome, reason: str = "") -> Score:
    """Return the score of a trial."""
    value = {"passed": 1.0, "failed": 0.0, "unscored": None}[outcome]
    return Score(
        candidate=own.candidate,
        suite=own.suite,
        case=own.case,
        trial=own.trial,
        scorer=scorer,
        value=value,
        outcome=outcome,
        reason=reason or outcome,
    )


def write_run(
    folder: Path,
    trials: Sequence[Trial],
    scores: Sequence[Score] | None,
    plan: Plan | None = None,
    suites: Mapping[str, Suite] = SUITES,
) -> Path:
    """Write a run folder and return it; None leaves the scores out."""
    plan = plan or plan_of()
    run = Run(
        id=RUN_ID,
        plan_digest=plan.digest(),
        suite_digests={suite.id: suite.digest() for suite in suites.values()},
        started="2026-01-02T03:04:05+00:00",
        state="completed",
        versions={},
        salt=SALT,
    )
    path = folder / "run"
    (path / "suites").mkdir(parents=True)
    (path / "run.json").write_text(to_json(run), "utf-8")
    (path / "plan.json").write_text(to_json(plan), "utf-8")
    for suite in suites.values():
        (path / "suites" / f"{suite.id}.json").write_text(to_json(suite), "utf-8")
    (path / "trials.jsonl").write_bytes(_lines(trials))
    if scores is not None:
        (path / "scores.jsonl").write_bytes(_lines(scores))
    return path


def small_run(folder: Path, answer: str = "2") -> Path:
    """Write a run with a pass, a fault, a fail beside a pass, and a judge without a verdict; return its folder."""
    trials = [
        trial("one/sums/a", answer),
        trial("one/sums/b", None, attempts=3),
        trial("one/talk/hello", "Hello <you>, hello & ]]>", finish_reason="length", reused_from="earlier"),
        trial("one/talk/turns", "bye", elapsed_ms=1000),
    ]
    a, b, hello, turns = trials
    scores = [
        score(a, "exact", "passed", "equal"),
        score(b, "exact", "unscored", "no answer: timeout"),
        score(hello, "judge:kind", "failed", 'not "kind"'),
        score(hello, "contains", "passed", "found"),
        score(turns, "judge:kind", "unscored", "no judge was asked"),
        score(turns, "contains", "passed", "found"),
    ]
    return write_run(folder, trials, scores)


def exported(run: Path, format_: str, most: int | None = None) -> bytes:
    """Return what an export writes where no file is named."""
    out = io.BytesIO()
    export_run(run, format_, None, out, most=most)
    return out.getvalue()


def _lines(nouns: Sequence[Noun]) -> bytes:
    return "".join(noun.model_dump_json(by_alias=True) + "\n" for noun in nouns).encode()
