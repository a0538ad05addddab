"""Does the JUnit file say of every trial whether it passed, and is it XML whatever an answer holds?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.record.export.junit import attribute, text
from tests.record.export.run_files import exported, plan_of, score, small_run, trial, write_run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from assay.schema.score import Score

SMALL = """\
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="20260102T030405-small-abcd" tests="4" failures="1" errors="2" time="1.038">
 <testsuite name="one/sums" tests="2" failures="0" errors="1" skipped="0" time="0.025">
  <testcase classname="one.sums" name="a" time="0.013"/>
  <testcase classname="one.sums" name="b" time="0.013">
   <error message="no answer within 30 s" type="timeout">exact (unscored): no answer: timeout</error>
  </testcase>
 </testsuite>
 <testsuite name="one/talk" tests="2" failures="1" errors="1" skipped="0" time="1.012">
  <testcase classname="one.talk" name="hello" time="0.013">
   <failure message='not "kind"' type="judge:kind">judge:kind (failed): not "kind"
contains (passed): found

answer:
Hello &lt;you&gt;, hello &amp; ]]&gt;</failure>
  </testcase>
  <testcase classname="one.talk" name="turns" time="1.000">
   <error message="no judge was asked" type="unscored">judge:kind (unscored): no judge was asked
contains (passed): found

answer:
bye</error>
  </testcase>
 </testsuite>
</testsuites>
"""

# What the schemas of Jenkins and of GitLab's and GitHub's readers allow: for each element its attributes, those of
# them that must be there, and the elements within.
ALLOWED: dict[str, tuple[set[str], set[str], set[str]]] = {
    "testsuites": ({"name", "time", "tests", "failures", "disabled", "errors"}, {"tests"}, {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors", "skipped", "time"},
        {"name", "tests", "failures", "errors", "skipped"},
        {"testcase"},
    ),
    "testcase": ({"name", "classname", "time"}, {"name", "classname"}, {"failure", "error", "skipped"}),
    "failure": ({"message", "type"}, {"message", "type"}, set()),
    "error": ({"message", "type"}, {"message", "type"}, set()),
    "skipped": ({"message"}, set(), set()),
}


def _faults(element: ET.Element) -> Iterator[str]:
    """Yield what is wrong with the structure of a report."""
    attributes, needed, within = ALLOWED[element.tag]
    if not needed <= set(element.attrib) <= attributes:
        yield f"{element.tag} has the attributes {sorted(element.attrib)}"
    for child in element:
        if child.tag not in within:
            yield f"{child.tag} stands in {element.tag}"
        yield from _faults(child)
    for name in {"time", "tests", "failures", "errors", "skipped"} & set(element.attrib):
        if float(element.attrib[name]) < 0:
            yield f"{name} is below zero"
    if element.tag in {"testsuites", "testsuite"}:
        cases = list(element.iter("testcase"))
        counted = {
            "tests": len(cases),
            "failures": sum(case.find("failure") is not None for case in cases),
            "errors": sum(case.find("error") is not None for case in cases),
        }
        if {name: int(element.attrib[name]) for name in counted} != counted:
            yield f"{element.tag} miscounts"


def _checked(content: bytes) -> ET.Element:
    root = ET.fromstring(content)
    assert root.tag == "testsuites"
    assert list(_faults(root)) == []
    return root


def test_junit_of_a_small_run(tmp_path: Path) -> None:
    """The whole text: a pass, a fault, a failure with its answer, a judge that gave no verdict."""
    content = exported(small_run(tmp_path), "junit")
    assert content.decode() == SMALL
    _checked(content)


@pytest.mark.parametrize(
    ("answer", "read"),
    [
        ("]]></failure><x/>", "]]></failure><x/>"),
        ("a\x00b\x1b[31m\x0b\ufffe\uffff", "a\ufffdb\ufffd[31m\ufffd\ufffd\ufffd"),
        ("😀 \u202e \r\n\t end", "😀 \u202e \r\n\t end"),
        ("&lt; &#0; <!ENTITY x '1'>", "&lt; &#0; <!ENTITY x '1'>"),
        ("x" * 5000, "x" * 4000 + "… (5000 characters in all)"),
    ],
)
def test_hostile_answers_are_text(tmp_path: Path, answer: str, read: str) -> None:
    """An answer stands in the report as text and nothing else, bounded, without what XML cannot hold."""
    own = trial("one/sums/a", answer)
    run = write_run(tmp_path, [own], [score(own, "exact", "failed", answer[:50])])
    failure = _checked(exported(run, "junit")).find(".//failure")
    assert failure is not None
    assert failure.text is not None
    assert failure.text.split("answer:\n")[1] == read


def test_what_was_never_asked_is_an_error(tmp_path: Path) -> None:
    """A run that stopped early is not green: each trial that was due and is not there is an error."""
    own = trial("one/sums/a", "2")
    run = write_run(tmp_path, [own], [score(own, "exact", "passed")], plan_of(candidates=("one", "two")))
    root = _checked(exported(run, "junit"))
    assert [suite.attrib["name"] for suite in root] == ["one/sums", "one/talk", "two/sums", "two/talk"]
    kinds = [error.attrib["type"] for error in root.iter("error")]
    assert (root.attrib["tests"], kinds) == ("8", ["not_asked"] * 7)


@pytest.mark.parametrize(("state", "kinds"), [("completed", ["skipped"] * 3), ("interrupted", ["error"] * 3)])
def test_what_a_run_left_out_on_purpose_is_skipped(tmp_path: Path, state: str, kinds: list[str]) -> None:
    """Cases that could have changed nothing are no errors; while the run is not at its end they may be missing."""
    own = trial("one/sums/a", "2")
    run = write_run(tmp_path, [own], [score(own, "exact", "passed")])
    written = json.loads((run / "run.json").read_text("utf-8"))
    (run / "run.json").write_text(json.dumps({**written, "stopping": "curtail", "state": state}), "utf-8")
    root = _checked(exported(run, "junit"))
    assert [kind.tag for case in root.iter("testcase") for kind in case] == kinds
    assert [suite.attrib["skipped"] for suite in root] == (["1", "2"] if state == "completed" else ["0", "0"])


def test_trials_of_a_case_have_names_of_their_own(tmp_path: Path) -> None:
    """The first trial bears the name of the case, others their number too, in order whatever the journal's."""
    trials = [trial(f"one/sums/{case}", "2", number) for number in (3, 1, 2) for case in ("b", "a")]
    run = write_run(tmp_path, trials, [score(own, "exact", "passed") for own in trials], plan_of(trials=3))
    suite = _checked(exported(run, "junit"))[0]
    assert [case.attrib["name"] for case in suite] == [
        f"{case}{number}" for case in "ab" for number in ("", " [trial 2]", " [trial 3]")
    ]


