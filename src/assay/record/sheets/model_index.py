"""How does the card of a model on a hub state what a record measured and what its licence is?

The front matter of a model card has `model-index` (results by task and dataset) and `license`, `license_name`: model
hub documentation, "Model Cards" (huggingface/hub-docs, `modelcard.md` and `docs/hub/model-cards.md`). A record does not
know from which model another was made or quantized, so `base_model` is left to whoever writes the card.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from assay.errors import InputError, Problem
from assay.record.sheets.block_yaml import block_yaml, yaml_comment
from assay.record.sheets.known import known_model, stated_licences
from assay.record.sheets.sheet import Sheet

if TYPE_CHECKING:
    from assay.record.sheets.sheet import Wishes
    from assay.schema._base import JsonValue
    from assay.schema.provenance import Licence
    from assay.schema.record import CandidateSummary, Record, SuiteSummary
    from assay.schema.score import Metric

__all__ = ["SHEET"]

_CONFIDENCE: Final = 0.95
_SPDX_ON_THE_HUB: Final = frozenset(
    {
        "agpl-3.0",
        "apache-2.0",
        "bsd-2-clause",
        "bsd-3-clause",
        "cc-by-4.0",
        "cc-by-nc-4.0",
        "cc-by-nc-sa-4.0",
        "cc-by-sa-4.0",
        "cc0-1.0",
        "gpl-2.0",
        "gpl-3.0",
        "lgpl-3.0",
        "mit",
        "mpl-2.0",
        "unlicense",
    }
)
"""SPDX identifiers that are tags of the hub in lower case (huggingface/hub-docs, `repositories-licenses.md`)."""


def _write(record: Record, wishes: Wishes) -> str:
    """Return the front matter of one candidate's model card, between its two lines of dashes.

    Raises:
        InputError: there is no such candidate, none is named where several are decided on, or no rate is trusted.
    """
    own = _chosen(record, wishes.candidate)
    suites = {suite.id: suite for suite in record.suites}
    results: list[JsonValue] = [
        _result(record, suites[metric.suite], metric, wishes.source)
        for metric in record.metrics
        if metric.candidate == own.candidate.id and metric.suite in suites and _is_stated(metric)
    ]
    if not results:
        message = f"{own.candidate.id} has no pass rate that is trusted"
        raise InputError(Problem("nothing-selected", message, "Export a candidate whose suites were asked."))
    index: JsonValue = [{"name": known_model(own).name, "results": results}]
    front = block_yaml({**_licence(own.facts.licence), "model-index": index})
    return f"---\n{_warning(record, own)}{front}---\n"


def _warning(record: Record, own: CandidateSummary) -> str:
    """Return a comment where the verdict is not GO or nobody accepted the record; empty otherwise.

    The front matter of a model card has no key for it.
    """
    verdict = next((v.verdict for v in record.verdict.candidates if v.candidate == own.candidate.id), "not decided on")
    if verdict == "GO" and record.status in {"proposed", "accepted"}:
        return ""
    by = f" by {record.standing.superseded_by}" if record.standing.superseded_by is not None else ""
    return yaml_comment(f"verdict: {verdict}, status: {record.status}{by} (Assay record {record.id})")


def _chosen(record: Record, wanted: str | None) -> CandidateSummary:
    names = {own.candidate.id: own for own in record.candidates}
    decided = [own.candidate for own in record.verdict.candidates]
    name = wanted if wanted is not None else decided[0] if len(decided) == 1 else None
    if name is None or name not in names:
        message = "several candidates are decided on" if name is None else f"there is no candidate {name[:60]!r}"
        raise InputError(Problem("nothing-selected", message, f"Name one with --candidate: {', '.join(names)}."))
    return names[name]


def _is_stated(metric: Metric) -> bool:
    """Say whether a metric goes into a card: that of a whole suite, which nothing stands against."""
    return metric.tag is None and metric.scorer is None and metric.rate is not None and metric.trusted


def _result(record: Record, suite: SuiteSummary, metric: Metric, source: str | None) -> JsonValue:
    name, value, low, high, n = "Pass rate", metric.rate, metric.low, metric.high, metric.n - metric.stopped
    if (own := metric.correction) is not None and own.value is not None:
        # The plain rate is what a judge says; what counts is what people say.
        name, value, low, high, n = "Pass rate as people judge it", own.value, own.low, own.high, own.judged_n
    arguments: dict[str, JsonValue] = {"n": n}
    if low is not None and high is not None:
        arguments |= {"confidence": _CONFIDENCE, "low": low, "high": high}
    metrics: list[JsonValue] = [{"type": "pass_rate", "value": value, "name": name, "args": arguments}]
    told: dict[str, JsonValue] = {
        "task": {"type": "text-generation", "name": "Text Generation"},
        "dataset": {"name": f"{suite.id} {suite.version}", "type": suite.id, "revision": suite.digest},
        "metrics": metrics,
    }
    # The hub wants an address beside a name, and a record knows none of its own.
    return told if source is None else {**told, "source": {"name": f"Assay record {record.id}", "url": source}}


def _licence(licence: Licence) -> dict[str, JsonValue]:
    """Return the licence in the hub's words; nothing where none is stated, or where two statements disagree."""
    stated = stated_licences(licence)
    if not licence.agreed or len(stated) != 1:
        return {}
    tags = [own.says for own in licence.statements if own.identified_by == "tag" and not own.place.startswith("plan ")]
    known = [tag for tag in (*tags, stated[0].lower()) if tag in _SPDX_ON_THE_HUB]
    if known:
        return {"license": known[0]}
    return {"license": "other", "license_name": re.sub(r"[^a-z0-9.]+", "-", stated[0].lower()).strip("-")}


SHEET = Sheet(
    summary="Front matter of a model card: `model-index` with each suite's pass rate, and the licence.", write=_write
)
