"""Which fingerprints do the permissive licence texts have, that texts beside weights are compared with?

Run this file to make them anew; a test fails where they are stale. Apache-2.0 is this project's own LICENSE, the legal
code of CC-BY-4.0 (public domain by CC0) comes with the package license-expression, the others lie in `licence_texts/`.
"""

from __future__ import annotations

import base64
import json
import re
from importlib import resources
from pathlib import Path

from assay.provenance.licences.residue import without_copyright_lines
from assay.provenance.licences.words import clean, grams, words

__all__ = ["FINGERPRINTS", "fingerprints", "source_texts"]

ROOT = Path(__file__).resolve().parents[1]
FINGERPRINTS = ROOT / "src" / "assay" / "provenance" / "licences" / "fingerprints.json"

_GAP = re.compile(r"^\[\[gap (\d+)\]\]$", re.MULTILINE)
_OPTIONAL = "[[optional]]"
_APACHE_CUTS = ("   END OF TERMS", "   APPENDIX:", "   Copyright [yyyy]")
_CC_CUTS = (
    "Using Creative Commons Public Licenses",
    "Creative Commons is not a party to its public",
    "Creative Commons may be",
)
_CC_START = "By exercising the Licensed Rights"


def source_texts() -> dict[str, str]:
    """Return the texts by identifier, with marks where a part may be left out or something may stand between."""
    texts = {path.stem: path.read_text("utf-8") for path in sorted((ROOT / "tools" / "licence_texts").glob("*.txt"))}
    return {"Apache-2.0": _apache(), "CC-BY-4.0": _attribution(), **texts}


def _apache() -> str:
    """Return Apache-2.0: its heading, the mark of its end and its appendix may be left out."""
    heading, _, rest = (ROOT / "LICENSE").read_text("utf-8").partition("   TERMS AND CONDITIONS")
    for cut in _APACHE_CUTS:
        rest = rest.replace(cut, f"\n{_OPTIONAL}\n{cut}", 1)
    return f"{_OPTIONAL}\n{heading}\n[[required]]\n   TERMS AND CONDITIONS{rest}"


def _attribution() -> str:
    """Return the legal code of CC-BY-4.0: what says of itself that it is no part of the licence may be left out."""
    text = resources.files("license_expression").joinpath("data/cc-by-4.0.LICENSE").read_text("utf-8")
    before, start, rest = text.partition(_CC_START)
    before = before.replace(_CC_CUTS[0], f"\n{_OPTIONAL}\n{_CC_CUTS[0]}", 1)
    for cut in _CC_CUTS[1:]:
        rest = rest.replace(cut, f"\n{_OPTIONAL}\n{cut}", 1)
    return f"{_OPTIONAL}\n{before}\n[[required]]\n{start}{rest}"


def fingerprints() -> str:
    """Return the file of fingerprints."""
    made = {name: _parts(text) for name, text in source_texts().items()}
    return json.dumps(made, indent=1) + "\n"


def _parts(text: str) -> list[dict[str, str | int | bool]]:
    pieces = re.split(r"^(\[\[(?:optional|required|gap \d+)\]\])$", text, flags=re.MULTILINE)
    parts: list[dict[str, str | int | bool]] = []
    optional = False
    for piece in pieces:
        gap = _GAP.match(piece)
        if gap is not None:
            parts[-1]["gap"] = int(gap[1])
        elif piece.startswith("[["):
            optional = piece == _OPTIONAL
        elif piece.strip():
            stream = grams(words(without_copyright_lines(clean(piece))))
            parts.append({"optional": optional, "gap": 0, "grams": base64.b64encode(stream).decode()})
    return parts


if __name__ == "__main__":
    FINGERPRINTS.write_text(fingerprints(), encoding="utf-8")
