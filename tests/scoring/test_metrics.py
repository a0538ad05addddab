"""Metrics over scores, and blockers that did not pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.schema.record import BlockerFailure
from assay.schema.score import Metric, Outcome, Score
from assay.schema.suite import Case, ScorerSpec, Suite
from assay.scoring.drawing import People
from assay.scoring.metrics import Counting, Methods
from tests.scoring.building import trial_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from assay.schema.run import Trial

OUTCOMES: dict[str, Outcome] = {"+": "passed", "-": "failed", "?": "unscored"}


def suite(name: str, cases: dict[str, str], scorers: Sequence[str] = ("exact",), **fields: object) -> Suite:
    """Return a suite; each case is given by its tags, apart by spaces."""
    return Suite(
        id=name,
        scorers=tuple(ScorerSpec(name=scorer) for scorer in scorers),
        cases=tuple(Case(id=case, input="?", tags=tuple(tags.split()), **fields) for case, tags in cases.items()),
    )


def scores_of(text: str) -> list[Score]:
    """Return scores written as `candidate suite case trial scorer +`, one a line."""
    rows = (line.split() for line in text.strip().splitlines())
    return [
        Score(
            candidate=candidate,
            suite=name,
            case=case,
            trial=int(trial),
            scorer=scorer,
            value=None,
            outcome=OUTCOMES[sign],
            reason=f"{scorer} said {sign}",
        )
        for candidate, name, case, trial, scorer, sign in rows
    ]


def counted(
    scores: Sequence[Score],
    suites: Sequence[Suite],
    candidates: Sequence[str],
    *,
    trials: Sequence[Trial] = (),
    **due: object,
) -> Counting:
    """Count scores trial by trial; a trial that is not given has an empty answer."""
    counting = Counting(suites, candidates, **due)
    by_trial: dict[tuple, list[Score]] = {}
    for score in scores:
        by_trial.setdefault((score.candidate, score.suite, score.case, score.trial), []).append(score)
    given = {trial.key: trial for trial in trials}
    for key, own in by_trial.items():
        candidate, name, case, number = key
        counting.take(given.get(key) or trial_of("", candidate=candidate, suite=name, case=case, number=number), own)
    return counting


def metrics_of(
    scores: Sequence[Score],
    suites: Sequence[Suite],
    candidates: Sequence[str],
    *,
    interval: Callable[[int, int], tuple[float, float]],
    **due: object,
) -> tuple[Metric, ...]:
    """Return the metrics of scores; nothing is corrected."""
    return counted(scores, suites, candidates, **due).metrics(Methods(interval, lambda _: (None, 0.0, 1.0, None)))


def blocker_failures(
    scores: Sequence[Score], trials: Sequence[Trial], suites: Sequence[Suite], candidates: Sequence[str], **due: object
) -> tuple[BlockerFailure, ...]:
    """Return the blockers that did not pass."""
    return counted(scores, suites, candidates, trials=trials, **due).blockers()


def interval(passed: int, n: int) -> tuple[float, float]:
    """Return limits by which a test can see what was asked."""
    return (passed / 1000, n / 1000)


def table_of(metrics: Sequence[Metric]) -> list[tuple]:
    return [
        (metric.candidate, metric.suite, metric.tag or metric.scorer, metric.passed, metric.failed, metric.unscored)
        for metric in metrics
    ]


def test_a_metric_in_full() -> None:
    """Rates are strict and scored, the interval belongs to the strict one, figures are rounded."""
    scores = scores_of("m s a 1 exact +\nm s b 1 exact +\nm s c 1 exact -")
    (metric,) = metrics_of(
        scores, [suite("s", dict.fromkeys("abcdef", ""))], ["m"], trials_per_case=1, interval=interval
    )
    assert metric == Metric(
        candidate="m",
        suite="s",
        tag=None,
        scorer=None,
        cases=6,
        passed=2,
        failed=1,
        unscored=3,
        n=6,
        rate=0.333333,
        rate_scored=0.666667,
        low=0.002,
        high=0.006,
        trusted=True,
        mean=0.0,
    )


def test_order_is_that_of_the_plan() -> None:
    """Candidates and suites come as given, then overall, tags by name, scorers as first named."""
    suites = [suite("z", {"a": "vi en", "b": "en"}, ["fuzzy", "exact"]), suite("s", {"a": ""})]
    scores = scores_of("n z a 1 fuzzy +\nn z a 1 exact -\nn z b 1 fuzzy +\nn z b 1 exact +\nm s a 1 exact +")
    metrics = metrics_of(scores, suites, ["n", "m"], trials_per_case=1, interval=interval)
    assert table_of(metrics) == [
        ("n", "z", None, 1, 1, 0),
        ("n", "z", "en", 1, 1, 0),
        ("n", "z", "vi", 0, 1, 0),
        ("n", "z", "fuzzy", 2, 0, 0),
        ("n", "z", "exact", 1, 1, 0),
        ("n", "s", None, 0, 0, 1),
        ("m", "z", None, 0, 0, 2),
        ("m", "z", "en", 0, 0, 2),
        ("m", "z", "vi", 0, 0, 1),
        ("m", "z", "fuzzy", 0, 0, 2),
        ("m", "z", "exact", 0, 0, 2),
        ("m", "s", None, 1, 0, 0),
    ]


@pytest.mark.parametrize(
    ("signs", "outcome"),
    [
        ("++", "passed"),
        ("+-", "failed"),
        ("-?", "failed"),
        ("?-", "failed"),
        ("+?", "unscored"),
        ("??", "unscored"),
        ("+", "unscored"),
        ("-", "failed"),
        ("", "unscored"),
    ],
)
def test_a_trial_passes_when_all_its_scorers_pass(signs: str, outcome: str) -> None:
    """One failure fails the trial; without one, a scorer that said nothing leaves it unscored."""
    text = "\n".join(f"m s a 1 {scorer} {sign}" for scorer, sign in zip(("exact", "fuzzy"), signs, strict=False))
    suites = [suite("s", {"a": ""}, ["exact", "fuzzy"])]
    metric = metrics_of(scores_of(text), suites, ["m"], trials_per_case=1, interval=interval)[0]
    assert {"passed": metric.passed, "failed": metric.failed, "unscored": metric.unscored} == {
        **dict.fromkeys(OUTCOMES.values(), 0),
        outcome: 1,
    }


def test_only_what_was_due_counts() -> None:
    """Scores of other candidates, suites, cases, trials and scorers change nothing."""
    scores = scores_of(
        """
        m s a 1 exact +
        m s a 2 exact +
        m s a 3 exact +
        m s a 1 old -
        m s x 1 exact -
        m t a 1 exact -
        n s a 1 exact -
        """
    )
    metrics = metrics_of(scores, [suite("s", {"a": ""})], ["m"], trials_per_case=2, interval=interval)
    assert table_of(metrics) == [("m", "s", None, 2, 0, 0)]


def test_nothing_asked_is_not_a_pass() -> None:
    """A suite without cases has no rate; cases without scorers or scores are unscored, with a rate of zero."""
    empty = metrics_of([], [suite("s", {})], ["m"], trials_per_case=3, interval=interval)
    assert [(each.n, each.rate, each.rate_scored, each.low, each.high) for each in empty] == [
        (0, None, None, None, None)
    ]
    for scorers in ((), ("exact",)):
        (metric,) = metrics_of([], [suite("s", {"a": ""}, scorers)], ["m"], trials_per_case=3, interval=interval)
        assert (metric.passed, metric.unscored, metric.n, metric.rate, metric.rate_scored) == (0, 3, 3, 0.0, None)


def test_trust_is_lost_wherever_an_untrusted_judge_has_a_say() -> None:
    """Overall, the tags and the label of such a judge are untrusted; other tags and scorers keep their trust."""
    judged = Case(id="a", input="?", tags=("t",), scorers=(ScorerSpec(name="judge", options={"rubric": "r"}),))
    plain = Case(id="b", input="?", tags=("u",), scorers=(ScorerSpec(name="exact"),))
    metrics = metrics_of(
        scores_of("m s b 1 exact +"),
        [Suite(id="s", cases=(judged, plain)), suite("other", {"a": ""})],
        ["m"],
        trials_per_case=1,
        interval=interval,
        untrusted={"judge:r": "it guesses"},
    )
    assert [(each.suite, each.tag or each.scorer, each.n, each.trusted) for each in metrics] == [
        ("s", None, 2, False),
        ("s", "t", 1, False),
        ("s", "u", 1, True),
        ("s", "judge:r", 1, False),
        ("s", "exact", 1, True),
        ("other", None, 1, True),
    ]


@given(
    st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(["", "x", "x y", "y y"]), max_size=6),
    st.dictionaries(
        st.tuples(
            st.sampled_from("mn"), st.sampled_from("abcdefg"), st.integers(1, 4), st.sampled_from(["exact", "fuzzy"])
        ),
        st.sampled_from("+-?"),
    ),
    st.integers(1, 3),
)
def test_counts_add_up(cases: dict[str, str], outcomes: dict[tuple, str], trials: int) -> None:
    """For any scores, each metric counts every due trial once, and no rate is above what passed."""
    text = "\n".join(f"{m} s {case} {trial} {scorer} {sign}" for (m, case, trial, scorer), sign in outcomes.items())
    suites = [suite("s", cases, ["exact", "fuzzy"])]
    metrics = metrics_of(scores_of(text), suites, ["m", "n"], trials_per_case=trials, interval=interval)
    for metric in metrics:
        due = [case for case, tags in cases.items() if metric.tag is None or metric.tag in tags.split()]
        assert metric.passed + metric.failed + metric.unscored == metric.n == len(due) * trials
        assert metric.rate == (pytest.approx(metric.passed / metric.n, rel=1e-5) if metric.n else None)
        assert metric.rate_scored is None or metric.rate is None or metric.rate_scored >= metric.rate
    for candidate in "mn":
        overall, *rest = [metric for metric in metrics if metric.candidate == candidate]
        for metric in rest:
            if metric.scorer is not None:
                assert overall.passed <= metric.passed
                assert overall.failed >= metric.failed


def test_a_case_that_was_tried_several_times() -> None:
    """Cases pass by their own share of trials, or all of them; those whose trials disagree are told as a rate."""
    cases = (
        Case(id="a", input="?", min_pass_rate=0.6),
        Case(id="b", input="?"),
        Case(id="c", input="?"),
        Case(id="d", input="?"),
    )
    suites = [Suite(id="s", scorers=(ScorerSpec(name="exact"),), cases=cases)]
    signs = {"a": "+++--", "b": "++++-", "c": "+++++", "d": "+????"}
    text = "\n".join(f"m s {case} {n} exact {sign}" for case, own in signs.items() for n, sign in enumerate(own, 1))
    (metric,) = metrics_of(scores_of(text), suites, ["m"], trials_per_case=5, interval=interval)
    assert (metric.cases, metric.n, metric.passed, metric.unscored) == (4, 20, 13, 4)
    assert (metric.cases_passed, metric.flip_rate) == (2, 0.666667)
    (single,) = metrics_of(scores_of(text), suites, ["m"], trials_per_case=1, interval=interval)
    assert (single.cases_passed, single.flip_rate) == (None, None)


def test_a_blocker_may_allow_for_a_failed_trial() -> None:
    """A blocker with a `min_pass_rate` that is kept is no failure; one that is not kept is."""
    cases = tuple(Case(id=name, input="?", severity="blocker", min_pass_rate=0.5) for name in "ab")
    suites = [Suite(id="s", scorers=(ScorerSpec(name="exact"),), cases=cases)]
    text = "m s a 1 exact +\nm s a 2 exact -\nm s b 1 exact -\nm s b 2 exact -"
    failures = blocker_failures(scores_of(text), [], suites, ["m"], trials_per_case=2)
    assert [each.case for each in failures] == ["b"]


JUDGE = ScorerSpec(name="judge", options={"rubric": "r"})


def judged_metrics(cases: Sequence[Case], words: Sequence[tuple[str, str | None]]) -> tuple[Metric, ...]:
    """Return the metrics of judged cases; each word is the judge's sign and the person's word."""
    suites = [Suite(id="s", cases=tuple(cases))]
    counting = Counting(suites, ["m"], trials_per_case=1, calibrated={"judge:r"})
    for case, (sign, word) in zip(cases, words, strict=True):
        label = suites[0].scorers_of(case)[0].label
        people = People({"judge:r": word}, frozenset({"judge:r"})) if word is not None else People()
        counting.take(trial_of("", case=case.id), scores_of(f"m s {case.id} 1 {label} {sign}"), people)
    return counting.metrics(Methods(interval, lambda strata: (0.5, 0.25, 0.75, float(sum(strata)))))


def test_labels_correct_a_rate_that_the_judge_alone_decides() -> None:
    """Labels are counted by the judge's verdict; from thirty on they carry the metric."""
    cases = [Case(id=f"c{n}", input="?", scorers=(JUDGE,)) for n in range(40)]
    words = [("+", "passed")] * 20 + [("+", "failed")] * 5 + [("-", "failed")] * 4 + [("-", "passed")]
    (metric,) = judged_metrics(cases, [*words, *[("+", None)] * 9, ("?", None)])
    own = metric.correction
    assert own is not None
    assert (own.judged_passed, own.judged_n, own.pass_labels, own.pass_labels_passed) == (34, 39, 25, 20)
    assert (own.fail_labels, own.fail_labels_passed, own.value, own.low, own.high) == (5, 1, 0.5, 0.25, 0.75)
    assert metric.trusted
    (fewer,) = judged_metrics(cases, [*words[:29], *[("+", None)] * 11])
    assert (fewer.trusted, fewer.correction is not None) == (False, True)
    assert fewer.doubt == "the judge's word needs 30 human labels on these answers to carry it, and has 29"


