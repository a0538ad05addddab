"""Which verb asks whether a record still holds for what is there now?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assay.cli.command import AsJson, app, verb

__all__ = ["status"]


@app.command(epilog="Example: assay status records/0001-policy-qa.md --plan plan.yaml")
@verb
def status(
    record: Annotated[Path, typer.Argument(help="The record: one of its files or their stem.")],
    plan: Annotated[Path | None, typer.Option(help="Where its plan lies now, if not where it lay.")] = None,
    policy: Annotated[
        Path | None, typer.Option(help="The policy file it was decided under, if not beside the plan.")
    ] = None,
    waivers: Annotated[
        Path | None, typer.Option(help="The waivers file it was decided with, if not beside the plan.")
    ] = None,
    candidate: Annotated[
        list[str] | None, typer.Option("--candidate", help="Look at this one too, beside those decided on.")
    ] = None,
    url: Annotated[list[str] | None, typer.Option("--url", help="Look there instead: URL, or CANDIDATE=URL.")] = None,
    as_json: AsJson = False,
) -> int:
    """Show which clause of an accepted record is void by now.

    Servers and files are looked at; the model is asked nothing. The exit code is 0 where all holds, 1 where a clause
    is void, 3 where one cannot be seen or nobody accepted the record, 4 where a server does not answer.
    """
    from assay.cli.clauses import show_status, today
    from assay.workflow.status import Wanted

    wanted = Wanted(today(), plan, policy, waivers, tuple(candidate or ()), tuple(url or ()))
    return show_status(record, wanted, as_json=as_json)
