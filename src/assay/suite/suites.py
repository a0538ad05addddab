"""Which cases does the plan ask, and is each of them sound?"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from pydantic import JsonValue, ValidationError

from assay.errors import InputError, Problem
from assay.schema.suite import Case, Rubric, Suite
from assay.suite.documents import Document, flaw_of, load_noun, problems_of, read_yaml
from assay.suite.paths import inner_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from assay.schema.suite import SuiteSpec
    from assay.suite.plan import LoadedPlan

    CheckCase = Callable[[Suite, Case], list[tuple[str, str, str]]]
    Flaw = tuple[str, str, str, tuple[str | None, int | None] | None]

__all__ = ["load_rubrics", "load_suite", "load_suites"]

_OF_THE_SUITE = frozenset({"unknown-scorer", "unknown-option", "bad-option", "duplicate-scorer", "missing-rubric"})
"""Mistakes in how a scorer is written, whatever the case."""
_MOST_LINE_BYTES = 4 << 20
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
"""Ids of suites name files of the run and stand in conditions, as those of candidates and judges do."""
_BOM = b"\xef\xbb\xbf"
_BARE_RETURN = re.compile(rb"\r(?!\n)")
_MOST_DIGITS = 400
"""No number of so many digits is one that a JSON reader keeps, whatever follows."""


def load_suites(loaded: LoadedPlan, check: CheckCase) -> tuple[Suite, ...]:
    """Read every suite of a plan.

    Args:
        loaded: the plan with its folders.
        check: says what is wrong with a case's scorers, as (slug, message, remedy); the scoring room's word.

    Raises:
        InputError: every problem of every suite.
    """
    suites: list[Suite] = []
    problems: list[Problem] = []
    for index, spec in enumerate(loaded.plan.suites):
        try:
            suites.append(_from_spec(spec, loaded, check))
        except InputError as error:
            line = loaded.document.line_of(("suites", index))
            problems += [p if p.file else p.at(loaded.document.file, line) for p in error.problems]
    ids = [suite.id for suite in suites]
    problems += [
        loaded.document.problem(
            "duplicate-id", f"two suites have the id {name!r}", "Give one an `id` of its own.", ("suites",)
        )
        for name in sorted({name for name in ids if ids.count(name) > 1})
    ]
    if problems:
        raise InputError(*problems)
    return tuple(suites)


def _from_spec(spec: SuiteSpec, loaded: LoadedPlan, check: CheckCase) -> Suite:
    name = spec.path or spec.cases or ""
    path = loaded.folders.find(name)
    if spec.path is not None and not path.is_dir():
        message = f"the suite {name!r} is not a folder"
        raise InputError(Problem("no-such-file", message, "Name a JSONL file as `{cases: FILE, scorers: [...]}`."))
    base = loaded.folders.base
    within = base if path.resolve().is_relative_to(base.resolve()) else None
    return load_suite(path, name, check, overrides=spec, within=within)


def load_suite(
    path: Path, name: str, check: CheckCase, *, overrides: SuiteSpec | None = None, within: Path | None = None
) -> Suite:
    """Read one suite: a folder with `suite.yaml` and `cases.jsonl`, or a JSONL file.

    Args:
        path: the folder or file.
        name: how the user calls it.
        check: says what is wrong with a case's scorers.
        overrides: id and scorers of the plan, which win over the suite's own.
        within: folder out of which no link in the suite's folder may lead; None takes the suite's own.

    Raises:
        InputError: every problem of the suite.
    """
    if path.is_dir():
        document = read_yaml(
            _plain_file(inner_file(path, "suite.yaml", name, within), f"{name}/suite.yaml"), f"{name}/suite.yaml"
        )
        cases_path, cases_name = inner_file(path, "cases.jsonl", name, within), f"{name}/cases.jsonl"
    else:
        document, cases_path, cases_name = Document(name, {"id": path.stem}), path, name
    if not isinstance(document.data, dict):
        raise InputError(
            document.problem("bad-value", "the suite is not a mapping", "Start with `schema: assay/suite/v1`.")
        )
    head = _head(document, overrides)
    try:
        suite = Suite.model_validate(head)
    except ValidationError as error:
        raise InputError(*problems_of(error, Suite, document)) from None
    if not _ID.fullmatch(suite.id):
        message = f"the suite's id {suite.id[:60]!r} is more than letters, digits, dots, dashes and underscores"
        raise InputError(document.problem("bad-value", message, "Give it a plain `id`.", ("id",)))
    # A problem without a file is placed at the plan's line, which is where an override stands.
    by_plan = overrides is not None and overrides.scorers is not None
    place = (None, None) if by_plan else (document.file, document.line_of(("scorers",)))
    cases = _cases(cases_path, cases_name, lambda case: _flaws(case, suite, check, place))
    return suite.model_copy(update={"cases": tuple(cases)})


def _plain_file(path: Path, name: str) -> Path:
    """Return a file that may be opened: to open a pipe would wait for ever.

    Raises:
        InputError: it is there and is none.
    """
    if path.exists() and not path.is_file():
        raise InputError(Problem("no-such-file", "it is no plain file", "Name a file.", name))
    return path


def _flaws(case: Case, suite: Suite, check: CheckCase, place: tuple[str | None, int | None]) -> list[Flaw]:
    """Return what is wrong with the scorers of a case, with the place of what the whole suite gets wrong."""
    return [
        (*flaw, place if case.scorers is None and flaw[0] in _OF_THE_SUITE else None) for flaw in check(suite, case)
    ]


def _head(document: Document, overrides: SuiteSpec | None) -> dict[str, JsonValue]:
    """Return the suite's own settings without its format's name, with the plan's wishes on top."""
    data = dict(document.data) if isinstance(document.data, dict) else {}
    stated = data.pop("schema", "assay/suite/v1")
    if stated != "assay/suite/v1":
        message = f"unknown suite format {stated!r}"
        raise InputError(document.problem("bad-value", message, "This version reads assay/suite/v1.", ("schema",)))
    for key, remedy in (("cases", "Put cases into cases.jsonl."), ("withheld", "Take it out.")):
        if key in data:
            raise InputError(document.problem("unknown-key", f"unknown key {key!r}", remedy, (key,)))
    if overrides is not None and overrides.id is not None:
        data["id"] = overrides.id
    if overrides is not None and overrides.scorers is not None:
        data["scorers"] = [spec.model_dump(mode="json") for spec in overrides.scorers]
    return data


