"""Which items has the checklist, and which of them serve the source checklists and published frameworks, as a page?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.readiness.frameworks import FRAMEWORKS
from assay.readiness.sources import SOURCE_LISTS, SOURCES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from assay.schema.findings import Checklist, ChecklistItem

__all__ = ["checklist_table"]

_HEAD = """\
# The readiness checklist

Made from `templates/checklist.yaml`; do not edit by hand. How an item is shown:

- a **probe** asks the server and sees what it does; **evidence** are the other files of the run. Nobody can attest
  either of them away;
- an **attestation** is said by a named person, and expires; without one the item is `unknown`.

Items of severity `block` are the minimum for production; those of severity `warn` are shown. A section stands at the
level of its weakest item of severity `block`: NOT MET, UNKNOWN, ATTESTED (somebody says so) or SHOWN (evidence or a
probe shows it); the whole stands at that of its weakest section. `assay check RUN` prints it.

A plan may name a checklist of its own (`readiness.checklist`), which keeps this one and changes it, or stands alone:
[formats](formats.md#checklist).
"""
_SOURCES_INTRO = """\
The sources are public teaching material on serving language models locally. Every item of every list in it has at
least one item here.
"""
_FRAMEWORKS_INTRO = """\
What each framework asks is told in our own words; to serve an item is to bear on it, and never the whole of it.
"""


def checklist_table(checklist: Checklist) -> str:
    """Return the page on a checklist in Markdown: its items by section, the source checklists, the frameworks."""
    parts = [
        _HEAD,
        *_sections(checklist.items),
        f"## Which items serve the source checklists\n\n{_SOURCES_INTRO}",
        *_sources(checklist.items),
        f"## Which items serve published frameworks\n\n{_FRAMEWORKS_INTRO}",
        *_frameworks(checklist.items),
    ]
    return "\n".join(parts)


def _sections(items: Sequence[ChecklistItem]) -> Iterator[str]:
    for section in dict.fromkeys(item.section for item in items):
        own = [item for item in items if item.section == section]
        asked = _table(
            ("item", "question", "shown by", "severity"),
            ((f"`{item.id}`", item.question, item.shown_by, item.severity) for item in own),
        )
        failing = _table(
            ("item", "evidence", "when it is not met", "what to do", "frameworks"),
            ((f"`{item.id}`", item.evidence, item.meaning, item.remedy, ", ".join(item.frameworks)) for item in own),
        )
        yield f"## {section.capitalize()}\n\n{asked}\n{failing}"


def _sources(items: Sequence[ChecklistItem]) -> Iterator[str]:
    serving = _by(items, "lesson")
    known = {source for ids in SOURCE_LISTS.values() for source in ids}
    lists = {**SOURCE_LISTS, "Others": tuple(source for source in serving if source not in known)}
    for name, ids in lists.items():
        if ids:
            rows = ((source, SOURCES.get(source, ""), _names(serving.get(source, []))) for source in ids)
            yield f"### {name}\n\n{_table(('source', 'asks', 'items'), rows)}"


def _frameworks(items: Sequence[ChecklistItem]) -> Iterator[str]:
    serving = _by(items, "frameworks")
    for key, framework in FRAMEWORKS.items():
        rows = [
            (f"`{key}:{item}`", about, _names(serving[f"{key}:{item}"]))
            for item, about in framework.items.items()
            if f"{key}:{item}" in serving
        ]
        if rows:
            left = [item for item in framework.items if f"{key}:{item}" not in serving]
            told = f"\nNothing here serves {', '.join(left)}.\n" if left else ""
            head = f"### {framework.name}\n\nIssue: {framework.version}. Published at <{framework.link}>.\n"
            yield f"{head}\n{_table(('framework item', 'asks', 'items'), rows)}{told}"


def _by(items: Iterable[ChecklistItem], key: str) -> dict[str, list[str]]:
    """Return the ids of the items by what they say to serve under a key."""
    serving: dict[str, list[str]] = {}
    for item in items:
        for served in item.lesson if key == "lesson" else item.frameworks:
            serving.setdefault(served, []).append(item.id)
    return serving


def _names(ids: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in ids)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)
