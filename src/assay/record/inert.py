"""How is hostile text kept inert in viewers that see more in it than Markdown does?

`assay.record.text` escapes it as CommonMark asks, and pages of the first record format must stay as it makes them. But
GitHub looks for mail addresses and names of users once all escapes are undone; some editors and viewers make links of
bare names of hosts, and show front matter as if it were Markdown.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from assay.record.text import Safe, as_json, code, escape, printable

if TYPE_CHECKING:
    from pydantic import JsonValue

__all__ = ["as_text", "front_matter"]

_DOMAIN = (
    r"(?<=\w)\.(?=(?:[a-z]{2}|xn--[a-z0-9-]+|aero|asia|biz|com|coop|edu|gov|info|museum|name|net|org|pro|shop|web|xxx"
    r"|рф)(?![a-z0-9]))"
)
"""The dot before what linkify-it (https://github.com/markdown-it/linkify-it) takes for the end of a host's name: two
letters, the old generic domains, and encoded names."""
_HOST = re.compile(_DOMAIN, re.IGNORECASE)
_RUN = re.compile(r"([\w.+:/#%@-]*@[\w.+:/#%@-]*)")
_ADDRESS = re.compile(r"(?<![A-Za-z0-9.+_-])@(?=\w)|@(?=[A-Za-z0-9._-]*\.[A-Za-z0-9])")
"""What GitHub takes for a user's name or (cmark-gfm, extensions/autolink.c) for a mail address, but not within code."""
_JSON_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
_LIVE = re.compile(
    rf"[\[\]`*~&@$]|(?<!\w)_|_(?!\w)|{_DOMAIN}|(?<=www)\.|:(?=//)|(?<=mailto):|(?<=xmpp):", re.IGNORECASE
)
"""What would make a link, a picture, code, a formula or an emphasis of front matter that is shown as Markdown."""
_MOST_SHOWN = 2_000


def as_text(value: object) -> str:
    """Return a value as `escape` does, without a host's name, and with addresses and users' names as code spans."""
    if isinstance(value, Safe):
        return value
    text = "" if value is None else printable(str(value))[:_MOST_SHOWN]
    if _ADDRESS.search(text) is None:
        return _hostless(value)
    return "".join(code(part) if _ADDRESS.search(part) else _between(part) for part in _RUN.split(text) if part)


def _between(part: str) -> str:
    """Return a part of a text, escaped; escaping trims it, and a space at its ends parts it from others."""
    inner = part.strip()
    return part.replace(inner, _hostless(inner), 1) if inner else part


def _hostless(value: object) -> str:
    return _HOST.sub("&#46;", escape(value))


def front_matter(value: JsonValue) -> Safe:
    """Return a value as JSON on one line for YAML front matter, inert also where that is shown as Markdown."""
    return Safe(_JSON_TEXT.sub(lambda text: _LIVE.sub(_coded, text[0]), as_json(value)))


def _coded(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"
