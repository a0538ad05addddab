"""Is each figure a sample of OpenMetrics, and is what is not known left out?"""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.record.reports.metrics import write
from tests.record.reports.verdicts import BAD, MIXED, PLACES, candidate, record_with, result

_LABEL = r'[a-z]+="(?:[^"\\\n]|\\\\|\\")*"'
_SAMPLE = re.compile(rf"([a-z_]+)\{{({_LABEL}(?:,{_LABEL})*)\}} ([-+0-9.eE]+|[-+]Inf|NaN)")


def samples_of(text: str) -> list[tuple[str, str, str]]:
    """Return name, labels and value of each sample; a text that is no OpenMetrics fails."""
    *lines, end = text.removesuffix("\n").split("\n")
    assert end == "# EOF"
    found, family = [], None
    for line in lines:
        if line.startswith("# TYPE "):
            assert line.split()[2] != family
            family = line.split()[2]
        elif not line.startswith("# HELP "):
            match = _SAMPLE.fullmatch(line)
            assert match is not None, line
            assert match[1] == family
            found.append((match[1], match[2], match[3]))
    assert len({(name, labels) for name, labels, _ in found}) == len(found)
    return found


def test_figures_of_a_mixed_record() -> None:
    """Verdicts and statuses are numbers that grow with what is better; an unknown figure has no sample."""
    samples = samples_of(write(MIXED, PLACES))
    assert [own for own in samples if own[0] == "assay_verdict"] == [
        ("assay_verdict", 'candidate="one"', "-1"),
        ("assay_verdict", 'candidate="two"', "0"),
    ]
    of_one = {name: value for name, labels, value in samples if labels == 'candidate="one",condition="speed"'}
    assert of_one == {
        "assay_condition_status": "-1",
        "assay_condition_observed": "6.4",
        "assay_condition_threshold": "5.0",
        "assay_condition_margin": "-0.2",
        "assay_condition_n": "50",
    }
    short = {name for name, labels, _ in samples if labels == 'candidate="one",condition="short"'}
    assert short == {"assay_condition_status", "assay_condition_threshold", "assay_condition_n"}


@pytest.mark.parametrize(("value", "shown"), [(float("inf"), "+Inf"), (float("-inf"), "-Inf"), (1e-9, "1e-09")])
def test_figures_beyond_the_usual(value: float, shown: str) -> None:
    """A percentile that falls on a failed request is infinite, and written as the format has it."""
    record = record_with("NO-GO", candidate("one", "NO-GO", result("a", "not_met", observed=value)))
    assert ("assay_condition_observed", 'candidate="one",condition="a"', shown) in samples_of(write(record, PLACES))


def test_hostile_names_stay_labels() -> None:
    """Quotes, backslashes and line ends of a stranger end no label."""
    text = write(BAD, PLACES)
    text.encode()
    assert samples_of(text)


@given(st.text(min_size=1))
def test_any_name_is_a_label(text: str) -> None:
    """Whatever a condition is called, each line is a sample."""
    assert samples_of(write(record_with("GO", candidate("one", "GO", result(text))), PLACES))