def _cases(path: Path, name: str, flaws: Callable[[Case], list[Flaw]]) -> list[Case]:
    cases: list[Case] = []
    lines: dict[str, int] = {}
    problems: list[Problem] = []
    for number, line in _lines(path, name):
        try:
            case = Case.model_validate(_object(line))
        except ValidationError as error:
            problems += [problem.at(name, number) for problem in problems_of(error, Case, Document(name, None))]
            continue
        except (ValueError, RecursionError) as error:
            what = f"not a JSON object: {_in_words(error)}"
            problems.append(Problem("bad-jsonl", what, "Write one JSON object a line.", name, number))
            continue
        if case.withheld is not None:  # for evidence alone: here it would let any case pass for another
            problems.append(Problem("unknown-key", "unknown key 'withheld'", "Take it out.", name, number))
            continue
        if case.id in lines:
            message = f"the case id {case.id!r} stands on line {lines[case.id]} already"
            problems.append(Problem("duplicate-id", message, "Rename one of them.", name, number))
            continue
        lines[case.id] = number
        found = [Problem(slug, what, remedy, *(at or (name, number))) for slug, what, remedy, at in flaws(case)]
        problems += [problem for problem in found if problem not in problems]
        cases.append(case)
    if not cases and not problems:
        problems.append(Problem("no-cases", "the suite has no cases", "Add at least one line.", name))
    if problems:
        raise InputError(*problems)
    return cases


