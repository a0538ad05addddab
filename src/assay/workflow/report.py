"""How does a verdict reach the surfaces of a build: which reports are wanted, and where is each written?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assay.errors import InputError, Problem, ServerError
from assay.gate import specs_of
from assay.record.reports import REPORTERS, Places, Weighed
from assay.suite import Folders, load_plan, load_policy
from assay.workflow.finished import Finished
from assay.workflow.shipped import shipped_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from assay.record.store import RecordFiles
    from assay.schema.record import Record
    from assay.schema.suite import Gate

__all__ = [
    "WantedReport",
    "lines_of_file",
    "lines_of_plan",
    "lines_of_policy",
    "nowhere",
    "reports_wanted",
    "write_reports",
]

_ROOTS = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR")
"""Variables in which GitHub and GitLab say where the repository lies."""


@dataclass(frozen=True)
class WantedReport:
    """One report that is asked for."""

    format: str
    """Its name among the formats."""
    file: Path
    """Where it is written."""
    is_added: bool
    """Whether the file is added to, because it belongs to the build server."""


def reports_wanted(texts: Sequence[str], environment: Mapping[str, str]) -> tuple[WantedReport, ...]:
    """Return the reports that options ask for, each written `FORMAT=FILE`, or `github` alone.

    Raises:
        InputError: with every problem at once. Slug `unknown-format` for a format that there is not, `bad-report` for
            one that has no file to go to, or one that cannot be written.
    """
    wanted: list[WantedReport] = []
    problems: list[Problem] = []
    for text in texts:
        try:
            wanted.append(_wanted(text, environment, wanted))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(*problems)
    return tuple(wanted)


def _wanted(text: str, environment: Mapping[str, str], earlier: Sequence[WantedReport]) -> WantedReport:
    name, _, file = text.partition("=")
    reporter = REPORTERS.get(name)
    if reporter is None:
        message = f"there is no format {name[:60]!r} to report in"
        raise InputError(Problem("unknown-format", message, f"There are: {', '.join(REPORTERS)}."))
    is_added = not file and reporter.variable is not None
    if not file and reporter.variable is not None:
        file = environment.get(reporter.variable, "")
        if not file:
            message = f"the report {name} goes to the file that {reporter.variable} names, and that is not set"
            raise _refused(message, f"Use it in a build, or write --report {name}=FILE.")
    if not file:
        raise _refused(f"the report {name} has no file to go to", f"Write --report {name}=FILE.")
    path = Path(file)
    if path.is_dir():
        raise _refused(f"the report {name} would go to a folder", "Name a file.", file)
    if path.resolve() in {own.file.resolve() for own in earlier}:
        raise _refused("two reports would go to one file", "Give each its own.", file)
    return WantedReport(name, path, is_added)


def _refused(message: str, remedy: str, file: str | None = None) -> InputError:
    return InputError(Problem("bad-report", message, remedy, file))


def nowhere(_condition: str) -> tuple[str, int] | None:
    """Know no place: reports then name the record."""
    return None


def lines_of_policy(
    policy: Gate, line_of: Callable[[int], tuple[str | None, int | None]]
) -> Callable[[str], tuple[str, int] | None]:
    """Return what finds file and line of a condition by its id.

    Args:
        policy: the conditions.
        line_of: returns file, as it is found from here, and line of the condition with an index.
    """
    places = {spec.id or spec.condition: line_of(index) for index, spec in enumerate(specs_of(policy))}

    def locate(condition: str) -> tuple[str, int] | None:
        file, line = places.get(condition, (None, None))
        return (file, line or 1) if file is not None else None

    return locate


def lines_of_file(policy: Path) -> Callable[[str], tuple[str, int] | None]:
    """Return what finds file and line of a condition in a policy file; one that cannot be read any more has none."""
    try:
        loaded = load_policy(policy, Folders(policy.parent, shipped_folder()))
    except InputError:
        return nowhere
    return lines_of_policy(loaded.policy, loaded.condition_line)


def lines_of_plan(
    path: Path, record: Record, environment: Mapping[str, str]
) -> Callable[[str], tuple[str, int] | None]:
    """Return what finds file and line of a condition in a plan, or in the policy file that the plan names.

    A plan that cannot be read any more, or is not the one of the record, has no lines to point at.
    """
    try:
        loaded = load_plan(path, shipped=shipped_folder(), environment=environment)
    except InputError:
        return nowhere
    if loaded.plan.digest() != record.plan_digest:
        return nowhere

    def line_of(index: int) -> tuple[str | None, int | None]:
        file, line = loaded.condition_line(index)
        return (file if file == loaded.document.file else str(loaded.folders.find(file))), line

    return lines_of_policy(loaded.plan.gate, line_of)


def write_reports(
    record: Record,
    wanted: Sequence[WantedReport],
    locate: Callable[[str], tuple[str, int] | None],
    environment: Mapping[str, str],
    lies: RecordFiles | Finished,
) -> list[str]:
    """Write all reports of a record, and return lines for the log of the build.

    Args:
        record: the record; its verdict changes nothing about what is written.
        wanted: which reports.
        locate: returns file and line that define the condition of an id, as `lines_of_policy` does.
        environment: variables, which say where the repository lies; without them it is the current folder.
        lies: where the record lies; where it is not kept, what was weighed, which reports name then.

    Raises:
        ServerError: slug `report-not-written`, for each that could not be written; all others are.
    """
    root = Path(next((environment[name] for name in _ROOTS if environment.get(name)), "")).resolve()

    def from_root(condition: str) -> tuple[str, int] | None:
        place = locate(condition)
        file = _within(place[0], root) if place is not None else None
        return (file, place[1]) if place is not None and file is not None else None

    path = lies.path if isinstance(lies, Finished) else lies.json
    places = Places(_within(path, root) or path.resolve().name, from_root, _weighed(lies))
    notes: list[str] = []
    problems: list[Problem] = []
    for report in wanted:
        reporter = REPORTERS[report.format]
        try:
            _write(report, reporter.write(record, places))
        except OSError as error:
            message = f"the report {report.format} cannot be written: {error.strerror}"
            kept = "the record is there all the same" if places.weighed is None else "there is no record of this either"
            remedy = f"Name a file that can be written; {kept}."
            problems.append(Problem("report-not-written", message, remedy, str(report.file)))
        if reporter.notes is not None:
            notes += reporter.notes(record, places)
    if problems:
        raise ServerError(*problems)
    return notes


def _weighed(lies: RecordFiles | Finished) -> Weighed | None:
    """Return what was weighed where the record is not kept, else None."""
    if not isinstance(lies, Finished):
        return None
    return Weighed("run" if lies.evidence_sha256 is None else "record", lies.name, lies.evidence_sha256)


def _within(file: str | Path, root: Path) -> str | None:
    """Return the path of a file from a folder that it lies in; None where it lies elsewhere."""
    path = Path(file).resolve()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else None


def _write(report: WantedReport, text: str) -> None:
    """Write a report whole or not at all; to what belongs to the build server it is added."""
    content = text.encode()
    if report.is_added:
        with report.file.open("ab") as file:
            file.write(content)
        return
    report.file.parent.mkdir(parents=True, exist_ok=True)
    draft = report.file.with_name(report.file.name + ".part")
    try:
        draft.write_bytes(content)
        draft.replace(report.file)
    finally:
        draft.unlink(missing_ok=True)
