"""Which words does a person say to Assay, and which does it answer?"""

from __future__ import annotations

import os
from typing import NoReturn

__all__ = ["entry", "main"]

_INTERRUPTED = 130


def main() -> int:
    """Run the command line and return its exit code."""
    from assay.cli.app import main as run

    return run()


def entry() -> NoReturn:
    """Run the command line and end the process at once; Ctrl-C while all is still being loaded ends it quietly."""
    try:
        from assay.cli.app import entry as run

        run()
    except KeyboardInterrupt:
        os._exit(_INTERRUPTED)
