"""How do trials become test cases that a build server shows?

A test suite for each candidate and suite, a test case for each trial. A trial that a scorer failed is a failure. A
trial that has no answer, has no score, or was never asked is an error, never skipped: what was not measured has not
passed. Only what a run left out on purpose, because no outcome of it could have changed a condition, is skipped.
"""

from __future__ import annotations

import re
from collections import Counter
from math import fsum, isfinite
from typing import IO, TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from assay.record.export.exporter import Exporter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from assay.record.export.source import Source
    from assay.schema.run import Trial, TrialKey
    from assay.schema.score import Score

__all__ = ["EXPORTER", "attribute", "text"]

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 has no way to write."""
_MOST_ANSWER = 4_000
_MOST_REASON = 1_000
_MOST_NAME = 500


def text(value: str) -> str:
    """Return a text as it may stand between two tags; a character that XML cannot hold becomes U+FFFD."""
    return escape(_ILLEGAL.sub("\ufffd", value), {"\r": "&#13;"})


def attribute(value: str) -> str:
    """Return a text as a quoted attribute value."""
    return quoteattr(_ILLEGAL.sub("\ufffd", value))


def _write(source: Source, out: IO[bytes]) -> int:
    groups = _groups(source)
    sums = [_counts(source, keys) for keys in groups.values()]
    out.write(b'<?xml version="1.0" encoding="UTF-8"?>\n')
    whole = Counter[str]()
    for own in sums:
        whole.update(own)
    del whole["skipped"]
    every = [key for keys in groups.values() for key in keys]
    named = {"name": source.wanted.run.id, **{name: str(count) for name, count in whole.items()}}
    out.write(_opened("testsuites", {**named, **_seconds(_times(source, every))}))
    for ((candidate, suite), keys), counts in zip(groups.items(), sums, strict=True):
        numbers = {name: str(count) for name, count in counts.items()}
        seconds = _seconds(_times(source, keys))
        out.write(_opened(" testsuite", {"name": f"{candidate}/{suite}", **numbers, **seconds}))
        for key in keys:
            out.writelines(part.encode() for part in _test_case(source, key))
        out.write(b" </testsuite>\n")
    out.write(b"</testsuites>\n")
    return whole["tests"]


def _groups(source: Source) -> dict[tuple[str, str], list[TrialKey]]:
    """Return the trials that were due or asked, by candidate and suite, in the order of the plan."""
    groups: dict[tuple[str, str], list[TrialKey]] = {}
    for key in dict.fromkeys((*source.wanted.due, *source.places)):
        groups.setdefault((key[0], key[1]), []).append(key)
    return groups


def _counts(source: Source, keys: Sequence[TrialKey]) -> dict[str, int]:
    outcomes = Counter(_outcome(source, key) for key in keys)
    return {
        "tests": len(keys),
        "failures": outcomes["failed"],
        "errors": outcomes["unscored"],
        "skipped": outcomes["skipped"],
    }


def _outcome(source: Source, key: TrialKey) -> str:
    place = source.places.get(key)
    if place is None and source.stopped_early:
        return "skipped"
    return (place.outcome if place is not None else None) or "unscored"


def _times(source: Source, keys: Iterable[TrialKey]) -> list[float]:
    places = (source.places.get(key) for key in keys)
    return [place.elapsed_ms for place in places if place is not None]


def _seconds(times: Sequence[float]) -> dict[str, str]:
    """Return the attribute `time`, or none where nothing was timed."""
    known = [time for time in times if isfinite(time) and time >= 0]
    return {"time": f"{fsum(known) / 1000:.3f}"} if known else {}


def _test_case(source: Source, key: TrialKey) -> Iterator[str]:
    candidate, suite, case, number = key
    place = source.places.get(key)
    named = {
        "classname": f"{candidate}.{suite}",
        "name": case if number == 1 else f"{case} [trial {number}]",
        **_seconds([place.elapsed_ms] if place is not None else []),
    }
    opening = f"  <testcase{_attributes(named)}"
    outcome = _outcome(source, key)
    if outcome == "passed":
        yield f"{opening}/>\n"
        return
    yield f"{opening}>\n"
    if outcome == "skipped":
        yield f"   <skipped{_attributes({'message': 'not asked: the run could stop early'})}/>\n"
    elif place is None:
        yield _problem("error", "not_asked", "the run ended before it was asked", "")
    else:
        trial, scores = source.trial_of(key), source.scores_of(key)
        yield _failure(trial, scores) if outcome == "failed" else _error(trial, scores)
    yield "  </testcase>\n"


def _failure(trial: Trial, scores: Sequence[Score]) -> str:
    first = next(score for score in scores if score.outcome == "failed")
    return _problem("failure", first.scorer, first.reason, _told(trial, scores))


def _error(trial: Trial, scores: Sequence[Score]) -> str:
    if trial.error is not None:
        return _problem("error", trial.error.kind, trial.error.message, _told(trial, scores))
    reasons = (score.reason for score in scores if score.outcome == "unscored")
    return _problem("error", "unscored", next(reasons, "the case has no scorer"), _told(trial, scores))


def _told(trial: Trial, scores: Sequence[Score]) -> str:
    """Return all reasons and the answer."""
    parts = [f"{score.scorer} ({score.outcome}): {_bounded(score.reason, _MOST_REASON)}" for score in scores]
    if trial.output is not None:
        parts += ["", "answer:", _bounded(trial.output, _MOST_ANSWER)]
    return "\n".join(parts)


def _problem(kind: str, name: str, message: str, told: str) -> str:
    said = _attributes({"message": _bounded(message, _MOST_REASON), "type": name})
    return f"   <{kind}{said}>{text(told)}</{kind}>\n"


def _opened(name: str, attributes: dict[str, str]) -> bytes:
    indent = name[: -len(name.lstrip())] if name[0] == " " else ""
    return f"{indent}<{name.strip()}{_attributes(attributes)}>\n".encode()


def _attributes(values: dict[str, str]) -> str:
    return "".join(f" {name}={attribute(_bounded(value, _MOST_REASON))}" for name, value in values.items())


def _bounded(value: str, most: int) -> str:
    return value if len(value) <= most else f"{value[:most]}… ({len(value)} characters in all)"


EXPORTER = Exporter("A test case for each trial, as JUnit XML.", "test cases", _write)
