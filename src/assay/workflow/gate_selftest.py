"""Would the gate notice if policy, evidence or record were worse than they look: what `assay gate selftest` does?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.gate import specs_of
from assay.gate.selftest import changes_of
from assay.gate.selftest.result import SelfTest
from assay.workflow.gating import subjects_of
from assay.workflow.shipped import shipped_folder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["self_test"]

_DEMO = "templates/demo/plan.yaml"
_PLANS = {".yaml", ".yml"}


def self_test(path: Path | None, environment: Mapping[str, str]) -> SelfTest:
    """Return what comes of changes of a policy, of evidence made up for it and, where there is one, of a record.

    Args:
        path: a plan, or one of a record's files or their stem; None takes the demo's plan.
        environment: environment variables, for the plan.

    Raises:
        InputError: the plan has problems, or there is no such record.
        MismatchError: the record's evidence does not belong together.
    """
    if path is not None and path.suffix not in _PLANS:
        return _of_record(path)
    from assay.workflow.prepare import prepare

    prepared = prepare(path or shipped_folder() / _DEMO, environment)
    policy = prepared.plan.gate
    subjects = subjects_of(prepared.plan, policy, prepared.suites, prepared.checklist)
    changes = changes_of(specs_of(policy), subjects, prepared.checklist.items)
    return SelfTest(policy=str(path or _DEMO), changes=tuple(changes))


def _of_record(path: Path) -> SelfTest:
    from assay.record.bundle import read_zip, unpack
    from assay.record.store import RecordFiles
    from assay.workflow.evidence import read_inputs
    from assay.workflow.forgeries import record_changes

    files = RecordFiles.beside(path)
    inputs = read_inputs(unpack(read_zip(files.evidence), files.evidence.name))
    subjects = subjects_of(inputs.plan, inputs.policy, inputs.suites, inputs.checklist)
    changes = changes_of(specs_of(inputs.policy), subjects, inputs.checklist.items)
    return SelfTest(policy=str(path), changes=(*changes, *record_changes(files)))
