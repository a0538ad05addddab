"""Which items serve which part of the source checklists, as a page that people read?"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assay.schema.findings import Checklist

__all__ = ["SOURCES", "checklist_table"]

SOURCES: dict[str, str] = {
    "5.1": "model id, revision or digest, and quantization are on record",
    "5.2": "licence and model card were read",
    "5.3": "a short and a long prompt were measured",
    "5.4": "p50 and p95 were measured, over more than one run",
    "5.5": "memory use, RAM or VRAM, was noted",
    "5.6": "two to four parallel requests were tried at least",
    "5.7": "the answer length is limited",
    "5.8": "requests have a timeout",
    "5.9": "retries are under control",
    "5.10": "sensitive prompts are not logged in full",
    "5.11": "there is a health or readiness check",
    "5.12": "there is a plan to fall back on",
    "5.13": "there is a golden set, or at least a sample, for quality",
    "5.14": "it is answered whether production is possible, and under which conditions",
    "9.1": "the weights fit into memory in the chosen quantization",
    "9.2": "the context of production fits into the KV cache budget",
    "9.3": "batching and concurrency were measured as real traffic has them",
    "9.4": "answer length, context and request time have limits",
    "9.5": "a change of model or runtime goes through a canary and can be rolled back",
    "10.1": "the licence permits this use, commercial or distributed inside the company",
    "10.2": "a golden set shows quality good enough beside a cloud or human baseline",
    "10.3": "the runtime suits the place where it shall serve",
    "10.4": "a gateway holds authentication, timeout, retries, limits, logging, routing and fallback",
    "10.5": "latency, throughput, tokens, errors, memory, queueing and sampled quality are observed",
    "10.6": "security covers logs without personal data, tenants, network, secrets and an audit log",
    "10.7": "deployment pins model, runtime, image and configuration, with canary and rollback",
    "10.8": "capacity was planned with real prompts, concurrency, context and answer lengths",
    "10.9": "answers are validated before another system acts on them",
    "10.n1": "against: it only ever ran as a demo on a laptop",
    "10.n2": "against: nobody read the licence",
    "10.n3": "against: there is no evaluation set",
    "10.n4": "against: p95 latency and memory are not measured",
    "10.n5": "against: the endpoint is open, or sensitive prompts are logged",
    "10.n6": "against: nothing takes over on a timeout or when memory runs out",
    "10.n7": "against: the team cannot operate the hardware and the runtime",
    "gateway.1": "callers are authenticated and authorised",
    "gateway.2": "requests are limited per user or tenant",
    "gateway.3": "the size of a request body is limited",
    "gateway.4": "prompts are redacted before they are logged",
    "gateway.5": "answers stream where users wait for them",
    "gateway.6": "there is a fallback policy",
    "gateway.7": "a circuit breaker opens when the runtime keeps failing",
    "gateway.8": "metrics are exposed for Prometheus or OpenTelemetry",
}
"""What each item of the source checklists asks: exercise (5), capacity (9), minimum (10), reasons against (10.n),
and what a gateway needs beyond an example (gateway)."""

_HEAD = """\
# The readiness checklist

Made from `templates/checklist.yaml`; do not edit by hand. A *check* is decided from the evidence of the run and cannot
be attested away. An *attestation* is said by a named person, with a date on which it expires; without one the item is
`unknown`. Items of severity `block` are the minimum for production; those of severity `warn` are shown.

A plan may name a checklist of its own (`readiness.checklist`). Its further items are attestations; a new check is one
file in `src/assay/readiness/checks/` and one line in its registry.
"""


def checklist_table(checklist: Checklist) -> str:
    """Return the page on a checklist in Markdown: its items, then which of them serve each item of the sources."""
    items = _table(
        ("item", "section", "question", "shown by", "evidence", "severity"),
        (
            (f"`{item.id}`", item.section, item.question, item.shown_by, item.evidence, item.severity)
            for item in checklist.items
        ),
    )
    serving: dict[str, list[str]] = {source: [] for source in SOURCES}
    for item in checklist.items:
        for source in item.lesson:
            serving.setdefault(source, []).append(f"`{item.id}`")
    sources = _table(
        ("source", "asks", "items"),
        ((source, SOURCES.get(source, ""), ", ".join(ids)) for source, ids in serving.items()),
    )
    return f"{_HEAD}\n## Items\n\n{items}\n## Which items serve the source checklists\n\n{_SOURCES_INTRO}\n{sources}"


_SOURCES_INTRO = """\
The sources are public teaching material on serving language models locally: its exercise (5), its capacity list
(9), its minimum conditions for production (10) and reasons against it (10.n), and what a gateway needs beyond an
example (gateway).
"""


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)
