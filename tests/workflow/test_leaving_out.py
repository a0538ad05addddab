"""Does a record without texts say the same as one with them, and does nothing of what must not travel travel?"""

from __future__ import annotations

import hashlib
import json
import re
from functools import cache
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.errors import InputError, MismatchError
from assay.record.bundle import evidence_of, unpack
from assay.record.redact import ENVIRONMENT_KEY
from assay.record.truth import record_json
from assay.record.withhold import NAMES
from assay.schema.bench import ClientError, CounterSample, Measurement, RequestEvent, ResourceSample
from assay.schema.provenance import CandidateFacts, Host
from assay.schema.run import Completion, Fault, Judgement, Run, Trial
from assay.schema.suite import Case, Plan, Rubric, Suite
from assay.schema.withheld import Redactions
from assay.workflow.conclude import Made, make_record
from assay.workflow.derive import derive
from assay.workflow.hiding import Hiding
from assay.workflow.verify import render_with
from tests.record.evidence_files import ASSEMBLY, PLAN, RUN, small_evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assay.schema._base import Noun
    from assay.schema.record import Record

SECRET = "ghp_" + "q7Xf2Lm9Zt4Vb8Kc1Wd6Rp3Hs5Jg0Nyabcdef"
MARK = "[redacted:github-token]"
RUBRIC = Rubric.model_validate(
    {
        "schema": "assay/rubric/v1",
        "id": "helpful",
        "criteria": [{"id": "right", "text": "It is right.", "must": True}, {"id": "kind", "text": "It is kind."}],
        "reference": "optional",
    }
)
JUDGED = {"judge": {"rubric": "helpful"}}
BOTH = [{"all": ["contains", JUDGED]}]
CASES = [
    {"id": "exact", "input": "canary-question one", "expected": "canary yes", "tags": ["canary"], "source": "doc"},
    {"id": "many", "input": [{"role": "user", "content": "canary-two"}], "expected": ["a", "b"], "severity": "blocker"},
    {"id": "fuzzy", "input": "canary", "expected": "canary yes", "scorers": [{"fuzzy": {"min_ratio": 80}}, "length"]},
    {
        "id": "schema",
        "input": "canary",
        "schema": {"type": "object", "title": "canary-title"},
        "scorers": ["json_schema"],
    },
    {"id": "number", "input": "canary", "expected": 12, "scorers": ["number"], "min_pass_rate": 0.5},
    {"id": "regex", "input": "canary", "expected": "canary|yes", "scorers": [{"regex": {}}]},
    {
        "id": "lists",
        "input": "canary",
        "expected": ["canary", "yes"],
        "scorers": [
            "contains_all",
            {"weighted": [{"scorer": "contains_all", "weight": 2}, {"scorer": "length", "weight": 1}]},
        ],
    },
    {
        "id": "fields",
        "input": "canary",
        "expected": {"a": 1},
        "scorers": ["json_fields", {"json_schema": {"compare": True}}],
    },
    {"id": "both", "input": "canary", "context": ["canary-passage"], "expected": "yes", "scorers": BOTH},
    {"id": "judged", "input": "canary", "expected": "canary", "scorers": [JUDGED], "severity": "blocker"},
    {"id": "parts", "input": "canary", "expected": "yes", "scorers": [{"any": ["exact", {"refusal": {}}]}, "exact"]},
]
SUITE = Suite.model_validate({"id": "texts", "system": "canary-system", "scorers": ["exact"], "cases": CASES})
ANSWERS = (
    "yes",
    "canary yes",
    "12",
    '{"a": 1}',
    "a",
    "<think>canary",
    "<think>x</think>yes",
    "",
    f"yes {SECRET}",
    "I cannot",
)
VERDICTS = ("read", "unread", "fault", "secret")
J1 = {"id": "j1", "candidate": "two", "rubric": "helpful.yaml"}


