"""Where do the suites, rubrics and templates lie that come with Assay?"""

from __future__ import annotations

from pathlib import Path

__all__ = ["CHECKLIST", "TEMPLATE", "shipped_folder"]

CHECKLIST = "templates/checklist.yaml"
"""The readiness checklist, in the shipped folder."""

TEMPLATE = "templates/decision-record.md.j2"
"""Template of the decision record, in the shipped folder."""


def shipped_folder() -> Path:
    """Return the folder that holds `goldensets`, `rubrics` and `templates`.

    In a wheel they lie inside the package; in a working tree at its top.
    """
    package = Path(__file__).resolve().parent.parent
    return package if (package / "templates").is_dir() else package.parent.parent
