"""Is a log of rehearsals taken only when each of them can have been, and is each mistake told with its line?"""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.errors import InputError
from assay.suite import load_rehearsals

ROOT = Path(__file__).resolve().parents[2]
HEAD = "schema: assay/rehearsals/v1\nrehearsals:\n"
ONE = (
    "  - kind: rollback\n"
    "    candidate: small\n"
    f"    from_digest: sha256:{'a' * 64}\n"
    f"    to_digest: {'b' * 64}\n"
    "    started: 2026-05-04T09:30:00+02:00\n"
    "    ended: 2026-05-04T07:41:00Z\n"
    "    by: Ann\n"
    "    smoke: {asked: 5, passed: 4}\n"
    "    log: Ticket OPS-31.\n"
)


def _problems(folder: Path, text: str) -> list[tuple[str, int | None, str]]:
    (folder / "r.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as error:
        load_rehearsals(folder / "r.yaml", "r.yaml", ("small", "spare"))
    assert {problem.file for problem in error.value.problems} == {"r.yaml"}
    return [(problem.slug, problem.line, problem.message) for problem in error.value.problems]


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    """What was done is kept as it was written, and took the minutes between its two moments, whatever their zones."""
    (tmp_path / "r.yaml").write_text(HEAD + ONE, encoding="utf-8")
    (own,) = load_rehearsals(tmp_path / "r.yaml", "r.yaml", ("small",)).rehearsals
    began, ended = own.moments() or pytest.fail("no moments")
    assert (own.started, (ended - began).total_seconds()) == ("2026-05-04T09:30:00+02:00", 11 * 60)
    assert (own.smoke.asked, own.smoke.passed) == (5, 4)


def test_the_shipped_log_is_empty() -> None:
    """What Assay ships shows no rehearsal that never was."""
    name = "templates/init/rehearsals.yaml"
    assert load_rehearsals(ROOT / name, name, ("candidate",)).rehearsals == ()


@pytest.mark.parametrize(
    ("old", "new", "slug", "line", "message"),
    [
        ("kind: rollback", "kind: rollbak", "bad-value", 3, "rehearsals[0].kind: Input should be 'rollback', "),
        ("    by: Ann\n", "", "missing-key", 3, "the key 'by' is missing in rehearsals[0]"),
        ("    log:", "    logs:", "missing-key", 3, "the key 'log' is missing"),
        ("b" * 64, "b" * 63, "bad-value", 6, "rehearsals[0].to_digest: write the 64 hexadecimal digits of a SHA-256"),
        ("b" * 64, "a" * 64, "bad-rehearsal", 6, "the rollback ended with the model that it began with"),
        ("candidate: small", "candidate: smal", "bad-rehearsal", 4, "the plan has no candidate 'smal'"),
        ("09:30:00+02:00", "09:30:00", "bad-rehearsal", 7, "`started` is no moment with a time zone: '2026-05-04T09:"),
        ("07:41:00Z", "25:41:00Z", "bad-rehearsal", 8, "`ended` is no moment with a time zone: '2026-05-04T25:"),
        ("07:41:00Z", "07:29:59Z", "bad-rehearsal", 8, "the rehearsal ended before it began"),
        ("passed: 4", "passed: 6", "bad-rehearsal", 10, "6 cases passed of 5 that were asked"),
        ("asked: 5", "asked: 0", "bad-value", 10, "rehearsals[0].smoke.asked: Input should be greater than or equal"),
    ],
)
def test_a_mistake_is_told_with_its_line(
    tmp_path: Path, old: str, new: str, slug: str, line: int, message: str
) -> None:
    """Each rehearsal that cannot have been as it is written is refused at the line where that shows."""
    assert old in ONE
    problems = _problems(tmp_path, HEAD + ONE.replace(old, new))
    assert (problems[0][:2], message in problems[0][2]) == ((slug, line), True), problems


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    """Two bad rehearsals are two problems."""
    bad = ONE.replace("candidate: small", "candidate: none")
    assert [line for _, line, _ in _problems(tmp_path, HEAD + bad + bad)] == [4, 13]


def test_a_restart_may_keep_its_model(tmp_path: Path) -> None:
    """Only a rollback must end with another model."""
    text = ONE.replace("kind: rollback", "kind: restart").replace("b" * 64, "a" * 64)
    (tmp_path / "r.yaml").write_text(HEAD + text, encoding="utf-8")
    assert load_rehearsals(tmp_path / "r.yaml", "r.yaml", ("small",)).rehearsals[0].kind == "restart"
