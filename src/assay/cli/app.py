"""Which verbs are there, with which options?"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, ParamSpec

import typer

from assay.cli.boundary import Exit, guarded

__all__ = ["main"]

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


def main() -> int:
    """Run the command line and return its exit code."""
    try:
        app(prog_name="assay")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else Exit.BAD_INPUT
    return Exit.DONE


def verb(work: Callable[Parameters, int]) -> Callable[Parameters, None]:
    """Make a command of a function that returns an exit code: its faults pass through the one boundary."""

    @functools.wraps(work)
    def command(*arguments: Parameters.args, **options: Parameters.kwargs) -> None:
        raise typer.Exit(guarded(lambda: work(*arguments, **options)))

    return command


Resume = Annotated[Path | None, typer.Option(help="Go on with this run: its id or folder.")]
RetryFailed = Annotated[bool, typer.Option("--retry-failed", help="With --resume: ask failed trials again.")]
Reuse = Annotated[Path | None, typer.Option(help="Take answers of this earlier run where nothing changed.")]
Only = Annotated[list[str] | None, typer.Option("--candidate", help="Ask only this candidate; may be repeated.")]
Tags = Annotated[list[str] | None, typer.Option("--tag", help="Ask only cases with this tag; may be repeated.")]
Limit = Annotated[int | None, typer.Option(min=1, help="Ask only the first cases of each suite.")]
Shard = Annotated[str | None, typer.Option(metavar="I/N", help="Ask only every Nth case, from the Ith on.")]
Wait = Annotated[float, typer.Option(min=0, help="Seconds to wait for a server that is not ready.")]


@app.command(epilog="Example: assay run plan.yaml --out decisions")
@verb
def run(
    plan: Annotated[Path, typer.Argument(help="The plan, a YAML file.")],
    out: OutFolder = Path(),
    resume: Resume = None,
    retry_failed: RetryFailed = False,
    reuse: Reuse = None,
    candidate: Only = None,
    tag: Tags = None,
    limit: Limit = None,
    shard: Shard = None,
    wait: Wait = 0.0,
    as_json: AsJson = False,
) -> int:
    """Do all that a plan asks for, to a verdict and a record."""
    from assay.cli.perform import perform
    from assay.cli.selecting import wishes_of

    wishes = wishes_of(resume, reuse, candidate, tag, limit=limit, shard=shard, retry_failed=retry_failed)
    return perform(plan, out, wishes, as_json=as_json, wait_s=wait)


@app.command("eval", epilog="Example: assay eval plan.yaml --tag vi --limit 5")
@verb
def eval_(
    plan: Annotated[Path, typer.Argument(help="The plan, a YAML file.")],
    out: OutFolder = Path(),
    resume: Resume = None,
    retry_failed: RetryFailed = False,
    reuse: Reuse = None,
    candidate: Only = None,
    tag: Tags = None,
    limit: Limit = None,
    shard: Shard = None,
    wait: Wait = 0.0,
    as_json: AsJson = False,
) -> int:
    """Ask the cases and the judges only, and show the scores: no load, no verdict, no record."""
    from assay.cli.evaluate import evaluate
    from assay.cli.selecting import wishes_of

    wishes = wishes_of(resume, reuse, candidate, tag, limit=limit, shard=shard, retry_failed=retry_failed)
    return evaluate(plan, out, wishes, as_json=as_json, wait_s=wait)


@app.command(epilog="Example: assay score runs/20261124T101500-policy-qa-1f2e --plan plan.yaml")
@verb
def score(
    run_folder: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run.")],
    plan: Annotated[Path | None, typer.Option(help="Score by the suites of this plan, not by the run's own.")] = None,
    as_json: AsJson = False,
) -> int:
    """Score a run's answers again, without asking a model."""
    from assay.cli.evaluate import score_again

    return score_again(run_folder, plan, as_json=as_json)


@app.command(epilog="Example: assay merge runs/*-shard-* --out decisions")
@verb
def merge(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Run folders of all shards of one plan.")],
    out: OutFolder = Path(),
    as_json: AsJson = False,
) -> int:
    """Put the shards of a run together, to a verdict and a record."""
    from assay.cli.evaluate import merge as merge_runs

    return merge_runs(runs, out, as_json=as_json)


