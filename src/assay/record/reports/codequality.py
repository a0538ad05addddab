"""How does a record become a code quality report of GitLab?

Keys that GitLab reads: description, check_name, fingerprint, severity, location.path and location.lines.begin
(docs.gitlab.com, "Code Quality", report format).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from assay.record.reports.matters import fingerprint, matters_of

if TYPE_CHECKING:
    from pydantic import JsonValue

    from assay.record.reports.matters import Matter
    from assay.record.reports.places import Places
    from assay.schema.record import Record

__all__ = ["write"]

_SEVERITIES = {"error": "blocker", "warning": "major", "note": "info"}
"""By level; what blocks and is unknown is `critical`."""


def write(record: Record, places: Places) -> str:
    """Return the report: a list with one entry for each matter."""
    entries = [_entry(record, matter, places) for matter in matters_of(record)]
    return json.dumps(entries, indent=1) + "\n"


def _entry(record: Record, matter: Matter, places: Places) -> dict[str, JsonValue]:
    path, line = places.of(matter.condition)
    holds_back = matter.level == "warning" and matter.weight == "block"
    return {
        "description": matter.message,
        "check_name": matter.rule,
        "fingerprint": fingerprint(record, matter),
        "severity": "critical" if holds_back else _SEVERITIES[matter.level],
        "location": {"path": path, "lines": {"begin": line}},
    }