def _plan(**changes: object) -> Plan:
    plain = PLAN.model_dump(mode="json", by_alias=True)
    gate = {
        "conditions": ["suite:texts.pass_rate >= 0.2", "blockers all passed", "suite:texts#canary.pass_rate >= 0.5"]
    }
    judges = [J1, {**J1, "id": "j2", "candidate": "one"}]
    own = {"suites": [{"cases": "texts.jsonl"}], "trials": 2, "judges": judges, "gate": gate, "bench": None}
    return Plan.model_validate({**plain, **own, **changes})


def _trial(candidate: str, case: int, number: int, answer: str | None) -> Trial:
    fault = None if answer is not None else Fault(kind="bad_request", message=f"canary {SECRET}", http_status=400)
    own = SUITE.cases[case]
    return Trial(
        candidate=candidate,
        suite="texts",
        case=own.id,
        trial=number,
        status="failed" if fault else "completed",
        output=answer,
        error=fault,
        finish_reason=None if fault else "length" if answer == "" else "stop",
        usage=None,
        reasoning_characters=9,
        elapsed_ms=1.5,
        attempts=1,
        model=None if fault else "m",
        case_digest=own.digest(),
    )


def _judgement(judge: str, trial: Trial, how: str, right: bool) -> Judgement:
    said = json.dumps(
        {"reasoning": f"canary {SECRET if how == 'secret' else ''}", "criteria": {"right": right, "kind": True}}
    )
    fault = Fault(kind="timeout", message="canary") if how == "fault" else None
    output = None if fault else "canary, no JSON" if how == "unread" else said
    completion = Completion(output=output, fault=fault, finish_reason="stop", elapsed_ms=1.0, attempts=1, model="jm")
    return Judgement(
        judge=judge,
        rubric="helpful",
        candidate=trial.candidate,
        suite="texts",
        case=trial.case,
        trial=trial.trial,
        completion=completion,
    )


def _lines(nouns: list[Trial] | list[Judgement]) -> bytes:
    return "".join(noun.model_dump_json(by_alias=True) + "\n" for noun in nouns).encode()


def _evidence(
    answers: list[str | None], verdicts: list[tuple[str, bool]], plan: Plan | None = None
) -> dict[str, bytes]:
    """Return the evidence of a run of all cases, twice by each of two candidates, answers and verdicts going round."""
    plan = plan or _plan()
    trials = [
        _trial(candidate, case, number, answers[(index * 3 + case + number) % len(answers)])
        for index, candidate in enumerate(("one", "two"))
        for case in range(len(SUITE.cases))
        for number in (1, 2)
    ]
    judged = [own for own in trials if own.case in {"both", "judged"} and own.output is not None]
    asked = [(judge, own) for judge in ("j1", "j2") for own in judged]
    judgements = [_judgement(j, own, *verdicts[n % len(verdicts)]) for n, (j, own) in enumerate(asked)]
    run = RUN.model_copy(
        update={
            "plan_digest": plan.digest(),
            "suite_digests": {"texts": SUITE.digest()},
            "rubric_digests": {"j1": RUBRIC.digest(), "j2": RUBRIC.digest()},
        }
    )
    small = small_evidence()
    return {
        "plan.json": plan.model_dump_json(by_alias=True).encode(),
        "run.json": run.model_dump_json(by_alias=True).encode(),
        "suites/texts.json": SUITE.model_dump_json(by_alias=True, exclude_defaults=True).encode(),
        **{f"rubrics/{judge}.json": RUBRIC.model_dump_json(by_alias=True).encode() for judge in ("j1", "j2")},
        "trials.jsonl": _lines(trials),
        "judgements.jsonl": _lines(judgements),
        **{f"evidence/{name}.json": small[f"evidence/{name}.json"] for name in ("facts", "host", "checklist")},
    }


@cache
def _whole() -> dict[str, bytes]:
    return _evidence(
        [*ANSWERS, None], [("read", True), ("secret", True), ("unread", True), ("read", False), ("fault", True)]
    )


