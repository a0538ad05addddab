"""Do the filters that pages of the second format add say what is meant?"""

from __future__ import annotations

from assay.record.counts import COUNTS
from assay.schema.bench import BenchCell
from assay.schema.findings import ATTESTATIONS, Finding
from assay.schema.score import Metric


def test_trials_that_were_not_asked_are_left_out() -> None:
    """What a run could stop before is not among the trials that were asked."""
    assert COUNTS["asked_trials"](Metric.model_construct(n=100, stopped=43)) == "57"


def test_the_share_of_nothing_is_unknown() -> None:
    """A measurement without requests has no share of failed ones."""
    assert COUNTS["error_share"](BenchCell.model_construct(n=40, failed=1)) == "2.5 %"
    assert COUNTS["error_share"](BenchCell.model_construct(n=0, failed=0)) == "unknown"


def test_a_sentence_ends_once() -> None:
    """A reason loses its own full stops, for the sentence around it has one; what is hostile stays inert."""
    said = [COUNTS["clause"](text) for text in ("it is unsafe.", "too large..", "of 4. ", "plain", "<b>.", "why?")]
    assert said == ["it is unsafe", "too large", "of 4", "plain", "&lt;b&gt;", "why?"]


def test_an_answer_that_may_be_cut_says_so() -> None:
    """Dots follow an answer as long as answers are cut to, and no shorter one."""
    assert COUNTS["answer"]("a" * 199) == f"`{'a' * 199}`"
    assert COUNTS["answer"]("a" * 200) == f"`{'a' * 200}` …"
    assert COUNTS["answer"](None) == "unknown"


def test_times_have_no_minus_before_zero() -> None:
    """A difference of some microseconds is none in milliseconds; a distance has no sign at all."""
    assert [COUNTS["milliseconds"](own) for own in (-14, -60, 340, None)] == ["0.0 ms", "-0.1 ms", "0.3 ms", "unknown"]
    assert [COUNTS["distance"](own) for own in (-14, -340, 340)] == ["0.0 ms", "0.3 ms", "0.3 ms"]


def test_the_level_is_that_of_the_weakest_item_of_the_minimum() -> None:
    """Warnings and what does not apply count nothing; a person's word alone is less than evidence."""
    found = {
        name: Finding.model_construct(severity=severity, status=status, evidence=evidence)
        for name, severity, status, evidence in (
            ("shown", "block", "met", ("plan.json",)),
            ("said", "block", "met", (ATTESTATIONS,)),
            ("open", "block", "unknown", ()),
            ("bad", "block", "not_met", ()),
            ("warned", "warn", "not_met", ()),
            ("off", "block", "not_applicable", ()),
        )
    }
    sums = (("shown", "warned"), ("shown", "said", "off"), ("said", "open"), ("open", "bad"), ("warned", "off"), ())
    told = [COUNTS["level"]([found[name] for name in names]) for names in sums]
    assert told == ["shown", "attested", "unknown", "not_met", "none", "none"]
