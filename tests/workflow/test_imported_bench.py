"""Does a run keep what other benchmark tools measured, and is it found when that was changed?"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assay.bench.importing import read_benchmark
from assay.record.run_folder import RunFolder
from assay.schema.bench import ImportedBenchmark
from assay.workflow.evidence import read_inputs
from tests.fakes import plan_of, serving

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes import Said, Workplace

    Assay = Callable[..., Said]

FILES = Path(__file__).resolve().parents[1] / "bench" / "importing" / "files"
IMPORTS = [
    {"candidate": "adder", "path": "guidellm.json"},
    {"candidate": "adder", "path": "load.json", "format": "vllm"},
]


def write(place: Workplace, base_url: str, imports: list[dict] | None = None) -> None:
    """Write a plan that names two outputs of other tools, and those beside it."""
    place.write(
        plan_of(
            base_url,
            bench={"profiles": ["short"], "self_test": False, "imports": IMPORTS if imports is None else imports},
        )
    )
    shutil.copyfile(FILES / "guidellm.json", place.folder / "guidellm.json")
    shutil.copyfile(FILES / "vllm.json", place.folder / "load.json")


def test_a_run_keeps_what_was_imported(assay: Assay, place: Workplace) -> None:
    """Each import is stored as a noun, its digest stands in run.json, and a file that changes ends a resumed run."""
    with serving() as server:
        write(place, server.base_url)
        assert assay("eval", place.plan, "--out", place.out).code == 0
        kept = [ImportedBenchmark.model_validate(place.json(f"imported/{number}.json")) for number in (1, 2)]
        assert kept == [read_benchmark(FILES / "guidellm.json", None), renamed(FILES / "vllm.json", "load.json")]
        assert place.json("run.json")["imported_digests"] == {"1": kept[0].digest(), "2": kept[1].digest()}
        shutil.copyfile(FILES / "aiperf.json", place.folder / "guidellm.json")
        said = assay("eval", place.plan, "--out", place.out, "--resume", place.run)
    assert said.code == 2
    assert "was begun with other imported benchmarks" in said.err


def renamed(path: Path, name: str) -> ImportedBenchmark:
    return read_benchmark(path, None).model_copy(update={"file": name})


def test_evidence_gives_them_back(assay: Assay, place: Workplace) -> None:
    """They are read with the candidates that they belong to; one that was changed is found."""
    with serving() as server:
        write(place, server.base_url)
        assay("eval", place.plan, "--out", place.out)
    files = RunFolder.existing(place.run).evidence()
    files["assembly.json"] = b'{"number": 1, "slug": "a", "date": "2026-01-02", "assay_version": "1"}'
    assert [(who, own.tool) for who, own in read_inputs(files).imported] == [("adder", "guidellm"), ("adder", "vllm")]
    changed = place.run / "imported" / "2.json"
    changed.write_text(changed.read_text("utf-8").replace("0.0194345", "0.0094345"), encoding="utf-8")
    said = assay("score", place.run)
    assert said.code == 1
    assert "an imported benchmark is not the one of the run" in said.err


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        (
            {"candidate": "nobody"},
            "error[unknown-candidate]: plan.yaml:6: the import 'guidellm.json' names the candidate",
        ),
        ({"path": "none.json"}, "error[no-such-file]: plan.yaml:6: there is no file or folder 'none.json'"),
        ({"path": "../x.json"}, "error[path-outside]: plan.yaml:6: "),
        ({"format": "k6"}, "error[unknown-format]: plan.yaml:6: there is no benchmark format 'k6'"),
        ({"format": "aiperf"}, "error[bad-import]: guidellm.json: there is not one figure of aiperf in it"),
        ({"path": "sums.jsonl"}, "error[unknown-format]: sums.jsonl: the file looks like no benchmark"),
        ({"paths": "x"}, "error[unknown-key]: plan.yaml:6: "),
    ],
)
def test_what_a_plan_may_not_name(assay: Assay, place: Workplace, spec: dict, said: str) -> None:
    """A candidate, file or format that is not there is told with the plan's line; a bad file with its own name."""
    write(place, "http://127.0.0.1:9/v1", [{**IMPORTS[0], **spec}])
    errors = assay("eval", "plan.yaml", "--out", place.out).errors
    assert len(errors) == 1
    assert errors[0].startswith(said)
    assert not place.out.exists()
