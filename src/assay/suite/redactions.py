"""Which texts does the organization not let travel, as its file of patterns says?"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final

from assay.errors import InputError, Problem
from assay.schema.withheld import Redactions
from assay.suite.documents import read_yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from assay.suite.documents import Document

__all__ = ["load_redactions"]

_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,39}")
_MOST: Final = 50
_LONGEST: Final = 500


def load_redactions(path: Path, name: str, check: Callable[[str], str | None]) -> Redactions:
    """Read a file of patterns: a YAML mapping of names to regular expressions.

    Args:
        path: the file.
        name: how the user calls it; used in problems.
        check: says why a regular expression cannot be used, as the end of a sentence, or None when it can.

    Raises:
        InputError: every problem at once, each with its line: slug `bad-pattern`.
    """
    document = read_yaml(path, name)
    problems = list(_problems(document, check))
    if problems:
        raise InputError(*problems)
    patterns = document.data if isinstance(document.data, dict) else {}
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Redactions(sha256=digest, patterns={own: str(pattern) for own, pattern in patterns.items()})


def _problems(document: Document, check: Callable[[str], str | None]) -> Iterator[Problem]:
    data = document.data
    if not isinstance(data, dict) or not data:
        remedy = "Write one `name: regular expression` a line."
        yield document.problem("bad-pattern", "the file is no mapping of names to patterns", remedy)
        return
    if len(data) > _MOST:
        yield document.problem("bad-pattern", f"it has {len(data)} patterns, more than {_MOST}", "Put some together.")
    for name, pattern in data.items():
        why = _why_not(name, pattern, check)
        if why is not None:
            yield document.problem("bad-pattern", *why, (name,))


def _why_not(name: str, pattern: object, check: Callable[[str], str | None]) -> tuple[str, str] | None:
    """Return what is wrong with a pattern and what to do, or None."""
    if not _NAME.fullmatch(name):
        return (
            f"the name {name[:60]!r} is no word of lower case letters, digits and dashes",
            "Write such as `staff-id`.",
        )
    if not isinstance(pattern, str) or not pattern:
        return f"{name} is no regular expression", "Write it in single quotes."
    if len(pattern) > _LONGEST:
        return f"{name} has more than {_LONGEST} characters", "Make several patterns of it."
    if (reason := check(pattern)) is not None:
        return f"{name} cannot be used: {reason}", "Mend the regular expression."
    return None
