"""What follows from AIPerf's `profile_export.jsonl`, one line a request?

Source: the file of AIPerf 0.13. Where a request starts differs from ours (before the connection), so its latency and
time to first token stay AIPerf's. What lies between tokens does not depend on the start: the gaps between chunks with
content, and the time per token where the server counted as many tokens as there were such chunks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay.bench.importing.drafts import Definition, FileDraft, LoadDraft, failure_share
from assay.bench.importing.exact import as_us, exact_percentiles
from assay.bench.importing.tree import Problems, Tree
from assay.bench.importing.units import base_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import JsonValue

    from assay.bench.importing.sources import Source
    from assay.schema.bench import ImportedBenchmark

__all__ = ["DEFINITIONS", "fits", "read"]

_BEFORE_CONNECT = "it starts before a connection is made, ours when the head of the request is written"
DEFINITIONS: dict[str, Definition] = {
    "request_latency": Definition("aiperf.request_latency:records", "e2e", _BEFORE_CONNECT),
    "time_to_first_token": Definition("aiperf.time_to_first_token:records", "ttft", _BEFORE_CONNECT),
    "error": Definition("aiperf.error:records", "error_rate", "what counts as failed is AIPerf's own rule"),
}
"""By AIPerf's name; failed requests are infinite and percentiles nearest rank, as in ours."""


@dataclass(frozen=True)
class _Record:
    """Seconds of one answered request."""

    e2e: float | None
    ttft: float | None
    gaps: tuple[float, ...]
    tokens: int | None

    @property
    def tpot_us(self) -> int | None:
        """Microseconds per token after the first; None where the tokens of the first chunk are not known."""
        if self.e2e is None or self.ttft is None or self.tokens is None or self.tokens <= 1:
            return None
        return as_us((self.e2e - self.ttft) / (self.tokens - 1)) if self.tokens == len(self.gaps) + 1 else None


def fits(content: JsonValue) -> bool:
    """Say whether a JSON value is one of AIPerf's records."""
    if not isinstance(content, dict) or "metrics" not in content:
        return False
    metadata = content.get("metadata")
    return isinstance(metadata, dict) and "request_start_ns" in metadata


def read(source: Source) -> ImportedBenchmark:
    """Return what the records say.

    Raises:
        InputError: keys are missing or of the wrong kind, or a unit is not known; all of them at once.
    """
    problems = Problems(source.name)
    lines = [Tree.of(content, f"line {number}", problems) for number, content in enumerate(source.documents, start=1)]
    measured = [own for own in lines if own.child("metadata").text("benchmark_phase") in {None, "profiling"}]
    ended = [own for own in measured if not own.child("metadata").truth("was_cancelled")]
    answered = [_record(own) for own in ended if own.values.get("error") is None]
    failed, cut_off = len(ended) - len(answered), len(measured) - len(ended)
    load = LoadDraft("load not told", len(answered), failed, cut_off=cut_off)
    problems.raise_any()
    if cut_off:
        load.warn("incomplete", f"{cut_off} requests were cut off and are in no figure")
    else:
        _figures(load, answered, failed)
    load.add(DEFINITIONS["error"], {"mean": failure_share(len(answered), failed)}, n=len(measured))
    draft = FileDraft(source, "aiperf", loads=[load])
    draft.warn("not_told", "records name no version, model or load; those stand in profile_export_aiperf.json")
    return draft.build()


def _record(own: Tree) -> _Record:
    metrics = own.child("metrics", required=True)
    chunks = metrics.child("inter_chunk_latency")
    gaps = [base_value(chunks, gap) for gap in chunks.numbers("value")]
    return _Record(
        e2e=_value(metrics, "request_latency"),
        ttft=_value(metrics, "time_to_first_token"),
        gaps=tuple(gap for gap in gaps if gap is not None),
        tokens=metrics.child("usage_completion_tokens").count("value"),
    )


def _value(metrics: Tree, name: str) -> float | None:
    number = metrics.child(name).number("value")
    return None if number is None else base_value(metrics.child(name), number)


def _figures(load: LoadDraft, answered: Sequence[_Record], failed: int) -> None:
    infinite = [None] * failed
    n = len(answered) + failed
    for name, times in (
        ("request_latency", [own.e2e for own in answered]),
        ("time_to_first_token", [own.ttft for own in answered]),
    ):
        known = [as_us(time) for time in times if time is not None]
        if answered and len(known) == len(answered):
            load.add_exact(DEFINITIONS[name], exact_percentiles([*known, *infinite]), n=n)
    tpot = [own.tpot_us for own in answered]
    if answered and None not in tpot:
        load.add_ours("tpot.v1", "tpot", exact_percentiles([*tpot, *infinite]), n=n)
    gaps = [as_us(gap) for own in answered for gap in own.gaps]
    if gaps and not failed and all(own.gaps for own in answered):
        load.add_ours("gap.v1", "gap", exact_percentiles(gaps), n=len(gaps))
