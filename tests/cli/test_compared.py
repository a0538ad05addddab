"""What does a person see of two candidates side by side, in the terminal and in a pull request?"""

from __future__ import annotations

import re

from assay.cli.compared import markdown_of, paired_lines
from assay.workflow.compared import ComparedLoad, ComparedSide, ComparedSuite, Figure, Flip, PairedRow, PairedRuns

OLD = ComparedSide(source="0001-policy-qa", candidate="qwen", run="r1", host="EPYC, 8 cores")
NEW = ComparedSide(source="0002-policy-qa", candidate="qwen", run="r2", host="EPYC, 8 cores, H100")


def row(tag: str | None = None, **changes: object) -> PairedRow:
    """Return a row of forty pairs of which sixteen came out differently."""
    usual = {
        "tag": tag,
        "n": 40,
        "both": 22,
        "b_only": 12,
        "a_only": 4,
        "neither": 2,
        "a": 0.65,
        "b": 0.85,
        "difference": 0.2,
        "low": 0.0079,
        "high": 0.375,
        "p": 0.049,
        "p_adjusted": 0.049,
        "shown": True,
        "smallest": 0.28,
        "counted": True,
    }
    return PairedRow.model_validate(usual | {"groups": changes.get("n", 40)} | changes)


def silent(tag: str | None = None, **changes: object) -> PairedRow:
    """Return a row that shows no difference."""
    return row(tag, **({"difference": -0.05, "low": -0.2, "high": 0.11, "p_adjusted": 0.51, "shown": False} | changes))


WHOLE = PairedRuns(
    a=OLD,
    b=NEW,
    suites=(
        ComparedSuite(
            suite="policy-qa",
            rows=(
                row(),
                silent("multi-hop", n=18, smallest=0.41),
                silent("vi", n=5, smallest=None),
                row("long-context"),
            ),
            flips=(Flip(case="c3", better="b", a=0, b=1), Flip(case="c7", better="a", a=2 / 3, b=1 / 3)),
            only_a=("c98", "c99"),
            only_b=("c100",),
            not_asked=3,
            not_asked_a=1,
            not_asked_b=2,
            unscored_a=0,
            unscored_b=2,
        ),
        ComparedSuite(suite="sums", rows=(silent(p_adjusted=1.0, smallest=0.082, counted=False),)),
        ComparedSuite(suite="made", rows=(silent(groups=24, p_adjusted=1.0, smallest=0.21, counted=False),)),
        ComparedSuite(suite="few", rows=(silent(groups=5, p_adjusted=1.0, smallest=None, counted=False),)),
        ComparedSuite(suite="tiny", rows=(silent(n=3, p_adjusted=0.0004, smallest=None),)),
        ComparedSuite(suite="style", doubt="judge j1 judges itself", rows=(silent(p=None, p_adjusted=None),)),
        ComparedSuite(suite="other", refused="it was asked or judged otherwise"),
        ComparedSuite(suite="anew", only_a=("c1",), only_b=("c1",)),
    ),
    only_b=("new-suite",),
    loads=(
        ComparedLoad(
            load="short@4",
            n=(90, 60),
            validity=("VALID", "DEGRADED"),
            figures=(
                Figure(name="e2e_p50_s", a_us=(1_200_000, 1_100_000, 1_300_000), b_us=(1_450_000, 1_400_000, None)),
                Figure(name="e2e_p95_s", a_us=(None, 2_000_000, None), b_us=(3_000_000, None, None)),
            ),
        ),
    ),
)

