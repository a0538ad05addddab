"""Which runtimes fit the context of a plan, by what it says and by what a run measured?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import assay
from assay.readiness.advice import advise
from assay.schema.record import Assembly, Record
from assay.suite import load_plan
from assay.workflow.conclude import make_record
from assay.workflow.finished import finished
from assay.workflow.shipped import shipped_folder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from assay.readiness.advice import Advice
    from assay.workflow.finished import Finished

__all__ = ["advise_on"]


def advise_on(plan: Path, run: Path | None, environment: Mapping[str, str]) -> Advice:
    """Return advice on a plan; nothing is asked of a server and nothing is written.

    Args:
        plan: the plan's YAML file.
        run: a run by its id or folder, or a record, whose measurements count; None for none.
        environment: environment variables that the plan names; keys need not be set.

    Raises:
        InputError: the plan cannot be read, or there is no such run or record, or it is not finished.
        MismatchError: the record does not verify, or the files of the run do not belong together.
    """
    loaded = load_plan(plan, shipped=shipped_folder(), environment=environment, keys_needed=False)
    if run is None:
        return advise(loaded.plan)
    own = finished(run)
    return advise(loaded.plan, _record(own), own.name)


def _record(own: Finished) -> Record:
    """Return a record as it stands, or what a run comes to on the day on which it ended."""
    if own.evidence_sha256 is not None:
        return Record.model_validate_json(own.path.read_bytes())
    inputs = own.inputs()
    assembly = Assembly(
        number=0,
        slug=inputs.plan.use_case.id.lower(),
        date=(inputs.run.ended or inputs.run.started)[:10],
        assay_version=assay.__version__,
        record_format="assay/record/v2",
    )
    return make_record(own.files, assembly).record
