"""How far do a judge and people agree: what does `assay calibrate` ask, and what does it write?"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay.errors import InputError, Problem
from assay.gate import wilson
from assay.record.run_folder import to_json
from assay.schema.calibration import Calibration, LabelledAnswer
from assay.schema.run import Completion
from assay.schema.suite import Message
from assay.scoring import JudgeContract, bias_of, fence, figures_of, judge_fingerprint
from assay.suite import load_labels
from assay.workflow.evaluate import draining, most_at_once, run_all
from assay.workflow.prepare import prepare
from assay.workflow.seat import sitting
from assay.workflow.servers import addresses

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from assay.schema.calibration import Label
    from assay.schema.suite import JudgeSpec
    from assay.scoring import Judged
    from assay.workflow.prepare import Prepared
    from assay.workflow.seat import Seat
    from assay.workflow.wishes import Surroundings

__all__ = ["Calibrated", "calibrate"]

_SALT = "calibration"
"""Fences of a calibration follow from its labels alone, so that answers on disk are known again."""


@dataclass(frozen=True)
class Calibrated:
    """What a calibration came to."""

    calibration: Calibration
    """The figures and the labelled answers."""
    path: Path
    """Where it was written."""
    spec: JudgeSpec
    """The judge as the plan has it."""


@dataclass(frozen=True)
class _Question:
    """One thing to ask the judge about one answer."""

    answer: str
    """Id of the answer."""
    kind: str
    """`first`, `again 2`, …, or `backwards`."""
    label: Label
    backwards: bool


def calibrate(
    judge: str, labels_path: Path, plan_path: Path, surroundings: Surroundings, *, repeats: int, out: Path | None
) -> Calibrated:
    """Ask a judge about every labelled answer and compare its word with people's.

    What the judge said is kept beside the calibration as it comes, so that an interrupted calibration goes on.

    Args:
        judge: judge id in the plan.
        labels_path: the labels file.
        plan_path: the plan.
        surroundings: environment, and who watches.
        repeats: how often each answer is judged.
        out: file to write; None takes the one that the plan names, or `calibrations/<judge>.json` beside the plan.

    Raises:
        InputError: plan or labels are wrong, or there is no such judge.
        ServerError: the judge's server cannot be reached.
    """
    prepared = prepare(plan_path, surroundings.environment, calibrating=True)
    spec = _judge(prepared, judge)
    labels, digest = load_labels(labels_path)
    path = out or plan_path.parent / (spec.calibration or f"calibrations/{judge}.json")
    path.parent.mkdir(parents=True, exist_ok=True)
    groups = _groups(labels)
    contract = JudgeContract(prepared.rubrics[spec.id])
    questions = _questions(groups, repeats, turned=len(contract.rubric.criteria) > 1)
    surroundings.progress.stage(f"asking {judge}", len(questions))
    candidate = next(c for c in prepared.plan.candidates if c.id == spec.candidate)
    journal = _Journal(path.with_suffix(".judgements.jsonl"))
    with addresses(prepared, [candidate], surroundings.environment) as places, surroundings.stop.finishing():
        at_once = most_at_once(candidate, None)
        sat = sitting(spec, prepared, places[candidate.id], at_once)
        asyncio.run(_ask(sat, at_once, questions, journal, surroundings))
    answers, unread, models = _answers(groups, journal.completions, contract)
    calibration = Calibration(
        judge=judge,
        model=next(iter(models)) if len(models) == 1 else None,
        fingerprint=judge_fingerprint(candidate),
        rubric=contract.rubric.id,
        rubric_digest=contract.rubric.digest(),
        labels_digest=digest,
        answers=answers,
        unread=dict(sorted(unread.items())),
        agreement=figures_of(answers, _raters(labels, groups), wilson),
        bias=bias_of(answers, {name: len(own[0].answer) for name, own in groups.items()}, wilson),
    )
    path.write_text(to_json(calibration), encoding="utf-8", newline="\n")
    return Calibrated(calibration, path, spec)


def _judge(prepared: Prepared, judge: str) -> JudgeSpec:
    for spec in prepared.plan.judges:
        if spec.id == judge:
            return spec
    known = ", ".join(spec.id for spec in prepared.plan.judges) or "none"
    document = prepared.loaded.document
    message = f"the plan has no judge {judge!r}"
    remedy = f"Its judges: {known}."
    raise InputError(Problem("no-judge", message, remedy, document.file, document.line_of(("judges",))))


def _groups(labels: Sequence[Label]) -> dict[str, list[Label]]:
    """Return the labels of one and the same answer together, under the id of the first."""
    first: dict[tuple[str, str | None, str], str] = {}
    groups: dict[str, list[Label]] = {}
    for label in labels:
        name = first.setdefault((label.request, label.reference, label.answer), label.id)
        groups.setdefault(name, []).append(label)
    return groups


def _questions(groups: Mapping[str, Sequence[Label]], repeats: int, *, turned: bool) -> list[_Question]:
    """Return all questions, round by round, so that a repeat does not follow at once."""
    kinds = [("first", False), *((f"again {n}", False) for n in range(2, repeats + 1))]
    kinds += [("backwards", True)] if turned else []
    return [_Question(name, kind, own[0], backwards) for kind, backwards in kinds for name, own in groups.items()]


class _Journal:
    """Judgements as they come, found again by what was asked."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, Completion] = {}
        self.completions: dict[tuple[str, str], Completion] = {}
        """What the judge answered, by answer and kind of question."""
        if path.exists():
            for line in path.read_bytes().split(b"\n"):
                try:
                    row = json.loads(line)
                    self._known[row["asked"]] = Completion.model_validate(row["completion"])
                except (ValueError, KeyError, TypeError):
                    continue  # a torn line is asked again

    def find(self, question: _Question, asked: str) -> bool:
        """Take an answer that is on disk already; say whether there was one."""
        known = self._known.get(asked)
        if known is not None and known.fault is None:
            self.completions[question.answer, question.kind] = known
            return True
        return False

    def keep(self, question: _Question, asked: str, completion: Completion) -> None:
        """Write an answer down."""
        self.completions[question.answer, question.kind] = completion
        row = {"asked": asked, "completion": completion.model_dump(mode="json")}
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


