"""Which faults can stop Assay, what each one says, and who can mend it.

The tree:

    AssayError
    |- InputError      the user's files, arguments or environment are wrong   exit 2
    |- ServerError     a server or a needed part did not do its work          exit 4
    `- MismatchError   what was checked does not hold                         exit 1

Every error carries one or more problems, each one line: what happened, to what, what to do.
`assay.cli` is the only place that turns them into text and exit codes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "AssayError",
    "InputError",
    "MismatchError",
    "Problem",
    "ServerError",
    "foreign_evidence",
    "how_to_install",
    "missing_extra",
]


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, in one line."""

    slug: str
    """Short name of the kind of problem; an anchor in docs/messages.md."""
    message: str
    """What happened and to what, without a final full stop."""
    remedy: str
    """What to do about it, an imperative sentence with its full stop."""
    file: str | None = None
    """The file at fault as the user named it, or None when no file is."""
    line: int | None = None
    """Line in that file, counted from 1, or None when it is not known."""

    def at(self, file: str | None, line: int | None) -> Problem:
        """Return the same problem at another place."""
        return replace(self, file=file, line=line)

    @override
    def __str__(self) -> str:
        """Return the line that a person reads, as `error[slug]: file:line: what. What to do.`."""
        where = ""
        if self.file is not None:
            where = f"{self.file}:{self.line}: " if self.line is not None else f"{self.file}: "
        text = f"error[{self.slug}]: {where}{self.message}. {self.remedy}"
        return " ".join(text.split())


class AssayError(Exception):
    """Any fault that Assay foresees; it holds at least one problem."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems: Sequence[Problem] = problems


class InputError(AssayError):
    """The user's files, arguments or environment are wrong (exit 2)."""


class ServerError(AssayError):
    """A server or a part that the work needs could not do it (exit 4)."""


class MismatchError(AssayError):
    """What was to be verified does not hold (exit 1)."""


def how_to_install(extra: str) -> str:
    """Return how an extra of Assay is installed, an imperative sentence without its full stop.

    From its folder: no package index is named, for none is known to hold Assay.
    """
    return f"Install Assay with its extra {extra}: pip install '.[{extra}]' in its folder"


def missing_extra(extra: str, message: str, *, otherwise: str | None = None, file: str | None = None) -> InputError:
    """Return the fault that a package of an extra is not installed.

    Args:
        extra: name of the extra.
        message: what needs which package, without a final full stop.
        otherwise: what can be done without it, an imperative without its full stop, or None.
        file: the file that needs it, as the user named it, or None.
    """
    remedy = how_to_install(extra) + (f"; or {otherwise}." if otherwise is not None else ".")
    return InputError(Problem("missing-extra", message, remedy, file))


def foreign_evidence(what: str) -> MismatchError:
    """Return the error of evidence whose files are not of one run.

    Args:
        what: what shows it, without a final full stop.
    """
    return MismatchError(Problem("bad-evidence", what, "Take the evidence of one run."))
