"""Which verbs say how far suites and judges can be trusted, and carry them in and out?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assay.cli.command import AsJson, app, verb

__all__ = ["calibrate", "compare", "export", "import_", "lint"]


@app.command(epilog="Example: assay calibrate j1 labels.jsonl --plan plan.yaml")
@verb
def calibrate(
    judge: Annotated[str, typer.Argument(help="Id of a judge in the plan.")],
    labels: Annotated[Path, typer.Argument(help="What people say of answers, a JSONL file.")],
    plan: Annotated[Path, typer.Option(help="The plan.")] = Path("plan.yaml"),
    repeats: Annotated[int, typer.Option(min=1, max=20, help="How often each answer is judged.")] = 2,
    out: Annotated[Path | None, typer.Option(help="File to write; by default the one that the plan names.")] = None,
    as_json: AsJson = False,
) -> int:
    """Hold a judge against people, and write its calibration."""
    from assay.cli.judges import calibrate as compare_with_people

    return compare_with_people(judge, labels, plan, repeats=repeats, out=out, as_json=as_json)


@app.command(epilog="Example: assay compare records/0001-policy-qa records/0002-policy-qa --markdown")
@verb
def compare(
    source: Annotated[Path, typer.Argument(metavar="RUN|RECORD", help="A run's id or folder, or a record.")],
    names: Annotated[
        list[str], typer.Argument(metavar="RUN|RECORD | A B", help="Another one, or two candidates of the first.")
    ],
    candidate: Annotated[list[str] | None, typer.Option(help="Candidate of both, or of each when given twice.")] = None,
    judge: Annotated[
        str | None, typer.Option(help="Let this judge of the plan compare the answers of A and B.")
    ] = None,
    plan: Annotated[Path, typer.Option(help="The plan that has the judge.")] = Path("plan.yaml"),
    markdown: Annotated[bool, typer.Option("--markdown", help="Print it for a pull request.")] = False,
    as_json: AsJson = False,
) -> int:
    """Put two candidates side by side, case by case.

    No model is asked: each case that both answered is paired with itself, and
    a difference has its interval. With --judge a judge sees each pair of
    answers of two candidates of one run, in both orders:
    assay compare RUN small large --judge j1.
    """
    from assay.cli.selecting import compared

    asked = compared(source, names, candidate, judged=judge is not None, markdown=markdown, as_json=as_json)
    if judge is not None:
        from assay.cli.judges import compare as compare_candidates

        return compare_candidates(asked.a, (asked.candidates[0], asked.candidates[1]), judge, plan, as_json=as_json)
    from assay.cli.compared import compare as put_side_by_side

    return put_side_by_side(asked.a, asked.b, asked.candidates, asked.shown)


@app.command("import", epilog="Example: assay import promptfooconfig.yaml --out goldensets/mine")
@verb
def import_(
    file: Annotated[Path, typer.Argument(help="A peer's file, or the folder of an lm-eval run.")],
    format_: Annotated[str | None, typer.Option("--format", help="Its format; by default it is looked at.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where to write; by default goldensets/<id> beside it.")] = None,
    scorer: Annotated[str | None, typer.Option(help="Scorer, where the file names none.")] = None,
    column: Annotated[list[str] | None, typer.Option(metavar="OURS=THEIRS", help="Column of a table.")] = None,
    prompt: Annotated[str | None, typer.Option(help="Prompt template of a promptfoo table.")] = None,
    registry: Annotated[Path | None, typer.Option(help="Registry file of an OpenAI eval.")] = None,
    as_json: AsJson = False,
) -> int:
    """Make a suite of another tool's file, or read its benchmark.

    Whatever is lost is named, and the exit code is then 3.

    Suites: promptfoo, inspect-ai, lm-eval, openai-evals, deepeval, table (CSV or Parquet).

    Benchmarks: guidellm, vllm (sglang too), aiperf, inference-perf and llama-bench, each figure under its tool's
    definition, written to imported/. The exit code is 3 when some cannot be believed.
    """
    from assay.cli.importing import import_ as make_suite
    from assay.cli.selecting import columns_of
    from assay.suite.importing import Options

    options = Options(scorer=scorer, columns=columns_of(column), prompt=prompt, registry=registry)
    return make_suite(file, format_, options, out, as_json=as_json)


@app.command(epilog="Example: assay export runs/20261124T101500-qa-1f2e --format junit --out scores.xml")
@verb
def export(
    run_folder: Annotated[Path, typer.Argument(metavar="RUN|RECORD", help="A run's id or folder; or a record.")],
    format_: Annotated[
        str,
        typer.Option("--format", help="csv, parquet, junit or labels; of a record cyclonedx or model-index."),
    ],
    out: Annotated[Path | None, typer.Option(help="File to write; by default stdout.")] = None,
    most: Annotated[int | None, typer.Option(min=1, help="With labels: at most so many answers.")] = None,
    candidate: Annotated[str | None, typer.Option(help="With model-index: whose card it is.")] = None,
    source: Annotated[
        str | None, typer.Option(metavar="URL", help="With model-index: where people can read the record.")
    ] = None,
) -> int:
    """Write scores or a record for other tools, or answers to label.

    A record is written as a bill of materials or as a model card's front
    matter; it is verified first.
    """
    from assay.cli.export import export as write_out
    from assay.cli.export import export_sheet
    from assay.cli.selecting import found
    from assay.record.sheets import SHEETS

    if format_ in SHEETS:
        return export_sheet(run_folder, format_=format_, out=out, candidate=candidate, source=source, most=most)
    return write_out(found(run_folder), format_=format_, out=out, most=most)


@app.command(epilog="Example: assay lint goldensets/policy-qa")
@verb
def lint(
    targets: Annotated[
        list[Path], typer.Argument(metavar="SUITE|RECORD", help="Suites or records: folders or files; or plans.")
    ],
    strict: Annotated[bool, typer.Option("--strict", help="Count notes as findings too.")] = False,
    as_json: AsJson = False,
) -> int:
    """Look for what keeps suites and records from being trusted.

    Of records: whether each stands as people left it. Nothing is derived again; assay verify does that.
    """
    from assay.cli.lint import lint as look

    return look(targets, strict=strict, as_json=as_json)
