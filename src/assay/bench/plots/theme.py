"""Which colours, dashes, shapes and letters do the plots have, on light paper and on dark?

Colour is never the only sign: each pen has a dash and a shape of its own too. The colours follow the eight of Okabe and
Ito (Color Universal Design, 2008), which colour-blind readers tell apart; each is shifted until it stands out against
its paper by at least 3 to 1, what WCAG 2.2 asks of graphics (success criterion 1.4.11).
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["DARK", "DASHES", "LIGHT", "MOST_LINES", "SHAPES", "STYLE", "Pen"]

MOST_LINES = 8
"""Lines in one panel: beyond it they cannot be told apart."""

LIGHT = {
    "paper": "#ffffff",
    "ink": "#1f2328",
    "soft": "#59636e",
    "grid": "#e4e8ec",
    "band": "#f3f5f7",
    "axis": "#7d8590",
    "limit": "#c0152f",
    "k0": "#0072b2",
    "k1": "#d55e00",
    "k2": "#00865f",
    "k3": "#b04a8b",
    "k4": "#a97100",
    "k5": "#2f8fc9",
    "k6": "#7a7300",
    "k7": "#3c4248",
}
"""Colours on light paper, by what they are for; `k0` to `k7` are those of the lines."""

DARK = {
    "paper": "#0d1117",
    "ink": "#e6edf3",
    "soft": "#9aa4af",
    "grid": "#232a33",
    "band": "#151b23",
    "axis": "#656d76",
    "limit": "#ff7b86",
    "k0": "#4aa3e8",
    "k1": "#f0803c",
    "k2": "#2bc49a",
    "k3": "#e39bc6",
    "k4": "#e8a92c",
    "k5": "#9ad6fa",
    "k6": "#f0e442",
    "k7": "#e6edf3",
}
"""The same on dark paper."""

DASHES = ("", "7 3", "2 3", "10 3 2 3", "14 4", "5 2 2 2 2 2", "1 4", "18 3 5 3")
"""Strokes and gaps in pixels; the first is a whole line."""

SHAPES = (
    "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z",
    "M-3.6-3.6h7.2v7.2h-7.2z",
    "M0-4.8 4.6 3.6h-9.2z",
    "M0-5.2 5.2 0 0 5.2-5.2 0z",
    "M0 4.8 4.6-3.6h-9.2z",
    "M-1.7-4.8h3.4v3.1h3.1v3.4h-3.1v3.1h-3.4v-3.1h-3.1v-3.4h3.1z",
    "M-3.6-4.8 5 0-3.6 4.8z",
    "M-4.6-2.3-2.3-4.6 0-2.2 2.3-4.6 4.6-2.3 2.2 0 4.6 2.3 2.3 4.6 0 2.2-2.3 4.6-4.6 2.3-2.2 0z",
)
"""Outlines of the markers around their middle: circle, square, triangle, diamond, and four more."""


@dataclass(frozen=True)
class Pen:
    """How one line is drawn; each number is taken modulo what there is."""

    colour: int
    """Number of its colour."""
    dash: int
    """Number of its dash."""
    shape: int
    """Number of its marker."""
    faint: bool = False
    """Whether it is held back, as what cannot be believed is."""


def _names(colours: dict[str, str]) -> str:
    return "".join(f"--{name}:{colour};" for name, colour in colours.items())


def _ruled(what: str, name: str) -> str:
    # Said twice: drawing programs that know no variables keep the first, and show the light paper.
    return f"{what}:{LIGHT[name]};{what}:var(--{name})"


_LETTERS = "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"
_HALO = "paint-order:stroke;stroke-width:3px;stroke-linejoin:round"
"""Paper around letters, so that a line behind them does not cross them."""

STYLE = "\n".join(
    [
        f".assay{{{_names(LIGHT)}}}",
        f"@media (prefers-color-scheme:dark){{.assay{{{_names(DARK)}}}}}",
        f".assay text{{font:12px {_LETTERS};{_ruled('fill', 'ink')}}}",
        ".assay .head{font-size:17px;font-weight:600}",
        ".assay .part{font-size:13px;font-weight:600}",
        f".assay .soft{{{_ruled('fill', 'soft')}}}",
        f".assay .small{{font-size:11px;{_ruled('fill', 'soft')}}}",
        f".assay .tag{{font-size:11px;{_HALO};{_ruled('stroke', 'paper')}}}",
        f".assay .limit{{{_ruled('fill', 'limit')}}}",
        f".assay .paper{{{_ruled('fill', 'paper')}}}",
        f".assay .band{{{_ruled('fill', 'band')}}}",
        f".assay .grid{{fill:none;{_ruled('stroke', 'grid')}}}",
        f".assay .axis{{fill:none;{_ruled('stroke', 'axis')}}}",
        f".assay .bound{{fill:none;stroke-width:1.5;stroke-dasharray:6 4;{_ruled('stroke', 'limit')}}}",
        *(f".assay .k{number}{{{_ruled('color', f'k{number}')}}}" for number in range(MOST_LINES)),
        ".assay .line{fill:none;stroke:currentColor;stroke-width:2;stroke-linejoin:round}",
        ".assay .thin{fill:none;stroke:currentColor;stroke-width:1.3}",
        ".assay .full{fill:currentColor;stroke:currentColor;stroke-width:1.3}",
        f".assay .hollow{{stroke:currentColor;stroke-width:1.6;{_ruled('fill', 'paper')}}}",
        ".assay .faint{opacity:.5}",
    ]
)
"""The style sheet of every plot. All names stand below `.assay`, so that a page may hold several plots."""
