"""How is evidence put together so that what must not travel is not in it, and every number still follows from it?

Where an answer, a judgement or a case loses its text, all of the evidence is scored first, and what was decided of it
is stored beside the rest (`workflow.stored` reads it back).
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar

from pydantic import ValidationError

from assay.errors import InputError
from assay.record.withhold import (
    LEFT_OUT,
    NAMES,
    bare_judgement,
    bare_suite,
    bare_trial,
    redacted,
    redacted_suite,
)
from assay.schema._base import JsonValue, Noun
from assay.schema.bench import RequestEvent
from assay.schema.run import Judgement, Trial
from assay.schema.suite import Suite
from assay.schema.withheld import Redaction, StoredScore, WithheldJudgement, WithheldTrial
from assay.scoring import JudgeContract, words_of
from assay.workflow.evidence import read_inputs
from assay.workflow.hiding import bound_problems, name_problems
from assay.workflow.measure import measure
from assay.workflow.stored import JUDGEMENTS_FILE, REDACTION_FILE, TRIALS_FILE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from assay.errors import Problem
    from assay.record.redact import Redactor
    from assay.schema.run import TrialKey
    from assay.schema.score import Score
    from assay.workflow.evidence import Inputs
    from assay.workflow.hiding import Hiding

__all__ = ["left_out"]

NounT = TypeVar("NounT", bound=Noun)
_BOUND: Final = (
    *("plan.json", "run.json", "evidence/baseline.json", "evidence/waivers.json", "evidence/policy.json"),
    *("evidence/checklist.json", "evidence/attestations.json", "evidence/rehearsals.json"),
)
_BOUND_FOLDERS: Final = ("rubrics/", "calibrations/", "imported/")
_KEPT: Final = ("assembly.json", "template.md.j2", "manifest.json", REDACTION_FILE, TRIALS_FILE, JUDGEMENTS_FILE)
_JOURNALS: Final = ("trials.jsonl", "superseded.jsonl", "judgements.jsonl", "requests.jsonl")


def left_out(
    evidence: Mapping[str, bytes], hiding: Hiding, keep: Callable[[Score], None]
) -> tuple[dict[str, bytes], bool]:
    """Return evidence without what must not travel, and whether its scores were told on the way.

    Args:
        evidence: files by path, with `assembly.json`.
        hiding: what to leave out.
        keep: told of each score when all is scored here, in the order of the trials.

    Raises:
        InputError: a file that digests are made of holds what must not travel, or a journal cannot be read.
        MismatchError: the files do not belong together.
    """
    redactor = hiding.redactor()
    before = Redaction.model_validate_json(evidence.get(REDACTION_FILE, b"{}"))
    leaving = _Leaving(redactor, transcripts=hiding.transcripts and before.transcripts)
    if problems := list(_bound(evidence, redactor)):
        raise InputError(*problems)
    # Suites before judgements before trials: an answer loses its score with each of them.
    files = dict(evidence)
    for path in sorted(evidence, key=lambda path: (not path.startswith("suites/"), path != "judgements.jsonl")):
        files[path] = leaving.file(path, evidence[path])
    told = bool(leaving.trials or leaving.judgements)
    if told:
        files |= _stored(read_inputs(evidence), leaving, hiding, keep)
    counts = redactor.counts + Counter(before.redactions)
    redaction = Redaction(
        transcripts=leaving.transcripts,
        redactions=dict(sorted(counts.items())),
        patterns_sha256=hiding.listed.sha256 if hiding.listed is not None else before.patterns_sha256,
    )
    files.pop(REDACTION_FILE, None)
    if redaction != Redaction():
        files[REDACTION_FILE] = (redaction.model_dump_json(by_alias=True, indent=1) + "\n").encode()
    return files, told


def _bound(evidence: Mapping[str, bytes], redactor: Redactor) -> Iterator[Problem]:
    """Yield a problem for what must not travel and cannot be taken out: digests are made of it, or it is a name."""
    for path, content in evidence.items():
        bound = path in _BOUND or path.startswith(_BOUND_FOLDERS)
        narrowed = redactor.for_file(content) if bound or path.startswith("suites/") else None
        if narrowed is not None and bound:
            yield from bound_problems(path, json.loads(content), narrowed, named=path == "run.json")
        elif narrowed is not None:
            yield from name_problems(path, Suite.model_validate_json(content), narrowed)


@dataclass
class _Leaving:
    """Takes files one by one, and remembers which answers and judgements lost their texts."""

    redactor: Redactor
    transcripts: bool
    cases: set[tuple[str, str]] = field(default_factory=set)
    """Suite and case wherever a text is gone."""
    suites: set[str] = field(default_factory=set)
    """Suites whose system prompt or scorers lost a text."""
    judgements: set[tuple[str, str, str, str, str, int]] = field(default_factory=set)
    judged: set[TrialKey] = field(default_factory=set)
    """Trials of these judgements."""
    trials: set[TrialKey] = field(default_factory=set)

    def file(self, path: str, content: bytes) -> bytes:
        """Return the content of a file as it travels; the very bytes where nothing is left out."""
        if path in {*_KEPT, *_BOUND} or path.startswith(_BOUND_FOLDERS):
            return content
        narrowed = self.redactor.for_file(content)
        if path.startswith("suites/"):
            return self._suite(content, narrowed)
        touched = self._touches(path)
        if path in _JOURNALS and (narrowed is not None or not self.transcripts or touched):
            return b"".join(self._line(path, line, narrowed) for line in content.splitlines(keepends=True))
        if narrowed is None:
            return content
        if path.endswith(".jsonl"):
            return b"".join(_plain(line, narrowed, None) for line in content.splitlines(keepends=True))
        return _plain(content, narrowed, 1)

    def _suite(self, content: bytes, narrowed: Redactor | None) -> bytes:
        suite = Suite.model_validate_json(content)
        own = suite if self.transcripts else bare_suite(suite)
        own = own if narrowed is None else redacted_suite(own, narrowed)
        self.suites |= {own.id} if own.withheld is not None else set()
        self.cases |= {(own.id, case.id) for case in own.cases if case.withheld is not None}
        if own == suite:
            return content
        return (own.model_dump_json(by_alias=True, indent=1, exclude_defaults=True) + "\n").encode()

    def _line(self, path: str, line: bytes, narrowed: Redactor | None) -> bytes:
        """Return a line of a journal, and take note where a text is gone that a score hangs on."""
        narrowed = narrowed and narrowed.for_file(line)
        if narrowed is None and self.transcripts and not self._touches(path):
            return line
        try:
            return self._row(path, line, narrowed)
        except ValidationError:
            return line  # whoever derives the record names file and line, and there is no record

    def _row(self, path: str, line: bytes, narrowed: Redactor | None) -> bytes:
        if path == "judgements.jsonl":
            judgement = Judgement.model_validate_json(line)
            said = judgement if self.transcripts else bare_judgement(judgement)
            said = said if narrowed is None else redacted(said, narrowed)
            if said.completion.output != judgement.completion.output:
                self.judgements.add(judgement.key)
                self.judged.add((judgement.candidate, judgement.suite, judgement.case, judgement.trial))
            return _as_line(line, judgement, said)
        if path == "requests.jsonl":
            event = RequestEvent.model_validate_json(line)
            own = event if self.transcripts else _bare_event(event)
            return _as_line(line, event, own if narrowed is None else redacted(own, narrowed))
        trial = Trial.model_validate_json(line)
        answer = trial if self.transcripts else bare_trial(trial)
        answer = answer if narrowed is None else redacted(answer, narrowed)
        if trial.suite in self.suites or trial.key[1:3] in self.cases:
            answer = answer.model_copy(update={"request_digest": None})
        if path == "trials.jsonl" and trial.output is not None and self._loses(trial, answer):
            self.trials.add(trial.key)
        return _as_line(line, trial, answer)

    def _touches(self, path: str) -> bool:
        """Say whether what other files lost changes the lines of this one."""
        lost = self.cases or self.suites
        return bool(lost or self.judged) if path == "trials.jsonl" else path == "superseded.jsonl" and bool(lost)

    def _loses(self, trial: Trial, answer: Trial) -> bool:
        return answer.output != trial.output or trial.key[1:3] in self.cases or trial.key in self.judged


def _bare_event(event: RequestEvent) -> RequestEvent:
    """Return a benchmark request without what a server said of its failure, which may repeat the prompt."""
    fault = None if event.fault is None else event.fault.model_copy(update={"message": LEFT_OUT})
    return event.model_copy(update={"fault": fault})


def _plain(content: bytes, redactor: Redactor, indent: int | None) -> bytes:
    try:
        value: JsonValue = json.loads(content)
    except ValueError:
        return content  # as above
    found = redactor.value(value, NAMES)
    return content if found == value else (json.dumps(found, ensure_ascii=False, indent=indent) + "\n").encode()


def _as_line(line: bytes, before: Noun, after: Noun) -> bytes:
    return line if after == before else (after.model_dump_json(by_alias=True) + "\n").encode()


def _stored(inputs: Inputs, leaving: _Leaving, hiding: Hiding, keep: Callable[[Score], None]) -> dict[str, bytes]:
    """Return the files with what was decided of the texts that are gone, those that were gone before among them."""
    scores: dict[TrialKey, list[StoredScore]] = {}

    def take(score: Score) -> None:
        keep(score)
        key = (score.candidate, score.suite, score.case, score.trial)
        if key in leaving.trials:
            own = StoredScore(scorer=score.scorer, value=score.value, outcome=score.outcome)
            scores.setdefault(key, []).append(own)

    measure(inputs, take)
    labelled = {answer for own in words_of(inputs.calibrations)[0].values() for _, _, answer in own}
    secret = hiding.mark_key()
    trials: list[Noun] = []
    for trial in inputs.trials():
        gone = inputs.stored.trials.get(trial.key)
        if gone is not None:
            trials.append(gone)
        elif trial.key in leaving.trials:
            trials.append(_withheld(trial, inputs, tuple(scores.get(trial.key, ())), _mark(trial, labelled, secret)))
    judgements = [own for judgement in inputs.judgements if (own := _decided(judgement, inputs, leaving)) is not None]
    files = {TRIALS_FILE: _lines(trials), JUDGEMENTS_FILE: _lines(judgements)}
    return {path: content for path, content in files.items() if content}


def _withheld(trial: Trial, inputs: Inputs, scores: tuple[StoredScore, ...], answer: str) -> WithheldTrial:
    return WithheldTrial(
        candidate=trial.candidate,
        suite=trial.suite,
        case=trial.case,
        trial=trial.trial,
        answer=answer,
        unclosed_thinking=inputs.stored.left_thinking(trial),
        scores=scores,
    )


def _mark(trial: Trial, labelled: set[str], secret: bytes) -> str:
    """Return what tells an answer apart without showing it: whoever guesses a short one cannot try it without the key.

    A label names the plain digest of its answer anyway, and must be found by it.
    """
    text = (trial.output or "").encode()
    plain = hashlib.sha256(text).hexdigest()
    return plain if plain in labelled else hmac.new(secret, text, hashlib.sha256).hexdigest()


def _decided(judgement: Judgement, inputs: Inputs, leaving: _Leaving) -> WithheldJudgement | None:
    """Return what a judge decided whose words are gone, or None of one whose words are there."""
    before = inputs.stored.judgements.get(judgement.key)
    if before is not None or judgement.key not in leaving.judgements:
        return before
    judged = JudgeContract(inputs.rubrics[judgement.judge]).parse(judgement.completion)
    return WithheldJudgement(
        judge=judgement.judge,
        rubric=judgement.rubric,
        candidate=judgement.candidate,
        suite=judgement.suite,
        case=judgement.case,
        trial=judgement.trial,
        status=judged.status,
        value=judged.value,
        outcome=judged.outcome,
    )


def _lines(nouns: Sequence[Noun]) -> bytes:
    return "".join(noun.model_dump_json(by_alias=True) + "\n" for noun in nouns).encode()
