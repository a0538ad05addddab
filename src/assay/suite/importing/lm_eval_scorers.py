"""Which scorer of Assay says the same as a metric of lm-eval behind a filter?

The meanings are those of lm_eval 0.4.13, read from its source (`lm_eval/filters`, `lm_eval/api/metrics.py`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from assay.suite.importing import specs
from assay.suite.importing.first_match import caught_equals
from assay.suite.importing.sources import as_list, as_map, as_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import JsonValue

    from assay.suite.importing.specs import Spec

    Config = dict[str, JsonValue]

__all__ = ["LostError", "notes_on", "scorer_of"]


class LostError(ValueError):
    """A metric is not carried over; the message says why, without a final full stop."""

    def __init__(self, message: str, *, by_document: bool = False) -> None:
        super().__init__(message)
        self.by_document = by_document
        """Whether it is lost for one document only, because of its target."""


_PASSING = frozenset({"take_first", "remove_whitespace"})
"""Filters that leave the first answer as it is, white space around it apart."""
_LAST_NUMBER = "(-?[$0-9.,]{2,})|(-?[0-9]+)"
"""Pattern of `flexible-extract` in gsm8k and the tasks made after it."""
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")


def scorer_of(metric: str, filtered: str, target: JsonValue, config: Config) -> Spec:
    """Return the scorer that says the same as one metric behind one filter.

    Args:
        metric: name of the metric.
        filtered: name of the filter, `none` for lm-eval's own.
        target: the expected answer, or a list of accepted ones.
        config: settings of the task from `results_….json`, empty when unknown.

    Raises:
        LostError: there is none.
    """
    if metric != "exact_match":
        raise LostError(f"the metric {metric[:60]!r} has no equal in Assay")
    targets = [as_text(item) for item in target] if isinstance(target, list) else [as_text(target)]
    if not targets or not all(item.strip() for item in targets):
        raise LostError("the target is empty", by_document=True)
    options = _options_of(metric, config)
    if options.get("ignore_numbers"):
        raise LostError("exact_match that ignores numbers has no equal in Assay")
    ignore_case = options.get("ignore_case") is True
    extraction = _extraction(filtered, config)
    if extraction is None:
        expected: list[JsonValue] = [*targets]
        only = expected if len(expected) > 1 else expected[0]
        return specs.exact(only, ignore_case=ignore_case, ignore_punctuation=options.get("ignore_punctuation") is True)
    return specs.any_of([_extracted(extraction, item, ignore_case=ignore_case) for item in targets])


def _options_of(metric: str, config: Config) -> Config:
    listed = map(as_map, as_list(config.get("metric_list")))
    return next((item for item in listed if item.get("metric") == metric), {})


def _extraction(filtered: str, config: Config) -> Config | None:
    """Return the filter step that takes a part of the answer, or None when the whole answer is compared."""
    listed = map(as_map, as_list(config.get("filter_list")))
    steps = next((as_list(item.get("filter")) for item in listed if item.get("name") == filtered), None)
    if steps is None and filtered != "none":
        raise LostError(f"what the filter {filtered[:60]!r} does is not in the file")
    taking = [step for step in map(as_map, steps or []) if step.get("function") not in _PASSING]
    if not taking:
        return None
    if len(taking) > 1 or taking[0].get("function") != "regex":
        raise LostError(f"the filter {filtered[:60]!r} does more than to take the first answer or a match in it")
    return taking[0]


def _steps(filtered: str, config: Config) -> Iterator[Config]:
    """Yield the steps of a filter, none where the file does not hold it."""
    for item in map(as_map, as_list(config.get("filter_list"))):
        if item.get("name") == filtered:
            yield from map(as_map, as_list(item.get("filter")))


def _extracted(step: Config, target: str, *, ignore_case: bool) -> Spec:
    pattern = as_text(step.get("regex_pattern")) or r"#### (\-?[0-9\.\,]+)"
    chosen = step.get("group_select", 0)
    if chosen == -1 and pattern == _LAST_NUMBER:
        plain = target.replace(",", "").replace("$", "").strip()
        if not _NUMBER.fullmatch(plain):
            raise LostError("the last number of the answer is compared with a target that is none", by_document=True)
        value = float(plain)
        expected = int(value) if value.is_integer() else value
        return specs.spec("number", expected=expected, take="last", decimal=".", bounds=True)
    if chosen != 0:
        raise LostError("a filter that takes another match than the first has no equal in Assay")
    expression = caught_equals(pattern, target, ignore_case=ignore_case)
    if expression is None:
        raise LostError("a filter whose pattern has not exactly one group at its top level has no equal in Assay")
    return specs.regex(expression)


def notes_on(metric: str, filtered: str, config: Config) -> Iterator[str]:
    """Yield where the scorer of a metric that is carried over accepts less or other answers than lm-eval."""
    if not config:
        yield "the settings of the metric are unknown: it is taken as strict"
        return
    options = _options_of(metric, config)
    if options.get("regexes_to_ignore"):
        yield "`regexes_to_ignore` is not carried over: what it would cut away counts here"
    if options.get("ignore_punctuation"):
        yield "`ignore_punctuation` leaves out all punctuation there, here only that at the end"
    if any(as_text(step.get("regex_pattern")) == _LAST_NUMBER for step in _steps(filtered, config)):
        yield "of the last number only the digits count there; here 50% is 0.5, 5 million is 5000000, `not 5` is no 5"
