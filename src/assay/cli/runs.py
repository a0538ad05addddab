"""Which verbs ask models the cases of a plan, and which put the answers together again?"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from assay.cli.boundary import Exit
from assay.cli.command import AsJson, OutFolder, app, verb
from assay.cli.reports import Reports, reports_wanted

__all__ = ["bench", "decide", "demo", "eval_", "merge", "run", "score"]

Resume = Annotated[Path | None, typer.Option(help="Go on with this run: its id or folder.")]
RetryFailed = Annotated[bool, typer.Option("--retry-failed", help="With --resume: ask failed trials again.")]
Reuse = Annotated[Path | None, typer.Option(help="Take answers of this earlier run where nothing changed.")]
Only = Annotated[list[str] | None, typer.Option("--candidate", help="Ask only this candidate; may be repeated.")]
Tags = Annotated[list[str] | None, typer.Option("--tag", help="Ask only cases with this tag; may be repeated.")]
Limit = Annotated[int | None, typer.Option(min=1, help="Ask only the first cases of each suite.")]
Shard = Annotated[str | None, typer.Option(metavar="I/N", help="Ask only every Nth case, from the Ith on.")]
MaxSeconds = Annotated[
    float | None, typer.Option(min=1, help="Time for all load; each measurement gets its share.", metavar="SECONDS")
]
Streams = Annotated[
    list[int] | None, typer.Option(min=1, max=1024, help="Streams at once, without a plan; may be repeated.")
]
Sequential = Annotated[
    bool, typer.Option("--sequential", help="Weigh conditions at five looks; stop a suite when all are decided.")
]
NoTranscripts = Annotated[
    bool, typer.Option("--no-transcripts", help="Leave prompts and answers out of the record's evidence.")
]
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
    max_seconds: MaxSeconds = None,
    sequential: Sequential = False,
    no_transcripts: NoTranscripts = False,
    report: Reports = None,
    as_json: AsJson = False,
) -> int:
    """Do all that a plan asks for, to a verdict and a record."""
    from dataclasses import replace

    from assay.cli.perform import perform
    from assay.cli.selecting import wishes_of

    reports = reports_wanted(report)
    wishes = wishes_of(resume, reuse, candidate, tag, limit=limit, shard=shard, retry_failed=retry_failed)
    wishes = replace(wishes, max_seconds=max_seconds, sequential=sequential, transcripts=not no_transcripts)
    return perform(plan, out, wishes, as_json=as_json, wait_s=wait, reports=reports)


@app.command(epilog="Example: assay bench plan.yaml --candidate qwen-vllm --max-seconds 300")
@verb
def bench(
    plan: Annotated[Path | None, typer.Argument(help="The plan, a YAML file; none with --self-test alone.")] = None,
    out: OutFolder = Path(),
    self_test: Annotated[bool, typer.Option("--self-test", help="Measure the client itself.")] = False,
    streams: Streams = None,
    max_seconds: MaxSeconds = None,
    resume: Resume = None,
    candidate: Only = None,
    wait: Wait = 0.0,
    as_json: AsJson = False,
) -> int:
    """Send only the load, and show the figures with their doubts.

    `assay bench --self-test` alone measures what the client adds to the times
    of a server, against a built-in one whose times are known.
    """
    from assay.cli.benchmark import benchmark, self_test_alone
    from assay.cli.selecting import wishes_of
    from assay.errors import InputError, Problem

    if plan is not None and streams:
        message = "--streams is for a self-test without a plan; with one it is taken at the plan's concurrencies"
        raise InputError(Problem("bad-usage", message, "Leave out --streams, or the plan."))
    if plan is None:
        return self_test_alone(streams, wanted=self_test, as_json=as_json)
    wishes = wishes_of(resume, None, candidate, None, limit=None, shard=None, retry_failed=False)
    return benchmark(plan, out, wishes, max_seconds=max_seconds, self_test=self_test, as_json=as_json, wait_s=wait)


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
    """Ask cases and judges only, and show the scores.

    No load is sent, and there is no verdict and no record.
    """
    from assay.cli.evaluate import evaluate
    from assay.cli.selecting import wishes_of

    wishes = wishes_of(resume, reuse, candidate, tag, limit=limit, shard=shard, retry_failed=retry_failed)
    return evaluate(plan, out, wishes, as_json=as_json, wait_s=wait)


@app.command(epilog="Example: assay score runs/20261124T101500-policy-qa-1f2e --plan plan.yaml")
@verb
def score(
    run_folder: Annotated[Path, typer.Argument(metavar="RUN", help="A run: its id or folder.")],
    plan: Annotated[Path | None, typer.Option(help="Score by the suites of this plan, not by the run's own.")] = None,
    as_json: AsJson = False,
) -> int:
    """Score a run's answers again, without asking a model."""
    from assay.cli.evaluate import score_again
    from assay.cli.selecting import found

    return score_again(found(run_folder), plan, as_json=as_json)