@pytest.mark.parametrize(
    "other",
    [
        [ScorerSpec(name="exact")],
        [JUDGE, ScorerSpec(name="exact")],
        [ScorerSpec.model_validate({"any": ["exact", {"judge": {"rubric": "r"}}]})],
    ],
    ids=["another scorer for some cases", "a scorer beside it", "a judge within a combination"],
)
def test_a_judge_that_does_not_decide_alone_carries_nothing(other: list[ScorerSpec]) -> None:
    """Labels say nothing of a mixture, so the whole suite is not trusted, however many there are."""
    cases = [Case(id=f"c{n}", input="?", scorers=(JUDGE,)) for n in range(40)]
    cases.append(Case(id="other", input="?", scorers=tuple(other)))
    overall, *_ = judged_metrics(cases, [*[("+", "passed")] * 40, ("+", None)])
    assert (overall.trusted, overall.correction) == (False, None)
    assert overall.doubt == "a judge decides it together with other scorers"


def test_thirty_labels_are_thirty_cases() -> None:
    """Several trials of a case are alike: their labels count once, and there are no limits."""
    cases = tuple(Case(id=f"c{n}", input="?", scorers=(JUDGE,)) for n in range(10))
    counting = Counting([Suite(id="s", cases=cases)], ["m"], trials_per_case=5, calibrated={"judge:r"})
    people = People({"judge:r": "passed"}, frozenset({"judge:r"}))
    for case in cases:
        for number in range(1, 6):
            scores = scores_of(f"m s {case.id} {number} judge:r +")
            counting.take(trial_of("", case=case.id, number=number), scores, people)
    (metric,) = counting.metrics(Methods(interval, lambda strata: (0.5, 0.25, 0.75, float(sum(strata)))))
    assert (metric.trusted, metric.correction.low, metric.correction.high) == (False, None, None)
    assert metric.doubt.endswith("and has 10")


