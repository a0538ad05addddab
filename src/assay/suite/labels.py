"""What do people say of answers: is a labels file whole, and what does each line say?"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from pydantic import ValidationError

from assay.errors import InputError, Problem
from assay.schema.calibration import Label
from assay.suite.documents import Document, problems_of

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["load_labels"]

_MOST_BYTES = 256 << 20


def load_labels(path: Path) -> tuple[tuple[Label, ...], str]:
    """Read a labels file: one JSON object a line.

    Returns:
        The labels in file order, and the SHA-256 of the file.

    Raises:
        InputError: it cannot be read, a line is no label or is not filled in, an id stands twice, or none is there.
    """
    name, content = str(path), _content(path)
    labels: list[Label] = []
    problems: list[Problem] = []
    lines: dict[str, int] = {}
    for number, line in enumerate(content.split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            label = Label.model_validate_json(line)
        except ValidationError as error:
            problems += _line_problems(line, error, name, number)
            continue
        if label.id in lines:
            message = f"the id {label.id!r} stands on line {lines[label.id]} already"
            problems.append(Problem("duplicate-id", message, "Rename one of them.", name, number))
        lines[label.id] = number
        labels.append(label)
    if not labels and not problems:
        problems.append(Problem("no-labels", "the file has no labels", "Write one JSON object a line.", name))
    if problems:
        raise InputError(*_folded(problems))
    return tuple(labels), hashlib.sha256(content).hexdigest()


def _folded(problems: list[Problem]) -> list[Problem]:
    """Return the problems, the same one of lines that follow each other as one."""
    found: list[list[Problem]] = []
    for problem in problems:
        before = found[-1][-1] if found else None
        follows = before is not None and before.at(problem.file, problem.line) == problem
        if follows and before is not None and (before.line or 0) + 1 == problem.line:
            found[-1].append(problem)
        else:
            found.append([problem])
    return [
        replace(run[0], message=f"lines {run[0].line} to {run[-1].line}: {run[0].message}") if len(run) > 1 else run[0]
        for run in found
    ]


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > _MOST_BYTES:
            problem = Problem("file-too-large", "the labels file is larger than 256 MiB", "Split it.", str(path))
            raise InputError(problem)
        return path.read_bytes()
    except OSError as error:
        message = f"cannot read the labels: {error.strerror}"
        raise InputError(Problem("no-such-file", message, "Check the path.", str(path))) from None


def _line_problems(line: bytes, error: ValidationError, name: str, number: int) -> list[Problem]:
    if b'"label":""' in line.replace(b" ", b""):
        message = "the label is not filled in"
        return [
            Problem(
                "no-labels",
                message,
                'Write "passed" or "failed"; to stop earlier, cut the file off at its end.',
                name,
                number,
            )
        ]
    return [problem.at(name, number) for problem in problems_of(error, Label, Document(name, None))]