@app.command(epilog="Example: assay decide records/0002-policy-qa.md --accept --by 'Ann Example'")
@verb
def decide(
    source: Annotated[Path, typer.Argument(metavar="RUN|RECORD", help="A run's id or folder, or a record.")],
    accept: Annotated[bool, typer.Option("--accept", help="A person accepts the record.")] = False,
    reject: Annotated[bool, typer.Option("--reject", help="A person rejects it.")] = False,
    defer: Annotated[bool, typer.Option("--defer", help="A person puts the decision off.")] = False,
    by: Annotated[str | None, typer.Option(metavar="NAME", help="Who decides.")] = None,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Why; needed against the verdict.")] = None,
    valid_until: Annotated[str | None, typer.Option(metavar="DATE", help="Last day that --accept holds.")] = None,
    supersedes: Annotated[
        list[Path] | None, typer.Option(metavar="RECORD", help="Record that --accept replaces; may be repeated.")
    ] = None,
    policy: Annotated[Path | None, typer.Option(help="Policy file in place of its own.")] = None,
    waivers: Annotated[Path | None, typer.Option(help="Waivers file in place of its own.")] = None,
    baseline: Annotated[str | None, typer.Option(metavar="RECORD", help="Earlier record to compare with.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder that gets records/ with a new record.")] = None,
    no_transcripts: NoTranscripts = False,
    report: Reports = None,
    as_json: AsJson = False,
) -> int:
    """Weigh a finished run again, or let a person decide on a record.

    With --accept, --reject or --defer the decision goes into the record's
    status block, and nothing else of it changes. Exit code 0 is done.

    Without them no model is asked: the policy is its own or that of a file,
    and attestations and waivers expire by today's date. Exit code 0 is GO,
    1 NO-GO, 3 HOLD.
    """
    from assay.cli.decided import Asked, decide_on, outcomes_of

    outcomes = outcomes_of(accept=accept, reject=reject, defer=defer)
    asked = Asked(outcomes, by, reason, valid_until, tuple(supersedes or ()))
    if asked:
        options = {"--policy": policy, "--waivers": waivers, "--baseline": baseline, "--out": out, "--report": report}
        return decide_on(source, asked, tuple(name for name, given in options.items() if given), as_json=as_json)
    from assay.cli.decide import decide as weigh
    from assay.workflow.decide import Instead

    reports = reports_wanted(report)
    instead = Instead(policy, waivers, baseline, transcripts=not no_transcripts)
    return weigh(source, instead, out, as_json=as_json, reports=reports)


@app.command(epilog="Example: assay merge runs/20261124T101500-qa-1f2e runs/20261124T101501-qa-77c0")
@verb
def merge(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="All shards of one plan: ids or folders.")],
    out: OutFolder = Path(),
    no_transcripts: NoTranscripts = False,
    report: Reports = None,
    as_json: AsJson = False,
) -> int:
    """Put the shards of a run together, to a verdict and a record."""
    from assay.cli.evaluate import merge as merge_runs
    from assay.cli.selecting import found

    reports = reports_wanted(report)
    folders = [found(run) for run in runs]
    return merge_runs(folders, out, as_json=as_json, transcripts=not no_transcripts, reports=reports)


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