def _lines(path: Path, name: str) -> Iterator[tuple[int, bytes]]:
    try:
        with _plain_file(path, name).open("rb") as file:
            number = 0
            while line := file.readline(_MOST_LINE_BYTES + 1):
                number += 1
                if len(line) > _MOST_LINE_BYTES:
                    raise InputError(
                        Problem("file-too-large", "the line is longer than 4 MiB", "Split it.", name, number)
                    )
                if number == 1:
                    # Some editors write it, and it means nothing.
                    line = line.removeprefix(_BOM)
                if line.strip():
                    yield number, line
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InputError(Problem("no-such-file", f"cannot read the cases: {reason}", "Check the path.", name)) from None


def _in_words(error: Exception) -> str:
    """Return what keeps a line from being read, not in the words of the reader, which change and help nobody."""
    if isinstance(error, RecursionError):
        return "its values are nested too deep"
    if isinstance(error, UnicodeDecodeError):
        return f"the byte 0x{error.object[error.start]:02x} at place {error.start + 1} is no UTF-8"
    if isinstance(error, json.JSONDecodeError):
        more = "something follows the object" if error.msg == "Extra data" else "it goes wrong"
        return f"{more} at character {error.pos + 1}"
    return str(error)


def _object(line: bytes) -> dict[str, JsonValue]:
    if _BARE_RETURN.search(line):
        raise ValueError("a carriage return stands in it without a line feed: save the file with plain line ends")
    value = json.loads(
        line.decode("utf-8"),
        parse_constant=_refuse,
        parse_int=lambda text: _sound(int(text[:_MOST_DIGITS])),
        parse_float=lambda text: _sound(float(text)),
        object_pairs_hook=_mapping,
    )
    if b"\\u" in line:
        # Only an escape can spell half of a surrogate pair.
        _sound(json.dumps(value, ensure_ascii=False))
    if not isinstance(value, dict):
        message = f"it is a {type(value).__name__}"
        raise ValueError(message)  # noqa: TRY004 - the caller takes ValueError for any line that is no object
    return value


def _mapping(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    result = dict(pairs)
    if len(result) < len(pairs):
        keys = [key for key, _ in pairs]
        message = f"the key {next(key for key in keys if keys.count(key) > 1)!r} stands twice"
        raise ValueError(message)
    return result


def _sound(value: JsonValue) -> JsonValue:
    flaw = flaw_of(value)
    if flaw is not None:
        raise ValueError(flaw)
    return value


def _refuse(name: str) -> object:
    message = f"{name} is not JSON"
    raise ValueError(message)


def load_rubrics(loaded: LoadedPlan, suites: tuple[Suite, ...]) -> dict[str, Rubric]:
    """Read the rubrics of a plan's judges and check that each judged case has a judge.

    Returns:
        Rubrics by judge id.

    Raises:
        InputError: a file cannot be read, two files share an id, or a case names a rubric that no judge reads.
    """
    rubrics: dict[str, Rubric] = {}
    problems: list[Problem] = []
    for index, judge in enumerate(loaded.plan.judges):
        try:
            rubrics[judge.id] = load_noun(read_yaml(loaded.folders.find(judge.rubric), judge.rubric), Rubric)
        except InputError as error:
            line = loaded.document.line_of(("judges", index, "rubric"))
            problems += [p if p.file else p.at(loaded.document.file, line) for p in error.problems]
    by_id = {rubric.id: rubric for rubric in rubrics.values()}
    problems += [
        loaded.document.problem("duplicate-id", f"two rubrics have the id {r.id!r}", "Rename one.", ("judges",))
        for r in rubrics.values()
        if by_id[r.id] != r
    ]
    if problems:
        raise InputError(*problems)
    for suite in suites:
        wanted = {rubric for case in suite.cases for spec in suite.scorers_of(case) for rubric in spec.rubrics()}
        problems += [
            Problem(
                "no-judge",
                f"the suite {suite.id!r} wants the rubric {rubric!r}, which no judge of the plan reads",
                "Add a judge under judges: with that rubric.",
                loaded.document.file,
                loaded.document.line_of(("judges",)) or loaded.document.line_of(("suites",)),
            )
            for rubric in sorted(wanted - by_id.keys())
        ]
    if problems:
        raise InputError(*problems)
    return rubrics
