"""Are conditions read as they are written, and are all that decide nothing refused with a way out?"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.errors import InputError
from assay.gate import (
    ConditionError,
    Subjects,
    SuiteSubject,
    UnknownMetricError,
    check_conditions,
    parse,
    suites_by_case,
)
from assay.gate.conditions import FORMS
from assay.schema.suite import BenchSettings, ConditionSpec
from tests.gate.build import SUBJECTS as WITHOUT_BASELINE

SUBJECTS = replace(WITHOUT_BASELINE, baseline=True, baseline_measured=True)

LANGUAGE = {
    "suite:policy-qa.pass_rate >= 0.9": "suite:policy-qa.pass_rate",
    "suite:policy-qa.pass_rate >= 0.9 with 95% confidence": "suite:policy-qa.pass_rate",
    "suite:policy-qa#vi.pass_rate > 0.8": "suite:policy-qa#vi.pass_rate",
    "suite:policy-qa/judge:helpfulness.pass_rate >= 0.7 with 97.5% confidence": (
        "suite:policy-qa/judge:helpfulness.pass_rate"
    ),
    "suite:policy-qa#multi-hop.pass_rate<0.2": "suite:policy-qa#multi-hop.pass_rate",
    "suite:policy-qa.coverage >= 1": "suite:policy-qa.coverage",
    "suite:policy-qa/exact.mean_grade >= 0.7": "suite:policy-qa/exact.mean_grade",
    "suite:policy-qa/judge:helpfulness.mean_grade >= 0.7 with 95% confidence": (
        "suite:policy-qa/judge:helpfulness.mean_grade"
    ),
    "suite:policy-qa.pass_rate not worse than baseline by 0.05": "suite:policy-qa.pass_rate",
    "suite:policy-qa#vi.pass_rate not worse than baseline by 0.05 with 97.5% confidence": (
        "suite:policy-qa#vi.pass_rate"
    ),
    "suite:policy-qa/exact.mean_grade not worse than baseline by 0.1": "suite:policy-qa/exact.mean_grade",
    "suite:policy-qa.pass_rate better than baseline": "suite:policy-qa.pass_rate",
    "suite:policy-qa/exact.mean_grade better than baseline with 90% confidence": "suite:policy-qa/exact.mean_grade",
    "blockers all passed": "blockers",
    "bench:short@4.e2e_p95_s < 5 with 95% confidence": "bench:short@4.e2e_p95_s",
    "bench:short@1.e2e_p50_s < 5": "bench:short@1.e2e_p50_s",
    "bench:short@1.e2e_p99_s <= 5": "bench:short@1.e2e_p99_s",
    "bench:long@1.ttft_p50_s < 0.5": "bench:long@1.ttft_p50_s",
    "bench:long@1.ttft_p95_s < 0.5": "bench:long@1.ttft_p95_s",
    "bench:long@1.ttft_p99_s < 0.5": "bench:long@1.ttft_p99_s",
    "bench:long@1.tpot_p50_s < 0.05": "bench:long@1.tpot_p50_s",
    "bench:long@1.tpot_p95_s < 0.05": "bench:long@1.tpot_p95_s",
    "bench:long@1.gap_p99_s < 0.5": "bench:long@1.gap_p99_s",
    "bench:short@4:warm.ttft_p95_s < 0.1": "bench:short@4:warm.ttft_p95_s",
    "bench:short@2/s.e2e_p99_s < 5 with 99% confidence": "bench:short@2/s.e2e_p99_s",
    "bench:short@2/s.good_share >= 0.99 with 95% confidence": "bench:short@2/s.good_share",
    "bench:long@1.output_tokens_per_s >= 20": "bench:long@1.output_tokens_per_s",
    "bench:long@1.requests_per_s > 2": "bench:long@1.requests_per_s",
    "bench:long@1.error_rate <= 0.01 with 95% confidence": "bench:long@1.error_rate",
    "bench:long@1.memory_peak_gib < 24": "bench:long@1.memory_peak_gib",
    "bench:long@1.vram_peak_gib < 24": "bench:long@1.vram_peak_gib",
    "bench:long@1.preemptions <= 0": "bench:long@1.preemptions",
    "bench:long@1.preemptions < 1": "bench:long@1.preemptions",
    "bench:long@1.host_headroom_gib >= 8": "bench:long@1.host_headroom_gib",
    "bench:long@1.vram_headroom_gib > 2": "bench:long@1.vram_headroom_gib",
    "bench:short@4.e2e_p95_s not worse than baseline by 10%": "bench:short@4.e2e_p95_s",
    "bench:short@4:warm.ttft_p50_s not worse than baseline by 10% with 90% confidence": "bench:short@4:warm.ttft_p50_s",
    "bench:short@2/s.e2e_p50_s better than baseline": "bench:short@2/s.e2e_p50_s",
    "bench:long@4.output_tokens_per_s better than baseline with 99% confidence": "bench:long@4.output_tokens_per_s",
    "bench:short@4:warm valid": "bench:short@4:warm valid",
    "bench all valid": "bench all valid",
    "memory.need_gib <= 20": "memory.need_gib",
    "memory.requests_that_fit >= 4": "memory.requests_that_fit",
    "readiness all met": "readiness",
    "readiness.security all met": "readiness.security",
    "readiness:rollback met": "readiness:rollback",
    "pins all met": "pins",
    "licence allows commercial use": "licence",
    "licence allows internal evaluation": "licence",
    "licence allows training on outputs": "licence",
    "licence allows this organization": "licence",
    "licence identified": "licence",
    "judges all trusted": "judges all trusted",
    "judge:helpful trusted": "judge:helpful trusted",
    "judge:helpful.kappa >= 0.6": "judge:helpful.kappa",
    "judge:helpful.agreement >= 0.8 with 95% confidence": "judge:helpful.agreement",
    "judge:polite.sensitivity > 0.8": "judge:polite.sensitivity",
    "judge:polite.specificity >= 0.8 with 90% confidence": "judge:polite.specificity",
    "evidence:licence-text present": "evidence:licence-text",
}


def specs(*texts: str) -> list[ConditionSpec]:
    return [ConditionSpec(condition=text) for text in texts]


def locate(index: int) -> tuple[str, int]:
    return "plan.yaml", 20 + index


def problems(*texts: str, subjects: Subjects = SUBJECTS) -> list[str]:
    with pytest.raises(InputError) as caught:
        check_conditions(specs(*texts), subjects, locate)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(("text", "metric"), LANGUAGE.items())
def test_every_form_of_the_language_is_read(text: str, metric: str) -> None:
    """Each form is read to the metric that it names, and the plan's names include it."""
    (condition,) = check_conditions(specs(text), SUBJECTS, locate)
    assert (condition.id, condition.text, condition.question.metric) == (text, text, metric)


