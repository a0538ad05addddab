"""Does data reach other programs as it is stored, and a terminal as nothing that it obeys or hides?"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.cli import output
from assay.cli.boundary import guarded
from assay.cli.export import export
from assay.cli.output import MOVING, fit_streams, seen, write_data
from tests.record.export.run_files import score, trial, write_run
from tests.record.filled import HOSTILE

if TYPE_CHECKING:
    from collections.abc import Callable

RECORD = Path(__file__).resolve().parents[2] / "records" / "0001-policy-assistant.md"
HIDDEN = "a\x9bb\u202ec\u2066d\u2028e\u200bf\U000e0041g\x7f"


class Stream(io.TextIOWrapper):
    """A stream over bytes in memory, a terminal if it should be one."""

    def __init__(self, encoding: str, *, terminal: bool) -> None:
        self.bytes = io.BytesIO()
        self._terminal = terminal
        super().__init__(self.bytes, encoding=encoding, errors="strict", newline="\r\n")

    def isatty(self) -> bool:
        """Say what it is."""
        return self._terminal

    def written(self) -> bytes:
        """Return what came through."""
        self.flush()
        return self.bytes.getvalue()


@pytest.fixture(name="stream_of")
def _stream_of(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Stream]:
    """Return a way to put a stream of one's own in the place of stdout."""

    def put(encoding: str = "utf-8", *, terminal: bool = False) -> Stream:
        stream = Stream(encoding, terminal=terminal)
        monkeypatch.setattr("sys.stdout", stream)
        fit_streams()
        return stream

    return put


def _harm(text: str) -> set[str]:
    return {character for character in text if unicodedata.category(character) in MOVING} - {"\n", "\t"}


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8", "utf-16"])
def test_data_is_utf_8_whatever_the_locale(stream_of: Callable[..., Stream], encoding: str) -> None:
    """A pipe gets the bytes of the file: UTF-8, no line end changed, nothing hidden written out."""
    stream = stream_of(encoding)
    write_data(f"năm 😀 {HIDDEN}\n")
    assert stream.written() == f"năm 😀 {HIDDEN}\n".encode()


def test_half_a_pair_stops_no_verb(stream_of: Callable[..., Stream]) -> None:
    """What UTF-8 cannot hold is written as JSON writes it."""
    stream = stream_of()
    write_data('{"a": "\ud800"}\n')
    assert json.loads(stream.written()) == {"a": "\ud800"}


def test_a_terminal_that_lacks_a_letter_shows_its_code(stream_of: Callable[..., Stream]) -> None:
    """A terminal keeps its own encoding; a letter that it has not is no bug of Assay."""
    stream = stream_of("ascii", terminal=True)
    write_data("năm\n", "text")
    assert stream.written() == b"n\\u0103m\r\n"


@pytest.mark.parametrize("form", ["csv", "junit", "labels"])
@pytest.mark.parametrize("terminal", [True, False])
def test_an_export_is_shown_without_harm(
    stream_of: Callable[..., Stream], tmp_path: Path, form: str, terminal: bool
) -> None:
    """A terminal gets no character of the answer that it would obey or hide; a pipe gets the bytes of the file."""
    own = trial("one/talk/hello", HIDDEN)
    run = write_run(tmp_path, [own], [score(own, "judge:kind", "failed"), score(own, "contains", "failed")])
    stream = stream_of(terminal=terminal)
    assert guarded(lambda: export(run, format_=form, out=None)) == 0
    assert guarded(lambda: export(run, format_=form, out=tmp_path / "out")) == 0
    shown, stored = stream.written(), (tmp_path / "out").read_bytes()
    assert (shown == stored) is not terminal
    assert stored.count(b"\n") == shown.count(b"\n") > 0
    assert bool(_harm(shown.decode().replace("\r\n", "\n"))) is not terminal


@pytest.mark.parametrize("text", HOSTILE)
def test_json_and_xml_stay_the_same_data(text: str) -> None:
    """Written out for a terminal, JSON and XML read back as they were."""
    value = json.dumps({"text": text}, ensure_ascii=False)
    assert json.loads(seen(value, "json")) == {"text": text}
    assert _harm(seen(value, "json")) == set()


@given(
    st.text(st.characters(min_codepoint=0xA0, exclude_categories=["Cs"]).filter(lambda own: own not in "\ufffe\uffff"))
)
def test_xml_reads_back(text: str) -> None:
    """A reference to a character is that character."""
    shown = seen(f"<a>{text}</a>", "xml")
    assert _harm(shown) == set()
    assert (ET.fromstring(shown).text or "") == text


def test_a_real_terminal_is_one() -> None:
    """On a pseudo-terminal what is hidden is written out."""
    pty = pytest.importorskip("pty")
    master, slave = pty.openpty()
    command = [sys.executable, "-c", f"from assay.cli.output import *; write_data({HIDDEN + chr(10)!r}, 'text')"]
    subprocess.run(command, stdout=slave, check=True)
    os.close(slave)
    shown = os.read(master, 1_000).decode()
    os.close(master)
    assert shown == "a\\u009bb\\u202ec\\u2066d\\u2028e\\u200bf\\ue0041g\\u007f\r\n"


def test_no_verb_goes_around_it() -> None:
    """Data and lines for people are written in two modules alone."""
    folder = Path(output.__file__).parent
    writing = {path.name for path in folder.glob("*.py") if "sys.stdout.write" in path.read_text("utf-8")}
    assert writing == {"output.py", "show.py"}


@pytest.mark.parametrize("locale", [{"LC_ALL": "C", "PYTHONUTF8": "0"}, {"PYTHONIOENCODING": "ascii"}])
def test_a_page_is_the_same_under_any_locale(locale: dict[str, str]) -> None:
    """A page made anew is the page that is stored, byte for byte, where the locale knows ASCII alone."""
    command = [sys.executable, "-m", "assay", "render", str(RECORD)]
    done = subprocess.run(command, env=os.environ | locale, capture_output=True, check=True)
    assert done.stdout == RECORD.read_bytes()
    assert done.stderr == b""
