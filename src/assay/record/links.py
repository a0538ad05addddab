"""Where do the links of a page lead once it is written somewhere else than beside its record?"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["links_from"]

_LINK = re.compile(
    r"(?P<code>(?<!`)(`+)(?!`).+?(?<!`)\2(?!`))|(?<!\\)\]\((?P<to>[0-9]{4,}-[A-Za-z0-9][A-Za-z0-9._/-]*)\)"
)
"""Code, which is left as it is, or the end of a link or picture whose place is named as files of records are."""


def links_from(page: str, beside: Path, folder: Path) -> str:
    """Return a page whose links and pictures lead from one folder to files beside a record.

    Args:
        page: Markdown, as it is made to lie beside its record.
        beside: the folder of the record.
        folder: the folder that the page goes into; a link to what does not lie beside the record is left as it is.
    """
    there, here = beside.resolve(), folder.resolve()
    if there == here:
        return page
    way = quote(os.path.relpath(there, here).replace(os.sep, "/"))

    def led(match: re.Match[str]) -> str:
        to = match["to"]
        return match[0] if to is None or not (there / to).exists() else f"]({way}/{to})"

    return _LINK.sub(led, page)
