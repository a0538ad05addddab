"""Can everyone read the plots, on light paper and on dark?"""

from __future__ import annotations

import pytest

from assay.bench.plots.theme import DARK, DASHES, LIGHT, MOST_LINES, SHAPES


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour (WCAG 2.2, section "relative luminance")."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_contrast(colours: dict[str, str]) -> None:
    """Letters stand out by at least 4.5 to 1 and lines by 3 to 1 (WCAG 2.2, success criteria 1.4.3 and 1.4.11)."""
    least = {"ink": 4.5, "soft": 4.5, "limit": 4.5, "axis": 3.0, **{f"k{place}": 3.0 for place in range(MOST_LINES)}}
    for ground in ("paper", "band"):
        for name, ratio in least.items():
            bright, dark = sorted((luminance(colours[name]), luminance(colours[ground])), reverse=True)
            assert (bright + 0.05) / (dark + 0.05) >= ratio, (name, ground)


def test_colour_is_never_the_only_sign() -> None:
    """Each of the eight lines has a dash and a marker of its own, and both papers have the same colours."""
    assert len(set(DASHES)) == len(set(SHAPES)) == MOST_LINES
    assert LIGHT.keys() == DARK.keys()