@pytest.mark.parametrize(
    ("scorers", "signs", "word", "outcome", "reason"),
    [
        ([JUDGE], "+", None, "unscored", "trial 1: only a judge says passed, and nobody labelled the answer"),
        ([JUDGE], "-", None, "unscored", "trial 1: only a judge says failed, and nobody labelled the answer"),
        ([JUDGE], "+", "failed", "failed", "trial 1: people say failed"),
        ([JUDGE], "-", "passed", None, None),
        ([JUDGE], "?", "passed", "unscored", "trial 1"),
        ([JUDGE, ScorerSpec(name="exact")], "+-", "passed", "failed", "trial 1"),
        ([JUDGE, ScorerSpec(name="exact")], "++", None, "unscored", "trial 1: only a judge says passed"),
    ],
)
def test_a_judge_alone_decides_no_blocker(
    scorers: list[ScorerSpec], signs: str, word: str | None, outcome: str | None, reason: str | None
) -> None:
    """A person's word on the very answer stands in for the judge; without one the blocker has no score."""
    case = Case(id="a", input="?", severity="blocker", scorers=tuple(scorers))
    counting = Counting([Suite(id="s", cases=(case,))], ["m"], trials_per_case=1, calibrated={"judge:r"})
    people = People({"judge:r": word}) if word is not None else People()
    text = "\n".join(f"m s a 1 {spec.label} {sign}" for spec, sign in zip(scorers, signs, strict=True))
    counting.take(trial_of("", case="a"), scores_of(text), people)
    found = counting.blockers()
    assert [own.outcome for own in found] == ([outcome] if outcome is not None else [])
    assert all(own.reason.startswith(reason) for own in found)


