"""Is all told that holds a verdict back, the gravest first, and known again in the next run?"""

from __future__ import annotations

from assay.record.reports.matters import fingerprint, matters_of
from tests.record.reports.verdicts import GOOD, MIXED, candidate, record_with, result


def test_matters_of_a_mixed_record() -> None:
    """What blocks comes first, then what is unknown or waived; what is met is not told."""
    told = [(own.candidate, own.rule, own.level, own.weight) for own in matters_of(MIXED)]
    assert told == [
        ("one", "condition/blockers", "error", "block"),
        ("one", "condition/short", "warning", "block"),
        ("one", "condition/talk", "warning", "warn"),
        ("one", "condition/speed", "warning", "waived"),
        ("two", "condition/short", "warning", "block"),
        (None, "waiver/gone", "warning", "block"),
        *(("one", f"readiness/{name}", "warning", "warn") for name in ("error-rate", "pins") if _not_met(name)),
    ]


def _not_met(item: str) -> bool:
    return any(own.item == item and own.status == "not_met" for own in MIXED.findings)


def test_go_has_nothing_to_tell() -> None:
    """A record in which all is met has no matter."""
    assert matters_of(GOOD) == []


def test_a_verdict_that_is_no_go_is_never_silent() -> None:
    """HOLD without an unknown condition, as without any candidate, is told by itself."""
    for own in (record_with("HOLD"), record_with("HOLD", candidate("one", "HOLD", result("a")))):
        assert [(matter.rule, matter.level) for matter in matters_of(own) if matter.weight == "block"] == [
            ("verdict", "warning")
        ]


def test_what_waives_is_named() -> None:
    """A waived condition says until when, by whom and why, and what was found all the same."""
    (waived,) = [own for own in matters_of(MIXED) if own.weight == "waived"]
    assert waived.message == (
        "one: waived until 2026-06-30, approved by Eva Meier, owned by An Tran: The new server comes in May. "
        "Asked: bench:long.e2e_p95_s < 5. 41 of 50 trials passed."
    )


def test_a_condition_with_a_name_says_what_it_asks() -> None:
    """Its text stands before what was found; where the name is the text it is not said twice."""
    text = "suite:sums.pass_rate >= 0.9"
    record = record_with(
        "NO-GO",
        candidate(
            "one",
            "NO-GO",
            result("sums", "not_met", condition=text, flip="1 more passing of the same 50"),
            result("sums-too", "unknown", condition=text, flip="2 more passing of the same 50"),
            result(text, "not_met"),
        ),
    ).model_copy(update={"findings": ()})
    assert [own.message for own in matters_of(record)] == [
        f"one: not met. Asked: {text}. 41 of 50 trials passed. It would be met by 1 more passing of the same 50.",
        "one: not met. 41 of 50 trials passed.",
        f"one: unknown. Asked: {text}. 41 of 50 trials passed. It would be met by 2 more passing of the same 50.",
    ]


def test_a_matter_is_known_again() -> None:
    """Its fingerprint does not depend on figures, and no two matters share one."""
    other = record_with(
        "HOLD", candidate("two", "HOLD", result("short", "unknown", observed=0.1, reason="Other words."))
    )
    (again,) = [own for own in matters_of(other) if own.condition == "short"]
    (before,) = [own for own in matters_of(MIXED) if (own.candidate, own.condition) == ("two", "short")]
    assert fingerprint(other, again) == fingerprint(MIXED, before)
    marks = [fingerprint(MIXED, own) for own in matters_of(MIXED)]
    assert len(set(marks)) == len(marks)