def _same(one: Record, two: Record) -> None:
    """Check that two records differ in nothing but texts, and what says that these are left out."""
    hidden = {
        "evidence": {"files", "sha256", "manifest_sha256"},
        "withheld": True,
        "untested": True,
        "people": {"transcripts", "redact"},
    }
    hidden |= {"plan_digest": True, "run": {"plan_digest"}}
    blockers = {"__all__": {"reason", "output"}}
    plain = [own.model_dump(mode="json", exclude={**hidden, "blockers": blockers}) for own in (one, two)]
    assert plain[0] == plain[1]


def _raw(evidence: dict[str, bytes]) -> Record:
    """Return the record of evidence as it is, with all its texts."""
    from assay.record.run_folder import to_json

    files = {**evidence, "assembly.json": to_json(ASSEMBLY).encode()}
    return derive(files, evidence_of("0001-small.evidence.zip", b"", files))


@settings(max_examples=8, deadline=None)
@given(
    st.lists(st.sampled_from([*ANSWERS, None]), min_size=1, max_size=7),
    st.lists(st.tuples(st.sampled_from(VERDICTS), st.booleans()), min_size=1, max_size=5),
)
def test_every_number_is_the_same_without_texts(answers: list[str | None], verdicts: list[tuple[str, bool]]) -> None:
    """Metrics, judges, panels, conditions and verdict are those of the whole evidence, whatever is left out."""
    evidence = _evidence(answers, verdicts)
    whole = _raw(evidence)
    for hiding in (Hiding(), Hiding(transcripts=False)):
        made = make_record(evidence, ASSEMBLY, hiding=hiding)
        _same(whole, made.record)
        assert made.record == derive(made.files, made.record.evidence)


def test_nothing_of_a_text_travels_without_transcripts() -> None:
    """No question, answer, expectation, system prompt, passage, judge's word or message of a failure is in the zip."""
    made = make_record(_whole(), ASSEMBLY, hiding=Hiding(transcripts=False))
    files = unpack(made.content, "e.zip")
    found = {path for path, content in files.items() if b"canary" in content.replace(b'"canary"', b"")}
    assert found == {"plan.json"}  # its condition names the tag
    page = (
        (record_json(made.record) + render_with(made.record, made.files))
        .replace('"canary"', "")
        .replace("`canary`", "")
    )
    assert not re.findall(r"(?<!#)canary\b(?! *\|)", page)
    own = made.record.withheld
    assert (own.transcripts, own.cases, own.redactions) == (True, 11, {})
    assert own.trials == sum(json.loads(line)["output"] is not None for line in _whole()["trials.jsonl"].splitlines())


def test_secrets_are_taken_out_of_every_text() -> None:
    """Answers, judgements and messages lose their secret and keep the rest; each is counted, and the scores stay."""
    made = make_record(_whole(), ASSEMBLY)
    assert not any(SECRET.encode() in content for content in made.files.values())
    counted = sum(content.count(MARK.encode()) for path, content in made.files.items())
    assert made.record.withheld.redactions == {"github-token": counted}
    assert counted == sum(_whole()[name].count(SECRET.encode()) for name in ("trials.jsonl", "judgements.jsonl"))
    assert (made.record.withheld.cases, made.record.withheld.transcripts) == (0, False)
    assert 0 < made.record.withheld.trials < 44


def test_a_record_whose_texts_are_gone_can_be_made_again() -> None:
    """What is left out stays left out, with all scores, when its evidence becomes another record."""
    for hiding in (Hiding(), Hiding(transcripts=False)):
        once = make_record(_whole(), ASSEMBLY, hiding=hiding)
        again = make_record(once.files, ASSEMBLY)
        assert again.content == once.content
    from_redacted = make_record(make_record(_whole(), ASSEMBLY).files, ASSEMBLY, hiding=Hiding(transcripts=False))
    _same(_raw(_whole()), from_redacted.record)
    assert not any(b"canary-" in own for path, own in from_redacted.files.items())


