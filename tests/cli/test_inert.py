"""Can anything that a model, a server or a file says move the cursor, colour or turn the terminal?"""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assay.cli import progress
from assay.cli.advise import advice_lines
from assay.cli.boundary import guarded
from assay.cli.compared import markdown_of, paired_lines
from assay.cli.decide import decided_lines
from assay.cli.lint import linted_lines
from assay.cli.probe import probed_lines
from assay.cli.show import outcome_lines, verification_lines, write_lines
from assay.errors import InputError, Problem
from assay.readiness.advice import Advice
from assay.record.store import RecordFiles
from assay.record.verify import Difference, Verification
from assay.workflow.compared import PairedRuns
from assay.workflow.decide import Decided
from assay.workflow.lint import Linted
from assay.workflow.probe import Probed
from assay.workflow.run import Outcome
from tests.fakes import Reply, completion, plan_of, serving
from tests.record.filled import HOSTILE, Texts, filled, filled_record, with_texts
from tests.record.parsed import parsed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.fakes import Asked, Said, Workplace

HARMFUL = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
FOLDER = Path("a\x1b[2Jb\u202ec")
STEM = "0001-a\x9bb"


def _harm(text: str) -> set[str]:
    """Return the characters of a text, but for line ends, that a terminal obeys or hides."""
    return {character for character in text if unicodedata.category(character) in HARMFUL} - {"\n"}


def _hostile_lines(turn: int) -> Iterator[str]:
    text_of = Texts(HOSTILE, turn)
    record = with_texts(filled_record(), text_of)
    files = RecordFiles.of(FOLDER, STEM)
    yield from outcome_lines(Outcome(record, files, FOLDER))
    yield from decided_lines(Decided(None, record, files))
    yield from probed_lines(with_texts(Probed(**_probed()), text_of), deep=True)
    yield from paired_lines(with_texts(filled(PairedRuns), text_of))
    yield from advice_lines(with_texts(filled(Advice), text_of))
    yield from linted_lines(with_texts(filled(Linted), text_of))
    found = tuple(Difference(text, text, text) for text in HOSTILE)
    yield from verification_lines(Verification(record, found), HOSTILE[turn])
    yield from verification_lines(Verification(record, ()), HOSTILE[turn])


def _probed() -> dict[str, object]:
    record = filled_record()
    facts = tuple(own.facts for own in record.candidates)
    return {"candidates": facts, "findings": record.findings, "unreached": ("one", "two")}


@pytest.mark.parametrize("turn", range(0, len(HOSTILE), 7))
def test_what_verbs_show_is_inert(
    turn: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Run, decide, probe, compare, advise, lint and verify print hostile texts without a control character."""
    monkeypatch.chdir(tmp_path)
    FOLDER.mkdir()
    RecordFiles.of(FOLDER, STEM).evidence.write_bytes(b"")
    write_lines(_hostile_lines(turn))
    shown = capsys.readouterr().out
    assert len(shown) > 5_000
    assert _harm(shown) == set()


@pytest.mark.parametrize("turn", range(0, len(HOSTILE), 7))
def test_a_comparison_for_a_pull_request_is_inert(turn: int) -> None:
    """The Markdown of a comparison has the same parts with hostile texts as with harmless ones."""
    # Figures are named by Assay itself.
    bare = filled(PairedRuns)
    loads = tuple(own.model_copy(update={"figures": ()}) for own in bare.loads)
    paired = bare.model_copy(update={"loads": loads})
    page, harmless = (markdown_of(with_texts(paired, Texts(texts, turn))) for texts in (HOSTILE, ["fine"]))
    assert parsed(page) == parsed(harmless)
    assert _harm(page) == set()


def test_problems_and_notes_are_inert(capsys: pytest.CaptureFixture[str]) -> None:
    """What goes wrong, and what is told while work goes on, quotes hostile texts without a control character."""

    def work() -> int:
        with progress.watching() as watched:
            for text in HOSTILE:
                watched.note(text)
        raise InputError(*(Problem("bad-input", text, text, text, 1) for text in HOSTILE))

    assert guarded(work) == 2
    told = capsys.readouterr().err
    assert told.count("error[bad-input]") == len(HOSTILE)
    assert _harm(told) == set()


def test_what_a_server_says_reaches_no_terminal(assay: Callable[..., Said], place: Workplace) -> None:
    """A whole run against a server that answers in controls: none of them comes out on stdout or stderr."""
    texts = [text for text in HOSTILE if not text.isprintable() and "\ud800" not in text]

    def script(asked: Asked) -> Reply:
        text = texts[asked.number % len(texts)]
        if asked.number % 3 == 0:
            return Reply(status=500, body={"error": {"message": text}})
        return Reply(body=completion(text, model=text))

    with serving(script, models=("fake-model", texts[0]), owned_by=texts[1]) as server:
        place.write(plan_of(server.base_url), sums=2 * len(texts))
        said = [assay("run", place.plan, "--out", place.out), assay("probe", server.base_url)]
    said += [assay(verb, place.run) for verb in ("score", "decide")]
    said += [assay("verify", place.record), assay("verify", place.plan)]
    assert [own.code for own in said] == [1, 0, 0, 1, 0, 2]
    for own in said:
        assert own.out + own.err
        assert _harm(own.out + own.err) == set()
