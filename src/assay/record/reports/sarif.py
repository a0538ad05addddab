"""How does a record become SARIF 2.1.0: a rule for each condition, a result for each that is not plainly met?

Keys and their meaning: OASIS, Static Analysis Results Interchange Format 2.1.0, section 3. What GitHub reads of them,
at most 5,000 results with 10 tags a rule: docs.github.com, "SARIF support for code scanning" and "SARIF results exceed
one or more limits".
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING
from urllib.parse import quote

from assay.record.reports.matters import bounded, fingerprint, matters_of, waiver_told

if TYPE_CHECKING:
    from pydantic import JsonValue

    from assay.record.reports.matters import Matter
    from assay.record.reports.places import Places
    from assay.schema.record import Record

__all__ = ["MOST_RESULTS", "write"]

MOST_RESULTS = 5_000
"""GitHub shows no more of one run."""
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_MOST_ID = 255
"""GitHub takes no longer name of a rule."""
_ROOT = "%SRCROOT%"

JsonObject = dict[str, "JsonValue"]


def write(record: Record, places: Places) -> str:
    """Return the SARIF log of a record, with one run."""
    matters = matters_of(record)
    shown, left = matters[:MOST_RESULTS], len(matters) - MOST_RESULTS
    rules = _rules(record, matters)
    index = {rule: number for number, rule in enumerate(rules)}
    invocation: JsonObject = {"executionSuccessful": True}
    if left > 0:
        text = f"{left} more results stand in {places.rest()}"
        invocation["toolExecutionNotifications"] = [{"level": "warning", "message": {"text": text}}]
    run: JsonObject = {
        "tool": {"driver": {"name": "Assay", "version": record.assay_version, "rules": list(rules.values())}},
        "automationDetails": {"id": f"assay/{record.use_case.id}/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "Top of the repository."}}},
        "invocations": [invocation],
        "results": [_result(record, matter, places, index) for matter in shown],
        "properties": {
            "verdict": record.verdict.verdict,
            "reason": record.verdict.reason,
            "record" if places.weighed is None else f"decided{places.weighed.kind.title()}": places.named(record),
            "evidenceSha256": places.evidence_of(record),
        },
    }
    log: JsonObject = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    # No character outside of ASCII: halves of surrogate pairs in hostile text have no UTF-8.
    return json.dumps(log, indent=1) + "\n"


def _rules(record: Record, matters: list[Matter]) -> JsonObject:
    """Return a rule for each condition, met ones too, and for each further matter, by id."""
    found: JsonObject = {}
    for own in record.verdict.candidates:
        for result in own.conditions:
            level = "error" if result.severity == "block" else "warning"
            rule = f"condition/{result.id}"
            found.setdefault(_id(rule), _rule(rule, result.condition, level, "condition"))
    for matter in matters:
        kind = matter.rule.partition("/")[0]
        found.setdefault(_id(matter.rule), _rule(matter.rule, matter.asked, matter.level, kind))
    return found


def _rule(rule: str, asked: str, level: str, kind: str) -> JsonObject:
    text = _plain(bounded(asked))
    return {
        "id": _id(rule),
        "shortDescription": {"text": text},
        "fullDescription": {"text": text},
        "defaultConfiguration": {"level": level},
        "properties": {"tags": ["assay", kind]},
    }


def _result(record: Record, matter: Matter, places: Places, index: dict[str, int]) -> JsonObject:
    file, line = places.of(matter.condition)
    mark = fingerprint(record, matter)
    rule = _id(matter.rule)
    result: JsonObject = {
        "ruleId": rule,
        "ruleIndex": index[rule],
        "level": matter.level,
        "message": {"text": _plain(matter.message)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(file, errors="replace"), "uriBaseId": _ROOT},
                    "region": {"startLine": line},
                }
            }
        ],
        # The second is the one that GitHub knows results again by: else it is made of the text at that line.
        "partialFingerprints": {"assayMatter/v1": mark, "primaryLocationLineHash": f"{mark}:1"},
        "properties": {"candidate": matter.candidate, "weight": matter.weight},
    }
    if matter.waiver is not None:
        told = _plain(bounded(waiver_told(matter.waiver)))
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": told}]
    return result


def _plain(text: str) -> str:
    """Return a text in which no viewer finds a link (section 3.11.6), whatever a case or a waiver is called."""
    return text.replace("](", "] (")


def _id(rule: str) -> str:
    """Return an id that GitHub takes; a long one ends in a digest, so that no two are alike."""
    line = " ".join(rule.split())
    if len(line) <= _MOST_ID and line == rule:
        return rule
    return f"{line[: _MOST_ID - 17]}~{hashlib.sha256(rule.encode(errors='surrogatepass')).hexdigest()[:16]}"
