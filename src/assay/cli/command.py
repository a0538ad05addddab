"""What do all verbs share: the command they belong to, their common options, the boundary for their faults?"""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, ParamSpec

import typer

from assay.cli.boundary import guarded

__all__ = ["AsJson", "OutFolder", "app", "verb"]

app = typer.Typer(
    name="assay",
    help="Decide whether a local model may go to production, with proof.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 GO or done, 1 NO-GO or not verified, 2 bad input, 3 HOLD, 4 not done, 130 interrupted.",
)

AsJson = Annotated[bool, typer.Option("--json", help="Print the result as stored, as JSON.")]
OutFolder = Annotated[Path, typer.Option("--out", help="Folder that gets runs/ and records/.")]


Parameters = ParamSpec("Parameters")


def verb(work: Callable[Parameters, int]) -> Callable[Parameters, None]:
    """Make a command of a function that returns an exit code: its faults pass through the one boundary."""

    @functools.wraps(work)
    def command(*arguments: Parameters.args, **options: Parameters.kwargs) -> None:
        raise typer.Exit(guarded(lambda: work(*arguments, **options)))

    return command
