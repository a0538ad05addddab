"""Does each fault say in one line what happened, to what, and what to do?"""

from __future__ import annotations

import pytest

from assay.errors import AssayError, InputError, MismatchError, Problem, ServerError, missing_extra


@pytest.mark.parametrize(
    ("file", "line", "where"),
    [(None, None, ""), (None, 3, ""), ("a b.yaml", None, "a b.yaml: "), ("plan.yaml", 3, "plan.yaml:3: ")],
)
def test_problem_is_one_line(file: str | None, line: int | None, where: str) -> None:
    """A problem names its kind, its place where it has one, what happened, and what to do."""
    problem = Problem("bad-value", "trials: too few", "Mend it.", file, line)
    assert str(problem) == f"error[bad-value]: {where}trials: too few. Mend it."


@pytest.mark.parametrize("end", ["\n", "\r\n", "\u2028", "\x85", "\t\t", "   "])
def test_foreign_line_ends_stay_in_the_line(end: str) -> None:
    """What a file or a server says cannot begin a line of its own."""
    text = str(Problem("s", f"a{end}b", "Mend it.", f"f{end}g", 1))
    assert text == "error[s]: f g:1: a b. Mend it."
    assert len(text.splitlines()) == 1


def test_error_tells_all_its_problems() -> None:
    """An error keeps its problems and tells each in a line of its own."""
    problems = [Problem("one", "a", "A."), Problem("two", "b", "B.", "f", 2)]
    error = InputError(*problems)
    assert list(error.problems) == problems
    assert str(error).splitlines() == [str(problem) for problem in problems]


@pytest.mark.parametrize(
    ("otherwise", "end"), [(None, "in its folder."), ("write CSV", "in its folder; or write CSV.")]
)
def test_an_extra_is_installed_from_the_folder(otherwise: str | None, end: str) -> None:
    """No package index is named, for none is known to hold Assay."""
    said = str(missing_extra("parquet", "this needs pyarrow", otherwise=otherwise, file="t.parquet"))
    told = "Install Assay with its extra parquet: pip install '.[parquet]'"
    assert said == f"error[missing-extra]: t.parquet: this needs pyarrow. {told} {end}"


@pytest.mark.parametrize("kind", [InputError, ServerError, MismatchError])
def test_faults_are_of_one_tree(kind: type[AssayError]) -> None:
    """Each kind of fault is an AssayError and no other kind."""
    assert kind.__bases__ == (AssayError,)