def test_a_case_with_a_secret_keeps_its_digest_and_its_scores() -> None:
    """A case is redacted in place; its suite still belongs to the run, and its answers take stored scores."""
    suite = SUITE.model_copy(
        update={
            "cases": (
                Case.model_validate({**CASES[0], "input": f"Use {SECRET}.", "metadata": {SECRET: [SECRET]}}),
                *SUITE.cases[1:],
            )
        }
    )
    trials = [Trial.model_validate_json(line) for line in _whole()["trials.jsonl"].splitlines()]
    trials = [
        own.model_copy(update={"case_digest": suite.cases[0].digest()} if own.case == "exact" else {}) for own in trials
    ]
    run = Run.model_validate_json(_whole()["run.json"]).model_copy(update={"suite_digests": {"texts": suite.digest()}})
    evidence = {
        **_whole(),
        "suites/texts.json": suite.model_dump_json(by_alias=True, exclude_defaults=True).encode(),
        "trials.jsonl": _lines(trials),
        "run.json": run.model_dump_json(by_alias=True).encode(),
    }
    made = make_record(evidence, ASSEMBLY)
    own = Suite.model_validate_json(made.files["suites/texts.json"])
    assert (own.cases[0].input, own.cases[0].metadata) == (f"Use {MARK}.", {MARK: [MARK]})
    assert (own.digest(), own.withheld, own.cases[1]) == (suite.digest(), None, suite.cases[1])
    assert made.record.withheld.cases == 1
    _same(_raw(evidence), made.record)
    system = suite.model_copy(update={"system": f"Key: {SECRET}"})
    run = run.model_copy(update={"suite_digests": {"texts": system.digest()}})
    files = {
        **evidence,
        "suites/texts.json": system.model_dump_json(by_alias=True, exclude_defaults=True).encode(),
        "run.json": run.model_dump_json(by_alias=True).encode(),
    }
    sealed = Suite.model_validate_json(make_record(files, ASSEMBLY).files["suites/texts.json"])
    assert (sealed.system, sealed.withheld) == (f"Key: {MARK}", system.digest())


def _blinded(case: dict[str, object], **settings: object) -> tuple[dict[str, bytes], Suite]:
    """Return the evidence with another first case and other settings, and its suite; its requests have digests."""
    suite = Suite.model_validate({"id": "texts", "scorers": ["exact"], **settings, "cases": [case, *CASES[1:]]})
    whole = _whole()
    digests = {"case_digest": suite.cases[0].digest()}
    trials = [Trial.model_validate_json(line) for line in whole["trials.jsonl"].splitlines()]
    trials = [
        own.model_copy(update={"request_digest": "9" * 64, **(digests if own.case == "exact" else {})})
        for own in trials
    ]
    run = Run.model_validate_json(whole["run.json"]).model_copy(update={"suite_digests": {"texts": suite.digest()}})
    return {
        **whole,
        "suites/texts.json": suite.model_dump_json(by_alias=True, exclude_defaults=True).encode(),
        "trials.jsonl": _lines(trials),
        "superseded.jsonl": _lines(trials[:1]),
        "run.json": run.model_dump_json(by_alias=True).encode(),
    }, suite


@pytest.mark.parametrize("transcripts", [True, False])
def test_guesses_of_what_a_blinded_case_lost_cannot_be_tried_out(transcripts: bool) -> None:
    """The blind goes into the digest and does not travel with a text gone; nor do digests of the case's requests."""
    blind = "5b" * 16
    evidence, suite = _blinded({**CASES[0], "input": "I am E123456", "blind": blind})
    listed = Redactions(sha256="0" * 64, patterns={"staff-id": r"E\d{6}"})
    made = make_record(evidence, ASSEMBLY, hiding=Hiding(transcripts=transcripts, listed=listed))
    _same(_raw(evidence), made.record)
    assert not any(blind.encode() in own or b"E123456" in own for own in made.files.values())
    own = Suite.model_validate_json(made.files["suites/texts.json"]).cases[0]
    assert (own.blind, own.withheld) == (None, suite.cases[0].digest())
    guess = Case.model_validate({**CASES[0], "input": "I am E123456"}).digest()
    assert not any(guess.encode() in content for content in made.files.values())
    trials = [Trial.model_validate_json(line) for line in made.files["trials.jsonl"].splitlines()]
    kept = {trial.case for trial in trials if trial.request_digest is not None}
    assert kept == ({case.id for case in suite.cases} - {"exact"} if transcripts else set())
    assert b"9" * 64 not in made.files["superseded.jsonl"]