def test_blockers_that_did_not_pass() -> None:
    """Each blocker that failed or is unscored is told once a candidate, by its worst trial."""
    suites = [
        suite(
            "s", dict.fromkeys(["good", "bad", "mute", "flaky", "never"], ""), ["exact", "fuzzy"], severity="blocker"
        ),
        suite("t", {"bad": ""}),
    ]
    lines = ["m t bad 1 exact -", "m t bad 2 exact -"]
    for case, one, two in [("good", "++", "++"), ("bad", "+-", "--"), ("mute", "+?", "++"), ("flaky", "?+", "+-")]:
        for number, signs in ((1, one), (2, two)):
            lines += [f"m s {case} {number} exact {signs[0]}", f"m s {case} {number} fuzzy {signs[1]}"]
    trials = [
        trial_of("x" * 300, case="bad", number=1),
        trial_of("second", case="bad", number=2),
        trial_of("\x1b[31m", case="flaky", number=2),
        trial_of(None, case="mute", number=1),
    ]
    failures = blocker_failures(scores_of("\n".join(lines)), trials, suites, ["m"], trials_per_case=2)

    def failure(case: str, outcome: str, reason: str, output: str | None) -> BlockerFailure:
        return BlockerFailure.model_validate(
            {"candidate": "m", "suite": "s", "case": case, "outcome": outcome, "reason": reason, "output": output}
        )

    assert failures == (
        failure("bad", "failed", "trial 1: fuzzy said -", "x" * 200),
        failure("mute", "unscored", "trial 1: fuzzy said ?", None),
        failure("flaky", "failed", "trial 2: fuzzy said -", "\x1b[31m"),
        failure("never", "unscored", "trial 1: it was not asked", None),
    )


def test_a_candidate_that_was_never_asked_passed_no_blocker() -> None:
    """Blockers are due for each candidate, with or without trials."""
    suites = [suite("s", {"a": "", "b": ""}, severity="blocker")]
    failures = blocker_failures(scores_of("m s a 1 exact +"), [], suites, ["m", "n"], trials_per_case=1)
    assert [(each.candidate, each.case, each.outcome) for each in failures] == [
        ("m", "b", "unscored"),
        ("n", "a", "unscored"),
        ("n", "b", "unscored"),
    ]