def test_each_metric_of_a_plan_can_be_asked_about() -> None:
    """What a form says can be named can be read back in a condition of that form."""
    endings = {"readiness": " all met", "blockers": " all passed", "pins": " all met", "evidence": " present"}
    endings["licence"] = " allows commercial use"
    good_high = ("per_s", "good_share", "headroom_gib", "that_fit")
    for word, form in FORMS.items():
        for metric in form.metrics(SUBJECTS):
            high = word in {"suite", "judge", "judges"} or metric.endswith(good_high)
            written = endings.get(word, " > 0.5" if high else " < 0.5")
            written = " met" if ":" in metric and word == "readiness" else written
            written = "" if metric.endswith((" valid", " trusted")) else written
            assert parse(ConditionSpec(condition=metric + written)).question.metric == metric


@given(
    st.sampled_from(["short", "suites", "suite:a.b_c-d"]),
    st.lists(st.integers(1, 999_999), max_size=3),
    st.lists(st.floats(0.0001, 10_000), max_size=3),
)
def test_each_load_of_a_plan_can_be_written(profile: str, concurrency: list[int], rates: list[float]) -> None:
    """Whatever concurrency or rate a plan may have, a condition can name it as the plan's own names do."""
    bench = BenchSettings.model_validate(
        {"profiles": [profile], "concurrency": concurrency, "rates": rates, "cache": ["cold", "warm"]}
    )
    for label in bench.labels():
        text = f"bench:{label}.e2e_p95_s < 5"
        assert parse(ConditionSpec(condition=text)).question.metric == f"bench:{label}.e2e_p95_s"


