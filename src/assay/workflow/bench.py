"""What does `assay bench` do: send only the load of a plan, and say what the figures are and how good?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from assay.bench.results import results_of
from assay.gate import order_statistic_ranks
from assay.schema.suite import Plan
from assay.workflow.conclude import write_bench
from assay.workflow.evidence import read_bench
from assay.workflow.run import take_run
from assay.workflow.self_test import measure_client
from assay.workflow.stages import run_async

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from assay.schema.bench import BenchCell, ClientError, Ladder
    from assay.workflow.wishes import Surroundings, Wishes

__all__ = ["Benched", "bench_plan", "test_client"]


@dataclass(frozen=True)
class Benched:
    """What a benchmark came to."""

    folder: Path
    """The run's folder."""
    cells: tuple[BenchCell, ...]
    """Figures of each measurement."""
    ladders: tuple[Ladder, ...]
    """What concurrencies say together."""
    clients: tuple[ClientError, ...]
    """The client's own error."""
    plots: tuple[Path, ...]
    """Pictures, in the run's folder."""


def bench_plan(plan_path: Path, out: Path, surroundings: Surroundings, wishes: Wishes) -> Benched:
    """Send the load of a plan, and no case; the run can be gone on with by `assay run --resume`.

    Args:
        plan_path: the plan.
        out: folder that gets `runs/`.
        surroundings: clock, environment, chance, and who watches.
        wishes: what to do beside what the plan says.

    Raises:
        InputError: the plan or a file it names is wrong or asks for no benchmark; a server refuses key or model name.
        ServerError: a server cannot be reached or started, or went away.
    """
    folder = take_run(plan_path, out, surroundings, replace(wishes, load_only=True)).folder
    files = folder.evidence()
    stored = read_bench(files, Plan.model_validate_json(files["plan.json"]))
    results = results_of(stored, order_statistic_ranks)
    write_bench(folder, results.cells, results.pictures)
    plots = tuple(folder.path / "plots" / name for name in results.pictures)
    return Benched(folder.path, results.cells, results.ladders, stored.clients, plots)


def test_client(concurrencies: Sequence[int], surroundings: Surroundings) -> tuple[ClientError, ...]:
    """Measure the client alone, against the server with known times.

    Args:
        concurrencies: streams at once.
        surroundings: chance, and who watches.

    Raises:
        ServerError: that server did not start.
    """
    return run_async(measure_client(concurrencies, progress=surroundings.progress, salt=surroundings.salt))
