"""Is a waivers file taken only when every waiver in it is whole, and is each mistake told with its line?"""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.errors import InputError
from assay.suite import load_waivers

ROOT = Path(__file__).resolve().parents[2]
HEAD = "schema: assay/waivers/v1\nwaivers:\n"
ONE = (
    "  - condition: pins all met\n"
    "    reason: The digest is being published.\n"
    "    owner: Ann\n"
    "    approver: Bo\n"
    "    granted: 2026-01-15\n"
    "    expires: 2026-03-31\n"
    "    value: [revision]\n"
)


def _problems(folder: Path, text: str) -> list[tuple[str, int | None, str]]:
    (folder / "w.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as error:
        load_waivers(folder / "w.yaml", "w.yaml")
    assert {problem.file for problem in error.value.problems} == {"w.yaml"}
    return [(problem.slug, problem.line, problem.message) for problem in error.value.problems]


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    """Names, numbers and days are kept as they were written."""
    number = ONE.replace("[revision]", "0.85").replace("pins all met", "rate").replace("Ann", "Cam")
    (tmp_path / "w.yaml").write_text(HEAD + ONE + number, encoding="utf-8")
    names, rate = load_waivers(tmp_path / "w.yaml", "w.yaml").waivers
    assert (names.value, names.granted, names.expires, names.candidate) == (
        ("revision",),
        "2026-01-15",
        "2026-03-31",
        None,
    )
    assert (rate.value, rate.owner) == (0.85, "Cam")


@pytest.mark.parametrize("name", ["templates/init/waivers.yaml"])
def test_shipped_waivers_waive_nothing(name: str) -> None:
    """What Assay ships accepts no failure."""
    assert load_waivers(ROOT / name, name).waivers == ()


@pytest.mark.parametrize(
    ("old", "new", "slug", "line", "message"),
    [
        ("    expires: 2026-03-31\n", "", "missing-key", 3, "the key 'expires' is missing in waivers[0]"),
        ("    value: [revision]\n", "", "missing-key", 3, "the key 'value' is missing in waivers[0]"),
        ("Bo", "' ann'", "bad-value", 6, "the approver must be another person than the owner, in the waiver on"),
        ("2026-03-31", "'2026-02-30'", "bad-value", 8, "it is not a day of the calendar"),
        ("2026-03-31", "2026-02-30", "bad-value", 8, "it is not a day of the calendar (got '2026-02-30')"),
        ("2026-03-31", "2026-3-31", "bad-value", 8, "write the day as YYYY-MM-DD (got '2026-3-31')"),
        ("2026-01-15", "15.1.2026", "bad-value", 7, "write the day as YYYY-MM-DD (got '15.1.2026')"),
        ("2026-03-31", "2026-01-14", "bad-value", 8, "it expires before it was granted"),
        ("[revision]", "revision", "bad-value", 9, "write the number that was compared, or the list of names"),
        ("[revision]", "[]", "bad-value", 9, "write the number that was compared, or the list of names"),
        ("[revision]", "true", "bad-value", 9, "write the number that was compared, or the list of names"),
        ("[revision]", "[revision, 2]", "bad-value", 9, "write the number that was compared, or the list of names"),
        ("[revision]", ".nan", "bad-value", 9, "the number is not finite"),
        ("reason", "raeson", "unknown-key", 4, "unknown key 'raeson' in waivers[0]"),
        ("    owner: Ann", "    owner: ''", "bad-value", 5, "waivers[0].owner"),
    ],
)
def test_each_mistake_is_told_at_its_line(
    old: str, new: str, slug: str, line: int, message: str, tmp_path: Path
) -> None:
    """Nothing is taken from a file in which one waiver lacks a day, a second person or a value."""
    assert old in ONE
    problems = _problems(tmp_path, HEAD + ONE.replace(old, new, 1))
    assert any((slug, line) == found[:2] and message in found[2] for found in problems), problems


@pytest.mark.parametrize(
    ("first", "second", "refused"),
    [
        ("", "", True),
        ("    candidate: a\n", "", True),
        ("", "    candidate: a\n", True),
        ("    candidate: a\n", "    candidate: a\n", True),
        ("    candidate: a\n", "    candidate: b\n", False),
    ],
)
def test_a_condition_is_waived_once_for_a_candidate(first: str, second: str, refused: bool, tmp_path: Path) -> None:
    """Two waivers of one condition that could count for the same candidate are refused, at the second."""
    text = HEAD + ONE + first + ONE + second
    if not refused:
        (tmp_path / "w.yaml").write_text(text, encoding="utf-8")
        assert len(load_waivers(tmp_path / "w.yaml", "w.yaml").waivers) == 2
        return
    line = 10 + first.count("\n")
    message = "the condition 'pins all met' is waived twice for one candidate"
    assert _problems(tmp_path, text) == [("duplicate-waiver", line, message)]


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    """Mistakes of several waivers come together, by line."""
    text = HEAD + ONE.replace("Bo", "Ann") + ONE.replace("    expires: 2026-03-31\n", "") + ONE
    assert [found[:2] for found in _problems(tmp_path, text)] == [
        ("bad-value", 6),
        ("missing-key", 10),
        ("duplicate-waiver", 10),
        ("duplicate-waiver", 16),
    ]