def test_spaces_do_not_matter_and_the_text_stays_as_written() -> None:
    """A condition folded over two lines is the same question under its own text."""
    text = "suite:policy-qa.pass_rate >=  0.9\n with 95% confidence"
    assert (
        parse(*specs(text)).question == parse(*specs("suite:policy-qa.pass_rate >= 0.9 with 95% confidence")).question
    )
    assert parse(*specs(text)).text == text


def test_a_named_condition_keeps_name_and_severity() -> None:
    """The id and severity of the policy are those of the condition."""
    condition = parse(ConditionSpec(condition="pins all met", id="identity", severity="warn"))
    assert (condition.id, condition.severity) == ("identity", "warn")


def test_a_gate_without_conditions_is_refused() -> None:
    """No conditions is an error of its own, said in one line."""
    assert problems() == [
        (
            "error[no-conditions]: the gate has no conditions, so nothing could ever be decided. "
            "Write at least one condition under gate.conditions."
        )
    ]


def test_all_problems_come_at_once_with_their_lines() -> None:
    """A wrong name, a wrong form and a taken name are reported together, good conditions in between or not."""
    assert problems(
        "suite:polcy-qa.pass_rate >= 0.9",
        "pins all met",
        "bench:short@4.p95 < 5",
        "pins all met",
        "readiness.secrity all met",
        "blockers passed",
    ) == [
        (
            "error[unknown-metric]: plan.yaml:20: condition 'suite:polcy-qa.pass_rate >= 0.9' asks about "
            "suite:polcy-qa.pass_rate, which this plan does not measure. Write suite:policy-qa.pass_rate."
        ),
        (
            "error[unknown-metric]: plan.yaml:22: condition 'bench:short@4.p95 < 5' asks about bench:short@4.p95, "
            "which this plan does not measure. Write bench:short@4.e2e_p95_s."
        ),
        (
            "error[bad-condition]: plan.yaml:23: condition 'pins all met' has the name pins all met of an earlier one. "
            "Give each condition its own id."
        ),
        (
            "error[unknown-metric]: plan.yaml:24: condition 'readiness.secrity all met' asks about readiness.secrity, "
            "which this plan does not measure. Write readiness.security."
        ),
        (
            "error[bad-condition]: plan.yaml:25: condition 'blockers passed' cannot be read. "
            "Write it as `blockers all passed`."
        ),
    ]


def test_a_metric_that_is_like_no_other_gets_examples_or_a_way_out() -> None:
    """Without a near name some known ones are shown; where the plan measures none, that is said."""
    (line,) = problems("suite:zzz#qqqqqqqqqqqqqqqqqqqq/yyyyyyyyyyyyyyyyyyyyyy.coverage >= 1")
    assert line.endswith(
        "Write one of suite:policy-qa.pass_rate, suite:policy-qa.coverage, suite:policy-qa/exact.pass_rate, "
        "suite:policy-qa/exact.coverage, suite:policy-qa/exact.mean_grade and 7 more."
    )
    for text in ("bench:short@4.error_rate < 0.1", "bench all valid", "readiness all met", "judges all trusted"):
        (line,) = problems(text, subjects=Subjects())
        assert line.endswith("which this plan does not measure. Measure it in the plan, or remove the condition.")