@app.command(epilog="Example: assay demo --out ./assay-demo")
@verb
def demo(out: OutFolder = Path("assay-demo"), as_json: AsJson = False) -> int:
    """Run the whole way on the small model that comes with it."""
    from assay.cli.perform import perform
    from assay.workflow.start import write_demo
    from assay.workflow.wishes import Wishes

    plan = write_demo(out)
    code = perform(plan, out, Wishes(), as_json=as_json)
    if code in (Exit.DONE, Exit.NO_GO, Exit.HOLD):
        sys.stderr.write(f"`assay run` would have ended with exit code {int(code)}; the demo itself is done.\n")
        return Exit.DONE
    return code


@app.command(epilog="Example: assay probe http://127.0.0.1:8080/v1 --deep")
@verb
def probe(
    target: Annotated[str, typer.Argument(help="A server's address, or a plan.")],
    deep: Annotated[bool, typer.Option("--deep", help="Ask the model for silent traps too; takes a while.")] = False,
    model: Annotated[str | None, typer.Option(help="Model to ask, where the server lists several.")] = None,
    runtime: Annotated[str | None, typer.Option(help="What the server is said to be.")] = None,
    weights: Annotated[Path | None, typer.Option(help="Weights that it is said to serve.")] = None,
    as_json: AsJson = False,
) -> int:
    """Show what a server is, what is known of it, what is not, and why.

    The key for an address is read from LOCAL_LLM_API_KEY; a plan names its own variable.
    """
    from assay.cli.probe import probe as look

    return look(target, deep=deep, as_json=as_json, model=model, runtime=runtime, weights=weights)


@app.command(epilog="Example: assay licence model.gguf --organization organization.yaml")
@verb
def licence(
    named: Annotated[str, typer.Argument(metavar="PATH", help="Text, GGUF file, model folder, manifest, or a tag.")],
    organization: Annotated[Path | None, typer.Option(help="Profile of who would use it, a YAML file.")] = None,
    as_json: AsJson = False,
) -> int:
    """Show what states a licence, what it is, and what it allows.

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
    sys.stdout.writelines(f"{path}\n" for path in written)
    sys.stderr.write(f"Next: assay run {folder / 'plan.yaml'} --out {folder}\n")
    return Exit.DONE


@app.command(epilog="Example: assay verify records/0001-policy-qa.md")
@verb
def verify(
    record: Annotated[Path, typer.Argument(help="The record: its .md, .json, .evidence.zip or their stem.")],
    as_json: AsJson = False,
) -> int:
    """Derive a record again from its evidence and compare."""
    from assay.cli.show import verification_lines, write_lines
    from assay.workflow.verify import verify_record

    verification = verify_record(record)
    if as_json:
        import json
        from dataclasses import asdict

        found = [asdict(difference) for difference in verification.differences]
        sys.stdout.write(json.dumps({"verified": not found, "differences": found}, ensure_ascii=False, indent=1) + "\n")
    else:
        write_lines(verification_lines(verification, str(record)))
    return Exit.NO_GO if verification.differences else Exit.DONE


@app.command(epilog="Example: assay render records/0001-policy-qa.json > page.md")
@verb
def render(record: Annotated[Path, typer.Argument(help="The record: one of its files or their stem.")]) -> int:
    """Print a record's Markdown, made anew from its JSON."""
    from assay.workflow.render import render_record

    sys.stdout.write(render_record(record))
    return Exit.DONE


@app.command(epilog="Example: assay schema plan > plan.schema.json")
@verb
def schema(noun: Annotated[str, typer.Argument(help="plan, case, suite, rubric, policy, record, …")]) -> int:
    """Print the JSON Schema of a file format."""
    from assay.workflow.formats import schema_of

    sys.stdout.write(schema_of(noun))
    return Exit.DONE


@app.command("list", epilog="Example: assay list scorers")
@verb
def list_(
    kind: Annotated[str, typer.Argument(help="scorers, checks, runtimes, suites or models.")],
    as_json: AsJson = False,
) -> int:
    """List what Assay knows of one kind."""
    from assay.workflow.listing import listing

    entries = listing(kind)
    if as_json:
        import json

        sys.stdout.write(json.dumps(entries, ensure_ascii=False, indent=1) + "\n")
    else:
        width = max(map(len, entries), default=0)
        sys.stdout.writelines(f"{name:<{width}}  {text}\n" for name, text in entries.items())
    return Exit.DONE


def _version(wanted: bool) -> None:
    if wanted:
        import assay

        sys.stdout.write(f"assay {assay.__version__}\n")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")] = False,
) -> None:
    """Decide whether a local model may go to production, with proof."""
