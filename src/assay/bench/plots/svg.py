"""How is a drawing written as SVG, the same to the byte each time, and safe whatever its texts hold?

Attributes keep the order in which they are given, coordinates have one decimal, and nothing comes from outside: no
script, no link, no font, no picture.
"""

from __future__ import annotations

import re

from assay.bench.plots.theme import STYLE

__all__ = ["WIDTH", "clipped", "document", "element", "escaped", "number", "text_width", "words", "wrapped"]

WIDTH = 760
"""Width of every plot in pixels: what a page of a code host shows without making it smaller."""

_MOST_NAME = 48
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff0-\uffff"
    "\U000e0000-\U000e0fff]"
)
"""What XML 1.0 cannot hold (section 2.2), other control characters, and those that turn or hide text."""
_SPECIAL = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"}
_NARROW = frozenset("iIljtfr.,:;'|!()[]/ -")
_BROAD = frozenset("mwMW@%—∞")
_LAST_LATIN = 0x2E80
"""From here on letters are as broad as they are high."""


def number(value: float) -> str:
    """Return a coordinate with at most one decimal: `3`, `3.5`, never `-0`."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def escaped(text: str) -> str:
    """Return a text as content or attribute value: escaped, and without what XML cannot hold or a reader cannot see."""
    return re.sub(r"[&<>\"']", lambda match: _SPECIAL[match[0]], _UNSEEN.sub("", text))


def element(name: str, *children: str, **attributes: str | float | None) -> str:
    """Return one element on one line.

    Args:
        name: its name.
        children: SVG that is written already.
        attributes: its attributes in order; an underscore stands for a hyphen, one at the end falls away, and None or
            an empty text leaves the attribute out. Texts are escaped.
    """
    shown = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escaped(value) if isinstance(value, str) else number(value)}"'
        for key, value in attributes.items()
        if value is not None and value != ""
    )
    return f"<{name}{shown}>{''.join(children)}</{name}>" if children else f"<{name}{shown}/>"


def words(x: float, y: float, text: str, look: str = "", *, anchor: str = "") -> str:
    """Return a line of text, escaped.

    Args:
        x: where it is anchored, in pixels.
        y: its base line, in pixels.
        text: any text; what cannot be shown is left out.
        look: classes of the style sheet.
        anchor: `middle` or `end`; by default it starts at x.
    """
    return element("text", escaped(text) or " ", x=x, y=y, class_=look, text_anchor=anchor)


def clipped(name: str, most: int = _MOST_NAME) -> str:
    """Return a name without what cannot be seen, its middle left out where it has more than so many characters."""
    seen = _UNSEEN.sub("", name)
    half = most // 2
    return seen if len(seen) <= most else f"{seen[:half]}…{seen[1 - half :]}"


def text_width(text: str, size: float = 12) -> float:
    """Return about how wide a text is in pixels, in the widest of the fonts that may show it.

    Args:
        text: the text.
        size: size of the font in pixels.
    """
    return size * sum(
        0.4 if char in _NARROW else 0.95 if char in _BROAD or ord(char) >= _LAST_LATIN else 0.61 for char in text
    )


def wrapped(text: str, width: float, size: float = 12) -> list[str]:
    """Return a text in lines that are no wider than so many pixels, broken between words."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def document(name: str, height: float, title: str, description: str, body: list[str]) -> str:
    """Return a whole SVG file.

    Args:
        name: file name without its ending; the ids within begin with it.
        height: in pixels; the width is WIDTH.
        title: what it is, for those who hear it.
        description: what it shows, in words.
        body: elements, in the order in which they are painted.
    """
    parts = [
        element("title", escaped(title), id=f"{name}-title"),
        element("desc", escaped(description), id=f"{name}-desc"),
        f"<style>\n{STYLE}\n</style>",
        element("rect", class_="paper", width=WIDTH, height=height, rx=6),
        *body,
    ]
    opening = element(
        "svg",
        "\n",
        xmlns="http://www.w3.org/2000/svg",
        class_="assay",
        width=WIDTH,
        height=height,
        viewBox=f"0 0 {WIDTH} {number(height)}",
        role="img",
        aria_labelledby=f"{name}-title {name}-desc",
    ).removesuffix("</svg>")
    return opening + "\n".join(parts) + "\n</svg>\n"