def test_guesses_of_a_blinded_system_prompt_cannot_be_tried_out() -> None:
    """The blind of a suite goes with its system prompt, and so do the digests of all its requests."""
    listed = Redactions(sha256="0" * 64, patterns={"project": "bluebird"})
    evidence, suite = _blinded(CASES[0], system="You serve bluebird.", blind="7c" * 32)
    made = make_record(evidence, ASSEMBLY, hiding=Hiding(listed=listed))
    own = Suite.model_validate_json(made.files["suites/texts.json"])
    assert (own.system, own.blind, own.withheld) == ("You serve [redacted:project].", None, suite.digest())
    assert suite.digest() != suite.model_copy(update={"blind": None}).digest()
    assert b"9" * 64 not in made.files["trials.jsonl"] + made.files["superseded.jsonl"]
    _same(_raw(evidence), made.record)


def test_what_is_not_derived_again_is_told() -> None:
    """A record says among what was not tested how many scores are taken as stored; one with all its texts does not."""
    whats = {own.what for own in make_record(_whole(), ASSEMBLY, hiding=Hiding(transcripts=False)).record.untested}
    plain = {own.what for own in make_record(_evidence(["yes"], [("read", True)]), ASSEMBLY).record.untested}
    assert [what for what in whats - plain if what.startswith("Whether the scores of ")] == [
        "Whether the scores of 40 answers follow from their texts, and what judges decided in 10 judgements"
    ]
    assert not any(what.startswith("Whether the scores of ") for what in plain)


def test_texts_of_servers_are_redacted_wherever_they_stand() -> None:
    """Facts and their places, the host, failed requests of the benchmark and trials asked again lose their secrets."""
    small = small_evidence()
    plain = [json.loads(line) for line in small["requests.jsonl"].splitlines()]
    plain[0]["fault"] = {"kind": "server_error", "message": f"key {SECRET}", "http_status": 500}
    facts = json.loads(small["evidence/facts.json"])
    facts[0]["facts"][0] |= {"value": f"v {SECRET}", "source": f"GET /props?key={SECRET}"}
    host = json.loads(small["evidence/host.json"]) | {"processor": SECRET}
    evidence = {
        **small,
        "requests.jsonl": "".join(json.dumps(row) + "\n" for row in plain).encode(),
        "superseded.jsonl": _lines([_trial("one", 0, 1, None)]),
        "evidence/facts.json": json.dumps(facts).encode(),
        "evidence/host.json": json.dumps(host).encode(),
    }
    made = make_record(evidence, ASSEMBLY)
    assert made.record.withheld.redactions == {"github-token": 5}
    assert not any(SECRET.encode() in content for content in made.files.values())
    assert (made.record.host.processor, made.record.withheld.trials) == (MARK, 0)
    bare = make_record(evidence, ASSEMBLY, hiding=Hiding(transcripts=False))
    first = json.loads(bare.files["requests.jsonl"].splitlines()[0])
    assert first["fault"]["message"] == "[left out]"
    assert json.loads(bare.files["superseded.jsonl"])["error"]["message"] == "[left out]"


@pytest.mark.parametrize("stopping", ["curtail", "sequential"])
def test_a_run_that_stopped_early_says_the_same_without_texts(stopping: str) -> None:
    """Where cases were not asked, it is told alike: which, how many, and why they were not needed."""
    plan = _plan(candidates=[{**PLAN.candidates[0].model_dump(mode="json"), "id": "one"}], judges=[], trials=1)
    whole = _evidence([*ANSWERS], [("read", True)], plan)
    for member in ("judgements.jsonl", "rubrics/j1.json", "rubrics/j2.json"):
        whole.pop(member)
    lines = [line for line in whole["trials.jsonl"].splitlines(keepends=True) if json.loads(line)["candidate"] == "one"]
    run = Run.model_validate_json(whole["run.json"]).model_copy(update={"stopping": stopping, "rubric_digests": {}})
    first = [line for line in lines if json.loads(line)["trial"] == 1][:6]
    evidence = {**whole, "run.json": run.model_dump_json(by_alias=True).encode(), "trials.jsonl": b"".join(first)}
    facts = json.loads(evidence["evidence/facts.json"])[:1]
    evidence["evidence/facts.json"] = json.dumps(facts).encode()
    raw = _raw(evidence)
    assert raw.stopped
    _same(raw, make_record(evidence, ASSEMBLY, hiding=Hiding(transcripts=False)).record)


