"""How far do a judge and people agree: what does `assay calibrate` ask, and what does it write?"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay.errors import InputError, Problem, ServerError
from assay.gate import wilson
from assay.record.run_folder import to_json
from assay.runtime.pace import NotSentError
from assay.schema.calibration import Calibration, LabelledAnswer, LabelledCase
from assay.schema.suite import Message
from assay.scoring import JudgeContract, bias_of, fence, figures_of, judge_fingerprint
from assay.suite import load_labels
from assay.workflow.calibration_file import Journal, beside, target
from assay.workflow.evaluate import draining, most_at_once, run_all
from assay.workflow.prepare import prepare
from assay.workflow.seat import judge_of, sitting
from assay.workflow.servers import addresses

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from assay.schema.calibration import Label
    from assay.schema.run import Completion
    from assay.schema.suite import JudgeSpec
    from assay.scoring import Judged
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
    spec = judge_of(prepared, judge)
    contract = JudgeContract(prepared.rubrics[spec.id])
    labels, digest = load_labels(labels_path)
    groups = _groups(labels, contract.rubric.id, labels_path)
    path = target(prepared, spec, out)
    questions = _questions(groups, repeats, turned=len(contract.rubric.criteria) > 1)
    surroundings.progress.stage(f"asking {judge}", len(questions))
    candidate = next(c for c in prepared.plan.candidates if c.id == spec.candidate)
    journal = Journal(path.with_suffix(".judgements.part.jsonl"))
    with addresses(prepared, [candidate], surroundings.environment) as places, surroundings.stop.finishing():
        at_once = most_at_once(candidate, None)
        sat = sitting(spec, prepared, places[candidate.id], at_once, surroundings.stop)
        asyncio.run(_ask(sat, at_once, questions, journal, surroundings))
    answers, unread, models = _answers(groups, journal.completions, contract)
    if all(answer.judge == "unscored" for answer in answers):
        statuses = ", ".join(f"{count} {status}" for status, count in sorted(unread.items()))
        message = f"not one judgement of {judge} could be read ({statuses})"
        raise ServerError(Problem("no-answers", message, "See docs/judges.md for the statuses; nothing was written."))
    calibration = Calibration(
        judge=judge,
        model=next(iter(models)) if len(models) == 1 else None,
        fingerprint=judge_fingerprint(candidate, contract.prompt_digest()),
        rubric=contract.rubric.id,
        rubric_digest=contract.rubric.digest(),
        labels=beside(labels_path, prepared.loaded.folders.base),
        labels_digest=digest,
        answers=answers,
        unread=dict(sorted(unread.items())),
        agreement=figures_of(answers, wilson),
        bias=bias_of(answers, wilson),
    )
    draft = path.with_name(path.name + ".part")
    draft.write_text(to_json(calibration), encoding="utf-8", newline="\n")
    draft.replace(path)
    journal.close(path.with_suffix(".judgements.jsonl"))
    return Calibrated(calibration, path, spec)


def _groups(labels: Sequence[Label], rubric: str, path: Path) -> dict[str, list[Label]]:
    """Return the labels of one and the same answer together, under the id of the first; those of other rubrics apart.

    Raises:
        InputError: no label is for the rubric, or one person says both of the same answer.
    """
    first: dict[tuple[str, str | None, str], str] = {}
    groups: dict[str, list[Label]] = {}
    said: dict[tuple[str, str | None], Label] = {}
    problems = []
    for label in labels:
        if label.rubric not in {None, rubric}:
            continue
        name = first.setdefault((label.request, label.reference, label.answer), label.id)
        groups.setdefault(name, []).append(label)
        earlier = said.setdefault((name, label.rater), label)
        if earlier.label != label.label:
            who = f"the rater {label.rater}" if label.rater else "nobody by name"
            message = f"{who} says both of one answer: {earlier.label} in {earlier.id!r}, {label.label} in {label.id!r}"
            problems.append(Problem("bad-labels", message, "Name the raters, or keep one of the two.", str(path)))
    if not groups:
        problems.append(Problem("no-labels", f"no label is for the rubric {rubric!r}", "Check `rubric`.", str(path)))
    if problems:
        raise InputError(*problems)
    return groups


def _questions(groups: Mapping[str, Sequence[Label]], repeats: int, *, turned: bool) -> list[_Question]:
    """Return all questions, round by round, so that a repeat does not follow at once."""
    kinds = [("first", False), *((f"again {n}", False) for n in range(2, repeats + 1))]
    kinds += [("backwards", True)] if turned else []
    return [_Question(name, kind, own[0], backwards) for kind, backwards in kinds for name, own in groups.items()]


async def _ask(
    sat: AbstractAsyncContextManager[Seat],
    at_once: int,
    questions: Sequence[_Question],
    journal: Journal,
    surroundings: Surroundings,
) -> None:
    todo = iter(questions)
    async with sat as seat:

        async def work(question: _Question) -> None:
            with suppress(NotSentError):
                await _one(seat, question, journal)
            surroundings.progress.advance()

        await run_all([draining(todo, work, surroundings.stop)] * at_once)


async def _one(seat: Seat, question: _Question, journal: Journal) -> None:
    contract = JudgeContract(seat.contract.rubric, backwards=question.backwards)
    label = question.label
    nonce = fence(_SALT, (label.request, label.answer, question.kind))
    messages = contract.messages([Message(role="user", content=label.request)], label.reference, label.answer, nonce)
    asked = hashlib.sha256(
        json.dumps([seat.model, seat.settings.model_dump(mode="json"), [m.content for m in messages]]).encode()
    ).hexdigest()
    about = (question.answer, question.kind)
    if not journal.find(about, asked):
        journal.keep(about, asked, await seat.ask(messages, contract.schema()))


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
        grades = [label.grade for label in own if label.grade is not None]
        answers.append(
            LabelledAnswer(
                id=name,
                cases=tuple(
                    LabelledCase(suite=suite, case=case)
                    for suite, case in dict.fromkeys((label.suite, label.case) for label in own)
                    if suite is not None and case is not None
                ),
                answer_sha256=hashlib.sha256(own[0].answer.encode()).hexdigest(),
                characters=len(own[0].answer),
                raters={label.rater or "": label.label for label in own},
                judge=read["first"].outcome,
                human_grade=sum(grades) / len(grades) if grades else None,
                judge_grade=read["first"].value,
                repeats=tuple(judged.outcome for kind, judged in read.items() if kind.startswith("again")),
                reordered=read["backwards"].outcome if "backwards" in read else None,
            )
        )
    return tuple(answers), unread, models
