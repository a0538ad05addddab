"""What do a model card and the licence files beside some weights state?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import yaml
from typing_extensions import override

from assay.provenance.weights.files import clean, text_of

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["base_models", "licence_files", "read_card", "statements_of_card"]

_FENCE: Final = "---"
_MOST_FRONT_MATTER: Final = 64 << 10
_LICENCE_NAMES: Final = ("license", "licence", "copying")
_TEXT_SUFFIXES: Final = frozenset({"", ".txt", ".md", ".rst", ".html"})
_ABOUT_CODE: Final = ("license-code", "licence-code")
_MOST_FILES: Final = 8
_MOST_BASES: Final = 8


class _PlainLoader(yaml.SafeLoader):
    """Reads YAML without aliases: a few of them could stand for gigabytes."""

    @override
    def fetch_alias(self) -> None:
        """Refuse an alias."""
        raise yaml.YAMLError


def read_card(folder: Path) -> dict[str, object]:
    """Return the front matter of a model card in a folder; empty when there is none that can be read."""
    text = text_of(folder / "README.md") or ""
    lines = text[:_MOST_FRONT_MATTER].splitlines()
    if not lines or lines[0].strip() != _FENCE:
        return {}
    end = next((number for number, line in enumerate(lines[1:], 1) if line.strip() == _FENCE), None)
    if end is None:
        return {}
    try:
        # A subclass of SafeLoader that knows less than it.
        data = yaml.load("\n".join(lines[1:end]), Loader=_PlainLoader)  # noqa: S506
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}
    return {str(key): value for key, value in data.items()} if isinstance(data, dict) else {}


def statements_of_card(card: dict[str, object]) -> list[tuple[str, str]]:
    """Return what a card states about the licence, each with its key."""
    found = []
    for key in ("license", "license_name", "license_link"):
        value = card.get(key)
        texts = value if isinstance(value, list) else [value]
        found += [(f"model card {key}", clean(text)) for text in texts[:_MOST_BASES] if isinstance(text, str) and text]
    named = any(place == "model card license_name" for place, _ in found)
    # `other` only says that the name stands beside it, and a link names a page and no licence.
    return [
        (place, text)
        for place, text in found
        if place != "model card license_link" and not (named and text.casefold() == "other")
    ]


def base_models(card: dict[str, object]) -> list[str]:
    """Return the models that this one was made from."""
    value = card.get("base_model")
    texts = value if isinstance(value, list) else [value]
    return [clean(text) for text in texts[:_MOST_BASES] if isinstance(text, str) and text]


def licence_files(folder: Path) -> list[tuple[str, str]]:
    """Return the licence texts that lie in a folder, each with its name; one about code alone is no word on weights."""
    try:
        names = sorted(path.name for path in folder.iterdir())
    except OSError:
        return []
    wanted = [
        name for name in names if name.lower().startswith(_LICENCE_NAMES) and not name.lower().startswith(_ABOUT_CODE)
    ]
    texts = ((name, text_of(folder / name)) for name in wanted[:_MOST_FILES])
    return [(clean(name), text) for name, text in texts if text is not None]