@pytest.mark.parametrize(
    ("load", "nearest"),
    [
        ("short@5", "short@4"),
        ("short@20/s", "short@2/s"),
        ("short@2.5/s", "short@2/s"),
        ("short@1:warm", "short@4:warm"),
        ("longer@4", "long@4"),
    ],
)
def test_a_load_that_is_not_measured_names_the_nearest_one(load: str, nearest: str) -> None:
    """A concurrency, rate, cache state or profile that the plan does not have comes with the one that it has."""
    (line,) = problems(f"bench:{load}.ttft_p95_s < 1")
    assert line.endswith(
        f"asks about bench:{load}.ttft_p95_s, which this plan does not measure. Write bench:{nearest}.ttft_p95_s. "
        "The plan measures short@1, short@4, short@4:warm, short@2/s, long@1, long@4."
    )


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("bench:short@4.e2e_p95_ms < 1", "Write bench:short@4.e2e_p95_s."),
        ("bench:short@4.p95 < 1", "Write bench:short@4.e2e_p95_s."),
        ("bench:short@4.e2e_p95 not worse than baseline by 10%", "Write bench:short@4.e2e_p95_s."),
        (
            "bench:shrot@4 valid",
            ("Write bench:short@4 valid. The plan measures short@1, short@4, short@4:warm, short@2/s, long@1, long@4."),
        ),
        ("memory.need_gb <= 20", "Write memory.need_gib."),
        ("memory.requests_fit >= 4", "Write memory.requests_that_fit."),
        ("readiness:rolback met", "Write readiness:rollback."),
        ("judge:helpfull trusted", "Write judge:helpful trusted."),
        ("judge:helpfull.kappa >= 0.6", "Write judge:helpful.kappa."),
        ("judge:polite.kapa >= 0.6", "Write judge:polite.kappa."),
        ("judge:polite.sens >= 0.6", "Write judge:polite.sensitivity."),
        ("evidence:answer present", "Write evidence:answers."),
        ("evidence:license-text present", "Write evidence:licence-text."),
    ],
)
def test_a_misspelled_name_gets_the_nearest_of_its_kind(text: str, advice: str) -> None:
    """Each kind of condition knows what the plan has, so a slip of the pen comes with what was meant."""
    (line,) = problems(text)
    assert line.startswith("error[unknown-metric]: plan.yaml:20: ")
    assert line.endswith(f"which this plan does not measure. {advice}")


@pytest.mark.parametrize(
    ("baseline", "problem"),
    [
        (
            False,
            (
                "error[no-baseline]: plan.yaml:20: condition '{text}' compares with a baseline, and there is none. "
                "Name one under gate.baseline, or give one candidate the role baseline."
            ),
        ),
        (
            True,
            (
                "error[bad-condition]: plan.yaml:20: condition '{text}' compares a benchmark with that of another run: "
                "time and machine would differ too. Name a candidate of this plan under gate.baseline, or give one the "
                "role baseline."
            ),
        ),
    ],
)
def test_a_benchmark_is_compared_within_one_run_only(baseline: bool, problem: str) -> None:
    """Without a baseline that is measured in turn, a comparison of latencies is refused before anything is asked."""
    subjects = replace(SUBJECTS, baseline=baseline, baseline_measured=False)
    text = "bench:short@4.e2e_p95_s not worse than baseline by 10%"
    assert problems(text, subjects=subjects) == [problem.format(text=text)]
    assert check_conditions(specs("bench:short@4.e2e_p95_s < 5"), subjects, locate)


