"""How does a fault become one line and an exit code? This is the only place that says so."""

from __future__ import annotations

import contextlib
import io
import os
import platform
import sys
import traceback
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TextIO

from typing_extensions import override

import assay
from assay.cli.show import inert
from assay.errors import AssayError, InputError, MismatchError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["Exit", "guarded"]

_CRASH_LOG = "assay-crash.log"


class Exit(IntEnum):
    """What the exit code says."""

    DONE = 0
    """GO, or done, or verified."""
    NO_GO = 1
    """NO-GO, or does not verify."""
    BAD_INPUT = 2
    """The user's files, arguments or environment are wrong."""
    HOLD = 3
    """The evidence does not suffice."""
    NOT_DONE = 4
    """The work could not be done."""
    INTERRUPTED = 130
    """Stopped by the user."""


def guarded(work: Callable[[], int]) -> int:
    """Do the work and return its exit code; each fault becomes lines on stderr and a code of its own."""
    code: int = Exit.NOT_DONE
    try:
        with contextlib.redirect_stdout(_Lasting(sys.stdout)):
            code = work()
            sys.stdout.flush()
    except AssayError as error:
        _tell(error.problems)
        return _code(error)
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # The reader of an export went away in the middle of it: that is its right, and needs no word.
        _go_nowhere(sys.stdout)
    except Exception as error:  # noqa: BLE001 - the one place where nothing may pass
        if isinstance(error, OSError) and error.strerror:
            file = str(error.filename) if error.filename is not None else None
            _tell([Problem("system", f"the system says: {error.strerror}", "Mend it and try again.", file)])
        else:
            sys.stderr.write(f"error[internal]: Assay has a bug. {_crash_told()}\n")
        return Exit.NOT_DONE
    return code


class _Lasting(io.TextIOBase):
    """Standard output that outlives its reader.

    Whoever reads it may go away (`assay import … | head -2`): the work goes on to its end and keeps its own exit code.
    """

    def __init__(self, inner: TextIO) -> None:
        super().__init__()
        self._inner = inner

    @property
    def buffer(self) -> BinaryIO:
        """Where bytes are written."""
        return self._inner.buffer

    @override
    def fileno(self) -> int:
        return self._inner.fileno()

    @override
    def isatty(self) -> bool:
        return self._inner.isatty()

    @override
    def write(self, text: str, /) -> int:
        try:
            return self._inner.write(text)
        except BrokenPipeError:
            _go_nowhere(self._inner)
            return len(text)

    @override
    def flush(self) -> None:
        try:
            self._inner.flush()
        except BrokenPipeError:
            _go_nowhere(self._inner)


def _go_nowhere(stream: TextIO) -> None:
    """Let all that is still to be written go nowhere, or Python would complain about its buffer at the end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _tell(problems: Iterable[Problem]) -> None:
    for problem in problems:
        # It may quote what a server or a file says.
        sys.stderr.write(f"{inert(str(problem))}\n")


def _code(error: AssayError) -> Exit:
    if isinstance(error, InputError):
        return Exit.BAD_INPUT
    return Exit.NO_GO if isinstance(error, MismatchError) else Exit.NOT_DONE


def _crash_told() -> str:
    """Write what an issue report needs and say where; arguments stay out, for they may name private places."""
    text = (
        f"assay {assay.__version__}, Python {platform.python_version()}, {platform.platform()}\n\n"
        f"{traceback.format_exc()}"
    )
    try:
        Path(_CRASH_LOG).write_text(text, encoding="utf-8")
    except OSError:
        return f"Report it with these lines:\n{text}"
    return f"Report it with the file {_CRASH_LOG}."
