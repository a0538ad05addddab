"""Does the verdict read well in a terminal of 80 columns, and can nothing in it harm the terminal?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from assay.cli.show import inert, verdict_lines, verification_lines, write_lines
from assay.record.verify import Difference, Verification
from assay.schema.record import Withheld
from assay.schema.verdict import CandidateVerdict, ConditionResult, Verdict, WaiverUse
from assay.workflow.conclude import make_record
from tests.gate.build import waiver
from tests.record.evidence_files import ASSEMBLY, small_evidence

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes import Said

REASON = "suite:policy-qa.pass_rate >= 0.9 with 95% confidence: 41 of 50 trials passed, which is too few. " * 3


def result(name: str, status: str, severity: str = "block", observed: float | None = 0.82) -> ConditionResult:
    return ConditionResult(
        id=name,
        condition=name,
        severity=severity,
        status=status,
        observed=observed,
        low=None,
        high=None,
        n=50,
        threshold=0.9,
        margin=-0.08,
        reason=REASON,
    )


def verdict(*results: ConditionResult) -> Verdict:
    own = CandidateVerdict(candidate="adder", verdict="NO-GO", conditions=results, reason=REASON)
    return Verdict(verdict="NO-GO", candidates=(own,), reason=REASON)


LINES = list(
    verdict_lines(
        verdict(
            result("short", "met"),
            result("a" * 50, "not_met"),
            result("suite:a-long-name#and-a-long-tag.pass_rate >= 0.95 with 95% confidence", "unknown", observed=None),
            result("warned", "not_met", severity="warn"),
        )
    )
)


def test_lines_fit_and_end_clean() -> None:
    """No line is longer than 80 columns or ends in a space."""
    assert [line for line in LINES if len(line) > 80 or line != line.rstrip()] == []


def test_results_stand_in_one_column() -> None:
    """The header and every result begin in the same column, warnings too."""
    words = ("result", "MET", "NOT MET", "UNKNOWN")
    starts = {
        line.rindex(f"  {word}")
        for line in LINES
        for word in words
        if line.removesuffix("  warn").endswith(f"  {word}") and line.startswith("  ") and line[4:5] != "s"
    }
    assert len(starts) == 1
    assert sum(line.endswith("NOT MET  warn") for line in LINES) == 1


def test_waivers_stand_under_their_conditions() -> None:
    """What is waived says until when, why and by whom, in 80 columns; a waiver of nothing has a line of its own."""
    given = waiver("a" * 50, 0.8)
    uses = [
        WaiverUse(waiver=given, status="applies", reason="No worse."),
        WaiverUse(waiver=given, status="not_yet", reason="Later."),
        WaiverUse(waiver=waiver("nothing", 0.8), status="unmatched", reason="No condition."),
    ]
    held = verdict(
        result("a" * 50, "not_met").model_copy(update={"waiver": uses[0], "reason": "Few."}),
        result("b", "not_met", "warn").model_copy(update={"waiver": uses[1], "reason": "Few."}),
    ).model_copy(update={"waivers": tuple(uses), "reason": "So it is."})
    lines = list(verdict_lines(held))
    assert max(map(len, lines)) == 80
    assert lines == [
        "adder: NO-GO",
        f"  {'condition':<50}   observed  result",
        f"  {'a' * 50}       0.82  NOT MET  waived",
        "    Few.",
        "    WAIVED until 2026-06-30: No worse. Reason given: It can wait. (owner Ann,",
        "    approved by Bo)",
        f"  {'b':<50}       0.82  NOT MET  warn",
        "    Few.",
        "    waiver NOT YET: Later. Reason given: It can wait. (owner Ann, approved by",
        "    Bo)",
        "waiver on nothing UNMATCHED: No condition.",
        "Conditions: 0 met, 2 not met (1 waived), 0 unknown.",
        "So it is.",
        "Verdict: NO-GO",
    ]


def test_a_condition_with_a_name_says_what_it_asks() -> None:
    """Its text stands below its name, whatever it came to; a name that is the text is not said twice."""
    text = "suite:policy-qa#refunds.pass_rate >= 0.95 with 95% confidence on at least 40 cases"
    named = result("refunds", "met").model_copy(update={"condition": text})
    lines = list(verdict_lines(verdict(named, result("short", "met"))))
    assert lines[2:5] == [
        f"  {'refunds':<50}       0.82  MET",
        "    suite:policy-qa#refunds.pass_rate >= 0.95 with 95% confidence on at least 40",
        "    cases",
    ]
    assert lines[5] == f"  {'short':<50}       0.82  MET"


def test_no_reason_is_lost_in_wrapping() -> None:
    """A wrapped reason has all its words, under each condition that is not met and under the whole."""
    assert " ".join(" ".join(LINES).split()).count(REASON.strip()) == 4
    assert LINES[-1] == "Verdict: NO-GO"
    assert "Conditions: 1 met, 2 not met, 1 unknown." in LINES


def test_what_a_file_says_cannot_move_the_cursor() -> None:
    """Control, format and private characters become spaces."""
    assert inert("a\x1b[31mb\u202ec\u200bd\ue000e\nf") == "a [31mb c d e f"


def test_colours_only_in_a_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Words of judgement are coloured in a terminal and plain elsewhere."""
    write_lines(iter(LINES))
    plain = capsys.readouterr().out
    assert plain == "".join(f"{line}\n" for line in LINES)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    write_lines(iter(LINES))
    coloured = capsys.readouterr().out
    assert "\x1b[31mNOT MET\x1b[0m  warn\n" in coloured
    assert "Verdict: \x1b[1;31mNO-GO\x1b[0m\n" in coloured
    assert coloured.count("\x1b[") == 2 * 6