@pytest.mark.parametrize("name", ["trials.jsonl", "judgements.jsonl"])
def test_a_line_that_cannot_be_read_is_told_as_such(name: str) -> None:
    """A journal that somebody edited is told by file and line, whatever stands in it."""
    evidence = {**_whole(), name: b'{"output": "' + SECRET.encode() + b'"}\n' + _whole()[name]}
    for hiding in (Hiding(), Hiding(transcripts=False)):
        with pytest.raises(InputError) as error:
            make_record(evidence, ASSEMBLY, hiding=hiding)
        (problem,) = error.value.problems
        assert (problem.slug, problem.file, problem.line) == ("bad-journal", name, 1)


def test_scores_are_told_with_their_reasons() -> None:
    """Whoever keeps the scores of a run gets each once, with its reason, though the evidence does not hold it."""
    told: list[tuple[str, str]] = []
    make_record(_whole(), ASSEMBLY, lambda own: told.append((own.scorer, own.reason)), Hiding(transcripts=False))
    kept: list[tuple[str, str]] = []
    make_record(_evidence(["yes"], [("read", True)]), ASSEMBLY, lambda own: kept.append((own.scorer, own.reason)))
    assert len(told) == len(kept)
    assert any("canary" in reason for _, reason in told)


def _forged(path: str, old: str, new: str, made: Made) -> Record:
    content = made.files[path].decode()
    assert old in content
    files = {**made.files, path: content.replace(old, new, 1).encode()}
    return derive(files, made.record.evidence)


def test_without_its_stored_score_an_answer_is_unscored() -> None:
    """A line of the stored scores that is gone leaves its trial unknown, never passed."""
    made = make_record(_whole(), ASSEMBLY, hiding=Hiding(transcripts=False))
    line = made.files["withheld-trials.jsonl"].decode().splitlines(keepends=True)[0]
    found = _forged("withheld-trials.jsonl", line, "", made)
    before, after = (next(m for m in own.metrics if m.tag is m.scorer is None) for own in (made.record, found))
    assert after.unscored == before.unscored + 1
    assert found.withheld.trials == made.record.withheld.trials - 1


@pytest.mark.parametrize("name", ["withheld-trials.jsonl", "withheld-judgements.jsonl"])
def test_nothing_is_stored_of_a_text_that_is_there(name: str) -> None:
    """A stored score of an answer that is there is refused, and so is a stored word of a judge that is there."""
    bare = make_record(_whole(), ASSEMBLY, hiding=Hiding(transcripts=False))
    plain = make_record(_evidence(["yes"], [("read", True)]), ASSEMBLY)
    files = {**plain.files, **{own: bare.files[own] for own in (name, "redaction.json")}}
    with pytest.raises(MismatchError, match="is stored of"):
        derive(files, plain.record.evidence)


def test_what_is_left_out_is_told() -> None:
    """Stored scores without a word of it in `redaction.json`, or in a format that has no word for it, are refused."""
    made = make_record(_whole(), ASSEMBLY, hiding=Hiding(transcripts=False))
    untold = {path: content for path, content in made.files.items() if path != "redaction.json"}
    with pytest.raises(MismatchError, match=r"redaction\.json does not say so"):
        derive(untold, made.record.evidence)
    with pytest.raises(MismatchError, match="the first format cannot say so"):
        _forged("assembly.json", "assay/record/v2", "assay/record/v1", made)


