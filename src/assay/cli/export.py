"""How is a run written for other tools and people: what goes to stdout, and what is said of it?"""

from __future__ import annotations

import sys
from pathlib import Path

from assay.cli.boundary import Exit
from assay.workflow.export import export_run

__all__ = ["export"]


def export(run: Path, *, format_: str, out: Path | None, most: int | None = None) -> Exit:
    """Write a run in another format, to a file or to stdout, and say on stderr what was written."""
    sys.stdout.flush()
    exported = export_run(run, format_, out, sys.stdout.buffer, most=most)
    sys.stdout.buffer.flush()
    where = f" in {out}" if out is not None else ""
    sys.stderr.write(f"{exported.count} {exported.counted}{where}\n")
    if exported.not_asked and exported.stopped_early:
        sys.stderr.write(f"{exported.not_asked} trials were not asked: the run could stop early.\n")
    elif exported.not_asked:
        sys.stderr.write(f"The run is not finished: {exported.not_asked} of its trials were never asked.\n")
    return Exit.DONE
