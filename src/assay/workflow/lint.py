"""Can the suites of a folder or a plan be trusted, what can so few cases show, and are records as people left them?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from assay.gate import wilson
from assay.gate.foresight import DISCORDANCE
from assay.gate.power import smallest_paired_difference
from assay.schema._base import Noun, digest_of
from assay.scoring import check_scorers
from assay.scoring.lint import LintFinding, lint_suite
from assay.suite import Folders, load_labels, load_suite
from assay.workflow.forecast import as_independent, forecasts_of
from assay.workflow.idle_waivers import idle_waivers
from assay.workflow.lint_records import LintedRecords, lint_records, records_target
from assay.workflow.prepare import prepare
from assay.workflow.shipped import shipped_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from assay.gate.foresight import Forecast
    from assay.schema._base import JsonValue
    from assay.schema.suite import Suite
    from assay.scoring.lint import Level
    from assay.workflow.prepare import Prepared

__all__ = ["Linted", "LintedLabels", "LintedSuite", "lint_target", "targets_of"]

_RATE: Final = 0.9
_CONFIDENCE: Final = 0.95
_BOM: Final = b"\xef\xbb\xbf"
_LABELS: Final = "labels.jsonl"
_LEVELS: Final = ("error", "warning", "note")


class LintedSuite(Noun):
    """What was found in one suite."""

    name: str
    """The suite as the user called it."""
    id: str
    """Its id."""
    version: str
    """Its version."""
    cases: int
    """How many cases it has."""
    suite_digest: str
    """SHA-256 of the suite."""
    scorers_digest: str
    """SHA-256 of the scorers of all its cases, by case id: how answers are judged, whatever is asked."""
    findings: tuple[LintFinding, ...]
    """All that was found: errors, warnings, notes, each in the order of the file."""


class LintedLabels(Noun):
    """A labels file, which is for `assay calibrate` and has no findings: it is sound, or it is not read at all."""

    name: str
    """The file as the user called it."""
    passed: int
    """Answers that people call good enough."""
    failed: int
    """Answers that people call not good enough."""


class Linted(Noun):
    """What was found in all suites of a target."""

    suites: tuple[LintedSuite, ...]
    """One entry a suite, in the plan's order."""
    gate: tuple[LintFinding, ...] = ()
    """What a plan's load can show of its conditions, and which waivers lift nothing."""
    labels: LintedLabels | None = None
    """The labels file, where the target is one in place of suites."""
    records: LintedRecords | None = None
    """The records, where the target is one of them or a folder of them."""


class _Place(NamedTuple):
    """Where a suite's cases stand."""

    name: str
    settings: str
    """File that the suite's own settings stand in."""
    cases: str
    """File of its cases."""
    path: Path


def targets_of(paths: Sequence[Path]) -> tuple[Path, ...]:
    """Return what several names mean, each once: a suite or a record may be called by its folder or files in it.

    Several records of one folder are looked at with all of it: what they have in common is then told once.
    """
    named: dict[Path, Path] = {}
    for path in paths:
        records = records_target(path)
        if records is None:
            named.setdefault(_suite_of(path), _suite_of(path))
        else:
            first = named.setdefault(records.folder, path)
            if records_target(first) != records:
                named[records.folder] = records.folder
    return tuple(named.values())


def _suite_of(path: Path) -> Path:
    """Return the folder of a suite that one of its two files names, or else what was named."""
    own = path.name == "suite.yaml" or (path.name == "cases.jsonl" and _exists(path.with_name("suite.yaml")))
    return path.parent if own else path


def lint_target(target: Path, environment: Mapping[str, str], today: date) -> Linted:
    """Look at one suite, a folder or a JSONL file, at all suites of a plan, at a labels file, or at records.

    Args:
        target: the suite, as it lies here or among those that Assay ships, a plan, a record, or a folder of records.
        environment: variables that a plan may name.
        today: the day by which waivers and acceptances have expired, in UTC.

    Raises:
        InputError: the target cannot be read, or is not sound enough to be looked at.
    """
    records = records_target(target)
    if records is not None:
        return Linted(suites=(), records=lint_records(records, str(target), today))
    target = _suite_of(target)
    name = str(target)
    path = target if _exists(target) else Folders(Path(), shipped_folder(), "").find(name)
    if path.is_dir() and not (path / "suite.yaml").exists() and (path / _LABELS).exists():
        path, name = path / _LABELS, f"{name}/{_LABELS}"
    if path.name == _LABELS:
        return Linted(suites=(), labels=_linted_labels(path, name))
    if path.is_dir() or path.suffix == ".jsonl":
        suite = load_suite(path, name, check_scorers, within=_here(path))
        return Linted(suites=(_linted(suite, _place(path, name), ()),))
    return _linted_plan(prepare(path, environment), today)