def test_an_answer_is_not_left_out_where_answers_stay() -> None:
    """Where transcripts travel, an answer without its text is refused, whatever was redacted elsewhere."""
    made = make_record(_whole(), ASSEMBLY, hiding=Hiding(transcripts=False))
    told = made.files["redaction.json"].decode()
    other = told.replace('"transcripts": false', '"transcripts": true').replace("{}", '{"sk-key": 1}')
    assert other != told
    with pytest.raises(MismatchError, match="an answer is left out"):
        _forged("redaction.json", told, other, made)


def test_a_stored_word_belongs_to_a_judgement() -> None:
    """A word that is stored of a judgement that nobody gave opens no answer to stored scores."""
    made = make_record(_whole(), ASSEMBLY, hiding=Hiding(transcripts=False))
    line = made.files["withheld-judgements.jsonl"].decode().splitlines(keepends=True)[0]
    ghost = line.replace('"judge":"j1"', '"judge":"nobody"').replace('"judge":"j2"', '"judge":"nobody"')
    with pytest.raises(MismatchError, match="a judgement that is not there"):
        _forged("withheld-judgements.jsonl", line, ghost + line, made)


def test_a_case_that_lacks_nothing_is_not_withheld() -> None:
    """A case with all of its texts opens no answer to stored scores by saying that some are left out."""
    made = make_record(_whole(), ASSEMBLY, hiding=Hiding(transcripts=False))
    suite = Suite.model_validate_json(made.files["suites/texts.json"])
    own = next(case for case in SUITE.cases if case.id == "exact")
    sealed = own.model_copy(update={"withheld": own.digest()})
    other = suite.model_copy(update={"cases": (sealed, *suite.cases[1:])})
    files = {**made.files, "suites/texts.json": other.model_dump_json(by_alias=True).encode()}
    with pytest.raises(MismatchError, match="said to lack texts"):
        derive(files, made.record.evidence)


def test_stored_scores_stand_once_and_by_the_scorers_of_the_case() -> None:
    """A stored line that stands twice, or by another scorer, is refused."""
    made = make_record(_whole(), ASSEMBLY, hiding=Hiding(transcripts=False))
    line = made.files["withheld-trials.jsonl"].decode().splitlines(keepends=True)[0]
    with pytest.raises(MismatchError, match="stands twice"):
        _forged("withheld-trials.jsonl", line, line * 2, made)
    with pytest.raises(MismatchError, match="not by the scorers of its case"):
        _forged("withheld-trials.jsonl", '"scorer":"exact"', '"scorer":"exactly"', made)


def test_an_answer_left_out_cannot_be_guessed_without_the_key() -> None:
    """Short answers are digested under a key: another key gives other digests, the same one the same zip."""
    one, two = (make_record(_whole(), ASSEMBLY, hiding=_keyed(key)) for key in (b"1" * 32, b"2" * 32))
    again = make_record(_whole(), ASSEMBLY, hiding=_keyed(b"1" * 32))
    assert again.content == one.content != two.content
    plain = {hashlib.sha256(answer.encode()).hexdigest() for answer in ANSWERS}
    for made in (one, two):
        marks = {json.loads(line)["answer"] for line in made.files["withheld-trials.jsonl"].splitlines()}
        assert not marks & plain
        assert len(marks) == len(ANSWERS)


def _keyed(key: bytes) -> Hiding:
    return Hiding(transcripts=False, mark_key=lambda: key)


def test_keys_of_the_environment_do_not_travel() -> None:
    """The value of a key that a server repeats is taken out by its name, whatever it looks like."""
    evidence = _evidence(["the password is open sesame", "yes"], [("read", True)])
    made = make_record(evidence, ASSEMBLY, hiding=Hiding(keys=("open sesame", "none")))
    assert not any(b"open sesame" in content for content in made.files.values())
    assert set(made.record.withheld.redactions) == {ENVIRONMENT_KEY}