def test_the_first_difference_comes_first() -> None:
    """What does not verify begins with file, place and difference; what verifies says what that shows."""
    one, two = Difference("a.json", ".date", "it says 1"), Difference("a.md", "line 3", "it says 2")
    assert list(verification_lines(Verification(None, (one, two)), "a.md")) == [
        "a.json, .date: it says 1",
        "also a.md, line 3",
        "a.md: does not verify",
    ]
    lines = list(verification_lines(Verification(None, ()), "a.md"))
    assert lines[0] == "a.md: verified"
    assert max(map(len, lines)) <= 80


def test_what_differs_stands_below_each_other() -> None:
    """A difference that is too long for a line stands in two to compare, and why content is refused is said."""
    one = Difference("0001-small.json", ".people.owner", f"it says {'a' * 40}, the evidence says {'b' * 40}")
    two = Difference(
        "0001-small.evidence.zip", "content", "refused: its directory says something else than Assay. Take it."
    )
    assert list(verification_lines(Verification(None, (one, two)), "r.md")) == [
        "0001-small.json, .people.owner:",
        f"  it says {'a' * 40},",
        f"  the evidence says {'b' * 40}",
        "also 0001-small.evidence.zip, content: refused: its directory says something",
        "  else than Assay. Take it.",
        "r.md: does not verify",
    ]


@pytest.mark.parametrize(
    ("trials", "judgements", "told"),
    [
        (4, 0, "every score but those of 4 answers whose texts are left out or redacted, taken as stored, and every"),
        (1, 0, "every score but those of 1 answer whose text is left out or redacted, taken as stored, and every"),
        (2, 1, "every score but those of 2 answers and 1 judgement whose texts are left out or redacted, taken as"),
    ],
)
def test_scores_that_are_taken_as_stored_are_told_once(trials: int, judgements: int, told: str) -> None:
    """What is shown leaves out what was not derived again, and nothing else speaks of it."""
    record = make_record(small_evidence(), ASSEMBLY).record.model_copy(
        update={"withheld": Withheld(trials=trials, judgements=judgements)}
    )
    lines = list(verification_lines(Verification(record, ()), "a.md"))
    text = " ".join(" ".join(lines).split())
    assert told in text
    assert text.count("score") == 1
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("kind", ["scorers", "checks", "suites", "runtimes", "models"])
def test_lists_fit_into_80_columns(assay: Callable[..., Said], kind: str) -> None:
    """Each name begins a line, and its text goes on below with an indent."""
    lines = assay("list", kind).out.splitlines()
    assert max(map(len, lines)) <= 80
    names = [line.split()[0] for line in lines if not line.startswith(" ")]
    assert names == list(json.loads(assay("list", kind, "--json").out))
