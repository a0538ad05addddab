"""Which formats of peers can become suites, and which one is this file?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.errors import InputError, Problem
from assay.suite.importing import deepeval, inspect_ai, lm_eval, openai_evals, promptfoo, tables
from assay.suite.importing.guess import guess_format
from assay.suite.importing.imported import Imported, Importer, Loss, Options, PeerAnswer

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["IMPORTERS", "Imported", "Importer", "Loss", "Options", "PeerAnswer", "guess_format", "read_import"]

IMPORTERS: dict[str, Importer] = {
    "promptfoo": promptfoo.read,
    "inspect-ai": inspect_ai.read,
    "lm-eval": lm_eval.read,
    "openai-evals": openai_evals.read,
    "deepeval": deepeval.read,
    "table": tables.read,
}
"""Every importer by the name under which the command line calls it."""


def read_import(format_name: str, path: Path, options: Options) -> Imported:
    """Return the suite that a file of a peer stands for, with all that could not be carried over.

    Args:
        format_name: a key of `IMPORTERS`.
        path: the file, or for lm-eval the folder of a run.
        options: what the user adds to it.

    Raises:
        InputError: there is no such format, or the file is not sound.
    """
    importer = IMPORTERS.get(format_name)
    if importer is None:
        message = f"there is no format {format_name[:60]!r} to import"
        raise InputError(Problem("unknown-format", message, f"There are: {', '.join(IMPORTERS)}."))
    return importer(path, options)