def test_the_patterns_of_the_organization_stay_at_home() -> None:
    """What they match is taken out by name; of the patterns only the digest of their file is told."""
    listed = Redactions(sha256="0" * 64, patterns={"canary-name": r"canary-(?:question|two)"})
    made = make_record(_whole(), ASSEMBLY, hiding=Hiding(listed=listed))
    assert made.record.withheld.patterns_sha256 == "0" * 64
    assert made.record.withheld.redactions["canary-name"] == 2
    assert not any(b"canary-question" in own or b"(?:question" in own for own in made.files.values())
    _same(_raw(_whole()), made.record)


def test_accents_that_stand_apart_are_found() -> None:
    """A name that an answer writes with composed or with separate accents is the same name."""
    listed = Redactions(sha256="0" * 64, patterns={"name": "Nguy\u1ec5n"})
    evidence = _evidence(["Nguye\u0302\u0303n knows", "yes"], [("read", True)])
    made = make_record(evidence, ASSEMBLY, hiding=Hiding(listed=listed))
    assert not any(b"knows" in own for own in made.files.values())


def _words(schema: object, name: str = "") -> Iterator[str]:
    """Yield the names of the fields in a JSON Schema that take only certain words."""
    if isinstance(schema, dict):
        if any(isinstance(word, str) for word in (*schema.get("enum", ()), schema.get("const"))):
            yield name
        for key, own in schema.items():
            for field, inner in own.items() if key == "properties" else ():
                yield from _words(inner, field)
            if key != "properties":
                yield from _words(own, name if key in {"anyOf", "items"} else "")
    elif isinstance(schema, list):
        for own in schema:
            yield from _words(own, name)


@pytest.mark.parametrize(
    "noun",
    [Trial, Judgement, RequestEvent, ResourceSample, CounterSample, Measurement, ClientError, CandidateFacts, Host],
    ids=lambda noun: noun.__name__,
)
def test_words_of_the_format_are_no_texts(noun: type[Noun]) -> None:
    """A pattern of the organization that is a word of the format, such as `yes`, breaks no file of the evidence."""
    assert {name for name in _words(noun.model_json_schema()) if name} - NAMES == set()


def test_a_slow_pattern_does_not_hang() -> None:
    """A text in which a pattern cannot be looked for in time is taken out whole; too many of them are refused."""
    listed = Redactions(sha256="0" * 64, patterns={"slow": "z(a|aa)+$"})
    slow = "z" + "a" * 60 + "!"
    evidence = _evidence([slow, *["yes"] * 11], [("read", True)])
    made = make_record(evidence, ASSEMBLY, hiding=Hiding(listed=listed))
    assert not any(slow.encode() in own for own in made.files.values())
    with pytest.raises(InputError, match="takes too long") as error:
        make_record(_evidence([slow], [("read", True)]), ASSEMBLY, hiding=Hiding(listed=listed))
    assert error.value.problems[0].slug == "pattern-too-slow"


@pytest.mark.parametrize("path", ["plan.json", "rubrics/j1.json", "evidence/checklist.json"])
def test_what_digests_are_made_of_is_refused(path: str) -> None:
    """A secret in the plan or in what it names cannot be taken out; the problem says where, and not the secret."""
    old, where = {
        "plan.json": ("Add.", "use_case.task"),
        "rubrics/j1.json": ("It is right.", "criteria.0.text"),
        "evidence/checklist.json": ("What shows it.", "items.0.evidence"),
    }[path]
    files = {**_whole(), path: _whole()[path].replace(old.encode(), SECRET.encode(), 1)}
    with pytest.raises(InputError) as error:
        make_record(files, ASSEMBLY)
    (problem,) = error.value.problems
    assert (problem.slug, problem.file) == ("cannot-redact", path)
    assert problem.message.startswith(f"{where} holds what must not travel in a record (github-token)")
    assert SECRET not in str(error.value)


def test_a_name_with_a_secret_is_refused() -> None:
    """Metrics are named and grouped by ids and tags: they cannot be redacted."""
    suite = _whole()["suites/texts.json"].replace(b'"tags":["canary"]', f'"tags":["{SECRET}"]'.encode())
    with pytest.raises(InputError, match=r"suites/texts\.json: the name of a case, a tag, .* \(github-token\)"):
        make_record({**_whole(), "suites/texts.json": suite}, ASSEMBLY)
