"""Which verbs are there, with which options? Those that run plans and those that judge suites stand beside this."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from assay.cli import check, differing, gate, records, runs, sign, status, trust
from assay.cli.boundary import Exit
from assay.cli.command import AsJson, app, verb
from assay.cli.output import fit_streams, write_data

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["VERB_MODULES", "entry", "main"]

VERB_MODULES = (runs, trust, check, records, sign, gate, status, differing)
"""Modules that add verbs by being imported."""

_WIDEST_NAME = 24
"""Longest name that has its text beside it in a list."""


def entry() -> NoReturn:
    """Run the command line and end the process at once.

    Taking six hundred modules and all nouns of a run apart one by one takes a tenth of a second and changes nothing:
    every file is closed and every server stopped by whoever opened it.
    """
    code = main()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def main() -> int:
    """Run the command line and return its exit code."""
    # Loading some six hundred modules makes objects that stay: looking through them again and again for garbage costs
    # a tenth of a second of every start.
    gc.set_threshold(50_000, 20, 20)
    # Nobody's plugins see or change what is validated here; looking for them costs time too.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    fit_streams()
    try:
        app(prog_name="assay")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else Exit.BAD_INPUT
    return Exit.DONE


@app.command(epilog="Example: assay probe http://127.0.0.1:8080/v1 --deep")
@verb
def probe(
    target: Annotated[str, typer.Argument(help="A server's address, or a plan.")],
    deep: Annotated[
        bool, typer.Option("--deep", help="Look for silent traps and press the server; takes a while.")
    ] = False,
    model: Annotated[str | None, typer.Option(help="Model to ask, where the server lists several.")] = None,
    runtime: Annotated[str | None, typer.Option(help="What the server is said to be.")] = None,
    weights: Annotated[Path | None, typer.Option(help="Weights that it is said to serve.")] = None,
    as_json: AsJson = False,
) -> int:
    """Show what a server is, and what is known of it.

    With --deep the model is asked what it does in silence, and the server is
    sent wrong keys, large bodies, bursts and requests that are broken off:
    not for a server that others work with. What is sent at most is said first.

    The key for an address is read from LOCAL_LLM_API_KEY; a plan names its own variable.
    """
    from assay.cli.probe import probe as look

    return look(target, deep=deep, as_json=as_json, model=model, runtime=runtime, weights=weights)


@app.command(epilog="Example: assay advise plan.yaml --run runs/20261124T101500-policy-qa-1f2e")
@verb
def advise(
    plan: Annotated[Path, typer.Argument(help="The plan, a YAML file; its key context says most.")],
    run: Annotated[
        Path | None, typer.Option("--run", metavar="RUN|RECORD", help="A run or record whose measurements count.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Say which runtimes fit the plan's context, and why.

    No server is asked. It is advice with its sources, and changes no verdict.
    """
    from assay.cli.advise import show_advice

    return show_advice(plan, run, as_json=as_json)


@app.command(epilog="Example: assay licence model.gguf --organization organization.yaml")
@verb
def licence(
    named: Annotated[str, typer.Argument(metavar="PATH", help="Text, GGUF file, model folder, manifest, or a tag.")],
    organization: Annotated[Path | None, typer.Option(help="Profile of who would use it, a YAML file.")] = None,
    as_json: AsJson = False,
) -> int:
    """Show what a licence is, who states it, what it allows.

    With --organization the exit code is 1 where it is prohibited, 3 where a person must decide or a field is missing.
    """
    from assay.cli.licence import show_licence

    return show_licence(named, organization, as_json=as_json)


app.command("license", hidden=True, epilog="Example: assay license LICENSE")(licence)


@app.command(epilog="Example: assay init my-decision")
@verb
def init(folder: Annotated[Path, typer.Argument(help="Folder to fill.")] = Path()) -> int:
    """Write a plan, a suite and a policy to start from."""
    from assay.workflow.start import write_start

    written = write_start(folder)
    write_data("".join(f"{path}\n" for path in written), "text")
    sys.stderr.write(f"Next: assay run {folder / 'plan.yaml'} --out {folder}\n")
    return Exit.DONE


@app.command(epilog="Example: assay schema plan > plan.schema.json")
@verb
def schema(noun: Annotated[str, typer.Argument(help="plan, case, suite, rubric, policy, record, …")]) -> int:
    """Print the JSON Schema of a file format."""
    from assay.workflow.formats import schema_of

    write_data(schema_of(noun))
    return Exit.DONE


@app.command("list", epilog="Example: assay list scorers")
@verb
def list_(
    kind: Annotated[str, typer.Argument(help="scorers, checks, runtimes, suites, models or records.")],
    folder: Annotated[Path | None, typer.Argument(help="Of records: their folder, by default records/.")] = None,
    write: Annotated[bool, typer.Option("--write", help="Of records: write their index anew.")] = False,
    as_json: AsJson = False,
) -> int:
    """List what Assay knows of one kind, or a folder's records."""
    from assay.workflow.listing import RECORDS, listing

    if kind == RECORDS:
        from assay.cli.record_list import list_records

        return list_records(folder or Path("records"), write=write, as_json=as_json)
    if folder is not None or write:
        from assay.errors import InputError, Problem

        raise InputError(Problem("bad-usage", "a folder and --write are for records", "Write: assay list records."))
    entries = listing(kind)
    if as_json:
        import json

        write_data(json.dumps(entries, ensure_ascii=False, indent=1) + "\n")
    else:
        write_data("".join(f"{line}\n" for line in _entry_lines(entries)), "text")
    return Exit.DONE


def _entry_lines(entries: dict[str, str]) -> Iterator[str]:
    """Yield each name with its text beside it, or below it where the names are long, at most 80 columns wide."""
    import textwrap

    width = max(map(len, entries), default=0)
    beside = width <= _WIDEST_NAME
    indent = " " * (width + 2 if beside else 4)
    for name, text in entries.items():
        lines = textwrap.wrap(text, 80 - len(indent), break_on_hyphens=False)
        if beside:
            yield f"{name:<{width}}  {lines.pop(0) if lines else ''}".rstrip()
        else:
            yield name
        yield from (indent + line for line in lines)


def _version(wanted: bool) -> None:
    if wanted:
        import assay

        write_data(f"assay {assay.__version__}\n", "text")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")] = False,
) -> None:
    """Decide whether a local model may go to production, with proof."""