TEXT = """\
a: qwen of 0001-policy-qa
b: qwen of 0002-policy-qa

suite, #tag        pairs  both b only a only  none   b - a  95 % from..to      p
policy-qa             40    22     12      4     2   +20.0    +0.8..+37.5  0.049
  #multi-hop          18    22     12      4     2    -5.0   -20.0..+11.0  0.510
  #vi                  5    22     12      4     2    -5.0   -20.0..+11.0  0.510
  #long-context       40    22     12      4     2   +20.0    +0.8..+37.5  0.049
  policy-qa: b is better by 20.0 points
  #long-context: b is better by 20.0 points
  other tags: no difference was shown; by their n they show only differences of
    41.0 points or more
  without a partner: 2 cases of a alone, not compared
  without a partner: 1 case of b alone, not compared
  3 shared cases not asked of both (1 of a, 2 of b were not), not compared
  trials without a score: 0 of a, 2 of b; they count as not passed
  c3: b passed, a did not
  c7: a passed 67% of its trials, b 33%
sums                  40    22     12      4     2    -5.0   -20.0..+11.0  1.000
  sums: no difference was shown; this n shows only differences of 8.2 points or
    more
made                  40    22     12      4     2    -5.0   -20.0..+11.0  1.000
  made: no difference was shown; cases of 24 sources show only differences of
    21.0 points or more
few                   40    22     12      4     2    -5.0   -20.0..+11.0  1.000
  few: no difference was shown; cases of so few sources (5) can show none
tiny                   3    22     12      4     2    -5.0   -20.0..+11.0 <0.001
  tiny: no difference was shown; so few cases can show none
style                 40    22     12      4     2    -5.0   -20.0..+11.0      -
  style: not tested, for judge j1 judges itself
  other: not compared; it was asked or judged otherwise
  anew: no case in common
  without a partner: 1 case of a alone, not compared
  without a partner: 1 case of b alone, not compared
suites of b alone, not compared: new-suite

b - a in points. McNemar mid-p and Newcombe's interval for single trials; for
  repeated or related cases limits of the mean too, by source: the worst holds.
  p is adjusted by Holm over the tags of a suite and over the suites, the
  interval is not. What n shows: with 80 % power, where at least 10 % of the
  cases come out differently; with repeated trials, by the width of the
  interval.

load            figure       a (95 % from..to)         b (95 % from..to)
short@4         e2e_p50_s    1.200 (1.100..1.300)      1.450 (1.400..)
                e2e_p95_s    failed (2.000..)          3.000
                b is DEGRADED
Latencies are of different runs; they are shown and not tested.
The hosts differ: a ran on EPYC, 8 cores; b on EPYC, 8 cores, H100."""


def test_the_whole_page() -> None:
    """Counts, differences, what they show and what not, and what was left out, within 80 columns."""
    lines = list(paired_lines(WHOLE))
    assert "\n".join(lines) == TEXT
    assert max(map(len, lines)) <= 80


def test_no_sentence_takes_silence_for_equality() -> None:
    """What was not shown may be there all the same."""
    assert not re.search(r"equal|same as good|no significant", TEXT)


def test_at_most_twenty_cases_are_listed() -> None:
    """The rest is counted, and --json has it."""
    flips = tuple(Flip(case=f"c{n}", better="b", a=0, b=1) for n in range(23))
    many = WHOLE.model_copy(update={"suites": (ComparedSuite(suite="sums", rows=(row(),), flips=flips),)})
    lines = list(paired_lines(many))
    assert sum(line.endswith("b passed, a did not") for line in lines) == 20
    assert "  3 more came out differently: --json has them all" in lines


def test_markdown_has_the_same_tables() -> None:
    """One table of pairs, one of latencies; names cannot bring markup in."""
    hostile = WHOLE.model_copy(update={"b": NEW.model_copy(update={"candidate": "x|<b>@me"})})
    text = markdown_of(hostile)
    assert text.startswith("### x\\|&lt;b&gt;`@me` of 0002-policy-qa beside qwen of 0001-policy-qa\n\na: qwen of ")
    assert "| policy-qa | 40 | 22 | 12 | 4 | 2 | +20.0 | +0.8..+37.5 | 0.049 |\n| \\#multi-hop | 18 | " in text
    assert "| short&#64;4 (VALID, DEGRADED) | e2e_p50_s | 1.200 (1.100..1.300) | 1.450 (1.400..) |\n" in text
    assert "- sums: no difference was shown; this n shows only differences of 8.2 points or more\n" in text


def test_markdown_fits_into_a_comment() -> None:
    """A comment holds 64 KiB; what is too long for it ends with a pointer, on a whole line."""
    suites = tuple(ComparedSuite(suite=f"suite-{n}", rows=(row(),) * 9) for n in range(400))
    text = markdown_of(WHOLE.model_copy(update={"suites": suites}))
    assert len(text.encode()) < 64 * 1024
    assert re.search(r"\|\n\n\d+ more lines: `assay compare --json` has all\.\n$", text)