def _linted_labels(path: Path, name: str) -> LintedLabels:
    labels, _ = load_labels(path)
    passed = sum(label.label == "passed" for label in labels)
    return LintedLabels(name=name, passed=passed, failed=len(labels) - passed)


def _here(path: Path) -> Path | None:
    """Return the folder that a plan beside the suite would lie in: the one that Assay was called from."""
    return Path() if path.resolve().is_relative_to(Path.cwd()) else None


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False  # no file system takes such a name


def _linted_plan(prepared: Prepared, today: date) -> Linted:
    forecasts = forecasts_of(prepared)
    found = []
    for spec, suite in zip(prepared.plan.suites, prepared.suites, strict=True):
        name = spec.path or spec.cases or suite.id
        place = _place(prepared.loaded.folders.find(name), name)
        own = tuple(_foreseen(each, prepared) for each in forecasts if _is_of(each.scope, suite.id))
        found.append(_linted(suite, place, own))
    loads = [own for own in forecasts if own.scope.startswith("bench:")]
    gate = (*(_foreseen(own, prepared) for own in loads), *idle_waivers(prepared, today))
    return Linted(suites=tuple(found), gate=gate)


def _is_of(scope: str, suite: str) -> bool:
    return scope == f"suite:{suite}" or scope.startswith((f"suite:{suite}#", f"suite:{suite}/"))


def _foreseen(own: Forecast, prepared: Prepared) -> LintFinding:
    """Return what a condition takes to be met with what a run asks."""
    file, line = prepared.loaded.condition_line(own.index)
    message = f"condition '{own.condition}' {own.message}"
    if own.can == "never":
        level: Level = "error" if own.severity == "block" else "warning"
        return LintFinding(kind="unprovable", level=level, file=file, line=line, message=message, remedy=own.remedy)
    return LintFinding(kind="power", level="note", file=file, line=line, message=message, remedy=own.remedy)


def _place(path: Path, name: str) -> _Place:
    if path.is_dir():
        return _Place(name, f"{name}/suite.yaml", f"{name}/cases.jsonl", path / "cases.jsonl")
    return _Place(name, name, name, path)


def _linted(suite: Suite, place: _Place, more: tuple[LintFinding, ...]) -> LintedSuite:
    lines = dict(zip((case.id for case in suite.cases), _lines(place.path), strict=False))
    own = [_placed(finding, place, lines) for finding in (*lint_suite(suite), *_alone(suite))]
    findings = sorted((*own, *more), key=lambda f: (_LEVELS.index(f.level), f.line or 0))
    scorers: dict[str, JsonValue] = {
        case.id: [spec.model_dump(mode="json") for spec in suite.scorers_of(case)] for case in suite.cases
    }
    return LintedSuite(
        name=place.name,
        id=suite.id,
        version=suite.version,
        cases=len(suite.cases),
        suite_digest=suite.digest(),
        scorers_digest=digest_of(scorers),
        findings=tuple(findings),
    )


def _lines(path: Path) -> Iterator[int]:
    """Yield the line of each case: the lines that are not blank."""
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if line.removeprefix(_BOM if number == 1 else b"").strip():
                yield number


def _placed(finding: LintFinding, place: _Place, lines: Mapping[str, int]) -> LintFinding:
    if finding.case is None:
        return finding.model_copy(update={"file": place.settings})
    return finding.model_copy(update={"file": place.cases, "line": lines.get(finding.case)})


def _alone(suite: Suite) -> Iterator[LintFinding]:
    """Yield what the number of cases, or of their sources, allows to be seen, whatever the gate asks.

    Cases of one source may all come out alike, so that many of them are sure to show no more than one.
    """
    own = as_independent(suite.cases)
    n, related = own.groups, own.groups < own.cases
    low, high = wilson(round(_RATE * n), n, _CONFIDENCE)
    drop = smallest_paired_difference(n, DISCORDANCE, _CONFIDENCE)
    seen = (
        f"a drop of {_points(drop)} points or more is seen"
        if drop is not None
        else f"no drop within {100 * DISCORDANCE:g} points is seen"
    )
    many = f"{own.cases} case{'s' if own.cases > 1 else ''}"
    if related:
        many += f" of {n} source{'s' if n > 1 else ''}, each of which counts once,"
    message = (
        f"with {many} a pass rate near {100 * _RATE:g} % is known to within "
        f"{_points((high - low) / 2)} points (95 % Wilson), and between two candidates {seen} with 80 % power where "
        f"{100 * DISCORDANCE:g} % of the cases come out differently"
    )
    remedy = f"Add cases{' of other sources' if related else ''} to see smaller differences."
    yield LintFinding(kind="power", level="note", message=message, remedy=remedy)


def _points(share: float) -> str:
    return f"{100 * share:.1f}"
