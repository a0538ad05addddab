"""Is the verdict read first, is nothing waived hidden, and is the page never larger than GitHub takes?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from assay.record.reports.summary import MOST_COMMENT, MOST_STEP, marker, write_comment, write_step
from tests.record.reports.verdicts import BAD, GIVEN, GOOD, MIXED, PLACES, RUN, candidate, record_with, result

if TYPE_CHECKING:
    from collections.abc import Callable

    from assay.record.reports import Places
    from assay.schema.record import Record

    Write = Callable[[Record, Places], str]

FIRST = """\
### NO-GO: May it add?

All in all NO-GO.

Record `0001-small` of 2026-01-02; evidence `{digest}`.
The verdict is computed from the evidence; the decision is made by people.

| Result | Candidate | Condition | Observed | Interval compared | Threshold | Margin | n |
|---|---|---|---|---|---|---|---|
| **NOT MET** | `one` | `blockers` | - | [0.7, -] | 0.9 | -0.2 | 50 |
| **UNKNOWN** | `one` | `short` | - | - | 0.9 | - | 50 |
| **UNKNOWN** | `two` | `short` | - | - | 0.9 | - | 50 |
| **WAIVED** | `one` | `speed`<br>`bench:long.e2e_p95_s < 5` | 6.4 | [0.7, -] | 5 | -0.2 | 50 |
| **NOT MET** (warn) | `one` | `talk` | 0.82 | [0.7, -] | 0.9 | -0.2 | 50 |
| **MET** | `one` | `suite:sums.pass_rate >= 0.9 with 95% confidence` | 0.82 | [0.7, -] | 0.9 | -0.2 | 50 |
| **MET** | `two` | `suite:sums.pass_rate >= 0.9 with 95% confidence` | 0.82 | [0.7, -] | 0.9 | -0.2 | 50 |

| Waiver | Condition | Until | Owner | Approver | Why waived | What became of it |
|---|---|---|---|---|---|---|
| **APPLIES** | `speed` | 2026-06-30 | An Tran | Eva Meier | The new server comes in May. | It is applies. |
| **EXPIRED** | `gone` | 2026-06-30 | An Tran | Eva Meier | The new server comes in May. | It is expired. |

<details><summary>Why, condition by condition</summary>

"""


def test_a_page_reads_from_the_verdict_down() -> None:
    """Verdict, conditions from the gravest on, waivers; the rest is folded away."""
    assert write_step(MIXED, PLACES).startswith(FIRST.format(digest=MIXED.evidence.sha256[:12]))


def test_what_would_turn_a_condition_is_no_fact() -> None:
    """It says whether the condition would fail or be met by it."""
    page = write_step(MIXED, PLACES)
    assert "50 trials passed. It would fail by 2 more failing of the same 50." in page
    assert "Not met: `sums/b`. It would be met by 1 more passing of the same 50." in page


@pytest.mark.parametrize(
    ("places", "head", "tail"),
    [
        (
            GIVEN,
            "The record `0007-old` decided on again on 2026-01-02; evidence `abababababab`.",
            (
                "No record was written of this; for one: `assay decide decisions/records/0007-old.json --out DIR`. "
                "To check what was decided on: `assay verify decisions/records/0007-old.json`, offline."
            ),
        ),
        (
            RUN,
            "The run `r1` decided on again on 2026-01-02.",
            "No record was written of this; for one: `assay decide decisions/runs/r1 --out DIR`.",
        ),
    ],
)
def test_what_was_not_written_is_not_named(places: Places, head: str, tail: str) -> None:
    """A decision that is not kept names what was decided on, and tells to verify nothing that is not there."""
    page = write_step(MIXED, places)
    assert head in page.splitlines()
    assert page.splitlines()[-1] == tail
    assert MIXED.id not in page


def test_a_comment_is_the_page_with_a_marker() -> None:
    """The first line is not shown, and is the same for each record of the use case."""
    first, _, rest = write_comment(MIXED, PLACES).partition("\n")
    assert first == marker("small") == "<!-- assay-gate small -->"
    assert rest == write_step(MIXED, PLACES)


def test_a_marker_ends_where_it_should() -> None:
    """No name of a use case closes the remark."""
    assert marker("a --> <b> -- c") == "<!-- assay-gate a-b-c -->"


def test_without_waivers_it_says_so() -> None:
    """That nothing is waived is told, so that its absence is no doubt."""
    assert "\nNothing is waived.\n" in write_step(GOOD, PLACES)


@pytest.mark.parametrize(("write", "most"), [(write_step, MOST_STEP), (write_comment, MOST_COMMENT)])
def test_a_page_is_cut_where_it_would_be_too_large(write: Write, most: int) -> None:
    """It keeps verdict and gravest conditions, closes what it opened, and says where the rest stands."""
    unknown = [result(f"u{number}", "unknown", reason="é" * 900) for number in range(4_000)]
    record = record_with("NO-GO", candidate("one", "NO-GO", *unknown, result("last", "not_met")))
    page = write(record, PLACES)
    assert most // 2 < len(page.encode()) <= most
    assert page.count("<details>") == page.count("</details>")
    assert page.index("`last`") < page.index("`u0`")
    assert page.splitlines()[-1].endswith(f" more lines stand in `{PLACES.record}`.")


@pytest.mark.parametrize("write", [write_step, write_comment])
def test_hostile_texts_are_inert(write: Write) -> None:
    """No image, link, mention or tag of a stranger is left, and each row stays on its line."""
    page = write(BAD, PLACES)
    page.encode()
    bare = re.sub(r"(?<![`\\])(`+)(?!`).+?(?<!`)\1(?!`)", "", page)
    for wanted in ("<img", "@all", "https://", "\x1b", "\u202e"):
        assert wanted not in bare
    assert not re.search(r"(?<!\\)\]\(", bare)
    rows = [line for line in page.splitlines() if line.startswith("| **")]
    assert len(rows) == 3 + 1 + sum(own.status in {"not_met", "unknown"} for own in BAD.findings)
