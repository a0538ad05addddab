"""How does what is on disk of a run become a record, its scores and its verdict beside it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import assay
from assay.bench.table import write_csv
from assay.record.bundle import evidence_of, pack
from assay.record.run_folder import to_json
from assay.record.store import RecordFiles, numbered
from assay.schema.record import Assembly
from assay.schema.suite import Plan
from assay.workflow.derive import derive
from assay.workflow.shipped import TEMPLATE, shipped_folder
from assay.workflow.verify import TEMPLATE_MEMBER, render_with

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from assay.record.run_folder import RunFolder
    from assay.schema.bench import BenchCell
    from assay.schema.record import Record
    from assay.schema.run import Run
    from assay.schema.score import Score

__all__ = ["write_bench", "write_record"]


def write_record(folder: RunFolder, run: Run, out: Path) -> tuple[Record, RecordFiles]:
    """Derive the record from what is on disk and write its three files, and the scores into the run's folder.

    Args:
        folder: the run.
        run: what its `run.json` says.
        out: folder that gets `records/`.

    Raises:
        InputError: a journal has a line that cannot be read.
        MismatchError: the files of the run do not belong together.
    """
    # Deriving takes a while: another run that ends meanwhile must not take the same number.
    with numbered(out / "records") as number:
        return _written(folder, run, out / "records", number)


def _written(folder: RunFolder, run: Run, records: Path, number: int) -> tuple[Record, RecordFiles]:
    plan = Plan.model_validate_json((folder.path / "plan.json").read_bytes())
    assembly = Assembly(
        number=number,
        slug=plan.use_case.id.lower(),
        date=(run.ended or run.started)[:10],
        assay_version=assay.__version__,
    )
    files = {
        **folder.evidence(),
        "assembly.json": to_json(assembly).encode(),
        TEMPLATE_MEMBER: (shipped_folder() / TEMPLATE).read_bytes(),
    }
    content = pack(files)
    paths = RecordFiles.of(records, f"{assembly.number:04d}-{assembly.slug}")
    with folder.writing_lines("scores.jsonl") as write_line:

        def keep(score: Score) -> None:
            write_line(score.model_dump_json())

        plots: dict[str, str] = {}
        evidence = evidence_of(paths.evidence.name, content, files)
        record = derive(files, evidence, keep, plots.__setitem__)
    folder.write("findings.json", _list_json([to_json(finding) for finding in record.findings]))
    folder.write_noun("verdict.json", record.verdict)
    write_bench(folder, record.bench, plots)
    paths.write(render_with(record, files), to_json(record), content, plots)
    return record, paths


def write_bench(folder: RunFolder, cells: Sequence[BenchCell], pictures: Mapping[str, str]) -> None:
    """Write what a benchmark came to into the run's folder: a table where there are figures, and the pictures."""
    if cells:
        write_csv(cells, folder.path / "bench.csv")
    for name, picture in pictures.items():
        folder.write(f"plots/{name}", picture)


def _list_json(items: list[str]) -> str:
    return "[\n" + ",\n".join(item.rstrip("\n") for item in items) + "\n]\n"
