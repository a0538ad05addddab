"""How does a fault become one line and an exit code? This is the only place that says so."""

from __future__ import annotations

import platform
import sys
import traceback
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING

import assay
from assay.errors import AssayError, InputError, MismatchError

if TYPE_CHECKING:
    from collections.abc import Callable

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
    try:
        return work()
    except AssayError as error:
        for problem in error.problems:
            sys.stderr.write(f"{problem}\n")
        return _code(error)
    except KeyboardInterrupt:
        sys.stderr.write("interrupted: what was answered is on disk; go on with --resume\n")
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # The reader of our output went away (`assay list | head`): that is its right.
        sys.stderr.close()
        return Exit.DONE
    except Exception:  # noqa: BLE001 - the one place where nothing may pass
        _write_crash_log()
        sys.stderr.write(f"error[internal]: Assay has a bug. Report it with the file {_CRASH_LOG}.\n")
        return Exit.NOT_DONE


def _code(error: AssayError) -> Exit:
    if isinstance(error, InputError):
        return Exit.BAD_INPUT
    return Exit.NO_GO if isinstance(error, MismatchError) else Exit.NOT_DONE


def _write_crash_log() -> None:
    """Write what an issue report needs; arguments stay out, for they may name private places."""
    text = (
        f"assay {assay.__version__}, Python {platform.python_version()}, {platform.platform()}\n\n"
        f"{traceback.format_exc()}"
    )
    Path(_CRASH_LOG).write_text(text, encoding="utf-8")
