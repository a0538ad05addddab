"""How is an import shown: what came over, what did not, and whether both say the same of the same answers?

A benchmark is shown by `imported_bench`.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from assay.cli.boundary import Exit
from assay.cli.output import write_data
from assay.cli.show import inert, write_lines
from assay.errors import InputError, Problem
from assay.suite.importing import Options
from assay.workflow.import_bench import benchmark_format
from assay.workflow.import_suite import import_suite

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from assay.workflow.import_suite import SuiteImported

__all__ = ["import_", "import_lines"]

_MOST_LINES = 40


def import_(path: Path, format_name: str | None, options: Options, out: Path | None, *, as_json: bool) -> Exit:
    """Import a suite or a benchmark; the exit code is 3 when something was lost or cannot be believed.

    Raises:
        InputError: the file is not sound, or an option of suites stands beside a benchmark.
    """
    benchmark = benchmark_format(path, format_name)
    if benchmark is not None:
        from assay.cli.imported_bench import import_bench

        _check_options(options)
        return import_bench(path, benchmark, out, as_json=as_json)
    done = import_suite(path, format_name, options, out)
    if as_json:
        write_data(json.dumps({**asdict(done), "folder": str(done.folder)}, ensure_ascii=False, indent=1) + "\n")
    else:
        write_lines(import_lines(done))
    return Exit.HOLD if done.losses else Exit.DONE


def _check_options(options: Options) -> None:
    """Refuse what would be passed over in silence: a benchmark has neither cases nor scorers."""
    if options != Options():
        message = "--scorer, --column, --prompt and --registry belong to suites, and the file is a benchmark"
        raise InputError(Problem("bad-usage", message, "Leave them out."))


def import_lines(done: SuiteImported) -> Iterator[str]:
    """Yield where the suite lies, how verdicts compare, and each loss."""
    yield f"{done.folder}: suite {done.suite}, {_counted(done.cases, 'case')}"
    yield f"{done.compared} of {_counted(done.answers, 'answer')} in the file had a verdict to compare"
    if done.compared:
        gets = "gets" if done.compared == 1 else "get"
        yield f"scored again: {done.agreed} of {_counted(done.compared, 'answer')} of the peer {gets} the same verdict"
    if not done.losses:
        yield "nothing was lost"
        return
    things = _counted(len(done.losses), "thing")
    where = f"{'it stands' if len(done.losses) == 1 else 'all stand'} in {done.folder / 'import.json'}"
    yield f"{things} could not be carried over or {'differs' if len(done.losses) == 1 else 'differ'}; {where}:"
    for loss in done.losses[:_MOST_LINES]:
        yield f"  {inert(loss.where)}: {inert(loss.what)}"
    if len(done.losses) > _MOST_LINES:
        yield f"  and {len(done.losses) - _MOST_LINES} more"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