@pytest.mark.parametrize(
    "text",
    [
        "suite:policy-qa#fr.pass_rate >= 0.9",
        "suite:policy-qa/fuzzy.pass_rate >= 0.9",
        "suite:policy-qa.passrate >= 0.9",
        "suite:policy-qa.mean_grade >= 0.9",
        "suite:policy-qa#vi.mean_grade >= 0.9",
        "suite:policy-qa#fr.pass_rate better than baseline",
        "suite:policy-qa.passrate not worse than baseline by 0.05",
        "bench:json@4.e2e_p95_s < 5",
        "bench:short@2.e2e_p95_s < 5",
        "bench:short@4/s.e2e_p95_s < 5",
        "bench:long@4:warm.e2e_p95_s < 5",
        "bench:short@1.gap_p95_s < 5",
        "readiness.model all met",
        "readiness:owner met",
        "bench:json@4 valid",
        "judge:other trusted",
        "judge:polite.f1 >= 0.5",
        "memory.rss_gib < 5",
        "evidence:luck present",
    ],
)
def test_what_the_plan_does_not_measure_is_an_unknown_metric(text: str) -> None:
    """A tag, scorer, measure, profile, load or section that is not there is found before anything runs."""
    (line,) = problems(text)
    assert line.startswith("error[unknown-metric]: plan.yaml:20: ")


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("looks good", "Write one of `suite:<id>[#<tag> or /<scorer label>].pass_rate >= 0.9 [with 95% confidence]`; "),
        ("", "Write one of `suite:"),
        ("suite:policy-qa.pass_rate", "with plain numbers."),
        ("suite:policy-qa.pass_rate >= 90%", "with plain numbers."),
        ("suite:policy-qa.pass_rate >= nan", "with plain numbers."),
        ("suite:policy-qa.pass_rate >= -1", "with plain numbers."),
        ("suite:policy-qa.pass_rate == 1", "with plain numbers."),
        ("suite:policy-qa.pass_rate >= 0.9 or so", "with plain numbers."),
        ("suite:policy-qa >= 0.9", "Write it as `suite:"),
        ("bench:short.e2e_p95_s < 5", "Write it as `bench:"),
        ("bench:short@4:hot.e2e_p95_s < 5", "Write it as `bench:"),
        ("bench:short@2/min.e2e_p95_s < 5", "Write it as `bench:"),
        ("suite:policy-qa.pass_rate >= 90", "Write a threshold from 0 to 1 that a rate can reach and can miss."),
        ("suite:policy-qa.pass_rate >= 0", "Write a threshold from 0 to 1 that a rate can reach and can miss."),
        ("suite:policy-qa.pass_rate > 1", "Write a threshold from 0 to 1 that a rate can reach and can miss."),
        ("suite:policy-qa.pass_rate <= 1", "Write a threshold from 0 to 1 that a rate can reach and can miss."),
        ("suite:policy-qa.pass_rate < 0", "Write a threshold from 0 to 1 that a rate can reach and can miss."),
        ("suite:policy-qa.pass_rate >= 1 with 95% confidence", "Leave out the confidence, or allow for a failure."),
        ("suite:policy-qa.coverage >= 1 with 95% confidence", "Leave out the confidence, or allow for a failure."),
        ("suite:policy-qa.coverage >= 0.9 with 95% confidence", "Leave out the confidence."),
        (
            "suite:policy-qa/exact.mean_grade >= 1.5",
            "Write a threshold from 0 to 1 that a rate can reach and can miss.",
        ),
        (
            "suite:policy-qa/exact.mean_grade >= 1 with 95% confidence",
            "Leave out the confidence, or allow for a failure.",
        ),
        (
            "suite:policy-qa.pass_rate not worse than baseline",
            "or `suite:<id>[#<tag> or /<scorer label>].pass_rate better",
        ),
        ("suite:policy-qa.pass_rate not worse than baseline by five", "not worse than baseline by 0.05 [with 95% conf"),
        (
            "suite:policy-qa.pass_rate better than the baseline",
            "pass_rate better than baseline [with 95% confidence]`.",
        ),
        ("suite:policy-qa not worse than baseline by 0.05", "pass_rate not worse than baseline by 0.05 [with 95% conf"),
        ("suite:policy-qa.pass_rate not worse than baseline by 0", "Write a margin above 0."),
        ("suite:policy-qa.pass_rate not worse than baseline by 1", "Write a margin below 1, such as 0.05."),
        ("suite:policy-qa.pass_rate not worse than baseline by 5%", "Write it as a share from 0 to 1, such as 0.05."),
        ("suite:policy-qa.pass_rate better than baseline with 40% confidence", "Write one from 50.1% to 99.9999%."),
        ("suite:policy-qa.coverage not worse than baseline by 0.1", "Compare pass_rate or mean_grade."),
        ("suite:policy-qa.pass_rate >= 0.9 with 50% confidence", "Write one from 50.1% to 99.9999%."),
        ("suite:policy-qa.pass_rate >= 0.9 with 100% confidence", "Write one from 50.1% to 99.9999%."),
        ("suite:policy-qa.pass_rate >= 0.9 with 50.000000000001% confidence", "Write one from 50.1% to 99.9999%."),
        ("suite:policy-qa.pass_rate >= 0.9 with 99.99999999999% confidence", "Write one from 50.1% to 99.9999%."),
        ("bench:short@1.error_rate > 0.01", "Write <= or <."),
        ("bench:short@1.e2e_p95_s >= 5", "Write <= or <."),
        ("bench:short@1.requests_per_s < 5", "Write >= or >."),
        ("bench:short@1.error_rate < 1.5", "Write a threshold from 0 to 1 that a rate can reach and can miss."),
        ("bench:short@1.requests_per_s >= 0", "Write a threshold above 0."),
        ("bench:short@1.preemptions < 0", "Write a threshold above 0."),
        ("bench:short@1.e2e_p95_s <= 0", "Write a threshold above 0."),
        ("bench:short@1.good_share <= 0.9", "Write >= or >."),
        ("bench:short@1.good_share >= 1 with 95% confidence", "Leave out the confidence, or allow for a failure."),
        ("bench:short@1.gap_p99_s < 1 with 95% confidence", "Leave out the confidence."),
        ("bench:short@1.tpot_p50_s < 0.1 with 95% confidence", "Leave out the confidence."),
        ("blockers all met", "Write it as `blockers all passed`."),
        ("readiness met", "Write it as `readiness[.<section>] all met` or `readiness:<item> met`."),
        ("readiness:rollback all met", "Write it as `readiness[.<section>] all met` or `readiness:<item> met`."),
        ("pins met", "Write it as `pins all met`."),
        ("licence ok", "Write it as `licence allows commercial use`, `licence allows internal evaluation`, "),
        ("licence allows training on output", "Write it as `licence allows training on outputs`."),
        ("bench:short@1.vram_headroom_gib < 5", "Write >= or >."),
        ("bench:short@1.host_headroom_gib > 0", "Write a threshold above 0."),
        ("bench valid", "or `bench all valid`."),
        ("bench:short@1.e2e_p95_s no worse than baseline by 10%", "not worse than baseline by 10%`, "),
        ("bench:short@1.e2e_p95_s not worse than baseline by 0.5", "Write the margin as a share: `by 10%`."),
        ("bench:short@1.e2e_p95_s not worse than baseline by 0%", "Write a margin above 0."),
        ("bench:short@1.output_tokens_per_s not worse than baseline by 100%", "Write a margin below 100%."),
        ("bench:short@1.error_rate better than baseline", "Compare one of e2e_p50_s, e2e_p95_s, ttft_p50_s"),
        ("bench:short.e2e_p95_s better than baseline", "not worse than baseline by 10%`"),
        ("memory >= 4", "Write it as `memory.need_gib <= 20`."),
        ("memory.need_gib >= 20", "Write <= or <."),
        ("memory.requests_that_fit < 4", "Write >= or >."),
        ("memory.requests_that_fit >= 0", "Write a threshold above 0."),
        ("memory.need_gib <= 20 with 95% confidence", "Leave out the confidence."),
        ("judge:j1 trustworthy", "with plain numbers."),
        ("judge:j1 >= 0.6", "Write it as `judge:<id>.kappa >= 0.6`, `judge:<id> trusted` or `judges all trusted`."),
        ("judge:j1.kappa < 0.6", "Write >= or >."),
        ("judge:j1.kappa > 1", "Write a threshold below 1."),
        ("judge:j1.kappa >= 0.6 with 95% confidence", "Leave it out, or ask for agreement."),
        ("judge:j1.agreement >= 80", "Write a threshold from 0 to 1 that a rate can reach and can miss."),
        ("judge:j1.specificity >= 1 with 95% confidence", "Leave out the confidence, or allow for a failure."),
        ("evidence:answers", "Write it as `evidence:<kind> present`."),
    ],
)
def test_a_condition_that_decides_nothing_is_refused_with_its_remedy(text: str, remedy: str) -> None:
    """What cannot be read, cannot fail or cannot be met is a ConditionError that says what to write."""
    spec = ConditionSpec.model_construct(condition=text, id=None, severity="block")
    with pytest.raises(ConditionError) as caught:
        parse(spec)
    assert remedy in caught.value.remedy


