"""How does evidence become a record, and what is on disk of a run one with its scores and its verdict beside it?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import assay
from assay.bench.table import write_csv
from assay.record.bundle import MANIFEST, evidence_of, manifest_of, pack
from assay.record.run_folder import to_json
from assay.record.store import RecordFiles, numbered
from assay.record.truth import record_json
from assay.schema.record import Assembly
from assay.schema.run import Run
from assay.schema.suite import Plan
from assay.workflow.derive import derive
from assay.workflow.hiding import Hiding
from assay.workflow.leaving_out import left_out
from assay.workflow.members import members_of
from assay.workflow.records import keep_index
from assay.workflow.shipped import TEMPLATES, shipped_folder
from assay.workflow.verify import TEMPLATE_MEMBER, render_with

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from assay.record.run_folder import RunFolder
    from assay.schema.bench import BenchCell
    from assay.schema.record import Record
    from assay.schema.score import Score

__all__ = ["Made", "make_record", "write_bench", "write_record"]


@dataclass(frozen=True)
class Made:
    """A record that follows from evidence, and is not written yet."""

    record: Record
    """The record."""
    files: Mapping[str, bytes]
    """Its evidence by path."""
    content: bytes
    """The evidence, packed."""
    plots: Mapping[str, str]
    """Pictures of the benchmark, by file name."""

    def write(self, records: Path) -> RecordFiles:
        """Write its three files and the pictures into a folder of records."""
        paths = RecordFiles.of(records, self.record.id)
        paths.write(render_with(self.record, self.files), record_json(self.record), self.content, self.plots)
        return paths


def make_record(
    evidence: Mapping[str, bytes],
    assembly: Assembly,
    keep: Callable[[Score], None] = lambda _: None,
    hiding: Hiding | None = None,
) -> Made:
    """Derive the record that evidence supports, once what must not travel is taken out of it.

    Args:
        evidence: files by path; what names a record in it is replaced, and so is a template that is not the plan's.
        assembly: what names it.
        keep: told of each score, in the order of the trials.
        hiding: what is left out of the evidence; None leaves out secrets in their well-known forms.

    Raises:
        InputError: a journal has a line that cannot be read, or a file that digests are made of holds what must not
            travel.
        MismatchError: the files do not belong together.
    """
    whole = {
        **_read(evidence),
        "assembly.json": to_json(assembly).encode(),
        TEMPLATE_MEMBER: _template(evidence),
    }
    files, told = left_out(whole, hiding or Hiding(), keep)
    files[MANIFEST] = manifest_of(files)
    content = pack(files)
    name = RecordFiles.of(Path(), f"{assembly.number:04d}-{assembly.slug}").evidence.name
    plots: dict[str, str] = {}
    keep = (lambda _: None) if told else keep
    record = derive(files, evidence_of(name, content, files), keep, plots.__setitem__)
    return Made(record, files, content, plots)


def _read(evidence: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files that deriving reads: what else lies in the run's folder stays there."""
    plan = Plan.model_validate_json(evidence["plan.json"])
    known = members_of(plan, Run.model_validate_json(evidence["run.json"])) - {MANIFEST}
    return {path: content for path, content in evidence.items() if path in known}


def _template(evidence: Mapping[str, bytes]) -> bytes:
    """Return the template of the page: the plan's own, or the one that is shipped for the plan's language."""
    settings = Plan.model_validate_json(evidence["plan.json"]).record
    if settings.template is not None:
        return evidence[TEMPLATE_MEMBER]
    return (shipped_folder() / TEMPLATES[settings.language]).read_bytes()


def write_record(folder: RunFolder, run: Run, out: Path, hiding: Hiding | None = None) -> tuple[Record, RecordFiles]:
    """Derive the record from what is on disk and write its three files, and the scores into the run's folder.

    Args:
        folder: the run.
        run: what its `run.json` says.
        out: folder that gets `records/`.
        hiding: what is left out of the evidence; None leaves out secrets in their well-known forms.

    Raises:
        InputError: a journal has a line that cannot be read.
        MismatchError: the files of the run do not belong together.
    """
    plan = Plan.model_validate_json((folder.path / "plan.json").read_bytes())
    # Deriving takes a while: another run that ends meanwhile must not take the same number.
    with numbered(out / "records") as number:
        assembly = Assembly(
            number=number,
            slug=plan.use_case.id.lower(),
            date=(run.ended or run.started)[:10],
            assay_version=assay.__version__,
            record_format="assay/record/v2",
        )
        with folder.writing_lines("scores.jsonl") as write_line:

            def keep(score: Score) -> None:
                write_line(score.model_dump_json())

            made = make_record(folder.evidence(), assembly, keep, hiding)
        folder.write("findings.json", _list_json([to_json(finding) for finding in made.record.findings]))
        folder.write_noun("verdict.json", made.record.verdict)
        write_bench(folder, made.record.bench, made.plots)
        paths = made.write(out / "records")
        keep_index(out / "records")
        return made.record, paths


def write_bench(folder: RunFolder, cells: Sequence[BenchCell], pictures: Mapping[str, str]) -> None:
    """Write what a benchmark came to into the run's folder: a table where there are figures, and the pictures."""
    if cells:
        write_csv(cells, folder.path / "bench.csv")
    for name, picture in pictures.items():
        folder.write(f"plots/{name}", picture)


def _list_json(items: list[str]) -> str:
    return "[\n" + ",\n".join(item.rstrip("\n") for item in items) + "\n]\n"