@pytest.mark.parametrize(
    ("outcomes", "tag"),
    [
        (("passed", "passed"), None),
        (("passed", "failed"), "failure"),
        (("unscored", "failed"), "failure"),
        (("failed", "unscored"), "failure"),
        (("passed", "unscored"), "error"),
        (("unscored", "passed"), "error"),
    ],
)
def test_a_trial_passes_when_all_its_scorers_pass(tmp_path: Path, outcomes: tuple[str, str], tag: str | None) -> None:
    """One scorer that fails fails the trial; else one without a score makes an error of it; none is ever skipped."""
    own = trial("one/talk/hello", "hello")
    scores: list[Score] = [score(own, name, said) for name, said in zip(("judge:kind", "contains"), outcomes)]  # noqa: B905
    case = _checked(exported(write_run(tmp_path, [own], scores), "junit")).find(".//testcase[@name='hello']")
    assert case is not None
    assert [child.tag for child in case] == ([] if tag is None else [tag])


_ANY = st.text(st.characters() | st.sampled_from("<>&'\"]\r\n\t\x00\ud800\ufffe"))


def _held(value: str) -> str:
    """Return a text as XML 1.0 can hold it, by the production Char of the standard."""
    legal = [(9, 10), (13, 13), (0x20, 0xD7FF), (0xE000, 0xFFFD), (0x10000, 0x10FFFF)]
    return "".join(own if any(low <= ord(own) <= high for low, high in legal) else "\ufffd" for own in value)


@given(_ANY, _ANY)
def test_any_text_comes_back_from_xml(inner: str, outer: str) -> None:
    """Whatever is written as text or attribute is read back the same, but for what XML cannot hold."""
    read = ET.fromstring(f"<a b={attribute(outer)}>{text(inner)}</a>".encode())
    assert (read.text or "", read.attrib["b"]) == (_held(inner), _held(outer))
    assert len(read) == 0