def test_reading_alone_knows_the_measures() -> None:
    """A measure that no kind has is refused even without a plan, as a ValueError."""
    with pytest.raises(UnknownMetricError, match=r"^bench:short@1\.p95$"):
        parse(*specs("bench:short@1.p95 < 5"))
    assert issubclass(UnknownMetricError, ValueError)
    assert issubclass(ConditionError, ValueError)


def test_a_comparison_without_a_baseline_is_refused_before_anything_runs() -> None:
    """With nothing to compare with the condition could only ever be unknown."""
    text = "suite:policy-qa.pass_rate better than baseline"
    assert problems("pins all met", text, subjects=WITHOUT_BASELINE) == [
        (
            f"error[no-baseline]: plan.yaml:21: condition '{text}' compares with a baseline, and there is none. "
            "Name one under gate.baseline, or give one candidate the role baseline."
        )
    ]


def test_single_cases_are_asked_for_where_counts_do_not_suffice() -> None:
    """A rate needs them where trials are not independent; grades and comparisons need them always."""

    def wanted(text: str, *whole: str) -> frozenset[str]:
        return suites_by_case([parse(*specs(text))], whole=whole)

    assert wanted("suite:qa.pass_rate >= 0.9") == frozenset()
    assert wanted("suite:qa.pass_rate >= 0.9 with 95% confidence") == {"qa"}
    assert wanted("suite:qa.pass_rate >= 0.9 with 95% confidence", "qa") == frozenset()
    assert wanted("pins all met") == frozenset()
    for text in ("mean_grade >= 0.9", "pass_rate better than baseline", "pass_rate not worse than baseline by 0.05"):
        assert wanted(f"suite:qa.{text}", "qa") == {"qa"}


def test_a_suite_with_one_scorer_has_a_mean_grade_of_its_own() -> None:
    """With several there is one for each of them and none over all."""
    single = Subjects(suites=(SuiteSubject("sums", tags=("long",)),))
    (condition,) = check_conditions(specs("suite:sums#long.mean_grade >= 0.7"), single, locate)
    assert condition.question.metric == "suite:sums#long.mean_grade"
    (line,) = problems("suite:policy-qa.mean_grade >= 0.7")
    assert line.endswith("Write suite:policy-qa/exact.mean_grade.")


def test_a_condition_without_a_known_place_has_none_in_its_line() -> None:
    """Where the file is not known the line says only what is wrong."""
    with pytest.raises(InputError, match=r"^error\[bad-condition\]: condition 'pins' cannot be read\."):
        check_conditions(specs("pins"), SUBJECTS, lambda _: (None, None))
