"""Which verbs ask about the gate itself?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assay.cli.command import AsJson, app, verb

__all__ = ["selftest"]

_gate = typer.Typer(
    name="gate",
    help="Ask about the gate itself.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(_gate)


@_gate.callback()
def _group() -> None:
    """Keep `selftest` a command of its own: with one alone typer would leave its name out."""


@_gate.command(epilog="Example: assay gate selftest plan.yaml")
@verb
def selftest(
    target: Annotated[
        Path | None, typer.Argument(metavar="PLAN|RECORD", help="A plan, or a record; by default the demo's plan.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Show whether it notices a weaker policy or evidence.

    Weakens the policy, spoils evidence made up for it, and changes a copy of the record, one thing at a time. The exit
    code is 1 where a harmful change passes without a reason, or a harmless one does not.
    """
    from assay.cli.selftest import selftest as run

    return run(target, as_json=as_json)
