"""What does a waivers file say, and on which line is it wrong?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.schema.suite import Waivers
from assay.suite.documents import load_noun, read_yaml

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["load_waivers"]


def load_waivers(path: Path, name: str) -> Waivers:
    """Read a waivers file.

    Args:
        path: the YAML file.
        name: how the user calls it; used in problems.

    Raises:
        InputError: every problem that was found, each with its line.
    """
    return load_noun(read_yaml(path, name), Waivers)
