"""What does a finished run or a record come to under its own policy, or under another one, asked of no model?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import assay
from assay.errors import InputError
from assay.gate import check_conditions, specs_of
from assay.record.run_folder import RunFolder, to_json
from assay.record.store import numbered
from assay.schema.record import Assembly
from assay.suite import Folders, load_policy, load_waivers, waivers_of
from assay.workflow.conclude import make_record
from assay.workflow.earlier import baseline_from, baseline_problems, load_baseline
from assay.workflow.evidence import BASELINE_FILE, POLICY_FILE, WAIVERS_FILE
from assay.workflow.finished import finished
from assay.workflow.gating import subjects_of
from assay.workflow.hiding import Hiding, hiding_of, keys_of
from assay.workflow.prepare import tried
from assay.workflow.records import keep_index
from assay.workflow.shipped import shipped_folder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assay.errors import Problem
    from assay.record.store import RecordFiles
    from assay.schema._base import Noun
    from assay.schema.baseline import Baseline
    from assay.schema.record import Record
    from assay.schema.suite import Gate, Waivers
    from assay.suite import LoadedPolicy
    from assay.workflow.evidence import Inputs
    from assay.workflow.finished import Finished

__all__ = ["Decided", "Instead", "decide"]


Part = Literal["policy", "waivers", "baseline"]
_FILES: Final[dict[Part, str]] = {"policy": POLICY_FILE, "waivers": WAIVERS_FILE, "baseline": BASELINE_FILE}


@dataclass(frozen=True)
class Instead:
    """What takes the place of what the run was begun with."""

    policy: Path | None = None
    """A policy file; with it the waivers and the baseline that it names, or none."""
    waivers: Path | None = None
    """A waivers file."""
    baseline: str | None = None
    """An earlier record, by one of its files or their stem, and `#candidate` where it decides on several."""
    transcripts: bool = True
    """Whether prompts and answers go into the evidence of the new record, where they are not left out already."""


@dataclass(frozen=True)
class Decided:
    """What deciding came to."""

    source: Finished
    """What was weighed."""
    record: Record
    """The record."""
    files: RecordFiles | None
    """Where it was written, or None when it was only asked for."""

    @property
    def answered(self) -> int:
        """Trials that got an answer, of all candidates."""
        return sum(candidate.completed for candidate in self.record.candidates)


def decide(
    source: Path, instead: Instead, today: str, out: Path | None, environment: Mapping[str, str] | None = None
) -> Decided:
    """Weigh the evidence of a run or a record again.

    Args:
        source: a run by its id or folder, or a record by one of its files or their stem.
        instead: what takes the place of what the run was begun with.
        today: day of the decision, `YYYY-MM-DD` in UTC: attestations and waivers expire by it.
        out: folder that gets `records/` with a new record; None writes nothing.
        environment: environment variables, for the values of keys that must not travel; None for none.

    Raises:
        InputError: there is no such run or record, the run is not finished, or the policy, the waivers or the baseline
            cannot be read or ask about what was not measured.
        MismatchError: a record does not verify, or the files of the run do not belong together.
    """
    own = finished(source)
    inputs = own.inputs()
    policy, replaced = (_kept if instead.policy is None else _exchanged)(instead, inputs)
    # What neither was there nor takes a place was not replaced.
    replaced = {name: noun for name, noun in replaced.items() if noun is not None or _FILES[name] in own.files}
    files = {path: content for path, content in own.files.items() if path not in {_FILES[name] for name in replaced}}
    files |= {_FILES[name]: to_json(noun).encode() for name, noun in replaced.items() if noun is not None}
    before = inputs.assembly
    assembly = Assembly(
        number=0,
        slug=inputs.plan.use_case.id.lower(),
        date=today,
        policy_file=policy.name if policy is not None else before.policy_file,
        waivers_file=_waivers_file(instead, before),
        decided_with=tuple(name for name in _FILES if name in {*replaced, *before.decided_with}),
        assay_version=assay.__version__,
        record_format="assay/record/v2",
    )
    hiding = _hiding(own, instead, inputs, environment or {})
    if out is None:
        return Decided(own, make_record(files, assembly, hiding=hiding).record, None)
    with numbered(out / "records") as number:
        made = make_record(files, assembly.model_copy(update={"number": number}), hiding=hiding)
        paths = made.write(out / "records")
        keep_index(out / "records")
        return Decided(own, made.record, paths)


def _hiding(own: Finished, instead: Instead, inputs: Inputs, environment: Mapping[str, str]) -> Hiding:
    """Return what is left out of the evidence; of a record the organization's patterns took out theirs before."""
    if own.evidence_sha256 is None:
        return hiding_of(RunFolder.existing(own.path), environment, transcripts=instead.transcripts)
    transcripts = instead.transcripts and inputs.plan.record.transcripts
    return Hiding(transcripts=transcripts, keys=keys_of(inputs.plan, environment))


def _kept(instead: Instead, inputs: Inputs) -> tuple[None, dict[Part, Noun | None]]:
    """Return what takes the place of which part of the evidence while the policy stays."""
    replaced: dict[Part, Noun | None] = {}
    if instead.waivers is not None:
        replaced["waivers"] = load_waivers(instead.waivers, str(instead.waivers))
    if instead.baseline is not None:
        policy, replaced["baseline"] = _against(instead.baseline, inputs.policy, inputs)
        replaced["policy"] = policy
    return None, replaced


def _exchanged(instead: Instead, inputs: Inputs) -> tuple[Path, dict[Part, Noun | None]]:
    """Return the policy's file, and what takes the place of which part: the waivers and the baseline go with it.

    Raises:
        InputError: every problem that was found, each with its line.
    """
    path = instead.policy or Path()
    loaded = load_policy(path, Folders(path.parent, shipped_folder(), "policy"))
    policy, baseline = loaded.policy, None
    problems: list[Problem] = []
    if instead.baseline is None:
        problems += baseline_problems(inputs.plan, loaded)
    waivers = tried(lambda: _waivers(instead, loaded), problems)
    if instead.baseline is not None:
        policy, baseline = _against(instead.baseline, policy, inputs)
    elif not problems:
        baseline = tried(lambda: load_baseline(loaded, inputs, run=inputs.run.id), problems)
    known = subjects_of(inputs.plan, policy, inputs.suites, inputs.checklist)
    tried(lambda: check_conditions(specs_of(policy), known, loaded.condition_line), problems)
    if problems:
        raise InputError(*problems)
    return path, {"policy": policy, "waivers": waivers, "baseline": baseline}


def _waivers_file(instead: Instead, before: Assembly) -> str | None:
    """Return the name of the waivers file; another policy brings its own waivers, in the place of an earlier one."""
    if instead.waivers is not None:
        return instead.waivers.name
    return before.waivers_file if instead.policy is None else None


def _waivers(instead: Instead, loaded: LoadedPolicy) -> Waivers | None:
    if instead.waivers is not None:
        return load_waivers(instead.waivers, str(instead.waivers))
    return waivers_of(loaded)


def _against(named: str, policy: Gate, inputs: Inputs) -> tuple[Gate, Baseline]:
    """Return a policy that compares with an earlier record, and what the record's candidate did."""
    baseline = baseline_from(named, policy, inputs, run=inputs.run.id)
    # By its id: where it lies is no business of whoever reads the new record.
    return policy.model_copy(update={"baseline": f"{baseline.record}.json#{baseline.candidate}"}), baseline