async def _ask(
    sat: AbstractAsyncContextManager[Seat],
    at_once: int,
    questions: Sequence[_Question],
    journal: _Journal,
    surroundings: Surroundings,
) -> None:
    todo = iter(questions)
    async with sat as seat:

        async def work(question: _Question) -> None:
            await _one(seat, question, journal)
            surroundings.progress.advance()

        await run_all([draining(todo, work, surroundings.stop)] * at_once)


async def _one(seat: Seat, question: _Question, journal: _Journal) -> None:
    contract = JudgeContract(seat.contract.rubric, backwards=question.backwards)
    label = question.label
    nonce = fence(_SALT, (label.request, label.answer, question.kind))
    messages = contract.messages([Message(role="user", content=label.request)], label.reference, label.answer, nonce)
    asked = hashlib.sha256(
        json.dumps([seat.model, seat.settings.model_dump(mode="json"), [m.content for m in messages]]).encode()
    ).hexdigest()
    if not journal.find(question, asked):
        journal.keep(question, asked, await seat.ask(messages, contract.schema()))


def _answers(
    groups: Mapping[str, Sequence[Label]],
    completions: Mapping[tuple[str, str], Completion],
    contract: JudgeContract,
) -> tuple[tuple[LabelledAnswer, ...], Counter[str], set[str]]:
    """Return the labelled answers, the statuses of judgements that gave no verdict, and the judge's model names."""
    turned = JudgeContract(contract.rubric, backwards=True)
    answers, unread, models = [], Counter[str](), set[str]()
    for name, own in groups.items():
        said = {kind: completion for (answer, kind), completion in completions.items() if answer == name}
        read: dict[str, Judged] = {}
        for kind, completion in said.items():
            read[kind] = (turned if kind == "backwards" else contract).parse(completion)
            if completion.model is not None:
                models.add(completion.model)
        unread.update(judged.status for judged in read.values() if judged.status != "read")
        passes = sum(label.label == "passed" for label in own)
        answers.append(
            LabelledAnswer(
                id=name,
                suite=own[0].suite,
                case=own[0].case,
                answer_sha256=hashlib.sha256(own[0].answer.encode()).hexdigest(),
                human="passed" if 2 * passes > len(own) else "failed",
                judge=read["first"].outcome,
                human_grade=own[0].grade,
                judge_grade=read["first"].value,
                repeats=tuple(judged.outcome for kind, judged in read.items() if kind.startswith("again")),
                reordered=read["backwards"].outcome if "backwards" in read else None,
            )
        )
    return tuple(answers), unread, models


def _raters(labels: Sequence[Label], groups: Mapping[str, Sequence[Label]]) -> dict[str, dict[str, str]]:
    """Return what each person said, by rater and answer."""
    answer_of = {label.id: name for name, own in groups.items() for label in own}
    ratings: dict[str, dict[str, str]] = {}
    for label in labels:
        ratings.setdefault(label.rater or "", {})[answer_of[label.id]] = label.label
    return ratings
