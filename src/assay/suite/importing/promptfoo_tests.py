"""Which cases are the tests of promptfoo: each prompt, with each combination of variables, under each assertion?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from assay.errors import InputError, Problem
from assay.suite.importing import specs
from assay.suite.importing.assertions import LostError, assertion_of, difference_of, scorer_of
from assay.suite.importing.sources import as_list, as_map, as_text
from assay.suite.importing.templates import TemplateError, combinations, filled_prompt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import JsonValue

    from assay.suite.importing.ledger import Ledger
    from assay.suite.importing.specs import Spec

    Test = dict[str, JsonValue]

__all__ = ["add_tests", "metadata_of", "scorers_of_test", "test_of_row"]

_MOST_CASES = 100_000
_READ = frozenset({"description", "vars", "assert", "threshold", "metadata", "options"})
_OPTIONS = frozenset({"prefix", "suffix", "disableVarExpansion", "disableDefaultAsserts", "runSerially", "repeat"})
_COMMA = re.compile(r"(?<!\\),")


def add_tests(ledger: Ledger, prompts: list[str], tests: list[JsonValue], default: Test) -> None:
    """Add a case for each prompt, test and combination of variables; the numbers in ids are promptfoo's, plus one.

    Raises:
        InputError: there are more than 100,000 of them.
    """
    for key, listed in (("prompts", prompts), ("tests", tests)):
        if not listed:
            ledger.lose(key, "there are none that could be carried over, and so there is no case")
    number = cases = 0
    for index, item in enumerate(tests):
        test = _merged(as_map(item), default)
        values = as_map(test.get("vars"))
        is_flat = as_map(test.get("options")).get("disableVarExpansion") is True
        for chosen in [values] if is_flat else combinations(values, _MOST_CASES + 1):
            number += 1
            cases += max(1, len(prompts))
            if cases > _MOST_CASES:
                message = f"the file stands for more than {_MOST_CASES} cases"
                raise InputError(Problem("file-too-large", message, "Split it, or shorten lists of variables."))
            _add_test(ledger, f"tests[{index}]", number, {**test, "vars": chosen}, prompts)


def _merged(test: Test, default: Test) -> Test:
    """Return a test with the defaults under it, as promptfoo joins them."""
    options = {**as_map(default.get("options")), **as_map(test.get("options"))}
    inherited = [] if options.get("disableDefaultAsserts") is True else as_list(default.get("assert"))
    return {
        **default,
        **test,
        "vars": {**as_map(default.get("vars")), **as_map(test.get("vars"))},
        "metadata": {**as_map(default.get("metadata")), **as_map(test.get("metadata"))},
        "options": options,
        "assert": [*inherited, *as_list(test.get("assert"))],
    }


def _add_test(ledger: Ledger, where: str, number: int, test: Test, prompts: list[str]) -> None:
    scorers = scorers_of_test(ledger, where, test)
    values, options = as_map(test.get("vars")), as_map(test.get("options"))
    for place, raw in enumerate(prompts, start=1):
        name = f"test-{number}.prompt-{place}" if len(prompts) > 1 else f"test-{number}"
        template = f"{as_text(options.get('prefix'))}{raw}{as_text(options.get('suffix'))}"
        try:
            question = filled_prompt(template, values)
        except TemplateError as error:
            ledger.lose(where, f"the case {name!r} is left out: {error}")
            continue
        ledger.add(where, {"id": name, "input": question, "scorers": scorers, "metadata": metadata_of(test)})


def metadata_of(test: Test) -> dict[str, JsonValue]:
    """Return what a test says of itself besides its question."""
    described = {"description": test["description"]} if test.get("description") else {}
    inner = {key: value for key, value in as_map(test.get("metadata")).items() if not key.startswith("_")}
    return {**described, **inner}


def scorers_of_test(ledger: Ledger, where: str, test: Test) -> list[JsonValue]:
    """Return the scorers of a test and note what of it is lost; empty when an answer could not be judged by them."""
    for key in sorted(test.keys() - _READ):
        ledger.lose(where, f"the key {key[:60]!r} of a test is not carried over")
    if test.get("assertScoringFunction"):
        return []
    odd = sorted(key for key, value in as_map(test.get("options")).items() if key not in _OPTIONS and value)
    if odd:
        ledger.lose(
            where, f"the option {odd[0][:60]!r} changes answers or grading; the assertions are not carried over"
        )
        return []
    return _scorers(ledger, where, test)


def _scorers(ledger: Ledger, where: str, group: Test, *, graded: bool = False) -> list[JsonValue]:
    """Return the scorers of a test or of an `assert-set`, as one when it has a threshold.

    Args:
        ledger: takes what is lost.
        where: place of the group.
        group: the test or the set.
        graded: whether the grade of the group counts under a threshold, not only whether it passes.
    """
    values, threshold = as_map(group.get("vars")), group.get("threshold")
    inside = graded or threshold is not None
    kept: list[tuple[Test, Spec | None]] = []
    for i, item in enumerate(map(as_map, as_list(group.get("assert")))):
        place = f"{where}.assert[{i}]"
        if item.get("weight") == 0 and not isinstance(item.get("weight"), bool):
            ledger.lose(
                place, f"the assertion {as_text(item.get('type'))!r} has the weight 0 and decides nothing there"
            )
        else:
            kept.append((item, _scorer(ledger, place, {**item, "vars": dict(values)}, graded=inside)))
    sound = [item for item, made in kept if made is not None]
    named = specs.distinct((_name(item), made) for item, made in kept)
    if threshold is None and not graded:
        return named
    if threshold is not None and (
        isinstance(threshold, bool) or not isinstance(threshold, int | float) or not 0 < threshold <= 1
    ):
        ledger.lose(where, "the threshold is no share above 0, so that all assertions must pass here")
        return named
    if len(sound) < len(kept) or not named:
        ledger.lose(
            where, "the threshold counts an assertion that is lost; the assertions under it are not carried over"
        )
        return []
    weights = [item.get("weight", 1) for item in sound]
    parts: list[JsonValue] = [{"scorer": part, "weight": weight} for part, weight in zip(named, weights, strict=True)]
    return [{"weighted": {"scorers": parts, "min": 1 if threshold is None else threshold}}]


def _name(assertion: Test) -> str:
    return as_text(assertion.get("metric")) or as_text(assertion.get("type"))


def _scorer(ledger: Ledger, where: str, assertion: Test, *, graded: bool) -> Spec | None:
    weight = assertion.get("weight", 1)
    if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 < weight < 1e9:  # noqa: PLR2004 - only to bound it
        ledger.lose(where, "the assertion has a weight that is no positive number")
        return None
    if assertion.get("type") == "assert-set":
        return _set(ledger, where, assertion, graded=graded)
    try:
        made = scorer_of(assertion, as_map(assertion.get("vars")))
    except LostError as error:
        ledger.lose(where, str(error))
        return None
    difference = difference_of(assertion)
    if difference is not None:
        ledger.lose(where, difference)
    return specs.all_or_nothing(made) if graded else made


def _set(ledger: Ledger, where: str, assertion: Test, *, graded: bool) -> Spec | None:
    if any(as_map(item).get("type") == "assert-set" for item in as_list(assertion.get("assert"))):
        ledger.lose(where, "an assert-set within an assert-set is not carried over")
        return None
    before = len(as_list(assertion.get("assert")))
    inner = _scorers(ledger, where, assertion, graded=graded)
    if not inner:
        ledger.lose(where, "nothing of the assert-set could be carried over")
        return None
    first = as_map(inner[0])
    if "weighted" in first and len(inner) == 1 and (graded or assertion.get("threshold") is not None):
        return first
    if len(inner) < before:
        ledger.lose(where, "the assert-set is carried over without the assertions that are lost")
    return {"all": inner}


def test_of_row(row: Mapping[str, str]) -> Test:
    """Return the test that a row of a table writes: plain columns are variables, `__expected…` are assertions."""
    test: Test = {}
    values: dict[str, JsonValue] = {}
    metadata: dict[str, JsonValue] = {}
    options: dict[str, JsonValue] = {}
    asserts: list[JsonValue] = []
    for column, cell in row.items():
        if not column.startswith("__"):
            values[column] = cell
        elif column.startswith("__expected"):
            asserts += [assertion_of(cell)] if cell.strip() else []
        elif column.startswith("__metadata:"):
            metadata |= _metadata(column.removeprefix("__metadata:"), cell)
        elif column in {"__prefix", "__suffix"}:
            options[column.removeprefix("__")] = cell
        elif cell.strip():
            test[column.removeprefix("__")] = _threshold(cell) if column == "__threshold" else cell
    metric = test.pop("metric", None)
    named: list[JsonValue] = [{**as_map(item), "metric": metric} if metric else item for item in asserts]
    return {**test, "vars": values, "metadata": metadata, "options": options, "assert": named}


def _metadata(key: str, cell: str) -> dict[str, JsonValue]:
    if not cell.strip():
        return {}
    if key.endswith("[]"):
        return {key[:-2]: [part.strip().replace("\\,", ",") for part in _COMMA.split(cell)]}
    return {key: cell}


def _threshold(cell: str) -> JsonValue:
    try:
        return float(cell)
    except ValueError:
        return cell
