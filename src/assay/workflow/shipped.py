"""Where do the suites, rubrics and templates lie that come with Assay?"""

from __future__ import annotations

from pathlib import Path
from typing import Final

__all__ = ["CHECKLIST", "EXAMPLE_RECORD", "PAGES", "TEMPLATES", "shipped_folder"]

CHECKLIST = "templates/checklist.yaml"
"""The readiness checklist, in the shipped folder."""

TEMPLATES: Final = {"en": "templates/decision-record.md.j2", "vi": "templates/decision-record.vi.md.j2"}
"""Templates of the decision record by language, in the shipped folder."""
PAGES: Final = {**TEMPLATES, "one-page": "templates/one-page.md.j2", "madr": "templates/madr.md.j2"}
"""All templates of pages by name, in the shipped folder."""
EXAMPLE_RECORD: Final = "templates/example-record.json"
"""Record of a small made-up run, on which a team's own template is tried, in the shipped folder."""


def shipped_folder() -> Path:
    """Return the folder that holds `goldensets`, `rubrics` and `templates`.

    In a wheel they lie inside the package; in a working tree at its top.
    """
    package = Path(__file__).resolve().parent.parent
    return package if (package / "templates").is_dir() else package.parent.parent
