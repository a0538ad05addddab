"""Does docs/life.md show what the commands answer, and name each finding on records?"""

from __future__ import annotations

import re
import shlex
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from assay.scoring.lint import LintKind
from docs.blocks import ROOT
from tests.fakes import assay, place
from tests.record.several import one_record

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from tests.fakes import Said, Workplace

__all__ = ["assay", "place"]

PAGE = ROOT / "docs" / "life.md"


class _Clock(datetime):
    @classmethod
    def now(cls, tz: object = None) -> _Clock:
        return cls(2026, 1, 3, tzinfo=UTC)


def _dialogues() -> list[tuple[str, str]]:
    """Return each command of the page's consoles with what it answers there, in the order of the page."""
    blocks = re.findall(r"^```console\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    parts = [part.partition("\n") for block in blocks for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]]
    return [(command, answer) for command, _, answer in parts]


def test_the_life_of_a_record(assay: Callable[..., Said], place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each console answers, line by line, what the command answers on the third of January 2026."""
    for module in ("decided", "lint", "verify"):
        monkeypatch.setattr(f"assay.cli.{module}.datetime", _Clock)
    for number in (1, 2):
        one_record(Path("records"), number, use_case="policy-qa", valid_days=90, template=None)
    answers = []
    for command, _ in _dialogues():
        program, *words = shlex.split(command)
        if program == "assay":
            said = assay(*words)
            answers.append((command, said.out + said.err))
        else:
            subprocess.run([program, *words], check=True)
            answers.append((command, ""))
    assert answers == _dialogues()
    assert len(answers) > 5


def test_each_finding_is_explained() -> None:
    """The table of findings has each rule of the two modules that lint records, and no other."""
    source = "".join((ROOT / "src/assay/workflow" / f"lint_record{end}.py").read_text("utf-8") for end in ("", "s"))
    used = {kind for kind in get_args(LintKind) if f'"{kind}"' in source}
    explained = re.findall(r"^\| `([a-z-]+)` \| .+ \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert set(explained) == used
    assert len(explained) == len(used)
